import { MINUTE_MS } from '@muster/shared/time.ts';
import { expect, test } from 'vitest';
import type { Fed } from './foreignSeries.ts';
import { retiringRefusal, retiringStep, uninstalledWord } from './retiring.ts';

test.each([
  ['in_use', 'agent-uninstalled', 'retired'],
  ['deployed', 'agent-uninstalled', 'retired'],
  ['defective', 'agent-uninstalled', 'retired'],
  ['retired', 'agent-uninstalled', undefined],
  ['disposed', 'agent-uninstalled', undefined],
  ['in_use', 'agent-stopped', undefined],
  ['in_use', null, undefined],
] as const)(
  '[DB382] retiring is offered of a machine in use whose agent was uninstalled: %s, %s',
  (lifecycle, cause, to) => {
    expect(retiringStep({ lifecycle, cause })?.to).toBe(to);
  },
);

const NOW = Date.UTC(2026, 10, 23, 12);
const t = (key: string) => key;

test.each([
  ['in_stock', undefined],
  ['in_repair', undefined],
  ['in_maintenance', undefined],
  ['defective', 'retired'],
] as const)('[DB386] and of none that is out of service: %s', (lifecycle, to) => {
  expect(retiringStep({ lifecycle, cause: 'agent-uninstalled' })?.to).toBe(to);
});

test.each([
  ['in_use', 'agent-uninstalled', undefined],
  ['in_use', null, 'assets.life.agentBack'],
  ['in_stock', 'agent-uninstalled', 'assets.life.notInService'],
  ['retired', 'agent-uninstalled', 'assets.life.notInService'],
  ['retired', null, 'assets.life.notInService'],
] as const)('[DB387] it is said why one is not to be retired: %s, %s', (lifecycle, cause, words) => {
  expect(retiringRefusal({ lifecycle, cause }, t, 'en')).toBe(words);
});

test.each([
  [null, 'machines.agentUninstalled'],
  [NOW - MINUTE_MS, 'machines.agentUninstalledFed'],
  [NOW - 10 * MINUTE_MS, 'machines.agentUninstalled'],
] as const)('[DB389] a machine that a sender feeds still is said to be fed: %s', (newestMs, word) => {
  const fed: Fed = { sources: [], keys: new Set(), latest: [], newestMs };
  expect(uninstalledWord(fed, NOW)).toBe(word);
  expect(uninstalledWord(null, NOW)).toBe('machines.agentUninstalled');
});
