/** The second client against the fake server; against the real one it runs in test/e2e. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { eventsOf, FakeServer, listenFakeServer, samplesOf } from '../wire-server-fake.ts';

const CLIENT = join(import.meta.dirname, 'client.py');
const VECTORS = join(import.meta.dirname, '../../shared/src/wire/testcases');
const folder = mkdtempSync(join(tmpdir(), 'muster-wire-client-'));
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Line {
  readonly what: string;
  readonly [field: string]: unknown;
}

function client(...args: string[]): Promise<{ code: number; lines: Line[] }> {
  return new Promise((resolve, reject) => {
    execFile('python3', [CLIENT, ...args], { timeout: 30_000 }, (error, stdout, stderr) => {
      if (stderr !== '') return reject(new Error(stderr));
      const lines = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Line);
      resolve({ code: error === null ? 0 : Number(error.code), lines });
    });
  });
}

async function server(
  behaviour: ConstructorParameters<typeof FakeServer>[0] = {},
): Promise<{ fake: FakeServer; args: string[] }> {
  const fake = new FakeServer(behaviour);
  fake.tokens.set('T', 1);
  const { url, close } = await listenFakeServer(fake);
  closers.push(close);
  const state = join(folder, `${closers.length}-${fake.key}.json`);
  return {
    fake,
    args: [
      '--server',
      url,
      `--server-key=${fake.key}`,
      '--token',
      'T',
      '--state',
      state,
      '--interval',
      '0.05',
    ],
  };
}

const values = (lines: readonly Line[]) =>
  lines
    .filter(({ what }) => what === 'tick')
    .flatMap(({ values: one }) => Object.values(one as Record<string, number>));

test('[LK9] a client written from WIRE.md makes the bytes of its worked examples', async () => {
  expect((await client('--check-examples', VECTORS)).lines).toEqual([{ what: 'examples', checked: true }]);
});

test('[LK9] it enrols, sends samples and events, is acknowledged and says goodbye', async () => {
  const { fake, args } = await server();
  const { code, lines } = await client(...args, '--ticks', '3');
  expect(lines.at(-1)).toEqual({ what: 'done' });
  expect(code).toBe(0);
  expect(samplesOf(fake.agent).map(({ value }) => value)).toEqual(values(lines));
  expect(eventsOf(fake.agent).map(({ type }) => type)).toEqual(['started', 'stopping']);
  expect(fake.agent.messages.map(({ type }) => type)).toEqual(['goodbye']);
  expect(fake.agent.gaps).toEqual([]);
});

test('[LK9] what it wrote offline, and what was never acknowledged, arrives once when it comes back', async () => {
  const { fake, args } = await server({ acks: 'manual' });
  const offline = await client(...args, '--offline', '--offline-ticks', '2');
  const vanished = await client(...args, '--ticks', '2', '--vanish');
  fake.behaviour.acks = 'frame';
  const back = await client(...args, '--ticks', '1');
  expect(back.lines.find(({ what }) => what === 'accepted')).toMatchObject({ purpose: 'resume' });
  expect(samplesOf(fake.agent).map(({ value }) => value)).toEqual(
    [offline, vanished, back].flatMap(({ lines }) => values(lines)),
  );
  const seqs = fake.agent.frames.map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_, i) => i + 1));
});

test('[LK9] it begins a new epoch when the server holds more than it ever wrote', async () => {
  const { fake, args } = await server();
  await client(...args, '--ticks', '1');
  const [epoch] = [...fake.agent.lastSeq.keys()];
  fake.agent.lastSeq.set(String(epoch), 1_000);
  const { lines } = await client(...args, '--ticks', '1');
  expect(lines.at(-1)).toEqual({ what: 'done' });
  expect(fake.agent.lastSeq.size).toBe(2);
});

test('[LK9] it refuses a server with another key, and one that cannot sign with its own', async () => {
  const { fake, args } = await server();
  const wrong = args.map((word) => word.replace(fake.key, new FakeServer().key));
  expect((await client(...wrong)).lines.at(-1)).toMatchObject({
    what: 'failed',
    detail: 'server-key-mismatch',
  });
  fake.behaviour.signWith = new FakeServer().privateKey;
  expect((await client(...args)).lines.at(-1)).toMatchObject({
    what: 'failed',
    detail: 'server-proof-invalid',
  });
  expect(fake.agents.size).toBe(0);
});
