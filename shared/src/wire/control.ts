/**
 * Control messages of `/ws/agent`: JSON text frames, two unions and a list of reasons to refuse.
 * docs/WIRE.md describes the order in which they come.
 */
import * as z from 'zod';
import { Platform, ReleaseVersion } from '../release/manifest.ts';
import { CONTROL_BYTES_MAX } from './limits.ts';
import { TopProcess } from './top-process.ts';

const base64 = (bytes: number) =>
  z
    .string()
    .regex(new RegExp(`^[A-Za-z0-9_-]{${Math.ceil((bytes * 4) / 3)}}$`), `base64url of ${bytes} bytes`);

/** base64url of 32 bytes: nonces and raw Ed25519 public keys. */
export const Bytes32 = base64(32);
/** base64url of an Ed25519 signature. */
export const Signature = base64(64);
/** 16 hex digits: 64 random bits that name one life of an agent's spool. */
export const Epoch = z.string().regex(/^[0-9a-f]{16}$/);
/** 32 hex digits: the first 16 bytes of SHA-256 over the agent's raw public key. */
export const AgentId = z.string().regex(/^[0-9a-f]{32}$/);
export const Seq = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const TimeMs = z.int().min(0).max(8.64e15);

export const INVENTORY_SECTIONS = [
  'hardware',
  'os',
  'network',
  'storage',
  'software',
  'services',
  'users',
  'devices',
  'drivers',
  'patches',
  'guests',
  'security',
  'sockets',
  'fingerprints',
] as const;
export const InventorySection = z.enum(INVENTORY_SECTIONS);
export type InventorySection = z.infer<typeof InventorySection>;

/** Something per inventory section. A section of another version, which is not in the list, is left out and breaks nothing. */
export function bySection<Value extends z.ZodType>(value: Value) {
  const shape = Object.fromEntries(INVENTORY_SECTIONS.map((name) => [name, value.optional()]));
  return z.object(shape as Record<InventorySection, z.ZodOptional<Value>>);
}

/** First message, by the agent. It tells nothing about who the agent is. */
export const Hello = z.object({
  type: z.literal('hello'),
  /** Lowest and highest protocol version the agent speaks. */
  versions: z.tuple([z.int().min(1), z.int().min(1)]),
  purpose: z.enum(['resume', 'enrol']),
  nonce: Bytes32,
  /** Optional abilities, unknown ones are ignored: 'hold', 'live', 'flight', 'witness', 'upgrade', 'signed-config', 'checks', 'checks-forbidden'. */
  capabilities: z.array(z.string().max(32)).max(32),
});

const ReleaseSerial = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** What is installed on the machine and what became of the last change of it; told by agents with the ability 'upgrade'. */
export const InstalledRelease = z.object({
  platform: Platform,
  /** Of the installed release; 0: it was installed by the line, without a release. */
  serial: ReleaseSerial,
  /** Raw Ed25519 public key, base64url, by which alone it takes upgrades. */
  key: Bytes32,
  /** The key is for development. */
  development: z.boolean(),
  /** The installed release has not proved itself yet and may be taken back. */
  onTrial: z.boolean(),
  /** Of the version before, which is kept; null: there is none to go back to. */
  previousSerial: ReleaseSerial.nullable(),
  /** A release that was put in place and did not stay. */
  takenBack: z.object({ serial: ReleaseSerial, why: z.string().max(500) }).nullable(),
});
export type InstalledRelease = z.infer<typeof InstalledRelease>;

/** Who the agent is, after it has checked the server's proof. */
export const AgentProof = z.object({
  type: z.literal('proof'),
  agentKey: Bytes32,
  agentId: AgentId,
  signature: Signature,
  /** Only when purpose is `enrol`. */
  token: z.string().max(128).optional(),
  agentVersion: z.string().max(32),
  hostname: z.string().max(255),
  platform: z.enum(['linux', 'win32', 'darwin']),
  bootId: z.string().max(64),
  epoch: Epoch,
  /** Oldest sequence number still in the spool, and the highest ever given out in this epoch (0 = none). */
  firstSeq: Seq,
  lastSeq: Seq,
  /** The agent's clock when this message was made; the server derives the skew from it. */
  sentAtMs: TimeMs,
  /** Absent: it takes no upgrades from the server. */
  release: InstalledRelease.optional(),
});

export { TopProcess } from './top-process.ts';

/** Sent while a live lease runs; never stored. */
export const Processes = z.object({
  type: z.literal('processes'),
  atMs: TimeMs,
  items: z.array(TopProcess).max(64),
});

/** A new epoch begins on this connection; the next data frame is its seq 1. */
export const NewEpoch = z.object({ type: z.literal('epoch'), epoch: Epoch });

/** Last gasp. The event of the same content is in the spool too; this copy is for the case that nothing is acknowledged any more. */
export const GOODBYE_REASONS = ['shutdown', 'restart', 'sleep', 'stop', 'upgrade'] as const;
export const GoodbyeReason = z.enum(GOODBYE_REASONS);
export type GoodbyeReason = z.infer<typeof GoodbyeReason>;
export const Goodbye = z.object({ type: z.literal('goodbye'), reason: GoodbyeReason, atMs: TimeMs });

/** Why an agent does not look: not switched on, no IPv4 address, not on its own network, busy, asked too often. */
export const WITNESS_REFUSALS = ['off', 'address', 'not-neighbour', 'busy', 'rate'] as const;
export type WitnessRefusal = (typeof WITNESS_REFUSALS)[number];

/** What a neighbour saw of an address. Told and forgotten, never stored by the agent. */
export const Witnessed = z.object({
  type: z.literal('witnessed'),
  requestId: z.string().max(64),
  answer: z.enum(['answers', 'silent', 'refused']),
  /**
   * Only with `answers`. tcp: a connection was taken or refused. resolved: the address was not known and the neighbour told
   * it now. table: it was known before and the kernel has not given it up, which may be up to a minute old.
   */
  by: z.enum(['tcp', 'resolved', 'table']).nullable(),
  /** Only with `refused`. */
  refusal: z.enum(WITNESS_REFUSALS).nullable(),
  /** The neighbour's own gateway on that network, by its neighbour table; unknown where it has none. */
  gateway: z.enum(['answers', 'silent', 'unknown']),
});
export type Witnessed = z.infer<typeof Witnessed>;

/**
 * How an upgrade that the server asked for goes on, at each step and every few seconds of a download. What follows a restart is told by
 * the `release` of the next proof. `waiting`: no space, or a metered line; it is loaded when the server asks again.
 * `confirmed`: the release runs and is not on trial, or its trial ended well on this connection.
 */
export const UPGRADE_STAGES = [
  'waiting',
  'downloading',
  'verified',
  'restarting',
  'confirmed',
  'refused',
  'failed',
] as const;
export const Upgrading = z.object({
  type: z.literal('upgrading'),
  serial: ReleaseSerial,
  stage: z.enum(UPGRADE_STAGES),
  receivedBytes: z.int().min(0),
  /** 0 while it is not known. */
  totalBytes: z.int().min(0),
  /** Why, in words, for waiting, refused and failed, and while a broken download waits for its next try; '' otherwise. */
  detail: z.string().max(500),
});
export type Upgrading = z.infer<typeof Upgrading>;

const ConfigVersion = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** By which configuration the agent works, after each signed one that it was told. */
export const Configured = z.object({
  type: z.literal('configured'),
  /** null: by none that was signed. */
  version: ConfigVersion.nullable(),
  /** Why the one just told is not taken; null: it is. */
  refused: z.string().max(500).nullable(),
});
export type Configured = z.infer<typeof Configured>;

export const AgentToServer = z.discriminatedUnion('type', [
  Hello,
  AgentProof,
  Processes,
  NewEpoch,
  Goodbye,
  Witnessed,
  Upgrading,
  Configured,
]);
export type AgentToServer = z.infer<typeof AgentToServer>;

/** The server's half of the key exchange; `proof` follows at once. */
export const Welcome = z.object({
  type: z.literal('welcome'),
  version: z.int().min(1),
  nonce: Bytes32,
  serverKey: Bytes32,
});
export const ServerProof = z.object({ type: z.literal('proof'), signature: Signature });

/** A crossing of such a level makes a holding agent send at once. */
export const WakeLevel = z.object({
  metric: z.string().max(64),
  instance: z.string().max(256).nullable(),
  op: z.enum(['above', 'below']),
  level: z.number(),
});

export const AgentConfig = z.object({
  intervalMs: z.int().min(1_000).max(3_600_000),
  /** 0: one tick per frame. */
  holdMs: z.int().min(0).max(30_000),
  /** The same on battery and on a metered line, where that is longer. Absent: no longer than `holdMs`. */
  economyHoldMs: z.int().min(0).max(30_000).optional(),
  inventoryIntervalMs: z
    .int()
    .min(60_000)
    .max(7 * 86_400_000),
  /** Names of collectors that are switched off. */
  collectorsOff: z.array(z.string().max(32)).max(64),
  wake: z.array(WakeLevel).max(256),
  /** Directories whose files are fingerprinted; the agent refuses those outside its own list. Absent: none. */
  fingerprints: z.object({ directories: z.array(z.string().max(1_024)).max(64) }).optional(),
  /** Inventory sections that are not collected; a name that the agent does not know means nothing. Absent: none. */
  sectionsOff: z.array(z.string().max(32)).max(64).optional(),
  /** Fields that are left empty, as in 'users.lastUser'; 'processes' is the list of top processes. Absent: none. */
  fieldsOff: z.array(z.string().max(128)).max(512).optional(),
  /** What is probed from here (checks/check.ts); each is read by itself, so that one of a later kind leaves the others. Only where it is signed. Absent: none. */
  checks: z.array(z.unknown()).max(256).optional(),
});
export type AgentConfig = z.infer<typeof AgentConfig>;

/** A configuration by groups, signed by the server's identity key; signed-config.ts reads it. Goes to agents with the ability 'signed-config'. */
export const SignedConfig = z.object({
  /** JSON, exactly as it was signed. */
  text: z.string().max(CONTROL_BYTES_MAX),
  signature: Signature,
});
export type SignedConfig = z.infer<typeof SignedConfig>;

export const Accepted = z.object({
  type: z.literal('accepted'),
  agentId: AgentId,
  /** Highest seq of the given epoch whose effect is durable; 0 = none. */
  lastSeq: Seq,
  serverTimeMs: TimeMs,
  /** true: enrolled, waiting for an administrator. Nothing is taken from the agent until then. */
  pendingApproval: z.boolean(),
  config: AgentConfig,
  /** Where it is there, `config` means nothing. */
  signed: SignedConfig.optional(),
  /** SHA-256 (hex) of each inventory section the server holds; absent = send it. */
  inventory: bySection(z.string().regex(/^[0-9a-f]{64}$/)),
});

/** Everything up to and with `seq` of the current epoch is durable. */
export const Ack = z.object({ type: z.literal('ack'), seq: Seq });
/** Sample at `intervalMs` for `leaseMs` from now; 0 ends it. */
export const Live = z.object({
  type: z.literal('live'),
  leaseMs: z.int().min(0).max(120_000),
  intervalMs: z.int().min(500).max(10_000),
});
/** Put the flight recording and the top processes into the ordered stream as a `flight` event. */
export const Record_ = z.object({ type: z.literal('record'), requestId: z.string().max(64) });
/** Does this address of your own network answer? The agent refuses unless it was switched on where it runs. */
export const Witness = z.object({
  type: z.literal('witness'),
  requestId: z.string().max(64),
  /** IPv4, dotted. */
  address: z.string().max(45),
});
/**
 * Take this release: the agent loads it from this server's `/install/releases/<serial>/`, believes nothing but its signature, and leaves
 * with the goodbye `upgrade`. Only to agents with the ability 'upgrade'. Told again it changes nothing.
 */
export const Upgrade = z.object({
  type: z.literal('upgrade'),
  serial: ReleaseSerial.min(1),
  version: ReleaseVersion,
  /** Time in which the new version must connect and be heard. */
  trialMs: z.int().min(60_000).max(86_400_000),
});
export type Upgrade = z.infer<typeof Upgrade>;
/** Return to the version before, if this number is the installed one and not for longer than ROLL_BACK_MS_MAX. */
export const RollBack = z.object({ type: z.literal('roll-back'), serial: ReleaseSerial.min(1) });
export const Configure = z.object({
  type: z.literal('configure'),
  config: AgentConfig,
  /** Where it is there, `config` means nothing. */
  signed: SignedConfig.optional(),
});
/** The server's clock, with each ping. */
export const Clock = z.object({ type: z.literal('clock'), serverTimeMs: TimeMs });

/**
 * Why a connection is refused or ended. `close` is the WebSocket close code; `retry` says whether
 * trying again can help without a person's doing something.
 */
export const REFUSALS = {
  protocol: { close: 4400, retry: true },
  'version-unsupported': { close: 4426, retry: false },
  'handshake-timeout': { close: 4408, retry: true },
  'proof-invalid': { close: 4401, retry: false },
  'token-unknown': { close: 4403, retry: false },
  'token-expired': { close: 4403, retry: false },
  'token-exhausted': { close: 4403, retry: false },
  'not-enrolled': { close: 4404, retry: false },
  revoked: { close: 4410, retry: false },
  'cloned-identity': { close: 4409, retry: true },
  'frame-invalid': { close: 4422, retry: true },
  'frame-too-large': { close: 4413, retry: true },
  'limit-exceeded': { close: 4429, retry: true },
  'clock-ahead': { close: 4425, retry: true },
  busy: { close: 4503, retry: true },
  'server-stopping': { close: 4501, retry: true },
  'server-error': { close: 4500, retry: true },
} as const satisfies Record<string, { close: number; retry: boolean }>;
export type RefusalCode = keyof typeof REFUSALS;

export const Refused = z.object({
  type: z.literal('refused'),
  code: z.enum(Object.keys(REFUSALS) as [RefusalCode, ...RefusalCode[]]),
  detail: z.string().max(500),
  /** What a person can do about it. */
  hint: z.string().max(500),
  retryAfterMs: z.int().min(0).max(3_600_000).optional(),
});

export const ServerToAgent = z.discriminatedUnion('type', [
  Welcome,
  ServerProof,
  Accepted,
  Ack,
  Live,
  Record_,
  Witness,
  Upgrade,
  RollBack,
  Configure,
  Clock,
  Refused,
]);
export type ServerToAgent = z.infer<typeof ServerToAgent>;
