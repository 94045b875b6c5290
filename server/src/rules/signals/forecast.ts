/** Time until a series reaches a level if it goes on as it did: looked at now and then, never with each sample. */
import type { Condition } from '@muster/shared/api/rules.ts';
import { MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import { durationWords } from '../../availability/words.ts';
import type { Point } from '../functions/points.ts';
import { timeToLevel, TREND_PARTS_MAX } from '../functions/time-to-level.ts';
import { BucketRing } from './bucket-ring.ts';
import type { Shown, Signal } from './signal.ts';

export type ForecastCondition = Extract<Condition, { type: 'forecast' }>;

/** A series is looked at once in this time, in longer windows once per bucket. */
export const FORECAST_EVERY_MS = 5 * MINUTE_MS;
/** A part of the past shows the rise of a sawtooth without its fall. */
const FILLED_SHARE = 0.9;
/** Less than this share of the growth that would be needed makes a look at the line superfluous. */
const GROWTH_WORTH_A_LOOK = 0.5;

/** Milliseconds left; 0 where the level is reached, Infinity where nothing leads there. */
export class ForecastSignal implements Signal {
  readonly historyMs: Millis;
  readonly historyStepMs: Millis;
  readonly staleAtMs = Infinity;
  readonly #condition: ForecastCondition;
  readonly #ring: BucketRing;
  readonly #everyMs: Millis;
  readonly #horizonMs: number;
  #lastMs: Millis = -Infinity;
  /** NaN: none yet. A field that may be null would make an object of each value. */
  #value = Number.NaN;
  #leftMs = Infinity;

  constructor(condition: ForecastCondition) {
    this.#condition = condition;
    this.#ring = new BucketRing(condition.overMs, 'sum', TREND_PARTS_MAX);
    this.#everyMs = Math.max(FORECAST_EVERY_MS, Math.ceil(condition.overMs / TREND_PARTS_MAX));
    this.#horizonMs = Math.max(...condition.levels.map(({ clearWithinMs }) => clearWithinMs));
    this.historyMs = condition.overMs + 2 * this.#everyMs;
    this.historyStepMs = Math.floor(condition.overMs / TREND_PARTS_MAX);
  }

  take(atMs: Millis, value: number): number | null {
    // The first sample of each turn, whoever listened to those before.
    const isDue = Math.floor(atMs / this.#everyMs) !== Math.floor(this.#lastMs / this.#everyMs);
    this.feed(atMs, value);
    if (!isDue || !Number.isFinite(value)) return null;
    this.#leftMs = this.#left(atMs, value);
    return this.#leftMs;
  }

  feed(atMs: Millis, value: number): void {
    if (!Number.isFinite(value)) return;
    this.#lastMs = atMs;
    this.#ring.push(atMs, value, 1);
    this.#value = value;
  }

  dueMs(): Millis {
    return (Math.floor(this.#lastMs / this.#everyMs) + 1) * this.#everyMs;
  }

  shown(): Shown {
    const { level } = this.#condition;
    return {
      value: Number.isNaN(this.#value) ? null : this.#value,
      level,
      reasons: leftReasons(this.#leftMs),
    };
  }

  #left(atMs: Millis, value: number): number {
    const { op, level } = this.#condition;
    if (op === 'above' ? value >= level : value < level) return 0;
    if (!this.#ring.isFilled(FILLED_SHARE) || !this.#growsEnough(value)) return Infinity;
    const points: Point[] = Array.from({ length: this.#ring.size }, (_, i) => ({
      atMs: this.#ring.ms(i),
      value: this.#ring.value(i) / this.#ring.weight(i),
    }));
    return timeToLevel({ points, nowMs: atMs, level, op })?.leftMs ?? Infinity;
  }

  /** A glance at both ends of the window: most series end here. */
  #growsEnough(value: number): boolean {
    const { level } = this.#condition;
    const first = this.#ring.value(0) / this.#ring.weight(0);
    const spanMs = this.#ring.ms(this.#ring.size - 1) - this.#ring.ms(0);
    const grown = Math.sign(level - value) * (value - first);
    return grown > 0 && grown / spanMs >= (GROWTH_WORTH_A_LOOK * Math.abs(level - value)) / this.#horizonMs;
  }
}

function leftReasons(leftMs: number): Shown['reasons'] {
  if (leftMs === 0) return [{ en: 'The level is reached already.', zh: '已达到该级别。' }];
  if (!Number.isFinite(leftMs)) return [];
  const left = durationWords(leftMs);
  return [
    {
      en: `If it goes on like this, the level is reached in about ${left.en}.`,
      zh: `照此趋势，约 ${left.zh}后将达到该级别。`,
    },
  ];
}
