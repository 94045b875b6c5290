/** The last durations of something that is done again and again, and their percentiles. */

const KEPT = 256;

export class RecentTimes {
  readonly #times: number[] = [];
  #next = 0;

  add(durationMs: number): void {
    this.#times[this.#next] = durationMs;
    this.#next = (this.#next + 1) % KEPT;
  }

  /** `share` from 0 to 1; 0 where nothing was measured. */
  percentile(share: number): number {
    const sorted = this.#times.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  }
}
