import { expect, test } from 'vitest';
import { DURATION_BOUNDS_MS, Durations } from './durations.ts';

test('[EN1] percentiles are of the last 256 durations, the slowest is of all', () => {
  const times = new Durations();
  expect(times.figures()).toMatchObject({ sumMs: 0, lastMs: 0, maxMs: 0, p50Ms: 0, p95Ms: 0, p99Ms: 0 });
  for (let n = 0; n < 1_000; n++) times.add(9_999);
  for (let n = 1; n <= 256; n++) times.add(n);
  expect(times.figures()).toMatchObject({ lastMs: 256, maxMs: 9_999, p50Ms: 129, p95Ms: 244, p99Ms: 254 });
});

test('[EN1] each duration is counted once, at the first bound that it does not exceed', () => {
  const times = new Durations();
  for (const ms of [0, 1, 1.01, 2.5, 30_000, 30_000.5, 1e9]) times.add(ms);
  const { counts, sumMs } = times.figures();
  expect(counts).toHaveLength(DURATION_BOUNDS_MS.length + 1);
  expect([counts[0], counts[1], counts.at(-2), counts.at(-1)]).toEqual([2, 2, 1, 2]);
  expect(counts.reduce((sum, count) => sum + count)).toBe(7);
  expect(sumMs).toBeCloseTo(1e9 + 60_005.01);
});
