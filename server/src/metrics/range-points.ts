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
  return { times: shown.times.slice(begin, end), averages: shown.values.slice(begin, end) };
}

export function bucketPoints(buckets: Buckets): RangePoints {
  const column = (of: (index: number) => number) =>
    Float64Array.from({ length: buckets.length }, (_, i) => of(i));
  return {
    times: column((i) => buckets.start(i)),
    averages: column((i) => buckets.average(i)),
    mins: column((i) => buckets.min(i)),
    maxs: column((i) => buckets.max(i)),
  };
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
