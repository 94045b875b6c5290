import type { ImportDetail, ImportRow } from '@muster/shared/api/imports.ts';
import { type ClassRegistry, NO_OWN_CLASSES } from '@muster/shared/cmdb/class-registry.ts';
import { expect, test } from 'vitest';
import writeXlsxFile from 'write-excel-file/node';
import { createAssets } from '../assets/assets.ts';
import { createAssetNumberer } from '../assets/numbers.ts';
import { createBackground } from '../background.ts';
import { createCmdb } from '../cmdb/cmdb.ts';
import { createTestWeb } from '../http/testing.ts';
import { newId } from '../ids.ts';
import { createRelationGraph } from '../relations/graph.ts';
import { createMemoryAssetStore } from '../store/memory/assets.ts';
import { createMemoryCmdbStore } from '../store/memory/cmdb.ts';
import { createMemoryImportStore } from '../store/memory/imports.ts';
import { ARCHIVED, createImports } from './imports.ts';
import { decoded, readTable } from './read-table.ts';
import { addImportRoutes } from './routes.ts';
import { guessTargets } from './targets.ts';

async function setUp(registry: () => ClassRegistry = () => NO_OWN_CLASSES) {
  const made = await createTestWeb();
  const cmdbStore = createMemoryCmdbStore();
  const assetStore = createMemoryAssetStore();
  const store = createMemoryImportStore();
  const numberer = await createAssetNumberer({ store: assetStore, registry });
  const cmdb = await createCmdb({ store: cmdbStore, newId, recordAudit: async () => {}, registry });
  const graph = await createRelationGraph({ cmdb, store: cmdbStore, newId });
  const assets = await createAssets({
    cmdb,
    cmdbStore,
    graph,
    store: assetStore,
    numberer,
    registry,
    newId,
    lastSeenMs: () => null,
  });
  const pause = async () => {};
  const imports = createImports({ cmdb, cmdbStore, graph, store, assets, numberer, registry, newId, pause });
  const background = createBackground(() => undefined);
  const now = () => made.clock.now();
  addImportRoutes(made.web.routes, { imports, store, registry, background, now });
  const api = async <T>(method: string, path: string, body?: unknown) => {
    const answer = await made.call('operator', method, path, body);
    return { status: answer.status, body: answer.body as T & { code?: string; detail?: string } };
  };
  const upload = (text: string | Buffer, name = 'assets.csv') =>
    api<ImportDetail>('POST', '/imports', { name, content: Buffer.from(text).toString('base64') });
  const check = async (text: string, more: object = {}) => {
    const { body } = await upload(text);
    const mapping = { class: 'Workstation', columns: body.columns.map(({ guess }) => guess), ...more };
    return (await api<ImportDetail>('POST', `/imports/${body.id}/check`, mapping)).body;
  };
  const run = async (id: string, what: 'apply' | 'undo') => {
    const { status } = await api('POST', `/imports/${id}/${what}`);
    expect(status).toBe(202);
    made.advance(1_000);
    await background.settled();
    return (await api<ImportDetail>('GET', `/imports/${id}`)).body;
  };
  const rows = async (id: string) =>
    (await api<{ items: ImportRow[] }>('GET', `/imports/${id}/rows?limit=500`)).body.items;
  const apply = async (text: string, more: object = {}) => run((await check(text, more)).id, 'apply');
  const machines = async () => (await cmdbStore.machines()).filter(({ mergedInto }) => mergedInto === null);
  return {
    ...made,
    cmdb,
    cmdbStore,
    graph,
    store,
    imports,
    api,
    upload,
    check,
    run,
    rows,
    apply,
    machines,
    numberer,
  };
}

const SHEET = `Asset number;Name;Serial number;Cost;Purchased;User;Location
PC-1;pc-1;SN1;6.499,00;31/03/2026;Liu Fang;HQ / Room 1
PC-2;pc-2;SN2;5.000,00;01/04/2026;Liu Fang;HQ / Room 2
`;

test('[IM2] a file is read with its delimiter and encoding; its headings suggest where columns go', async () => {
  const { upload, machines } = await setUp();
  const { body } = await upload(SHEET);
  expect([body.delimiter, body.encoding, body.rows, body.state]).toEqual([';', 'UTF-8', 2, 'uploaded']);
  expect(body.columns.map(({ guess }) => guess)).toEqual([
    'assetNumber',
    'name',
    'attribute:serial',
    'attribute:cost',
    'attribute:purchaseDate',
    'relation:user',
    'relation:location',
  ]);
  expect(body.preview[0]?.[0]).toBe('PC-1');
  expect(await machines()).toEqual([]);
});

test('[IM2] Chinese headings suggest the same', () => {
  const headers = [
    '资产编号',
    '名称',
    '序列号',
    '购置成本（元）',
    '购买日期',
    '使用人',
    '存放位置',
    '型号',
    '别的',
  ];
  expect(guessTargets(headers, 'Workstation', NO_OWN_CLASSES)).toEqual([
    'assetNumber',
    'name',
    'attribute:serial',
    'attribute:cost',
    'attribute:purchaseDate',
    'relation:user',
    'relation:location',
    'attribute:model',
    null,
  ]);
});

// "名称,型号\n笔记本,联想" as GB18030.
const GB18030 = Buffer.from('c3fbb3c62cd0cdbac50ab1cabcc7b1be2cc1aacfeb', 'hex');
test.each([
  ['GB18030', GB18030, '名称,型号\n笔记本,联想'],
  ['UTF-8', Buffer.from('\uFEFF名称,型号'), '名称,型号'],
  ['UTF-16', Buffer.from('\uFEFF名称', 'utf16le'), '名称'],
  ['Windows-1252', Buffer.from('Ger\xe4t;M\xfcnchen', 'latin1'), 'Gerät;München'],
])('[IM2] %s is recognised', (encoding, content, text) => {
  expect(decoded(content)).toEqual({ text, encoding });
});

test('[IM2] a workbook is read with its dates and numbers', async () => {
  const sheet = [
    ['Name', 'Purchased', 'Cost'].map((value) => ({ value, type: String })),
    [
      { value: 'pc-1', type: String },
      { value: new Date(Date.UTC(2026, 2, 31)), type: Date, format: 'yyyy-mm-dd' },
      { value: 6499, type: Number },
    ],
  ];
  const content = await writeXlsxFile(sheet).toBuffer();
  const table = await readTable(content);
  expect([table.format, table.headers, table.rows]).toEqual([
    'xlsx',
    ['Name', 'Purchased', 'Cost'],
    [['pc-1', '2026-03-31', 6499]],
  ]);
});

test.each([
  ['nothing', ''],
  ['headings only', 'a,b\n'],
  ['something else', 'GIF89a\u0000\u0001'],
  ['a cut-off workbook', 'PK\u0003\u0004abc'],
])('[IM3] %s is refused in words', async (_what, text) => {
  const { upload } = await setUp();
  const { status, body } = await upload(text === '' ? '\n' : text);
  expect([status, body.code]).toEqual([422, 'file-unreadable']);
});

test('[IM4] the dry run says of each row what it would do and changes nothing', async () => {
  const { check, rows, machines, cmdb } = await setUp();
  await cmdb.create({ class: 'Workstation', name: 'pc-1', edit: { assetNumber: 'PC-1' } }, 'user:anna', 1);
  const text = `${SHEET}PC-3;pc-3;SN3;a lot;32/01/2026;;\nPC-3;pc-4;SN4;;;;\n;;;;01/01/2026;;\n`;
  const { counts, id, state } = await check(text);
  expect([state, counts]).toEqual(['checked', { new: 1, changed: 1, unchanged: 0, error: 3 }]);
  const all = await rows(id);
  expect(all.map(({ line, outcome, matchedBy }) => [line, outcome, matchedBy])).toEqual([
    [2, 'changed', 'assetNumber'],
    [3, 'new', null],
    [4, 'error', null],
    [5, 'error', null],
    [6, 'error', null],
  ]);
  expect(all[0]?.changes).toEqual(
    expect.arrayContaining([
      { field: 'serial', before: null, after: 'SN1' },
      { field: 'cost', before: null, after: 6499 },
      { field: 'purchaseDate', before: null, after: '2026-03-31' },
      { field: 'user', before: null, after: 'Liu Fang' },
    ]),
  );
  expect(all[2]?.problems).toEqual([
    { column: 3, code: 'value-amount', data: { value: 'a lot' }, message: '"a lot" should be an amount.' },
    {
      column: 4,
      code: 'value-date',
      data: { value: '32/01/2026' },
      message: '"32/01/2026" should be a date such as 2026-03-31 or 31/03/2026.',
    },
  ]);
  expect(all[4]?.problems[0]?.message).toBe('It has neither name nor asset number nor serial number.');
  expect((await machines()).map(({ name }) => name)).toEqual(['pc-1']);
});

test('[IM4] two rows of one number are an error that names the other line', async () => {
  const { check, rows } = await setUp();
  const { id } = await check('Asset number,Name\nPC-1,a\npc-1,b\n');
  const all = await rows(id);
  expect(all.map(({ outcome }) => outcome)).toEqual(['new', 'error']);
  expect(all[1]?.problems).toEqual([
    {
      column: null,
      code: 'same-asset-number',
      data: { line: 2, value: 'pc-1' },
      message: 'Line 2 has the same asset number pc-1.',
    },
  ]);
});

test('[IM4] two rows of one name of which one says nothing more are an error; two with numbers of their own are not', async () => {
  const { check, rows } = await setUp();
  const { id } = await check('Asset number,Name,Serial\n,a,\n,a,\n,b,S1\n,b,S2\n,b,\n');
  expect((await rows(id)).map(({ outcome, problems }) => [outcome, problems[0]?.data])).toEqual([
    ['new', undefined],
    ['error', { line: 2, value: 'a' }],
    ['new', undefined],
    ['new', undefined],
    ['error', { line: 4, value: 'b' }],
  ]);
});

test('[IM4] lines are those of the file; a number that lost its digits is an error and leading noughts stay', async () => {
  const { check, rows, upload } = await setUp();
  const { id } = await check('Asset number,Name,Serial\n\n00123,a,1.23457E+17\n\n00124,b,5E12345\n');
  expect((await rows(id)).map(({ line, name, problems }) => [line, name, problems[0]?.code])).toEqual([
    [3, 'a', 'digits-lost'],
    [5, 'b', undefined],
  ]);
  const { body } = await upload('Name,Name\na,b\n');
  expect(body.columns.map(({ guess }) => guess)).toEqual(['name', null]);
});

test('[IM9] an import that stopped in the middle goes on from there, and is taken back whole', async () => {
  const { apply, check, run, store, imports, machines } = await setUp();
  const text = `Name,Serial\n${Array.from({ length: 150 }, (_, i) => `pc-${i},S${i}`).join('\n')}\n`;
  expect((await apply('Name,Serial\npc-0,S0\n')).counts?.new).toBe(1);
  const { id } = await check(text);
  const record = await store.import(id);
  if (!record) throw new Error('no import');
  let portions = 0;
  const { putRows } = store;
  store.putRows = async (of, rows) => {
    if (++portions > 3) throw new Error('disk is full');
    return putRows(of, rows);
  };
  await expect(run(id, 'apply')).resolves.toMatchObject({
    state: 'failed',
    done: 100,
    fault: 'disk is full',
  });
  store.putRows = putRows;
  await store.putImport({ ...record, state: 'applying', done: 100 });
  await imports.recover();
  expect((await store.import(id))?.state).toBe('failed');
  expect((await machines()).length).toBe(150);
  expect(await run(id, 'apply')).toMatchObject({ state: 'applied', fault: null, done: 150 });
  expect(await run(id, 'undo')).toMatchObject({ state: 'undone' });
  expect((await machines()).length).toBe(1);
});

test('[IM8] an undo gives a thing back to whom it belonged before', async () => {
  const { apply, run, graph, machines, cmdbStore } = await setUp();
  await apply('Name,User\npc-1,Liu\n');
  const { id } = await apply('Name,User\npc-1,Wang\n');
  await run(id, 'undo');
  const [pc] = await machines();
  const holder = await cmdbStore.ci(graph.from(pc?.id ?? '', 'assignedTo')[0]?.toId ?? '');
  expect(holder?.name).toBe('Liu');
});

test('[IM5] applied, rows become CIs with user and place; the same file again changes nothing', async () => {
  const { apply, machines, graph, cmdbStore } = await setUp();
  const done = await apply(SHEET);
  expect([done.state, done.counts, done.done]).toEqual([
    'applied',
    { new: 2, changed: 0, unchanged: 0, error: 0 },
    2,
  ]);
  const [first] = await machines();
  expect(first).toMatchObject({
    name: 'pc-1',
    assetNumber: 'PC-1',
    lifecycle: 'planned',
    class: 'Workstation',
  });
  expect(first?.attributes['cost']).toMatchObject({ value: 6499, source: 'import' });
  const person = await cmdbStore.records('Person');
  expect(person.map(({ name }) => name)).toEqual(['Liu Fang']);
  expect(graph.to(person[0]?.id ?? '', 'assignedTo')).toHaveLength(2);
  const places = await cmdbStore.records('Location');
  expect(places.map(({ name }) => name).toSorted()).toEqual(['HQ', 'Room 1', 'Room 2']);
  const again = await apply(SHEET);
  expect(again.counts).toEqual({ new: 0, changed: 0, unchanged: 2, error: 0 });
});

test('[IM6] rows are recognised by number, then serial, then name; a name with another serial is another thing', async () => {
  const { apply, check, rows } = await setUp();
  await apply('Asset number,Name,Serial\nPC-1,pc-1,S1\n,pc-2,S2\n,pc-3,S3\n,pc-4,\n');
  const { id } = await check('Asset number,Name,Serial,Model\npc-1,x,,M\n,y,s2,M\n,pc-3,OTHER,M\n,PC-4,,M\n');
  expect((await rows(id)).map(({ matchedBy, outcome }) => [matchedBy, outcome])).toEqual([
    ['assetNumber', 'changed'],
    ['serial', 'changed'],
    [null, 'new'],
    ['name', 'changed'],
  ]);
});

test('[IM7] what a person said by hand is left and named', async () => {
  const { apply, cmdb, machines, rows } = await setUp();
  await apply('Asset number,Name,Owner,Cost\nPC-1,pc-1,Import,100\n');
  const [{ id } = { id: '' }] = await machines();
  await cmdb.edit(id, { owner: 'By hand', set: { cost: 250 } }, 'user:anna', 2_000);
  const again = await apply('Asset number,Name,Owner,Cost,Model\nPC-1,pc-1,Other,300,M1\n');
  const [row] = await rows(again.id);
  expect([row?.outcome, row?.kept.toSorted(), row?.changes.map(({ field }) => field)]).toEqual([
    'changed',
    ['cost', 'owner'],
    ['model'],
  ]);
  const ci = (await machines())[0];
  expect([ci?.owner, ci?.attributes['cost']?.value]).toEqual(['By hand', 250]);
});

test('[IM5] a step of the lifecycle that is none is an error of its row', async () => {
  const { apply, check, rows } = await setUp();
  await apply('Name,Status\npc-1,retired\n');
  const { id } = await check('Name,Status\npc-1,使用中\n');
  expect((await rows(id))[0]).toMatchObject({
    outcome: 'error',
    problems: [{ message: expect.stringContaining('cannot become "in use"') as string }],
  });
});

test('[IM8] an undo takes back what nobody changed since, and names the rest', async () => {
  const { apply, run, cmdb, cmdbStore, machines, rows, graph } = await setUp();
  await cmdb.create({ class: 'Workstation', name: 'old', edit: { assetNumber: 'PC-0' } }, 'user:anna', 1);
  const { id } = await apply(
    'Asset number,Name,Model,User\nPC-0,old,M1,Liu\nPC-1,pc-1,M1,Liu\nPC-2,pc-2,M1,\n',
  );
  const touched = (await machines()).find(({ name }) => name === 'pc-2');
  await cmdb.edit(touched?.id ?? '', { owner: 'Wang' }, 'user:anna', Date.UTC(2026, 5, 1));
  const done = await run(id, 'undo');
  expect([done.state, done.kept]).toEqual(['undone', 1]);
  expect((await rows(id)).map(({ undo }) => undo)).toEqual([
    'undone',
    'undone',
    'owner was changed by user:anna since',
  ]);
  const left = await machines();
  expect(left.map(({ name, attributes }) => [name, attributes['model']?.value ?? null])).toEqual([
    ['old', null],
    ['pc-2', 'M1'],
  ]);
  expect([...graph.all()].filter(({ type }) => type === 'assignedTo')).toEqual([]);
  expect(cmdb.holderOf('PC-1')).toBeUndefined();
  const gone = (await cmdbStore.machines()).find(({ name }) => name === 'pc-1');
  expect(gone?.mergedInto).toBe(ARCHIVED);
  expect((await apply('Asset number,Name\nPC-1,pc-1\n')).counts?.new).toBe(1);
});

test('[IM8] persons and places that an import made go with it, and come again with the next', async () => {
  const { apply, run, cmdbStore, graph } = await setUp();
  const standing = async (of: 'Person' | 'Location') =>
    (await cmdbStore.records(of)).filter(({ mergedInto }) => mergedInto === null).map(({ name }) => name);
  const { id } = await apply(SHEET);
  expect(await run(id, 'undo')).toMatchObject({ state: 'undone', kept: 0 });
  expect([await standing('Person'), await standing('Location')]).toEqual([[], []]);
  expect([...graph.all()]).toEqual([]);
  await apply(SHEET);
  expect(await standing('Person')).toEqual(['Liu Fang']);
  expect((await standing('Location')).toSorted()).toEqual(['HQ', 'Room 1', 'Room 2']);
});

test('[IM8] a person or place that an import made stays where others use or changed it, and is named', async () => {
  const { apply, run, rows, cmdb, cmdbStore, graph } = await setUp();
  const { id } = await apply(`${SHEET}PC-3;pc-3;SN3;;;Wang;HQ / Room 3\n`);
  const records = [...(await cmdbStore.records('Person')), ...(await cmdbStore.records('Location'))];
  const idOf = (name: string) => records.find((each) => each.name === name)?.id ?? '';
  const nowMs = Date.UTC(2026, 5, 1);
  const other = await cmdb.create({ class: 'Printer', name: 'copier' }, 'user:anna', nowMs);
  await graph.relate([{ type: 'locatedAt', fromId: other.id, toId: idOf('Room 2') }], {
    actor: 'user:anna',
    source: 'human',
    nowMs,
  });
  await cmdb.edit(idOf('Wang'), { tags: ['vip'] }, 'user:anna', nowMs);
  expect(await run(id, 'undo')).toMatchObject({ state: 'undone', kept: 3 });
  const left = [...(await cmdbStore.records('Person')), ...(await cmdbStore.records('Location'))];
  expect(left.flatMap(({ name, mergedInto }) => (mergedInto === null ? [name] : [])).toSorted()).toEqual([
    'HQ',
    'Room 2',
    'Wang',
  ]);
  expect((await rows(id)).map(({ left: why }) => why)).toEqual([
    { code: 'in-use', data: { name: 'HQ' } },
    { code: 'in-use', data: { name: 'Room 2' } },
    { code: 'in-use', data: { name: 'Wang' } },
  ]);
});

test('[IM8] what an import makes and takes back is in the history as of the import', async () => {
  const { apply, run, cmdbStore } = await setUp();
  const { id } = await apply(SHEET);
  await run(id, 'undo');
  const all = [
    ...(await cmdbStore.machines()),
    ...(await cmdbStore.records('Person')),
    ...(await cmdbStore.records('Location')),
  ];
  expect(all).toHaveLength(6);
  for (const ci of all) {
    const { items } = await cmdbStore.history({ machineId: ci.id, ciId: ci.id, limit: 100 });
    expect(items.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['created', 'removed']));
    expect(new Set(items.map(({ source }) => source))).toEqual(new Set(['import']));
  }
});

test('[IM9] what is not checked is not applied, and what is applied is not checked again', async () => {
  const { upload, api, check, run } = await setUp();
  const { body } = await upload(SHEET);
  expect((await api('POST', `/imports/${body.id}/apply`)).status).toBe(409);
  const { id } = await check(SHEET);
  expect((await api('POST', `/imports/${id}/undo`)).status).toBe(409);
  await run(id, 'apply');
  expect((await api('POST', `/imports/${id}/apply`)).status).toBe(409);
});

test('[IM5] five hundred rows are applied in portions', async () => {
  const { apply, machines } = await setUp();
  const lines = Array.from({ length: 500 }, (_, i) => `PC-${i},pc-${i},S${i}`);
  const done = await apply(`Asset number,Name,Serial\n${lines.join('\n')}\n`);
  expect([done.counts?.new, (await machines()).length]).toEqual([500, 500]);
});

test('[IM12] any table becomes a workbook in which a text is never a formula', async () => {
  const { api } = await setUp();
  const { body } = await api<{ content: string }>('POST', '/tables/xlsx', {
    name: 'a/b',
    rows: [
      ['Name', 'Cost'],
      ['=1+1', 2.5],
    ],
  });
  const table = await readTable(Buffer.from(body.content, 'base64'));
  expect([table.headers, table.rows]).toEqual([['Name', 'Cost'], [['=1+1', 2.5]]]);
});
