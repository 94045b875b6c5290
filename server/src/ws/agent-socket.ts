/**
 * One agent's connection as a state machine over an abstract socket: handshake, control messages, pings, deadlines.
 * Who is let in, and what became of another connection of the same agent, decides the hub (agent-hub.ts).
 */
import type { Duplex } from 'node:stream';
import { invariant } from '@muster/shared/invariant.ts';
import { MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import type { AgentToServer, Configured, Upgrading, Witnessed } from '@muster/shared/wire/agent-messages.ts';
import { type LeaveReason, leaveReason } from '@muster/shared/wire/goodbye.ts';
import type {
  AgentConfig,
  RollBack,
  ServerToAgent,
  SignedConfig,
  Upgrade,
} from '@muster/shared/wire/server-messages.ts';
import type { TopProcess } from '@muster/shared/wire/top-process.ts';
import {
  CLOCK_SKEW_MS_CORRECTED,
  CONTROL_BYTES_MAX,
  HANDSHAKE_MS_MAX,
  INTERVAL_MS_LIVE,
  NONCE_BYTES,
  PING_MS,
  SILENCE_MS_MAX,
} from '@muster/shared/wire/limits.ts';
import type { ProtocolVersions } from '@muster/shared/wire/protocol-versions.ts';
import { FRAME_TYPES } from '@muster/shared/wire/frames.ts';
import type { z } from 'zod';
import type { Clock } from '../clock.ts';
import { parseControl, type ProvenAgent, ServerHandshake, stringify } from '../fleet/handshake.ts';
import type { SignatureCheck } from '../fleet/signature.ts';
import { Refusal } from '../fleet/refusal.ts';
import type { ServerKey } from '../fleet/server-key.ts';
import type { AgentRecord } from '../fleet/store.ts';
import { AgentStream, type LiveTick, type StreamDeps, type StreamOwner } from '../ingest/agent-stream.ts';
import { type Log, messageOf } from '../log.ts';
import type { ConnectionEnd, ConnectionInfo } from '../ingest/sinks.ts';
import { clockSkewMs } from './clock-skew.ts';
import { type Admission, TURN_WAIT_MS_MAX } from './admission.ts';
import type { LinkSocket, SocketEvents } from './link-socket.ts';

/** What may wait for a slow agent. All that we send is small; more than this means that it does not read. */
export const AGENT_BUFFERED_BYTES_MAX = 1 << 20;
/** Control messages and live frames in a second: one each at the shortest live interval, with much room. */
export const LOOSE_MESSAGES_PER_SECOND_MAX = 100;
/** Time for the other end to answer our close frame. */
export const CLOSE_MS_MAX = 5_000;
/** Data comes when it is due and some more; then the other end is asked whether it is there. */
export const QUIET_MARGIN_MS = 2_000;
/** Asked for at the latest then, so that a second question fits into SILENCE_MS_MAX; data held for 30 s comes before. */
export const QUIET_MS_MAX = 2 * PING_MS + QUIET_MARGIN_MS;
const NOTHING = new Uint8Array(0);
/** Progress of an upgrade is told every few seconds; what is more than this is not listened to. */
export const UPGRADING_PER_MINUTE_MAX = 60;
/** How long an older connection has to answer when a second one with the same key comes. */
export const CLONE_ANSWER_MS_MAX = 3_000;
const CLONE_PAYLOAD_BYTES = 16;
const RETRY_AFTER_DECIDING_MS = 5_000;
/** With this an agent leaves that does not believe the server. docs/WIRE.md, section 13. */
const CLOSE_UNTRUSTED = 4401;
const CLOSE_ABNORMAL = 1006;

export interface SocketInfo {
  readonly address: string;
  /** Value of the TLS exporter where TLS reaches this server itself, else null. */
  readonly tlsExporter: Uint8Array | null;
  /** The connection below the WebSocket, where it is at hand. */
  readonly line?: Duplex;
}

/** The hub, as a connection sees it. */
export interface ConnectionHost {
  /** The agent has proved its key. Ends in `accept`, `acceptPending` or a Refusal. */
  decide(connection: AgentConnection, proven: ProvenAgent): Promise<void>;
  /** It has been refused. */
  refused(connection: AgentConnection, refusal: Refusal): void;
  /** It has seen our key and proof, and does not believe that we are its server. `reason` is its word, unchecked. */
  declined(connection: AgentConnection, reason: string): void;
  /** It takes and sends nothing more; exactly once. */
  ended(connection: AgentConnection): void;
  belongsTo(connection: AgentConnection, ciId: string, before: string | null): void;
  live(ciId: string, ticks: readonly LiveTick[]): void;
  processes(ciId: string, atMs: Millis, items: readonly TopProcess[]): void;
  /** By which configuration it works. */
  configured(agentId: string, word: Configured): void;
  /** What the agent saw of a neighbour; perhaps unasked. */
  witnessed(ciId: string, testimony: Witnessed): void;
  /** How its upgrade goes on. */
  upgrading(agentId: string, message: Upgrading): void;
  /** The first acknowledgement to an agent whose release is on trial. */
  trialHeard(agentId: string, serial: number): void;
}

export interface AgentConnectionDeps {
  readonly host: ConnectionHost;
  readonly serverKey: ServerKey;
  readonly admission: Admission;
  readonly clock: Clock;
  readonly log: Log;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly isSigned: SignatureCheck;
  /** Of the protocol; absent: those of this code. */
  readonly versions?: ProtocolVersions | undefined;
}

/** As `accepted` and `configure` carry it. */
export interface ToldConfig {
  readonly config: AgentConfig;
  readonly signed?: SignedConfig;
}

export interface OpenedAgent {
  readonly agent: AgentRecord;
  readonly lastSeq: number;
  readonly firstSeq: number;
  readonly told: ToldConfig;
  readonly stream: StreamDeps;
}

/**
 * hello, proof: waiting for that message. turn: it has said hello, and others are before it. deciding: the hub looks it up. pending: waits for an administrator.
 * open: data flows. closing: refused, the other end may still answer. closed: over.
 */
export type ConnectionState =
  | 'hello'
  | 'turn'
  | 'proof'
  | 'deciding'
  | 'pending'
  | 'open'
  | 'closing'
  | 'closed';

export class AgentConnection implements SocketEvents {
  readonly address: string;
  readonly #socket: LinkSocket;
  readonly #deps: AgentConnectionDeps;
  /** null once it is decided. */
  #handshake: ServerHandshake | null;
  readonly #openedAtMono: number;
  #state: ConnectionState = 'hello';
  #proven: ProvenAgent | null = null;
  #clockSkewMs: Millis = 0;
  #greetedMs: Millis = 0;
  #inAdmission = false;
  #stream: AgentStream | null = null;
  #ciId: string | null = null;
  #connectedSinceMs: Millis = 0;
  #spoolUsedBytes: number | null = null;
  #lastHeardMs: Millis;
  #lastHeardMono: number;
  #nextPingMono = 0;
  /** To the second. */
  #lastSentMono = 0;
  #sentSinceTick = false;
  /** When data came last, and how long after the data before. */
  #dataMono = Number.NaN;
  #dataEveryMs: Millis = 0;
  #closeByMono = 0;
  #goodbye: LeaveReason | null = null;
  #how: ConnectionEnd['how'] = 'closed';
  #question: { payload: Uint8Array; byMono: number; answer: (alive: boolean) => void } | null = null;
  #loose = 0;
  /** Told within the minute from then on. */
  #upgradingTold = 0;
  #upgradingFromMono = Number.NEGATIVE_INFINITY;
  #isTrialHeard = false;

  constructor(socket: LinkSocket, info: SocketInfo, deps: AgentConnectionDeps) {
    this.#socket = socket;
    this.#deps = deps;
    this.address = info.address;
    this.#handshake = new ServerHandshake({
      key: deps.serverKey,
      exporter: info.tlsExporter,
      nonce: deps.randomBytes(NONCE_BYTES),
      isSigned: deps.isSigned,
      versions: deps.versions,
    });
    this.#openedAtMono = deps.clock.monotonicMs();
    this.#lastHeardMs = deps.clock.now();
    this.#lastHeardMono = this.#openedAtMono;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** null until proved. */
  get agentId(): string | null {
    return this.#proven?.agentId ?? null;
  }

  get proven(): ProvenAgent | null {
    return this.#proven;
  }

  get ciId(): string | null {
    return this.#ciId;
  }

  get clockSkewMs(): Millis {
    return this.#clockSkewMs;
  }

  get lastHeardMs(): Millis {
    return this.#lastHeardMs;
  }

  get connectedSinceMs(): Millis {
    return this.#connectedSinceMs;
  }

  get spoolUsedBytes(): number | null {
    return this.#spoolUsedBytes;
  }

  info(): ConnectionInfo {
    const { hostname = '', platform = '', agentVersion = '', bootId = '' } = this.#proven ?? {};
    return {
      hostname,
      platform,
      version: agentVersion,
      bootId,
      address: this.address,
      clockSkewMs: this.#clockSkewMs,
    };
  }

  /** How it ended; meaningful once it has. */
  end(): ConnectionEnd {
    const how = this.#how === 'closed' && this.#goodbye ? 'goodbye' : this.#how;
    return { how, reason: this.#goodbye, lastEvidenceMs: this.#lastHeardMs };
  }

  text(text: string): void {
    if (this.#over()) return;
    this.#heard();
    try {
      // UTF-8 is never shorter than the text has UTF-16 units.
      if (text.length > CONTROL_BYTES_MAX || Buffer.byteLength(text) > CONTROL_BYTES_MAX)
        throw new Refusal('frame-too-large', `a text message of more than ${CONTROL_BYTES_MAX} bytes`);
      this.#countLoose();
      this.#message(parseControl(text), text);
    } catch (error) {
      this.#fail(error);
    }
  }

  binary(bytes: Uint8Array): void {
    if (this.#over()) return;
    this.#heard();
    try {
      if (this.#state !== 'open' || !this.#stream)
        throw new Refusal('protocol', `data came in state "${this.#state}"`);
      this.#dataEveryMs = this.#lastHeardMono - this.#dataMono || 0;
      this.#dataMono = this.#lastHeardMono;
      if (bytes[0] === FRAME_TYPES.live) this.#countLoose();
      this.#stream.receive(bytes, this.#lastHeardMs);
    } catch (error) {
      this.#fail(error);
    }
  }

  pong(payload: Uint8Array): void {
    if (this.#over()) return;
    this.#heard();
    const question = this.#question;
    if (question && Buffer.compare(question.payload, payload) === 0) this.#answer(true);
  }

  closed(code = CLOSE_ABNORMAL, reason = ''): void {
    if (this.#state === 'closed') return;
    if (this.#state === 'proof' && code === CLOSE_UNTRUSTED) this.#deps.host.declined(this, reason);
    const wasClosing = this.#state === 'closing';
    this.#state = 'closed';
    if (!wasClosing) this.#leave();
  }

  /** Once a second. */
  tick(mono: number): void {
    this.#loose = 0;
    if (this.#sentSinceTick) this.#lastSentMono = mono;
    this.#sentSinceTick = false;
    if (this.#question && mono >= this.#question.byMono) this.#answer(false);
    switch (this.#state) {
      case 'hello':
      case 'proof':
        if (mono - this.#openedAtMono >= HANDSHAKE_MS_MAX)
          this.refuse(
            new Refusal(
              'handshake-timeout',
              `the handshake was not done within ${HANDSHAKE_MS_MAX / 1000} s`,
            ),
          );
        return;
      case 'turn':
        if (mono - this.#openedAtMono >= TURN_WAIT_MS_MAX)
          this.refuse(
            new Refusal('busy', 'many machines connect at once', {
              retryAfterMs: this.#deps.admission.retryAfterMs(mono),
            }),
          );
        return;
      case 'deciding':
        if (mono - this.#openedAtMono >= HANDSHAKE_MS_MAX)
          this.refuse(
            new Refusal('busy', 'the server did not get to it in time', {
              retryAfterMs: RETRY_AFTER_DECIDING_MS,
            }),
          );
        return;
      case 'pending':
      case 'open':
        this.#keepAlive(mono);
        return;
      case 'closing':
        if (mono >= this.#closeByMono) this.#socket.terminate();
        return;
      case 'closed':
        return;
    }
  }

  /** Is the other end there right now? A process that lives answers the ping at once, a broken line never. */
  ask(): Promise<boolean> {
    if (this.#over()) return Promise.resolve(false);
    const payload = this.#deps.randomBytes(CLONE_PAYLOAD_BYTES);
    const byMono = this.#deps.clock.monotonicMs() + CLONE_ANSWER_MS_MAX;
    return new Promise((answer) => {
      this.#question = { payload, byMono, answer };
      this.#socket.ping(payload);
    });
  }

  /** Gives its place among the handshakes to another one. */
  leaveAdmission(): void {
    if (!this.#inAdmission) return;
    this.#inAdmission = false;
    this.#deps.admission.leave(this.#deps.clock.monotonicMs());
  }

  acceptPending(agent: AgentRecord, told: ToldConfig): void {
    this.#state = 'pending';
    this.#online();
    this.#sendAccepted({ agent, told, lastSeq: 0, pendingApproval: true });
  }

  accept({ agent, lastSeq, firstSeq, told, stream }: OpenedAgent): void {
    const proven = this.#proven;
    if (!proven || this.#over()) return;
    const { agentId, hostname, epoch } = proven;
    const skewMs = this.#clockSkewMs;
    const shiftMs = Math.abs(skewMs) > CLOCK_SKEW_MS_CORRECTED ? skewMs : 0;
    const start = {
      agentId,
      hostname,
      scope: agent.scope,
      ciId: agent.ciId,
      epoch,
      lastSeq,
      firstSeq,
      shiftMs,
    };
    this.#stream = new AgentStream(stream, start, this.#streamOwner());
    this.#ciId = agent.ciId;
    this.#state = 'open';
    this.#online();
    this.#sendAccepted({ agent, told, lastSeq, pendingApproval: false });
  }

  /** Says why, closes, and lets nothing more in. */
  refuse(refusal: Refusal, how: ConnectionEnd['how'] = 'closed'): void {
    if (this.#over()) return;
    this.#how = how;
    this.#send(refusal.toMessage());
    this.#socket.close(refusal.closeCode, refusal.code);
    this.#state = 'closing';
    this.#closeByMono = this.#deps.clock.monotonicMs() + CLOSE_MS_MAX;
    this.#deps.host.refused(this, refusal);
    this.#leave();
  }

  /** The line is dead: nothing could be said through it. */
  cut(how: ConnectionEnd['how']): void {
    if (this.#over()) return;
    this.#how = how;
    this.#state = 'closing';
    this.#closeByMono = this.#deps.clock.monotonicMs();
    this.#socket.terminate();
    this.#leave();
  }

  /** Resolves when nothing of what it sent is under way any more. */
  async settle(): Promise<void> {
    const refusedByUs = this.#how === 'revoked' || this.#state === 'closing';
    await this.#stream?.end(refusedByUs ? 'discard' : 'drain');
  }

  /** Data goes to this CI from now on. */
  reassign(ciId: string): void {
    this.#stream?.reassign(ciId);
  }

  configure(told: ToldConfig): void {
    if (this.#state === 'open') this.#send({ type: 'configure', ...told });
  }

  /** false: the agent cannot, or is not there. 0 ends the lease. */
  lease(leaseMs: Millis): boolean {
    if (!this.#able('live')) return false;
    this.#send({ type: 'live', leaseMs, intervalMs: INTERVAL_MS_LIVE });
    return true;
  }

  /** false: the agent cannot, or is not there. */
  requestFlight(requestId: string): boolean {
    if (!this.#able('flight')) return false;
    this.#send({ type: 'record', requestId });
    return true;
  }

  /** Whether it can be asked about its neighbours: it is there, and was switched on for that where it runs. */
  get canWitness(): boolean {
    return this.#able('witness');
  }

  /** Whether a neighbour is there. false: the agent cannot, or is not there. */
  askWitness(requestId: string, address: string): boolean {
    if (!this.#able('witness')) return false;
    this.#send({ type: 'witness', requestId, address });
    return true;
  }

  /** What a rollout has decided. false: the agent cannot, or is not there. */
  order(message: Upgrade | z.infer<typeof RollBack>): boolean {
    if (!this.#able('upgrade')) return false;
    this.#send(message);
    return true;
  }

  #able(capability: 'live' | 'flight' | 'witness' | 'upgrade'): boolean {
    return this.#state === 'open' && (this.#proven?.capabilities.includes(capability) ?? false);
  }

  #message(message: AgentToServer, text: string): void {
    switch (this.#state) {
      case 'hello':
        if (message.type !== 'hello') break;
        return this.#hello(message, text);
      case 'proof':
        if (message.type !== 'proof') break;
        return this.#proof(message);
      case 'pending':
      case 'open':
        return this.#control(message);
      case 'turn':
      case 'deciding':
      case 'closing':
      case 'closed':
        break;
    }
    throw new Refusal('protocol', `"${message.type}" came in state "${this.#state}"`);
  }

  #hello(message: Extract<AgentToServer, { type: 'hello' }>, text: string): void {
    const { admission, clock } = this.#deps;
    this.#state = 'turn';
    const retryAfterMs = admission.enter(clock.monotonicMs(), () => this.#greet(message, text));
    if (retryAfterMs !== null) throw new Refusal('busy', 'many machines connect at once', { retryAfterMs });
  }

  /** It is its turn. false: it has gone meanwhile. */
  #greet(message: Extract<AgentToServer, { type: 'hello' }>, text: string): boolean {
    if (this.#state !== 'turn') return false;
    this.#inAdmission = true;
    try {
      invariant(this.#handshake, 'a handshake that begins is not over');
      const { welcome, proof } = this.#handshake.hello(message, text);
      this.#greetedMs = this.#deps.clock.now();
      this.#socket.send(welcome);
      this.#socket.send(proof);
      this.#state = 'proof';
    } catch (error) {
      this.#fail(error);
    }
    return true;
  }

  #proof(message: Extract<AgentToServer, { type: 'proof' }>): void {
    invariant(this.#handshake, 'a proof is judged once');
    this.#judge(this.#handshake, message).catch((error: unknown) => this.#fail(error));
    this.#handshake = null;
    this.#state = 'deciding';
  }

  async #judge(
    handshake: ServerHandshake,
    message: Extract<AgentToServer, { type: 'proof' }>,
  ): Promise<void> {
    const clockSkew = clockSkewMs(this.#greetedMs, this.#deps.clock.now(), message.sentAtMs);
    const proven = await handshake.proof(message).catch((error: unknown) => {
      // Who does not wait for the answer has tried it all the same.
      if (this.#over() && error instanceof Refusal) this.#deps.host.refused(this, error);
      throw error;
    });
    if (this.#over()) return;
    this.#proven = proven;
    this.#clockSkewMs = clockSkew;
    await this.#deps.host.decide(this, proven);
  }

  #control(message: AgentToServer): void {
    if (message.type === 'goodbye') {
      this.#goodbye = leaveReason(message);
      return;
    }
    if (message.type === 'configured' && this.agentId !== null)
      return this.#deps.host.configured(this.agentId, message);
    if (this.#stream && message.type === 'epoch') return this.#stream.newEpoch(message.epoch);
    if (this.#stream && message.type === 'processes') {
      if (this.#ciId !== null)
        this.#deps.host.processes(this.#ciId, this.#serverTime(message.atMs), message.items);
      return;
    }
    if (this.#stream && message.type === 'witnessed') {
      if (this.#ciId !== null) this.#deps.host.witnessed(this.#ciId, message);
      return;
    }
    if (this.#stream && this.#proven && message.type === 'upgrading') {
      if (this.#mayTellUpgrade()) this.#deps.host.upgrading(this.#proven.agentId, message);
      return;
    }
    throw new Refusal('protocol', `"${message.type}" came in state "${this.#state}"`);
  }

  #mayTellUpgrade(): boolean {
    const mono = this.#deps.clock.monotonicMs();
    if (mono - this.#upgradingFromMono >= MINUTE_MS) {
      this.#upgradingFromMono = mono;
      this.#upgradingTold = 0;
    }
    return ++this.#upgradingTold <= UPGRADING_PER_MINUTE_MAX;
  }

  #streamOwner(): StreamOwner {
    const { host } = this.#deps;
    return {
      ack: (seq) => this.#ack(seq),
      refuse: (refusal) => this.refuse(refusal),
      belongsTo: (ciId) => {
        const before = this.#ciId;
        this.#ciId = ciId;
        host.belongsTo(this, ciId, before);
      },
      live: (ticks) => {
        if (this.#ciId !== null) host.live(this.#ciId, ticks);
      },
      spoolUsed: (usedBytes) => {
        this.#spoolUsedBytes = usedBytes;
      },
    };
  }

  #sendAccepted(reply: {
    agent: AgentRecord;
    told: ToldConfig;
    lastSeq: number;
    pendingApproval: boolean;
  }): void {
    const { agent, told, lastSeq, pendingApproval } = reply;
    this.#send({
      type: 'accepted',
      agentId: agent.id,
      lastSeq,
      serverTimeMs: this.#deps.clock.now(),
      pendingApproval,
      ...told,
      inventory: pendingApproval ? {} : agent.inventory,
    });
  }

  #online(): void {
    this.leaveAdmission();
    this.#connectedSinceMs = this.#deps.clock.now();
    this.#lastSentMono = this.#deps.clock.monotonicMs();
    this.#nextPingMono = this.#lastSentMono + PING_MS;
  }

  /** An agent that sends and gets acknowledgements needs no ping: both ends hear of one another. */
  #keepAlive(mono: number): void {
    const silentMs = mono - this.#lastHeardMono;
    if (silentMs >= SILENCE_MS_MAX) return this.cut('timeout');
    if (mono < this.#nextPingMono) return;
    const patienceMs = Math.min(QUIET_MS_MAX, Math.max(PING_MS, this.#dataEveryMs + QUIET_MARGIN_MS));
    if (silentMs < patienceMs && mono - this.#lastSentMono < patienceMs) return;
    this.#nextPingMono = mono + PING_MS / 2;
    this.#send({ type: 'clock', serverTimeMs: this.#deps.clock.now() });
    if (!this.#over()) this.#socket.ping(NOTHING);
  }

  #ack(seq: number): void {
    if (!this.#mayWrite()) return;
    this.#sendText(`{"type":"ack","seq":${seq}}`);
    const { agentId, release } = this.#proven ?? {};
    if (this.#isTrialHeard || agentId === undefined || release?.onTrial !== true) return;
    this.#isTrialHeard = true;
    this.#deps.host.trialHeard(agentId, release.serial);
  }

  #send(message: ServerToAgent): void {
    if (this.#mayWrite()) this.#sendText(stringify(message));
  }

  #mayWrite(): boolean {
    if (this.#over()) return false;
    if (this.#socket.bufferedBytes > AGENT_BUFFERED_BYTES_MAX) {
      this.#deps.log('warn', 'an agent does not read what is sent to it', {
        agentId: this.agentId,
        address: this.address,
      });
      this.cut('closed');
      return false;
    }
    return true;
  }

  #sendText(text: string): void {
    this.#sentSinceTick = true;
    this.#socket.send(text);
  }

  #serverTime(atMs: Millis): Millis {
    return Math.abs(this.#clockSkewMs) > CLOCK_SKEW_MS_CORRECTED
      ? Math.max(0, atMs + this.#clockSkewMs)
      : atMs;
  }

  #heard(): void {
    this.#lastHeardMs = this.#deps.clock.now();
    this.#lastHeardMono = this.#deps.clock.monotonicMs();
  }

  #countLoose(): void {
    if (++this.#loose > LOOSE_MESSAGES_PER_SECOND_MAX)
      throw new Refusal(
        'limit-exceeded',
        `more than ${LOOSE_MESSAGES_PER_SECOND_MAX} control messages in a second`,
      );
  }

  #fail(error: unknown): void {
    if (error instanceof Refusal) return this.refuse(error);
    this.#deps.log('error', 'a connection failed', {
      agentId: this.agentId,
      address: this.address,
      error: messageOf(error),
    });
    this.refuse(new Refusal('server-error', 'the server could not handle a message', { cause: error }));
  }

  #over(): boolean {
    return this.#state === 'closing' || this.#state === 'closed';
  }

  #answer(alive: boolean): void {
    const question = this.#question;
    this.#question = null;
    question?.answer(alive);
  }

  #leave(): void {
    this.leaveAdmission();
    this.#answer(false);
    this.#deps.host.ended(this);
  }
}
