import { VIEWS_PER_PERSON_MAX, type View } from '@muster/shared/api/machines.ts';
import { expect, test } from 'vitest';
import { createTestWeb } from '../http/testing.ts';
import { createMemoryViewStore } from '../store/memory/views.ts';
import { addViewRoutes } from './routes.ts';

async function setUp() {
  const made = await createTestWeb();
  const store = createMemoryViewStore();
  addViewRoutes(made.web.routes, { store });
  const names = async (role: 'admin' | 'operator' | 'viewer') =>
    ((await made.call(role, 'GET', '/views')).body as { items: View[] }).items.map(
      ({ name, mine }) => `${name}${mine ? ' (mine)' : ''}`,
    );
  const create = (role: 'admin' | 'operator' | 'viewer', name: string, shared = false) =>
    made.call(role, 'POST', '/views', { name, search: 'class=Server', shared });
  return { ...made, store, names, create };
}

test('[DB84] everybody keeps own views; shared ones are seen by all and changed by those who may share', async () => {
  const { call, create, names } = await setUp();
  await create('viewer', 'Own');
  const { body } = await create('operator', 'Disks', true);
  const { id } = body as View;
  expect(await names('viewer')).toEqual(['Disks', 'Own (mine)']);
  expect(await names('admin')).toEqual(['Disks']);
  expect((await call('viewer', 'PATCH', `/views/${id}`, { name: 'X' })).status).toBe(403);
  expect((await call('viewer', 'DELETE', `/views/${id}`)).status).toBe(403);
  expect((await call('admin', 'PATCH', `/views/${id}`, { name: 'Full disks' })).status).toBe(200);
  expect(await names('operator')).toEqual(['Full disks (mine)']);
  expect((await call('operator', 'DELETE', `/views/${id}`)).status).toBe(204);
  expect(await names('admin')).toEqual([]);
});

test('[DB84] a private view is nobody else’s business, and a viewer shares nothing', async () => {
  const { call, create, names } = await setUp();
  const { body } = await create('viewer', 'Own');
  const { id } = body as View;
  expect((await call('admin', 'DELETE', `/views/${id}`)).status).toBe(404);
  expect((await create('viewer', 'For all', true)).status).toBe(403);
  expect((await call('viewer', 'PATCH', `/views/${id}`, { shared: true })).status).toBe(403);
  expect(await names('viewer')).toEqual(['Own (mine)']);
});

test('[DB84] whoever lost the right to share takes an own shared view back, and changes nothing of it before', async () => {
  const { call, create, names, store } = await setUp();
  const { id } = (await create('viewer', 'Own')).body as View;
  const held = await store.view(id);
  if (held) await store.putView({ ...held, shared: true });
  expect((await call('viewer', 'PATCH', `/views/${id}`, { name: 'X' })).status).toBe(403);
  expect((await call('viewer', 'PATCH', `/views/${id}`, { shared: false })).status).toBe(200);
  expect(await names('admin')).toEqual([]);
});

test('[DB84] a person keeps a limited number of views', async () => {
  const { create } = await setUp();
  for (let i = 0; i < VIEWS_PER_PERSON_MAX; i++) expect((await create('admin', `v${i}`)).status).toBe(201);
  const { status, body } = await create('admin', 'one more');
  expect([status, (body as { code: string }).code]).toEqual([409, 'views-full']);
});
