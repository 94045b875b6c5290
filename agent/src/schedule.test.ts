import { INTERVAL_MS_DEFAULT, INTERVAL_MS_LIVE } from '@muster/shared/wire/limits.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { delayToNextTick, type Moment, phaseOf, type TickPlan } from './schedule.ts';

const plan: TickPlan = { intervalMs: INTERVAL_MS_DEFAULT, phase: 0, live: null, lastTickMonotonicMs: null };

test('[CO30] ticks lie on the interval plus the phase of the agent', () => {
  const at: Moment = { wallMs: 1_700_000_003_000, monotonicMs: 50 };
  expect(delayToNextTick(plan, at)).toBe(7_000);
  expect(delayToNextTick({ ...plan, phase: 0.25 }, at)).toBe(9_500);
  expect(delayToNextTick({ ...plan, phase: 0.3 }, at)).toBe(10_000);
  expect(delayToNextTick({ ...plan, phase: 0.35 }, at)).toBe(500);
});

test('[CO30] 2,000 agents spread evenly over the interval', () => {
  const seconds = new Array<number>(10).fill(0);
  for (let agent = 0; agent < 2_000; agent++) {
    const second = Math.floor(phaseOf(agent.toString(16).padStart(32, '0')) * 10);
    seconds[second] = (seconds[second] ?? 0) + 1;
  }
  expect(Math.min(...seconds)).toBeGreaterThan(150);
  expect(Math.max(...seconds)).toBeLessThan(250);
});

test('[CO30] a phase is the same for the same seed and below 1', () => {
  fc.assert(
    fc.property(fc.string(), (seed) => {
      const phase = phaseOf(seed);
      return phase >= 0 && phase < 1 && phase === phaseOf(seed);
    }),
  );
});

test('[CO31] two ticks are between half and one and a half intervals apart, whatever the wall clock does', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1_000, max: 3_600_000 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.array(
        fc.record({ jumpMs: fc.integer({ min: -1e10, max: 1e10 }), earlyMs: fc.integer({ min: 0, max: 2 }) }),
      ),
      (intervalMs, phase, steps) => {
        const machine = runningMachine({ ...plan, intervalMs, phase });
        for (const step of steps) {
          const gapMs = machine.tick(step.earlyMs);
          expect(gapMs).toBeGreaterThanOrEqual(intervalMs / 2 - 2);
          expect(gapMs).toBeLessThanOrEqual(intervalMs * 1.5);
          machine.jump(step.jumpMs);
        }
      },
    ),
  );
});

test('[CO31] without jumps the ticks stay on the grid, also when timers fire early or late', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -2, max: 400 }), { minLength: 1 }), (lateness) => {
      const machine = runningMachine({ ...plan, phase: 0.4 });
      let expected = 4_000;
      for (const lateMs of lateness) {
        machine.tick(-lateMs);
        expect(machine.wallMs()).toBe(1_700_000_000_000 + expected + lateMs);
        expected += INTERVAL_MS_DEFAULT;
      }
    }),
  );
});

test('[CO32] a sleep of hours is followed by one tick, not by those that were missed', () => {
  const woken: Moment = { wallMs: 1_700_000_000_000 + 8 * 3_600_000 + 1_234, monotonicMs: 20_000 };
  const delayMs = delayToNextTick({ ...plan, lastTickMonotonicMs: 18_000 }, woken);
  expect(delayMs).toBe(8_766);
  const next: Moment = { wallMs: woken.wallMs + delayMs, monotonicMs: woken.monotonicMs + delayMs };
  expect(delayToNextTick({ ...plan, lastTickMonotonicMs: next.monotonicMs }, next)).toBe(INTERVAL_MS_DEFAULT);
});

test('[CO33] while a lease runs the live interval holds, then the regular grid', () => {
  const live = { intervalMs: INTERVAL_MS_LIVE, untilMonotonicMs: 4_500 };
  const machine = runningMachine({ ...plan, live });
  const times: number[] = [];
  for (let tick = 0; tick < 6; tick++) {
    machine.tick(0);
    times.push(machine.wallMs() - 1_700_000_000_000);
  }
  expect(times).toEqual([1_000, 2_000, 3_000, 4_000, 10_000, 20_000]);
});

test('[CO33] a lease never makes ticks rarer and does not move with the wall clock', () => {
  const live = { intervalMs: 10_000, untilMonotonicMs: 1e9 };
  const at: Moment = { wallMs: 1_700_000_000_000, monotonicMs: 0 };
  expect(delayToNextTick({ ...plan, intervalMs: 2_000, live }, at)).toBe(2_000);
  const jumped: Moment = { wallMs: 1_900_000_000_000, monotonicMs: 10 };
  expect(delayToNextTick({ ...plan, live: { intervalMs: 1_000, untilMonotonicMs: 5_000 } }, jumped)).toBe(
    1_000,
  );
});

test('[CO34] the first tick comes within one interval', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4e12 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (wallMs, phase) => {
        const delayMs = delayToNextTick({ ...plan, phase }, { wallMs, monotonicMs: 0 });
        return delayMs > 0 && delayMs <= INTERVAL_MS_DEFAULT;
      },
    ),
  );
});

/** A machine whose timers fire `earlyMs` too early (late when negative) and whose wall clock can be set. */
function runningMachine(start: TickPlan) {
  let current = start;
  let at: Moment = { wallMs: 1_700_000_000_000, monotonicMs: 0 };
  return {
    wallMs: () => at.wallMs,
    jump(byMs: number): void {
      at = { ...at, wallMs: Math.max(0, at.wallMs + byMs) };
    },
    /** Waits for the next tick; milliseconds since the last one, or since half an interval ago at the first. */
    tick(earlyMs: number): number {
      const waitMs = delayToNextTick(current, at) - earlyMs;
      at = { wallMs: at.wallMs + waitMs, monotonicMs: at.monotonicMs + waitMs };
      const gapMs = at.monotonicMs - (current.lastTickMonotonicMs ?? at.monotonicMs - current.intervalMs);
      current = { ...current, lastTickMonotonicMs: at.monotonicMs };
      return gapMs;
    },
  };
}
