import { expect, test } from 'vitest';
import { RING_NAMES, SKIP_REASONS, type Rollout, type RolloutRing } from '@muster/shared/api/rollouts.ts';
import { MINUTE_MS, toIso } from '@muster/shared/time.ts';
import type { Translate } from '../../i18n/catalogue.ts';
import { en, zh } from '../../i18n/testing.ts';
import { clockTime } from '../../util/time.ts';
import { detailWords, rolloutLook, skipWords, standingWords } from './words.ts';

const NOW = new Date(2026, 10, 22, 14, 0).getTime();
/** Shows key and slots instead of words. */
const t: Translate = (key, values = {}) => [key.replace('rollouts.', ''), ...Object.values(values)].join(' ');
const say = (state: Rollout['state'], rings: RolloutRing[]) =>
  standingWords({ state, rings }, NOW, { t, language: 'en' });

function ring(
  name: RolloutRing['name'],
  state: RolloutRing['state'],
  counts: RolloutRing['counts'],
  watchUntilMs: number | null = null,
): RolloutRing {
  return {
    name,
    state,
    counts,
    agents: Object.values(counts).reduce((sum, count) => sum + count, 0),
    startedAt: null,
    watchUntil: watchUntilMs === null ? null : toIso(watchUntilMs),
    endedAt: null,
  };
}

const ALL_WAIT = ring('all', 'waiting', { waiting: 9 });

test.each([
  ['failed', 'told-silent', 'running', 'reason.told-silent', false],
  ['waiting', 'server-away', 'running', 'reason.server-away', false],
  ['offline', '', 'done', 'reason.offline', false],
  ['offline', '', 'rolled-back', '', true],
  ['waiting', '', 'paused', 'reason.paused', false],
  ['waiting', 'metered line', 'paused', 'metered line', true],
  ['skipped', 'pinned', 'running', 'reason.pinned', false],
  ['skipped', 'key', 'running', 'skip.key', false],
  ['taken-back', 'it did not connect within 300 s', 'running', 'reason.not-connected 300', false],
  ['taken-back', 'it was started 3 times and did not connect', 'running', 'reason.did-not-last 3', false],
  [
    'taken-back',
    'it was started 3 times and ended each time before it was connected, last with exit code 1 (Error: x)',
    'running',
    'reason.did-not-last 3 last with exit code 1 (Error: x)',
    false,
  ],
  ['taken-back', 'its starts could not be counted', 'running', 'its starts could not be counted', true],
] as const)('[DB224] %s, %s, in a rollout that is %s: %s', (state, detail, rollout, text, isOwn) => {
  expect(detailWords({ state, detail }, rollout, t)).toEqual({ text, isOwn });
});

test('[DB221] what it waits for is said with the local time and the ring that comes then', () => {
  const untilMs = NOW + 5 * MINUTE_MS;
  const watched = ring('pilot', 'watching', { done: 5 }, untilMs);
  expect(say('running', [watched, ALL_WAIT])).toBe(`now.watches ring.pilot ${clockTime(untilMs)} ring.all`);
  expect(say('running', [watched])).toBe(`now.watchesLast ring.pilot ${clockTime(untilMs)}`);
  expect(say('running', [ring('pilot', 'watching', { done: 5 }, NOW), ALL_WAIT])).toBe('now.over ring.pilot');
});

test('[DB221] machines that are not connected are named only where there are some', () => {
  expect(say('running', [ring('all', 'running', { told: 1, waiting: 2 })])).toMatch(/^now\.tells /);
  expect(say('running', [ring('all', 'running', { told: 1, offline: 2 })])).toMatch(/^now\.tellsOffline /);
  expect(say('running', [ring('all', 'running', { done: 1, offline: 2 })])).toBe('now.lacks ring.all 2');
  expect(say('running', [ring('pilot', 'passed', { done: 1 }), ALL_WAIT])).toBe('now.begins ring.all');
  expect(say('rolling-back', [ring('all', 'failed', { 'rolling-back': 1 })])).toMatch(/^now\.returns /);
  expect(say('rolling-back', [ring('all', 'failed', { 'rolling-back': 1, offline: 1 })])).toMatch(
    /^now\.returnsOffline /,
  );
});

test('[DB221] only what its gate ended looks like trouble', () => {
  const failed = [ring('pilot', 'failed', { failed: 1 })];
  const fine = [ring('pilot', 'running', { done: 1 })];
  expect(rolloutLook({ state: 'stopped', rings: failed }).tone).toBe('crit');
  expect(rolloutLook({ state: 'rolled-back', rings: failed }).tone).toBe('crit');
  expect(rolloutLook({ state: 'stopped', rings: fine }).tone).toBe('idle');
  expect(rolloutLook({ state: 'done', rings: fine }).tone).toBe('up');
});

test('[DB226] why an agent takes no part is said in both languages, a reason of a later server as it came', () => {
  for (const { rollouts } of [en, zh])
    expect(Object.keys(rollouts.skip).toSorted()).toEqual([...SKIP_REASONS].toSorted());
  expect(skipWords('pinned', t)).toBe('skip.pinned');
  expect(skipWords('moon-phase', t)).toBe('moon-phase');
});

test('[DB221] every ring has a name in both languages', () => {
  for (const { rollouts } of [en, zh])
    for (const name of RING_NAMES) expect(rollouts.ring[name]).not.toBe('');
});
