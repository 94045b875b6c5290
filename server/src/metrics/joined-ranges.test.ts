import { expect, test } from 'vitest';
import { joinedLatest, joinedRanges } from './joined-ranges.ts';
import { pointColumns } from './range-points.ts';

const range = (stepMs: number, points: readonly (readonly number[])[], instance = '') => ({
  stepMs,
  series: [{ instance, tier: 'raw' as const, points: pointColumns(points) }],
});

test('[ID15] samples from before a merge and after it are one series; where both tell a time, the one that stays counts', () => {
  const joined = joinedRanges(
    range(0, [
      [30, 3],
      [40, 4],
    ]),
    [
      range(0, [
        [10, 1],
        [30, 9],
      ]),
      range(0, []),
    ],
  );
  expect(joined).toEqual(
    range(0, [
      [10, 1],
      [30, 3],
      [40, 4],
    ]),
  );
});

test('[ID15] few raw points join buckets as buckets', () => {
  const joined = joinedRanges(
    range(0, [
      [120, 1],
      [130, 3],
    ]),
    [range(100, [[0, 5, 4, 6]])],
  );
  expect(joined).toEqual(
    range(100, [
      [0, 5, 4, 6],
      [100, 2, 1, 3],
    ]),
  );
});

test('[ID15] nothing is told by either: the answer of the one that stays', () => {
  expect(joinedRanges({ stepMs: 10, series: [] }, [{ stepMs: 0, series: [] }])).toEqual({
    stepMs: 10,
    series: [],
  });
});

test('[ID15] the latest value of each series is the newest of all ids', () => {
  const sample = (ciId: string, metric: 'load.1m' | 'uptime', atMs: number) => ({
    identity: { ciId, metric, instance: '' },
    atMs,
    value: atMs,
    rate: null,
  });
  const [load, up] = joinedLatest([
    sample('ci_a', 'load.1m', 2),
    sample('ci_b', 'load.1m', 1),
    sample('ci_b', 'uptime', 1),
  ] as Parameters<typeof joinedLatest>[0]);
  expect([load?.identity.ciId, up?.identity.ciId]).toEqual(['ci_a', 'ci_b']);
});
