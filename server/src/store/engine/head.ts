/**
 * Head: samples that are durable in the journal and not yet in a file. Per machine an open block of 32 rows in typed
 * arrays, blocks that were full, and samples that came out of order.
 */
import { DAY_MS, HOUR_MS, type Millis } from '@muster/shared/time.ts';
import { SampleList } from '../../metrics/sample-list.ts';
import type { SeriesId, StoredTick } from '../../metrics/store.ts';
import { Block, BlockWriter, encodeBlock, type SampleSet } from './block.ts';
import { type MachineNo, SeriesDictionary } from './dictionary.ts';
import { Latest } from './latest.ts';
import { OPEN_ROWS } from './limits.ts';

/** Samples of one machine on their way to a file. */
export interface FrozenMachine {
  readonly machine: MachineNo;
  /** All records of this machine up to and with this one are in it or in files. */
  readonly position: number;
  readonly latest: Uint8Array;
  readonly blocks: readonly Uint8Array[];
  /** Samples out of order; a file may hold the same series and time already. */
  readonly late: readonly Uint8Array[];
}

/** What became of the samples that were applied. */
interface Applied {
  samples: number;
  late: number;
  duplicates: number;
}

interface FullBlock {
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly firstMs: Millis;
  readonly lastMs: Millis;
}

const SLOTS_STEP = 16;

export class Head {
  readonly #dictionary: SeriesDictionary;
  readonly #machines: MachineHead[] = [];
  readonly latest = new Latest();

  constructor(dictionary: SeriesDictionary) {
    this.#dictionary = dictionary;
  }

  machine(machine: MachineNo): MachineHead {
    for (let no = this.#machines.length; no <= machine; no++) {
      this.#machines.push(new MachineHead(no, this.#dictionary, this.latest));
    }
    return this.#machines[machine] as MachineHead;
  }

  machines(): Iterable<MachineHead> {
    return this.#machines;
  }

  /** Takes the samples of one durable record. Those that a machine's files already hold, by position, are left out. */
  apply(ticks: readonly StoredTick[], position: number, nowMs: Millis): Applied {
    const { machineOf, slotOf, isCounter } = this.#dictionary;
    const { latest } = this;
    const applied = { samples: 0, late: 0, duplicates: 0 };
    latest.reserve(this.#dictionary.size);
    for (const { atMs, series, values } of ticks) {
      let machine = NOWHERE;
      let row = -1;
      for (let i = 0; i < series.length; i++) {
        const id = series[i] as SeriesId;
        const value = values[i] as number;
        if (machine.machine !== machineOf[id]) {
          machine = this.machine(machineOf[id] as MachineNo);
          row = machine.startRow(atMs, position, nowMs);
        }
        if (position <= machine.flushedPosition) continue;
        const newest = latest.at[id] as number;
        const slot = slotOf[id] as number;
        if (atMs > newest) {
          if (row >= 0) machine.put(slot, row, value);
          else machine.putAside(slot, atMs, value);
          latest.update(id, atMs, value, isCounter[id] as boolean);
          applied.samples += 1;
        } else if (atMs === newest || machine.has(slot, atMs)) applied.duplicates += 1;
        else {
          machine.putAside(slot, atMs, value);
          applied.samples += 1;
          applied.late += 1;
        }
      }
    }
    return applied;
  }
}

export class MachineHead {
  readonly machine: MachineNo;
  readonly #dictionary: SeriesDictionary;
  readonly #latest: Latest;
  /** Records up to and with this position are in files. */
  flushedPosition = -1;
  /** First record with samples that are not in a file; undefined while there is none. */
  firstPosition: number | undefined;
  #lastPosition = -1;
  #oldestMs = 0;
  /** Rows in the open block and in full ones. */
  rows = 0;
  lateSamples = 0;
  /** Time of its oldest sample that is not in a file; +Infinity if there is none. */
  oldestAtMs = Number.POSITIVE_INFINITY;

  #openRows = 0;
  readonly #times = new Float64Array(OPEN_ROWS);
  /** By slot × OPEN_ROWS + row. */
  #values = new Float64Array(0);
  /** Per slot a bit for each row. */
  #present = new Uint32Array(0);
  #full: FullBlock[] = [];
  #aside = new Map<number, { list: SampleList; times: Set<Millis> }>();
  /** Being written to files; still read from here. */
  #writing:
    | { readonly frozen: FrozenMachine; readonly firstPosition: number; readonly full: FullBlock[] }
    | undefined;

  constructor(machine: MachineNo, dictionary: SeriesDictionary, latest: Latest) {
    this.machine = machine;
    this.#dictionary = dictionary;
    this.#latest = latest;
  }

  /** Row for a tick at this time; −1 if the open block is past it. */
  startRow(atMs: Millis, position: number, nowMs: Millis): number {
    if (position <= this.flushedPosition) return -1;
    if (this.firstPosition === undefined) {
      this.firstPosition = position;
      this.#oldestMs = nowMs;
    }
    this.#lastPosition = position;
    if (this.#openRows > 0) {
      const last = this.#times[this.#openRows - 1] as number;
      if (atMs === last) return this.#openRows - 1;
      if (atMs < last) return -1;
      if (this.#openRows === OPEN_ROWS || Math.floor(atMs / DAY_MS) !== Math.floor(last / DAY_MS))
        this.#seal();
    }
    const row = this.#openRows;
    this.#times[row] = atMs;
    if (atMs < this.oldestAtMs) this.oldestAtMs = atMs;
    this.#openRows += 1;
    this.rows += 1;
    return row;
  }

  put(slot: number, row: number, value: number): void {
    if (slot >= this.#present.length) this.#grow(slot + 1);
    this.#values[slot * OPEN_ROWS + row] = value;
    this.#present[slot] = (this.#present[slot] as number) | (1 << row);
  }

  putAside(slot: number, atMs: Millis, value: number): void {
    let aside = this.#aside.get(slot);
    if (aside === undefined) {
      aside = { list: new SampleList(), times: new Set() };
      this.#aside.set(slot, aside);
    }
    aside.list.push(atMs, value);
    aside.times.add(atMs);
    this.lateSamples += 1;
    if (atMs < this.oldestAtMs) this.oldestAtMs = atMs;
  }

  /** Whether a sample of this slot and time is here; files are not asked. */
  has(slot: number, atMs: Millis): boolean {
    if (this.#aside.get(slot)?.times.has(atMs)) return true;
    const found = new SampleList();
    this.read(slot, atMs, atMs + 1, found);
    return found.length > 0;
  }

  /** Adds the samples of a slot in [fromMs, toMs), oldest storage first, not sorted. */
  read(slot: number, fromMs: Millis, toMs: Millis, into: SampleList): void {
    if (this.#writing !== undefined) {
      readFull(this.#writing.full, slot, fromMs, toMs, into);
      for (const bytes of this.#writing.frozen.late) new Block(bytes).read(slot, fromMs, toMs, into);
    }
    readFull(this.#full, slot, fromMs, toMs, into);
    this.#readOpen(slot, fromMs, toMs, into);
    const aside = this.#aside.get(slot)?.list;
    for (let i = 0; i < (aside?.length ?? 0); i++) {
      const atMs = aside?.times[i] as number;
      if (atMs >= fromMs && atMs < toMs) into.push(atMs, aside?.values[i] as number);
    }
  }

  /** Adds the starts of the hours in which it holds samples. */
  hours(into: Set<Millis>): void {
    const add = (firstMs: Millis, lastMs: Millis) => {
      for (let at = Math.floor(firstMs / HOUR_MS) * HOUR_MS; at <= lastMs; at += HOUR_MS) into.add(at);
    };
    for (const { firstMs, lastMs } of [...(this.#writing?.full ?? []), ...this.#full]) add(firstMs, lastMs);
    if (this.#openRows > 0) add(this.#times[0] as number, this.#times[this.#openRows - 1] as number);
    // What comes late also changes the rates of the hour behind it.
    const late = (atMs: Millis) => add(atMs, atMs + HOUR_MS);
    for (const bytes of this.#writing?.frozen.late ?? [])
      for (const atMs of new Block(bytes).times) late(atMs);
    for (const { times } of this.#aside.values()) for (const atMs of times) late(atMs);
  }

  isDue(
    nowMs: Millis,
    limits: { chunkRows: number; chunkAgeMsMax: number; lateSamplesMax: number },
  ): boolean {
    if (this.#writing !== undefined) return true;
    if (this.firstPosition === undefined) return false;
    return (
      this.rows >= limits.chunkRows ||
      this.lateSamples >= limits.lateSamplesMax ||
      nowMs - this.#oldestMs >= limits.chunkAgeMsMax
    );
  }

  /** First record that only the journal holds; what is being written counts as not written. */
  neededPosition(): number | undefined {
    return this.#writing?.firstPosition ?? this.firstPosition;
  }

  /** Takes everything out for writing; until `written` it is still read from here. Again the same after a failure. */
  freeze(): FrozenMachine {
    if (this.#writing !== undefined) return this.#writing.frozen;
    this.#seal();
    const frozen = {
      machine: this.machine,
      position: this.#lastPosition,
      latest: this.#latest.save(this.#dictionary.seriesOf(this.machine)),
      blocks: this.#full.map(({ bytes }) => bytes),
      late: this.#freezeAside(),
    };
    this.#writing = { frozen, firstPosition: this.firstPosition ?? this.#lastPosition, full: this.#full };
    this.#full = [];
    this.rows = 0;
    this.lateSamples = 0;
    this.oldestAtMs = Number.POSITIVE_INFINITY;
    this.firstPosition = undefined;
    return frozen;
  }

  /** The frozen samples are durable in files. */
  written(): void {
    if (this.#writing !== undefined) this.flushedPosition = this.#writing.frozen.position;
    this.#writing = undefined;
  }

  #freezeAside(): Uint8Array[] {
    if (this.#aside.size === 0) return [];
    const set: SampleSet = new Map();
    for (const [slot, { list }] of this.#aside) set.set(slot, list.settle());
    this.#aside = new Map();
    return [encodeBlock(set, (slot) => this.#decimals(slot))];
  }

  #seal(): void {
    const rows = this.#openRows;
    if (rows === 0) return;
    const bytes = this.#encodeOpen(rows);
    this.#full.push({
      bytes,
      rows,
      firstMs: this.#times[0] as number,
      lastMs: this.#times[rows - 1] as number,
    });
    this.#openRows = 0;
    this.#present.fill(0);
  }

  #encodeOpen(rows: number): Uint8Array {
    const writer = new BlockWriter(this.#times, rows);
    const all = rows === OPEN_ROWS ? 0xffff_ffff : (1 << rows) - 1;
    const packed = new Float64Array(OPEN_ROWS);
    for (let slot = 0; slot < this.#present.length; slot++) {
      const present = (this.#present[slot] as number) >>> 0;
      if (present === 0) continue;
      const offset = slot * OPEN_ROWS;
      const decimals = this.#decimals(slot);
      if (present === all) {
        writer.column(slot, this.#values, offset, rows, decimals);
        continue;
      }
      let count = 0;
      for (let row = 0; row < rows; row++) {
        if ((present >>> row) & 1) packed[count++] = this.#values[offset + row] as number;
      }
      writer.column(slot, packed, 0, count, decimals, new Uint8Array(Uint32Array.of(present).buffer));
    }
    return writer.finish();
  }

  #readOpen(slot: number, fromMs: Millis, toMs: Millis, into: SampleList): void {
    const present = this.#present[slot] ?? 0;
    if (present === 0) return;
    for (let row = 0; row < this.#openRows; row++) {
      const atMs = this.#times[row] as number;
      if ((present >>> row) & 1 && atMs >= fromMs && atMs < toMs) {
        into.push(atMs, this.#values[slot * OPEN_ROWS + row] as number);
      }
    }
  }

  #decimals(slot: number): number {
    const series = this.#dictionary.seriesOf(this.machine)[slot] as SeriesId;
    return this.#dictionary.decimals[series] ?? 0;
  }

  #grow(slots: number): void {
    const wanted = Math.max(slots, this.#dictionary.seriesOf(this.machine).length);
    const capacity = Math.ceil(wanted / SLOTS_STEP) * SLOTS_STEP;
    const values = new Float64Array(capacity * OPEN_ROWS);
    values.set(this.#values);
    const present = new Uint32Array(capacity);
    present.set(this.#present);
    this.#values = values;
    this.#present = present;
  }
}

function readFull(
  blocks: readonly FullBlock[],
  slot: number,
  fromMs: Millis,
  toMs: Millis,
  into: SampleList,
): void {
  for (const { bytes, firstMs, lastMs } of blocks) {
    if (lastMs >= fromMs && firstMs < toMs) new Block(bytes).read(slot, fromMs, toMs, into);
  }
}

const NOWHERE = new MachineHead(-1, new SeriesDictionary(), new Latest());
