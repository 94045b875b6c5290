/** Each agent and browser is an open file of the process; too low a limit is told before agents are turned away. */
import { readFileSync } from 'node:fs';
import type { Log } from '../log.ts';

/** Files of the server itself, browsers, and sockets that are just being closed or opened. */
export const FILES_BESIDE_AGENTS = 1_024;

/** Most files that this process may hold open; null where the system does not say. Node itself has raised it as far as it may. */
export function openFilesMax(limits = readLimits()): number | null {
  const max = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
  if (max === undefined) return null;
  return max === 'unlimited' ? Number.POSITIVE_INFINITY : Number(max);
}

/** Says what to do where the agents that are known do not all fit. */
export function checkOpenFiles(agents: number, max: number | null, log: Log): void {
  const needed = agents + FILES_BESIDE_AGENTS;
  if (max === null || max >= needed) return;
  log(
    'warn',
    `the system allows this server ${max} open files, and its ${agents} agents need ${needed}: raise the limit (LimitNOFILE=${roundedUp(needed)} in the unit of systemd, or "ulimit -n" in the shell that starts it) and start it again`,
    { openFilesMax: max, agents, needed },
  );
}

function roundedUp(files: number): number {
  return Math.max(65_536, 2 ** Math.ceil(Math.log2(2 * files)));
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    // Only Linux has this file; elsewhere nothing is known and nothing is said.
    return '';
  }
}
