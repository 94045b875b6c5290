/** The real process against the fake server on a real socket. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { sign } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SignedConfig } from '@muster/shared/wire/server-messages.ts';
import { configInput, configText } from '@muster/shared/wire/signed-config.ts';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import {
  eventsOf,
  FAKE_CONFIG,
  type FakeAgent,
  FakeServer,
  listenFakeServer,
  samplesOf,
} from '../../test/wire-server-fake.ts';
import { IDENTITY_FILE } from './identity.ts';
import { EXIT_RESTART, WATCHDOG_LOOK_MS } from './watchdog.ts';

const MAIN = join(import.meta.dirname, 'main.ts');
const root = mkdtempSync(join(tmpdir(), 'muster-agent-main-'));
const children = new Set<ChildProcess>();
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  for (const close of closers.splice(0)) await close();
});
afterAll(() => rmSync(root, { recursive: true }));

/** A process that seems to take 300 MiB, and looks at itself thirty times as often. */
const SWOLLEN = `data:text/javascript,${encodeURIComponent(`
process.memoryUsage.rss = () => 300 * 2 ** 20;
const later = setTimeout;
globalThis.setTimeout = (run, ms, ...rest) => later(run, ms === ${WATCHDOG_LOOK_MS} ? ms / 30 : ms, ...rest);
`)}`;

interface Running {
  readonly pid: number;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
  end(signal: NodeJS.Signals): Promise<number | null>;
}

function run(...args: string[]): Running {
  return start([MAIN, 'run', ...args]);
}

function start(command: readonly string[], file = process.execPath): Running {
  const child = spawn(file, command, { stdio: ['ignore', 'ignore', 'pipe'] });
  children.add(child);
  let output = '';
  child.stderr.on('data', (chunk) => {
    output += String(chunk);
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  return {
    pid: child.pid ?? 0,
    output: () => output,
    ended,
    end: (signal) => {
      child.kill(signal);
      children.delete(child);
      return ended;
    },
  };
}

async function server() {
  const fake = new FakeServer();
  fake.tokens.set('T', 10);
  const { url, close } = await listenFakeServer(fake);
  closers.push(close);
  const dataDir = mkdtempSync(join(root, 'data-'));
  return { fake, dataDir, args: ['--server', url, '--server-key', fake.key, '--data-dir', dataDir] };
}

const connected = (fake: FakeServer, agents = 1) =>
  vi.waitFor(
    () => {
      expect(fake.agents.size).toBe(agents);
      for (const agent of fake.agents.values()) expect(samplesOf(agent).length).toBeGreaterThan(0);
    },
    { timeout: 10_000, interval: 50 },
  );

const started = (agent: FakeAgent) => eventsOf(agent).filter(({ type }) => type === 'started');

test('[LK99] a stopped agent says goodbye and ends well; a killed one leaves no word; neither enrols twice', async () => {
  const { fake, args } = await server();
  const first = run(...args, '--token', 'T');
  await connected(fake);
  expect(await first.end('SIGTERM')).toBe(0);
  expect(fake.agent.messages).toContainEqual(expect.objectContaining({ type: 'goodbye', reason: 'stop' }));
  const second = run(...args);
  await vi.waitFor(() => expect(started(fake.agent)).toHaveLength(2), { timeout: 10_000 });
  expect(started(fake.agent)[1]).toMatchObject({ previous: 'stop' });
  await second.end('SIGKILL');
  const third = run(...args);
  await vi.waitFor(() => expect(started(fake.agent)).toHaveLength(3), { timeout: 10_000 });
  expect(started(fake.agent)[2]).toMatchObject({ previous: null });
  await third.end('SIGTERM');
  expect(fake.agents.size).toBe(1);
  expect(fake.agent.gaps).toEqual([]);
  const seqs = fake.agent.frames.map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_, i) => i + 1));
});

/** Whether each thread of a process holds this signal back ('Blk') or has a handler for it ('Cgt'); proc(5). */
function signalSets(pid: number, set: 'Blk' | 'Cgt', signal: number): boolean[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const facts = readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8');
    const [, bits = ''] = new RegExp(`^Sig${set}:\\t([0-9a-f]+)`, 'm').exec(facts) ?? [];
    return (BigInt(`0x${bits}`) & (1n << BigInt(signal - 1))) !== 0n;
  });
}

test.skipIf(process.platform !== 'linux')(
  '[AT91] as the service starts Node, SIGUSR1 reaches none of its threads: it opens no debugger and ends nothing',
  async () => {
    const script = readFileSync(join(import.meta.dirname, 'service/linux/run.sh'), 'utf8');
    const flags = /^flags='(.*)'$/m.exec(script)?.[1]?.split(' ') ?? [];
    expect(flags).not.toEqual([]);
    const goesOn =
      "process.on('SIGTERM', () => process.exit(7)); setInterval(() => 0, 1e3); console.error('up');";
    const program = start([...flags, '-e', goesOn]);
    await vi.waitFor(() => expect(program.output()).toBe('up\n'), { timeout: 10_000 });
    expect(new Set(signalSets(program.pid, 'Blk', constants.signals.SIGUSR1))).toEqual(new Set([true]));
    process.kill(program.pid, 'SIGUSR1');
    expect(await program.end('SIGTERM')).toBe(7);
    expect(program.output()).toBe('up\n');
  },
);

test('[AT91] a signal without a meaning is told in the log, and the agent goes on', async () => {
  const { fake, args } = await server();
  const agent = run(...args, '--token', 'T');
  await connected(fake);
  process.kill(agent.pid, 'SIGUSR2');
  await vi.waitFor(() => expect(agent.output()).toContain('SIGUSR2 means nothing here; it goes on'));
  expect(await agent.end('SIGTERM')).toBe(0);
});

test('[AT91] a terminal that is closed ends the agent as a stop does', async () => {
  const { fake, args } = await server();
  const agent = run(...args, '--token', 'T');
  await connected(fake);
  expect(await agent.end('SIGHUP')).toBe(0);
  expect(fake.agent.messages).toContainEqual(expect.objectContaining({ type: 'goodbye', reason: 'stop' }));
});

/** Binds the port of name servers on loopback and never answers. */
const SILENT_NAME_SERVER = `data:text/javascript,${encodeURIComponent(`
import { createSocket } from 'node:dgram';
const socket = createSocket('udp4');
await new Promise((bound) => socket.bind(53, '127.0.0.1', bound));
socket.unref();
`)}`;

/** In a network of its own whose only name server is silent. */
function inSilence(...command: string[]): string[] {
  const resolver = join(root, 'resolv.conf');
  writeFileSync(resolver, 'nameserver 127.0.0.1\n');
  const prepare = `ip link set lo up && mount --bind '${resolver}' /etc/resolv.conf && exec "$@"`;
  return ['unshare', '--map-root-user', '--mount', '--net', 'sh', '-c', prepare, 'sh', ...command];
}

const [unshare = '', ...probed] = inSilence('true');
const canBeSilent = spawnSync(unshare, probed).status === 0;

test.skipIf(!canBeSilent)(
  '[AT92] where no name server answers a stop is none the later: the threads that wait for one hold it up in nothing',
  { timeout: 60_000 },
  async () => {
    const dataDir = mkdtempSync(join(root, 'data-'));
    const args = [
      '--server',
      'wss://muster.example.test',
      '--server-key',
      new FakeServer().key,
      '--token',
      'T',
    ];
    const [file = '', ...words] = inSilence(process.execPath, '--import', SILENT_NAME_SERVER, MAIN, 'run');
    const agent = start([...words, ...args, '--data-dir', dataDir], file);
    const status = () => readFileSync(join(dataDir, 'status.json'), 'utf8');
    const isUp = () => {
      expect(status()).toContain('"connecting"');
      expect(signalSets(agent.pid, 'Cgt', constants.signals.SIGUSR2)).not.toContain(false);
    };
    await vi.waitFor(isUp, { timeout: 20_000, interval: 50 });
    const askedMs = performance.now();
    expect(await agent.end('SIGTERM')).toBe(0);
    expect(performance.now() - askedMs).toBeLessThan(4_000);
  },
);

test('[AT100] the token comes from a file; as an argument it is told as what everybody can read', async () => {
  const { fake, args, dataDir } = await server();
  const file = join(dataDir, 'token');
  writeFileSync(file, 'T\n');
  const first = run(...args, '--token-file', file);
  await connected(fake);
  expect(first.output()).not.toContain('list of processes');
  // Two have no room on one data folder, so this one ends by itself.
  const second = spawnSync(process.execPath, [MAIN, 'run', ...args, '--token', 'T'], { encoding: 'utf8' });
  expect([second.status, second.stderr]).toEqual([78, expect.stringContaining('list of processes')]);
  await first.end('SIGTERM');
});

test('[AT100] the token comes from standard input, and a file that is not there is told', async () => {
  const { args, dataDir } = await server();
  const show = (file: string) =>
    spawnSync(process.execPath, [MAIN, 'show', ...args, '--json', '--token-file', file], {
      input: 'T\n',
      encoding: 'utf8',
    });
  expect(JSON.parse(show('-').stdout)).toMatchObject({ configuration: { token: 'given, not shown' } });
  const missing = show(join(dataDir, 'none'));
  expect([missing.status, missing.stderr]).toEqual([78, expect.stringContaining('cannot be read')]);
});

test('[IS63] show needs no configuration: before there is one it goes by defaults, and says so in one line', () => {
  const config = join(mkdtempSync(join(root, 'unconfigured-')), 'config.json');
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'show', 'os', '--config', config], {
    encoding: 'utf8',
  });
  expect([status, stdout]).toEqual([0, expect.stringContaining('# os: ')]);
  expect(stderr).toBe(
    'muster-agent: nothing is configured here yet: it knows no server, and this is what it would send to one\n',
  );
});

test('[IS64] check-settings says what an agent could not run with, and nothing of what it could', () => {
  const config = join(mkdtempSync(join(root, 'settings-')), 'config.json');
  const check = (text: string) => {
    writeFileSync(config, text);
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [MAIN, 'check-settings', '--config', config],
      { encoding: 'utf8' },
    );
    return [status, stdout, stderr];
  };
  expect(check('{ "server": "wss://muster.example" }')).toEqual([0, '', '']);
  expect(check('{ "server": ')).toEqual([78, '', expect.stringContaining('is not JSON')]);
  expect(check('{ "server": "wss://muster.example", "tls": "none" }')).toEqual([
    78,
    '',
    expect.stringContaining('"tls" is "none"'),
  ]);
});

test('[AT54] with --log-times each line has its time, without it none', async () => {
  const { fake, args } = await server();
  const times = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z muster-agent: /;
  const first = run(...args, '--token', 'T', '--log-times');
  await connected(fake);
  await first.end('SIGTERM');
  const lines = first.output().trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.filter((line) => !times.test(line))).toEqual([]);
  const second = run(...args);
  await vi.waitFor(() => expect(started(fake.agent)).toHaveLength(2), { timeout: 10_000 });
  await second.end('SIGTERM');
  expect(second.output()).toMatch(/^muster-agent: agent /);
});

test('[AT53] whoever stops reading is left in peace', async () => {
  const child = spawn(process.execPath, [MAIN, 'inventory'], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  let complaint = '';
  child.stderr.on('data', (chunk) => {
    complaint += String(chunk);
  });
  child.stdout.destroy();
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
  expect(complaint).not.toContain('EPIPE');
});

test('[AT53] a word that is no command is named', () => {
  const { status, stderr } = spawnSync(process.execPath, [MAIN, 'invenory'], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([64, "muster-agent: unknown command 'invenory'; see --help\n"]);
});

test.skipIf(process.platform !== 'linux')(
  '[PR30] told that the machine sleeps it says so and closes the line; told that it is awake it is there again',
  async () => {
    const { fake, dataDir, args } = await server();
    const agent = run(...args, '--token', 'T');
    await connected(fake);
    const state = () => /"state": "(\w+)"/.exec(readFileSync(join(dataDir, 'status.json'), 'utf8'))?.[1];
    writeFileSync(join(dataDir, 'asleep'), '');
    process.kill(agent.pid, 'SIGURG');
    await vi.waitFor(() => expect(state()).toBe('stopped'), { timeout: 10_000 });
    await vi.waitFor(() =>
      expect(fake.agent.messages.at(-1)).toMatchObject({ type: 'goodbye', reason: 'sleep' }),
    );
    rmSync(join(dataDir, 'asleep'));
    process.kill(agent.pid, 'SIGURG');
    await vi.waitFor(() => expect(state()).toBe('online'), { timeout: 10_000 });
    await vi.waitFor(() => expect(started(fake.agent).at(-1)).toMatchObject({ previous: 'sleep' }), {
      timeout: 10_000,
    });
    expect(await agent.end('SIGTERM')).toBe(0);
  },
);

test('[AT30] a process that takes too much says so, says goodbye, and leaves with the code that brings it back', async () => {
  const { fake, dataDir, args } = await server();
  const swollen = start(['--import', SWOLLEN, MAIN, 'run', ...args, '--token', 'T']);
  await connected(fake);
  expect(await swollen.ended).toBe(EXIT_RESTART);
  expect(fake.agent.messages).toContainEqual(expect.objectContaining({ type: 'goodbye', reason: 'stop' }));
  expect(eventsOf(fake.agent)).toContainEqual(
    expect.objectContaining({
      type: 'collector-failed',
      collector: 'agent',
      detail: expect.stringMatching(/^begins anew: 300 MiB of memory/),
    }),
  );
  const status = spawnSync(process.execPath, [MAIN, 'status', '--data-dir', dataDir], { encoding: 'utf8' });
  expect([status.status, status.stdout]).toEqual([
    3,
    expect.stringMatching(/watchdog {4}began anew at 2.*300 MiB/),
  ]);
  const json = spawnSync(process.execPath, [MAIN, 'status', '--json', '--data-dir', dataDir], {
    encoding: 'utf8',
  });
  expect(JSON.parse(json.stdout)).toMatchObject({
    outcome: 'not-running',
    selfRestart: { why: expect.any(String) },
  });
}, 30_000);

/** The disk takes nothing but what is there already. */
const FULL_FOR_NOTE = `data:text/javascript,${encodeURIComponent(`
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
const write = fs.writeFileSync;
fs.writeFileSync = (path, ...rest) => {
  if (String(path).includes('self-restart')) throw new Error('ENOSPC: no space left on device');
  return write(path, ...rest);
};
syncBuiltinESMExports();
`)}`;

test('[AT33] on a full disk it restarts all the same, with its goodbye, and the log says what could not be written', async () => {
  const { fake, args } = await server();
  const full = start(['--import', SWOLLEN, '--import', FULL_FOR_NOTE, MAIN, 'run', ...args, '--token', 'T']);
  await connected(fake);
  expect(await full.ended).toBe(EXIT_RESTART);
  expect(fake.agent.messages).toContainEqual(expect.objectContaining({ type: 'goodbye', reason: 'stop' }));
  expect(full.output()).toContain('the note of this restart cannot be written: ENOSPC');
}, 30_000);

test('[AT93] a status that cannot be written is told once, and the agent works on', async () => {
  const { fake, dataDir, args } = await server();
  // In the way of any draft.
  mkdirSync(join(dataDir, 'status.json.new'));
  const agent = run(...args, '--token', 'T');
  await connected(fake);
  expect(await agent.end('SIGTERM')).toBe(0);
  expect(agent.output().match(/status\.json cannot be written/g)).toHaveLength(1);
});

test('[AT123] of a configuration that cannot be read status says what to do, as doctor does', ({
  onTestFinished,
}) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'muster-status-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const config = join(dataDir, 'agent.json');
  writeFileSync(config, '{ "server": ');
  const { status, stderr } = spawnSync(process.execPath, [MAIN, 'status', '--config', config], {
    encoding: 'utf8',
  });
  expect(status).toBe(78);
  expect(stderr).toMatch(
    /line 1, column \d+[^\n]*\nMend it as the message says, then: muster-agent restart;/,
  );
});

test.skipIf(process.platform !== 'linux')(
  '[AT134] of an installed agent that runs and cannot write its state status says that it runs',
  async () => {
    const installFolder = mkdtempSync(join(root, 'installed-'));
    const { fake, args } = await server();
    const first = run(...args, '--token', 'T');
    await connected(fake);
    expect(await first.end('SIGTERM')).toBe(0);
    const script = join(installFolder, 'agent.mjs');
    writeFileSync(script, 'setInterval(() => {}, 1_000); console.error("it runs");');
    const second = start([script, 'run']);
    await vi.waitFor(() => expect(second.output()).toContain('it runs'), { timeout: 10_000 });
    const asked = () =>
      spawnSync(process.execPath, [MAIN, 'status', ...args, '--install-dir', installFolder], {
        encoding: 'utf8',
      });
    const status = asked();
    expect([status.status, status.stdout]).toEqual([
      1,
      expect.stringMatching(new RegExp(`\\nprocess {5}runs as ${second.pid}, and has not written its state`)),
    ]);
    await second.end('SIGKILL');
    expect(asked().status).toBe(3);
  },
  30_000,
);

test('[AT132] status names an address in the configuration that is none, beside the server that the agent knew last', async () => {
  const { fake, dataDir, args } = await server();
  const agent = run(...args, '--token', 'T');
  await connected(fake);
  const config = join(root, 'wrong-address.json');
  writeFileSync(config, JSON.stringify({ server: 'wz://127.0.0.1:1', dataDir }));
  const asked = () => spawnSync(process.execPath, [MAIN, 'status', '--config', config], { encoding: 'utf8' });
  const told =
    /\nsettings {4}refused: "wz:\/\/127\.0\.0\.1:1" is no address of a server\nwhat to do {2}Mend it/;
  expect(asked().stdout).toMatch(told);
  expect(asked().status).toBe(0);
  expect(await agent.end('SIGTERM')).toBe(0);
  expect(asked().stdout).toMatch(told);
  expect(asked().stdout).not.toContain('muster-agent start;');
  rmSync(join(dataDir, 'status.json'));
  expect(asked().stderr).toMatch(/has the agent run here\?\n"wz:.* is no address of a server\nMend it/);
});

test('[AT13] [AT12] show and status go by the configuration of the server whose key the agent saw first', async () => {
  const { fake, dataDir, args } = await server();
  const [, url = ''] = args;
  const signed = (agentId: string): SignedConfig => {
    const text = configText(agentId, {
      version: 12,
      serial: 3,
      groups: ['quiet'],
      config: { ...FAKE_CONFIG, collectorsOff: ['load'], sectionsOff: ['users'] },
    });
    return { text, signature: sign(null, configInput(text), fake.privateKey).toString('base64url') };
  };
  fake.behaviour.tamper = (message, text) =>
    message.type === 'accepted' ? JSON.stringify({ ...message, signed: signed(message.agentId) }) : text;
  // Without a key, which on this very machine is the first that is seen.
  const agent = run('--server', url, '--data-dir', dataDir, '--token', 'T');
  await connected(fake);
  const command = (...words: string[]) =>
    spawnSync(process.execPath, [MAIN, ...words, '--data-dir', dataDir], { encoding: 'utf8' });
  const status = command('status');
  expect(status.stdout).toMatch(/\nconfig {6}version 12, taken 2[^\n]*Z; groups quiet\n/);
  expect(status.stdout).toContain('\noff         collectors load; sections users\n');
  expect(await agent.end('SIGTERM')).toBe(0);
  const shown = command('show', '--server', url);
  expect(shown.stdout).toContain('memory.total');
  expect(shown.stdout).not.toContain('load.1m');
  expect(shown.stdout).toContain('# users: switched off by the configuration');
  expect(shown.stdout).not.toContain('"uid": 0');
}, 30_000);

const identifiable = existsSync('/etc/machine-id');

test.skipIf(!identifiable)(
  '[LK81] a data folder on another machine: new key, new epoch, enrolled again with the token, or told what to do',
  async () => {
    const { fake, dataDir, args } = await server();
    const first = run(...args, '--token', 'T');
    await connected(fake);
    await first.end('SIGTERM');
    moveToAnotherMachine(dataDir);
    const clone = run(...args, '--token', 'T');
    await connected(fake, 2);
    expect(clone.output()).toContain('another machine');
    await clone.end('SIGTERM');
    const [one, two] = [...fake.agents.values()];
    expect([...(two?.lastSeq.keys() ?? [])]).not.toEqual([...(one?.lastSeq.keys() ?? [])]);
    moveToAnotherMachine(dataDir);
    const helpless = run(...args);
    await vi.waitFor(() => expect(helpless.output()).toContain('no-token'), { timeout: 10_000 });
    const status = spawnSync(process.execPath, [MAIN, 'status', '--data-dir', dataDir], { encoding: 'utf8' });
    expect(status.status).toBe(1);
    expect(status.stdout).toContain('muster-agent configure');
    await helpless.end('SIGTERM');
  },
);

function moveToAnotherMachine(dataDir: string): void {
  const path = join(dataDir, IDENTITY_FILE);
  const state = JSON.parse(readFileSync(path, 'utf8')) as { fingerprint: object };
  const elsewhere = {
    machineId: 'another',
    systemUuid: '4c4c4544-0051-3010-8052-b4c04f4a3532',
    macs: ['00:16:3e:00:00:09'],
  };
  writeFileSync(path, JSON.stringify({ ...state, fingerprint: elsewhere }));
}
