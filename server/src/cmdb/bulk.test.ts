import { BULK_IDS_MAX, type BulkStep } from '@muster/shared/api/cmdb.ts';
import { expect, test } from 'vitest';
import { createTestWeb } from '../http/testing.ts';
import { newId } from '../ids.ts';
import { createMemoryCmdbStore } from '../store/memory/cmdb.ts';
import { createCmdb } from './cmdb.ts';
import { addCmdbRoutes } from './routes.ts';

interface Answer {
  changed: number;
  unchanged: number;
  failed: { id: string; code: string }[];
  undo: BulkStep[];
}

async function setUp(count: number) {
  const made = await createTestWeb();
  const store = createMemoryCmdbStore();
  const cmdb = await createCmdb({ store, newId, recordAudit: async () => {} });
  addCmdbRoutes(made.web.routes, {
    cmdb,
    store,
    presenceOf: () => undefined,
    unheardState: () => 'unknown',
    openIncidentsOf: () => 0,
  });
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    const scope = { class: null, site: i % 2 === 0 ? 'Hangzhou' : null, tags: i === 0 ? ['vip'] : [] };
    ids.push(await cmdb.placeholder({ agentId: `a${i}`, hostname: `m${i}`, scope }, 1));
  }
  const bulk = async (body: unknown) => {
    const { status, body: answer } = await made.call('operator', 'POST', '/cis/bulk', body);
    return { status, ...(answer as Answer) };
  };
  const machine = async (at: number) => {
    const found = await store.machine(ids[at] ?? '');
    return found && { site: found.site, tags: found.tags, lifecycle: found.lifecycle };
  };
  return { ...made, store, cmdb, ids, bulk, machine };
}

test('[DB82] one call changes many machines, says which it could not, and how to take it back', async () => {
  const { ids, bulk, machine, cmdb, store } = await setUp(3);
  const first = await bulk({
    ids: [...ids, 'ci_none'],
    change: { site: 'Suzhou', addTags: ['vip', 'lab'] },
  });
  expect(first).toMatchObject({ status: 200, changed: 3, unchanged: 0 });
  expect(first.failed).toMatchObject([{ id: 'ci_none', code: 'not-found' }]);
  expect(await machine(0)).toMatchObject({ site: 'Suzhou', tags: ['vip', 'lab'] });
  expect(cmdb.directory.get(ids[1] ?? '')).toMatchObject({ site: 'Suzhou' });
  const rows = (await store.history({ machineId: ids[1] ?? '', limit: 9 })).items;
  expect(rows.map(({ attribute, source, actor }) => [attribute, source, actor])).toEqual(
    expect.arrayContaining([['site', 'human', 'token:operator']]),
  );

  expect(await bulk({ ids, change: { site: 'Suzhou' } })).toMatchObject({
    changed: 0,
    unchanged: 3,
    undo: [],
  });

  expect(await bulk({ steps: first.undo })).toMatchObject({ changed: 3, failed: [] });
  expect(await machine(0)).toMatchObject({ site: 'Hangzhou', tags: ['vip'] });
  expect(await machine(1)).toMatchObject({ site: null, tags: [] });
});

test('[DB82] a machine that two steps change counts once, and goes back to where it began', async () => {
  const { ids, bulk, machine } = await setUp(1);
  const first = await bulk({
    steps: [
      { ids, change: { site: 'Suzhou', addTags: ['lab'] } },
      { ids, change: { site: 'Ningbo', removeTags: ['lab', 'vip'] } },
    ],
  });
  expect([first.changed, first.unchanged]).toEqual([1, 0]);
  expect(await machine(0)).toMatchObject({ site: 'Ningbo', tags: [] });
  expect(await bulk({ steps: first.undo })).toMatchObject({ changed: 1 });
  expect(await machine(0)).toMatchObject({ site: 'Hangzhou', tags: ['vip'] });
});

test('[SE5] who follows changes hears of each machine that was changed', async () => {
  const { ids, bulk, cmdb } = await setUp(2);
  const told: string[] = [];
  cmdb.onApplied(({ ci: { id, site } }) => told.push(`${id} ${site ?? ''}`));
  await bulk({ ids, change: { site: 'Suzhou' } });
  expect(told).toEqual(ids.map((id) => `${id} Suzhou`));
});

test('[DB82] a machine that cannot take a change keeps all it had', async () => {
  const { ids, bulk, machine } = await setUp(2);
  const tags = Array.from({ length: 32 }, (_, i) => `t${i}`);
  const answer = await bulk({ ids, change: { addTags: tags, lifecycle: 'retired', reason: 'worn out' } });
  expect(answer).toMatchObject({ changed: 1, failed: [{ id: ids[0], code: 'input-invalid' }] });
  expect(await machine(0)).toMatchObject({ tags: ['vip'], lifecycle: 'in_use' });
  expect(await machine(1)).toMatchObject({ lifecycle: 'retired' });
});

test('[DB82] a call without a change, with too many machines or without the right is refused', async () => {
  const { ids, bulk, call } = await setUp(1);
  expect((await bulk({ ids, change: {} })).status).toBe(400);
  expect((await bulk({ ids: [], change: { site: 'x' } })).status).toBe(400);
  const half = {
    ids: Array.from({ length: BULK_IDS_MAX / 2 + 1 }, (_, i) => `ci_${i}`),
    change: { site: 'x' },
  };
  expect((await bulk({ steps: [half, half] })).status).toBe(400);
  expect((await call('desk', 'POST', '/cis/bulk', { ids, change: { site: 'x' } })).status).toBe(403);
});
