import { expect, test } from 'vitest';
import { withLocalTimes } from './sentenceTimes.ts';
import { clockTime, dateTimeText, dayText } from './time.ts';

const AT = Date.parse('2026-11-20T10:26:00+08:00');
const LATER = AT + 11 * 60_000;

test('[DB127] a time in a sentence is shown in the zone of the reader, without naming a zone', () => {
  expect(
    withLocalTimes('CPU in use on a has been high since 20 Nov 2026, 10:26:00 (+08:00)', LATER, 'en'),
  ).toBe(`CPU in use on a has been high since ${clockTime(AT)}`);
  expect(withLocalTimes('a 自 2026-11-20 10:26:00（+08:00）起失联：原因未知', LATER, 'zh')).toBe(
    `a 自 ${clockTime(AT)} 起失联：原因未知`,
  );
  expect(withLocalTimes('首次上报：2026-11-20 10:26:00（+08:00）。', LATER, 'zh')).toBe(
    `首次上报：${clockTime(AT)}。`,
  );
});

test('[DB127] evidence keeps the seconds', () => {
  const text = 'Its address answered at 20 Nov 2026, 10:26:00 (+08:00).';
  expect(withLocalTimes(text, LATER, 'en', true)).toBe(`Its address answered at ${clockTime(AT, true)}.`);
  expect(withLocalTimes(text, LATER + 30 * 86_400_000, 'en', true)).toBe(
    `Its address answered at ${dateTimeText(AT, 'en')}.`,
  );
});

test('[DB127] of another day the day is said too, each time on its own', () => {
  const text = 'From 9 Nov 2026, 10:26:00 (+00:00) to 20 Nov 2026, 02:26:00 (+00:00).';
  const first = Date.parse('2026-11-09T10:26:00Z');
  expect(withLocalTimes(text, LATER, 'en')).toBe(
    `From ${dayText(first, 'en')} ${clockTime(first)} to ${clockTime(AT)}.`,
  );
});

test.each([
  'version 1.2 (+01:00)',
  '40 Foo 2026, 10:26:00 (+08:00)',
  '2026-13-40 99:99:99（+08:00）',
  'no time at all',
])('[DB127] what is no time stays: %s', (text) => {
  expect(withLocalTimes(text, LATER, 'en')).toBe(text);
});
