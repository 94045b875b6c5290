import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FakeTime } from '../time-fake.ts';
import { systemTimers } from '../timers.ts';
import { DownloadPace } from './download-pace.ts';
import { LoadError, type LoadFile, loadFile } from './load-file.ts';

const CONTENT = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 31 + (i >> 8)) & 255));

type Respond = (request: IncomingMessage, response: ServerResponse) => void;

/** A server of this one file, as the real one serves it: ranges, or not. */
function whole(request: IncomingMessage, response: ServerResponse): void {
  const [, start] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
  if (start === undefined) response.end(CONTENT);
  else if (Number(start) >= CONTENT.length) response.writeHead(416).end();
  else
    response
      .writeHead(206, { 'content-range': `bytes ${start}-${CONTENT.length - 1}/${CONTENT.length}` })
      .end(CONTENT.subarray(Number(start)));
}

const UNPACED = {
  pace: new DownloadPace(Number.POSITIVE_INFINITY),
  timers: systemTimers,
  elapsedMs: () => performance.now(),
};

async function stage(respond: Respond, paced: Pick<LoadFile, 'pace' | 'timers' | 'elapsedMs'> = UNPACED) {
  const folder = mkdtempSync(join(tmpdir(), 'muster-load-'));
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers.range);
    respond(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const { port } = server.address() as AddressInfo;
  const to = join(folder, 'agent.mjs.part');
  const told: number[] = [];
  const abort = new AbortController();
  const load = (idleMs?: number) =>
    loadFile({
      url: new URL(`http://127.0.0.1:${port}/install/releases/7/agent.mjs`),
      to,
      bytesMax: CONTENT.length,
      onBytes: (bytes) => told.push(bytes),
      signal: abort.signal,
      ...paced,
      ...(idleMs === undefined ? {} : { idleMs }),
    });
  return { load, to, told, asked, abort };
}

test('[RL20] a file comes whole, and how much of it is there is told', async () => {
  const { load, to, told } = await stage(whole);
  await load();
  expect(readFileSync(to).equals(CONTENT)).toBe(true);
  expect(told.at(-1)).toBe(CONTENT.length);
});

test('[RL20] what was broken off goes on where it was, and what was changed on the server begins anew', async () => {
  const { load, to, asked } = await stage((request, response) => {
    if (asked.length > 1) return whole(request, response);
    response.writeHead(200, { 'content-length': CONTENT.length });
    response.write(CONTENT.subarray(0, 100_000), () => response.destroy());
  });
  const failure: unknown = await load().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(LoadError);
  expect(failure).toMatchObject({ retry: true });
  const held = readFileSync(to).length;
  await load();
  expect(asked).toEqual([undefined, held === 0 ? undefined : `bytes=${held}-`]);
  expect(readFileSync(to).equals(CONTENT)).toBe(true);
});

test('[RL20] a server without ranges sends it from the beginning; a part that is whole is not sent again', async () => {
  const plain = await stage((_request, response) => response.end(CONTENT));
  writeFileSync(plain.to, 'what was there');
  await plain.load();
  expect(readFileSync(plain.to).equals(CONTENT)).toBe(true);
  const ranged = await stage(whole);
  writeFileSync(ranged.to, CONTENT);
  await ranged.load();
  expect(readFileSync(ranged.to).equals(CONTENT)).toBe(true);
});

test('[RL20] a part of another place than asked for is not written behind what is there', async () => {
  const { load, to } = await stage((_request, response) =>
    response.writeHead(206, { 'content-range': 'bytes 0-9/10' }).end('0123456789'),
  );
  writeFileSync(to, 'abc');
  await expect(load()).rejects.toThrow('answered 206');
  expect(readFileSync(to, 'utf8')).toBe('abc');
});

test.each<[string, Respond, string, boolean]>([
  ['has no such file', (_, response) => response.writeHead(404).end(), 'answered 404', true],
  ['fails', (_, response) => response.writeHead(503).end(), 'answered 503', true],
  [
    'sends it elsewhere',
    (_, response) => response.writeHead(302, { location: '/' }).end(),
    'answered 302',
    false,
  ],
  [
    'sends more than it should be',
    (_, response) => response.end(Buffer.concat([CONTENT, CONTENT])),
    'is longer than it should be',
    false,
  ],
  ['hangs', () => undefined, 'nothing came for', true],
  [
    'hangs in the middle',
    (_, response) => void response.writeHead(200).write('begin'),
    'nothing came for',
    true,
  ],
])('[RL20] a server that %s is told in words', async (_what, respond, words, retry) => {
  const { load } = await stage(respond);
  const failure: unknown = await load(200).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(LoadError);
  expect(String(failure)).toContain(words);
  expect(failure).toMatchObject({ retry });
});

test('[RL20] who asks no more is not sent more', async () => {
  const { load, abort } = await stage((_, response) => {
    response.writeHead(200).write('begin');
    abort.abort();
  });
  await expect(load()).rejects.toThrow('could not be loaded');
});

test('[RL40] a fast line brings no more than the pace lets through, and who asks no more waits for nothing', async () => {
  const time = new FakeTime();
  const bytesPerSecond = 100_000;
  const paced = { pace: new DownloadPace(bytesPerSecond), timers: time.timers, elapsedMs: time.elapsedMs };
  const { load, to } = await stage(whole, paced);
  let isOver = false;
  const loaded = load().finally(() => {
    isOver = true;
  });
  while (!isOver) {
    await expect.poll(() => time.pending > 0 || isOver, { interval: 1 }).toBe(true);
    const written = existsSync(to) ? readFileSync(to).length : 0;
    expect(written).toBeLessThanOrEqual((time.elapsedMs() / 1_000) * bytesPerSecond);
    time.advance(100);
  }
  await loaded;
  expect(readFileSync(to).equals(CONTENT)).toBe(true);
  expect(time.elapsedMs()).toBeGreaterThanOrEqual((CONTENT.length / bytesPerSecond) * 1_000);

  const given = await stage(whole, paced);
  const failure = given.load().catch((error: unknown) => error);
  await expect.poll(() => time.pending, { interval: 1 }).toBe(1);
  given.abort.abort();
  expect(await failure).toBeInstanceOf(LoadError);
  expect(time.pending).toBe(0);
});
