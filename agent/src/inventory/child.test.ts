import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { staticImports } from '../static-imports-fixture.ts';
import { childFlags, inventoryInChild } from './child.ts';
import { COMPILED_FOLDER } from './kept-files.ts';
import { NOTHING_ASKED } from './section.ts';

const HASH = 'a'.repeat(64);

/** A program that prints this when it is asked for an inventory. */
function program(script: string) {
  const folder = mkdtempSync(join(tmpdir(), 'muster-child-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'agent.mjs');
  writeFileSync(path, script);
  const log: string[] = [];
  const child = {
    program: { command: process.execPath, args: [path] },
    dataDir: folder,
    log: (line: string) => log.push(line),
  };
  return { child, folder, log };
}

test('[FP3] sections come from a process of its own, in their order, with what it could not collect', async () => {
  const asked = { ...NOTHING_ASKED, fingerprintDirectories: ['/etc/ssl'] };
  const { child, folder, log } = program(`
    const [command, option, asked, dataDir] = process.argv.slice(2);
    const { fingerprintDirectories } = JSON.parse(asked);
    console.error('read anew');
    console.log(JSON.stringify({
      sections: {
        fingerprints: { hash: '${HASH}', complete: false, data: { fingerprintDirectories } },
        os: { hash: '${HASH}', complete: true, data: { command, option, dataDir } },
      },
      failures: [{ section: 'users', detail: 'not readable' }],
    }));`);
  const failures: unknown[] = [];
  const sections = await inventoryInChild(child, (failure) => failures.push(failure), asked);
  expect([...sections]).toEqual([
    [
      'os',
      { hash: HASH, complete: true, data: { command: 'inventory', option: '--asked', dataDir: folder } },
    ],
    ['fingerprints', { hash: HASH, complete: false, data: { fingerprintDirectories: ['/etc/ssl'] } }],
  ]);
  expect(failures).toEqual([{ section: 'users', detail: 'not readable' }]);
  expect(log).toEqual(['read anew']);
});

test.each([
  [
    'says why it fails',
    'console.error("line 1"); console.error("no room"); process.exit(1)',
    'failed: no room',
  ],
  [
    'falls over',
    'throw new TypeError("no such thing: a\\nmore of it")',
    /failed: TypeError: no such thing: a$/,
  ],
  [
    'cannot find its own code',
    'await import("./missing.mjs")',
    /failed: Error \[ERR_MODULE_NOT_FOUND\]: Cannot find module/,
  ],
  [
    'has a code that cannot be read',
    'let a; let a;',
    /failed: SyntaxError: Identifier 'a' has already been declared$/,
  ],
  ['ends without a word', 'process.exit(3)', 'failed: it ended with exit code 3'],
  [
    'is ended by a signal',
    'process.kill(process.pid, "SIGKILL"); setInterval(() => 0, 1e3)',
    'failed: it was ended by SIGKILL',
  ],
  [
    'prints without end',
    'console.error("a word"); for (;;) await new Promise((next) => process.stdout.write(".".repeat(1 << 20), next))',
    'failed: it printed more than 64 MiB',
  ],
  ['prints something else', 'console.log("hello")', 'JSON'],
  ['prints another form', 'console.log("{}")', 'sections'],
])('[FP3] a process that %s is a failure in words', async (_what, script, words) => {
  const { child } = program(script);
  await expect(inventoryInChild(child, () => undefined, NOTHING_ASKED)).rejects.toThrow(words);
});

const MAIN = join(import.meta.dirname, '../main.ts');

interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
}

/** The child as an agent starts it, that keeps its standard input open. */
function startChild(dataDir: string, ...args: string[]): Started {
  const child = spawn(
    process.execPath,
    [...args, MAIN, 'inventory', '--asked', JSON.stringify(NOTHING_ASKED), dataDir],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stdout.resume();
  return { child, ended: new Promise((resolve) => child.once('exit', resolve)) };
}

test('[FP5] the real one ends with its work, though the agent is still there', async () => {
  const { folder } = program('');
  expect(await startChild(folder).ended).toBe(0);
}, 20_000);

/** Work that never ends, as of a program that hangs. */
const BUSY = `data:text/javascript,${encodeURIComponent('setInterval(() => undefined, 1000)')}`;

test('[FP5] it ends with the agent, whatever it waits for', async () => {
  const { folder } = program('');
  const { child, ended } = startChild(folder, '--import', BUSY);
  // The system closes it for an agent that was killed.
  child.stdin?.end();
  expect(await ended).toBe(1);
}, 20_000);

test('[FP3] a running agent loads no module of the inventory but what starts the process', () => {
  const loaded = staticImports(join(import.meta.dirname, '../command-line.ts'));
  expect(loaded.size).toBeGreaterThan(20);
  const ofInventory = [...loaded]
    .map((path) => relative(import.meta.dirname, path))
    .filter((path) => !path.startsWith('..'));
  expect(ofInventory).toEqual(['child.ts', 'kept-files.ts']);
});

test.each(['host-windows.ts', 'host-macos.ts'])(
  '[FP3] nor does that of %s, but for parsers of what helpers say',
  (host) => {
    const loaded = staticImports(join(import.meta.dirname, '..', host));
    const ofInventory = [...loaded]
      .map((path) => relative(import.meta.dirname, path))
      .filter((path) => !path.startsWith('..'));
    expect(ofInventory.filter((path) => !path.startsWith('parsers/'))).toEqual([]);
  },
);

test("[FP6] the service's flags, which keep the agent small, become those of a process that ends soon", () => {
  const agent = ['--lite-mode', '--max-semi-space-size=1', '--max-old-space-size=96', '--single-threaded'];
  const child = childFlags(agent);
  expect(child).toEqual([
    '--max-old-space-size=96',
    '--single-threaded',
    '--jitless',
    '--min-semi-space-size=16',
    '--max-semi-space-size=16',
  ]);
  expect(spawnSync(process.execPath, [...child, '-e', '0']).status).toBe(0);
  expect(childFlags(['--import', 'x.mjs'])).toEqual(['--import', 'x.mjs']);
});

test('[FP6] what Node made of the script is kept for the next one, and of older versions nothing stays', async () => {
  const { child, folder } = program('process.stdout.write(JSON.stringify({ sections: {}, failures: [] }))');
  const compiled = join(folder, COMPILED_FOLDER);
  await inventoryInChild(child, () => undefined, NOTHING_ASKED);
  expect(readdirSync(compiled)).toHaveLength(1);
  mkdirSync(join(compiled, 'v1.2.3'));
  await inventoryInChild(child, () => undefined, NOTHING_ASKED);
  expect(readdirSync(compiled)).toEqual([expect.stringContaining(process.version)]);
});

test('[IN86] what is kept of older versions and does not go costs a line in the log, not the inventory', async () => {
  const { child, folder, log } = program(
    'process.stdout.write(JSON.stringify({ sections: {}, failures: [] }))',
  );
  // In the place of the folder stands something that is none.
  writeFileSync(join(folder, COMPILED_FOLDER), '');
  expect((await inventoryInChild(child, () => undefined, NOTHING_ASKED)).size).toBe(0);
  expect(log).toEqual([expect.stringContaining('ENOTDIR')]);
});
