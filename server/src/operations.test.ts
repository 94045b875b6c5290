import type { Endpoint } from '@muster/shared/api/endpoint.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { expect, test } from 'vitest';
import type { Handler, Routes } from './http/routes.ts';
import { addEngineRoute, addOperationsRoutes } from './operations.ts';
import { createMemoryMetricStore } from './store/memory/metrics.ts';

type OperationsDeps = Parameters<typeof addOperationsRoutes>[1];
type EngineDeps = Parameters<typeof addEngineRoute>[1];

/** The overview of an empty house with these channels. */
async function overviewWith(channels: readonly { readonly enabled: boolean }[]) {
  let answer: unknown;
  const routes: Routes = {
    add: <E extends Endpoint>(endpoint: E, handler: Handler<E>) => {
      if (endpoint.id !== 'overview') return;
      const handle = handler as (input: object, context: object) => Promise<unknown>;
      answer = handle({}, { nowMs: 1_000 });
    },
  };
  const fleet = { total: 0, up: 0, asleep: 0, off: 0, planned: 0, silent: 0, unknown: 0 };
  addOperationsRoutes(routes, {
    presence: { counts: () => fleet, get: () => null },
    directory: { get: () => undefined, all: () => [], onChange: () => undefined },
    incidents: { openCounts: () => ({ open: 1, unclaimed: 1, alarmed: 0 }) },
    // No `stats`: an overview must not look at every machine.
    metrics: { pace: () => ({ samplesPerSecond: 0, samplesTotal: 0 }) },
    lastClosedAtMs: async () => null,
    channels: async () => channels,
  } as Partial<Record<keyof OperationsDeps, unknown>> as OperationsDeps);
  return ENDPOINTS.overview.response.parse(await answer);
}

test('[DB212] the overview says whether anybody is messaged: a channel that is switched off messages nobody', async () => {
  expect(await overviewWith([])).toMatchObject({ openIncidents: 1, channelsOn: 0 });
  expect(await overviewWith([{ enabled: false }])).toMatchObject({ channelsOn: 0 });
  expect(await overviewWith([{ enabled: true }, { enabled: false }])).toMatchObject({ channelsOn: 1 });
});

test('[EN5] the page about the engine is told what waits in memory, for other stores and for its limit, and what was dropped', async () => {
  const nowMs = Date.UTC(2026, 10, 20, 10);
  const dropped = {
    atMs: nowMs - 60_000,
    tier: 'raw',
    startMs: 0,
    endMs: 86_400_000,
    bytes: 5,
    reason: 'disk-cap',
  };
  const stats = {
    ...createMemoryMetricStore().stats(nowMs),
    headBytes: 4_096,
    journalBytes: 10,
    chunkBytes: 90,
    bytesMax: 200,
    droppedBytesTotal: 5,
    dropped: [dropped],
    waiting: [{ atMs: nowMs, what: 'kept and tried again' }],
  };
  const waiting = (queuedSamples: number, queueAgeMs: number | null, lost: number) => ({
    status: {
      queuedSamples,
      queueAgeMs,
      dropped: lost,
      lastError: null,
      lastRefusal: null,
      lastDroppedAt: null,
    },
  });
  let answer: unknown;
  const routes: Routes = {
    add: <E extends Endpoint>(_endpoint: E, handler: Handler<E>) => {
      const handle = handler as (input: object, context: object) => Promise<unknown>;
      answer = handle({}, { nowMs, actor: { role: 'operator' } });
    },
  };
  addEngineRoute(routes, {
    version: '1',
    startedAtMs: 0,
    dataDir: '/nowhere/at/all',
    metrics: { stats: () => stats },
    pulse: { points: () => [] },
    agentsConnected: () => 1,
    databaseBytes: () => 1,
    notificationsWaiting: () => 0,
    lastBackupAtMs: async () => null,
    inbound: {
      figures: () => ({ received: 9, stored: 7, stale: 0, ahead: 0, invalid: 0, keptOut: 2 }),
      troubles: () => [],
      warnings: () => ({ namesUnknown: 4, mayBeMoreNames: false, requestsUnsigned: 2 }),
    },
    outbound: {
      status: () => ({
        queue: {
          bytes: 30,
          bytesMax: 100,
          unwrittenDropped: 1,
          lastError: null,
          setAside: [{ name: 'old.set-aside-5-samples', samples: 5, at: '2026-11-20T09:00:00.000Z' }],
        },
        targets: [waiting(5, null, 0), waiting(50, 7_000, 3)],
      }),
    },
  } as Partial<Record<keyof EngineDeps, unknown>> as EngineDeps);
  const status = ENDPOINTS.engineStatus.response.parse(await answer);
  expect(status.queues.headBytes).toBe(4_096);
  expect(status.storage).toMatchObject({
    freeBytes: null,
    forecast: null,
    sampleBytes: 100,
    bytesMax: 200,
    droppedBytesTotal: 5,
    dropped: [{ at: '2026-11-20T09:59:00.000Z', tier: 'raw', to: '1970-01-02T00:00:00.000Z', bytes: 5 }],
  });
  expect(status.troubles.map(({ code }) => code)).toEqual([
    'data-damaged',
    'windows-waiting',
    'samples-dropped',
  ]);
  expect(status.troubles[1]?.detail).toBe('2026-11-20T10:00:00.000Z: kept and tried again');
  expect(status.troubles[0]?.detail).toMatch(/^2026-11-20T09:00:00.000Z: outgoing\/old.set-aside-5-samples/);
  expect(status.exchange).toEqual({
    storedTotal: 7,
    keptOutTotal: 2,
    namesUnknown: 4,
    mayBeMoreNames: false,
    requestsUnsigned: 2,
    targets: 2,
    queuedSamples: 50,
    queueAgeMs: 7_000,
    queueBytes: 30,
    queueBytesMax: 100,
    droppedTotal: 4,
  });
});

test.each([
  ['operator', ['data-damaged', 'exchange-in', 'exchange-out']],
  ['viewer', ['data-damaged']],
] as const)(
  '[RW52] what is wrong with the exchange is a trouble of the server, for who may read the exchange (%s)',
  async (role, expected) => {
    const nowMs = Date.UTC(2026, 10, 20, 10);
    let answer: unknown;
    const routes: Routes = {
      add: <E extends Endpoint>(endpoint: E, handler: Handler<E>) => {
        if (endpoint.id !== 'serverStatus') return;
        const handle = handler as (input: object, context: object) => Promise<unknown>;
        answer = handle({}, { nowMs, actor: { role } });
      },
    };
    const failing = {
      state: 'waiting',
      failingSince: '2026-11-20T09:00:00.000Z',
      queuedSamples: 1,
      lastError: null,
    };
    addOperationsRoutes(routes, {
      version: '1',
      insecure: false,
      startedAtMs: 0,
      dataDir: '/nowhere/at/all',
      metrics: { stats: () => createMemoryMetricStore().stats(nowMs) },
      agentsConnected: () => 1,
      databaseBytes: () => 1,
      inbound: { troubles: () => ['a sender is refused'] },
      outbound: {
        status: () => ({
          queue: {
            lastError: null,
            setAside: [{ name: 'old.set-aside-5-samples', samples: 5, at: '2026-11-20T09:00:00.000Z' }],
          },
          targets: [{ name: 'tsdb', status: { ...failing, lastRefusal: null, lastDroppedAt: null } }],
        }),
      },
    } as Partial<Record<keyof OperationsDeps, unknown>> as OperationsDeps);
    const { troubles } = ENDPOINTS.serverStatus.response.parse(await answer);
    expect(troubles.map(({ code }) => code)).toEqual(expected);
  },
);
