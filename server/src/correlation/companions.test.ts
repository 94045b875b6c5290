import { HOUR_MS, MINUTE_MS } from '@muster/shared/time.ts';
import { expect, test } from 'vitest';
import { kinshipOf, LATE_CAUSE_MS } from './companions.ts';

const at = (metric: string | null, breachedAtMs = 0) => ({ metric, breachedAtMs });

test.each([
  ['pressure.io.some', 'pressure.memory.some'],
  ['cpu.utilisation', 'swap.out'],
  ['service.running', 'memory.oomkills'],
  ['pressure.io.some', 'disk.errors'],
  ['filesystem.errors', 'disk.errors'],
  ['temperature', 'temperature'],
  [null, 'system.uptime'],
] as const)('[CR13] %s belongs to %s on the same machine, however late it comes', (effect, cause) => {
  expect(kinshipOf(at(effect, 5 * HOUR_MS), at(cause))).toBe('effect');
});

test.each([
  ['cpu.utilisation', 'memory.utilisation'],
  ['filesystem.utilisation', 'disk.errors'],
  ['service.running', 'cpu.utilisation'],
  [null, 'pressure.memory.some'],
  ['pressure.io.some', null],
] as const)('[CR13] %s has nothing to do with %s', (opening, standing) => {
  expect(kinshipOf(at(opening), at(standing))).toBeNull();
});

test('[CR13] a cause that is told after its effect joins it for half an hour', () => {
  const effect = at('pressure.io.some', 10 * MINUTE_MS);
  expect(kinshipOf(at('pressure.memory.some', 10 * MINUTE_MS + LATE_CAUSE_MS), effect)).toBe('cause');
  expect(kinshipOf(at('pressure.memory.some', 10 * MINUTE_MS + LATE_CAUSE_MS + 1), effect)).toBeNull();
});
