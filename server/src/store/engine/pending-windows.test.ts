/** Which windows are due, and in which order. */
import { expect, test } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '@muster/shared/time.ts';
import { PendingWindows } from './pending-windows.ts';

const NEVER = () => Number.POSITIVE_INFINITY;
const NOW_MS = 1_000 * HOUR_MS;

function windows(machines: number): PendingWindows {
  const pending = new PendingWindows();
  for (let machine = 0; machine < machines; machine++) pending.add({ machine, tier: '1m', startMs: 0 });
  return pending;
}

const due = (pending: PendingWindows, nowMs = NOW_MS, max = 2) =>
  pending.due(NOW_MS, NEVER, max, nowMs).map(({ machine }) => machine);
const fail = (pending: PendingWindows, machine: number, nowMs = NOW_MS, what = 'no answer') =>
  pending.postpone({ window: { machine, tier: '1m', startMs: 0 }, what }, nowMs);

test('[ME58] a window that failed comes behind all others, after a pause that doubles up to an hour', () => {
  const pending = windows(4);
  expect(due(pending)).toEqual([0, 1]);
  for (const machine of [0, 1]) fail(pending, machine);
  expect(due(pending)).toEqual([2, 3]);
  expect(due(pending, NOW_MS + MINUTE_MS)).toEqual([2, 3]);
  for (const machine of [2, 3]) pending.delete({ machine, tier: '1m', startMs: 0 });
  expect(due(pending)).toEqual([]);
  expect(due(pending, NOW_MS + MINUTE_MS)).toEqual([0, 1]);
  let nowMs = NOW_MS;
  for (const minutes of [1, 2, 4, 8, 16, 32, 60, 60]) {
    expect(due(pending, nowMs + minutes * MINUTE_MS - 1)).not.toContain(0);
    nowMs += minutes * MINUTE_MS;
    expect(due(pending, nowMs)).toContain(0);
    fail(pending, 0, nowMs);
    fail(pending, 1, nowMs);
  }
  // A clock that was set back keeps nothing waiting.
  expect(due(pending, NOW_MS - HOUR_MS)).toEqual([0, 1]);
});

test('[ME58] each reason is news once, is told while a window waits for it, and no longer', () => {
  const pending = windows(3);
  expect([0, 1].map((machine) => fail(pending, machine, NOW_MS + machine))).toEqual([true, false]);
  expect(fail(pending, 0, NOW_MS + HOUR_MS)).toBe(false);
  expect(fail(pending, 2, NOW_MS, 'another')).toBe(true);
  expect(pending.troubles()).toEqual([
    { atMs: NOW_MS, what: expect.stringContaining('no answer') },
    { atMs: NOW_MS, what: expect.stringContaining('another') },
  ]);
  for (const machine of [0, 1]) pending.delete({ machine, tier: '1m', startMs: 0 });
  expect(pending.troubles()).toHaveLength(1);
  pending.delete({ machine: 2, tier: '1m', startMs: 0 });
  expect(pending.troubles()).toEqual([]);
});
