import { expect, test } from 'vitest';
import { columnsOf } from '../../charts/columns.ts';
import { fedGroups, highestLines, usualStep } from './fedGroups.ts';

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

test('[DB216] of many instances those with the highest means are drawn, however many points they have, by name', () => {
  const line = (instance: string, ...values: number[]) => ({
    instance,
    points: columnsOf(values.map((value, at) => [at, value])),
  });
  const lines = [
    line('sda', 1, 1, 1, 1, 1, 1),
    line('sdb', 2, 2, 2),
    line('disk10', 90),
    line('disk9', 40),
    line('sdc', 3),
    line('new'),
  ];
  expect(highestLines(lines).map(({ instance }) => instance)).toEqual(['disk9', 'disk10', 'sdb', 'sdc']);
});
