/** A server end of the link in memory, and agents that talk to it byte by byte: for tests, with time passed in. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import type { Millis } from '@muster/shared/time.ts';
import type { AgentToServer } from '@muster/shared/wire/agent-messages.ts';
import type { ServerToAgent } from '@muster/shared/wire/server-messages.ts';
import type { AgentEvent, InventoryBody } from '@muster/shared/wire/frame-bodies.ts';
import { encodeFrame } from '@muster/shared/wire/frames.ts';
import { agentProofHashInput, agentProofInput, transcriptInput } from '@muster/shared/wire/handshake.ts';
import { SamplesEncoder } from '@muster/shared/wire/samples.ts';
import type { AuditEvent } from '../access/audit.ts';
import type { Clock } from '../clock.ts';
import { Fleet } from '../fleet/fleet.ts';
import { serverKeyOf } from '../fleet/server-key.ts';
import { agentIdOf, rawPublicKey, type SignatureCheck, signedBy } from '../fleet/signature.ts';
import type { FleetStore } from '../fleet/store.ts';
import { newId } from '../ids.ts';
import type { IngestSinks } from '../ingest/sinks.ts';
import type { MetricStore } from '../metrics/store.ts';
import { createMemoryFleetStore } from '../store/memory/fleet.ts';
import { createMemoryMetricStore } from '../store/memory/metrics.ts';
import { AGENT_CONFIG_DEFAULT } from './agent-hub.ts';
import type { AgentConnection, SocketInfo } from './agent-socket.ts';
import { Admission } from './admission.ts';
import { createLink, type Link, type LinkDeps } from './link.ts';
import type { LinkSocket } from './link-socket.ts';

export const START_MS = 1_700_000_000_000;

export class FakeClock implements Clock {
  nowMs: Millis = START_MS;
  mono = 0;

  now(): Millis {
    return this.nowMs;
  }

  monotonicMs(): number {
    return this.mono;
  }

  advance(byMs: Millis): void {
    this.nowMs += byMs;
    this.mono += byMs;
  }
}

export class FakeSocket implements LinkSocket {
  readonly texts: string[] = [];
  readonly #parsed: ServerToAgent[] = [];
  readonly pings: Uint8Array[] = [];
  closed: { code: number; reason: string } | null = null;
  terminated = false;
  bufferedBytes = 0;

  send(data: string): void {
    this.texts.push(data);
  }

  close(code: number, reason: string): void {
    this.closed ??= { code, reason };
  }

  ping(payload: Uint8Array): void {
    this.pings.push(payload);
  }

  terminate(): void {
    this.terminated = true;
  }

  messages<T extends ServerToAgent['type']>(type: T): Extract<ServerToAgent, { type: T }>[] {
    // Waiting tests ask again and again.
    for (const text of this.texts.slice(this.#parsed.length))
      this.#parsed.push(JSON.parse(text) as ServerToAgent);
    return this.#parsed.filter(
      (message): message is Extract<ServerToAgent, { type: T }> => message.type === type,
    );
  }

  last<T extends ServerToAgent['type']>(type: T): Extract<ServerToAgent, { type: T }> {
    const message = this.messages(type).at(-1);
    if (!message) throw new Error(`no "${type}" was sent; sent were ${this.texts.join(' ')}`);
    return message;
  }
}

/** A metric store whose appends become durable when the test says so. */
export interface HeldMetrics extends MetricStore {
  hold: boolean;
  /** The next appends are refused with this. */
  failure: Error | null;
  /** Appends that were asked for, in order. */
  readonly asked: number[];
  release(count?: number): void;
}

export function createHeldMetrics(): HeldMetrics {
  const store = createMemoryMetricStore();
  const waiting: (() => void)[] = [];
  const held: HeldMetrics = {
    ...store,
    hold: false,
    failure: null,
    asked: [],
    append: async (delivery, ticks, nowMs) => {
      held.asked.push(delivery.seq);
      const { failure } = held;
      if (held.hold) await new Promise<void>((resolve) => waiting.push(resolve));
      if (failure) throw failure;
      return store.append(delivery, ticks, nowMs);
    },
    release: (count = waiting.length) => {
      for (const go of waiting.splice(0, count)) go();
    },
  };
  return held;
}

export type SinkCall = { readonly name: keyof IngestSinks; readonly args: readonly unknown[] };

export interface World {
  readonly clock: FakeClock;
  readonly fleet: Fleet;
  readonly store: FleetStore;
  readonly metrics: HeldMetrics;
  readonly link: Link;
  readonly admission: Admission;
  readonly audit: AuditEvent[];
  readonly logs: { level: string; what: string; detail: unknown }[];
  readonly sinkCalls: SinkCall[];
  /** CMDB: calls, and what the next ones answer. */
  readonly cmdb: {
    reports: { reporterCiId: string | null; sections: readonly string[] }[];
    placeholders: number;
    standIns: Set<string>;
    ciOf: (agentId: string) => string;
    failure: Error | null;
    refused: readonly string[];
  };
  /** Thrown by the event sink. */
  eventFailure: Error | null;
  token(
    options?: Partial<{ usesMax: number; expiresInHours: number | null; approval: boolean }>,
  ): Promise<string>;
  /** One second after the other, with its tick. */
  seconds(count: number): Promise<void>;
  calls(name: keyof IngestSinks): readonly SinkCall[];
}

/** `parts`: what outlives a restart of the server. */
export function createWorld(
  parts: Partial<Pick<World, 'store' | 'metrics' | 'clock' | 'cmdb'>> & {
    serverKey?: KeyObject;
    isSigned?: SignatureCheck;
    signedConfigs?: LinkDeps['signedConfigs'];
    versions?: LinkDeps['versions'];
  } = {},
): World {
  const clock = parts.clock ?? new FakeClock();
  const store = parts.store ?? createMemoryFleetStore();
  const metrics = parts.metrics ?? createHeldMetrics();
  const audit: AuditEvent[] = [];
  const logs: World['logs'] = [];
  const sinkCalls: SinkCall[] = [];
  const cmdb: World['cmdb'] = parts.cmdb ?? {
    reports: [],
    placeholders: 0,
    standIns: new Set(),
    ciOf: (agentId) => `ci_${agentId}`,
    failure: null,
    refused: [],
  };
  const fleet = new Fleet({
    store,
    serverKey: serverKeyOf(parts.serverKey ?? generateKeyPairSync('ed25519').privateKey),
    recordAudit: async (event) => {
      audit.push(event);
    },
    newId,
    randomBytes,
  });
  const record =
    (name: keyof IngestSinks) =>
    (...args: unknown[]): void => {
      sinkCalls.push({ name, args });
    };
  const sinks: IngestSinks = {
    samples: record('samples'),
    unknown: record('unknown'),
    connected: record('connected'),
    disconnected: record('disconnected'),
    processes: record('processes'),
    event: async (...args) => {
      if (world.eventFailure) throw world.eventFailure;
      record('event')(...args);
    },
  };
  const admission = new Admission(() => 0.5);
  const link = createLink({
    fleet,
    metrics,
    cmdb: {
      applyInventory: async ({ reporter, reporterCiId, body }) => {
        if (cmdb.failure) throw cmdb.failure;
        cmdb.reports.push({ reporterCiId, sections: Object.keys(body.sections) });
        const decision = {
          decision: 'matched',
          rule: 'new',
          ciId: null,
          reason: '',
          keys: [],
          rejected: [],
        } as const;
        return { ciId: cmdb.ciOf(reporter.id), decision, refused: cmdb.refused as never[], lacking: [] };
      },
      ciOfAgent: () => null,
      isStandIn: (ciId, site) => site === 'Berlin' && cmdb.standIns.has(ciId),
      placeholder: async ({ agentId }) => {
        cmdb.placeholders++;
        return cmdb.ciOf(agentId);
      },
    },
    sinks,
    configFor: () => AGENT_CONFIG_DEFAULT,
    ...(parts.signedConfigs ? { signedConfigs: parts.signedConfigs } : {}),
    clock,
    log: (level, what, detail) => {
      logs.push({ level, what, detail });
    },
    randomBytes,
    isSigned: parts.isSigned ?? signedBy,
    versions: parts.versions,
    random: () => 0.5,
    admission,
    serverStartedAtMs: START_MS,
  });
  const world: World = {
    clock,
    fleet,
    store,
    metrics,
    link,
    admission,
    audit,
    logs,
    sinkCalls,
    cmdb,
    eventFailure: null,
    token: async (options) => {
      const scope = { site: 'Berlin', class: null, tags: [] };
      const input = { name: 'test', usesMax: 100, expiresInHours: 24, approval: false, scope, ...options };
      return (await fleet.issueToken(input, clock.now())).text;
    },
    seconds: async (count) => {
      for (let i = 0; i < count; i++) {
        clock.advance(1_000);
        await link.tick(clock.now());
        await settle();
      }
    },
    calls: (name) => sinkCalls.filter((call) => call.name === name),
  };
  return world;
}

/** Lets everything that is under way in memory come to its end. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Longest wait for another thread, in real time. */
const UNTIL_MS_MAX = 10_000;

/** For work in other threads (inflating). */
export async function until(condition: () => boolean): Promise<void> {
  const sinceMs = performance.now();
  while (performance.now() - sinceMs < UNTIL_MS_MAX) {
    if (condition()) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  throw new Error('it did not come to that');
}

/** Stores as one server process sees them: after `kill` its calls never come back and have no effect. */
export function mortal(
  store: FleetStore,
  metrics: HeldMetrics,
): { parts: { store: FleetStore; metrics: HeldMetrics }; kill(): void } {
  let dead = false;
  const wrap = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (own, name) => {
        const value: unknown = Reflect.get(own, name);
        if (typeof value !== 'function' || SYNCHRONOUS.has(name)) return value;
        return (...args: unknown[]) =>
          dead ? new Promise(() => undefined) : Reflect.apply(value, own, args);
      },
    });
  return {
    parts: { store: wrap(store), metrics: wrap(metrics) },
    kill: () => {
      dead = true;
    },
  };
}
const SYNCHRONOUS: ReadonlySet<string | symbol> = new Set([
  'resolve',
  'identity',
  'delivered',
  'latest',
  'stats',
  'release',
]);

export interface TestKeys {
  readonly privateKey: KeyObject;
  readonly publicKey: Uint8Array;
  readonly agentId: string;
}

export function newKeys(): TestKeys {
  const { privateKey } = generateKeyPairSync('ed25519');
  const publicKey = rawPublicKey(privateKey);
  return { privateKey, publicKey, agentId: agentIdOf(publicKey) };
}

export type ProofFields = Partial<Omit<Extract<AgentToServer, { type: 'proof' }>, 'type'>>;
export interface ConnectOptions {
  readonly token?: string;
  readonly proof?: ProofFields;
  readonly info?: Partial<SocketInfo>;
  readonly versions?: [number, number];
  readonly capabilities?: string[];
}

export const EPOCH = 'a'.repeat(16);

/** One connection of an agent, from the agent's side. */
export class TestSession {
  readonly socket = new FakeSocket();
  readonly encoder = new SamplesEncoder();
  readonly connection: AgentConnection;
  readonly #keys: TestKeys;
  readonly #world: World;
  readonly #options: ConnectOptions;
  readonly hello: string;

  constructor(world: World, keys: TestKeys, options: ConnectOptions = {}) {
    this.#world = world;
    this.#keys = keys;
    this.#options = options;
    const info = { address: '10.0.0.1', tlsExporter: null, ...options.info };
    this.connection = world.link.agents.attach(this.socket, info);
    this.hello = JSON.stringify({
      type: 'hello',
      versions: options.versions ?? [1, 1],
      purpose: options.token === undefined ? 'resume' : 'enrol',
      nonce: randomBytes(32).toString('base64url'),
      capabilities: options.capabilities ?? ['live', 'flight', 'hold'],
    });
  }

  sendHello(): void {
    this.connection.text(this.hello);
  }

  /** The proof for what the server sent, or for what somebody else says it sent. */
  proofText(seen: { hello?: string; welcome?: string; exporter?: Uint8Array | null } = {}): string {
    const welcome = seen.welcome ?? this.socket.texts[0] ?? '';
    const { serverKey } = JSON.parse(welcome) as { serverKey: string };
    const exporter = seen.exporter === undefined ? (this.#options.info?.tlsExporter ?? null) : seen.exporter;
    const transcript = digest(transcriptInput(seen.hello ?? this.hello, welcome, exporter));
    const { privateKey, publicKey, agentId } = this.#keys;
    const hash = digest(
      agentProofHashInput(transcript, Buffer.from(serverKey, 'base64url'), publicKey, agentId),
    );
    return JSON.stringify({
      type: 'proof',
      agentKey: Buffer.from(publicKey).toString('base64url'),
      agentId,
      signature: sign(null, agentProofInput(hash), privateKey).toString('base64url'),
      ...(this.#options.token === undefined ? {} : { token: this.#options.token }),
      agentVersion: '0.1.0',
      hostname: 'pc-1',
      platform: 'linux',
      bootId: 'boot-1',
      epoch: EPOCH,
      firstSeq: 1,
      lastSeq: 0,
      sentAtMs: this.#world.clock.now(),
      ...this.#options.proof,
    });
  }

  sendProof(): void {
    this.connection.text(this.proofText());
  }

  send(message: AgentToServer): void {
    this.connection.text(JSON.stringify(message));
  }

  /** One reading of the processor. */
  samples(seq: number, atMs: Millis = this.#world.clock.now(), value = 50): void {
    this.connection.binary(this.samplesFrame(seq, atMs, value));
  }

  samplesFrame(seq: number, atMs: Millis, value = 50, metric = 'cpu.utilisation'): Uint8Array {
    const series = this.encoder.declare({ metric, instance: '', kind: 'gauge', decimals: 2 });
    return encodeFrame('samples', seq, this.encoder.encode([{ atMs, series: [series], values: [value] }]));
  }

  events(seq: number, events: readonly AgentEvent[]): void {
    this.connection.binary(encodeFrame('events', seq, packed({ events })));
  }

  inventory(
    seq: number,
    sections: InventoryBody['sections'] = { os: { hash: 'a'.repeat(64), complete: true, data: {} } },
  ): void {
    this.connection.binary(
      encodeFrame('inventory', seq, packed({ atMs: this.#world.clock.now(), sections })),
    );
  }

  get acked(): number | undefined {
    return this.socket.messages('ack').at(-1)?.seq;
  }

  get refusal(): string | undefined {
    return this.socket.messages('refused').at(-1)?.code;
  }
}

/** Handshake to its end, whatever that is. */
export async function connect(
  world: World,
  keys: TestKeys,
  options: ConnectOptions = {},
): Promise<TestSession> {
  const session = new TestSession(world, keys, options);
  session.sendHello();
  if (session.socket.closed === null) session.sendProof();
  await settle();
  return session;
}

export async function enrol(
  world: World,
  keys = newKeys(),
  options: ConnectOptions = {},
): Promise<{ keys: TestKeys; session: TestSession }> {
  const session = await connect(world, keys, { token: await world.token(), ...options });
  return { keys, session };
}

export const STOPPING: AgentEvent = { type: 'stopping', atMs: START_MS, reason: 'shutdown' };

export function packed(body: unknown): Uint8Array {
  return zstdCompressSync(Buffer.from(JSON.stringify(body)));
}

function digest(data: Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}
