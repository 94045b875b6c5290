/** How the archive's SQLite files are kept: write-ahead log, every commit synced. */
import type Database from 'better-sqlite3';

/** Log that is moved into the file as soon as it is this long. */
const LOG_BYTES_MAX = 4 << 20;
const CACHE_KIB = 1024;

/** A commit is on the disk when it returns. The size of pages counts for a new file only. */
export function prepareForWriting(
  db: Database.Database,
  schema: string,
  pageBytes: number,
  options: { readonly givesBack?: boolean } = {},
): void {
  db.pragma(`page_size = ${pageBytes}`);
  // Free pages are given back only when `incremental_vacuum` is called for.
  if (options.givesBack) db.pragma('auto_vacuum = INCREMENTAL');
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma(`wal_autocheckpoint = ${Math.round(LOG_BYTES_MAX / pageBytes)}`);
  db.pragma(`cache_size = -${CACHE_KIB}`);
  db.exec(schema);
}

/** Moves the write-ahead log into the file itself. */
export function checkpoint(db: Database.Database): void {
  const [outcome] = db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
  if (outcome?.busy !== 0)
    throw new Error(`${db.name}: a reader kept the log from being moved into the file`);
}
