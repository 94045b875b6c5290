/** Port of the rollouts: what was decided, how far each agent is, and which agents are kept where they are. */
import type { Words } from '@muster/shared/api/incidents.ts';
import type {
  NewRollout,
  RingName,
  RolloutAgentState,
  RolloutRing,
  RolloutState,
  RolloutStep,
} from '@muster/shared/api/rollouts.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Listed, ListPage } from '../fleet/store.ts';

export type Counts = Readonly<Partial<Record<RolloutAgentState, number>>>;

export interface RingRecord {
  readonly name: RingName;
  readonly state: RolloutRing['state'];
  /** Those that take part. */
  readonly agents: number;
  /** As of when the record was written last. */
  readonly counts: Counts;
  readonly startedAtMs: Millis | null;
  readonly watchUntilMs: Millis | null;
  readonly endedAtMs: Millis | null;
}

/** `step`: where a person did it. */
export interface RolloutReason extends Words {
  readonly step?: RolloutStep;
}

export interface RolloutRecord
  extends Pick<NewRollout, 'serial' | 'tags' | 'pilotTag' | 'gate' | 'pace' | 'trialMinutes'> {
  readonly id: string;
  readonly version: string;
  readonly state: RolloutState;
  readonly reason: RolloutReason | null;
  readonly createdAtMs: Millis;
  /** As in the audit log. */
  readonly createdBy: string;
  readonly endedAtMs: Millis | null;
  readonly rings: readonly RingRecord[];
  readonly skipped: readonly { readonly reason: string; readonly agents: number }[];
}

/** An agent within a rollout. Name, site and platform are as they were when it began. */
export interface MemberRecord {
  readonly agentId: string;
  /** In which order they are told, from 0. */
  readonly turn: number;
  /** null: it takes no part. */
  readonly ring: RingName | null;
  readonly state: RolloutAgentState;
  /** Since when; null: never moved. */
  readonly sinceMs: Millis | null;
  readonly detail: string;
  readonly name: string;
  readonly site: string | null;
  /** Site or network, whose line it shares. */
  readonly place: string;
  readonly platform: string;
  /** It said that it would not be there: switched off, asleep. */
  readonly excused: boolean;
  /** How often in a row it was told without getting on. */
  readonly tells: number;
  /** It had returned from this very release before the rollout began. */
  readonly tookBackBefore: boolean;
}

export interface MemberQuery extends ListPage {
  readonly state: RolloutAgentState | undefined;
  readonly ring: RingName | undefined;
}

export interface PinRecord {
  readonly agentId: string;
  readonly note: string;
  readonly pinnedBy: string;
  readonly pinnedAtMs: Millis;
}

/**
 * Contract. Each verb is one transaction; when its promise resolves, the effect is durable.
 * - `add` keeps a rollout with all its members, `put` the rollout and those of its members that changed: all or nothing.
 * - Rollouts are listed by creation, the latest first; `latest` is the first of them.
 * - `members` are in the order of their turn, pages of them by `memberRank`, then name, then agent.
 */
export interface RolloutStore {
  add(rollout: RolloutRecord, members: readonly MemberRecord[]): Promise<void>;
  put(rollout: RolloutRecord, changed: readonly MemberRecord[]): Promise<void>;
  latest(): Promise<RolloutRecord | null>;
  rollout(id: string): Promise<RolloutRecord | null>;
  rollouts(page: ListPage): Promise<Listed<RolloutRecord>>;
  members(rolloutId: string): Promise<readonly MemberRecord[]>;
  membersPage(rolloutId: string, query: MemberQuery): Promise<Listed<MemberRecord>>;
  pins(): Promise<readonly PinRecord[]>;
  /** Replaces an earlier pin of the agent. */
  pin(pin: PinRecord): Promise<void>;
  /** None is no error. */
  unpin(agentId: string): Promise<void>;
}

/** While it is, no other may begin, and its release stays. */
export function isActive(state: RolloutState): boolean {
  return state === 'running' || state === 'paused' || state === 'rolling-back';
}

const RANKS: Readonly<Partial<Record<RolloutAgentState, number>>> = {
  failed: 0,
  'taken-back': 0,
  told: 1,
  downloading: 1,
  trial: 1,
  'rolling-back': 1,
};

/** Those with trouble first, then those under way. */
export function memberRank(state: RolloutAgentState): number {
  return RANKS[state] ?? 2;
}
