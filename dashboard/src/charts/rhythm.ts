/**
 * Where the points of a series stop: by the rhythm that they have there, and by the interval that the agent was told then, never by the
 * present one. Pure.
 */
import { MINUTE_MS, type Millis } from '@muster/shared/time.ts';

/** More steps than this between two points are a gap. */
export const GAP_STEPS = 2.5;

/** The longest interval that an agent can be told; points farther apart have no rhythm. */
export const RHYTHM_MS_MAX = 5 * MINUTE_MS;
/** A rate needs two readings at a new, longer interval before it is one again (rates.ts of the server). */
const SLOWED_STEPS = 1;
/** Distances that are looked at on either side. */
const BESIDE = 3;
/** One distance by itself may be a pause. */
const BESIDE_MIN = 2;

/** How often the agent was told to read samples from then on, until the next of a list. */
export interface ToldInterval {
  /** -Infinity: always before. */
  readonly sinceMs: Millis;
  readonly intervalMs: number;
}

export interface Pace {
  /** Distance of the points, and the least where they are farther apart. */
  readonly stepMs: number;
  /** In order of time. */
  readonly told?: readonly ToldInterval[] | undefined;
  /** The points are rates of a counter. */
  readonly isRate?: boolean | undefined;
}

/**
 * Whether a pause is one. It is longer than 2.5 steps, than 2.5 times what the points before it and after it are used to, and, where it
 * is known what the agent was told meanwhile, than 2.5 readings that it owed: each part of the pause counts by the interval of that part.
 * So 35 s of an agent told 30 s are none and 35 s of one told 5 s are one, also right before and after it was told another interval.
 * Of rates one reading more may be missing where the interval has become longer. At the most 3.5 times the longest interval told (5 min)
 * is therefore taken for none.
 *
 * @param index of the point after the pause; 0 before the first, `times.length` after the last
 */
export function isPause(times: ArrayLike<Millis>, index: number, pause: Pause, pace: Pace): boolean {
  const lengthMs = pause.toMs - pause.fromMs;
  if (lengthMs <= GAP_STEPS * pace.stepMs) return false;
  const rhythmMs = Math.max(
    rhythmOf(times, index - 1 - BESIDE, index - 1),
    rhythmOf(times, index, index + BESIDE),
  );
  return lengthMs > GAP_STEPS * rhythmMs && owesReadings(pause, pace);
}

interface Pause {
  readonly fromMs: Millis;
  readonly toMs: Millis;
}

/** More of them than may be late; so too where nothing is known of a part of the pause. */
function owesReadings({ fromMs, toMs }: Pause, { stepMs, told = [], isRate = false }: Pace): boolean {
  const first = told[0];
  if (first === undefined || fromMs < first.sinceMs) return true;
  let owed = 0;
  let slowed = false;
  told.forEach(({ sinceMs, intervalMs }, index) => {
    const untilMs = told[index + 1]?.sinceMs ?? Number.POSITIVE_INFINITY;
    owed += Math.max(0, Math.min(untilMs, toMs) - Math.max(sinceMs, fromMs)) / Math.max(intervalMs, stepMs);
    const isSlower = intervalMs > (told[index - 1]?.intervalMs ?? intervalMs);
    slowed ||= isSlower && sinceMs < toMs && fromMs <= sinceMs + intervalMs;
  });
  return owed > GAP_STEPS + (isRate && slowed ? SLOWED_STEPS : 0);
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
