import { DAY_MS, HOUR_MS } from '@muster/shared/time.ts';
import { expect, test } from 'vitest';
import { expectationOf, expectedAt, expectedSpans, stretchAt } from './expectation.ts';

const workstation = expectationOf({ class: 'Workstation', tags: [] });
const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds;

test.each([
  ['Server', '2026-11-21T03:00Z', true],
  ['VirtualMachine', '2026-11-21T03:00Z', true],
  ['NetworkDevice', '2026-11-22T12:00Z', true],
  ['Workstation', '2026-11-20T06:59:59Z', false],
  ['Workstation', '2026-11-20T07:00Z', true],
  ['Workstation', '2026-11-20T16:59:59Z', true],
  ['Workstation', '2026-11-20T17:00Z', false],
  ['Workstation', '2026-11-21T10:00Z', false],
])('[AV1] %s at %s in Berlin: expected %s', (ciClass, time, expected) => {
  expect(expectedAt(expectationOf({ class: ciClass, tags: [] }), 'Europe/Berlin', at(time))).toBe(expected);
});

test('[AV2] office hours keep their local time over a change of the clocks', () => {
  const spans = expectedSpans(workstation, 'Europe/Berlin', at('2026-03-26T00:00Z'), at('2026-04-01T00:00Z'));
  expect(spans.map((s) => new Date(s.fromMs).toISOString().slice(0, 16))).toEqual([
    '2026-03-26T07:00',
    '2026-03-27T07:00',
    '2026-03-30T06:00',
    '2026-03-31T06:00',
  ]);
  expect(spans.every((s) => s.toMs - s.fromMs === 10 * HOUR_MS)).toBe(true);
});

test('[AV1] tags override the class', () => {
  expect(expectationOf({ class: 'Workstation', tags: ['24x7'] })).toEqual({
    hours: 'always',
    roaming: false,
  });
  expect(expectationOf({ class: 'Workstation', tags: ['fixed'] }).roaming).toBe(false);
  expect(expectationOf({ class: 'Server', tags: ['roaming'] }).roaming).toBe(true);
});

test('[AV1] a zone the runtime does not know counts as the zone of the server', () => {
  const time = at('2026-11-20T10:00Z');
  expect(expectedAt(workstation, 'Mars/Olympus', time)).toBe(expectedAt(workstation, null, time));
});

test('[AV1] a stretch reaches to the next change', () => {
  const friday = at('2026-11-20T17:00Z');
  expect(stretchAt(workstation, 'Etc/GMT-1', friday)).toEqual({
    inHours: false,
    fromMs: friday,
    toMs: friday + 2 * DAY_MS + 14 * HOUR_MS,
  });
  expect(stretchAt(workstation, 'Etc/GMT-1', friday - 1)).toMatchObject({ inHours: true, toMs: friday });
});
