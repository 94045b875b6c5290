/**
 * What the past costs to read: `node test/bench/history.ts [--cis 10000] [--changes 4]`. Items that people keep, each edited so many
 * times over a year; the list of all and single items as of moments spread over it. SQLite in a temporary folder. Prints percentiles.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createCmdb } from '@muster/server/cmdb/cmdb.ts';
import { createAsOf } from '@muster/server/history/as-of.ts';
import { newId } from '@muster/server/ids.ts';
import { createSqlCmdbStore } from '@muster/server/store/sql/cmdb.ts';
import { createSqlHistoryStore } from '@muster/server/store/sql/history.ts';
import { openSqlStore } from '@muster/server/store/sql/open.ts';
import { DAY_MS } from '@muster/shared/time.ts';

const { values } = parseArgs({
  options: { cis: { type: 'string', default: '10000' }, changes: { type: 'string', default: '4' } },
});
const CIS = Number(values.cis);
const CHANGES = Number(values.changes);
const MOMENTS = 20;
const START_MS = Date.UTC(2026, 0, 5, 8);
const EDITED_AT_ONCE = 1_000;

const folder = mkdtempSync(join(tmpdir(), 'muster-bench-history-'));
const sql = await openSqlStore({ file: join(folder, 'history.db'), nowMs: START_MS });
try {
  const cmdbStore = createSqlCmdbStore(sql);
  const store = createSqlHistoryStore(sql);
  const cmdb = await createCmdb({ store: cmdbStore, newId, recordAudit: async () => {} });
  const ids: string[] = [];
  for (let i = 0; i < CIS; i++)
    ids.push((await cmdb.create({ class: 'Peripheral', name: `item ${i}` }, 'user:anna', START_MS)).id);
  for (let change = 1; change <= CHANGES; change++)
    for (let at = 0; at < CIS; at += EDITED_AT_ONCE)
      await cmdb.editMany(
        [
          {
            ids: ids.slice(at, at + EDITED_AT_ONCE),
            editOf: () =>
              change % 2 === 0 ? { owner: `person ${change}` } : { set: { note: `n${change}` } },
          },
        ],
        'user:anna',
        START_MS + ((change * 365) / (CHANGES + 1)) * DAY_MS,
      );
  const moments = Array.from({ length: MOMENTS }, (_, i) => START_MS + (i * 365 * DAY_MS) / MOMENTS);
  const asOf = createAsOf({ store, cmdbStore });
  print('list of all', await timed(moments, (atMs) => asOf.list(atMs)));
  print('one item', await timed(moments, (atMs, i) => asOf.state(ids[i * 7] ?? '', atMs)));
  const { states } = await store.sizes();
  console.log(`former states: ${states.rows} rows, ${(states.storedBytes / CIS).toFixed(0)} bytes per item`);
} finally {
  await sql.close();
  rmSync(folder, { recursive: true });
}

async function timed(moments: readonly number[], work: (atMs: number, i: number) => Promise<unknown>) {
  const times: number[] = [];
  for (const [i, atMs] of moments.entries()) {
    const from = performance.now();
    await work(atMs, i);
    times.push(performance.now() - from);
  }
  return times.toSorted((a, b) => a - b);
}

function print(what: string, times: readonly number[]): void {
  const at = (share: number) => (times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(1);
  console.log(`${what}: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms`);
}
