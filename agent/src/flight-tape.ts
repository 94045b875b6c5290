/**
 * The flight recorder of Linux: keeps what the kernel wrote, and reads it only when somebody asks what happened. To read a file of /proc
 * costs some microseconds; to make sense of it a hundred times that, every two seconds, for minutes that mostly nobody asks for.
 */
import { zstdCompressSync, zstdDecompressSync, constants as zlib } from 'node:zlib';
import type { Millis } from '@muster/shared/time.ts';
import { type CollectorStates, collectAll } from './collectors/index.ts';
import {
  FLIGHT_READINGS_MAX,
  FlightRecorder,
  type FlightRecording,
  type Recorder,
} from './flight-recorder.ts';
import type { Host } from './host.ts';

/** All that the collectors of the recorder read again and again. */
export const FLIGHT_FILES = [
  '/proc/stat',
  '/proc/loadavg',
  '/proc/meminfo',
  '/proc/vmstat',
  '/proc/diskstats',
  '/proc/net/dev',
  '/proc/pressure/cpu',
  '/proc/pressure/memory',
  '/proc/pressure/io',
] as const;

/** Readings that are compressed together: one is much like the next, so that a minute takes little more than a reading. */
const READINGS_PER_BLOCK = 10;
const BLOCKS_MAX = Math.ceil(FLIGHT_READINGS_MAX / READINGS_PER_BLOCK);
/** What is longer is not kept: /proc/stat of 1,024 cores has 100 KB. */
const FILE_BYTES_MAX = 256 << 10;
const BLOCK_BYTES_FIRST = 64 << 10;
/** Wall clock and monotonic clock as float64, then for each file its length and its bytes. */
const TIMES_BYTES = 16;
const LENGTH_BYTES = 4;
const MISSING = 0xffff_ffff;
const COMPRESSION = { params: { [zlib.ZSTD_c_compressionLevel]: 1, [zlib.ZSTD_c_windowLog]: 17 } };

export type FlightHost = Host & Required<Pick<Host, 'readRaw'>>;

interface Reading {
  readonly atMs: Millis;
  readonly monotonicMs: number;
  readonly texts: ReadonlyMap<string, string | null>;
}

export class FlightTape implements Recorder {
  readonly #host: FlightHost;
  /** Compressed, the oldest first. */
  #blocks: Buffer[] = [];
  #block = Buffer.allocUnsafeSlow(BLOCK_BYTES_FIRST);
  #bytes = 0;
  #readings = 0;
  /** To add to the times of what was recorded before the clock was set, by reading. */
  #shifts: { readonly beforeReading: number; readonly deltaMs: Millis }[] = [];
  #total = 0;

  constructor(host: FlightHost) {
    this.#host = host;
  }

  read(atMs: Millis): void {
    this.#reserve(TIMES_BYTES);
    this.#block.writeDoubleLE(atMs, this.#bytes);
    this.#block.writeDoubleLE(this.#host.monotonicMs(), this.#bytes + 8);
    this.#bytes += TIMES_BYTES;
    for (const path of FLIGHT_FILES) {
      const raw = this.#host.readRaw(path);
      const isKept = raw !== null && raw.length <= FILE_BYTES_MAX;
      this.#reserve(LENGTH_BYTES + (isKept ? raw.length : 0));
      this.#block.writeUInt32LE(isKept ? raw.length : MISSING, this.#bytes);
      this.#bytes += LENGTH_BYTES;
      if (!isKept) continue;
      this.#block.set(raw, this.#bytes);
      this.#bytes += raw.length;
    }
    this.#total++;
    if (++this.#readings === READINGS_PER_BLOCK) this.#seal();
  }

  /** Reads the tape, some readings at a time: `pause` lets others run. `off` names collectors that are switched off. */
  async recording(off: readonly string[], pause: () => Promise<void>): Promise<FlightRecording> {
    const blocks = [...this.#blocks, Buffer.from(this.#block.subarray(0, this.#bytes))];
    const first = this.#total - this.#readings - this.#blocks.length * READINGS_PER_BLOCK;
    const recorder = new FlightRecorder();
    const states: CollectorStates = new Map();
    const elsewhere = new Map<string, string | null>();
    let number = first;
    for (const [i, block] of blocks.entries()) {
      const bytes = i < this.#blocks.length ? zstdDecompressSync(block) : block;
      for (const reading of readingsOf(bytes)) {
        const { samples } = collectAll(replay(this.#host, reading, elsewhere), states, off, 'flight');
        recorder.record(Math.max(0, reading.atMs + this.#shiftOf(number++)), samples);
      }
      await pause();
    }
    return recorder.recording();
  }

  /** The wall clock was set: what was recorded is told in the new time. */
  shiftTimes(deltaMs: Millis): void {
    this.#shifts.push({ beforeReading: this.#total, deltaMs });
  }

  #shiftOf(reading: number): Millis {
    return this.#shifts.reduce(
      (sum, { beforeReading, deltaMs }) => (reading < beforeReading ? sum + deltaMs : sum),
      0,
    );
  }

  #seal(): void {
    this.#blocks.push(zstdCompressSync(this.#block.subarray(0, this.#bytes), COMPRESSION));
    if (this.#blocks.length > BLOCKS_MAX) this.#blocks.shift();
    this.#bytes = 0;
    this.#readings = 0;
    const oldest = this.#total - this.#blocks.length * READINGS_PER_BLOCK;
    this.#shifts = this.#shifts.filter(({ beforeReading }) => beforeReading > oldest);
  }

  #reserve(bytes: number): void {
    if (this.#bytes + bytes <= this.#block.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#block.length * 2, this.#bytes + bytes));
    this.#block.copy(larger, 0, 0, this.#bytes);
    this.#block = larger;
  }
}

function* readingsOf(block: Buffer): Generator<Reading> {
  for (let at = 0; at < block.length; ) {
    const atMs = block.readDoubleLE(at);
    const monotonicMs = block.readDoubleLE(at + 8);
    at += TIMES_BYTES;
    const texts = new Map<string, string | null>();
    for (const path of FLIGHT_FILES) {
      const length = block.readUInt32LE(at);
      at += LENGTH_BYTES;
      texts.set(path, length === MISSING ? null : block.toString('utf8', at, at + length));
      if (length !== MISSING) at += length;
    }
    yield { atMs, monotonicMs, texts };
  }
}

/** The machine as it was at that reading; what is not on the tape as it is now, read once. */
function replay(
  host: Host,
  { atMs, monotonicMs, texts }: Reading,
  elsewhere: Map<string, string | null>,
): Host {
  return {
    ...host,
    now: () => atMs,
    monotonicMs: () => monotonicMs,
    readText: (path) => {
      const text = texts.get(path) ?? elsewhere.get(path);
      if (text !== undefined || texts.has(path)) return text ?? null;
      const now = host.readText(path);
      elsewhere.set(path, now);
      return now;
    },
  };
}
