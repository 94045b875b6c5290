import i18next from 'i18next';
import { expect, test } from 'vitest';
import { RING_NAMES, SKIP_REASONS, type Rollout, type RolloutRing } from '@muster/shared/api/rollouts.ts';
import { MINUTE_MS, toIso } from '@muster/shared/time.ts';
import type { Translate } from '../../i18n/catalogue.ts';
import { MOVES } from './progress.ts';
import { en, zh } from '../../i18n/testing.ts';
import { clockTime } from '../../util/time.ts';
import {
  detailWords,
  isLastStep,
  questionWords,
  ringLook,
  rolloutLook,
  skipWords,
  standingWords,
  stepWords,
} from './words.ts';

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
    'reason.did-not-last 3 reason.last-code 1 (Error: x)',
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

test('[DB350] a ring whose machines were rolled back did not pass, and one without machines did nothing', () => {
  const passed = ring('pilot', 'passed', { 'rolled-back': 1 });
  expect(ringLook(passed, 'done').word).toBe('rollouts.ringState.passed');
  expect(ringLook(passed, 'stopped').word).toBe('rollouts.ringState.passed');
  expect(ringLook(passed, 'rolling-back').word).toBe('rollouts.state.rolling-back');
  expect(ringLook(passed, 'rolled-back').word).toBe('rollouts.state.rolled-back');
  expect(ringLook(ring('pilot', 'watching', { done: 1 }), 'stopped').word).toBe('rollouts.state.stopped');
  expect(ringLook(ring('pilot', 'failed', { failed: 1 }), 'rolled-back').word).toBe(
    'rollouts.ringState.failed',
  );
  for (const state of ['waiting', 'passed'] as const)
    for (const counts of [{}, { skipped: 2 }])
      expect(ringLook(ring('early', state, counts), 'done').word).toBe('rollouts.ringState.empty');
});

/** The words of the catalogue itself. */
async function translators() {
  const translator = async (language: 'en' | 'zh', translation: object) => {
    const own = i18next.createInstance();
    await own.init({ lng: language, resources: { [language]: { translation } } });
    const words: Translate = (key, values) => own.t(key, { ...values });
    return { t: words, language };
  };
  return [await translator('en', en), await translator('zh', zh)] as const;
}

const NONE_IN_WORDS = /(?<!\d)0(?!\d)/;

test('[DB352] what is asked and said of no machine is said without a zero', async () => {
  const nobody = [ring('pilot', 'watching', { done: 0 }, NOW), ring('all', 'waiting', {})];
  for (const reader of await translators()) {
    for (const state of ['running', 'paused', 'rolling-back'] as const)
      for (const move of MOVES)
        expect(questionWords(move, { state, rings: nobody }, reader)).not.toMatch(NONE_IN_WORDS);
    for (const state of ['paused', 'stopped'] as const)
      expect(standingWords({ state, rings: nobody }, NOW, reader)).not.toMatch(NONE_IN_WORDS);
  }
});

test('[DB352] whoever is under way or has it already is named where somebody is', async () => {
  const [english, chinese] = await translators();
  const rings = [ring('all', 'running', { done: 2, trial: 1, waiting: 4 })];
  expect(questionWords('paused', { state: 'running', rings }, english)).toBe(
    '4 machines are not told until somebody resumes it. 1 under way comes to its end.',
  );
  expect(questionWords('stopped', { state: 'running', rings }, chinese)).toBe(
    '4 台计算机不再通知。2 台保留新版本。停止后无法继续，其余计算机可由新的升级批次处理。',
  );
  expect(standingWords({ state: 'paused', rings }, NOW, chinese)).toBe(
    '暂停期间不再通知新的计算机，还有 4 台待通知。进行中的 1 台会继续完成。',
  );
});

test('[DB352] who paused it is said with what was done and when', async () => {
  const [english, chinese] = await translators();
  const at = toIso(NOW - MINUTE_MS);
  const time = clockTime(NOW - MINUTE_MS);
  const step = { to: 'paused', by: 'user:admin', at, note: '' } as const;
  expect(stepWords(step, NOW, english)).toBe(`Paused by admin, ${time}.`);
  expect(stepWords({ ...step, note: '午休' }, NOW, chinese)).toBe(`由 admin 于 ${time} 暂停。备注：午休`);
});

test('[DB352] ending the last watching is called the end of the rollout', () => {
  const watched = ring('pilot', 'watching', { done: 5 }, NOW);
  const empty = ring('early', 'waiting', {});
  const left = ring('early', 'waiting', { skipped: 4 });
  expect(isLastStep('promoted', { state: 'running', rings: [watched, empty] })).toBe(true);
  expect(isLastStep('promoted', { state: 'running', rings: [watched, left] })).toBe(true);
  expect(isLastStep('promoted', { state: 'running', rings: [watched, empty, ALL_WAIT] })).toBe(false);
  expect(isLastStep('paused', { state: 'running', rings: [watched, empty] })).toBe(false);
});
