/**
 * The agent's end of `/ws/agent`: connects, proves, resumes, sends what the spool holds, waits and tries again.
 * It knows no clock, no network and no chance of its own: all are given. docs/WIRE.md, "States of an agent".
 */
import type { Sample } from '@muster/shared/metrics/catalogue.ts';
import type { Millis } from '@muster/shared/time.ts';
import type {
  AgentToServer,
  Configured,
  InstalledRelease,
  Upgrading,
  Witnessed,
} from '@muster/shared/wire/agent-messages.ts';
import type { ToldReason } from '@muster/shared/wire/goodbye.ts';
import {
  REFUSALS,
  type RefusalCode,
  ServerToAgent,
  type Upgrade,
} from '@muster/shared/wire/server-messages.ts';
import type { TopProcess } from '@muster/shared/wire/top-process.ts';
import {
  BACKOFF_MS_BASE,
  BACKOFF_MS_MAX,
  CONTROL_BYTES_MAX,
  HANDSHAKE_MS_MAX,
  NONCE_BYTES,
  SILENCE_MS_MAX,
  UNACKED_BYTES_MAX,
  UNACKED_FRAMES_MAX,
  UNACKED_VALUES_MAX,
} from '@muster/shared/wire/limits.ts';
import type { ProtocolVersions } from '@muster/shared/wire/protocol-versions.ts';
import { FrameWriter } from './frame-writer.ts';
import {
  type AcceptedMessage,
  type AgentFacts,
  AgentHandshake,
  changedServerKey,
  curedByEnrolling,
  LINK_FAULTS,
  LinkError,
  type LinkFaultCode,
  type RefusedMessage,
} from './handshake.ts';
import { type Identity, trustedKey } from './identity.ts';
import type { Spool, SpoolEntry } from './spool.ts';
import type { Timer, Timers } from './timers.ts';

/** One WebSocket, reduced to what the link needs. Its events come after the call that made it has returned. */
export interface LinkSocket {
  send(data: string | Uint8Array): void;
  /** Says goodbye and lets go. */
  close(code: number, reason: string): void;
  /** Bytes handed over and not yet taken by the network. */
  readonly bufferedBytes: number;
  /** Value of the TLS exporter; null where the configuration says that TLS does not reach the server, or there is none. */
  exporter(): Uint8Array | null;
}

export interface SocketEvents {
  opened(): void;
  text(text: string): void;
  binary(): void;
  pinged(): void;
  /** Exactly once, also when the connection never came about; then with the reason. */
  closed(code: number, reason: string, fault: LinkError | null): void;
}

export type OpenSocket = (events: SocketEvents) => LinkSocket;

/** Why there is no connection, for a person. */
export interface LinkProblem {
  /** `closed`: by the server, without a reason that is known; `renewed`: by the agent, which connects anew at once. */
  readonly code: RefusalCode | LinkFaultCode | 'closed' | 'renewed';
  readonly detail: string;
  readonly hint: string;
  /** false: trying again helps only after somebody has done something. */
  readonly retry: boolean;
  readonly retryAfterMs: Millis;
}

export type LinkStatus =
  | { readonly state: 'stopped' }
  | { readonly state: 'connecting' }
  | { readonly state: 'online'; readonly sinceMs: Millis; readonly pendingApproval: boolean }
  | { readonly state: 'waiting'; readonly untilMs: Millis; readonly problem: LinkProblem };

export type ConfigureMessage = Extract<ServerToAgent, { type: 'configure' }>;

export interface ConnectionEvents {
  /** The server took us; with `pendingApproval` it takes no data yet. `serverKey`: it has proved this one. */
  accepted(message: AcceptedMessage, serverKey: string): void;
  acknowledged(seq: number): void;
  configured(message: ConfigureMessage, serverKey: string): void;
  live(leaseMs: Millis, intervalMs: Millis): void;
  record(requestId: string): void;
  /** Whether a neighbour is there; the answer goes back with `witnessed`. */
  witness(requestId: string, address: string): void;
  upgrade(order: Upgrade): void;
  /** To the version before the release with this number. */
  rollBack(serial: number): void;
  /** The server's clock minus ours. */
  skew(skewMs: Millis): void;
  /** The server holds frames up to `serverSeq`, this spool never had more than `ownSeq`: a new epoch has begun. */
  restored(serverSeq: number, ownSeq: number): void;
  status(status: LinkStatus): void;
}

export interface ConnectionOptions {
  readonly open: OpenSocket;
  readonly spool: Spool;
  readonly identity: Identity;
  /** base64url; null: trust at first sight, allowed only where `firstSight` says so. */
  readonly serverKey: string | null;
  /** The server is on this very machine. */
  readonly firstSight: boolean;
  readonly token: string | null;
  readonly capabilities: readonly string[];
  /** Of the protocol; absent: those of this code. */
  readonly versions?: ProtocolVersions;
  readonly facts: Pick<AgentFacts, 'agentVersion' | 'hostname' | 'platform' | 'bootId'>;
  /** Asked for each proof; absent, or null: this agent takes no upgrades from the server. */
  readonly release?: () => InstalledRelease | null;
  readonly nowMs: () => Millis;
  /** Never goes back. */
  readonly elapsedMs: () => Millis;
  readonly timers: Timers;
  readonly random: { /** 0 ≤ x < 1 */ unit(): number; bytes(count: number): Uint8Array };
  readonly on: ConnectionEvents;
}

/** Pause after a refusal that only a person can cure. */
export const REFUSED_RETRY_MS = 900_000;
/** From the first step to an open socket. */
export const CONNECT_MS_MAX = 20_000;
/** A connection that lasted this long makes the next back-off start from the beginning. */
export const STABLE_MS = 30_000;
/** Live frames are skipped while this much waits to be sent. */
const LIVE_BUFFERED_BYTES_MAX = 256 << 10;
/** After so many refusals of a frame, frames go one by one until the bad one is known. */
const FRAME_REFUSALS_TOLERATED = 2;

const CLOSE_NORMAL = 1000;
const CLOSE_PROTOCOL = 4400;
const CLOSE_UNTRUSTED = 4401;
const UNTRUSTED: ReadonlySet<LinkFaultCode> = new Set([
  'server-key-mismatch',
  'server-key-changed',
  'server-proof-invalid',
  'server-key-unknown',
]);

interface Sent {
  readonly seq: number;
  readonly bytes: number;
  readonly values: number;
}

/** All that belongs to one socket and ends with it. */
interface Session {
  readonly frames: FrameWriter;
  readonly inFlight: Sent[];
  socket: LinkSocket | null;
  handshake: AgentHandshake | null;
  deadline: Timer | null;
  purpose: 'resume' | 'enrol';
  /** No server can rightly hold more: the last seq before this run, or the last that was sent. */
  provedSeq: number;
  /** That the server has proved; '' before. */
  serverKey: string;
  epoch: string;
  sentSeq: number;
  inFlightBytes: number;
  inFlightValues: number;
  heardAtMs: Millis;
  onlineAtMs: Millis | null;
  pendingApproval: boolean;
}

export class Connection {
  readonly #options: ConnectionOptions;
  #session: Session | null = null;
  #retry: Timer | null = null;
  #attempt = 0;
  #enrolNext = false;
  #running = false;
  /** Highest seq of the present epoch that this process ever sent. */
  #sentEver: number;
  #frameRefusals = 0;
  #status: LinkStatus = { state: 'stopped' };

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#sentEver = options.spool.runFirstSeq - 1;
  }

  get status(): LinkStatus {
    return this.#status;
  }

  /** true while data is taken: proved, accepted, approved. */
  get online(): boolean {
    return this.#session !== null && this.#session.onlineAtMs !== null && !this.#session.pendingApproval;
  }

  start(): void {
    this.#running = true;
    this.#connect();
  }

  /** Closes at once and stays closed. */
  stop(): void {
    this.#running = false;
    this.#retry?.cancel();
    this.#retry = null;
    const session = this.#session;
    this.#drop();
    session?.socket?.close(CLOSE_NORMAL, 'agent stops');
    this.#setStatus({ state: 'stopped' });
  }

  /** Now instead of at the next turn; false: only a person can cure what is in the way. */
  attempt(): boolean {
    const status = this.#status;
    if (status.state === 'waiting') {
      if (!status.problem.retry) return false;
      this.#retry?.cancel();
      this.#connect();
    }
    // Whom an administrator has not let in is let in by no attempt.
    return this.#session !== null && !this.#session.pendingApproval;
  }

  /** Something new is in the spool. */
  pump(): void {
    if (this.online && this.#session) this.#pump(this.#session);
  }

  /** A new connection within a second, because this one no longer fits (clock set, dictionary full, machine woke up). */
  reconnect(why: string): void {
    if (!this.#running || this.#retry || !this.#session) return;
    this.#end(
      this.#session,
      { code: 'renewed', detail: why, hint: '', retry: true, retryAfterMs: 0 },
      CLOSE_NORMAL,
      'soon',
    );
  }

  /** Shown and forgotten: goes only while somebody can be watching. */
  sendLive(atMs: Millis, samples: readonly Sample[]): void {
    const session = this.#session;
    if (!session?.socket || !this.online || session.socket.bufferedBytes > LIVE_BUFFERED_BYTES_MAX) return;
    const frame = session.frames.liveFrame(atMs, samples);
    if (frame) session.socket.send(frame);
  }

  sendProcesses(atMs: Millis, items: readonly TopProcess[]): void {
    if (this.online) this.#send({ type: 'processes', atMs, items: [...items] });
  }

  /** What was seen of a neighbour; too late is as good as never. */
  witnessed(testimony: Omit<Witnessed, 'type'>): void {
    if (this.online) this.#send({ type: 'witnessed', ...testimony });
  }

  /** Shown and forgotten: the next proof says what came of it. */
  upgrading(progress: Omit<Upgrading, 'type'>): void {
    if (this.online) this.#send({ type: 'upgrading', ...progress });
  }

  /** By which configuration this agent works; also while it waits for approval. */
  configured(told: Omit<Configured, 'type'>): void {
    if (this.#session !== null && this.#session.onlineAtMs !== null)
      this.#send({ type: 'configured', ...told });
  }

  /** Last gasp; the `stopping` event goes through the spool besides. */
  goodbye(told: ToldReason, atMs: Millis): void {
    if (this.online) this.#send({ type: 'goodbye', ...told, atMs });
  }

  #connect(): void {
    this.#retry = null;
    const { identity, token, firstSight, timers } = this.#options;
    const trusted = trustedKey(this.#options, identity.trustedAtFirstSight);
    const known = identity.enrolledWith !== null && (trusted === null || identity.enrolledWith === trusted);
    const enrol = !known || this.#enrolNext;
    if (trusted === null && !firstSight)
      return this.#wait(problemOf(fault('server-key-unknown', 'no server key is given')), 'long');
    if (enrol && token === null) return this.#wait(problemOf(this.#cannotEnrol(trusted)), 'long');
    this.#setStatus({ state: 'connecting' });
    const session = this.#newSession(enrol ? 'enrol' : 'resume');
    this.#session = session;
    session.deadline = timers.after(CONNECT_MS_MAX, () =>
      this.#fail(session, fault('timeout', `no connection within ${CONNECT_MS_MAX / 1000} s`)),
    );
    const current = () => this.#session === session;
    session.socket = this.#options.open({
      opened: () => current() && this.#opened(session, trusted),
      text: (text) => current() && this.#guarded(session, () => this.#text(session, text)),
      binary: () => current() && this.#fail(session, fault('protocol', 'the server sent a binary message')),
      pinged: () => {
        session.heardAtMs = this.#options.elapsedMs();
      },
      closed: (code, reason, why) => current() && this.#closed(session, code, reason, why),
    });
  }

  #cannotEnrol(trusted: string | null): LinkError {
    const { enrolledWith } = this.#options.identity;
    if (trusted !== null && enrolledWith !== null && enrolledWith !== trusted)
      return changedServerKey(trusted, enrolledWith);
    return fault('no-token', 'not enrolled with this server');
  }

  #newSession(purpose: 'resume' | 'enrol'): Session {
    return {
      frames: new FrameWriter(),
      inFlight: [],
      socket: null,
      handshake: null,
      deadline: null,
      purpose,
      provedSeq: 0,
      serverKey: '',
      epoch: '',
      sentSeq: 0,
      inFlightBytes: 0,
      inFlightValues: 0,
      heardAtMs: this.#options.elapsedMs(),
      onlineAtMs: null,
      pendingApproval: false,
    };
  }

  #opened(session: Session, serverKey: string | null): void {
    const { identity, token, capabilities, versions, facts, release, spool, random, timers, nowMs } =
      this.#options;
    session.deadline?.cancel();
    session.deadline = timers.after(HANDSHAKE_MS_MAX, () =>
      this.#fail(session, fault('timeout', `the handshake was not done within ${HANDSHAKE_MS_MAX / 1000} s`)),
    );
    session.handshake = new AgentHandshake({
      keys: identity.keys,
      purpose: session.purpose === 'enrol' ? { type: 'enrol', token: token ?? '' } : { type: 'resume' },
      serverKey,
      enrolledWith: identity.enrolledWith,
      exporter: session.socket?.exporter() ?? null,
      nonce: random.bytes(NONCE_BYTES),
      capabilities,
      ...(versions === undefined ? {} : { versions }),
      facts: () => {
        session.provedSeq = Math.min(spool.lastSeq, this.#sentEver);
        session.epoch = spool.epoch;
        const installed = release?.() ?? null;
        return {
          ...facts,
          ...(installed === null ? {} : { release: installed }),
          epoch: spool.epoch,
          firstSeq: spool.firstSeq,
          lastSeq: spool.lastSeq,
          sentAtMs: nowMs(),
        };
      },
    });
    session.socket?.send(session.handshake.hello);
  }

  #text(session: Session, text: string): void {
    session.heardAtMs = this.#options.elapsedMs();
    if (text.length > CONTROL_BYTES_MAX)
      throw new LinkError('protocol', `a message of ${text.length} characters`);
    const acknowledged = session.handshake === null ? plainAck(text) : null;
    if (acknowledged !== null) return this.#acknowledged(session, acknowledged);
    const parsed = ServerToAgent.safeParse(parsedJson(text));
    if (!parsed.success) throw new LinkError('protocol', 'a message that is none of the protocol');
    const message = parsed.data;
    if (message.type === 'refused') return this.#refused(session, message);
    if (session.handshake) return this.#handshake(session, session.handshake, message, text);
    this.#control(session, message);
  }

  #handshake(session: Session, handshake: AgentHandshake, message: ServerToAgent, text: string): void {
    const step = handshake.receive(message, text);
    if (step.type === 'send') session.socket?.send(step.text);
    if (step.type !== 'accepted') return;
    session.handshake = null;
    session.deadline?.cancel();
    this.#watchSilence(session);
    const { identity, serverKey } = this.#options;
    if (serverKey === null) identity.trustAtFirstSight(step.serverKey);
    identity.enrolled(step.serverKey);
    session.serverKey = step.serverKey;
    this.#enrolNext = false;
    session.onlineAtMs = this.#options.elapsedMs();
    this.#accepted(session, step.accepted);
  }

  #control(session: Session, message: Exclude<ServerToAgent, RefusedMessage>): void {
    const { on } = this.#options;
    switch (message.type) {
      case 'ack':
        return this.#acknowledged(session, message.seq);
      case 'live':
        return on.live(message.leaseMs, message.intervalMs);
      case 'record':
        return on.record(message.requestId);
      case 'witness':
        return on.witness(message.requestId, message.address);
      case 'upgrade':
        return on.upgrade(message);
      case 'roll-back':
        return on.rollBack(message.serial);
      case 'configure':
        return on.configured(message, session.serverKey);
      case 'clock':
        return on.skew(message.serverTimeMs - this.#options.nowMs());
      case 'accepted':
        // The administrator's approval arrives on the same connection.
        if (session.pendingApproval) return this.#accepted(session, message);
        break;
      case 'welcome':
      case 'proof':
        break;
    }
    throw new LinkError('protocol', `the server sent "${message.type}" out of turn`);
  }

  #accepted(session: Session, accepted: AcceptedMessage): void {
    const { on, spool, nowMs } = this.#options;
    session.pendingApproval = accepted.pendingApproval;
    this.#setStatus({ state: 'online', sinceMs: nowMs(), pendingApproval: accepted.pendingApproval });
    on.skew(accepted.serverTimeMs - nowMs());
    if (!accepted.pendingApproval) this.#resume(session, accepted.lastSeq);
    on.accepted(accepted, session.serverKey);
    if (!accepted.pendingApproval) spool.reportDropped(nowMs());
    this.pump();
  }

  /**
   * Where to go on from: after what the server has, or in a new epoch when it has more than can be ours: what this run wrote and never
   * sent is not what it has.
   */
  #resume(session: Session, serverSeq: number): void {
    const { spool } = this.#options;
    if (serverSeq > session.provedSeq) {
      spool.startEpoch(Math.max(spool.runFirstSeq, this.#sentEver + 1));
      this.#sentEver = 0;
      session.epoch = spool.epoch;
      session.sentSeq = 0;
      this.#send({ type: 'epoch', epoch: spool.epoch });
      this.#options.on.restored(serverSeq, session.provedSeq);
      return;
    }
    spool.acknowledge(serverSeq);
    session.sentSeq = serverSeq;
  }

  #acknowledged(session: Session, seq: number): void {
    if (seq > session.sentSeq)
      throw new LinkError('protocol', `seq ${seq} acknowledged, ${session.sentSeq} sent`);
    while (session.inFlight[0] && session.inFlight[0].seq <= seq) {
      session.inFlightBytes -= session.inFlight[0].bytes;
      session.inFlightValues -= session.inFlight[0].values;
      session.inFlight.shift();
    }
    this.#options.spool.acknowledge(seq);
    if (this.#frameRefusals > 0 && session.inFlight.length === 0) this.#frameRefusals = 0;
    this.#options.on.acknowledged(seq);
    this.#pump(session);
  }

  #pump(session: Session): void {
    const { spool } = this.#options;
    const framesMax = this.#frameRefusals >= FRAME_REFUSALS_TOLERATED ? 1 : UNACKED_FRAMES_MAX;
    while (this.#session === session && session.inFlight.length < framesMax) {
      if (session.inFlight.length > 0 && isFull(session)) return;
      const entry = spool.next(session.sentSeq);
      if (spool.epoch !== session.epoch) return this.reconnect('the spool began a new epoch');
      if (!entry) return;
      const frame = session.frames.frame(entry);
      if (!frame) return this.reconnect('the dictionary of this connection is full');
      session.sentSeq = entry.seq;
      this.#sentEver = Math.max(this.#sentEver, entry.seq);
      const values = valuesOf(entry);
      session.inFlight.push({ seq: entry.seq, bytes: frame.length, values });
      session.inFlightBytes += frame.length;
      session.inFlightValues += values;
      session.socket?.send(frame);
    }
  }

  #send(message: AgentToServer): void {
    this.#session?.socket?.send(JSON.stringify(message));
  }

  #watchSilence(session: Session): void {
    const { timers, elapsedMs } = this.#options;
    const quietMs = elapsedMs() - session.heardAtMs;
    if (quietMs >= SILENCE_MS_MAX)
      return this.#fail(session, fault('silent', `nothing heard for ${Math.round(quietMs / 1000)} s`));
    session.deadline = timers.after(SILENCE_MS_MAX - quietMs, () => {
      if (this.#session === session) this.#watchSilence(session);
    });
  }

  #guarded(session: Session, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      this.#fail(session, error);
    }
  }

  #fail(session: Session, error: LinkError): void {
    if (this.#session !== session) return;
    const problem = problemOf(error);
    this.#end(
      session,
      problem,
      UNTRUSTED.has(error.code) ? CLOSE_UNTRUSTED : CLOSE_PROTOCOL,
      problem.retry ? 'back-off' : 'long',
    );
  }

  #refused(session: Session, message: RefusedMessage): void {
    const { retry } = REFUSALS[message.code];
    const problem = {
      code: message.code,
      detail: message.detail,
      hint: message.hint,
      retry,
      retryAfterMs: message.retryAfterMs ?? 0,
    };
    this.#endRefused(session, problem, message.code);
  }

  #closed(session: Session, code: number, reason: string, why: LinkError | null): void {
    if (why)
      return this.#end(session, problemOf(why), null, LINK_FAULTS[why.code].retry ? 'back-off' : 'long');
    const refusal = refusalOfClose(code);
    const detail = `closed by the server with ${code}${reason === '' ? '' : ` (${reason})`}`;
    const retry = refusal === null || REFUSALS[refusal].retry;
    this.#endRefused(
      session,
      { code: refusal ?? 'closed', detail, hint: '', retry, retryAfterMs: 0 },
      refusal,
    );
  }

  #endRefused(session: Session, problem: LinkProblem, code: RefusalCode | null): void {
    if (code === 'frame-invalid' || code === 'frame-too-large') this.#suspectFrame(session);
    const enrolled = session.purpose === 'resume' && this.#options.token !== null;
    this.#enrolNext = code !== null && curedByEnrolling(code) && enrolled;
    this.#end(session, problem, CLOSE_NORMAL, this.#enrolNext ? 'soon' : problem.retry ? 'back-off' : 'long');
  }

  /** Damaged on disk, a frame would be refused for ever and hold up all that follows; so the guilty one is found and dropped. */
  #suspectFrame(session: Session): void {
    if (session.onlineAtMs === null) return;
    const suspect = session.inFlight[0];
    if (this.#frameRefusals >= FRAME_REFUSALS_TOLERATED && suspect) {
      this.#options.spool.dropRefused(suspect.seq);
      this.#frameRefusals = 0;
    } else this.#frameRefusals++;
  }

  #end(
    session: Session,
    problem: LinkProblem,
    close: number | null,
    pace: 'soon' | 'back-off' | 'long',
  ): void {
    const { onlineAtMs, socket } = session;
    if (onlineAtMs !== null && this.#options.elapsedMs() - onlineAtMs >= STABLE_MS) this.#attempt = 0;
    this.#drop();
    if (close !== null) socket?.close(close, problem.code);
    if (this.#running) this.#wait(problem, pace);
  }

  /** Forgets the session; whatever its socket still says is not listened to. */
  #drop(): void {
    this.#session?.deadline?.cancel();
    this.#session = null;
  }

  #wait(problem: LinkProblem, pace: 'soon' | 'back-off' | 'long'): void {
    const { random, timers, nowMs } = this.#options;
    const delayMs = Math.round(this.#delayMs(pace, random.unit()) + problem.retryAfterMs);
    this.#setStatus({ state: 'waiting', untilMs: nowMs() + delayMs, problem });
    this.#retry = timers.after(delayMs, () => this.#connect());
  }

  #delayMs(pace: 'soon' | 'back-off' | 'long', unit: number): Millis {
    if (pace === 'long') return REFUSED_RETRY_MS * (0.9 + 0.2 * unit);
    if (pace === 'soon') return BACKOFF_MS_BASE * unit;
    return unit * Math.min(BACKOFF_MS_MAX, BACKOFF_MS_BASE * 2 ** Math.min(this.#attempt++, 16));
  }

  #setStatus(status: LinkStatus): void {
    this.#status = status;
    this.#options.on.status(status);
  }
}

const ACK = '{"type":"ack","seq":';

/** The number of an acknowledgement as a server of ours writes it, null for anything else. Nearly every message is one, and a schema costs as much as a tick. */
function plainAck(text: string): number | null {
  if (!text.startsWith(ACK) || !text.endsWith('}')) return null;
  const digits = text.slice(ACK.length, -1);
  return /^\d{1,15}$/.test(digits) ? Number(digits) : null;
}

function isFull({ inFlightBytes, inFlightValues }: Session): boolean {
  return inFlightBytes >= UNACKED_BYTES_MAX || inFlightValues >= UNACKED_VALUES_MAX;
}

function valuesOf(entry: SpoolEntry): number {
  return entry.type === 'samples' ? entry.ticks.reduce((sum, { values }) => sum + values.length, 0) : 0;
}

function fault(code: LinkFaultCode, message: string): LinkError {
  return new LinkError(code, message);
}

function problemOf(error: LinkError): LinkProblem {
  const { code, message, hint, retryAfterMs } = error;
  return { code, detail: message, hint, retry: LINK_FAULTS[code].retry, retryAfterMs };
}

function refusalOfClose(code: number): RefusalCode | null {
  const found = Object.entries(REFUSALS).find(([, refusal]) => refusal.close === code);
  return found ? (found[0] as RefusalCode) : null;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new LinkError('protocol', 'a message that is not JSON', { cause: error });
    throw error;
  }
}
