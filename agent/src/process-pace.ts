/**
 * How often all processes may be looked at. A list of 20,000 takes about a second of CPU, so at the interval of a live view the agent
 * would be the load, and its watchdog would end it. Time is an argument.
 */
import type { Millis } from '@muster/shared/time.ts';

/** Of one core, whoever asks for lists; a tenth of what the watchdog allows. */
export const PROCESS_LISTS_SHARE_MAX = 0.05;
/** Of the time of a helper, which answers other questions as well: part of what a list takes there is waiting. */
export const HELPER_LISTS_SHARE_MAX = 0.2;

export class ProcessPace {
  readonly #share: number;
  #dueAtMs: Millis = 0;

  /** `share`: of the time, that lists may take. */
  constructor(share: number) {
    this.#share = share;
  }

  /** Until the next list may be made; 0: now. */
  waitMs(nowMs: Millis): Millis {
    return Math.max(0, this.#dueAtMs - nowMs);
  }

  /** A list was made: by what it took, the next one has to wait. */
  made(fromMs: Millis, untilMs: Millis): void {
    this.#dueAtMs = Math.max(this.#dueAtMs, fromMs + (untilMs - fromMs) / this.#share);
  }
}
