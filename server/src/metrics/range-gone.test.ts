import { get, type IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { toIso } from '@muster/shared/time.ts';
import type { CiEntry } from '../cmdb/directory.ts';
import { listen } from '../http/listen.ts';
import { createTestWeb, TEST_START_MS } from '../http/testing.ts';
import { pause } from '../pause.ts';
import { createMemoryMetricStore } from '../store/memory/metrics.ts';
import { addMetricsRoutes } from './routes.ts';
import type { RangeResult } from './store.ts';

const MACHINES = 5_000;
const RANGE = `metric=cpu.utilisation&from=${toIso(TEST_START_MS - 3_600_000)}&to=${toIso(TEST_START_MS)}`;

/** A server whose machines each take a piece of time to read, and what its store was asked. */
async function served(pointsEach: number) {
  const asked: { ranges: number; waits: Promise<void> | null } = { ranges: 0, waits: null };
  const failed: string[] = [];
  const made = await createTestWeb({
    validateResponses: false,
    log: (level, what) => void (level === 'error' && failed.push(what)),
  });
  const all = Array.from({ length: MACHINES }, (_, i) => ({ id: `ci_${i}`, class: 'Server', tags: [] }));
  const directory = new Map(all.map((one) => [one.id, one as unknown as CiEntry]));
  const times = Float64Array.from({ length: pointsEach }, (_, i) => TEST_START_MS - 3_600_000 + i);
  const series: RangeResult['series'] = [
    { instance: '', tier: 'raw', points: { times, averages: times.map((_, i) => i / 7) } },
  ];
  let elapsedMs = 0;
  addMetricsRoutes(made.web.routes, {
    store: {
      ...createMemoryMetricStore(),
      range: async () => {
        asked.ranges += 1;
        elapsedMs += 10;
        await asked.waits;
        return { stepMs: 0, series };
      },
    },
    ciDirectory: { get: (id) => directory.get(id), all: () => directory.values(), onChange: () => {} },
    mergedIn: () => [],
    isUninstalled: () => false,
    processes: () => undefined,
    intervalMsOf: () => 10_000,
    pause,
    monotonicMs: () => elapsedMs,
  });
  const nobody = () => {};
  const listener = await listen({
    web: made.web,
    host: '127.0.0.1',
    port: 0,
    tls: null,
    proxies: 0,
    publicHost: null,
    sockets: { agent: nobody, live: nobody },
    log: nobody,
  });
  const ask = (query: string) =>
    get(`http://127.0.0.1:${listener.port}/api/v1/metrics/${query}`, {
      headers: { authorization: `Bearer ${made.tokens.get('viewer') ?? ''}` },
    });
  return { ask, asked, failed, close: () => listener.close() };
}

const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await pause();
};
const until = async (what: () => boolean) => {
  for (let i = 0; !what() && i < 100_000; i++) await pause();
};

test.each([`range?${RANGE}&group=class`, `top?${RANGE}`])(
  '[ME78] when the caller goes, reading stops at the next piece: %s',
  async (query) => {
    const server = await served(10);
    const request = server.ask(query);
    request.on('error', () => {});
    await until(() => server.asked.ranges > 20);
    request.destroy();
    await turns(200);
    const read = server.asked.ranges;
    await turns(200);
    expect(server.asked.ranges).toBe(read);
    expect(read).toBeLessThan(MACHINES);
    expect(server.failed).toEqual([]);
    await server.close();
  },
);

test('[HT4] what fails after the caller has gone is told all the same', async () => {
  const server = await served(10);
  const { promise, reject } = Promise.withResolvers<void>();
  server.asked.waits = promise;
  const request = server.ask(`range?${RANGE}&group=class`);
  request.on('error', () => {});
  await until(() => server.asked.ranges > 0);
  request.destroy();
  await turns(200);
  reject(new Error('the disk is gone'));
  await turns(20);
  expect(server.failed).toEqual(['a request failed after its caller had gone']);
  await server.close();
});

test('[ME72] a caller that takes nothing is read for no further; when it goes, reading ends', async () => {
  const server = await served(10_000);
  const cis = Array.from({ length: 100 }, (_, i) => `ci=ci_${i}`).join('&');
  const request = server.ask(`range?${RANGE}&points=10000&${cis}`);
  request.on('error', () => {});
  const response = await new Promise<IncomingMessage>((resolve) => request.on('response', resolve));
  response.on('error', () => {});
  expect(response.headers['content-length']).toBeUndefined();
  response.pause();
  await turns(2_000);
  const read = server.asked.ranges;
  expect(read).toBeLessThan(100);
  request.destroy();
  await turns(200);
  expect(server.asked.ranges - read).toBeLessThan(3);
  expect(server.failed).toEqual([]);
  await server.close();
});

test('[ME72] a long answer comes whole, piece by piece', async () => {
  const server = await served(10_000);
  const cis = Array.from({ length: 40 }, (_, i) => `ci=ci_${i}`).join('&');
  const request = server.ask(`range?${RANGE}&points=10000&${cis}`);
  const response = await new Promise<IncomingMessage>((resolve) => request.on('response', resolve));
  expect(response.headers['content-security-policy']).toContain("default-src 'self'");
  let text = '';
  for await (const chunk of response) text += String(chunk);
  const { series } = JSON.parse(text) as { series: { ci: string; points: number[][] }[] };
  expect(series.map(({ ci }) => ci)).toEqual(Array.from({ length: 40 }, (_, i) => `ci_${i}`));
  expect(series.every(({ points }) => points.length === 10_000)).toBe(true);
  await server.close();
});

test('[ME78] while one long question is answered, others are', async () => {
  const server = await served(10);
  const long = server.ask(`range?${RANGE}&group=class`);
  long.on('error', () => {});
  await until(() => server.asked.ranges > 5);
  const short = server.ask(`range?${RANGE}&ci=ci_7`);
  const response = await new Promise<IncomingMessage>((resolve) => short.on('response', resolve));
  expect(response.statusCode).toBe(200);
  expect(server.asked.ranges).toBeLessThan(MACHINES);
  response.resume();
  long.destroy();
  await server.close();
});
