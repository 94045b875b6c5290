/** The SQLite file behind the spool: entries in order, the series book, the counters. It holds no policy. */
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Millis } from '@muster/shared/time.ts';
import type { NumberedSeries } from './spool-values.ts';

export const ENTRY_TYPES = ['samples', 'inventory', 'events'] as const;
export type EntryType = (typeof ENTRY_TYPES)[number];

export const DROP_REASONS = ['spool-full', 'spool-age', 'disk-full', 'spool-corrupt'] as const;
export type DropReason = (typeof DROP_REASONS)[number];

/** Entries lost for one reason and not yet reported. */
export interface DropNote {
  readonly why: DropReason;
  readonly frames: number;
  readonly fromMs: Millis;
  readonly toMs: Millis;
}

export interface StoredEntry {
  readonly seq: number;
  readonly type: EntryType;
  readonly atMs: Millis;
  /** To be added to every time inside the body: the clock was set after it was written. */
  readonly shiftMs: Millis;
  readonly body: Uint8Array;
}

/** Of this nothing leaves that was written up to `seqMax`. */
export interface LeftOutMark {
  /** 'collectors.cpu', 'sections.users', 'fields.users.lastUser' */
  readonly what: string;
  readonly seqMax: number;
}

export interface SpoolState {
  readonly epoch: string;
  /** Highest seq that left the spool, acknowledged or dropped; keeps the order when nothing is left. */
  readonly removedSeq: number;
  /** Entries dropped since the file was made. */
  readonly dropped: number;
  /** How the last run said goodbye. */
  readonly goodbye: string | null;
}

/** What a failed statement means. `broken`: the file must be set aside; `full`: the disk takes nothing now; `busy`: another process has it. */
export type SpoolFault = 'broken' | 'full' | 'busy';

const SCHEMA_VERSION = 1;
const PAGE_BYTES = 4096;
/** Free pages above which the file gives some back. */
const FREE_PAGES_MAX = 1024;

const SCHEMA = `
  CREATE TABLE entry (seq INTEGER PRIMARY KEY, type INTEGER NOT NULL, at_ms INTEGER NOT NULL, shift_ms INTEGER NOT NULL, body BLOB NOT NULL);
  CREATE TABLE series (id INTEGER PRIMARY KEY, metric TEXT NOT NULL, instance TEXT NOT NULL, kind TEXT NOT NULL, decimals INTEGER NOT NULL);
  CREATE TABLE state (one INTEGER PRIMARY KEY CHECK (one = 1), epoch TEXT NOT NULL, removed_seq INTEGER NOT NULL, dropped INTEGER NOT NULL, goodbye TEXT);
  CREATE TABLE drop_note (why TEXT PRIMARY KEY, frames INTEGER NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL);
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** Came later. An agent that does not know it can go on with the file, so the version stays. */
const SCHEMA_ADDED = 'CREATE TABLE IF NOT EXISTS left_out (what TEXT PRIMARY KEY, seq_max INTEGER NOT NULL)';

/** Result codes of SQLite (sqlite3.h), the low byte of an extended code. */
const FAULTS: Readonly<Record<number, SpoolFault>> = {
  5: 'busy',
  6: 'busy',
  8: 'full',
  10: 'full',
  11: 'broken',
  13: 'full',
  14: 'full',
  23: 'full',
  26: 'broken',
};

/** null: no fault of the file but a programmer's error, to be thrown on. */
export function spoolFault(error: unknown): SpoolFault | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof SpoolSchemaError) return 'broken';
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === 'number' ? (FAULTS[code & 0xff] ?? null) : null;
}

class SpoolSchemaError extends Error {}

export class SpoolFile {
  readonly #db: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #statements: ReturnType<typeof prepareAll>;
  #dirty = false;
  #shrinks = false;

  /** @throws when the file cannot be used; `spoolFault` tells why. `path` may be ':memory:'. */
  constructor(path: string, options: { readonly fileBytesMax: number; readonly epoch: () => string }) {
    this.#db = new DatabaseSync(path, { timeout: 0 });
    try {
      // Exclusive: a second agent on the same folder finds it taken, and no shared-memory file is needed.
      this.#db.exec('PRAGMA locking_mode = EXCLUSIVE');
      // It is written each time that it is set: a file that has it already could not be opened on a full disk.
      if (this.#isNew()) this.#db.exec('PRAGMA auto_vacuum = INCREMENTAL');
      this.#db.exec('PRAGMA journal_mode = WAL');
      this.#db.exec('PRAGMA synchronous = NORMAL; PRAGMA cache_size = -256; PRAGMA temp_store = MEMORY');
      this.#db.exec(`PRAGMA max_page_count = ${Math.ceil(options.fileBytesMax / PAGE_BYTES)}`);
      this.#begin = this.#db.prepare('BEGIN');
      this.#commit = this.#db.prepare('COMMIT');
      this.#migrate(options.epoch);
      this.#db.exec(SCHEMA_ADDED);
      this.#statements = prepareAll(this.#db);
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  state(): SpoolState {
    const row = this.#statements.state.get() as {
      epoch: string;
      removed_seq: number;
      dropped: number;
      goodbye: string | null;
    };
    return { epoch: row.epoch, removedSeq: row.removed_seq, dropped: row.dropped, goodbye: row.goodbye };
  }

  setState(state: SpoolState): void {
    this.#dirty = true;
    this.#statements.setState.run(state.epoch, state.removedSeq, state.dropped, state.goodbye);
  }

  series(): NumberedSeries[] {
    return this.#statements.series.all() as unknown as NumberedSeries[];
  }

  addSeries(series: NumberedSeries): void {
    this.#statements.addSeries.run(series.id, series.metric, series.instance, series.kind, series.decimals);
  }

  clearSeries(): void {
    this.#db.exec('DELETE FROM series');
  }

  notes(): DropNote[] {
    return this.#statements.notes.all() as unknown as DropNote[];
  }

  setNotes(notes: Iterable<DropNote>): void {
    this.#db.exec('DELETE FROM drop_note');
    for (const note of notes) this.#statements.addNote.run(note.why, note.frames, note.fromMs, note.toMs);
  }

  leftOut(): LeftOutMark[] {
    return this.#statements.leftOut.all() as unknown as LeftOutMark[];
  }

  setLeftOut(marks: Iterable<LeftOutMark>): void {
    this.#dirty = true;
    this.#db.exec('DELETE FROM left_out');
    for (const { what, seqMax } of marks) this.#statements.addLeftOut.run(what, seqMax);
  }

  /** Puts an entry at its seq, over the one that is there. */
  put(entry: StoredEntry): void {
    this.#dirty = true;
    this.#statements.put.run(
      entry.seq,
      ENTRY_TYPES.indexOf(entry.type),
      entry.atMs,
      entry.shiftMs,
      entry.body,
    );
  }

  /** First entry after `seq`. */
  next(seq: number): StoredEntry | null {
    const row = this.#statements.next.get(seq) as EntryRow | undefined;
    return row ? entryOf(row) : null;
  }

  /** Seq, time and size of the oldest entries. */
  oldest(count: number): { seq: number; atMs: Millis; bytes: number }[] {
    return this.#statements.oldest.all(count) as unknown as { seq: number; atMs: Millis; bytes: number }[];
  }

  removeUpTo(seq: number): void {
    this.#dirty = true;
    this.#statements.removeUpTo.run(seq);
  }

  /** Figures of the entries after `seq` up to `seqMax`. */
  figures(
    seq: number,
    seqMax: number,
  ): {
    entries: number;
    bytes: number;
    firstSeq: number | null;
    lastSeq: number | null;
    fromMs: Millis | null;
    toMs: Millis | null;
  } {
    return this.#statements.figures.get(seq, seqMax) as unknown as ReturnType<SpoolFile['figures']>;
  }

  /** Subtracts `offset` from every seq. */
  renumber(offset: number): void {
    this.#dirty = true;
    // By way of negative numbers: a primary key must be unique after every single row.
    this.#db.exec(`UPDATE entry SET seq = -(seq - ${offset}); UPDATE entry SET seq = -seq`);
  }

  shiftTimes(fromSeq: number, deltaMs: Millis): void {
    this.#dirty = true;
    this.#statements.shift.run(deltaMs, deltaMs, fromSeq);
  }

  /** All or nothing. */
  transaction(work: () => void): void {
    this.#begin.run();
    try {
      work();
      this.#commit.run();
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  /** Free pages are given back to the disk, some with each `sync`. */
  get shrinks(): boolean {
    return this.#shrinks;
  }

  /** Makes everything written so far outlive a loss of power. */
  sync(): void {
    if (!this.#dirty) return;
    const free = this.#statements.freePages.get() as { freelist_count: number };
    this.#shrinks = free.freelist_count > FREE_PAGES_MAX;
    if (this.#shrinks) this.#db.exec(`PRAGMA incremental_vacuum(${FREE_PAGES_MAX})`);
    this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    this.#dirty = false;
  }

  close(): void {
    this.#db.close();
  }

  #isNew(): boolean {
    const { page_count: pages } = this.#db.prepare('PRAGMA page_count').get() as { page_count: number };
    return pages === 0;
  }

  #migrate(epoch: () => string): void {
    const { user_version: version } = this.#db.prepare('PRAGMA user_version').get() as {
      user_version: number;
    };
    if (version === SCHEMA_VERSION) {
      const check = this.#db.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
      if (check.quick_check !== 'ok') throw new SpoolSchemaError(check.quick_check);
      return;
    }
    if (version !== 0) throw new SpoolSchemaError(`spool of version ${version}`);
    this.transaction(() => {
      this.#db.exec(SCHEMA);
      this.#db.prepare('INSERT INTO state VALUES (1, ?, 0, 0, NULL)').run(epoch());
    });
  }
}

interface EntryRow {
  seq: number;
  type: number;
  at_ms: number;
  shift_ms: number;
  body: Uint8Array;
}

function entryOf(row: EntryRow): StoredEntry {
  return {
    seq: row.seq,
    type: ENTRY_TYPES[row.type] ?? 'events',
    atMs: row.at_ms,
    shiftMs: row.shift_ms,
    body: row.body,
  };
}

function prepareAll(
  db: DatabaseSync,
): Record<
  | 'state'
  | 'setState'
  | 'series'
  | 'addSeries'
  | 'notes'
  | 'addNote'
  | 'leftOut'
  | 'addLeftOut'
  | 'put'
  | 'next'
  | 'oldest'
  | 'removeUpTo'
  | 'figures'
  | 'shift'
  | 'freePages',
  StatementSync
> {
  return {
    state: db.prepare('SELECT epoch, removed_seq, dropped, goodbye FROM state'),
    setState: db.prepare('UPDATE state SET epoch = ?, removed_seq = ?, dropped = ?, goodbye = ?'),
    series: db.prepare('SELECT id, metric, instance, kind, decimals FROM series ORDER BY id'),
    addSeries: db.prepare('INSERT INTO series VALUES (?, ?, ?, ?, ?)'),
    notes: db.prepare('SELECT why, frames, from_ms AS fromMs, to_ms AS toMs FROM drop_note'),
    addNote: db.prepare('INSERT INTO drop_note VALUES (?, ?, ?, ?)'),
    leftOut: db.prepare('SELECT what, seq_max AS seqMax FROM left_out'),
    addLeftOut: db.prepare('INSERT INTO left_out VALUES (?, ?)'),
    put: db.prepare('INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?, ?)'),
    next: db.prepare('SELECT seq, type, at_ms, shift_ms, body FROM entry WHERE seq > ? ORDER BY seq LIMIT 1'),
    oldest: db.prepare('SELECT seq, at_ms AS atMs, length(body) AS bytes FROM entry ORDER BY seq LIMIT ?'),
    removeUpTo: db.prepare('DELETE FROM entry WHERE seq <= ?'),
    figures: db.prepare(
      'SELECT count(*) AS entries, coalesce(sum(length(body)), 0) AS bytes, min(seq) AS firstSeq, max(seq) AS lastSeq, min(at_ms) AS fromMs, max(at_ms) AS toMs FROM entry WHERE seq > ? AND seq <= ?',
    ),
    shift: db.prepare('UPDATE entry SET at_ms = at_ms + ?, shift_ms = shift_ms + ? WHERE seq >= ?'),
    freePages: db.prepare('PRAGMA freelist_count'),
  };
}

/** Moves a damaged file out of the way, over an earlier one. Answers when it was last written, null when it is not there. */
export function setSpoolFileAside(path: string): Millis | null {
  if (!existsSync(path)) return null;
  const writtenAtMs = Math.floor(statSync(path).mtimeMs);
  for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
  renameSync(path, `${path}.corrupt`);
  return writtenAtMs;
}
