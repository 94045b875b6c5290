import type { Sample } from '@muster/shared/metrics/catalogue.ts';
import { expect, test } from 'vitest';
import { stirredUntil } from './flight-pace.ts';

const reading = (metric: Sample['metric'], value: number): Sample => ({ metric, instance: '', value });

test.each<[string, Sample, boolean, number]>([
  ['an idle machine', reading('cpu.utilisation', 12), false, 0],
  ['half of its processors', reading('cpu.utilisation', 50), false, 121_000],
  ['tasks that wait for memory', reading('pressure.memory.some', 7.5), false, 121_000],
  ['a count, however high', reading('system.processes', 40_000), false, 0],
  ['a level that the server waits for', reading('cpu.utilisation', 1), true, 121_000],
])('[FP9] %s: looked at closely until %s', (_, sample, beyondLevel, untilMs) => {
  expect(stirredUntil([sample], beyondLevel, 1_000, 0)).toBe(untilMs);
});

test('[FP9] calm again, it goes on looking closely for two minutes after the last sign', () => {
  const first = stirredUntil([reading('cpu.utilisation', 90)], false, 1_000, 0);
  expect(stirredUntil([reading('cpu.utilisation', 3)], false, 100_000, first)).toBe(first);
  expect(stirredUntil([reading('cpu.utilisation', 60)], false, 110_000, first)).toBe(230_000);
});
