/**
 * The scripts for macOS on a small Linux with stand-ins for what only a Mac has: dscl, launchctl, sw_vers, uname. It shows their logic;
 * nothing here has run on a real Mac.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeReleaseKey } from '@muster/server/release/keys.ts';
import { buildRelease } from '@muster/server/release/build.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cleanUp, type RunningServer, startServer, temporaryFolder, until } from './harness.ts';
import { type Inside, listTree, makeLinuxTree, startInside, treeObstacle } from './linux-tree.ts';
import { RELEASE_CACHE } from './release-cache.ts';

interface EnrolmentToken {
  token: string;
  serverKey: string;
}
interface Agent {
  id: string;
  connected: boolean;
}

/** Its number; fails where it does not run. */
/** Not the process of its inventory, which lives for a moment beside it. */
const AGENT_PROCESS = "pgrep -f '^/opt/muster-agent/node .* run --config '";

/** By name; each speaks as the Mac's own does as far as the scripts listen. */
const STAND_INS: Readonly<Record<string, string>> = {
  uname: 'case "$1" in -s) echo Darwin ;; -m) echo arm64 ;; *) exec /usr/bin/uname "$@" ;; esac',
  sw_vers: 'echo 14.5',
  // Records as folders; what id(1) and chgrp(1) ask for is in /etc. A value with a space stands on a line of its own, as there.
  dscl: `
db=/fake/directory name=\${3##*/}
case "$2" in
  -create)
    mkdir -p "$db$3" && printf '%s\\n' "$5" >"$db$3/$4"
    case "$3 $4" in
      /Groups/*PrimaryGroupID) echo "$name:x:$5:" >>/etc/group ;;
      /Users/*PrimaryGroupID) echo "$name:x:$(cat "$db$3/UniqueID"):$5::/:/bin/false" >>/etc/passwd ;;
    esac ;;
  -read)
    [ -f "$db$3/$4" ] || exit 56
    value=$(cat "$db$3/$4")
    case "$value" in *' '*) printf '%s:\\n %s\\n' "$4" "$value" ;; *) echo "$4: $value" ;; esac ;;
  -list) for one in "$db$3"/*; do if [ -f "$one/$4" ]; then printf '%-20s %s\\n' "\${one##*/}" "$(cat "$one/$4")"; fi; done ;;
  -delete) rm -rf "$db$3" && case "$3" in /Users/*) sed -i "/^$name:/d" /etc/passwd ;; *) sed -i "/^$name:/d" /etc/group ;; esac ;;
esac`,
  // Keeps a job alive while the path of its PathState is there, and says it is loaded until it has ended.
  launchctl: `
case "$1" in
  print) [ -e /fake/loaded ] || exit 113 ;;
  enable) ;;
  bootstrap)
    [ ! -e /fake/loaded ] && [ -f "$3" ] || { echo 'Bootstrap failed: 5: Input/output error' >&2; exit 5; }
    : >/fake/loaded
    program=$(sed -n 's:.*<string>\\(/opt/.*\\)</string>:\\1:p' "$3")
    log=$(sed -n '/StandardOutPath/{n;s:.*<string>\\(.*\\)</string>:\\1:p;}' "$3")
    setsid sh -c '
      while [ ! -e /fake/leaving ]; do
        if [ -e /etc/muster-agent/config.json ]; then "$0" >>"$1" 2>&1 & echo $! >/fake/pid; wait $!; fi
        sleep 0.2
      done
      rm -f /fake/loaded /fake/leaving /fake/pid' "$program" "$log" >/dev/null 2>&1 </dev/null & ;;
  bootout)
    : >/fake/leaving
    if [ -e /fake/pid ]; then kill -TERM "$(cat /fake/pid)" 2>/dev/null; fi
    exit 0 ;;
esac`,
};

const obstacle = treeObstacle() ?? (process.arch === 'x64' ? null : 'there is no Node for the stand-in here');
if (obstacle !== null) console.log(`muster: the test of the macOS scripts is skipped: ${obstacle}`);

describe.skipIf(obstacle !== null)('macOS, with stand-ins for its tools', () => {
  let server: RunningServer;
  let tree: string;
  let inside: Inside;
  let before: string[];
  let made: EnrolmentToken;

  beforeAll(async () => {
    tree = join(temporaryFolder('mac'), 'root');
    makeLinuxTree(tree, {
      more: ['passwd', 'login', 'mount', 'mawk', 'libatomic1', 'libstdc++6', 'procps'],
      without: ['systemd'],
    });
    for (const folder of [
      'fake/directory/Users/nobody',
      'fake/directory/Groups',
      'usr/local/bin',
      'Library/LaunchDaemons',
      'var/db',
      'opt',
    ])
      mkdirSync(join(tree, folder), { recursive: true });
    writeFileSync(join(tree, 'fake/directory/Users/nobody/UniqueID'), '300\n');
    for (const [name, text] of Object.entries(STAND_INS))
      writeFileSync(join(tree, 'usr/local/bin', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    const folder = temporaryFolder('release');
    const key = makeReleaseKey(join(temporaryFolder('key'), 'key'), true);
    await buildRelease({
      folder,
      cacheFolder: RELEASE_CACHE,
      serial: 1,
      version: '1.0.0',
      platforms: ['darwin-arm64'],
      packages: true,
      executables: false,
      key,
      progress: () => undefined,
      // What runs here is this machine's own.
      program: async ({ platform, version }) => ({ platform, version, path: process.execPath }),
    });
    mkdirSync(join(tree, 'root'), { recursive: true });
    copyFileSync(join(folder, 'muster-agent-darwin-arm64.tar.gz'), join(tree, 'root/agent.tar.gz'));
    inside = await startInside(tree);
    await inside.run('tar -xzf /root/agent.tar.gz -C /root');
    before = listTree(tree);
    server = await startServer();
    made = await server.api<EnrolmentToken>('POST', '/enrolment-tokens', { usesMax: 10 });
  }, 240_000);

  afterAll(async () => {
    await inside?.end();
    await cleanUp();
  });

  const inTree = (path: string) => join(tree, path);
  const left = () => listTree(tree).filter((entry) => !/^\/(tmp|run) /.test(entry));
  const agents = async () => (await server.api<{ items: Agent[] }>('GET', '/agents')).items;
  const connected = (id: string) =>
    until(async () => (await agents()).find((one) => one.id === id && one.connected), {
      withinMs: 30_000,
      what: 'the agent is connected',
    });
  const succeed = async (command: string) => {
    const { status, output } = await inside.run(command);
    expect([command, status, output]).toEqual([command, 0, output]);
    return output;
  };
  const idHere = async () => /agent +(\S+)/.exec((await inside.run('muster-agent status')).output)?.[1] ?? '';
  const settings = () => `--server ${server.url} --server-key ${made.serverKey} --tls none`;

  test('[PK15] installed without settings it waits, under an account of its own, and says what it lacks', {
    timeout: 90_000,
  }, async () => {
    expect(await succeed('sh /root/muster-agent/install.sh --from /root/muster-agent --later')).toContain(
      'it knows no server yet',
    );
    expect(readFileSync(inTree('etc/passwd'), 'utf8')).toMatch(/^_muster-agent:x:301:301:/m);
    const status = await inside.run('muster-agent status');
    expect([status.status, status.output]).toEqual([1, expect.stringContaining('configuration  none')]);
    expect((await inside.run(AGENT_PROCESS)).status).toBe(1);
  });

  test('[PK15] told its server it connects, and survives a stop, a start and its own end', {
    timeout: 120_000,
  }, async () => {
    expect(await succeed(`echo ${made.token} | muster-agent configure ${settings()}`)).toContain(
      'enrolled, visible at',
    );
    const id = await idHere();
    await connected(id);
    const owner = await succeed(`ps -o user= -p "$(${AGENT_PROCESS})"`);
    expect(owner.trim()).toMatch(/^(_muster.*|301)$/);
    await succeed('muster-agent stop');
    expect((await inside.run(AGENT_PROCESS)).status).toBe(1);
    await succeed('muster-agent start');
    await connected(id);
    await inside.run(`kill -KILL "$(${AGENT_PROCESS})"`);
    await until(async () => ((await inside.run(AGENT_PROCESS)).status === 0 ? true : null), {
      withinMs: 20_000,
      what: 'launchd has started it again',
    });
    await connected(id);
  });

  test('[PK15] installed again it is the same agent; the token is gone from the settings', {
    timeout: 90_000,
  }, async () => {
    const id = await idHere();
    await succeed(`sh /root/muster-agent/install.sh --from /root/muster-agent ${settings()}`);
    await connected(id);
    expect(await idHere()).toBe(id);
    expect(readFileSync(inTree('etc/muster-agent/config.json'), 'utf8')).not.toContain('token');
  });

  test('[PK15] what was changed on the way is refused, and nothing is touched', {
    timeout: 60_000,
  }, async () => {
    const script = readFileSync(inTree('opt/muster-agent/agent.mjs'));
    await inside.run('cp -r /root/muster-agent /root/changed && echo "//" >>/root/changed/agent.mjs');
    const refused = await inside.run('sh /root/muster-agent/install.sh --from /root/changed');
    await inside.run('rm -r /root/changed');
    expect([refused.status, refused.output]).toEqual([
      1,
      expect.stringContaining('agent.mjs has not the checksum'),
    ]);
    expect(readFileSync(inTree('opt/muster-agent/agent.mjs'))).toEqual(script);
  });

  test('[PK15] uninstalled, nothing is left: no file, no account, no process', {
    timeout: 60_000,
  }, async () => {
    expect(await succeed('muster-agent uninstall')).toContain('the agent is removed');
    expect(left()).toEqual(before.filter((entry) => !/^\/(tmp|run) /.test(entry)));
    expect((await inside.run(AGENT_PROCESS)).status).toBe(1);
  });
});
