/** The agent under a real systemd: installed by the line, in its sandbox, killed, upgraded, through a shutdown and a boot, and gone. */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import type { Agent } from '@muster/shared/api/fleet.ts';
import type { Rollout } from '@muster/shared/api/rollouts.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  cleanUp,
  figure,
  muster,
  type RunningServer,
  startServer,
  temporaryFolder,
  until,
} from './harness.ts';
import { CRASHES, makeBrokenRelease } from './broken-release.ts';
import { type Booted, BOOT_PACKAGES, bootInside, bootObstacle } from './linux-boot.ts';
import { listTree, makeLinuxTree } from './linux-tree.ts';
import { CACHE_HOME } from './release-cache.ts';

const obstacle = bootObstacle();
if (obstacle !== null) console.log(`muster: the test with systemd is skipped: ${obstacle}`);

const VERIFY = 'systemd-analyze verify --recursive-errors=no muster-agent.service muster-agent-sleep.service';
/** By `systemd-analyze security`: 0 is a closed box, 10 an open door. */
const EXPOSURE_MAX = 2;
const RELEASE = { serial: 2, version: '2.0.0-test' };

interface EnrolmentToken {
  token: string;
  serverKey: string;
  install: { linux: string };
}

describe.skipIf(obstacle !== null)('a machine with systemd', () => {
  let tree: string;
  let system: Booted;
  let server: RunningServer;
  let before: string[];
  let made: EnrolmentToken;
  let key: string;
  let release: string;

  beforeAll(async () => {
    tree = join(temporaryFolder('tree'), 'root');
    makeLinuxTree(tree, {
      more: ['curl', 'passwd', 'login', 'mawk', 'libstdc++6', ...BOOT_PACKAGES],
      without: [],
    });
    key = join(temporaryFolder('key'), 'release.key');
    muster(['release', 'keygen', key, '--development'], {});
    release = join(temporaryFolder('release'), 'files');
    const number = ['--serial', String(RELEASE.serial), '--version', RELEASE.version];
    const build = [
      'release',
      'build',
      release,
      '--key',
      `${key}.pub`,
      '--platform',
      'linux-x64',
      '--packages',
      ...number,
    ];
    muster(build, { XDG_CACHE_HOME: CACHE_HOME });
    muster(['release', 'sign', release, '--key', key], {});
    server = await startServer({ env: { MUSTER_RELEASE_KEY: `${key}.pub` } });
    copyFileSync(join(release, 'muster-agent-linux-x64.deb'), join(tree, 'root/agent.deb'));
    for (const folder of ['info', 'updates'])
      mkdirSync(join(tree, 'var/lib/dpkg', folder), { recursive: true });
    made = await server.api<EnrolmentToken>('POST', '/enrolment-tokens', { usesMax: 3 });
    await boot();
    before = left();
  }, 240_000);

  afterAll(async () => {
    await system?.end();
    await cleanUp();
  });

  async function boot(): Promise<void> {
    const startedMs = performance.now();
    system = await bootInside(tree);
    figure('boot of a system with systemd', (performance.now() - startedMs) / 1_000, 's');
  }

  const left = () => listTree(tree).filter(isNoneOfTheSystem);
  const succeed = async (command: string) => {
    const { status, output } = await system.run(command);
    expect([command, status, output]).toEqual([command, 0, output]);
    return output;
  };
  const property = async (name: string) =>
    (await succeed(`systemctl show muster-agent.service --value --property ${name}`)).trim();
  const agent = async () => (await server.api<{ items: Agent[] }>('GET', '/agents')).items[0];
  const connected = () =>
    until(async () => (await agent())?.connected, { withinMs: 15_000, what: 'the agent is connected' });
  const ci = async () => server.api<CiDetail>('GET', `/cis/${(await agent())?.ciId}`);
  const hasPresence = (presence: string, cause: string | null, withinMs = 10_000) =>
    until(
      async () => {
        const now = await ci();
        if (now.presence === presence && now.cause === cause) return true;
        throw new Error(`the machine is ${now.presence}, ${now.cause}`);
      },
      { withinMs, what: `the machine is ${presence}, ${cause}` },
    );

  test('[IS40] the line enables and starts the service, which enrols', { timeout: 60_000 }, async () => {
    writeFileSync(join(tree, 'root/line'), made.install.linux);
    const { status, output } = await system.run('sh /root/line');
    rmSync(join(tree, 'root/line'));
    expect([status, output]).toEqual([0, expect.stringMatching(/machine \S+ enrolled, visible at/)]);
    expect(await succeed('systemctl is-enabled muster-agent')).toBe('enabled\n');
    expect(await succeed('systemctl is-active muster-agent')).toBe('active\n');
    await connected();
    expect(await succeed('systemctl --failed --no-legend --plain')).toBe('');
  });

  test('[IS40] the sandbox of the unit holds: no capability, no way to gain one, system calls filtered, no code made at run time', async () => {
    const id = await property('MainPID');
    const facts = await succeed(`cat /proc/${id}/status`);
    for (const fact of [/^Cap(Eff|Prm|Bnd|Amb|Inh):\t0+$/gm, /^NoNewPrivs:\t1$/gm, /^Seccomp:\t2$/gm])
      expect([fact, facts.match(fact)?.length]).toEqual([fact, fact.source.startsWith('^Cap') ? 5 : 1]);
    expect(facts).not.toMatch(/^Uid:\t0/m);
    const maps = await succeed(`cat /proc/${id}/maps`);
    expect(maps.match(/^\S+ r-xp /gm)).not.toBeNull();
    expect(maps.split('\n').filter((one) => /^\S+ \Swx/.test(one))).toEqual([]);
    const devices = (await succeed(`ls /proc/${id}/root/dev`)).split('\n');
    expect([devices.includes('null'), devices.includes('kmsg')]).toEqual([true, false]);
    expect(await succeed(`grep -E '^[^ ]+ / ' /proc/${id}/mounts | tail -n 1`)).toMatch(/ ro,/);
  });

  test('[IS40] its token is in no entry of the journal, in no file of the machine and in nothing the server prints', async () => {
    const journal = await succeed('journalctl --no-pager --output verbose');
    expect(journal).toContain('_SYSTEMD_UNIT=muster-agent.service');
    expect(journal.includes(made.token)).toBe(false);
    expect((await system.run(`grep -rslF ${made.token} /etc /opt /root /run /tmp /var`)).output).toBe('');
    expect(server.output().includes(made.token)).toBe(false);
  });

  test('[IS41] killed again and again it comes back by itself, each time later; at once by hand, and soon again after a run that went well', {
    timeout: 90_000,
  }, async () => {
    const afterKill = async (command = 'true') => {
      const id = await property('MainPID');
      await succeed(`kill -KILL ${id}`);
      const startedMs = performance.now();
      await succeed(command);
      await until(async () => !['0', id].includes(await property('MainPID')), {
        withinMs: 30_000,
        what: 'there is another process',
      });
      await connected();
      return (performance.now() - startedMs) / 1_000;
    };
    const lastPause = async () => (await succeed('cat /run/muster-agent.pause')).trim().split(' ')[1];
    const journal = () => succeed('journalctl --no-pager --output cat --unit muster-agent');
    const first = await afterKill();
    expect([await lastPause(), first > 5]).toEqual(['5', true]);
    expect(await journal()).not.toContain('ended again');
    const second = await afterKill();
    expect([await lastPause(), second > 10]).toEqual(['10', true]);
    expect(await journal()).toContain('it ended again soon after its start; starts again in 5 s\n');
    figure('killed under systemd to connected, the first time', first, 's');
    figure('and the second time', second, 's');
    // As if it had begun a minute before.
    await succeed(
      'cd /run && awk "{ print \\$1 - 60, \\$2 }" muster-agent.pause >p && mv p muster-agent.pause',
    );
    await afterKill();
    expect(await lastPause()).toBe('5');
    const state = 'systemctl show muster-agent --value --property SubState';
    await afterKill(`until [ "$(${state})" = start-pre ]; do sleep 0.1; done; muster-agent start`);
    expect([await lastPause(), await property('NRestarts')]).toEqual(['0', '0']);
  });

  test('[PR30] before the machine sleeps the agent says so, and after it that it is awake', {
    timeout: 60_000,
  }, async () => {
    // All that happens when a machine is put to sleep, but the sleep.
    await succeed(`
mkdir -p /run/systemd/system/systemd-suspend.service.d
cat >/run/systemd/system/systemd-suspend.service.d/test.conf <<'END'
[Service]
ExecStart=
ExecStart=/bin/sh -c 'grep state /var/lib/muster-agent/status.json >/run/before-sleep; until [ -e /run/alarm-clock ]; do sleep 0.1; done'
END
systemctl daemon-reload
systemctl start --no-block suspend.target`);
    await hasPresence('asleep', 'asleep');
    const told = async () => (await system.run('cat /run/before-sleep')).output;
    await until(async () => (await told()).includes('"state":'), { withinMs: 10_000, what: 'it sleeps' });
    expect(await told()).toContain('"state": "stopped"');
    await succeed('touch /run/alarm-clock');
    await hasPresence('up', null);
    await connected();
    const { items } = await server.api<{ items: unknown[] }>('GET', '/alerts');
    expect(items).toEqual([]);
    await succeed('rm -r /run/systemd/system/systemd-suspend.service.d && systemctl daemon-reload');
    expect((await system.run('systemctl is-active muster-agent-sleep sleep.target')).output).toBe(
      'inactive\ninactive\n',
    );
  });

  test('[IS31] systemd finds no fault with the units, and little that the service is open to', async () => {
    expect(await succeed(VERIFY)).toBe('');
    const security = await succeed('systemd-analyze security --no-pager muster-agent.service');
    const [, exposure] = /exposure level for muster-agent.service: ([\d.]+)/.exec(security) ?? [];
    figure('exposure of the service to what it runs beside, of 10', Number(exposure), '');
    expect(Number(exposure)).toBeLessThanOrEqual(EXPOSURE_MAX);
  });

  const rollout = (id: string) => server.api<Rollout>('GET', `/rollouts/${id}`);
  /** Gives a release to the server, and has it go out to the machine. */
  async function rollOut(folder: string, serial: number): Promise<string> {
    const env = { MUSTER_DATA_DIR: server.dataDir, MUSTER_RELEASE_KEY: `${key}.pub` };
    muster(['release', 'add', folder], env);
    const wanted = { serial, pilotCount: 1, trialMinutes: 1, gate: { watchMinutes: 1 } };
    const { id } = await until(() => server.api<Rollout>('POST', '/rollouts', wanted), {
      withinMs: 10_000,
      what: 'the rollout is begun',
    });
    return id;
  }

  test('[RL23] [IS43] a release that the server rolls out is gone over to within the sandbox', {
    timeout: 120_000,
  }, async () => {
    const id = await rollOut(release, RELEASE.serial);
    await until(async () => (await rollout(id)).rings[0]?.state === 'watching', {
      withinMs: 60_000,
      what: 'the upgrade is confirmed',
    });
    expect((await agent())?.release).toMatchObject({ serial: RELEASE.serial, takenBack: null });
    expect(await succeed('muster-agent version')).toBe(`${RELEASE.version}\n`);
    await server.api('POST', `/rollouts/${id}/transitions`, { to: 'promoted' });
    await until(async () => (await rollout(id)).state === 'done', { withinMs: 10_000, what: 'it is done' });
  });

  test('[RL12] [RO5] [IS43] a broken release is taken back by the machine, which says how it ended', {
    timeout: 120_000,
  }, async () => {
    // 35 s between the starts become 7 s.
    await succeed(`
grep -qx PAUSE_S_MIN=5 /opt/muster-agent/pause
sed -i s/^PAUSE_S_MIN=5/PAUSE_S_MIN=1/ /opt/muster-agent/pause
mkdir /run/systemd/system/muster-agent.service.d
printf '[Service]\\nRestartSec=1\\n' >/run/systemd/system/muster-agent.service.d/test.conf
systemctl daemon-reload`);
    const serial = RELEASE.serial + 1;
    const broken = join(temporaryFolder('release'), 'broken');
    await makeBrokenRelease({ from: release, to: broken, serial, script: CRASHES, key });
    const id = await rollOut(broken, serial);
    await until(async () => (await rollout(id)).state === 'rolled-back', {
      withinMs: 100_000,
      what: 'the rollout has stopped',
    });
    expect((await agent())?.release).toMatchObject({
      serial: RELEASE.serial,
      takenBack: {
        serial,
        why: 'it was started 3 times and ended each time before it was connected, last with exit code 1 (Error: a broken build)',
      },
    });
    await connected();
    await succeed('rm -r /run/systemd/system/muster-agent.service.d && systemctl daemon-reload');
  });

  test('[IS42] a shutdown is told as one, and it starts with the machine before anybody signs in', {
    timeout: 90_000,
  }, async () => {
    await system.run('systemctl poweroff');
    await system.isOff;
    await hasPresence('off', 'shut-down');
    await system.end();
    await boot();
    await connected();
    await hasPresence('up', null);
    expect(await succeed('loginctl list-sessions --no-legend')).toBe('');
  });

  /** As before anything was installed. */
  async function expectNothingLeft(): Promise<void> {
    expect(left()).toEqual(before);
    expect((await system.run('ls -d /run/*muster* /tmp/*muster*')).output).not.toMatch(/^\//m);
    for (const list of ['list-units', 'list-unit-files'])
      expect((await system.run(`systemctl ${list} --all --no-legend --plain '*muster*'`)).output).toBe('');
    expect((await system.run("pgrep --full --list-full '[m]uster-agent'")).output).toBe('');
  }

  test('[IS29] [IS43] uninstalled after an upgrade it leaves nothing: no file, no unit, no process', {
    timeout: 60_000,
  }, async () => {
    expect(await succeed('muster-agent uninstall')).toContain('the agent is removed');
    await expectNothingLeft();
    await hasPresence('unknown', 'agent-uninstalled');
  });

  test('[PK60] the package enables the same units, starts with its configuration, and purged it leaves nothing', {
    timeout: 90_000,
  }, async () => {
    expect(await succeed('dpkg -i /root/agent.deb')).toContain('it knows no server yet');
    expect(await succeed('systemctl is-enabled muster-agent')).toBe('enabled\n');
    expect((await system.run('systemctl is-active muster-agent')).output).toBe('inactive\n');
    expect(await succeed('systemctl list-dependencies --plain sleep.target')).toContain(
      'muster-agent-sleep.service',
    );
    expect(await succeed(VERIFY)).toBe('');
    writeFileSync(join(tree, 'root/token'), made.token);
    const server_ = `--server ${server.url} --server-key ${made.serverKey} --tls none`;
    expect(await succeed(`muster-agent configure ${server_} --token-file /root/token`)).toContain(
      'enrolled, visible at',
    );
    rmSync(join(tree, 'root/token'));
    expect(await succeed('systemctl is-active muster-agent')).toBe('active\n');
    await succeed('dpkg --purge muster-agent');
    await expectNothingLeft();
  });
});

/** What systemd, dpkg and the tools of users write by themselves. */
function isNoneOfTheSystem(entry: string): boolean {
  return (
    !/^\/var\/(lib\/(systemd|dpkg)|log|cache|tmp)\b/.test(entry) &&
    !/^\/etc\/((passwd|shadow|group|gshadow|subuid|subgid)-|\.pwd\.lock|\.updated) /.test(entry) &&
    !/^\/(tmp|run)\b/.test(entry)
  );
}
