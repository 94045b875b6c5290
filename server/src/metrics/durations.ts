/** How long something takes that is done again and again: all of them counted by size, the last ones by rank. */

/** Upper ends of what is counted together, in milliseconds; what takes longer than all of them is counted behind. */
export const DURATION_BOUNDS_MS = [
  1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000,
] as const;

/** The percentiles are of so many. */
const KEPT = 256;

export interface DurationFigures {
  /** For each bound how many took at most so long and longer than the bound before, then how many took longer than all. */
  readonly counts: readonly number[];
  readonly sumMs: number;
  /** 0 where nothing was measured, like those below. */
  readonly lastMs: number;
  readonly maxMs: number;
  /** Of the last ones. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

export class Durations {
  readonly #counts = Array.from({ length: DURATION_BOUNDS_MS.length + 1 }, () => 0);
  readonly #recent: number[] = [];
  #next = 0;
  #sumMs = 0;
  #lastMs = 0;
  #maxMs = 0;

  add(durationMs: number): void {
    const bound = DURATION_BOUNDS_MS.findIndex((boundMs) => durationMs <= boundMs);
    const place = bound === -1 ? DURATION_BOUNDS_MS.length : bound;
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    this.#sumMs += durationMs;
    this.#lastMs = durationMs;
    this.#maxMs = Math.max(this.#maxMs, durationMs);
    this.#recent[this.#next] = durationMs;
    this.#next = (this.#next + 1) % KEPT;
  }

  figures(): DurationFigures {
    const sorted = this.#recent.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
    return {
      counts: [...this.#counts],
      sumMs: this.#sumMs,
      lastMs: this.#lastMs,
      maxMs: this.#maxMs,
      p50Ms: at(0.5),
      p95Ms: at(0.95),
      p99Ms: at(0.99),
    };
  }
}

/** Of what is never done. */
export const NO_DURATION: DurationFigures = new Durations().figures();
