import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  RELEASE_MANIFEST,
  RELEASE_SIGNATURE,
  ReleaseError,
  releaseInput,
} from '@muster/shared/release/manifest.ts';
import { expect, onTestFinished, test } from 'vitest';
import { takeTurn } from './command.ts';
import { CONFIRMED_FILE, installedVersion, installedSerial, serialOnTrial, trialWords } from './installed.ts';
import { prepareUpgrade } from './put-in-place.ts';
import { trialWatch } from './trial.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const isSigned = (input: Uint8Array, signature: Uint8Array) => verify(null, input, publicKey, signature);
const sha256 = (data: Uint8Array | string) => createHash('sha256').update(data).digest('hex');

const OLD = { script: 'old script', node: '#!/bin/sh\necho v26.0.0\n', version: '1.0.0\n' };
const NEW = { script: 'new script', node: '#!/bin/sh\necho v26.1.0\n' };

/** An installed agent, its own folder, and the folder of a release for it. */
function stage() {
  const root = mkdtempSync(join(tmpdir(), 'muster-upgrade-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const installFolder = join(root, 'opt');
  const dataDir = join(root, 'data');
  const from = join(root, 'release');
  for (const folder of [installFolder, dataDir, from]) mkdirSync(folder);
  writeFileSync(join(installFolder, 'agent.mjs'), OLD.script);
  writeFileSync(join(installFolder, 'node'), OLD.node, { mode: 0o755 });
  writeFileSync(join(installFolder, 'version'), OLD.version);
  const options = {
    from,
    installFolder,
    platform: 'linux-x64' as const,
    isSigned,
    development: false,
    trialSeconds: 300,
  };
  return { root, installFolder, dataDir, from, options, installed: () => installedFiles(installFolder) };
}

function installedFiles(folder: string) {
  const read = (name: string) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8') : null;
  return {
    script: read('agent.mjs'),
    node: read('node'),
    version: read('version'),
    serial: installedSerial(folder),
  };
}
const before = { ...OLD, serial: 0 };
const after = { script: NEW.script, node: NEW.node, version: '2.0.0\n', serial: 2 };

function writeRelease(from: string, { serial = 2, node = NEW.node, key = privateKey, change = {} } = {}) {
  const packed = gzipSync(node);
  writeFileSync(join(from, 'agent.mjs'), NEW.script);
  writeFileSync(join(from, 'node-linux-x64.gz'), packed);
  const manifest = {
    format: 'muster-release/1',
    serial,
    version: '2.0.0',
    development: false,
    key: 'k'.repeat(43),
    protocol: 1,
    files: [
      {
        name: 'agent.mjs',
        kind: 'agent',
        platform: null,
        bytes: NEW.script.length,
        sha256: sha256(NEW.script),
        program: null,
      },
      {
        name: 'node-linux-x64.gz',
        kind: 'node',
        platform: 'linux-x64',
        bytes: packed.length,
        sha256: sha256(packed),
        program: { version: '26.1.0', bytes: node.length, sha256: sha256(node) },
      },
    ],
    ...change,
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  writeFileSync(join(from, RELEASE_MANIFEST), bytes);
  writeFileSync(join(from, RELEASE_SIGNATURE), sign(null, releaseInput(bytes), key).toString('base64'));
}

/** The script that root runs before each start, for these folders. */
function prepare(
  { root, installFolder, dataDir }: ReturnType<typeof stage>,
  env: Readonly<Record<string, string>> = {},
): string {
  const script = readFileSync(join(import.meta.dirname, '../service/linux/prepare.sh'), 'utf8')
    .replaceAll('/opt/muster-agent', installFolder)
    .replaceAll('/var/lib/muster-agent', dataDir)
    .replaceAll('/etc/muster-agent', join(root, 'etc'))
    .replaceAll('/run/systemd', join(root, 'run/systemd'))
    .replaceAll('/var/log/muster-agent.log', join(root, 'log'))
    .replaceAll('/sys/', join(root, 'sys/'));
  const { status, stderr } = spawnSync('sh', ['-c', script], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin', ...env },
  });
  expect(status).toBe(0);
  return stderr;
}

test('[RL10] a release is put in place whole, on trial, and what was there is kept', async () => {
  const { installFolder, from, options, installed } = stage();
  writeRelease(from);
  const { steps } = await prepareUpgrade(options);
  expect(installed()).toEqual(before);
  for (const step of steps) step();
  expect(installed()).toEqual(after);
  expect(serialOnTrial(installFolder)).toBe(2);
  expect(readdirSync(installFolder).toSorted()).toEqual(
    ['agent.mjs', 'node', 'previous', 'release.json', 'trial', 'version'].toSorted(),
  );
  expect(installedFiles(join(installFolder, 'previous'))).toEqual(before);
  expect(statSync(join(installFolder, 'node')).mode & 0o777).toBe(0o755);
});

test('[RL10] a Node that is there already is not unpacked again', async () => {
  const { installFolder, from, options, installed } = stage();
  writeRelease(from, { node: OLD.node });
  rmSync(join(from, 'node-linux-x64.gz'));
  const inode = statSync(join(installFolder, 'node')).ino;
  for (const step of (await prepareUpgrade(options)).steps) step();
  expect(installed()).toEqual({ ...after, node: OLD.node });
  expect(statSync(join(installFolder, 'node')).ino).toBe(inode);
});

type Stage = ReturnType<typeof stage>;
const otherKey = generateKeyPairSync('ed25519').privateKey;
test.each<[string, (stage: Stage) => void, string]>([
  ['signed by another key', ({ from }) => writeRelease(from, { key: otherKey }), 'not by the key'],
  [
    'for another platform',
    ({ options }) => Object.assign(options, { platform: 'win-x64' }),
    'is not for win-x64',
  ],
  [
    'of the number that is installed',
    ({ installFolder }) => writeFileSync(join(installFolder, 'release.json'), '{"serial":2,"version":"1.0"}'),
    'only a higher one is taken',
  ],
  [
    'older than what is installed',
    ({ installFolder }) => writeFileSync(join(installFolder, 'release.json'), '{"serial":3,"version":"1.0"}'),
    'only a higher one is taken',
  ],
  [
    'changed',
    ({ from }) => writeFileSync(join(from, 'agent.mjs'), 'bad script'),
    'agent.mjs is not what the manifest says',
  ],
  [
    'longer than it says',
    ({ from }) => writeFileSync(join(from, 'agent.mjs'), NEW.script.repeat(9)),
    'longer than',
  ],
  ['cut', ({ from }) => writeFileSync(join(from, 'agent.mjs'), 'new'), 'is not what the manifest says'],
  [
    'with a Node that is no archive',
    ({ from }) => writeFileSync(join(from, 'node-linux-x64.gz'), 'x'),
    'cannot be unpacked',
  ],
  [
    'with a Node that does not run',
    ({ from }) => writeRelease(from, { node: 'no program' }),
    'does not run here',
  ],
  [
    'a development build',
    ({ from }) => writeRelease(from, { change: { development: true } }),
    'it is a development build, and this agent is of a release',
  ],
  [
    'without a signature',
    ({ from }) => rmSync(join(from, RELEASE_SIGNATURE)),
    'is missing: the release is not signed',
  ],
  [
    'a link to a file of somebody else',
    ({ from }) => {
      rmSync(join(from, 'agent.mjs'));
      symlinkSync('/etc/passwd', join(from, 'agent.mjs'));
    },
    'cannot be opened (ELOOP)',
  ],
  [
    'a pipe that never ends',
    ({ from }) => {
      rmSync(join(from, 'agent.mjs'));
      execFileSync('mkfifo', [join(from, 'agent.mjs')]);
    },
    'is no file',
  ],
  [
    'beside another one that is on trial',
    ({ installFolder }) => writeFileSync(join(installFolder, 'trial'), 'serial=1\nseconds=1\nstarts=0\n'),
    'on trial already',
  ],
])('[RL11] a release that is %s is refused in words, and nothing is touched', async (_what, spoil, words) => {
  const all = stage();
  writeRelease(all.from);
  spoil(all);
  const files = readdirSync(all.installFolder).toSorted();
  const unspoiled = all.installed();
  const failure = await prepareUpgrade(all.options).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ReleaseError);
  expect(String(failure)).toContain(words);
  expect(all.installed()).toEqual(unspoiled);
  expect(readdirSync(all.installFolder).toSorted()).toEqual(files);
});

test('[RL12] whenever the power goes, the machine ends with the whole of one version', async () => {
  const count = await stepCount();
  for (let done = 0; done <= count; done++) {
    const all = stage();
    writeRelease(all.from);
    const { steps } = await prepareUpgrade(all.options);
    for (const step of steps.slice(0, done)) step();
    // It never connects: three starts are its chance.
    for (let start = 0; start < 4; start++) prepare(all);
    expect(all.installed()).toEqual(before);
    expect(serialOnTrial(all.installFolder)).toBeNull();
  }
});

async function stepCount(): Promise<number> {
  const { from, options } = stage();
  writeRelease(from);
  return (await prepareUpgrade(options)).steps.length;
}

async function onTrial() {
  const all = stage();
  writeRelease(all.from);
  for (const step of (await prepareUpgrade(all.options)).steps) step();
  return all;
}

const fail = (line: string) => {
  throw new Error(line);
};

test('[RL12] [AT121] a version that was heard stays, however often it starts, and its log says so, once', async () => {
  const all = await onTrial();
  prepare(all);
  const logged: string[] = [];
  const watch = trialWatch(all.installFolder, all.dataDir, (line) => logged.push(line));
  watch?.({ link: { state: 'connecting' }, ackedAtMs: null });
  watch?.({ link: { state: 'online' }, ackedAtMs: null });
  expect(existsSync(join(all.dataDir, CONFIRMED_FILE))).toBe(false);
  expect(logged).toEqual([]);
  for (const ackedAtMs of [1, 2]) watch?.({ link: { state: 'online' }, ackedAtMs });
  expect(logged).toEqual(['release number 2 is confirmed: it stays']);
  for (let start = 0; start < 6; start++) expect(prepare(all)).toBe('');
  expect(all.installed()).toEqual(after);
  expect(serialOnTrial(all.installFolder)).toBeNull();
});

test('[RL12] a confirmation that the disk does not take is tried again', async () => {
  const all = await onTrial();
  const logged: string[] = [];
  const watch = trialWatch(all.installFolder, join(all.dataDir, 'not-there'), (line) => logged.push(line));
  watch?.({ link: { state: 'online' }, ackedAtMs: 1 });
  expect(logged.join()).toContain('release number 2 is well could not be written');
  mkdirSync(join(all.dataDir, 'not-there'));
  watch?.({ link: { state: 'online' }, ackedAtMs: 2 });
  expect(readFileSync(join(all.dataDir, 'not-there', CONFIRMED_FILE), 'utf8')).toBe('2\n');
});

test.each([
  ['empty', ''],
  ['cut', 'serial=2\nseco'],
  ['of no numbers', 'serial=two\nseconds=300\nstarts=0\n'],
])('[RL12] where the notes about the trial are %s, the version before returns', async (_what, text) => {
  const all = await onTrial();
  writeFileSync(join(all.installFolder, 'trial'), text);
  expect(prepare(all)).toContain('the notes about its trial are damaged');
  expect(all.installed()).toEqual(before);
});

test('[RL12] where starts cannot be counted, the version before returns', async () => {
  const all = await onTrial();
  // A full disk takes no new file; a folder of that name is as good.
  mkdirSync(join(all.installFolder, 'trial.new'));
  expect(prepare(all)).toContain('its starts could not be counted');
  expect(all.installed()).toEqual(before);
});

test('[RL11] two at once: the second is told so, and one that was killed holds up nobody', () => {
  const path = join(stage().installFolder, 'upgrading');
  const done = takeTurn(path);
  expect(() => takeTurn(path)).toThrow('another upgrade is under way');
  done();
  for (const left of ['999999999', `${process.pid} another-boot`]) {
    writeFileSync(path, left);
    takeTurn(path)();
  }
  expect(existsSync(path)).toBe(false);
});

test('[RL12] one that waits for an administrator has done its part', async () => {
  const all = await onTrial();
  const watch = trialWatch(all.installFolder, all.dataDir, () => undefined);
  watch?.({ link: { state: 'online', pendingApproval: true }, ackedAtMs: null });
  expect(readFileSync(join(all.dataDir, CONFIRMED_FILE), 'utf8')).toBe('2\n');
});

test('[RL12] the version before does not speak for the one on trial', async () => {
  const all = stage();
  writeRelease(all.from);
  const { steps } = await prepareUpgrade(all.options);
  // The trial has begun, and the power goes before the new manifest is in place.
  for (const step of steps.slice(0, -2)) step();
  expect(serialOnTrial(all.installFolder)).toBe(2);
  expect(trialWatch(all.installFolder, all.dataDir, fail)).toBeNull();
});

test('[RL12] of one that ends again and again it is kept how often, with which exit code and with what error', async () => {
  const all = await onTrial();
  for (let start = 0; start < 3; start++) expect(prepare(all)).toBe('');
  writeFileSync(
    join(all.root, 'log'),
    '2026-11-22T21:00:00.000Z muster-agent: Error: a "broken" \\build\\c\n    at file:///opt/agent.mjs:1:7\n\nNode.js v26\n',
  );
  const said = prepare(all, { MUSTER_LAST_END: 'with exit code 1', MUSTER_LOG_TIMES: '1' });
  const why =
    'it was started 3 times and ended each time before it was connected, last with exit code 1 (Error: a "broken" buildc)';
  expect(said).toMatch(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ muster-agent: release number 2 is taken back: it was started/,
  );
  expect(trialWords(all.installFolder, all.dataDir, null)).toBe(`release number 2 was taken back: ${why}`);
});

test('[RL12] one that hung is taken back at its next start, with the reason kept', async () => {
  const all = await onTrial();
  prepare(all);
  writeFileSync(join(all.dataDir, 'upgrade-failed'), '');
  expect(prepare(all)).toContain('release number 2 is taken back: it did not connect within 300 s');
  expect(all.installed()).toEqual(before);
  expect(readFileSync(join(all.installFolder, 'taken-back'), 'utf8')).toContain(
    'why=it did not connect within 300 s',
  );
  expect(existsSync(join(all.dataDir, 'upgrade-failed'))).toBe(false);
  const words = 'release number 2 was taken back: it did not connect within 300 s';
  expect(trialWords(all.installFolder, all.dataDir, null)).toBe(words);
  writeFileSync(join(all.installFolder, 'release.json'), '{"serial":3,"version":"1.0"}');
  expect(trialWords(all.installFolder, all.dataDir, null)).toBeNull();
});

test('[RL23] an agent of the line says the version that the line put there, as one of a release says that of the release', () => {
  const { installFolder } = stage();
  rmSync(join(installFolder, 'release.json'), { force: true });
  writeFileSync(join(installFolder, 'version'), '0.1.0+c7dcf9db\n');
  expect(installedVersion(installFolder)).toBe('0.1.0+c7dcf9db');
  writeFileSync(join(installFolder, 'release.json'), '{"serial":3,"version":"1.0"}');
  expect(installedVersion(installFolder)).toBe('1.0');
});

test('[RL12] [AT121] status says that a release is on trial and, of an agent that runs, until when', async () => {
  const all = stage();
  expect(trialWords(all.installFolder, all.dataDir, null)).toBeNull();
  const tried = await onTrial();
  const words = (startedAtMs: number | null = null) =>
    trialWords(tried.installFolder, tried.dataDir, startedAtMs);
  expect(words()).toBe('release number 2 is on trial');
  expect(words(1_000)).toBe('release number 2 is on trial until 1970-01-01T00:05:01.000Z');
  // Of a release before it.
  writeFileSync(join(tried.dataDir, CONFIRMED_FILE), '1\n');
  expect(words()).toBe('release number 2 is on trial');
  trialWatch(
    tried.installFolder,
    tried.dataDir,
    () => undefined,
  )?.({ link: { state: 'online' }, ackedAtMs: 1 });
  expect(words()).toBeNull();
});

test('[RL12] power that goes while a version is taken back changes nothing about the end', async () => {
  for (const gone of [['node'], ['node', 'version'], ['node', 'version', 'agent.mjs']]) {
    const all = await onTrial();
    writeFileSync(join(all.installFolder, 'trial'), 'serial=2\nseconds=300\nstarts=3\nwhy=it hung\n');
    for (const name of gone)
      execFileSync('mv', ['-f', join(all.installFolder, 'previous', name), join(all.installFolder, name)]);
    prepare(all);
    expect(all.installed()).toEqual(before);
  }
});

/** An installed Node that notes how `prepare` runs it. */
function notingNode(installFolder: string, more = ''): void {
  writeFileSync(join(installFolder, 'node'), `#!/bin/sh\necho "$@" >>${installFolder}/asked\n${more}`, {
    mode: 0o755,
  });
}

test('[RL21] [RL24] before each start root is asked only where the agent has asked, and the question is gone with the answer', () => {
  const all = stage();
  const { installFolder, dataDir } = all;
  notingNode(installFolder);
  prepare(all);
  expect(existsSync(join(installFolder, 'asked'))).toBe(false);
  for (const name of ['upgrade-ready', 'upgrade-roll-back', 'upgrade-confirmed', 'upgrade-failed'])
    writeFileSync(join(dataDir, name), '7\n');
  prepare(all);
  expect(readFileSync(join(installFolder, 'asked'), 'utf8')).toBe(
    `--no-warnings ${installFolder}/agent.mjs upgrade --pending --data-dir ${dataDir} --install-dir ${installFolder}\n`,
  );
  expect(readdirSync(dataDir)).toEqual([]);
});

test('[RL24] where root decides to go back, the version before is there before the agent starts', async () => {
  const all = await onTrial();
  const { installFolder, dataDir } = all;
  writeFileSync(join(dataDir, CONFIRMED_FILE), '2\n');
  prepare(all);
  expect(all.installed()).toEqual(after);
  notingNode(
    installFolder,
    `printf 'serial=2\\nseconds=0\\nstarts=0\\nwhy=the server asked\\n' >${installFolder}/trial`,
  );
  writeFileSync(join(dataDir, 'upgrade-roll-back'), '2\n');
  expect(prepare(all)).toContain('release number 2 is taken back: the server asked');
  expect(all.installed()).toEqual(before);
  expect(trialWords(installFolder, dataDir, null)).toBe('release number 2 was taken back: the server asked');
});
