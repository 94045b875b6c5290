/** Port of the fleet: enrolment tokens, agents, and how far each agent's ordered stream is committed in SQL. */
import { isDeepStrictEqual } from 'node:util';
import type { Millis } from '@muster/shared/time.ts';
import type { InstalledRelease } from '@muster/shared/wire/agent-messages.ts';
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import type { TokenRefusal } from './enrolment-token.ts';
import type { Finding } from './finding.ts';

/** What a token says about the machines it lets in. */
export interface EnrolmentScope {
  readonly site: string | null;
  readonly class: 'Server' | 'Workstation' | null;
  readonly tags: readonly string[];
}

export interface TokenRecord {
  readonly id: string;
  readonly name: string;
  /** Hex of SHA-256. */
  readonly secretHash: string;
  readonly createdAtMs: Millis;
  /** null: does not expire. */
  readonly expiresAtMs: Millis | null;
  readonly usesMax: number;
  readonly uses: number;
  /** true: the machines wait for an administrator. */
  readonly approval: boolean;
  readonly scope: EnrolmentScope;
  readonly revokedAtMs: Millis | null;
}

export type AgentState = 'pending' | 'active' | 'revoked';
/** Hex of SHA-256 per section that the server holds. */
export type InventoryHashes = Readonly<Partial<Record<InventorySection, string>>>;

/** What an agent tells about itself at each connection. */
export interface AgentFacts {
  readonly hostname: string;
  readonly platform: string;
  readonly version: string;
  readonly bootId: string;
  /** null: it takes no upgrades from a server. */
  readonly release: InstalledRelease | null;
}

export interface AgentRecord extends AgentFacts {
  readonly id: string;
  /** Raw Ed25519 key, base64url. */
  readonly publicKey: string;
  readonly state: AgentState;
  readonly ciId: string | null;
  readonly tokenId: string;
  readonly scope: EnrolmentScope;
  readonly enrolledAtMs: Millis;
  readonly revokedAtMs: Millis | null;
  /** Its last word was that it is taken off the machine; null again once it is back. */
  readonly uninstalledAtMs: Millis | null;
  /** The agent that its machine has enrolled since; null again once this one is back. */
  readonly replacedBy: string | null;
  /** Present epoch; null before the first connection that was let in. */
  readonly epoch: string | null;
  readonly lastSeenAtMs: Millis | null;
  readonly address: string | null;
  /** Server clock minus agent clock. */
  readonly clockSkewMs: Millis | null;
  readonly droppedFrames: number;
  readonly missingFrames: number;
  readonly inventory: InventoryHashes;
  readonly findings: readonly Finding[];
}

/** On record only: uninstalled, or another agent of its machine has taken its place. */
export function hasLeft({ uninstalledAtMs, replacedBy }: AgentRecord): boolean {
  return uninstalledAtMs !== null || replacedBy !== null;
}

export type EnrolOutcome =
  | { readonly type: 'enrolled'; readonly agent: AgentRecord }
  /** The key was known already; the token is as it was. */
  | { readonly type: 'known'; readonly agent: AgentRecord }
  | { readonly type: 'refused'; readonly code: TokenRefusal };

/** The effect of one inventory or events frame beside what the CMDB or a sink made of it. */
export interface DeliveryMark {
  readonly agentId: string;
  readonly epoch: string;
  readonly seq: number;
  /** Hashes to merge in. */
  readonly inventory: InventoryHashes;
  /** To add. */
  readonly droppedFrames: number;
  readonly findings: readonly Finding[];
}

export interface EpochStart {
  /** new: never seen. present: it was the present one already, nothing changed. returned: another one came in between. */
  readonly type: 'new' | 'present' | 'returned';
  /** Highest seq known of it; 0 if none. */
  readonly lastSeq: number;
}

/** An agent that has proved its key and comes in. */
export interface Arrival {
  readonly agentId: string;
  readonly epoch: string;
  readonly facts: AgentFacts & { readonly address: string; readonly clockSkewMs: Millis };
}

export interface Arrived {
  /** As it is now. */
  readonly agent: AgentRecord;
  /** null where no epoch was begun: it waits for approval, or was revoked. */
  readonly start: EpochStart | null;
}

export interface ListPage {
  readonly limit: number;
  /** As `nextCursor` of the page before; undefined: from the start. */
  readonly cursor: string | undefined;
}
export interface Listed<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** Epochs remembered per agent, newest first: enough to know a returning disk image. */
export const EPOCHS_KEPT_MAX = 16;
/** Machines of one name that are asked for: enough for one that was installed anew again and again. */
export const NAMESAKES_MAX = 16;
/** A clock that is off by so little more or less than last time is not written again. */
export const CLOCK_SKEW_KEPT_MS: Millis = 500;

/**
 * Contract. Each verb is one transaction; when its promise resolves, the effect is durable.
 * - `enrol` takes one use of the token and makes the agent, both or neither; however many ask at once, no token is used
 *   more often than `usesMax`. A key that is known takes no use and no check. The secret was compared before.
 * - `arrive` is one transaction for all that come together, each for itself: of an active agent it keeps the facts and
 *   begins the epoch, the `previousSeq` of which is what `delivered` says of the epoch before; of a pending one it keeps
 *   the facts; a revoked one stays as it is; null where there is none. Facts that are as they were are not written again
 *   (the clock: within CLOCK_SKEW_KEPT_MS); last seen is then left to `seen`.
 * - `beginEpoch` makes `epoch` the present one. The epoch before keeps the larger of its own and `previousSeq` as its
 *   last seq. An epoch that was there before goes on from its last seq.
 * - `committedSeq` is the highest seq marked in that epoch by `commitDelivery`, or kept by `beginEpoch`; 0 if none.
 * - `commitDelivery` adds the effect and raises the mark; for a seq at or below the mark nothing changes and it says
 *   false. The epoch must be the present one (AppError 'conflict' otherwise).
 * - `recordGap` counts each missing seq of an epoch once, however often its gap is told (gaps come in ascending order).
 * - An agent that arrives has neither left nor been replaced.
 * - Findings: one per kind, the latest.
 * - Lists are in the order of creation (tokens, newest first) and of hostname, id (agents).
 */
export interface FleetStore {
  addToken(token: TokenRecord): Promise<void>;
  token(id: string): Promise<TokenRecord | null>;
  tokens(page: ListPage): Promise<Listed<TokenRecord>>;
  /** false: there is none, or it is revoked already. */
  revokeToken(id: string, nowMs: Millis): Promise<boolean>;

  enrol(
    agent: { id: string; publicKey: string; tokenId: string } & AgentFacts,
    nowMs: Millis,
  ): Promise<EnrolOutcome>;
  agent(id: string): Promise<AgentRecord | null>;
  /** Those of them that there are, in any order. */
  someAgents(ids: readonly string[]): Promise<readonly AgentRecord[]>;
  /** Older agents of the same host name and platform that have a CI, those that enrolled last first. */
  namesakes(agent: Pick<AgentRecord, 'id' | 'hostname' | 'platform'>): Promise<readonly AgentRecord[]>;
  /** How many of those that may connect, and have not left, say that a release is the installed one, by its number. */
  releaseCounts(): Promise<ReadonlyMap<number, number>>;
  /** Agents that may connect. */
  count(): Promise<number>;
  /** `enrolledSinceMs`: only those that enrolled at or after. */
  agents(
    page: ListPage & { state: AgentState | undefined; enrolledSinceMs?: Millis },
  ): Promise<Listed<AgentRecord>>;
  /** pending → active, anything → revoked; null: there is no such agent. Other steps change nothing. */
  setState(id: string, state: 'active' | 'revoked', nowMs: Millis): Promise<AgentRecord | null>;
  setCi(agentId: string, ciId: string): Promise<void>;
  /** The release of this number is not on trial any more on that machine; nothing changes where another one is installed. */
  setTrialEnded(agentId: string, serial: number): Promise<void>;
  /** Until it arrives again. */
  setUninstalled(agentId: string, atMs: Millis): Promise<void>;
  /** The other agents of the CI that are not connected are replaced by this one, each until it arrives again. */
  replaceOthers(ciId: string, byAgentId: string, isConnected: (agentId: string) => boolean): Promise<void>;
  arrive(
    arrivals: readonly Arrival[],
    delivered: (agentId: string, epoch: string) => number,
    nowMs: Millis,
  ): Promise<readonly (Arrived | null)[]>;
  /** Last seen, of many at once; never moves back. */
  seen(agents: readonly { agentId: string; atMs: Millis }[]): Promise<void>;
  addFinding(agentId: string, finding: Finding): Promise<void>;

  beginEpoch(step: {
    agentId: string;
    epoch: string;
    previousSeq: number;
    nowMs: Millis;
  }): Promise<EpochStart>;
  committedSeq(agentId: string, epoch: string): Promise<number>;
  commitDelivery(mark: DeliveryMark): Promise<boolean>;
  /** Number of seqs newly counted. */
  recordGap(gap: {
    agentId: string;
    epoch: string;
    fromSeq: number;
    toSeq: number;
    finding: Finding;
  }): Promise<number>;
}

/** What is to be written of an arrival's facts; null: nothing. */
export function newFacts(
  agent: AgentRecord,
  { facts }: Arrival,
  nowMs: Millis,
):
  | (Arrival['facts'] & Pick<AgentRecord, 'uninstalledAtMs' | 'replacedBy'> & { lastSeenAtMs: Millis })
  | null {
  const { hostname, platform, version, bootId, release, address, clockSkewMs } = facts;
  const skewMoved =
    agent.clockSkewMs === null || Math.abs(agent.clockSkewMs - clockSkewMs) > CLOCK_SKEW_KEPT_MS;
  const same =
    !hasLeft(agent) &&
    agent.hostname === hostname &&
    agent.platform === platform &&
    agent.version === version &&
    agent.bootId === bootId &&
    isDeepStrictEqual(agent.release, release) &&
    agent.address === address &&
    !skewMoved;
  if (same) return null;
  const lastSeenAtMs = Math.max(nowMs, agent.lastSeenAtMs ?? 0);
  return {
    hostname,
    platform,
    version,
    bootId,
    release,
    address,
    clockSkewMs,
    lastSeenAtMs,
    uninstalledAtMs: null,
    replacedBy: null,
  };
}
