/** The mock's releases and rollouts: one moves on with time, as agents of a real fleet would. */
import type { Agent } from '@muster/shared/api/fleet.ts';
import type {
  NewRollout,
  Release,
  RingName,
  Rollout,
  RolloutAgent,
  RolloutAgentState,
  RolloutRing,
  RolloutStep,
  SkipReason,
} from '@muster/shared/api/rollouts.ts';
import { RING_NAMES } from '@muster/shared/api/rollouts.ts';
import { type Platform, PLATFORMS } from '@muster/shared/release/manifest.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS, toIso, type Millis } from '@muster/shared/time.ts';
import type { Handlers } from '../handlers.ts';
import { Refusal } from '../refusal.ts';
import { hash } from '../signal.ts';
import type { World } from '../world.ts';

const MIB = 2 ** 20;
const SCRIPT_BYTES = 640_000;
const NODE_BYTES = 46 * MIB;
/** From being told to the confirmation of the new version: a word, a download, a restart with its trial. */
const TOLD_MS = 2 * SECOND_MS;
const LOADED_MS = 14 * SECOND_MS;
const UPGRADE_MS = 26 * SECOND_MS;
const RETURN_MS = 9 * SECOND_MS;
const RETURN_STEP_MS = 900;
/** A watching time of half an hour is nothing that anybody waits for here. */
const WATCH_MS_MAX = 150 * SECOND_MS;
const NOT_BACK = 'it did not connect within 300 s';
const NO_SPACE = 'no room for the release: 61 MB are free in /opt/muster, 120 MB are needed';

type RolloutMove = RolloutStep['to'] | 'running' | 'promoted';

interface Member {
  readonly agent: Agent;
  readonly ring: RingName;
  /** What becomes of it; null: it gets through. */
  readonly fate: { readonly state: 'failed' | 'taken-back'; readonly detail: string } | null;
}

interface Run {
  readonly rollout: Rollout;
  readonly members: readonly Member[];
  readonly skipped: readonly { readonly agent: Agent; readonly reason: SkipReason }[];
  readonly startMs: Millis;
  /** Time in which it stood still. */
  heldMs: number;
  pausedAtMs: Millis | null;
  stoppedAtMs: Millis | null;
  undoneAtMs: Millis | null;
  /** The last step of a person that is still in force. */
  step: RolloutStep | null;
  readonly promotedAtMs: Partial<Record<RingName, Millis>>;
}

export function rolloutHandlers(world: World): Handlers {
  const releases = world.size === 'new' ? [] : makeReleases(world.startMs);
  const runs: Run[] = [];
  const past = world.size === 'new' ? [] : makePast(world.startMs);
  if (world.size !== 'new') runs.push(firstRun(world));
  // Before anybody asks for the rollout, the list of agents knows what it did.
  for (const run of runs) rolloutAt(run, world.startMs);
  const runOf = (id: string): Run => {
    const found = runs.find(({ rollout }) => rollout.id === id);
    if (!found) throw new Refusal(404, 'not-found', `There is no rollout ${id}`);
    return found;
  };
  const all = () => [...runs.map((run) => rolloutAt(run, Date.now())), ...past];
  const installed = (serial: number) =>
    world.agents.filter(({ release, state }) => state === 'active' && release?.serial === serial).length;
  return {
    listReleases: () => ({
      items: releases.map((release) => ({ ...release, agents: installed(release.serial) })),
      nextCursor: null,
    }),
    getReleaseTrust: () => ({
      keyFingerprint: world.size === 'new' ? null : '5d41 402a bc4b 2a76 b971 9d91 1017 c592',
      refused: [],
    }),
    deleteRelease: ({ params }) => {
      const at = releases.findIndex(({ serial }) => serial === params.serial);
      if (at < 0) throw new Refusal(404, 'not-found', `There is no release ${params.serial}`);
      if (all().some(({ serial, state }) => serial === params.serial && isUnderWay(state)))
        throw new Refusal(409, 'release-in-use', `Release ${params.serial} is being rolled out`);
      releases.splice(at, 1);
      return {};
    },
    listRollouts: ({ query }) => paged(all(), query),
    previewRollout: ({ body }) => {
      const { members, skipped } = plan(world, body, GETS_THROUGH);
      return {
        rings: RING_NAMES.map((name) => {
          const of = members.filter(({ ring }) => ring === name);
          return { name, agents: of.length, examples: of.slice(0, 5).map(({ agent }) => agent.hostname) };
        }),
        skipped: countReasons(skipped).map(({ reason, agents }) => ({
          reason,
          agents,
          examples: skipped
            .filter((one) => one.reason === reason)
            .slice(0, 5)
            .map(({ agent }) => agent.hostname),
        })),
        totalBytes: members.length * SCRIPT_BYTES + (members.length / 4) * NODE_BYTES,
      };
    },
    createRollout: ({ body }) => {
      if (all().some(({ state }) => isUnderWay(state)))
        throw new Refusal(409, 'rollout-active', 'Another rollout is under way');
      const release = releases.find(({ serial }) => serial === body.serial);
      if (!release) throw new Refusal(404, 'not-found', `There is no release ${body.serial}`);
      const id = `rol_${all().length + 1}`;
      runs.unshift(
        makeRun(world, body, { id, version: release.version, startMs: Date.now(), fateOf: GETS_THROUGH }),
      );
      return rolloutAt(runOf(id), Date.now());
    },
    getRollout: ({ params }) =>
      past.find(({ id }) => id === params.id) ?? rolloutAt(runOf(params.id), Date.now()),
    listRolloutAgents: ({ params, query }) => {
      if (past.some(({ id }) => id === params.id)) return { items: [], nextCursor: null };
      const found = agentsAt(runOf(params.id), Date.now()).filter(
        ({ state, ring }) =>
          (query.state === undefined || state === query.state) &&
          (query.ring === undefined || ring === query.ring),
      );
      return paged(found, query);
    },
    moveRollout: ({ params, body }) => {
      const run = runOf(params.id);
      move(run, body, Date.now());
      return rolloutAt(run, Date.now());
    },
    pinAgent: ({ params, body }) => {
      const agent = world.agents.find(({ id }) => id === params.id);
      if (!agent?.release) throw new Refusal(404, 'not-found', params.id);
      agent.release.pinned = body.pinned;
      return {};
    },
  };
}

function paged<T>(items: readonly T[], { limit, cursor }: { limit: number; cursor?: string | undefined }) {
  const from = Number(cursor ?? 0);
  return {
    items: items.slice(from, from + limit),
    nextCursor: from + limit < items.length ? String(from + limit) : null,
  };
}

function isUnderWay(state: Rollout['state']): boolean {
  return state === 'running' || state === 'paused' || state === 'rolling-back';
}

function makeReleases(startMs: Millis): Release[] {
  const make = (
    serial: number,
    version: string,
    days: number,
    platforms: readonly Platform[] = PLATFORMS,
  ): Release => ({
    serial,
    version,
    development: serial === 13,
    addedAt: toIso(startMs - days * DAY_MS),
    files: [
      { name: 'agent.mjs', platform: null, bytes: SCRIPT_BYTES },
      ...platforms.map((platform) => ({ name: `node-${platform}.gz`, platform, bytes: NODE_BYTES })),
    ],
    agents: 0,
  });
  return [
    make(13, '1.5.0-rc.1', 0.1, ['linux-x64']),
    make(12, '1.4.0', 1.2),
    make(11, '1.3.2', 34),
    make(10, '1.3.0', 61),
  ];
}

type FateOf = (ring: RingName, index: number) => Member['fate'];
const GETS_THROUGH: FateOf = () => null;

/** Which rings who is in, and who takes no part. `fateOf`: of the connected ones of each ring, by their number. */
function plan(world: World, input: NewRollout, fateOf: FateOf) {
  const tagsOf = ({ ciId }: Agent) =>
    world.machines.find(({ detail }) => detail.id === ciId)?.detail.tags ?? [];
  const skipped: { agent: Agent; reason: SkipReason }[] = [];
  const able: Agent[] = [];
  for (const agent of world.agents) {
    if (agent.state === 'pending') continue;
    if (input.tags.length > 0 && !input.tags.some((tag) => tagsOf(agent).includes(tag))) continue;
    const reason = reasonToSkip(agent, input.serial);
    if (reason === null) able.push(agent);
    else skipped.push({ agent, reason });
  }
  const isPilot = (agent: Agent, index: number) =>
    input.pilotTag === null ? index < input.pilotCount : tagsOf(agent).includes(input.pilotTag);
  const early = Math.ceil((able.length * input.earlyPercent) / 100);
  const numbers = { pilot: 0, early: 0, all: 0 };
  let others = 0;
  // Those that are there first; the others end up in all rings.
  const mixed = able.toSorted((a, b) => Number(b.connected) - Number(a.connected) || hash(a.id) - hash(b.id));
  const members = mixed.map((agent, index): Member => {
    const ring: RingName = isPilot(agent, index) ? 'pilot' : others++ < early ? 'early' : 'all';
    return { agent, ring, fate: agent.connected ? fateOf(ring, numbers[ring]++) : null };
  });
  return { members, skipped };
}

function reasonToSkip({ release, state }: Agent, serial: number): SkipReason | null {
  if (state === 'revoked') return 'revoked';
  if (release === null) return 'no-ability';
  if (release.pinned) return 'pinned';
  return release.serial >= serial ? 'already' : null;
}

function countReasons(skipped: Run['skipped']): Rollout['skipped'] {
  const counts = new Map<string, number>();
  for (const { reason } of skipped) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, agents]) => ({ reason, agents }));
}

function makeRun(
  world: World,
  input: NewRollout,
  more: { id: string; version: string; startMs: Millis; fateOf: FateOf },
): Run {
  const { members, skipped } = plan(world, input, more.fateOf);
  return {
    rollout: {
      id: more.id,
      serial: input.serial,
      version: more.version,
      state: 'running',
      reason: null,
      createdAt: toIso(more.startMs),
      createdBy: 'user:admin',
      endedAt: null,
      tags: input.tags,
      pilotTag: input.pilotTag,
      gate: input.gate,
      pace: input.pace,
      trialMinutes: input.trialMinutes,
      rings: [],
      skipped: countReasons(skipped),
    },
    members,
    skipped,
    startMs: more.startMs,
    heldMs: 0,
    pausedAtMs: null,
    stoppedAtMs: null,
    undoneAtMs: null,
    step: null,
    promotedAtMs: {},
  };
}

/** `full`: the second ring is watched, one machine came back. `large`: all are told. `crowd`: its gate has undone it. */
function firstRun(world: World): Run {
  const input: NewRollout = {
    serial: 12,
    tags: [],
    pilotTag: null,
    pilotCount: 5,
    earlyPercent: 10,
    gate: {
      failedPercentMax: world.size === 'full' ? 20 : world.size === 'large' ? 5 : 2,
      watchMinutes: 2,
      rollBack: true,
    },
    pace: { atOnceMax: world.size === 'large' ? 50 : 5, perSiteMax: 5 },
    trialMinutes: 5,
  };
  const back = { state: 'taken-back', detail: NOT_BACK } as const;
  const full = { state: 'failed', detail: NO_SPACE } as const;
  const fateOf: FateOf = (ring, index) => {
    if (world.size === 'large')
      return ring === 'all' && hash(`fate ${index}`) < 0.03 ? (index % 3 === 0 ? full : back) : null;
    if (ring !== 'early') return null;
    return index === 1 || (index === 2 && world.size === 'crowd') ? back : null;
  };
  const agoMs = { full: 4, large: 12, crowd: 95, new: 0 }[world.size] * MINUTE_MS;
  return makeRun(world, input, { id: 'rol_3', version: '1.4.0', startMs: world.startMs - agoMs, fateOf });
}

interface At {
  readonly state: RolloutAgentState;
  readonly sinceMs: number;
  readonly received: number;
}

interface Course {
  readonly members: ReadonlyMap<Member, At>;
  readonly rings: readonly RolloutRing[];
  /** Since when the gate holds it back; null: it does not. */
  readonly failedMs: number | null;
  readonly doneMs: number | null;
}

/** Where everybody is `atMs` after the start. */
function courseAt(run: Run, atMs: number): Course {
  const members = new Map<Member, At>();
  const rings: RolloutRing[] = [];
  const iso = (ms: number) => toIso(run.startMs + run.heldMs + ms);
  const { gate, pace } = run.rollout;
  const watchMs = Math.min(gate.watchMinutes * MINUTE_MS, WATCH_MS_MAX);
  let beginMs: number | null = 0;
  let failedMs: number | null = null;
  for (const name of RING_NAMES) {
    const of = run.members.filter(({ ring }) => ring === name);
    const told = of.filter(({ agent }) => agent.connected);
    const toldMs = (index: number) =>
      (beginMs ?? 0) + Math.floor(index / pace.atOnceMax) * UPGRADE_MS + (index % pace.atOnceMax) * 300;
    const troubles = told.flatMap(({ fate }, index) => (fate === null ? [] : [toldMs(index) + UPGRADE_MS]));
    const stops = Math.floor((of.length * gate.failedPercentMax) / 100);
    const ringFailedMs: number | undefined =
      beginMs === null ? undefined : troubles.toSorted((a, b) => a - b)[stops];
    const begins: boolean = beginMs !== null && beginMs <= atMs && failedMs === null;
    const isFailed: boolean = begins && ringFailedMs !== undefined && ringFailedMs <= atMs;
    const upToMs: number = isFailed ? (ringFailedMs ?? atMs) : atMs;
    for (const member of of) {
      const index = told.indexOf(member);
      const sinceToldMs = upToMs - toldMs(index);
      if (!begins || (index >= 0 && sinceToldMs < 0))
        members.set(member, { state: 'waiting', sinceMs: 0, received: 0 });
      else if (index < 0) members.set(member, { state: 'offline', sinceMs: beginMs ?? 0, received: 0 });
      else
        members.set(member, stageAfter(isFailed ? atMs - toldMs(index) : sinceToldMs, toldMs(index), member));
    }
    const lastMs = told.length === 0 ? (beginMs ?? 0) : toldMs(told.length - 1) + UPGRADE_MS;
    const endMs = Math.min(
      lastMs + (of.length === 0 ? 0 : watchMs),
      run.promotedAtMs[name] ?? Number.POSITIVE_INFINITY,
    );
    const state = !begins
      ? 'waiting'
      : isFailed
        ? 'failed'
        : atMs < lastMs
          ? 'running'
          : atMs < endMs
            ? 'watching'
            : 'passed';
    const counts: Partial<Record<RolloutAgentState, number>> = {};
    for (const member of of) {
      const { state: one } = members.get(member) as At;
      counts[one] = (counts[one] ?? 0) + 1;
    }
    rings.push({
      name,
      state,
      agents: of.length,
      counts,
      startedAt: begins ? iso(beginMs ?? 0) : null,
      watchUntil: state === 'watching' ? iso(endMs) : null,
      endedAt: isFailed ? iso(upToMs) : state === 'passed' ? iso(endMs) : null,
    });
    if (isFailed) failedMs = upToMs;
    beginMs = isFailed || !begins ? null : endMs <= atMs ? endMs : null;
  }
  return { members, rings, failedMs, doneMs: beginMs };
}

function stageAfter(sinceToldMs: number, toldMs: number, { fate, agent }: Member): At {
  const total = bytesOf(agent);
  if (sinceToldMs < TOLD_MS) return { state: 'told', sinceMs: toldMs, received: 0 };
  if (sinceToldMs < LOADED_MS) {
    const share = (sinceToldMs - TOLD_MS) / (LOADED_MS - TOLD_MS);
    return { state: 'downloading', sinceMs: toldMs + TOLD_MS, received: Math.round(total * share) };
  }
  if (fate?.state === 'failed')
    return { state: 'failed', sinceMs: toldMs + LOADED_MS, received: Math.round(total * 0.4) };
  if (sinceToldMs < UPGRADE_MS) return { state: 'trial', sinceMs: toldMs + LOADED_MS, received: total };
  return { state: fate === null ? 'done' : fate.state, sinceMs: toldMs + UPGRADE_MS, received: total };
}

/** Most machines have the right Node already. */
function bytesOf({ id }: Agent): number {
  return SCRIPT_BYTES + (hash(`node ${id}`) < 0.25 ? NODE_BYTES : 0);
}

/** Those that have the new version return one after another. */
function undo(course: Course, fromMs: number, atMs: number): { course: Course; over: boolean } {
  const members = new Map(course.members);
  let index = 0;
  let left = 0;
  for (const [member, at] of course.members) {
    if (at.state !== 'done' && at.state !== 'trial') continue;
    const startMs = fromMs + index++ * RETURN_STEP_MS;
    if (atMs < startMs + RETURN_MS) left += 1;
    members.set(
      member,
      atMs < startMs + RETURN_MS
        ? { ...at, state: 'rolling-back', sinceMs: startMs }
        : { ...at, state: 'rolled-back', sinceMs: startMs + RETURN_MS },
    );
  }
  const rings = course.rings.map((ring): RolloutRing => {
    const counts: Partial<Record<RolloutAgentState, number>> = {};
    for (const [{ ring: name }, { state }] of members)
      if (name === ring.name) counts[state] = (counts[state] ?? 0) + 1;
    return { ...ring, counts };
  });
  return { course: { ...course, members, rings }, over: left === 0 };
}

function nowOf(run: Run, nowMs: Millis) {
  const atMs = (run.pausedAtMs ?? nowMs) - run.startMs - run.heldMs;
  const course = courseAt(run, Math.min(atMs, run.stoppedAtMs ?? run.undoneAtMs ?? atMs));
  const gateUndoes = course.failedMs !== null && run.rollout.gate.rollBack;
  const undoneMs = run.undoneAtMs ?? (gateUndoes ? course.failedMs : null);
  if (undoneMs !== null) {
    // What is on its way when the gate falls comes to its end first.
    const settled = courseAt(run, Math.min(atMs, undoneMs + UPGRADE_MS));
    const undone = undo(run.undoneAtMs === null ? settled : course, undoneMs, atMs);
    return {
      atMs,
      course: undone.course,
      state: undone.over ? ('rolled-back' as const) : ('rolling-back' as const),
    };
  }
  const state =
    run.stoppedAtMs !== null || course.failedMs !== null
      ? ('stopped' as const)
      : run.pausedAtMs !== null
        ? ('paused' as const)
        : course.doneMs === null
          ? ('running' as const)
          : ('done' as const);
  return { atMs, course, state };
}

function rolloutAt(run: Run, nowMs: Millis): Rollout {
  const { course, state, atMs } = nowOf(run, nowMs);
  tellFleet(run, course);
  const failed = course.rings.find((ring) => ring.state === 'failed');
  const count = failed ? (failed.counts.failed ?? 0) + (failed.counts['taken-back'] ?? 0) : 0;
  const of = failed?.agents ?? 0;
  return {
    ...run.rollout,
    state,
    rings: [...course.rings],
    endedAt: isUnderWay(state)
      ? null
      : toIso(run.startMs + run.heldMs + (course.failedMs ?? course.doneMs ?? atMs)),
    reason: failed
      ? {
          en: `${count} of ${of} agents of the early ring failed, were taken back or fell silent, more than the gate allows.`,
          zh: `第 2 阶段的 ${of} 台计算机中有 ${count} 台失败或自行回退，超过允许的 2%。`,
          step: null,
        }
      : run.step && {
          en: `${run.step.to} by admin`,
          zh: `由 admin ${STEP_WORDS[run.step.to]}`,
          step: run.step,
        },
  };
}

/** What the list of agents says follows from what the rollout did. */
function tellFleet({ rollout: { serial, version } }: Run, { members }: Course): void {
  for (const [{ agent }, { state }] of members) {
    if (agent.release === null) continue;
    const has = state === 'done' || state === 'trial' || state === 'rolling-back';
    if (has) Object.assign(agent, { version });
    else if (agent.release.serial === serial) Object.assign(agent, { version: '1.3.2' });
    agent.release.serial = has ? serial : agent.release.serial === serial ? 11 : agent.release.serial;
    agent.release.onTrial = state === 'trial';
    if (state === 'taken-back') agent.release.takenBack = { serial, why: NOT_BACK };
  }
}

const ORDER: readonly RolloutAgentState[] = [
  'failed',
  'taken-back',
  'rolling-back',
  'trial',
  'downloading',
  'told',
];

function agentsAt(run: Run, nowMs: Millis): RolloutAgent[] {
  const { course } = nowOf(run, nowMs);
  const place = (state: RolloutAgentState) => (ORDER.includes(state) ? ORDER.indexOf(state) : ORDER.length);
  const base = (agent: Agent) => ({
    agentId: agent.id,
    ciId: agent.ciId,
    name: agent.hostname,
    site: null,
    platform: 'linux-x64',
    serial: agent.release?.serial ?? null,
    version: agent.version,
  });
  const members = [...course.members].map(
    ([{ agent, ring, fate }, { state, sinceMs, received }]): RolloutAgent => ({
      ...base(agent),
      ring,
      state,
      receivedBytes: received,
      totalBytes: state === 'waiting' || state === 'offline' || state === 'told' ? 0 : bytesOf(agent),
      since: state === 'waiting' ? null : toIso(run.startMs + run.heldMs + sinceMs),
      detail: state === fate?.state ? fate.detail : '',
    }),
  );
  const skipped = run.skipped.map(
    ({ agent, reason }): RolloutAgent => ({
      ...base(agent),
      ring: null,
      state: 'skipped',
      receivedBytes: 0,
      totalBytes: 0,
      since: null,
      detail: reason,
    }),
  );
  return [...members, ...skipped].toSorted(
    (a, b) => place(a.state) - place(b.state) || a.name.localeCompare(b.name, 'en', { numeric: true }),
  );
}

function move(run: Run, { to, note }: { to: RolloutMove; note: string }, nowMs: Millis): void {
  const { state, atMs, course } = nowOf(run, nowMs);
  const refuse = () => new Refusal(409, 'transition-not-allowed', `It is ${state}; ${to} is not possible`);
  const watched = course.rings.find((ring) => ring.state === 'watching');
  if (to === 'paused' && state === 'running') run.pausedAtMs = nowMs;
  else if (to === 'running' && state === 'paused') {
    run.heldMs += nowMs - (run.pausedAtMs ?? nowMs);
    run.pausedAtMs = null;
  } else if (to === 'stopped' && isUnderWay(state)) run.stoppedAtMs = atMs;
  else if (to === 'rolling-back' && state !== 'rolled-back' && state !== 'rolling-back') {
    run.pausedAtMs = null;
    run.undoneAtMs = nowMs - run.startMs - run.heldMs;
  } else if (to === 'promoted' && watched) run.promotedAtMs[watched.name] = atMs;
  else throw refuse();
  if (to !== 'promoted')
    run.step = to === 'running' ? null : { to, by: 'user:admin', at: toIso(nowMs), note };
}

const STEP_WORDS = { paused: '暂停', stopped: '停止', 'rolling-back': '回退' } as const;

function makePast(startMs: Millis): Rollout[] {
  const ring = (name: RingName, state: RolloutRing['state'], counts: RolloutRing['counts']): RolloutRing => ({
    name,
    state,
    agents: Object.values(counts).reduce((sum, count) => sum + count, 0),
    counts,
    startedAt: null,
    watchUntil: null,
    endedAt: null,
  });
  const base = {
    tags: [],
    pilotTag: null,
    gate: { failedPercentMax: 2, watchMinutes: 30, rollBack: true },
    pace: { atOnceMax: 50, perSiteMax: 5 },
    trialMinutes: 5,
    skipped: [],
    createdBy: 'user:xu.lei',
    reason: null,
  };
  return [
    {
      ...base,
      id: 'rol_2',
      serial: 11,
      version: '1.3.2',
      state: 'done',
      createdAt: toIso(startMs - 33 * DAY_MS),
      endedAt: toIso(startMs - 32.8 * DAY_MS),
      rings: [
        ring('pilot', 'passed', { done: 5 }),
        ring('early', 'passed', { done: 6 }),
        ring('all', 'passed', { done: 44, failed: 1 }),
      ],
    },
    {
      ...base,
      id: 'rol_1',
      serial: 10,
      version: '1.3.0',
      state: 'stopped',
      createdAt: toIso(startMs - 60 * DAY_MS),
      endedAt: toIso(startMs - 59.9 * DAY_MS),
      rings: [
        ring('pilot', 'passed', { done: 5 }),
        ring('early', 'running', { done: 2, waiting: 4 }),
        ring('all', 'waiting', { waiting: 44 }),
      ],
    },
  ];
}
