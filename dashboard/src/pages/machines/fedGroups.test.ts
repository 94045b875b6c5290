import { expect, test } from 'vitest';
import { fedGroups, usualStep } from './fedGroups.ts';

test('[RW19] metrics of one thing and unit are one chart; one with instances has its own; what is looked for first comes first', () => {
  const names = [
    'swap.total',
    'disk.read',
    'load.15m',
    'memory.total',
    'disk.reads',
    'load.1m',
    'disk.written',
    'load.5m',
    'network.received.packets',
    'network.transmitted',
    'disk.read',
    'no.such',
  ];
  expect(fedGroups(names.map((metric) => ({ metric }))).map(({ metrics }) => metrics)).toEqual([
    ['load.1m', 'load.5m', 'load.15m'],
    ['memory.total'],
    ['disk.read'],
    ['disk.written'],
    ['network.transmitted'],
    ['swap.total'],
    ['disk.reads'],
    ['network.received.packets'],
  ]);
});

test('[RW19] a chart has at most four lines', () => {
  const names = ['memory.total', 'memory.available', 'memory.buffers', 'memory.used', 'memory.cached'];
  expect(fedGroups(names.map((metric) => ({ metric }))).map(({ metrics }) => metrics.length)).toEqual([4, 1]);
});

test('[RW19] the pause between two scrapes is no gap', () => {
  expect(usualStep([0, 60_000, 120_000, 600_000, 660_000], 10_000)).toBe(60_000);
  expect(usualStep([0, 5_000], 10_000)).toBe(10_000);
  expect(usualStep([], 10_000)).toBe(10_000);
});
