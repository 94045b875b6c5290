/** Enrolment tokens and agents. */
import { z } from 'zod';
import { PLATFORMS } from '../release/manifest.ts';
import { LABEL_LENGTH_MAX } from './choices.ts';
import { endpoint, IdParams, IsoTime, IsoTimeInput, listOf, Page } from './endpoint.ts';

/** How machines are added: one line to paste per platform, null where this server cannot serve that platform. */
export const InstallOffer = z.object({
  linux: z.string().nullable(),
  windows: z.string().nullable(),
  macos: z.string().nullable(),
  /** For machines that have a package of the agent; null where this server serves none of its files. */
  configure: z.string().nullable(),
  /** That this server has; none where it was given no release with packages. */
  packages: z.array(
    z.object({ name: z.string(), platform: z.enum(PLATFORMS), bytes: z.number(), url: z.string() }),
  ),
});
export type InstallOffer = z.infer<typeof InstallOffer>;

/** Whether this server has a line for machines of that platform; Windows and macOS need a signed release. */
export const InstallPlatforms = z.object({ linux: z.boolean(), windows: z.boolean(), macos: z.boolean() });
export type InstallPlatforms = z.infer<typeof InstallPlatforms>;

export const EnrolmentToken = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: IsoTime,
  expiresAt: IsoTime.nullable(),
  usesMax: z.number(),
  uses: z.number(),
  /** true: each machine waits until an administrator lets it in. */
  approval: z.boolean(),
  site: z.string().nullable(),
  class: z.enum(['Server', 'Workstation']).nullable(),
  tags: z.array(z.string()),
  revokedAt: IsoTime.nullable(),
});
export type EnrolmentToken = z.infer<typeof EnrolmentToken>;

export const ENROLMENT_USES_MAX = 10_000;

export const Agent = z.object({
  id: z.string(),
  ciId: z.string().nullable(),
  hostname: z.string(),
  platform: z.string(),
  version: z.string(),
  state: z.enum(['pending', 'active', 'revoked']),
  connected: z.boolean(),
  /** Why it is on record only; it counts no more among the agents. null: it is installed, as far as is known. */
  gone: z
    .discriminatedUnion('why', [
      /** By an administrator of the machine. */
      z.object({ why: z.literal('uninstalled'), at: IsoTime }),
      /** The machine has another agent since. */
      z.object({ why: z.literal('replaced'), by: z.string() }),
    ])
    .nullable(),
  connectedSince: IsoTime.nullable(),
  lastSeenAt: IsoTime.nullable(),
  enrolledAt: IsoTime,
  /** Server clock minus agent clock. */
  clockSkewMs: z.number().nullable(),
  spoolUsedBytes: z.number().nullable(),
  /** Longest time for which it may hold readings to send several at once, 0 = each at once; null while not connected. */
  holdMs: z.number().nullable(),
  droppedFrames: z.number(),
  /** Sequence numbers that never arrived. */
  missingFrames: z.number(),
  address: z.string().nullable(),
  /** Of the server's own machine: started with the server. */
  own: z.boolean(),
  findings: z.array(z.object({ kind: z.string(), at: IsoTime, detail: z.string() })),
  /** As it told when it connected last; null: it takes no upgrades from the server. */
  release: z
    .object({
      /** 0: installed by the line. */
      serial: z.number(),
      onTrial: z.boolean(),
      takenBack: z.object({ serial: z.number(), why: z.string() }).nullable(),
      /** Rollouts pass it by. */
      pinned: z.boolean(),
    })
    .nullable(),
});
export type Agent = z.infer<typeof Agent>;

export const fleetEndpoints = {
  listEnrolmentTokens: endpoint({
    id: 'listEnrolmentTokens',
    method: 'GET',
    path: '/enrolment-tokens',
    right: 'enrolment.write',
    tag: 'fleet',
    summary: 'Enrolment tokens',
    query: Page,
    response: listOf(EnrolmentToken),
  }),
  getInstallPlatforms: endpoint({
    id: 'getInstallPlatforms',
    method: 'GET',
    path: '/install-platforms',
    right: 'enrolment.write',
    tag: 'fleet',
    summary: 'For which platforms this server can make a line',
    response: InstallPlatforms,
  }),
  createEnrolmentToken: endpoint({
    id: 'createEnrolmentToken',
    method: 'POST',
    path: '/enrolment-tokens',
    right: 'enrolment.write',
    tag: 'fleet',
    summary: 'Make an enrolment token; the secret and the install lines are shown once',
    body: z.object({
      name: z.string().trim().min(1).max(64).default('machines'),
      usesMax: z.int().min(1).max(ENROLMENT_USES_MAX).default(1),
      expiresInHours: z
        .int()
        .min(1)
        .max(24 * 365)
        .nullable()
        .default(24),
      approval: z.boolean().default(false),
      site: z.string().trim().max(64).nullable().default(null),
      class: z.enum(['Server', 'Workstation']).nullable().default(null),
      tags: z.array(z.string().trim().min(1).max(64)).max(32).default([]),
    }),
    response: EnrolmentToken.extend({
      token: z.string(),
      /** By what an agent recognises this server; part of the lines, and needed where it is run by hand. */
      serverKey: z.string(),
      install: InstallOffer,
    }),
    status: 201,
  }),
  deleteEnrolmentToken: endpoint({
    id: 'deleteEnrolmentToken',
    method: 'DELETE',
    path: '/enrolment-tokens/:id',
    right: 'enrolment.write',
    tag: 'fleet',
    summary: 'Revoke an enrolment token',
    params: IdParams,
    status: 204,
  }),
  listAgents: endpoint({
    id: 'listAgents',
    method: 'GET',
    path: '/agents',
    right: 'read',
    tag: 'fleet',
    summary: 'Agents',
    query: Page.extend({
      state: z.enum(['pending', 'active', 'revoked']).optional(),
      /** Only those that enrolled at or after. */
      enrolledSince: IsoTimeInput.optional(),
      /** `name=value`, or a name for any value. */
      label: z.string().min(1).max(LABEL_LENGTH_MAX).optional(),
    }),
    response: listOf(Agent),
  }),
  getAgent: endpoint({
    id: 'getAgent',
    method: 'GET',
    path: '/agents/:id',
    right: 'read',
    tag: 'fleet',
    summary: 'One agent',
    params: IdParams,
    response: Agent,
  }),
  approveAgent: endpoint({
    id: 'approveAgent',
    method: 'POST',
    path: '/agents/:id/approve',
    right: 'agents.write',
    tag: 'fleet',
    summary: 'Let a waiting agent in',
    params: IdParams,
    response: Agent,
  }),
  revokeAgent: endpoint({
    id: 'revokeAgent',
    method: 'POST',
    path: '/agents/:id/revoke',
    right: 'agents.write',
    tag: 'fleet',
    summary: 'Revoke an agent; its connection closes at once',
    params: IdParams,
    response: Agent,
  }),
};
