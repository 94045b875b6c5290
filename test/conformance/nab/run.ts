/** Our anomaly detector, with its one threshold, over a collection of NAB's layout, beside what was recorded of other detectors there. */
import { join } from 'node:path';
import { ANOMALY_THRESHOLD, createAnomalyDetector } from '@muster/server/rules/functions/anomaly.ts';
import { normalised, type Profile, probationOf, type Scored, scoreSeries } from './scoring.ts';
import { type Collection, type Recorded, readCollection, readRecorded, type Series } from './series.ts';

const STANDARD = 'standard';
const WEEK_MS = 7 * 86_400_000;

export interface NabResult {
  readonly detector: string;
  /** Normalised score by profile. */
  readonly scores: Readonly<Record<string, number>>;
  readonly found: number;
  readonly windows: number;
  readonly falseAlarms: number;
  /** Per series and week of time outside the windows, after the probationary period. */
  readonly falseAlarmsPerWeek: number;
  /** By the standard profile. */
  readonly bySeries: Readonly<Record<string, Scored>>;
}
export interface NabReport {
  readonly ours: NabResult;
  readonly recorded: readonly NabResult[];
  /** Largest difference between a recorded raw score and ours of the same detections; null without recordings. */
  readonly reproducedTo: number | null;
}

/** Null when the collection is not there. */
export function runNab(testdata: string): NabReport | null {
  const folder = join(testdata, 'nab');
  const collection = readCollection(folder);
  if (collection === null) return null;
  const recorded = readRecorded(folder);
  const ours = new Map(collection.series.map((series) => [series.name, detect(series)]));
  return {
    ours: resultOf('muster', collection, ours, () => ANOMALY_THRESHOLD),
    recorded: recorded
      .filter(({ anomalyScores }) => collection.series.every(({ name }) => anomalyScores.has(name)))
      .map((one) =>
        resultOf(one.name, collection, one.anomalyScores, (profile) => thresholdOf(one, profile)),
      ),
    reproducedTo:
      recorded.length === 0 ? null : Math.max(...recorded.map((one) => worstDifference(one, collection))),
  };
}

/** The score of each row by a detector that sees one row after the other. */
export function detect({ rows }: Series): number[] {
  const detector = createAnomalyDetector();
  return rows.map(({ atMs, value }) => detector.add(atMs, value));
}

function thresholdOf({ scored }: Recorded, profile: string): number {
  return (scored.find((row) => row.profile === profile) ?? scored[0])?.threshold ?? 1;
}

function resultOf(
  detector: string,
  { series, profiles }: Collection,
  scores: ReadonlyMap<string, readonly number[]>,
  threshold: (profile: string) => number,
): NabResult {
  const scoredBy = (name: string, profile: Profile) =>
    series.map((one) => scoreSeries(scores.get(one.name) ?? [], one.windows, threshold(name), profile));
  const standard = profiles[STANDARD] ?? { tpWeight: 1, fpWeight: 0.11, fnWeight: 1 };
  const scored = scoredBy(STANDARD, standard);
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const falseAlarms = sum(scored.map((one) => one.falseAlarms));
  return {
    detector,
    scores: Object.fromEntries(
      Object.entries(profiles).map(([name, profile]) => {
        const all = scoredBy(name, profile);
        const windows = sum(all.map((one) => one.windows));
        return [name, normalised(sum(all.map(({ score }) => score)), windows, profile)];
      }),
    ),
    found: sum(scored.map(({ found }) => found)),
    windows: sum(scored.map(({ windows }) => windows)),
    falseAlarms,
    falseAlarmsPerWeek: falseAlarms / sum(series.map(weeksOutside)),
    bySeries: Object.fromEntries(series.map(({ name }, i) => [name, scored[i] as Scored])),
  };
}

function weeksOutside({ rows, windows }: Series): number {
  const at = (i: number) => rows[i]?.atMs ?? 0;
  const first = probationOf(rows.length);
  const inside = windows.reduce(
    (sum, window) => sum + Math.max(0, at(window.last) - at(Math.max(first, window.first))),
    0,
  );
  return (at(rows.length - 1) - at(Math.ceil(first)) - inside) / WEEK_MS;
}

function worstDifference({ scored, anomalyScores }: Recorded, { series, profiles }: Collection): number {
  const differences = scored.map((row) => {
    const one = series.find(({ name }) => name === row.series);
    const scores = anomalyScores.get(row.series);
    const profile = profiles[row.profile];
    if (one === undefined || scores === undefined || profile === undefined) return 0;
    return Math.abs(scoreSeries(scores, one.windows, row.threshold, profile).score - row.score);
  });
  return Math.max(0, ...differences);
}

/** A line for each series, then one for each detector. */
export function nabTable({ ours, recorded, reproducedTo }: NabReport): string {
  const width = Math.max(...Object.keys(ours.bySeries).map((name) => name.length), 20) + 2;
  const lines = Object.entries(ours.bySeries).map(
    ([name, { score, found, windows, falseAlarms }]) =>
      `${name.padEnd(width)}${score.toFixed(2).padStart(7)}  found ${found}/${windows}  false ${falseAlarms}`,
  );
  const totals = [ours, ...recorded].map(
    ({ detector, scores, found, windows, falseAlarmsPerWeek }) =>
      `${detector.padEnd(width)}${Object.entries(scores)
        .map(([profile, score]) => `${profile} ${score.toFixed(1)}`)
        .join('  ')}  found ${found}/${windows}  false per week ${falseAlarmsPerWeek.toFixed(3)}`,
  );
  const reproduced =
    reproducedTo === null ? [] : [`recorded scores are reproduced to ${reproducedTo.toExponential(1)}`];
  return [...lines, '', ...totals, ...reproduced].join('\n');
}
