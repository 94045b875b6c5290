/** Flapping: whether an alert changes so often that each change says nothing any more. Pure; thresholds and weights are Icinga's. */
import { MINUTE_MS, type Millis } from '@muster/shared/time.ts';

/** Moments that are remembered. */
export const FLAP_RING = 20;
/** A stretch as long as this without a change counts as one moment at which nothing changed. */
export const FLAP_QUIET_MS = 5 * MINUTE_MS;
/** Beyond the first it starts, at the second or below it stops; between them it stays as it is. */
export const FLAP_START_PERCENT = 30;
export const FLAP_STOP_PERCENT = 25;
/** After this long without a change nothing is left of what was remembered. */
export const FLAP_MEMORY_MS = FLAP_RING * FLAP_QUIET_MS;

const WEIGHT_OLDEST = 0.8;
const WEIGHT_STEP = 0.02;
const MASK = 2 ** FLAP_RING - 1;

/** The last moments of one alert key; plain data, stored with the alert. */
export interface FlapRing {
  /** 1: the state changed. The lowest bit is the newest moment. */
  readonly bits: number;
  /** Time of the newest moment. */
  readonly atMs: Millis;
  readonly flapping: boolean;
}

/** The weighted share of changes, in %. */
export function flapPercent(bits: number): number {
  let sum = 0;
  for (let age = 0; age < FLAP_RING; age++)
    if ((bits >>> age) & 1) sum += WEIGHT_OLDEST + WEIGHT_STEP * (FLAP_RING - 1 - age);
  return (sum / FLAP_RING) * 100;
}

/** The ring after the state changed. */
export function flapChanged(ring: FlapRing | null, atMs: Millis): FlapRing {
  const before = ring === null ? { bits: 0, atMs, flapping: false } : flapPassed(ring, atMs);
  return judged({ ...before, bits: ((before.bits << 1) | 1) & MASK, atMs: Math.max(before.atMs, atMs) });
}

/** The ring after nothing changed up to now; the same object when no moment has passed. */
export function flapPassed(ring: FlapRing, nowMs: Millis): FlapRing {
  const quiet = Math.floor((nowMs - ring.atMs) / FLAP_QUIET_MS);
  if (quiet <= 0) return ring;
  const bits = quiet >= FLAP_RING ? 0 : (ring.bits << quiet) & MASK;
  return judged({ ...ring, bits, atMs: ring.atMs + quiet * FLAP_QUIET_MS });
}

/** When the state changed last; where all that is remembered is quiet, the beginning of it. */
export function lastChangeMs({ bits, atMs }: FlapRing): Millis {
  const quiet = bits === 0 ? FLAP_RING : 31 - Math.clz32(bits & -bits);
  return atMs - quiet * FLAP_QUIET_MS;
}

export function flapCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

function judged(ring: FlapRing): FlapRing {
  const percent = flapPercent(ring.bits);
  if (percent > FLAP_START_PERCENT) return { ...ring, flapping: true };
  return percent <= FLAP_STOP_PERCENT ? { ...ring, flapping: false } : ring;
}
