/** Which checks begin now, and when to look again: pure. */
import type { Millis } from '@muster/shared/time.ts';
import { delayToNextTick } from '../schedule.ts';

export interface PlannedCheck {
  readonly name: string;
  readonly intervalMs: Millis;
  /** Where in its interval this agent runs it, 0 ≤ phase < 1: `phaseOf(agent and check)`. */
  readonly phase: number;
  /** On the clock that goes on while the machine sleeps. */
  readonly dueAtMs: Millis;
}

/** The same moment on the wall clock, and on one that is never set and goes on while the machine sleeps. */
export interface CheckMoment {
  readonly wallMs: Millis;
  readonly sinceBootMs: Millis;
}

/**
 * A check that is new runs within so long, or within its interval where that is shorter: nobody waits a day for the first result, and
 * 2,000 agents that are told at once are 34 in a second.
 */
export const FIRST_RUN_MS_MAX = 60_000;

export function firstDueMs(
  { intervalMs, phase }: Pick<PlannedCheck, 'intervalMs' | 'phase'>,
  { sinceBootMs }: CheckMoment,
): Millis {
  return sinceBootMs + Math.floor(phase * Math.min(intervalMs, FIRST_RUN_MS_MAX));
}

/** After a start at `at`: the next place on the grid of the wall clock that is half an interval away at least. Missed ones are not made up for. */
export function nextDueMs(
  { intervalMs, phase }: Pick<PlannedCheck, 'intervalMs' | 'phase'>,
  { wallMs, sinceBootMs }: CheckMoment,
): Millis {
  const delayMs = delayToNextTick(
    { intervalMs, phase, live: null, lastTickMonotonicMs: sinceBootMs },
    { wallMs, monotonicMs: sinceBootMs },
  );
  return sinceBootMs + delayMs;
}

/**
 * Those that begin at `nowMs`: due, not under way, whichever is due longest first, as many as there are places. `waitMs`: until the next
 * one is due; null where only the end of one that is under way can let another begin.
 */
export function dueChecks(
  checks: readonly PlannedCheck[],
  {
    running,
    placesMax,
    nowMs,
  }: { readonly running: ReadonlySet<string>; readonly placesMax: number; readonly nowMs: Millis },
): { readonly start: readonly string[]; readonly waitMs: Millis | null } {
  const idle = checks.filter(({ name }) => !running.has(name)).toSorted((a, b) => a.dueAtMs - b.dueAtMs);
  const due = idle.filter(({ dueAtMs }) => dueAtMs <= nowMs);
  const start = due.slice(0, Math.max(0, placesMax - running.size));
  const later = idle[due.length];
  const isFull = running.size + start.length >= placesMax;
  return {
    start: start.map(({ name }) => name),
    waitMs: later === undefined || isFull ? null : later.dueAtMs - nowMs,
  };
}
