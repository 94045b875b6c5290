import { DAY_MS, HOUR_MS } from '@muster/shared/time.ts';
import { expect, test } from 'vitest';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import { createMemoryAgreementStore } from '../store/memory/agreements.ts';
import { NOTHING_AGREED } from './agreed.ts';
import { createReclassifications } from './reclassifications.ts';
import { createTargets } from './targets.ts';
import type { BareRecord } from './store.ts';

const DAY = Date.UTC(2026, 10, 20);
const NOW = DAY + 12 * HOUR_MS;
const RECORD: BareRecord = [
  { fromMs: DAY - DAY_MS, toMs: DAY + HOUR_MS, presence: 'up', cause: null, planned: false },
  { fromMs: DAY + HOUR_MS, toMs: DAY + 2 * HOUR_MS, presence: 'down', cause: 'host-down', planned: false },
  { fromMs: DAY + 2 * HOUR_MS, toMs: null, presence: 'up', cause: null, planned: false },
];
const SERVER: CiEntry = {
  id: 'ci_1',
  class: 'Server',
  name: 'SRV-1',
  lifecycle: 'in_use',
  criticality: 1,
  tags: [],
  site: null,
  owner: null,
  agentId: null,
  timeZone: 'UTC',
  createdAtMs: 0,
};
const DIRECTORY: CiDirectory = {
  get: (id) => (id === SERVER.id ? SERVER : undefined),
  all: () => [SERVER],
  onChange: () => undefined,
};

test('[AV28] [AV30] the budget follows a judgement at once, also for who looked a moment before', async () => {
  const store = createMemoryAgreementStore();
  const newId = (prefix: string) => `${prefix}_1`;
  const { marks, request, decide } = await createReclassifications({ store, newId });
  const targets = await createTargets({
    store,
    record: { bareIntervals: async () => new Map([['ci_1', RECORD]]) },
    directory: DIRECTORY,
    nodes: { get: () => undefined },
    services: { isService: () => false, input: () => Promise.reject(new Error('there is no service')) },
    agreed: { ...NOTHING_AGREED, marks },
    newId,
    pause: async () => {},
  });
  const fields = { ciId: 'ci_1', percent: 99.9, formula: 'known-time', period: 'month', note: '' } as const;
  await targets.create({ ...fields, fromDay: '2026-11-20', agreedWith: 'Finance' }, 'user:anna', NOW);
  const usedSeconds = async (atMs: number) => (await targets.list(atMs))[0]?.current?.usedSeconds;
  expect(await usedSeconds(NOW)).toBe(3_600);

  const wish = { ciId: 'ci_1', fromMs: DAY + HOUR_MS, toMs: DAY + 2 * HOUR_MS, as: 'excluded' } as const;
  const { id } = await request({ ...wish, reason: 'The street had no power.' }, 'user:anna', NOW);
  expect(await usedSeconds(NOW + 1)).toBe(3_600);
  await decide(id, { approve: true, note: '' }, 'user:bo', NOW + 2);
  expect(await usedSeconds(NOW + 3)).toBe(0);
});
