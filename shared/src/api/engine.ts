/** The metrics engine and the process about themselves: a page of its own, so that no other page loads its table. */
import { z } from 'zod';
import { endpoint, IsoTime } from './endpoint.ts';
import { Trouble } from './operations.ts';

const MetricTier = z.enum(['raw', '1m', '10m', '1h']);

const Duration = z.object({
  /** Since the start of the process; the percentiles are of the last 256. */
  count: z.number(),
  lastMs: z.number(),
  p50Ms: z.number(),
  p95Ms: z.number(),
  p99Ms: z.number(),
  maxMs: z.number(),
});

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
    /** Names under which senders lately sent samples of no machine here, or of one of several. */
    namesUnknown: z.number(),
    /** No more than some hundred are counted one by one. */
    mayBeMoreNames: z.boolean(),
    /** Requests to remote write without a token that is good, while they still come. */
    requestsUnsigned: z.number(),
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
  durations: z.object({
    /** A group of samples to the journal, until the disk has it. */
    commit: Duration,
    /** The sync in it. */
    sync: Duration,
    /** Samples out of the journal to the index. */
    index: Duration,
    /** A piece of windows that are settled or rolled up. */
    settle: Duration,
  }),
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

export const engineEndpoints = {
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
