import { expect, test } from 'vitest';
import { causeKeyOf } from './cause.ts';

test.each([
  ['cpu.utilisation', '', 'pressure.cpu.some', '', true],
  ['memory.utilisation', '', 'swap.utilisation', '', true],
  ['memory.utilisation', '', 'pressure.memory.some', '', true],
  ['filesystem.utilisation', '/', 'filesystem.inodes.utilisation', '/', true],
  ['filesystem.utilisation', '/', 'filesystem.utilisation', '/var', false],
  ['cpu.utilisation', '', 'memory.utilisation', '', false],
  [null, '', 'cpu.utilisation', '', false],
  [null, '', 'system.uptime', '', true],
])('[IC3] %s %s and %s %s share an incident: %s', (one, oneInstance, other, otherInstance, same) => {
  expect(causeKeyOf('ci', one, oneInstance) === causeKeyOf('ci', other, otherInstance)).toBe(same);
});
