/** Real processes for end-to-end tests: server, agents, commands, browser; each in a folder of its own, all gone afterwards. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

export const { COMMAND_ARGS, ENVIRONMENT, SERVER_ARGS } = createRequire(import.meta.url)(
  '../../scripts/server-process.cjs',
) as {
  COMMAND_ARGS: string[];
  ENVIRONMENT: Record<string, string>;
  SERVER_ARGS: string[];
};
export const ROOT = resolve(import.meta.dirname, '../..');
export const ADMIN_PASSWORD = 'correct horse battery';

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly process: ChildProcess;
  /** From start to ready. */
  readonly readyMs: number;
  /** All that it printed so far. */
  output(): string;
  /** API token of an administrator. */
  readonly token: string;
  api<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T>;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/** Starts the server and waits until it is ready. `dataDir` is made when not given and deleted by `cleanUp`. */
export async function startServer(
  options: {
    dataDir?: string;
    port?: number;
    /** undefined leaves a setting out. */
    env?: Record<string, string | undefined>;
    localAgent?: boolean;
    token?: string;
  } = {},
): Promise<RunningServer> {
  const dataDir = options.dataDir ?? temporaryFolder('server');
  const port = options.port ?? (await freePort());
  const url = `http://${options.env?.MUSTER_HOST ?? '127.0.0.1'}:${port}`;
  const env = {
    ...process.env,
    ...ENVIRONMENT,
    MUSTER_DATA_DIR: dataDir,
    MUSTER_PORT: String(port),
    MUSTER_ADMIN_PASSWORD: ADMIN_PASSWORD,
    MUSTER_LOCAL_AGENT: options.localAgent ? '1' : '0',
    ...options.env,
  };
  const startedMs = performance.now();
  const child = keep(
    spawn(process.execPath, SERVER_ARGS, {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  const output = collect(child);
  await until(
    async () => {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`the server ended at its start:\n${output()}`);
      return (await fetch(`${url}/readyz`).catch(() => null))?.ok ?? false;
    },
    { withinMs: 60_000, what: () => `the server is ready; it printed:\n${output()}` },
  );
  const readyMs = performance.now() - startedMs;
  const token =
    options.token ??
    muster(['token', 'create', '--role', 'admin', '--name', 'e2e'], {
      MUSTER_DATA_DIR: dataDir,
      MUSTER_PORT: String(port),
    }).trim();
  return {
    url,
    port,
    dataDir,
    process: child,
    readyMs,
    output,
    token,
    api: (method, path, body) => callApi(url, token, method, path, body),
    stop: () => end(child, 'SIGTERM'),
    kill: () => end(child, 'SIGKILL'),
  };
}

export interface RunningAgent {
  readonly process: ChildProcess;
  readonly dataDir: string;
  output(): string;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/** Starts an agent by hand, as `muster agent run` does. */
export function startAgent(options: {
  server: string;
  token?: string;
  dataDir?: string;
  args?: string[];
  prefix?: string[];
}): RunningAgent {
  const dataDir = options.dataDir ?? temporaryFolder('agent');
  const command = [
    process.execPath,
    join(ROOT, 'agent/src/main.ts'),
    'run',
    '--server',
    options.server,
    '--data-dir',
    dataDir,
    ...(options.token ? ['--token', options.token] : []),
    ...(options.args ?? []),
  ];
  const [program = '', ...args] = [...(options.prefix ?? []), ...command];
  const child = keep(spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] }));
  return {
    process: child,
    dataDir,
    output: collect(child),
    stop: () => end(child, 'SIGTERM'),
    kill: () => end(child, 'SIGKILL'),
  };
}

/** Another program, ended by `cleanUp` at the latest. */
export function startProgram(program: string, args: readonly string[]): Omit<RunningAgent, 'dataDir'> {
  const child = keep(spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] }));
  return {
    process: child,
    output: collect(child),
    stop: () => end(child, 'SIGTERM'),
    kill: () => end(child, 'SIGKILL'),
  };
}

/** Whether a program of this name can be started. */
export function isInstalled(program: string): boolean {
  const path = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;
  return path.split(':').some((folder) => folder !== '' && existsSync(join(folder, program)));
}

/** Runs a `muster` command to its end and returns its standard output. */
export function muster(args: string[], env: Record<string, string>): string {
  return execFileSync(process.execPath, [...COMMAND_ARGS, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export async function enrolmentToken(
  server: RunningServer,
  more: Record<string, unknown> = {},
): Promise<string> {
  const made = await server.api<{ token: string }>('POST', '/enrolment-tokens', { usesMax: 100, ...more });
  return made.token;
}

export async function callApi<T>(
  url: string,
  token: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  return (text === '' ? {} : JSON.parse(text)) as T;
}

/** Asks again and again until `check` gives something true. Real processes have no fake clock; nothing is slept away blindly. */
export async function until<T>(
  check: () => Promise<T> | T,
  options: { withinMs: number; what: string | (() => string); everyMs?: number },
): Promise<NonNullable<T>> {
  const deadline = performance.now() + options.withinMs;
  let last: unknown;
  for (;;) {
    const value = await Promise.resolve()
      .then(check)
      .catch((error: unknown) => {
        last = error;
        return null;
      });
    if (value) return value;
    if (performance.now() > deadline) {
      const what = typeof options.what === 'string' ? options.what : options.what();
      throw new Error(`waited ${options.withinMs} ms in vain until ${what}`, { cause: last });
    }
    await new Promise((resolve_) => setTimeout(resolve_, options.everyMs ?? 100));
  }
}

/** Seconds of real time, printed with the results: figures, not assertions. */
export function figure(what: string, value: number, unit: string): void {
  console.log(`figure: ${what}: ${value.toFixed(value < 10 ? 2 : 0)} ${unit}`);
}

export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `muster-e2e-${name}-`));
  folders.push(folder);
  return folder;
}

/** Call in `afterEach` or `afterAll`: ends what was started, deletes what was made. */
export async function cleanUp(): Promise<void> {
  await Promise.all([...children].map((child) => end(child, 'SIGKILL')));
  // What a killed agent has started ends a moment later, and writes until then.
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 20 });
}

export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => existsSync(path),
);
export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Below those that the system gives to whoever asks for any (Linux: from 32,768): a server that is started again finds its own still free. */
const PORT_MIN = 12_000;
/** Each worker has its own: two that start a server at the same moment are never given the same. */
const PORTS_PER_WORKER = 500;
const WORKERS_MAX = 40;
const ownPorts = PORT_MIN + (Number(process.env.VITEST_POOL_ID ?? 0) % WORKERS_MAX) * PORTS_PER_WORKER;
/** Another run of the tests may go on beside this one. */
let portsGiven = Math.floor(Math.random() * PORTS_PER_WORKER);

export async function freePort(): Promise<number> {
  for (let tries = 0; tries < PORTS_PER_WORKER; tries++) {
    const port = ownPorts + (portsGiven++ % PORTS_PER_WORKER);
    if (await isFree(port)) return port;
  }
  throw new Error(`no port is free from ${ownPorts} to ${ownPorts + PORTS_PER_WORKER - 1}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve_) => {
    const server = createServer();
    server.once('error', () => resolve_(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve_(true)));
  });
}

/** As an image of a disk holds it; a file that the inventory's process takes away at its end may vanish meanwhile. */
export async function copyOfFolder(from: string, to: string): Promise<void> {
  await until(
    () => {
      rmSync(to, { recursive: true, force: true });
      cpSync(from, to, { recursive: true });
      return true;
    },
    { withinMs: 20_000, what: `${from} is copied` },
  );
}

const children = new Set<ChildProcess>();
const folders: string[] = [];

function keep(child: ChildProcess): ChildProcess {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

function collect(child: ChildProcess): () => string {
  const parts: string[] = [];
  child.stdout?.on('data', (chunk) => parts.push(String(chunk)));
  child.stderr?.on('data', (chunk) => parts.push(String(chunk)));
  return () => parts.join('');
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve_) => child.once('exit', () => resolve_()));
  child.kill(signal);
  await ended;
}
