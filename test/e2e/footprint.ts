/**
 * What the agent costs the machine it watches: memory, processor time and bytes on the wire, minute by minute.
 *
 *   node test/e2e/footprint.ts [--minutes 10] [--plain]
 *
 * It starts a server and one agent as the installer sets it up: the bundled script, a Node binary of its own (so that
 * no page of it is shared with the server and PSS is honest), the flags of agent/src/service/linux/run.sh, the default
 * interval, and TLS with a pinned key (`--plain` goes without). Between the two stands a TCP relay that counts bytes.
 * The first minute holds the start, the enrolment and the whole inventory and is shown apart; the figures at the end
 * are of the minutes after it. Linux only.
 *
 *   PSS        resident memory, a page shared by n processes counted as 1/n (/proc/PID/smaps_rollup)
 *   private    anonymous memory: what only this process has, and what the system cannot drop
 *   RSS        all resident pages, most of which are clean pages of the Node binary
 *   CPU        user and system time of the process (/proc/PID/stat)
 *   up, down   bytes that TCP carried from and to the agent, TLS and WebSocket included
 *   on wire    the same with the headers of Ethernet, IPv4 and TCP, from the segments that the kernel counted (ss)
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleAgent } from '@muster/server/install/bundle-agent.ts';
import { openServerKey } from '@muster/server/fleet/server-key.ts';
import { openSelfSignedTls } from '@muster/server/tls.ts';
import { dataFolder } from '@muster/server/data-folder.ts';
import { INTERVAL_MS_DEFAULT } from '@muster/shared/wire/limits.ts';
import { ADMIN_PASSWORD, cleanUp, freePort, muster, ROOT, temporaryFolder, until } from './harness.ts';

const MINUTES_DEFAULT = 10;
const MINUTE_MS = 60_000;
const MEMORY_READ_MS = 5_000;
/** USER_HZ: what /proc shows times in, on every architecture that Node runs on. */
const CLOCK_TICKS_PER_SECOND = 100;
/** Ethernet 14, IPv4 20, TCP 20 and 12 of its time stamps. */
const SEGMENT_HEADER_BYTES = 66;

interface Relay {
  readonly port: number;
  readonly upBytes: number;
  readonly downBytes: number;
  /** Segments in both directions; null where `ss` is missing. */
  segments(): number | null;
}
interface Memory {
  readonly pssKib: number;
  readonly privateKib: number;
  readonly residentKib: number;
}
interface Counters {
  readonly cpuMs: number;
  readonly upBytes: number;
  readonly downBytes: number;
  /** null where `ss` is missing. */
  readonly segments: number | null;
  readonly samples: number;
}
type Minute = Memory & Counters;

const { values } = parseArgs({ options: { minutes: { type: 'string' }, plain: { type: 'boolean' } } });
const minutes = Number(values.minutes ?? MINUTES_DEFAULT);
if (!Number.isInteger(minutes) || minutes < 1) throw new Error('--minutes must be a whole number from 1 on');
try {
  await measure(minutes, values.plain ?? false);
} finally {
  await cleanUp();
}

async function measure(count: number, plain: boolean): Promise<void> {
  const server = await startTlsServer(plain);
  try {
    const relay = await startRelay(server.port);
    const agent = await startInstalledAgent(server, relay.port);
    try {
      const rows: Minute[] = [];
      let before: Counters = { cpuMs: 0, upBytes: 0, downBytes: 0, segments: 0, samples: 0 };
      for (let i = 0; i <= count; i++) {
        if (agent.child.exitCode !== null) throw new Error(`the agent ended:\n${agent.output()}`);
        const { row, after } = await watchMinute(agent, relay, server, before);
        before = after;
        print(i === 0 ? 'start' : String(i), row, i === 0);
        rows.push(row);
      }
      summary(rows.slice(1));
    } finally {
      await end(agent.child);
    }
  } finally {
    await end(server.child);
  }
}

interface MeasuredServer {
  readonly child: ChildProcess;
  readonly port: number;
  readonly serverKey: string;
  readonly tlsPin: string | null;
  api(method: string, path: string, body?: unknown): Promise<string>;
}

async function startTlsServer(plain: boolean): Promise<MeasuredServer> {
  const dataDir = temporaryFolder('server');
  const port = await freePort();
  const tls = plain ? null : openSelfSignedTls(temporaryFolder('tls'), ['localhost'], Date.now());
  const env: Record<string, string> = {
    MUSTER_DATA_DIR: dataDir,
    MUSTER_PORT: String(port),
    MUSTER_ADMIN_PASSWORD: ADMIN_PASSWORD,
    MUSTER_LOCAL_AGENT: '0',
  };
  if (tls) {
    const folder = temporaryFolder('certificate');
    env.MUSTER_TLS_CERT = join(folder, 'tls.crt');
    env.MUSTER_TLS_KEY = join(folder, 'tls.key');
    writeFileSync(env.MUSTER_TLS_CERT, tls.cert);
    writeFileSync(env.MUSTER_TLS_KEY, tls.key, { mode: 0o600 });
  }
  const child = spawn(process.execPath, [join(ROOT, 'server/src/main.ts')], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = collected(child);
  await until(() => /Muster is ready/.test(output()) || child.exitCode !== null, {
    withinMs: 60_000,
    what: 'the server is ready',
  });
  if (child.exitCode !== null) throw new Error(`the server ended at its start:\n${output()}`);
  const apiToken = muster(['token', 'create', '--role', 'admin', '--name', 'footprint'], env).trim();
  return {
    child,
    port,
    serverKey: openServerKey(dataFolder(dataDir).serverKey).text,
    tlsPin: tls?.pin ?? null,
    api: (method, path, body) => callServer({ plain, port, apiToken, method, path, body }),
  };
}

interface Call {
  readonly plain: boolean;
  readonly port: number;
  readonly apiToken: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

/** The certificate is the one that was made a moment ago, on this machine. */
function callServer({ plain, port, apiToken, method, path, body }: Call): Promise<string> {
  const request = plain ? plainRequest : tlsRequest;
  const options = { host: '127.0.0.1', port, method, path, headers: headersOf(apiToken) };
  return new Promise((resolve, reject) => {
    const call = request({ ...options, rejectUnauthorized: false }, (response) => {
      const parts: string[] = [];
      response.setEncoding('utf8');
      response.on('data', (part: string) => parts.push(part));
      response.on('end', () =>
        (response.statusCode ?? 500) < 300
          ? resolve(parts.join(''))
          : reject(new Error(`${path} answered ${response.statusCode}`)),
      );
    });
    call.on('error', reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function headersOf(apiToken: string): Record<string, string> {
  return { authorization: `Bearer ${apiToken}`, 'content-type': 'application/json' };
}

async function startRelay(target: number): Promise<Relay> {
  const counted = { port: 0, upBytes: 0, downBytes: 0 };
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    near.on('data', (bytes) => {
      counted.upBytes += bytes.length;
      far.write(bytes);
    });
    far.on('data', (bytes) => {
      counted.downBytes += bytes.length;
      near.write(bytes);
    });
    near.setNoDelay(true);
    far.setNoDelay(true);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
  });
  counted.port = await freePort();
  await new Promise<void>((resolve) => server.listen(counted.port, '127.0.0.1', resolve));
  server.unref();
  return Object.assign(counted, { segments: () => segmentsOf(counted.port) });
}

/** ss(8), `-i`: segs_out and segs_in of the relay's end of the agent's connection. */
function segmentsOf(port: number): number | null {
  let text: string;
  try {
    text = execFileSync('ss', ['-Htin', 'state', 'established', `sport = :${port}`], { encoding: 'utf8' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  return [...text.matchAll(/segs_(?:out|in):(\d+)/g)].reduce((sum, [, n]) => sum + Number(n), 0);
}

async function startInstalledAgent(server: MeasuredServer, port: number) {
  const folder = temporaryFolder('agent');
  const node = join(folder, 'node');
  copyFileSync(process.execPath, node);
  const script = join(folder, 'agent.mjs');
  writeFileSync(script, (await bundleAgent(temporaryFolder('bundle'), null)).script);
  const { token } = JSON.parse(await server.api('POST', '/api/v1/enrolment-tokens', {})) as { token: string };
  const config = join(folder, 'config.json');
  const url = `${server.tlsPin === null ? 'ws' : 'wss'}://127.0.0.1:${port}`;
  const pin = server.tlsPin === null ? {} : { tlsPin: server.tlsPin };
  const settings = {
    server: url,
    token,
    serverKey: server.serverKey,
    dataDir: join(folder, 'data'),
    ...pin,
  };
  writeFileSync(config, JSON.stringify(settings));
  const child = spawn(node, [...installedFlags(), script, 'run', '--config', config], {
    env: {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      LANG: 'C.UTF-8',
      MALLOC_ARENA_MAX: '2',
      UV_THREADPOOL_SIZE: '2',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = collected(child);
  await until(() => /connected/.test(output()) || child.exitCode !== null, {
    withinMs: 30_000,
    what: () => `the agent is connected; it printed:\n${output()}`,
  });
  return { child, output };
}

/** What the service starts Node with, read from the file that is installed. */
function installedFlags(): string[] {
  const text = readFileSync(join(ROOT, 'agent/src/service/linux/run.sh'), 'utf8');
  const flags = /^flags='([^']+)'$/m.exec(text)?.[1];
  if (flags === undefined) throw new Error('run.sh has no line "flags=…"');
  return flags.split(' ');
}

async function watchMinute(
  { child }: { child: ChildProcess },
  relay: Relay,
  server: MeasuredServer,
  before: Counters,
): Promise<{ row: Minute; after: Counters }> {
  const pid = child.pid ?? 0;
  const deadline = performance.now() + MINUTE_MS;
  const readings: Memory[] = [];
  while (performance.now() < deadline) {
    readings.push(memoryOf(pid));
    const leftMs = deadline - performance.now();
    await new Promise((resolve) => setTimeout(resolve, Math.min(MEMORY_READ_MS, Math.max(0, leftMs))));
  }
  const after = await counters(pid, relay, server);
  const row = {
    pssKib: median(readings.map(({ pssKib }) => pssKib)),
    privateKib: median(readings.map(({ privateKib }) => privateKib)),
    residentKib: median(readings.map(({ residentKib }) => residentKib)),
    cpuMs: after.cpuMs - before.cpuMs,
    upBytes: after.upBytes - before.upBytes,
    downBytes: after.downBytes - before.downBytes,
    segments: after.segments === null || before.segments === null ? null : after.segments - before.segments,
    samples: after.samples - before.samples,
  };
  return { row, after };
}

async function counters(pid: number, relay: Relay, server: MeasuredServer): Promise<Counters> {
  const own = await server.api('GET', '/metrics');
  return {
    cpuMs: cpuMsOf(pid),
    upBytes: relay.upBytes,
    downBytes: relay.downBytes,
    segments: relay.segments(),
    samples: Number(/^muster_samples_total (\d+)/m.exec(own)?.[1] ?? Number.NaN),
  };
}

/** proc(5), /proc/PID/stat: fields 14 to 17, clock ticks of this process and of the children it waited for. */
function cpuMsOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const clockTicks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return (clockTicks * 1_000) / CLOCK_TICKS_PER_SECOND;
}

function memoryOf(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kib = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN);
  return { pssKib: kib('Pss'), privateKib: kib('Anonymous'), residentKib: kib('Rss') };
}

function print(name: string, minute: Minute, withHeader: boolean): void {
  if (withHeader)
    console.log(
      ['minute', 'PSS MiB', 'private', 'RSS', 'CPU ms', 'up B', 'down B', 'on wire B', 'samples']
        .map((word) => word.padStart(9))
        .join(' '),
    );
  const cells = [
    name,
    mib(minute.pssKib),
    mib(minute.privateKib),
    mib(minute.residentKib),
    String(Math.round(minute.cpuMs)),
    String(minute.upBytes),
    String(minute.downBytes),
    minute.segments === null ? '-' : String(wireBytes(minute)),
    String(minute.samples),
  ];
  console.log(cells.map((cell) => cell.padStart(9)).join(' '));
}

function summary(rows: readonly Minute[]): void {
  const mean = (of: (minute: Minute) => number) => rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
  const highest = (of: (minute: Minute) => number) => Math.max(...rows.map(of));
  const ticksPerMinute = MINUTE_MS / INTERVAL_MS_DEFAULT;
  const lines: [string, string][] = [
    [
      'PSS',
      `${mib(median(rows.map((row) => row.pssKib)))} MiB (highest ${mib(highest((row) => row.pssKib))})`,
    ],
    [
      'private memory',
      `${mib(median(rows.map((row) => row.privateKib)))} MiB (highest ${mib(highest((row) => row.privateKib))})`,
    ],
    [
      'CPU',
      `${mean((row) => row.cpuMs).toFixed(0)} ms/min (highest ${highest((row) => row.cpuMs).toFixed(0)})`,
    ],
    ['up', `${mean((row) => row.upBytes).toFixed(0)} B/min`],
    ['down', `${mean((row) => row.downBytes).toFixed(0)} B/min`],
    [
      'on the wire',
      rows.some((row) => row.segments === null)
        ? 'not known: there is no ss'
        : `${mean(wireBytes).toFixed(0)} B/min with all headers`,
    ],
    ['samples in a tick', (mean((row) => row.samples) / ticksPerMinute).toFixed(1)],
  ];
  console.log(`\nover ${rows.length} minutes at ${INTERVAL_MS_DEFAULT / 1_000} s:`);
  for (const [what, figure] of lines) console.log(`  ${what.padEnd(18)} ${figure}`);
}

function wireBytes({ upBytes, downBytes, segments }: Minute): number {
  return upBytes + downBytes + (segments ?? 0) * SEGMENT_HEADER_BYTES;
}

function mib(kib: number): string {
  return (kib / 1_024).toFixed(1);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
}

function collected(child: ChildProcess): () => string {
  const parts: string[] = [];
  child.stdout?.on('data', (chunk) => parts.push(String(chunk)));
  child.stderr?.on('data', (chunk) => parts.push(String(chunk)));
  return () => parts.join('');
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  await ended;
}
