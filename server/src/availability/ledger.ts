/**
 * The availability of all machines, day by day, worked out once: days that are over are kept, and only what a
 * correction of the record or of a machine touches is worked out again. Reads in pieces, so that others get their turn.
 */
import { isInService } from '@muster/shared/cmdb/lifecycle.ts';
import { isGone } from '@muster/shared/presence/state.ts';
import type { Millis } from '@muster/shared/time.ts';
import { DAY_MS, SECOND_MS } from '@muster/shared/time.ts';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import { expectedSpans } from './expectation.ts';
import type { Agreed } from './agreed.ts';
import type { Hours } from './hours.ts';
import { slices } from './slices.ts';
import type { Slice, SliceInput } from './slices.ts';
import { marksWithin } from './marks.ts';
import { union } from './spans.ts';
import type { Span } from './spans.ts';
import type { AvailabilityStore, BareRecord, PresenceChange } from './store.ts';

/** Days kept in memory: the longest period of 800 days and more, as far as their tables fit; a day of 5,000 machines is 220 kB. */
const CELLS_HELD_MAX = 1_000;
const TABLE_BYTES_MAX = 192 * 2 ** 20;
/** A day that is not over is as it was this long ago at the most. */
export const OPEN_CELL_KEPT_MS = 15 * SECOND_MS;
/** A change of a maintenance window reaches no further back. */
const PLANNED_LATE_MS_MAX = 2 * DAY_MS;
/** Machines read at a time; between two such pieces others have their turn. */
export const MACHINES_PER_PIECE = 50;
/** Intervals of a month of office days come in pieces of this many days. */
const DAYS_PER_PIECE_MAX = 31;

export interface LedgerDeps {
  readonly store: Pick<AvailabilityStore, 'bareIntervals'>;
  readonly directory: CiDirectory;
  readonly agreed: Agreed;
  /** Gives way to other work. */
  readonly pause: () => Promise<void>;
}

/** The slices of one machine over a list of cells; fresh with each reading. */
export interface Reading {
  readonly cells: readonly Span[];
  /** The slice of a machine in the cell of this index. */
  slice(ciId: string, index: number): Slice;
}

export interface Ledger {
  /** `cells`: ascending and without a hole, none after now. Readings run one after another. */
  read(cells: readonly Span[], nowMs: Millis): Promise<Reading>;
  /** After changes of the record are durable. */
  changed(changes: readonly PresenceChange[]): void;
}

export function createLedger(deps: LedgerDeps): Ledger {
  return new DayLedger(deps);
}

/** What a slice takes in a table: eight times and counts, two ends, flags. */
const STRIDE = 11;
const FLAGS_AT = STRIDE - 1;
const FILLED = 8;
/** Growth of a table in machines. */
const BLOCK_MACHINES = 256;

class DayLedger implements Ledger {
  readonly #deps: LedgerDeps;
  /** By the cell's borders, the least recently used first. */
  readonly #tables = new Map<string, Table>();
  readonly #numbers = new Map<string, number>();
  /** What of a machine the figures depend on, as last seen. */
  readonly #looks = new Map<string, string>();
  /** The hours its figures were worked out with. */
  readonly #hours = new Map<string, Hours>();
  readonly #touched = new Set<string>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: LedgerDeps) {
    this.#deps = deps;
    deps.directory.onChange((entry) => this.#entryChanged(entry));
    const { expectations, planned, marks } = deps.agreed;
    expectations.onChange(() => {
      for (const [ciId, hours] of this.#hours) {
        const entry = deps.directory.get(ciId);
        if (entry && expectations.of(entry).hours !== hours) this.#forget(ciId, -Infinity);
      }
    });
    // A window is set beforehand, so days that were over before the change stay as they are.
    planned.onChange((nowMs) => {
      for (const table of this.#tables.values())
        if (table.cell.toMs > nowMs - PLANNED_LATE_MS_MAX) table.clear(table.asOfMs);
      for (const ciId of this.#numbers.keys()) this.#touched.add(ciId);
    });
    marks.onChange((ciId) => this.#forget(ciId, -Infinity));
  }

  read(cells: readonly Span[], nowMs: Millis): Promise<Reading> {
    const turn = this.#turn.then(() => this.#read(cells, nowMs));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  changed(changes: readonly PresenceChange[]): void {
    for (const { ciId, intervals } of changes) {
      const fromMs = intervals[0]?.fromMs;
      if (fromMs !== undefined) this.#forget(ciId, fromMs);
    }
  }

  #entryChanged(entry: CiEntry): void {
    const look = lookOf(entry);
    if (this.#looks.get(entry.id) === look) return;
    this.#looks.set(entry.id, look);
    this.#forget(entry.id, -Infinity);
  }

  #forget(ciId: string, fromMs: Millis): void {
    this.#touched.add(ciId);
    const number = this.#numbers.get(ciId);
    if (number === undefined) return;
    for (const table of this.#tables.values()) if (table.cell.toMs > fromMs) table.forget(number);
  }

  async #read(cells: readonly Span[], nowMs: Millis): Promise<Reading> {
    const tables = cells.map((cell) => this.#table(cell, nowMs));
    const missing: Missing[] = [];
    for (const entry of this.#deps.directory.all()) {
      if (!this.#looks.has(entry.id)) this.#looks.set(entry.id, lookOf(entry));
      const number = this.#number(entry.id);
      const first = tables.findIndex((table) => !table.has(number));
      if (first >= 0)
        missing.push({ entry, number, first, last: tables.findLastIndex((t) => !t.has(number)) });
    }
    for (let i = 0; i < missing.length; i += MACHINES_PER_PIECE) {
      await this.#fill(missing.slice(i, i + MACHINES_PER_PIECE), tables);
    }
    this.#trim();
    return {
      cells,
      slice: (ciId, index) => {
        const number = this.#numbers.get(ciId);
        const table = tables[index];
        return number === undefined || table === undefined ? NOTHING : table.get(number);
      },
    };
  }

  async #fill(machines: readonly Missing[], tables: readonly Table[]): Promise<void> {
    const first = Math.min(...machines.map((one) => one.first));
    const last = Math.max(...machines.map((one) => one.last));
    for (let from = first; from <= last; from += DAYS_PER_PIECE_MAX) {
      const part = tables.slice(from, Math.min(last + 1, from + DAYS_PER_PIECE_MAX));
      await this.#fillPart(machines, part);
      await this.#deps.pause();
    }
  }

  async #fillPart(machines: readonly Missing[], tables: readonly Table[]): Promise<void> {
    const cells = tables.map(({ cell, asOfMs }) => ({
      fromMs: cell.fromMs,
      toMs: Math.min(cell.toMs, asOfMs),
    }));
    const fromMs = cells[0]?.fromMs ?? 0;
    const toMs = cells.at(-1)?.toMs ?? 0;
    this.#touched.clear();
    const ids = machines.map(({ entry }) => entry.id);
    const records = await this.#deps.store.bareIntervals(ids, fromMs, toMs);
    for (const { entry, number } of machines) {
      const { agreed } = this.#deps;
      this.#hours.set(entry.id, agreed.expectations.of(entry).hours);
      const made = slices(sliceInput(entry, agreed, records.get(entry.id) ?? [], cells));
      // What changed while it was read is worked out again next time.
      const settled = !this.#touched.has(entry.id);
      for (const [i, slice] of made.entries()) tables[i]?.set(number, slice, settled);
    }
  }

  #table(cell: Span, nowMs: Millis): Table {
    const key = `${cell.fromMs}-${cell.toMs}`;
    const held = this.#tables.get(key) ?? new Table(cell);
    if (held.asOfMs < cell.toMs && Math.abs(nowMs - held.asOfMs) > OPEN_CELL_KEPT_MS) held.clear(nowMs);
    this.#tables.delete(key);
    this.#tables.set(key, held);
    return held;
  }

  /** After a reading, so that one longer than what is held loses only its first days. */
  #trim(): void {
    let bytes = this.#tables.values().reduce((sum, table) => sum + table.bytes, 0);
    for (const [oldest, table] of this.#tables) {
      if (this.#tables.size <= CELLS_HELD_MAX && bytes <= TABLE_BYTES_MAX) break;
      this.#tables.delete(oldest);
      bytes -= table.bytes;
    }
  }

  #number(ciId: string): number {
    const held = this.#numbers.get(ciId);
    if (held !== undefined) return held;
    const number = this.#numbers.size;
    this.#numbers.set(ciId, number);
    return number;
  }
}

interface Missing {
  readonly entry: CiEntry;
  readonly number: number;
  /** Indices of the cells that are missing. */
  readonly first: number;
  readonly last: number;
}

/** Everything of a machine that its figures depend on beside its record. */
function lookOf({ class: ciClass, tags, lifecycle, timeZone, createdAtMs }: CiEntry): string {
  return JSON.stringify([ciClass, tags, lifecycle, timeZone, createdAtMs]);
}

export function sliceInput(
  entry: CiEntry,
  { expectations, planned, marks }: Agreed,
  intervals: BareRecord,
  cells: readonly Span[],
): SliceInput {
  const fromMs = cells[0]?.fromMs ?? 0;
  const toMs = cells.at(-1)?.toMs ?? 0;
  const expectation = expectations.of(entry);
  return {
    cells,
    intervals,
    expected: expectedSpans(expectation, entry.timeZone, fromMs, toMs),
    roaming: expectation.roaming,
    windows: union(planned.spans(entry.id, fromMs, toMs)),
    marks: marksWithin(marks.of(entry.id), fromMs, toMs),
    beginMs: entry.createdAtMs,
    inService: isInService(entry.lifecycle),
    retired: isGone(entry.lifecycle),
  };
}

const NOTHING: Slice = {
  agreedMs: 0,
  downMs: 0,
  unknownMs: 0,
  plannedMs: 0,
  excludedMs: 0,
  markedMs: 0,
  outages: 0,
  longestMs: 0,
  headMs: 0,
  tailMs: 0,
  startsDown: false,
  endsDown: false,
  allDown: false,
};

/** One cell of all machines, by their numbers. Times fit: a day has fewer than 2^32 ms. */
class Table {
  readonly cell: Span;
  /** The time as of which it was worked out; equal for all machines of the cell. */
  asOfMs: Millis = -Infinity;
  #numbers = new Uint32Array(0);

  constructor(cell: Span) {
    this.cell = cell;
  }

  get bytes(): number {
    return this.#numbers.byteLength;
  }

  has(number: number): boolean {
    return ((this.#numbers[number * STRIDE + FLAGS_AT] ?? 0) & FILLED) !== 0;
  }

  get(number: number): Slice {
    const at = number * STRIDE;
    if (at >= this.#numbers.length) return NOTHING;
    const value = (index: number): number => this.#numbers[at + index] as number;
    const flags = value(FLAGS_AT);
    return {
      agreedMs: value(0),
      downMs: value(1),
      unknownMs: value(2),
      plannedMs: value(3),
      outages: value(4),
      longestMs: value(5),
      headMs: value(6),
      tailMs: value(7),
      excludedMs: value(8),
      markedMs: value(9),
      startsDown: (flags & 1) !== 0,
      endsDown: (flags & 2) !== 0,
      allDown: (flags & 4) !== 0,
    };
  }

  set(number: number, slice: Slice, settled: boolean): void {
    this.#reserve(number + 1);
    const flags =
      (slice.startsDown ? 1 : 0) |
      (slice.endsDown ? 2 : 0) |
      (slice.allDown ? 4 : 0) |
      (settled ? FILLED : 0);
    this.#numbers.set(
      [
        slice.agreedMs,
        slice.downMs,
        slice.unknownMs,
        slice.plannedMs,
        slice.outages,
        slice.longestMs,
        slice.headMs,
        slice.tailMs,
        slice.excludedMs,
        slice.markedMs,
        flags,
      ],
      number * STRIDE,
    );
  }

  forget(number: number): void {
    const at = number * STRIDE + FLAGS_AT;
    if (at < this.#numbers.length) this.#numbers[at] = (this.#numbers[at] as number) & ~FILLED;
  }

  clear(nowMs: Millis): void {
    this.asOfMs = nowMs;
    for (let at = FLAGS_AT; at < this.#numbers.length; at += STRIDE)
      this.#numbers[at] = (this.#numbers[at] as number) & ~FILLED;
  }

  #reserve(machines: number): void {
    if (machines * STRIDE <= this.#numbers.length) return;
    const grown = new Uint32Array(Math.ceil(machines / BLOCK_MACHINES) * BLOCK_MACHINES * STRIDE);
    grown.set(this.#numbers);
    this.#numbers = grown;
  }
}
