/** One agent of a load: enrols, keeps what is not acknowledged, resumes after a break. The protocol is docs/WIRE.md's, the values are made up. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { invariant } from '@muster/shared/invariant.ts';
import type { Millis } from '@muster/shared/time.ts';
import {
  agentProofHashInput,
  agentProofInput,
  serverProofInput,
  transcriptInput,
} from '@muster/shared/wire/handshake.ts';
import { BACKOFF_MS_BASE, BACKOFF_MS_MAX, UNACKED_FRAMES_MAX } from '@muster/shared/wire/limits.ts';
import { FrameReader, maskedFrame, OPCODES } from './socket-frames.ts';
import { encodeFrame } from '@muster/shared/wire/frames.ts';
import { SamplesEncoder, type SeriesDeclaration, type Tick } from '@muster/shared/wire/samples.ts';
import type { MachineValues } from './workload.ts';

/** The server's signature is checked at the first connection of the process and at each so-many-th after it; an agent of its own would check all. */
const VERIFY_EVERY = 64;
const READ_ROOM_BYTES = 64 << 10;
const STABLE_MS = 30_000;
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

export interface LoadTarget {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** base64url. */
  readonly serverKey: string;
  /** The agents take them in turn; empty: they are enrolled already. */
  readonly tokens: readonly string[];
}

/** What all agents of a process share. */
export interface LoadFleet {
  readonly target: LoadTarget;
  readonly series: readonly SeriesDeclaration[];
  /** 0, 1, 2 …: all series, as a tick lists them. */
  readonly numbers: readonly number[];
  readonly seed: number;
  readonly epochSalt: string;
  readonly hold: number;
  /** Frames of one agent under way. */
  readonly window: number;
  readonly figures: LoadFigures;
  readonly now: () => Millis;
  readonly mono: () => Millis;
  atMs(agent: number, tick: number): Millis;
  values(agent: number): MachineValues;
  opened(agent: LoadAgent): void;
  acknowledged(agent: LoadAgent): void;
  lost(agent: LoadAgent): void;
  /** It could not connect, or was sent away: comes again after so long. */
  later(agent: LoadAgent, delayMs: Millis): void;
}

export class LoadFigures {
  ticksMade = 0;
  framesSent = 0;
  framesAcknowledged = 0;
  /** Also those that were sent again. */
  samplesSent = 0;
  samplesAcknowledged = 0;
  /** WebSocket headers included. */
  frameBytes = 0;
  frameSamples = 0;
  bytesSent = 0;
  bytesReceived = 0;
  lateFrames = 0;
  /** Made while the machines were new to the server: each has a CI and its series made for it. */
  lateFirstFrames = 0;
  /** What was made from then on is judged. */
  steadyFromMono = Number.NEGATIVE_INFINITY;
  ackMsMax = 0;
  attempts = 0;
  accepted = 0;
  readonly refused: Record<string, number> = {};
  pings = 0;
  /** Counts per millisecond of time to acknowledgement, the last for all beyond; of what is judged. */
  readonly ackMs = new Uint32Array(60_001);

  acknowledged(madeAtMono: Millis, nowMono: Millis, lateMs: Millis): void {
    this.framesAcknowledged++;
    const ms = nowMono - madeAtMono;
    if (madeAtMono < this.steadyFromMono) {
      if (ms > lateMs) this.lateFirstFrames++;
      return;
    }
    const slot = Math.min(this.ackMs.length - 1, Math.max(0, Math.round(ms)));
    this.ackMs[slot] = (this.ackMs[slot] as number) + 1;
    if (ms > this.ackMsMax) this.ackMsMax = ms;
    if (ms > lateMs) this.lateFrames++;
  }
}

interface HeldFrame {
  readonly seq: number;
  readonly ticks: readonly Tick[];
  /** Clock that nobody sets: when its last tick was made. */
  readonly madeAtMono: Millis;
}

type LinkState = 'idle' | 'connecting' | 'upgrading' | 'welcome' | 'proof' | 'verdict' | 'open';

const room = Buffer.allocUnsafe(READ_ROOM_BYTES);
let handshakes = 0;

export class LoadAgent {
  readonly index: number;
  readonly #fleet: LoadFleet;
  readonly #mask: number;
  readonly #values: MachineValues;
  readonly #epoch: string;
  readonly #lateMs: Millis;
  #keys: { privateKey: KeyObject; publicKey: Uint8Array; id: string } | null = null;
  /** Not acknowledged, oldest first, from `#head` on. */
  #kept: HeldFrame[] = [];
  #head = 0;
  #open: Tick[] = [];
  #tick = 0;
  #seq = 0;
  #acked = 0;
  #sentSeq = 0;
  #attempt = 0;
  #openedAtMono = 0;
  #state: LinkState = 'idle';
  /** Taken up once: it comes without a token from then on. */
  #isKnown = false;
  #socket: Socket | null = null;
  #reader = new FrameReader();
  #encoder = new SamplesEncoder();
  #hello = '';
  #welcome = '';
  #transcript: Uint8Array = new Uint8Array(0);
  #askedMs = 0;
  #response = '';

  constructor(index: number, fleet: LoadFleet, lateMs: Millis) {
    this.index = index;
    this.#fleet = fleet;
    this.#lateMs = lateMs;
    const name = createHash('sha256')
      .update(`muster load ${fleet.seed} ${index} ${fleet.epochSalt}`)
      .digest();
    this.#epoch = name.toString('hex', 0, 8);
    this.#mask = (name.readUInt32BE(8) | 1) >>> 0;
    this.#values = fleet.values(index);
  }

  get online(): boolean {
    return this.#state === 'open';
  }
  get lastSeq(): number {
    return this.#seq;
  }
  get ackedSeq(): number {
    return this.#acked;
  }
  get waiting(): number {
    return this.#kept.length - this.#head;
  }

  /** Passes by ticks of an earlier run: their values are made, their frames count as acknowledged. */
  skip(ticks: number): void {
    const values = new Array<number>(this.#fleet.series.length).fill(0);
    for (; this.#tick < ticks; this.#tick++) {
      this.#values.next(values);
      if (this.#closesFrame()) this.#seq++;
    }
    this.#acked = this.#seq;
    this.#sentSeq = this.#seq;
  }

  /** Makes the next tick and sends its frame when it is full. */
  makeTick(): void {
    const { series, numbers, figures, atMs, mono } = this.#fleet;
    const values = new Array<number>(series.length).fill(0);
    this.#values.next(values);
    this.#open.push({ atMs: atMs(this.index, this.#tick), series: numbers, values });
    figures.ticksMade++;
    const full = this.#closesFrame();
    this.#tick++;
    if (!full) return;
    this.#kept.push({ seq: ++this.#seq, ticks: this.#open, madeAtMono: mono() });
    this.#open = [];
    this.pump();
  }

  get ticksMade(): number {
    return this.#tick;
  }

  /** The last ticks of a run do not wait for their frame to become full. */
  closeFrame(): void {
    if (this.#open.length === 0) return;
    this.#kept.push({ seq: ++this.#seq, ticks: this.#open, madeAtMono: this.#fleet.mono() });
    this.#open = [];
    this.pump();
  }

  /** Agents close their frames in turn, not all in the same interval. */
  #closesFrame(): boolean {
    const { hold } = this.#fleet;
    return (this.#tick + this.index) % hold === hold - 1;
  }

  pump(): void {
    if (this.#state !== 'open') return;
    const { window, figures, series } = this.#fleet;
    let chunks: Buffer[] | null = null;
    let only: Buffer | null = null;
    while (this.#sentSeq < this.#seq && this.#sentSeq - this.#acked < Math.min(window, UNACKED_FRAMES_MAX)) {
      const held = this.#kept[this.#head + this.#sentSeq - this.#acked] as HeldFrame;
      const payload = encodeFrame('samples', held.seq, this.#encoder.encode(held.ticks));
      const frame = maskedFrame(OPCODES.binary, payload, this.#mask);
      this.#sentSeq = held.seq;
      const samples = held.ticks.length * series.length;
      figures.framesSent++;
      figures.samplesSent += samples;
      figures.frameBytes += frame.length;
      figures.frameSamples += samples;
      if (only === null) only = frame;
      else {
        chunks ??= [only];
        chunks.push(frame);
      }
    }
    if (chunks) this.#write(Buffer.concat(chunks));
    else if (only) this.#write(only);
  }

  connect(): void {
    if (this.#state !== 'idle') return;
    const { target, figures } = this.#fleet;
    this.#keys ??= keysOf(this.#fleet.seed, this.index);
    this.#state = 'connecting';
    this.#reader = new FrameReader();
    this.#response = '';
    figures.attempts++;
    this.#askedMs = 0;
    const socket = connect({
      host: target.host,
      port: target.port,
      onread: {
        buffer: room,
        callback: (count) => {
          this.#received(room.subarray(0, count));
          return true;
        },
      },
    });
    this.#socket = socket;
    socket.on('connect', () => this.#upgrade());
    socket.on('error', () => {});
    socket.on('close', () => this.#closed(socket));
    socket.on('end', () => socket.destroy());
  }

  /** Breaks the line without a word. */
  cut(): void {
    this.#socket?.resetAndDestroy();
  }

  close(): void {
    this.#state = 'idle';
    const socket = this.#socket;
    this.#socket = null;
    socket?.destroy();
  }

  #upgrade(): void {
    const { host, port, path } = this.#fleet.target;
    this.#state = 'upgrading';
    this.#write(
      `GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
  }

  #received(bytes: Buffer): void {
    this.#fleet.figures.bytesReceived += bytes.length;
    if (this.#state !== 'upgrading') return this.#reader.read(bytes, this.#take);
    this.#response += bytes.toString('latin1');
    const end = this.#response.indexOf('\r\n\r\n');
    if (end < 0) return;
    if (!this.#response.startsWith('HTTP/1.1 101')) {
      this.#count(`http ${this.#response.slice(9, 12)}`);
      this.#socket?.destroy();
      return;
    }
    const rest = this.#response.slice(end + 4);
    this.#response = '';
    this.#sayHello();
    if (rest !== '') this.#reader.read(Buffer.from(rest, 'latin1'), this.#take);
  }

  #token(): string | undefined {
    const { tokens } = this.#fleet.target;
    return this.#isKnown ? undefined : tokens[this.index % tokens.length];
  }

  #sayHello(): void {
    this.#state = 'welcome';
    this.#hello = JSON.stringify({
      type: 'hello',
      versions: [1, 1],
      purpose: this.#token() === undefined ? 'resume' : 'enrol',
      nonce: randomBytes(32).toString('base64url'),
      capabilities: ['hold'],
    });
    this.#say(this.#hello);
  }

  readonly #take = (opcode: number, payload: Buffer): void => {
    if (opcode === OPCODES.text) {
      const seq = this.#state === 'open' ? ackOf(payload) : -1;
      if (seq >= 0) this.#acknowledged(seq);
      else this.#message(payload.toString('utf8'));
    } else if (opcode === OPCODES.ping) {
      this.#fleet.figures.pings++;
      this.#write(maskedFrame(OPCODES.pong, payload, this.#mask));
    } else if (opcode === OPCODES.close) {
      this.#write(maskedFrame(OPCODES.close, payload, this.#mask));
      this.#socket?.end();
    }
  };

  #message(text: string): void {
    const message = JSON.parse(text) as { type: string } & Record<string, unknown>;
    switch (message.type) {
      case 'welcome':
        this.#welcome = text;
        invariant(
          message.serverKey === this.#fleet.target.serverKey,
          'the server shows the key of --server-key',
        );
        this.#state = 'proof';
        return;
      case 'proof':
        return this.#prove(String(message.signature));
      case 'accepted':
        return this.#accepted(Number(message.lastSeq));
      case 'ack':
        return this.#acknowledged(Number(message.seq));
      case 'refused':
        return this.#refused(String(message.code), Number(message.retryAfterMs ?? 0));
    }
  }

  #refused(code: string, retryAfterMs: Millis): void {
    // It would come again for ever, and the load would stand still.
    if (code.startsWith('token-')) throw new Error(`the server refused: ${code}`);
    this.#count(code);
    this.#askedMs = retryAfterMs;
  }

  #prove(signature: string): void {
    const { target, now } = this.#fleet;
    const keys = this.#keys;
    const token = this.#token();
    invariant(keys !== null, 'an agent that connects has its keys');
    const serverKey = Buffer.from(target.serverKey, 'base64url');
    this.#transcript = sha256(transcriptInput(this.#hello, this.#welcome, null));
    if (handshakes++ % VERIFY_EVERY === 0) verifyServer(target.serverKey, this.#transcript, signature);
    const hash = sha256(agentProofHashInput(this.#transcript, serverKey, keys.publicKey, keys.id));
    this.#state = 'verdict';
    this.#say(
      JSON.stringify({
        type: 'proof',
        agentKey: Buffer.from(keys.publicKey).toString('base64url'),
        agentId: keys.id,
        signature: sign(null, agentProofInput(hash), keys.privateKey).toString('base64url'),
        ...(token === undefined ? {} : { token }),
        agentVersion: '0.1.0-load',
        hostname: hostnameOf(this.#fleet.seed, this.index),
        platform: 'linux',
        bootId: `load-${this.#fleet.seed}-${this.index}`,
        epoch: this.#epoch,
        firstSeq: this.#acked + 1,
        lastSeq: this.#seq,
        sentAtMs: now(),
      }),
    );
  }

  #accepted(lastSeq: number): void {
    invariant(lastSeq <= this.#seq, 'the server holds no more than was ever made');
    this.#forget(lastSeq);
    this.#encoder = new SamplesEncoder();
    for (const series of this.#fleet.series) this.#encoder.declare(series);
    this.#sentSeq = this.#acked;
    this.#state = 'open';
    this.#isKnown = true;
    this.#openedAtMono = this.#fleet.mono();
    this.#fleet.figures.accepted++;
    this.#fleet.opened(this);
    this.pump();
  }

  #acknowledged(seq: number): void {
    this.#forget(seq);
    this.pump();
    this.#fleet.acknowledged(this);
  }

  #forget(seq: number): void {
    const { figures, series, mono } = this.#fleet;
    const nowMono = mono();
    while (this.#head < this.#kept.length) {
      const held = this.#kept[this.#head] as HeldFrame;
      if (held.seq > seq) break;
      figures.acknowledged(held.madeAtMono, nowMono, this.#lateMs);
      figures.samplesAcknowledged += held.ticks.length * series.length;
      this.#head++;
    }
    if (seq > this.#acked) this.#acked = seq;
    if (this.#head === this.#kept.length) {
      this.#kept = [];
      this.#head = 0;
    }
  }

  #closed(socket: Socket): void {
    if (this.#socket !== socket) return;
    const was = this.#state;
    this.#socket = null;
    this.#state = 'idle';
    if (was === 'open') {
      if (this.#fleet.mono() - this.#openedAtMono >= STABLE_MS) this.#attempt = 0;
      this.#fleet.lost(this);
    } else if (was === 'connecting') this.#count('unreachable');
    const backoffMs = Math.random() * Math.min(BACKOFF_MS_MAX, BACKOFF_MS_BASE * 2 ** this.#attempt++);
    this.#fleet.later(this, backoffMs + this.#askedMs);
  }

  /** The next attempt is the first again. */
  forgetAttempts(): void {
    this.#attempt = 0;
  }

  #count(what: string): void {
    const { refused } = this.#fleet.figures;
    refused[what] = (refused[what] ?? 0) + 1;
  }

  #say(text: string): void {
    this.#write(maskedFrame(OPCODES.text, Buffer.from(text), this.#mask));
  }

  #write(data: Buffer | string): void {
    this.#fleet.figures.bytesSent += data.length;
    this.#socket?.write(data);
  }
}

/** The name that agent has in the server. */
export function hostnameOf(seed: number, index: number): string {
  return `load-${seed}-${String(index).padStart(5, '0')}`;
}

/** The same (seed, index) is the same agent in each run. */
export function keysOf(
  seed: number,
  index: number,
): { privateKey: KeyObject; publicKey: Uint8Array; id: string } {
  const secret = createHash('sha256').update(`muster load key ${seed} ${index}`).digest();
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8_ED25519, secret]),
    format: 'der',
    type: 'pkcs8',
  });
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  const publicKey = Buffer.from(x ?? '', 'base64url');
  return { privateKey, publicKey, id: sha256(publicKey).toString('hex', 0, 16) };
}

const ACK_HEAD = Buffer.from('{"type":"ack","seq":');
const DIGIT_0 = 48;
const BRACE = 125;

/** Seq of an acknowledgement in the usual spelling; -1: something else. */
function ackOf(payload: Buffer): number {
  const { length } = payload;
  if (length <= ACK_HEAD.length + 1 || payload[9] !== ACK_HEAD[9] || payload[length - 1] !== BRACE) return -1;
  if (payload.compare(ACK_HEAD, 0, ACK_HEAD.length, 0, ACK_HEAD.length) !== 0) return -1;
  let seq = 0;
  for (let i = ACK_HEAD.length; i < length - 1; i++) {
    const digit = (payload[i] as number) - DIGIT_0;
    if (digit < 0 || digit > 9) return -1;
    seq = seq * 10 + digit;
  }
  return seq;
}

function verifyServer(serverKey: string, transcript: Uint8Array, signature: string): void {
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: serverKey }, format: 'jwk' });
  const valid = verify(null, serverProofInput(transcript), key, Buffer.from(signature, 'base64url'));
  invariant(valid, 'the server proves its key');
}

function sha256(data: Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}
