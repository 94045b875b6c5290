import fc from 'fast-check';
import type { NewRollout } from '@muster/shared/api/rollouts.ts';
import { HOUR_MS, type Millis, MINUTE_MS } from '@muster/shared/time.ts';
import { describe, expect, test } from 'vitest';
import { isUnderWay } from './agent-states.ts';
import { RolloutRun, SETTLE_MS, TELLS_MAX } from './run.ts';
import type { MemberRecord, RolloutRecord } from './store.ts';
import {
  BEGIN_MS,
  begun,
  type Behaviour,
  BEHAVIOURS,
  candidate,
  installed,
  Play,
  TARGET,
} from './testing.ts';

interface Setting {
  readonly behaviours: readonly Behaviour[];
  readonly wish?: Partial<NewRollout>;
  readonly offline?: ReadonlySet<number>;
  readonly sites?: number;
}

const NO_PINS: ReadonlySet<string> = new Set();
const GATE = { failedPercentMax: 0, watchMinutes: 30, rollBack: true };
const said = (text: string) => ({ en: text, zh: text });
const idOf = (index: number) => candidate(index).agentId;

/** What a store would hold, as it was kept last. */
class Kept {
  record: RolloutRecord;
  readonly members = new Map<string, MemberRecord>();

  constructor(record: RolloutRecord, members: readonly MemberRecord[]) {
    this.record = record;
    for (const member of members) this.members.set(member.agentId, member);
  }

  take(run: RolloutRun): void {
    const changes = run.takeChanges();
    if (changes === null) return;
    this.record = changes.rollout;
    for (const member of changes.members) this.members.set(member.agentId, member);
  }

  states(ring?: string): string[] {
    return [...this.members.values()]
      .filter((member) => ring === undefined || member.ring === ring)
      .map(({ state }) => state);
  }
}

/** By index: 0 and 1 are the pilot, the next two the early ring, the rest the last one. */
function play({ behaviours, wish = {}, offline = new Set(), sites = 1 }: Setting, pins = NO_PINS) {
  const candidates = behaviours.map((_, i) =>
    candidate(i, {
      site: `site ${i % sites}`,
      connected: !offline.has(i),
    }),
  );
  const { record, members } = begun(candidates, { gate: GATE, ...wish });
  const inRings = members
    .toSorted((a, b) => (a.agentId < b.agentId ? -1 : 1))
    .map((member, i) => ({ ...member, turn: i, ring: i < 2 ? 'pilot' : i < 4 ? 'early' : 'all' }) as const);
  const kept = new Kept(record, inRings);
  const run = new RolloutRun(record, inRings, { pinned: pins, settledMs: BEGIN_MS });
  const ids = new Set([...offline].map(idOf));
  const game = new Play(
    run,
    behaviours.map((behaviour, i) => [idOf(i), behaviour]),
    (id) => !ids.has(id),
  );
  const pass = (ms: Millis) => game.pass(ms, () => kept.take(game.run));
  return { game, kept, pass, run };
}

const all = (behaviour: Behaviour, count: number): Behaviour[] =>
  Array.from({ length: count }, () => behaviour);
const ringStates = ({ record }: Kept) => record.rings.map(({ state }) => state);

test('[RO4] ring after ring, each watched before the next; then it is done', () => {
  const { kept, pass } = play({ behaviours: all('good', 20) });
  pass(2 * MINUTE_MS);
  expect(ringStates(kept)).toEqual(['watching', 'waiting', 'waiting']);
  expect(kept.states('early')).toEqual(['waiting', 'waiting']);
  pass(31 * MINUTE_MS);
  expect(ringStates(kept)).toEqual(['passed', 'watching', 'waiting']);
  pass(2 * HOUR_MS);
  expect(kept.record.state).toBe('done');
  expect(ringStates(kept)).toEqual(['passed', 'passed', 'passed']);
  expect(new Set(kept.states())).toEqual(new Set(['done']));
  expect(kept.record.rings[2]?.counts).toEqual({ done: 16 });
  expect(kept.record.endedAtMs).not.toBeNull();
});

test.each<[Behaviour, string, string]>([
  ['broken', 'taken-back', 'not heard in time'],
  ['lost', 'failed', 'trial-unheard'],
  ['refuses', 'failed', 'no space'],
  ['mute', 'failed', 'told-silent'],
  ['stalls', 'failed', 'load-stalled'],
  ['crashes', 'failed', 'told-too-often'],
  ['fades', 'failed', 'fell-silent'],
])(
  '[RO5] one that %s ends as %s and, where none may, its ring fails: nobody more is told, and who has it returns',
  (behaviour, state, why) => {
    const { game, kept, pass } = play({
      behaviours: ['good', 'good', 'good', behaviour, ...all('good', 16)],
    });
    pass(HOUR_MS);
    const early = [idOf(2), idOf(3)].map((id) => kept.members.get(id));
    const bad = kept.members.get(idOf(3));
    expect([bad?.state, bad?.detail]).toEqual([state, expect.stringContaining(why)]);
    expect(kept.record).toMatchObject({
      state: 'rolled-back',
      reason: { en: expect.stringContaining('1 of 2') },
    });
    expect(ringStates(kept)).toEqual(['passed', 'failed', 'waiting']);
    expect(kept.states('pilot')).toEqual(['rolled-back', 'rolled-back']);
    expect(early[0]?.state).toBe('rolled-back');
    expect(new Set(kept.states('all'))).toEqual(new Set(['waiting']));
    const upgraded = game.told.filter(({ kind }) => kind === 'upgrade').map(({ agentId }) => agentId);
    expect(new Set(upgraded)).toEqual(new Set([0, 1, 2, 3].map(idOf)));
  },
);

test('[RO5] where it is not to be rolled back a ring that fails stops it, and a person may still roll back', () => {
  const gate = { ...GATE, rollBack: false };
  const { game, kept, pass, run } = play({
    behaviours: ['good', 'refuses', ...all('good', 5)],
    wish: { gate },
  });
  pass(5 * MINUTE_MS);
  expect([kept.record.state, ...kept.states('pilot')]).toEqual(['stopped', 'done', 'failed']);
  expect(run.move('running', said(''), game.nowMs)).toContain('only a paused one');
  expect(run.move('rolling-back', said('enough'), game.nowMs)).toBeNull();
  pass(MINUTE_MS);
  expect([kept.record.state, kept.record.reason?.en]).toEqual(['rolled-back', 'enough']);
  expect(kept.states('pilot')).toEqual(['rolled-back', 'failed']);
});

test('[RO5] failures up to the share that the gate allows stop nothing, but a ring of failures alone fails', () => {
  const gate = { ...GATE, failedPercentMax: 50 };
  const some = play({ behaviours: ['good', 'broken', ...all('good', 8)], wish: { gate } });
  some.pass(3 * HOUR_MS);
  expect([some.kept.record.state, ...some.kept.states('pilot')]).toEqual(['done', 'done', 'taken-back']);
  const none = play({ behaviours: all('refuses', 4), wish: { gate: { ...GATE, failedPercentMax: 100 } } });
  none.pass(MINUTE_MS);
  expect(none.kept.record).toMatchObject({
    state: 'rolled-back',
    reason: { en: expect.stringContaining('No agent') },
  });
});

test('[RO7] a version on trial is confirmed by what the server acknowledges of it', () => {
  const { kept, pass } = play({ behaviours: all('trial', 4) });
  pass(MINUTE_MS);
  expect(kept.states('pilot')).toEqual(['done', 'done']);
});

test('[RO7] one that was given up and comes back well counts as done', () => {
  const gate = { ...GATE, failedPercentMax: 100 };
  const { game, kept, pass } = play({ behaviours: ['good', 'lost'], wish: { gate } });
  pass(15 * MINUTE_MS);
  expect(kept.states('pilot')).toEqual(['done', 'failed']);
  const lost = game.agents.get(idOf(1));
  if (lost) lost.release = installed({ serial: TARGET.serial, previousSerial: 11 });
  game.come(idOf(1));
  pass(MINUTE_MS);
  expect(kept.states('pilot')).toEqual(['done', 'done']);
});

test('[RO8] offline agents hold no ring up; they are told when they come, also when all rings have passed', () => {
  const { game, kept, pass } = play({ behaviours: all('good', 8), offline: new Set([1, 5]) });
  pass(MINUTE_MS);
  expect(kept.states('pilot')).toEqual(['done', 'offline']);
  pass(3 * HOUR_MS);
  expect([kept.record.state, kept.states('all').toSorted().join()]).toEqual([
    'done',
    'done,done,done,offline',
  ]);
  game.come(idOf(5));
  game.come(idOf(1));
  pass(MINUTE_MS);
  expect(new Set(kept.states())).toEqual(new Set(['done']));
});

test('[RO8] a ring in which nobody is there waits', () => {
  const { kept, pass } = play({ behaviours: all('good', 6), offline: new Set([0, 1]) });
  pass(24 * HOUR_MS);
  expect(ringStates(kept)).toEqual(['running', 'waiting', 'waiting']);
});

test('[RO8] one that puts it off holds nothing up and is told again', () => {
  const { game, kept, pass } = play({ behaviours: ['good', 'later', ...all('good', 4)] });
  pass(MINUTE_MS);
  expect(ringStates(kept)[0]).toBe('watching');
  expect(kept.members.get(idOf(1))).toMatchObject({ state: 'waiting', detail: 'metered line' });
  pass(3 * HOUR_MS);
  expect(kept.record.state).toBe('done');
  expect(game.told.filter(({ agentId }) => agentId === idOf(1)).length).toBeGreaterThan(TELLS_MAX);
});

test('[RO5] when all rings have passed, one that comes late and fails stops the telling, and what runs stays', () => {
  const behaviours: Behaviour[] = [...all('good', 6), 'refuses', 'good'];
  const { game, kept, pass } = play({ behaviours, offline: new Set([6, 7]) });
  pass(3 * HOUR_MS);
  expect(kept.record.state).toBe('done');
  game.come(idOf(6));
  pass(MINUTE_MS);
  game.come(idOf(7));
  pass(MINUTE_MS);
  expect([kept.record.state, kept.states().toSorted().join()]).toEqual([
    'stopped',
    'done,done,done,done,done,done,failed,waiting',
  ]);
});

test('[RO7] one that falls over in each download, as far as before, has failed in the end', () => {
  const { game, kept, pass, run } = play({ behaviours: ['mute', 'good'] });
  const id = idOf(0);
  pass(5_000);
  for (let times = 0; times < TELLS_MAX + 1; times++) {
    for (const receivedBytes of [0, 5])
      run.said(
        id,
        {
          type: 'upgrading',
          serial: TARGET.serial,
          stage: 'downloading',
          receivedBytes,
          totalBytes: 9,
          detail: '',
        },
        game.nowMs,
      );
    game.leave(id, null);
    pass(5_000);
    game.come(id);
    pass(5_000);
  }
  expect(kept.members.get(id)).toMatchObject({ state: 'failed', detail: 'told-too-often' });
});

test('[RO33] why a download is not taken is kept with the agent, and goes when it goes on', () => {
  const { game, kept, pass } = play({ behaviours: all('stalls', 6) });
  pass(10_000);
  const downloading = (receivedBytes: number, detail: string) => {
    const progress = {
      serial: TARGET.serial,
      stage: 'downloading',
      receivedBytes,
      totalBytes: 100,
      detail,
    } as const;
    game.run.said(idOf(0), { type: 'upgrading', ...progress }, game.nowMs);
    kept.take(game.run);
    return kept.members.get(idOf(0));
  };
  const why = 'agent.mjs is not what its signature says';
  expect(downloading(100, why)).toMatchObject({ state: 'downloading', detail: why });
  expect(downloading(10, '')).toMatchObject({ state: 'downloading', detail: '' });
});

test('[RO5] the gate holds while it is paused', () => {
  const { game, kept, pass, run } = play({ behaviours: ['good', 'lost', ...all('good', 4)] });
  pass(MINUTE_MS);
  expect(run.move('paused', said(''), game.nowMs)).toBeNull();
  pass(HOUR_MS);
  expect(kept.record.state).toBe('rolled-back');
});

test('[RO5] going to sleep or being shut down with a word is no silence', () => {
  const { kept, pass } = play({ behaviours: all('sleeps', 6) });
  pass(4 * HOUR_MS);
  expect(kept.record.state).toBe('done');
});

test('[RO5] when most agents are lost at one moment it is the line of the server: nobody is rolled back for it', () => {
  const { game, kept, pass } = play({ behaviours: all('good', 12) });
  pass(2 * MINUTE_MS);
  for (let i = 0; i < 12; i++) game.leave(idOf(i), null);
  pass(4 * MINUTE_MS);
  expect([kept.record.state, ...kept.states('pilot')]).toEqual(['running', 'done', 'done']);
  for (let i = 0; i < 12; i++) game.come(idOf(i));
  pass(4 * HOUR_MS);
  expect(kept.record.state).toBe('done');
});

test('[RO8] that most of the fleet is away, and stays away, holds nothing up and lets nothing pass', () => {
  const { game, kept, pass } = play({
    behaviours: ['good', 'good', 'good', 'lost', ...all('good', 16)],
    offline: new Set(Array.from({ length: 14 }, (_, i) => 6 + i)),
  });
  pass(2 * MINUTE_MS);
  for (const i of [4, 5]) game.leave(idOf(i), null);
  pass(2 * HOUR_MS);
  expect(kept.record.state).toBe('rolled-back');
  const lost = play({ behaviours: all('good', 12) });
  lost.pass(2 * MINUTE_MS);
  for (let i = 0; i < 12; i++) lost.game.leave(idOf(i), null);
  lost.pass(HOUR_MS);
  for (let i = 2; i < 12; i++) lost.game.come(idOf(i));
  lost.pass(HOUR_MS);
  expect(lost.kept.record.state).toMatch(/^roll/);
});

test('[RO10] one that was told, and was pinned while it was away, is left where it is and is no failure', () => {
  const pins = new Set<string>();
  const { game, kept, pass, run } = play({ behaviours: ['good', 'mute', ...all('good', 6)] }, pins);
  pass(5_000);
  const states = () => kept.members.get(idOf(1))?.state;
  expect(states()).toBe('told');
  game.leave(idOf(1), null);
  pins.add(idOf(1));
  run.pinChanged(idOf(1), game.nowMs);
  game.come(idOf(1));
  pass(4 * HOUR_MS);
  expect([states(), kept.record.state]).toEqual(['skipped', 'done']);
});

test('[RO5] a machine that says it starts again has twenty minutes, and no more', () => {
  for (const [minutes, state] of [
    [15, 'running'],
    [25, 'rolling-back'],
  ] as const) {
    const { game, pass, run } = play({ behaviours: all('good', 12) });
    pass(2 * MINUTE_MS);
    run.left(idOf(0), 'restart', game.nowMs);
    pass(minutes * MINUTE_MS);
    expect(run.state.replace('rolled-back', 'rolling-back')).toBe(state);
  }
});

test('[RO10] one that is revoked while its ring is watched is no failure of the release', () => {
  const { game, kept, pass, run } = play({ behaviours: all('good', 12) });
  pass(2 * MINUTE_MS);
  run.revoked(idOf(0), game.nowMs);
  run.left(idOf(0), null, game.nowMs);
  pass(4 * HOUR_MS);
  expect(kept.members.get(idOf(0))).toMatchObject({ state: 'skipped', detail: 'revoked' });
  expect(kept.record.state).toBe('done');
});

test('[RO9] paused, nobody new is told; resumed, it goes on; promoted, the watching ends', () => {
  const { game, kept, pass, run } = play({
    behaviours: all('good', 10),
    wish: { pace: { atOnceMax: 1, perSiteMax: 1 } },
  });
  pass(10_000);
  expect(run.move('promoted', said(''), game.nowMs)).toContain('no ring is being watched');
  expect(run.move('paused', said('lunch'), game.nowMs)).toBeNull();
  pass(5 * MINUTE_MS);
  expect([kept.record.state, kept.record.reason?.en, ...kept.states('pilot')]).toEqual([
    'paused',
    'lunch',
    'done',
    'waiting',
  ]);
  expect(run.move('running', said(''), game.nowMs)).toBeNull();
  pass(MINUTE_MS);
  expect(ringStates(kept)[0]).toBe('watching');
  expect(run.move('promoted', said(''), game.nowMs)).toBeNull();
  pass(5_000);
  expect(ringStates(kept)).toEqual(['passed', 'running', 'waiting']);
});

test('[RO10] a pin keeps an agent out, on the way there and back, until it is taken away', () => {
  const pins = new Set<string>();
  const { game, kept, pass, run } = play({ behaviours: all('good', 10) }, pins);
  pins.add(idOf(5));
  run.pinChanged(idOf(5), BEGIN_MS);
  pass(3 * HOUR_MS);
  expect(kept.members.get(idOf(5))).toMatchObject({ state: 'skipped', detail: 'pinned' });
  expect(kept.record.state).toBe('done');
  pins.delete(idOf(5));
  run.pinChanged(idOf(5), game.nowMs);
  pass(MINUTE_MS);
  expect(kept.members.get(idOf(5))?.state).toBe('done');
  pins.add(idOf(6));
  run.pinChanged(idOf(6), game.nowMs);
  expect(run.move('rolling-back', said(''), game.nowMs)).toBeNull();
  pass(5 * MINUTE_MS);
  expect(kept.record.state).toBe('rolled-back');
  expect(kept.states().toSorted()).toEqual(['done', ...all('good', 9).map(() => 'rolled-back')]);
});

test('[RO10] a revoked agent takes part no more, one that runs a higher release neither', () => {
  const { game, kept, pass, run } = play({ behaviours: all('good', 8), offline: new Set([7]) });
  run.revoked(idOf(6), BEGIN_MS);
  const ahead = game.agents.get(idOf(7));
  if (ahead) ahead.release = installed({ serial: TARGET.serial + 1 });
  game.come(idOf(7));
  pass(3 * HOUR_MS);
  expect(kept.members.get(idOf(6))).toMatchObject({ state: 'skipped', detail: 'revoked' });
  expect(kept.members.get(idOf(7))).toMatchObject({ state: 'skipped', detail: 'already' });
  expect(kept.record.state).toBe('done');
});

test('[RO11] one whose machine took it back in this rollout is not told again; one of an earlier time is', () => {
  const { game, kept, pass } = play({
    behaviours: ['good', 'broken', 'good'],
    wish: { gate: { ...GATE, failedPercentMax: 100 } },
  });
  pass(20 * MINUTE_MS);
  game.leave(idOf(1), null);
  game.come(idOf(1));
  pass(HOUR_MS);
  expect(game.told.filter(({ agentId }) => agentId === idOf(1))).toHaveLength(1);
  expect(kept.members.get(idOf(1))?.state).toBe('taken-back');

  const takenBack = { serial: TARGET.serial, why: 'long ago' };
  const { record, members } = begun([candidate(0, { release: installed({ takenBack }) })]);
  const run = new RolloutRun(record, members, { pinned: NO_PINS, settledMs: BEGIN_MS });
  run.arrived(idOf(0), installed({ takenBack }), BEGIN_MS);
  expect(run.tick(BEGIN_MS).orders).toEqual([{ agentId: idOf(0), kind: 'upgrade' }]);
  run.arrived(idOf(0), installed({ takenBack }), BEGIN_MS + 1);
  expect(run.record.rings[0]?.counts).toEqual({ told: 1 });
});

test('[RO12] after a start of the server nothing is held against agents before they had time to come back', () => {
  const { game, kept, pass } = play({ behaviours: all('good', 6) });
  pass(2 * MINUTE_MS);
  const laterMs = game.nowMs + 12 * HOUR_MS;
  const again = new RolloutRun(kept.record, [...kept.members.values()], {
    pinned: NO_PINS,
    settledMs: laterMs + SETTLE_MS,
  });
  game.nowMs = laterMs;
  game.run = again;
  pass(4 * MINUTE_MS);
  expect([kept.record.state, ...kept.states('pilot')]).toEqual(['running', 'done', 'done']);
  game.comeBack(again);
  pass(4 * HOUR_MS);
  expect(kept.record.state).toBe('done');
});

/** As after a start of the server, with what it had kept. */
function restarted({ game, kept }: Pick<ReturnType<typeof play>, 'game' | 'kept'>): RolloutRun {
  return new RolloutRun(kept.record, [...kept.members.values()], {
    pinned: NO_PINS,
    settledMs: game.nowMs + SETTLE_MS,
  });
}

describe('a clock of the server that is set', () => {
  const YEAR_MS = 365 * 24 * HOUR_MS;

  test.each([
    ['forwards', 2 * HOUR_MS],
    ['backwards', -2 * HOUR_MS],
    ['far back', -YEAR_MS],
  ])('[RO17] %s, it fails nobody and ends no watching early or late', (_how, byMs) => {
    const { game, kept, pass } = play({ behaviours: ['good', 'good', ...all('good', 4)] });
    pass(15_000);
    expect(kept.states('pilot')).toEqual(['downloading', 'downloading']);
    game.setClock(byMs);
    pass(MINUTE_MS);
    expect([ringStates(kept)[0], ...kept.states('pilot')]).toEqual(['watching', 'done', 'done']);
    game.setClock(byMs);
    pass(25 * MINUTE_MS);
    expect(ringStates(kept)[0]).toBe('watching');
    pass(7 * MINUTE_MS);
    expect(ringStates(kept)[0]).toBe('passed');
  });

  test('[RO17] one that falls silent is found all the same', () => {
    for (const byMs of [2 * HOUR_MS, -YEAR_MS]) {
      const { game, kept, pass } = play({ behaviours: ['good', 'fades', ...all('good', 4)] });
      pass(2 * MINUTE_MS);
      game.setClock(byMs);
      pass(10 * MINUTE_MS);
      expect(kept.members.get(idOf(1))?.state).toBe('failed');
    }
  });

  test('[RO17] what an agent says after it was set and before the server looks again is of the time before', () => {
    for (const byMs of [2 * HOUR_MS, -YEAR_MS]) {
      const { game, kept, pass, run } = play({ behaviours: ['good', 'mute', ...all('good', 4)] });
      pass(5_000);
      game.setClock(byMs);
      game.leave(idOf(1), null);
      game.come(idOf(1));
      run.said(
        idOf(1),
        {
          type: 'upgrading',
          serial: TARGET.serial,
          stage: 'downloading',
          receivedBytes: 1,
          totalBytes: 2,
          detail: '',
        },
        game.nowMs,
      );
      pass(5 * MINUTE_MS);
      expect(kept.members.get(idOf(1))?.state).toBe('downloading');
      expect(Math.abs((kept.members.get(idOf(1))?.sinceMs ?? 0) - game.nowMs)).toBeLessThan(10 * MINUTE_MS);
    }
  });

  test('[RO17] set back while the server was stopped, it keeps nothing waiting until then', () => {
    const played = play({ behaviours: ['good', 'mute', ...all('good', 4)] });
    played.pass(10_000);
    played.game.setClock(-YEAR_MS);
    played.game.comeBack(restarted(played));
    played.pass(20 * MINUTE_MS);
    expect(played.kept.members.get(idOf(1))?.state).toBe('failed');
    const watched = play({ behaviours: all('good', 4) });
    watched.pass(2 * MINUTE_MS);
    expect(ringStates(watched.kept)[0]).toBe('watching');
    watched.game.setClock(-YEAR_MS);
    watched.game.comeBack(restarted(watched));
    watched.pass(40 * MINUTE_MS);
    expect(ringStates(watched.kept)[0]).toBe('passed');
  });

  test('[RO17] however often it is set, a good release arrives in its time and a bad one is caught', () => {
    const jumps = fc.array(
      fc.record({
        afterS: fc.integer({ min: 10, max: 3_000 }),
        byS: fc.integer({ min: -100_000, max: 100_000 }),
      }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(jumps, fc.boolean(), (drawn, isGood) => {
        const { game, kept, pass } = play({ behaviours: all(isGood ? 'good' : 'fades', 6) });
        for (const { afterS, byS } of drawn) {
          pass(afterS * 1_000);
          game.setClock(byS * 1_000);
        }
        pass(3 * HOUR_MS);
        if (isGood) expect(kept.record.state).toBe('done');
        else
          expect([kept.record.state, ...ringStates(kept)]).toEqual([
            'rolled-back',
            'failed',
            'waiting',
            'waiting',
          ]);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a server that is away', () => {
  test('[RO18] in the middle of trials, those that were not heard for it are no failures: they are told again', () => {
    const played = play({ behaviours: all('good', 6) });
    const { game, kept, pass } = played;
    pass(30_000);
    expect(kept.states('pilot')).toEqual(['trial', 'trial']);
    game.passAway(2 * HOUR_MS);
    expect(game.agents.get(idOf(0))?.release).toMatchObject({
      serial: 11,
      takenBack: { serial: TARGET.serial },
    });
    game.comeBack(restarted(played));
    kept.take(game.run);
    expect(kept.members.get(idOf(0))).toMatchObject({ state: 'waiting', detail: 'server-away' });
    pass(2 * MINUTE_MS);
    expect([kept.record.state, ...kept.states('pilot')]).toEqual(['running', 'done', 'done']);
    pass(4 * HOUR_MS);
    expect(kept.record.state).toBe('done');
  });

  test('[RO18] one that is not there afterwards is offline, and told when it comes', () => {
    const played = play({ behaviours: all('good', 6) });
    const { game, kept, pass } = played;
    pass(30_000);
    game.passAway(HOUR_MS);
    game.leave(idOf(0), null);
    game.comeBack(restarted(played));
    pass(30 * MINUTE_MS);
    expect(kept.members.get(idOf(0))).toMatchObject({ state: 'offline', detail: 'server-away' });
    game.come(idOf(0));
    pass(2 * MINUTE_MS);
    expect(kept.members.get(idOf(0))?.state).toBe('done');
  });

  test('[RO18] a server that stood still was away as well', () => {
    const { game, kept, pass } = play({ behaviours: all('good', 6) });
    pass(30_000);
    game.passAway(2 * HOUR_MS);
    game.comeBack(game.run);
    pass(4 * HOUR_MS);
    expect(kept.record.state).toBe('done');
  });

  const outages = fc.array(
    fc.record({ afterS: fc.integer({ min: 5, max: 2_400 }), forS: fc.integer({ min: 5, max: 20_000 }) }),
    { maxLength: 4 },
  );

  test('[RO18] whenever it is away, a good release arrives everywhere', () => {
    fc.assert(
      fc.property(
        outages,
        fc.array(fc.constantFrom('good', 'trial'), { minLength: 5, maxLength: 9 }),
        (drawn, behaviours) => {
          const played = play({ behaviours });
          for (const { afterS, forS } of drawn) {
            played.pass(afterS * 1_000);
            played.game.passAway(forS * 1_000);
            played.game.comeBack(restarted(played));
          }
          played.pass(6 * HOUR_MS);
          expect([played.kept.record.state, new Set(played.kept.states())]).toEqual([
            'done',
            new Set(['done']),
          ]);
        },
      ),
      {
        numRuns: 60,
        // It went away between the restart of the new version and its connection.
        examples: [[[{ afterS: 1_851, forS: 6 }], ['good', 'good', 'good', 'trial', 'good']]],
      },
    );
  });

  test('[RO18] whenever it is away, a broken release is caught in the pilot, or nobody of it is there to be told again', () => {
    fc.assert(
      fc.property(outages, fc.constantFrom('broken', 'refuses', 'fades'), (drawn, behaviour) => {
        const played = play({ behaviours: all(behaviour, 6) });
        for (const { afterS, forS } of drawn) {
          played.pass(afterS * 1_000);
          played.game.passAway(forS * 1_000);
          played.game.comeBack(restarted(played));
        }
        played.pass(3 * HOUR_MS);
        // Machines that fell silent while it was away, and stay so, are off as far as it can know [RO8].
        const isNobodyThere = played.kept.states('pilot').every((state) => state === 'offline');
        expect([played.kept.record.state, ...ringStates(played.kept)]).toEqual([
          ...(isNobodyThere ? ['running', 'running'] : ['rolled-back', 'failed']),
          'waiting',
          'waiting',
        ]);
      }),
      { numRuns: 60, examples: [[[{ afterS: 21, forS: 56 }], 'fades']] },
    );
  });
});

describe('whatever agents do', () => {
  const setting = fc.record({
    behaviours: fc.array(fc.constantFrom(...BEHAVIOURS, 'good', 'good', 'good'), {
      minLength: 1,
      maxLength: 14,
    }),
    offlineShare: fc.integer({ min: 0, max: 2 }),
    failedPercentMax: fc.constantFrom(0, 20, 100),
    rollBack: fc.boolean(),
    atOnceMax: fc.integer({ min: 1, max: 4 }),
    perSiteMax: fc.integer({ min: 1, max: 3 }),
    sites: fc.integer({ min: 1, max: 3 }),
    watchMinutes: fc.constantFrom(1, 10),
  });
  type Drawn = typeof setting extends fc.Arbitrary<infer T> ? T : never;
  const drawn = ({ behaviours, offlineShare, sites, atOnceMax, perSiteMax, ...gate }: Drawn) =>
    play({
      behaviours,
      sites,
      offline: new Set(behaviours.flatMap((_, i) => (offlineShare > 0 && i % 3 < offlineShare ? [i] : []))),
      wish: { gate, pace: { atOnceMax, perSiteMax } },
    });

  test('[RO31] of 2,000 agents on four sites no more are under way than the pace says, and the pace is used', () => {
    const pace = { atOnceMax: 18, perSiteMax: 5 };
    const gate = { ...GATE, watchMinutes: 1 };
    const { game, kept } = play({ behaviours: all('good', 2_000), sites: 4, wish: { gate, pace } });
    const most = { inAll: 0, onSite: 0 };
    const look = () => {
      kept.take(game.run);
      const under = [...kept.members.values()].filter(({ state }) => isUnderWay(state));
      most.inAll = Math.max(most.inAll, under.length);
      for (const some of Map.groupBy(under, ({ site }) => site).values())
        most.onSite = Math.max(most.onSite, some.length);
    };
    game.pass(20 * MINUTE_MS, look);
    game.comeBack(restarted({ game, kept }));
    game.pass(80 * MINUTE_MS, look);
    expect(most).toEqual({ inAll: pace.atOnceMax, onSite: pace.perSiteMax });
    expect([kept.record.state, new Set(kept.states())]).toEqual(['done', new Set(['done'])]);
  });

  test('[RO6] never are more told than may be under way in all and on one site', () => {
    fc.assert(
      fc.property(setting, (input) => {
        const { game, kept } = drawn(input);
        const come = () => [...game.agents.keys()].forEach((id) => game.come(id));
        const each = () => {
          kept.take(game.run);
          const under = [...kept.members.values()].filter(({ state }) => isUnderWay(state));
          expect(under.length).toBeLessThanOrEqual(input.atOnceMax);
          for (const some of Map.groupBy(under, ({ place }) => place).values())
            expect(some.length).toBeLessThanOrEqual(input.perSiteMax);
        };
        game.pass(20 * MINUTE_MS, each);
        come();
        game.pass(HOUR_MS, each);
      }),
      { numRuns: 40 },
    );
  });

  test('[RO4] a later ring never begins before the one before it has passed, and a failing one ends with nobody told further', () => {
    fc.assert(
      fc.property(setting, (input) => {
        const { game, kept } = drawn(input);
        let failed = false;
        game.pass(2 * HOUR_MS, (orders) => {
          if (failed) expect(orders.filter(({ kind }) => kind === 'upgrade')).toEqual([]);
          kept.take(game.run);
          const { rings } = kept.record;
          for (const [i, ring] of rings.entries()) {
            const before = rings[i - 1];
            if (ring.state !== 'waiting' && before) expect(before.state).toBe('passed');
            if (ring.state === 'waiting')
              expect(new Set(kept.states(ring.name)).difference(new Set(['waiting']))).toEqual(new Set());
          }
          failed ||= rings.some(({ state }) => state === 'failed');
        });
      }),
      { numRuns: 40 },
    );
  });

  test('[RO7] every agent comes to an end once all can be reached and time passes', () => {
    fc.assert(
      fc.property(setting, (input) => {
        const { game, kept, pass } = drawn(input);
        pass(10 * MINUTE_MS);
        for (const id of game.agents.keys()) game.come(id);
        pass(14 * HOUR_MS);
        if (input.behaviours.includes('later')) return;
        expect(['done', 'stopped', 'rolled-back']).toContain(kept.record.state);
        const ends = ['done', 'failed', 'taken-back', 'rolled-back', 'skipped'];
        // Those of rings that were never reached.
        if (kept.record.state !== 'done') ends.push('waiting');
        for (const state of kept.states()) expect(ends).toContain(state);
      }),
      { numRuns: 25 },
    );
  });

  test('[RO12] from what was kept, a server that starts anew decides the same', () => {
    fc.assert(
      fc.property(setting, fc.integer({ min: 1, max: 120 }), (input, restartAfter) => {
        // When one that puts it off is told again is not kept.
        const behaviours = input.behaviours.map((one) => (one === 'later' ? 'good' : one));
        const { game, kept, pass } = drawn({ ...input, behaviours });
        pass(restartAfter * 15_000);
        const before = game.run;
        // What the agents said after the last tick is kept by the server before anybody starts anew.
        kept.take(before);
        const again = new RolloutRun(kept.record, [...kept.members.values()], {
          pinned: NO_PINS,
          settledMs: game.nowMs + SETTLE_MS,
        });
        // A server that stays hears all agents anew as well, as after a broken switch.
        for (const run of [before, again])
          for (const [id, { connected, release }] of game.agents)
            if (connected) run.arrived(id, release, game.nowMs);
        // What was due then is decided; between two ticks nothing else falls due.
        const atMs = game.nowMs;
        expect(again.tick(atMs).orders).toEqual(before.tick(atMs).orders);
        expect(again.record.rings.map(({ state }) => state)).toEqual(
          before.record.rings.map(({ state }) => state),
        );
        expect(again.state).toBe(before.state);
      }),
      { numRuns: 60 },
    );
  });
});
