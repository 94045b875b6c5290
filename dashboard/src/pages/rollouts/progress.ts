/** How far a rollout is, what it waits for, and what can be done with it now. Pure; time is an argument. */
import type {
  RingName,
  Rollout,
  RolloutAgentState,
  RolloutGate,
  RolloutRing,
  RolloutState,
} from '@muster/shared/api/rollouts.ts';
import { ROLL_BACK_MS_MAX } from '@muster/shared/wire/limits.ts';
import type { Millis } from '@muster/shared/time.ts';

/** What the states of agents come to in a bar. */
export const STEPS = ['done', 'underWay', 'trouble', 'returned', 'offline', 'waiting'] as const;
export type Step = (typeof STEPS)[number];

const STEP_OF = {
  waiting: 'waiting',
  offline: 'offline',
  told: 'underWay',
  downloading: 'underWay',
  trial: 'underWay',
  done: 'done',
  failed: 'trouble',
  'taken-back': 'trouble',
  'rolling-back': 'underWay',
  'rolled-back': 'returned',
  skipped: null,
} as const satisfies Record<RolloutAgentState, Step | null>;

/** In these somebody has to look at a machine. */
export const TROUBLE_STATES: readonly RolloutAgentState[] = ['failed', 'taken-back'];

export type StepCounts = Readonly<Record<Step, number>>;

export function stepCounts(rings: readonly Pick<RolloutRing, 'counts'>[]): StepCounts {
  const counts = { done: 0, underWay: 0, trouble: 0, returned: 0, offline: 0, waiting: 0 };
  for (const ring of rings)
    for (const [state, step] of Object.entries(STEP_OF) as [RolloutAgentState, Step | null][])
      if (step !== null) counts[step] += ring.counts[state] ?? 0;
  return counts;
}

/** Agents in any of the states, over the rings. */
function countIn(
  rings: readonly Pick<RolloutRing, 'counts'>[],
  states: readonly RolloutAgentState[],
): number {
  return rings.reduce(
    (sum, { counts }) => sum + states.reduce((inRing, state) => inRing + (counts[state] ?? 0), 0),
    0,
  );
}

/** Who is still meant: agents may be pinned or revoked while it runs. */
export function takingPart({ agents, counts }: Pick<RolloutRing, 'agents' | 'counts'>): number {
  return agents - (counts.skipped ?? 0);
}

/** Whether its own gate ended it, and not a person. */
export function isFailed({ rings }: Pick<Rollout, 'rings'>): boolean {
  return rings.some(({ state }) => state === 'failed');
}

/** Something may change without anybody's doing: worth asking again every second or two. */
export function isMoving(state: RolloutState): boolean {
  return state === 'running' || state === 'paused' || state === 'rolling-back';
}

export interface GateStanding {
  readonly failed: number;
  readonly agents: number;
  /** So many failures of this ring stop the rollout; null: no number of them does. */
  readonly stopsAt: number | null;
}

export function gateStanding(ring: RolloutRing, gate: Pick<RolloutGate, 'failedPercentMax'>): GateStanding {
  const agents = takingPart(ring);
  const allowed = Math.floor((agents * gate.failedPercentMax) / 100);
  return {
    failed: countIn([ring], TROUBLE_STATES),
    agents,
    stopsAt: allowed < agents ? allowed + 1 : null,
  };
}

/** What the rollout does or waits for at this moment. */
export type Standing =
  /** Agents of a ring are told one after another. */
  | {
      readonly kind: 'tells';
      readonly ring: RingName;
      readonly underWay: number;
      readonly waiting: number;
      readonly offline: number;
    }
  /** Only agents that are not connected are left of a ring. */
  | { readonly kind: 'lacks'; readonly ring: RingName; readonly offline: number }
  /** `next`: null after the last ring. `over`: the time is up, the next step is the server's. */
  | {
      readonly kind: 'watches';
      readonly ring: RingName;
      readonly untilMs: Millis | null;
      readonly next: RingName | null;
      readonly over: boolean;
    }
  /** Between two rings, or before the first. */
  | { readonly kind: 'begins'; readonly ring: RingName | null }
  | { readonly kind: 'paused'; readonly underWay: number; readonly left: number }
  | { readonly kind: 'stopped'; readonly kept: number; readonly left: number }
  | { readonly kind: 'returns'; readonly returned: number; readonly left: number; readonly offline: number }
  /** By themselves or because they were told; `left`: never told. */
  | { readonly kind: 'returned'; readonly returned: number; readonly left: number }
  | { readonly kind: 'done'; readonly done: number; readonly left: number };

export function standingOf(rollout: Pick<Rollout, 'state' | 'rings'>, nowMs: Millis): Standing {
  const { rings } = rollout;
  const total = stepCounts(rings);
  const left = total.waiting + total.offline;
  switch (rollout.state) {
    case 'running':
      return runningStanding(rings, nowMs);
    case 'paused':
      return { kind: 'paused', underWay: total.underWay, left };
    case 'stopped':
      return { kind: 'stopped', kept: total.done, left };
    case 'rolling-back':
      return {
        kind: 'returns',
        returned: total.returned,
        left: total.underWay + total.done,
        offline: total.offline,
      };
    case 'rolled-back':
      return { kind: 'returned', returned: countIn(rings, ['rolled-back', 'taken-back']), left };
    case 'done':
      return { kind: 'done', done: total.done, left };
  }
}

function runningStanding(rings: readonly RolloutRing[], nowMs: Millis): Standing {
  const index = rings.findIndex(({ state }) => state === 'running' || state === 'watching');
  const ring = rings[index];
  if (ring === undefined) {
    const next = firstWithAgents(rings.filter(({ state }) => state === 'waiting'));
    return { kind: 'begins', ring: next?.name ?? null };
  }
  if (ring.state === 'watching') {
    const untilMs = ring.watchUntil === null ? null : Date.parse(ring.watchUntil);
    return {
      kind: 'watches',
      ring: ring.name,
      untilMs,
      next: firstWithAgents(rings.slice(index + 1))?.name ?? null,
      over: untilMs !== null && untilMs <= nowMs,
    };
  }
  const { underWay, waiting, offline } = stepCounts([ring]);
  return underWay + waiting === 0 && offline > 0
    ? { kind: 'lacks', ring: ring.name, offline }
    : { kind: 'tells', ring: ring.name, underWay, waiting, offline };
}

/** The first with agents; one that nobody takes part in is passed at once. */
function firstWithAgents(rings: readonly RolloutRing[]): RolloutRing | undefined {
  return rings.find((ring) => takingPart(ring) > 0);
}

/** What a person may do, in the order of the buttons: the mildest first. */
export const MOVES = ['paused', 'running', 'promoted', 'stopped', 'rolling-back'] as const;
export type Move = (typeof MOVES)[number];

export function movesOf(
  rollout: Pick<Rollout, 'state' | 'rings' | 'endedAt'>,
  nowMs: Millis,
): readonly Move[] {
  switch (rollout.state) {
    case 'running':
      return rollout.rings.some(({ state }) => state === 'watching')
        ? ['paused', 'promoted', 'stopped', 'rolling-back']
        : ['paused', 'stopped', 'rolling-back'];
    case 'paused':
      return ['running', 'stopped', 'rolling-back'];
    case 'stopped':
    case 'done':
      return touchedBy('rolling-back', rollout).touched > 0 && mayStillReturn(rollout.endedAt, nowMs)
        ? ['rolling-back']
        : [];
    case 'rolling-back':
      return ['stopped'];
    case 'rolled-back':
      return [];
  }
}

/** Agents leave no release that has been there for longer. */
function mayStillReturn(endedAt: string | null, nowMs: Millis): boolean {
  return endedAt === null || nowMs - Date.parse(endedAt) < ROLL_BACK_MS_MAX;
}

export interface Touched {
  /** Machines for which the step means something else than without it. */
  readonly touched: number;
  /** Machines whose upgrade goes on to its end all the same. */
  readonly underWay: number;
  /** Machines that have the new version and keep it. */
  readonly kept: number;
}

export function touchedBy(move: Move, { rings, state }: Pick<Rollout, 'rings' | 'state'>): Touched {
  const total = stepCounts(rings);
  const left = total.waiting + total.offline;
  const standing = { underWay: total.underWay, kept: total.done };
  switch (move) {
    case 'stopped':
      // A return that is ended leaves the new version where it still is.
      return { ...standing, touched: state === 'rolling-back' ? total.done : left };
    case 'paused':
    case 'running':
      return { ...standing, touched: left };
    case 'promoted': {
      const index = rings.findIndex(({ state }) => state === 'watching');
      const next = firstWithAgents(rings.slice(index + 1));
      return { ...standing, touched: next === undefined ? 0 : takingPart(next) };
    }
    case 'rolling-back':
      return { underWay: 0, kept: 0, touched: total.done + countIn(rings, ['trial']) };
  }
}

export interface Headway {
  readonly done: number;
  readonly agents: number;
  readonly trouble: number;
}

/** Over all rings. */
export function headway({ rings }: Pick<Rollout, 'rings'>): Headway {
  const { done, trouble } = stepCounts(rings);
  return { done, trouble, agents: rings.reduce((sum, ring) => sum + takingPart(ring), 0) };
}
