/**
 * The index file: dictionary of series, delivery marks, what each machine's files hold, samples that are not yet settled,
 * and windows to settle or roll up.
 */
import Database from 'better-sqlite3';
import type { Millis } from '@muster/shared/time.ts';
import type { Delivery } from '../../metrics/store.ts';
import { CHUNK_SCHEMA, type Chunk, ChunkTable, type StoredChunk } from './chunks.ts';
import type { MachineNo, SeriesDefinition } from './dictionary.ts';
import type { ReportDamage } from './partition-db.ts';
import type { Partition, RollupTier } from './partitions.ts';
import { checkpoint, prepareForWriting } from './sqlite-file.ts';

interface FlushedMachine {
  readonly machine: MachineNo;
  readonly position: number;
  readonly latest: Uint8Array;
}

/** A window of a machine whose rollup is missing or out of date; of the tier 1m: whose samples are to be settled. */
export interface PendingWindow {
  readonly machine: MachineNo;
  readonly tier: RollupTier;
  readonly startMs: Millis;
}

export interface IndexState {
  /** Definitions and delivery marks of the journal before this position are here. */
  readonly position: number;
  readonly series: readonly SeriesDefinition[];
  readonly marks: readonly Delivery[];
  readonly flushed: readonly FlushedMachine[];
  readonly pending: readonly PendingWindow[];
  /** What was lost of it, if anything. */
  readonly damaged: readonly string[];
}

interface IndexChange {
  readonly position?: number;
  readonly series?: readonly SeriesDefinition[];
  readonly marks?: readonly Delivery[];
  readonly flushed?: readonly FlushedMachine[];
  readonly chunks?: readonly Chunk[];
  readonly pending?: readonly PendingWindow[];
  readonly done?: readonly PendingWindow[];
  /** Chunks that are settled. */
  readonly settled?: readonly number[];
}

export const INDEX_FILE = 'index.db';
const FORMAT = 2;
const PAGE_BYTES = 4096;
/** Settling a window frees about as much as the next one takes: that room is kept. */
const FREE_SHARE = 0.6;
const FREE_PAGES_MIN = 64;
/** 16 MiB: some tens of milliseconds. */
const SHRINK_PAGES = 4096;
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS series (
    id INTEGER PRIMARY KEY, ci_id TEXT NOT NULL, metric TEXT NOT NULL, instance TEXT NOT NULL, decimals INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS delivery (agent_id TEXT PRIMARY KEY, epoch TEXT NOT NULL, seq INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS flushed (machine INTEGER PRIMARY KEY, position INTEGER NOT NULL, latest BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS pending (
    machine INTEGER NOT NULL, tier TEXT NOT NULL, start_ms INTEGER NOT NULL,
    PRIMARY KEY (machine, tier, start_ms)) WITHOUT ROWID;
  INSERT OR IGNORE INTO meta VALUES ('format', ${FORMAT}), ('position', 0), ('raw_from_ms', 0);
  ${CHUNK_SCHEMA}`;

export class IndexDb {
  readonly #db: Database.Database;
  readonly #chunks: ChunkTable;
  readonly #statements = new Map<string, Database.Statement<unknown[], unknown>>();

  constructor(file: string) {
    this.#db = new Database(file);
    try {
      prepareForWriting(this.#db, SCHEMA, PAGE_BYTES, { givesBack: true });
      const format = this.#meta('format');
      if (format !== FORMAT)
        throw new Error(`metrics index of format ${format}; this version reads ${FORMAT}`);
      this.#chunks = new ChunkTable(this.#db, INDEX_FILE);
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  load(): Omit<IndexState, 'damaged'> {
    const all = <Row>(sql: string) => this.#db.prepare<[], Row>(sql).all();
    return {
      position: this.#meta('position'),
      series: all<SeriesDefinition>(
        'SELECT id, ci_id AS ciId, metric, instance, decimals FROM series ORDER BY id',
      ),
      marks: all<Delivery>('SELECT agent_id AS agentId, epoch, seq FROM delivery'),
      flushed: all<FlushedMachine>('SELECT machine, position, latest FROM flushed'),
      pending: all<PendingWindow>('SELECT machine, tier, start_ms AS startMs FROM pending ORDER BY start_ms'),
    };
  }

  /** Chunks of windows that start in [fromMs, toMs), in the order in which they came. */
  chunks(machine: MachineNo, fromMs: Millis, toMs: Millis, report: ReportDamage): StoredChunk[] {
    return this.#chunks.read(machine, fromMs, toMs, report);
  }

  /** Whether any machine has a window of the tier that is pending and starts in [fromMs, toMs). */
  anyPending(tier: RollupTier, fromMs: Millis, toMs: Millis): boolean {
    const sql = 'SELECT 1 FROM pending WHERE tier = ? AND start_ms >= ? AND start_ms < ? LIMIT 1';
    return this.#statement(sql).get(tier, fromMs, toMs) !== undefined;
  }

  /** Samples before this time were dropped with their files; what comes late for it has no place. */
  rawFromMs(): Millis {
    return this.#meta('raw_from_ms');
  }

  /** Forgets what was to be made of a partition, and its unsettled samples; returns what is pending no longer. */
  drop({ tier, startMs, endMs }: Partition, above: RollupTier | undefined): PendingWindow[] {
    if (above === undefined) return [];
    const range = 'tier = ? AND start_ms >= ? AND start_ms < ?';
    let windows: PendingWindow[] = [];
    this.#db
      .transaction(() => {
        windows = this.#statement(
          `SELECT machine, tier, start_ms AS startMs FROM pending WHERE ${range}`,
        ).all(above, startMs, endMs) as PendingWindow[];
        this.#statement(`DELETE FROM pending WHERE ${range}`).run(above, startMs, endMs);
        if (tier !== 'raw') return;
        this.#statement('DELETE FROM chunk WHERE start_ms < ?').run(endMs);
        this.#statement("UPDATE meta SET value = max(value, ?) WHERE name = 'raw_from_ms'").run(endMs);
      })
      .immediate();
    return windows;
  }

  /** All of it or nothing. */
  apply(change: IndexChange): void {
    this.#db.transaction(() => this.#apply(change)).immediate();
  }

  /** Gives a piece of the room back to the disk if more is free than what comes and goes. */
  shrink(): void {
    const pages = (name: string) => this.#db.pragma(name, { simple: true }) as number;
    const free = pages('freelist_count');
    if (free < FREE_PAGES_MIN || free < FREE_SHARE * pages('page_count')) return;
    this.#db.pragma(`incremental_vacuum(${SHRINK_PAGES})`);
    if (free <= SHRINK_PAGES) this.#db.pragma('wal_checkpoint(TRUNCATE)');
  }

  checkpoint(): void {
    checkpoint(this.#db);
  }

  close(): void {
    this.#db.close();
  }

  #apply(change: IndexChange): void {
    const { position, series = [], marks = [], flushed = [], chunks = [], pending = [], done = [] } = change;
    if (position !== undefined)
      this.#statement("UPDATE meta SET value = ? WHERE name = 'position'").run(position);
    const addSeries = this.#statement('INSERT OR IGNORE INTO series VALUES (?, ?, ?, ?, ?)');
    for (const { id, ciId, metric, instance, decimals } of series)
      addSeries.run(id, ciId, metric, instance, decimals);
    const setMark = this.#statement('INSERT OR REPLACE INTO delivery VALUES (?, ?, ?)');
    for (const { agentId, epoch, seq } of marks) setMark.run(agentId, epoch, seq);
    const setFlushed = this.#statement('INSERT OR REPLACE INTO flushed VALUES (?, ?, ?)');
    for (const machine of flushed) setFlushed.run(machine.machine, machine.position, machine.latest);
    for (const chunk of chunks) this.#chunks.add(chunk);
    const removeChunk = this.#statement('DELETE FROM chunk WHERE id = ?');
    for (const id of change.settled ?? []) removeChunk.run(id);
    const removePending = this.#statement(
      'DELETE FROM pending WHERE machine = ? AND tier = ? AND start_ms = ?',
    );
    for (const { machine, tier, startMs } of done) removePending.run(machine, tier, startMs);
    const addPending = this.#statement('INSERT OR IGNORE INTO pending VALUES (?, ?, ?)');
    for (const { machine, tier, startMs } of pending) addPending.run(machine, tier, startMs);
  }

  #meta(name: string): number {
    const row = this.#db
      .prepare<[string], { value: number }>('SELECT value FROM meta WHERE name = ?')
      .get(name);
    if (row === undefined) throw new Error(`metrics index lacks ${name}`);
    return row.value;
  }

  #statement(sql: string): Database.Statement<unknown[], unknown> {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#db.prepare<unknown[], unknown>(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
