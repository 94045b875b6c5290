import { expect, test } from 'vitest';
import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import { HOLD_MS_MAX } from '@muster/shared/wire/limits.ts';
import { holdingByRules, holdingOf, movesAbout, NOT_HELD } from './holding.ts';

const level = { metric: 'memory.utilisation', instance: null, op: 'above', level: 90 } as const;
const usual = {
  allowedMs: HOLD_MS_MAX,
  intervalMs: 10 * SECOND_MS,
  silentAfterMs: 45 * SECOND_MS,
  shortestForMs: 3 * MINUTE_MS,
  wake: [level],
};

test.each([
  ['the pause before a machine counts as silent, less an interval and a ping', {}, 20_000],
  ['what the administrator allows', { allowedMs: 12_000 }, 12_000],
  ['half of the shortest hold of its rules', { shortestForMs: 30_000 }, 15_000],
  ['30 s, however long the pauses', { intervalMs: 15_000, silentAfterMs: 300_000 }, 30_000],
  ['no rule bounds it', { shortestForMs: null }, 20_000],
  ['a hold too short for a second tick', { shortestForMs: 18_000 }, 0],
  ['an interval as long as the hold', { intervalMs: 60_000, silentAfterMs: 180_000 }, 0],
  ['the administrator allows none', { allowedMs: 0 }, 0],
  ['more wake levels than an agent can be told', { wake: new Array(257).fill(level) }, 0],
])('[LK130] an agent may hold its ticks for so long: %s', (_, given, holdMs) => {
  const { wake } = { ...usual, ...given };
  expect(holdingOf({ ...usual, ...given })).toEqual(holdMs === 0 ? NOT_HELD : { holdMs, wake });
});

test('[LK130] where holding is not allowed the rules are not asked', () => {
  const rules = {
    shortestForMs: () => expect.fail('asked'),
    wakeLevels: () => expect.fail('asked'),
  };
  expect(holdingByRules('ci_1', { alwaysMs: 0, economyMs: 0 }, 10_000, rules)).toEqual(NOT_HELD);
});

test('[AT42] on battery and metered lines an agent may hold longer, within the same bounds, and is told when to wake', () => {
  const rules = { shortestForMs: () => 3 * MINUTE_MS, wakeLevels: () => [level] };
  const of = (alwaysMs: number, economyMs: number) =>
    holdingByRules('ci_1', { alwaysMs, economyMs }, 10 * SECOND_MS, rules);
  expect(of(0, HOLD_MS_MAX)).toEqual({ holdMs: 0, economyHoldMs: 20_000, wake: [level] });
  expect(of(12_000, HOLD_MS_MAX)).toEqual({ holdMs: 12_000, economyHoldMs: 20_000, wake: [level] });
  expect(of(HOLD_MS_MAX, 10_000)).toEqual({ holdMs: 20_000, wake: [level] });
  const hasty = { ...rules, shortestForMs: () => 15 * SECOND_MS };
  const bound = holdingByRules('ci_1', { alwaysMs: 0, economyMs: HOLD_MS_MAX }, 10 * SECOND_MS, hasty);
  expect(bound).toEqual(NOT_HELD);
});

test.each([
  ['Workstation', true],
  ['Server', false],
  ['VirtualMachine', false],
  [undefined, false],
])('[AT42] %s: saves on battery %s', (ciClass, does) => {
  expect(movesAbout(ciClass)).toBe(does);
});
