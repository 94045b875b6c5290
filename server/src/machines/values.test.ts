import { expect, test } from 'vitest';
import type { LatestSample } from '../metrics/store.ts';
import { latestValues, VALUES_AGE_MS_MAX } from './values.ts';

const NOW = 1_000_000;
const sample = (metric: LatestSample['identity']['metric'], ciId: string, value: number, change = {}) => ({
  identity: { ciId, metric, instance: '', ...change },
  atMs: NOW,
  value,
  rate: null,
});

test('[DB22] CPU and memory only of machines that are up, the fullest file system also of absent ones', () => {
  const samples: LatestSample[] = [
    sample('cpu.utilisation', 'up', 12.3456),
    sample('cpu.utilisation', 'asleep', 50),
    { ...sample('memory.utilisation', 'up', 80), atMs: NOW - VALUES_AGE_MS_MAX - 1 },
    sample('filesystem.utilisation', 'up', 40, { instance: '/' }),
    sample('filesystem.utilisation', 'up', 90.129, { instance: '/var' }),
    sample('filesystem.utilisation', 'asleep', 7, { instance: 'C:' }),
    sample('filesystem.utilisation', 'odd', Number.NaN, { instance: '/' }),
  ];
  const rows = latestValues(
    { latestOfMetric: (metric) => samples.filter(({ identity }) => identity.metric === metric) },
    (ciId) => ciId === 'up',
    NOW,
  );
  expect(rows).toEqual([
    ['up', 12.35, null, 90.13, '/var'],
    ['asleep', null, null, 7, 'C:'],
  ]);
});
