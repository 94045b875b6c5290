import { expect, test } from 'vitest';
import { glpiDay, glpiMaker, glpiMebibytes, glpiMegahertz, glpiProcessorName, glpiTime } from './glpi.ts';

test('[IP27] numbers become whole mebibytes, rounded down, and whole megahertz', () => {
  expect(glpiMebibytes(2 * 1024 ** 2 - 1)).toBe('1');
  expect(glpiMegahertz(2_666_600_000)).toBe('2667');
  expect([glpiMebibytes(null), glpiMegahertz(null)]).toEqual([null, null]);
});

test('[IP27] days and times of UTC', () => {
  const atMs = Date.UTC(2024, 1, 3, 4, 5, 6, 789);
  expect([glpiDay(atMs), glpiTime(atMs)]).toEqual(['03/02/2024', '2024-02-03 04:05:06']);
  expect([glpiDay(null), glpiTime(null)]).toEqual([null, null]);
});

test.each([
  ['Example(R)  Fast(TM) CPU 1', 'Example Fast CPU 1'],
  [null, null],
])('[IP27] the processor %s is written %s', (name, written) => {
  expect(glpiProcessorName(name)).toBe(written);
});

test.each([
  ['DELL', 'Dell'],
  ['HP', 'Hewlett-Packard'],
  ['Hewlett Packard', 'Hewlett-Packard'],
  ['SK Hynix', 'Hynix'],
  ['Example', 'Example'],
  [null, null],
])('[IP27] the maker %s is written %s', (name, written) => {
  expect(glpiMaker(name)).toBe(written);
});
