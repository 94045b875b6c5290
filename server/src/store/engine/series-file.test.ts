/** The second copy of the dictionary, on disks that are full, torn or behind. */
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { SeriesDefinition } from './dictionary.ts';
import { readSeries, SERIES_FILE, SeriesFile } from './series-file.ts';
import { fillUp, mountSmallDisk, removeFolder, temporaryFolder, unmountSmallDisk } from './testing.ts';

let folder = '';
beforeEach(() => {
  folder = temporaryFolder();
  return () => removeFolder(folder);
});

const series = (from: number, to: number): SeriesDefinition[] =>
  Array.from({ length: to - from }, (_, n) => definition(from + n));
const definition = (id: number, ciId = `ci_${id}`): SeriesDefinition => ({
  id,
  ciId,
  metric: 'cpu.user',
  instance: 'ä\n"',
  decimals: 1,
});
const text = () => readFileSync(path.join(folder, SERIES_FILE), 'utf8');
const lines = () => text().split('\n').filter(Boolean).length;

function open(known: readonly SeriesDefinition[]): { file: SeriesFile; unknown: SeriesDefinition[] } {
  const file = new SeriesFile(folder);
  return { file, unknown: file.open(known) };
}

test('[ME59] what is written again, because the index could not take it, stands there once', () => {
  const { file } = open([]);
  file.append(series(0, 3));
  file.append(series(0, 3));
  file.append(series(1, 5));
  expect(readSeries(folder)).toEqual(series(0, 5));
  expect(lines()).toBe(5);
});

test('[ME59] a line that was cut short is cut off, wherever, and the next one is whole', () => {
  open([]).file.append(series(0, 3));
  const whole = text();
  const first = whole.indexOf('\n') + 1;
  for (let end = first; end <= whole.length; end++) {
    writeFileSync(path.join(folder, SERIES_FILE), whole.slice(0, end));
    const { file, unknown } = open(series(0, 1));
    expect(unknown).toEqual(series(1, whole.slice(0, end).split('\n').length - 1));
    file.append(series(1, 4));
    expect(text().startsWith(whole)).toBe(true);
    expect(readSeries(folder)).toEqual(series(0, 4));
    expect(lines()).toBe(4);
  }
});

test('[ME59] what a failed write left is gone with the next one', () => {
  const { file } = open([]);
  file.append(series(0, 2));
  appendFileSync(path.join(folder, SERIES_FILE), '[2,"ci_2","cpu.us');
  file.append(series(2, 4));
  expect(readSeries(folder)).toEqual(series(0, 4));
  expect(lines()).toBe(4);
});

test('[ME59] the file and the index give each other what they lack; a hole waits for the journal', () => {
  open([]).file.append(series(0, 2));
  const before = open(series(0, 4));
  expect(before.unknown).toEqual([]);
  before.file.append([]);
  expect(readSeries(folder)).toEqual(series(0, 4));
  expect(open(series(0, 1)).unknown).toEqual(series(1, 4));
  expect(open([]).unknown).toEqual(series(0, 4));
  rmSync(path.join(folder, SERIES_FILE));
  const { file } = open(series(0, 2));
  file.append([definition(2), definition(4)]);
  const behind = open(series(0, 2));
  expect(behind.unknown).toEqual([definition(2)]);
  behind.file.append(series(3, 5));
  expect(lines()).toBe(5);
  expect(readSeries(folder)).toEqual(series(0, 5));
});

test('[ME59] a number that was given again is its new owner’s', () => {
  open([]).file.append([definition(0), definition(2)]);
  const { file, unknown } = open([definition(0)]);
  expect(unknown).toEqual([]);
  file.append([definition(1), definition(2, 'ci_new')]);
  expect(readSeries(folder)).toEqual([definition(0), definition(1), definition(2, 'ci_new')]);
});

const disk = mountSmallDisk();
afterAll(() => {
  if (disk !== undefined) unmountSmallDisk(disk);
});
test.skipIf(disk === undefined)('[ME59] a full disk that gets room again leaves each series once', () => {
  const own = folder;
  folder = disk as string;
  try {
    const { file } = open([]);
    file.append(series(0, 10));
    const rest = path.join(folder, 'rest');
    fillUp(rest);
    for (let again = 0; again < 5; again++) {
      expect(() => file.append(series(10, 1_000))).toThrow('ENOSPC');
    }
    expect(readSeries(folder).slice(0, 10)).toEqual(series(0, 10));
    rmSync(rest);
    file.append(series(10, 1_000));
    expect(readSeries(folder)).toEqual(series(0, 1_000));
    expect(lines()).toBe(1_000);
    expect(open(series(0, 1_000)).unknown).toEqual([]);
  } finally {
    folder = own;
  }
});
