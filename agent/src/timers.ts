/** Timers as an argument, so that a test or a simulation runs a day in a moment. */

export interface Timer {
  cancel(): void;
}

export interface Timers {
  /** Runs `run` once, `delayMs` from now. */
  after(delayMs: number, run: () => void): Timer;
}

export const systemTimers: Timers = {
  after: (delayMs, run) => {
    const handle = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};
