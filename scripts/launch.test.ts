/** `npm start` in a folder that stands in for the repository: its packages are there, its build and its server say only when they ran. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';

/** Real processes: npm is looked for twice a second. */
const WITHIN = { timeout: 20_000, interval: 100 };
const UNTIL_ENDED = `
if (process.argv.includes('--compile-only')) process.exit();
process.on('SIGTERM', () => { console.log('ended by SIGTERM'); process.exit(); });
setInterval(() => undefined, 1_000);
console.log('it runs');
`;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

test.each([
  ['Building the dashboard', false],
  ['Bringing the dashboard up to date', true],
])('[OP5] a start says first "%s", then builds, then starts the server', (said, built) => {
  expect(start(repository({ built }))).toEqual([
    `muster: ${said} …`,
    'the build',
    'muster: Compiling the server …',
    'the server',
  ]);
});

test('[OP6] the server is compiled by a process of its own, once for these sources', () => {
  const root = repository({ built: true });
  const steps = () => start(root).filter((line) => /^muster: C|^the server/.test(line));
  expect(steps()).toEqual(['muster: Compiling the server …', 'the server']);
  rmSync(join(root, 'printed'));
  expect(steps()).toEqual(['the server']);
  rmSync(join(root, 'printed'));
  writeFileSync(join(root, 'server/src/other.ts'), 'export {};');
  expect(steps()).toEqual(['muster: Compiling the server …', 'the server']);
});

test('[OP5] a command of muster has the output to itself: a program may read it', () => {
  expect(start(repository({ built: true }), 'muster')).toEqual(['the command']);
});

test.skipIf(process.platform === 'win32')(
  '[OP8] where npm is ended by its process number the server ends too',
  async () => {
    const root = repository({ built: true, server: UNTIL_ENDED });
    const log = join(root, 'log');
    writeFileSync(log, '');
    const launch = `"${process.execPath}" "${join(root, 'scripts/launch.cjs')}" start >>"${log}" 2>&1`;
    // As npm does it: a process that waits, and is no more.
    const npm = spawn('/bin/sh', ['-c', `${launch} & wait`], {
      stdio: 'ignore',
      env: { ...process.env, npm_lifecycle_event: 'start' },
    });
    await vi.waitUntil(() => readFileSync(log, 'utf8').includes('it runs'), WITHIN);
    npm.kill('SIGKILL');
    await vi.waitUntil(() => readFileSync(log, 'utf8').includes('ended by SIGTERM'), WITHIN);
  },
);

/** What it printed on both streams, line by line, and between them what the build says. */
function start(root: string, command = 'start'): string[] {
  const printed = join(root, 'printed');
  const stream = openSync(printed, 'a');
  spawnSync(process.execPath, [join(root, 'scripts/launch.cjs'), command], {
    stdio: ['ignore', stream, stream],
  });
  closeSync(stream);
  return readFileSync(printed, 'utf8').trim().split('\n');
}

function repository({
  built,
  server = 'console.log("the server");',
}: {
  built: boolean;
  server?: string;
}): string {
  const root = mkdtempSync(join(tmpdir(), 'muster-launch-'));
  folders.push(root);
  for (const name of ['launch.cjs', 'server-process.cjs', 'drizzle-imports.cjs'])
    cpSync(join(import.meta.dirname, name), join(root, 'scripts', name));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write('package-lock.json', '{}');
  write(
    'node_modules/.muster-install',
    `${createHash('sha256')
      .update(readFileSync(join(root, 'package-lock.json')))
      .digest('hex')} ${process.platform}-${process.arch}`,
  );
  // What a build prints is shown only where it fails.
  write('node_modules/.bin/turbo', `#!/bin/sh\necho "the build" >> "${join(root, 'printed')}"\n`);
  chmodSync(join(root, 'node_modules/.bin/turbo'), 0o755);
  write('server/src/main.ts', server);
  write('server/src/cli/muster.ts', 'console.log("the command");');
  if (built) write('dashboard/dist/index.html', '');
  return root;
}
