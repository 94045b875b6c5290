/** How fast an agent loads a release, so that those of one site leave room on its line. Pure: the caller tells the time, and waits. */
import type { Millis } from '@muster/shared/time.ts';

/** Of one agent. With the 5 that are under way on a site by default: 2.5 MiB/s, or 21 Mbit/s. */
export const DOWNLOAD_BYTES_PER_SECOND_MAX = 512 << 10;

export class DownloadPace {
  readonly #bytesPerSecond: number;
  #freeAtMs = Number.NEGATIVE_INFINITY;

  constructor(bytesPerSecond: number = DOWNLOAD_BYTES_PER_SECOND_MAX) {
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** @returns how long to wait until these bytes are paid for. Time in which nothing came is not made up for: no burst follows it. */
  take(bytes: number, elapsedMs: Millis): Millis {
    this.#freeAtMs = Math.max(this.#freeAtMs, elapsedMs) + (bytes / this.#bytesPerSecond) * 1_000;
    return this.#freeAtMs - elapsedMs;
  }
}
