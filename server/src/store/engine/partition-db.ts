/** One partition file: a SQLite database of checked blobs, one row per group of a machine's series and window. */
import { crc32 } from 'node:zlib';
import Database from 'better-sqlite3';
import { WireError } from '@muster/shared/wire/bytes.ts';
import type { Tier } from '../../metrics/store.ts';
import { groupOfKey, groupCount, histogramKey, type RowPlace, rowKey } from './partitions.ts';
import { checkpoint, prepareForWriting } from './sqlite-file.ts';

/** Tells of a blob or file that could not be read; what it held shows as a gap. */
export type ReportDamage = (what: string) => void;

/** Samples or rollups of a group; or, in files of the tier 1h, histograms of all series of a machine's settle window. */
export type RowKind = 'block' | 'histogram';

export interface Row extends RowPlace {
  readonly kind: RowKind;
  /** Empty: there is no such row any more. */
  readonly data: Uint8Array;
  /** Samples of it could not be read when it was made: what was made of them before is worth more. */
  readonly lost: boolean;
}

export interface StoredRow {
  readonly group: number;
  readonly lost: boolean;
  /** Undefined where the blob is damaged. */
  readonly data: Uint8Array | undefined;
}

interface RawRow {
  readonly key: number;
  readonly lost: number;
  readonly crc: number;
  readonly data: Buffer;
}

const SCHEMA = ['block', 'histogram']
  .map(
    (kind) =>
      `CREATE TABLE IF NOT EXISTS ${kind} (
         key INTEGER PRIMARY KEY, lost INTEGER NOT NULL, crc INTEGER NOT NULL, data BLOB NOT NULL);`,
  )
  .join('\n');
/** Blobs have some thousand bytes and leave half a page empty each: 5 % here, 10 % with pages of 4 KiB; smaller ones cost more calls. */
const PAGE_BYTES = 2048;
const BUSY_MS = 5_000;

export class PartitionDb {
  readonly #db: Database.Database;
  readonly #name: string;
  readonly #tier: Tier;
  readonly #statements = new Map<string, Database.Statement<unknown[], unknown>>();

  /** Throws SqliteError when it is not a database. */
  constructor(file: string, name: string, tier: Tier, mode: 'read' | 'write') {
    this.#name = name;
    this.#tier = tier;
    this.#db = new Database(file, {
      readonly: mode === 'read',
      fileMustExist: mode === 'read',
      timeout: BUSY_MS,
    });
    try {
      if (mode === 'write') prepareForWriting(this.#db, SCHEMA, PAGE_BYTES);
      this.#db.prepare('SELECT count(*) FROM sqlite_master').get();
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** All rows or none. */
  write(rows: readonly Row[]): void {
    this.#db
      .transaction(() => {
        for (const row of rows) {
          const key = this.#key(row.kind, row);
          if (row.data.length === 0) this.#statement(`DELETE FROM ${row.kind} WHERE key = ?`).run(key);
          else
            this.#statement(`INSERT OR REPLACE INTO ${row.kind} VALUES (?, ?, ?, ?)`).run(
              key,
              row.lost ? 1 : 0,
              checksum(row, row.data),
              row.data,
            );
        }
      })
      .immediate();
  }

  /** Reads of `work` see one state of the file, and lock it once. */
  atOnce(work: () => void): void {
    this.#statement('BEGIN').run();
    try {
      work();
    } finally {
      if (this.#db.inTransaction) this.#statement('COMMIT').run();
    }
  }

  read(kind: RowKind, place: RowPlace, report: ReportDamage): StoredRow | undefined {
    const row = this.#statement(`SELECT key, lost, crc, data FROM ${kind} WHERE key = ?`).get(
      this.#key(kind, place),
    ) as RawRow | undefined;
    return row === undefined ? undefined : this.#checked(row, place, report);
  }

  /** Blocks of those groups of a machine's window that have one, in the order given. */
  readGroups(place: Omit<RowPlace, 'group'>, groups: Iterable<number>, report: ReportDamage): StoredRow[] {
    return Array.from(groups, (group) => this.read('block', { ...place, group }, report)).filter(
      (row) => row !== undefined,
    );
  }

  /** Blocks of all groups of a machine's window, ascending by group. */
  readAll(place: Omit<RowPlace, 'group'>, slots: number, report: ReportDamage): StoredRow[] {
    const first = rowKey(this.#tier, { ...place, group: 0 });
    const rows = this.#statement(
      'SELECT key, lost, crc, data FROM block WHERE key >= ? AND key < ? ORDER BY key',
    ).all(first, first + groupCount(slots)) as RawRow[];
    return rows.map((row) => this.#checked(row, { ...place, group: groupOfKey(row.key) }, report));
  }

  has(kind: RowKind, place: RowPlace): boolean {
    return this.#statement(`SELECT 1 FROM ${kind} WHERE key = ?`).get(this.#key(kind, place)) !== undefined;
  }

  /** Whether any group of a machine's window has a block. */
  hasAny(place: Omit<RowPlace, 'group'>, slots: number): boolean {
    const first = rowKey(this.#tier, { ...place, group: 0 });
    const sql = 'SELECT 1 FROM block WHERE key >= ? AND key < ? LIMIT 1';
    return this.#statement(sql).get(first, first + groupCount(slots)) !== undefined;
  }

  /** False while another thread is just making the file. */
  isReady(): boolean {
    return this.#db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'histogram'").get() !== undefined;
  }

  /** Moves the log into the file if no reader is in the way. */
  shrinkLog(): void {
    this.#db.pragma('wal_checkpoint(TRUNCATE)');
  }

  /** Moves everything into the one file. */
  checkpoint(): void {
    checkpoint(this.#db);
  }

  close(): void {
    this.#db.close();
  }

  #key(kind: RowKind, place: RowPlace): number {
    return kind === 'block' ? rowKey(this.#tier, place) : histogramKey(place.machine, place.startMs);
  }

  #checked(row: RawRow, place: RowPlace, report: ReportDamage): StoredRow {
    const sound = checksum(place, row.data) === row.crc;
    if (!sound)
      report(`${this.#name} row ${row.key}: checksum does not match, ${row.data.length} bytes lost`);
    return { group: place.group, lost: row.lost !== 0, data: sound ? row.data : undefined };
  }

  #statement(sql: string): Database.Statement<unknown[], unknown> {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#db.prepare<unknown[], unknown>(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

/** Errors that mean: this file or blob cannot be read now, as against the disk being full or a programmer's error. */
export function isUnreadable(error: unknown): boolean {
  if (isDamage(error)) return true;
  if (isFull(error)) return false;
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_IOERR');
}

/** Errors that mean: this file or blob will never be read again. What a disk says of itself may pass. */
export function isDamage(error: unknown): boolean {
  return error instanceof WireError || isBroken(error);
}

/** The file is no sound database. */
export function isBroken(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code);
}

export function isFull(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return /^(SQLITE_FULL|SQLITE_IOERR_(WRITE|SHMSIZE|TRUNCATE|FSYNC)|ENOSPC|EDQUOT)/.test(String(error.code));
}

/** Covers the key too, so that a damaged one never shows another machine's data. Signed: four bytes in SQLite. */
function checksum({ machine, group, startMs }: RowPlace, data: Uint8Array): number {
  return crc32(data, crc32(`${machine}/${group}/${startMs}`)) | 0;
}
