import { generateKeyPairSync } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '@muster/shared/time.ts';
import { createCmdb } from '../cmdb/cmdb.ts';
import type { Installation } from '../cmdb/store.ts';
import { newId } from '../ids.ts';
import { createMemoryCmdbStore } from '../store/memory/cmdb.ts';
import type { TwinSources } from './bundle.ts';
import { verifyTwin } from './sign.ts';
import { createTwin } from './twin.ts';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'muster-twin-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const NOW = Date.UTC(2026, 5, 1, 12);

async function setUp(overrides: Partial<TwinSources> = {}) {
  const store = createMemoryCmdbStore();
  const cmdb = await createCmdb({ store, newId, recordAudit: async () => {} });
  const server = await cmdb.create(
    { class: 'Server', name: 'db <01>', edit: { owner: 'Anna & Bob' } },
    'user:anna',
    1,
  );
  await cmdb.create({ class: 'Person', name: '王静', edit: { set: { phone: '+86 571 1' } } }, 'user:anna', 1);
  const { privateKey: key } = generateKeyPairSync('ed25519');
  const twin = createTwin({
    file: join(folder, 'twin.json'),
    key,
    sources: {
      store,
      edgesOf: () => ({ from: [], to: [] }),
      nameOf: (id) => id,
      services: () => [],
      incidents: async () => [
        {
          ref: 'INC-1',
          title: { en: 'Disk full', zh: '磁盘已满' },
          priority: 2,
          state: 'new',
          ciName: 'db',
          openedAt: '2026-06-01',
        },
      ],
      version: '0',
      ...overrides,
    },
    monotonicMs: () => 0,
    report: (what) => {
      throw new Error(what);
    },
  });
  const out = join(folder, 'out');
  mkdirSync(out);
  twin.set({ enabled: true, folder: out, hour: 2, keep: 2 }, NOW);
  return { twin, out, server, store };
}

test('[TW1] a twin holds pages in both languages and JSON, and verifies', async () => {
  const { twin, out, server } = await setUp();
  await twin.start(NOW);
  expect(twin.state(NOW)).toMatchObject({
    lastError: null,
    lastSuccessAt: new Date(NOW).toISOString(),
    running: null,
  });
  const made = twin.state(NOW).lastPath ?? '';
  expect(readdirSync(out)).toEqual(['muster-twin-2026-06-01T12-00-00Z']);
  const english = readFileSync(join(made, `en/ci/${server.id}.html`), 'utf8');
  expect(english).toContain('<h1>db &lt;01&gt;</h1>');
  expect(english).toContain('Anna &amp; Bob');
  expect(english).not.toContain('<script');
  expect(readFileSync(join(made, 'zh/contacts.html'), 'utf8')).toContain('+86 571 1');
  expect(readFileSync(join(made, 'zh/incidents.html'), 'utf8')).toContain('磁盘已满');
  expect(verifyTwin(made, twin.state(NOW).keyFingerprint)).toMatchObject({ ok: true, faults: [] });
});

test('[TW1] what is installed on a machine is there as a page and as JSON', async () => {
  const installed = { name: 'bash', version: '5.2', source: 'deb' } as unknown as Installation;
  const { twin, server, store } = await setUp();
  const has: typeof store.installations = async (id) => (id === server.id ? [installed] : []);
  store.installations = has;
  await twin.start(NOW);
  const made = twin.state(NOW).lastPath ?? '';
  expect(readFileSync(join(made, `software/${server.id}.html`), 'utf8')).toContain('<td>bash<td>5.2');
  expect(JSON.parse(readFileSync(join(made, `json/software/${server.id}.json`), 'utf8'))).toEqual([
    installed,
  ]);
});

test('[TW2] a changed, a missing and an added file are named; another key and another signature are refused', async () => {
  const { twin } = await setUp();
  await twin.start(NOW);
  const made = twin.state(NOW).lastPath ?? '';
  appendFileSync(join(made, 'en/index.html'), ' ');
  rmSync(join(made, 'zh/index.html'));
  writeFileSync(join(made, 'extra.html'), '');
  expect(verifyTwin(made, null).faults).toEqual([
    'en/index.html was changed.',
    'zh/index.html is missing.',
    'extra.html does not belong to it.',
  ]);
  expect(verifyTwin(made, 'ab').ok).toBe(false);
  appendFileSync(join(made, 'manifest.json'), ' ');
  expect(verifyTwin(made, null).faults).toEqual(['The signature does not fit the manifest.']);
});

test('[TW3] a failure leaves nothing half-made, is said, and the copy before it stays', async () => {
  let fails = false;
  const { twin, out } = await setUp({
    incidents: async () => {
      if (fails) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      return [];
    },
  });
  await twin.start(NOW);
  fails = true;
  await twin.start(NOW + DAY_MS);
  expect(readdirSync(out)).toEqual(['muster-twin-2026-06-01T12-00-00Z']);
  expect(twin.state(NOW + DAY_MS).lastError?.message).toBe(
    `The disk of ${out} is full. Free space there or keep fewer copies.`,
  );
  expect(twin.state(NOW + DAY_MS).lastSuccessAt).toBe(new Date(NOW).toISOString());
});

test('[TW4] it is made at its hour, the oldest go, and twice the interval without one is overdue', async () => {
  const { twin, out } = await setUp();
  const hour = Date.UTC(2026, 5, 2, 2);
  expect(twin.state(NOW).nextAt).toBe(new Date(hour).toISOString());
  for (const atMs of [hour - 1, hour, hour + 1, hour + HOUR_MS, hour + DAY_MS, hour + 2 * DAY_MS]) {
    twin.tick(atMs);
    await twin.settled();
  }
  expect(readdirSync(out)).toEqual(['muster-twin-2026-06-03T02-00-00Z', 'muster-twin-2026-06-04T02-00-00Z']);
  const last = hour + 2 * DAY_MS;
  expect([twin.state(last + 2 * DAY_MS).overdue, twin.state(last + 2 * DAY_MS + 1).overdue]).toEqual([
    false,
    true,
  ]);
});

test('[TW4] without a folder it is refused; settings outlive the server', async () => {
  const { twin } = await setUp();
  expect(() => twin.set({ enabled: true, folder: 'near', hour: 2, keep: 1 }, NOW)).toThrow(
    'no absolute path',
  );
  expect(existsSync(join(folder, 'twin.json'))).toBe(true);
});
