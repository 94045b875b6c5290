/** Releases of the agent that the server keeps, and how they go out to the fleet in rings. */
import { z } from 'zod';
import { PLATFORMS } from '../release/manifest.ts';
import { endpoint, IdParams, IsoTime, listOf, Page } from './endpoint.ts';

const Serial = z.int().min(1).max(Number.MAX_SAFE_INTEGER);

export const Release = z.object({
  serial: z.number(),
  version: z.string(),
  /** Signed by a key for development. */
  development: z.boolean(),
  addedAt: IsoTime,
  /** Of the script and of each platform's compressed Node. */
  files: z.array(z.object({ name: z.string(), platform: z.enum(PLATFORMS).nullable(), bytes: z.number() })),
  /** Agents that say it is the installed one. */
  agents: z.number(),
});
export type Release = z.infer<typeof Release>;

export const ReleaseTrust = z.object({
  /** Of the key by which releases are signed, as `muster release keygen` prints it; null: the server was given none and offers no release. */
  keyFingerprint: z.string().nullable(),
  /** Releases that lie here and are not offered, in English. */
  refused: z.array(z.object({ serial: z.number(), why: z.string() })),
});
export type ReleaseTrust = z.infer<typeof ReleaseTrust>;

export const RING_NAMES = ['pilot', 'early', 'all'] as const;
export type RingName = (typeof RING_NAMES)[number];

/**
 * waiting: not its turn. running: its agents are told one after another. watching: all are through, it is looked whether they stay well.
 * failed: its gate stopped the rollout.
 */
export const RING_STATES = ['waiting', 'running', 'watching', 'passed', 'failed'] as const;

/**
 * An agent within a rollout. waiting: not told. offline: its turn, and not connected. told: asked, no word of it yet. trial: restarted,
 * the new version is not confirmed yet. done: confirmed. failed: refused, broken off, or not back in time. taken-back: the machine
 * returned by itself. rolling-back, rolled-back: the rollout was undone. skipped: pinned, revoked, without the ability, a platform or a
 * key that the release is not for, or on it or a higher one already.
 */
export const ROLLOUT_AGENT_STATES = [
  'waiting',
  'offline',
  'told',
  'downloading',
  'trial',
  'done',
  'failed',
  'taken-back',
  'rolling-back',
  'rolled-back',
  'skipped',
] as const;
export const RolloutAgentState = z.enum(ROLLOUT_AGENT_STATES);
export type RolloutAgentState = z.infer<typeof RolloutAgentState>;

/**
 * running, paused: by a person, or it was started paused. stopped: by its gate or a person, what is upgraded stays. rolling-back,
 * rolled-back: what is upgraded returns, or has returned, to the version before. done: every ring passed.
 */
export const ROLLOUT_STATES = [
  'running',
  'paused',
  'stopped',
  'rolling-back',
  'rolled-back',
  'done',
] as const;
export const RolloutState = z.enum(ROLLOUT_STATES);
export type RolloutState = z.infer<typeof RolloutState>;

/** Why an agent takes no part: what stands in `skipped` and as the detail of a skipped one. */
export const SKIP_REASONS = ['pinned', 'revoked', 'no-ability', 'platform', 'key', 'already'] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/**
 * What this server saw of an agent, as its detail; any other detail of one that failed, was taken back or waits is its own words.
 * server-away: not known what became of its trial, it is told again. told-silent: told, and no answer. load-stalled: its download stood still.
 * trial-unheard: not back from its trial in time. not-returned: told to return, and did not. fell-silent: was done, and left without a word.
 * no-previous: nothing to return to. told-too-often: left each time it was told. other-release: back with another one, without a word. no-upgrades: back, and takes none any more.
 */
export const AGENT_REASONS = [
  'server-away',
  'told-silent',
  'load-stalled',
  'trial-unheard',
  'not-returned',
  'fell-silent',
  'no-previous',
  'told-too-often',
  'other-release',
  'no-upgrades',
] as const;
export type AgentReason = (typeof AGENT_REASONS)[number];

const Counts = z.partialRecord(RolloutAgentState, z.number());

export const RolloutRing = z.object({
  name: z.enum(RING_NAMES),
  state: z.enum(RING_STATES),
  agents: z.number(),
  /** By state; one that nobody is in may be absent. */
  counts: Counts,
  startedAt: IsoTime.nullable(),
  /** While it is watched: until when at least. */
  watchUntil: IsoTime.nullable(),
  endedAt: IsoTime.nullable(),
});
export type RolloutRing = z.infer<typeof RolloutRing>;

/** Of the agents of a ring that were told or came back. */
export const RolloutGate = z.object({
  /** Failed, taken back or silent again, in percent of the ring; beyond it the ring fails. 0: the first one stops it. */
  failedPercentMax: z.number().min(0).max(100).default(2),
  /** How long a ring is watched after its last agent came back. */
  watchMinutes: z
    .int()
    .min(1)
    .max(7 * 24 * 60)
    .default(30),
  /** What happens to those that have it already when a ring fails. */
  rollBack: z.boolean().default(true),
});
export type RolloutGate = z.infer<typeof RolloutGate>;

/** So that two thousand upgrades do not fill a site's line. */
export const RolloutPace = z.object({
  /** Agents under way at one moment. */
  atOnceMax: z.int().min(1).max(1_000).default(50),
  /** Of them on one site (agents without a site: of one /24 or /64 network). */
  perSiteMax: z.int().min(1).max(1_000).default(5),
});
export type RolloutPace = z.infer<typeof RolloutPace>;

/** A step that a person took, with the note that was left. */
export const RolloutStep = z.object({
  to: z.enum(['paused', 'stopped', 'rolling-back']),
  /** As in the audit log. */
  by: z.string(),
  at: IsoTime,
  note: z.string(),
});
export type RolloutStep = z.infer<typeof RolloutStep>;

export const Rollout = z.object({
  id: z.string(),
  serial: z.number(),
  version: z.string(),
  state: RolloutState,
  /** Why it is paused, stopped or rolled back, or who did it. null: nothing to say. */
  reason: z
    .object({
      en: z.string(),
      zh: z.string(),
      /** null: nobody did it, or a version of this server that kept only the words. */
      step: RolloutStep.nullable(),
    })
    .nullable(),
  createdAt: IsoTime,
  createdBy: z.string(),
  endedAt: IsoTime.nullable(),
  /** Only machines with one of the tags; empty: all. */
  tags: z.array(z.string()),
  /** Machines with this tag are the pilot ring. null: `pilotCount` of all, spread over sites and platforms. */
  pilotTag: z.string().nullable(),
  gate: RolloutGate,
  pace: RolloutPace,
  trialMinutes: z.number(),
  rings: z.array(RolloutRing),
  /** Those that take no part, with the number of agents for each reason. */
  skipped: z.array(z.object({ reason: z.string(), agents: z.number() })),
});
export type Rollout = z.infer<typeof Rollout>;

export const RolloutAgent = z.object({
  agentId: z.string(),
  ciId: z.string().nullable(),
  name: z.string(),
  site: z.string().nullable(),
  platform: z.string(),
  ring: z.enum(RING_NAMES).nullable(),
  state: RolloutAgentState,
  /** What runs there now; 0: installed by the line. */
  serial: z.number().nullable(),
  version: z.string(),
  receivedBytes: z.number(),
  totalBytes: z.number(),
  /** Since when it is in this state. */
  since: IsoTime.nullable(),
  /** Why: of failed, taken-back, skipped, offline and waiting ones. One of SKIP_REASONS or AGENT_REASONS, or the agent's own words. */
  detail: z.string(),
});
export type RolloutAgent = z.infer<typeof RolloutAgent>;

export const NewRollout = z.object({
  serial: Serial,
  tags: z.array(z.string().trim().min(1).max(64)).max(32).default([]),
  pilotTag: z.string().trim().min(1).max(64).nullable().default(null),
  /** Without a pilot tag. */
  pilotCount: z.int().min(1).max(1_000).default(5),
  /** Of the second ring. */
  earlyPercent: z.number().min(1).max(100).default(10),
  gate: RolloutGate.prefault({}),
  pace: RolloutPace.prefault({}),
  /** Time for a new version to connect and be heard. */
  trialMinutes: z.int().min(1).max(1_440).default(5),
});
export type NewRollout = z.infer<typeof NewRollout>;

/** What would happen, before it happens. */
export const RolloutPreview = z.object({
  rings: z.array(z.object({ name: z.enum(RING_NAMES), agents: z.number(), examples: z.array(z.string()) })),
  skipped: z.array(z.object({ reason: z.string(), agents: z.number(), examples: z.array(z.string()) })),
  /** Of what all of them load together. */
  totalBytes: z.number(),
});
export type RolloutPreview = z.infer<typeof RolloutPreview>;

export const rolloutsEndpoints = {
  listReleases: endpoint({
    id: 'listReleases',
    method: 'GET',
    path: '/releases',
    right: 'read',
    tag: 'rollouts',
    summary: 'Releases of the agent that this server keeps, the newest first',
    query: Page,
    response: listOf(Release),
  }),
  getReleaseTrust: endpoint({
    id: 'getReleaseTrust',
    method: 'GET',
    path: '/release-trust',
    right: 'read',
    tag: 'rollouts',
    summary: 'By which key this server takes releases, and which it keeps without offering them',
    response: ReleaseTrust,
  }),
  deleteRelease: endpoint({
    id: 'deleteRelease',
    method: 'DELETE',
    path: '/releases/:serial',
    right: 'rollouts.write',
    tag: 'rollouts',
    summary: 'Remove a release from this server; not while a rollout of it runs',
    params: z.object({ serial: z.coerce.number().pipe(Serial) }),
    status: 204,
  }),
  listRollouts: endpoint({
    id: 'listRollouts',
    method: 'GET',
    path: '/rollouts',
    right: 'read',
    tag: 'rollouts',
    summary: 'Rollouts, the latest first',
    query: Page,
    response: listOf(Rollout),
  }),
  previewRollout: endpoint({
    id: 'previewRollout',
    method: 'POST',
    path: '/rollouts/preview',
    right: 'rollouts.write',
    tag: 'rollouts',
    summary: 'Which agents would be in which ring',
    body: NewRollout,
    response: RolloutPreview,
    audited: false,
  }),
  createRollout: endpoint({
    id: 'createRollout',
    method: 'POST',
    path: '/rollouts',
    right: 'rollouts.write',
    tag: 'rollouts',
    summary: 'Start a rollout; one at a time',
    body: NewRollout,
    response: Rollout,
    status: 201,
  }),
  getRollout: endpoint({
    id: 'getRollout',
    method: 'GET',
    path: '/rollouts/:id',
    right: 'read',
    tag: 'rollouts',
    summary: 'One rollout with the progress of its rings',
    params: IdParams,
    response: Rollout,
  }),
  listRolloutAgents: endpoint({
    id: 'listRolloutAgents',
    method: 'GET',
    path: '/rollouts/:id/agents',
    right: 'read',
    tag: 'rollouts',
    summary: 'Agents of a rollout: those with trouble first, then those under way, then by name',
    params: IdParams,
    query: Page.extend({ state: RolloutAgentState.optional(), ring: z.enum(RING_NAMES).optional() }),
    response: listOf(RolloutAgent),
  }),
  moveRollout: endpoint({
    id: 'moveRollout',
    method: 'POST',
    path: '/rollouts/:id/transitions',
    right: 'rollouts.write',
    tag: 'rollouts',
    summary: 'Pause, resume, stop, or roll back; promote: end the watching of a ring early',
    params: IdParams,
    body: z.object({
      to: z.enum(['paused', 'running', 'stopped', 'rolling-back', 'promoted']),
      note: z.string().trim().max(500).default(''),
    }),
    response: Rollout,
  }),
  pinAgent: endpoint({
    id: 'pinAgent',
    method: 'PUT',
    path: '/agents/:id/pin',
    right: 'rollouts.write',
    tag: 'rollouts',
    summary: 'Keep an agent at the version it has (pinned: true), or let it take part again',
    params: IdParams,
    body: z.object({ pinned: z.boolean(), note: z.string().trim().max(500).default('') }),
    status: 204,
  }),
};
