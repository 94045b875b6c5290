/** Points of a chart from samples or summaries. */
import type { Millis } from '@muster/shared/time.ts';
import type { Buckets } from './buckets.ts';
import { toRates } from './rates.ts';
import type { SampleList } from './sample-list.ts';

/** [ms, value] of each sample (rate for a counter) in [fromMs, toMs); the list must be settled. */
export function samplePoints(
  samples: SampleList,
  kind: 'gauge' | 'counter',
  fromMs: Millis,
  toMs: Millis,
): number[][] {
  const shown = kind === 'counter' ? toRates(samples).rates : samples;
  const points: number[][] = [];
  const end = shown.lowerBound(toMs);
  for (let i = shown.lowerBound(fromMs); i < end; i++) {
    points.push([shown.times[i] as number, shown.values[i] as number]);
  }
  return points;
}

/** [start, average, min, max] of each bucket. */
export function bucketPoints(buckets: Buckets): number[][] {
  return Array.from({ length: buckets.length }, (_, i) => [
    buckets.start(i),
    buckets.average(i),
    buckets.min(i),
    buckets.max(i),
  ]);
}
