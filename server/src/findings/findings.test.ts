import { expect, test } from 'vitest';
import { createMemoryFindingStore } from '../store/memory/findings.ts';
import { createFindings } from './findings.ts';

const NEWS = {
  kind: 'ghost-device',
  key: 'ci_a',
  ciId: 'ci_a',
  title: { en: 'A retired machine reports', zh: '已退役的设备仍在上报' },
  evidence: { lifecycle: 'retired' },
} as const;

function setUp() {
  let next = 0;
  const store = createMemoryFindingStore();
  return { store, findings: createFindings({ store, newId: (prefix) => `${prefix}_${++next}` }) };
}

test('[FI4] news of an open matter are counted there with the newest evidence', async () => {
  const { store, findings } = setUp();
  const [first, second] = await Promise.all([
    findings.raise(NEWS, 10),
    findings.raise({ ...NEWS, evidence: { lifecycle: 'missing' } }, 20),
  ]);
  expect(second).toBe(first);
  expect(await store.finding(first)).toMatchObject({
    count: 2,
    openedAtMs: 10,
    lastAtMs: 20,
    evidence: { lifecycle: 'missing' },
  });
});

test('[FI5] what a person dismissed or accepted is counted and not asked again; what was resolved is', async () => {
  const { store, findings } = setUp();
  const id = await findings.raise(NEWS, 10);
  await findings.decide(id, { state: 'dismissed', note: 'a test bench', changeId: null }, 'user:anna', 20);
  expect(await findings.raise(NEWS, 30)).toBe(id);
  expect(await store.finding(id)).toMatchObject({ state: 'dismissed', count: 2, decidedBy: 'user:anna' });
  await findings.decide(id, { state: 'open', note: null, changeId: null }, 'user:anna', 40);
  expect(await store.finding(id)).toMatchObject({ state: 'open', decidedBy: null, decidedAtMs: null });
  await findings.settle('ghost-device', 'ci_a', 'system', 50);
  expect(await store.finding(id)).toMatchObject({ state: 'resolved', decidedBy: 'system' });
  expect(await findings.raise(NEWS, 60)).not.toBe(id);
});

test('[FI6] a finding that is not there cannot be decided, and settling nothing is no error', async () => {
  const { findings } = setUp();
  await findings.settle('ghost-device', 'nothing', 'system', 1);
  await expect(
    findings.decide('fnd_9', { state: 'resolved', note: null, changeId: null }, 'user:anna', 1),
  ).rejects.toThrow('no finding fnd_9');
});
