/**
 * The durable outbox: everything the agent has to say, in one order, until the server has acknowledged it.
 * Beyond its limits the oldest goes, is counted and is reported. docs/WIRE.md, "Delivery".
 */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Sample } from '@muster/shared/metrics/catalogue.ts';
import type { Millis } from '@muster/shared/time.ts';
import { WireError } from '@muster/shared/wire/bytes.ts';
import { GOODBYE_REASONS, type GoodbyeReason } from '@muster/shared/wire/goodbye.ts';
import type { AgentEvent, EventsBody, InventoryBody } from '@muster/shared/wire/frame-bodies.ts';
import {
  FRAME_BYTES_MAX,
  INFLATED_BYTES_MAX,
  SERIES_PER_AGENT_MAX,
  SPOOL_BYTES_MAX,
  SPOOL_MS_MAX,
  TICKS_PER_FRAME_MAX,
} from '@muster/shared/wire/limits.ts';
import { LeftOut } from './left-out.ts';
import {
  type DropNote,
  type DropReason,
  type EntryType,
  SpoolFile,
  setSpoolFileAside,
  spoolFault,
  type StoredEntry,
} from './spool-file.ts';
import { allowedEvent, allowedSections, allowedTicks, type SwitchedOff } from './switched-off.ts';
import * as z from 'zod/mini';
import { $ZodError } from 'zod/v4/core';
import {
  decodeTicks,
  encodeTick,
  frameBytesBound,
  numberedTick,
  type NumberedTick,
  SeriesBook,
  type SpoolTick,
} from './spool-values.ts';

export interface SpoolLimits {
  /** Bodies and their rows; above it the oldest entries go. */
  readonly bytesMax: number;
  readonly ageMsMax: Millis;
  /** Entries kept in memory while the disk takes nothing. */
  readonly memoryBytesMax: number;
  /** The file itself, free pages and indices included. */
  readonly fileBytesMax: number;
}

export const SPOOL_LIMITS: SpoolLimits = {
  bytesMax: SPOOL_BYTES_MAX,
  ageMsMax: SPOOL_MS_MAX,
  memoryBytesMax: 4 << 20,
  fileBytesMax: SPOOL_BYTES_MAX + (16 << 20),
};

/** What an entry costs beyond its body: the row, its key, its share of the page. */
const ENTRY_BYTES_OVERHEAD = 40;
/** Names and values of one samples entry, so that its frame fits however many series must be declared; about 10,000 series. */
const ENTRY_FRAME_BYTES_MAX = FRAME_BYTES_MAX / 4;
/** Room for type and seq of a frame. */
const FRAME_HEAD_BYTES = 16;
/** The log of the file grows meanwhile by a few pages a tick. */
const SYNCS_SPARED_MAX = 20;
/** Series the book may hold before it is emptied at the next chance (no entry left). */
const BOOK_SERIES_MAX = SERIES_PER_AGENT_MAX;

export type SpoolEntry =
  | { readonly type: 'samples'; readonly seq: number; readonly ticks: readonly SpoolTick[] }
  | { readonly type: 'inventory' | 'events'; readonly seq: number; readonly body: Uint8Array };

export class SpoolBusyError extends Error {
  override readonly name = 'SpoolBusyError';
}

export interface SpoolOptions {
  /** ':memory:' for agents that live in a simulation. */
  readonly path: string;
  readonly nowMs: () => Millis;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly limits?: Partial<SpoolLimits>;
}

interface OpenEntry {
  readonly seq: number;
  readonly sinceMs: Millis;
  ticks: number;
  frameBytes: number;
  entry: StoredEntry;
}

export class Spool {
  readonly #options: SpoolOptions;
  readonly #limits: SpoolLimits;
  #file: SpoolFile;
  #book = new SeriesBook();
  #epoch = '';
  #lastSeq = 0;
  #removedSeq = 0;
  #runFirstSeq = 1;
  #dropped = 0;
  #goodbye: string | null = null;
  #previousGoodbye: GoodbyeReason | null = null;
  readonly #notes = new Map<DropReason, DropNote>();
  readonly #leftOut = new LeftOut();
  #open: OpenEntry | null = null;
  /** The newest entry as it was before it was written, for whoever sends it at once. */
  #newest: { readonly seq: number; readonly tick: NumberedTick } | null = null;
  /** Not yet in the file, ascending; normally empty between two calls. */
  #unsaved: StoredEntry[] = [];
  #seriesSaved = 0;
  #unsavedState = false;
  #unsavedNotes = false;
  #unsavedLeftOut = false;
  #unsavedRemoval = false;
  #entries = 0;
  #usedBytes = 0;
  #syncsSpared = 0;
  #fault: string | null = null;

  /** @throws SpoolBusyError when another agent has the file. */
  constructor(options: SpoolOptions) {
    this.#options = options;
    this.#limits = { ...SPOOL_LIMITS, ...options.limits };
    this.#file = this.#openFile();
    this.#load();
  }

  get epoch(): string {
    return this.#epoch;
  }

  /** Highest seq given out in this epoch; 0 = none. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Oldest seq still here; `lastSeq + 1` when nothing is. */
  get firstSeq(): number {
    return Math.min(this.#firstStored() ?? this.#lastSeq + 1, this.#lastSeq + 1);
  }

  /** First seq that was or will be written since this process opened the spool. */
  get runFirstSeq(): number {
    return this.#runFirstSeq;
  }

  /** Entries not yet acknowledged. */
  get depth(): number {
    return this.#entries;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Entries dropped since the file was made. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Why the disk takes nothing at present; null when it does. */
  get fault(): string | null {
    return this.#fault;
  }

  /** How the run before this one ended; null when it left no word. */
  get previousGoodbye(): GoodbyeReason | null {
    return this.#previousGoodbye;
  }

  /** Since when the newest entry is held back for more ticks; null when none is. */
  get heldSinceMs(): Millis | null {
    return this.#open?.sinceMs ?? null;
  }

  /** `hold`: the entry stays open for the next tick until `release`, another entry, or its limit. It is on disk all the same. */
  appendTick(atMs: Millis, samples: readonly Sample[], hold = false): void {
    const tick = numberedTick(atMs, this.#book.seriesOf(samples), samples);
    if (frameBytesBound(tick.series) <= ENTRY_FRAME_BYTES_MAX) this.#appendTickPart(tick, hold);
    else this.#appendTickInParts(tick);
    this.#save();
    this.#dropBeyondSize();
  }

  /** false: it does not fit into a frame; the caller sends fewer sections at a time. */
  appendInventory(body: InventoryBody): boolean {
    return this.#appendJson('inventory', body.atMs, body);
  }

  /** false: it does not fit into a frame. */
  appendEvents(events: readonly AgentEvent[], atMs: Millis): boolean {
    return this.#appendJson('events', atMs, { events: [...events] } satisfies EventsBody);
  }

  /** Puts one `dropped` event per reason into the order, if anything was dropped since the last time. */
  reportDropped(atMs: Millis): void {
    if (this.#notes.size === 0) return;
    const events = [...this.#notes.values()].map(
      (note): AgentEvent => ({
        type: 'dropped',
        atMs,
        frames: note.frames,
        fromMs: note.fromMs,
        toMs: note.toMs,
        why: note.why,
      }),
    );
    this.#notes.clear();
    this.#unsavedNotes = true;
    this.appendEvents(events, atMs);
  }

  /** Lets the held entry go. */
  release(): void {
    this.#open = null;
  }

  /** Nothing of this that has been written so far leaves any more, also after a restart, and when it is on again. */
  leaveOut(off: SwitchedOff): void {
    if (this.#entries === 0 || !this.#leftOut.add(off, this.#lastSeq)) return;
    this.#newest = null;
    this.release();
    this.#unsavedLeftOut = true;
    this.#save();
  }

  /** First entry after `seq` that is not held; null when there is none. A damaged entry is dropped and counted. */
  next(seq: number): SpoolEntry | null {
    const newest = this.#newest;
    if (newest !== null && newest.seq === Math.max(seq, this.#removedSeq) + 1)
      return { type: 'samples', seq: newest.seq, ticks: [newest.tick] };
    for (;;) {
      const stored = this.#nextStored(Math.max(seq, this.#removedSeq));
      if (!stored || stored.seq === this.#open?.seq) return null;
      try {
        return this.#decode(stored);
      } catch (error) {
        if (!isDamage(error)) throw error;
        this.#note('spool-corrupt', 1, stored.atMs, stored.atMs);
        this.#unsaved = this.#unsaved.filter((entry) => entry.seq !== stored.seq);
        seq = stored.seq;
      }
    }
  }

  /** The server takes this entry in no form: it is dropped and counted, so that the rest can follow. */
  dropRefused(seq: number): void {
    const stored = this.#nextStored(seq - 1);
    if (stored?.seq !== seq || seq !== this.firstSeq) return;
    this.#removeUpTo(seq);
    this.#note('spool-corrupt', 1, stored.atMs, stored.atMs);
    this.#save();
  }

  /**
   * Everything up to `seq` is durable at the server and leaves the spool; the file with whatever is written next, or after ten minutes.
   * What a killed agent finds there again, the server says that it has.
   */
  acknowledge(seq: number): void {
    if (seq <= this.#removedSeq) return;
    if (this.#open && this.#open.seq <= seq) this.#open = null;
    this.#removeUpTo(Math.min(seq, this.#lastSeq));
  }

  /**
   * New epoch, seq from 1. Entries from `carryFromSeq` on are kept and numbered anew, all others count as
   * acknowledged; null carries nothing.
   */
  startEpoch(carryFromSeq: number | null): void {
    this.#open = null;
    this.#newest = null;
    const offset = Math.min(carryFromSeq === null ? this.#lastSeq : carryFromSeq - 1, this.#lastSeq);
    this.#removeUpTo(offset);
    this.#save();
    try {
      this.#file.transaction(() => {
        this.#file.removeUpTo(offset);
        if (offset > 0) this.#file.renumber(offset);
        this.#renumber(offset);
        this.#file.setState(this.#state());
        this.#file.setLeftOut(this.#leftOut.marks);
      });
    } catch (error) {
      if (!spoolFault(error)) throw error;
      this.#replaceFile(error, 'disk-full');
    }
  }

  /** The wall clock was set by `deltaMs`: what this run wrote before is told in the new time. */
  shiftTimes(deltaMs: Millis): void {
    this.#newest = null;
    this.#unsaved = this.#unsaved.map((entry) => shiftedEntry(entry, deltaMs));
    if (this.#open) this.#open.entry = shiftedEntry(this.#open.entry, deltaMs);
    this.#guard(() => this.#file.shiftTimes(this.#runFirstSeq, deltaMs));
  }

  /** Remembered for the `started` event of the next run. */
  setGoodbye(reason: GoodbyeReason): void {
    this.#goodbye = reason;
    this.#unsavedState = true;
    this.#save();
  }

  /**
   * To be called every half minute: what waits outlives a loss of power from here on; what is too old goes. Where nothing waits, the disk is
   * spared, ten minutes long.
   */
  sync(): void {
    const isFull = this.#book.size > BOOK_SERIES_MAX;
    const maySpare = this.#entries === 0 && !isFull && this.#fault === null && !this.#file.shrinks;
    if (maySpare && ++this.#syncsSpared < SYNCS_SPARED_MAX) return;
    this.#syncsSpared = 0;
    if (this.#unsavedRemoval) this.#save();
    this.#dropBeyondAge();
    this.#save();
    if (this.#entries === 0 && isFull) this.#emptyBook();
    this.#guard(() => this.#file.sync());
  }

  close(): void {
    this.#save();
    this.#file.close();
  }

  #appendTickPart(tick: NumberedTick, hold: boolean): void {
    const { atMs } = tick;
    const body = encodeTick(tick);
    const frameBytes = frameBytesBound(tick.series);
    const open = this.#open;
    if (open && open.ticks < TICKS_PER_FRAME_MAX && open.frameBytes + frameBytes <= ENTRY_FRAME_BYTES_MAX) {
      open.ticks++;
      open.frameBytes += frameBytes;
      // A shift of the entry holds for all its ticks, so the new one is stored as if it had been written before the shift.
      const stored =
        open.entry.shiftMs === 0 ? body : encodeTick({ ...tick, atMs: atMs - open.entry.shiftMs });
      open.entry = { ...open.entry, body: Buffer.concat([open.entry.body, stored]) };
      this.#replaceUnsaved(open.entry);
      this.#usedBytes += stored.length;
    } else {
      const entry = this.#append('samples', atMs, body);
      if (hold) this.#open = { seq: entry.seq, sinceMs: atMs, ticks: 1, frameBytes, entry };
      else this.#newest = { seq: entry.seq, tick };
    }
    if (!hold) this.#open = null;
  }

  #appendTickInParts({ atMs, series, values }: NumberedTick): void {
    this.#open = null;
    let from = 0;
    let bytes = 0;
    for (let i = 0; i <= series.length; i++) {
      const cost = i < series.length ? frameBytesBound(series.slice(i, i + 1)) : ENTRY_FRAME_BYTES_MAX;
      if (bytes + cost > ENTRY_FRAME_BYTES_MAX && i > from) {
        const part = { atMs, series: series.slice(from, i), values: values.slice(from, i) };
        this.#append('samples', atMs, encodeTick(part));
        from = i;
        bytes = 0;
      }
      bytes += cost;
    }
  }

  #appendJson(type: 'inventory' | 'events', atMs: Millis, body: InventoryBody | EventsBody): boolean {
    const json = Buffer.from(JSON.stringify(body));
    const packed = zstdCompressSync(json);
    if (json.length > INFLATED_BYTES_MAX || packed.length > FRAME_BYTES_MAX - FRAME_HEAD_BYTES) return false;
    this.#append(type, atMs, packed);
    this.#save();
    this.#dropBeyondSize();
    return true;
  }

  #append(type: EntryType, atMs: Millis, body: Uint8Array): StoredEntry {
    this.#open = null;
    this.#newest = null;
    const entry: StoredEntry = { seq: ++this.#lastSeq, type, atMs, shiftMs: 0, body };
    this.#unsaved.push(entry);
    this.#entries++;
    this.#usedBytes += costOf(body.length);
    return entry;
  }

  #replaceUnsaved(entry: StoredEntry): void {
    const last = this.#unsaved.at(-1);
    if (last?.seq === entry.seq) this.#unsaved[this.#unsaved.length - 1] = entry;
    else this.#unsaved.push(entry);
  }

  #nextStored(seq: number): StoredEntry | null {
    const waiting = this.#unsaved.find((entry) => entry.seq > seq) ?? null;
    const saved = this.#guard(() => this.#file.next(seq)) ?? null;
    if (!saved || (waiting && waiting.seq <= saved.seq)) return waiting;
    return saved;
  }

  #firstStored(): number | null {
    return this.#nextStored(this.#removedSeq)?.seq ?? null;
  }

  #decode(stored: StoredEntry): SpoolEntry {
    const { type, seq } = stored;
    const off = this.#leftOut.of(seq);
    if (type === 'samples') {
      const ticks = decodeTicks(stored.body, this.#book, stored.shiftMs);
      return { type, seq, ticks: off === null ? ticks : allowedTicks(ticks, off) };
    }
    const isAsStored = stored.shiftMs === 0 && off === null;
    return { type, seq, body: isAsStored ? stored.body : changedBody(stored, off ?? NOTHING_OFF) };
  }

  /** Takes entries out of every figure and list; the file follows with the next `#save`. */
  #removeUpTo(seq: number): void {
    if (seq <= this.#removedSeq) return;
    const waiting = this.#unsaved.filter((entry) => entry.seq <= seq);
    if (seq >= this.#lastSeq) {
      this.#entries = 0;
      this.#usedBytes = 0;
    } else {
      const saved = this.#guard(() => this.#file.figures(this.#removedSeq, seq)) ?? { entries: 0, bytes: 0 };
      this.#entries -= saved.entries + waiting.length;
      this.#usedBytes -= saved.bytes + ENTRY_BYTES_OVERHEAD * saved.entries;
      for (const entry of waiting) this.#usedBytes -= costOf(entry.body.length);
    }
    if (waiting.length > 0) this.#unsaved = this.#unsaved.filter((entry) => entry.seq > seq);
    this.#removedSeq = seq;
    this.#unsavedState = true;
    this.#unsavedRemoval = true;
    if (this.#leftOut.forget(seq)) this.#unsavedLeftOut = true;
  }

  #dropBeyondSize(): void {
    while (this.#usedBytes > this.#limits.bytesMax && this.#entries > 1) {
      if (!this.#dropOldest('spool-full', () => this.#usedBytes > this.#limits.bytesMax)) return;
    }
  }

  #dropBeyondAge(): void {
    const oldestMs = this.#options.nowMs() - this.#limits.ageMsMax;
    for (;;) {
      if (!this.#dropOldest('spool-age', (atMs) => atMs < oldestMs)) return;
    }
  }

  /** Drops up to a handful of the oldest saved entries while `more` says so; false when nothing was dropped. */
  #dropOldest(why: DropReason, more: (atMs: Millis) => boolean): boolean {
    let any = false;
    for (const { seq, atMs } of this.#guard(() => this.#file.oldest(64)) ?? []) {
      if (seq <= this.#removedSeq) continue;
      if (!more(atMs)) break;
      any = true;
      this.#removeUpTo(seq);
      this.#note(why, 1, atMs, atMs);
      if (this.#open && this.#open.seq <= seq) this.#open = null;
    }
    if (any) this.#save();
    return any;
  }

  #note(why: DropReason, frames: number, fromMs: Millis, toMs: Millis): void {
    const note = this.#notes.get(why);
    this.#notes.set(why, {
      why,
      frames: (note?.frames ?? 0) + frames,
      fromMs: Math.min(note?.fromMs ?? fromMs, fromMs),
      toMs: Math.max(note?.toMs ?? toMs, toMs),
    });
    this.#dropped += frames;
    this.#unsavedNotes = true;
    this.#unsavedState = true;
  }

  /** Brings the file up to date in one transaction. What a full disk does not take stays in memory, up to a limit. */
  #save(): void {
    const done = this.#guard(() => {
      this.#file.transaction(() => {
        if (this.#unsavedRemoval) this.#file.removeUpTo(this.#removedSeq);
        for (let id = this.#seriesSaved; id < this.#book.size; id++)
          this.#file.addSeries(this.#book.byId(id));
        for (const entry of this.#unsaved) this.#file.put(entry);
        if (this.#unsavedState) this.#file.setState(this.#state());
        if (this.#unsavedNotes) this.#file.setNotes(this.#notes.values());
        if (this.#unsavedLeftOut) this.#file.setLeftOut(this.#leftOut.marks);
      });
      return true;
    });
    if (!done) {
      this.#boundMemory();
      return;
    }
    this.#fault = null;
    this.#unsavedRemoval = false;
    this.#seriesSaved = this.#book.size;
    this.#unsavedState = false;
    this.#unsavedNotes = false;
    this.#unsavedLeftOut = false;
    if (this.#unsaved.length > 0) this.#unsaved = [];
  }

  #boundMemory(): void {
    let bytes = this.#unsaved.reduce((sum, entry) => sum + costOf(entry.body.length), 0);
    while (bytes > this.#limits.memoryBytesMax && this.#unsaved.length > 1) {
      const entry = this.#unsaved.shift() as StoredEntry;
      bytes -= costOf(entry.body.length);
      this.#entries--;
      this.#usedBytes -= costOf(entry.body.length);
      this.#note('disk-full', 1, entry.atMs, entry.atMs);
    }
  }

  /** Runs a step on the file; undefined when the disk is full or the file had to be replaced. */
  #guard<T>(step: () => T): T | undefined {
    try {
      return step();
    } catch (error) {
      const fault = spoolFault(error);
      if (!fault) throw error;
      this.#fault = messageOf(error);
      if (fault === 'broken') this.#replaceFile(error, 'spool-corrupt');
      return undefined;
    }
  }

  #state(): { epoch: string; removedSeq: number; dropped: number; goodbye: string | null } {
    return {
      epoch: this.#epoch,
      removedSeq: this.#removedSeq,
      dropped: this.#dropped,
      goodbye: this.#goodbye,
    };
  }

  #openFile(): SpoolFile {
    const { path } = this.#options;
    const options = { fileBytesMax: this.#limits.fileBytesMax, epoch: () => this.#newEpochName() };
    try {
      return new SpoolFile(path, options);
    } catch (error) {
      const fault = spoolFault(error);
      if (fault === 'busy') throw new SpoolBusyError(`another agent is using ${path}`, { cause: error });
      if (!fault) throw error;
      this.#fault = messageOf(error);
      if (fault === 'full')
        return new SpoolFile(':memory:', { ...options, fileBytesMax: this.#limits.memoryBytesMax });
      const nowMs = this.#options.nowMs();
      this.#note('spool-corrupt', 1, Math.min(setSpoolFileAside(path) ?? nowMs, nowMs), nowMs);
      return new SpoolFile(path, options);
    }
  }

  #load(): void {
    const state = this.#file.state();
    const figures = this.#file.figures(0, Number.MAX_SAFE_INTEGER);
    this.#epoch = state.epoch;
    this.#removedSeq = state.removedSeq;
    this.#dropped += state.dropped;
    this.#previousGoodbye = GOODBYE_REASONS.find((one) => one === state.goodbye) ?? null;
    this.#lastSeq = Math.max(state.removedSeq, figures.lastSeq ?? 0);
    this.#runFirstSeq = this.#lastSeq + 1;
    this.#entries = figures.entries;
    this.#usedBytes = figures.bytes + ENTRY_BYTES_OVERHEAD * figures.entries;
    for (const series of this.#file.series()) this.#book.restore(series);
    this.#seriesSaved = this.#book.size;
    for (const note of this.#file.notes()) this.#notes.set(note.why, note);
    this.#leftOut.restore(this.#file.leftOut());
    this.#unsavedState = true;
    this.#save();
  }

  /** A damaged file is set aside: what was in it is counted as lost, what is only in memory goes on in a new epoch. */
  #replaceFile(error: unknown, why: DropReason): void {
    const nowMs = this.#options.nowMs();
    const lost = Math.max(1, this.#entries - this.#unsaved.length);
    this.#fault = messageOf(error);
    try {
      this.#file.close();
    } catch (closing) {
      this.#fault += `; ${messageOf(closing)}`;
    }
    const { path } = this.#options;
    const writtenAtMs = path === ':memory:' ? null : setSpoolFileAside(path);
    this.#note(why, lost, Math.min(writtenAtMs ?? nowMs, nowMs), nowMs);
    const first = this.#unsaved[0]?.seq ?? this.#lastSeq + 1;
    this.#file = this.#openFile();
    this.#renumber(first - 1);
    this.#open = null;
    this.#seriesSaved = 0;
    this.#entries = this.#unsaved.length;
    this.#usedBytes = this.#unsaved.reduce((sum, entry) => sum + costOf(entry.body.length), 0);
    this.#save();
  }

  #renumber(offset: number): void {
    this.#newest = null;
    this.#epoch = this.#newEpochName();
    this.#unsaved = this.#unsaved
      .filter((entry) => entry.seq > offset)
      .map((entry) => ({ ...entry, seq: entry.seq - offset }));
    this.#lastSeq = Math.max(0, this.#lastSeq - offset);
    this.#removedSeq = 0;
    this.#runFirstSeq = Math.max(1, this.#runFirstSeq - offset);
    this.#leftOut.renumber(offset);
    this.#unsavedLeftOut = true;
    this.#unsavedState = true;
    this.#unsavedRemoval = false;
  }

  #emptyBook(): void {
    this.#guard(() => this.#file.clearSeries());
    this.#book = new SeriesBook();
    this.#seriesSaved = 0;
  }

  #newEpochName(): string {
    return Buffer.from(this.#options.randomBytes(8)).toString('hex');
  }
}

function costOf(bodyBytes: number): number {
  return bodyBytes + ENTRY_BYTES_OVERHEAD;
}

function isDamage(error: unknown): boolean {
  if (error instanceof WireError || error instanceof SyntaxError || error instanceof $ZodError) return true;
  const code = error instanceof Error ? (error as { code?: unknown }).code : null;
  return typeof code === 'string' && (code.startsWith('ZSTD_') || code === 'ERR_BUFFER_TOO_LARGE');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function shiftedEntry(entry: StoredEntry, deltaMs: Millis): StoredEntry {
  return { ...entry, atMs: entry.atMs + deltaMs, shiftMs: entry.shiftMs + deltaMs };
}

/** Names of the fields of `Event` that are times. */
type TimeName<Event> = Event extends unknown ? Extract<keyof Event, `${string}Ms`> : never;
const time = z.int();
/** Of what this agent wrote itself only the times are read; the whole is for the server to judge. */
const StoredInventory = z.looseObject({ atMs: time });
const StoredEvents = z.object({
  events: z.array(
    z.looseObject({
      atMs: time,
      bootedAtMs: z.optional(time),
      fromMs: z.optional(time),
      toMs: z.optional(time),
      timesMs: z.optional(z.array(time)),
    } satisfies Record<TimeName<AgentEvent>, z.core.SomeType>),
  ),
});

const NOTHING_OFF: SwitchedOff = { collectorsOff: [] };

/** The same body with every time of our own clock moved, and without what is off. */
function changedBody({ type, body, shiftMs }: StoredEntry, off: SwitchedOff): Uint8Array {
  const moved = (atMs: Millis) => Math.max(0, atMs + shiftMs);
  const data: unknown = JSON.parse(
    zstdDecompressSync(body, { maxOutputLength: INFLATED_BYTES_MAX }).toString(),
  );
  if (type === 'inventory') {
    const inventory = StoredInventory.parse(data);
    return packed({ ...allowedSections(inventory as InventoryBody, off), atMs: moved(inventory.atMs) });
  }
  const { events } = StoredEvents.parse(data);
  for (const event of events) {
    for (const name of ['atMs', 'bootedAtMs', 'fromMs', 'toMs'] as const) {
      const atMs = event[name];
      if (atMs !== undefined) event[name] = moved(atMs);
    }
    if (event.timesMs !== undefined) event.timesMs = event.timesMs.map(moved);
  }
  // Its own writing, of which only the times were read.
  return packed({ events: events.map((event) => allowedEvent(event as AgentEvent, off)) });
}

function packed(body: object): Uint8Array {
  return zstdCompressSync(Buffer.from(JSON.stringify(body)));
}
