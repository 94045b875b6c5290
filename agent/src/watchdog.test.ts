import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  CPU_SHARE_MAX,
  CPU_WINDOW_MS,
  RESIDENT_BYTES_MAX,
  RESIDENT_LOOKS_MAX,
  STALL_MS_MAX,
  WATCHDOG_LOOK_MS,
  Watchdog,
} from './watchdog.ts';

interface Step {
  readonly elapsedMs?: number;
  readonly cpuMs?: number;
  readonly residentBytes?: number;
}

/** What it says at each look. */
function looks(steps: readonly Step[]): (string | null)[] {
  const watchdog = new Watchdog();
  let awakeMs = 1_000;
  let cpuSeconds = 2;
  return steps.map(({ elapsedMs = WATCHDOG_LOOK_MS, cpuMs = 25, residentBytes = 65 << 20 }) => {
    awakeMs += elapsedMs;
    cpuSeconds += cpuMs / 1_000;
    return watchdog.look({ awakeMs, cpuSeconds, residentBytes });
  });
}

const times = (count: number, step: Step): Step[] => Array.from({ length: count }, () => step);
const windowLooks = CPU_WINDOW_MS / WATCHDOG_LOOK_MS;

test('[AT30] memory beyond the limit counts when it stays there, and starts anew when it falls', () => {
  const beyond = { residentBytes: RESIDENT_BYTES_MAX + 1 };
  const peaks = [...times(RESIDENT_LOOKS_MAX - 1, beyond), {}, ...times(RESIDENT_LOOKS_MAX - 1, beyond)];
  expect(looks(peaks).filter((said) => said !== null)).toEqual([]);
  expect(looks(times(RESIDENT_LOOKS_MAX, beyond)).at(-1)).toMatch(/192 MiB of memory.* for 3 minutes/);
});

test('[AT30] CPU counts as a share over minutes: a burst is nothing, going on is', () => {
  const full = { cpuMs: WATCHDOG_LOOK_MS };
  expect(looks([...times(windowLooks, {}), ...times(4, full)]).at(-1)).toBeNull();
  const said = looks([...times(windowLooks, {}), ...times(windowLooks, full)]);
  expect(said.findIndex((words) => words !== null)).toBe(windowLooks + 4);
  expect(said.at(-1)).toMatch(/% of a core over 5 minutes, more than 50 %/);
});

test('[AT30] the start, which computes much, is not judged before there is a window to judge', () => {
  expect(looks(times(windowLooks, { cpuMs: WATCHDOG_LOOK_MS })).every((said) => said === null)).toBe(true);
});

test('[AT30] a loop that stood still while it computed is told', () => {
  const elapsedMs = WATCHDOG_LOOK_MS + STALL_MS_MAX;
  expect(looks([{}, { elapsedMs, cpuMs: STALL_MS_MAX }]).at(-1)).toMatch(/busy with one thing for 30 s/);
});

test('[AT31] a process that was kept from running is not', () => {
  expect(looks([{}, { elapsedMs: 3_600_000, cpuMs: 40 }, {}, {}])).toEqual([null, null, null, null]);
});

test('[AT30] whatever happens within the limits, it says nothing', () => {
  const step = fc.record({
    elapsedMs: fc.integer({ min: WATCHDOG_LOOK_MS, max: WATCHDOG_LOOK_MS + STALL_MS_MAX - 1 }),
    cpuShare: fc.double({ min: 0, max: CPU_SHARE_MAX, noNaN: true }),
    residentBytes: fc.integer({ min: 0, max: RESIDENT_BYTES_MAX }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const taken = steps.map(({ elapsedMs, cpuShare, residentBytes }) => ({
        elapsedMs,
        // Just below, so that adding up fractions does not decide.
        cpuMs: elapsedMs * cpuShare * 0.999,
        residentBytes,
      }));
      expect(looks(taken).every((said) => said === null)).toBe(true);
    }),
  );
});
