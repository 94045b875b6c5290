import { expect, test } from 'vitest';
import { LiveSearch } from './search.ts';
import {
  dataSince,
  fixedSearch,
  fromLocalField,
  localField,
  periodShiftMs,
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

test.each([
  ['its first sample', [[90.1], [90.2, 90.3]], 90, 90.1],
  ['where it became known in the time of its first average', [[89.9, 90.9]], 90, 90],
  ['samples from before it became known, which waited at the agent', [[80, 90]], 90, 80],
  ['not: it was known before the range, what it lacks is a gap', [[90.1]], 70, null],
  ['not: nothing came yet', [[]], 90, null],
  ['not: data reaches before the range', [[76.4, 77.4]], 90, null],
  ['not: data reaches before the range, one line begins later', [[85, 86], [76.4, 77.4], [90]], 90, null],
  ['not: what was read reaches before the range', [[75.5, 76.5], [90]], 90, null],
])('[DB18] a machine has data since %s', (_, lines, bornHour, expected) => {
  const since = dataSince(
    lines.map((hours) => ({ times: hours.map((hour) => hour * HOUR), stepMs: HOUR })),
    76 * HOUR,
    bornHour * HOUR,
  );
  expect(since === null ? null : since / HOUR).toBe(expected);
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
