import { compressSync } from 'snappy';
import { describe, expect, test } from 'vitest';
import type { Mapping, RemoteWriteIn } from '@muster/shared/api/remote-write.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import { AppError } from '../errors.ts';
import { createTestWeb, TEST_START_MS } from '../http/testing.ts';
import type { Machine } from '../cmdb/store.ts';
import { createMemoryMetricStore } from '../store/memory/metrics.ts';
import { createMemoryRemoteWriteStore } from '../store/memory/remote-write.ts';
import { createInbound } from './inbound.ts';
import { NAMES_SURE_MAX, PUT_IN_USE_A_TICK_MAX } from './limits.ts';
import type { Outbound } from './outbound.ts';
import { addRemoteWriteRoutes, refusalsOfSenders } from './routes.ts';
import { type TestMetadata, type TestSeries, writeRequest } from './write-request-testing.ts';

const NO_OUTBOUND = {} as unknown as Outbound;
const MACHINES = [
  { id: 'ci_db', name: 'db1.example.net' },
  { id: 'ci_web', name: 'web1' },
  { id: 'ci_twin1', name: 'twin' },
  { id: 'ci_twin2', name: 'twin' },
  { id: 'ci_plan', name: 'planned1', lifecycle: 'planned' },
  { id: 'ci_order', name: 'ordered1', lifecycle: 'ordered' },
  { id: 'ci_stock', name: 'stock1', lifecycle: 'in_stock' },
  { id: 'ci_agent', name: 'agent1', lifecycle: 'planned', agentId: 'agt_1' },
].map(
  (machine): Machine =>
    ({
      class: 'Server',
      mergedInto: null,
      attributes: {},
      lifecycle: 'in_use',
      agentId: null,
      ...machine,
    }) as unknown as Machine,
);

/** Known by `ciChanged` alone; the directory knows each of this name. */
const plannedMachine = (name: string) => ({ ...MACHINES[4], id: `ci_${name}`, name }) as Machine;
const machineOf = (id: string) =>
  MACHINES.find((one) => one.id === id) ??
  (id.startsWith('ci_new') ? plannedMachine(id.slice('ci_'.length)) : undefined);

async function setUp(store = createMemoryRemoteWriteStore(), metrics = createMemoryMetricStore()) {
  const heard: { refusal?: ReturnType<typeof refusalsOfSenders> } = {};
  const test = await createTestWeb({ onRefused: (...refused) => heard.refusal?.(...refused) });
  const putInUse: [ciId: string, sender: string][] = [];
  const moved = { failure: null as Error | null };
  const reported: string[] = [];
  const told: { ciId: string; ticks: unknown }[] = [];
  const appended: Promise<void>[] = [];
  const asked = { latest: 0 };
  let failure: Error | null = null;
  const inbound = await createInbound({
    store,
    metrics: {
      latest: (ciId) => {
        asked.latest += 1;
        return metrics.latest(ciId);
      },
      resolve: (identity) => metrics.resolve(identity),
      append: (...call) => {
        const done = failure === null ? metrics.append(...call) : Promise.reject(failure);
        appended.push(done);
        return done;
      },
    },
    directory: { get: (id) => machineOf(id) as never },
    machines: async () => MACHINES,
    onSamples: (ciId, ticks) => void told.push({ ciId, ticks }),
    putInUse: async (ciId, sender) => {
      if (moved.failure) throw moved.failure;
      putInUse.push([ciId, sender]);
    },
    report: (what, error) => void reported.push(`${what}: ${String(error)}`),
    newId: (prefix, nowMs) => `${prefix}_${nowMs}`,
    epoch: '0123456789abcdef',
    startedAtMs: TEST_START_MS,
  });
  heard.refusal = refusalsOfSenders(inbound, test.clock);
  addRemoteWriteRoutes(test.web.routes, {
    inbound,
    outbound: NO_OUTBOUND,
    directory: { get: (id) => machineOf(id) as never },
    serverUrl: 'https://muster.example',
  });
  const post = async (
    body: Buffer,
    headers: Record<string, string> = {},
    role: 'operator' | 'sender' | 'desk' | null = 'operator',
  ) => {
    const response = await test.web.fetch(
      new Request('http://muster.test/api/v1/write', {
        method: 'POST',
        body: Uint8Array.from(body),
        headers: {
          ...(role === null ? {} : { authorization: `Bearer ${test.tokens.get(role)}` }),
          'content-type': 'application/x-protobuf',
          'content-encoding': 'snappy',
          'user-agent': 'Prometheus/2.42.0',
          'x-prometheus-remote-write-version': '0.1.0',
          ...headers,
        },
      }),
    );
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const write = (series: readonly TestSeries[], metadata: readonly TestMetadata[] = []) =>
    post(compressSync(writeRequest(series, metadata)));
  const status = async () => (await test.call('operator', 'GET', '/exchange/in')).body as RemoteWriteIn;
  const latest = (ciId: string) =>
    metrics
      .latest(ciId)
      .map(({ identity, atMs, value }) => [identity.metric, identity.instance, atMs - TEST_START_MS, value]);
  return {
    ...test,
    now: () => test.clock.now(),
    store,
    metrics,
    inbound,
    asked,
    told,
    post,
    write,
    status,
    latest,
    putInUse,
    failWith: (error: Error | null) => void (failure = error),
    moved,
    reported,
  };
}

const at = (offsetMs: number) => TEST_START_MS + offsetMs;
const load = (instance: string, ...samples: TestSeries['samples']): TestSeries => ({
  labels: { __name__: 'node_load1', instance, job: 'node' },
  samples,
});

test('[RW23] ticks of the same series share one list, within a request and over requests', async () => {
  const { write, told } = await setUp();
  const two = (atMs: number): TestSeries[] => [
    load('db1:9100', [at(atMs), 1], [at(atMs + 5_000), 2]),
    {
      labels: { __name__: 'node_load5', instance: 'db1:9100' },
      samples: [
        [at(atMs), 3],
        [at(atMs + 5_000), 4],
      ],
    },
  ];
  await write(two(0));
  await write(two(10_000));
  const lists = told.flatMap(({ ticks }) => (ticks as { series: unknown }[]).map(({ series }) => series));
  expect(lists).toHaveLength(4);
  expect(new Set(lists).size).toBe(1);
});

test('[RW1] samples of an exporter become the metrics of the machine it runs on', async () => {
  const { write, latest, told } = await setUp();
  const disk = (device: string, value: number): TestSeries => ({
    labels: { __name__: 'node_disk_read_bytes_total', device, instance: 'db1:9100' },
    samples: [[at(0), value]],
  });
  const { status, text } = await write([
    load('db1:9100', [at(0), 0.5], [at(15_000), 0.75]),
    disk('sda', 4_096),
    disk('loop0', 1),
    load('web1', [at(0), 2]),
  ]);
  expect([status, text]).toEqual([204, '']);
  expect(latest('ci_db')).toEqual([
    ['load.1m', '', 15_000, 0.75],
    ['disk.read', 'sda', 0, 4_096],
  ]);
  expect(latest('ci_web')).toEqual([['load.1m', '', 0, 2]]);
  expect(told.map(({ ciId, ticks }) => [ciId, (ticks as unknown[]).length])).toEqual([
    ['ci_db', 2],
    ['ci_web', 1],
  ]);
});

test('[RW4] what can never be taken is a 400, 413 or 415, so that nobody sends it for ever', async () => {
  const { post, write, status } = await setUp();
  const sound = compressSync(writeRequest([load('web1', [at(0), 1])]));
  const huge = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0, 1]);
  const answers = [
    await post(sound, { 'content-encoding': 'gzip' }),
    await post(sound, { 'content-type': 'application/json' }),
    await post(sound, { 'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request' }),
    await post(sound, { 'x-prometheus-remote-write-version': '2.0.0' }),
    await post(Buffer.from('no snappy at all')),
    await post(huge),
    await post(Buffer.from([])),
    await post(compressSync(Buffer.from('no protobuf'))),
    await post(Buffer.alloc((8 << 20) + 1)),
    await post(sound, {}, null),
    await post(sound, {}, 'desk'),
  ];
  expect(answers.map((answer) => answer.status)).toEqual([
    400, 400, 415, 415, 400, 413, 400, 400, 413, 401, 403,
  ]);
  expect((await write([])).status).toBe(204);
  expect((await status()).requests).toEqual({ taken: 1, refused: 4, later: 0 });
});

test('[RW4] of a request with series that are none the rest is stored, and the answer is 400', async () => {
  const { write, latest, status } = await setUp();
  const answer = await write([
    { labels: { instance: 'web1' }, samples: [[at(0), 1]] },
    {
      labels: [
        ['__name__', 'node_load1'],
        ['instance', 'web1'],
        ['instance', 'web1'],
      ],
      samples: [[at(0), 1]],
    },
    load('web1', [at(0), 3]),
  ]);
  expect(answer.status).toBe(400);
  expect(answer.text).toContain('2 series were left out');
  expect(latest('ci_web')).toEqual([['load.1m', '', 0, 3]]);
  expect((await status()).samples).toMatchObject({ received: 3, stored: 1, invalid: 2 });
});

test('[RW5] a full disk and a crowd are told to come again later', async () => {
  const { write, failWith, status, latest } = await setUp();
  failWith(new AppError('storage-full', 'The disk is full.'));
  const { status: code, headers } = await write([load('web1', [at(0), 1])]);
  expect(code).toBe(503);
  expect(Date.parse(headers.get('retry-after') ?? '') - TEST_START_MS).toBeGreaterThanOrEqual(29_000);
  failWith(null);
  expect((await write([load('web1', [at(0), 1])])).status).toBe(204);
  expect(latest('ci_web')).toEqual([['load.1m', '', 0, 1]]);
  expect((await status()).requests).toEqual({ taken: 1, refused: 0, later: 1 });
});

test('[RW3] two hundred thousand samples of one machine in one request are as many ticks', async () => {
  const { write, status } = await setUp();
  const samples = Array.from({ length: 200_000 }, (_, i): [number, number] => [at(i - 200_000), i]);
  expect((await write([{ ...load('web1'), samples }])).status).toBe(204);
  expect((await status()).samples.stored).toBe(200_000);
}, 30_000);

test('[RW3] what is counted and held of names and labels is bounded, however long they are', async () => {
  const { write, status, latest } = await setUp();
  const long = 'x'.repeat(2_049);
  const refused = await write([{ labels: { __name__: long }, samples: [[at(0), 1]] }]);
  expect([refused.status, refused.text.includes(long)]).toEqual([400, false]);
  expect(await status()).toMatchObject({ metrics: [], samples: { invalid: 1 } });
  const annotation = 'y'.repeat(2_000);
  const of = (pod: string) => ({ __name__: 'node_load1', annotation, instance: 'web1', pod });
  for (const pod of ['a', 'b', 'a'])
    await write([{ labels: of(pod), samples: [[at(pod === 'a' ? 0 : 1_000), 1]] }]);
  expect(latest('ci_web')).toEqual([['load.1m', '', 0, 1]]);
  expect((await status()).metrics).toMatchObject([{ why: 'other-series', samples: 1 }]);
});

test('[RW6] the same samples again have no effect, and marks of an ended series are no values', async () => {
  const { write, latest, metrics, status } = await setUp();
  const body = [load('web1', [at(0), 1], [at(1_000), Number.NaN], [at(2_000), 'stale'])];
  await write(body);
  await write(body);
  expect(latest('ci_web')).toEqual([['load.1m', '', 1_000, Number.NaN]]);
  expect(metrics.stats(at(0)).duplicatesTotal).toBe(2);
  expect((await status()).samples).toMatchObject({ received: 6, stored: 4, stale: 2 });
});

test('[RW6] two values of one time in one request: the first stays', async () => {
  const { write, latest } = await setUp();
  await write([load('web1', [at(0), 1], [at(0), 2])]);
  expect(latest('ci_web')).toEqual([['load.1m', '', 0, 1]]);
});

test('[RW7] samples from more than a day ahead are left out and counted', async () => {
  const { write, latest, status } = await setUp();
  await write([load('web1', [at(0), 1], [at(25 * 60 * MINUTE_MS), 2], [-5, 3])]);
  expect(latest('ci_web')).toEqual([['load.1m', '', 0, 1]]);
  expect((await status()).samples.ahead).toBe(2);
});

test('[RW8] what is kept out is counted by name and reason', async () => {
  const { write, status } = await setUp();
  await write([
    {
      labels: { __name__: 'node_cpu_seconds_total', instance: 'web1' },
      samples: [
        [at(0), 1],
        [at(1), 2],
      ],
    },
    {
      labels: { __name__: 'node_disk_read_bytes_total', device: 'ram0', instance: 'web1' },
      samples: [[at(0), 1]],
    },
    {
      labels: { __name__: 'node_disk_read_bytes_total', device: '', instance: 'web1' },
      samples: [[at(0), 1]],
    },
    { labels: { __name__: 'node_load1' }, samples: [[at(0), 1]] },
    load('nobody:9100', [at(0), 1]),
    load('nobody:9101', [at(0), 1]),
    load('twin:9100', [at(0), 1]),
  ]);
  const { metrics, unknown, samples } = await status();
  expect(samples).toMatchObject({ received: 8, stored: 0, keptOut: 8 });
  expect(metrics.map(({ metric, why, samples: count }) => [metric, why, count])).toEqual([
    ['node_cpu_seconds_total', 'no-line', 2],
    ['node_load1', 'machine-unknown', 2],
    ['node_disk_read_bytes_total', 'conditions', 1],
    ['node_disk_read_bytes_total', 'no-instance', 1],
    ['node_load1', 'no-machine-label', 1],
    ['node_load1', 'machine-ambiguous', 1],
  ]);
  expect(unknown.map(({ label, value, why, samples: count }) => [label, value, why, count])).toEqual([
    ['instance', 'nobody', 'machine-unknown', 2],
    ['instance', 'twin', 'machine-ambiguous', 1],
  ]);
});

test('[RW8] a machine that comes later is fed from then on', async () => {
  const { write, latest, inbound } = await setUp();
  await write([load('late', [at(0), 1])]);
  inbound.ciChanged({ ci: { ...MACHINES[0], id: 'ci_late', name: 'LATE' } as Machine });
  await write([load('late', [at(1_000), 2])]);
  expect(latest('ci_late')).toEqual([['load.1m', '', 1_000, 2]]);
});

test('[RW9] a counter is not taken for a gauge when the sender says which it is', async () => {
  const { write, latest, status } = await setUp();
  await write([load('web1', [at(0), 1])], [{ type: 1, family: 'node_load1' }]);
  await write([load('web1', [at(1_000), 2])]);
  expect(latest('ci_web')).toEqual([['load.1m', '', 0, 1]]);
  expect((await status()).metrics).toMatchObject([{ metric: 'node_load1', why: 'kind-differs', samples: 1 }]);
});

test('[RW9] a counter by its name is kept out from its first sample on, unless its sender says otherwise', async () => {
  const store = createMemoryRemoteWriteStore();
  const line = (from: string, to: 'load.1m' | 'load.5m') => ({
    from,
    to,
    factor: 1,
    instanceLabel: null,
    where: [],
  });
  await store.putMapping({
    id: 'map_old',
    name: 'Old',
    enabled: true,
    machine: { label: 'instance', by: ['name'], stripPort: true },
    where: [],
    lines: [line('work_seconds_total', 'load.1m'), line('pods_count', 'load.5m')],
    createdAtMs: TEST_START_MS,
  });
  const { write, latest, status } = await setUp(store);
  const of = (name: string, atMs: number) => ({
    labels: { __name__: name, instance: 'web1' },
    samples: [[at(atMs), 33_375]] as [number, number][],
  });
  await write([of('work_seconds_total', 0), of('pods_count', 0)]);
  expect(latest('ci_web')).toEqual([]);
  expect((await status()).metrics).toMatchObject([
    { metric: 'work_seconds_total', why: 'kind-differs', samples: 1 },
    { metric: 'pods_count', why: 'kind-differs', samples: 1 },
  ]);
  await write([of('pods_count', 1)], [{ type: 2, family: 'pods_count' }]);
  await write([of('pods_count', 2)]);
  expect(latest('ci_web')).toEqual([['load.5m', '', 2, 33_375]]);
});

test('[RW9] a mapping of a counter to a gauge is refused; one that stands can still be switched off', async () => {
  const store = createMemoryRemoteWriteStore();
  const fields = {
    name: 'CPU',
    enabled: true,
    machine: { label: 'instance', by: ['name' as const], stripPort: true },
    where: [],
    lines: [
      {
        from: 'node_cpu_seconds_total',
        to: 'cpu.utilisation' as const,
        factor: 1,
        instanceLabel: null,
        where: [],
      },
    ],
  };
  await store.putMapping({ ...fields, id: 'map_old', createdAtMs: TEST_START_MS });
  const { call } = await setUp(store);
  const made = await call('admin', 'POST', '/exchange/mappings', { ...fields, name: 'Other' });
  expect([made.status, JSON.stringify(made.body)]).toEqual([400, expect.stringContaining('is a counter')]);
  const off = await call('admin', 'PUT', '/exchange/mappings/map_old', { ...fields, enabled: false });
  expect(off.status).toBe(200);
});

test('[RW18] a machine without an agent that is planned or ordered is in use from its first samples on, once', async () => {
  const { write, inbound, putInUse, now } = await setUp();
  await write(['planned1', 'ordered1', 'stock1', 'agent1', 'db1'].map((name) => load(name, [at(0), 1])));
  expect(putInUse).toEqual([]);
  await inbound.tick(now());
  expect(putInUse).toEqual([
    ['ci_plan', 'token:operator'],
    ['ci_order', 'token:operator'],
  ]);
  // A person may have said otherwise since.
  await write([
    load('planned1', [at(15_000), 1]),
    { labels: { __name__: 'node_load5', instance: 'planned1' }, samples: [[at(15_000), 1]] },
  ]);
  await inbound.tick(now());
  expect(putInUse).toHaveLength(2);
});

test('[RW18] a step that could not be taken is taken with the next tick', async () => {
  const { write, inbound, putInUse, now, moved, store } = await setUp();
  await write([load('planned1', [at(0), 1])]);
  moved.failure = new Error('locked');
  await expect(inbound.tick(now())).rejects.toThrow('locked');
  expect(await store.foreignSeries()).toEqual([]);
  moved.failure = null;
  await inbound.tick(now());
  expect(putInUse).toHaveLength(1);
  expect(await store.foreignSeries()).toHaveLength(1);
});

test('[RW18] a machine that cannot be moved is left as it is, and keeps no other from anything', async () => {
  const { write, inbound, putInUse, now, moved, store, reported } = await setUp();
  await write([load('planned1', [at(0), 1])]);
  moved.failure = new AppError('asset-number-taken', 'The asset number 7 belongs to web1.');
  await inbound.tick(now());
  expect(reported).toEqual([expect.stringMatching(/^planned1 \(ci_plan\) .* asset number 7/)]);
  expect(await store.foreignSeries()).toHaveLength(1);
  moved.failure = null;
  await inbound.tick(now());
  expect([putInUse, reported]).toEqual([[], [expect.anything()]]);
});

test('[RW18] of many machines at once some are moved with each tick, and the series of the others wait for it', async () => {
  const { write, inbound, putInUse, now, store } = await setUp();
  const names = Array.from({ length: PUT_IN_USE_A_TICK_MAX + 1 }, (_, i) => `new${i}`);
  await write([load('db1', [at(0), 1])]);
  for (const name of names) inbound.ciChanged({ ci: plannedMachine(name) });
  await write(names.map((name) => load(name, [at(0), 1])));
  await inbound.tick(now());
  expect(putInUse).toHaveLength(PUT_IN_USE_A_TICK_MAX);
  expect(await store.foreignSeries()).toHaveLength(PUT_IN_USE_A_TICK_MAX + 1);
  await inbound.tick(now());
  expect(putInUse).toHaveLength(PUT_IN_USE_A_TICK_MAX + 1);
  expect(await store.foreignSeries()).toHaveLength(PUT_IN_USE_A_TICK_MAX + 2);
});

test('[RW18] a machine of which no sample could be stored yet is moved when the first one is', async () => {
  const { write, inbound, putInUse, now, failWith, store, status } = await setUp();
  failWith(new AppError('storage-full', 'full'));
  await write([load('planned1', [at(0), 1])]);
  await inbound.tick(now());
  expect([putInUse, await store.foreignSeries(), (await status()).series]).toEqual([[], [], 1]);
  failWith(null);
  await write([load('planned1', [at(0), 1])]);
  await inbound.tick(now());
  expect(putInUse).toHaveLength(1);
  expect(await store.foreignSeries()).toHaveLength(1);
});

test('[RW50] a sender whose request was refused for good is a trouble for a quarter of an hour', async () => {
  const { write, post, inbound, now, advance } = await setUp();
  await write([load('db1', [at(0), 1])]);
  expect(inbound.troubles(now())).toEqual([]);
  await post(Buffer.from('no snappy block'));
  await write([load('db1', [at(15_000), 1])]);
  expect(inbound.troubles(now())).toEqual([
    expect.stringMatching(
      /^2\d{3}-.*: a request of token:operator from \S+ \("Prometheus\/2\.42\.0"\) was refused for good: The body/,
    ),
  ]);
  advance(15 * MINUTE_MS);
  expect(inbound.troubles(now())).toEqual([]);
});

test('[RW50] what may be sent again is a trouble only when nothing is kept for five minutes', async () => {
  const { write, failWith, inbound, now, advance } = await setUp();
  failWith(new AppError('storage-full', 'full'));
  await write([load('db1', [at(0), 1])]);
  advance(4 * MINUTE_MS);
  await write([load('db1', [at(0), 1])]);
  expect(inbound.troubles(now())).toEqual([]);
  advance(MINUTE_MS);
  await write([load('db1', [at(0), 1])]);
  expect(inbound.troubles(now())).toEqual([expect.stringMatching(/^Since .* nothing .* disk .* full/)]);
  failWith(null);
  await write([load('db1', [at(0), 1])]);
  expect(inbound.troubles(now())).toEqual([]);
});

test.each<[what: string, series: TestSeries[], isTrouble: boolean]>([
  ['no machine is called so', [load('localhost:9100', [at(0), 1])], true],
  ['nothing maps them', [{ labels: { __name__: 'up', instance: 'db1' }, samples: [[at(0), 1]] }], true],
  ['some are kept', [load('db1', [at(0), 1]), load('localhost', [at(0), 1])], false],
])('[RW50] a sender of whom nothing is kept for five minutes: %s', async (_what, series, isTrouble) => {
  const { write, inbound, now, advance } = await setUp();
  await write(series);
  advance(5 * MINUTE_MS);
  // Words about metrics alone neither help nor harm.
  await write([], [{ type: 2, family: 'node_load1' }]);
  expect(inbound.troubles(now())).toEqual([]);
  await write(series);
  expect(inbound.troubles(now())).toHaveLength(isTrouble ? 1 : 0);
  advance(15 * MINUTE_MS);
  expect(inbound.troubles(now())).toEqual([]);
});

test('[RW50] the second of two that send the same is no trouble, nor one whose exporters are away for a while', async () => {
  const { write, inbound, now, advance } = await setUp();
  const other: TestSeries = {
    labels: { __name__: 'node_load1', instance: 'db1', replica: 'b' },
    samples: [],
  };
  const up: TestSeries = { labels: { __name__: 'up', instance: 'db1' }, samples: [[at(0), 0]] };
  await write([load('db1', [at(0), 1])]);
  for (let minute = 1; minute <= 6; minute++) {
    advance(MINUTE_MS);
    await write([{ ...other, samples: [[now(), 1]] }]);
  }
  expect(inbound.troubles(now())).toEqual([]);
  for (let minute = 1; minute <= 6; minute++) {
    advance(MINUTE_MS);
    await write([up]);
  }
  expect(inbound.troubles(now())).toEqual([]);
});

test('[RW50] of a request that was refused in part the rest counts, and the trouble says so', async () => {
  const { write, inbound, now, status } = await setUp();
  const name = `node_${'x'.repeat(2_000)}`;
  const tooMany = Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`l${i}`, 'x']));
  await write([load('db1', [at(0), 1]), { labels: { __name__: name, ...tooMany }, samples: [[at(0), 1]] }]);
  expect((await status()).senders).toMatchObject([{ requests: 1, samples: 2, stored: 1 }]);
  const [trouble = '', ...more] = inbound.troubles(now());
  expect(more).toEqual([]);
  expect(trouble).toMatch(
    /a part of a request of .* was refused for good: 1 series were left out, .* too many labels/,
  );
  expect(trouble.length).toBeLessThan(400);
});

test('[RW50] a sender whose clock is more than a day ahead loses everything, and that is what is said', async () => {
  const { write, inbound, now, advance, status } = await setUp();
  await write([load('db1', [at(0), 1])]);
  for (let minute = 0; minute <= 5; minute++) {
    advance(MINUTE_MS);
    await write([
      load('db1', [now() + 25 * 60 * MINUTE_MS, 1]),
      { labels: { __name__: 'up', instance: 'db1' }, samples: [[now() + 25 * 60 * MINUTE_MS, 1]] },
    ]);
  }
  expect(inbound.troubles(now())).toEqual([
    expect.stringMatching(/^Since .* nothing .* ahead of the clock.*\(1\)/),
  ]);
  expect((await status()).senders).toMatchObject([{ stored: 1, ahead: 6 }]);
});

test('[RW53] a clock that is set back neither hides the trouble of a sender nor keeps it for as long', async () => {
  const { write, post, inbound, now, advance } = await setUp();
  await write([load('db1', [at(0), 1])]);
  await post(Buffer.from('no snappy block'));
  await post(Buffer.alloc(0), {}, 'desk');
  expect(inbound.troubles(now())).toHaveLength(2);
  advance(-24 * 60 * MINUTE_MS);
  expect(inbound.troubles(now())).toEqual([]);
  for (const pauseMs of [0, 5 * MINUTE_MS]) {
    advance(pauseMs);
    await write([load('localhost', [now(), 1])]);
  }
  expect(inbound.troubles(now())).toEqual([
    expect.stringMatching(/^Since .* no machine is called so \(1\)$/),
  ]);
});

test('[RW50] a token that may not send is told on the page and is a trouble', async () => {
  const { post, inbound, status, now, advance } = await setUp();
  expect((await status()).turnedAway).toEqual([]);
  const program = 'x" '.repeat(80);
  await post(Buffer.alloc(0), {}, 'desk');
  await post(Buffer.alloc(0), { 'user-agent': program }, 'desk');
  expect((await status()).turnedAway).toMatchObject([{ why: 'forbidden', count: 2 }]);
  const [trouble = '', ...more] = inbound.troubles(now());
  expect(more).toEqual([]);
  expect(trouble).toMatch(/: a request from \S+ \("(?:[^"\\]|\\")*"\) was refused: the role of its token/);
  expect(trouble.length).toBeLessThan(300);
  await post(Buffer.alloc(0), { 'user-agent': '' }, 'desk');
  expect(inbound.troubles(now())).toEqual([expect.stringMatching(/: a request from \S+ was refused/)]);
  advance(15 * MINUTE_MS);
  expect(inbound.troubles(now())).toEqual([]);
});

test('[RW50] anybody may send without a token that is good: that is no trouble, only told where it is looked for', async () => {
  const { post, inbound, status, now, advance } = await setUp();
  await post(Buffer.alloc(0), {}, 'desk');
  advance(1);
  await post(Buffer.alloc(0), {}, null);
  await post(Buffer.alloc(0), {}, null);
  // It does not hide the one that has a token.
  expect((await status()).turnedAway).toMatchObject([
    { why: 'not-signed-in', count: 2, program: 'Prometheus/2.42.0' },
    { why: 'forbidden', count: 1 },
  ]);
  expect(inbound.troubles(now())).toEqual([expect.stringContaining('the role of its token')]);
  expect(inbound.warnings(now())).toMatchObject({ requestsUnsigned: 2 });
  advance(15 * MINUTE_MS);
  expect(inbound.warnings(now())).toMatchObject({ requestsUnsigned: 0 });
  expect((await status()).turnedAway).toHaveLength(2);
  advance(24 * 60 * MINUTE_MS);
  expect((await status()).turnedAway).toEqual([]);
  await post(Buffer.alloc(0), {}, null);
  expect((await status()).turnedAway).toMatchObject([{ why: 'not-signed-in', count: 1 }]);
});

test('[RW50] names under which samples of no machine came are counted for a quarter of an hour', async () => {
  const { write, inbound, now, advance } = await setUp();
  await write(['localhost', 'twin', 'db1'].map((name) => load(name, [at(0), 1])));
  expect(inbound.warnings(now())).toMatchObject({ namesUnknown: 2, mayBeMoreNames: false });
  advance(15 * MINUTE_MS);
  expect(inbound.warnings(now())).toMatchObject({ namesUnknown: 0 });
  await write(Array.from({ length: NAMES_SURE_MAX }, (_, i) => load(`host${i}`, [at(0), 1])));
  expect(inbound.warnings(now())).toMatchObject({ namesUnknown: NAMES_SURE_MAX, mayBeMoreNames: true });
});

describe('who feeds a series', () => {
  const agent = (atMs: number, value: number, seq: number) => ({ atMs, value, seq });
  async function byAgent(
    { metrics }: Awaited<ReturnType<typeof setUp>>,
    { atMs, value, seq }: ReturnType<typeof agent>,
  ) {
    const series = metrics.resolve({ ciId: 'ci_web', metric: 'load.1m', instance: '' });
    const delivery = { agentId: 'a'.repeat(32), epoch: 'f'.repeat(16), seq };
    await metrics.append(delivery, [{ atMs, series: [series], values: [value] }], atMs);
  }

  test('[RW20] the agent wins: what it reports is kept out, until it has been silent for ten minutes', async () => {
    const all = await setUp();
    const { write, latest, advance, status, call } = all;
    await byAgent(all, agent(at(0), 7, 1));
    await write([load('web1', [at(1_000), 1])]);
    expect(latest('ci_web')).toEqual([['load.1m', '', 0, 7]]);
    expect((await status()).metrics).toMatchObject([{ why: 'agent-reports', samples: 1 }]);
    advance(11 * MINUTE_MS);
    await write([load('web1', [at(11 * MINUTE_MS), 1])]);
    expect(latest('ci_web')).toEqual([['load.1m', '', 11 * MINUTE_MS, 1]]);
    expect((await call('viewer', 'GET', '/cis/ci_web/foreign-series')).body).toMatchObject({
      items: [
        { metric: 'load.1m', mappingName: 'node_exporter', sender: 'token:operator', agentReports: false },
      ],
    });
  });

  test('[RW26] series of a machine are told by metric and instance, page by page', async () => {
    const { write, call } = await setUp();
    const disk = (i: number): TestSeries => ({
      labels: {
        __name__: 'node_disk_read_bytes_total',
        device: `sd${String.fromCharCode(97 + i)}`,
        instance: 'web1',
      },
      samples: [[at(0), i]],
    });
    await write([load('web1', [at(0), 1]), ...[4, 2, 0, 3, 1].map(disk)]);
    const seen: string[] = [];
    let cursor = '';
    for (let pages = 1; ; pages++) {
      const { body } = await call('viewer', 'GET', `/cis/ci_web/foreign-series?limit=2${cursor}`);
      const { items, nextCursor } = body as { items: { instance: string }[]; nextCursor: string | null };
      seen.push(...items.map(({ instance }) => instance));
      if (nextCursor === null) {
        expect(pages).toBe(3);
        break;
      }
      expect(items).toHaveLength(2);
      cursor = `&cursor=${nextCursor}`;
    }
    expect(seen).toEqual(['sda', 'sdb', 'sdc', 'sdd', 'sde', '']);
    expect((await call('viewer', 'GET', '/cis/ci_web/foreign-series?cursor=x')).status).toBe(400);
  });

  test('[RW24] a series whose place was given away is made anew when it comes again', async () => {
    const { write, inbound, store, latest, status, advance, now } = await setUp();
    await write([load('web1', [at(0), 1])]);
    await inbound.tick(at(0));
    expect(await store.foreignSeries()).toHaveLength(1);
    advance(32 * 24 * 60 * MINUTE_MS);
    await inbound.tick(now());
    expect([await store.foreignSeries(), (await status()).series]).toEqual([[], 0]);
    await write([load('web1', [now(), 2])]);
    await inbound.tick(now());
    expect(await store.foreignSeries()).toMatchObject([{ ciId: 'ci_web', sinceMs: now(), seenMs: now() }]);
    expect(latest('ci_web')).toEqual([['load.1m', '', now() - at(0), 2]]);
  });

  test('[RW20] of many new series of one machine it is looked once who reports', async () => {
    const { write, asked, status } = await setUp();
    const disk = (i: number): TestSeries => ({
      labels: { __name__: 'node_disk_read_bytes_total', device: `sd${i}`, instance: 'web1' },
      samples: [[at(0), i]],
    });
    await write(Array.from({ length: 50 }, (_, i) => disk(i)));
    expect((await status()).series).toBe(50);
    // Once for all new ones, and once for those that are fed.
    expect(asked.latest).toBeLessThanOrEqual(2);
  });

  test('[RW20] an agent that comes later takes the series over within a minute', async () => {
    const all = await setUp();
    const { write, latest, advance, inbound } = all;
    const series = { ciId: 'ci_web', metric: 'load.1m', instance: '' } as const;
    await write([load('web1', [at(0), 1])]);
    expect(inbound.isForeign(series)).toBe(true);
    await byAgent(all, agent(at(10_000), 7, 1));
    advance(MINUTE_MS);
    await byAgent(all, agent(at(MINUTE_MS), 8, 2));
    await write([load('web1', [at(MINUTE_MS + 1), 1])]);
    expect(latest('ci_web')).toEqual([['load.1m', '', MINUTE_MS, 8]]);
    expect(inbound.isForeign(series)).toBe(false);
    advance(MINUTE_MS);
    await write([load('web1', [at(2 * MINUTE_MS), 1])]);
    expect(latest('ci_web')).toEqual([['load.1m', '', MINUTE_MS, 8]]);
    advance(11 * MINUTE_MS);
    await write([load('web1', [at(13 * MINUTE_MS), 3])]);
    expect(latest('ci_web')).toEqual([['load.1m', '', 13 * MINUTE_MS, 3]]);
  });

  test('[RW20] who feeds a series is known after a restart', async () => {
    const first = await setUp();
    await first.write([load('web1', [at(0), 1])]);
    await first.inbound.tick(at(0));
    const { inbound, write, latest, advance } = await setUp(first.store, first.metrics);
    advance(20_000);
    expect(inbound.isForeign({ ciId: 'ci_web', metric: 'load.1m', instance: '' })).toBe(true);
    await write([load('web1', [at(15_000), 2])]);
    expect(latest('ci_web')).toEqual([['load.1m', '', 15_000, 2]]);
  });

  test('[RW21] of two label sets that feed one series the first counts, the other once that is silent', async () => {
    const { write, latest, advance, status } = await setUp();
    const replica = (name: string, ...samples: TestSeries['samples']): TestSeries => ({
      labels: { __name__: 'node_load1', instance: 'web1:9100', replica: name },
      samples,
    });
    await write([replica('a', [at(0), 1]), replica('b', [at(500), 2])]);
    expect(latest('ci_web')).toEqual([['load.1m', '', 0, 1]]);
    expect((await status()).metrics).toMatchObject([{ why: 'other-series', samples: 1 }]);
    advance(10 * MINUTE_MS);
    await write([replica('b', [at(10 * MINUTE_MS), 3])]);
    expect(latest('ci_web')).toEqual([['load.1m', '', 10 * MINUTE_MS, 3]]);
  });
});

describe('mappings', () => {
  const own = {
    name: 'our exporter',
    enabled: true,
    machine: { label: 'host', by: ['name'], stripPort: false },
    where: [{ label: 'job', is: 'one-of', values: ['ours'] }],
    lines: [{ from: 'node_load1', to: 'load.5m', factor: 2, instanceLabel: null, where: [] }],
  };

  test('[RW10] those of people count before those that came with the server', async () => {
    const { call, write, latest } = await setUp();
    const made = await call('admin', 'POST', '/exchange/mappings', own);
    expect([made.status, (made.body as Mapping).origin]).toEqual([201, 'own']);
    await write([
      { labels: { __name__: 'node_load1', host: 'web1', job: 'ours' }, samples: [[at(0), 1.5]] },
      load('web1', [at(0), 4]),
    ]);
    expect(latest('ci_web')).toEqual([
      ['load.5m', '', 0, 3],
      ['load.1m', '', 0, 4],
    ]);
  });

  test('[RW10] one that came with the server can be changed and becomes as it came when it is deleted', async () => {
    const { call, store } = await setUp();
    const list = async () =>
      ((await call('operator', 'GET', '/exchange/mappings')).body as { items: Mapping[] }).items;
    const [shipped] = await list();
    const { id, origin, ...fields } = shipped as Mapping;
    expect([id, origin]).toEqual(['node-exporter', 'shipped']);
    const change = { ...fields, enabled: false, lines: [] };
    expect((await call('admin', 'PUT', `/exchange/mappings/${id}`, change)).status).toBe(200);
    expect((await list())[0]).toEqual({ ...change, id, origin: 'changed' });
    expect((await store.mappings()).map((mapping) => mapping.id)).toEqual(['node-exporter']);
    expect((await call('admin', 'DELETE', `/exchange/mappings/${id}`)).status).toBe(204);
    expect((await list())[0]).toEqual(shipped);
    expect((await call('admin', 'DELETE', `/exchange/mappings/${id}`)).status).toBe(404);
  });

  test('[RW10] a name is given once, a line must fit the catalogue, and only administrators change', async () => {
    const { call } = await setUp();
    await call('admin', 'POST', '/exchange/mappings', own);
    const codes = [
      await call('admin', 'POST', '/exchange/mappings', { ...own, name: 'Our Exporter' }),
      await call('admin', 'POST', '/exchange/mappings', {
        ...own,
        name: 'x',
        lines: [{ from: 'a', to: 'disk.read' }],
      }),
      await call('admin', 'POST', '/exchange/mappings', {
        ...own,
        name: 'x',
        lines: [{ from: 'a', to: 'no.metric' }],
      }),
      await call('admin', 'PUT', '/exchange/mappings/none', { ...own, name: 'x' }),
      await call('operator', 'POST', '/exchange/mappings', { ...own, name: 'x' }),
      await call('desk', 'GET', '/exchange/mappings'),
    ].map(({ status, body }) => [status, (body as { code: string }).code]);
    expect(codes).toEqual([
      [409, 'name-taken'],
      [400, 'input-invalid'],
      [400, 'input-invalid'],
      [404, 'not-found'],
      [403, 'forbidden'],
      [403, 'forbidden'],
    ]);
  });

  test('[RW10] one that is switched off maps nothing', async () => {
    const { call, write, status } = await setUp();
    const { items } = (await call('operator', 'GET', '/exchange/mappings')).body as { items: Mapping[] };
    const { id, origin: _origin, ...fields } = items[0] as Mapping;
    await call('admin', 'PUT', `/exchange/mappings/${id}`, { ...fields, enabled: false });
    await write([load('web1', [at(0), 1])]);
    expect((await status()).metrics).toMatchObject([{ metric: 'node_load1', why: 'no-line' }]);
  });
});

test('[RW17] of each sender it is told how much of it is stored, and why the rest is not', async () => {
  const { write, status } = await setUp();
  await write([
    load('nobody:9100', [at(0), 1], [at(1), 2]),
    { labels: { __name__: 'x' }, samples: [[at(0), 1]] },
  ]);
  expect((await status()).senders).toMatchObject([
    {
      samples: 3,
      stored: 0,
      keptOut: [
        { why: 'machine-unknown', samples: 2 },
        { why: 'no-line', samples: 1 },
      ],
    },
  ]);
  await write([load('web1', [at(0), 1])]);
  expect((await status()).senders).toMatchObject([{ samples: 4, stored: 1 }]);
});

test('[RW8] each reason is told with what it keeps out, however many names another one has', async () => {
  const { write, status } = await setUp();
  const unmapped = Array.from(
    { length: 250 },
    (_, i): TestSeries => ({
      labels: { __name__: `m${i}` },
      samples: [
        [at(0), 1],
        [at(1), 1],
      ],
    }),
  );
  await write([...unmapped, load('nobody', [at(0), 1])]);
  const { reasons, metrics } = await status();
  expect(reasons).toEqual([
    { why: 'no-line', metrics: 250, samples: 500 },
    { why: 'machine-unknown', metrics: 1, samples: 1 },
  ]);
  expect(metrics).toHaveLength(201);
  expect(metrics.at(-1)).toMatchObject({ metric: 'node_load1', why: 'machine-unknown' });
});

test('[RW17] the page tells senders, machines and the address, and the server counts for itself', async () => {
  const { write, status, inbound, metrics: _metrics } = await setUp();
  await write([load('web1', [at(0), 1])]);
  await write([{ labels: { instance: 'x' }, samples: [[at(0), 1]] }]);
  const told = await status();
  expect(told).toMatchObject({
    url: 'https://muster.example/api/v1/write',
    series: 1,
    machines: [{ ciId: 'ci_web', name: 'web1', series: 1 }],
    senders: [
      {
        actor: 'token:operator',
        address: '127.0.0.1',
        program: 'Prometheus/2.42.0',
        requests: 2,
        samples: 2,
        refusal: expect.stringContaining('1 series were left out') as string,
      },
    ],
  });
  const families = inbound.ownMetrics();
  expect(families.map(({ name }) => name)).toEqual([
    'muster_remote_write_in_samples_total',
    'muster_remote_write_in_requests_total',
    'muster_remote_write_in_series',
  ]);
});
