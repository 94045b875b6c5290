/** Releases on a Linux of its own: made and signed by the command, gone over to by hand, and left again when they do not connect. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Agent } from '@muster/shared/api/fleet.ts';
import type { Rollout, RolloutAgent } from '@muster/shared/api/rollouts.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CRASHES, HANGS, makeBrokenRelease } from './broken-release.ts';
import {
  cleanUp,
  figure,
  muster,
  type RunningServer,
  startServer,
  temporaryFolder,
  until,
} from './harness.ts';
import { type Inside, makeLinuxTree, startInside, treeObstacle } from './linux-tree.ts';
import { CACHE_HOME } from './release-cache.ts';

const obstacle = treeObstacle();
if (obstacle !== null) console.log(`muster: the upgrade test is skipped: ${obstacle}`);

const ENDED =
  'it was started 3 times and ended each time before it was connected, last with exit code 1 (Error: a broken build)';

describe.skipIf(obstacle !== null)('going over to a release', () => {
  let server: RunningServer;
  let inside: Inside;
  let tree: string;
  let key: string;
  const inTree = (path: string) => join(tree, path);

  beforeAll(async () => {
    tree = join(temporaryFolder('tree'), 'root');
    makeLinuxTree(tree, { more: ['curl', 'passwd', 'login', 'mawk', 'mount'], without: ['systemd'] });
    inside = await startInside(tree);
    key = join(temporaryFolder('key'), 'release.key');
    muster(['release', 'keygen', key, '--development'], {});
    server = await startServer({ env: { MUSTER_RELEASE_KEY: `${key}.pub` } });
    const { install } = await server.api<{ install: { linux: string } }>('POST', '/enrolment-tokens', {});
    const { status, output } = await inside.run(install.linux);
    expect([status, output]).toEqual([0, expect.stringContaining('enrolled, visible at')]);
    await shortenPauses();
  }, 120_000);

  afterAll(async () => {
    await inside?.end();
    await cleanUp();
  });

  /** Of the supervisor, between the starts of what crashes: 35 s become 7 s. */
  async function shortenPauses(): Promise<void> {
    const path = inTree('opt/muster-agent/supervise');
    const script = readFileSync(path, 'utf8');
    expect(script).toContain('\nPAUSE_S_MIN=5\n');
    writeFileSync(path, script.replace('\nPAUSE_S_MIN=5\n', '\nPAUSE_S_MIN=1\n'));
    expect((await inside.run('muster-agent stop && muster-agent start')).status).toBe(0);
  }

  const agent = async () => {
    const { items } = await server.api<{ items: { connected: boolean; id: string }[] }>('GET', '/agents');
    return items;
  };

  /** A release of the sources as they are, in the tree. */
  function build(serial: number, version: string): string {
    const folder = inTree(`root/release-${serial}`);
    const number = ['--serial', String(serial), '--version', version, '--platform', 'linux-x64'];
    const env = { XDG_CACHE_HOME: CACHE_HOME };
    muster(['release', 'build', folder, '--key', `${key}.pub`, ...number], env);
    return folder;
  }

  /** The same release with another script and number. */
  async function broken(from: string, serial: number, script: string): Promise<string> {
    await makeBrokenRelease({ from, to: inTree(`root/release-${serial}`), serial, script, key });
    return `/root/release-${serial}`;
  }

  test('[RL4] [RL5] [RL10] a signed release is gone over to, keeps the identity, and says what it is', {
    timeout: 120_000,
  }, async () => {
    const [first] = await agent();
    const folder = build(2, '2.0.0-test');
    expect((await inside.run('muster-agent upgrade /root/release-2')).output).toContain(
      'release.sig is missing: the release is not signed',
    );
    muster(['release', 'sign', folder, '--key', key], {});
    expect(muster(['release', 'verify', folder, '--key', `${key}.pub`], {})).toContain(
      'all as they were signed',
    );
    const startedMs = performance.now();
    const { status, output } = await inside.run('muster-agent upgrade /root/release-2');
    figure('upgrade to a signed release, to connected', (performance.now() - startedMs) / 1_000, 's');
    expect([status, output]).toEqual([
      0,
      expect.stringContaining('release 2.0.0-test runs and is connected'),
    ]);
    expect((await agent()).map(({ id }) => id)).toEqual([first?.id]);
    expect((await inside.run('muster-agent version')).output).toBe('2.0.0-test\n');
    expect((await inside.run('muster-agent status')).output).toContain(
      'upgrades    development build; takes',
    );
  });

  test('[RL11] the same again, an older one and a changed one are refused, and it runs on', {
    timeout: 60_000,
  }, async () => {
    const again = await inside.run('muster-agent upgrade /root/release-2');
    expect(again.output).not.toContain('    at ');
    expect([again.status, again.output]).toEqual([1, expect.stringContaining('only a higher one is taken')]);
    const older = await inside.run(
      `muster-agent upgrade ${await broken(inTree('root/release-2'), 1, CRASHES)}`,
    );
    expect([older.status, older.output]).toEqual([
      1,
      expect.stringContaining('broken-1 has number 1, and number 2 is installed: only a higher one is taken'),
    ]);
    expect((await inside.run('muster-agent version')).output).toBe('2.0.0-test\n');
    const folder = await broken(inTree('root/release-2'), 3, CRASHES);
    writeFileSync(inTree('root/release-3/agent.mjs'), `${CRASHES} `);
    const changed = await inside.run(`muster-agent upgrade ${folder}`);
    expect([changed.status, changed.output]).toEqual([
      1,
      expect.stringContaining('longer than its manifest says'),
    ]);
    expect((await agent())[0]?.connected).toBe(true);
    expect(existsSync(inTree('opt/muster-agent/trial'))).toBe(false);
  });

  test.each([
    ['hangs', 4, HANGS, 'it did not connect within 3 s'],
    ['crashes', 5, CRASHES, ENDED],
  ])(
    '[RL12] a release that %s is taken back, and the version before it is there again',
    {
      timeout: 120_000,
    },
    async (_what, serial, script, why) => {
      const folder = await broken(inTree('root/release-2'), serial, script);
      const { status, output } = await inside.run(`muster-agent upgrade ${folder} ${serial === 4 ? 3 : 300}`);
      expect([status, output]).toEqual([1, expect.stringContaining(`was taken back: ${why}`)]);
      await until(async () => (await agent())[0]?.connected, {
        withinMs: 15_000,
        what: 'the version before is back',
      });
      expect((await inside.run('muster-agent version')).output).toBe('2.0.0-test\n');
    },
  );

  test('[RL12] a release after one that was taken back is taken like others', {
    timeout: 120_000,
  }, async () => {
    muster(['release', 'sign', build(6, '2.1.0-test'), '--key', key], {});
    const { status, output } = await inside.run('muster-agent upgrade /root/release-6');
    expect([status, output]).toEqual([
      0,
      expect.stringContaining('release 2.1.0-test runs and is connected'),
    ]);
  });

  function addRelease(folder: string): void {
    muster(['release', 'add', folder], {
      MUSTER_DATA_DIR: server.dataDir,
      MUSTER_RELEASE_KEY: `${key}.pub`,
    });
  }

  /** Gives a release to the server and has it go out to the one agent there is. */
  async function rollOut(folder: string, serial: number): Promise<string> {
    addRelease(folder);
    return startRollout(serial);
  }

  async function startRollout(serial: number): Promise<string> {
    // The build has kept this process from everything else, its connections included.
    await until(async () => (await agent()).length > 0, { withinMs: 10_000, what: 'the server answers' });
    const wanted = { serial, pilotCount: 1, trialMinutes: 1, gate: { watchMinutes: 1 } };
    return (await server.api<Rollout>('POST', '/rollouts', wanted)).id;
  }
  const rollout = (id: string) => server.api<Rollout>('GET', `/rollouts/${id}`);
  const release = async () =>
    (await server.api<{ items: Agent[] }>('GET', '/agents')).items[0]?.release ?? null;
  const move = (id: string, to: string) => server.api('POST', `/rollouts/${id}/transitions`, { to });

  test("[RL21] [RL23] [RO4] [AT121] at the server's word it loads the release, goes over to it and confirms it, and leaves nothing that was loaded", {
    timeout: 120_000,
  }, async () => {
    const folder = build(7, '3.0.0-test');
    muster(['release', 'sign', folder, '--key', key], {});
    const startedMs = performance.now();
    const id = await rollOut(folder, 7);
    await until(async () => (await rollout(id)).rings[0]?.counts.done === 1, {
      withinMs: 90_000,
      what: 'the upgrade is confirmed',
    });
    figure('rollout begun to the new version confirmed', (performance.now() - startedMs) / 1_000, 's');
    const trialOver = { serial: 7, onTrial: false, takenBack: null };
    await until(async () => (await release())?.onTrial === false, {
      withinMs: 15_000,
      what: 'the server knows that the trial is over',
    });
    expect(await release()).toMatchObject(trialOver);
    const status = await inside.run('muster-agent status');
    expect([status.status, status.output]).toEqual([0, expect.stringContaining('connected')]);
    expect(status.output).toContain('(version 3.0.0-test, release 7)');
    expect(status.output).not.toContain('on trial');
    expect((await inside.run('muster-agent log')).output).toContain('release number 7 is confirmed');
    expect((await inside.run('muster-agent version')).output).toBe('3.0.0-test\n');
    await until(() => !existsSync(inTree('var/lib/muster-agent/upgrade')), {
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

  test('[RL12] [RL23] [RO5] a broken release that goes out is taken back by the machine, and the rollout stops with the reason', {
    timeout: 240_000,
  }, async () => {
    await broken(inTree('root/release-2'), 8, CRASHES);
    const id = await rollOut(inTree('root/release-8'), 8);
    await until(async () => (await rollout(id)).state === 'rolled-back', {
      withinMs: 200_000,
      what: 'the rollout has stopped',
      everyMs: 1_000,
    });
    expect(await release()).toMatchObject({
      serial: 7,
      takenBack: { serial: 8, why: ENDED },
    });
    expect((await agent())[0]?.connected).toBe(true);
    const { items } = await server.api<{ items: RolloutAgent[] }>('GET', `/rollouts/${id}/agents`);
    expect(items).toMatchObject([{ state: 'taken-back', detail: ENDED }]);
  });

  test("[RL24] [RO9] what was confirmed is left again at the server's word, for what was there before", {
    timeout: 120_000,
  }, async () => {
    const folder = build(9, '4.0.0-test');
    muster(['release', 'sign', folder, '--key', key], {});
    const id = await rollOut(folder, 9);
    await until(async () => (await rollout(id)).rings[0]?.counts.done === 1, {
      withinMs: 60_000,
      what: 'number 9 is confirmed',
    });
    await move(id, 'rolling-back');
    await until(async () => (await rollout(id)).state === 'rolled-back', {
      withinMs: 60_000,
      what: 'number 7 is back',
    });
    expect(await release()).toMatchObject({
      serial: 7,
      takenBack: { serial: 9, why: 'the server asked for the version before it' },
    });
    expect((await inside.run('muster-agent version')).output).toBe('3.0.0-test\n');
  });

  test('[RL22] [RO33] a byte that was changed in what the server hands out: the agent takes nothing, says so and runs on; as it was signed, it takes it', {
    timeout: 120_000,
  }, async () => {
    const script = readFileSync(inTree('root/release-2/agent.mjs'), 'utf8');
    await broken(inTree('root/release-2'), 10, `${script}\n`);
    addRelease(inTree('root/release-10'));
    const served = join(server.dataDir, 'releases/10/agent.mjs');
    const right = readFileSync(served);
    const changed = Buffer.from(right);
    changed[right.length >> 1] = (right[right.length >> 1] ?? 0) ^ 1;
    writeFileSync(served, changed);
    const id = await startRollout(10);
    const why = 'agent.mjs is not what its signature says';
    await until(
      async () => {
        const { items } = await server.api<{ items: RolloutAgent[] }>('GET', `/rollouts/${id}/agents`);
        return items[0]?.state === 'downloading' && items[0].detail === why;
      },
      { withinMs: 60_000, what: 'the agent says why' },
    );
    expect(readFileSync(inTree('var/log/muster-agent.log'), 'utf8')).toContain(why);
    expect((await inside.run('muster-agent version')).output).toBe('3.0.0-test\n');
    expect((await agent())[0]?.connected).toBe(true);
    expect(existsSync(inTree('var/lib/muster-agent/upgrade-ready'))).toBe(false);
    expect(await release()).toMatchObject({ serial: 7, onTrial: false });

    writeFileSync(served, right);
    await until(async () => (await rollout(id)).rings[0]?.counts.done === 1, {
      withinMs: 60_000,
      what: 'what was signed is taken',
    });
    expect(await release()).toMatchObject({ serial: 10 });
  });

  test('[AT120] [IS60] soon after upgrades and the ways back nothing holds the user, and uninstalling leaves no process', {
    timeout: 60_000,
  }, async () => {
    const removed = await inside.run('muster-agent uninstall');
    expect([removed.status, removed.output]).toEqual([0, expect.stringContaining('the agent is removed.')]);
    const left = await inside.run('grep -l opt/muster-agen[t] /proc/[0-9]*/cmdline 2>/dev/null');
    expect(left.output).toBe('');
    expect(readFileSync(inTree('etc/passwd'), 'utf8')).not.toContain('muster-agent');
  });
});
