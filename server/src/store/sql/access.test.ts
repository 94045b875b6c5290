import Database from 'better-sqlite3';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createRecordAudit, startAuditLog, verifyAudit } from '../../access/audit-log.ts';
import { accessContract } from '../contract/access.ts';
import { createSqlAccessStore } from './access.ts';
import { openTestStore } from './testing.ts';

accessContract('sqlite', async (body) => {
  const store = await openTestStore();
  try {
    await body(createSqlAccessStore(store));
  } finally {
    await store.close();
  }
});

test('[AC8] the database refuses to change or delete audit entries; who lifts that is found by the chain', async () => {
  const sql = await openTestStore();
  const store = createSqlAccessStore(sql);
  const record = createRecordAudit(store, { now: () => 1, monotonicMs: () => 1 });
  await startAuditLog(store, record, '1');
  await startAuditLog(store, record, '1');
  for (const action of ['a', 'b', 'c']) {
    await record({ actor: 'system', action, subject: 's', detail: {} });
  }
  const whole = await verifyAudit(store);
  expect(whole).toMatchObject({ entries: 4, brokenAt: null, knownHashFound: null });
  expect(await verifyAudit(store, whole.head.hash)).toMatchObject({ knownHashFound: true });
  expect(await verifyAudit(store, 'f'.repeat(64))).toMatchObject({ knownHashFound: false });

  const db = new Database(join(sql.folder, 'muster.db'));
  expect(() => db.exec("UPDATE audit SET actor = 'x' WHERE seq = 2")).toThrow(/append-only/);
  expect(() => db.exec('DELETE FROM audit')).toThrow(/append-only/);
  db.exec("DROP TRIGGER audit_no_update; UPDATE audit SET actor = 'x' WHERE seq = 2");
  expect(await verifyAudit(store)).toMatchObject({ entries: 4, brokenAt: 2, head: { seq: 1 } });
  db.exec(
    "UPDATE audit SET actor = 'system' WHERE seq = 2; DROP TRIGGER audit_no_delete; DELETE FROM audit WHERE seq = 3",
  );
  expect(await verifyAudit(store)).toMatchObject({ entries: 3, brokenAt: 3 });
  db.close();
  await sql.close();
});
