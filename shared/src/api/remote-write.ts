/** Exchange with Prometheus: samples of its programs in, by mappings that are data; our samples out, to other stores. */
import { z } from 'zod';
import { METRIC_NAMES, type MetricName } from '../metrics/catalogue.ts';
import { BinaryBody, endpoint, IdParams, IsoTime, listOf, Page } from './endpoint.ts';
import { SECRET_KEPT } from './operations.ts';
import { WebAddress } from './web-address.ts';

/** Compressed body of one request. */
export const WRITE_BODY_BYTES_MAX = 8 << 20;
/** The same, inflated: what it says of itself is checked before anything is made of it. */
export const WRITE_INFLATED_BYTES_MAX = 32 << 20;
export const WRITE_SERIES_MAX = 50_000;
export const WRITE_SAMPLES_MAX = 200_000;
export const WRITE_LABELS_MAX = 64;
export const WRITE_LABEL_NAME_BYTES_MAX = 256;
export const WRITE_LABEL_VALUE_BYTES_MAX = 2_048;

export { SECRET_KEPT };

export const MAPPINGS_MAX = 64;
export const MAPPING_LINES_MAX = 256;
export const CONDITIONS_MAX = 8;
export const CONDITION_VALUES_MAX = 64;
export const TARGETS_MAX = 8;
export const TARGET_LABELS_MAX = 16;

/** Data model of Prometheus: names of metrics may have colons, names of labels not. */
const PrometheusMetric = z
  .string()
  .trim()
  .regex(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/)
  .max(256);
const LabelName = z
  .string()
  .trim()
  .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/)
  .max(256);

/** Holds when the value of the label is, or is not, one of `values`, in which `*` stands for any text. A missing label has the value ''. */
export const LabelCondition = z.object({
  label: LabelName,
  is: z.enum(['one-of', 'none-of']),
  values: z.array(z.string().max(256)).min(1).max(CONDITION_VALUES_MAX),
});
export type LabelCondition = z.infer<typeof LabelCondition>;

export const MACHINE_KEYS = ['name', 'address', 'serial'] as const;
export type MachineKey = (typeof MACHINE_KEYS)[number];

/** One metric of Prometheus and what it is here. */
export const MappingLine = z.object({
  from: PrometheusMetric,
  to: z.enum(METRIC_NAMES as [MetricName, ...MetricName[]]),
  /** What the value is multiplied with to be in the unit of the catalogue. */
  factor: z.number().positive().max(1e12).default(1),
  /** Label whose value is the instance; null where the metric has none. */
  instanceLabel: LabelName.nullable().default(null),
  where: z.array(LabelCondition).max(CONDITIONS_MAX).default([]),
});
export type MappingLine = z.infer<typeof MappingLine>;

export const MappingFields = z.object({
  name: z.string().trim().min(1).max(64),
  enabled: z.boolean(),
  /** Which label names the machine, and by what it is looked for, in this order. */
  machine: z.object({
    label: LabelName,
    by: z.array(z.enum(MACHINE_KEYS)).min(1).max(MACHINE_KEYS.length),
    /** `db1:9100` is `db1`. */
    stripPort: z.boolean().default(true),
  }),
  /** Only series for which all of these hold. */
  where: z.array(LabelCondition).max(CONDITIONS_MAX).default([]),
  lines: z.array(MappingLine).max(MAPPING_LINES_MAX),
});
export type MappingFields = z.infer<typeof MappingFields>;

export const Mapping = MappingFields.extend({
  id: z.string(),
  /** shipped: as it came with this version. changed: came with it and was changed. own: made here. */
  origin: z.enum(['shipped', 'changed', 'own']),
});
export type Mapping = z.infer<typeof Mapping>;

/** Why samples are kept out. */
export const KEPT_OUT = [
  /** No line of a mapping names the metric. */
  'no-line',
  /** There are lines, but a condition of each does not hold. */
  'conditions',
  /** The label that names the machine is not there. */
  'no-machine-label',
  /** No machine is called so. */
  'machine-unknown',
  /** Several are. */
  'machine-ambiguous',
  /** The label with the instance is missing, or cannot be one. */
  'no-instance',
  /** A counter there and a gauge here, or the other way round. */
  'kind-differs',
  /** The agent on the machine reports it. */
  'agent-reports',
  /** Another series of a sender feeds it already. */
  'other-series',
  /** More series than are kept. */
  'series-limit',
] as const;
export type KeptOut = (typeof KEPT_OUT)[number];

/** All figures count from the start of the server. */
export const RemoteWriteIn = z.object({
  at: IsoTime,
  since: IsoTime,
  /** Where senders post to; null: the server does not know under which address it is reached. */
  url: z.string().nullable(),
  samples: z.object({
    received: z.number(),
    /** Handed to the engine and durable. */
    stored: z.number(),
    keptOut: z.number(),
    /** Marks of Prometheus that a series has ended; they are no values. */
    stale: z.number(),
    /** From too far ahead of the server's clock. */
    ahead: z.number(),
    /** Series that are none: without a name, or with a label twice. */
    invalid: z.number(),
  }),
  requests: z.object({ taken: z.number(), refused: z.number(), later: z.number() }),
  /** Series here that come from senders, and how many there may be. */
  series: z.number(),
  seriesMax: z.number(),
  machines: z.array(z.object({ ciId: z.string(), name: z.string(), series: z.number(), lastAt: IsoTime })),
  senders: z.array(
    z.object({
      /** As in the audit log. */
      actor: z.string(),
      address: z.string(),
      /** As it calls itself, e.g. `Prometheus/3.5.0`. */
      program: z.string(),
      requests: z.number(),
      samples: z.number(),
      /** Of them, handed to the engine and durable. */
      stored: z.number(),
      /** Of them, from too far ahead of the server's clock. */
      ahead: z.number(),
      /** Of them, by reason, most samples first. */
      keptOut: z.array(z.object({ why: z.enum(KEPT_OUT), samples: z.number() })),
      lastAt: IsoTime,
      /** Why the last request was not taken; null: it was. */
      refusal: z.string().nullable(),
    }),
  ),
  /** Of each reason the last request that was refused before anything of it was read, and how many were without a day's pause; newest first. */
  turnedAway: z.array(
    z.object({
      at: IsoTime,
      address: z.string(),
      program: z.string(),
      /** Its token is missing, unknown or over; or the role of the token may not send samples. */
      why: z.enum(['not-signed-in', 'forbidden']),
      count: z.number(),
    }),
  ),
  /** Why samples are kept out, and of how many names of metrics; most samples first. */
  reasons: z.array(z.object({ why: z.enum(KEPT_OUT), metrics: z.number(), samples: z.number() })),
  /** Kept out, most samples first, of each reason so many. */
  metrics: z.array(
    z.object({ metric: z.string(), why: z.enum(KEPT_OUT), samples: z.number(), lastAt: IsoTime }),
  ),
  /** Names under which no machine was found, most samples first. */
  unknown: z.array(
    z.object({
      label: z.string(),
      value: z.string(),
      why: z.enum(['machine-unknown', 'machine-ambiguous']),
      samples: z.number(),
      lastAt: IsoTime,
    }),
  ),
});
export type RemoteWriteIn = z.infer<typeof RemoteWriteIn>;

/** A series of a machine that came from a sender. */
export const ForeignSeries = z.object({
  metric: z.string(),
  instance: z.string(),
  mappingId: z.string(),
  mappingName: z.string().nullable(),
  /** Who sent it first. */
  sender: z.string(),
  since: IsoTime,
  /** The agent on the machine reports it now, so what senders say of it is kept out. */
  agentReports: z.boolean(),
});
export type ForeignSeries = z.infer<typeof ForeignSeries>;

export const TargetAuth = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('bearer'), token: z.string().min(1).max(4_096) }),
  z.object({ kind: z.literal('basic'), user: z.string().min(1).max(256), password: z.string().max(4_096) }),
]);
export type TargetAuth = z.infer<typeof TargetAuth>;

export const TargetFields = z.object({
  name: z.string().trim().min(1).max(64),
  enabled: z.boolean(),
  /** Where requests go; user and password belong into `auth`. */
  url: WebAddress,
  auth: TargetAuth,
  /** Added to each series; what we say ourselves wins. */
  labels: z
    .array(z.object({ name: LabelName, value: z.string().min(1).max(256) }))
    .max(TARGET_LABELS_MAX)
    .default([]),
  /** Only these metrics, by our names, `*` for any text; empty: all. */
  metrics: z.array(z.string().min(1).max(128)).max(128).default([]),
  /** Only machines of these classes; empty: all. */
  classes: z.array(z.string().min(1).max(64)).max(64).default([]),
});
export type TargetFields = z.infer<typeof TargetFields>;

export const TargetState = z.object({
  /** sending: all is well. behind: it takes what it is given, and much waits. waiting: it failed and is tried again. paused: switched off by a person. idle: nothing was sent yet. */
  state: z.enum(['sending', 'behind', 'waiting', 'paused', 'idle']),
  queuedSamples: z.number(),
  queuedBytes: z.number(),
  /** Age of the oldest sample that waits; null: none does. */
  queueAgeMs: z.number().nullable(),
  sent: z.number(),
  /** Refused by the target for good (4xx); not sent again. */
  refused: z.number(),
  /** Dropped here because the queue was full. */
  dropped: z.number(),
  failedRequests: z.number(),
  lastSentAt: IsoTime.nullable(),
  /** Since when nothing has been taken; null: the last request was. */
  failingSince: IsoTime.nullable(),
  nextAttemptAt: IsoTime.nullable(),
  lastError: z.object({ at: IsoTime, answer: z.string() }).nullable(),
  lastRefusal: z.object({ at: IsoTime, answer: z.string(), samples: z.number() }).nullable(),
  /** When samples were last dropped here; null: none since the start. */
  lastDroppedAt: IsoTime.nullable(),
});
export type TargetState = z.infer<typeof TargetState>;

/** Secrets come back as SECRET_KEPT; sent back so they stay as they are. */
export const RemoteWriteTarget = TargetFields.extend({ id: z.string(), status: TargetState });
export type RemoteWriteTarget = z.infer<typeof RemoteWriteTarget>;

export const RemoteWriteOut = z.object({
  at: IsoTime,
  since: IsoTime,
  queue: z.object({
    bytes: z.number(),
    bytesMax: z.number(),
    /** Samples that never came into it, because the disk took none for too long. */
    unwrittenDropped: z.number(),
    /** Why it cannot be written now; null: it can. */
    lastError: z.string().nullable(),
    /** Files that could not be read, by their names now, and when this process found them so; they lie in the folder `outgoing` until a person takes them away. */
    setAside: z.array(z.object({ name: z.string(), samples: z.number(), at: IsoTime })),
  }),
  targets: z.array(RemoteWriteTarget),
});
export type RemoteWriteOut = z.infer<typeof RemoteWriteOut>;

/** The answer to a request with nothing in it. */
export const TargetTest = z.object({ ok: z.boolean(), answer: z.string() });
export type TargetTest = z.infer<typeof TargetTest>;

const tag = 'exchange';

export const remoteWriteEndpoints = {
  remoteWrite: endpoint({
    id: 'remoteWrite',
    method: 'POST',
    path: '/write',
    right: 'metrics.write',
    tag,
    summary: 'Take samples as Prometheus sends them (remote write 1.0: protobuf in a snappy block)',
    body: BinaryBody,
    binaryBody: 'application/x-protobuf',
    bodyBytesMax: WRITE_BODY_BYTES_MAX,
    audited: false,
    status: 204,
  }),
  remoteWriteIn: endpoint({
    id: 'remoteWriteIn',
    method: 'GET',
    path: '/exchange/in',
    right: 'exchange.read',
    tag,
    summary: 'What arrives by remote write, and what is kept out and why',
    response: RemoteWriteIn,
  }),
  listWriteMappings: endpoint({
    id: 'listWriteMappings',
    method: 'GET',
    path: '/exchange/mappings',
    right: 'exchange.read',
    tag,
    summary: 'Which metrics of Prometheus are which of ours; the first that fits counts',
    response: z.object({ items: z.array(Mapping) }),
  }),
  createWriteMapping: endpoint({
    id: 'createWriteMapping',
    method: 'POST',
    path: '/exchange/mappings',
    right: 'exchange.write',
    tag,
    summary: 'Make a mapping',
    body: MappingFields,
    response: Mapping,
    status: 201,
  }),
  updateWriteMapping: endpoint({
    id: 'updateWriteMapping',
    method: 'PUT',
    path: '/exchange/mappings/:id',
    right: 'exchange.write',
    tag,
    summary: 'Replace a mapping',
    params: IdParams,
    body: MappingFields,
    response: Mapping,
  }),
  deleteWriteMapping: endpoint({
    id: 'deleteWriteMapping',
    method: 'DELETE',
    path: '/exchange/mappings/:id',
    right: 'exchange.write',
    tag,
    summary: 'Delete a mapping; one that came with the server becomes again as it came',
    params: IdParams,
    status: 204,
  }),
  listForeignSeries: endpoint({
    id: 'listForeignSeries',
    method: 'GET',
    path: '/cis/:id/foreign-series',
    right: 'read',
    tag,
    summary: 'Series of a machine that came from a sender and not from its agent, by metric and instance',
    params: IdParams,
    query: Page,
    response: listOf(ForeignSeries),
  }),
  remoteWriteOut: endpoint({
    id: 'remoteWriteOut',
    method: 'GET',
    path: '/exchange/out',
    right: 'exchange.read',
    tag,
    summary: 'Where our samples are sent to, and how that goes',
    response: RemoteWriteOut,
  }),
  createWriteTarget: endpoint({
    id: 'createWriteTarget',
    method: 'POST',
    path: '/exchange/targets',
    right: 'exchange.write',
    tag,
    summary: 'Send samples to another store, from now on',
    body: TargetFields,
    response: RemoteWriteTarget,
    status: 201,
  }),
  updateWriteTarget: endpoint({
    id: 'updateWriteTarget',
    method: 'PUT',
    path: '/exchange/targets/:id',
    right: 'exchange.write',
    tag,
    summary: 'Change a target; what waits for it stays',
    params: IdParams,
    body: TargetFields,
    response: RemoteWriteTarget,
  }),
  deleteWriteTarget: endpoint({
    id: 'deleteWriteTarget',
    method: 'DELETE',
    path: '/exchange/targets/:id',
    right: 'exchange.write',
    tag,
    summary: 'Remove a target and what waits for it',
    params: IdParams,
    status: 204,
  }),
  testWriteTarget: endpoint({
    id: 'testWriteTarget',
    method: 'POST',
    path: '/exchange/targets/:id/test',
    right: 'exchange.write',
    tag,
    summary: 'Send a request without samples and tell the answer',
    params: IdParams,
    response: TargetTest,
  }),
};
