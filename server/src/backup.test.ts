import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeBackup, restoreBackup } from './backup.ts';
import { createSqlAccessStore } from './store/sql/access.ts';
import { openSqlStore } from './store/sql/open.ts';
import { openTestStore } from './store/sql/testing.ts';

let folder: string;
let sql: Awaited<ReturnType<typeof openTestStore>>;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'muster-backup-'));
  sql = await openTestStore();
});
afterEach(async () => {
  await sql.close();
  rmSync(folder, { recursive: true });
});

async function backup(to = join(folder, 'backup')): Promise<string> {
  await createSqlAccessStore(sql).appendAudit({ actor: 'system', action: 'x', subject: 's', detail: {} }, 1);
  writeFileSync(join(sql.folder, 'server.key'), 'the key');
  const metrics = { backup: async (target: string) => writeFileSync(join(target, 'chunks'), 'samples') };
  await makeBackup({ from: sql.folder, to, sql, metrics, version: '1.2.3', nowMs: Date.UTC(2026, 0, 2) });
  return to;
}

test('[BK1] what was backed up is there after the restore, private to its owner', async () => {
  const from = await backup();
  const to = join(folder, 'data');
  expect(restoreBackup(from, to)).toBe(
    `Restored the backup of 2026-01-02T00:00:00.000Z (Muster 1.2.3) to ${to}.`,
  );
  expect(readdirSync(to).sort()).toEqual(['metrics', 'muster.db', 'server.key']);
  expect(readFileSync(join(to, 'metrics/chunks'), 'utf8')).toBe('samples');
  expect(statSync(from).mode & 0o777).toBe(0o700);
  expect(statSync(to).mode & 0o777).toBe(0o700);
  const restored = await openSqlStore({ file: join(to, 'muster.db'), nowMs: 0 });
  expect(await createSqlAccessStore(restored).readAudit(0, 10)).toMatchObject([{ seq: 1, action: 'x' }]);
  await restored.close();
});

test('[BK1] the key and the plan of the off-site twin are in the backup', async () => {
  writeFileSync(join(sql.folder, 'twin.key'), 'the key of the twin');
  writeFileSync(join(sql.folder, 'twin.json'), '{}');
  const to = join(folder, 'data');
  restoreBackup(await backup(), to);
  expect(readFileSync(join(to, 'twin.key'), 'utf8')).toBe('the key of the twin');
  expect(readFileSync(join(to, 'twin.json'), 'utf8')).toBe('{}');
});

test('[BK1] an empty folder that others may read is closed to them before anything goes into it', async () => {
  const open = join(folder, 'open');
  const data = join(folder, 'data');
  for (const path of [open, data]) {
    mkdirSync(path);
    chmodSync(path, 0o755);
  }
  restoreBackup(await backup(open), data);
  expect([open, data].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o700]);
});

test('[BK2] neither a backup nor a restore goes into a folder that holds something', async () => {
  const full = join(folder, 'full');
  mkdirSync(full);
  writeFileSync(join(full, 'mine'), '');
  await expect(backup(full)).rejects.toThrow(/is not empty/);
  const from = await backup();
  expect(() => restoreBackup(from, full)).toThrow(/is not empty/);
  expect(readdirSync(full)).toEqual(['mine']);
});

test.each([
  ['the manifest', (from: string) => rmSync(join(from, 'backup.json')), /backup\.json is missing/],
  ['the samples', (from: string) => rmSync(join(from, 'metrics'), { recursive: true }), /metrics is missing/],
  ['the server key', (from: string) => rmSync(join(from, 'server.key')), /server\.key is missing/],
  [
    'a known format',
    (from: string) => writeFileSync(join(from, 'backup.json'), '{"format":2}'),
    /this version knows/,
  ],
  [
    'a database',
    (from: string) => writeFileSync(join(from, 'muster.db'), 'x'.repeat(4096)),
    /muster\.db cannot be read/,
  ],
])('[BK3] a backup without %s is refused before anything is written', async (_what, spoil, message) => {
  const from = await backup();
  spoil(from);
  const to = join(folder, 'data');
  expect(() => restoreBackup(from, to)).toThrow(message);
  expect(readdirSync(folder)).not.toContain('data');
});
