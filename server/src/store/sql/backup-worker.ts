/** Thread that copies a SQLite file consistently: `workerData` is `{ from, to }`. */
import { workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';

const { from, to } = workerData as { from: string; to: string };
const db = new Database(from, { readonly: true, timeout: 30_000 });
try {
  db.prepare('VACUUM INTO ?').run(to);
} finally {
  db.close();
}
