/** Points of a chart from samples or summaries, as columns. */
import type { Millis } from '@muster/shared/time.ts';
import type { Buckets } from './buckets.ts';
import { toRates } from './rates.ts';
import type { SampleList } from './sample-list.ts';
import type { RangePoints } from './store.ts';

/** Each sample (rate for a counter) in [fromMs, toMs); the list must be settled. */
export function samplePoints(
  samples: SampleList,
  kind: 'gauge' | 'counter',
  fromMs: Millis,
  toMs: Millis,
): RangePoints {
  const shown = kind === 'counter' ? toRates(samples).rates : samples;
  const begin = shown.lowerBound(fromMs);
  const end = Math.max(begin, shown.lowerBound(toMs));
  // Rates are ours already; the lists of samples are used again.
  return shown === samples
    ? { times: shown.times.slice(begin, end), averages: shown.values.slice(begin, end) }
    : { times: shown.times.subarray(begin, end), averages: shown.values.subarray(begin, end) };
}

export function bucketPoints(buckets: Buckets): RangePoints {
  const { length } = buckets;
  const column = () => new Float64Array(length);
  const points = { times: column(), averages: column(), mins: column(), maxs: column() };
  for (let i = 0; i < length; i++) {
    points.times[i] = buckets.start(i);
    points.averages[i] = buckets.average(i);
    points.mins[i] = buckets.min(i);
    points.maxs[i] = buckets.max(i);
  }
  return points;
}

/** [ms, value] or [ms, average, min, max] of each point: for readers of few points. */
export function pointRows({ times, averages, mins, maxs }: RangePoints): number[][] {
  return Array.from(times, (atMs, i) => {
    const row = [atMs, averages[i] as number];
    if (mins !== undefined && maxs !== undefined) row.push(mins[i] as number, maxs[i] as number);
    return row;
  });
}

/** The reverse of `pointRows`; all rows have the same length. */
export function pointColumns(rows: readonly (readonly number[])[]): RangePoints {
  const column = (at: number) => Float64Array.from(rows, (row) => row[at] as number);
  const plain = { times: column(0), averages: column(1) };
  return (rows[0]?.length ?? 0) > 2 ? { ...plain, mins: column(2), maxs: column(3) } : plain;
}
