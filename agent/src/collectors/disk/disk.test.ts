import fc from 'fast-check';
import { expect, test } from 'vitest';
import { meanWaitSeconds, passedMs } from './disk.ts';
import { type DiskCounters, diskCounters, diskRows, wholeDisks } from './diskstats.ts';

const idle: DiskCounters = {
  device: 'sda',
  reads: 100,
  readsMerged: 0,
  readBytes: 0,
  readMs: 1_000,
  writes: 50,
  writesMerged: 0,
  writtenBytes: 0,
  writeMs: 500,
  inFlight: 0,
  busyMs: 0,
  weightedMs: 0,
  discards: null,
};

test('[CO17] the mean wait is the time of the requests finished, per request', () => {
  const later = { ...idle, reads: 130, readMs: 1_300, writes: 60, writeMs: 600 };
  expect(meanWaitSeconds(idle, later)).toBeCloseTo(0.01, 9);
});

test('[CO17] an idle disk waits 0, a stalled one has no mean wait, nor has one whose counters were reset', () => {
  expect(meanWaitSeconds(idle, idle)).toBe(0);
  expect(meanWaitSeconds(idle, { ...idle, inFlight: 4 })).toBeNull();
  expect(meanWaitSeconds(idle, { ...idle, reads: 3, writes: 500 })).toBeNull();
});

test('[CO18] a time counter that wrapped at 32 bits goes on, one that was reset does not', () => {
  expect(passedMs(2 ** 32 - 10, 5)).toBe(15);
  expect(passedMs(7_000, 3)).toBeNull();
  expect(passedMs(2 ** 40, 5)).toBeNull();
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      fc.integer({ min: 0, max: 2 ** 31 - 1 }),
      (from, passed) => {
        expect(passedMs(from, (from + passed) % 2 ** 32)).toBe(passed);
      },
    ),
  );
});

test.each([
  [
    'partitions',
    ['sda', 'sda1', 'sda12', 'nvme0n1', 'nvme0n1p3', 'md127', 'md127p1', 'cciss!c0d0', 'cciss!c0d0p1'],
    ['sda', 'nvme0n1', 'md127', 'cciss!c0d0'],
  ],
  [
    'virtual layers',
    ['vda', 'dm-0', 'loop7', 'ram15', 'zram0', 'zd16', 'drbd1', 'bcache0', 'sr0', 'fd0'],
    ['vda'],
  ],
  [
    'hidden NVMe paths and MMC boot areas',
    ['nvme0c1n1', 'nvme0n1', 'mmcblk0', 'mmcblk0boot1', 'mmcblk0rpmb'],
    ['nvme0n1', 'mmcblk0'],
  ],
  ['nothing of a lone partition-like disk', ['xvda1', 'xvda2'], ['xvda1', 'xvda2']],
  [
    'nothing of two disks whose names end in digits',
    ['md1', 'md12', 'nbd1', 'nbd10', 'rbd0'],
    ['md1', 'md12', 'nbd1', 'nbd10', 'rbd0'],
  ],
])('[CO16] whole disks leave out %s', (_, devices, expected) => {
  expect([...wholeDisks(devices)]).toEqual(expected);
});

test('[CO16] lines of more or fewer columns are read as far as they go', () => {
  const [old, modern, tooOld] = diskRows(
    '   8       0 sda 1 2 3 4 5 6 7 8 9 10 11\n   8      16 sdb 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18\n8 17 sdb1 1 2 3 4\n',
  ).map(diskCounters);
  expect(tooOld).toBeNull();
  expect(old?.discards).toBeNull();
  expect(modern?.discards).toEqual({ completed: 12, merged: 13, sectors: 14, ms: 15 });
  expect(modern?.readBytes).toBe(3 * 512);
});
