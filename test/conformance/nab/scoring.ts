/**
 * How the Numenta Anomaly Benchmark scores a detector: early detections within a labelled window earn, detections elsewhere cost.
 * Source: A. Lavin, S. Ahmad: Evaluating Real-time Anomaly Detection Algorithms – the Numenta Anomaly Benchmark, ICMLA 2015.
 */
import type { LabelledWindow } from './series.ts';

export interface Profile {
  readonly tpWeight: number;
  readonly fpWeight: number;
  readonly fnWeight: number;
}
export interface Scored {
  readonly score: number;
  /** Rows, after the probationary period. */
  readonly counts: { readonly tp: number; readonly tn: number; readonly fp: number; readonly fn: number };
  /** Windows with at least one detection. */
  readonly found: number;
  readonly windows: number;
  /** Rows outside all windows at which detections begin: what a person would call one false alarm. */
  readonly falseAlarms: number;
}

const PROBATION_SHARE = 0.15;
const PROBATION_OF_ROWS_MAX = 5_000;
/** A false detection this many windows behind the last one, or before the first, costs all of its weight. */
const FAR = 3;
const STEEPNESS = 5;

/** Rows at the beginning that are not scored: 15 %, at most 750. */
export function probationOf(rows: number): number {
  return Math.min(Math.floor(PROBATION_SHARE * rows), PROBATION_SHARE * PROBATION_OF_ROWS_MAX);
}

/** The raw score of one series: rows at or above `threshold` are detections. */
export function scoreSeries(
  anomalyScores: readonly number[],
  windows: readonly LabelledWindow[],
  threshold: number,
  profile: Profile,
): Scored {
  const probation = probationOf(anomalyScores.length);
  const sorted = windows.toSorted((a, b) => a.first - b.first);
  const scorable = sorted.filter(({ last }) => last >= probation);
  const best = new Map(scorable.map((window) => [window, -profile.fnWeight]));
  const counts = { tp: 0, tn: 0, fp: 0, fn: 0 };
  let falseCost = 0;
  let falseAlarms = 0;
  let wasFalse = false;
  for (const [i, anomaly] of anomalyScores.entries()) {
    if (i < probation) continue;
    const window = sorted.find(({ first, last }) => first <= i && i <= last);
    const isDetected = anomaly >= threshold;
    const isFalse = isDetected && window === undefined;
    if (isFalse && !wasFalse) falseAlarms += 1;
    wasFalse = isFalse;
    counts[window === undefined ? (isDetected ? 'fp' : 'tn') : isDetected ? 'tp' : 'fn'] += 1;
    if (!isDetected) continue;
    if (window === undefined) falseCost += profile.fpWeight * behind(i, sorted);
    else best.set(window, Math.max(best.get(window) ?? -Infinity, profile.tpWeight * within(i, window)));
  }
  const earned = [...best.values()].reduce((a, b) => a + b, 0);
  return {
    score: earned + falseCost,
    counts,
    found: [...best.values()].filter((value) => value > -profile.fnWeight).length,
    windows: best.size,
    falseAlarms,
  };
}

/** The sum of raw scores on a scale where a detector that says nothing has 0 and a perfect one 100. */
export function normalised(rawSum: number, windows: number, { tpWeight, fnWeight }: Profile): number {
  const nothing = -fnWeight * windows;
  const perfect = tpWeight * windows;
  return (100 * (rawSum - nothing)) / (perfect - nothing);
}

/** 1 at the first row of the window, towards 0 at its last. */
function within(i: number, { first, last }: LabelledWindow): number {
  const width = last - first + 1;
  return sigmoid(-(last - i + 1) / width) / sigmoid(-1);
}

/** 0 right behind a window, −1 far from it. */
function behind(i: number, windows: readonly LabelledWindow[]): number {
  const before = windows.findLast(({ last }) => last < i);
  if (before === undefined) return sigmoid(FAR);
  return sigmoid((i - before.last) / (before.last - before.first));
}

/** From 1 (far left) by 0 (at 0) to −1 (far right). */
function sigmoid(position: number): number {
  return position >= FAR ? -1 : 2 / (1 + Math.exp(STEEPNESS * position)) - 1;
}
