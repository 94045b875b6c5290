/** What agents say in control messages of `/ws/agent`. Only the server parses them: an agent imports nothing but types from here. */
import * as z from 'zod';
import { Platform } from '../release/manifest.ts';
import { GOODBYE_REASONS } from './goodbye.ts';
import { TopProcess } from './top-process.ts';
import { AgentId, Bytes32, ConfigVersion, Epoch, ReleaseSerial, Seq, Signature, TimeMs } from './values.ts';

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
  previousSerial: z.nullable(ReleaseSerial),
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

/** Sent while a live lease runs; never stored. */
export const Processes = z.object({
  type: z.literal('processes'),
  atMs: TimeMs,
  items: z.array(TopProcess).max(64),
});

/** A new epoch begins on this connection; the next data frame is its seq 1. */
export const NewEpoch = z.object({ type: z.literal('epoch'), epoch: Epoch });

/** Last gasp. The event of the same content is in the spool too; this copy is for the case that nothing is acknowledged any more. */
export const Goodbye = z.object({
  type: z.literal('goodbye'),
  reason: z.enum(GOODBYE_REASONS),
  uninstalled: z.boolean().optional(),
  atMs: TimeMs,
});

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

/** By which configuration the agent works, after each signed one that it was told. */
export const Configured = z.object({
  type: z.literal('configured'),
  /** null: by none that was signed. */
  version: z.nullable(ConfigVersion),
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
