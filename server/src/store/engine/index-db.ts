/** The index file: dictionary of series, delivery marks, what each machine's files hold, and windows to roll up. */
import Database from 'better-sqlite3';
import type { Millis } from '@muster/shared/time.ts';
import type { Delivery } from '../../metrics/store.ts';
import type { MachineNo, SeriesDefinition } from './dictionary.ts';
import type { RollupTier } from './partitions.ts';
import { checkpoint, prepareForWriting } from './partition-db.ts';

interface FlushedMachine {
  readonly machine: MachineNo;
  readonly position: number;
  readonly latest: Uint8Array;
}

/** A window of a machine whose rollup is missing or out of date. */
export interface PendingWindow {
  readonly machine: MachineNo;
  readonly tier: RollupTier;
  readonly startMs: Millis;
}

export interface IndexState {
  /** Chunks of later generations were never committed. */
  readonly gen: number;
  /** Definitions and delivery marks of the journal before this position are here. */
  readonly position: number;
  readonly series: readonly SeriesDefinition[];
  readonly marks: readonly Delivery[];
  readonly flushed: readonly FlushedMachine[];
  readonly pending: readonly PendingWindow[];
}

interface IndexChange {
  readonly gen?: number;
  readonly position?: number;
  readonly series?: readonly SeriesDefinition[];
  readonly marks?: readonly Delivery[];
  readonly flushed?: readonly FlushedMachine[];
  readonly pending?: readonly PendingWindow[];
  readonly done?: readonly PendingWindow[];
}

export const INDEX_FILE = 'index.db';
const FORMAT = 1;
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS series (
    id INTEGER PRIMARY KEY, ci_id TEXT NOT NULL, metric TEXT NOT NULL, instance TEXT NOT NULL, decimals INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS delivery (agent_id TEXT PRIMARY KEY, epoch TEXT NOT NULL, seq INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS flushed (machine INTEGER PRIMARY KEY, position INTEGER NOT NULL, latest BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS pending (
    machine INTEGER NOT NULL, tier TEXT NOT NULL, start_ms INTEGER NOT NULL,
    PRIMARY KEY (machine, tier, start_ms)) WITHOUT ROWID;
  INSERT OR IGNORE INTO meta VALUES ('format', ${FORMAT}), ('gen', 0), ('position', 0);`;

export class IndexDb {
  readonly #db: Database.Database;

  constructor(file: string) {
    this.#db = new Database(file);
    try {
      prepareForWriting(this.#db, SCHEMA);
      const format = this.#meta('format');
      if (format !== FORMAT)
        throw new Error(`metrics index of format ${format}; this version reads ${FORMAT}`);
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  load(): IndexState {
    const all = <Row>(sql: string) => this.#db.prepare<[], Row>(sql).all();
    return {
      gen: this.gen(),
      position: this.#meta('position'),
      series: all<SeriesDefinition>(
        'SELECT id, ci_id AS ciId, metric, instance, decimals FROM series ORDER BY id',
      ),
      marks: all<Delivery>('SELECT agent_id AS agentId, epoch, seq FROM delivery'),
      flushed: all<FlushedMachine>('SELECT machine, position, latest FROM flushed'),
      pending: all<PendingWindow>('SELECT machine, tier, start_ms AS startMs FROM pending'),
    };
  }

  gen(): number {
    return this.#meta('gen');
  }

  hasPending(machine: MachineNo, tier: RollupTier, fromMs: Millis, toMs: Millis): boolean {
    const row = this.#db
      .prepare(
        'SELECT 1 FROM pending WHERE machine = ? AND tier = ? AND start_ms >= ? AND start_ms < ? LIMIT 1',
      )
      .get(machine, tier, fromMs, toMs);
    return row !== undefined;
  }

  /** Whether any machine has a window of the tier to be rolled up that starts in [fromMs, toMs). */
  anyPending(tier: RollupTier, fromMs: Millis, toMs: Millis): boolean {
    const row = this.#db
      .prepare('SELECT 1 FROM pending WHERE tier = ? AND start_ms >= ? AND start_ms < ? LIMIT 1')
      .get(tier, fromMs, toMs);
    return row !== undefined;
  }

  /** All of it or nothing. */
  apply(change: IndexChange): void {
    this.#db.transaction(() => this.#apply(change)).immediate();
  }

  checkpoint(): void {
    checkpoint(this.#db);
  }

  close(): void {
    this.#db.close();
  }

  #apply({
    gen,
    position,
    series = [],
    marks = [],
    flushed = [],
    pending = [],
    done = [],
  }: IndexChange): void {
    const setMeta = this.#db.prepare('UPDATE meta SET value = ? WHERE name = ?');
    const addSeries = this.#db.prepare('INSERT OR IGNORE INTO series VALUES (?, ?, ?, ?, ?)');
    const setMark = this.#db.prepare('INSERT OR REPLACE INTO delivery VALUES (?, ?, ?)');
    const setFlushed = this.#db.prepare('INSERT OR REPLACE INTO flushed VALUES (?, ?, ?)');
    const addPending = this.#db.prepare('INSERT OR IGNORE INTO pending VALUES (?, ?, ?)');
    const removePending = this.#db.prepare(
      'DELETE FROM pending WHERE machine = ? AND tier = ? AND start_ms = ?',
    );
    if (gen !== undefined) setMeta.run(gen, 'gen');
    if (position !== undefined) setMeta.run(position, 'position');
    for (const { id, ciId, metric, instance, decimals } of series) {
      addSeries.run(id, ciId, metric, instance, decimals);
    }
    for (const { agentId, epoch, seq } of marks) setMark.run(agentId, epoch, seq);
    for (const machine of flushed) setFlushed.run(machine.machine, machine.position, machine.latest);
    for (const { machine, tier, startMs } of done) removePending.run(machine, tier, startMs);
    for (const { machine, tier, startMs } of pending) addPending.run(machine, tier, startMs);
  }

  #meta(name: string): number {
    const row = this.#db
      .prepare<[string], { value: number }>('SELECT value FROM meta WHERE name = ?')
      .get(name);
    if (row === undefined) throw new Error(`metrics index lacks ${name}`);
    return row.value;
  }
}
