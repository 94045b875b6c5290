/** Parser of /proc/stat, which the CPU and the process collectors share. */
import { figureOf, lineFrom, numberOf } from './fields.ts';

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

export interface CpuStat {
  readonly total: CpuTimes | null;
  /** By the kernel's number; cores that are switched off have no line. */
  readonly cores: ReadonlyMap<number, CpuTimes>;
}

/** Names of single figures: context switches since boot, the boot time in seconds since 1970, tasks that run and that wait for a disk now. */
export type ProcStatFigure = 'ctxt' | 'btime' | 'procs_running' | 'procs_blocked';

/** USER_HZ, fixed at 100 in the kernel's interface to programs on every architecture we run on (time(7)). */
export const TICKS_PER_SECOND = 100;

/**
 * The lines of CPUs, with which the file begins (proc(5), /proc/stat). Old kernels have fewer columns; what is missing counts as 0. The
 * lines of interrupts behind them have thousands of columns on a large machine and are never looked at.
 */
export function parseCpuStat(text: string): CpuStat {
  const cores = new Map<number, CpuTimes>();
  let total: CpuTimes | null = null;
  for (let start = 0; text.startsWith('cpu', start); ) {
    const line = lineFrom(text, start);
    start += line.length + 1;
    const blank = line.indexOf(' ');
    const times = cpuTimes(line.slice(blank).trim().split(' '));
    if (blank === 3) total = times;
    else cores.set(numberOf(line.slice(3, blank), '/proc/stat'), times);
  }
  return { total, cores };
}

export function procStatFigure(text: string, name: ProcStatFigure): number | null {
  return figureOf(text, `${name} `, '/proc/stat');
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
