import { expect, test } from 'vitest';
import type { Dated, NativeProcess } from './system.ts';
import { NativeTopProcesses, topProcesses } from './top-processes.ts';

const one = (pid: number, cpuSeconds: number, residentBytes = 1, startedAt = 'then'): NativeProcess => ({
  pid,
  name: `p${pid}`,
  user: 'ada',
  startedAt,
  cpuSeconds,
  residentBytes,
});
const at = (atMs: number, ...value: NativeProcess[]): Dated<readonly NativeProcess[]> => ({ atMs, value });

test('[CO59] by CPU between two lists, then by memory, and the largest in memory behind them', () => {
  const before = at(0, one(1, 10), one(2, 20), one(3, 5, 900), one(4, 0, 800));
  const now = at(10_000, one(1, 15), one(2, 20, 50), one(3, 5, 900), one(4, 0, 800));
  expect(topProcesses(before, now, 1, 2).map(({ pid, cpuPercent }) => [pid, cpuPercent])).toEqual([
    [1, 50],
    [3, 0],
    [4, 0],
  ]);
  expect(topProcesses(null, now, 2, 0).map(({ pid, cpuPercent }) => [pid, cpuPercent])).toEqual([
    [3, 0],
    [4, 0],
  ]);
});

test('[CO59] a process that took another’s number counts from its own start; time that went back is none', () => {
  const now = at(10_000, one(1, 2, 1, 'now'), one(2, 1));
  const items = topProcesses(at(0, one(1, 100), one(2, 5)), now, 5, 0);
  expect(items.map(({ pid, cpuPercent }) => [pid, cpuPercent])).toEqual([
    [1, 20],
    [2, 0],
  ]);
});

test('[CO59] who asks before there is a new list gets the last figures, and none when the list is too old', () => {
  let list: Dated<readonly NativeProcess[]> | null = null;
  const top = new NativeTopProcesses({ processes: () => list });
  expect(top.list(5)).toEqual([]);
  list = at(0, one(1, 0));
  expect(top.list(5)).toMatchObject([{ pid: 1, cpuPercent: 0 }]);
  list = at(1_000, one(1, 0.5));
  expect(top.list(5)).toMatchObject([{ pid: 1, cpuPercent: 50, readBytesPerSecond: null }]);
  expect(top.list(5)).toMatchObject([{ pid: 1, cpuPercent: 50 }]);
  list = null;
  expect(top.list(5)).toEqual([]);
});
