/** A signed release for Windows that goes out over the connection, under Wine: agent and Node are replaced, confirmed, taken back. */
import { appendFileSync, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bundleAgent } from '@muster/server/install/bundle-agent.ts';
import { buildRelease } from '@muster/server/release/build.ts';
import { signRelease } from '@muster/server/release/folder.ts';
import { makeReleaseKey, readPrivateReleaseKey } from '@muster/server/release/keys.ts';
import type { Agent } from '@muster/shared/api/fleet.ts';
import type { Rollout, RolloutAgent } from '@muster/shared/api/rollouts.ts';
import type { PublicReleaseKey } from '@muster/shared/release/key.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CRASHES, makeBrokenRelease } from './broken-release.ts';
import {
  cleanUp,
  figure,
  muster,
  type RunningServer,
  startServer,
  temporaryFolder,
  until,
} from './harness.ts';
import { RELEASE_CACHE } from './release-cache.ts';
import { nodeForWine, textOf, wineObstacle } from './wine.ts';
import { installInWine, type WineAgent } from './wine-agent.ts';

const obstacle = wineObstacle();
if (obstacle !== null) console.log(`muster: the upgrade of Windows is skipped: ${obstacle}`);

/** Behind the end of a program, where nothing of it is read: another Node to whoever compares it. */
const ANOTHER_NODE = 'another Node';
const ENDED = 'it was started 3 times and ended each time before it was connected';

describe.skipIf(obstacle !== null)('a release that goes out to Windows', () => {
  let server: RunningServer;
  let agent: WineAgent;
  let key: string;
  let publicKey: PublicReleaseKey;
  let folder: string;
  const inFolder = (serial: number) => join(folder, `release-${serial}`);

  beforeAll(async () => {
    folder = temporaryFolder('releases');
    key = join(folder, 'release.key');
    publicKey = makeReleaseKey(key, true);
    server = await startServer({ env: { MUSTER_RELEASE_KEY: `${key}.pub` } });
    const { script } = await bundleAgent(RELEASE_CACHE, publicKey);
    agent = await installInWine(script, () => server);
    await agent.configure();
    const startedMs = Date.now();
    await agent.start();
    await agent.connected(startedMs);
    await nodeForWine(join(folder, 'node.exe'));
    appendFileSync(join(folder, 'node.exe'), ANOTHER_NODE);
  }, 300_000);

  afterAll(async () => {
    await agent?.wine.end();
    await cleanUp();
  });

  /** Of the sources as they are, with the Node that Wine can run. */
  async function build(serial: number): Promise<string> {
    await buildRelease({
      folder: inFolder(serial),
      cacheFolder: join(folder, 'cache'),
      serial,
      version: `${serial}.0.0-test`,
      platforms: ['win-x64'],
      packages: false,
      executables: false,
      key: publicKey,
      progress: () => undefined,
      program: async ({ platform, version }) => ({ platform, version, path: join(folder, 'node.exe') }),
    });
    await signRelease(inFolder(serial), readPrivateReleaseKey(key));
    return inFolder(serial);
  }

  async function rollOut(release: string, serial: number): Promise<string> {
    muster(['release', 'add', release], {
      MUSTER_DATA_DIR: server.dataDir,
      MUSTER_RELEASE_KEY: `${key}.pub`,
    });
    // The command has kept this process from its connections, which the server has closed meanwhile.
    await until(() => agent.listed(), { withinMs: 10_000, what: 'the server answers' });
    const wanted = { serial, pilotCount: 1, trialMinutes: 2, gate: { watchMinutes: 1 } };
    return (await server.api<Rollout>('POST', '/rollouts', wanted)).id;
  }
  const rollout = (id: string) => server.api<Rollout>('GET', `/rollouts/${id}`);
  const move = (id: string, to: string) => server.api('POST', `/rollouts/${id}/transitions`, { to });
  const release = async () =>
    (await server.api<{ items: Agent[] }>('GET', '/agents')).items[0]?.release ?? null;
  const confirmed = (id: string) =>
    until(async () => (await rollout(id)).rings[0]?.counts.done === 1, {
      withinMs: 150_000,
      what: () => `the upgrade is confirmed:\n${agent.log()}\n${textOf(agent.inInstall('taken-back'))}`,
      everyMs: 500,
    });

  test('[WI30] agent and Node are loaded, put in place by the second service, tried and confirmed', {
    timeout: 400_000,
  }, async () => {
    const before = await agent.listed();
    const nodeBytes = statSync(agent.inInstall('node.exe')).size;
    const built = await build(2);
    const startedMs = performance.now();
    const id = await rollOut(built, 2);
    await confirmed(id);
    figure('Windows under Wine, rollout begun to confirmed', (performance.now() - startedMs) / 1_000, 's');
    expect(await release()).toMatchObject({ serial: 2, takenBack: null });
    expect(await agent.listed()).toMatchObject([{ id: before[0]?.id, connected: true }]);
    expect(textOf(agent.inInstall('version'))).toBe('2.0.0-test\n');
    expect(statSync(agent.inInstall('node.exe')).size).toBe(nodeBytes + ANOTHER_NODE.length);
    expect(statSync(agent.inInstall('previous/node.exe')).size).toBe(nodeBytes);
    const passing = [agent.inData('upgrade'), agent.inInstall('new'), agent.inInstall('node-upgrade.exe')];
    await until(() => !passing.some((path) => existsSync(path)), {
      withinMs: 10_000,
      what: 'nothing that was loaded is left',
    });
    await until(async () => (await rollout(id)).rings[0]?.state === 'watching', {
      withinMs: 10_000,
      what: 'the ring is watched',
    });
    await move(id, 'promoted');
    await until(async () => (await rollout(id)).state === 'done', { withinMs: 10_000, what: 'it is done' });
  });

  test('[WI30] a broken one is taken back by the machine, and the rollout stops with the reason', {
    timeout: 400_000,
  }, async () => {
    await makeBrokenRelease({ from: inFolder(2), to: inFolder(3), serial: 3, script: CRASHES, key });
    const id = await rollOut(inFolder(3), 3);
    await until(async () => (await rollout(id)).state === 'rolled-back', {
      withinMs: 240_000,
      what: () => `the rollout has stopped:\n${agent.log()}`,
      everyMs: 1_000,
    });
    expect(await release()).toMatchObject({ serial: 2, takenBack: { serial: 3, why: ENDED } });
    expect(await agent.listed()).toMatchObject([{ connected: true }]);
    const { items } = await server.api<{ items: RolloutAgent[] }>('GET', `/rollouts/${id}/agents`);
    expect(items).toMatchObject([{ state: 'taken-back', detail: ENDED }]);
    expect(textOf(agent.inInstall('version'))).toBe('2.0.0-test\n');
    expect(existsSync(agent.inInstall('previous'))).toBe(false);
  });

  test("[WI30] what was confirmed is left again at the server's word, for what was there before", {
    timeout: 400_000,
  }, async () => {
    const id = await rollOut(await build(4), 4);
    await confirmed(id);
    await move(id, 'rolling-back');
    await until(async () => (await rollout(id)).state === 'rolled-back', {
      withinMs: 150_000,
      what: () => `number 2 is back:\n${agent.log()}`,
    });
    expect(await release()).toMatchObject({
      serial: 2,
      takenBack: { serial: 4, why: 'the server asked for the version before it' },
    });
    expect(textOf(agent.inInstall('version'))).toBe('2.0.0-test\n');
  });
});
