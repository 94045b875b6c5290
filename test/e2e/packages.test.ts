/** The packages on a Linux of its own: installed, told their server later, upgraded, removed, and gone without a trace. */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { buildRelease } from '@muster/server/release/build.ts';
import { makeReleaseKey } from '@muster/server/release/keys.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanUp, ROOT, type RunningServer, startServer, temporaryFolder, until } from './harness.ts';
import { type Inside, listTree, makeLinuxTree, startInside, treeObstacle } from './linux-tree.ts';
import { CACHE_HOME, RELEASE_CACHE } from './release-cache.ts';

interface EnrolmentToken {
  token: string;
  serverKey: string;
  install: { linux: string | null };
}
interface Agent {
  id: string;
  connected: boolean;
}

/** Its number; fails where it does not run. */
/** Not the process of its inventory, which lives for a moment beside it. */
const AGENT_PROCESS = "pgrep -f '^/opt/muster-agent/node .* run --config '";
const SERIALS = [12, 13] as const;

const obstacle =
  treeObstacle() ??
  (spawnSync('rpm', ['--version']).status === 0 ? null : 'rpm is missing') ??
  (process.arch === 'x64' ? null : 'the packages of this processor are not built here');
if (obstacle !== null) console.log(`muster: the test of packages is skipped: ${obstacle}`);

describe.skipIf(obstacle !== null)('packages', () => {
  let server: RunningServer;
  let tree: string;
  let inside: Inside;
  let before: string[];
  let made: EnrolmentToken;

  beforeAll(async () => {
    tree = join(temporaryFolder('tree'), 'root');
    makeLinuxTree(tree, {
      more: ['curl', 'passwd', 'login', 'mawk', 'mount', 'libstdc++6', 'systemd', 'rpm', 'procps'],
      without: ['libatomic1'],
    });
    mkdirSync(join(tree, 'root/packages'));
    for (const serial of SERIALS) await buildPackages(serial);
    for (const folder of [
      'var/lib/dpkg/info',
      'var/lib/dpkg/updates',
      'var/lib/rpm',
      'usr/lib/systemd/system',
      'etc/systemd/system',
    ])
      mkdirSync(join(tree, folder), { recursive: true });
    // The folders of a system in use, which rpm does not remove; dpkg asks who has them.
    writeFileSync(
      join(tree, 'var/lib/dpkg/info/systemd.list'),
      '/.\n/usr\n/usr/bin\n/usr/lib\n/usr/lib/systemd\n/usr/lib/systemd/system\n',
    );
    inside = await startInside(tree);
    before = listTree(tree);
    server = await startServer();
    made = await server.api<EnrolmentToken>('POST', '/enrolment-tokens', { usesMax: 10 });
  }, 240_000);

  afterAll(async () => {
    await inside?.end();
    await cleanUp();
  });

  async function buildPackages(serial: number): Promise<void> {
    const folder = temporaryFolder('release');
    const key = makeReleaseKey(join(temporaryFolder('key'), 'key'), true);
    await buildRelease({
      folder,
      cacheFolder: RELEASE_CACHE,
      serial,
      version: `1.0.0+${serial}`,
      platforms: ['linux-x64'],
      packages: true,
      executables: false,
      key,
      progress: () => undefined,
    });
    for (const format of ['deb', 'rpm'])
      copyFileSync(
        join(folder, `muster-agent-linux-x64.${format}`),
        join(tree, `root/packages/${serial}.${format}`),
      );
  }

  const inTree = (path: string) => join(tree, path);
  const left = () => listTree(tree).filter(notOfPackageManagers);
  const agents = async () => (await server.api<{ items: Agent[] }>('GET', '/agents')).items;
  const connected = (id: string) =>
    until(async () => (await agents()).find((one) => one.id === id && one.connected), {
      withinMs: 20_000,
      what: 'the agent is connected',
    });
  const succeed = async (command: string) => {
    const { status, output } = await inside.run(command);
    expect([command, status, output]).toEqual([command, 0, output]);
    return output;
  };
  const configure = () =>
    `muster-agent configure --server ${server.url} --server-key ${made.serverKey} --tls none`;
  const idHere = async () => /agent +(\S+)/.exec((await inside.run('muster-agent status')).output)?.[1] ?? '';

  test('[PK70] one release, made from sources in two places, at other times of day, for users with other habits, is the same twice', {
    timeout: 240_000,
  }, () => {
    const keyFile = join(temporaryFolder('key'), 'key');
    makeReleaseKey(keyFile, true);
    const first = manifestOf(keyFile, 'one place', { umask: '022', TZ: 'UTC', XDG_CACHE_HOME: CACHE_HOME });
    const second = manifestOf(keyFile, 'another/place', {
      umask: '077',
      TZ: 'Pacific/Chatham',
      LANG: 'tr_TR.UTF-8',
      XDG_CACHE_HOME: temporaryFolder('cache'),
    });
    expect(first).toContain('muster-agent-linux-x64.rpm');
    expect(second).toBe(first);
  });

  test('[PK1] a .deb is installed without a configuration, waits, and says what it lacks', {
    timeout: 60_000,
  }, async () => {
    const output = await succeed('dpkg -i /root/packages/12.deb');
    expect(output).toContain('it knows no server yet: muster-agent configure --help');
    expect(existsSync(inTree('etc/muster-agent'))).toBe(false);
    expect(await succeed('muster-agent start')).toContain('knows no server yet, and waits');
    const status = await inside.run('muster-agent status');
    expect([status.status, status.output]).toEqual([1, expect.stringContaining('configuration  none')]);
    expect((await inside.run(AGENT_PROCESS)).status).toBe(1);
    expect(readlinkSync(inTree('etc/systemd/system/multi-user.target.wants/muster-agent.service'))).toMatch(
      /lib\/systemd\/system\/muster-agent\.service$/,
    );
    expect(readFileSync(inTree('usr/lib/systemd/system/muster-agent.service'), 'utf8')).toContain(
      'ConditionPathExists=/etc/muster-agent/config.json\n',
    );
    expect(await succeed('dpkg --verify muster-agent')).toBe('');
  });

  test('[PK2] it takes its server without a question, and the token from standard input or a file alone', {
    timeout: 60_000,
  }, async () => {
    const argument = await inside.run(`${configure()} --token ${made.token}`);
    expect([argument.status, argument.output]).toEqual([1, expect.stringContaining('list of processes')]);
    const none = await inside.run(`${configure()} </dev/null`);
    expect([none.status, none.output]).toEqual([1, expect.stringContaining('token is missing')]);
    const wrong = await inside.run(`echo 'a"b' | ${configure()}`);
    expect([wrong.status, existsSync(inTree('etc/muster-agent'))]).toEqual([1, false]);
    writeFileSync(inTree('root/token'), `${made.token}\n`);
    expect(await succeed(`${configure()} --token-file /root/token`)).toContain('enrolled, visible at');
    await inside.run('rm /root/token');
    await connected(await idHere());
    expect((await inside.run(AGENT_PROCESS)).status).toBe(0);
    expect(await succeed(`${configure()} </dev/null`)).toContain('connected, visible at');
    const slip = configure().replace(made.serverKey, 'K'.repeat(43));
    const other = await inside.run(`${slip} </dev/null`);
    expect([other.status, other.output]).toEqual([
      1,
      expect.stringContaining('enrolled with another server'),
    ]);
  });

  test('[PK3] an upgrade by package keeps identity and configuration, and goes on running', {
    timeout: 60_000,
  }, async () => {
    const id = await idHere();
    const config = readFileSync(inTree('etc/muster-agent/config.json'), 'utf8');
    mkdirSync(inTree('opt/muster-agent/previous'));
    writeFileSync(inTree('opt/muster-agent/release.json'), '{"serial":11}');
    await succeed('dpkg -i /root/packages/13.deb');
    await connected(id);
    expect(await idHere()).toBe(id);
    expect(readFileSync(inTree('etc/muster-agent/config.json'), 'utf8')).toBe(config);
    expect(existsSync(inTree('opt/muster-agent/previous'))).toBe(false);
    expect(readFileSync(inTree('opt/muster-agent/release.json'), 'utf8')).toContain('"serial": 13');
  });

  test('[PK4] the install line leaves the program to the package and brings its settings', {
    timeout: 60_000,
  }, async () => {
    const id = await idHere();
    const output = await succeed(made.install.linux ?? 'false');
    expect(output).toContain("the agent's package is installed here");
    expect(output).toContain('enrolled, visible at');
    await connected(id);
    const refused = await inside.run('muster-agent uninstall');
    expect([refused.status, refused.output]).toEqual([
      1,
      expect.stringContaining('apt-get purge muster-agent'),
    ]);
    expect(await succeed('dpkg --verify muster-agent')).toBe('');
  });

  test('[PK5] [PK73] removed, its settings and identity stay for the next time; purged, nothing does', {
    timeout: 90_000,
  }, async () => {
    const id = await idHere();
    await succeed('dpkg -r muster-agent');
    expect(existsSync(inTree('opt/muster-agent'))).toBe(false);
    expect(existsSync(inTree('etc/muster-agent/config.json'))).toBe(true);
    const policy = inTree('usr/sbin/policy-rc.d');
    writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
    expect(await succeed('dpkg -i /root/packages/13.deb')).toContain(
      'muster: configured, not started: muster-agent start\n',
    );
    expect((await inside.run(AGENT_PROCESS)).status).toBe(1);
    rmSync(policy);
    await succeed('dpkg -i /root/packages/13.deb');
    expect((await inside.run(AGENT_PROCESS)).status).toBe(1);
    await succeed('dpkg -r muster-agent');
    await succeed('dpkg -i /root/packages/13.deb');
    await connected(id);
    await succeed('dpkg --purge muster-agent');
    expect(left()).toEqual(before.filter(notOfPackageManagers));
    expect((await inside.run(AGENT_PROCESS)).status).toBe(1);
    expect((await inside.run('grep -rsl muster /etc')).output).toBe('');
  });

  test('[PK6] a machine of the install line becomes one of the package, and stays the same agent', {
    timeout: 90_000,
  }, async () => {
    await succeed(made.install.linux ?? 'false');
    const id = await idHere();
    expect(await succeed('dpkg -i /root/packages/12.deb')).toContain('becomes the package');
    await connected(id);
    expect([
      existsSync(inTree('usr/local/bin/muster-agent')),
      existsSync(inTree('etc/systemd/system/muster-agent.service')),
    ]).toEqual([false, false]);
    await succeed('dpkg --purge muster-agent');
    expect(left()).toEqual(before.filter(notOfPackageManagers));
  });

  test('[PK7] the same as .rpm: installed, told, upgraded, erased without a trace', {
    timeout: 120_000,
  }, async () => {
    // Debian's rpm does not know Debian's libraries, and asks whether one is sure.
    const rpm = 'rpm --force-debian --nodeps --dbpath /var/lib/rpm';
    expect(await succeed(`${rpm} -i /root/packages/12.rpm`)).toContain('it knows no server yet');
    expect(await succeed('rpm --dbpath /var/lib/rpm -q muster-agent')).toBe('muster-agent-1.0.0-12.x86_64\n');
    expect(await succeed(`echo ${made.token} | ${configure()}`)).toContain('enrolled, visible at');
    const id = await idHere();
    await connected(id);
    await succeed(`${rpm} -U /root/packages/13.rpm`);
    await connected(id);
    expect(await succeed(`rpm --dbpath /var/lib/rpm -V --nodeps muster-agent`)).toBe('');
    expect(readFileSync(inTree('opt/muster-agent/release.json'), 'utf8')).toContain('"serial": 13');
    const refused = await inside.run('muster-agent uninstall');
    expect([refused.status, refused.output]).toEqual([1, expect.stringContaining('rpm -e muster-agent')]);
    await succeed(`${rpm} -e muster-agent`);
    expect(left()).toEqual(before.filter(notOfPackageManagers));
    expect((await inside.run(AGENT_PROCESS)).status).toBe(1);
  });
});

/** That of a release which `muster release build` makes of a copy of the sources at `place`; it holds the checksum of each file. */
function manifestOf(
  keyFile: string,
  place: string,
  { umask, ...env }: { umask: string; TZ: string; LANG?: string; XDG_CACHE_HOME: string },
): string {
  const sources = copyOfSources(join(temporaryFolder('sources'), place));
  const folder = join(temporaryFolder('release'), 'made');
  const options = ['--serial', '12', '--version', '1.0.0+12', '--platform', 'linux-x64', '--packages'];
  const muster = join(sources, 'server/src/cli/muster.ts');
  const build = [process.execPath, muster, 'release', 'build', folder, '--key', `${keyFile}.pub`];
  const inShell = ['-c', `umask ${umask}; exec "$@"`, 'sh', ...build, ...options];
  const { status, stderr } = spawnSync('sh', inShell, {
    cwd: '/',
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: temporaryFolder('home'), ...env },
  });
  expect([status, stderr]).toEqual([0, expect.any(String)]);
  return readFileSync(join(folder, 'release.json'), 'utf8');
}

/** Of what goes into a release real copies, as a checkout has them; of what makes it links. */
function copyOfSources(folder: string): string {
  const bundled = new Set(
    ['agent', 'shared'].flatMap((name) =>
      Object.keys((packageOf(name) as { dependencies: Record<string, string> }).dependencies),
    ),
  );
  mkdirSync(join(folder, 'node_modules/@muster'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    const [from, to] = [join(ROOT, 'node_modules', name), join(folder, 'node_modules', name)];
    if (bundled.has(name)) cpSync(realpathSync(from), to, { recursive: true });
    else if (name !== '@muster') symlinkSync(from, to);
  }
  for (const name of ['package.json', 'package-lock.json', 'tsconfig.base.json', 'LICENSE'])
    copyFileSync(join(ROOT, name), join(folder, name));
  for (const name of ['agent', 'server', 'shared']) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    symlinkSync(`../../${name}`, join(folder, 'node_modules/@muster', name));
  }
  return folder;
}

function packageOf(name: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, name, 'package.json'), 'utf8'));
}

/** What dpkg, rpm and useradd keep of their own. */
function notOfPackageManagers(entry: string): boolean {
  return (
    !/^\/var\/lib\/(dpkg|rpm)\//.test(entry) &&
    !/^\/var\/log\/(dpkg|alternatives)\.log /.test(entry) &&
    !/^\/etc\/((passwd|shadow|group|gshadow|subuid|subgid)-|\.pwd\.lock) /.test(entry) &&
    !/^\/(tmp|run|root) /.test(entry)
  );
}
