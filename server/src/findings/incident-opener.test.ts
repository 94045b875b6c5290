import type { FindingRule } from '@muster/shared/api/findings.ts';
import { expect, test } from 'vitest';
import type { Ci } from '../cmdb/store.ts';
import { createIncidents } from '../incidents/incidents.ts';
import { createMemoryFindingStore } from '../store/memory/findings.ts';
import { createMemoryIncidentStore } from '../store/memory/incidents.ts';
import { createFindings } from './findings.ts';
import { createIncidentOpener } from './incident-opener.ts';
import { RULES_DEFAULT } from './incident-rules.ts';

const CI = { id: 'ci_a', class: 'Server', name: 'web-01', criticality: 2, tags: [] as string[] };
const EVERY_RULE = RULES_DEFAULT.map((rule) => ({ ...rule, enabled: true }));
const NEWS = {
  kind: 'unauthorised-change',
  key: 'ci_a:security-changed:h1',
  ciId: 'ci_a',
  title: { en: 'Protection changed on web-01', zh: 'web-01 安全防护变动' },
  evidence: { kind: 'security-changed' },
} as const;

async function setUp(stored: FindingRule[] | null = EVERY_RULE) {
  let next = 0;
  const newId = (prefix: string) => `${prefix}_${++next}`;
  const store = createMemoryFindingStore();
  if (stored) await store.putRules(stored);
  const findings = createFindings({ store, newId });
  const incidentStore = createMemoryIncidentStore();
  const incidents = await createIncidents({
    store: incidentStore,
    newId,
    holderOf: async (name) => name,
    onEvent: () => undefined,
  });
  const opener = createIncidentOpener({
    findings,
    store,
    incidents,
    ci: async () => CI as unknown as Ci,
    ciFacts: () => ({ ...CI, expectedNow: true }),
  });
  let nowMs = 0;
  let work: Promise<void> = Promise.resolve();
  findings.onChange((finding) => {
    work = work.then(() => opener.follow(finding, nowMs));
  });
  const at = async (atMs: number, what: (atMs: number) => Promise<unknown>) => {
    nowMs = atMs;
    await what(atMs);
    // What follows may change the finding again, which is followed too.
    for (let seen: unknown = null; seen !== work; ) {
      seen = work;
      await work;
    }
  };
  const id = 'fnd_1';
  await at(1, (ms) => findings.raise(NEWS, ms));
  const ref = (await store.finding(id))?.incidentRef ?? '';
  const state = async () => (await incidentStore.get(ref))?.state;
  const incidentOf = async (findingId: string) =>
    incidentStore.get((await store.finding(findingId))?.incidentRef ?? '');
  return { at, findings, incidents, id, ref, state, incidentOf };
}

test.each(['accepted', 'dismissed', 'resolved'] as const)(
  '[FI10] a finding that is %s resolves the incident it opened',
  async (becomes) => {
    const { at, findings, id, state } = await setUp();
    expect(await state()).toBe('new');
    await at(2, (ms) => findings.decide(id, { state: becomes, note: 'fine', changeId: null }, 'user:bo', ms));
    expect(await state()).toBe('resolved');
  },
);

test('[FI10] a finding whose cause is gone resolves its incident', async () => {
  const { at, findings, state } = await setUp();
  await at(2, (ms) => findings.settle(NEWS.kind, NEWS.key, 'system', ms));
  expect(await state()).toBe('resolved');
});

test('[FI10] a finding of no CI opens an incident as well', async () => {
  const { at, findings, incidentOf } = await setUp();
  const news = { kind: 'rollout-failed', key: 'rol_1', ciId: null, title: NEWS.title, evidence: {} } as const;
  let findingId = '';
  await at(2, async (ms) => (findingId = await findings.raise(news, ms)));
  expect(await incidentOf(findingId)).toMatchObject({
    state: 'new',
    ciId: null,
    title: NEWS.title,
    impact: 3,
  });
  await at(3, (ms) => findings.settle(news.kind, news.key, 'system', ms));
  expect((await incidentOf(findingId))?.state).toBe('resolved');
});

test('[FI60] [DB342] the agent of an important machine is uninstalled: an incident until an agent is back, where nobody has set rules', async () => {
  const { at, findings, incidentOf } = await setUp(null);
  const news = {
    kind: 'agent-uninstalled',
    key: CI.id,
    ciId: CI.id,
    title: NEWS.title,
    evidence: {},
  } as const;
  let findingId = '';
  await at(2, async (ms) => (findingId = await findings.raise(news, ms)));
  expect(await incidentOf(findingId)).toMatchObject({
    state: 'new',
    ciId: CI.id,
    priority: 2,
    description: {
      en: expect.stringContaining('"The agent of a critical machine was uninstalled"'),
      zh: expect.stringContaining('“关键计算机的代理程序被卸载”'),
    },
  });
  await at(3, (ms) => findings.settle(news.kind, news.key, 'system', ms));
  expect((await incidentOf(findingId))?.state).toBe('resolved');
});

test('[FI10] an incident that a person closed or took up again is left to them', async () => {
  const { at, findings, incidents, id, ref, state } = await setUp();
  const decide = (ms: number) =>
    findings.decide(id, { state: 'accepted', note: 'fine', changeId: null }, 'user:bo', ms);
  await at(2, decide);
  await incidents.move(ref, { to: 'in_progress', note: '', assignee: 'bo' }, undefined, 'user:bo', 3);
  await at(4, (ms) => findings.raise(NEWS, ms));
  expect(await state()).toBe('in_progress');
  await incidents.move(ref, { to: 'resolved', note: '' }, undefined, 'user:bo', 5);
  await at(6, decide);
  expect(await state()).toBe('resolved');
});
