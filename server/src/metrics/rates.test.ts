import { expect, test } from 'vitest';
import { isJoined, toRates } from './rates.ts';
import { SampleList } from './sample-list.ts';

const list = (...samples: [second: number, value: number][]) => {
  const made = new SampleList();
  for (const [second, value] of samples) made.push(second * 1_000, value);
  return made.settle();
};
const ratesOf = (samples: SampleList) => {
  const { rates } = toRates(samples);
  return Array.from({ length: rates.length }, (_, i) => [
    (rates.times[i] as number) / 1_000,
    rates.values[i],
  ]);
};

test.each([
  ['regular interval', 10, 10, 10, true],
  ['three intervals', 30, 10, 10, true],
  ['more than three intervals', 31, 10, 10, false],
  ['slow series', 60, 60, 60, true],
  ['slow series, two missing', 180, 60, 60, true],
  ['slow series, three missing', 240, 60, 60, false],
  ['back to the regular interval after a live watch', 10, 1, 1, true],
  ['a lone sample between two gaps', 600, 700, 10, false],
  ['a slow series after a gap', 60, 900, 60, true],
  ['nothing known, five minutes', 300, 0, 0, true],
  ['nothing known, longer', 301, 0, 0, false],
  ['the interval is outside the look-back', 2_000, 2_000, 2_000, false],
  ['beyond the look-back', 3_601, 3_600, 3_600, false],
])('[ME11] neighbours: %s', (_, distance, before1, before2, joined) => {
  expect(isJoined(distance * 1_000, before1 * 1_000, before2 * 1_000)).toBe(joined);
});

test('[ME10] resets count from 0 and readings that are not finite give no rate', () => {
  const samples = list([0, 5], [10, 25], [20, 10], [30, Number.NaN], [40, 50], [50, 60]);
  expect(ratesOf(samples)).toEqual([
    [10, 2],
    [20, 1],
    [50, 1],
  ]);
});

test('[ME10] a rate depends on nothing before the look-back, nor after itself', () => {
  const all = Array.from({ length: 900 }, (_, i): [number, number] => [i * 60 + (i % 7), i * i]);
  const whole = ratesOf(list(...all));
  const from = 20 * 3_600;
  const cut = ratesOf(list(...all.filter(([second]) => second >= from - 3_600 && second < from + 7_200)));
  const inside = ([second]: (number | undefined)[]) =>
    (second as number) >= from && (second as number) < from + 7_200;
  expect(cut.filter(inside)).toEqual(whole.filter(inside));
});

test('[ME5] settling sorts and keeps the first of equal times', () => {
  const samples = list([3, 30], [1, 10], [3, 31], [2, 20], [1, 11]);
  expect([...samples.times.subarray(0, samples.length)]).toEqual([1_000, 2_000, 3_000]);
  expect([...samples.values.subarray(0, samples.length)]).toEqual([10, 20, 30]);
});
