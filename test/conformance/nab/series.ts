/** Reads a collection of the Numenta Anomaly Benchmark's layout: data, labelled windows, profiles, recorded scores of detectors. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { z } from 'zod';
import type { Profile } from './scoring.ts';

export interface Row {
  /** The text of the time; windows name rows by it. Read as UTC, as the collection has no zone. */
  readonly atMs: number;
  readonly value: number;
}
/** First and last row of a labelled window, inclusive. */
export interface LabelledWindow {
  readonly first: number;
  readonly last: number;
}
export interface Series {
  /** Path below `data`, e.g. `realKnownCause/x.csv`. */
  readonly name: string;
  readonly rows: readonly Row[];
  readonly windows: readonly LabelledWindow[];
}
export interface Collection {
  readonly series: readonly Series[];
  readonly profiles: Readonly<Record<string, Profile>>;
}

const Windows = z.record(z.string(), z.array(z.tuple([z.string(), z.string()])));
const Profiles = z.record(
  z.string(),
  z.object({ CostMatrix: z.object({ tpWeight: z.number(), fnWeight: z.number(), fpWeight: z.number() }) }),
);

/** All labelled series below a folder; null when it is not there. Series without an entry among the labels are left out. */
export function readCollection(folder: string): Collection | null {
  if (!existsSync(join(folder, 'data'))) return null;
  const labels = Object.assign({}, ...labelFiles(folder).map(readWindows)) as z.infer<typeof Windows>;
  const series = Object.entries(labels)
    .filter(([name]) => existsSync(join(folder, 'data', name)))
    .map(([name, windows]): Series => {
      const rows = readRows(join(folder, 'data', name));
      return { name, rows, windows: windows.map((window) => windowIn(rows, window, name)) };
    });
  const profiles = Profiles.parse(readJson(join(folder, 'config/profiles.json')));
  return {
    series: series.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    profiles: Object.fromEntries(
      Object.entries(profiles).map(([name, { CostMatrix }]) => [name, CostMatrix]),
    ),
  };
}

function labelFiles(folder: string): string[] {
  const labels = join(folder, 'labels');
  return readdirSync(labels)
    .filter((file) => file.startsWith('combined_windows') && file.endsWith('.json'))
    .map((file) => join(labels, file));
}

function readWindows(path: string): z.infer<typeof Windows> {
  return Windows.parse(readJson(path));
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

function readRows(path: string): Row[] {
  return readCsv(path).map(({ timestamp = '', value = '' }) => ({
    atMs: timeOf(timestamp),
    value: Number(value),
  }));
}

/** A window names its first and last row by their times. */
function windowIn(rows: readonly Row[], [from, to]: readonly [string, string], name: string): LabelledWindow {
  const [first, last] = [from, to].map((time) => rows.findIndex(({ atMs }) => atMs === timeOf(time)));
  if (first === undefined || last === undefined || first < 0 || last < first)
    throw new Error(`${name}: no rows at the borders of the window ${from} to ${to}`);
  return { first, last };
}

/** `2014-04-01 00:00:00`, with or without fractions. */
function timeOf(text: string): number {
  return Date.parse(`${text.trim().replace(' ', 'T')}Z`);
}

/** Rows by the names in the first line. No field of the collection holds a comma. */
function readCsv(path: string): Record<string, string>[] {
  const [head = '', ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/);
  const names = head.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
  });
}

/** What was recorded of another detector: its score of each row, and what each series was scored, by profile and threshold. */
export interface Recorded {
  readonly name: string;
  readonly anomalyScores: ReadonlyMap<string, readonly number[]>;
  readonly scored: readonly {
    readonly profile: string;
    readonly series: string;
    readonly threshold: number;
    readonly score: number;
    readonly counts: { readonly tp: number; readonly tn: number; readonly fp: number; readonly fn: number };
  }[];
}

export function readRecorded(folder: string): Recorded[] {
  const reference = join(folder, 'reference');
  if (!existsSync(reference)) return [];
  return readdirSync(reference, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => recordedIn(join(reference, name), name));
}

function recordedIn(folder: string, name: string): Recorded {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file));
  const isScores = (file: string) => file.endsWith('_scores.csv');
  const scores = files.filter((file) => file.endsWith('.csv') && !isScores(file));
  return {
    name,
    anomalyScores: new Map(
      scores.map((file) => [
        relative(folder, file),
        readCsv(file).map((row) => Number(row['anomaly_score'])),
      ]),
    ),
    scored: files.filter(isScores).flatMap((file) =>
      readCsv(file)
        .filter((row) => row['File'] !== 'Totals')
        .map((row) => ({
          profile: row['Profile'] ?? '',
          series: row['File'] ?? '',
          threshold: Number(row['Threshold']),
          score: Number(row['Score']),
          counts: {
            tp: Number(row['TP']),
            tn: Number(row['TN']),
            fp: Number(row['FP']),
            fn: Number(row['FN']),
          },
        })),
    ),
  };
}
