/** Parser of /proc/stat, which the CPU and the process collectors share. */
import { numberOf, wordsOf } from './fields.ts';

/** Times of one CPU or of all, in ticks of 1/100 s since boot. `user` holds `guest` already, `nice` holds `guestNice`. */
export interface CpuTimes {
  readonly user: number;
  readonly nice: number;
  readonly system: number;
  readonly idle: number;
  readonly iowait: number;
  readonly irq: number;
  readonly softirq: number;
  readonly steal: number;
  readonly guest: number;
  readonly guestNice: number;
}

export interface ProcStat {
  readonly total: CpuTimes | null;
  /** By the kernel's number; cores that are switched off have no line. */
  readonly cores: ReadonlyMap<number, CpuTimes>;
  readonly contextSwitches: number | null;
  /** Seconds since 1970. */
  readonly bootTimeSeconds: number | null;
  readonly processesRunning: number | null;
  readonly processesBlocked: number | null;
}

/** USER_HZ, fixed at 100 in the kernel's interface to programs on every architecture we run on (time(7)). */
export const TICKS_PER_SECOND = 100;

/** proc(5), /proc/stat. Old kernels have fewer columns; what is missing counts as 0. */
export function parseProcStat(text: string): ProcStat {
  const cores = new Map<number, CpuTimes>();
  const single = new Map<string, number>();
  let total: CpuTimes | null = null;
  for (let start = 0; start < text.length; ) {
    const lineEnd = text.indexOf('\n', start);
    const end = lineEnd < 0 ? text.length : lineEnd;
    // The interrupt lines have thousands of columns on a large machine and are not wanted: never split them.
    if (text.startsWith('cpu', start)) {
      const [name = '', ...columns] = wordsOf(text.slice(start, end));
      const times = cpuTimes(columns);
      if (name === 'cpu') total = times;
      else cores.set(numberOf(name.slice(3), '/proc/stat'), times);
    } else if (!text.startsWith('intr', start) && !text.startsWith('softirq', start)) {
      const [name = '', value] = wordsOf(text.slice(start, end));
      if (name !== '') single.set(name, numberOf(value, '/proc/stat'));
    }
    start = end + 1;
  }
  return {
    total,
    cores,
    contextSwitches: single.get('ctxt') ?? null,
    bootTimeSeconds: single.get('btime') ?? null,
    processesRunning: single.get('procs_running') ?? null,
    processesBlocked: single.get('procs_blocked') ?? null,
  };
}

function cpuTimes(columns: readonly string[]): CpuTimes {
  const at = (index: number): number => (index < columns.length ? numberOf(columns[index], '/proc/stat') : 0);
  return {
    user: at(0),
    nice: at(1),
    system: at(2),
    idle: at(3),
    iowait: at(4),
    irq: at(5),
    softirq: at(6),
    steal: at(7),
    guest: at(8),
    guestNice: at(9),
  };
}
