import { HOUR_MS } from '@muster/shared/time.ts';
import { expect, test } from 'vitest';
import type { PresenceStatus } from '../availability/status.ts';
import type { CiEntry } from '../cmdb/directory.ts';
import { createFindings } from '../findings/findings.ts';
import { createMemoryFindingStore } from '../store/memory/findings.ts';
import { createUninstalled } from './uninstalled.ts';

const NOW = Date.UTC(2026, 10, 20, 12);
type Status = Pick<PresenceStatus, 'presence' | 'cause' | 'sinceMs'>;
const UP: Status = { presence: 'up', cause: null, sinceMs: NOW };
const GONE: Status = { presence: 'unknown', cause: 'agent-uninstalled', sinceMs: NOW };

function world() {
  const held = { status: UP, entry: ciOf('in_use') };
  const heard: ((status: PresenceStatus, nowMs: number) => void)[] = [];
  const changed: ((entry: CiEntry) => void)[] = [];
  const store = createMemoryFindingStore();
  let next = 1;
  const findings = createFindings({ store, newId: (prefix) => `${prefix}_${next++}` });
  const statusNow = () => ({ ciId: 'ci_1', ...held.status }) as PresenceStatus;
  return {
    store,
    make: () =>
      createUninstalled({
        directory: {
          all: () => [held.entry],
          get: (id) => (id === held.entry.id ? held.entry : undefined),
          onChange: (listener) => void changed.push(listener),
        },
        presence: { get: statusNow, onChange: (listener) => void heard.push(listener) },
        findings,
      }),
    become(status: Status) {
      held.status = status;
      for (const listener of heard) listener(statusNow(), NOW);
    },
    live(lifecycle: string) {
      held.entry = ciOf(lifecycle);
      for (const listener of changed) listener(held.entry);
    },
    latest: () => store.latest('agent-uninstalled', 'ci_1'),
  };
}

function ciOf(lifecycle: string): CiEntry {
  return { id: 'ci_1', class: 'Server', name: 'srv-1', lifecycle, timeZone: 'UTC' } as unknown as CiEntry;
}

test('[WN14] a machine whose agent was uninstalled is one finding, which is settled when an agent is back', async () => {
  const { make, become, latest } = world();
  const watch = make();
  await watch.tick(NOW);
  expect((await latest()) ?? null).toBeNull();
  become(GONE);
  await watch.tick(NOW);
  await watch.tick(NOW + HOUR_MS);
  expect(await latest()).toMatchObject({
    state: 'open',
    count: 1,
    ciId: 'ci_1',
    title: {
      en: 'The agent of srv-1 was uninstalled: no agent reports from it any more',
    },
  });
  become(UP);
  await watch.tick(NOW + 2 * HOUR_MS);
  expect(await latest()).toMatchObject({ state: 'resolved', decidedBy: 'system' });
});

test('[WN14] one that is retired needs no agent, before it is uninstalled or after', async () => {
  const { make, become, live, latest } = world();
  const watch = make();
  live('retired');
  become(GONE);
  await watch.tick(NOW);
  expect((await latest()) ?? null).toBeNull();
  live('in_use');
  await watch.tick(NOW);
  expect(await latest()).toMatchObject({ state: 'open' });
  live('retired');
  await watch.tick(NOW);
  expect(await latest()).toMatchObject({ state: 'resolved' });
});

test('[WN14] a server that ended in between tells it after its start, and once', async () => {
  const { make, become, latest } = world();
  become(GONE);
  await make().tick(NOW);
  await make().tick(NOW + HOUR_MS);
  expect(await latest()).toMatchObject({ state: 'open', count: 1 });
});
