/** What a process and its descendants use, from /proc: processor time of all threads, resident memory. Linux only. */
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ, the unit of proc(5) stat fields 14 and 15: 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** User and system seconds of all threads, descendants included: those alive, and those that were waited for. */
export function cpuSeconds(pid: number): number {
  let ticks = 0;
  for (const one of [pid, ...descendants(pid)]) {
    const fields = statOf(one);
    // Fields 14 to 17: utime, stime, cutime, cstime.
    if (fields) ticks += fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  }
  return ticks / TICKS_PER_SECOND;
}

/** RSS of the process and its descendants, in MiB (2^20 bytes). */
export function rssMebibytes(pid: number): number {
  let kibibytes = 0;
  for (const one of [pid, ...descendants(pid)]) {
    const rollup = readOrNull(`/proc/${one}/smaps_rollup`);
    kibibytes += Number(rollup?.match(/^Rss:\s+(\d+) kB/m)?.[1] ?? 0);
  }
  return kibibytes / 1_024;
}

/** Of the tree below a process, at this moment. */
export function descendants(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statOf(Number(name))?.[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found: number[] = [];
  const waiting = [...(children.get(pid) ?? [])];
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    found.push(one);
    waiting.push(...(children.get(one) ?? []));
  }
  return found;
}

/** Fields of /proc/PID/stat from the third on: the second is a name that may hold anything. */
export function statOf(pid: number): string[] | null {
  const text = readOrNull(`/proc/${pid}/stat`);
  return text === null ? null : text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** Null: the process has ended meanwhile. */
export function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return null;
    throw error;
  }
}
