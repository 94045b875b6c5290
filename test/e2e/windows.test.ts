/** The Windows service and the agent under Wine, with a real server: as much of Windows as can be had without one. */
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { bundleAgent } from '@muster/server/install/bundle-agent.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CRASHES, HANGS } from './broken-release.ts';
import {
  cleanUp,
  figure,
  freePort,
  type RunningServer,
  startServer,
  temporaryFolder,
  until,
} from './harness.ts';
import { RELEASE_CACHE } from './release-cache.ts';
import { textOf, wineObstacle } from './wine.ts';
import { INSTALL, installInWine, type WineAgent } from './wine-agent.ts';

/** Everything else it leaves to the agent. */
const TELLS_WHAT_IS_ASKED = `
import { writeFileSync } from 'node:fs';
if (process.argv.includes('--pending')) writeFileSync(new URL('asked', import.meta.url), process.argv.slice(2).join(' '));
else await import('./agent-itself.mjs');
`;

const obstacle = wineObstacle();
if (obstacle !== null) console.log(`muster: the Windows test is skipped: ${obstacle}`);

describe.skipIf(obstacle !== null)('the Windows service under Wine', () => {
  let server: RunningServer;
  let agent: WineAgent;
  let port: number;
  let dataDir: string;
  let token: string;
  const inInstall = (name: string) => agent.inInstall(name);
  const inData = (name: string) => agent.inData(name);
  const log = () => agent.log();
  const status = () => agent.status();
  const config = () => textOf(agent.inState('config.json'));

  beforeAll(async () => {
    const { script } = await bundleAgent(RELEASE_CACHE, null);
    agent = await installInWine(script, () => server);
    port = await freePort();
    dataDir = temporaryFolder('server');
    server = await startServer({ port, dataDir });
    ({ token } = server);
  }, 300_000);

  afterAll(async () => {
    await agent?.wine.end();
    await cleanUp();
  });

  test('[WI2] it is started by the service manager, enrols, and is asked of nothing but what it says', {
    timeout: 180_000,
  }, async () => {
    await agent.configure();
    const startedMs = Date.now();
    await agent.start();
    await agent.connected(startedMs);
    figure('Windows service under Wine, start to connected', (Date.now() - startedMs) / 1_000, 's');
    expect(await agent.listed()).toHaveLength(1);
    expect(log()).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z muster-agent: agent [0-9a-f]{32} /);
  });

  test('[WI3] what it measures while the server is away is sent afterwards', {
    timeout: 180_000,
  }, async () => {
    await server.stop();
    await until(() => (status()?.spool.depth ?? 0) > 0 && status()?.link.state !== 'online', {
      withinMs: 60_000,
      what: () => `something waits in the spool:\n${JSON.stringify(status())}`,
    });
    const awayMs = Date.now();
    server = await startServer({ port, dataDir, token });
    await until(() => status()?.spool.depth === 0 && (status()?.ackedAtMs ?? 0) > awayMs, {
      // Its pauses between attempts have grown meanwhile.
      withinMs: 90_000,
      what: () => `the spool is empty again:\n${JSON.stringify(status())}`,
    });
  });

  test('[WI5] a stop is told to the server, and leaves no process behind', { timeout: 180_000 }, async () => {
    const [listed] = await agent.listed();
    await agent.stop();
    const ci = await until(
      async () => {
        const found = await server.api<{ presence: string; cause: string | null }>(
          'GET',
          `/cis/${listed?.ciId}`,
        );
        return found.cause === 'agent-stopped' ? found : null;
      },
      { withinMs: 10_000, what: 'the server knows why' },
    );
    expect(ci).toMatchObject({ presence: 'unknown', cause: 'agent-stopped' });
    expect((await agent.wine.run('tasklist')).output).not.toContain('node.exe');
  });

  test('[WI2] [WI9] with the next start it is the same agent, and the token that was used is forgotten', {
    timeout: 180_000,
  }, async () => {
    const [first] = await agent.listed();
    expect(config()).toContain('"token"');
    const startedMs = Date.now();
    await agent.start();
    await agent.connected(startedMs);
    expect((await agent.listed()).map(({ id }) => id)).toEqual([first?.id]);
    expect(config()).not.toContain('"token"');
    expect(JSON.parse(config())).toMatchObject({ server: `ws://127.0.0.1:${port}`, tls: 'none' });
  });

  test('[WI2] switched off and on again it is there before anybody signs in, as the same agent', {
    timeout: 180_000,
  }, async () => {
    const [first] = await agent.listed();
    const switchedOnMs = Date.now();
    await agent.wine.restart();
    await agent.connected(switchedOnMs);
    expect(await agent.listed()).toMatchObject([{ id: first?.id, connected: true }]);
  });

  test('[WI4] an agent that dies is started again', { timeout: 180_000 }, async () => {
    const died = status()?.pid;
    const diedMs = Date.now();
    expect((await agent.wine.run('taskkill', '/F', '/PID', String(died))).status).toBe(0);
    await agent.connected(diedMs);
    expect(status()?.pid).not.toBe(died);
    expect(log()).toMatch(/muster-agent-service: the agent ended with code \d+\r\n/);
  });

  /** As an upgrade leaves it: the version before is kept, the new one is in place, on trial. */
  function putOnTrial(serial: number, script: string, seconds: number): void {
    mkdirSync(inInstall('previous'), { recursive: true });
    for (const name of ['agent.mjs', 'release.json']) {
      if (existsSync(inInstall(name))) copyFileSync(inInstall(name), inInstall(`previous/${name}`));
      else writeFileSync(inInstall(`previous/${name}`), '');
    }
    writeFileSync(inInstall('trial'), `serial=${serial}\nseconds=${seconds}\nstarts=0\n`);
    writeFileSync(inInstall('agent.mjs'), script);
    writeFileSync(inInstall('release.json'), JSON.stringify({ serial, version: `${serial}.0` }));
  }

  test.each([
    ['crashes', 2, CRASHES, 300, 'it was started 3 times and ended each time before it was connected'],
    ['hangs', 3, HANGS, 3, 'it did not connect within 3 s'],
  ])(
    '[WI8] a version on trial that %s is taken back, and the one before it is there again',
    {
      timeout: 180_000,
    },
    async (_what, serial, script, seconds, why) => {
      await agent.stop();
      const good = textOf(inInstall('agent.mjs'));
      putOnTrial(serial, script, seconds);
      const startedMs = Date.now();
      await agent.start();
      await until(() => !existsSync(inInstall('trial')), {
        withinMs: 60_000,
        what: () => `the version before is back:\n${log()}`,
      });
      await agent.connected(startedMs);
      expect(textOf(inInstall('agent.mjs'))).toBe(good);
      expect(textOf(inInstall('release.json'))).toBe('');
      expect(existsSync(inInstall('previous'))).toBe(false);
      expect(textOf(inInstall('taken-back'))).toBe(
        `serial=${serial}\nseconds=${seconds}\nstarts=${serial === 2 ? 3 : 1}\nwhy=${why}\n`,
      );
      expect(log()).toContain(`release number ${serial} is taken back: ${why}`);
    },
  );

  test('[WI8] notes about a trial that are damaged never count as well', { timeout: 180_000 }, async () => {
    await agent.stop();
    putOnTrial(4, CRASHES, 300);
    writeFileSync(inInstall('trial'), 'serial=4\nsec');
    const startedMs = Date.now();
    await agent.start();
    await agent.connected(startedMs);
    expect(textOf(inInstall('taken-back'))).toBe(
      'serial=4\nsec\nwhy=the notes about its trial are damaged\n',
    );
  });

  test('[WI8] a version on trial that connects stays', { timeout: 180_000 }, async () => {
    await agent.stop();
    const script = `${textOf(inInstall('agent.mjs'))}\n// the next one\n`;
    putOnTrial(5, script, 300);
    const startedMs = Date.now();
    await agent.start();
    await agent.connected(startedMs);
    await until(() => textOf(inData('upgrade-confirmed')) === '5\n', {
      withinMs: 10_000,
      what: 'it says so',
    });
    await agent.stop();
    const againMs = Date.now();
    await agent.start();
    await agent.connected(againMs);
    for (const name of ['trial', 'taken-back']) expect(existsSync(inInstall(name))).toBe(false);
    expect(textOf(inInstall('agent.mjs'))).toBe(script);
  });

  test('[WI8] what the agent has asked for is settled by the second service before it starts', {
    timeout: 180_000,
  }, async () => {
    await agent.stop();
    copyFileSync(inInstall('agent.mjs'), inInstall('agent-itself.mjs'));
    writeFileSync(inInstall('agent.mjs'), TELLS_WHAT_IS_ASKED);
    writeFileSync(inData('upgrade-ready'), 'serial=6\nseconds=60\n');
    const startedMs = Date.now();
    await agent.start();
    await agent.connected(startedMs);
    expect(textOf(inInstall('asked'))).toBe(
      `upgrade --pending --data-dir ${agent.dataDir} --install-dir ${INSTALL}`,
    );
    expect(existsSync(inData('upgrade-ready'))).toBe(false);
    expect(existsSync(inInstall('node-upgrade.exe'))).toBe(false);
  });

  test('[WI4] a log that has grown is emptied, and what was in it is kept once', {
    timeout: 180_000,
  }, async () => {
    await agent.stop();
    writeFileSync(inData('agent.log'), 'x'.repeat(4 << 20));
    const startedMs = Date.now();
    await agent.start();
    await agent.connected(startedMs);
    expect(textOf(inData('agent.log.1'))).toHaveLength(4 << 20);
    expect(log().length).toBeLessThan(10_000);
    await agent.stop();
    rmSync(inData('agent.log.1'));
  });

  test('[WI7] a copy whose image was not generalised has the MachineGuid and another system UUID: it becomes an agent of its own', {
    timeout: 180_000,
  }, async () => {
    const setUuid = async (uuid: string) => {
      const key = 'HKLM\\System\\HardwareConfig';
      const set = await agent.wine.run('reg', 'add', key, '/v', 'LastConfig', '/d', `{${uuid}}`, '/f');
      expect(set).toMatchObject({ status: 0 });
    };
    const [first] = await agent.listed();
    // Wine names none, and what could not be read once proves nothing later.
    await setUuid('0f8fad5b-d9cb-469f-a165-70867728950e');
    const seenMs = Date.now();
    await agent.start();
    await agent.connected(seenMs);
    expect(await agent.listed()).toMatchObject([{ id: first?.id }]);
    await agent.stop();
    await setUuid('7c9e6679-7425-40de-944b-e07fc1f90ae7');
    await agent.start();
    await until(() => log().includes('this is another machine than the one the key was made on'), {
      withinMs: 60_000,
      what: () => `it notices:\n${log()}`,
    });
    await agent.stop();
    // The token of the machine that it was copied from was used there.
    await agent.configure();
    await agent.start();
    const second = await until(
      async () => (await agent.listed()).find(({ id, connected }) => id !== first?.id && connected),
      { withinMs: 60_000, what: () => `another agent is connected:\n${log()}` },
    );
    expect(new Set((await agent.listed()).map(({ id }) => id))).toEqual(new Set([first?.id, second.id]));
    await agent.stop();
  });
});
