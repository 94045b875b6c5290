/** What stands between a series and the levels of a rule: samples go in, values that can be judged come out. */
import type { Words } from '@muster/shared/api/incidents.ts';
import type { Millis } from '@muster/shared/time.ts';

/**
 * One per rule and series. Fed in order of time, in live evaluation, after a restart and in a back-test alike, so that
 * the same samples give the same values wherever somebody begins.
 */
export interface Signal {
  /** How far back it must be fed so that it knows all it would know had it always listened. */
  readonly historyMs: Millis;
  /** Narrowest points that matter to it; 0: samples as they came. */
  readonly historyStepMs: Millis;
  /** From this time on what it has been told beside the samples is old. */
  readonly staleAtMs: Millis;
  /**
   * The next sample: a gauge's value, a counter's rate over the last `sinceMs` (NaN where there is no sample before).
   * `afterGap`: nothing is known of the time before. The value to hold against the levels; null: not now, or not enough is known.
   */
  take(atMs: Millis, value: number, sinceMs: number, afterGap: boolean): number | null;
  /** The same without an answer, and cheaper where possible. */
  feed(atMs: Millis, value: number, sinceMs: number, afterGap: boolean): void;
  /**
   * Samples before this time need only be fed, unless they are remarkable (quiet.ts): nothing that is beyond a level would
   * come of them. -Infinity: the next one counts.
   */
  dueMs(): Millis;
  /** What people are shown of the value taken last: in the metric's unit, with the level that counted, and why. */
  shown(level: number): Shown;
}

export interface Shown {
  readonly value: number | null;
  readonly level: number | null;
  /** What the numbers alone do not say. */
  readonly reasons: readonly Words[];
}
