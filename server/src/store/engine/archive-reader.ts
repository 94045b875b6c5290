/** Read side of the archive: samples and rollups from the partition files that there are. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Millis } from '@muster/shared/time.ts';
import type { Buckets } from '../../metrics/buckets.ts';
import type { SampleList } from '../../metrics/sample-list.ts';
import type { Tier } from '../../metrics/store.ts';
import { Block } from './block.ts';
import type { MachineNo } from './dictionary.ts';
import { OPEN_FILES_MAX } from './limits.ts';
import { isUnreadable, PartitionDb, type ReportDamage } from './partition-db.ts';
import { layoutOf, partitionFile, partitionMs, type RollupTier, windowsBetween } from './partitions.ts';
import { decodeRollup } from './rollup-block.ts';

/** Series of one group of one machine. */
export interface Wanted {
  readonly machine: MachineNo;
  readonly group: number;
  has(slot: number): boolean;
}

export class ArchiveReader {
  readonly #folder: string;
  readonly #report: ReportDamage;
  /** Least recently used first. */
  readonly #open = new Map<string, PartitionDb>();

  constructor(folder: string, report: ReportDamage) {
    this.#folder = folder;
    this.#report = report;
  }

  /** Adds samples in [fromMs, toMs) to the list of their slot, in the order in which they were stored. */
  samples(wanted: Wanted, fromMs: Millis, toMs: Millis, listOf: (slot: number) => SampleList): void {
    this.#each('raw', fromMs, toMs, (db, name) => {
      for (const bytes of db.chunks(wanted.machine, wanted.group, fromMs, toMs, this.#report)) {
        this.#guard(name, () => {
          const block = new Block(bytes);
          for (const slot of block.slots()) {
            if (wanted.has(slot)) block.read(slot, fromMs, toMs, listOf(slot));
          }
        });
      }
    });
  }

  /** Hands over the buckets of rows whose windows touch [fromMs, toMs), ascending. */
  buckets(
    tier: RollupTier,
    wanted: Wanted,
    fromMs: Millis,
    toMs: Millis,
    take: (slot: number, buckets: Buckets) => void,
  ): void {
    const { windowMs, widthMs } = layoutOf(tier);
    const firstMs = windowsBetween(fromMs, toMs, windowMs)[0] ?? fromMs;
    this.#each(tier, firstMs, toMs, (db, name) => {
      for (const row of db.rollups(wanted.machine, wanted.group, firstMs, toMs, this.#report)) {
        this.#guard(name, () =>
          decodeRollup(row.block, row.startMs, widthMs, (slot) => wanted.has(slot), take),
        );
      }
    });
  }

  hasRollup(tier: RollupTier, machine: MachineNo, group: number, startMs: Millis): boolean {
    let found = false;
    this.#each(tier, startMs, startMs + 1, (db) => {
      found = db.hasRollup(machine, group, startMs);
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
  }

  #each(tier: Tier, fromMs: Millis, toMs: Millis, read: (db: PartitionDb, name: string) => void): void {
    for (const startMs of windowsBetween(fromMs, toMs, partitionMs(tier))) {
      const name = partitionFile(tier, startMs);
      this.#guard(name, () => {
        const db = this.#db(name);
        if (db !== undefined) read(db, name);
      });
    }
  }

  #guard(name: string, read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      this.#report(`${name}: ${(error as Error).message}`);
    }
  }

  #db(name: string): PartitionDb | undefined {
    const known = this.#open.get(name);
    if (known === undefined && !existsSync(path.join(this.#folder, name))) return undefined;
    const db = known ?? new PartitionDb(path.join(this.#folder, name), name, 'read');
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
