import { expect, test } from 'vitest';
import { createPulse, PULSE_STEP_MS, processReader } from './pulse.ts';

const reading = (cpuMsTotal: number) => ({
  loopLagMs: 3,
  residentBytes: 5,
  heapUsedBytes: 4,
  cpuMsTotal,
});

test('[EN3] a step tells the mean of its samples and its share of the CPU', () => {
  let samples = 1_000;
  let cpuMs = 500;
  const pulse = createPulse(
    () => samples,
    () => reading(cpuMs),
  );
  pulse.tick(0);
  expect(pulse.points()).toEqual([]);
  samples += 5_000;
  cpuMs += 2_500;
  pulse.tick(PULSE_STEP_MS - 1);
  pulse.tick(PULSE_STEP_MS);
  expect(pulse.points()).toMatchObject([
    { atMs: PULSE_STEP_MS, samplesPerSecond: 500, cpuShare: 0.25, loopLagMs: 3 },
  ]);
});

test('[EN3] only the last quarter of an hour is kept', () => {
  const pulse = createPulse(
    () => 0,
    () => reading(0),
  );
  for (let step = 0; step <= 200; step++) pulse.tick(step * PULSE_STEP_MS);
  expect(pulse.points()).toHaveLength(90);
  expect(pulse.points()[0]?.atMs).toBe(111 * PULSE_STEP_MS);
});

test('[EN3] the process can be read', () => {
  expect(processReader()().residentBytes).toBeGreaterThan(1 << 20);
});
