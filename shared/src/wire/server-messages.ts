/**
 * What the server says in control messages of `/ws/agent`: JSON text frames, a union and a list of reasons to refuse.
 * docs/WIRE.md describes the order in which they come. The agent parses them: zod/mini, of which a schema takes it the least memory.
 */
import * as z from 'zod/mini';
import { ReleaseVersion } from '../release/manifest.ts';
import { CONTROL_BYTES_MAX } from './limits.ts';
import { AgentId, Bytes32, bySection, ReleaseSerial, Seq, Signature, TimeMs } from './values.ts';

/** The server's half of the key exchange; `proof` follows at once. */
export const Welcome = z.object({
  type: z.literal('welcome'),
  version: z.int().check(z.minimum(1)),
  nonce: Bytes32,
  serverKey: Bytes32,
});
export const ServerProof = z.object({ type: z.literal('proof'), signature: Signature });

/** A crossing of such a level makes a holding agent send at once. */
export const WakeLevel = z.object({
  metric: z.string().check(z.maxLength(64)),
  instance: z.nullable(z.string().check(z.maxLength(256))),
  op: z.enum(['above', 'below']),
  level: z.number(),
});

export const AgentConfig = z.object({
  intervalMs: z.int().check(z.minimum(1_000), z.maximum(3_600_000)),
  /** 0: one tick per frame. */
  holdMs: z.int().check(z.minimum(0), z.maximum(30_000)),
  /** The same on battery and on a metered line, where that is longer. Absent: no longer than `holdMs`. */
  economyHoldMs: z.optional(z.int().check(z.minimum(0), z.maximum(30_000))),
  inventoryIntervalMs: z.int().check(z.minimum(60_000), z.maximum(7 * 86_400_000)),
  /** Names of collectors that are switched off. */
  collectorsOff: z.array(z.string().check(z.maxLength(32))).check(z.maxLength(64)),
  wake: z.array(WakeLevel).check(z.maxLength(256)),
  /** Directories whose files are fingerprinted; the agent refuses those outside its own list. Absent: none. */
  fingerprints: z.optional(
    z.object({ directories: z.array(z.string().check(z.maxLength(1_024))).check(z.maxLength(64)) }),
  ),
  /** Inventory sections that are not collected; a name that the agent does not know means nothing. Absent: none. */
  sectionsOff: z.optional(z.array(z.string().check(z.maxLength(32))).check(z.maxLength(64))),
  /** Fields that are left empty, as in 'users.lastUser'; 'processes' is the list of top processes. Absent: none. */
  fieldsOff: z.optional(z.array(z.string().check(z.maxLength(128))).check(z.maxLength(512))),
  /** What is probed from here (checks/check.ts); each is read by itself, so that one of a later kind leaves the others. Only where it is signed. Absent: none. */
  checks: z.optional(z.array(z.unknown()).check(z.maxLength(256))),
});
export type AgentConfig = z.infer<typeof AgentConfig>;

/** A configuration by groups, signed by the server's identity key; signed-config.ts reads it. Goes to agents with the ability 'signed-config'. */
export const SignedConfig = z.object({
  /** JSON, exactly as it was signed. */
  text: z.string().check(z.maxLength(CONTROL_BYTES_MAX)),
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
  signed: z.optional(SignedConfig),
  /** SHA-256 (hex) of each inventory section the server holds; absent = send it. */
  inventory: bySection(z.string().check(z.regex(/^[0-9a-f]{64}$/))),
});

/** Everything up to and with `seq` of the current epoch is durable. */
export const Ack = z.object({ type: z.literal('ack'), seq: Seq });
/** Sample at `intervalMs` for `leaseMs` from now; 0 ends it. */
export const Live = z.object({
  type: z.literal('live'),
  leaseMs: z.int().check(z.minimum(0), z.maximum(120_000)),
  intervalMs: z.int().check(z.minimum(500), z.maximum(10_000)),
});
/** Put the flight recording and the top processes into the ordered stream as a `flight` event. */
export const Record_ = z.object({ type: z.literal('record'), requestId: z.string().check(z.maxLength(64)) });
/** Does this address of your own network answer? The agent refuses unless it was switched on where it runs. */
export const Witness = z.object({
  type: z.literal('witness'),
  requestId: z.string().check(z.maxLength(64)),
  /** IPv4, dotted. */
  address: z.string().check(z.maxLength(45)),
});
/**
 * Take this release: the agent loads it from this server's `/install/releases/<serial>/`, believes nothing but its signature, and leaves
 * with the goodbye `upgrade`. Only to agents with the ability 'upgrade'. Told again it changes nothing.
 */
export const Upgrade = z.object({
  type: z.literal('upgrade'),
  serial: ReleaseSerial.check(z.minimum(1)),
  version: ReleaseVersion,
  /** Time in which the new version must connect and be heard. */
  trialMs: z.int().check(z.minimum(60_000), z.maximum(86_400_000)),
});
export type Upgrade = z.infer<typeof Upgrade>;
/** Return to the version before, if this number is the installed one and not for longer than ROLL_BACK_MS_MAX. */
export const RollBack = z.object({ type: z.literal('roll-back'), serial: ReleaseSerial.check(z.minimum(1)) });
export const Configure = z.object({
  type: z.literal('configure'),
  config: AgentConfig,
  /** Where it is there, `config` means nothing. */
  signed: z.optional(SignedConfig),
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
  detail: z.string().check(z.maxLength(500)),
  /** What a person can do about it. */
  hint: z.string().check(z.maxLength(500)),
  retryAfterMs: z.optional(z.int().check(z.minimum(0), z.maximum(3_600_000))),
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
