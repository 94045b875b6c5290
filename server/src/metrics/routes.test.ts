import { expect, test } from 'vitest';
import type { Endpoint } from '@muster/shared/api/endpoint.ts';
import { metricsEndpoints } from '@muster/shared/api/metrics.ts';
import { SECOND_MS, toIso } from '@muster/shared/time.ts';
import type { CiEntry } from '../cmdb/directory.ts';
import { ByteAnswer } from '../http/byte-answer.ts';
import type { AnswerDoor, ByteRoutes, RequestContext } from '../http/routes.ts';
import { createMemoryMetricStore } from '../store/memory/metrics.ts';
import { addMetricsRoutes, type ProcessesReport } from './routes.ts';
import type { MetricStore } from './store.ts';

const NOW_MS = Date.UTC(2026, 2, 1, 12);
const MACHINE: CiEntry = {
  id: 'ci_a',
  class: 'Server',
  name: 'db-01',
  lifecycle: 'in_use',
  criticality: 3,
  tags: [],
  site: null,
  owner: null,
  agentId: 'agt_a',
  timeZone: null,
  createdAtMs: 0,
};

/** Calls a handler with what the schema makes of the input, and checks the answer by the schema, as the server does. */
function client(
  store: MetricStore,
  report?: ProcessesReport,
  gone: { lifecycle?: CiEntry['lifecycle']; uninstalled?: boolean } = {},
) {
  type AnyHandler = (input: never, context: RequestContext, door: AnswerDoor) => Promise<unknown>;
  const handlers = new Map<string, AnyHandler>();
  const add = (endpoint: Endpoint, handler: unknown) => void handlers.set(endpoint.id, handler as AnyHandler);
  const routes: ByteRoutes = { add, addBytes: add };
  const machine: CiEntry = { ...MACHINE, lifecycle: gone.lifecycle ?? MACHINE.lifecycle };
  const machines = new Map([[machine.id, machine]]);
  addMetricsRoutes(routes, {
    store,
    ciDirectory: { get: (id) => machines.get(id), all: () => machines.values(), onChange: () => {} },
    mergedIn: (id) => (id === MACHINE.id ? ['ci_former'] : []),
    isUninstalled: () => gone.uninstalled === true,
    processes: () => report,
    intervalMsOf: () => 60_000,
    pause: async () => {},
    monotonicMs: () => 0,
  });
  return async (endpoint: Endpoint, input: { params?: object; query?: object } = {}) => {
    const handler = handlers.get(endpoint.id);
    if (handler === undefined) throw new Error(`no handler for ${endpoint.id}`);
    const parsed = {
      params: endpoint.params.parse(input.params ?? {}),
      query: endpoint.query.parse(input.query ?? {}),
      body: {},
    };
    const actor = { name: 'user:anna', userId: 'usr_a', role: 'viewer' } as const;
    const { signal } = new AbortController();
    const context = { actor, nowMs: NOW_MS, address: '127.0.0.1', signal, keep: () => {} };
    const answer = await handler(parsed as never, context, { accepts: () => false });
    return endpoint.response.parse(answer instanceof ByteAnswer ? await jsonOf(answer) : answer);
  };
}

async function jsonOf({ pieces }: ByteAnswer): Promise<unknown> {
  let text = '';
  for (let next = await pieces.next(); !next.done; next = await pieces.next())
    text += Buffer.from(next.value);
  return JSON.parse(text);
}

async function filled(): Promise<MetricStore> {
  const store = createMemoryMetricStore();
  const load = store.resolve({ ciId: 'ci_a', metric: 'load.1m', instance: '' });
  const read = store.resolve({ ciId: 'ci_a', metric: 'disk.read', instance: 'sda' });
  const hot = store.resolve({ ciId: 'ci_a', metric: 'temperature', instance: 'core' });
  const ticks = [0, 1, 2].map((n) => ({
    atMs: NOW_MS + (n - 3) * 10 * SECOND_MS,
    series: [load, read, hot],
    values: [n / 2, n * 5_000, n === 1 ? 50 : Number.NaN],
  }));
  await store.append({ agentId: 'agt_a', epoch: '00000000000000aa', seq: 1 }, ticks, NOW_MS);
  return store;
}

const AT = toIso(NOW_MS - 10 * SECOND_MS);
const RANGE = { ci: 'ci_a', from: toIso(NOW_MS - 60 * SECOND_MS), to: toIso(NOW_MS) };

test('[ME40] latest values: counters as rates per second; what is not a number is left out', async () => {
  const call = client(await filled());
  expect(await call(metricsEndpoints.latestMetrics, { params: { id: 'ci_a' } })).toEqual({
    items: [
      { metric: 'load.1m', instance: '', value: 1, unit: '1', at: AT },
      { metric: 'disk.read', instance: 'sda', value: 500, unit: 'B/s', at: AT },
    ],
  });
});

test('[ME40] a machine without values has an empty list, never zeros', async () => {
  const call = client(createMemoryMetricStore());
  expect(await call(metricsEndpoints.latestMetrics, { params: { id: 'ci_a' } })).toEqual({ items: [] });
  expect(await call(metricsEndpoints.metricRange, { query: { ...RANGE, metric: 'load.1m' } })).toEqual({
    unit: '1',
    stepMs: 0,
    series: [],
  });
  expect(await call(metricsEndpoints.topMetrics, { query: { metric: 'load.1m' } })).toEqual({
    unit: '1',
    items: [],
  });
  expect(await call(metricsEndpoints.topProcesses, { params: { id: 'ci_a' } })).toEqual({
    at: null,
    items: [],
  });
});

test('[ME41] a range carries its unit, and only finite points', async () => {
  const call = client(await filled());
  expect(await call(metricsEndpoints.metricRange, { query: { ...RANGE, metric: 'disk.read' } })).toEqual({
    unit: 'B/s',
    stepMs: 0,
    series: [
      {
        instance: 'sda',
        tier: 'raw',
        points: [
          [NOW_MS - 20 * SECOND_MS, 500],
          [NOW_MS - 10 * SECOND_MS, 500],
        ],
      },
    ],
  });
  expect(
    await call(metricsEndpoints.metricRange, { query: { ...RANGE, metric: 'temperature' } }),
  ).toMatchObject({
    series: [{ points: [[NOW_MS - 20 * SECOND_MS, 50]] }],
  });
});

test.each([
  ['metric-unknown', metricsEndpoints.metricRange, { query: { ...RANGE, metric: 'cpu.magic' } }],
  ['metric-unknown', metricsEndpoints.topMetrics, { query: { metric: 'toString' } }],
  ['range-invalid', metricsEndpoints.metricRange, { query: { ...RANGE, metric: 'load.1m', to: RANGE.from } }],
  [
    'range-invalid',
    metricsEndpoints.metricRange,
    { query: { ...RANGE, metric: 'load.1m', from: RANGE.to, to: RANGE.from } },
  ],
  ['not-found', metricsEndpoints.metricRange, { query: { ...RANGE, metric: 'load.1m', ci: 'ci_x' } }],
  ['not-found', metricsEndpoints.latestMetrics, { params: { id: 'ci_x' } }],
  ['not-found', metricsEndpoints.topProcesses, { params: { id: 'ci_x' } }],
] as const)('[ME42] %s is answered by its code', async (code, endpoint, input) => {
  await expect(client(await filled())(endpoint, input)).rejects.toMatchObject({ code });
});

test('[ME43] [DB331] highest consumers by shown value, with the machine’s name and its agent’s interval', async () => {
  const call = client(await filled());
  expect(await call(metricsEndpoints.topMetrics, { query: { metric: 'disk.read', n: '3' } })).toEqual({
    unit: 'B/s',
    items: [
      {
        ciId: 'ci_a',
        ciName: 'db-01',
        ciClass: 'Server',
        tags: [],
        instance: 'sda',
        value: 500,
        at: AT,
        intervalMs: 60_000,
      },
    ],
  });
  const at = async (site: string) =>
    (await call(metricsEndpoints.topMetrics, { query: { metric: 'disk.read', site } })) as {
      items: unknown[];
    };
  expect((await at('Elsewhere')).items).toEqual([]);
  expect((await at('')).items).toHaveLength(1);
});

test.each([
  ['is retired', { lifecycle: 'retired' as const }],
  ['has no agent any more', { uninstalled: true }],
])('[ME43] what a machine that %s sent last is not among the highest', async (_what, gone) => {
  const call = client(await filled(), undefined, gone);
  for (const filter of [{}, { instance: 'sda' }])
    expect(
      await call(metricsEndpoints.topMetrics, { query: { metric: 'disk.read', ...filter } }),
    ).toMatchObject({
      items: [],
    });
});

test('[ME44] the catalogue names every metric with the unit a reader meets', async () => {
  const { items } = (await client(createMemoryMetricStore())(metricsEndpoints.metricCatalogue)) as {
    items: { metric: string; unit: string }[];
  };
  expect(items.find(({ metric }) => metric === 'disk.read')).toMatchObject({ unit: 'B/s', kind: 'counter' });
  expect(items.find(({ metric }) => metric === 'memory.used')).toMatchObject({ unit: 'B', kind: 'gauge' });
});

test('[ME80] the catalogue says how often a metric is read and what is kept of it for years', async () => {
  const { items } = (await client(createMemoryMetricStore())(metricsEndpoints.metricCatalogue)) as {
    items: { metric: string; intervalMs: number; rollup: { of: string; histogram: string | null } }[];
  };
  const keeps = ['average', 'minimum', 'maximum', 'last'];
  const rollup = (name: string) => items.find(({ metric }) => metric === name)?.rollup;
  expect(items.every(({ intervalMs }) => intervalMs === 10_000)).toBe(true);
  expect(rollup('disk.read')).toEqual({ of: 'rate', keeps, histogram: 'log' });
  expect(rollup('cpu.utilisation')).toEqual({ of: 'value', keeps, histogram: 'percent' });
  expect(rollup('memory.used')).toEqual({ of: 'value', keeps, histogram: null });
});
