/** Alerts of one machine that have one cause: what runs short or breaks drags the rest along. Pure. */
import { HOUR_MS, MINUTE_MS, type Millis } from '@muster/shared/time.ts';

/** What is noticed first may be the effect: its cause may be told so much later and still joins it. */
export const LATE_CAUSE_MS = 30 * MINUTE_MS;
/** A machine that starts over and over was silent no longer ago than this. */
export const CRASH_LOOP_MS = 2 * HOUR_MS;

/** What counts starts of the operating system. */
const STARTS = 'system.uptime';

const MEMORY_CONTENDED = /^(pressure\.memory|swap\.(in|out)$|memory\.oomkills$)/;
const STORAGE_BROKEN = /^(disk|filesystem)\.errors$/;
const STORAGE_SLOW = /^(pressure\.io|disk\.(await|utilisation)$)/;
const PROCESSOR_BUSY = /^(cpu\.|load\.|pressure\.cpu)/;
const HEAT = /^temperature$/;

/** Cause → effects. A level that is merely high explains nothing: only contention and damage do. */
const EFFECTS: readonly (readonly [cause: RegExp, effects: readonly RegExp[]])[] = [
  // Pages go to the disk and come back, and everybody waits for them.
  [MEMORY_CONTENDED, [STORAGE_SLOW, PROCESSOR_BUSY, MEMORY_CONTENDED]],
  [/^memory\.oomkills$/, [/^service\.running$/]],
  // What is tried again and again takes its time.
  [STORAGE_BROKEN, [STORAGE_SLOW, STORAGE_BROKEN]],
  // Tasks that wait for the disk count as load.
  [STORAGE_SLOW, [STORAGE_SLOW, /^load\./]],
  // One fan, many sensors.
  [HEAT, [HEAT]],
];

/** An alert as far as it matters here. */
export interface Companion {
  /** null: the machine is silent. */
  readonly metric: string | null;
  readonly breachedAtMs: Millis;
}

/** What the alert that opens is to the standing one of the same machine; null: they have nothing to do with each other. */
export function kinshipOf(opening: Companion, standing: Companion): 'effect' | 'cause' | null {
  if (opening.metric === null) return standing.metric === STARTS ? 'effect' : null;
  if (standing.metric === null) return null;
  if (explains(standing.metric, opening.metric)) return 'effect';
  const isLate = opening.breachedAtMs - standing.breachedAtMs > LATE_CAUSE_MS;
  return explains(opening.metric, standing.metric) && !isLate ? 'cause' : null;
}

/** Whether it says that a machine starts over and over. */
export function isCrashLoop({ metric }: Pick<Companion, 'metric'>): boolean {
  return metric === STARTS;
}

function explains(cause: string, effect: string): boolean {
  return EFFECTS.some(([by, effects]) => by.test(cause) && effects.some((of) => of.test(effect)));
}
