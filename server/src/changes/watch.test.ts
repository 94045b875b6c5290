import { expect, test } from 'vitest';
import type { Ci, HistoryRow } from '../cmdb/store.ts';
import { createFindings } from '../findings/findings.ts';
import { createMemoryChangeStore } from '../store/memory/changes.ts';
import { createMemoryFindingStore } from '../store/memory/findings.ts';
import { POLICY_DEFAULT } from './judge.ts';
import { createChangeWatch, type Explained, ITEMS_MAX } from './watch.ts';

const CI = { id: 'ci_a', class: 'Server', name: 'web-01', tags: [] as string[] } as unknown as Ci;

function row(id: string, change: Partial<HistoryRow>): HistoryRow {
  return {
    id,
    atMs: 100,
    ciId: 'ci_a',
    machineId: 'ci_a',
    ciName: 'web-01',
    ciClass: 'Server',
    kind: 'created',
    attribute: null,
    before: null,
    after: null,
    source: 'agent',
    actor: 'agent:1',
    ...change,
  };
}

function setUp() {
  let next = 0;
  const newId = (prefix: string) => `${prefix}_${++next}`;
  const findingStore = createMemoryFindingStore();
  const store = createMemoryChangeStore();
  const explained: Explained[] = [];
  const watch = createChangeWatch({
    store,
    findings: createFindings({ store: findingStore, newId }),
    sourcesOf: async () => new Map(),
    explain: async (some) => void explained.push(...some),
  });
  const found = async () => (await findingStore.find({ limit: 100 })).items;
  return { watch, store, found, explained };
}

test('[CH10] what nobody allowed is one finding for each kind, with before and after', async () => {
  const { watch, found } = setUp();
  const history = [
    row('h1', { attribute: 'software:nmap', after: '7.93' }),
    row('h2', { attribute: 'software:netcat', after: '1.2' }),
    row('h3', { kind: 'changed', attribute: 'memoryBytes', before: 16, after: 8 }),
  ];
  await watch.follow({ ci: CI, parts: [], history }, 200);
  const findings = await found();
  expect(findings.map(({ kind, ciId }) => [kind, ciId])).toEqual([
    ['unauthorised-change', 'ci_a'],
    ['unauthorised-change', 'ci_a'],
  ]);
  const installed = findings.find(({ title }) => title.en.startsWith('Software installed'));
  expect(installed?.title).toEqual({
    en: 'Software installed on web-01 without an approved change: nmap, netcat',
    zh: 'web-01 未经批准的变更（安装软件）：nmap、netcat',
  });
  expect(installed?.evidence).toMatchObject({ total: 2, items: [{ name: 'nmap', after: '7.93' }, {}] });
});

test('[CH10] the same rows again count on the same finding; another report opens another', async () => {
  const { watch, found } = setUp();
  const install = (id: string) => ({ ci: CI, parts: [], history: [row(id, { attribute: 'software:nmap' })] });
  await watch.follow(install('h1'), 200);
  await watch.follow(install('h1'), 200);
  expect((await found()).map(({ count }) => count)).toEqual([2]);
  await watch.follow(install('h2'), 300);
  expect(await found()).toHaveLength(2);
});

test('[CH11] what a change or the policy allows is no finding, and the history is told why', async () => {
  const { watch, found, store, explained } = setUp();
  await store.put({
    id: 'chg_1',
    ref: 'CHG-0001',
    title: 'Tools',
    description: '',
    state: 'approved',
    kinds: [],
    ciIds: ['ci_a'],
    tags: [],
    startsAtMs: 100,
    endsAtMs: 300,
    requestedBy: 'user:anna',
    requestedAtMs: 1,
    decidedBy: 'user:bo',
    decidedAtMs: 2,
    note: null,
  });
  const history = [
    row('h1', { attribute: 'software:nmap' }),
    row('h2', { kind: 'changed', attribute: 'owner', source: 'human' }),
  ];
  await watch.follow({ ci: CI, parts: [], history }, 200);
  const update = [row('h3', { kind: 'changed', attribute: 'software:openssl', before: '1', after: '2' })];
  await watch.follow({ ci: CI, parts: [], history: update }, 400);
  expect(await found()).toEqual([]);
  expect(explained).toEqual([
    { historyId: 'h1', by: 'change', id: 'chg_1' },
    { historyId: 'h3', by: 'policy', id: 'package-updates' },
  ]);
});

test('[CH6] a new policy counts from the next report', async () => {
  const { watch, found, store } = setUp();
  const install = (id: string) => ({ ci: CI, parts: [], history: [row(id, { attribute: 'software:nmap' })] });
  await watch.follow(install('h1'), 200);
  await store.putPolicy({ ...POLICY_DEFAULT, watched: {} });
  watch.forgetPolicy();
  await watch.follow(install('h2'), 300);
  expect(await found()).toHaveLength(1);
});

test('[CH10] a finding of very many things names the first of them and says how many there are', async () => {
  const { watch, found } = setUp();
  const history = Array.from({ length: 1_000 }, (_, i) => row(`h${i}`, { attribute: `software:p${i}` }));
  await watch.follow({ ci: CI, parts: [], history }, 200);
  const [finding] = await found();
  expect(finding?.title.en).toContain('p0, p1, p2 and 997 more');
  expect(finding?.evidence).toMatchObject({ total: 1_000 });
  expect(finding?.evidence['items']).toHaveLength(ITEMS_MAX);
});
