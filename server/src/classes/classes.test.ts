import type { OwnAttributeOut, SchemaClass } from '@muster/shared/api/classes.ts';
import type { CiDetail, CiSummary } from '@muster/shared/api/cmdb.ts';
import { CI_CLASSES } from '@muster/shared/cmdb/classes.ts';
import { expect, test } from 'vitest';
import { createCmdb } from '../cmdb/cmdb.ts';
import { addCmdbRoutes } from '../cmdb/routes.ts';
import { createTestWeb } from '../http/testing.ts';
import { newId } from '../ids.ts';
import { createMemoryClassStore } from '../store/memory/classes.ts';
import { createMemoryCmdbStore } from '../store/memory/cmdb.ts';
import { createClasses } from './classes.ts';
import { addClassRoutes } from './routes.ts';

async function setUp() {
  const made = await createTestWeb();
  const store = createMemoryCmdbStore();
  const classStore = createMemoryClassStore();
  const classes = await createClasses({ store: classStore, newId });
  const cmdb = await createCmdb({
    store,
    newId,
    recordAudit: async () => {},
    registry: classes.registry,
  });
  addClassRoutes(made.web.routes, { classes, store });
  addCmdbRoutes(made.web.routes, {
    cmdb,
    store,
    presenceOf: () => undefined,
    unheardState: () => 'unknown',
    openIncidentsOf: () => 0,
    registry: classes.registry,
  });
  const admin = async <T>(method: string, path: string, body?: unknown) => {
    const answer = await made.call('admin', method, path, body);
    return { status: answer.status, body: answer.body as T & { code?: string; detail?: string } };
  };
  const attribute = (body: Record<string, unknown>) =>
    admin<OwnAttributeOut>('POST', '/ci-attributes', {
      class: 'Workstation',
      name: 'colour',
      title: { en: 'Colour', zh: '颜色' },
      form: 'choice',
      options: ['red', 'blue'],
      ...body,
    });
  const schema = async () => (await admin<{ items: SchemaClass[] }>('GET', '/ci-classes')).body.items;
  return { ...made, classStore, admin, attribute, schema };
}

const TITLE = { en: 'Kiosk', zh: '自助终端' };

test('[CL1] the schema has every built-in class with attributes, relations and how many of each', async () => {
  const { schema } = await setUp();
  const items = await schema();
  expect(items.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(CI_CLASSES)));
  const workstation = items.find(({ name }) => name === 'Workstation');
  expect(workstation?.parent).toBe('Computer');
  expect(workstation?.relations).toContainEqual(
    expect.objectContaining({ type: 'assignedTo', direction: 'from', other: ['Person'], max: 1 }),
  );
});

test('[CL1] an attribute that was added is known to forms, values and lists at once', async () => {
  const { admin, attribute, call } = await setUp();
  expect((await attribute({})).status).toBe(201);
  const { body: ci } = await admin<CiDetail>('POST', '/cis', {
    class: 'Workstation',
    name: 'pc-1',
    set: { colour: 'red' },
  });
  expect(ci.details.find(({ name }) => name === 'colour')?.value).toBe('red');
  const wrong = await admin('PATCH', `/cis/${ci.id}`, { set: { colour: 'green' } });
  expect([wrong.status, wrong.body.detail]).toEqual([400, 'The value for colour must be one of red, blue.']);
  const none = await admin('POST', '/cis', { class: 'Server', name: 's', set: { colour: 'red' } });
  expect(none.status).toBe(400);
  const list = (await call('viewer', 'GET', '/cis?class=Workstation&fields=colour')).body as {
    items: CiSummary[];
  };
  expect(list.items[0]?.attributes).toEqual({ colour: 'red' });
});

test('[CL4] a class of your own is one with its attributes, its place in the lists and its count', async () => {
  const { admin, attribute } = await setUp();
  await admin('POST', '/ci-classes', { name: 'Kiosk', parent: 'Workstation', title: TITLE });
  await attribute({ class: 'Kiosk' });
  const made = await admin<CiDetail>('POST', '/cis', {
    class: 'Workstation',
    subclass: 'Kiosk',
    name: 'k-1',
    set: { colour: 'red' },
  });
  expect(made.status).toBe(201);
  await admin('POST', '/cis', { class: 'Workstation', name: 'pc-1' });
  const names = async (ofClass: string) =>
    (await admin<{ items: CiSummary[] }>('GET', `/cis?class=${ofClass}`)).body.items.map(({ name }) => name);
  expect(await names('Kiosk')).toEqual(['k-1']);
  expect(await names('Workstation')).toEqual(['k-1', 'pc-1']);
  const { body } = await admin<{ items: { class: string; count: number }[] }>('GET', '/classes');
  expect(body.items).toContainEqual({ class: 'Kiosk', group: 'machine', count: 1 });
  const wrong = await admin('POST', '/cis', { class: 'Printer', subclass: 'Kiosk', name: 'x' });
  expect(wrong.body.detail).toBe('There is no class Kiosk below Printer.');
  await admin('PATCH', `/cis/${made.body.id}`, { class: 'Server' });
  expect((await admin<CiDetail>('GET', `/cis/${made.body.id}`)).body.subclass).toBeNull();
});

test('[CL3] a name that a class above or below has is refused and says whose it is', async () => {
  const { attribute, admin } = await setUp();
  await attribute({});
  for (const [ofClass, name, holder] of [
    ['Workstation', 'colour', 'Workstation'],
    ['Item', 'colour', 'Workstation'],
    ['Workstation', 'serial', 'Workstation'],
    ['Printer', 'owner', 'Item'],
  ]) {
    const { status, body } = await attribute({ class: ofClass, name });
    expect([status, body.detail]).toEqual([409, `${holder} has an attribute ${name} already.`]);
  }
  expect((await attribute({ class: 'Printer' })).status).toBe(201);
  expect((await attribute({ class: 'FileSystem', name: 'x' })).status).toBe(400);
  expect((await attribute({ class: 'Nothing', name: 'x' })).status).toBe(404);
  await admin('POST', '/ci-classes', { name: 'Kiosk', parent: 'Workstation', title: TITLE });
  expect(
    (await admin('POST', '/ci-classes', { name: 'Kiosk', parent: 'Printer', title: TITLE })).status,
  ).toBe(409);
  expect(
    (await admin('POST', '/ci-classes', { name: 'Printer', parent: 'Printer', title: TITLE })).status,
  ).toBe(409);
});

test('[CL5] an attribute in use is archived and keeps its values; one without is deleted', async () => {
  const { attribute, admin, schema } = await setUp();
  const used = (await attribute({})).body;
  const idle = (await attribute({ name: 'idle', form: 'text', options: null })).body;
  const { body: ci } = await admin<CiDetail>('POST', '/cis', {
    class: 'Workstation',
    name: 'pc-1',
    set: { colour: 'red' },
  });
  expect((await admin('DELETE', `/ci-attributes/${used.id}`)).body).toEqual({ archived: true });
  expect((await admin('DELETE', `/ci-attributes/${idle.id}`)).body).toEqual({ archived: false });
  const names = (await schema())
    .find(({ name }) => name === 'Workstation')
    ?.attributes.map(({ name }) => name);
  expect(names).not.toContain('colour');
  const held = (await admin<CiDetail>('GET', `/cis/${ci.id}`)).body.details;
  expect(held.find(({ name }) => name === 'colour')?.value).toBe('red');
  expect((await admin('PATCH', `/cis/${ci.id}`, { set: { colour: 'blue' } })).status).toBe(400);
  await admin('PATCH', `/ci-attributes/${used.id}`, { archived: false });
  expect((await admin('PATCH', `/cis/${ci.id}`, { set: { colour: 'blue' } })).status).toBe(200);
});

test('[CL5] an option that a CI has is not taken away', async () => {
  const { attribute, admin } = await setUp();
  const { id } = (await attribute({})).body;
  await admin('POST', '/cis', { class: 'Workstation', name: 'pc-1', set: { colour: 'red' } });
  const refused = await admin('PATCH', `/ci-attributes/${id}`, { options: ['blue'] });
  expect([refused.status, refused.body.code]).toEqual([409, 'conflict']);
  expect((await admin('PATCH', `/ci-attributes/${id}`, { options: ['red', 'green'] })).status).toBe(200);
});

test('[CL6] what is required is there from the beginning and is not taken away', async () => {
  const { attribute, admin } = await setUp();
  await attribute({ required: true });
  const without = await admin('POST', '/cis', { class: 'Workstation', name: 'pc-1' });
  expect([without.status, without.body.detail]).toEqual([400, 'pc-1 needs Colour.']);
  const { body } = await admin<CiDetail>('POST', '/cis', {
    class: 'Workstation',
    name: 'pc-1',
    set: { colour: 'red' },
  });
  expect((await admin('PATCH', `/cis/${body.id}`, { set: { colour: null } })).status).toBe(400);
  expect((await admin('PATCH', `/cis/${body.id}`, { owner: 'Liu Fang' })).status).toBe(200);
});

test('[CL1] what was added is there after a restart, and only an administrator adds', async () => {
  const { attribute, classStore, call } = await setUp();
  await attribute({});
  const again = await createClasses({ store: classStore, newId });
  expect(again.registry().ownByName('Workstation', 'colour')?.definition.options).toEqual(['red', 'blue']);
  const answer = await call('operator', 'POST', '/ci-classes', {
    name: 'K',
    parent: 'Printer',
    title: TITLE,
  });
  expect(answer.status).toBe(403);
});
