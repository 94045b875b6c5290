import { expect, test } from 'vitest';
import { rangesOf, rangesText } from './hoursText.ts';

test.each([
  [
    '08:00-12:00, 13:00-18:00',
    [
      { fromMinute: 480, toMinute: 720 },
      { fromMinute: 780, toMinute: 1_080 },
    ],
  ],
  ['22:00-06:00', [{ fromMinute: 1_320, toMinute: 1_800 }]],
  ['00:00-24:00', [{ fromMinute: 0, toMinute: 1_440 }]],
  ['', []],
])('[CA2] %s is read and written back', (text, ranges) => {
  expect(rangesOf(text)).toEqual(ranges);
  expect(rangesText(ranges)).toBe(text);
});

test.each(['8', '08:00', '08:00-25:00', '08:60-09:00', '24:00-25:00', 'always'])(
  '[CA2] %s is no range',
  (text) => {
    expect(rangesOf(text)).toBeNull();
  },
);

test('[CA2] full-width signs and the Chinese comma are read', () => {
  expect(rangesOf('０８：００-12:00、13:00-18:00')).toHaveLength(2);
});
