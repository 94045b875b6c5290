import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { afterEach, expect, test, vi } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@muster/shared/time.ts';
import type { Pace } from '../../charts/rhythm.ts';
import { AGENT_CONFIG_KEY } from '../../parts/machineConfig.ts';
import { RANGE_SPECS } from './timeWindow.ts';
import { combine, toldQuery, withTold } from './toldIntervals.ts';

afterEach(() => vi.unstubAllGlobals());

test('[DB371] what an agent was told is read again as soon as a configuration is saved', async () => {
  let intervalMs = 10_000;
  vi.stubGlobal('fetch', async () => Response.json({ items: [{ since: null, intervalMs }] }));
  const client = new QueryClient();
  const observer = new QueryObserver(client, toldQuery('ci-1', RANGE_SPECS['15m']));
  const leave = observer.subscribe(() => {});
  const shown = () => observer.getCurrentResult().data?.map((one) => one.intervalMs);
  await vi.waitFor(() => expect(shown()).toEqual([10_000]));
  intervalMs = 60_000;
  await client.invalidateQueries({ queryKey: AGENT_CONFIG_KEY });
  expect(shown()).toEqual([60_000]);
  leave();
  client.clear();
});

test('[DB371] what an agent was told is asked for by the range alone: not of one that comes as averages', () => {
  const asked = Object.values(RANGE_SPECS).filter((range) => toldQuery('ci-1', range).enabled);
  expect(asked).toEqual([RANGE_SPECS['15m'], RANGE_SPECS['1h']]);
});

test('[DB371] a chart waits for what an agent was told once, and not each time that it cannot be read again', () => {
  const answer = { data: undefined, isLoading: true, errorUpdateCount: 0 };
  expect(combine([answer]).loading).toBe(true);
  expect(combine([{ ...answer, errorUpdateCount: 1 }]).loading).toBe(false);
});

test('[DB371] of an earlier time the intervals lie where its points are shown', () => {
  const range = (tier: string): Pace & { readonly tier: string } => ({ tier, stepMs: 10_000 });
  const told = [
    { sinceMs: Number.NEGATIVE_INFINITY, intervalMs: 10_000 },
    { sinceMs: HOUR_MS, intervalMs: MINUTE_MS },
  ];
  expect(withTold(range('raw'), told, DAY_MS).told).toEqual([
    { sinceMs: Number.NEGATIVE_INFINITY, intervalMs: 10_000 },
    { sinceMs: HOUR_MS + DAY_MS, intervalMs: MINUTE_MS },
  ]);
  expect(withTold(range('1m'), told, DAY_MS).told).toBeUndefined();
});
