/** Rollouts of a server: the one that is at work, what agents say to it, what people want of it, and what of it is kept. */
import {
  type NewRollout,
  RING_NAMES,
  type RolloutAgent,
  type RolloutPreview,
  type RolloutStep,
} from '@muster/shared/api/rollouts.ts';
import { filesFor, Platform, type ReleaseManifest } from '@muster/shared/release/manifest.ts';
import { MINUTE_MS, type Millis, toIso } from '@muster/shared/time.ts';
import type { InstalledRelease, Upgrading } from '@muster/shared/wire/agent-messages.ts';
import type { LeaveReason } from '@muster/shared/wire/goodbye.ts';
import type { RollBack, Upgrade } from '@muster/shared/wire/server-messages.ts';
import type { z } from 'zod';
import type { CiEntry } from '../cmdb/directory.ts';
import { AppError } from '../errors.ts';
import type { Findings } from '../findings/finding.ts';
import { type AgentRecord, type FleetStore, type ListPage, type Listed, hasLeft } from '../fleet/store.ts';
import type { ReleaseCatalogue } from '../releases/catalogue.ts';
import { leftOut, newRollout } from './new-rollout.ts';
import { type Candidate, type Planned, planRollout, type Target } from './plan.ts';
import { type Failure, type Move, type Order, RolloutRun, SETTLE_MS } from './run.ts';
import {
  isActive,
  type MemberQuery,
  type RolloutReason,
  type RolloutRecord,
  type RolloutStore,
} from './store.ts';
import { failedWords, stepReason } from './words.ts';

/** Agents that are read at once. */
const AGENTS_PER_READ = 500;
const ROLLOUTS_PER_READ = 100;
/** Names of a ring, and of those left out for one reason, that a preview shows. */
const EXAMPLES_MAX = 5;

export interface RolloutsDeps {
  readonly store: RolloutStore;
  readonly agents: Pick<FleetStore, 'agent' | 'agents' | 'someAgents'>;
  readonly catalogue: Pick<ReleaseCatalogue, 'key' | 'get' | 'remove'>;
  readonly machine: (ciId: string) => Pick<CiEntry, 'name' | 'site' | 'tags'> | undefined;
  /** To the agents; false: it is not there, or cannot. */
  readonly door: {
    isConnected(agentId: string): boolean;
    order(agentId: string, message: z.infer<typeof RollBack> | Upgrade): boolean;
  };
  readonly findings: Pick<Findings, 'raise' | 'settle' | 'openKeys'>;
  readonly newId: (prefix: string, nowMs: Millis) => string;
}

/** What agents tell; each is in the order of its agent. */
export interface UpgradeEars {
  /** It is connected; `release`: what it says is installed, null: it takes no upgrades. */
  arrived(agentId: string, release: InstalledRelease | null, nowMs: Millis): void;
  /** Something of an agent whose version is on trial is durable here, and it is told so. */
  acknowledged(agentId: string, nowMs: Millis): void;
  said(agentId: string, message: Upgrading, nowMs: Millis): void;
  left(agentId: string, goodbye: LeaveReason | null, nowMs: Millis): void;
}

export interface Rollouts {
  readonly ears: UpgradeEars;
  revoked(agentId: string, nowMs: Millis): void;
  isPinned(agentId: string): boolean;
  /** Number of the highest release that went out to the whole fleet and is still here; null: none did. */
  provenSerial(): number | null;
  list(page: ListPage): Promise<Listed<RolloutRecord>>;
  /** @throws AppError not-found */
  get(id: string): Promise<RolloutRecord>;
  /** @throws AppError release-key-missing, not-found */
  preview(asked: NewRollout): Promise<RolloutPreview>;
  /** @throws AppError release-key-missing, not-found, rollout-active, nobody-to-upgrade */
  create(asked: NewRollout, actor: string, nowMs: Millis): Promise<RolloutRecord>;
  /** @throws AppError not-found */
  agents(id: string, query: MemberQuery): Promise<Listed<RolloutAgent>>;
  /** @throws AppError not-found, transition-not-allowed */
  move(id: string, to: Move, by: { note: string; actor: string }, nowMs: Millis): Promise<RolloutRecord>;
  /** @throws AppError not-found */
  pin(agentId: string, pinned: boolean, by: { note: string; actor: string }, nowMs: Millis): Promise<void>;
  /** Agents load their files from this server while it is in use. @throws AppError not-found, release-in-use */
  removeRelease(serial: number): Promise<void>;
  /** Once a second. */
  tick(nowMs: Millis): Promise<void>;
}

export async function createRollouts(deps: RolloutsDeps, nowMs: Millis): Promise<Rollouts> {
  const { store, agents, catalogue, machine, door, findings, newId } = deps;
  const pinned = new Set((await store.pins()).map(({ agentId }) => agentId));
  let run = await latestRun();
  /** Numbers of the releases whose rollouts came to their end, before the latest one. */
  const proven = await provenBefore();
  /** Decided, and not told before it is kept. */
  let orders: Order[] = [];
  let failures: Failure[] = [];
  /** The rollout by whose end the findings of earlier ones were settled. */
  let settledBy: string | null = null;

  async function latestRun(): Promise<RolloutRun | null> {
    const record = await store.latest();
    if (record === null) return null;
    return new RolloutRun(record, await store.members(record.id), { pinned, settledMs: nowMs + SETTLE_MS });
  }

  /** What the newest rollout of a release to the whole fleet came to; one to a part of it proves nothing. */
  async function provenBefore(): Promise<Set<number>> {
    const serials = new Set<number>();
    const judged = new Set<number>();
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const page: Listed<RolloutRecord> = await store.rollouts({ limit: ROLLOUTS_PER_READ, cursor });
      for (const { id, state, serial, tags } of page.items) {
        if (tags.length > 0 || id === run?.id || judged.has(serial)) continue;
        judged.add(serial);
        if (state === 'done') serials.add(serial);
      }
      cursor = page.nextCursor;
    }
    return serials;
  }

  /** The release and who would take it. @throws AppError */
  async function planned(asked: NewRollout): Promise<{ manifest: ReleaseManifest; plan: Planned[] }> {
    const { key } = catalogue;
    if (key === null)
      throw new AppError(
        'release-key-missing',
        'This server was not given the key by which releases are signed.',
      );
    const manifest = catalogue.get(asked.serial)?.manifest;
    if (!manifest) throw new AppError('not-found', `There is no release ${asked.serial} on this server.`);
    const target: Target = {
      serial: manifest.serial,
      key: key.text,
      development: key.development,
      platforms: new Set(manifest.files.flatMap(({ platform }) => platform ?? [])),
    };
    // By the release alone: what the preview shows is what happens.
    return { manifest, plan: planRollout(await candidates(), target, asked, `release ${manifest.serial}`) };
  }

  async function candidates(): Promise<Candidate[]> {
    const all: Candidate[] = [];
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const page: Listed<AgentRecord> = await agents.agents({
        limit: AGENTS_PER_READ,
        cursor,
        state: undefined,
      });
      all.push(...page.items.filter((one) => one.state !== 'pending' && !hasLeft(one)).map(candidateOf));
      cursor = page.nextCursor;
    }
    return all;
  }

  function candidateOf({
    id,
    hostname,
    ciId,
    scope,
    platform,
    address,
    state,
    release,
  }: AgentRecord): Candidate {
    const ci = ciId === null ? undefined : machine(ciId);
    return {
      agentId: id,
      name: ci?.name ?? hostname,
      site: ci?.site ?? scope.site,
      tags: ci?.tags ?? scope.tags,
      platform,
      address,
      revoked: state === 'revoked',
      pinned: pinned.has(id),
      connected: door.isConnected(id),
      release,
    };
  }

  /** @throws AppError */
  function requireLatest(id: string): RolloutRun {
    if (run?.id === id) return run;
    throw new AppError('transition-not-allowed', 'Only the latest rollout can be moved.');
  }

  /** What has changed is durable when the promise resolves. */
  async function keep(of: RolloutRun): Promise<void> {
    const changes = of.takeChanges();
    if (changes === null) return;
    try {
      await store.put(changes.rollout, changes.members);
    } catch (error) {
      of.giveBack(changes);
      throw error;
    }
  }

  function tell({ agentId, kind }: Order, { serial, version, trialMinutes }: RolloutRecord): void {
    door.order(
      agentId,
      kind === 'upgrade'
        ? { type: 'upgrade', serial, version, trialMs: trialMinutes * MINUTE_MS }
        : { type: 'roll-back', serial },
    );
  }

  async function raise(
    { ring, why }: Failure,
    { id, serial, version }: RolloutRecord,
    atMs: Millis,
  ): Promise<void> {
    const evidence = { rollout: id, serial, version, ring, why: why.en };
    await findings.raise(
      { kind: 'rollout-failed', key: id, ciId: null, title: failedWords(version, why), evidence },
      atMs,
    );
  }

  /** The fleet has come through: what stopped earlier rollouts is over. */
  async function settleEarlier({ id, state, tags }: RolloutRun, atMs: Millis): Promise<void> {
    if (state !== 'done' || tags.length > 0 || settledBy === id) return;
    for (const key of await findings.openKeys('rollout-failed'))
      await findings.settle('rollout-failed', key, 'system', atMs);
    settledBy = id;
  }

  async function get(id: string): Promise<RolloutRecord> {
    const record = run?.id === id ? run.record : await store.rollout(id);
    if (record === null) throw new AppError('not-found', `There is no rollout ${id}.`);
    return record;
  }

  return {
    ears: {
      arrived: (agentId, release, atMs) => run?.arrived(agentId, release, atMs),
      acknowledged: (agentId, atMs) => run?.acknowledged(agentId, atMs),
      said: (agentId, message, atMs) => run?.said(agentId, message, atMs),
      left: (agentId, goodbye, atMs) => run?.left(agentId, goodbye, atMs),
    },
    revoked: (agentId, atMs) => run?.revoked(agentId, atMs),
    isPinned: (agentId) => pinned.has(agentId),
    provenSerial() {
      const latest = run === null || run.tags.length > 0 ? null : run;
      const others = [...proven].filter((serial) => !latest?.isUndone || serial !== latest.serial);
      const all = latest?.state === 'done' ? [...others, latest.serial] : others;
      const kept = all.filter((serial) => catalogue.get(serial) !== null);
      return kept.length === 0 ? null : Math.max(...kept);
    },
    async list(page) {
      const { items, nextCursor } = await store.rollouts(page);
      return { items: items.map((record) => (run?.id === record.id ? run.record : record)), nextCursor };
    },
    get,
    async preview(asked) {
      const { manifest, plan } = await planned(asked);
      const taking = plan.filter(({ ring }) => ring !== null);
      return {
        rings: RING_NAMES.map((name) => {
          const members = taking.filter(({ ring }) => ring === name);
          return { name, agents: members.length, examples: examplesOf(members) };
        }),
        skipped: leftOut(plan).map(({ reason, members }) => ({
          reason,
          agents: members.length,
          examples: examplesOf(members),
        })),
        totalBytes: taking.reduce((sum, { candidate }) => sum + bytesFor(manifest, candidate), 0),
      };
    },
    async create(asked, actor, atMs) {
      refuseSecond();
      const { manifest, plan } = await planned(asked);
      refuseSecond();
      if (!plan.some(({ ring }) => ring !== null))
        throw new AppError('nobody-to-upgrade', `No agent would take release ${manifest.version}.`);
      if (!plan.some(({ ring }) => ring === 'pilot'))
        throw new AppError(
          'nobody-to-upgrade',
          `No agent that would take the release has the tag ${asked.pilotTag}, so the pilot ring would be empty.`,
        );
      const id = newId('rol', atMs);
      const { version } = manifest;
      const { record, members } = newRollout(plan, asked, { id, version, createdBy: actor, nowMs: atMs });
      const next = new RolloutRun(record, members, { pinned, settledMs: atMs });
      const before = run;
      run = next;
      try {
        await store.add(record, members);
      } catch (error) {
        run = before;
        throw error;
      }
      if (before !== null && before.tags.length === 0) {
        if (before.state === 'done') proven.add(before.serial);
        else if (before.isUndone) proven.delete(before.serial);
      }
      for (const { candidate } of plan)
        if (door.isConnected(candidate.agentId)) next.arrived(candidate.agentId, candidate.release, atMs);
      return next.record;
    },
    async agents(id, query) {
      await get(id);
      const { items, nextCursor } = await store.membersPage(id, query);
      const known = new Map(
        (await agents.someAgents(items.map(({ agentId }) => agentId))).map((agent) => [agent.id, agent]),
      );
      const views = items.map((member): RolloutAgent => {
        const { agentId, name, site, platform, ring, state, sinceMs, detail } = member;
        const agent = known.get(agentId);
        return {
          agentId,
          ciId: agent?.ciId ?? null,
          name,
          site,
          platform,
          ring,
          state,
          serial: agent?.release?.serial ?? null,
          version: agent?.version ?? '',
          ...(run?.id === id ? run.progressOf(agentId) : NO_PROGRESS),
          since: sinceMs === null ? null : toIso(sinceMs),
          detail,
        };
      });
      return { items: views, nextCursor };
    },
    async move(id, to, { note, actor }, atMs) {
      await get(id);
      const moved = requireLatest(id);
      const refusal = moved.move(to, reasonOf(to, { by: actor, note, at: toIso(atMs) }), atMs);
      if (refusal !== null) throw new AppError('transition-not-allowed', refusal);
      await keep(moved);
      return moved.record;
    },
    async pin(agentId, wanted, { note, actor }, atMs) {
      if ((await agents.agent(agentId)) === null)
        throw new AppError('not-found', `There is no agent ${agentId}.`);
      if (wanted) {
        await store.pin({ agentId, note, pinnedBy: actor, pinnedAtMs: atMs });
        pinned.add(agentId);
      } else {
        await store.unpin(agentId);
        pinned.delete(agentId);
      }
      run?.pinChanged(agentId, atMs);
    },
    async removeRelease(serial) {
      const release = catalogue.get(serial);
      if (!release) throw new AppError('not-found', `There is no release ${serial} on this server.`);
      if (run && run.serial === serial && isActive(run.state))
        throw new AppError('release-in-use', `Release ${release.manifest.version} is being rolled out.`);
      await catalogue.remove(serial);
    },
    async tick(atMs) {
      const at = run;
      if (at === null) return;
      const step = at.tick(atMs, { canLoad: catalogue.get(at.serial) !== null });
      orders.push(...step.orders);
      if (step.failure !== null) failures.push(step.failure);
      for (const failure of failures) await raise(failure, at.record, atMs);
      failures = [];
      await keep(at);
      await settleEarlier(at, atMs);
      if (orders.length === 0) return;
      const { record } = at;
      for (const order of orders) tell(order, record);
      orders = [];
    },
  };

  function refuseSecond(): void {
    if (run && isActive(run.state))
      throw new AppError(
        'rollout-active',
        `The rollout of ${run.record.version} is ${run.state}; one goes at a time.`,
      );
  }
}

/** What is resumed or goes on earlier needs no reason. */
function reasonOf(to: Move, step: Omit<RolloutStep, 'to'>): RolloutReason | null {
  return to === 'running' || to === 'promoted' ? null : stepReason({ to, ...step });
}

function examplesOf(members: readonly Planned[]): string[] {
  return members.slice(0, EXAMPLES_MAX).map(({ candidate }) => candidate.name);
}

const NO_PROGRESS = { receivedBytes: 0, totalBytes: 0 };

/** At most: a machine that has the Node of the release does not load it. */
function bytesFor(manifest: ReleaseManifest, { release }: Candidate): number {
  const platform = Platform.safeParse(release?.platform);
  if (!platform.success) return 0;
  const { agent, node } = filesFor(manifest, platform.data);
  return agent.bytes + node.bytes;
}
