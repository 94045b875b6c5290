/** Tells a clock that was set and a machine that slept from time that simply passed. */
import type { Millis } from '@muster/shared/time.ts';

/** The same moment on three clocks. */
export interface ClockReading {
  readonly wallMs: Millis;
  /** Since boot, with the time the machine slept (CLOCK_BOOTTIME, /proc/uptime). */
  readonly sinceBootMs: Millis;
  /** Without it (CLOCK_MONOTONIC). */
  readonly awakeMs: Millis;
}

export interface ClockChange {
  /** How far the wall clock was set, 0 when it was not. */
  readonly steppedMs: Millis;
  /** How long the machine slept, 0 when it did not. */
  readonly sleptMs: Millis;
}

/** Smaller jumps are what time servers do all day, and what reading two clocks one after the other costs. */
export const STEP_MS_MIN = 2_000;
export const SLEEP_MS_MIN = 5_000;

export class ClockWatch {
  #last: ClockReading;

  constructor(reading: ClockReading) {
    this.#last = reading;
  }

  /** What happened since the last look. Slow drift counts as nothing however far it leads. */
  look(reading: ClockReading): ClockChange {
    const last = this.#last;
    this.#last = reading;
    const sinceBootMs = reading.sinceBootMs - last.sinceBootMs;
    const steppedMs = Math.round(reading.wallMs - last.wallMs - sinceBootMs);
    const sleptMs = Math.round(sinceBootMs - (reading.awakeMs - last.awakeMs));
    return {
      steppedMs: Math.abs(steppedMs) >= STEP_MS_MIN ? steppedMs : 0,
      sleptMs: sleptMs >= SLEEP_MS_MIN ? sleptMs : 0,
    };
  }
}
