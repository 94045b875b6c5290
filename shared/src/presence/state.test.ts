import { expect, test } from 'vitest';
import { isInFleet, type PresenceFacts, presenceState } from './state.ts';

const facts = (change: Partial<PresenceFacts>): PresenceFacts => ({
  presence: 'up',
  planned: false,
  inHours: true,
  missed: false,
  ...change,
});

test.each<[Partial<PresenceFacts>, string]>([
  [{}, 'up'],
  [{ planned: true }, 'up'],
  [{ presence: 'down', planned: true }, 'planned'],
  [{ presence: 'down', missed: true }, 'silent'],
  [{ presence: 'down' }, 'silent'],
  [{ presence: 'down', inHours: false }, 'off'],
  [{ presence: 'asleep' }, 'asleep'],
  [{ presence: 'asleep', missed: true }, 'silent'],
  [{ presence: 'off', inHours: false }, 'off'],
  [{ presence: 'off', missed: true }, 'silent'],
  [{ presence: 'unknown' }, 'unknown'],
  [{ presence: 'unknown', missed: true }, 'silent'],
  [{ presence: null }, 'unknown'],
  [{ presence: null, planned: true }, 'planned'],
])('[DB30] %j is %s', (change, state) => {
  expect(presenceState(facts(change))).toBe(state);
});

test.each([
  ['in_use', false, true],
  ['in_maintenance', false, true],
  ['in_stock', false, false],
  ['in_stock', true, true],
  ['retired', false, false],
  ['retired', true, false],
  ['disposed', true, false],
] as const)('[DB80] a machine that is %s (heard: %s) counts in the fleet: %s', (lifecycle, up, counts) => {
  expect(isInFleet({ lifecycle, up })).toBe(counts);
});
