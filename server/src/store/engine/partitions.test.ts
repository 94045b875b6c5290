/** In which order files go where there is no room for all. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY_MS, type Millis } from '@muster/shared/time.ts';
import { TIERS } from '../../metrics/tiers.ts';
import { byAge, parsePartition, partitionFile, type Partition, startOf } from './partitions.ts';

const START_MS: Millis = Date.UTC(2026, 2, 1);

/** Files of so many days up to now, as retention leaves them. */
function filesOf(days: number): Partition[] {
  const nowMs = START_MS + days * DAY_MS;
  const files = new Set<string>();
  for (const { tier, retentionMs } of TIERS)
    for (let atMs = Math.max(START_MS, nowMs - retentionMs); atMs < nowMs; atMs += DAY_MS)
      files.add(partitionFile(tier, atMs));
  return [...files].flatMap((file) => parsePartition(file) ?? []);
}

test('[ME53] what ended longest ago goes first, of the same end the finest: never a rollup before what is finer within it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 900 }), (days) => {
      const order = filesOf(days).toSorted(byAge);
      const fineness = (one: Partition) => TIERS.findIndex(({ tier }) => tier === one.tier);
      order.forEach((gone, place) => {
        for (const left of order.slice(place + 1)) {
          expect(left.endMs).toBeGreaterThanOrEqual(gone.endMs);
          const isWithin = left.startMs >= gone.startMs && left.endMs <= gone.endMs;
          if (isWithin) expect(fineness(left)).toBeGreaterThan(fineness(gone));
        }
      });
    }),
  );
});

test('[ME53] half a year of hours outlives the months of 10 minutes within it', () => {
  const startMs = startOf(START_MS, 180 * DAY_MS);
  const files = [
    partitionFile('1h', startMs),
    ...[0, 150, 180].map((day) => partitionFile('10m', startMs + day * DAY_MS)),
  ];
  const order = files.flatMap((file) => parsePartition(file) ?? []).toSorted(byAge);
  expect(order.map(({ file }) => file)).toEqual([files[1], files[2], files[0], files[3]]);
});
