import { expect, test } from 'vitest';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { decodeRangeStream } from '@muster/shared/metrics/range-stream.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, toIso } from '@muster/shared/time.ts';
import type { CiEntry } from '../cmdb/directory.ts';
import { createTestWeb, TEST_START_MS } from '../http/testing.ts';
import { createMemoryMetricStore } from '../store/memory/metrics.ts';
import { addMetricsRoutes } from './routes.ts';

const NOW_MS = Math.floor(TEST_START_MS / HOUR_MS) * HOUR_MS;
const FROM_MS = NOW_MS - HOUR_MS;

function entry(id: string, site: string | null, tags: readonly string[], ofClass = 'Server'): CiEntry {
  return {
    id,
    class: ofClass,
    name: id.slice(3),
    lifecycle: 'in_use',
    criticality: 3,
    tags,
    site,
    owner: null,
    agentId: null,
    timeZone: null,
    createdAtMs: 0,
  };
}

const MACHINES = [
  entry('ci_a', 'Shanghai', ['db', 'core']),
  entry('ci_b', 'Shanghai', ['web']),
  entry('ci_c', 'Wuxi', []),
  entry('ci_d', null, ['web'], 'Workstation'),
  // These have never reported.
  ...Array.from({ length: 8 }, (_, i) => entry(`ci_${i}`, null, [`rack ${i}`])),
];

interface Answer {
  unit: string;
  stepMs: number;
  series: {
    ci?: string;
    group?: string;
    machines?: number;
    stepMs?: number;
    instance: string;
    tier: string;
    points: number[][];
  }[];
}

/** Each machine reports each minute of the last hour: ci_a 10, ci_b 20, ci_c 30, and ci_d nothing but a disk. */
async function opened() {
  const store = createMemoryMetricStore();
  const made = await createTestWeb();
  const directory = new Map(MACHINES.map((one) => [one.id, one]));
  addMetricsRoutes(made.web.routes, {
    store,
    ciDirectory: { get: (id) => directory.get(id), all: () => directory.values(), onChange: () => {} },
    mergedIn: () => [],
    isUninstalled: () => false,
    processes: () => undefined,
    intervalMsOf: () => 10_000,
    pause: async () => {},
    monotonicMs: () => 0,
  });
  let seq = 0;
  for (const [index, ci] of ['ci_a', 'ci_b', 'ci_c'].entries()) {
    const cpu = store.resolve({ ciId: ci, metric: 'cpu.utilisation', instance: '' });
    const disks = ['/', '/var', '/var/log'].map((instance) =>
      store.resolve({ ciId: ci, metric: 'filesystem.used', instance }),
    );
    const ticks = Array.from({ length: 60 }, (_, minute) => ({
      atMs: FROM_MS + minute * MINUTE_MS,
      series: [cpu, ...disks],
      // The third machine is silent for a quarter of an hour.
      values: [(index + 1) * 10 + (minute % 2), minute, 2 * minute, 3 * minute],
    })).filter((_, minute) => index !== 2 || minute < 15 || minute >= 30);
    seq += 1;
    await store.append({ agentId: 'agt_a', epoch: '00000000000000aa', seq }, ticks, NOW_MS);
  }
  const ask = async (query: string, headers: Record<string, string> = {}) =>
    made.call('viewer', 'GET', `/metrics/${query}`, undefined, headers);
  return { ...made, ask };
}

const RANGE = `range?metric=cpu.utilisation&from=${toIso(FROM_MS)}&to=${toIso(NOW_MS)}`;
const disks = RANGE.replace('cpu.utilisation', 'filesystem.used');

test('[ME74] several machines in one question, in the order asked, each with its name and step', async () => {
  const { ask } = await opened();
  const { body } = await ask(`${RANGE}&ci=ci_b&ci=ci_a&ci=ci_b&points=6`);
  const { series, stepMs } = body as Answer;
  expect(stepMs).toBe(10 * MINUTE_MS);
  expect(series.map(({ ci, stepMs: own, points }) => [ci, own, points.length, points[0]])).toEqual([
    ['ci_b', 10 * MINUTE_MS, 6, [FROM_MS, 20.5, 20, 21]],
    ['ci_a', 10 * MINUTE_MS, 6, [FROM_MS, 10.5, 10, 11]],
  ]);
  const one = (await ask(`${RANGE}&ci=ci_a&points=6`)).body as Answer;
  expect(Object.keys(one.series[0] ?? {})).toEqual(['instance', 'tier', 'points']);
});

test('[ME75] one line for each location; a machine that is silent is not counted meanwhile', async () => {
  const { ask } = await opened();
  const { body } = await ask(`${RANGE}&group=location&points=4`);
  const { series, stepMs } = body as Answer;
  expect(stepMs).toBe(20 * MINUTE_MS);
  expect(series.map(({ group, machines }) => [group, machines])).toEqual([
    ['Shanghai', 2],
    ['Wuxi', 1],
  ]);
  expect(series[0]?.points).toEqual([0, 20, 40].map((at) => [FROM_MS + at * MINUTE_MS, 15.5, 10, 21]));
  const fine = ((await ask(`${RANGE}&group=location&points=60&ci=ci_c`)).body as Answer).series[0];
  const minutes = fine?.points.map(([atMs = 0]) => (atMs - FROM_MS) / MINUTE_MS);
  expect(minutes).toEqual(Array.from({ length: 60 }, (_, n) => n).filter((n) => n < 15 || n >= 30));
});

test.each([
  ['avg', [20.5, 10, 31]],
  ['sum', [61.5, 60, 63]],
  ['min', [10, 10, 31]],
  ['max', [31, 10, 31]],
] as const)('[ME75] %s of all machines of a class', async (aggregate, expected) => {
  const { ask } = await opened();
  const { body } = await ask(`${RANGE}&group=class&aggregate=${aggregate}&points=6`);
  const [server, ...more] = (body as Answer).series;
  expect(more).toEqual([]);
  expect(server).toMatchObject({ group: 'Server', machines: 3, instance: '', tier: '10m' });
  const [atMs, ...values] = server?.points[0] ?? [];
  expect(atMs).toBe(FROM_MS);
  values.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? Number.NaN));
});

test('[ME75] a machine with several tags counts in each, one without under no name', async () => {
  const { ask } = await opened();
  const { series } = (await ask(`${RANGE}&group=tag&aggregate=sum`)).body as Answer;
  expect(series.map(({ group, machines }) => [group, machines])).toEqual([
    ['', 1],
    ['core', 1],
    ['db', 1],
    ['web', 1],
  ]);
});

test('[ME76] one instance by its name, several by a pattern', async () => {
  const { ask } = await opened();
  const instances = async (filter: string) =>
    ((await ask(`${disks}&ci=ci_a${filter}`)).body as Answer).series.map(({ instance }) => instance);
  expect(await instances('')).toEqual(['/', '/var', '/var/log']);
  expect(await instances('&instance=/var')).toEqual(['/var']);
  expect(await instances('&instancePattern=/var*')).toEqual(['/var', '/var/log']);
  expect(await instances('&instancePattern=?')).toEqual(['/']);
  expect(await instances('&instancePattern=/home')).toEqual([]);
});

test('[ME77] highest by their mean over a range', async () => {
  const { ask } = await opened();
  const top = `top?metric=cpu.utilisation&from=${toIso(FROM_MS)}&to=${toIso(NOW_MS)}`;
  const { items } = (await ask(`${top}&n=2`)).body as {
    items: { ciName: string; value: number; at: string }[];
  };
  expect(items.map(({ ciName, value }) => [ciName, value])).toEqual([
    ['c', 30 + 22 / 45],
    ['b', 20.5],
  ]);
  expect(items[0]?.at).toBe(toIso(NOW_MS - MINUTE_MS));
  const site = (await ask(`${top}&site=Shanghai`)).body as { items: { ciName: string }[] };
  expect(site.items.map(({ ciName }) => ciName)).toEqual(['b', 'a']);
});

test('[ME76] highest of the instances that fit', async () => {
  const { ask } = await opened();
  const { items } = (await ask('top?metric=filesystem.used&instancePattern=/var*&n=4')).body as {
    items: { instance: string; value: number }[];
  };
  expect(items.map(({ instance, value }) => [instance, value])).toEqual([
    ['/var/log', 177],
    ['/var/log', 177],
    ['/var/log', 177],
    ['/var', 118],
  ]);
});

test.each([
  [`${RANGE}`, 'input-invalid', 'ci'],
  [`${RANGE}&ci=ci_a&aggregate=max`, 'input-invalid', 'aggregate'],
  [`${RANGE}&group=room`, 'input-invalid', 'group'],
  [`${RANGE}&ci=ci_a&instance=a&instancePattern=b`, 'input-invalid', 'instancePattern'],
  [`${RANGE}&${Array.from({ length: 101 }, (_, i) => `ci=ci_${i}`).join('&')}`, 'input-invalid', 'ci'],
  [`top?metric=cpu.utilisation&from=${toIso(FROM_MS)}`, 'input-invalid', 'to'],
] as const)('[ME42] %s: %s at %s', async (query, code, path) => {
  const { ask } = await opened();
  const { status, body } = await ask(query);
  expect(status).toBe(400);
  expect(body).toMatchObject({ code });
  expect((body as { issues: { path: string }[] }).issues.map((issue) => issue.path)).toContain(
    `query.${path}`,
  );
});

test.each([
  [`${RANGE}&ci=ci_a&ci=ci_x`, 404, 'not-found', 'ci_x'],
  [
    `${RANGE}&${MACHINES.map(({ id }) => `ci=${id}`).join('&')}&points=100000`,
    422,
    'question-too-large',
    '12 machines',
  ],
  [`${RANGE}&group=tag&points=100000`, 422, 'question-too-large', '12 groups'],
  [`${RANGE}&group=location&points=100000`, 200, undefined, ''],
  [`top?metric=cpu.utilisation&from=${toIso(NOW_MS)}&to=${toIso(FROM_MS)}`, 422, 'range-invalid', ''],
] as const)('[ME42] %s: %i', async (query, expected, code, said) => {
  const { ask } = await opened();
  const { status, body } = await ask(query);
  expect(status).toBe(expected);
  if (code === undefined) return;
  expect(body).toMatchObject({ code });
  expect((body as { detail: string }).detail).toContain(said);
});

test('[ME79] how a share was spread over an hour, and how exact that is', async () => {
  const { ask } = await opened();
  const query = RANGE.replace('range', 'quantiles');
  const { body } = await ask(`${query}&ci=ci_a&q=0,0.5,1`);
  expect(body).toMatchObject({ unit: '%', tier: '1h', within: { value: 1, unit: 'points' }, q: [0, 0.5, 1] });
  const [{ instance, count, values } = { instance: '?', count: 0, values: [] }] = (
    body as { series: { instance: string; count: number; values: number[] }[] }
  ).series;
  expect([instance, count]).toEqual(['', 60]);
  for (const [i, exact] of [10, 10, 11].entries())
    expect(Math.abs((values[i] ?? Number.NaN) - exact)).toBeLessThanOrEqual(1);
  expect(((await ask(`${query}&ci=ci_a`)).body as { q: number[] }).q).toEqual([0.5, 0.95, 0.99]);
  const refused = [
    `${query}&ci=ci_a&q=1.5`,
    `${query}&ci=ci_a&q=x`,
    `${disks.replace('range', 'quantiles')}&ci=ci_a`,
  ];
  for (const one of refused) expect((await ask(one)).body).toMatchObject({ code: 'input-invalid' });
  expect((await ask(`${query}&ci=ci_x`)).status).toBe(404);
});

test('[ME70] as columns: the same points as in JSON', async () => {
  const { web, tokens } = await opened();
  const get = (query: string, accept: string) =>
    web.fetch(
      new Request(`http://muster.test/api/v1/metrics/${query}`, {
        headers: { authorization: `Bearer ${tokens.get('viewer') ?? ''}`, accept },
      }),
    );
  for (const query of [
    `${disks}&ci=ci_a`,
    `${disks}&ci=ci_a&ci=ci_b&points=7`,
    `${RANGE}&group=location&points=5`,
    `${RANGE}&ci=ci_d`,
  ]) {
    const asColumns = await get(query, 'application/octet-stream');
    expect(asColumns.headers.get('content-type')).toBe('application/octet-stream');
    expect(asColumns.headers.get('vary')).toContain('accept');
    const { unit, stepMs, series } = decodeRangeStream(new Uint8Array(await asColumns.arrayBuffer()));
    const json = ENDPOINTS.metricRange.response.parse(await (await get(query, 'application/json')).json());
    expect([unit, stepMs]).toEqual([json.unit, json.stepMs]);
    const isOfMany = /group|ci=.*ci=/.test(query);
    expect(
      series.map(({ points, stepMs: own, ...who }) => ({
        ...who,
        ...(isOfMany ? { stepMs: own } : {}),
        points: Array.from(points.times, (atMs, i) => [
          atMs,
          points.averages[i],
          ...(points.mins && points.maxs ? [points.mins[i], points.maxs[i]] : []),
        ]),
      })),
    ).toEqual(json.series);
  }
});

test('[ME41] a day is answered as it was asked for: up to 100,000 points', async () => {
  const { ask } = await opened();
  const day = RANGE.replace(toIso(FROM_MS), toIso(NOW_MS - DAY_MS));
  const { body } = await ask(`${day}&ci=ci_a&points=8640`);
  expect((body as Answer).series[0]?.points).toHaveLength(60);
  expect((body as Answer).stepMs).toBe(0);
  expect(NOW_MS % SECOND_MS).toBe(0);
});
