/**
 * The server's half of docs/WIRE.md in a few pages: it keeps what it is sent in memory and can be told to
 * misbehave. For tests of agents; it is not the server.
 */
import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { zstdDecompressSync } from 'node:zlib';
import { AgentToServer } from '@muster/shared/wire/agent-messages.ts';
import {
  type AgentConfig,
  REFUSALS,
  type RefusalCode,
  type ServerToAgent,
} from '@muster/shared/wire/server-messages.ts';
import { type AgentEvent, EventsBody, InventoryBody } from '@muster/shared/wire/frame-bodies.ts';
import { decodeFrame, type Frame } from '@muster/shared/wire/frames.ts';
import { WireError } from '@muster/shared/wire/bytes.ts';
import {
  EXPORTER_BYTES,
  EXPORTER_LABEL,
  agentProofHashInput,
  agentProofInput,
  serverProofInput,
  transcriptInput,
} from '@muster/shared/wire/handshake.ts';
import { FRAME_BYTES_MAX, INFLATED_BYTES_MAX } from '@muster/shared/wire/limits.ts';
import { SamplesDecoder, type SeriesDeclaration } from '@muster/shared/wire/samples.ts';
import { WebSocketServer } from 'ws';

type Hello = Extract<AgentToServer, { type: 'hello' }>;
type Proof = Extract<AgentToServer, { type: 'proof' }>;
type Accepted = Extract<ServerToAgent, { type: 'accepted' }>;

export interface StoredSample {
  readonly metric: string;
  readonly instance: string;
  readonly atMs: number;
  readonly value: number;
}

/** One data frame whose effect the server keeps. */
export type StoredFrame = { readonly epoch: string; readonly seq: number } & (
  | { readonly type: 'samples'; readonly samples: readonly StoredSample[] }
  | { readonly type: 'inventory'; readonly body: InventoryBody }
  | { readonly type: 'events'; readonly events: readonly AgentEvent[] }
);

export interface FakeAgent {
  readonly id: string;
  readonly key: string;
  revoked: boolean;
  pending: boolean;
  /** Highest durable seq by epoch. */
  readonly lastSeq: Map<string, number>;
  /** In the order of arrival, each (epoch, seq) once. */
  readonly frames: StoredFrame[];
  readonly live: StoredSample[];
  readonly proofs: Proof[];
  readonly messages: AgentToServer[];
  /** Sequence numbers that were skipped: [epoch, from, to]. */
  readonly gaps: [string, number, number][];
  duplicates: number;
  inventory: Accepted['inventory'];
}

export const FAKE_CONFIG: AgentConfig = {
  intervalMs: 10_000,
  holdMs: 0,
  inventoryIntervalMs: 86_400_000,
  collectorsOff: [],
  wake: [],
};

/** What a test may set, also in mid-flight. */
export interface FakeBehaviour {
  config: AgentConfig;
  /** 'frame': each frame at once; 'manual': only by `acknowledge`. */
  acks: 'frame' | 'manual';
  approval: boolean;
  /** Refuses every connection before the handshake. */
  refuse: { code: RefusalCode; retryAfterMs?: number } | null;
  /** Changes a message on its way out; null swallows it. */
  tamper: (message: ServerToAgent, text: string) => string | null;
  /** Refuses a data frame. */
  refuseFrame: (frame: Frame) => RefusalCode | null;
  /** Signs instead of the server. */
  signWith: KeyObject | null;
  nowMs: () => number;
}

export class FakeServer {
  readonly privateKey: KeyObject;
  /** base64url. */
  readonly key: string;
  /** Uses left by token. */
  readonly tokens = new Map<string, number>();
  readonly agents = new Map<string, FakeAgent>();
  readonly sessions = new Set<FakeSession>();
  readonly behaviour: FakeBehaviour;

  constructor(
    behaviour: Partial<FakeBehaviour> = {},
    privateKey: KeyObject = generateKeyPairSync('ed25519').privateKey,
  ) {
    this.privateKey = privateKey;
    this.key = String(createPublicKey(privateKey).export({ format: 'jwk' }).x);
    this.behaviour = {
      config: FAKE_CONFIG,
      acks: 'frame',
      approval: false,
      refuse: null,
      tamper: (_, text) => text,
      refuseFrame: () => null,
      signWith: null,
      nowMs: () => 1_700_000_000_000,
      ...behaviour,
    };
  }

  accept(wire: FakeWire, exporter: Uint8Array | null = null): FakeSession {
    const session = new FakeSession(this, wire, exporter);
    this.sessions.add(session);
    return session;
  }

  /** The one agent, in tests that have one. */
  get agent(): FakeAgent {
    const [agent] = this.agents.values();
    if (!agent) throw new Error('no agent has enrolled');
    return agent;
  }

  get session(): FakeSession {
    const session = [...this.sessions].at(-1);
    if (!session) throw new Error('no agent is connected');
    return session;
  }
}

/** Where a session writes to. */
export interface FakeWire {
  text(text: string): void;
  close(code: number, reason: string): void;
}

class RefusedError extends Error {
  readonly code: RefusalCode;
  readonly retryAfterMs: number | undefined;

  constructor(code: RefusalCode, detail: string, retryAfterMs?: number) {
    super(detail);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** One connection at the server. */
export class FakeSession {
  readonly #server: FakeServer;
  readonly #wire: FakeWire;
  readonly #exporter: Uint8Array | null;
  readonly #decoder = new SamplesDecoder();
  readonly #series: SeriesDeclaration[] = [];
  #state: 'hello' | 'proof' | 'open' | 'closed' = 'hello';
  #hello: Hello | null = null;
  #transcript: Uint8Array = new Uint8Array(0);
  #epoch = '';
  #lastSeen = 0;
  agent: FakeAgent | null = null;
  /** Texts and frames as they came. */
  readonly received: (string | Uint8Array)[] = [];

  constructor(server: FakeServer, wire: FakeWire, exporter: Uint8Array | null) {
    this.#server = server;
    this.#wire = wire;
    this.#exporter = exporter;
  }

  get epoch(): string {
    return this.#epoch;
  }

  /** What the agent offers. */
  get capabilities(): readonly string[] {
    return this.#hello?.capabilities ?? [];
  }

  receive(data: string | Uint8Array): void {
    if (this.#state === 'closed') return;
    this.received.push(data);
    try {
      if (typeof data === 'string') this.#text(data);
      else this.#frame(data);
    } catch (error) {
      if (error instanceof RefusedError) this.refuse(error.code, error.message, error.retryAfterMs);
      else if (error instanceof WireError) this.refuse('frame-invalid', error.message);
      else throw error;
    }
  }

  send(message: ServerToAgent): void {
    const text = this.#server.behaviour.tamper(message, JSON.stringify(message));
    if (text !== null) this.#wire.text(text);
  }

  /** Acknowledges all that has come. */
  acknowledge(): void {
    this.send({ type: 'ack', seq: this.agent?.lastSeq.get(this.#epoch) ?? 0 });
  }

  refuse(code: RefusalCode, detail: string = code, retryAfterMs?: number): void {
    const message: ServerToAgent = {
      type: 'refused',
      code,
      detail,
      hint: 'a hint',
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
    this.send(message);
    this.close(REFUSALS[code].close, code);
  }

  close(code = 1001, reason = 'going away'): void {
    if (this.#state === 'closed') return;
    this.ended();
    this.#wire.close(code, reason);
  }

  /** The other end is gone. */
  ended(): void {
    this.#state = 'closed';
    this.#server.sessions.delete(this);
  }

  #text(text: string): void {
    const parsed = AgentToServer.safeParse(JSON.parse(text));
    if (!parsed.success) throw new RefusedError('protocol', parsed.error.message.slice(0, 400));
    const message = parsed.data;
    if (this.#state === 'hello' && message.type === 'hello') return this.#welcome(message, text);
    if (this.#state === 'proof' && message.type === 'proof') return this.#proof(message);
    if (this.#state !== 'open' || !this.agent)
      throw new RefusedError('protocol', `"${message.type}" out of turn`);
    this.agent.messages.push(message);
    if (message.type === 'epoch') {
      this.#epoch = message.epoch;
      this.#lastSeen = 0;
    }
  }

  #welcome(hello: Hello, text: string): void {
    const { behaviour, key, privateKey } = this.#server;
    if (behaviour.refuse)
      throw new RefusedError(behaviour.refuse.code, 'told to', behaviour.refuse.retryAfterMs);
    if (hello.versions[0] > 1) throw new RefusedError('version-unsupported', 'only version 1');
    this.#hello = hello;
    const welcome: ServerToAgent = {
      type: 'welcome',
      version: 1,
      nonce: randomBytes(32).toString('base64url'),
      serverKey: key,
    };
    const welcomeText = JSON.stringify(welcome);
    this.#transcript = sha256(transcriptInput(text, welcomeText, this.#exporter));
    const signature = sign(null, serverProofInput(this.#transcript), behaviour.signWith ?? privateKey);
    this.#state = 'proof';
    this.send(welcome);
    this.send({ type: 'proof', signature: signature.toString('base64url') });
  }

  #proof(proof: Proof): void {
    const publicKey = Buffer.from(proof.agentKey, 'base64url');
    const serverKey = Buffer.from(this.#server.key, 'base64url');
    const signed = agentProofInput(
      sha256(agentProofHashInput(this.#transcript, serverKey, publicKey, proof.agentId)),
    );
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: proof.agentKey }, format: 'jwk' });
    const idFits = sha256(publicKey).subarray(0, 16).toString('hex') === proof.agentId;
    if (!idFits || !verify(null, signed, key, Buffer.from(proof.signature, 'base64url')))
      throw new RefusedError('proof-invalid', 'the proof does not fit');
    const agent = this.#server.agents.get(proof.agentId) ?? this.#enrol(proof);
    if (agent.revoked) throw new RefusedError('revoked', 'revoked');
    agent.proofs.push(proof);
    this.agent = agent;
    this.#state = 'open';
    this.#epoch = proof.epoch;
    this.#lastSeen = agent.lastSeq.get(proof.epoch) ?? 0;
    this.sendAccepted();
  }

  sendAccepted(): void {
    const { agent } = this;
    const { behaviour } = this.#server;
    if (!agent) throw new Error('there is no agent yet');
    this.send({
      type: 'accepted',
      agentId: agent.id,
      lastSeq: agent.lastSeq.get(this.#epoch) ?? 0,
      serverTimeMs: behaviour.nowMs(),
      pendingApproval: agent.pending,
      config: behaviour.config,
      inventory: agent.inventory,
    });
  }

  #enrol(proof: Proof): FakeAgent {
    if (this.#hello?.purpose !== 'enrol' || proof.token === undefined)
      throw new RefusedError('not-enrolled', 'not enrolled');
    const uses = this.#server.tokens.get(proof.token);
    if (uses === undefined) throw new RefusedError('token-unknown', 'no such token');
    if (uses < 1) throw new RefusedError('token-exhausted', 'used up');
    this.#server.tokens.set(proof.token, uses - 1);
    const agent: FakeAgent = {
      id: proof.agentId,
      key: proof.agentKey,
      revoked: false,
      pending: this.#server.behaviour.approval,
      lastSeq: new Map(),
      frames: [],
      live: [],
      proofs: [],
      messages: [],
      gaps: [],
      duplicates: 0,
      inventory: {},
    };
    this.#server.agents.set(agent.id, agent);
    return agent;
  }

  #frame(bytes: Uint8Array): void {
    const { agent } = this;
    if (this.#state !== 'open' || !agent) throw new RefusedError('protocol', 'data before the handshake');
    if (agent.pending) throw new RefusedError('protocol', 'data before the approval');
    if (bytes.length > FRAME_BYTES_MAX) throw new RefusedError('frame-too-large', `${bytes.length} bytes`);
    const frame = decodeFrame(bytes);
    const refusal = this.#server.behaviour.refuseFrame(frame);
    if (refusal) throw new RefusedError(refusal, 'told to');
    if (frame.type === 'live') {
      agent.live.push(...this.#samples(frame));
      return;
    }
    this.#stored(agent, frame);
    if (this.#server.behaviour.acks === 'frame') this.acknowledge();
  }

  #stored(agent: FakeAgent, frame: Frame): void {
    const { seq } = frame;
    const durable = agent.lastSeq.get(this.#epoch) ?? 0;
    // A duplicate is decoded all the same: the dictionary of the connection lives on it.
    const body = this.#body(frame);
    if (seq <= durable) {
      agent.duplicates++;
      return;
    }
    if (seq <= this.#lastSeen) throw new RefusedError('protocol', `seq ${seq} after ${this.#lastSeen}`);
    if (seq > durable + 1) agent.gaps.push([this.#epoch, durable + 1, seq - 1]);
    this.#lastSeen = seq;
    agent.lastSeq.set(this.#epoch, seq);
    agent.frames.push({ epoch: this.#epoch, seq, ...body });
    if (body.type === 'inventory') {
      for (const [name, section] of Object.entries(body.body.sections))
        Object.assign(agent.inventory, { [name]: section.hash });
    }
  }

  #body(
    frame: Frame,
  ):
    | { type: 'samples'; samples: StoredSample[] }
    | { type: 'inventory'; body: InventoryBody }
    | { type: 'events'; events: AgentEvent[] } {
    if (frame.type === 'inventory')
      return { type: 'inventory', body: InventoryBody.parse(inflated(frame.body)) };
    if (frame.type === 'events')
      return { type: 'events', events: EventsBody.parse(inflated(frame.body)).events };
    return { type: 'samples', samples: this.#samples(frame) };
  }

  #samples(frame: Frame): StoredSample[] {
    const { declared, ticks } = this.#decoder.decode(frame.body);
    this.#series.push(...declared);
    return ticks.flatMap((tick) =>
      tick.series.map((number, i) => {
        const { metric, instance } = this.#series[number] as SeriesDeclaration;
        return { metric, instance, atMs: tick.atMs, value: tick.values[i] as number };
      }),
    );
  }
}

/** Every sample of an agent, in the order of arrival. */
export function samplesOf(agent: FakeAgent): StoredSample[] {
  return agent.frames.flatMap((frame) => (frame.type === 'samples' ? frame.samples : []));
}

export function eventsOf(agent: FakeAgent): AgentEvent[] {
  return agent.frames.flatMap((frame) => (frame.type === 'events' ? frame.events : []));
}

/** The fake server on a real port of the loopback; over TLS with the exporter value of each session in the handshake. */
export async function listenFakeServer(
  server: FakeServer,
  tls: { readonly key: string; readonly cert: string } | null = null,
): Promise<{ url: string; close: () => Promise<void> }> {
  const http = tls ? createTlsServer(tls) : createServer();
  http.on('request', (_, response) => response.writeHead(404).end());
  const sockets = new WebSocketServer({
    server: http,
    path: '/ws/agent',
    maxPayload: FRAME_BYTES_MAX,
    perMessageDeflate: false,
  });
  sockets.on('connection', (socket, request) => {
    const session = server.accept(
      { text: (text) => socket.send(text), close: (code, reason) => socket.close(code, reason) },
      request.socket instanceof TLSSocket
        ? request.socket.exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL, Buffer.alloc(0))
        : null,
    );
    socket.on('message', (data: Buffer, isBinary) =>
      session.receive(isBinary ? data : data.toString('utf8')),
    );
    socket.on('close', () => session.ended());
    socket.on('error', () => session.ended());
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return {
    url: `${tls ? 'wss' : 'ws'}://127.0.0.1:${port}/ws/agent`,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

function inflated(body: Uint8Array): unknown {
  try {
    return JSON.parse(zstdDecompressSync(body, { maxOutputLength: INFLATED_BYTES_MAX }).toString());
  } catch (cause) {
    throw new WireError('the body is not zstd of JSON', { cause });
  }
}

function sha256(data: Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}
