/**
 * Head: samples that are durable in the journal and not yet in a file. Per machine an open block of some rows in typed
 * arrays, blocks that were full, and samples that came out of order.
 */
import { HOUR_MS, type Millis } from '@muster/shared/time.ts';
import { SampleList } from '../../metrics/sample-list.ts';
import type { SeriesId } from '../../metrics/store.ts';
import { Block, encodeBlock, type SampleSet, sealRows } from './block.ts';
import { type MachineNo, SeriesDictionary } from './dictionary.ts';
import { grown } from './grown.ts';
import { Latest } from './latest.ts';
import { ListPlan } from './list-plan.ts';
import { OPEN_ROWS } from './limits.ts';
import { SETTLE_MS, startOf } from './partitions.ts';
import type { RecordTick } from './record.ts';
import { type FullBlock, PagePool, SealedBlocks } from './sealed-blocks.ts';

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

/** Scratch of `#presence`, grown to the largest machine. */
let presence = new Uint32Array(0);
const SLOTS_STEP = 4;
/** No row was asked for yet; −1 is the answer that there is none for this time. */
const NOT_STARTED = -2;
/** A late sample: time and value, and its time in a set. */
const LATE_SAMPLE_BYTES = 64;
/** A list and a set for the late samples of one series, with their first room. */
const LATE_SERIES_BYTES = 800;
/** First room of such a list: mostly one machine's clock went back for a tick or two. */
const LATE_ROOM = 4;

/** Of all machines together: asked many times a second. */
interface Waiting {
  bytes: number;
}

export class Head {
  readonly #dictionary: SeriesDictionary;
  readonly #machines: MachineHead[] = [];
  /** null: the list names series of several machines. */
  readonly #plans = new WeakMap<readonly SeriesId[], ListPlan | null>();
  readonly #waiting: Waiting = { bytes: 0 };
  readonly #pool = new PagePool();
  readonly latest = new Latest();

  constructor(dictionary: SeriesDictionary) {
    this.#dictionary = dictionary;
  }

  machine(machine: MachineNo): MachineHead {
    for (let no = this.#machines.length; no <= machine; no++) {
      this.#machines.push(new MachineHead(no, this.#dictionary, this.latest, this.#waiting, this.#pool));
    }
    return this.#machines[machine] as MachineHead;
  }

  machines(): readonly MachineHead[] {
    return this.#machines;
  }

  /** Memory of the samples. */
  bytes(): number {
    return this.#machines.reduce((sum, machine) => sum + machine.openBytes(), this.#waiting.bytes);
  }

  /** Memory that is free once everything is in files. */
  waitingBytes(): number {
    return this.#waiting.bytes;
  }

  /** A machine's files hold its records up to and with this one; `latest` is what `Latest.save` gave then. */
  restore(machineNo: MachineNo, position: number, latest: Uint8Array): void {
    const machine = this.machine(machineNo);
    machine.flushedPosition = position;
    const series = this.#dictionary.seriesOf(machineNo);
    this.latest.load(series, latest);
    for (const id of series) machine.newestAtMs = Math.max(machine.newestAtMs, this.latest.at[id] as number);
  }

  /** Takes the samples of one durable record. Those that a machine's files already hold, by position, are left out. */
  apply(ticks: readonly RecordTick[], position: number, nowMs: Millis): Applied {
    const applied = { samples: 0, late: 0, duplicates: 0 };
    this.latest.reserve(this.#dictionary.size);
    for (const tick of ticks) {
      const plan = this.#planOf(tick.series);
      const machine = plan === null ? null : this.machine(plan.machine);
      const isInOrder =
        machine !== null && position > machine.flushedPosition && tick.atMs > machine.newestAtMs;
      if (plan === null || !isInOrder) this.#applyOneByOne(tick, position, nowMs, applied);
      else {
        machine?.putRow(plan, tick, position, nowMs);
        if (machine !== null && tick.atMs < machine.bornAtMs) machine.bornAtMs = tick.atMs;
        plan.showLatest(this.latest, tick);
        applied.samples += tick.series.length;
      }
    }
    return applied;
  }

  #planOf(series: readonly SeriesId[]): ListPlan | null {
    const known = this.#plans.get(series);
    if (known !== undefined) return known;
    const plan = ListPlan.of(series, this.#dictionary);
    this.#plans.set(series, plan);
    return plan;
  }

  #applyOneByOne(
    { atMs, series, values }: RecordTick,
    position: number,
    nowMs: Millis,
    applied: Applied,
  ): void {
    const { machineOf, slotOf, isCounter } = this.#dictionary;
    const { latest } = this;
    let machine = NOWHERE;
    let row = -1;
    for (let i = 0; i < series.length; i++) {
      const id = series[i] as SeriesId;
      const value = values[i] as number;
      if (machine.machine !== machineOf[id]) {
        machine = this.machine(machineOf[id] as MachineNo);
        row = NOT_STARTED;
        machine.beginTick();
        if (atMs < machine.bornAtMs) machine.bornAtMs = atMs;
      }
      if (position <= machine.flushedPosition) continue;
      const newest = latest.at[id] as number;
      const slot = slotOf[id] as number;
      if (atMs > newest) {
        // Only now: a tick of samples that are here already leaves no row.
        if (row === NOT_STARTED) row = machine.startRow(atMs, position, nowMs);
        if (row >= 0) machine.put(slot, row, value);
        else machine.putAside(slot, atMs, value);
        if (isCounter[id]) latest.updateCounter(id, atMs, value);
        else latest.updateGauge(id, atMs, value);
        if (atMs > machine.newestAtMs) machine.newestAtMs = atMs;
        applied.samples += 1;
      } else if (atMs === newest || machine.has(slot, atMs)) applied.duplicates += 1;
      else {
        machine.note(position, nowMs);
        machine.putAside(slot, atMs, value);
        applied.samples += 1;
        applied.late += 1;
      }
    }
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
  /** Time of its newest sample ever; −Infinity if there is none. */
  newestAtMs = Number.NEGATIVE_INFINITY;
  /** No sample of it anywhere is older; −Infinity: not known, it was here before this start. */
  bornAtMs = Number.NEGATIVE_INFINITY;
  /** Of its full blocks, those included that are being written. */
  #sealedBytes = 0;
  readonly #waiting: Waiting;
  /** What `#waiting` holds of this machine. */
  #countedBytes = 0;

  #openRows = 0;
  readonly #times = new Float64Array(OPEN_ROWS);
  /** By row × capacity of slots + slot. */
  #values = new Float64Array(0);
  /** Slots that there is room for. */
  #capacity = 0;
  /** What was put into a row as a whole. */
  readonly #plans: (ListPlan | undefined)[] = [];
  /** Per slot a bit for each row into which it was put by itself. */
  #single = new Uint32Array(0);
  #hasSingle = false;
  readonly #full: SealedBlocks;
  #aside = new Map<number, { list: SampleList; times: Set<Millis> }>();
  /** Being written to files; still read from here. */
  #writing:
    | {
        readonly frozen: FrozenMachine;
        readonly firstPosition: number;
        readonly full: readonly FullBlock[];
        readonly late: readonly Block[];
      }
    | undefined;
  /** The full block that was asked about last: late samples come one near another. */
  #opened: { readonly firstMs: Millis; readonly block: Block } | undefined;
  /** Slots that have a sample at this time; what came late and is not being written is not among them. */
  #asked: { readonly atMs: Millis; readonly slots: ReadonlySet<number> } | undefined;

  constructor(
    machine: MachineNo,
    dictionary: SeriesDictionary,
    latest: Latest,
    waiting: Waiting,
    pool: PagePool,
  ) {
    this.machine = machine;
    this.#full = new SealedBlocks(pool);
    this.#dictionary = dictionary;
    this.#latest = latest;
    this.#waiting = waiting;
  }

  /** Row for a tick at this time; −1 if the open block is past it. */
  startRow(atMs: Millis, position: number, nowMs: Millis): number {
    this.#asked = undefined;
    this.note(position, nowMs);
    if (this.#openRows > 0) {
      const last = this.#times[this.#openRows - 1] as number;
      if (atMs === last) return this.#openRows - 1;
      if (atMs < last) return -1;
      if (this.#openRows === OPEN_ROWS || startOf(atMs, SETTLE_MS) !== startOf(last, SETTLE_MS)) this.#seal();
    }
    const row = this.#openRows;
    this.#times[row] = atMs;
    this.#plans[row] = undefined;
    if (atMs < this.oldestAtMs) this.oldestAtMs = atMs;
    this.#openRows += 1;
    this.rows += 1;
    return row;
  }

  /** What was asked about the tick before says nothing of this one. */
  beginTick(): void {
    this.#asked = undefined;
  }

  /** A sample of this record is taken. */
  note(position: number, nowMs: Millis): void {
    if (this.firstPosition === undefined) {
      this.firstPosition = position;
      this.#oldestMs = nowMs;
    }
    this.#lastPosition = position;
  }

  put(slot: number, row: number, value: number): void {
    if (slot >= this.#capacity) this.#grow(slot + 1);
    this.#values[row * this.#capacity + slot] = value;
    this.#single[slot] = (this.#single[slot] as number) | (1 << row);
    this.#hasSingle = true;
  }

  /** Takes a tick that is newer than everything of this machine. */
  putRow(plan: ListPlan, { atMs, values }: RecordTick, position: number, nowMs: Millis): void {
    const row = this.startRow(atMs, position, nowMs);
    if (plan.slotsEnd > this.#capacity) this.#grow(plan.slotsEnd);
    this.#plans[row] = plan;
    const offset = row * this.#capacity;
    const target = this.#values;
    if (plan.firstSlot >= 0) {
      const first = offset + plan.firstSlot;
      for (let i = 0; i < values.length; i++) target[first + i] = values[i] as number;
    } else {
      const { slots } = plan;
      for (let i = 0; i < values.length; i++) target[offset + (slots[i] as number)] = values[i] as number;
    }
    this.newestAtMs = atMs;
  }

  putAside(slot: number, atMs: Millis, value: number): void {
    let aside = this.#aside.get(slot);
    if (aside === undefined) {
      aside = { list: new SampleList(LATE_ROOM), times: new Set() };
      this.#aside.set(slot, aside);
    }
    aside.list.push(atMs, value);
    aside.times.add(atMs);
    this.lateSamples += 1;
    this.#count();
    if (atMs < this.oldestAtMs) this.oldestAtMs = atMs;
  }

  /** Whether a sample of this slot and time is here; files are not asked. Blocks are looked at once for a whole tick. */
  has(slot: number, atMs: Millis): boolean {
    if (this.#asked?.atMs !== atMs) this.#asked = { atMs, slots: this.#slotsAt(atMs) };
    return this.#asked.slots.has(slot) || (this.#aside.get(slot)?.times.has(atMs) ?? false);
  }

  #slotsAt(atMs: Millis): ReadonlySet<number> {
    const slots = new Set<number>();
    for (const block of this.#writing?.late ?? []) addSlotsAt(block, atMs, slots);
    for (const full of this.#allFull()) {
      const { firstMs, lastMs } = full;
      if (atMs < firstMs || atMs > lastMs) continue;
      if (this.#opened?.firstMs !== firstMs) this.#opened = { firstMs, block: new Block(full.bytes) };
      addSlotsAt(this.#opened.block, atMs, slots);
    }
    for (let row = 0; row < this.#openRows; row++) {
      if (this.#times[row] !== atMs) continue;
      for (let slot = 0; slot < this.#capacity; slot++) if (this.#hasOpen(slot, row)) slots.add(slot);
    }
    return slots;
  }

  /** Oldest first. */
  #allFull(): readonly FullBlock[] {
    return [...(this.#writing?.full ?? []), ...this.#full.list()];
  }

  /** Adds the samples of a slot in [fromMs, toMs), oldest storage first, not sorted. */
  read(slot: number, fromMs: Millis, toMs: Millis, into: SampleList): void {
    for (const full of this.#allFull()) {
      if (full.lastMs >= fromMs && full.firstMs < toMs) new Block(full.bytes).read(slot, fromMs, toMs, into);
    }
    for (const block of this.#writing?.late ?? []) block.read(slot, fromMs, toMs, into);
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
    for (const { firstMs, lastMs } of this.#allFull()) add(firstMs, lastMs);
    if (this.#openRows > 0) add(this.#times[0] as number, this.#times[this.#openRows - 1] as number);
    // What comes late also changes the rates of the hour behind it.
    const late = (atMs: Millis) => add(atMs, atMs + HOUR_MS);
    for (const { times } of this.#writing?.late ?? []) for (const atMs of times) late(atMs);
    for (const { times } of this.#aside.values()) for (const atMs of times) late(atMs);
  }

  /** Memory of the open block, which stays. */
  openBytes(): number {
    return this.#values.byteLength;
  }

  /** Memory of full blocks, and of late samples with what it takes to find them. */
  waitingBytes(): number {
    return this.#sealedBytes + this.lateSamples * LATE_SAMPLE_BYTES + this.#aside.size * LATE_SERIES_BYTES;
  }

  #count(): void {
    const bytes = this.waitingBytes();
    this.#waiting.bytes += bytes - this.#countedBytes;
    this.#countedBytes = bytes;
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
    const full = this.#full.takeAll();
    const frozen = {
      machine: this.machine,
      position: this.#lastPosition,
      latest: this.#latest.save(this.#dictionary.seriesOf(this.machine)),
      blocks: full.map(({ bytes }) => bytes),
      late: this.#freezeAside(),
    };
    this.#writing = {
      frozen,
      firstPosition: this.firstPosition ?? this.#lastPosition,
      full,
      late: frozen.late.map((bytes) => new Block(bytes)),
    };
    this.#forgetAsked();
    this.rows = 0;
    this.lateSamples = 0;
    this.oldestAtMs = Number.POSITIVE_INFINITY;
    this.firstPosition = undefined;
    this.#count();
    return frozen;
  }

  /** The frozen samples are durable in files. */
  written(): void {
    if (this.#writing !== undefined) {
      this.flushedPosition = this.#writing.frozen.position;
      for (const { bytes } of this.#writing.full) this.#sealedBytes -= bytes.length;
    }
    this.#writing = undefined;
    this.#forgetAsked();
    this.#count();
  }

  #forgetAsked(): void {
    this.#asked = undefined;
    this.#opened = undefined;
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
    this.#full.add(bytes, this.#times[0] as number, this.#times[rows - 1] as number);
    this.#sealedBytes += bytes.length;
    this.#count();
    this.#openRows = 0;
    if (this.#hasSingle) this.#single.fill(0);
    this.#hasSingle = false;
  }

  #encodeOpen(rows: number): Uint8Array {
    const series = this.#dictionary.seriesOf(this.machine);
    const { decimals } = this.#dictionary;
    const decimalsOf = (slot: number) => decimals[series[slot] as SeriesId] as number;
    const plan = this.#onlyPlan(rows);
    const isWhole = plan?.firstSlot === 0;
    const slots = isWhole ? plan.slotsEnd : this.#capacity;
    const present = isWhole ? undefined : this.#presence(rows, plan);
    return sealRows(this.#times, rows, this.#capacity, this.#values, slots, present, decimalsOf);
  }

  /** The plan of all open rows, if they have the same one and nothing besides. */
  #onlyPlan(rows: number): ListPlan | undefined {
    if (this.#hasSingle) return undefined;
    const first = this.#plans[0];
    for (let row = 1; row < rows; row++) if (this.#plans[row] !== first) return undefined;
    return first;
  }

  /** Per slot a bit for each open row in which it has a value; good until the next call. */
  #presence(rows: number, only: ListPlan | undefined): Uint32Array {
    if (presence.length < this.#capacity) presence = new Uint32Array(2 * this.#capacity);
    presence.set(this.#single);
    if (only !== undefined) {
      for (const slot of only.slots) presence[slot] = 2 ** rows - 1;
      return presence;
    }
    for (let row = 0; row < rows; row++) {
      for (const slot of this.#plans[row]?.slots ?? [])
        presence[slot] = (presence[slot] as number) | (1 << row);
    }
    return presence;
  }

  #readOpen(slot: number, fromMs: Millis, toMs: Millis, into: SampleList): void {
    if (slot >= this.#capacity) return;
    for (let row = 0; row < this.#openRows; row++) {
      const atMs = this.#times[row] as number;
      if (atMs < fromMs || atMs >= toMs) continue;
      if (this.#hasOpen(slot, row)) {
        into.push(atMs, this.#values[row * this.#capacity + slot] as number);
      }
    }
  }

  #hasOpen(slot: number, row: number): boolean {
    return (((this.#single[slot] as number) >>> row) & 1) === 1 || (this.#plans[row]?.has(slot) ?? false);
  }

  #decimals(slot: number): number {
    const series = this.#dictionary.seriesOf(this.machine)[slot] as SeriesId;
    return this.#dictionary.decimals[series] ?? 0;
  }

  #grow(slots: number): void {
    const wanted = Math.max(slots, this.#dictionary.seriesOf(this.machine).length);
    const capacity = Math.ceil(wanted / SLOTS_STEP) * SLOTS_STEP;
    const values = new Float64Array(capacity * OPEN_ROWS);
    for (let row = 0; row < this.#openRows; row++) {
      const from = row * this.#capacity;
      values.set(this.#values.subarray(from, from + this.#capacity), row * capacity);
    }
    this.#values = values;
    this.#single = grown(this.#single, new Uint32Array(capacity));
    this.#capacity = capacity;
  }
}

/** Adds the slots that have a sample at this time in a block. */
function addSlotsAt(block: Block, atMs: Millis, into: Set<number>): void {
  const row = rowOf(block.times, atMs);
  if (row < 0) return;
  const slots = block.slots();
  for (let i = 0; i < slots.length; i++) {
    const present = block.presentAt(i);
    if (present === undefined || ((present[row >> 3] as number) >> (row & 7)) & 1)
      into.add(slots[i] as number);
  }
}

/** Place of a time among ascending ones; −1 if it is not there. */
function rowOf(times: Float64Array, atMs: Millis): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] as number) < atMs) low = middle + 1;
    else high = middle;
  }
  return times[low] === atMs ? low : -1;
}

const NOWHERE = new MachineHead(-1, new SeriesDictionary(), new Latest(), { bytes: 0 }, new PagePool());
