/**
 * How unusual the latest sample of one series is for that series: a streaming score from 0 to 1, one threshold for all series. Pure.
 *
 * A sample is unusual when two witnesses do not know it: the last hours (they know drift, and levels that have become normal) and the
 * same time of day of the last 15 days (it knows the daily rhythm and nightly jobs, and of each day of the week one that is past).
 * How far it lies beyond what either knows is its excess. That is judged twice:
 * against the largest excesses of the hours in memory, whose tail is taken as exponential (peaks over threshold: Pickands 1975; as a streaming
 * detector: Siffer et al., KDD 2017), so that what chance reaches in one hour a year scores the threshold on every series, quiet or noisy;
 * and against the range of the series, because what cannot be seen on its chart is no anomaly.
 *
 * The score tells beginnings: for `QUIET_MS` after an anomaly it stays just below the threshold while the new is learned. A rule keeps such an alarm
 * by its own keep time. Silent for the first `HOURS_MIN` hours with samples, after three hours without any, and at a time of day not seen before.
 *
 * Use: one detector per series; `add` each sample in order; alarm when the score reaches `ANOMALY_THRESHOLD`; store `state()` with the
 * rule's own state and hand it to `createAnomalyDetector` after a restart. Not for counters: give their rate. About 4 KB a series, below a
 * microsecond a sample and some ten once an hour. The score stays the same when all values are multiplied by one positive number, and
 * when they are shifted by one as long as their range is more than `FLAT_SHARE` of them.
 */
import { HOUR_MS, type Millis } from '@muster/shared/time.ts';

/** A score at or above this is an anomaly: the same for all series. */
export const ANOMALY_THRESHOLD = 0.5;

/** After an anomaly, none is told for so long. */
export const QUIET_MS = 6 * HOUR_MS;
/** Known hours before the first score: two days of a machine that is always on, but for a few hours. */
export const HOURS_MIN = 40;
/** Two weeks and a day, so that each day of the week has one of its kind in memory, with the hours beside. */
const MEMORY_HOURS = 15 * 24;
const DAY_HOURS = 24;
/** Long enough to have seen the noise of now, short enough to be surprised by a wrong rhythm. */
const RECENT_HOURS = 3;
/** Jobs start an hour early or late, and clocks change by one. */
const SAME_TIME_REACH_HOURS = 1;
/** The hours with the largest excesses make the tail. */
const TAIL_HOURS = 20;
/** Chance of one hour: once a year. */
const CHANCE = 1 / (365 * 24);
/** Of the series' range: less cannot be seen. */
const VISIBLE_SHARE = 0.1;
/** A range below this share of the values themselves is that of a flat line with rounding. */
export const FLAT_SHARE = 1e-3;
/** One or two samples beyond are an outlier, not to be learned; from the third on it is how things are. */
const OUTLIER_SAMPLES_MAX = 2;
/** Just below the threshold. */
const QUIET_SCORE = 0.49;
/** Values are remembered as 32-bit floats; beyond their range they are left aside. */
const VALUE_MAX = 1e37;

/** Plain JSON of some 6 KB; opaque. */
export interface AnomalyState {
  readonly version: 1;
  /** Null before the first sample. */
  readonly lastMs: Millis | null;
  readonly quietUntilMs: Millis;
  readonly hourExcess: number;
  readonly beyondRun: number;
  /** Highs, lows and excesses of the remembered hours: 32-bit floats in base64. */
  readonly memory: string;
}

export interface AnomalyDetector {
  /** The score of a sample, 0 to 1; 0 while still learning, for what is no number, and for samples that are not after the last one. */
  add(atMs: Millis, value: number): number;
  state(): AnomalyState;
}

/** A detector that has seen nothing, or one that goes on where `state` was taken. A state that cannot be read begins anew. */
export function createAnomalyDetector(state?: AnomalyState): AnomalyDetector {
  const memory = memoryFrom(state);
  return memory === null
    ? new Detector(new Float32Array(3 * MEMORY_HOURS).fill(NaN), undefined)
    : new Detector(memory, state);
}

/** What is known when an hour begins, besides the hour itself. */
interface Context {
  readonly recent: Range;
  readonly sameTime: Range;
  readonly all: Range;
  readonly hours: number;
  /** Excess that chance reaches in `CHANCE` of the hours. */
  readonly tail: number;
}
interface Range {
  readonly low: number;
  readonly high: number;
}
const NOTHING: Range = { low: Infinity, high: -Infinity };

class Detector implements AnomalyDetector {
  /** By hour since 1970, modulo the memory; NaN for hours without samples. */
  readonly #highs: Float32Array;
  readonly #lows: Float32Array;
  readonly #excesses: Float32Array;
  readonly #memory: Float32Array;
  #lastMs: Millis;
  #quietUntilMs: Millis;
  #hourExcess: number;
  #beyondRun: number;
  #context: Context;

  constructor(memory: Float32Array, state: AnomalyState | undefined) {
    this.#memory = memory;
    this.#highs = memory.subarray(0, MEMORY_HOURS);
    this.#lows = memory.subarray(MEMORY_HOURS, 2 * MEMORY_HOURS);
    this.#excesses = memory.subarray(2 * MEMORY_HOURS);
    this.#lastMs = state?.lastMs ?? -Infinity;
    this.#quietUntilMs = state?.quietUntilMs ?? 0;
    this.#hourExcess = state?.hourExcess ?? 0;
    this.#beyondRun = state?.beyondRun ?? 0;
    this.#context = this.#contextOf(hourOf(this.#lastMs));
  }

  add(atMs: Millis, value: number): number {
    if (!(Math.abs(value) < VALUE_MAX) || atMs <= this.#lastMs) return 0;
    const hour = hourOf(atMs);
    if (hour !== hourOf(this.#lastMs)) this.#open(hour);
    this.#lastMs = atMs;

    const { tail, hours } = this.#context;
    const excess = this.#excessOf(value, slotOf(hour));
    const evidence = hours < HOURS_MIN ? 0 : this.#evidenceOf(excess, value);
    const isBeyond = evidence >= 1;
    this.#beyondRun = isBeyond ? this.#beyondRun + 1 : 0;
    this.#hourExcess = Math.max(this.#hourExcess, isBeyond ? Math.min(excess, tail) : excess);
    this.#remember(value, slotOf(hour));

    const score = evidence === Infinity ? 1 : evidence / (1 + evidence);
    if (!isBeyond) return score;
    if (atMs < this.#quietUntilMs) return QUIET_SCORE;
    this.#quietUntilMs = atMs + QUIET_MS;
    return score;
  }

  state(): AnomalyState {
    const { buffer, byteOffset, byteLength } = this.#memory;
    return {
      version: 1,
      lastMs: Number.isFinite(this.#lastMs) ? this.#lastMs : null,
      quietUntilMs: this.#quietUntilMs,
      hourExcess: this.#hourExcess,
      beyondRun: this.#beyondRun,
      memory: Buffer.from(buffer, byteOffset, byteLength).toString('base64'),
    };
  }

  /** Closes the last hour, forgets those that have come round, and looks at what is known. */
  #open(hour: number): void {
    const last = hourOf(this.#lastMs);
    if (Number.isFinite(last)) this.#excesses[slotOf(last)] = this.#hourExcess;
    for (let gone = Math.max(last + 1, hour - MEMORY_HOURS + 1); gone <= hour; gone += 1) {
      this.#highs[slotOf(gone)] = NaN;
      this.#lows[slotOf(gone)] = NaN;
      this.#excesses[slotOf(gone)] = NaN;
    }
    this.#hourExcess = 0;
    this.#context = this.#contextOf(hour);
  }

  #contextOf(hour: number): Context {
    if (!Number.isFinite(hour))
      return { recent: NOTHING, sameTime: NOTHING, all: NOTHING, hours: 0, tail: 0 };
    const excesses: number[] = [];
    let [recent, sameTime, all] = [NOTHING, NOTHING, NOTHING];
    for (let back = 1; back < MEMORY_HOURS; back += 1) {
      const slot = slotOf(hour - back);
      const [low, high] = [this.#lows[slot] ?? NaN, this.#highs[slot] ?? NaN];
      if (Number.isNaN(high)) continue;
      excesses.push(this.#excesses[slot] ?? 0);
      all = widened(all, low, high);
      if (back <= RECENT_HOURS) recent = widened(recent, low, high);
      if (isSameTime(back)) sameTime = widened(sameTime, low, high);
    }
    return { recent, sameTime, all, hours: excesses.length, tail: tailOf(excesses) };
  }

  /** How far a value lies beyond what the last hours know, and beyond what the time of day knows: the lesser of the two. */
  #excessOf(value: number, slot: number): number {
    const { recent, sameTime } = this.#context;
    if (recent === NOTHING || sameTime === NOTHING) return 0;
    const [low, high] = [this.#lows[slot] ?? NaN, this.#highs[slot] ?? NaN];
    const known = Math.min(beyond(value, recent), beyond(value, sameTime));
    // The hour itself counts as recent.
    return Number.isNaN(high) ? known : Math.min(known, beyond(value, widened(recent, low, high)));
  }

  /** 1 where the excess is both visible and beyond chance; larger is clearer. */
  #evidenceOf(excess: number, value: number): number {
    const { all, tail } = this.#context;
    const magnitude = Math.max(Math.abs(all.low), Math.abs(all.high), Math.abs(value));
    const visible = VISIBLE_SHARE * Math.max(all.high - all.low, FLAT_SHARE * magnitude);
    if (!(excess > 0)) return 0;
    return Math.min(excess / visible, tail > 0 ? excess / tail : Infinity);
  }

  /** An outlier widens what is known by no more than chance would. */
  #remember(value: number, slot: number): void {
    const { recent, sameTime, tail } = this.#context;
    const isOutlier = this.#beyondRun > 0 && this.#beyondRun <= OUTLIER_SAMPLES_MAX;
    const known = isOutlier
      ? Math.min(
          Math.max(value, Math.min(recent.low, sameTime.low) - tail),
          Math.max(recent.high, sameTime.high) + tail,
        )
      : value;
    this.#highs[slot] = larger(this.#highs[slot], known);
    this.#lows[slot] = -larger(negative(this.#lows[slot]), -known);
  }
}

function hourOf(atMs: Millis): number {
  return Math.floor(atMs / HOUR_MS);
}

function slotOf(hour: number): number {
  return ((hour % MEMORY_HOURS) + MEMORY_HOURS) % MEMORY_HOURS;
}

/** The same time of an earlier day, or an hour beside it. */
function isSameTime(back: number): boolean {
  const off = back % DAY_HOURS;
  const isNear = off <= SAME_TIME_REACH_HOURS || off >= DAY_HOURS - SAME_TIME_REACH_HOURS;
  return isNear && back >= DAY_HOURS - SAME_TIME_REACH_HOURS;
}

/** Where the tail of the largest excesses reaches its chance of an hour: an exponential tail above the least of them. */
function tailOf(excesses: readonly number[]): number {
  const largest = excesses.toSorted((a, b) => b - a).slice(0, TAIL_HOURS);
  const base = largest.at(-1);
  if (base === undefined || largest.length < 2) return 0;
  const mean = largest.reduce((sum, excess) => sum + excess - base, 0) / (largest.length - 1);
  return base + mean * Math.log(largest.length / (excesses.length * CHANCE));
}

function beyond(value: number, { low, high }: Range): number {
  return Math.max(value - high, low - value, 0);
}

function widened(range: Range, low: number, high: number): Range {
  return { low: Math.min(range.low, low), high: Math.max(range.high, high) };
}

/** The larger of what is remembered, if anything is, and a value. */
function larger(remembered: number | undefined, value: number): number {
  return remembered === undefined || Number.isNaN(remembered) || remembered < value ? value : remembered;
}

function negative(remembered: number | undefined): number | undefined {
  return remembered === undefined ? undefined : -remembered;
}

/** Null without a state, or with one that has not the memory of this detector. */
function memoryFrom(state: AnomalyState | undefined): Float32Array | null {
  if (state === undefined) return null;
  // Copied, so that it starts at a border of four bytes.
  const bytes = Uint8Array.from(Buffer.from(state.memory, 'base64'));
  const isWhole = bytes.byteLength === 3 * MEMORY_HOURS * Float32Array.BYTES_PER_ELEMENT;
  return isWhole ? new Float32Array(bytes.buffer) : null;
}
