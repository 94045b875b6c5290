/**
 * Load of the peers: Prometheus remote write 1.0 (snappy-compressed protobuf over HTTP), one host of 100 series per request
 * unless told otherwise. Names and labels are written once; each tick puts its values and its time into the same bytes.
 */
import { compressSync } from 'snappy';
import { InvalidRun } from './figure.ts';
import { HttpClient } from './http-client.ts';
import type { Peer } from './peer.ts';
import { rangeOf, verifyCount } from './stored-count.ts';
import { type HostLoad, hostLoads, type Labels, STEP_MS } from './workload.ts';

const CONNECTIONS = 4;
const HEADERS = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
};
/** Of a time in milliseconds from 2004 to 2109, as a varint of protobuf. */
const TIME_BYTES = 6;
const VALUE_BYTES = 8;

/** One host's request: where in its bytes each sample's value begins; the time lies one byte behind the value. */
interface Message {
  readonly load: HostLoad;
  readonly bytes: Buffer;
  readonly view: DataView;
  readonly valueOffsets: Int32Array;
}

interface RemoteWriteOptions {
  readonly hosts: number;
  readonly seed: number;
  /** Time of the first tick, a multiple of 10 s. */
  readonly startMs: number;
  /** Of each host; 100 if left out. */
  readonly series?: number;
}

export async function openRemoteWrite(peer: Peer, options: RemoteWriteOptions): Promise<RemoteWriteLoad> {
  return new RemoteWriteLoad(
    peer,
    await hostLoads(options.hosts, options.seed, options.series),
    options.startMs,
  );
}

export class RemoteWriteLoad {
  /** Bytes of the bodies so far, compressed, without HTTP headers. */
  bodyBytes = 0;
  samples = 0;
  /** Time of the newest tick sent. */
  lastMs: number;
  /** Sum of all values that host 0 sent in its first series: for checking what was stored. */
  probeSum = 0;
  readonly #http: HttpClient;
  readonly #peer: Peer;
  readonly #messages: readonly Message[];
  /** Of the series of one host. */
  readonly #labels: readonly Labels[];
  readonly #values: number[];
  readonly #startMs: number;
  #ticks = 0;

  constructor(peer: Peer, hosts: readonly HostLoad[], startMs: number) {
    this.#peer = peer;
    this.#http = new HttpClient(peer.url, CONNECTIONS);
    this.#messages = hosts.map(messageOf);
    this.#labels = hosts[0]?.labels ?? [];
    this.#values = this.#labels.map(() => 0);
    this.#startMs = startMs;
    this.lastMs = startMs;
  }

  /** As fast as the peer takes them. */
  async send(ticks: number): Promise<void> {
    for (let tick = 0; tick < ticks; tick++) await this.#sendTick();
  }

  /** One tick each 10 s, its hosts spread over them. @param beginMs performance.now() of the first tick's begin */
  async sendPaced(ticks: number, beginMs: number): Promise<void> {
    for (let tick = 0; tick < ticks; tick++) {
      const share = STEP_MS / this.#messages.length;
      await this.#sendTick((host) => beginMs + tick * STEP_MS + host * share);
    }
  }

  /** Asks the peer for what it holds. @throws InvalidRun unless every sample sent is there, and one series has its values */
  async verify(): Promise<void> {
    const between = { fromMs: this.#startMs, toMs: this.lastMs };
    await verifyCount(this.#peer, this.#labels, { ...between, samples: this.samples });
    const [name, ...others] = this.#labels[0] ?? [];
    const selector = others.map(([label, value]) => `${label}="${value}"`).join(',');
    const sum = await this.#peer.scalar(
      `sum(sum_over_time(${name?.[1]}{${selector}}[${rangeOf(between)}]))`,
      this.lastMs,
    );
    if (Math.abs(sum - this.probeSum) > Math.abs(this.probeSum) * 1e-9)
      throw new InvalidRun(
        `${this.#peer.name}: the values of one series add up to ${sum}, not ${this.probeSum}`,
      );
  }

  close(): void {
    this.#http.close();
  }

  /** @param dueOf performance.now() at which a host's request goes; left out: at once */
  async #sendTick(dueOf?: (host: number) => number): Promise<void> {
    const atMs = this.#startMs + this.#ticks * STEP_MS;
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < this.#messages.length) {
        const host = next++;
        if (dueOf) await waitUntil(dueOf(host));
        await this.#post(this.#filled(host, atMs));
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, worker));
    this.#ticks += 1;
    this.lastMs = atMs;
    this.samples += this.#messages.length * this.#values.length;
  }

  #filled(host: number, atMs: number): Buffer {
    const { load, bytes, view, valueOffsets } = this.#messages[host] as Message;
    const values = this.#values;
    const time = varint(atMs);
    load.next(values);
    if (host === 0) this.probeSum += values[0] ?? 0;
    for (let series = 0; series < values.length; series++) {
      const offset = valueOffsets[series] as number;
      view.setFloat64(offset, values[series] as number, true);
      bytes.set(time, offset + VALUE_BYTES + 1);
    }
    return compressSync(bytes);
  }

  async #post(body: Buffer): Promise<void> {
    const headers = { ...HEADERS, 'content-length': body.length };
    const answer = await this.#http.send('POST', this.#peer.writePath, headers, body);
    if (answer.status > 299)
      throw new InvalidRun(`${this.#peer.name} refused samples: ${answer.status} ${answer.body.toString()}`);
    this.bodyBytes += body.length;
  }
}

async function waitUntil(dueMs: number): Promise<void> {
  const delayMs = dueMs - performance.now();
  if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
}

/** WriteRequest { repeated TimeSeries { repeated Label = 1, repeated Sample { double = 1, int64 = 2 } = 2 } = 1 } */
function messageOf(load: HostLoad): Message {
  const parts: Buffer[] = [];
  const valueOffsets = new Int32Array(load.labels.length);
  const sample = Buffer.concat([
    Buffer.of(0x09),
    Buffer.alloc(VALUE_BYTES),
    Buffer.of(0x10),
    Buffer.alloc(TIME_BYTES),
  ]);
  let length = 0;
  for (const [series, labels] of load.labels.entries()) {
    const one = field(1, Buffer.concat([labelsOf(labels), field(2, sample)]));
    length += one.length;
    valueOffsets[series] = length - TIME_BYTES - 1 - VALUE_BYTES;
    parts.push(one);
  }
  const bytes = Buffer.concat(parts);
  return { load, bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), valueOffsets };
}

function labelsOf(labels: Labels): Buffer {
  return Buffer.concat(
    labels.map(([name, value]) =>
      field(1, Buffer.concat([field(1, Buffer.from(name)), field(2, Buffer.from(value))])),
    ),
  );
}

/** A field of wire type 2: its tag, its length, its bytes. */
function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.of((number << 3) | 2, ...varint(content.length)), content]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}
