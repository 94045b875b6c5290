import { expect, test } from 'vitest';
import { dateMs, mebibytes, number, offsetOf, text, yesNo } from './values.ts';

test.each([
  ['2020-06-09 07:58:08', 0, '2020-06-09T07:58:08.000Z'],
  ['2020-06-09 07:58:08', 7_200_000, '2020-06-09T05:58:08.000Z'],
  ['2015-04-17T03:02:45Z', 7_200_000, '2015-04-17T03:02:45.000Z'],
  ['2021-05-31T14:00:00+02:00', 0, '2021-05-31T12:00:00.000Z'],
  ['18/04/2017', 0, '2017-04-18T00:00:00.000Z'],
  ['2025/05/24 14:37:46', 0, '2025-05-24T14:37:46.000Z'],
  ['20240131', 0, '2024-01-31T00:00:00.000Z'],
  ['2024-01-31 24:61:00', 0, '2024-01-31T00:00:00.000Z'],
])('[TP20] the date %s at %i ms from UTC', (told, offsetMs, expected) => {
  expect(new Date(dateMs(told, offsetMs) ?? Number.NaN).toISOString()).toBe(expected);
});

test.each(['1970-01-01', '1970-00-01', '2020-13-01', '31/31/2020', 'Tue May 20 00:00:00', '', 'N/A'])(
  '[TP20] %j tells no date',
  (told) => {
    expect(dateMs(told)).toBeNull();
  },
);

test('[TP20] single values in the spellings of the agents', () => {
  const item = {
    a: ' x  y ',
    b: 'N/A',
    c: '1600 MT/s',
    d: '274877,9',
    e: 0,
    f: '16005',
    g: 'Yes',
    h: '0',
    i: [1],
  };
  expect(['a', 'b', 'z', 'i'].map((key) => text(item, key))).toEqual(['x y', null, null, null]);
  expect(['c', 'd', 'a'].map((key) => number(item, key))).toEqual([1600, 274877.9, null]);
  expect(['e', 'f'].map((key) => mebibytes(item, key))).toEqual([null, 16_005 * 2 ** 20]);
  expect(['g', 'h', 'a'].map((key) => yesNo(item, key))).toEqual([true, false, null]);
  expect(['+0200', '-05:30', null].map(offsetOf)).toEqual([7_200_000, -19_800_000, 0]);
});
