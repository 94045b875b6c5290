import { expect, test } from 'vitest';
import type { Condition } from '../api/rules.ts';
import { DAY_MS, HOUR_MS } from '../time.ts';
import { familyOf, inForce } from './precedence.ts';

const forecast = (withinMs: number, overMs = HOUR_MS): Condition => ({
  type: 'forecast',
  metric: 'filesystem.available',
  op: 'below',
  level: 1,
  overMs,
  levels: [{ severity: 'warning', withinMs, clearWithinMs: 2 * withinMs }],
  forMs: 0,
  keepForMs: 0,
  floor: null,
});

test('[RU37] a forecast of hours and one of days are two families; other times and windows are one', () => {
  expect(familyOf(forecast(4 * HOUR_MS))).not.toBe(familyOf(forecast(4 * DAY_MS)));
  expect(familyOf(forecast(4 * HOUR_MS))).toBe(familyOf(forecast(20 * HOUR_MS, 3 * HOUR_MS)));
  expect(familyOf(forecast(2 * DAY_MS))).toBe(familyOf(forecast(9 * DAY_MS, 7 * DAY_MS)));
});

const reach = { class: null, location: null, service: null, tag: null, ciId: null, instance: null };

test('[RU26] of equally particular rules the nearer place counts, and several may stand', () => {
  const room = { id: 'room', reach: { ...reach, location: 'r' }, op: 'above', distance: 0 };
  const house = { id: 'house', reach: { ...reach, location: 'h' }, op: 'above', distance: 1 };
  const service = { id: 'service', reach: { ...reach, service: 's' }, op: 'above', distance: 0 };
  const other = { id: 'below', reach, op: 'below' };
  const ids = inForce([house, room, service, other], (one) => one).map(({ id }) => id);
  expect(ids).toEqual(['room', 'service', 'below']);
});
