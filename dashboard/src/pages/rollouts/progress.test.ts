import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  RING_NAMES,
  ROLLOUT_AGENT_STATES,
  ROLLOUT_STATES,
  type Rollout,
  type RolloutAgentState,
  type RolloutRing,
} from '@muster/shared/api/rollouts.ts';
import { DAY_MS, MINUTE_MS, toIso } from '@muster/shared/time.ts';
import { gateStanding, headway, movesOf, standingOf, stepCounts, touchedBy } from './progress.ts';

const NOW = Date.parse('2026-11-22T14:00:00.000Z');

function ring(
  name: RolloutRing['name'],
  state: RolloutRing['state'],
  counts: Partial<Record<RolloutAgentState, number>>,
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

function rollout(state: Rollout['state'], rings: RolloutRing[], endedAt: string | null = null) {
  return { state, rings, endedAt };
}

const PILOT_DONE = ring('pilot', 'passed', { done: 5 });

test('[DB221] while a ring is told it says how many are under way and how many are to come', () => {
  const rings = [
    PILOT_DONE,
    ring('early', 'running', { done: 4, told: 1, trial: 2, waiting: 12, offline: 1 }),
  ];
  expect(standingOf(rollout('running', rings), NOW)).toEqual({
    kind: 'tells',
    ring: 'early',
    underWay: 3,
    waiting: 12,
    offline: 1,
  });
});

test('[DB221] a ring that only waits for machines that are not connected says so', () => {
  const rings = [ring('pilot', 'running', { done: 4, offline: 1 }), ring('all', 'waiting', { waiting: 90 })];
  expect(standingOf(rollout('running', rings), NOW)).toEqual({ kind: 'lacks', ring: 'pilot', offline: 1 });
});

test('[DB221] while it is watched it says until when, and which ring begins then', () => {
  const untilMs = NOW + 5 * MINUTE_MS;
  const rings = [
    ring('pilot', 'watching', { done: 5 }, untilMs),
    ring('early', 'waiting', {}),
    ring('all', 'waiting', { waiting: 90 }),
  ];
  expect(standingOf(rollout('running', rings), NOW)).toEqual({
    kind: 'watches',
    ring: 'pilot',
    untilMs,
    next: 'all',
    over: false,
  });
  expect(standingOf(rollout('running', rings), untilMs)).toMatchObject({ over: true });
  expect(standingOf(rollout('running', [ring('all', 'watching', { done: 9 }, untilMs)]), NOW)).toMatchObject({
    next: null,
  });
});

test('[DB221] a rollout that is paused, stopped, undone or over says what that leaves', () => {
  const rings = [PILOT_DONE, ring('all', 'running', { done: 3, downloading: 2, waiting: 4, offline: 1 })];
  expect(standingOf(rollout('paused', rings), NOW)).toEqual({ kind: 'paused', underWay: 2, left: 5 });
  expect(standingOf(rollout('stopped', rings), NOW)).toEqual({ kind: 'stopped', kept: 8, left: 5 });
  const undone = [ring('pilot', 'failed', { 'rolled-back': 3, 'rolling-back': 2, done: 1, offline: 1 })];
  expect(standingOf(rollout('rolling-back', undone), NOW)).toEqual({
    kind: 'returns',
    returned: 3,
    left: 3,
    offline: 1,
  });
  expect(standingOf(rollout('rolled-back', undone), NOW)).toEqual({ kind: 'returned', returned: 3, left: 1 });
  const byItself = [ring('pilot', 'failed', { 'taken-back': 1 }), ring('all', 'waiting', { waiting: 4 })];
  expect(standingOf(rollout('rolled-back', byItself), NOW)).toEqual({
    kind: 'returned',
    returned: 1,
    left: 4,
  });
  expect(standingOf(rollout('done', [PILOT_DONE]), NOW)).toEqual({ kind: 'done', done: 5, left: 0 });
});

test.each([
  [20, 2, 1],
  [100, 2, 3],
  [50, 2, 2],
  [20, 0, 1],
  [20, 100, null],
  [0, 2, null],
])(
  '[DB222] of %i agents with %i %% allowed the rollout stops at the failure number %s',
  (agents, percent, at) => {
    const standing = gateStanding(ring('all', 'running', { waiting: agents }), { failedPercentMax: percent });
    expect(standing.stopsAt).toBe(at);
  },
);

test('[DB222] the failures that stop a ring are the first that are beyond the share allowed', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 0, max: 99 }), (agents, percent) => {
      const { stopsAt } = gateStanding(ring('all', 'running', { waiting: agents }), {
        failedPercentMax: percent,
      });
      if (stopsAt === null) throw new Error('below 100 % all of them always stop it');
      expect(stopsAt * 100).toBeGreaterThan(agents * percent);
      expect((stopsAt - 1) * 100).toBeLessThanOrEqual(agents * percent);
    }),
  );
});

test('[DB222] what was refused, broke off or was taken back counts as failed', () => {
  const standing = gateStanding(ring('early', 'running', { failed: 1, 'taken-back': 2, done: 17 }), {
    failedPercentMax: 2,
  });
  expect(standing).toEqual({ failed: 3, agents: 20, stopsAt: 1 });
});

test('[DB223] only what is possible now is offered', () => {
  const told = [ring('pilot', 'running', { done: 1, waiting: 4 })];
  const watched = [ring('pilot', 'watching', { done: 5 }, NOW)];
  expect(movesOf(rollout('running', told), NOW)).toEqual(['paused', 'stopped', 'rolling-back']);
  expect(movesOf(rollout('running', watched), NOW)).toContain('promoted');
  expect(movesOf(rollout('paused', told), NOW)).toEqual(['running', 'stopped', 'rolling-back']);
  expect(movesOf(rollout('stopped', told), NOW)).toEqual(['rolling-back']);
  expect(movesOf(rollout('stopped', [ring('pilot', 'failed', { failed: 5 })]), NOW)).toEqual([]);
  expect(movesOf(rollout('rolling-back', told), NOW)).toEqual(['stopped']);
  expect(movesOf(rollout('rolled-back', told), NOW)).toEqual([]);
});

test('[DB223] ending a return leaves the new version where it still is', () => {
  const rings = [ring('all', 'failed', { 'rolled-back': 4, 'rolling-back': 2, done: 3, waiting: 8 })];
  expect(touchedBy('stopped', rollout('rolling-back', rings)).touched).toBe(3);
});

test('[DB222] who was pinned or revoked meanwhile is none of the ring any more', () => {
  const one = ring('all', 'running', { done: 48, skipped: 60 });
  expect(gateStanding(one, { failedPercentMax: 2 })).toEqual({ failed: 0, agents: 48, stopsAt: 1 });
  expect(headway({ rings: [one] })).toEqual({ done: 48, agents: 48, trouble: 0 });
});

test('[DB372] a ring whose agents were all pinned or revoked meanwhile is none that follows', () => {
  const watched = ring('pilot', 'watching', { done: 5 }, NOW + MINUTE_MS);
  const left = ring('early', 'waiting', { skipped: 20 });
  const last = ring('all', 'waiting', { waiting: 90, offline: 3, skipped: 7 });
  const followed = rollout('running', [watched, left, last]);
  expect(standingOf(followed, NOW)).toMatchObject({ next: 'all' });
  expect(touchedBy('promoted', followed).touched).toBe(93);
  expect(standingOf(rollout('running', [PILOT_DONE, left, last]), NOW)).toEqual({
    kind: 'begins',
    ring: 'all',
  });
  const ending = rollout('running', [watched, left]);
  expect(standingOf(ending, NOW)).toMatchObject({ next: null });
  expect(touchedBy('promoted', ending).touched).toBe(0);
});

test('[DB223] a release that has been there for a week is not taken back any more', () => {
  const since = (days: number) => rollout('done', [PILOT_DONE], toIso(NOW - days * DAY_MS));
  expect(movesOf(since(6), NOW)).toEqual(['rolling-back']);
  expect(movesOf(since(7), NOW)).toEqual([]);
});

test('[DB223] a step says how many machines it touches', () => {
  const rings = [
    ring('pilot', 'watching', { done: 5 }, NOW),
    ring('early', 'waiting', {}),
    ring('all', 'waiting', { waiting: 90, offline: 3 }),
  ];
  expect(touchedBy('promoted', rollout('running', rings)).touched).toBe(93);
  expect(touchedBy('stopped', rollout('running', rings))).toEqual({ touched: 93, underWay: 0, kept: 5 });
  const going = [ring('all', 'running', { done: 7, told: 1, trial: 2, 'taken-back': 1, waiting: 9 })];
  expect(touchedBy('paused', rollout('running', going))).toEqual({ touched: 9, underWay: 3, kept: 7 });
  // One that was told has nothing yet that could return; one on trial has.
  expect(touchedBy('rolling-back', rollout('running', going)).touched).toBe(9);
});

const anyCounts = fc.record(
  Object.fromEntries(ROLLOUT_AGENT_STATES.map((state) => [state, fc.nat({ max: 500 })])) as Record<
    RolloutAgentState,
    fc.Arbitrary<number>
  >,
);
const anyRings = fc.array(
  fc.tuple(
    fc.constantFrom(...RING_NAMES),
    fc.constantFrom('waiting' as const, 'running' as const, 'watching' as const, 'passed' as const),
    anyCounts,
  ),
  { maxLength: 3 },
);

test('[DB221] nobody is counted twice, and whoever takes no part not at all', () => {
  fc.assert(
    fc.property(anyRings, (given) => {
      const rings = given.map(([name, state, counts]) => ring(name, state, counts));
      const parts = Object.values(stepCounts(rings)).reduce((sum, count) => sum + count, 0);
      expect(parts).toBe(headway({ rings }).agents);
    }),
  );
});

test('[DB221] every state of a rollout and its rings has its account and its steps', () => {
  fc.assert(
    fc.property(fc.constantFrom(...ROLLOUT_STATES), anyRings, (state, given) => {
      const one = rollout(
        state,
        given.map(([name, ringState, counts]) => ring(name, ringState, counts)),
      );
      expect(standingOf(one, NOW).kind).toBeTypeOf('string');
      for (const move of movesOf(one, NOW)) expect(touchedBy(move, one).touched).toBeGreaterThanOrEqual(0);
    }),
  );
});
