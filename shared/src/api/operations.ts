/** Overview, notification channels, the server about itself. */
import { z } from 'zod';
import { PRESENCE_STATES } from '../presence/state.ts';
import { endpoint, IdParams, IsoTime, listOf, Page } from './endpoint.ts';
import { WebAddress } from './web-address.ts';

export const FleetCounts = z.object({
  total: z.number(),
  up: z.number(),
  asleep: z.number(),
  off: z.number(),
  planned: z.number(),
  silent: z.number(),
  unknown: z.number(),
});
export type FleetCounts = z.infer<typeof FleetCounts>;

export const CHANNEL_KINDS = ['webhook', 'email'] as const;
export const ChannelConfig = z.discriminatedUnion('kind', [
  /** POST of JSON; with `secret`, header X-Muster-Signature = hex HMAC-SHA256 of the body. */
  z.object({
    kind: z.literal('webhook'),
    url: WebAddress,
    secret: z.string().max(256).nullable().default(null),
  }),
  z.object({
    kind: z.literal('email'),
    host: z.string().max(255),
    port: z.int().min(1).max(65535),
    security: z.enum(['none', 'starttls', 'tls']),
    user: z.string().max(255).nullable().default(null),
    password: z.string().max(255).nullable().default(null),
    from: z.email(),
    to: z.array(z.email()).min(1).max(50),
  }),
]);
export type ChannelConfig = z.infer<typeof ChannelConfig>;
const ChannelFields = {
  name: z.string().trim().min(1).max(64),
  enabled: z.boolean(),
  language: z.enum(['en', 'zh']),
  /** Send incidents of this priority and above (1 = highest). */ priorityMax: z.int().min(1).max(4),
  config: ChannelConfig,
};
/** Stands for a secret that is set; sent back unchanged it leaves the secret as it is. */
export const SECRET_KEPT = '••••';
/** Secrets come back as SECRET_KEPT. */
export const Channel = z.object({
  id: z.string(),
  ...ChannelFields,
  lastDelivery: z.object({ at: IsoTime, ok: z.boolean(), answer: z.string() }).nullable(),
});
export const Delivery = z.object({
  id: z.string(),
  at: IsoTime,
  channelId: z.string(),
  incidentId: z.string().nullable(),
  event: z.string(),
  ok: z.boolean(),
  state: z.enum(['waiting', 'sent', 'failed']),
  incidentRef: z.string().nullable(),
  subject: z.string(),
  /** While waiting. */
  nextAttemptAt: IsoTime.nullable(),
  attempts: z.number(),
  answer: z.string(),
});

export const Trouble = z.object({ code: z.string(), detail: z.string() });
export type Trouble = z.infer<typeof Trouble>;

export const operationsEndpoints = {
  overview: endpoint({
    id: 'overview',
    method: 'GET',
    path: '/overview',
    right: 'read',
    tag: 'operations',
    summary: 'Counts for the first page',
    response: z.object({
      at: IsoTime,
      fleet: FleetCounts,
      openIncidents: z.number(),
      unclaimedIncidents: z.number(),
      /** Notification channels that are switched on; with none of them nobody is messaged. */
      channelsOn: z.int(),
      lastClosedAt: IsoTime.nullable(),
      samplesPerSecond: z.number(),
      /** The same counts by site, the largest first; null: machines without one. */
      sites: z.array(z.object({ site: z.string().nullable(), fleet: FleetCounts })),
    }),
  }),
  rollCall: endpoint({
    id: 'rollCall',
    method: 'GET',
    path: '/overview/roll',
    right: 'read',
    tag: 'operations',
    summary: 'Every machine by site, with its word for presence',
    response: z.object({
      at: IsoTime,
      sites: z.array(
        z.object({
          site: z.string().nullable(),
          /** Id, name and word of each machine, by name. */
          cells: z.array(z.tuple([z.string(), z.string(), z.enum(PRESENCE_STATES)])),
        }),
      ),
    }),
  }),
  listChannels: endpoint({
    id: 'listChannels',
    method: 'GET',
    path: '/notification-channels',
    right: 'channels.read',
    tag: 'operations',
    summary: 'Notification channels',
    query: Page,
    response: listOf(Channel),
  }),
  createChannel: endpoint({
    id: 'createChannel',
    method: 'POST',
    path: '/notification-channels',
    right: 'channels.write',
    tag: 'operations',
    summary: 'Add a channel',
    body: z.object({
      ...ChannelFields,
      enabled: z.boolean().default(true),
      language: z.enum(['en', 'zh']).default('en'),
      priorityMax: z.int().min(1).max(4).default(4),
    }),
    response: Channel,
    status: 201,
  }),
  updateChannel: endpoint({
    id: 'updateChannel',
    method: 'PATCH',
    path: '/notification-channels/:id',
    right: 'channels.write',
    tag: 'operations',
    summary: 'Change a channel',
    params: IdParams,
    body: z.object(ChannelFields).partial(),
    response: Channel,
  }),
  deleteChannel: endpoint({
    id: 'deleteChannel',
    method: 'DELETE',
    path: '/notification-channels/:id',
    right: 'channels.write',
    tag: 'operations',
    summary: 'Delete a channel',
    params: IdParams,
    status: 204,
  }),
  testChannel: endpoint({
    id: 'testChannel',
    method: 'POST',
    path: '/notification-channels/:id/test',
    right: 'channels.write',
    tag: 'operations',
    summary: 'Send a test and return the real answer',
    params: IdParams,
    response: z.object({ ok: z.boolean(), answer: z.string() }),
  }),
  listDeliveries: endpoint({
    id: 'listDeliveries',
    method: 'GET',
    path: '/notification-deliveries',
    right: 'channels.read',
    tag: 'operations',
    summary: 'Delivery log, newest first',
    query: Page.extend({ channel: z.string().max(64).optional() }),
    response: listOf(Delivery),
  }),
  serverStatus: endpoint({
    id: 'serverStatus',
    method: 'GET',
    path: '/status',
    right: 'read',
    tag: 'operations',
    summary: 'The server about itself: version, ingest, queues, disk',
    response: z.object({
      version: z.string(),
      startedAt: IsoTime,
      serverTime: IsoTime,
      insecure: z.boolean(),
      agentsConnected: z.number(),
      samplesPerSecond: z.number(),
      seriesCount: z.number(),
      journalBytes: z.number(),
      metricBytes: z.number(),
      databaseBytes: z.number(),
      diskFreeBytes: z.number().nullable(),
      /** What is wrong with the server itself, most important first; each a code of the word catalogue with its parameters. */
      troubles: z.array(Trouble),
    }),
  }),
};
