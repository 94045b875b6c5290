/** The moments at which a value becomes another one. */
import type { Condition } from '@muster/shared/api/rules.ts';
import type { Millis } from '@muster/shared/time.ts';
import { BucketRing } from './bucket-ring.ts';
import type { Shown, Signal } from './signal.ts';

export type ChangeCondition = Extract<Condition, { type: 'change' }>;

const HISTORY_WINDOWS = 2;

/** 1 with the sample that is a change, 0 with the others. After a change only later values count: each is one change. */
export class ChangeSignal implements Signal {
  readonly historyMs: Millis;
  readonly historyStepMs = 0;
  readonly staleAtMs = Infinity;
  readonly #condition: ChangeCondition;
  readonly #lows: BucketRing;
  readonly #highs: BucketRing;
  #value: number | null = null;

  constructor(condition: ChangeCondition) {
    this.#condition = condition;
    this.#lows = new BucketRing(condition.overMs, 'min');
    this.#highs = new BucketRing(condition.overMs, 'max');
    this.historyMs = HISTORY_WINDOWS * condition.overMs;
  }

  take(atMs: Millis, value: number): number | null {
    if (Number.isNaN(value)) return null;
    this.#lows.dropBefore(atMs);
    this.#highs.dropBefore(atMs);
    const changed = this.#isChange(value);
    if (changed) {
      this.#lows.clear();
      this.#highs.clear();
    }
    this.#lows.push(atMs, value, 1);
    this.#highs.push(atMs, value, 1);
    this.#value = value;
    return changed ? 1 : 0;
  }

  feed(atMs: Millis, value: number): void {
    this.take(atMs, value);
  }

  dueMs(): Millis {
    return -Infinity;
  }

  shown(): Shown {
    return { value: this.#value, level: null, reasons: [] };
  }

  #isChange(value: number): boolean {
    if (this.#lows.size === 0) return false;
    let low = Infinity;
    let high = -Infinity;
    for (let i = 0; i < this.#lows.size; i++) low = Math.min(low, this.#lows.value(i));
    for (let i = 0; i < this.#highs.size; i++) high = Math.max(high, this.#highs.value(i));
    const { direction, atLeast } = this.#condition;
    const counts = (by: number) => by > 0 && by >= atLeast;
    return (direction !== 'down' && counts(value - low)) || (direction !== 'up' && counts(high - value));
  }
}
