/**
 * Archive: the samples and rollups on disk. A commit puts samples as they came into the index, in one transaction with
 * everything that says so. When a window of time is over, settling makes blocks and rollups of them in files of their
 * own, one per tier and stretch of time, and takes them out of the index last: done twice it comes to the same.
 */
import fs from 'node:fs';
import path from 'node:path';
import { DAY_MS, type Millis, SECOND_MS } from '@muster/shared/time.ts';
import { Buckets } from '../../metrics/buckets.ts';
import { RATE_LOOKBACK_MS } from '../../metrics/rates.ts';
import { SampleList } from '../../metrics/sample-list.ts';
import type { Delivery, Tier } from '../../metrics/store.ts';
import { TIERS } from '../../metrics/tiers.ts';
import { ArchiveReader, type Wanted } from './archive-reader.ts';
import { Block } from './block.ts';
import { chunksOf, type StoredChunk } from './chunks.ts';
import { ColumnJoin, pickColumns } from './column-join.ts';
import { type Columns, type ColumnSource, countRows } from './columns.ts';
import type { MachineNo, SeriesDefinition } from './dictionary.ts';
import { encodeGroup, GroupBlock } from './group-block.ts';
import type { FrozenMachine } from './head.ts';
import { encodeHistograms, type HistogramSet } from './histogram-block.ts';
import { INDEX_FILE, IndexDb, type IndexState, type PendingWindow } from './index-db.ts';
import { OPEN_FILES_MAX } from './limits.ts';
import { isBroken, isDamage, isFull, PartitionDb, type Row, type StoredRow } from './partition-db.ts';
import {
  groupCount,
  groupOf,
  layoutOf,
  parsePartition,
  type Partition,
  partitionFile,
  ROLLUPS,
  type RollupTier,
  SETTLE_MS,
  startOf,
  tierAbove,
} from './partitions.ts';
import { type BucketSet, encodeRollup } from './rollup-block.ts';
import { readSeries, SeriesFile } from './series-file.ts';
import {
  lastReadings,
  READINGS_BEFORE,
  type ReadingsBefore,
  SERIES_KINDS,
  WindowRollup,
} from './window-rollup.ts';

export interface FlushBatch {
  readonly machines: readonly FrozenMachine[];
  readonly series: readonly SeriesDefinition[];
  readonly marks: readonly Delivery[];
  /** Series and marks of the journal before this position are in this batch or in earlier ones. */
  readonly position: number;
}

export interface ArchiveResult {
  readonly pending: readonly PendingWindow[];
  /** Windows that are pending no longer. */
  readonly done: readonly PendingWindow[];
  /** Windows that were tried in vain: nothing of them has changed. */
  readonly failed: readonly FailedWindow[];
  /** Late samples that were stored already. */
  readonly duplicates: number;
  readonly damaged: readonly string[];
  /** Files that cannot be removed now, with the reason. */
  readonly kept: readonly { readonly file: string; readonly what: string }[];
  /** Files that were put aside because they were broken, or removed: readers must let go of them. */
  readonly replaced: readonly string[];
}

export interface FailedWindow {
  readonly window: PendingWindow;
  /** The error, the same for all that fail for the same reason. */
  readonly what: string;
}

export interface WindowJob {
  readonly window: PendingWindow;
  /** By slot, of SERIES_KINDS. */
  readonly kinds: Uint8Array;
}

/** The archive as the engine sees it: in this thread or in another. Calls are carried out one after the other. */
export interface Archive {
  open(): Promise<IndexState>;
  commit(batch: FlushBatch): Promise<ArchiveResult>;
  /**
   * Makes blocks and first rollups of windows of the tier 1m. As many as fit into one call, at least one, in the order
   * given; each of these is in `done` or in `failed`. `pending` are the windows of the tiers above that follow. Rejects
   * only where nothing at all can be written: when the disk is full.
   */
  settle(jobs: readonly WindowJob[]): Promise<ArchiveResult>;
  /** The same for windows of the tiers above, made of rows of the tier below. */
  rollUp(jobs: readonly WindowJob[]): Promise<ArchiveResult>;
  /** Removes expired files, except those that rollups are still to be made from. */
  remove(partitions: readonly Partition[]): Promise<ArchiveResult>;
  /** Removes a file although it was not past its retention. What was still to be made of it is pending no longer. */
  drop(partition: Partition): Promise<ArchiveResult>;
  /** Gives room back to the disk, a piece per call. */
  tidy(): Promise<void>;
  /** Everything is in the plain files when it returns. */
  checkpoint(): Promise<void>;
  close(): Promise<void>;
}

export function inlineArchive(folder: string): Archive {
  const writer = new ArchiveWriter(folder);
  return {
    open: async () => writer.open(),
    commit: async (batch) => writer.commit(batch),
    settle: async (jobs) => writer.settle(jobs),
    rollUp: async (jobs) => writer.rollUp(jobs),
    remove: async (partitions) => writer.remove(partitions),
    drop: async (partition) => writer.drop(partition),
    tidy: async () => writer.tidy(),
    checkpoint: async () => writer.checkpoint(),
    close: async () => writer.close(),
  };
}

/** Samples settled in one call: some 60 ms, for commits wait meanwhile. */
const SETTLE_SAMPLES_MAX = 600_000;
/** Time after which a call tries no further window: one that fails may have waited long for a lock or a disk. */
const WORK_MS_MAX = 1 * SECOND_MS;
/** A file that has not been written for so long gets its log moved into it. */
const QUIET_MS = 5 * SECOND_MS;
/** Counters whose last readings are kept from one window to the next; those of others are read again. */
const READINGS_KEPT_MAX = 50_000;

export class ArchiveWriter {
  readonly #folder: string;
  readonly #reader: ArchiveReader;
  readonly #seriesFile: SeriesFile;
  readonly #files = new Map<string, PartitionDb>();
  /** Monotonic time of the last write to a file whose log was not moved into it since. */
  readonly #writtenAtMs = new Map<string, number>();
  readonly #readings = new ReadingsKept();
  readonly #rollup = new WindowRollup();
  /** Columns of windows that are settled. */
  readonly #room: Float64Array[] = [];
  #openIndex: IndexDb | undefined;
  #damaged: string[] = [];
  #replaced: string[] = [];

  constructor(folder: string) {
    this.#folder = folder;
    this.#seriesFile = new SeriesFile(folder);
    // What is only out of reach for now must not be taken for a gap, for what is written then stays.
    this.#reader = new ArchiveReader(folder, (what) => this.#damaged.push(what), isDamage);
  }

  open(): IndexState {
    fs.mkdirSync(this.#folder, { recursive: true });
    try {
      this.#openIndex = new IndexDb(path.join(this.#folder, INDEX_FILE));
      this.#openNewest();
      const state = this.#load();
      return { ...state, damaged: this.#result({}).damaged };
    } catch (error) {
      if (!isBroken(error)) throw error;
      return this.#rebuildIndex(error as Error);
    }
  }

  /**
   * Blocks and rollups are as they were, and the journal is read again from its beginning: what it has twice counts once.
   * Samples that were in the index alone are lost, at most some hours of them.
   */
  #rebuildIndex(error: Error): IndexState {
    this.#openIndex?.close();
    this.#putAside(INDEX_FILE);
    this.#openIndex = new IndexDb(path.join(this.#folder, INDEX_FILE));
    const series = readSeries(this.#folder);
    this.#openNewest();
    const what = `${INDEX_FILE}: ${error.message}; put aside, ${series.length} series were saved, samples of the last hours that were not yet settled are lost`;
    return { ...this.#load(), damaged: [what, ...this.#result({}).damaged] };
  }

  /** An index that knows nothing, because it is new or was put aside, takes all from the second copy. */
  #load(): Omit<IndexState, 'damaged'> {
    const state = this.#index.load();
    const series = this.#seriesFile.open(state.series);
    if (series.length === 0) return state;
    this.#index.apply({ series, pending: state.series.length === 0 ? this.#unsure(series) : [] });
    return this.#index.load();
  }

  /** Windows of coarser tiers that may not have been made: those behind the newest file of the finest one. */
  #unsure(series: readonly SeriesDefinition[]): PendingWindow[] {
    const newest = fs
      .readdirSync(this.#folder)
      .flatMap((file) => parsePartition(file) ?? [])
      .filter(({ tier }) => tier === 'raw')
      .reduce((max, { startMs }) => Math.max(max, startMs), Number.NEGATIVE_INFINITY);
    if (newest === Number.NEGATIVE_INFINITY) return [];
    const machines = new Set(series.map(({ ciId }) => ciId)).size;
    const unsure = new WindowSet();
    for (let machine = 0; machine < machines; machine++)
      for (const back of [0, 1]) unsure.addAbove({ machine, tier: '1m', startMs: newest - back * DAY_MS });
    return unsure.all;
  }

  commit({ machines, series, marks, position }: FlushBatch): ArchiveResult {
    this.#seriesFile.append(series);
    const rawFromMs = this.#index.rawFromMs();
    const chunks = machines.flatMap(chunksOf).filter(({ startMs }) => startMs >= rawFromMs);
    const pending = new WindowSet();
    for (const { machine, startMs, late, lastMs } of chunks) {
      pending.add({ machine, tier: '1m', startMs });
      // A late sample also changes the rate behind it, which may be in the next window.
      const behindMs = startOf(lastMs + RATE_LOOKBACK_MS, SETTLE_MS);
      if (late) pending.add({ machine, tier: '1m', startMs: behindMs });
    }
    this.#index.apply({ position, series, marks, flushed: machines, chunks, pending: pending.all });
    return this.#result({ pending: pending.all });
  }

  settle(jobs: readonly WindowJob[]): ArchiveResult {
    return this.#work(jobs, (job, rows) => this.#settleWindow(job, rows));
  }

  rollUp(jobs: readonly WindowJob[]): ArchiveResult {
    return this.#work(jobs, (job, rows) => this.#rollUpWindow(job, rows));
  }

  remove(partitions: readonly Partition[]): ArchiveResult {
    const kept: ArchiveResult['kept'][number][] = [];
    for (const partition of partitions) {
      if (this.#isNeeded(partition)) continue;
      try {
        this.#remove(partition);
      } catch (error) {
        // It is expired the next time too.
        const { file } = partition;
        kept.push({ file, what: `${file} cannot be removed, and is tried again: ${describe(error)}` });
      }
    }
    return this.#result({ kept });
  }

  drop(partition: Partition): ArchiveResult {
    // First the index: what is left of a window must not become its rollup, not even after a crash.
    const done = this.#index.drop(partition, tierAbove(partition.tier));
    this.#remove(partition);
    return this.#result({ done });
  }

  tidy(): void {
    const nowMs = performance.now();
    for (const [file, db] of this.#files) {
      const quietMs = nowMs - (this.#writtenAtMs.get(file) ?? nowMs);
      if (quietMs < QUIET_MS) continue;
      this.#writtenAtMs.delete(file);
      db.shrinkLog();
    }
    this.#index.shrink();
  }

  checkpoint(): void {
    for (const file of fs.readdirSync(this.#folder)) {
      const tier = parsePartition(file)?.tier;
      if (tier !== undefined && fs.existsSync(path.join(this.#folder, `${file}-wal`))) {
        this.#write(file, tier, (db) => db.checkpoint());
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

  #work(jobs: readonly WindowJob[], make: (job: WindowJob, rows: RowsByFile) => Made): ArchiveResult {
    const endsMs = performance.now() + WORK_MS_MAX;
    const failed: FailedWindow[] = [];
    const made: MadeWindow[] = [];
    let samples = 0;
    for (const job of jobs) {
      if (samples >= SETTLE_SAMPLES_MAX || (samples + failed.length > 0 && performance.now() > endsMs)) break;
      const rows = new RowsByFile();
      const outcome = this.#attempt(job.window, failed, () => make(job, rows));
      if (outcome === undefined) continue;
      samples += outcome.samples;
      made.push({ ...outcome, window: job.window, rows });
    }
    const landed = this.#land(made, failed);
    const done = landed.map(({ window }) => window);
    const duplicates = landed.reduce((sum, one) => sum + one.duplicates, 0);
    return this.#result({ pending: windowsAbove(done), done, failed, duplicates });
  }

  /** A full disk is everybody's trouble; any other error is that of this window alone. */
  #attempt<Result>(window: PendingWindow, failed: FailedWindow[], work: () => Result): Result | undefined {
    try {
      return work();
    } catch (error) {
      if (isFull(error)) throw error;
      this.#readings.forget(window.machine);
      failed.push({ window, what: describe(error) });
      return undefined;
    }
  }

  /** Writes what was made of windows; returns those of which it could be written. */
  #land(made: readonly MadeWindow[], failed: FailedWindow[]): readonly MadeWindow[] {
    if (made.length === 0) return made;
    try {
      this.#landAtOnce(made);
      return made;
    } catch (error) {
      if (isFull(error)) throw error;
    }
    // One by one, so that what is wrong with one of them keeps none of the others.
    return made.filter(
      (one) => this.#attempt(one.window, failed, () => this.#landAtOnce([one])) !== undefined,
    );
  }

  #landAtOnce(made: readonly MadeWindow[]): true {
    const rows = new RowsByFile();
    for (const one of made) rows.addAll(one.rows);
    this.#writeRows(rows);
    const done = made.map(({ window }) => window);
    this.#index.apply({ settled: made.flatMap(({ chunks }) => chunks), done, pending: windowsAbove(done) });
    return true;
  }

  #remove({ file }: Partition): void {
    this.#close(file);
    for (const suffix of ['', '-wal', '-shm'])
      fs.rmSync(path.join(this.#folder, file + suffix), { force: true });
    this.#replaced.push(file);
  }

  /** While a file is open here, reading it takes no room on the disk. */
  #openNewest(): void {
    const files = fs.readdirSync(this.#folder).sort();
    for (const tier of TIERS.map((one) => one.tier)) {
      const newest = files.findLast((file) => parsePartition(file)?.tier === tier);
      if (newest !== undefined) this.#openAhead(newest, tier);
    }
  }

  /** A file that cannot be opened now keeps nobody from starting. */
  #openAhead(file: string, tier: Tier): void {
    try {
      this.#write(file, tier, () => undefined);
    } catch (error) {
      this.#damaged.push(`${file}: ${describe(error)}`);
    }
  }

  get #index(): IndexDb {
    if (this.#openIndex === undefined) throw new Error('the archive is not open');
    return this.#openIndex;
  }

  #result(part: Partial<ArchiveResult>): ArchiveResult {
    const result = {
      pending: [],
      done: [],
      failed: [],
      duplicates: 0,
      kept: [],
      ...part,
      damaged: this.#damaged,
      replaced: this.#replaced,
    };
    this.#damaged = [];
    this.#replaced = [];
    return result;
  }

  #settleWindow({ window: { machine, startMs }, kinds }: WindowJob, rows: RowsByFile): Made {
    const endMs = startMs + SETTLE_MS;
    const report = (what: string) => this.#damaged.push(what);
    const chunks = this.#index.chunks(machine, startMs, endMs, report);
    const before = this.#readingsBefore(machine, startMs, kinds);
    const stored = this.#reader.rows('raw', machine, startMs, kinds.length);
    const joined = new Joined(startMs, report, this.#room);
    for (const row of stored) joined.addRow(row);
    // It was settled before, and its file is broken or was put aside since: its rollups are all that is left.
    if (stored.length === 0 && this.#reader.hasAny('1m', machine, startMs, kinds.length)) joined.loseAll();
    for (const chunk of chunks) joined.addChunk(chunk);
    const columns = joined.finish();
    const place = { machine, startMs };
    for (const [group, part] of byGroup(columns)) {
      if (!joined.isNew(group, part)) continue;
      const lost = joined.isLost(group);
      rows.add('raw', { ...place, kind: 'block', group, lost, data: encodeGroup(part) });
    }
    const rollups = new RollupRows('1m', place, kinds.length, this.#reader, rows);
    const histograms = this.#rollup.rollUp(columns, kinds, before, (group, set) => {
      rollups.add(group, set, joined.isLost(group));
    });
    rollups.finish((group) => joined.isLost(group));
    this.#addHistograms(place, histograms, joined.isAnyLost, rows);
    this.#readings.keep(machine, endMs, lastReadings(columns, kinds, endMs - RATE_LOOKBACK_MS));
    const samples = countValues(columns);
    joined.release();
    return { chunks: chunks.map(({ id }) => id), samples, duplicates: joined.duplicates(samples) };
  }

  #addHistograms(
    place: { readonly machine: MachineNo; readonly startMs: Millis },
    set: HistogramSet,
    lost: boolean,
    rows: RowsByFile,
  ): void {
    const row = { ...place, group: 0, kind: 'histogram', lost } as const;
    const isThere = lost || set.size === 0 ? this.#reader.has('1h', row, 'histogram') : false;
    if (lost && isThere) return;
    if (set.size > 0 || isThere)
      rows.add('1h', { ...row, data: set.size > 0 ? encodeHistograms(set, place.startMs) : NO_BYTES });
  }

  /** Of counters, what their first rates in a window depend on. */
  #readingsBefore(machine: MachineNo, startMs: Millis, kinds: Uint8Array): ReadingsBefore {
    const known = this.#readings.take(machine, startMs);
    if (known !== undefined) return known;
    const slots = [...kinds.keys()].filter((slot) => kinds[slot] === SERIES_KINDS.counter);
    const lists = new Map<number, SampleList>();
    this.#reader.samples({ machine, slots }, startMs - RATE_LOOKBACK_MS, startMs, (slot) => {
      const list = lists.get(slot) ?? new SampleList();
      lists.set(slot, list);
      return list;
    });
    return new Map(Array.from(lists, ([slot, list]) => [slot, list.settle().last(READINGS_BEFORE)]));
  }

  #rollUpWindow({ window: { machine, tier, startMs }, kinds }: WindowJob, rows: RowsByFile): Made {
    const slots = [...kinds.keys()];
    const before = this.#damaged.length;
    const set = this.#fromBelow(tier, { machine, slots }, startMs);
    const isLost = this.#damaged.length > before;
    const rollups = new RollupRows(tier, { machine, startMs }, slots.length, this.#reader, rows);
    const groups = Map.groupBy(set, ([slot]) => groupOf(slot));
    for (const [group, part] of groups) rollups.add(group, new Map(part), isLost);
    rollups.finish(() => isLost);
    return { chunks: [], samples: 0, duplicates: 0 };
  }

  #fromBelow(tier: RollupTier, wanted: Wanted, startMs: Millis): BucketSet {
    const { windowMs, widthMs } = layoutOf(tier);
    const below = ROLLUPS[ROLLUPS.findIndex((layout) => layout.tier === tier) - 1];
    const set: BucketSet = new Map();
    if (below === undefined) return set;
    const endMs = startMs + windowMs;
    this.#reader.buckets(below.tier, wanted, startMs, endMs, (slot, finer) => {
      const buckets = set.get(slot) ?? new Buckets(widthMs, windowMs / widthMs);
      set.set(slot, buckets);
      buckets.addAll(finer, startMs, endMs);
    });
    return set;
  }

  #isNeeded({ tier, startMs, endMs }: Partition): boolean {
    const above = tierAbove(tier);
    if (above === undefined) return false;
    const firstMs = startOf(startMs, layoutOf(above).windowMs);
    return this.#index.anyPending(above, firstMs, endMs + (tier === 'raw' ? SETTLE_MS : 0));
  }

  #writeRows(rows: RowsByFile): void {
    for (const [file, { tier, list }] of rows.files) {
      this.#write(file, tier, (db) => db.write(list));
      this.#writtenAtMs.set(file, performance.now());
    }
  }

  /** A broken file is put aside under another name and begun anew. */
  #write(file: string, tier: Tier, work: (db: PartitionDb) => void): void {
    try {
      work(this.#db(file, tier));
    } catch (error) {
      if (!isBroken(error)) throw error;
      this.#damaged.push(`${file}: ${(error as Error).message}; put aside`);
      this.#putAside(file);
      work(this.#db(file, tier));
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

  #db(file: string, tier: Tier): PartitionDb {
    const known = this.#files.get(file);
    const db = known ?? new PartitionDb(path.join(this.#folder, file), file, tier, 'write');
    this.#files.delete(file);
    this.#files.set(file, db);
    const [oldest] = this.#files.keys();
    if (this.#files.size > OPEN_FILES_MAX && oldest !== undefined) this.#close(oldest);
    return db;
  }

  #close(file: string): void {
    this.#reader.forget(file);
    this.#writtenAtMs.delete(file);
    this.#files.get(file)?.close();
    this.#files.delete(file);
  }
}

const NO_BYTES = new Uint8Array(0);

/** What became of a window, beside its rows. */
interface Made {
  /** Chunks that are settled by it. */
  readonly chunks: readonly number[];
  readonly samples: number;
  readonly duplicates: number;
}

interface MadeWindow extends Made {
  readonly window: PendingWindow;
  readonly rows: RowsByFile;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? `${String(error.code)}: ` : '';
  return code + error.message;
}

function windowsAbove(windows: readonly PendingWindow[]): PendingWindow[] {
  const above = new WindowSet();
  for (const window of windows) above.addAbove(window);
  return above.all;
}

/** What is stored of a window and what came since, joined. */
class Joined {
  readonly #join: ColumnJoin;
  readonly #report: (what: string) => void;
  /** Samples in stored blocks, by group. */
  readonly #stored = new Map<number, number>();
  readonly #lost = new Set<number>();
  #isLost = false;
  /** Samples in all that was read; of them, out of order. */
  #added = 0;
  #late = 0;

  constructor(startMs: Millis, report: (what: string) => void, room: Float64Array[]) {
    this.#join = new ColumnJoin(startMs, startMs + SETTLE_MS, room);
    this.#report = report;
  }

  addRow({ group, lost, data }: StoredRow): void {
    if (lost || data === undefined) this.#lost.add(group);
    if (data === undefined) return;
    const count = this.#add(() => new GroupBlock(data));
    if (count === undefined) this.#lost.add(group);
    else this.#stored.set(group, count);
  }

  /** What was stored is gone. */
  loseAll(): void {
    this.#isLost = true;
  }

  addChunk({ blocks, late }: StoredChunk): void {
    if (blocks === undefined) this.#isLost = true;
    for (const bytes of blocks ?? []) {
      const count = this.#add(() => new Block(bytes));
      if (count === undefined) this.#isLost = true;
      else if (late) this.#late += count;
    }
  }

  finish(): Columns {
    return this.#join.finish();
  }

  /** What `finish` gave is good no longer. */
  release(): void {
    this.#join.release();
  }

  /** Whether samples of a group could not be read, now or when its block was made. */
  isLost(group: number): boolean {
    return this.#isLost || this.#lost.has(group);
  }

  get isAnyLost(): boolean {
    return this.#isLost || this.#lost.size > 0;
  }

  /** Whether a group holds anything that its stored block does not. */
  isNew(group: number, columns: Columns): boolean {
    return countValues(columns) !== (this.#stored.get(group) ?? 0);
  }

  /** Late samples that were there already. Those that came in order are there twice only when a crash cut settling short. */
  duplicates(samples: number): number {
    return Math.min(this.#late, this.#added - samples);
  }

  /** Returns the number of samples; undefined where it cannot be read. */
  #add(open: () => ColumnSource): number | undefined {
    try {
      const source = open();
      this.#join.add(source);
      const count = countSource(source);
      this.#added += count;
      return count;
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#report((error as Error).message);
      return undefined;
    }
  }
}

/** Rollup rows of one window of a machine. What was rolled up while all could still be read is worth more than a part of it. */
class RollupRows {
  readonly #tier: RollupTier;
  readonly #place: { readonly machine: MachineNo; readonly startMs: Millis };
  readonly #reader: ArchiveReader;
  readonly #rows: RowsByFile;
  /** Groups that are to have no row when it is over, unless it is added. */
  readonly #missing: Set<number>;

  constructor(
    tier: RollupTier,
    place: { readonly machine: MachineNo; readonly startMs: Millis },
    slots: number,
    reader: ArchiveReader,
    rows: RowsByFile,
  ) {
    this.#tier = tier;
    this.#place = place;
    this.#reader = reader;
    this.#rows = rows;
    this.#missing = new Set(Array.from({ length: groupCount(slots) }, (_, group) => group));
  }

  add(group: number, set: BucketSet, lost: boolean): void {
    this.#missing.delete(group);
    const place = { ...this.#place, group };
    if (lost && this.#reader.has(this.#tier, place)) return;
    const data = encodeRollup(set, place.startMs);
    if (set.size > 0) this.#rows.add(this.#tier, { ...place, kind: 'block', lost, data });
  }

  /** A late sample may have taken the last rates of a group away: their distance is no regular one any more. */
  finish(isLost: (group: number) => boolean): void {
    for (const group of this.#missing) {
      const place = { ...this.#place, group };
      if (!isLost(group) && this.#reader.has(this.#tier, place))
        this.#rows.add(this.#tier, { ...place, kind: 'block', lost: false, data: NO_BYTES });
    }
  }
}

class RowsByFile {
  readonly files = new Map<string, { readonly tier: Tier; readonly list: Row[] }>();
  /** Where the last row went: the next one mostly does too. */
  #last: { readonly tier: Tier; readonly startMs: Millis; readonly list: Row[] } | undefined;

  add(tier: Tier, row: Row): void {
    const last = this.#last;
    if (last?.tier === tier && last.startMs === row.startMs) {
      last.list.push(row);
      return;
    }
    const list = this.#listOf(partitionFile(tier, row.startMs), tier);
    this.#last = { tier, startMs: row.startMs, list };
    list.push(row);
  }

  addAll(other: RowsByFile): void {
    for (const [file, { tier, list }] of other.files) this.#listOf(file, tier).push(...list);
  }

  #listOf(file: string, tier: Tier): Row[] {
    const known = this.files.get(file) ?? { tier, list: [] };
    this.files.set(file, known);
    return known.list;
  }
}

class WindowSet {
  readonly #windows = new Map<string, PendingWindow>();

  add(window: PendingWindow): void {
    this.#windows.set(`${window.machine} ${window.tier} ${window.startMs}`, window);
  }

  /** Those windows of coarser tiers that hold this one. */
  addAbove({ machine, tier, startMs }: PendingWindow): void {
    for (let above = tierAbove(tier); above !== undefined; above = tierAbove(above))
      this.add({ machine, tier: above, startMs: startOf(startMs, layoutOf(above).windowMs) });
  }

  get all(): PendingWindow[] {
    return [...this.#windows.values()];
  }
}

/** Last readings of a machine's newest settled window. */
class ReadingsKept {
  readonly #machines = new Map<MachineNo, { readonly endMs: Millis; readonly readings: ReadingsBefore }>();
  #count = 0;

  /** What was kept for the window that starts then. */
  take(machine: MachineNo, startMs: Millis): ReadingsBefore | undefined {
    const kept = this.#machines.get(machine);
    if (kept === undefined || kept.endMs !== startMs) return undefined;
    this.forget(machine);
    return kept.readings;
  }

  keep(machine: MachineNo, endMs: Millis, readings: ReadingsBefore): void {
    this.forget(machine);
    this.#machines.set(machine, { endMs, readings });
    this.#count += readings.size;
    for (const oldest of this.#machines.keys()) {
      if (this.#count <= READINGS_KEPT_MAX) return;
      this.forget(oldest);
    }
  }

  forget(machine: MachineNo): void {
    this.#count -= this.#machines.get(machine)?.readings.size ?? 0;
    this.#machines.delete(machine);
  }
}

function countValues({ series }: Columns): number {
  return series.reduce((sum, { values }) => sum + values.length, 0);
}

function countSource(source: ColumnSource): number {
  const rows = source.times.length;
  let count = 0;
  for (let index = source.slots().length - 1; index >= 0; index--) {
    const present = source.presentAt(index);
    count += present === undefined ? rows : countRows(present, rows);
  }
  return count;
}

function byGroup(columns: Columns): Map<number, Columns> {
  const groups = new Map<number, Columns>();
  for (const group of new Set(columns.series.map(({ slot }) => groupOf(slot))))
    groups.set(
      group,
      pickColumns(columns, (slot) => groupOf(slot) === group),
    );
  return groups;
}
