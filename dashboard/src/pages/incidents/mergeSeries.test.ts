import { expect, test } from 'vitest';
import { type EvidenceSeries, mergeSeries } from './mergeSeries.ts';

const series = (
  source: EvidenceSeries['source'],
  metric: string,
  points: number[][],
  instance = '',
): EvidenceSeries => ({
  metric,
  unit: '%',
  source,
  data: [{ instance, tier: 'raw', points }],
});

test('[DB17] the recording of the agent replaces stored samples in its time and nowhere else', () => {
  const [merged, ...others] = mergeSeries([
    series('stored', 'cpu.utilisation', [
      [0, 1],
      [10, 2],
      [20, 3],
      [30, 4],
    ]),
    series('flight', 'cpu.utilisation', [
      [9, 8],
      [15, 9],
      [21, 7],
    ]),
  ]);
  expect(others).toEqual([]);
  expect(merged?.lines[0]?.stepMs).toBe(10);
  expect(merged?.lines[0]?.points).toEqual([
    [0, 1],
    [9, 8],
    [15, 9],
    [21, 7],
    [30, 4],
  ]);
});

test('[DB17] metrics keep their order, instances their lines, and empty lines are left out', () => {
  const merged = mergeSeries([
    series('stored', 'disk.written', [[0, 1]], 'sda'),
    series('stored', 'cpu.iowait', []),
    series('flight', 'disk.written', [[5, 1]], 'sdb'),
  ]);
  expect(merged.map(({ metric, lines }) => [metric, lines.map(({ instance }) => instance)])).toEqual([
    ['disk.written', ['sda', 'sdb']],
    ['cpu.iowait', []],
  ]);
});
