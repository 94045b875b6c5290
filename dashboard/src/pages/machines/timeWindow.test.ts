import { expect, test } from 'vitest';
import { LiveSearch } from './search.ts';
import {
  fixedSearch,
  fromLocalField,
  localField,
  periodShiftMs,
  rangeStart,
  showsPercentiles,
  windowOf,
} from './timeWindow.ts';

const HOUR = 3_600_000;

test('[DB102] a fixed range stands in the address and comes back from it', () => {
  const span = { fromMs: Date.UTC(2026, 10, 20, 10), toMs: Date.UTC(2026, 10, 20, 11, 0, 7) };
  const search = LiveSearch.parse({ range: '24h', ...fixedSearch(span) });
  expect(search).toEqual({ range: '24h', from: '2026-11-20T10:00:00Z', to: '2026-11-20T11:00:07Z' });
  expect(windowOf(search)).toEqual({ range: '24h', fixed: span });
});

test.each([
  [{ from: '2026-11-20T10:00:00Z' }],
  [{ from: '2026-11-20T10:00:00Z', to: '2026-11-20T10:00:00Z' }],
  [{ from: '2026-11-20T11:00:00Z', to: '2026-11-20T10:00:00Z' }],
  [{ from: '2020-11-20T11:00:00Z', to: '2026-11-20T10:00:00Z' }],
  [{ from: 'yesterday', to: '2026-11-20T10:00:00Z' }],
  [{}],
])('[DB5] the range %j in the address is none: the default is shown', (search) => {
  expect(windowOf(LiveSearch.parse(search))).toEqual({ range: '15m', fixed: null });
});

test('[DB104] at most three machines are compared, however many the address names', () => {
  expect(LiveSearch.parse({ compare: 'a,b,,c,d' }).compare).toBe('a,b,c');
});

test('[DB104] the day before is a day of the calendar, the range before has the length of the range', () => {
  const noon = new Date(2026, 10, 20, 12).getTime();
  expect(noon - periodShiftMs('day', noon, HOUR)).toBe(new Date(2026, 10, 19, 12).getTime());
  expect(noon - periodShiftMs('week', noon, HOUR)).toBe(new Date(2026, 10, 13, 12).getTime());
  expect(periodShiftMs('before', noon, HOUR)).toBe(HOUR);
});

test('[DB18] a young machine fills the range it has, an eighth of the range at least', () => {
  expect(rangeStart(100 * HOUR, 24 * HOUR, 0)).toBe(76 * HOUR);
  expect(rangeStart(100 * HOUR, 24 * HOUR, 90 * HOUR)).toBe(90 * HOUR);
  expect(rangeStart(100 * HOUR, 24 * HOUR, 99.9 * HOUR)).toBe(97 * HOUR);
});

test('[DB102] a field for date and time holds local time', () => {
  const at = new Date(2026, 10, 20, 9, 5, 7).getTime();
  expect(localField(at)).toBe('2026-11-20T09:05:07');
  expect(fromLocalField(localField(at))).toBe(at);
  expect(fromLocalField('')).toBeNaN();
});

test.each([
  [{ range: '1h' }, false],
  [{ range: '24h' }, true],
  [{ range: '1y' }, true],
  [{ range: '1y', from: '2026-11-20T10:00:00Z', to: '2026-11-20T11:00:00Z' }, false],
  [{ from: '2026-11-18T10:00:00Z', to: '2026-11-20T11:00:00Z' }, true],
])('[DB213] percentiles are offered for a day or more: %j', (search, expected) => {
  expect(showsPercentiles(windowOf(LiveSearch.parse(search)))).toBe(expected);
});
