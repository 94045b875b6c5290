/** The pasted line on a Linux of its own: installs, enrols, survives restarts, repairs, refuses what was altered, and goes without a trace. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { installLines } from '@muster/server/install/lines.ts';
import { openSelfSignedTls } from '@muster/server/tls.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ADMIN_PASSWORD,
  cleanUp,
  ENVIRONMENT,
  figure,
  freePort,
  muster,
  ROOT,
  SERVER_ARGS,
  type RunningServer,
  startServer,
  temporaryFolder,
  until,
} from './harness.ts';
import { listenFakeProxy } from '../proxy-fake.ts';
import { type Inside, listTree, makeLinuxTree, startInside, treeObstacle } from './linux-tree.ts';
import { createLoneNetwork, noNetworks } from './other-machine.ts';

interface EnrolmentToken {
  id: string;
  token: string;
  uses: number;
  install: { linux: string | null; windows: string | null; macos: string | null };
}
interface Agent {
  id: string;
  ciId: string | null;
  connected: boolean;
  version: string;
}

/** Programs and libraries that the line may count on, and a system too small to have what Node wants. */
const PACKAGES = {
  more: ['curl', 'passwd', 'login', 'mawk', 'mount'],
  without: ['libatomic1', 'libstdc++6', 'systemd'],
};
const FIRST_INSTALL_MS_MAX = 30_000;
/** The supervisor's shortest pause is 5 s. */
const REVIVAL_MS_MAX = 15_000;

const LOOK_MS = 20;
/** Between two questions to the command, each of which is a Node that starts. */
const STATUS_INTERVAL_MS = 1_000;
const DOWNLOAD_BYTES_MAX = 100 << 20;

const PLATFORM = `linux-${process.arch}`;

/** The line with more options, which may be anything. */
function withOptions(line: string, more: string): string {
  const [, token, options, fetch] = /echo '(MUSTER_TOKEN=\S+); set -- (.*)'; (curl .*); \}/.exec(line) ?? [];
  return `${fetch} | ${token} sh -s -- ${options} ${more}`;
}

/** Looks at the list of processes until the call of what it returns, which gives the command lines that were on it. */
function watchProcesses(): () => string[] {
  const seen = new Set<string>();
  const look = () => {
    for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        seen.add(readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' '));
      } catch {
        // It ended between the two.
      }
    }
  };
  const timer = setInterval(look, LOOK_MS);
  return () => {
    clearInterval(timer);
    return [...seen];
  };
}

const obstacle = treeObstacle();
if (obstacle !== null) console.log(`muster: the install test is skipped: ${obstacle}`);

describe.skipIf(obstacle !== null)('a second machine by one pasted line', () => {
  let server: RunningServer;
  let tree: string;
  let inside: Inside;
  let before: string[];
  let made: EnrolmentToken;
  let line: string;
  let secure: Awaited<ReturnType<typeof startSecureServer>> | undefined;

  beforeAll(async () => {
    tree = join(temporaryFolder('tree'), 'root');
    makeLinuxTree(tree, PACKAGES);
    inside = await startInside(tree);
    before = listTree(tree);
    server = await startServer();
    made = await server.api<EnrolmentToken>('POST', '/enrolment-tokens', { usesMax: 3 });
    line = made.install.linux ?? '';
  }, 240_000);

  afterAll(async () => {
    secure?.end();
    await inside?.end();
    await cleanUp();
  });

  const agents = async () => (await server.api<{ items: Agent[] }>('GET', '/agents')).items;
  const inTree = (path: string) => join(tree, path);
  const status = async () => (await inside.run('muster-agent status')).output;
  const processId = async () => /runs as (\d+)/.exec(await status())?.[1] ?? '';

  test('[IS20] the line installs, enrols and says so', { timeout: 60_000 }, async () => {
    // As typed into a shell: what is run by `sh -c` stands on the list of processes by that alone.
    writeFileSync(inTree('tmp/line'), line);
    const watched = watchProcesses();
    const startedMs = performance.now();
    const { status: code, output } = await inside.run('sh /tmp/line');
    const commands = watched();
    rmSync(inTree('tmp/line'));
    // One of its downloads at least: the first is over before anybody can look.
    expect(commands.filter((command) => /\bcurl\b/.test(command))).not.toEqual([]);
    expect(commands.filter((command) => command.includes(made.token))).toEqual([]);
    const tookMs = performance.now() - startedMs;
    expect(output).toMatch(new RegExp(`machine \\S+ enrolled, visible at ${server.url}\n`));
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(FIRST_INSTALL_MS_MAX);
    figure('pasted line to connected', tookMs / 1_000, 's');
    const [agent] = await until(async () => ((await agents())[0]?.connected ? agents() : null), {
      withinMs: 15_000,
      what: 'the agent is connected',
    });
    expect(await status()).toContain(agent?.id ?? 'no agent');
    const { items } = await server.api<{ items: EnrolmentToken[] }>('GET', '/enrolment-tokens');
    expect(items.find(({ id }) => id === made.id)?.uses).toBe(1);
  });

  test('[IS21] the machine and its software appear in the CMDB', { timeout: 30_000 }, async () => {
    const ciId = await until(async () => (await agents())[0]?.ciId, {
      withinMs: 15_000,
      what: 'the agent has a CI',
    });
    await until(
      async () => {
        const { items } = await server.api<{ items: { name: string }[] }>(
          'GET',
          `/cis/${ciId}/software?q=curl`,
        );
        return items.some(({ name }) => name === 'curl');
      },
      { withinMs: 15_000, what: 'the inventory is there' },
    );
  });

  test('[IS22] it runs as a user of its own, and the token is gone from the configuration', async () => {
    const facts = (await inside.run(`cat /proc/${await processId()}/status`)).output;
    const [, uid = ''] = /^Uid:\t(\d+)/m.exec(facts) ?? [];
    expect(Number(uid)).toBeGreaterThan(0);
    expect(readFileSync(inTree('etc/passwd'), 'utf8')).toContain(`muster-agent:x:${uid}:`);
    expect(facts).toMatch(/^CapEff:\t0+$/m);
    const config = readFileSync(inTree('etc/muster-agent/config.json'), 'utf8');
    expect(Object.keys(JSON.parse(config) as object)).toEqual(['server', 'serverKey', 'tls', 'dataDir']);
    expect(statSync(inTree('etc/muster-agent/config.json')).mode & 0o777).toBe(0o640);
    expect(statSync(inTree('var/lib/muster-agent')).mode & 0o777).toBe(0o700);
  });

  test('[IS17] a system without the libraries that Node wants got copies of the server', () => {
    expect(readdirSync(inTree('opt/muster-agent/lib'))).toEqual(['libatomic.so.1', 'libstdc++.so.6']);
  });

  test('[IS23] it survives a stop and a start with its identity', { timeout: 60_000 }, async () => {
    const [first] = await agents();
    expect((await inside.run('muster-agent stop')).status).toBe(0);
    expect(await status()).toContain('does not run');
    await until(async () => !(await agents())[0]?.connected, {
      withinMs: 15_000,
      what: 'the server sees the end',
    });
    expect((await inside.run('muster-agent start')).status).toBe(0);
    await until(async () => (await agents())[0]?.connected, { withinMs: 15_000, what: 'it is back' });
    expect((await agents()).map(({ id }) => id)).toEqual([first?.id]);
  });

  test('[IS24] an agent that dies is started again', { timeout: 60_000 }, async () => {
    const died = await until(processId, { withinMs: 15_000, what: 'it runs' });
    await inside.run(`kill -9 ${died}`);
    const back = await until(
      async () => {
        const now = await processId();
        return now === died ? null : now;
      },
      {
        withinMs: REVIVAL_MS_MAX,
        everyMs: STATUS_INTERVAL_MS,
        what: 'another process runs',
      },
    );
    expect(back).not.toBe(died);
    await until(async () => (await agents())[0]?.connected, { withinMs: 15_000, what: 'it is back' });
  });

  test('[PK40] of an agent whose supervisor was killed a start makes no second one, and a stop ends it', {
    timeout: 90_000,
  }, async () => {
    const running = async () =>
      (
        await inside.run(
          `for each in /proc/[0-9]*; do
            if tr '\\0' ' ' <$each/cmdline | grep -qE '^/opt/muster-agent/node .*agent.mjs run '; then basename $each; fi
          done 2>/dev/null`,
        )
      ).output
        .split('\n')
        .filter((id) => id !== '');
    const orphan = async () => {
      const id = await until(processId, { withinMs: 15_000, what: 'it runs' });
      await inside.run('read -r supervisor _ </run/muster-agent.pid; kill -9 "$supervisor"');
      expect(await processId()).toBe(id);
      return id;
    };
    const first = await orphan();
    expect((await inside.run('muster-agent run')).output).toContain('stop it first');
    expect((await inside.run('muster-agent start')).status).toBe(0);
    const second = await until(
      async () => {
        const now = await processId();
        return now === first ? null : now;
      },
      { withinMs: 15_000, everyMs: STATUS_INTERVAL_MS, what: 'another process runs' },
    );
    expect(await running()).toEqual([second]);
    await orphan();
    expect((await inside.run('muster-agent stop')).status).toBe(0);
    expect(await running()).toEqual([]);
    expect(existsSync(inTree('run/muster-agent.pid'))).toBe(false);
    expect((await inside.run('muster-agent start')).status).toBe(0);
    await until(async () => (await agents())[0]?.connected, { withinMs: 15_000, what: 'it is back' });
  });

  test('[IS25] [AT1] [AT8] doctor finds nothing, and finds what is wrong', { timeout: 30_000 }, async () => {
    const well = await inside.run('muster-agent doctor');
    expect(well.output).not.toContain('FAILED');
    expect([well.status, well.output.match(/^ok /gm)?.length]).toEqual([0, 15]);
    expect(well.output).toContain('the trusted one, and it proved it');
    await inside.run('muster-agent stop');
    const ill = await inside.run('muster-agent doctor');
    expect(ill.output).toMatch(/FAILED {2}service .*\n +muster-agent start/);
    expect(ill.status).toBe(1);
    const stranger = await inside.run(
      'chroot --userspec=65534:65534 / /usr/local/bin/muster-agent doctor --json 2>/dev/null',
    );
    const { findings } = JSON.parse(stranger.output) as {
      findings: { step: string; outcome: string; fix: string }[];
    };
    expect(findings[0]).toMatchObject({ step: 'configuration', outcome: 'failed' });
    expect(findings[0]?.fix).toContain('sudo');
    expect((await inside.run('muster-agent status')).status).toBe(3);
    await inside.run('muster-agent start');
  });

  test('[AT54] without systemd each line of its log has its time', async () => {
    const lines = (await inside.run('muster-agent log')).output.trimEnd().split('\n');
    expect(lines.some((line) => line.includes('ended by signal 9; starts again'))).toBe(true);
    expect(lines.filter((line) => !/^\d{4}-\d\d-\d\dT[\d:.]+Z muster-agent: /.test(line))).toEqual([]);
  });

  test('[AT53] inventory prints one line of JSON', { timeout: 30_000 }, async () => {
    const { status: code, output } = await inside.run('muster-agent inventory');
    expect(code).toBe(0);
    const { sections } = JSON.parse(output) as { sections: Record<string, unknown> };
    expect(Object.keys(sections)).toContain('os');
  });

  test('[AT10] show prints what is sent, with sizes, for people and for programs', {
    timeout: 30_000,
  }, async () => {
    const text = (await inside.run('muster-agent show')).output;
    expect(text).toMatch(/# samples, every interval: \d+ series, \d+ bytes/);
    expect(text).toMatch(/# os: (not )?complete, \d+ bytes/);
    expect(text).not.toContain(made.token);
    const { frames } = JSON.parse((await inside.run('muster-agent show --json')).output) as {
      frames: { type: string; bytes: number }[];
    };
    expect(new Set(frames.map(({ type }) => type))).toEqual(new Set(['events', 'samples', 'inventory']));
  });

  test('[AT25] with --proxy the downloads and the agent go through it, and its password is on no list of processes', {
    timeout: 60_000,
  }, async () => {
    const authorization = `Basic ${Buffer.from('agent:s3cret-word').toString('base64')}`;
    const proxy = await listenFakeProxy({ type: 'basic', authorization });
    const address = `http://agent:s3cret-word@127.0.0.1:${proxy.port}`;
    writeFileSync(inTree('tmp/line'), line.replace('set -- ', `set -- --proxy ${address} `));
    const watched = watchProcesses();
    const { status: code, output } = await inside.run('sh /tmp/line');
    const commands = watched();
    expect([code, output]).toEqual([0, expect.stringContaining('enrolled, visible at')]);
    expect(commands.filter((command) => command.includes('s3cret-word'))).toEqual([]);
    expect(proxy.targets).toContain(new URL(server.url).host);
    expect(await status()).toContain(`proxy       http://127.0.0.1:${proxy.port} (with user and password)`);
    const doctor = await inside.run('muster-agent doctor');
    expect([doctor.status, doctor.output]).toEqual([0, expect.stringContaining('lets through')]);
    expect(doctor.output).not.toContain('s3cret-word');
    const without = await inside.run(withOptions(line, '--proxy none'));
    expect([without.status, await status()]).toEqual([
      0,
      expect.stringContaining('the configuration says none'),
    ]);
    await proxy.close();
    rmSync(inTree('tmp/line'));
  });

  test('[IS26] the line again repairs what is broken, loads no Node it has, and keeps the identity', {
    timeout: 60_000,
  }, async () => {
    const [first] = await agents();
    writeFileSync(inTree('opt/muster-agent/agent.mjs'), 'this is broken');
    rmSync(inTree('opt/muster-agent/run'));
    const { status: code, output } = await inside.run(line);
    expect(output).toContain('Node is there already');
    expect([code, output.includes('enrolled, visible at')]).toEqual([0, true]);
    expect((await agents()).map(({ id }) => id)).toEqual([first?.id]);
    const without = await inside.run('sh /opt/muster-agent/uninstall.sh --nonsense');
    expect([without.status, without.output]).toEqual([1, expect.stringContaining('--nonsense is no option')]);
  });

  test('[IS26] the script alone, without arguments, repairs with the configuration that is there', {
    timeout: 60_000,
  }, async () => {
    const config = readFileSync(inTree('etc/muster-agent/config.json'), 'utf8');
    rmSync(inTree('opt/muster-agent/supervise'));
    const { status: code, output } = await inside.run(`curl -fsSL ${server.url}/install/linux.sh | sh`);
    expect([code, output]).toEqual([0, expect.stringContaining('enrolled, visible at')]);
    expect(readFileSync(inTree('etc/muster-agent/config.json'), 'utf8')).toBe(config);
  });

  test('[IS29] with --keep-data the next installation is the same agent and needs no token', {
    timeout: 60_000,
  }, async () => {
    expect((await inside.run('muster-agent uninstall --keep-data')).status).toBe(0);
    expect(existsSync(inTree('opt/muster-agent'))).toBe(false);
    const { status: code, output } = await inside.run(line.replace(/MUSTER_TOKEN=\S+ /, ''));
    expect([code, output]).toEqual([0, expect.stringContaining('enrolled, visible at')]);
    expect((await agents()).length).toBe(1);
  });

  test('[IS27] what was changed on the way is refused, and nothing is touched', {
    timeout: 60_000,
  }, async () => {
    const untouched = readFileSync(inTree('opt/muster-agent/agent.mjs'), 'utf8');
    const running = await processId();
    const list = await inside.run(line.replace(/--sums [^\s']+/, `--sums ${'0'.repeat(64)}`));
    expect(list.status).not.toBe(0);
    expect(list.output).toContain('If the server was upgraded or given a release since, make a new line');

    const folder = inTree('root/files');
    mkdirSync(folder);
    for (const name of ['sha256sums', 'agent.mjs'])
      execFileSync('curl', ['-fsS', '-o', join(folder, name), `${server.url}/install/${name}`]);
    writeFileSync(join(folder, 'agent.mjs'), 'console.log("not what it was")', { flag: 'a' });
    const file = await inside.run(line.replace('--tls', '--from /root/files --tls'));
    rmSync(folder, { recursive: true });
    expect(file.status).not.toBe(0);
    expect(file.output).toContain('agent.mjs has not the checksum that the server says');
    expect(readFileSync(inTree('opt/muster-agent/agent.mjs'), 'utf8')).toBe(untouched);
    expect(await processId()).toBe(running);
  });

  test.each([
    ['an address with a command in it', "--server 'http://127.0.0.1/$(touch /tmp/pwned)'", '--server'],
    ['a file with something else than a token', '--token-file /etc/passwd', 'no enrolment token'],
    ['two lines', "--server-key 'a\nb'", '--server-key'],
    ['plain text to another machine', '--server http://192.0.2.1:8420 --tls none', 'plain text'],
    ['an unknown option', '--frce', '--frce'],
    ['an option without its value', '--tls-pin', 'needs a value'],
  ])('[IS28] %s is refused before anything happens', async (_what, options, said) => {
    const { status: code, output } = await inside.run(withOptions(line, options));
    expect([code, output]).toEqual([1, expect.stringContaining(said)]);
    expect(existsSync(inTree('tmp/pwned'))).toBe(false);
  });

  test('[IS50] a token as an argument is refused, and told where it is to stand', async () => {
    const { status: code, output } = await inside.run(withOptions(line, '--token abcdefgh12345678'));
    expect([code, output]).toEqual([1, expect.stringContaining('--token-file FILE')]);
    expect(output).not.toContain('abcdefgh12345678');
  });

  test('[IS51] after all that no file of the machine or the server, no log and no process has the token', async () => {
    const log = (await inside.run('muster-agent log')).output;
    expect([log, server.output()].filter((text) => text.includes(made.token))).toEqual([]);
    expect(log).toContain('muster-agent: agent ');
    const { stdout } = spawnSync('grep', ['-rlFf', '-', tree, server.dataDir], {
      input: made.token,
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
    const environments = (await inside.run("cat /proc/[0-9]*/environ | tr '\\0' '\\n'")).output;
    expect(environments).toMatch(/^PATH=/m);
    expect(environments).not.toContain(made.token);
  });

  test('[IS29] uninstall leaves nothing behind, and the server was told goodbye', {
    timeout: 60_000,
  }, async () => {
    const [agent] = await agents();
    const { status: code, output } = await inside.run('muster-agent uninstall');
    expect([code, output]).toEqual([0, expect.stringContaining('the agent is removed')]);
    expect(listTree(tree).filter(notKeptByTools)).toEqual(before.filter(notKeptByTools));
    expect((await inside.run('grep -rsl muster /etc')).output).toBe('');
    // Nobody in there collects the dead, so only the living count.
    const alive = await inside.run(
      "grep -Ls 'State:.Z' /proc/[0-9]*/status | sed s/status/comm/ | xargs cat 2>/dev/null",
    );
    expect(alive.output).toMatch(/^sleep$/m);
    expect(alive.output).not.toMatch(/node|supervise/);
    await until(
      async () => {
        const ci = await server.api<{ cause: string | null }>('GET', `/cis/${agent?.ciId}`);
        return ci.cause === 'agent-uninstalled';
      },
      { withinMs: 15_000, what: 'the server knows that the agent was uninstalled' },
    );
  });

  test('[IS30] a token that does not let it in is told with the reason and the way out, and --uninstall cleans up', {
    timeout: 60_000,
  }, async () => {
    await server.api('DELETE', `/enrolment-tokens/${made.id}`);
    const refused = await inside.run(line);
    expect(refused.status).toBe(2);
    expect(refused.output).toMatch(/installed, but not connected: .*token/);
    expect(refused.output).toContain('muster-agent doctor');
    const gone = await inside.run(
      `curl -fsSL ${server.url}/install/linux.sh | sh -s -- --uninstall && curl -fsSL ${server.url}/install/uninstall.sh | sh`,
    );
    expect(gone.status).toBe(0);
    expect(listTree(tree).filter(notKeptByTools)).toEqual(before.filter(notKeptByTools));
  });

  test('[IS60] a user that a process holds is told with that process and what to do, and all else is gone', {
    timeout: 60_000,
  }, async () => {
    expect((await inside.run(line)).status).toBe(2);
    await inside.run('/opt/muster-agent/as-agent "$(command -v sleep)" 4711 >/dev/null 2>&1 &');
    // Before that it carries the same words at its end.
    const isThere =
      "for file in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$file; echo; done | grep '^[^ ]*sleep 4711'";
    await until(async () => (await inside.run(isThere)).status === 0, {
      withinMs: 5_000,
      what: 'somebody runs a program as the user of the agent',
    });
    const { status: code, output } = await inside.run('muster-agent uninstall');
    expect([code, output]).toEqual([1, expect.stringContaining('the agent is removed, all but its user')]);
    const [, advice = ''] = /what to do: (kill \d+; userdel muster-agent)$/m.exec(output) ?? [];
    expect(output).toMatch(/process \d+ runs as it: \S*sleep 4711/);
    expect((await inside.run('ls /opt /etc /var/lib | grep muster')).output).toBe('');
    await inside.run(advice.replace(';', '; sleep 1;'));
    expect(listTree(tree).filter(notKeptByTools)).toEqual(before.filter(notKeptByTools));
  });

  test('[IS29] a user and a folder that were there before stay', { timeout: 60_000 }, async () => {
    await inside.run(
      'useradd --system --user-group --comment "Of another" muster-agent; mkdir -p /usr/local/bin',
    );
    const withUser = listTree(tree);
    const refused = await inside.run(line);
    expect(refused.status).toBe(2);
    expect((await inside.run('muster-agent uninstall')).status).toBe(0);
    expect(listTree(tree).filter(notKeptByTools)).toEqual(withUser.filter(notKeptByTools));
    await inside.run('userdel muster-agent');
    before = listTree(tree);
  });

  test('[IS32] over TLS the pin of the line holds for the script, the downloads and the agent', {
    timeout: 120_000,
  }, async () => {
    secure = await startSecureServer();
    const { token, install } = secure.newToken({ usesMax: 1, approval: true });
    const unpinned = install.linux ?? '';
    // With a certificate from files the server leaves trust to authorities; the pin is what a self-signed one gets.
    const [, serverKey = '', sums = ''] = /--server-key (\S+) .*--sums (\w+)/.exec(unpinned) ?? [];
    const input = { token, serverKey, tls: 'direct', publicUrl: secure.url } as const;
    const checksums = { sums, installer: sums, macosInstaller: null, windowsInstaller: null };
    const pinned = installLines({ ...input, tlsPin: secure.pin, checksums }).linux ?? '';
    const wrong = installLines({ ...input, tlsPin: `${'A'.repeat(43)}=`, checksums }).linux ?? '';

    expect((await inside.run(wrong)).output).toMatch(/pinned|public key/);
    const mismatch = await inside.run(pinned.replace(/--tls-pin \S+/, `--tls-pin ${'A'.repeat(43)}=`));
    expect([mismatch.status, mismatch.output]).toEqual([
      1,
      expect.stringContaining('could not be downloaded'),
    ]);
    expect((await inside.run(unpinned)).output).toMatch(/certificate/);
    expect(listTree(tree).filter(notKeptByTools)).toEqual(before.filter(notKeptByTools));

    const { status: code, output } = await inside.run(pinned);
    expect([code, output]).toEqual([0, expect.stringContaining('waits for an administrator to let it in')]);
    expect((await inside.run('muster-agent uninstall')).status).toBe(0);
  });

  test('[IS52] by hand from a folder, over TLS of an authority of one’s own, with the checks that were allowed', {
    timeout: 120_000,
  }, async () => {
    secure ??= await startSecureServer();
    const { token, install } = secure.newToken({ usesMax: 1 });
    const [, serverKey = ''] = /--server-key (\S+) /.exec(install.linux ?? '') ?? [];
    mkdirSync(inTree('root/by-hand'));
    const libraries = ['libatomic.so.1', 'libstdc++.so.6'].map((name) => `${PLATFORM}-${name}`);
    for (const name of ['linux.sh', 'sha256sums', 'agent.mjs', `node-${PLATFORM}.gz`, ...libraries])
      writeFileSync(
        inTree(`root/by-hand/${name}`),
        execFileSync('curl', ['-fsS', '--cacert', secure.certificate, `${secure.url}/install/${name}`], {
          maxBuffer: DOWNLOAD_BYTES_MAX,
        }),
      );
    copyFileSync(secure.certificate, inTree('root/ca.pem'));
    const watched = watchProcesses();
    const { status: code, output } = await inside.run(
      `cd /root/by-hand && echo ${token} | sh linux.sh --from . --token-file - --ca /root/ca.pem --checks loopback \
        --server ${secure.url} --server-key ${serverKey} --tls direct`,
    );
    const commands = watched();
    expect([code, output]).toEqual([0, expect.stringContaining('enrolled, visible at')]);
    expect(commands.filter((command) => /\bcurl\b.*by-hand|\bcurl\b.*install\//.test(command))).toEqual([]);
    const config = JSON.parse(readFileSync(inTree('etc/muster-agent/config.json'), 'utf8')) as unknown;
    expect(config).toMatchObject({ ca: '/etc/muster-agent/ca.pem', checks: 'loopback', tls: 'direct' });
    expect(config).not.toHaveProperty('token');
    expect(readFileSync(inTree('etc/muster-agent/ca.pem'), 'utf8')).toBe(
      readFileSync(secure.certificate, 'utf8'),
    );

    // Another Node than the server's, which is not there any more. What stands behind a program's last byte does nothing.
    rmSync(inTree(`root/by-hand/node-${PLATFORM}.gz`));
    copyFileSync(inTree('opt/muster-agent/node'), inTree('root/node'));
    appendFileSync(inTree('root/node'), 'of our own');
    const repaired = await inside.run('cd /root/by-hand && sh linux.sh --from . --node /root/node');
    expect([repaired.status, repaired.output]).toEqual([0, expect.stringContaining('enrolled, visible at')]);
    expect(statSync(inTree('opt/muster-agent/node')).size).toBe(statSync(inTree('root/node')).size);
    expect(JSON.parse(readFileSync(inTree('etc/muster-agent/config.json'), 'utf8'))).toEqual(config);

    expect((await inside.run('muster-agent uninstall')).status).toBe(0);
    for (const name of ['by-hand', 'node', 'ca.pem']) rmSync(inTree(`root/${name}`), { recursive: true });
    expect(listTree(tree).filter(notKeptByTools)).toEqual(before.filter(notKeptByTools));
  });

  test.skipIf(noNetworks() !== null)(
    '[IS53] where server and machine reach nothing but each other the line does all that it does elsewhere',
    { timeout: 180_000 },
    async () => {
      const network = createLoneNetwork('lone');
      const dataDir = temporaryFolder('lone');
      const lone = await startApart(
        'http://127.0.0.1:8420',
        { MUSTER_DATA_DIR: dataDir, MUSTER_PORT: '8420' },
        network.prefix,
      );
      try {
        expect(
          execFileSync('ip', ['-n', network.name, 'route', 'show', 'table', 'all', 'type', 'unicast']),
        ).toHaveLength(0);
        const { install } = lone.newToken({ usesMax: 1 });
        const { status: code, output } = await inside.run(install.linux ?? '', network.prefix);
        expect([code, output]).toEqual([0, expect.stringContaining('enrolled, visible at')]);
        const agent = await until(
          () => lone.api<{ items: Agent[] }>('/agents').items.find(({ ciId }) => ciId),
          {
            withinMs: 15_000,
            what: 'the machine is in the CMDB',
          },
        );
        expect(agent.connected).toBe(true);
        expect((await inside.run('muster-agent doctor', network.prefix)).output).not.toContain('FAILED');
        expect((await inside.run('muster-agent uninstall', network.prefix)).status).toBe(0);
        expect(lone.output()).not.toMatch(/ENETUNREACH|EAI_AGAIN|ENOTFOUND/);
      } finally {
        lone.end();
        network.remove();
      }
    },
  );

  test('[IS31] into an image it installs without starting, with a unit that systemd accepts, and out again', {
    timeout: 60_000,
  }, async () => {
    const token = await server.api<EnrolmentToken>('POST', '/enrolment-tokens', { usesMax: 3 });
    // What a system with systemd has, as far as the installer and the check of the unit look.
    mkdirSync(inTree('usr/lib/systemd/system'), { recursive: true });
    writeFileSync(inTree('usr/lib/systemd/systemd'), '#!/bin/sh\n', { mode: 0o755 });
    const withSystemd = listTree(tree);
    const image = spawnSync('sh', ['-c', withOptions(token.install.linux ?? '', `--root ${tree}`)], {
      encoding: 'utf8',
    });
    expect([image.status, image.stderr]).toEqual([0, '']);
    expect(image.stdout).toContain('installed, not started');
    expect(existsSync(inTree('var/lib/muster-agent/agent.key'))).toBe(false);
    expect(readlinkSync(inTree('etc/systemd/system/multi-user.target.wants/muster-agent.service'))).toBe(
      '/etc/systemd/system/muster-agent.service',
    );
    checkUnit(tree);
    const removed = spawnSync('sh', [inTree('opt/muster-agent/uninstall.sh'), '--root', tree], {
      encoding: 'utf8',
    });
    expect([removed.status, removed.stderr]).toEqual([0, '']);
    expect(listTree(tree).filter(notKeptByTools)).toEqual(withSystemd.filter(notKeptByTools));
    expect(existsSync('/opt/muster-agent.new')).toBe(false);
  });
});

/** The real server with TLS of its own on loopback. */
async function startSecureServer() {
  const dataDir = temporaryFolder('secure');
  const { pin } = openSelfSignedTls(dataDir, ['127.0.0.1'], Date.now());
  const port = await freePort();
  const certificate = join(dataDir, 'tls.crt');
  const apart = await startApart(`https://127.0.0.1:${port}`, {
    MUSTER_DATA_DIR: dataDir,
    MUSTER_PORT: String(port),
    MUSTER_TLS_CERT: certificate,
    MUSTER_TLS_KEY: join(dataDir, 'tls.key'),
  });
  return { ...apart, pin, certificate };
}

/** A server that this process cannot ask by itself, started and asked by programs of which `prefix` stands in front. */
async function startApart(
  url: string,
  more: Readonly<Record<string, string>>,
  prefix: readonly string[] = [],
) {
  const settings = { MUSTER_LOCAL_AGENT: '0', MUSTER_ADMIN_PASSWORD: ADMIN_PASSWORD, ...more };
  const [program = '', ...args] = [...prefix, process.execPath, ...SERVER_ARGS];
  const server = spawn(program, args, {
    cwd: ROOT,
    env: { ...process.env, ...ENVIRONMENT, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [server.stdout, server.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const ask = (path: string, ...options: string[]) => {
    const words = ['-fsSk', ...options, `${url}${path}`];
    const [program = '', ...args] = [...prefix, 'curl', ...words];
    return spawnSync(program, args, { encoding: 'utf8' });
  };
  await until(() => ask('/readyz').status === 0, {
    withinMs: 60_000,
    what: () => `the server is ready; it printed:\n${output}`,
  });
  const token = muster(['token', 'create', '--role', 'admin', '--name', 'apart'], settings).trim();
  const api = <T>(path: string, body?: unknown): T => {
    const sent =
      body === undefined ? [] : ['-H', 'content-type: application/json', '-d', JSON.stringify(body)];
    return JSON.parse(ask(`/api/v1${path}`, '-H', `authorization: Bearer ${token}`, ...sent).stdout) as T;
  };
  return {
    url,
    api,
    newToken: (body: unknown) => api<EnrolmentToken>('/enrolment-tokens', body),
    output: () => output,
    end: () => server.kill('SIGKILL'),
  };
}

/** Exposure by `systemd-analyze security`: 0 is a closed box, 10 an open door. */
const EXPOSURE_MAX = 2;

/** systemd's own opinion, where its tools are here. */
function checkUnit(tree: string): void {
  if (spawnSync('sh', ['-c', 'command -v systemd-analyze']).status !== 0) return;
  const verify = spawnSync(
    'systemd-analyze',
    ['verify', `--root=${tree}`, '--recursive-errors=no', 'muster-agent.service'],
    {
      encoding: 'utf8',
    },
  );
  // The tree has none of the targets and services that a real system has.
  const complaints = verify.stderr
    .split('\n')
    .filter((text) => text !== '' && !/not found|Failed to (load|create)/.test(text));
  expect(complaints).toEqual([]);
  const security = spawnSync(
    'systemd-analyze',
    ['security', '--offline=yes', `--root=${tree}`, '--no-pager', 'muster-agent.service'],
    { encoding: 'utf8' },
  );
  const [, exposure] = /exposure level for muster-agent.service: ([\d.]+)/.exec(security.stdout) ?? [];
  expect(Number(exposure)).toBeLessThanOrEqual(EXPOSURE_MAX);
}

/** Copies and caches that useradd and the loader keep; [IS29] looks for our name in them. */
function notKeptByTools(entry: string): boolean {
  return !/^\/etc\/((passwd|shadow|group|gshadow)-|\.pwd\.lock) /.test(entry) && !/^\/(tmp|run) /.test(entry);
}
