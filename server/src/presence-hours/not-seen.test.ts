import { DAY_MS, HOUR_MS } from '@muster/shared/time.ts';
import { expect, test } from 'vitest';
import { expectationOf } from '../availability/expectation.ts';
import type { PresenceStatus } from '../availability/status.ts';
import type { CiEntry } from '../cmdb/directory.ts';
import { createFindings } from '../findings/findings.ts';
import { createMemoryFindingStore } from '../store/memory/findings.ts';
import { createNotSeen } from './not-seen.ts';

const NOW = Date.UTC(2026, 10, 20, 12);

function world(fields: Partial<CiEntry> = {}) {
  const entry = {
    id: 'ci_1',
    class: 'Workstation',
    name: 'laptop-1',
    lifecycle: 'in_use',
    tags: [],
    timeZone: 'UTC',
    ...fields,
  } as unknown as CiEntry;
  const status = { presence: 'off', planned: false, lastSeenMs: NOW } as unknown as PresenceStatus;
  const held = { status };
  const store = createMemoryFindingStore();
  let next = 1;
  const findings = createFindings({ store, newId: (prefix) => `${prefix}_${next++}` });
  const make = () =>
    createNotSeen({
      directory: { all: () => [entry] },
      expectations: { of: expectationOf },
      presence: { get: () => held.status },
      findings,
      days: () => 21,
    });
  return { held, store, make, latest: () => store.latest('not-seen', 'ci_1') };
}

test('[WN13] a laptop that was not seen for three weeks is one finding, which is settled when it returns', async () => {
  const { held, make, latest } = world();
  const watch = make();
  await watch.tick(NOW + 20 * DAY_MS);
  expect((await latest()) ?? null).toBeNull();
  await watch.tick(NOW + 21 * DAY_MS);
  await watch.tick(NOW + 22 * DAY_MS);
  expect(await latest()).toMatchObject({
    state: 'open',
    count: 1,
    title: { en: 'laptop-1 was not seen for more than 21 days' },
  });
  held.status = { ...held.status, presence: 'up', lastSeenMs: NOW + 23 * DAY_MS };
  await watch.tick(NOW + 23 * DAY_MS);
  expect(await latest()).toMatchObject({ state: 'resolved' });
});

test('[WN13] after a restart of the server an open one is not told again, and one that returned meanwhile is settled', async () => {
  const { held, make, latest } = world();
  await make().tick(NOW + 21 * DAY_MS);
  await make().tick(NOW + 21 * DAY_MS + HOUR_MS);
  expect(await latest()).toMatchObject({ state: 'open', count: 1 });
  held.status = { ...held.status, presence: 'up', lastSeenMs: NOW + 22 * DAY_MS };
  await make().tick(NOW + 22 * DAY_MS);
  expect(await latest()).toMatchObject({ state: 'resolved', count: 1 });
});

test.each([
  ['stays where it is', { class: 'Server' }],
  ['is fixed', { tags: ['fixed'] }],
  ['is out of service', { lifecycle: 'in_stock' as const }],
])('[WN13] a machine that %s is none', async (_what, fields) => {
  const { make, latest } = world(fields);
  await make().tick(NOW + 60 * DAY_MS);
  expect((await latest()) ?? null).toBeNull();
});

test('[WN13] it looks once an hour', async () => {
  const { held, make, latest } = world();
  const watch = make();
  await watch.tick(NOW + 21 * DAY_MS - 1);
  await watch.tick(NOW + 21 * DAY_MS);
  expect((await latest()) ?? null).toBeNull();
  held.status = { ...held.status };
  await watch.tick(NOW + 21 * DAY_MS - 1 + HOUR_MS);
  expect(await latest()).toMatchObject({ state: 'open' });
});
