/** A threshold tried on the stored history of one series: the would-be alerts, by the evaluation that is live. */
import type { Severity } from '@muster/shared/api/rules.ts';
import { isMetricName, metricDefinition } from '@muster/shared/metrics/catalogue.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Span } from '../availability/spans.ts';
import { flapChanged, flapPassed, type FlapRing } from '../correlation/flapping.ts';
import { REOPEN_MS } from './alert.ts';
import { evaluate, idleTracks, isBeyond, raisedOf } from './evaluate.ts';
import type { Track } from './evaluate.ts';
import { judgedOf, signalOf } from './judged.ts';
import type { SeriesCondition } from './judged.ts';
import type { ThresholdCondition } from './rule.ts';
import { coveredMs, type PointTimes } from './signals/covered.ts';
import type { Signal } from './signals/signal.ts';

/** A would-be alert of one series. */
export interface Stretch {
  /** The highest it would have had. */
  readonly severity: Severity;
  /** With the sample that completed the hold. */
  readonly fromMs: Millis;
  /** null: still open at the end. */
  readonly toMs: Millis | null;
  /** Times in between in which it would have been resolved, too short for another alert. */
  readonly pauses: readonly Span[];
  /** The value furthest beyond the level. */
  readonly worst: number;
}

/** How often a would-be alert has changed: one that flaps is the same alert until it is calm, as it is live. */
class Changes {
  readonly #planned: readonly Span[];
  #ring: FlapRing | null = null;

  constructor(planned: readonly Span[]) {
    this.#planned = planned;
  }

  note(atMs: Millis): void {
    const ring = flapChanged(this.#ring, atMs);
    // What changes while absence is planned is not told, so it does not flap.
    const isPlanned = this.#planned.some(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);
    this.#ring = isPlanned ? { ...ring, flapping: false } : ring;
  }

  /** Whether one that was over at `toMs` comes back at `atMs`; else another begins. */
  isAgain(toMs: Millis, atMs: Millis): boolean {
    if (atMs - toMs <= REOPEN_MS) return true;
    // Calm is noticed as time passes: at the latest just before what comes now. Time alone makes nothing flap.
    return this.#ring !== null && this.#ring.flapping && flapPassed(this.#ring, atMs - 1).flapping;
  }
}

/** Of alerts of one key, ascending: those hardly apart are one. `planned`: when its machine's absence was planned. */
export function reopened(
  found: readonly { readonly fromMs: Millis; readonly toMs: Millis | null }[],
  planned: readonly Span[],
): Pick<Stretch, 'fromMs' | 'toMs' | 'pauses'>[] {
  const all: { fromMs: Millis; toMs: Millis | null; pauses: Span[] }[] = [];
  const changes = new Changes(planned);
  for (const { fromMs, toMs } of found) {
    const last = all.at(-1);
    if (last && last.toMs !== null && changes.isAgain(last.toMs, fromMs)) {
      last.pauses.push({ fromMs: last.toMs, toMs: fromMs });
      last.toMs = toMs;
    } else all.push({ fromMs, toMs, pauses: [] });
    changes.note(fromMs);
    if (toMs !== null) changes.note(toMs);
  }
  return all;
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

interface TrialTimes {
  readonly stepMs: Millis;
  readonly gapMs: Millis;
  readonly intervalMs: Millis;
  /** When absence of the machine was planned. */
  readonly planned: readonly Span[];
}

export class Trial {
  readonly #condition: ThresholdCondition;
  readonly #worstIs: 'high' | 'low';
  /** As in live evaluation; null: each point is judged as it is. */
  readonly signal: Signal | null;
  readonly #stepMs: Millis;
  readonly #gapMs: Millis;
  readonly #idle: readonly Track[];
  readonly #firstLevel: number;
  readonly #stretches: Stretch[] = [];
  readonly #changes: Changes;
  #tracks: readonly Track[];
  #lastMs: Millis = -Infinity;
  readonly #times: PointTimes;
  #gapped = false;
  #worst: number;

  /** `stepMs`: width of a point, 0 for samples as they came. `gapMs`: a longer distance begins runs anew. */
  constructor(said: SeriesCondition, { stepMs, gapMs, intervalMs, planned }: TrialTimes) {
    this.#changes = new Changes(planned);
    const condition = judgedOf(said);
    this.signal = signalOf(said, intervalMs);
    this.#worstIs = worstOf(said);
    const isCounter = isMetricName(said.metric) && metricDefinition(said.metric).kind === 'counter';
    this.#times = { isCounter, stepMs, gapMs, intervalMs };
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

  /** Points in ascending order. One before `fromMs` only tells the signal what was. */
  take(point: TrialPoint, fromMs: Millis = -Infinity): void {
    const { atMs, value } = point;
    const beforeMs = this.#lastMs;
    const afterGap = atMs - beforeMs > this.#gapMs;
    const endMs = this.#stepMs === 0 ? atMs : atMs + this.#stepMs - 1;
    this.#lastMs = endMs;
    if (this.signal !== null) {
      this.#takeSignal(this.signal, point, {
        endMs,
        sinceMs: coveredMs(endMs - beforeMs, this.#times),
        afterGap: afterGap && beforeMs !== -Infinity,
        fromMs,
      });
      return;
    }
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
    return this.#worstIs === 'high' ? -Infinity : Infinity;
  }

  /** An average stands at the end of its bucket, when it was known. */
  #takeSignal(
    signal: Signal,
    point: TrialPoint,
    {
      endMs,
      sinceMs,
      afterGap,
      fromMs,
    }: { endMs: Millis; sinceMs: number; afterGap: boolean; fromMs: Millis },
  ): void {
    if (afterGap) this.#gapped = true;
    const judged = signal.take(endMs, point.value, sinceMs, afterGap);
    if (judged === null || endMs < fromMs) return;
    if (this.isIdle && !isBeyond(judged, this.#condition.op, this.#firstLevel)) {
      this.#gapped = false;
      return;
    }
    const shown = signal.shown(this.#firstLevel).value ?? point.value;
    this.#step({ ...point, value: judged, low: shown, high: shown }, endMs, this.#gapped);
    this.#gapped = false;
  }

  #step(point: TrialPoint, atMs: Millis, afterGap: boolean): void {
    const { value, floor } = point;
    const before = this.#tracks;
    const after = evaluate(this.#condition, before, { atMs, value, floor, fresh: true, afterGap });
    this.#tracks = after.every(({ phase }) => phase === 'idle') ? this.#idle : after;
    const isAbove = this.#worstIs === 'high';
    this.#worst = this.isIdle
      ? this.#best
      : isAbove
        ? Math.max(this.#worst, point.high)
        : Math.min(this.#worst, point.low);
    const was = raisedOf(this.#condition, before);
    const is = raisedOf(this.#condition, this.#tracks);
    if (is === null && was !== null) this.#close(atMs);
    else if (is !== null) this.#open(is.severity, was === null, atMs);
    if (is?.severity !== was?.severity) this.#changes.note(atMs);
  }

  #open(severity: Severity, isNew: boolean, atMs: Millis): void {
    const last = this.#stretches.at(-1);
    const worst = this.#worst;
    const goesOn =
      last !== undefined && (!isNew || (last.toMs !== null && this.#changes.isAgain(last.toMs, atMs)));
    if (!goesOn) {
      this.#stretches.push({ severity, fromMs: atMs, toMs: null, pauses: [], worst });
      return;
    }
    this.#stretches[this.#stretches.length - 1] = {
      severity: last.severity === 'critical' ? 'critical' : severity,
      fromMs: last.fromMs,
      toMs: null,
      pauses: last.toMs === null ? last.pauses : [...last.pauses, { fromMs: last.toMs, toMs: atMs }],
      worst: this.#worstIs === 'high' ? Math.max(last.worst, worst) : Math.min(last.worst, worst),
    };
  }

  #close(atMs: Millis): void {
    const last = this.#stretches.at(-1);
    if (last) this.#stretches[this.#stretches.length - 1] = { ...last, toMs: atMs };
  }
}

/** On which side of what people are shown the worst lies. */
function worstOf(said: SeriesCondition): 'high' | 'low' {
  switch (said.type) {
    case 'threshold':
    case 'forecast':
      return said.op === 'above' ? 'high' : 'low';
    case 'baseline':
    case 'change':
      return said.direction === 'below' || said.direction === 'down' ? 'low' : 'high';
    case 'anomaly':
      return 'high';
  }
}
