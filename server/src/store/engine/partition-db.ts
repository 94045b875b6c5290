/** One partition file: a SQLite database of checked, compressed blobs. */
import Database from 'better-sqlite3';
import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Millis } from '@muster/shared/time.ts';
import { WireError } from '@muster/shared/wire/bytes.ts';
import { BLOCK_BYTES_MAX, ZSTD_LEVEL } from './limits.ts';
import type { MachineNo } from './dictionary.ts';

/** Tells of a blob or file that could not be read; what it held shows as a gap. */
export type ReportDamage = (what: string) => void;

export interface ChunkRow {
  readonly gen: number;
  readonly machine: MachineNo;
  readonly group: number;
  readonly startMs: Millis;
  readonly endMs: Millis;
  readonly block: Uint8Array;
}

export interface RollupRow {
  readonly machine: MachineNo;
  readonly group: number;
  readonly startMs: Millis;
  readonly block: Uint8Array;
}

interface StoredBlob {
  readonly id: number;
  readonly start_ms: number;
  readonly crc: number;
  readonly data: Buffer;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS chunk (
    id INTEGER PRIMARY KEY, gen INTEGER NOT NULL, machine INTEGER NOT NULL, grp INTEGER NOT NULL,
    start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, crc INTEGER NOT NULL, data BLOB NOT NULL);
  CREATE INDEX IF NOT EXISTS chunk_by_machine ON chunk (machine, grp, start_ms, end_ms);
  CREATE TABLE IF NOT EXISTS rollup (
    id INTEGER PRIMARY KEY, machine INTEGER NOT NULL, grp INTEGER NOT NULL,
    start_ms INTEGER NOT NULL, crc INTEGER NOT NULL, data BLOB NOT NULL);
  CREATE UNIQUE INDEX IF NOT EXISTS rollup_by_machine ON rollup (machine, grp, start_ms);`;
const CACHE_KIB = 1024;
const BUSY_MS = 5_000;

export class PartitionDb {
  readonly #db: Database.Database;
  readonly #name: string;
  readonly #statements = new Map<string, Database.Statement<unknown[], unknown>>();

  /** Throws SqliteError when it is not a database. */
  constructor(file: string, name: string, mode: 'read' | 'write') {
    this.#name = name;
    this.#db = new Database(file, {
      readonly: mode === 'read',
      fileMustExist: mode === 'read',
      timeout: BUSY_MS,
    });
    try {
      if (mode === 'write') prepareForWriting(this.#db, SCHEMA);
      this.#db.pragma(`cache_size = -${CACHE_KIB}`);
      this.#db.prepare('SELECT count(*) FROM sqlite_master').get();
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** All rows or none. */
  write(
    chunks: readonly ChunkRow[],
    rollups: readonly RollupRow[],
    emptied: readonly RollupRow[] = [],
  ): void {
    const insert = this.#statement(
      'INSERT INTO chunk (gen, machine, grp, start_ms, end_ms, crc, data) VALUES (?, ?, ?, ?, ?, ?, ?)',
    );
    const replace = this.#statement(
      'INSERT OR REPLACE INTO rollup (machine, grp, start_ms, crc, data) VALUES (?, ?, ?, ?, ?)',
    );
    const remove = this.#statement('DELETE FROM rollup WHERE machine = ? AND grp = ? AND start_ms = ?');
    this.#db
      .transaction(() => {
        for (const { gen, machine, group, startMs, endMs, block } of chunks) {
          const data = compress(block);
          insert.run(gen, machine, group, startMs, endMs, checksum(machine, group, startMs, data), data);
        }
        for (const { machine, group, startMs, block } of rollups) {
          const data = compress(block);
          replace.run(machine, group, startMs, checksum(machine, group, startMs, data), data);
        }
        for (const { machine, group, startMs } of emptied) remove.run(machine, group, startMs);
      })
      .immediate();
  }

  /** Blocks of chunks that touch [fromMs, toMs), in the order in which they were written. */
  chunks(
    machine: MachineNo,
    group: number,
    fromMs: Millis,
    toMs: Millis,
    report: ReportDamage,
  ): Uint8Array[] {
    const rows = this.#statement(
      `SELECT id, start_ms, crc, data FROM chunk
       WHERE machine = ? AND grp = ? AND start_ms < ? AND end_ms >= ? ORDER BY id`,
    ).all(machine, group, toMs, fromMs) as StoredBlob[];
    return rows.flatMap(
      (row) => this.#block(row, checksum(machine, group, row.start_ms, row.data), report) ?? [],
    );
  }

  /** Rollup blocks whose windows start in [fromMs, toMs), ascending. */
  rollups(
    machine: MachineNo,
    group: number,
    fromMs: Millis,
    toMs: Millis,
    report: ReportDamage,
  ): { readonly startMs: Millis; readonly block: Uint8Array }[] {
    const rows = this.#statement(
      `SELECT id, start_ms, crc, data FROM rollup
       WHERE machine = ? AND grp = ? AND start_ms >= ? AND start_ms < ? ORDER BY start_ms`,
    ).all(machine, group, fromMs, toMs) as StoredBlob[];
    return rows.flatMap((row) => {
      const block = this.#block(row, checksum(machine, group, row.start_ms, row.data), report);
      return block === undefined ? [] : [{ startMs: row.start_ms, block }];
    });
  }

  hasRollup(machine: MachineNo, group: number, startMs: Millis): boolean {
    const found = this.#statement('SELECT 1 FROM rollup WHERE machine = ? AND grp = ? AND start_ms = ?').get(
      machine,
      group,
      startMs,
    );
    return found !== undefined;
  }

  /** Removes chunks of later generations than the last committed one: a crash came before their commit. */
  dropAfter(gen: number): void {
    const newest = this.#statement('SELECT id, gen FROM chunk ORDER BY id DESC');
    const remove = this.#statement('DELETE FROM chunk WHERE id = ?');
    const doomed: number[] = [];
    for (const row of newest.iterate() as IterableIterator<{ id: number; gen: number }>) {
      if (row.gen <= gen) break;
      doomed.push(row.id);
    }
    this.#db.transaction(() => doomed.forEach((id) => void remove.run(id))).immediate();
  }

  /** False while another thread is just making the file. */
  isReady(): boolean {
    const found = this.#db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'rollup_by_machine'").get();
    return found !== undefined;
  }

  /** Moves everything into the one file. */
  checkpoint(): void {
    checkpoint(this.#db);
  }

  close(): void {
    this.#db.close();
  }

  #block(row: StoredBlob, crc: number, report: ReportDamage): Uint8Array | undefined {
    if (crc !== row.crc) {
      report(`${this.#name} row ${row.id}: checksum does not match, ${row.data.length} bytes lost`);
      return undefined;
    }
    return zstdDecompressSync(row.data, { maxOutputLength: BLOCK_BYTES_MAX });
  }

  #statement(sql: string): Database.Statement<unknown[], unknown> {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#db.prepare<unknown[], unknown>(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

/** A commit is on the disk when it returns. */
export function prepareForWriting(db: Database.Database, schema: string): void {
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec(schema);
}

/** Moves the write-ahead log into the file itself. */
export function checkpoint(db: Database.Database): void {
  const [outcome] = db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
  if (outcome?.busy !== 0)
    throw new Error(`${db.name}: a reader kept the log from being moved into the file`);
}

/** Errors that mean: this file or blob cannot be read, as against the disk being full or a programmer's error. */
export function isUnreadable(error: unknown): boolean {
  if (error instanceof WireError) return true;
  return error instanceof Database.SqliteError && (isBroken(error) || error.code.startsWith('SQLITE_IOERR'));
}

/** The file is no sound database. */
export function isBroken(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code);
}

export function isFull(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  return /^(SQLITE_FULL|SQLITE_IOERR_(WRITE|SHMSIZE|TRUNCATE|FSYNC)|ENOSPC|EDQUOT)/.test(String(error.code));
}

function compress(block: Uint8Array): Buffer {
  return zstdCompressSync(block, { params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } });
}

/** Covers the key too, so that a damaged one never shows another machine's data. */
function checksum(machine: MachineNo, group: number, startMs: Millis, data: Uint8Array): number {
  return crc32(data, crc32(`${machine}/${group}/${startMs}`));
}
