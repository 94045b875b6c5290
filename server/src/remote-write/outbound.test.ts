import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AddressInfo, isIP, type LookupFunction } from 'node:net';
import { uncompressSync } from 'snappy';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RemoteWriteOut, RemoteWriteTarget } from '@muster/shared/api/remote-write.ts';
import { HOUR_MS, SECOND_MS, toIso } from '@muster/shared/time.ts';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import { createTestWeb, TEST_START_MS } from '../http/testing.ts';
import { createMemoryMetricStore } from '../store/memory/metrics.ts';
import { createMemoryRemoteWriteStore } from '../store/memory/remote-write.ts';
import { diskQueueFiles } from '../store/outgoing/queue-files.ts';
import { openOutgoingQueue } from '../store/outgoing/queue.ts';
import type { Inbound } from './inbound.ts';
import { createOutbound } from './outbound.ts';
import { addRemoteWriteRoutes } from './routes.ts';
import { outcomeOf, postBy, postToTarget, retryAfterMs, type TargetAnswer } from './target-client.ts';
import { WriteRequestReader } from './write-request.ts';

const FIELDS = {
  name: 'long term',
  enabled: true,
  url: 'http://127.0.0.1:9/api/v1/write',
  auth: { kind: 'none' as const },
  labels: [],
  metrics: [],
  classes: [],
};
const TAKEN: TargetAnswer = { outcome: 'taken', answer: 'HTTP 204', retryAfterMs: null };
const LATER: TargetAnswer = { outcome: 'later', answer: 'HTTP 503', retryAfterMs: null };
const REFUSED: TargetAnswer = { outcome: 'refused', answer: 'HTTP 400: out of order', retryAfterMs: null };

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'muster-outbound-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** [name, ms, value] of each sample of a body. */
function samplesOf(body: Buffer, seen?: Record<string, string>[]): [string, number, number][] {
  const bytes = uncompressSync(body) as Buffer;
  const reader = new WriteRequestReader(bytes);
  const samples: [string, number, number][] = [];
  const text = (place: number) => bytes.toString('utf8', reader.labels[place], reader.labels[place + 1]);
  while (reader.next()) {
    const labels: Record<string, string> = {};
    for (let i = 0; i < reader.labelCount; i++) labels[text(i * 4)] = text(i * 4 + 2);
    const { name = '' } = labels;
    seen?.push(labels);
    for (let i = 0; i < reader.sampleCount; i++)
      samples.push([name, (reader.times[i] as number) - TEST_START_MS, reader.values[i] as number]);
  }
  return samples;
}

async function setUp(
  options: {
    store?: ReturnType<typeof createMemoryRemoteWriteStore>;
    metrics?: ReturnType<typeof createMemoryMetricStore>;
    startMs?: number;
    names?: readonly string[];
  } = {},
) {
  const { store = createMemoryRemoteWriteStore(), metrics = createMemoryMetricStore() } = options;
  let nowMs = options.startMs ?? TEST_START_MS;
  const { names = ['a', 'b', 'c'] } = options;
  const entries = new Map(
    names.map((name) => [`ci_${name}`, { id: `ci_${name}`, name, class: 'Server' } as CiEntry]),
  );
  const listeners: ((entry: CiEntry) => void)[] = [];
  const directory: CiDirectory = {
    get: (id) => entries.get(id),
    all: () => entries.values(),
    onChange: (listener) => void listeners.push(listener),
  };
  const put = (entry: CiEntry) => {
    entries.set(entry.id, entry);
    for (const listener of listeners) listener(entry);
  };
  const mergedInto = new Map<string, string>();
  const survivorOf = (ciId: string): string => {
    const into = mergedInto.get(ciId);
    return into === undefined ? ciId : survivorOf(into);
  };
  const seen: Record<string, string>[] = [];
  const reports: [string, string][] = [];
  const got: [string, number, number][][] = [];
  let answer: (samples: [string, number, number][]) => TargetAnswer | Promise<TargetAnswer> = () => TAKEN;
  const disk = { isFull: false, isReadOnly: false };
  const queue = await openOutgoingQueue({
    folder,
    now: () => nowMs,
    files: {
      ...diskQueueFiles,
      freeBytes: async (of) => (disk.isFull ? -1 : diskQueueFiles.freeBytes(of)),
      async replace(file, text) {
        if (disk.isReadOnly) throw new Error('EROFS: read-only file system');
        await diskQueueFiles.replace(file, text);
      },
    },
    freeBytesMin: 0,
    bytesMax: 20_000,
    fileBytesMax: 2_000,
  });
  const outbound = await createOutbound({
    store,
    queue,
    metrics,
    directory,
    post: async (_target, body) => {
      const samples = samplesOf(body, seen);
      const said = await answer(samples);
      if (said.outcome === 'taken') got.push(samples);
      return said;
    },
    newId: (prefix, atMs) => `${prefix}_${atMs}`,
    now: () => nowMs,
    random: () => 1,
    report: (what, error) => void reports.push([what, String(error)]),
    survivorOf,
    startedAtMs: nowMs,
  });
  const seriesOf = (name: string) => metrics.resolve({ ciId: `ci_${name}`, metric: 'load.1m', instance: '' });
  const take = (name: string, offsetMs: number, value: number) =>
    outbound.take([{ atMs: TEST_START_MS + offsetMs, series: [seriesOf(name)], values: [value] }]);
  /** Some seconds pass, and what runs behind a tick comes to its end. */
  async function pass(ms: number) {
    for (let left = ms; left > 0; left -= SECOND_MS) {
      nowMs += Math.min(left, SECOND_MS);
      await outbound.tick(nowMs);
      await outbound.settled();
    }
  }
  const state = () => outbound.status(nowMs).targets[0]?.status;
  return {
    store,
    queue,
    disk,
    outbound,
    metrics,
    take,
    pass,
    state,
    got: () => got.flat(),
    requests: got,
    labels: () => seen,
    reports,
    rename: (id: string, name: string) => put({ ...(entries.get(`ci_${id}`) as CiEntry), name }),
    merge(id: string, into: string | null) {
      const before = mergedInto.get(`ci_${id}`);
      if (into === null) mergedInto.delete(`ci_${id}`);
      else mergedInto.set(`ci_${id}`, `ci_${into}`);
      // Both are told as changed.
      for (const changed of [`ci_${id}`, before, mergedInto.get(`ci_${id}`)])
        if (changed !== undefined) put(entries.get(changed) as CiEntry);
    },
    answerWith: (next: typeof answer) => void (answer = next),
    now: () => nowMs,
  };
}

test('[RW34] what becomes durable is sent in order, from the moment the target was made', async () => {
  const { outbound, take, pass, got, state } = await setUp();
  take('a', 0, 1);
  await outbound.create(FIELDS, TEST_START_MS);
  expect(state()?.state).toBe('idle');
  take('a', 1_000, 2);
  take('b', 1_000, 3);
  take('a', 500, 4);
  await pass(4_000);
  expect(got()).toEqual([
    ['a', 1_000, 2],
    ['a', 500, 4],
    ['b', 1_000, 3],
  ]);
  expect(state()).toMatchObject({ state: 'sending', sent: 3, queuedSamples: 0, queueAgeMs: null });
});

test('[RW35] a target that is down is tried again, ever more seldom, and then gets all of it once', async () => {
  const { outbound, take, pass, got, state, answerWith } = await setUp();
  await outbound.create(FIELDS, TEST_START_MS);
  let attempts = 0;
  answerWith(() => {
    attempts += 1;
    return LATER;
  });
  for (let i = 0; i < 300; i++) {
    take('a', i * 1_000, i);
    await pass(1_000);
  }
  // 1, 2, 4 … 60 s: some ten in five minutes.
  expect(attempts).toBeLessThan(12);
  expect(state()).toMatchObject({
    state: 'waiting',
    failedRequests: attempts,
    lastError: { answer: 'HTTP 503' },
  });
  expect(state()?.queuedSamples).toBe(300);
  expect(state()?.queueAgeMs).toBeGreaterThan(290_000);
  answerWith(() => TAKEN);
  await pass(62_000);
  expect(got()).toEqual(Array.from({ length: 300 }, (_, i) => ['a', i * 1_000, i]));
  expect(state()).toMatchObject({ state: 'sending', failingSince: null, queuedSamples: 0 });
}, 20_000);

test('[RW35] Retry-After is followed', async () => {
  const { outbound, take, pass, answerWith } = await setUp();
  await outbound.create(FIELDS, TEST_START_MS);
  let attempts = 0;
  answerWith(() => {
    attempts += 1;
    return { ...LATER, retryAfterMs: 30_000 };
  });
  take('a', 0, 1);
  await pass(32_000);
  expect(attempts).toBe(1);
  await pass(2_000);
  expect(attempts).toBe(2);
  expect([
    retryAfterMs('120', 0),
    retryAfterMs('Thu, 01 Jan 1970 00:01:00 GMT', 1_000),
    retryAfterMs('99999', 0),
    retryAfterMs('soon', 0),
    retryAfterMs(null, 0),
  ]).toEqual([120_000, 59_000, 600_000, null, null]);
});

test('[RW36] what the target refuses is divided until only the samples at fault are given up', async () => {
  const { outbound, take, pass, got, state, answerWith } = await setUp();
  await outbound.create(FIELDS, TEST_START_MS);
  answerWith((samples) => (samples.some(([, , value]) => value < 0) ? REFUSED : TAKEN));
  for (let i = 0; i < 40; i++) take(i % 2 === 0 ? 'a' : 'b', i, i === 13 || i === 31 ? -1 : i);
  await pass(4_000);
  const values = got().map(([, , value]) => value);
  expect(values.toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 40 }, (_, i) => i).filter((i) => i !== 13 && i !== 31),
  );
  for (const name of ['a', 'b']) {
    const times = got().flatMap(([of, atMs]) => (of === name ? [atMs] : []));
    expect(times).toEqual(times.toSorted((x, y) => x - y));
  }
  expect(state()).toMatchObject({ refused: 2, sent: 38, lastRefusal: { answer: 'HTTP 400: out of order' } });
});

test('[RW36] a target that refuses everything costs a bounded number of requests', async () => {
  const { outbound, take, pass, state, answerWith } = await setUp();
  await outbound.create(FIELDS, TEST_START_MS);
  let requests = 0;
  answerWith(() => {
    requests += 1;
    return REFUSED;
  });
  for (let i = 0; i < 500; i++) take('a', i, i);
  await pass(4_000);
  expect(state()).toMatchObject({ refused: 500, queuedSamples: 0 });
  expect(requests).toBeLessThan(80);
});

test('[RW36] a wrong token or address keeps the samples: they wait for a person', async () => {
  expect([400, 409, 413, 422].map(outcomeOf)).toEqual(Array.from({ length: 4 }, () => 'refused'));
  expect([301, 401, 403, 404, 405].map(outcomeOf)).toEqual(Array.from({ length: 5 }, () => 'misset'));
  expect([408, 429, 500, 502, 503].map(outcomeOf)).toEqual(Array.from({ length: 5 }, () => 'later'));
  const { outbound, take, pass, got, state, answerWith } = await setUp();
  const { id } = await outbound.create(FIELDS, TEST_START_MS);
  answerWith(() => ({ outcome: 'misset', answer: 'HTTP 401', retryAfterMs: null }));
  take('a', 0, 1);
  await pass(20_000);
  expect(state()).toMatchObject({ state: 'waiting', queuedSamples: 1, failedRequests: 1 });
  answerWith(() => TAKEN);
  // A change by a person is tried at once.
  await outbound.update(id, { ...FIELDS, auth: { kind: 'bearer', token: 'right' } });
  await pass(1_000);
  expect(got()).toEqual([['a', 0, 1]]);
});

test('[RW37] a restart goes on where the server stopped, with nothing missing and nothing twice', async () => {
  const first = await setUp();
  await first.outbound.create(FIELDS, TEST_START_MS);
  for (let i = 0; i < 10; i++) first.take('a', i, i);
  await first.pass(3_000);
  first.answerWith(() => LATER);
  for (let i = 10; i < 20; i++) first.take('a', i, i);
  await first.pass(3_000);
  // Not yet written when the server stops.
  for (let i = 20; i < 30; i++) first.take('b', i, i);
  await first.outbound.close(first.now());
  const { store, metrics } = first;
  const second = await setUp({ store, metrics, startMs: first.now() + HOUR_MS });
  expect(second.state()).toMatchObject({ state: 'behind', queuedSamples: 20 });
  expect(second.state()?.queueAgeMs).toBeGreaterThanOrEqual(HOUR_MS);
  second.take('b', 30, 30);
  await second.pass(4_000);
  const all = [...first.got(), ...second.got()];
  expect(all.map(([, atMs]) => atMs)).toEqual(Array.from({ length: 31 }, (_, i) => i));
});

test('[RW37] after a crash the newest sample of each series is sent again: it may have missed the queue', async () => {
  const first = await setUp();
  await first.outbound.create(FIELDS, TEST_START_MS);
  first.take('a', 0, 1);
  await first.pass(5_000);
  const { store, metrics } = first;
  // Durable in the engine, and then the process is killed before the queue is written.
  const series = metrics.resolve({ ciId: 'ci_b', metric: 'load.1m', instance: '' });
  const tick = { atMs: TEST_START_MS + 2_500, series: [series], values: [7] };
  await metrics.append({ agentId: 'x', epoch: 'f'.repeat(16), seq: 1 }, [tick], first.now());
  first.outbound.take([tick]);
  const second = await setUp({ store, metrics, startMs: first.now() });
  expect(second.queue.wasClosed).toBe(false);
  await second.pass(4_000);
  expect(second.got()).toEqual([['b', 2_500, 7]]);
});

test('[RW37] a queue of series that nobody knows any more stops nothing', async () => {
  const first = await setUp();
  await first.outbound.create(FIELDS, TEST_START_MS);
  first.answerWith(() => LATER);
  first.take('a', 0, 1);
  await first.pass(3_000);
  await first.outbound.close(first.now());
  const second = await setUp({ store: first.store, startMs: first.now() });
  await second.pass(4_000);
  expect([second.got(), second.state()?.queuedSamples]).toEqual([[], 0]);
});

test('[RW38] the queue is bounded: the oldest is dropped, counted and told for each target', async () => {
  const { outbound, take, pass, got, state, answerWith, queue } = await setUp();
  await outbound.create(FIELDS, TEST_START_MS);
  answerWith(() => LATER);
  for (let i = 0; i < 300; i++) {
    for (let n = 0; n < 10; n++) take('a', i * 1_000 + n, Math.random());
    await pass(1_000);
  }
  expect(queue.figures.bytes).toBeLessThan(24_000);
  answerWith(() => TAKEN);
  await pass(62_000);
  const { sent = 0, dropped = 0 } = state() ?? {};
  expect(dropped).toBeGreaterThan(1_000);
  expect(sent + dropped).toBe(3_000);
  expect(state()?.lastDroppedAt).not.toBeNull();
  expect(got().at(-1)?.[1]).toBe(299_009);
}, 20_000);

test('[RW38] a paused target keeps its place; a removed one leaves nothing behind', async () => {
  const { outbound, take, pass, got, state, queue } = await setUp();
  const { id } = await outbound.create(FIELDS, TEST_START_MS);
  await outbound.update(id, { ...FIELDS, enabled: false });
  take('a', 0, 1);
  await pass(10_000);
  expect([state()?.state, state()?.queuedSamples, got()]).toEqual(['paused', 1, []]);
  await outbound.update(id, FIELDS);
  await pass(2_000);
  expect(got()).toEqual([['a', 0, 1]]);
  await outbound.delete(id);
  take('a', 1_000, 2);
  await pass(4_000);
  expect([got().length, queue.end.samples]).toEqual([1, 1]);
});

test('[RW43] a disk that takes nothing is told, and does not keep the server from ending', async () => {
  const { outbound, take, pass, queue, now } = await setUp();
  await outbound.create(FIELDS, TEST_START_MS);
  rmSync(folder, { recursive: true });
  take('a', 0, 1);
  await pass(2_000);
  expect(outbound.status(now()).queue.lastError).toContain('ENOENT');
  await outbound.close(now());
  expect(queue.end.samples).toBe(0);
  mkdirSync(folder);
});

test('[RW43] on a disk without room what every target has is deleted: the queue itself may be what fills it', async () => {
  const { outbound, queue, take, pass, answerWith, disk, got } = await setUp();
  await outbound.create(FIELDS, TEST_START_MS);
  answerWith(() => LATER);
  for (let i = 0; i < 60; i++) {
    take('a', i * SECOND_MS, i);
    await pass(SECOND_MS);
  }
  const filled = queue.figures.bytes;
  expect(filled).toBeGreaterThan(3_000);
  disk.isFull = true;
  take('a', 60 * SECOND_MS, 60);
  answerWith(() => TAKEN);
  await pass(90 * SECOND_MS);
  expect(got()).toHaveLength(60);
  expect(queue.figures.bytes).toBeLessThan(filled / 2);
});

test('[RW43] a target that cannot be made for want of room leaves nothing behind', async () => {
  const { outbound, store, take, disk } = await setUp();
  await outbound.create(FIELDS, TEST_START_MS);
  take('a', 0, 1);
  disk.isFull = true;
  const second = { ...FIELDS, name: 'second' };
  await expect(outbound.create(second, TEST_START_MS + 1)).rejects.toThrow('are free for the queue');
  expect((await store.targets()).map(({ name }) => name)).toEqual(['long term']);
  disk.isFull = false;
  expect((await outbound.create(second, TEST_START_MS + 2)).status.queuedSamples).toBe(0);
});

test('[RW39] two targets read one queue at their own pace', async () => {
  const { outbound, take, pass, answerWith, now } = await setUp();
  await outbound.create(FIELDS, TEST_START_MS);
  let calls = 0;
  answerWith(() => {
    calls += 1;
    return calls % 2 === 0 ? LATER : TAKEN;
  });
  await outbound.create({ ...FIELDS, name: 'second' }, TEST_START_MS + 1);
  for (let i = 0; i < 20; i++) {
    take('a', i, i);
    await pass(3_000);
  }
  answerWith(() => TAKEN);
  await pass(62_000);
  const sent = outbound.status(now()).targets.map(({ status }) => [status.sent, status.queuedSamples]);
  expect(sent).toEqual([
    [20, 0],
    [20, 0],
  ]);
}, 20_000);

describe('over HTTP', () => {
  let server: Server;
  let url: string;
  const seen: { headers: Record<string, unknown>; bytes: number }[] = [];
  let status = 204;
  beforeEach(async () => {
    seen.length = 0;
    status = 204;
    server = createServer((request, response) => {
      let bytes = 0;
      request.on('data', (chunk: Buffer) => (bytes += chunk.length));
      request.on('end', () => {
        seen.push({ headers: request.headers, bytes });
        if (status === 200) {
          response.writeHead(status, { 'content-length': 10 });
          response.write('x', () => response.destroy());
          return;
        }
        response.writeHead(status, { 'retry-after': '7', location: 'http://127.0.0.1:1/' });
        response.end(status === 204 ? undefined : 'because\nof this');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/write`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  const post = (auth: RemoteWriteTarget['auth'], to = url) =>
    postToTarget({ url: to, auth }, Buffer.from([0]), 0, new AbortController().signal);

  test('[RW34] a request says what it is and who sends it', async () => {
    expect(await post({ kind: 'bearer', token: 't0' })).toEqual({
      outcome: 'taken',
      answer: 'HTTP 204',
      retryAfterMs: 7_000,
    });
    await post({ kind: 'basic', user: 'ü', password: 'p:w' });
    await post({ kind: 'none' });
    expect(seen[0]).toMatchObject({
      bytes: 1,
      headers: {
        'content-type': 'application/x-protobuf',
        'content-encoding': 'snappy',
        'x-prometheus-remote-write-version': '0.1.0',
        'user-agent': 'Muster',
        authorization: 'Bearer t0',
      },
    });
    expect(seen[1]?.headers['authorization']).toBe(`Basic ${Buffer.from('ü:p:w').toString('base64')}`);
    expect(seen[2]?.headers).not.toHaveProperty('authorization');
  });

  test('[RW37] what was taken counts as taken though the rest of the answer never comes', async () => {
    status = 200;
    expect(await post({ kind: 'none' })).toMatchObject({ outcome: 'taken', answer: 'HTTP 200' });
  });

  test('[RW35] an answer is told in one line; redirects are not followed, and nothing goes to a cloud', async () => {
    status = 503;
    expect(await post({ kind: 'none' })).toMatchObject({
      outcome: 'later',
      answer: 'HTTP 503: because of this',
    });
    status = 307;
    expect(await post({ kind: 'none' })).toMatchObject({ outcome: 'misset' });
    expect(seen).toHaveLength(2);
    expect(await post({ kind: 'none' }, 'http://169.254.169.254/api/v1/write')).toMatchObject({
      outcome: 'misset',
      answer: expect.stringContaining('link-local') as string,
    });
    // Nobody listens on the one; on the other a mail server might.
    expect((await post({ kind: 'none' }, 'http://127.0.0.1:2/')).outcome).toBe('later');
    expect((await post({ kind: 'none' }, 'http://127.0.0.1:25/')).outcome).toBe('misset');
  });

  test('[RW35] a name is judged when the connection is made, and nothing else is connected to than what was judged', async () => {
    const { port } = new URL(url);
    const answers = [
      ['127.0.0.1'],
      ['127.0.0.1', '169.254.169.254'],
      ['fe80::1'],
      ['::ffff:169.254.169.254'],
    ];
    let asked = 0;
    const lookup: LookupFunction = (_host, _options, done) => {
      const found = answers[asked++] ?? [];
      done(
        null,
        found.map((address) => ({ address, family: isIP(address) })),
      );
    };
    const send = () =>
      postBy(
        lookup,
        { url: `http://rebind.example:${port}/api/v1/write`, auth: { kind: 'none' } },
        Buffer.from([0]),
        0,
        new AbortController().signal,
      );
    expect([await send(), asked]).toMatchObject([{ outcome: 'taken' }, 1]);
    for (let n = 1; n < answers.length; n++) {
      server.closeAllConnections();
      await new Promise((resolve) => setImmediate(resolve));
      expect([await send(), asked]).toMatchObject([
        { outcome: 'misset', answer: expect.stringContaining('link-local') as string },
        n + 1,
      ]);
    }
    expect(seen).toHaveLength(1);
  });

  test('[RW35] a kept connection that the other end closed is no failure', async () => {
    for (let n = 0; n < 3; n++) {
      expect(await post({ kind: 'none' })).toMatchObject({ outcome: 'taken' });
      server.closeAllConnections();
    }
  });
});

test('[RW45] secrets are never shown again, kept where the mask comes back, and not for another server', async () => {
  const { outbound, store } = await setUp();
  const { web, call } = await createTestWeb();
  addRemoteWriteRoutes(web.routes, {
    inbound: { mappings: {} } as unknown as Inbound,
    outbound,
    directory: { get: () => undefined },
    serverUrl: null,
  });
  const secret = { ...FIELDS, auth: { kind: 'basic', user: 'me', password: 'geheim' } };
  const made = await call('admin', 'POST', '/exchange/targets', secret);
  expect([made.status, JSON.stringify(made.body).includes('geheim')]).toEqual([201, false]);
  const { id, status: _status, ...shown } = made.body as RemoteWriteTarget;
  const put = (body: unknown) => call('admin', 'PUT', `/exchange/targets/${id}`, body);
  expect((await put({ ...shown, name: 'renamed' })).status).toBe(200);
  expect((await store.targets())[0]).toMatchObject({ name: 'renamed', auth: { password: 'geheim' } });
  const refused = [
    await put({ ...shown, url: 'https://other.example/write' }),
    await put({ ...shown, auth: { ...shown.auth, user: 'you' } }),
    await put({ ...shown, url: 'ftp://x/' }),
    await put({ ...shown, url: 'https://user:pass@x.example/' }),
    await call('admin', 'POST', '/exchange/targets', { ...secret, name: 'RENAMED' }),
    await call('operator', 'POST', '/exchange/targets', { ...secret, name: 'x' }),
    await call('admin', 'DELETE', '/exchange/targets/none'),
  ].map(({ status, body }) => [status, (body as { code: string }).code]);
  const { body } = await put({ ...shown, auth: { ...shown.auth, user: 'you' } });
  expect(body).toMatchObject({ issues: [{ path: 'body.auth.password' }] });
  expect(refused).toEqual([
    [400, 'input-invalid'],
    [400, 'input-invalid'],
    [400, 'input-invalid'],
    [400, 'input-invalid'],
    [409, 'name-taken'],
    [403, 'forbidden'],
    [404, 'not-found'],
  ]);
  const list = async (role: 'admin' | 'operator') =>
    ((await call(role, 'GET', '/exchange/out')).body as RemoteWriteOut).targets[0]?.url;
  expect([await list('admin'), await list('operator')]).toEqual([FIELDS.url, 'http://127.0.0.1:9/••••']);
  expect((await call('admin', 'POST', `/exchange/targets/${id}/test`)).body).toEqual({
    ok: true,
    answer: 'HTTP 204',
  });
  expect((await call('admin', 'DELETE', `/exchange/targets/${id}`)).status).toBe(204);
  expect(await store.targets()).toEqual([]);
});

test('[RW44] a file of the queue that was set aside is told in the log and on the page', async () => {
  const first = await setUp();
  await first.outbound.create(FIELDS, TEST_START_MS);
  first.answerWith(() => LATER);
  first.take('a', 0, 1);
  await first.pass(3_000);
  await first.outbound.close(first.now());
  const [name = ''] = readdirSync(folder).filter((one) => one.endsWith('.queue'));
  rmSync(join(folder, name));
  mkdirSync(join(folder, name));
  const second = await setUp({ store: first.store, metrics: first.metrics, startMs: first.now() });
  expect(second.reports).toMatchObject([
    ['a file of samples for other stores was set aside', expect.stringContaining('EISDIR')],
  ]);
  const { queue } = second.outbound.status(second.now());
  expect(queue.setAside).toEqual([
    { name: `${name}.set-aside-1-samples`, samples: 1, at: toIso(first.now()) },
  ]);
  second.take('a', 9_000, 9);
  await second.pass(4_000);
  expect([second.got(), second.state()?.dropped]).toEqual([[['a', 9_000, 9]], 1]);
});

test('[RW44] one that goes bad while the server runs is told in the log too, once', async () => {
  const first = await setUp();
  await first.outbound.create(FIELDS, TEST_START_MS);
  first.answerWith(() => LATER);
  const files = () => readdirSync(folder).filter((one) => one.endsWith('.queue'));
  for (let i = 0; files().length < 2; i++) {
    first.take('a', i, i);
    await first.pass(SECOND_MS);
  }
  await first.outbound.close(first.now());
  const second = await setUp({ store: first.store, metrics: first.metrics, startMs: first.now() });
  const [name = ''] = files().toSorted();
  rmSync(join(folder, name));
  mkdirSync(join(folder, name));
  await second.pass(60_000);
  const [aside] = second.outbound.status(second.now()).queue.setAside;
  // When it was found, not when the server started.
  expect(Date.parse(aside?.at ?? '')).toBeGreaterThan(first.now());
  expect(second.reports.filter(([what]) => what.includes('was set aside'))).toMatchObject([
    ['a file of samples for other stores was set aside', expect.stringContaining('EISDIR')],
  ]);
});

test('[RW38] a target is made and removed though its place cannot be written down', async () => {
  const { outbound, store, disk, pass, take, reports } = await setUp();
  disk.isReadOnly = true;
  const { id } = await outbound.create(FIELDS, TEST_START_MS);
  await outbound.delete(id);
  expect([await store.targets(), reports.length]).toEqual([[], 1]);
  disk.isReadOnly = false;
  // What was left behind goes with the next tick, though no target is there any more.
  const other = await outbound.create({ ...FIELDS, name: 'other' }, TEST_START_MS);
  for (let i = 0; i < 40; i++) {
    take('a', i, i);
    await pass(SECOND_MS);
  }
  disk.isReadOnly = true;
  await outbound.delete(other.id);
  disk.isReadOnly = false;
  await pass(SECOND_MS);
  expect(JSON.parse(readFileSync(join(folder, 'places.json'), 'utf8'))).toMatchObject({ places: {} });
});

test('[RW38] without a target too, each time that places cannot be written down is told, and once', async () => {
  const { outbound, disk, pass, reports } = await setUp();
  const failing = async (name: string) => {
    const { id } = await outbound.create({ ...FIELDS, name }, TEST_START_MS);
    disk.isReadOnly = true;
    await outbound.delete(id);
    await pass(3 * SECOND_MS);
    disk.isReadOnly = false;
    await pass(SECOND_MS);
  };
  await failing('first');
  expect(reports.length).toBe(1);
  await failing('second');
  expect(reports.length).toBe(2);
});

test('[RW34] no request has more than 5,000 samples, be the tick as long as it may, and a stop in it loses none', async () => {
  const { outbound, pass, metrics, requests, got, answerWith, state, store, now } = await setUp();
  await outbound.create(FIELDS, TEST_START_MS);
  const series = Array.from({ length: 12_001 }, (_, i) =>
    metrics.resolve({ ciId: `ci_${'abc'[i % 3]}`, metric: 'load.1m', instance: `i${i}` }),
  );
  const values = series.map((_, i) => i);
  outbound.take([
    { atMs: TEST_START_MS, series: series.slice(0, 3_000), values: values.slice(0, 3_000) },
    { atMs: TEST_START_MS + 1, series, values },
  ]);
  let taken = 0;
  answerWith(() => ((taken += 1) > 2 ? LATER : TAKEN));
  await pass(3_000);
  expect(requests.map((samples) => samples.length)).toEqual([3_000, 5_000]);
  expect(state()).toMatchObject({ sent: 8_000, queuedSamples: 7_001 });
  await outbound.close(now());
  const second = await setUp({ store, metrics, startMs: now() });
  await second.pass(4_000);
  expect(second.requests.map((samples) => samples.length)).toEqual([5_000, 2_001]);
  const sent = [...got(), ...second.got()].flatMap(([, atMs, value]) => (atMs === 1 ? [value] : []));
  expect(sent.toSorted((a, b) => a - b)).toEqual(values);
});

test('[RW37] after a crash others have their turn while the newest samples of many machines are looked for', async () => {
  const first = await setUp();
  await first.outbound.create(FIELDS, TEST_START_MS);
  first.take('a', 0, 1);
  await first.pass(5_000);
  const names = Array.from({ length: 1_000 }, (_, i) => `m${i}`);
  const ticks = names.map((name) => {
    const series = ['load.1m', 'load.5m'] as const;
    return {
      atMs: TEST_START_MS + 2_500,
      series: series.map((metric) => first.metrics.resolve({ ciId: `ci_${name}`, metric, instance: '' })),
      values: [1, 2],
    };
  });
  await first.metrics.append({ agentId: 'x', epoch: 'f'.repeat(16), seq: 1 }, ticks, first.now());
  let turns = 0;
  let isOver = false;
  const count = () => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const { store, metrics } = first;
  const second = await setUp({ store, metrics, startMs: first.now(), names });
  isOver = true;
  expect(turns).toBeGreaterThan(9);
  await second.pass(4_000);
  expect(second.got()).toHaveLength(2_000);
});

test('[RW33] samples of a machine that was merged into another go out under the name and id of that one, until it is split again', async () => {
  const { outbound, take, pass, labels, merge, rename } = await setUp();
  await outbound.create(FIELDS, TEST_START_MS);
  const says = async (name: string, atMs: number) => {
    take(name, atMs, atMs);
    await pass(3_000);
    const { ci, name: called } = labels().at(-1) ?? {};
    return [ci, called];
  };
  expect(await says('a', 1)).toEqual(['ci_a', 'a']);
  merge('a', 'b');
  expect(await says('a', 2)).toEqual(['ci_b', 'b']);
  rename('b', 'bee');
  expect(await says('a', 3)).toEqual(['ci_b', 'bee']);
  merge('b', 'c');
  expect(await says('a', 4)).toEqual(['ci_c', 'c']);
  rename('c', 'sea');
  expect([await says('a', 5), await says('b', 6)]).toEqual([
    ['ci_c', 'sea'],
    ['ci_c', 'sea'],
  ]);
  merge('b', null);
  expect([await says('a', 7), await says('b', 8)]).toEqual([
    ['ci_b', 'bee'],
    ['ci_b', 'bee'],
  ]);
});
