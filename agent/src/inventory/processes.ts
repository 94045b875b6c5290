/** Processes as the inventory may know them: number and name, never arguments or environment. */
import type { Host } from '../host.ts';
import { readValue } from './text.ts';

export interface ProcessName {
  readonly pid: string;
  /** At most 15 characters: /proc/<pid>/comm. */
  readonly name: string;
}

/** A machine with more is asked no further. */
const PROCESSES_MAX = 20_000;

export function listProcesses(host: Host): ProcessName[] {
  return host
    .list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .slice(0, PROCESSES_MAX)
    .flatMap((pid) => {
      const name = readValue(host, `/proc/${pid}/comm`);
      return name === null ? [] : [{ pid, name }];
    });
}
