/** CPU time: shares of all cores together, and how busy each core is, between two readings of /proc/stat. */
import type { Sample } from '@muster/shared/metrics/catalogue.ts';
import type { Collector } from '../collector.ts';
import { percentOf } from '../fields.ts';
import { type CpuStat, type CpuTimes, parseCpuStat } from '../proc-stat.ts';

export const cpu: Collector<CpuStat | null> = {
  name: 'cpu',
  platforms: ['linux'],
  collect(host, previous) {
    const text = host.readText('/proc/stat');
    if (text === null) return { samples: [], state: null };
    const current = parseCpuStat(text);
    return { samples: previous === null ? [] : cpuSamples(previous, current), state: current };
  },
};

/** Percentages of the time between two readings. */
export interface CpuShares {
  readonly utilisation: number;
  readonly user: number;
  readonly system: number;
  readonly iowait: number;
  readonly steal: number;
}

/**
 * null when no time has passed. A counter that went back counts as not moved: iowait and idle may fall a
 * little (proc(5)), and all may when a core was switched off and on. So no share is below 0 or above 100.
 * utilisation = 100 × (1 − (idle + iowait) ÷ total); user holds nice and guests, system holds interrupts.
 */
export function cpuShares(previous: CpuTimes, current: CpuTimes): CpuShares | null {
  const moved = (name: keyof CpuTimes): number => Math.max(0, current[name] - previous[name]);
  const user = moved('user') + moved('nice');
  const system = moved('system') + moved('irq') + moved('softirq');
  const iowait = moved('iowait');
  const steal = moved('steal');
  const busy = user + system + steal;
  const total = busy + moved('idle') + iowait;
  if (total === 0) return null;
  return {
    utilisation: percentOf(busy, total),
    user: percentOf(user, total),
    system: percentOf(system, total),
    iowait: percentOf(iowait, total),
    steal: percentOf(steal, total),
  };
}

function cpuSamples(previous: CpuStat, current: CpuStat): Sample[] {
  const samples: Sample[] = [];
  const shares = previous.total && current.total && cpuShares(previous.total, current.total);
  if (shares) {
    samples.push(
      { metric: 'cpu.utilisation', instance: '', value: shares.utilisation },
      { metric: 'cpu.user', instance: '', value: shares.user },
      { metric: 'cpu.system', instance: '', value: shares.system },
      { metric: 'cpu.iowait', instance: '', value: shares.iowait },
      { metric: 'cpu.steal', instance: '', value: shares.steal },
    );
  }
  for (const [core, times] of current.cores) {
    const before = previous.cores.get(core);
    const used = before === undefined ? null : cpuShares(before, times);
    if (used) samples.push({ metric: 'cpu.core.utilisation', instance: `${core}`, value: used.utilisation });
  }
  return samples;
}
