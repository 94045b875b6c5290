/** Where the points of a series stop: by the rhythm that they have there, for an agent may be told another interval. Pure. */
import { MINUTE_MS, type Millis } from '@muster/shared/time.ts';

/** More steps than this between two points are a gap. */
export const GAP_STEPS = 2.5;

/** The longest interval that an agent can be told; points farther apart have no rhythm. */
export const RHYTHM_MS_MAX = 5 * MINUTE_MS;
/** Distances that are looked at on either side. */
const BESIDE = 3;
/** One distance by itself may be a pause. */
const BESIDE_MIN = 2;

/**
 * Whether a pause is one: longer than what the points before it or after it are used to.
 *
 * @param index of the point after the pause; 0 before the first, `times.length` after the last
 * @param stepMs distance of the points where they say nothing else, and the least
 */
export function isPause(times: ArrayLike<Millis>, index: number, lengthMs: number, stepMs: number): boolean {
  if (lengthMs <= GAP_STEPS * stepMs) return false;
  const rhythmMs = Math.max(
    rhythmOf(times, index - 1 - BESIDE, index - 1),
    rhythmOf(times, index, index + BESIDE),
  );
  return lengthMs > GAP_STEPS * rhythmMs;
}

/** Distance of the newest points, and the least where they are closer. */
export function newestStep(times: ArrayLike<Millis>, stepMs: number): number {
  return Math.max(stepMs, rhythmOf(times, times.length - 1 - BESIDE, times.length - 1));
}

/** The usual distance of the points from `first` to `last`; 0: none. */
function rhythmOf(times: ArrayLike<Millis>, first: number, last: number): number {
  const distances: number[] = [];
  for (let index = Math.max(1, first + 1); index <= Math.min(last, times.length - 1); index++)
    distances.push((times[index] ?? 0) - (times[index - 1] ?? 0));
  if (distances.length < BESIDE_MIN) return 0;
  const [usual = 0] = distances.sort((a, b) => a - b).slice((distances.length - 1) >> 1);
  return usual <= RHYTHM_MS_MAX ? usual : 0;
}
