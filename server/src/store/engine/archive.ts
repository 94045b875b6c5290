/**
 * Archive: the samples and rollups on disk, one partition file per tier and stretch of time. What a commit wrote counts
 * once the index names its generation; chunks of a later generation are removed at the start, because the journal still
 * has their samples. So a sample is in the journal or in a file, never in both, and several files change as one.
 */
import fs from 'node:fs';
import path from 'node:path';
import { HOUR_MS, type Millis } from '@muster/shared/time.ts';
import { addSamples, Buckets } from '../../metrics/buckets.ts';
import { RATE_LOOKBACK_MS } from '../../metrics/rates.ts';
import { SampleList } from '../../metrics/sample-list.ts';
import type { Delivery } from '../../metrics/store.ts';
import { ArchiveReader, type Wanted } from './archive-reader.ts';
import { Block, encodeBlock, type SampleSet } from './block.ts';
import type { MachineNo, SeriesDefinition } from './dictionary.ts';
import type { FrozenMachine } from './head.ts';
import { INDEX_FILE, IndexDb, type IndexState, type PendingWindow } from './index-db.ts';
import { GROUP_SLOTS_BITS, OPEN_FILES_MAX, RAW_PARTITION_MS } from './limits.ts';
import { type ChunkRow, isBroken, PartitionDb, type RollupRow } from './partition-db.ts';
import {
  layoutOf,
  parsePartition,
  type Partition,
  partitionFile,
  ROLLUPS,
  type RollupTier,
  startOf,
} from './partitions.ts';
import { type BucketSet, encodeRollup } from './rollup-block.ts';

export interface FlushBatch {
  readonly machines: readonly FrozenMachine[];
  readonly series: readonly SeriesDefinition[];
  readonly marks: readonly Delivery[];
  /** Series and marks of the journal before this position are in this batch or in earlier ones. */
  readonly position: number;
}

export interface ArchiveResult {
  readonly pending: readonly PendingWindow[];
  /** Late samples that a file had already. */
  readonly duplicates: number;
  readonly damaged: readonly string[];
  /** Files that were put aside because they were broken, or removed: readers must let go of them. */
  readonly replaced: readonly string[];
}

export interface RollupJob {
  readonly window: PendingWindow;
  /** By slot: 1 for a counter. */
  readonly counters: Uint8Array;
}

/** The archive as the engine sees it: in this thread or in another. Calls are carried out one after the other. */
export interface Archive {
  open(): Promise<IndexState>;
  commit(batch: FlushBatch): Promise<ArchiveResult>;
  /** Rolls windows up and clears their marks; `pending` are the windows of the tiers above that follow. */
  rollUp(jobs: readonly RollupJob[]): Promise<ArchiveResult>;
  /** Removes expired files, except those that rollups are still to be made from. */
  remove(partitions: readonly Partition[]): Promise<ArchiveResult>;
  /** Everything is in the plain files when it returns. */
  checkpoint(): Promise<void>;
  close(): Promise<void>;
}

export function inlineArchive(folder: string): Archive {
  const writer = new ArchiveWriter(folder);
  return {
    open: async () => writer.open(),
    commit: async (batch) => writer.commit(batch),
    rollUp: async (jobs) => writer.rollUp(jobs),
    remove: async (partitions) => writer.remove(partitions),
    checkpoint: async () => writer.checkpoint(),
    close: async () => writer.close(),
  };
}

export class ArchiveWriter {
  readonly #folder: string;
  readonly #reader: ArchiveReader;
  readonly #files = new Map<string, PartitionDb>();
  /** Files that may hold chunks of a commit that failed. */
  readonly #doubtful = new Set<string>();
  #openIndex: IndexDb | undefined;
  #damaged: string[] = [];
  #replaced: string[] = [];

  constructor(folder: string) {
    this.#folder = folder;
    this.#reader = new ArchiveReader(folder, (what) => this.#damaged.push(what));
  }

  open(): IndexState {
    fs.mkdirSync(this.#folder, { recursive: true });
    this.#openIndex = new IndexDb(path.join(this.#folder, INDEX_FILE));
    for (const file of fs.readdirSync(this.#folder)) {
      if (parsePartition(file)?.tier === 'raw') this.#doubtful.add(file);
    }
    this.#dropUncommitted();
    return this.#index.load();
  }

  commit({ machines, series, marks, position }: FlushBatch): ArchiveResult {
    this.#dropUncommitted();
    const gen = this.#index.gen() + 1;
    const rows = new Map<string, ChunkRow[]>();
    const pending: PendingWindow[] = [];
    let duplicates = 0;
    for (const frozen of machines) {
      const taken = this.#takeMachine(frozen, gen, rows);
      duplicates += taken.duplicates;
      for (const startMs of taken.hours) pending.push({ machine: frozen.machine, tier: '1m', startMs });
    }
    for (const [file, chunks] of rows) {
      this.#doubtful.add(file);
      this.#write(file, (db) => db.write(chunks, []));
    }
    this.#index.apply({ gen, position, series, marks, flushed: machines, pending });
    this.#doubtful.clear();
    return this.#result(pending, duplicates);
  }

  rollUp(jobs: readonly RollupJob[]): ArchiveResult {
    const rows = new Map<string, { full: RollupRow[]; empty: RollupRow[] }>();
    const pending: PendingWindow[] = [];
    for (const job of jobs) {
      const { tier, startMs, machine } = job.window;
      const file = partitionFile(tier, startMs);
      const target = rows.get(file) ?? { full: [], empty: [] };
      rows.set(file, target);
      this.#rollUpWindow(job, target);
      for (const above of ROLLUPS.slice(ROLLUPS.findIndex((layout) => layout.tier === tier) + 1)) {
        pending.push({ machine, tier: above.tier, startMs: startOf(startMs, above.windowMs) });
      }
    }
    for (const [file, { full, empty }] of rows) this.#write(file, (db) => db.write([], full, empty));
    this.#index.apply({ done: jobs.map(({ window }) => window), pending });
    return this.#result(pending, 0);
  }

  remove(partitions: readonly Partition[]): ArchiveResult {
    for (const partition of partitions) {
      if (this.#isNeeded(partition)) continue;
      this.#close(partition.file);
      for (const suffix of ['', '-wal', '-shm']) {
        fs.rmSync(path.join(this.#folder, partition.file + suffix), { force: true });
      }
      this.#replaced.push(partition.file);
    }
    return this.#result([], 0);
  }

  checkpoint(): void {
    for (const file of fs.readdirSync(this.#folder)) {
      if (parsePartition(file) !== undefined && fs.existsSync(path.join(this.#folder, `${file}-wal`))) {
        this.#write(file, (db) => db.checkpoint());
      }
    }
    this.#index.checkpoint();
  }

  close(): void {
    this.#reader.close();
    for (const file of this.#files.keys()) this.#close(file);
    this.#openIndex?.close();
    this.#openIndex = undefined;
  }

  get #index(): IndexDb {
    if (this.#openIndex === undefined) throw new Error('the archive is not open');
    return this.#openIndex;
  }

  #result(pending: readonly PendingWindow[], duplicates: number): ArchiveResult {
    const result = { pending, duplicates, damaged: this.#damaged, replaced: this.#replaced };
    this.#damaged = [];
    this.#replaced = [];
    return result;
  }

  #dropUncommitted(): void {
    const gen = this.#index.gen();
    for (const file of this.#doubtful) {
      this.#write(file, (db) => db.dropAfter(gen));
      this.#doubtful.delete(file);
    }
  }

  /** Puts the samples of a machine into rows by file; tells which hours they touch. */
  #takeMachine(
    frozen: FrozenMachine,
    gen: number,
    rows: Map<string, ChunkRow[]>,
  ): { readonly hours: Set<Millis>; readonly duplicates: number } {
    const hours = new Set<Millis>();
    const decimals = new Map<number, number>();
    const inOrder = new DaySets();
    for (const bytes of frozen.blocks) inOrder.addBlock(new Block(bytes), decimals);
    const late = new DaySets();
    for (const bytes of frozen.late) late.addBlock(new Block(bytes), decimals);
    let duplicates = 0;
    for (const [dayMs, set] of late.days) duplicates += this.#dropKnown(frozen.machine, dayMs, set);
    for (const { days } of [inOrder, late]) {
      for (const [dayMs, set] of days) addRows(frozen.machine, gen, dayMs, set, decimals, rows);
    }
    inOrder.hours(hours, 0);
    // A late sample also changes the rate behind it, which may be in the next hour.
    late.hours(hours, RATE_LOOKBACK_MS);
    return { hours, duplicates };
  }

  /** Takes samples out of a day's set that a file holds already; returns how many. */
  #dropKnown(machine: MachineNo, dayMs: Millis, set: SampleSet): number {
    const known = new Map<number, SampleList>();
    for (const group of groupsOf(set)) {
      const wanted: Wanted = { machine, group, has: (slot) => set.has(slot) };
      this.#reader.samples(wanted, dayMs, dayMs + RAW_PARTITION_MS, (slot) => listOf(known, slot));
    }
    let dropped = 0;
    for (const [slot, stored] of known) {
      const times = new Set(stored.times.subarray(0, stored.length));
      const list = set.get(slot) as SampleList;
      const kept = new SampleList();
      for (let i = 0; i < list.length; i++) {
        const atMs = list.times[i] as number;
        if (times.has(atMs)) dropped += 1;
        else kept.push(atMs, list.values[i] as number);
      }
      if (kept.length > 0) set.set(slot, kept);
      else set.delete(slot);
    }
    return dropped;
  }

  #rollUpWindow({ window, counters }: RollupJob, target: { full: RollupRow[]; empty: RollupRow[] }): void {
    const { machine, tier, startMs } = window;
    const groups = Math.ceil(counters.length / (1 << GROUP_SLOTS_BITS));
    for (let group = 0; group < groups; group++) {
      const before = this.#damaged.length;
      const wanted: Wanted = { machine, group, has: () => true };
      const set =
        tier === '1m' ? this.#fromSamples(wanted, startMs, counters) : this.#fromBelow(tier, wanted, startMs);
      const damaged = this.#damaged.length > before;
      // What was rolled up while the samples could still be read is worth more than a part of it.
      if (damaged && this.#reader.hasRollup(tier, machine, group, startMs)) continue;
      const row = { machine, group, startMs, block: encodeRollup(set, startMs) };
      const isEmpty = [...set.values()].every((buckets) => buckets.length === 0);
      (isEmpty ? target.empty : target.full).push(row);
    }
  }

  #fromSamples(wanted: Wanted, startMs: Millis, counters: Uint8Array): BucketSet {
    const { windowMs, widthMs } = layoutOf('1m');
    const lists = new Map<number, SampleList>();
    const endMs = startMs + windowMs;
    this.#reader.samples(wanted, startMs - RATE_LOOKBACK_MS, endMs, (slot) => listOf(lists, slot));
    const set: BucketSet = new Map();
    for (const [slot, list] of lists) {
      const buckets = new Buckets(widthMs);
      addSamples(buckets, list.settle(), counters[slot] === 1 ? 'counter' : 'gauge', startMs, endMs);
      set.set(slot, buckets);
    }
    return set;
  }

  #fromBelow(tier: RollupTier, wanted: Wanted, startMs: Millis): BucketSet {
    const { windowMs, widthMs } = layoutOf(tier);
    const below = ROLLUPS[ROLLUPS.findIndex((layout) => layout.tier === tier) - 1];
    const set: BucketSet = new Map();
    if (below === undefined) return set;
    const endMs = startMs + windowMs;
    this.#reader.buckets(below.tier, wanted, startMs, endMs, (slot, finer) => {
      const buckets = set.get(slot) ?? new Buckets(widthMs);
      set.set(slot, buckets);
      buckets.addAll(finer, startMs, endMs);
    });
    return set;
  }

  #isNeeded({ tier, startMs, endMs }: Partition): boolean {
    const above = tier === 'raw' ? ROLLUPS[0] : ROLLUPS[ROLLUPS.findIndex((one) => one.tier === tier) + 1];
    if (above === undefined) return false;
    const firstMs = startOf(startMs, above.windowMs);
    return this.#index.anyPending(above.tier, firstMs, endMs + (tier === 'raw' ? HOUR_MS : 0));
  }

  /** A broken file is put aside under another name and begun anew. */
  #write(file: string, work: (db: PartitionDb) => void): void {
    try {
      work(this.#db(file));
    } catch (error) {
      if (!isBroken(error)) throw error;
      this.#damaged.push(`${file}: ${(error as Error).message}; put aside`);
      this.#putAside(file);
      work(this.#db(file));
    }
  }

  #putAside(file: string): void {
    this.#close(file);
    const full = path.join(this.#folder, file);
    let number = 1;
    while (fs.existsSync(`${full}.damaged-${number}`)) number += 1;
    fs.renameSync(full, `${full}.damaged-${number}`);
    for (const suffix of ['-wal', '-shm']) fs.rmSync(full + suffix, { force: true });
    this.#replaced.push(file);
  }

  #db(file: string): PartitionDb {
    const known = this.#files.get(file);
    const db = known ?? new PartitionDb(path.join(this.#folder, file), file, 'write');
    this.#files.delete(file);
    this.#files.set(file, db);
    const [oldest] = this.#files.keys();
    if (this.#files.size > OPEN_FILES_MAX && oldest !== undefined) this.#close(oldest);
    return db;
  }

  #close(file: string): void {
    this.#reader.forget(file);
    this.#files.get(file)?.close();
    this.#files.delete(file);
  }
}

/** Samples of one machine by the day that holds them. */
class DaySets {
  readonly days = new Map<Millis, SampleSet>();

  addBlock(block: Block, decimals: Map<number, number>): void {
    if (block.times.length === 0) return;
    const firstDayMs = startOf(block.firstMs(), RAW_PARTITION_MS);
    for (let dayMs = firstDayMs; dayMs <= block.lastMs(); dayMs += RAW_PARTITION_MS) {
      const set = this.days.get(dayMs) ?? new Map<number, SampleList>();
      this.days.set(dayMs, set);
      for (const slot of block.slots()) {
        const list = listOf(set, slot);
        const before = list.length;
        const written = block.read(slot, dayMs, dayMs + RAW_PARTITION_MS, list);
        if (written !== undefined) decimals.set(slot, Math.max(written, decimals.get(slot) ?? 0));
        if (before === 0 && list.length === 0) set.delete(slot);
      }
    }
  }

  /** Adds the starts of the hours that hold samples or lie within `reachMs` behind one. */
  hours(into: Set<Millis>, reachMs: number): void {
    for (const set of this.days.values()) {
      for (const list of set.values()) {
        for (let i = 0; i < list.length; i++) {
          into.add(startOf(list.times[i] as number, HOUR_MS));
          if (reachMs > 0) into.add(startOf((list.times[i] as number) + reachMs, HOUR_MS));
        }
      }
    }
  }
}

function addRows(
  machine: MachineNo,
  gen: number,
  dayMs: Millis,
  set: SampleSet,
  decimals: ReadonlyMap<number, number>,
  rows: Map<string, ChunkRow[]>,
): void {
  for (const group of groupsOf(set)) {
    const part: SampleSet = new Map([...set].filter(([slot]) => slot >> GROUP_SLOTS_BITS === group));
    const lists = [...part.values()].map((list) => list.settle());
    const startMs = lists.reduce((min, list) => Math.min(min, list.times[0] as number), Infinity);
    const endMs = lists.reduce(
      (max, list) => Math.max(max, list.times[list.length - 1] as number),
      -Infinity,
    );
    const block = encodeBlock(part, (slot) => decimals.get(slot) ?? 0);
    const file = partitionFile('raw', dayMs);
    const chunks = rows.get(file) ?? [];
    rows.set(file, chunks);
    chunks.push({ gen, machine, group, startMs, endMs, block });
  }
}

function groupsOf(set: SampleSet): Set<number> {
  return new Set([...set.keys()].map((slot) => slot >> GROUP_SLOTS_BITS));
}

function listOf(lists: Map<number, SampleList>, slot: number): SampleList {
  const list = lists.get(slot) ?? new SampleList();
  lists.set(slot, list);
  return list;
}
