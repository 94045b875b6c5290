/** A threshold tried on the stored history of one series: the would-be alerts, by the evaluation that is live. */
import type { Severity } from '@muster/shared/api/rules.ts';
import type { Millis } from '@muster/shared/time.ts';
import { REOPEN_MS } from './alert.ts';
import { evaluate, idleTracks, isBeyond, raisedOf } from './evaluate.ts';
import type { Track } from './evaluate.ts';
import type { ThresholdCondition } from './rule.ts';

/** A would-be alert of one series. */
export interface Stretch {
  /** The highest it would have had. */
  readonly severity: Severity;
  /** With the sample that completed the hold. */
  readonly fromMs: Millis;
  /** null: still open at the end. */
  readonly toMs: Millis | null;
  /** The value furthest beyond the level. */
  readonly worst: number;
}

export interface TrialPoint {
  /** Begin of the bucket, or time of the sample. */
  readonly atMs: Millis;
  readonly value: number;
  /** Lowest and highest sample of the bucket. */
  readonly low: number;
  readonly high: number;
  /** Latest value of the floor's series; null where there is none that is recent. */
  readonly floor: number | null;
}

export class Trial {
  readonly #condition: ThresholdCondition;
  readonly #stepMs: Millis;
  readonly #gapMs: Millis;
  readonly #idle: readonly Track[];
  readonly #firstLevel: number;
  readonly #stretches: Stretch[] = [];
  #tracks: readonly Track[];
  #lastMs: Millis = -Infinity;
  #worst: number;

  /** `stepMs`: width of a point, 0 for samples as they came. `gapMs`: a longer distance begins runs anew. */
  constructor(condition: ThresholdCondition, { stepMs, gapMs }: { stepMs: Millis; gapMs: Millis }) {
    const levels = condition.levels.map(({ level }) => level);
    this.#condition = condition;
    this.#stepMs = stepMs;
    this.#gapMs = gapMs;
    this.#idle = idleTracks(condition);
    this.#tracks = this.#idle;
    this.#firstLevel = condition.op === 'above' ? Math.min(...levels) : Math.max(...levels);
    this.#worst = this.#best;
  }

  /** Nothing is pending and nothing raised: a stretch without any breach need not be shown to it. */
  get isIdle(): boolean {
    return this.#tracks === this.#idle;
  }

  get lastMs(): Millis {
    return this.#lastMs;
  }

  /** Points in ascending order. */
  take(point: TrialPoint): void {
    const { atMs, value } = point;
    const afterGap = atMs - this.#lastMs > this.#gapMs;
    const endMs = this.#stepMs === 0 ? atMs : atMs + this.#stepMs - 1;
    this.#lastMs = endMs;
    if (this.isIdle && !isBeyond(value, this.#condition.op, this.#firstLevel)) return;
    this.#step(point, atMs, afterGap);
    // A bucket speaks for all of its time, so that a hold shorter than it can pass within it.
    if (endMs > atMs && !this.isIdle) this.#step(point, endMs, false);
  }

  /** `isGone`: the series ended although its machine went on reporting; what is raised ends with it. */
  end(isGone: boolean): readonly Stretch[] {
    const last = this.#stretches.at(-1);
    if (isGone && last?.toMs === null)
      this.#stretches[this.#stretches.length - 1] = { ...last, toMs: this.#lastMs };
    return this.#stretches;
  }

  get #best(): number {
    return this.#condition.op === 'above' ? -Infinity : Infinity;
  }

  #step(point: TrialPoint, atMs: Millis, afterGap: boolean): void {
    const { value, floor } = point;
    const before = this.#tracks;
    const after = evaluate(this.#condition, before, { atMs, value, floor, fresh: true, afterGap });
    this.#tracks = after.every(({ phase }) => phase === 'idle') ? this.#idle : after;
    const isAbove = this.#condition.op === 'above';
    this.#worst = this.isIdle
      ? this.#best
      : isAbove
        ? Math.max(this.#worst, point.high)
        : Math.min(this.#worst, point.low);
    const was = raisedOf(this.#condition, before);
    const is = raisedOf(this.#condition, this.#tracks);
    if (is === null && was !== null) this.#close(atMs);
    else if (is !== null) this.#open(is.severity, was === null, atMs);
  }

  #open(severity: Severity, isNew: boolean, atMs: Millis): void {
    const last = this.#stretches.at(-1);
    const worst = this.#worst;
    const goesOn = last !== undefined && (!isNew || (last.toMs !== null && atMs - last.toMs <= REOPEN_MS));
    if (!goesOn) {
      this.#stretches.push({ severity, fromMs: atMs, toMs: null, worst });
      return;
    }
    this.#stretches[this.#stretches.length - 1] = {
      severity: last.severity === 'critical' ? 'critical' : severity,
      fromMs: last.fromMs,
      toMs: null,
      worst: this.#condition.op === 'above' ? Math.max(last.worst, worst) : Math.min(last.worst, worst),
    };
  }

  #close(atMs: Millis): void {
    const last = this.#stretches.at(-1);
    if (last) this.#stretches[this.#stretches.length - 1] = { ...last, toMs: atMs };
  }
}
