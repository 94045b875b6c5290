/** The queue of outgoing samples in files: each is named by the bytes and the samples before it, so a place is found without an index. */
import { join } from 'node:path';
import type { Millis } from '@muster/shared/time.ts';
import { z } from 'zod';
import { messageOf } from '../../log.ts';
import {
  QUEUE_BYTES_MAX,
  QUEUE_DISK_FREE_BYTES_MIN,
  QUEUE_FILE_BYTES_MAX,
  UNWRITTEN_SAMPLES_MAX,
} from '../../remote-write/limits.ts';
import type {
  FileSetAside,
  OutgoingQueue,
  QueuedBlock,
  QueueFigures,
  QueuePlace,
} from '../../remote-write/outgoing-queue.ts';
import { BLOCK_HEADER_BYTES, decodeBody, headerAt, OpenBlock } from './block.ts';
import { diskQueueFiles, type QueueFiles } from './queue-files.ts';

/** Blocks that were written last stay in memory: a target that keeps up reads no file. */
const RECENT_BYTES_MAX = 4 << 20;
/** A file that cannot be read so often in a row is set aside; a target tries it again after 1, 2, 4 … s. */
const READ_FAILURES_MAX = 5;
/** Say nothing of the file. */
const TRANSIENT = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN']);
const PLACES = 'places.json';
const FILE_NAME = /^(\d{16})-(\d{16})\.queue$/;
/** Says what it held, so that a later start still knows. */
const ASIDE_NAME = /^\d{16}-\d{16}\.queue\.set-aside-(\d+)-samples$/;

const Place = z.object({ bytes: z.number(), samples: z.number() });
const Places = z.object({
  /** The process that wrote it ended in peace. */
  closed: z.boolean(),
  places: z.record(z.string(), Place),
  /** Of the queue, at that time. */
  end: Place.optional(),
});

interface QueueFile {
  readonly name: string;
  readonly start: QueuePlace;
  /** Of its blocks. */
  bytes: number;
  /** When its first block was written; null: it has none. */
  writtenMs: Millis | null;
  /** Its end could not be cut: nothing may stand behind it. */
  isClosed: boolean;
  /** To read it, one after the other. */
  failures: number;
}

interface RecentBlock {
  readonly start: QueuePlace;
  readonly end: QueuePlace;
  readonly writtenMs: Millis;
  readonly bytes: Buffer;
}

export interface QueueOptions {
  readonly folder: string;
  readonly now: () => Millis;
  readonly files?: QueueFiles;
  readonly bytesMax?: number;
  readonly fileBytesMax?: number;
  readonly freeBytesMin?: number;
}

export async function openOutgoingQueue(options: QueueOptions): Promise<OutgoingQueue> {
  const queue = new DiskQueue(options);
  await queue.open();
  return queue;
}

class DiskQueue implements OutgoingQueue {
  readonly #folder: string;
  readonly #now: () => Millis;
  readonly #disk: QueueFiles;
  readonly #bytesMax: number;
  readonly #fileBytesMax: number;
  readonly #freeBytesMin: number;
  /** The oldest first; the last one is written to. */
  readonly #files: QueueFile[] = [];
  readonly #setAside: FileSetAside[] = [];
  readonly #recent: RecentBlock[] = [];
  #recentBytes = 0;
  #end: QueuePlace = { bytes: 0, samples: 0 };
  #lastWrittenMs: Millis | null = null;
  #open = new OpenBlock();
  /** Full, or given to the disk; the first is written first. */
  readonly #waiting: OpenBlock[] = [];
  #unwritten = 0;
  #unwrittenDropped = 0;
  #lastError: string | null = null;
  #kept: ReadonlyMap<string, QueuePlace> = new Map();
  #wasClosed = true;
  #flushing: Promise<void> | null = null;
  /** The file that was read last, by a reader that lies behind. */
  #loaded: { file: QueueFile; bytes: Buffer } | null = null;

  constructor(options: QueueOptions) {
    this.#folder = options.folder;
    this.#now = options.now;
    this.#disk = options.files ?? diskQueueFiles;
    this.#bytesMax = options.bytesMax ?? QUEUE_BYTES_MAX;
    this.#fileBytesMax = options.fileBytesMax ?? QUEUE_FILE_BYTES_MAX;
    this.#freeBytesMin = options.freeBytesMin ?? QUEUE_DISK_FREE_BYTES_MIN;
  }

  async open(): Promise<void> {
    await this.#disk.makeFolder(this.#folder);
    const names = await this.#disk.list(this.#folder);
    const files = names.flatMap((name) => fileNamed(name) ?? []);
    for (const name of names) {
      const held = ASIDE_NAME.exec(name)?.[1];
      if (held !== undefined)
        this.#setAside.push({ name, samples: Number(held), atMs: this.#now(), why: null });
    }
    const furthest = await this.#readPlaces(names);
    for (const [i, file] of files.entries()) {
      const next = files[i + 1]?.start ?? null;
      try {
        await this.#measure(file, next);
        this.#files.push(file);
      } catch (error) {
        await this.#putAside(file, next ?? furthest, messageOf(error));
      }
    }
    // What comes must lie behind what any reader had, though the newest file may be gone.
    this.#end = furtherOf(this.#end, furthest);
  }

  get setAside(): readonly FileSetAside[] {
    return this.#setAside;
  }

  get figures(): QueueFigures {
    return {
      bytes: this.#files.reduce((sum, file) => sum + file.bytes, 0),
      unwrittenDropped: this.#unwrittenDropped,
      lastError: this.#lastError,
    };
  }

  get start(): QueuePlace {
    return this.#files[0]?.start ?? this.#end;
  }

  get end(): QueuePlace {
    return this.#end;
  }

  get lastWrittenMs(): Millis | null {
    return this.#lastWrittenMs;
  }

  get kept(): ReadonlyMap<string, QueuePlace> {
    return this.#kept;
  }

  get wasClosed(): boolean {
    return this.#wasClosed;
  }

  add(ticks: readonly { atMs: Millis; series: readonly number[]; values: ArrayLike<number> }[]): void {
    for (const { atMs, series, values } of ticks) {
      if (values.length === 0) continue;
      if (this.#unwritten + values.length > UNWRITTEN_SAMPLES_MAX) {
        this.#unwrittenDropped += values.length;
        continue;
      }
      this.#unwritten += values.length;
      this.#open.add(atMs, series, values);
      if (this.#open.isFull) this.#closeBlock();
    }
  }

  flush(nowMs: Millis): Promise<void> {
    this.#flushing ??= this.#flush(nowMs).finally(() => {
      this.#flushing = null;
    });
    return this.#flushing;
  }

  async read(place: QueuePlace): Promise<QueuedBlock | null> {
    const recent = this.#recent.find(({ start }) => start.bytes === place.bytes);
    if (recent) {
      const ticks = await decodeBody(recent.bytes.subarray(BLOCK_HEADER_BYTES), samplesOf(recent));
      return { start: recent.start, end: recent.end, writtenMs: recent.writtenMs, ticks };
    }
    for (let at = place; ; ) {
      const file = this.#fileOf(at);
      if (!file) return null;
      const from = Math.max(at.bytes, file.start.bytes);
      const block = await this.#blockFrom(file, from);
      if (block) return block;
      // Nothing sound to the end of this file: on with the next one.
      at = { bytes: file.start.bytes + file.bytes, samples: at.samples };
      if (at.bytes >= this.#end.bytes) return null;
    }
  }

  writtenMs(place: QueuePlace): Millis | null {
    if (place.bytes >= this.#end.bytes) return null;
    const recent = this.#recent.find(({ start }) => start.bytes === place.bytes);
    // Of what is not in memory any more, the beginning of its file says it near enough.
    return recent?.writtenMs ?? this.#fileOf(place)?.writtenMs ?? this.#lastWrittenMs;
  }

  async keep(places: ReadonlyMap<string, QueuePlace>): Promise<void> {
    await this.#writePlaces(places, false);
    await this.#dropRead(places);
  }

  async close(places: ReadonlyMap<string, QueuePlace>): Promise<void> {
    await this.#flushing;
    await this.#writePlaces(places, true);
  }

  async #flush(nowMs: Millis): Promise<void> {
    try {
      while (this.#waiting[0]) await this.#write(this.#waiting[0], nowMs);
      // Not before the rest is written: on a disk that takes none, blocks of a few samples would pile up.
      if (this.#open.samples > 0) this.#closeBlock();
      while (this.#waiting[0]) await this.#write(this.#waiting[0], nowMs);
      this.#lastError = null;
    } catch (error) {
      this.#lastError = messageOf(error);
      throw error;
    }
  }

  async #write(block: OpenBlock, nowMs: Millis): Promise<void> {
    if ((await this.#disk.freeBytes(this.#folder)) < this.#freeBytesMin)
      throw new Error(`less than ${Math.round(this.#freeBytesMin / 2 ** 20)} MiB are free for the queue`);
    const bytes = await block.encode(this.#end.samples, nowMs);
    const file = this.#fileToWrite();
    const path = join(this.#folder, file.name);
    try {
      await this.#disk.append(path, bytes, file.bytes);
    } catch (error) {
      // Half a block must not stand before the next one.
      if (file.bytes > 0) await this.#disk.truncate(path, file.bytes);
      throw error;
    }
    const start = this.#end;
    file.bytes += bytes.length;
    file.writtenMs ??= nowMs;
    this.#end = { bytes: start.bytes + bytes.length, samples: start.samples + block.samples };
    this.#lastWrittenMs = nowMs;
    this.#waiting.shift();
    this.#unwritten -= block.samples;
    this.#remember({ start, end: this.#end, writtenMs: nowMs, bytes });
    await this.#dropOldest();
  }

  #closeBlock(): void {
    this.#waiting.push(this.#open);
    this.#open = new OpenBlock();
  }

  #remember(block: RecentBlock): void {
    this.#recent.push(block);
    this.#recentBytes += block.bytes.length;
    while (this.#recentBytes > RECENT_BYTES_MAX && this.#recent.length > 1)
      this.#recentBytes -= this.#recent.shift()?.bytes.length ?? 0;
  }

  #fileToWrite(): QueueFile {
    const { bytes, samples } = this.#end;
    const last = this.#files.at(-1);
    const isOpen = last && !last.isClosed && last.start.bytes + last.bytes === bytes;
    if (isOpen && last.bytes < this.#fileBytesMax) return last;
    const name = `${digits(bytes)}-${digits(samples)}.queue`;
    const file = { name, start: this.#end, bytes: 0, writtenMs: null, isClosed: false, failures: 0 };
    this.#files.push(file);
    return file;
  }

  /** The one that holds the place, or the first behind it. */
  #fileOf({ bytes }: QueuePlace): QueueFile | undefined {
    return this.#files.find((file) => bytes < file.start.bytes + file.bytes);
  }

  /** The first sound block of the file at or behind the place. */
  async #blockFrom(file: QueueFile, fromBytes: number): Promise<QueuedBlock | null> {
    const bytes = await this.#load(file, fromBytes);
    if (bytes === null) return null;
    let offset = fromBytes - file.start.bytes;
    for (;;) {
      const header = headerAt(bytes, offset, true);
      if (header) {
        const end = offset + BLOCK_HEADER_BYTES + header.bodyBytes;
        const start = { bytes: file.start.bytes + offset, samples: header.samplesBefore };
        try {
          const ticks = await decodeBody(bytes.subarray(offset + BLOCK_HEADER_BYTES, end), header.samples);
          return {
            start,
            end: { bytes: file.start.bytes + end, samples: header.samplesBefore + header.samples },
            writtenMs: header.writtenMs,
            ticks,
          };
        } catch (error) {
          this.#lastError = messageOf(error);
        }
      }
      // Damaged: the next sound header, wherever it begins.
      offset += 1;
      while (offset < file.bytes && headerAt(bytes, offset, true) === null) offset += 1;
      if (offset >= file.bytes) return null;
    }
  }

  /** null: it could not be read for too long, and was set aside. */
  async #load(file: QueueFile, fromBytes: number): Promise<Buffer | null> {
    const held = this.#loaded;
    if (held?.file === file && held.bytes.length > fromBytes - file.start.bytes) return held.bytes;
    try {
      const bytes = (await this.#disk.read(join(this.#folder, file.name))).subarray(0, file.bytes);
      this.#loaded = { file, bytes };
      file.failures = 0;
      return bytes;
    } catch (error) {
      if (!TRANSIENT.has(codeOf(error))) file.failures += 1;
      const place = this.#files.indexOf(file);
      const next = this.#files[place + 1]?.start;
      // The newest is still written to.
      if (place < 0 || next === undefined || file.failures < READ_FAILURES_MAX) throw error;
      this.#files.splice(place, 1);
      await this.#putAside(file, next, messageOf(error));
      return null;
    }
  }

  async #dropOldest(): Promise<void> {
    let bytes = this.#files.reduce((sum, file) => sum + file.bytes, 0);
    while (bytes > this.#bytesMax && this.#files.length > 1) {
      const oldest = this.#files.shift() as QueueFile;
      bytes -= oldest.bytes;
      await this.#remove(oldest);
    }
  }

  /** Files that every reader is past; without a reader nothing is kept but the end. */
  async #dropRead(places: ReadonlyMap<string, QueuePlace>): Promise<void> {
    const keepFrom = Math.min(this.#end.bytes, ...[...places.values()].map(({ bytes }) => bytes));
    while (this.#files.length > 1) {
      const oldest = this.#files[0] as QueueFile;
      if (oldest.start.bytes + oldest.bytes > keepFrom) return;
      this.#files.shift();
      await this.#remove(oldest);
    }
  }

  async #remove(file: QueueFile): Promise<void> {
    while ((this.#recent[0]?.start.bytes ?? Infinity) < file.start.bytes + file.bytes)
      this.#recentBytes -= this.#recent.shift()?.bytes.length ?? 0;
    if (this.#loaded?.file === file) this.#loaded = null;
    await this.#disk.remove(join(this.#folder, file.name));
  }

  /** Length and end of a file as it lies there; what is torn at the end of the last one is cut. `next`: where the next file begins. */
  async #measure(file: QueueFile, next: QueuePlace | null): Promise<void> {
    const path = join(this.#folder, file.name);
    const bytes = await this.#disk.read(path);
    const isLast = next === null;
    let offset = 0;
    let soundEnd = 0;
    let { samples } = file.start;
    while (offset < bytes.length) {
      const header = headerAt(bytes, offset, isLast);
      if (!header) {
        offset += 1;
        continue;
      }
      offset += BLOCK_HEADER_BYTES + header.bodyBytes;
      soundEnd = offset;
      samples = header.samplesBefore + header.samples;
      file.writtenMs ??= header.writtenMs;
      this.#lastWrittenMs = header.writtenMs;
    }
    file.bytes = next === null ? soundEnd : Math.min(bytes.length, next.bytes - file.start.bytes);
    this.#end = { bytes: file.start.bytes + file.bytes, samples };
    if (isLast && soundEnd < bytes.length) await this.#cut(file);
  }

  async #cut(file: QueueFile): Promise<void> {
    try {
      await this.#disk.truncate(join(this.#folder, file.name), file.bytes);
    } catch (error) {
      if (file.bytes === 0) throw error;
      file.isClosed = true;
    }
  }

  /** A file that cannot be read must not keep the server from starting, nor be deleted: somebody may still save it. */
  async #putAside({ name, start }: QueueFile, end: QueuePlace, why: string): Promise<void> {
    const samples = Math.max(0, end.samples - start.samples);
    const atMs = this.#now();
    const bytes = await this.#disk.size(join(this.#folder, name)).catch(() => 0);
    // Nothing that is written from now on may bear its name.
    const behind = { bytes: start.bytes + Math.max(1, bytes), samples: start.samples };
    this.#end = [behind, end, this.#end].reduce(furtherOf);
    const aside = `${name}.set-aside-${samples}-samples`;
    try {
      await this.#disk.rename(join(this.#folder, name), join(this.#folder, aside));
      this.#setAside.push({ name: aside, samples, atMs, why });
    } catch (error) {
      this.#setAside.push({
        name,
        samples,
        atMs,
        why: `${why}; it could not be renamed: ${messageOf(error)}`,
      });
    }
  }

  /** How far the queue had come when they were kept. Where they cannot be read everybody begins with the oldest: twice is harmless, never is not. */
  async #readPlaces(names: readonly string[]): Promise<QueuePlace> {
    const none = { bytes: 0, samples: 0 };
    if (!names.includes(PLACES)) return none;
    const bytes = await this.#disk.read(join(this.#folder, PLACES)).catch(() => null);
    const parsed = Places.safeParse(bytes && parseJson(bytes));
    this.#wasClosed = parsed.success && parsed.data.closed;
    if (!parsed.success) return none;
    this.#kept = new Map(Object.entries(parsed.data.places));
    return [...this.#kept.values(), parsed.data.end ?? none].reduce(furtherOf);
  }

  async #writePlaces(places: ReadonlyMap<string, QueuePlace>, closed: boolean): Promise<void> {
    const text = JSON.stringify({ closed, places: Object.fromEntries(places), end: this.#end });
    await this.#disk.replace(join(this.#folder, PLACES), text);
    this.#kept = new Map(places);
  }
}

function fileNamed(name: string): QueueFile | null {
  const found = FILE_NAME.exec(name);
  if (!found) return null;
  const start = { bytes: Number(found[1]), samples: Number(found[2]) };
  return { name, start, bytes: 0, writtenMs: null, isClosed: false, failures: 0 };
}

function furtherOf(a: QueuePlace, b: QueuePlace): QueuePlace {
  return { bytes: Math.max(a.bytes, b.bytes), samples: Math.max(a.samples, b.samples) };
}

function samplesOf({ start, end }: RecentBlock): number {
  return end.samples - start.samples;
}

function digits(count: number): string {
  return String(count).padStart(16, '0');
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return null; // Torn: the same as none.
  }
}
