/** Read side of the archive: samples and rollups from the partition files that there are, unsettled samples from the index. */
import { statSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import type { Millis } from '@muster/shared/time.ts';
import { Buckets } from '../../metrics/buckets.ts';
import type { SampleList } from '../../metrics/sample-list.ts';
import type { Tier } from '../../metrics/store.ts';
import { Block } from './block.ts';
import { ChunkTable, type StoredChunk } from './chunks.ts';
import type { MachineNo } from './dictionary.ts';
import { GroupBlock } from './group-block.ts';
import type { Histogram } from './histogram.ts';
import { decodeHistograms } from './histogram-block.ts';
import { INDEX_FILE } from './index-db.ts';
import { OPEN_FILES_MAX } from './limits.ts';
import {
  isUnreadable,
  PartitionDb,
  type ReportDamage,
  type RowKind,
  type StoredRow,
} from './partition-db.ts';
import {
  groupCount,
  groupOf,
  layoutOf,
  partitionFile,
  type RollupTier,
  type RowPlace,
  SETTLE_MS,
  startOf,
  windowsBetween,
} from './partitions.ts';
import { readSamples } from './read-samples.ts';
import { decodeRollup } from './rollup-block.ts';

/** Series of one machine, by slot. */
export interface Wanted {
  readonly machine: MachineNo;
  readonly slots: readonly number[];
}

export class ArchiveReader {
  readonly #folder: string;
  readonly #report: ReportDamage;
  readonly #isGap: (error: unknown) => boolean;
  /** Least recently used first. */
  readonly #open = new Map<string, PartitionDb>();
  #index: { readonly db: Database.Database; readonly chunks: ChunkTable } | undefined;

  /** `isGap`: errors that leave a gap and are reported; all others are thrown. */
  constructor(folder: string, report: ReportDamage, isGap: (error: unknown) => boolean = isUnreadable) {
    this.#folder = folder;
    this.#report = report;
    this.#isGap = isGap;
  }

  /** Adds samples in [fromMs, toMs) to the list of their slot; of two with the same time the one that counts comes first. */
  samples(wanted: Wanted, fromMs: Millis, toMs: Millis, listOf: (slot: number) => SampleList): void {
    // Before the blocks: what is settled meanwhile is then read twice and not missed.
    const chunks = this.#chunks(wanted.machine, fromMs, toMs);
    this.#blocks(wanted, fromMs, toMs, listOf);
    for (const { blocks } of chunks) {
      for (const bytes of blocks ?? []) {
        this.#guard(INDEX_FILE, () => {
          const block = new Block(bytes);
          for (const slot of wanted.slots) readSamples(block, slot, fromMs, toMs, listOf(slot));
        });
      }
    }
  }

  /** Hands over the buckets of rows whose windows touch [fromMs, toMs), ascending; they are good until `take` returns. */
  buckets(
    tier: RollupTier,
    wanted: Wanted,
    fromMs: Millis,
    toMs: Millis,
    take: (slot: number, buckets: Buckets) => void,
  ): void {
    const { windowMs, widthMs } = layoutOf(tier);
    const slots = new Set(wanted.slots);
    const room = new Buckets(widthMs, windowMs / widthMs);
    this.#eachRow(tier, wanted, windowsBetween(fromMs, toMs, windowMs), (data, _, startMs) =>
      decodeRollup(data, startMs, widthMs, (slot) => slots.has(slot), take, room),
    );
  }

  /** Rows of all groups of a machine's window. */
  rows(tier: Tier, machine: MachineNo, startMs: Millis, slots: number): StoredRow[] {
    const name = partitionFile(tier, startMs);
    let rows: StoredRow[] = [];
    this.#guard(name, () => {
      rows = this.#db(name, tier)?.readAll({ machine, startMs }, slots, this.#report) ?? [];
    });
    return rows;
  }

  /** Hands over the histograms of hours in the settle windows that touch [fromMs, toMs), ascending by window. */
  histograms(
    { machine, slots }: Wanted,
    fromMs: Millis,
    toMs: Millis,
    take: (slot: number, startMs: Millis, histogram: Histogram) => void,
  ): void {
    const wanted = new Set(slots);
    const { partitionMs } = layoutOf('1h');
    const windows = windowsBetween(fromMs, toMs, SETTLE_MS);
    for (const [partition, within] of Map.groupBy(windows, (startMs) => startOf(startMs, partitionMs))) {
      const name = partitionFile('1h', partition);
      this.#guard(name, () => {
        const db = this.#db(name, '1h');
        db?.atOnce(() => {
          for (const startMs of within) {
            const data = db.read('histogram', { machine, group: 0, startMs }, this.#report)?.data;
            if (data === undefined) continue;
            this.#guard(name, () => decodeHistograms(data, startMs, (slot) => wanted.has(slot), take));
          }
        });
      });
    }
  }

  has(tier: RollupTier, place: RowPlace, kind: RowKind = 'block'): boolean {
    const name = partitionFile(tier, place.startMs);
    let found = false;
    this.#guard(name, () => {
      found = this.#db(name, tier)?.has(kind, place) ?? false;
    });
    return found;
  }

  /** Whether any group of a machine's window has a row. */
  hasAny(tier: Tier, machine: MachineNo, startMs: Millis, slots: number): boolean {
    const name = partitionFile(tier, startMs);
    let found = false;
    this.#guard(name, () => {
      found = this.#db(name, tier)?.hasAny({ machine, startMs }, slots) ?? false;
    });
    return found;
  }

  /** Lets go of a file that is about to be removed or was replaced. */
  forget(file: string): void {
    this.#open.get(file)?.close();
    this.#open.delete(file);
  }

  close(): void {
    for (const file of this.#open.keys()) this.forget(file);
    this.#index?.db.close();
    this.#index = undefined;
  }

  #blocks(wanted: Wanted, fromMs: Millis, toMs: Millis, listOf: (slot: number) => SampleList): void {
    const windows = windowsBetween(fromMs, toMs, SETTLE_MS);
    this.#eachRow('raw', wanted, windows, (data, slots) => {
      const block = new GroupBlock(data);
      for (const slot of slots) {
        const list = listOf(slot);
        if (list.length === 0) list.reserve(block.times.length * windows.length);
        readSamples(block, slot, fromMs, toMs, list);
      }
    });
  }

  /** Block rows of the wanted groups, window after window; those of one file are read as of one moment. */
  #eachRow(
    tier: Tier,
    wanted: Wanted,
    windows: readonly Millis[],
    take: (data: Uint8Array, slots: readonly number[], startMs: Millis) => void,
  ): void {
    const { machine } = wanted;
    const groups = Map.groupBy(wanted.slots, groupOf);
    const slotsEnd = wanted.slots.reduce((max, slot) => Math.max(max, slot), -1) + 1;
    // Most of a machine's groups are read in one go.
    const isMost = groups.size * 2 > groupCount(slotsEnd) && groups.size > 1;
    const { partitionMs } = layoutOf(tier);
    for (const [partition, within] of Map.groupBy(windows, (startMs) => startOf(startMs, partitionMs))) {
      const name = partitionFile(tier, partition);
      this.#guard(name, () => {
        const db = this.#db(name, tier);
        db?.atOnce(() => {
          for (const startMs of within) {
            const rows = isMost
              ? db.readAll({ machine, startMs }, slotsEnd, this.#report)
              : db.readGroups({ machine, startMs }, groups.keys(), this.#report);
            for (const { group, data } of rows) {
              const slots = groups.get(group);
              if (data !== undefined && slots !== undefined)
                this.#guard(name, () => take(data, slots, startMs));
            }
          }
        });
      });
    }
  }

  #chunks(machine: MachineNo, fromMs: Millis, toMs: Millis): readonly StoredChunk[] {
    let chunks: readonly StoredChunk[] = [];
    this.#guard(INDEX_FILE, () => {
      this.#index ??= openIndex(path.join(this.#folder, INDEX_FILE));
      chunks = this.#index?.chunks.read(machine, startOf(fromMs, SETTLE_MS), toMs, this.#report) ?? [];
    });
    return chunks;
  }

  #guard(name: string, read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!this.#isGap(error)) throw error;
      this.#report(`${name}: ${(error as Error).message}`);
    }
  }

  #db(name: string, tier: Tier): PartitionDb | undefined {
    const known = this.#open.get(name);
    // Unlike `existsSync` this fails where the disk does not answer: that is no proof that there is no such file.
    const isThere = () => statSync(path.join(this.#folder, name), { throwIfNoEntry: false }) !== undefined;
    if (known === undefined && !isThere()) return undefined;
    const db = known ?? new PartitionDb(path.join(this.#folder, name), name, tier, 'read');
    if (known === undefined && !db.isReady()) {
      db.close();
      return undefined;
    }
    this.#open.delete(name);
    this.#open.set(name, db);
    const [oldest] = this.#open.keys();
    if (this.#open.size > OPEN_FILES_MAX && oldest !== undefined) this.forget(oldest);
    return db;
  }
}

function openIndex(file: string) {
  const db = new Database(file, { readonly: true, fileMustExist: true });
  return { db, chunks: new ChunkTable(db, INDEX_FILE) };
}
