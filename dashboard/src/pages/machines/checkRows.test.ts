import type { LatestValue } from '@muster/shared/api/metrics.ts';
import { expect, test } from 'vitest';
import { checkRows } from './checkRows.ts';

const tcp = (name: string) => ({
  name,
  check: { kind: 'tcp', host: 'db', port: 1, intervalMs: 60_000, timeoutMs: 5_000 } as const,
});
const told = (metric: LatestValue['metric'], instance: string, value: number): LatestValue => ({
  metric,
  instance,
  value,
  unit: '1',
  at: '2026-11-20T10:00:00.000Z',
});

test('[CK20] those that fail stand first, with since when about; one without a result says so', () => {
  const rows = checkRows([tcp('a'), tcp('b'), tcp('c'), tcp('d')], 'runs', [
    told('check.failures', 'a', 0),
    told('check.duration', 'a', 0.02),
    told('check.failures', 'b', 2),
    told('check.failures', 'c', 4),
    told('check.failures', 'gone', 9),
  ]);
  expect(rows.map(({ name, state, failingMs }) => [name, state, failingMs])).toEqual([
    ['c', 'failed', 180_000],
    ['b', 'failing', 60_000],
    ['a', 'well', null],
    ['d', 'none', null],
  ]);
  expect(rows[2]?.durationS).toBe(0.02);
});

test('[CK33] of an agent that runs none what was told before means nothing', () => {
  const latest = [told('check.failures', 'a', 4), told('check.duration', 'a', 5)];
  for (const standing of ['unable', 'forbidden'] as const)
    expect(checkRows([tcp('a')], standing, latest)).toEqual([
      expect.objectContaining({ state: standing, failures: 0, failingMs: null, durationS: null }),
    ]);
  expect(checkRows([tcp('a')], null, latest)[0]?.state).toBe('failed');
});
