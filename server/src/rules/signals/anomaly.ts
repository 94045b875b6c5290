/** How unlike its own past a series behaves, by averages of five minutes. */
import { DAY_MS, MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import { createAnomalyDetector, type AnomalyDetector } from '../functions/anomaly.ts';
import type { Shown, Signal } from './signal.ts';

/** The detector gets one value in this time. */
export const ANOMALY_STEP_MS = 5 * MINUTE_MS;
/** What it has learned from after a restart. */
export const ANOMALY_HISTORY_MS = 14 * DAY_MS;

/** The score, each time that a step is complete. */
export class AnomalySignal implements Signal {
  readonly historyMs = ANOMALY_HISTORY_MS;
  readonly historyStepMs = ANOMALY_STEP_MS;
  readonly staleAtMs = Infinity;
  readonly #detector: AnomalyDetector = createAnomalyDetector();
  #step = -Infinity;
  #total = 0;
  #count = 0;
  #value: number | null = null;
  #score = 0;

  take(atMs: Millis, value: number): number | null {
    if (!Number.isFinite(value)) return null;
    this.#value = value;
    const step = Math.floor(atMs / ANOMALY_STEP_MS);
    const isComplete = step !== this.#step && this.#count > 0;
    if (isComplete) {
      const atStepMs = (this.#step + 1) * ANOMALY_STEP_MS;
      this.#score = this.#detector.add(atStepMs, this.#total / this.#count);
    }
    if (step !== this.#step) {
      this.#step = step;
      this.#total = 0;
      this.#count = 0;
    }
    this.#total += value;
    this.#count += 1;
    return isComplete ? this.#score : null;
  }

  feed(atMs: Millis, value: number): void {
    this.take(atMs, value);
  }

  dueMs(): Millis {
    return (this.#step + 1) * ANOMALY_STEP_MS;
  }

  shown(): Shown {
    const score = this.#score.toFixed(2);
    return {
      value: this.#value,
      level: null,
      reasons: [
        {
          en: `Its score of strangeness is ${score}; 0 is as ever, 1 was never seen.`,
          zh: `异常评分为 ${score}（0 表示与以往一致，1 表示从未出现过）。`,
        },
      ],
    };
  }
}
