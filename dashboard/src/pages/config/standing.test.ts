import type { ConfigStanding } from '@muster/shared/api/agent-config.ts';
import { expect, test } from 'vitest';
import { standingState } from './standing.ts';

const WAITING: ConfigStanding = {
  agentId: 'a',
  ciId: 'c',
  name: 'pc-17',
  connected: true,
  runs: 12,
  runsSince: null,
  told: 13,
  toldAt: null,
  refused: null,
  able: true,
  checks: 'runs',
};

test.each([
  ['unanswered', {}],
  ['untold', { told: 12 }],
  ['untold', { told: null, able: null }],
  ['offline', { connected: false }],
  ['offline', { connected: false, told: null, runs: null, able: null }],
  ['tooOld', { able: false }],
  ['tooOld', { able: false, connected: false }],
  ['refused', { refused: 'version 13 is older', connected: false }],
] as const)('[CF41] an agent that is not on the present version is %s: %o', (state, change) => {
  expect(standingState({ ...WAITING, ...change }, 13)).toBe(state);
});
