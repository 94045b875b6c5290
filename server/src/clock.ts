/** The one place where the server asks what time it is. Everything below gets the time as an argument. */
import type { Millis } from '@muster/shared/time.ts';

export interface Clock {
  /** Wall clock. */
  now(): Millis;
  /** Never goes back; only differences mean anything. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
};
