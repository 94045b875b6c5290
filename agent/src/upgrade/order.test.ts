import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  RELEASE_MANIFEST,
  RELEASE_SIGNATURE,
  ReleaseError,
  releaseInput,
} from '@muster/shared/release/manifest.ts';
import type { Upgrade } from '@muster/shared/wire/server-messages.ts';
import { ROLL_BACK_MS_MAX } from '@muster/shared/wire/limits.ts';
import { expect, onTestFinished, test } from 'vitest';
import type { TellUpgrading } from '../agent.ts';
import { FakeTime } from '../time-fake.ts';
import { CONFIRMED_FILE, installedRelease } from './installed.ts';
import { LoadError } from './load-file.ts';
import { type Load, RETRY_MS_MAX, TRIES_MAX, UpgradeOrders } from './order.ts';
import { READY_FILE, ROLL_BACK_FILE } from './pending-files.ts';
import { settlePending } from './pending.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const KEY = { text: publicKey.export({ format: 'jwk' }).x ?? '', development: false };
const SCRIPT = 'the new script';
const NODE = 'the new Node, compressed';
const sha256 = (data: string) => createHash('sha256').update(data).digest('hex');

function release(change: Record<string, unknown> = {}, key = privateKey): Record<string, string> {
  const file = (name: string, content: string, rest: object) => ({
    name,
    bytes: content.length,
    sha256: sha256(content),
    ...rest,
  });
  const manifest = {
    format: 'muster-release/1',
    serial: 7,
    version: '2.0.0',
    development: false,
    key: KEY.text,
    protocol: 1,
    files: [
      file('agent.mjs', SCRIPT, { kind: 'agent', platform: null, program: null }),
      file('node-linux-x64.gz', NODE, {
        kind: 'node',
        platform: 'linux-x64',
        program: { version: '26.1.0', bytes: 9, sha256: sha256('new Node') },
      }),
    ],
    ...change,
  };
  const text = JSON.stringify(manifest);
  return {
    [RELEASE_MANIFEST]: text,
    [RELEASE_SIGNATURE]: sign(null, releaseInput(Buffer.from(text)), key).toString('base64'),
    'agent.mjs': SCRIPT,
    'node-linux-x64.gz': NODE,
  };
}

const ORDER: Upgrade = { type: 'upgrade', serial: 7, version: '2.0.0', trialMs: 300_000 };

function stage(files: Record<string, string> = release()) {
  const root = mkdtempSync(join(tmpdir(), 'muster-order-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const installFolder = join(root, 'opt');
  const dataDir = join(root, 'data');
  for (const folder of [installFolder, dataDir]) mkdirSync(folder);
  writeFileSync(join(installFolder, 'node'), 'old Node');
  const time = new FakeTime();
  const loaded: string[] = [];
  const told: Parameters<TellUpgrading>[0][] = [];
  const left: number[] = [];
  const log: string[] = [];
  const world = { files, fail: null as Error | null, isMetered: false, node: Promise.resolve() };
  const load: Load = async (path, to, _bytesMax, onBytes) => {
    await Promise.resolve();
    if (world.fail) throw world.fail;
    const [, name = ''] = /^releases\/7\/(.+)$/.exec(path) ?? [];
    loaded.push(name);
    if (name === 'node-linux-x64.gz') await world.node;
    const content = world.files[name];
    if (content === undefined) throw new LoadError(`the server answered 404 for ${path}`, false);
    const held = existsSync(to) ? readFileSync(to).length : 0;
    appendFileSync(to, content.slice(held));
    onBytes(content.length);
  };
  const installation = {
    installFolder,
    dataDir,
    platform: 'linux-x64' as const,
    key: KEY,
    nowMs: () => Date.now(),
  };
  const orders = new UpgradeOrders({
    ...installation,
    load,
    mayLoad: () => !world.isMetered,
    timers: time.timers,
    random: () => 1,
    leave: () => left.push(left.length),
    log: (line) => log.push(line),
  });
  /** Files are read and written outside of this clock. */
  const until = async (stages: string) => {
    await expect.poll(() => told.at(-1)?.stage, { timeout: 5_000, interval: 5 }).toBe(stages);
  };
  return {
    ...installation,
    world,
    orders,
    time,
    loaded,
    told,
    left,
    log,
    until,
    order: (order = ORDER) => orders.order(order, (progress) => told.push(progress)),
    ready: () =>
      existsSync(join(dataDir, READY_FILE)) ? readFileSync(join(dataDir, READY_FILE), 'utf8') : null,
  };
}

function install(folder: string, serial: number): void {
  writeFileSync(join(folder, 'release.json'), JSON.stringify({ serial, version: `${serial}.0.0` }));
}

test('[RL21] a release that the server names is loaded, held against its signature, and left for', async () => {
  const { order, until, told, left, ready, dataDir, loaded } = stage();
  order();
  await until('restarting');
  expect(told.map(({ stage: each }) => each)).toEqual([
    'downloading',
    'downloading',
    'verified',
    'restarting',
  ]);
  expect(told.at(-1)).toMatchObject({ serial: 7, receivedBytes: SCRIPT.length + NODE.length });
  expect(left).toHaveLength(1);
  expect(ready()).toBe('serial=7\nseconds=300\n');
  expect(loaded).toEqual([RELEASE_MANIFEST, RELEASE_SIGNATURE, 'agent.mjs', 'node-linux-x64.gz']);
  expect(readFileSync(join(dataDir, 'upgrade/agent.mjs'), 'utf8')).toBe(SCRIPT);
});

test('[AT81] what was loaded and cannot be looked at or removed costs a line in the log, not the agent', async () => {
  const { orders, dataDir, log } = stage();
  // In the place of the note stands something that is none.
  mkdirSync(join(dataDir, 'upgrade/serial'), { recursive: true });
  orders.clear();
  expect(log).toEqual([expect.stringContaining('what was loaded for an upgrade stays: EISDIR')]);
});

test('[RL25] what was loaded goes as soon as it is confirmed, or known that it did not stay, and not before', async () => {
  const { order, orders, until, installFolder, dataDir } = stage();
  const folder = join(dataDir, 'upgrade');
  order();
  await until('restarting');
  expect(existsSync(join(folder, 'agent.mjs'))).toBe(true);
  install(installFolder, 7);
  writeFileSync(join(installFolder, 'trial'), 'serial=7\nseconds=300\nstarts=1\n');
  orders.clear();
  expect(existsSync(folder)).toBe(true);
  writeFileSync(join(dataDir, CONFIRMED_FILE), '7\n');
  orders.clear();
  expect(existsSync(folder)).toBe(false);

  const other = stage();
  other.order();
  await other.until('restarting');
  other.orders.clear();
  expect(existsSync(join(other.dataDir, 'upgrade'))).toBe(true);
  writeFileSync(join(other.installFolder, 'taken-back'), 'serial=7\nwhy=it did not connect\n');
  other.orders.clear();
  expect(existsSync(join(other.dataDir, 'upgrade'))).toBe(false);
});

test('[RL25] nothing stays of a release that is refused', async () => {
  const { order, until, dataDir } = stage(release({ development: true }));
  order();
  await until('refused');
  expect(existsSync(join(dataDir, 'upgrade'))).toBe(false);
});

test('[RL21] a Node that is there already is not loaded', async () => {
  const { order, until, loaded, installFolder } = stage();
  writeFileSync(join(installFolder, 'node'), 'new Node');
  order();
  await until('restarting');
  expect(loaded).not.toContain('node-linux-x64.gz');
});

const otherKey = generateKeyPairSync('ed25519').privateKey;
test.each<[string, Record<string, string>, number, string]>([
  ['signed by another key', release({}, otherKey), 0, 'not by the key'],
  ['with a changed manifest', { ...release(), [RELEASE_MANIFEST]: '{}' }, 0, 'not by the key'],
  ['that is a development build', release({ development: true }), 0, 'it is a development build'],
  ['below the installed one', release(), 8, 'only a higher one is taken'],
  ['of another number than it is called', release({ serial: 9 }), 0, 'and has number 9'],
  [
    'for other platforms',
    release({ files: [JSON.parse(release()[RELEASE_MANIFEST] ?? '').files[0]] }),
    0,
    'not for',
  ],
])(
  '[RL22] a release %s is refused, the server hears why, and nothing of it is loaded',
  async (_what, files, installed, words) => {
    const { order, until, told, left, ready, installFolder, loaded } = stage(files);
    if (installed > 0) install(installFolder, installed);
    order();
    await until('refused');
    expect(told.at(-1)?.detail).toContain(words);
    expect([left, ready()]).toEqual([[], null]);
    expect(loaded).not.toContain('agent.mjs');
  },
);

test('[RL22] a file that is not what was signed is loaded anew, and given up at last', async () => {
  const { order, until, told, time, world, left, log } = stage({
    ...release(),
    'agent.mjs': 'another script',
  });
  order();
  for (let tries = 1; tries < TRIES_MAX; tries++) {
    await expect.poll(() => log.length, { interval: 5 }).toBe(1 + tries);
    expect(told.at(-1)).toMatchObject({
      stage: 'downloading',
      detail: expect.stringContaining('not what its signature says'),
    });
    time.advance(RETRY_MS_MAX);
  }
  await until('failed');
  expect(left).toEqual([]);
  world.files = release();
  order();
  await until('restarting');
});

test('[RL21] a server that does not answer is asked again, and the agent keeps its place; given up, it says why', async () => {
  const { order, until, world, time, told, log } = stage();
  world.fail = new LoadError('the line is down', true);
  order();
  await expect.poll(() => log.length, { interval: 5 }).toBe(2);
  expect(told.at(-1)).toMatchObject({ stage: 'downloading', detail: 'the line is down' });
  world.fail = null;
  time.advance(RETRY_MS_MAX);
  await until('restarting');
  const other = stage();
  other.world.fail = new LoadError('it is longer than it should be', false);
  other.order();
  await other.until('failed');
  expect(other.told.at(-1)?.detail).toContain('longer');
});

test('[RL21] nothing is loaded over a metered line, and nothing later of its own accord: the server asks again', async () => {
  const { order, until, world, time, told, loaded } = stage();
  world.isMetered = true;
  order();
  await until('waiting');
  expect([told.at(-1)?.detail, loaded]).toEqual(['the line is metered: it is loaded on another one', []]);
  world.isMetered = false;
  time.advance(RETRY_MS_MAX);
  expect([time.pending, loaded]).toEqual([0, []]);
  order();
  await until('restarting');
});

test('[RL21] the same order again changes nothing, and a stop ends it', async () => {
  const { order, orders, world, told, time, left, log } = stage();
  world.fail = new LoadError('the line is down', true);
  order();
  await expect.poll(() => log.length, { interval: 5 }).toBe(2);
  order();
  expect(told.slice(-2).map(({ detail }) => detail)).toEqual(['the line is down', 'the line is down']);
  expect([time.pending, log.length]).toEqual([1, 2]);
  orders.stop();
  expect(time.pending).toBe(0);
  world.fail = null;
  time.advance(RETRY_MS_MAX);
  expect(left).toEqual([]);
});

test('[RL21] an order that another one has replaced says nothing in its name, however far it came', async () => {
  const { order, world, told, until, loaded, dataDir } = stage();
  const { promise, resolve } = Promise.withResolvers<void>();
  world.node = promise;
  order();
  await expect.poll(() => loaded.at(-1), { interval: 5 }).toBe('node-linux-x64.gz');
  // Of which the server has no files.
  order({ ...ORDER, serial: 8 });
  await until('failed');
  const before = told.length;
  resolve();
  await expect.poll(() => existsSync(join(dataDir, 'upgrade/node-linux-x64.gz')), { interval: 5 }).toBe(true);
  for (let i = 0; i < 10; i++) await new Promise(setImmediate);
  expect(told.slice(before)).toEqual([]);
});

test('[RL21] what is installed is confirmed when it is asked for, unless it is on trial', () => {
  const { order, told, installFolder, dataDir } = stage();
  install(installFolder, 7);
  order();
  expect(told).toMatchObject([{ stage: 'confirmed', serial: 7 }]);
  writeFileSync(join(installFolder, 'trial'), 'serial=7\nseconds=300\nstarts=0\n');
  order();
  expect(told).toHaveLength(1);
  writeFileSync(join(dataDir, 'upgrade-confirmed'), '7\n');
  order();
  expect(told).toHaveLength(2);
});

test('[RL23] what is installed, on trial, before it, and taken back is told at each connection', () => {
  const { installFolder, dataDir, key } = stage();
  const told = () =>
    installedRelease({ installFolder, dataDir, platform: 'linux-x64', key, nowMs: () => Date.now() });
  expect(told()).toEqual({
    platform: 'linux-x64',
    serial: 0,
    key: key.text,
    development: false,
    onTrial: false,
    previousSerial: null,
    takenBack: null,
  });
  install(installFolder, 3);
  mkdirSync(join(installFolder, 'previous'));
  writeFileSync(join(installFolder, 'previous/release.json'), '');
  writeFileSync(join(installFolder, 'trial'), 'serial=3\nseconds=300\nstarts=1\n');
  expect(told()).toMatchObject({ serial: 3, onTrial: true, previousSerial: 0 });
  rmSync(join(installFolder, 'trial'));
  writeFileSync(
    join(installFolder, 'taken-back'),
    'serial=4\nseconds=3\nstarts=1\nwhy=it did not connect within 3 s\n',
  );
  expect(told()).toMatchObject({
    onTrial: false,
    takenBack: { serial: 4, why: 'it did not connect within 3 s' },
  });
});

test('[RL24] the way back is asked for, or refused where there is none', () => {
  const { orders, told, left, installFolder, dataDir } = stage();
  const tell: TellUpgrading = (progress) => told.push(progress);
  orders.rollBack(7, tell);
  expect(told.at(-1)).toMatchObject({ stage: 'refused', detail: 'number 0 is installed' });
  install(installFolder, 7);
  orders.rollBack(7, tell);
  expect(told.at(-1)).toMatchObject({ stage: 'refused', detail: 'the version before is not kept any more' });
  mkdirSync(join(installFolder, 'previous'));
  orders.rollBack(7, tell);
  expect(told.at(-1)).toMatchObject({ stage: 'restarting' });
  expect(readFileSync(join(dataDir, ROLL_BACK_FILE), 'utf8')).toBe('7\n');
  expect(left).toHaveLength(1);
});

/** As root sees it at the next start. */
function pending(
  { dataDir, installFolder }: { dataDir: string; installFolder: string },
  nowMs = Date.parse('2026-01-02'),
) {
  const asked: [string, number][] = [];
  const settle = (failure?: Error) =>
    settlePending({
      dataDir,
      installFolder,
      nowMs,
      putInPlace: async (from, seconds) => {
        asked.push([from, seconds]);
        if (failure) throw failure;
        return '7 2.0.0';
      },
    });
  return { asked, settle };
}

test('[RL21] root puts in place what the agent has loaded; nothing where nothing is asked', async () => {
  const all = stage();
  const { asked, settle } = pending(all);
  expect(await settle()).toBeNull();
  all.order();
  await all.until('restarting');
  expect(await settle()).toBe('release 7 2.0.0 is on trial for 300 s');
  expect(asked).toEqual([[join(all.dataDir, 'upgrade'), 300]]);
});

test('[RL22] what root does not take is kept for the server to hear', async () => {
  const all = stage();
  writeFileSync(join(all.dataDir, READY_FILE), 'serial=7\nseconds=60\n');
  expect(await pending(all).settle(new ReleaseError('agent.mjs is not\nwhat the manifest says'))).toContain(
    'could not be put in place',
  );
  expect(installedRelease(all).takenBack).toEqual({
    serial: 7,
    why: 'it could not be put in place: agent.mjs is not what the manifest says',
  });
});

test('[RL24] root goes back only from what is installed, to what it keeps, and not after a week', async () => {
  const all = stage();
  const { installFolder, dataDir } = all;
  const ask = (serial: string) => writeFileSync(join(dataDir, ROLL_BACK_FILE), serial);
  const trial = () => existsSync(join(installFolder, 'trial'));
  install(installFolder, 7);
  ask('6\n');
  const nowMs = Date.now();
  expect(await pending(all, nowMs).settle()).toContain('7 is installed');
  ask('7\n');
  expect(await pending(all, nowMs).settle()).toContain('is not kept');
  mkdirSync(join(installFolder, 'previous'));
  expect(await pending(all, nowMs + ROLL_BACK_MS_MAX + 60_000).settle()).toContain('for more than 7 days');
  ask('not a number');
  expect(await pending(all, nowMs).settle()).toContain('no way back');
  expect(trial()).toBe(false);
  ask('7\n');
  expect(await pending(all, nowMs).settle()).toContain('release number 7 is left');
  expect(readFileSync(join(installFolder, 'trial'), 'utf8')).toContain(
    'why=the server asked for the version before it',
  );
});

test('[RL23] an agent whose notes about its release are damaged runs and tells number 0; root takes nothing beside them', async () => {
  const all = stage();
  writeFileSync(join(all.installFolder, 'release.json'), '{"serial":');
  expect(installedRelease(all)).toMatchObject({ serial: 0, onTrial: false });
  writeFileSync(join(all.dataDir, ROLL_BACK_FILE), '0\n');
  await expect(pending(all).settle()).rejects.toThrow('is damaged; install the agent again');
});
