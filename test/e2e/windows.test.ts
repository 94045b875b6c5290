/** The Windows service and the agent under Wine, with a real server: as much of Windows as can be had without one. */
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleAgent } from '@muster/server/install/bundle-agent.ts';
import { compileServiceProgram } from '@muster/server/release/service-program.ts';
import { SERVICE_PROGRAM } from '@muster/shared/release/manifest.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  cleanUp,
  figure,
  freePort,
  type RunningServer,
  startServer,
  temporaryFolder,
  until,
} from './harness.ts';
import { nodeForWine, openWine, textOf, type Wine, wineObstacle } from './wine.ts';
import { RELEASE_CACHE } from './release-cache.ts';

interface Agent {
  id: string;
  ciId: string | null;
  connected: boolean;
  hostname: string;
}
interface Status {
  pid: number;
  startedAtMs: number;
  ackedAtMs: number | null;
  link: { state: string };
  spool: { depth: number };
}

const INSTALL = 'C:\\Program Files\\Muster Agent';
const STATE = 'C:\\ProgramData\\Muster Agent';
const SERVICES = { 'muster-agent': 'run', 'muster-agent-prepare': 'prepare' };
const CRASHES = 'throw new Error("a broken build");';
/** Ends nothing and connects nowhere; takes no word either. */
const HANGS = 'setInterval(() => undefined, 1_000);';

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
  let wine: Wine;
  let port: number;
  let dataDir: string;
  let token: string;
  const inInstall = (name: string) => join(wine.drive, 'Program Files/Muster Agent', name);
  const inState = (name: string) => join(wine.drive, 'ProgramData/Muster Agent', name);
  const inData = (name: string) => inState(`data/${name}`);

  beforeAll(async () => {
    wine = await openWine(join(temporaryFolder('wine'), 'prefix'));
    port = await freePort();
    dataDir = temporaryFolder('server');
    server = await startServer({ port, dataDir });
    ({ token } = server);
    for (const folder of [inInstall(''), inData('')]) mkdirSync(folder, { recursive: true });
    await nodeForWine(inInstall('node.exe'));
    const { script } = await bundleAgent(RELEASE_CACHE, null);
    writeFileSync(inInstall('agent.mjs'), script);
    writeFileSync(inInstall(SERVICE_PROGRAM), await compileServiceProgram());
    for (const [name, mode] of Object.entries(SERVICES)) {
      const command = `"${INSTALL}\\${SERVICE_PROGRAM}" ${mode} "${STATE}"`;
      const made = await wine.run('sc', 'create', name, 'binPath=', command, 'start=', 'demand');
      expect(made).toMatchObject({ status: 0 });
    }
  }, 300_000);

  afterAll(async () => {
    await wine?.end();
    await cleanUp();
  });

  const agents = async () => (await server.api<{ items: Agent[] }>('GET', '/agents')).items;
  const log = () => textOf(inData('agent.log'));
  const status = (): Status | null => {
    const text = textOf(inData('status.json'));
    return text === '' ? null : (JSON.parse(text) as Status);
  };
  const isStopped = async () => (await wine.run('sc', 'query', 'muster-agent')).output.includes('STOPPED');
  const control = async (what: 'start' | 'stop') => {
    expect(await wine.run('sc', what, 'muster-agent')).toMatchObject({ status: 0 });
  };
  const start = () => control('start');
  const stop = async () => {
    await control('stop');
    await until(isStopped, { withinMs: 20_000, what: () => `the service is stopped:\n${log()}` });
  };
  const isConnected = (sinceMs: number) =>
    until(
      async () => {
        const now = status();
        return (
          now !== null &&
          now.startedAtMs >= sinceMs &&
          now.ackedAtMs !== null &&
          (await agents())[0]?.connected
        );
      },
      { withinMs: 30_000, what: () => `the agent is connected:\n${log()}` },
    );
  const config = () => textOf(inState('config.json'));

  test('[WI2] it is started by the service manager, enrols, and is asked of nothing but what it says', {
    timeout: 90_000,
  }, async () => {
    const made = await server.api<{ token: string; serverKey: string }>('POST', '/enrolment-tokens', {});
    const settings = {
      server: `ws://127.0.0.1:${port}`,
      serverKey: made.serverKey,
      token: made.token,
      tls: 'none',
      dataDir: `${STATE}\\data`,
    };
    writeFileSync(inState('config.json'), `${JSON.stringify(settings, null, 2)}\n`);
    const startedMs = Date.now();
    await start();
    await isConnected(startedMs);
    figure('Windows service under Wine, start to connected', (Date.now() - startedMs) / 1_000, 's');
    expect(await agents()).toHaveLength(1);
    expect(log()).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z muster-agent: agent [0-9a-f]{32} /);
  });

  test('[WI3] what it measures while the server is away is sent afterwards', {
    timeout: 90_000,
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

  test('[WI5] a stop is told to the server, and leaves no process behind', { timeout: 60_000 }, async () => {
    const [agent] = await agents();
    await stop();
    const ci = await until(
      async () => {
        const found = await server.api<{ presence: string; cause: string | null }>(
          'GET',
          `/cis/${agent?.ciId}`,
        );
        return found.cause === 'agent-stopped' ? found : null;
      },
      { withinMs: 10_000, what: 'the server knows why' },
    );
    expect(ci).toMatchObject({ presence: 'unknown', cause: 'agent-stopped' });
    expect((await wine.run('tasklist')).output).not.toContain('node.exe');
  });

  test('[WI2] [WI9] with the next start it is the same agent, and the token that was used is forgotten', {
    timeout: 60_000,
  }, async () => {
    const [first] = await agents();
    expect(config()).toContain('"token"');
    const startedMs = Date.now();
    await start();
    await isConnected(startedMs);
    expect((await agents()).map(({ id }) => id)).toEqual([first?.id]);
    expect(config()).not.toContain('"token"');
    expect(JSON.parse(config())).toMatchObject({ server: `ws://127.0.0.1:${port}`, tls: 'none' });
  });

  test('[WI4] an agent that dies is started again', { timeout: 60_000 }, async () => {
    const died = status()?.pid;
    const diedMs = Date.now();
    expect((await wine.run('taskkill', '/F', '/PID', String(died))).status).toBe(0);
    await isConnected(diedMs);
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
      timeout: 120_000,
    },
    async (_what, serial, script, seconds, why) => {
      await stop();
      const good = textOf(inInstall('agent.mjs'));
      putOnTrial(serial, script, seconds);
      const startedMs = Date.now();
      await start();
      await until(() => !existsSync(inInstall('trial')), {
        withinMs: 60_000,
        what: () => `the version before is back:\n${log()}`,
      });
      await isConnected(startedMs);
      expect(textOf(inInstall('agent.mjs'))).toBe(good);
      expect(textOf(inInstall('release.json'))).toBe('');
      expect(existsSync(inInstall('previous'))).toBe(false);
      expect(textOf(inInstall('taken-back'))).toBe(
        `serial=${serial}\nseconds=${seconds}\nstarts=${serial === 2 ? 3 : 1}\nwhy=${why}\n`,
      );
      expect(log()).toContain(`release number ${serial} is taken back: ${why}`);
    },
  );

  test('[WI8] notes about a trial that are damaged never count as well', { timeout: 60_000 }, async () => {
    await stop();
    putOnTrial(4, CRASHES, 300);
    writeFileSync(inInstall('trial'), 'serial=4\nsec');
    const startedMs = Date.now();
    await start();
    await isConnected(startedMs);
    expect(textOf(inInstall('taken-back'))).toBe(
      'serial=4\nsec\nwhy=the notes about its trial are damaged\n',
    );
  });

  test('[WI8] a version on trial that connects stays', { timeout: 60_000 }, async () => {
    await stop();
    const script = `${textOf(inInstall('agent.mjs'))}\n// the next one\n`;
    putOnTrial(5, script, 300);
    const startedMs = Date.now();
    await start();
    await isConnected(startedMs);
    await until(() => textOf(inData('upgrade-confirmed')) === '5\n', {
      withinMs: 10_000,
      what: 'it says so',
    });
    await stop();
    const againMs = Date.now();
    await start();
    await isConnected(againMs);
    for (const name of ['trial', 'taken-back']) expect(existsSync(inInstall(name))).toBe(false);
    expect(textOf(inInstall('agent.mjs'))).toBe(script);
  });

  test('[WI8] what the agent has asked for is settled by the second service before it starts', {
    timeout: 90_000,
  }, async () => {
    await stop();
    copyFileSync(inInstall('agent.mjs'), inInstall('agent-itself.mjs'));
    writeFileSync(inInstall('agent.mjs'), TELLS_WHAT_IS_ASKED);
    writeFileSync(inData('upgrade-ready'), 'serial=6\nseconds=60\n');
    const startedMs = Date.now();
    await start();
    await isConnected(startedMs);
    expect(textOf(inInstall('asked'))).toBe(
      `upgrade --pending --data-dir ${STATE}\\data --install-dir ${INSTALL}`,
    );
    expect(existsSync(inData('upgrade-ready'))).toBe(false);
    expect(existsSync(inInstall('node-upgrade.exe'))).toBe(false);
  });

  test('[WI4] a log that has grown is emptied, and what was in it is kept once', {
    timeout: 60_000,
  }, async () => {
    await stop();
    writeFileSync(inData('agent.log'), 'x'.repeat(4 << 20));
    const startedMs = Date.now();
    await start();
    await isConnected(startedMs);
    expect(textOf(inData('agent.log.1'))).toHaveLength(4 << 20);
    expect(log().length).toBeLessThan(10_000);
    await stop();
    rmSync(inData('agent.log.1'));
  });
});
