/** Overview, notification channels, the server about itself. */
import { z } from 'zod';
import { PRESENCE_STATES } from '../presence/state.ts';
import { endpoint, IdParams, IsoTime, listOf, Page } from './endpoint.ts';

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
    url: z.url({ protocol: /^https?$/ }).max(2000),
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

const Trouble = z.object({ code: z.string(), detail: z.string() });

const MetricTier = z.enum(['raw', '1m', '10m', '1h']);

/** Totals count from the start of the process. */
export const EngineStatus = z.object({
  at: IsoTime,
  version: z.string(),
  /** Of Node.js. */
  runtime: z.string(),
  platform: z.string(),
  startedAt: IsoTime,
  ingest: z.object({
    samplesPerSecond: z.number(),
    seriesCount: z.number(),
    agentsConnected: z.number(),
    samplesTotal: z.number(),
    /** There already: without effect. */
    duplicatesTotal: z.number(),
    /** Older than the newest of their series; stored in their place. */
    lateTotal: z.number(),
    /** Older than the raw retention: not stored. */
    refusedTotal: z.number(),
  }),
  /** Remote write, in and out. */
  exchange: z.object({
    storedTotal: z.number(),
    /** Came in and belong to no metric or machine here. */
    keptOutTotal: z.number(),
    /** Other stores that samples are sent to. */
    targets: z.number(),
    /** Of the target that is furthest behind. */
    queuedSamples: z.number(),
    /** Age of the oldest sample that waits; null: none does. */
    queueAgeMs: z.number().nullable(),
    queueBytes: z.number(),
    queueBytesMax: z.number(),
    /** Never sent, because the queue was full or could not be written. */
    droppedTotal: z.number(),
  }),
  queues: z.object({
    /** Memory of the samples that are in no file yet. */
    headBytes: z.number(),
    journalBytes: z.number(),
    /** Age of the oldest sample that stands in the journal alone; null: none does. */
    journalAgeMs: z.number().nullable(),
    /** Windows that are over and not yet settled or rolled up. */
    pendingWindows: z.number(),
    notificationsWaiting: z.number(),
  }),
  /** One write of a group of samples, until the disk has it. */
  commit: z.object({ lastMs: z.number(), p50Ms: z.number(), p99Ms: z.number(), slowestMs: z.number() }),
  process: z.object({
    residentBytes: z.number(),
    heapUsedBytes: z.number(),
    /** Of one core over the last seconds; null in the first ones. */
    cpuShare: z.number().nullable(),
    /** Lateness of the event loop, 99th percentile of the last seconds; null in the first ones. */
    loopLagMs: z.number().nullable(),
  }),
  /** The last quarter of an hour; a point every `stepMs`, the last one at `toAt`. */
  pulse: z.object({
    stepMs: z.number(),
    toAt: IsoTime.nullable(),
    samplesPerSecond: z.array(z.number()),
    loopLagMs: z.array(z.number()),
    cpuShare: z.array(z.number()),
    residentBytes: z.array(z.number()),
  }),
  storage: z.object({
    folder: z.string(),
    freeBytes: z.number().nullable(),
    totalBytes: z.number().nullable(),
    databaseBytes: z.number(),
    journalBytes: z.number(),
    tiers: z.array(
      z.object({
        tier: MetricTier,
        bytes: z.number(),
        /** Start of the oldest file; null: none yet. */
        since: IsoTime.nullable(),
        retentionMs: z.number(),
      }),
    ),
    /** null: too early to say. */
    forecast: z
      .object({
        bytesPerDay: z.number(),
        /** What the tiers need beyond now until the oldest is dropped as fast as new comes. */
        neededBytes: z.number(),
        /** null: it fits. */
        daysUntilFull: z.number().nullable(),
        /** Until the samples take what they may (`bytesMax`); null: never, or nothing limits them. */
        daysUntilCap: z.number().nullable(),
      })
      .nullable(),
    /** Journal and files of samples. */
    sampleBytes: z.number(),
    /** What they may take; beyond it the oldest are dropped. null: what the disk has. */
    bytesMax: z.number().nullable(),
    /** Dropped for that before their retention was over. */
    droppedBytesTotal: z.number(),
    /** The last files of them, newest last. */
    dropped: z.array(
      z.object({ at: IsoTime, tier: MetricTier, from: IsoTime, to: IsoTime, bytes: z.number() }),
    ),
  }),
  /** null: none was ever made with this data. */
  lastBackupAt: IsoTime.nullable(),
  troubles: z.array(Trouble),
});
export type EngineStatus = z.infer<typeof EngineStatus>;

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
  engineStatus: endpoint({
    id: 'engineStatus',
    method: 'GET',
    path: '/status/engine',
    right: 'read',
    tag: 'operations',
    summary:
      'The server at work: what comes in, what waits, how long writing takes, what the disk holds and will hold',
    response: EngineStatus,
  }),
};
