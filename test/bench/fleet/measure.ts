/**
 * What the real server needs for a load of agents: processor time, memory, time until all are back after a restart.
 * Prints figures and checks nothing. Usage:
 *
 *   node test/bench/fleet/measure.ts paced [--agents 2000] [--hold 1] [--seconds 60]   CPU-seconds per minute once all are in
 *   node test/bench/fleet/measure.ts burst [--agents 2000] [--ticks 60]                samples per CPU-second
 *   node test/bench/fleet/measure.ts storm [--agents 10000]                            kill -9 and start again while they send
 *
 *   --cpu-prof FOLDER leaves a profile of the server there; --series, --seed, --warm, --processes, --connecting as in main.ts
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { cleanUp, type RunningServer, startServer } from '../../e2e/harness.ts';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    agents: { type: 'string' },
    series: { type: 'string', default: '100' },
    hold: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '60' },
    ticks: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    window: { type: 'string', default: '16' },
    warm: { type: 'string', default: '1' },
    connecting: { type: 'string', default: '64' },
    processes: { type: 'string', default: '1' },
    'cpu-prof': { type: 'string' },
  },
});
const INTERVAL_MS = 10_000;
/** Kernel's clock ticks in a second (sysconf(_SC_CLK_TCK)), 100 on Linux. */
const CLOCK_TICKS = 100;

/** One lets in 10,000 agents. */
const TOKENS = 2;

const [mode = 'paced'] = positionals;
try {
  if (mode === 'paced') await paced();
  else if (mode === 'burst') await burst();
  else if (mode === 'storm') await storm();
  else throw new Error(`${mode}: paced, burst or storm`);
} finally {
  await cleanUp();
}

async function paced(): Promise<void> {
  const agents = Number(flags.agents ?? 2_000);
  const server = await start();
  const ticks =
    Math.ceil((Number(flags.seconds) * 1_000) / INTERVAL_MS) + 3 + Number(flags.hold) + Number(flags.warm);
  const load = await startLoad(server, [
    '--mode',
    'paced',
    '--agents',
    String(agents),
    '--ticks',
    String(ticks),
  ]);
  await load.event('connected');
  const idle = usageOf(server);
  print(`connected: ${used(server, load.usage)}, RSS ${mib(idle.rssBytes)} MiB`);
  await load.event('steady');
  const before = usageOf(server);
  const threads = threadsOf(server);
  await new Promise((resolve) => setTimeout(resolve, Number(flags.seconds) * 1_000));
  const after = usageOf(server);
  print(`threads: ${byThread(server, threads)}`);
  const perMinute = ((after.cpuSeconds - before.cpuSeconds) * 60) / Number(flags.seconds);
  print(
    `paced, ${agents} agents, hold ${flags.hold}: ${perMinute.toFixed(2)} CPU-s per minute, RSS ${mib(after.rssBytes)} MiB`,
  );
  print(await load.report());
  await end(server);
}

async function burst(): Promise<void> {
  const agents = Number(flags.agents ?? 2_000);
  const server = await start();
  const load = await startLoad(server, [
    '--mode',
    'burst',
    '--agents',
    String(agents),
    '--ticks',
    flags.ticks,
  ]);
  await load.event('burst');
  const before = usageOf(server);
  const threads = threadsOf(server);
  await load.event('done');
  const after = usageOf(server);
  print(`threads: ${byThread(server, threads)}`);
  const samples = agents * Number(flags.ticks) * Number(flags.series);
  const cpu = after.cpuSeconds - before.cpuSeconds;
  print(
    `burst: ${(samples / 1e6).toFixed(1)} M samples, ${cpu.toFixed(2)} CPU-s: ${(samples / cpu / 1e6).toFixed(2)} M per CPU-s = ${((cpu / samples) * 1e9).toFixed(0)} ns each, RSS ${mib(after.rssBytes)} MiB`,
  );
  print(await load.report());
  await end(server);
}

async function storm(): Promise<void> {
  const agents = Number(flags.agents ?? 10_000);
  const server = await start();
  const load = await startLoad(server, ['--mode', 'storm', '--agents', String(agents), '--ticks', '1']);
  await load.event('connected');
  print(`enrolled: ${used(server, load.usage)}, RSS ${mib(usageOf(server).rssBytes)} MiB`);
  await load.event('steady');
  await server.kill();
  const again = await start({ dataDir: server.dataDir, port: server.port, token: server.token });
  print(`the restarted server is ready after ${again.readyMs.toFixed(0)} ms, ${used(again, load.usage)}`);
  await load.event('back');
  print(`all back: ${used(again, load.usage)}`);
  await load.event('caught-up');
  print(`caught up: ${used(again, load.usage)}, RSS ${mib(usageOf(again).rssBytes)} MiB`);
  print(await load.report());
  await end(again);
}

async function start(more: Parameters<typeof startServer>[0] = {}): Promise<RunningServer> {
  const profile = flags['cpu-prof'];
  const env = profile === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profile}` };
  return startServer({ ...more, env });
}

/** A profile is only written at an orderly end. */
async function end(server: RunningServer): Promise<void> {
  await server.stop();
}

interface Load {
  readonly usage: () => number;
  event(name: string): Promise<void>;
  report(): Promise<string>;
}

async function startLoad(server: RunningServer, more: readonly string[]): Promise<Load> {
  const issued = await Promise.all(
    Array.from({ length: TOKENS }, () =>
      server.api<{ token: string; serverKey: string }>('POST', '/enrolment-tokens', { usesMax: 10_000 }),
    ),
  );
  const args = [
    `${import.meta.dirname}/main.ts`,
    '--url',
    `ws://127.0.0.1:${server.port}/ws/agent`,
    '--server-key',
    issued[0]?.serverKey ?? '',
    '--token',
    issued.map(({ token }) => token).join(','),
    ...['series', 'hold', 'seed', 'window', 'warm', 'connecting', 'processes'].flatMap((name) => [
      `--${name}`,
      String(flags[name as 'series']),
    ]),
    ...more,
  ];
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  process.once('exit', () => child.kill());
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const seen = new Set<string>();
  const waiting = new Map<string, () => void>();
  createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => {
    if (!line.startsWith('{')) return void process.stderr.write(`${line}\n`);
    const { event } = JSON.parse(line) as { event: string };
    seen.add(event);
    waiting.get(event)?.();
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    usage: () => cpuSecondsOf(child.pid ?? 0),
    event: (name) =>
      seen.has(name)
        ? Promise.resolve()
        : Promise.race([
            new Promise<void>((resolve) => waiting.set(name, resolve)),
            ended.then(() => {
              if (!seen.has(name)) throw new Error(`the load ended before "${name}"`);
            }),
          ]),
    report: async () => {
      await ended;
      return output.trim();
    },
  };
}

function used(server: RunningServer, load: () => number): string {
  return `server ${usageOf(server).cpuSeconds.toFixed(2)} CPU-s, load ${load().toFixed(2)} CPU-s`;
}

function usageOf(server: RunningServer): { cpuSeconds: number; rssBytes: number } {
  const pid = server.process.pid ?? 0;
  const rss = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { cpuSeconds: cpuSecondsOf(pid), rssBytes: Number(rss) * 1_024 };
}

/** Processor time since `before`, by thread: the main one, those of libuv, those of V8, the archive's. */
function byThread(server: RunningServer, before: ReadonlyMap<string, number>): string {
  return [...threadsOf(server)]
    .map(([name, seconds]) => [name, seconds - (before.get(name) ?? 0)] as const)
    .filter(([, seconds]) => seconds >= 0.01)
    .map(([name, seconds]) => `${name} ${seconds.toFixed(2)}`)
    .join(', ');
}

function threadsOf(server: RunningServer): Map<string, number> {
  const pid = server.process.pid ?? 0;
  const seconds = new Map<string, number>();
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8');
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    for (const [kind, ticks] of [
      ['user', fields[11]],
      ['system', fields[12]],
    ] as const) {
      const key = `${name} ${kind}`;
      seconds.set(key, (seconds.get(key) ?? 0) + Number(ticks) / CLOCK_TICKS);
    }
  }
  return seconds;
}

/** User and system time of all threads so far. */
function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
}

function mib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
