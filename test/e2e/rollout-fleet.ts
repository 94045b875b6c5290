/** A real server that keeps signed releases, and simulated agents of one release that go over to others as told. */
import { join } from 'node:path';
import { webSocketOpener } from '@muster/agent/socket.ts';
import { systemTimers } from '@muster/agent/timers.ts';
import { testKey, testRelease } from '@muster/server/releases/testing.ts';
import type { Agent } from '@muster/shared/api/fleet.ts';
import { SimAgent } from '../sim/sim-agent.ts';
import {
  enrolmentToken,
  muster,
  type RunningServer,
  startServer,
  temporaryFolder,
  until,
} from './harness.ts';

const TICK_MS = 2_000;
const SEED = 20261122;
const READY_MS_MAX = 240_000;

export interface RolloutFleet {
  readonly server: RunningServer;
  /** From now on the new version does not prove itself on every fifth agent that has not got it yet. */
  breakEveryFifth(): void;
  stop(): void;
}

/** Ready when every machine is known. `releases`: numbers above 1, which is what the agents have. */
export async function startRolloutFleet(options: {
  readonly agents: number;
  readonly releases: readonly number[];
}): Promise<RolloutFleet> {
  const keys = temporaryFolder('release-keys');
  const key = testKey(keys);
  const env = { MUSTER_RELEASE_KEY: `${key.file}.pub` };
  const server = await startServer({ env });
  for (const serial of options.releases) {
    const folder = join(keys, `release-${serial}`);
    await testRelease(folder, key, serial);
    muster(['release', 'add', folder], { ...env, MUSTER_DATA_DIR: server.dataDir });
  }
  // Adding has kept this process from everything else, its connections included.
  await until(
    async () => {
      const { items } = await server.api<{ items: { serial: number }[] }>('GET', '/releases');
      return items.length === options.releases.length;
    },
    { withinMs: 10_000, what: 'the server has found the releases' },
  );
  const tokens = [
    await enrolmentToken(server, { usesMax: options.agents, site: 'Berlin' }),
    await enrolmentToken(server, { usesMax: options.agents, site: 'Wien' }),
  ];
  let breaks = false;
  const fleet = Array.from({ length: options.agents }, (_none, index) => {
    const agent = new SimAgent({
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
        key: key.publicKey.text,
        development: key.publicKey.development,
        serial: 1,
        downloadMs: 400,
        trialMs: 1_500,
        fate: () => (breaks && index % 5 === 0 ? 'broken' : 'good'),
      },
      nowMs: () => Date.now(),
      elapsedMs: () => performance.now(),
      timers: systemTimers,
      onProduced: () => {},
      onStatus: () => {},
    });
    agent.start();
    return agent;
  });
  const ticks = setInterval(() => {
    for (const agent of fleet) agent.tick(Date.now());
  }, TICK_MS);
  await until(
    async () => {
      const { items } = await server.api<{ items: Agent[] }>('GET', '/agents?limit=500');
      return items.length === options.agents && items.every(({ ciId }) => ciId !== null);
    },
    { withinMs: READY_MS_MAX, what: 'all machines are known', everyMs: 500 },
  );
  return {
    server,
    breakEveryFifth: () => {
      breaks = true;
    },
    stop: () => {
      clearInterval(ticks);
      for (const agent of fleet) agent.close();
    },
  };
}
