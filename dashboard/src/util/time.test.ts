import { expect, test } from 'vitest';
import { en, zh } from '../i18n/testing.ts';
import type { Translate } from '../i18n/catalogue.ts';
import { agoText, byDay, countdownText, dateTimeText, recordTime, spanText, wholeSpanText } from './time.ts';

/** The time words of a catalogue, filled in as the pages do. */
const translate =
  (words: Record<string, string>): Translate =>
  (key, values = {}) =>
    (words[key.slice('time.'.length)] ?? key).replace(/\{\{(\w+)\}\}/g, (_, name: string) =>
      String(values[name]),
    );
const english = translate(en.time);
const chinese = translate(zh.time);

const S = 1_000;
const M = 60 * S;
const H = 60 * M;
const D = 24 * H;

test.each([
  [0.8 * S, '0.8 s', '0.8 秒'],
  [42 * S, '42 s', '42 秒'],
  [11 * M + 20 * S, '11 min', '11 分钟'],
  [3 * H + 10 * M, '3 h 10 min', '3 小时 10 分'],
  [2 * H, '2 h', '2 小时'],
  [19 * D + 4 * H + 50 * M, '19 d 4 h', '19 天 4 小时'],
  [112 * D + 3 * H, '112 d', '112 天'],
])('[DB24] %s ms is %s and %s', (ms, expectedEnglish, expectedChinese) => {
  expect(spanText(ms, english)).toBe(expectedEnglish);
  expect(spanText(ms, chinese)).toBe(expectedChinese);
});

test('[DB24] exact spans name the seconds, whole ones no tenths', () => {
  expect(spanText(3 * M + 52 * S, english, true)).toBe('3 min 52 s');
  expect(wholeSpanText(4_400, english)).toBe('4 s');
  expect(agoText(0, 400, english)).toBe('just now');
  expect(agoText(0, 11 * M, chinese)).toBe('11 分钟前');
});

test('[DB24] a countdown counts in clock form, and without seconds from an hour on', () => {
  expect(countdownText(3 * M + 52 * S, english)).toBe('3:52');
  expect(countdownText(7 * H + 39 * M + 12 * S, english)).toBe('7 h 39 min');
  expect(countdownText(2 * D + 21 * H, english)).toBe('2 d 21 h');
  expect(countdownText(-5, english)).toBe('0:00');
});

test('[DB24] a record shows the clock today, the day this year, the whole date before', () => {
  const now = new Date(2026, 10, 20, 10, 42, 8).getTime();
  expect(recordTime(new Date(2026, 10, 20, 9, 5).getTime(), now, 'en')).toBe('09:05');
  expect(recordTime(new Date(2026, 10, 3, 9, 5).getTime(), now, 'en')).toBe('3 Nov 09:05');
  expect(recordTime(new Date(2026, 10, 3, 9, 5).getTime(), now, 'zh')).toBe('11-03 09:05');
  expect(recordTime(new Date(2025, 10, 3, 9, 5).getTime(), now, 'en')).toBe('3 Nov 2025, 09:05');
  expect(dateTimeText(now, 'zh')).toBe('2026-11-20 10:42:08');
});

test('[DB24] things of one local day stand together, in the order in which they come', () => {
  const at = (day: number, hour: number) => new Date(2026, 10, day, hour).getTime();
  const times = [at(21, 0), at(20, 23), at(20, 1), at(18, 12)];
  expect(byDay(times, (each) => each)).toEqual([
    [at(21, 0), [at(21, 0)]],
    [at(20, 0), [at(20, 23), at(20, 1)]],
    [at(18, 0), [at(18, 12)]],
  ]);
});
