import { expect, test } from 'vitest';
import { RecentTimes } from './recent-times.ts';

test('[EN1] percentiles are of the last 256 durations', () => {
  const times = new RecentTimes();
  expect(times.percentile(0.99)).toBe(0);
  for (let n = 0; n < 1_000; n++) times.add(9_999);
  for (let n = 1; n <= 256; n++) times.add(n);
  expect([times.percentile(0.5), times.percentile(0.99), times.percentile(1)]).toEqual([129, 254, 256]);
});
