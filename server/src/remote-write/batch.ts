/** Writes ticks as a `prometheus.WriteRequest`: label bytes are copied, samples of a series that follow each other share them. Pure. */
import type { LabelBook } from './label-book.ts';
import type { QueuedTick } from './outgoing-queue.ts';

/** Ticks of one list of series in a row: their samples go series by series. */
interface Run {
  readonly series: readonly number[];
  readonly ticks: QueuedTick[];
}

export interface EncodedBatch {
  /** Not compressed. */
  readonly bytes: Buffer;
  readonly samples: number;
}

const SAMPLE_TAG = (2 << 3) | 2;
const SERIES_TAG = (1 << 3) | 2;
const VALUE_TAG = (1 << 3) | 1;
const TIME_TAG = 2 << 3;
/** Tag and value, tag of the time. */
const SAMPLE_FIXED_BYTES = 10;
const VARINT_BYTES_MAX = 10;

/** `machineOf` keeps the order of a machine: its ticks are never turned round, those of different machines may be. */
export function encodeBatch(
  ticks: readonly QueuedTick[],
  book: LabelBook,
  machineOf: (series: number) => string,
): EncodedBatch {
  const writer = new Writer();
  let samples = 0;
  for (const { series, ticks: ofRun } of runsOf(ticks, machineOf)) {
    const times = ofRun.map(({ atMs }) => varintBytes(atMs));
    let samplesBytes = 0;
    for (const time of times) samplesBytes += 2 + SAMPLE_FIXED_BYTES + time.length;
    for (let i = 0; i < series.length; i++) {
      const id = series[i] as number;
      const start = book.start(id);
      if (start < 0) continue;
      const length = book.length(id);
      writer.reserve(1 + VARINT_BYTES_MAX + length + samplesBytes);
      writer.byte(SERIES_TAG);
      writer.varint(length + samplesBytes);
      writer.copy(book.bytes, start, length);
      for (let t = 0; t < ofRun.length; t++)
        writer.sample((ofRun[t] as QueuedTick).values[i] as number, times[t] as Uint8Array);
      samples += ofRun.length;
    }
  }
  return { bytes: writer.finish(), samples };
}

function runsOf(ticks: readonly QueuedTick[], machineOf: (series: number) => string): Run[] {
  const runs: Run[] = [];
  const open = new Map<string, Run>();
  for (const tick of ticks) {
    const [first] = tick.series;
    if (first === undefined) continue;
    const machine = machineOf(first);
    const run = open.get(machine);
    if (run && isSame(run.series, tick.series)) {
      run.ticks.push(tick);
      continue;
    }
    const made = { series: tick.series, ticks: [tick] };
    open.set(machine, made);
    runs.push(made);
  }
  return runs;
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

class Writer {
  #bytes = Buffer.allocUnsafe(64 << 10);
  #view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
  #at = 0;

  reserve(count: number): void {
    if (this.#at + count <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + count));
    this.#bytes.copy(grown, 0, 0, this.#at);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer, grown.byteOffset, grown.length);
  }

  byte(value: number): void {
    this.#bytes[this.#at++] = value;
  }

  varint(value: number): void {
    let rest = value;
    for (; rest > 127; rest >>>= 7) this.#bytes[this.#at++] = (rest & 127) | 128;
    this.#bytes[this.#at++] = rest;
  }

  copy(from: Buffer, start: number, length: number): void {
    from.copy(this.#bytes, this.#at, start, start + length);
    this.#at += length;
  }

  sample(value: number, time: Uint8Array): void {
    this.#bytes[this.#at++] = SAMPLE_TAG;
    this.#bytes[this.#at++] = SAMPLE_FIXED_BYTES + time.length;
    this.#bytes[this.#at++] = VALUE_TAG;
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
    this.#bytes[this.#at++] = TIME_TAG;
    for (let i = 0; i < time.length; i++) this.#bytes[this.#at++] = time[i] as number;
  }

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }
}

/** Times are not negative. */
function varintBytes(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
