/** Parsers of what /proc says about one process. */
import { linesOf, numberOf, wordsOf } from '../fields.ts';

/** proc(5), /proc/[pid]/stat: the few of its columns that are used. */
export interface ProcessStat {
  readonly pid: number;
  /** Name of the program, up to 15 characters (63 for the kernel's own threads); may hold blanks and brackets. */
  readonly name: string;
  /** `R` runs, `S` sleeps, `D` waits for a disk, `I` idle kernel thread, `Z` ended … */
  readonly state: string;
  /** User and system time, in ticks of 1/100 s. */
  readonly cpuTicks: number;
  readonly threads: number;
  /** Ticks after boot; with the pid it tells two processes apart that had the same number. */
  readonly startTicks: number;
  readonly residentPages: number;
}

/** The name stands in brackets and may hold brackets itself: it ends at the last closing one. null for a line of another form. */
export function parseProcessStat(text: string): ProcessStat | null {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return null;
  const columns = wordsOf(text.slice(close + 1));
  const at = (column: number): number => numberOf(columns[column - 3], '/proc/[pid]/stat');
  if (columns.length < 22) return null;
  return {
    pid: numberOf(text.slice(0, open).trim(), '/proc/[pid]/stat'),
    name: text.slice(open + 1, close),
    state: columns[0] ?? '',
    cpuTicks: at(14) + at(15),
    threads: at(20),
    startTicks: at(22),
    residentPages: at(24),
  };
}

/** Bytes that went to and came from storage, not from cache. */
export interface ProcessIo {
  readonly readBytes: number;
  readonly writtenBytes: number;
}

/** proc(5), /proc/[pid]/io. */
export function parseProcessIo(text: string): ProcessIo | null {
  const figures = new Map(linesOf(text).map((line) => line.split(': ') as [string, string]));
  const read = figures.get('read_bytes');
  const written = figures.get('write_bytes');
  if (read === undefined || written === undefined) return null;
  return { readBytes: numberOf(read, '/proc/[pid]/io'), writtenBytes: numberOf(written, '/proc/[pid]/io') };
}

/** Effective user number from /proc/[pid]/status; null when the line is not there. */
export function parseEffectiveUid(status: string): number | null {
  const found = /^Uid:\s+\d+\s+(\d+)/m.exec(status);
  return found === null ? null : Number(found[1]);
}

/** passwd(5): user name by number; the first line of a number wins, as in getpwuid(3). */
export function parseUserNames(passwd: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const line of linesOf(passwd)) {
    const [name, , uid] = line.split(':');
    if (!name || !uid || !/^\d+$/.test(uid)) continue;
    if (!names.has(Number(uid))) names.set(Number(uid), name);
  }
  return names;
}
