import { DAY_MS, HOUR_MS } from '@muster/shared/time.ts';
import { expect, test } from 'vitest';
import { forecastDisk } from './disk-forecast.ts';
import type { PartitionStats } from './store.ts';

const NOW = 100 * DAY_MS;
const MIB = 2 ** 20;
const raw = (daysAgo: number, bytes: number): PartitionStats => ({
  tier: 'raw',
  startMs: NOW - daysAgo * DAY_MS,
  endMs: NOW - (daysAgo - 1) * DAY_MS,
  bytes,
});

test('[EN2] a server that has only begun makes no forecast', () => {
  expect(forecastDisk([], MIB, NOW)).toBeNull();
  const young = { ...raw(1, MIB), startMs: NOW - HOUR_MS, endMs: NOW + 23 * HOUR_MS };
  expect(forecastDisk([young], MIB, NOW)).toBeNull();
});

test('[EN2] samples grow until their retention drops as much as comes', () => {
  const held = [raw(2, 10 * MIB), raw(1, 10 * MIB)];
  // Raw samples are kept 7 days and 2 are there: five more days, then nothing is added.
  expect(forecastDisk(held, 1_000 * MIB, NOW)).toEqual({
    bytesPerDay: 10 * MIB,
    neededBytes: 50 * MIB,
    daysUntilFull: null,
    daysUntilCap: null,
  });
});

test('[EN2] where the disk is full before that, it says in how many days', () => {
  const held = [raw(2, 10 * MIB), raw(1, 10 * MIB)];
  expect(forecastDisk(held, 35 * MIB, NOW)?.daysUntilFull).toBe(3);
  expect(forecastDisk(held, 0, NOW)?.daysUntilFull).toBe(0);
});

test('[EN2] on a full disk it is full now, and what fits to the last byte fits', () => {
  const filled = Array.from({ length: 7 }, (_, day) => raw(day + 1, 10 * MIB));
  expect(forecastDisk(filled, 0, NOW)).toMatchObject({ neededBytes: 0, daysUntilFull: 0 });
  expect(forecastDisk([raw(2, 10 * MIB), raw(1, 10 * MIB)], 50 * MIB, NOW)?.daysUntilFull).toBeNull();
});

test('[EN2] a whole day counts, not the one that is being filled', () => {
  const filling = { ...raw(0, MIB), startMs: NOW - 12 * HOUR_MS, endMs: NOW + 12 * HOUR_MS };
  expect(forecastDisk([raw(1.5, 10 * MIB), filling], 1e12, NOW)?.bytesPerDay).toBe(10 * MIB);
});

test('[EN2] a tier that is filled to its retention adds nothing', () => {
  const held = Array.from({ length: 7 }, (_, day) => raw(day + 1, 10 * MIB));
  expect(forecastDisk(held, MIB, NOW)).toMatchObject({ neededBytes: 0, daysUntilFull: null });
});
