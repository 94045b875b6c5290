/**
 * Releases go out from a real server to 200 simulated agents, ring by ring: one that goes through, and one that fails in its last ring,
 * stops by itself and is taken back, over a kill of the server in between.
 */
import { join } from 'node:path';
import { webSocketOpener } from '@muster/agent/socket.ts';
import { systemTimers } from '@muster/agent/timers.ts';
import { testKey, testRelease } from '@muster/server/releases/testing.ts';
import type { Agent } from '@muster/shared/api/fleet.ts';
import type { Rollout, RolloutAgent } from '@muster/shared/api/rollouts.ts';
import { afterAll, expect, test } from 'vitest';
import { SimAgent } from '../sim/sim-agent.ts';
import type { UpgradeFate } from '../sim/sim-upgrade.ts';
import {
  cleanUp,
  enrolmentToken,
  figure,
  muster,
  type RunningServer,
  startServer,
  temporaryFolder,
  until,
} from './harness.ts';

const AGENTS = 200;
const TICK_MS = 2_000;
/** After a server was away agents come back with a back-off of up to a minute. */
const RECONNECT_MS_MAX = 90_000;
const SEED = 20261122;
const GATE = { failedPercentMax: 2, watchMinutes: 1 };

const fleet: SimAgent[] = [];
const stops: (() => void)[] = [];
afterAll(async () => {
  for (const stop of stops) stop();
  for (const agent of fleet) agent.close();
  await cleanUp();
});

interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

async function everything<T>(server: RunningServer, path: string): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const from: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: Page<T> = await server.api('GET', `${path}?limit=500${from}`);
    all.push(...page.items);
    cursor = page.nextCursor;
  }
  return all;
}

function startFleet(
  server: RunningServer,
  tokens: readonly string[],
  key: { text: string; development: boolean },
  fate: (agent: SimAgent, site: number) => UpgradeFate,
): void {
  for (let index = 0; index < AGENTS; index++) {
    const agent: SimAgent = new SimAgent({
      seed: SEED,
      index,
      open: webSocketOpener({
        url: `${server.url.replace(/^http/, 'ws')}/ws/agent`,
        tls: 'none',
        tlsPin: null,
        ca: null,
        proxy: null,
        userAgent: 'muster-sim',
      }),
      serverKey: null,
      token: tokens[index % tokens.length] ?? '',
      spoolPath: ':memory:',
      faults: [],
      seriesMin: 0,
      upgrades: {
        key: key.text,
        development: key.development,
        serial: 1,
        downloadMs: 400,
        trialMs: 1_500,
        fate: () => fate(agent, index % tokens.length),
      },
      nowMs: () => Date.now(),
      elapsedMs: () => performance.now(),
      timers: systemTimers,
      onProduced: () => {},
      onStatus: () => {},
    });
    fleet.push(agent);
    agent.start();
  }
  const ticks = setInterval(() => {
    for (const agent of fleet) agent.tick(Date.now());
  }, TICK_MS);
  stops.push(() => clearInterval(ticks));
}

const serials = () => fleet.map(({ serial }) => serial);
const states = ({ rings }: Rollout) => rings.map(({ state }) => state);

/** Waits until the ring of this place is watched, and ends the watching. */
async function promote(server: () => RunningServer, id: string, ring: number): Promise<void> {
  const rollout = () => server().api<Rollout>('GET', `/rollouts/${id}`);
  let last: Rollout | null = null;
  await until(
    async () => {
      last = await rollout();
      return last.rings[ring]?.state === 'watching';
    },
    {
      withinMs: RECONNECT_MS_MAX,
      what: () => `ring ${ring} is through: ${JSON.stringify(last)}`,
      everyMs: 250,
    },
  );
  await server().api('POST', `/rollouts/${id}/transitions`, { to: 'promoted' });
}

test('[RO4] [RO5] [RO6] [RO8] [RO19] [RO31] 200 agents: a release goes through its rings; a second one fails in the last, stops, and all are back', async () => {
  const keys = temporaryFolder('release-keys');
  const key = testKey(keys);
  const env = { MUSTER_RELEASE_KEY: `${key.file}.pub` };
  let server = await startServer({ env });
  for (const serial of [2, 3]) {
    const folder = join(keys, `release-${serial}`);
    await testRelease(folder, key, serial);
    expect(muster(['release', 'add', folder], { ...env, MUSTER_DATA_DIR: server.dataDir })).toContain(
      `1.${serial}`,
    );
  }
  const releases = () => server.api<Page<{ serial: number }>>('GET', '/releases');
  await until(async () => (await releases()).items.map(({ serial }) => serial).join() === '3,2', {
    withinMs: 10_000,
    what: 'the server has found them',
  });
  const tokens = [
    await enrolmentToken(server, { usesMax: AGENTS, site: 'Berlin' }),
    await enrolmentToken(server, { usesMax: AGENTS, site: 'Wien' }),
  ];
  const broken = new Set<string>();
  /** Agents that loaded at one moment, in all and on one site. */
  const most = { inAll: 0, onSite: 0 };
  startFleet(server, tokens, key.publicKey, (agent, site) => {
    const loading = fleet.flatMap((one, i) => (one === agent || one.isLoading ? [i % tokens.length] : []));
    most.inAll = Math.max(most.inAll, loading.length);
    most.onSite = Math.max(most.onSite, loading.filter((other) => other === site).length);
    return broken.has(agent.machine.hostname) ? 'broken' : 'good';
  });
  await until(() => fleet.every(({ online }) => online), {
    withinMs: RECONNECT_MS_MAX,
    what: 'all are connected',
  });
  await until(async () => (await everything<Agent>(server, '/agents')).every(({ ciId }) => ciId !== null), {
    withinMs: RECONNECT_MS_MAX,
    what: 'all machines are known',
  });

  const part = await fetch(`${server.url}/install/releases/2/agent.mjs`, { headers: { range: 'bytes=0-6' } });
  expect([part.status, await part.text()]).toEqual([206, 'console']);

  const [pinned] = await everything<Agent>(server, '/agents');
  await server.api('PUT', `/agents/${pinned?.id}/pin`, { pinned: true });
  const pace = { atOnceMax: 45, perSiteMax: 25 };
  const wish = { gate: GATE, pace, pilotCount: 6, trialMinutes: 1 };
  const preview = await server.api<Pick<Rollout, 'rings' | 'skipped'>>('POST', '/rollouts/preview', {
    serial: 2,
    ...wish,
  });
  expect(preview.rings.map(({ agents }) => agents)).toEqual([6, 20, 173]);
  expect(preview.skipped).toEqual([{ reason: 'pinned', agents: 1, examples: [expect.any(String)] }]);

  const startedMs = performance.now();
  const first = await server.api<Rollout>('POST', '/rollouts', { serial: 2, ...wish });
  await expect(server.api('POST', '/rollouts', { serial: 3, ...wish })).rejects.toThrow('rollout-active');
  await expect(server.api('DELETE', '/releases/2')).rejects.toThrow('release-in-use');
  for (const ring of [0, 1, 2]) await promote(() => server, first.id, ring);
  await until(async () => (await server.api<Rollout>('GET', `/rollouts/${first.id}`)).state === 'done', {
    withinMs: 10_000,
    what: 'the first rollout is done',
  });
  figure('199 agents in three rings upgraded in', (performance.now() - startedMs) / 1_000, 's');
  expect(serials().filter((serial) => serial === 2)).toHaveLength(AGENTS - 1);
  await until(
    async () => (await everything<Agent>(server, '/agents')).every(({ release }) => !release?.onTrial),
    { withinMs: 10_000, what: 'no trial is left over' },
  );
  const kept = await server.api<Agent>('GET', `/agents/${pinned?.id}`);
  expect(kept.release).toMatchObject({ serial: 1, pinned: true });
  await server.api('PUT', `/agents/${pinned?.id}/pin`, { pinned: false });

  const second = await server.api<Rollout>('POST', '/rollouts', { serial: 3, ...wish });
  const members = await everything<RolloutAgent>(server, `/rollouts/${second.id}/agents`);
  const last = members.filter(({ ring }) => ring === 'all');
  for (const { name } of last.filter((_, i) => i % 5 === 0)) broken.add(name);
  await promote(() => server, second.id, 0);
  await server.kill();
  server = await startServer({ dataDir: server.dataDir, port: server.port, token: server.token, env });
  await promote(() => server, second.id, 1);
  let rollout = second;
  await until(
    async () => {
      rollout = await server.api<Rollout>('GET', `/rollouts/${second.id}`);
      return rollout.state === 'rolled-back';
    },
    { withinMs: RECONNECT_MS_MAX, what: () => `it is rolled back: ${JSON.stringify(rollout)}`, everyMs: 250 },
  );
  expect(states(rollout)).toEqual(['passed', 'passed', 'failed']);
  expect(rollout.reason?.en).toContain('the last ring failed');
  const ended = rollout.rings[2]?.counts ?? {};
  expect(ended['taken-back']).toBeGreaterThan(0);
  expect(ended.waiting).toBeGreaterThan(0);
  await until(() => serials().every((serial) => serial === 2 || serial === 1), {
    withinMs: RECONNECT_MS_MAX,
    what: () => `all are back: ${serials().join(' ')}`,
  });
  expect(serials().filter((serial) => serial === 1)).toHaveLength(1);
  figure('agents that loaded at once', most.inAll, '');
  // More than a ring of pilots, so that it was the pace that held them.
  expect(most.inAll).toBeGreaterThan(20);
  expect(most.inAll).toBeLessThanOrEqual(pace.atOnceMax);
  expect(most.onSite).toBeLessThanOrEqual(pace.perSiteMax);
  await until(
    async () =>
      (await everything<Agent>(server, '/agents')).every(({ release }) => (release?.serial ?? 9) <= 2),
    {
      withinMs: RECONNECT_MS_MAX,
      what: 'the server knows that all are back',
    },
  );
  const findings = () =>
    server.api<Page<{ title: { en: string }; incidentRef: string | null }>>(
      'GET',
      '/findings?kind=rollout-failed',
    );
  expect((await findings()).items.map(({ title }) => title.en)).toEqual([
    expect.stringContaining('The rollout of 1.3 failed'),
  ]);
  const ref = await until(async () => (await findings()).items[0]?.incidentRef, {
    withinMs: 10_000,
    what: 'it has opened an incident',
  });
  expect(await server.api('GET', `/incidents/${ref}`)).toMatchObject({
    state: 'new',
    title: { en: expect.stringContaining('The rollout of 1.3 failed') },
  });
}, 300_000);
