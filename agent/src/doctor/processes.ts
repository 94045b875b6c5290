/** The processes of the installed agent, by their command lines: the note of its supervisor is for root alone. Linux only. */
import { readdirSync, readFileSync } from 'node:fs';
import { orNull } from '../host-node.ts';

export interface AgentProcess {
  readonly pid: number;
  /** A service began it, for its watcher is there, and no supervisor keeps it. Says nothing where systemd does. */
  readonly abandoned: boolean;
}

/** Words of a command line, by the number of the process. */
type CommandLines = ReadonlyMap<number, readonly string[]>;

/** Those that run as agent from `installFolder`; none where this cannot be seen. `proc` as in proc(5). */
export function agentProcesses(installFolder: string, proc: string = '/proc'): AgentProcess[] {
  const all = commandLines(proc);
  const script = `${installFolder}/agent.mjs`;
  return [...all]
    .filter(([, words]) => words.includes(script) && words[words.indexOf(script) + 1] === 'run')
    .flatMap(([pid]) => {
      const kin = kinOf(proc, pid);
      if (kin === null || kin.inContainer) return [];
      const keeper = all.get(kin.parent);
      const isKept = keeper === undefined || keeper.includes(`${installFolder}/supervise`);
      return [{ pid, abandoned: !isKept && hasWatcher(all, installFolder, pid) }];
    });
}

/** The process that runs now, where a status says `pid`; null: that one runs, or none. */
export function successorOf(pid: number, processes: readonly AgentProcess[]): number | null {
  return processes.some((one) => one.pid === pid) ? null : (processes[0]?.pid ?? null);
}

function hasWatcher(all: CommandLines, installFolder: string, pid: number): boolean {
  const script = `${installFolder}/watch`;
  return [...all.values()].some(
    (words) => words.includes(script) && words[words.indexOf(script) + 1] === String(pid),
  );
}

function commandLines(proc: string): CommandLines {
  const names = orNull(() => readdirSync(proc)) ?? [];
  return new Map(
    names
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => {
        const text = orNull(() => readFileSync(`${proc}/${name}/cmdline`, 'utf8'));
        return text === null ? [] : [[Number(name), text.split('\0')] as const];
      }),
  );
}

/** An agent in a container of this machine is another machine's; its process has a number of its own there. null: it has ended. */
function kinOf(proc: string, pid: number): { parent: number; inContainer: boolean } | null {
  const text = orNull(() => readFileSync(`${proc}/${pid}/status`, 'utf8'));
  if (text === null) return null;
  const [, parent] = /^PPid:\s*(\d+)$/m.exec(text) ?? [];
  return { parent: Number(parent), inContainer: /^NSpid:\s*\d+\s+\d/m.test(text) };
}
