import { expect, test } from 'vitest';
import { shownPresence } from './states.ts';

test.each([
  ['up', null, true, 'up'],
  ['down', 'host-down', true, 'silent'],
  ['asleep', 'asleep', true, 'asleep'],
  ['asleep', 'asleep', false, 'silent'],
  ['off', 'shut-down', true, 'off'],
  ['off', 'shut-down', false, 'silent'],
  ['unknown', 'agent-stopped', true, 'silent'],
  ['unknown', 'network', true, 'silent'],
  ['unknown', 'server-self', true, 'unknown'],
  ['unknown', null, true, 'unknown'],
  [null, null, null, 'unknown'],
] as const)('[DB30] presence %s by %s (expected: %s) is shown as %s', (presence, cause, expected, shown) => {
  expect(shownPresence({ presence, cause, expected })).toBe(shown);
});

test('[DB30] a planned absence is planned, a planned machine that is up is up', () => {
  expect(shownPresence({ presence: 'down', cause: 'host-down', expected: true, planned: true })).toBe(
    'planned',
  );
  expect(shownPresence({ presence: 'up', cause: null, expected: true, planned: true })).toBe('up');
});
