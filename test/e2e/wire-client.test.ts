/** The client that was written from docs/WIRE.md alone, against the real server. */
import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  cleanUp,
  enrolmentToken,
  ROOT,
  type RunningServer,
  startServer,
  temporaryFolder,
  until,
} from './harness.ts';

const CLIENT = join(ROOT, 'test/wire-client/client.py');
const HOSTNAME = 'wire-client';

afterAll(cleanUp);

interface Line {
  readonly what: string;
  readonly atMs?: number;
  readonly values?: Readonly<Record<string, number>>;
  readonly [field: string]: unknown;
}

function serverKeyOf(server: RunningServer): string {
  const key = createPrivateKey(readFileSync(join(server.dataDir, 'server.key'), 'utf8'));
  return String(createPublicKey(key).export({ format: 'jwk' }).x);
}

test('[LK9] a client written from WIRE.md alone enrols, sends, is acknowledged, and resumes after a kill', async () => {
  const server = await startServer();
  const token = await enrolmentToken(server, { usesMax: 1 });
  const state = join(temporaryFolder('wire-client'), 'client.json');
  const run = (...args: string[]): Line[] => {
    const flags = [
      '--server',
      `${server.url.replace('http', 'ws')}/ws/agent`,
      `--server-key=${serverKeyOf(server)}`,
      '--token',
      token,
    ];
    const more = ['--state', state, '--hostname', HOSTNAME, '--interval', '0.2', ...args];
    const output = execFileSync('python3', [CLIENT, ...flags, ...more], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    return output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
  };
  const first = run('--offline-ticks', '1', '--ticks', '2');
  expect(first.at(-1)).toEqual({ what: 'done' });
  const vanished = run('--ticks', '3', '--vanish');
  const back = run('--ticks', '1');
  expect(back.find(({ what }) => what === 'accepted')).toMatchObject({ purpose: 'resume' });
  expect(back.at(-1)).toEqual({ what: 'done' });

  const { items } = await server.api<{ items: { id: string; name: string }[] }>('GET', `/cis?q=${HOSTNAME}`);
  const ci = items.find(({ name }) => name === HOSTNAME)?.id ?? '';
  const ticks = [...first, ...vanished, ...back].filter(({ what }) => what === 'tick');
  for (const metric of ['load.1m', 'memory.used']) {
    // A series holds one sample per millisecond, the first: the client can make two ticks in one.
    const sent = ticks
      .map(({ atMs, values }) => [atMs, values?.[metric]])
      .filter(([atMs], i, all) => all.findIndex((other) => other[0] === atMs) === i);
    let seen: unknown = null;
    const stored = await until(
      async () => {
        const points = await rawPoints(
          server,
          ci,
          metric,
          Number(ticks[0]?.atMs),
          Number(ticks.at(-1)?.atMs),
        );
        seen = points;
        return points.length >= sent.length ? points : null;
      },
      {
        withinMs: 10_000,
        what: () =>
          `the readings of ${metric} are stored; sent ${JSON.stringify(sent)}, stored ${JSON.stringify(seen)}`,
      },
    );
    expect(stored).toEqual(sent);
  }
  await server.stop();
});

async function rawPoints(
  server: RunningServer,
  ci: string,
  metric: string,
  fromMs: number,
  toMs: number,
): Promise<[number, number][]> {
  const iso = (ms: number) => new Date(ms).toISOString();
  const query = new URLSearchParams({ ci, metric, from: iso(fromMs), to: iso(toMs + 1), points: '500' });
  const { series } = await server.api<{ series: { tier: string; points: [number, number][] }[] }>(
    'GET',
    `/metrics/range?${query.toString()}`,
  );
  return series[0]?.points ?? [];
}
