/** When the next tick is: on a grid of the interval with the agent's own phase, faster while somebody watches. */
import type { Millis } from '@muster/shared/time.ts';

/** Ticks at `intervalMs` until the lease ends. */
export interface LiveLease {
  readonly intervalMs: number;
  /** On the monotonic clock, so that setting the wall clock neither cuts a lease short nor draws it out. */
  readonly untilMonotonicMs: number;
}

export interface TickPlan {
  readonly intervalMs: number;
  /** Where in the interval this agent ticks, 0 ≤ phase < 1: `phaseOf(agent id)`. */
  readonly phase: number;
  readonly live: LiveLease | null;
  /** null before the first tick. */
  readonly lastTickMonotonicMs: number | null;
}

/** The same moment on both clocks of the machine. */
export interface Moment {
  readonly wallMs: Millis;
  readonly monotonicMs: number;
}

/**
 * How long to wait from `at` until the next tick, in milliseconds, more than 0.
 *
 * Ticks lie at wall times phase × interval + n × interval, so all agents spread evenly and each agent's
 * samples stay evenly spaced over restarts. The wait is computed anew at each tick from the clocks as they
 * are: after a clock jump in either direction or a sleep the next tick is at most 1.5 intervals away, at
 * least half an interval after the last one, and no missed tick is made up for. While a lease runs, the live
 * interval takes the place of the longer one; with its end the regular grid holds again.
 */
export function delayToNextTick(plan: TickPlan, at: Moment): number {
  const regular = delayOnGrid(plan.intervalMs, plan, at);
  const { live } = plan;
  if (live === null || live.intervalMs >= plan.intervalMs) return regular;
  const fast = delayOnGrid(live.intervalMs, plan, at);
  return at.monotonicMs + fast < live.untilMonotonicMs ? Math.min(fast, regular) : regular;
}

/** Turns any text into a phase, evenly over 0 ≤ phase < 1; the same text gives the same phase. */
export function phaseOf(seed: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(seed)) hash = Math.imul(hash ^ byte, 0x01000193);
  // FNV-1a leaves the high bits of like texts alike; this mixes them (the end of MurmurHash3).
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

function delayOnGrid(intervalMs: number, plan: TickPlan, at: Moment): number {
  const offsetMs = Math.floor(plan.phase * intervalMs);
  const delayMs = intervalMs - modulo(at.wallMs - offsetMs, intervalMs);
  if (plan.lastTickMonotonicMs === null) return delayMs;
  // A timer that fired a little early would otherwise tick twice for one place of the grid.
  const sinceLastMs = at.monotonicMs - plan.lastTickMonotonicMs;
  return sinceLastMs + delayMs < intervalMs / 2 ? delayMs + intervalMs : delayMs;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
