/** Memory and swap on Windows and macOS. */
import type { MetricName, Sample } from '@muster/shared/metrics/catalogue.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Collector } from '../../collectors/collector.ts';
import { percentOf } from '../../collectors/fields.ts';
import { isNews, type MemoryCounters, type NativeSystem } from '../system.ts';

/** When the reading of the helper that was told last was taken. */
export const memory: Collector<Millis | null> = {
  name: 'memory',
  platforms: ['win32', 'darwin'],
  collect({ system }, toldAtMs) {
    if (system === null) return { samples: [], state: null };
    const { counters } = system.told();
    const told = counters?.value.memory ?? null;
    return {
      samples: [
        ...memorySamples(system, told),
        ...(told === null ? [] : swapSamples(told)),
        ...(told !== null && isNews(counters, toldAtMs) ? swappedSamples(told) : []),
      ],
      state: counters?.atMs ?? toldAtMs,
    };
  },
};

function memorySamples(system: NativeSystem, told: MemoryCounters | null): Sample[] {
  const total = system.memoryTotalBytes();
  const samples = sampled({ 'memory.total': total, 'memory.cached': told?.cachedBytes ?? null });
  const available = system.memoryAvailableBytes() ?? told?.availableBytes ?? null;
  if (available === null) return samples;
  const used = Math.max(0, total - available);
  return [
    ...samples,
    ...sampled({
      'memory.used': used,
      'memory.available': available,
      'memory.utilisation': percentOf(used, total),
    }),
  ];
}

/** Without swap space there is nothing to be full. */
function swapSamples({ swapTotalBytes: total, swapUsedBytes: used }: MemoryCounters): Sample[] {
  return sampled({
    'swap.total': total,
    'swap.used': used,
    'swap.utilisation': total !== null && used !== null && total > 0 ? percentOf(used, total) : null,
  });
}

function swappedSamples({ swappedInBytes, swappedOutBytes }: MemoryCounters): Sample[] {
  return sampled({ 'swap.in': swappedInBytes, 'swap.out': swappedOutBytes });
}

function sampled(values: { readonly [Metric in MetricName]?: number | null }): Sample[] {
  return Object.entries(values).flatMap(([metric, value]) =>
    value === null ? [] : [{ metric: metric as MetricName, instance: '', value }],
  );
}
