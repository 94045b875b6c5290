import { expect, test } from 'vitest';
import type { Translate } from '../i18n/catalogue.ts';
import { gapsInWords } from './gapsInWords.ts';

const t = ((key: string, slots: object = {}) => [key, ...Object.values(slots)].join(' ')) as Translate;
const at = (hour: number, minute = 0) => new Date(2026, 10, 22, hour, minute).getTime();
const shown = { fromMs: at(0), toMs: at(12) };
const words = (from: number, to: number, more: Partial<Parameters<typeof gapsInWords>[1]> = {}) =>
  gapsInWords({ gaps: [{ fromMs: from, toMs: to }] }, { ...shown, ...more }, t, 'en').map((gap) => [
    gap.words,
    gap.missing,
  ]);

test('[DB101] a gap says its length and its reason; one at an edge only its reason', () => {
  const gapReasons = [{ fromMs: at(1), toMs: at(5), words: 'asleep' }];
  expect(words(at(6), at(6, 30))).toEqual([['charts.gap time.minutes 30', true]]);
  expect(words(at(2), at(2, 30), { gapReasons })).toEqual([
    ['charts.gapReason asleep time.minutes 30', true],
  ]);
  expect(words(at(0), at(5), { gapReasons })).toEqual([['asleep', true]]);
  expect(words(at(6), at(12))).toEqual([['ui.noData', true]]);
});

test('[DB18] before the first data of a machine that became known within the range nothing is missing', () => {
  const sinceMs = at(10, 5);
  expect(words(at(0), at(10, 4), { sinceMs })).toEqual([['machines.dataSince 10:05', false]]);
  expect(words(at(0), at(11), { sinceMs })).toEqual([['machines.dataSince 11:00', false]]);
  expect(words(at(10, 30), at(11), { sinceMs })).toEqual([['charts.gap time.minutes 30', true]]);
  expect(words(at(0), at(12), { sinceMs })).toEqual([['ui.noData', true]]);
});
