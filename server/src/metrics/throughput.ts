/** How many samples a second took effect, over the last minute. */
import { SECOND_MS, type Millis } from '@muster/shared/time.ts';

const WINDOW_SECONDS = 60;

export class Throughput {
  readonly #counts = new Float64Array(WINDOW_SECONDS);
  readonly #seconds = new Float64Array(WINDOW_SECONDS).fill(-1);

  add(nowMs: Millis, count: number): void {
    const second = Math.floor(nowMs / SECOND_MS);
    const slot = second % WINDOW_SECONDS;
    if (this.#seconds[slot] !== second) {
      this.#seconds[slot] = second;
      this.#counts[slot] = 0;
    }
    this.#counts[slot] = (this.#counts[slot] as number) + count;
  }

  perSecond(nowMs: Millis): number {
    const second = Math.floor(nowMs / SECOND_MS);
    let sum = 0;
    for (let slot = 0; slot < WINDOW_SECONDS; slot++) {
      const age = second - (this.#seconds[slot] as number);
      if (age >= 0 && age < WINDOW_SECONDS) sum += this.#counts[slot] as number;
    }
    return sum / WINDOW_SECONDS;
  }
}
