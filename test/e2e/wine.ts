/**
 * A small Windows for tests: Wine in a folder of its own. What runs in it is what a release holds, but for Node, of which Wine 8 wants a
 * changed copy. There is no PowerShell and no WMI in it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodePackages, nodeProgram } from '@muster/server/release/node-packages.ts';
import { ROOT } from './harness.ts';

/** Beside the installed packages: it is pinned with them, and fetched once. */
const FETCHED_NODES = join(ROOT, 'node_modules/.cache/muster/release');
/** Wine 8 has the first of a pair that V8 takes for granted; without either it does with what Windows 8 had. */
const CHANGED_FOR_WINE = [
  ['VirtualAlloc2\0', 'VirtualAllocX\0'],
  // The service takes all variables of Node away from the agent, and this one must stay.
  ['NODE_SKIP_PLATFORM_CHECK\0', 'WINE_SKIP_PLATFORM_CHECK\0'],
] as const;
const PLATFORM_CHECK = 'WINE_SKIP_PLATFORM_CHECK';
const ENVIRONMENT_KEY = 'HKLM\\System\\CurrentControlSet\\Control\\Session Manager\\Environment';
const COMMAND_MS_MAX = 120_000;

/** Why no such Windows can be made here; null: it can. */
export function wineObstacle(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'it wants Linux on x64';
  for (const program of ['wine', 'wineserver', 'x86_64-w64-mingw32-gcc'])
    if (spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0) return `${program} is missing`;
  return null;
}

export interface Wine {
  /** Of the machine's own paths: `C:\` as a folder. */
  readonly drive: string;
  /** A program of Windows to its end; never rejects. */
  run(...words: string[]): Promise<{ status: number; output: string }>;
  /** Ends all that runs in it. */
  end(): Promise<void>;
  /** The same, and switches it on again; nobody signs in. */
  restart(): Promise<void>;
}

export async function openWine(prefix: string): Promise<Wine> {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    WINEPREFIX: prefix,
    WINEDEBUG: '-all',
    // Not asked for, and not there.
    WINEDLLOVERRIDES: 'mscoree,mshtml=',
    [PLATFORM_CHECK]: '1',
  };
  delete env.DISPLAY;
  mkdirSync(prefix, { recursive: true });
  let session: ChildProcess | null = null;
  const wine: Wine = {
    drive: join(prefix, 'drive_c'),
    run: (...words) => runToEnd('wine', words, env, join(prefix, 'output')),
    end: async () => {
      await runToEnd('wineserver', ['-k'], env, join(prefix, 'output'));
      session?.kill();
    },
    restart: async () => {
      await wine.end();
      // Wine goes down, with all services, as soon as nobody's program runs.
      session = spawn('wine', ['cmd.exe'], { env, stdio: ['pipe', 'ignore', 'ignore'] });
    },
  };
  await runToEnd('wineboot', ['-i'], env, join(prefix, 'output'));
  // Later versions say that they have what they do not.
  await wine.run('reg', 'add', 'HKCU\\Software\\Wine', '/v', 'Version', '/d', 'win81', '/f');
  await wine.run('reg', 'add', ENVIRONMENT_KEY, '/v', PLATFORM_CHECK, '/d', '1', '/f');
  // Services have the variables that were set when Windows started.
  await wine.restart();
  return wine;
}

/** By a file and not a pipe, which services that are started on the way would keep open. */
async function runToEnd(
  program: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  outputFile: string,
): Promise<{ status: number; output: string }> {
  const output = openSync(outputFile, 'w');
  const child = spawn(program, words, { env, timeout: COMMAND_MS_MAX, stdio: ['ignore', output, output] });
  const status = await new Promise<number>((resolve) => {
    child.once('exit', (code) => resolve(code ?? 1));
    child.once('error', () => resolve(1));
  });
  closeSync(output);
  return { status, output: readFileSync(outputFile, 'utf8') };
}

/** The Node of the release for Windows, changed. @throws Error where it cannot be had */
export async function nodeForWine(to: string): Promise<void> {
  const wanted = (await nodePackages()).find(({ platform }) => platform === 'win-x64');
  if (wanted === undefined) throw new Error('there is no Node for win-x64');
  const { path } = await nodeProgram(wanted, FETCHED_NODES);
  const program = readFileSync(path);
  for (const [before, after] of CHANGED_FOR_WINE) {
    const at = program.indexOf(before);
    if (at < 0) throw new Error(`${before} is not in node.exe: does Wine still want a change?`);
    for (let next = at; next >= 0; next = program.indexOf(before, next + 1))
      program.write(after, next, 'latin1');
  }
  writeFileSync(to, program);
}

export function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
