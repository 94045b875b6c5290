/** Joins the blocks of one machine to columns: each series' samples in order of time, each time once. */
import type { Millis } from '@muster/shared/time.ts';
import { SampleList } from '../../metrics/sample-list.ts';
import {
  type Column,
  type Columns,
  type ColumnSource,
  countRows,
  isPresent,
  lowerBound,
  readColumn,
} from './columns.ts';

/** Room to begin with: what two hours at the regular interval take. */
const ROWS_FIRST = 1024;
/** Arrays of so many rows that are kept: 4 MiB. */
const ROOM_MAX = 512;
const NO_VALUES = new Float64Array(0);

/** One slot's samples while blocks follow each other in time. */
interface Growing {
  readonly slot: number;
  values: Float64Array;
  count: number;
  decimals: number | undefined;
  /** A byte per row; undefined while there is a value in every row. */
  flags: Uint8Array | undefined;
}

/**
 * Collects samples with times in [fromMs, toMs). Of several samples of a series with the same time the one that was
 * added first stays. Blocks that follow each other in time, as they usually do, are appended; as soon as one does not,
 * all goes by lists that are sorted in the end.
 */
export class ColumnJoin {
  readonly #fromMs: Millis;
  readonly #toMs: Millis;
  #times = new Float64Array(ROWS_FIRST);
  #rows = 0;
  readonly #growing = new Map<number, Growing>();
  #lists: Map<number, SampleList> | undefined;
  readonly #room: Float64Array[];

  /** `room`: what other joins released. */
  constructor(fromMs: Millis, toMs: Millis, room: Float64Array[] = []) {
    this.#fromMs = fromMs;
    this.#toMs = toMs;
    this.#room = room;
  }

  /** Gives room back; the columns are good no longer. */
  release(): void {
    for (const { values } of this.#growing.values()) {
      if (this.#room.length < ROOM_MAX && values.length === ROWS_FIRST) this.#room.push(values);
    }
    this.#growing.clear();
  }

  /** Throws WireError where the bytes make no sense; nothing of the source is taken then. */
  add(source: ColumnSource): void {
    const first = lowerBound(source.times, this.#fromMs);
    const end = lowerBound(source.times, this.#toMs);
    if (first === end) return;
    const follows =
      this.#rows === 0 || (source.times[first] as number) > (this.#times[this.#rows - 1] as number);
    if (this.#lists === undefined && follows) this.#append(source, first, end);
    else this.#mix(source);
  }

  finish(): Columns {
    return this.#lists === undefined ? this.#finishGrowing() : this.#finishLists(this.#lists);
  }

  #append(source: ColumnSource, first: number, end: number): void {
    const slots = source.slots();
    const whole = first === 0 && end === source.times.length;
    const rows = this.#rows + end - first;
    const taken: {
      growing: Growing;
      count: number;
      decimals: number | undefined;
      present: Uint8Array | undefined;
    }[] = [];
    for (let index = 0; index < slots.length; index++) {
      const slot = slots[index] as number;
      const growing = this.#growing.get(slot) ?? emptyColumn(slot, this.#room.pop());
      growing.values = withRoom(growing.values, growing.count + source.times.length, growing.count);
      let count = source.valuesInto(index, growing.values, growing.count);
      const present = source.presentAt(index);
      if (!whole) {
        const skipped = present === undefined ? first : countRows(present, first);
        const until = present === undefined ? end : countRows(present, end);
        growing.values.copyWithin(growing.count, growing.count + skipped, growing.count + until);
        count = until - skipped;
      }
      taken.push({ growing, count, decimals: source.decimalsAt(index), present });
    }
    // Nothing was thrown: now it counts.
    this.#times = withRoom(this.#times, rows, this.#rows);
    this.#times.set(source.times.subarray(first, end), this.#rows);
    for (const { growing, count, decimals, present } of taken) {
      if (count > 0) this.#grow(growing, first, end, count, decimals, present);
    }
    this.#rows = rows;
  }

  #grow(
    growing: Growing,
    first: number,
    end: number,
    count: number,
    decimals: number | undefined,
    present: Uint8Array | undefined,
  ): void {
    const before = this.#rows;
    const rows = before + end - first;
    // Rows were missed since its last sample, or are missing now.
    if (growing.flags === undefined && (growing.count < before || count < end - first))
      growing.flags = new Uint8Array(Math.max(ROWS_FIRST, rows * 2)).fill(1, 0, growing.count);
    if (growing.flags !== undefined) {
      growing.flags = withRoom(growing.flags, rows, before);
      if (present === undefined) growing.flags.fill(1, before, rows);
      else
        for (let row = first; row < end; row++)
          if (isPresent(present, row)) growing.flags[before + row - first] = 1;
    }
    growing.count += count;
    if (decimals !== undefined) growing.decimals = Math.max(decimals, growing.decimals ?? 0);
    this.#growing.set(growing.slot, growing);
  }

  #finishGrowing(): Columns {
    const series = [...this.#growing.values()]
      .sort((a, b) => a.slot - b.slot)
      .map(
        (growing): Column => ({
          slot: growing.slot,
          decimals: growing.decimals,
          values: growing.values.subarray(0, growing.count),
          present:
            growing.count === this.#rows ? undefined : bitsOf(growing.flags, growing.count, this.#rows),
        }),
      );
    return { times: this.#times.subarray(0, this.#rows), series };
  }

  #mix(source: ColumnSource): void {
    // All is decoded before anything is taken.
    const columns = Array.from(source.slots(), (slot) => source.column(slot));
    const lists = (this.#lists ??= this.#toLists());
    for (const column of columns) {
      if (column === undefined) continue;
      const { slot, decimals } = column;
      readColumn(source.times, column, this.#fromMs, this.#toMs, listOf(lists, slot));
      const growing = this.#growing.get(slot) ?? emptyColumn(slot);
      if (decimals !== undefined) growing.decimals = Math.max(decimals, growing.decimals ?? 0);
      this.#growing.set(slot, growing);
    }
  }

  #toLists(): Map<number, SampleList> {
    const lists = new Map<number, SampleList>();
    const { times, series } = this.#finishGrowing();
    for (const column of series)
      readColumn(times, column, this.#fromMs, this.#toMs, listOf(lists, column.slot));
    return lists;
  }

  #finishLists(all: ReadonlyMap<number, SampleList>): Columns {
    const lists = [...all].filter(([, list]) => list.length > 0).sort(([a], [b]) => a - b);
    const distinct = new Set<number>();
    for (const [, list] of lists) {
      list.settle();
      for (let i = 0; i < list.length; i++) distinct.add(list.times[i] as number);
    }
    const times = Float64Array.from(distinct).sort();
    const series = lists.map(
      ([slot, list]): Column => ({
        slot,
        decimals: this.#growing.get(slot)?.decimals,
        values: list.values.subarray(0, list.length),
        present: list.length === times.length ? undefined : presence(times, list),
      }),
    );
    return { times, series };
  }
}

/** Those series that `wanted` names, with the rows in which they have samples. */
export function pickColumns({ times, series }: Columns, wanted: (slot: number) => boolean): Columns {
  const picked = series.filter(({ slot }) => wanted(slot));
  if (picked.length === series.length || picked.some(({ present }) => present === undefined))
    return { times, series: picked };
  const rows = Uint32Array.from(times.keys()).filter((row) =>
    picked.some(({ present }) => isPresent(present, row)),
  );
  if (rows.length === times.length) return { times, series: picked };
  const kept = picked.map((column): Column => {
    const bitmap = new Uint8Array((rows.length + 7) >> 3);
    rows.forEach((row, i) => {
      if (isPresent(column.present, row)) setBit(bitmap, i);
    });
    return { ...column, present: column.values.length === rows.length ? undefined : bitmap };
  });
  return { times: Float64Array.from(rows, (row) => times[row] as number), series: kept };
}

function emptyColumn(slot: number, values: Float64Array = NO_VALUES): Growing {
  return { slot, values, count: 0, decimals: undefined, flags: undefined };
}

function withRoom<T extends Float64Array | Uint8Array>(array: T, needed: number, used: number): T {
  if (needed <= array.length) return array;
  const grown = new (array.constructor as new (length: number) => T)(
    Math.max(needed, array.length * 2, ROWS_FIRST),
  );
  grown.set(array.subarray(0, used));
  return grown;
}

function listOf(lists: Map<number, SampleList>, slot: number): SampleList {
  const list = lists.get(slot) ?? new SampleList();
  lists.set(slot, list);
  return list;
}

/** Without flags the values are those of the first rows. */
function bitsOf(flags: Uint8Array | undefined, count: number, rows: number): Uint8Array {
  const bitmap = new Uint8Array((rows + 7) >> 3);
  for (let row = 0; row < rows; row++) {
    if (flags === undefined ? row < count : flags[row] === 1) setBit(bitmap, row);
  }
  return bitmap;
}

function presence(times: Float64Array, list: SampleList): Uint8Array {
  const bitmap = new Uint8Array((times.length + 7) >> 3);
  let next = 0;
  for (let row = 0; row < times.length && next < list.length; row++) {
    if (times[row] !== list.times[next]) continue;
    setBit(bitmap, row);
    next += 1;
  }
  return bitmap;
}

function setBit(bitmap: Uint8Array, row: number): void {
  bitmap[row >> 3] = (bitmap[row >> 3] as number) | (1 << (row & 7));
}
