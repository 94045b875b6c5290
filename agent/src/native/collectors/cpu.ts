/** CPU time on Windows and macOS: shares of all cores together, and how busy each is, between two readings. */
import type { Sample } from '@muster/shared/metrics/catalogue.ts';
import type { Collector } from '../../collectors/collector.ts';
import { type CpuShares, cpuShares } from '../../collectors/cpu/cpu.ts';
import type { CoreTimes } from '../system.ts';

export const cpu: Collector<readonly CoreTimes[]> = {
  name: 'cpu',
  platforms: ['win32', 'darwin'],
  collect({ system }, previous) {
    const cores = system?.cores() ?? [];
    return { samples: previous === null ? [] : cpuSamples(previous, cores), state: cores };
  },
};

/** Another number of cores: one was switched on or off, and nothing tells which. */
function cpuSamples(previous: readonly CoreTimes[], current: readonly CoreTimes[]): Sample[] {
  if (previous.length !== current.length) return [];
  const samples: Sample[] = [];
  const all = sharesOf(summed(previous), summed(current));
  if (all !== null) {
    samples.push(
      { metric: 'cpu.utilisation', instance: '', value: all.utilisation },
      { metric: 'cpu.user', instance: '', value: all.user },
      { metric: 'cpu.system', instance: '', value: all.system },
    );
  }
  for (const [core, times] of current.entries()) {
    const before = previous[core];
    const used = before === undefined ? null : sharesOf(before, times);
    if (used !== null)
      samples.push({ metric: 'cpu.core.utilisation', instance: `${core}`, value: used.utilisation });
  }
  return samples;
}

function summed(cores: readonly CoreTimes[]): CoreTimes {
  const sum = (name: keyof CoreTimes): number => cores.reduce((total, core) => total + core[name], 0);
  return { user: sum('user'), nice: sum('nice'), system: sum('system'), idle: sum('idle') };
}

/** What neither system counts apart. */
const NOT_COUNTED = { iowait: 0, irq: 0, softirq: 0, steal: 0, guest: 0, guestNice: 0 } as const;

function sharesOf(previous: CoreTimes, current: CoreTimes): CpuShares | null {
  return cpuShares({ ...previous, ...NOT_COUNTED }, { ...current, ...NOT_COUNTED });
}
