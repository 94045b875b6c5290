/**
 * Journal: append-only segment files, written and synced in groups, one group at a time. A position counts bytes from
 * the first segment on and never repeats; a segment is named after the position at which it starts.
 */
import path from 'node:path';
import type { Millis } from '@muster/shared/time.ts';
import type { Clock } from '../../clock.ts';
import { Durations } from '../../metrics/durations.ts';
import type { AppendFile, Files } from './files.ts';
import type { EngineLimits } from './limits.ts';
import { type JournalRecord, RecordBuffer } from './record.ts';

/** A record on its way to the disk, with what its owner needs to know about it. */
export interface JournalEntry {
  /** Where the record starts: set when it is durable. */
  position: number;
}

export interface Segment {
  readonly file: string;
  readonly start: number;
  /** Position behind its last record. */
  end: number;
}

export interface JournalOwner<Entry extends JournalEntry> {
  /** In the order of the appends; called once the entries are on the disk, before anything else is. */
  durable(entries: readonly Entry[], endPosition: number): void;
  /** None of these is or will be in the journal; all that was appended so far and is not durable is among them. */
  failed(entries: readonly Entry[], cause: unknown): void;
}

interface JournalOptions<Entry extends JournalEntry> {
  readonly files: Files;
  readonly folder: string;
  readonly clock: Clock;
  readonly limits: EngineLimits;
  /** Segments found at the start, in order; they are never written to again. */
  readonly segments: readonly Segment[];
  readonly nextPosition: number;
  readonly owner: JournalOwner<Entry>;
}

interface OpenSegment extends Segment {
  readonly handle: AppendFile;
  readonly openedMs: Millis;
}

export const SEGMENT_SUFFIX = '.journal';
const POSITION_DIGITS = 16;

function segmentName(start: number): string {
  return `${String(start).padStart(POSITION_DIGITS, '0')}${SEGMENT_SUFFIX}`;
}

export class Journal<Entry extends JournalEntry> {
  readonly #options: JournalOptions<Entry>;
  #closed: Segment[];
  #open: OpenSegment | undefined;
  #nextPosition: number;
  /** Behind the last record that is known to be on the disk. */
  #durableEnd: number;
  #queue: Entry[] = [];
  /** Records of the queue, behind the place of a sync mark. */
  #records = new RecordBuffer();
  /** The one that was written last, to be used again. */
  #spare = new RecordBuffer();
  #timer: NodeJS.Timeout | undefined;
  #lastGroupEntries = 0;
  readonly #startedMs: number;
  #commit: Promise<void> | undefined;
  /** The next group begins a segment. */
  #isRotating = false;
  readonly commits = new Durations();
  readonly syncs = new Durations();
  /** When each segment was begun, by the monotonic clock; those of an earlier process count from this one's start. */
  readonly #begunMs = new Map<string, number>();

  constructor(options: JournalOptions<Entry>) {
    this.#options = options;
    this.#closed = [...options.segments];
    this.#nextPosition = options.nextPosition;
    this.#durableEnd = options.segments.at(-1)?.end ?? options.nextPosition;
    this.#startedMs = options.clock.monotonicMs();
  }

  get segments(): readonly Segment[] {
    return this.#open === undefined ? this.#closed : [...this.#closed, this.#open];
  }

  get bytes(): number {
    return this.segments.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  /** Age of the oldest segment that holds something; null: none does. */
  get ageMs(): number | null {
    const oldest = this.segments.find(({ start, end }) => end > start);
    if (oldest === undefined) return null;
    return this.#options.clock.monotonicMs() - (this.#begunMs.get(oldest.file) ?? this.#startedMs);
  }

  /** The record is encoded before this returns: it may be changed afterwards. */
  append(record: JournalRecord, entry: Entry): void {
    if (this.#queue.length === 0) this.#beginGroup();
    entry.position = this.#records.add(record);
    this.#queue.push(entry);
    this.#schedule();
  }

  /** Resolves when all that was appended so far is durable or has failed, however much is appended meanwhile. */
  async sync(): Promise<void> {
    // The group under way, and the one that waits behind it.
    for (let groups = 0; groups < 2; groups++) {
      this.#start();
      await this.#commit;
    }
  }

  /** Closes the open segment, so that all segments so far stay as they are; a group under way is written first. */
  async rotate(): Promise<void> {
    this.#isRotating = true;
    await this.#commit;
    // A group that began meanwhile has closed it already.
    if (this.#isRotating) await this.#closeSegment();
  }

  /** Removes the closed segments that end at or before `position`. */
  async trim(position: number): Promise<void> {
    const { files, folder } = this.#options;
    const old = this.#closed.filter((segment) => segment.end <= position);
    if (old.length === 0) return;
    for (const segment of old) await files.remove(path.join(folder, segment.file));
    this.#closed = this.#closed.filter((segment) => segment.end > position);
    for (const { file } of old) this.#begunMs.delete(file);
    await files.syncFolder(folder);
  }

  async close(): Promise<void> {
    while (this.#commit !== undefined || this.#queue.length > 0) await this.sync();
    await this.#closeSegment();
  }

  /** Drops everything that is not durable, as a crash would; for tests. */
  async abandon(): Promise<void> {
    clearTimeout(this.#timer);
    this.#queue = [];
    await this.#commit;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#queue = [];
    await this.#open?.handle.close();
    this.#open = undefined;
  }

  #schedule(): void {
    const { groupBytesMax, groupCommitMs, groupCommitMsQuiet, quietGroupEntries } = this.#options.limits;
    if (this.#commit !== undefined) return;
    if (this.#records.length >= groupBytesMax) return this.#start();
    const waitMs = this.#lastGroupEntries < quietGroupEntries ? groupCommitMsQuiet : groupCommitMs;
    this.#timer ??= setTimeout(() => this.#start(), waitMs);
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#commit !== undefined || this.#queue.length === 0) return;
    const group = this.#queue;
    const records = this.#records;
    this.#lastGroupEntries = group.length;
    this.#queue = [];
    this.#records = this.#spare;
    this.#commit = this.#write(group, records).finally(() => {
      this.#spare = records;
      this.#commit = undefined;
      if (this.#queue.length > 0) this.#schedule();
    });
  }

  #beginGroup(): void {
    this.#records.clear();
    this.#records.add({ type: 'sync', position: 0 });
  }

  async #write(group: readonly Entry[], records: RecordBuffer): Promise<void> {
    const { clock, owner } = this.#options;
    const startedMs = clock.monotonicMs();
    let end: number;
    try {
      const segment = await this.#segment();
      records.replaceSync(0, this.#durableEnd);
      const { bytes } = records;
      await this.#writeWhole(segment, bytes);
      for (const entry of group) entry.position += segment.end;
      segment.end += bytes.length;
      end = segment.end;
      this.#nextPosition = segment.end;
      this.#durableEnd = segment.end;
      this.commits.add(clock.monotonicMs() - startedMs);
    } catch (cause) {
      const behind = this.#queue;
      this.#queue = [];
      owner.failed([...group, ...behind], cause);
      return;
    }
    owner.durable(group, end);
  }

  async #segment(): Promise<OpenSegment> {
    const { files, folder, clock, limits } = this.#options;
    const rotates = this.#isRotating;
    this.#isRotating = false;
    if (this.#open !== undefined) {
      const full = this.#open.end - this.#open.start >= limits.segmentBytesMax;
      if (!rotates && !full && clock.monotonicMs() - this.#open.openedMs < limits.segmentAgeMsMax)
        return this.#open;
      await this.#closeSegment();
    }
    const start = this.#nextPosition;
    const file = segmentName(start);
    const full = path.join(folder, file);
    // A crash or a failure below may have left an empty segment of this name; nothing durable is ever in it.
    this.#closed = this.#closed.filter((segment) => segment.file !== file);
    await files.remove(full);
    const handle = await files.create(full);
    try {
      await files.syncFolder(folder);
    } catch (error) {
      await handle.close();
      throw error;
    }
    this.#open = { file, start, end: start, handle, openedMs: clock.monotonicMs() };
    this.#begunMs.set(file, this.#open.openedMs);
    return this.#open;
  }

  async #writeWhole(segment: OpenSegment, bytes: Uint8Array): Promise<void> {
    const { clock } = this.#options;
    const at = segment.end - segment.start;
    let written = 0;
    try {
      while (written < bytes.length) {
        const count = await segment.handle.write(bytes.subarray(written), at + written);
        if (count === 0) throw new Error(`nothing written to ${segment.file}`);
        written += count;
      }
      const startedMs = clock.monotonicMs();
      await segment.handle.sync();
      this.syncs.add(clock.monotonicMs() - startedMs);
    } catch (error) {
      await this.#undo(segment, bytes.length, written === bytes.length);
      throw error;
    }
  }

  /**
   * Takes a failed group off its segment. After a failed sync nobody knows what the disk holds, so the segment is not
   * written to again, nor where it cannot be cut; the next position leaves room for what may have stayed there.
   */
  async #undo(segment: OpenSegment, byteCount: number, syncFailed: boolean): Promise<void> {
    const { handle } = segment;
    const uncut = await handle.truncate(segment.end - segment.start).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (uncut === undefined && !syncFailed) return;
    this.#nextPosition = segment.end + byteCount;
    await this.#closeSegment();
  }

  async #closeSegment(): Promise<void> {
    this.#isRotating = false;
    const segment = this.#open;
    if (segment === undefined) return;
    this.#open = undefined;
    this.#closed.push({ file: segment.file, start: segment.start, end: segment.end });
    await segment.handle.close();
  }
}
