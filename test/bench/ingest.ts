/**
 * Bench of the metrics engine: samples per CPU-second through append and maintain, restart, disk, query latency.
 * Prints figures and checks only that all samples were taken. Usage: node test/bench/ingest.ts [--hosts 2000] [--ticks 130] [--query-hosts 20]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { type MetricEngine, openMetricEngine } from '@muster/server/store/engine/engine.ts';
import type { MetricName } from '@muster/shared/metrics/catalogue.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS, type Millis } from '@muster/shared/time.ts';

const { values: flags } = parseArgs({
  options: {
    hosts: { type: 'string', default: '2000' },
    ticks: { type: 'string', default: '130' },
    'query-hosts': { type: 'string', default: '20' },
  },
});
const START_MS: Millis = Date.UTC(2026, 2, 1);
const STEP_MS = 10 * SECOND_MS;
const SERIES_PER_HOST = 100;
const EPOCH = '00000000000000aa';
/** Deliveries under way at once, as many agents send them. */
const WINDOW = 2_000;
const QUERIES = 200;

type Shape = (before: number, random: number) => number;
const shapes: readonly { metric: MetricName; count: number; first: Shape; next: Shape }[] = [
  {
    metric: 'cpu.core.utilisation',
    count: 25,
    first: (r) => round2(r * 30),
    next: (v, r) => round2(Math.min(100, v * 0.9 + r * r * 10)),
  },
  {
    metric: 'filesystem.used',
    count: 20,
    first: (r) => Math.floor(r * 1e8) * 4096,
    next: (v, r) => (r > 0.9 ? v + Math.floor(r * 50) * 4096 : v),
  },
  {
    metric: 'network.received',
    count: 25,
    first: (r) => Math.floor(r * 1e12),
    next: (v, r) => v + Math.floor(r * r * 1e6),
  },
  {
    metric: 'network.received.errors',
    count: 15,
    first: (r) => Math.floor(r * 1e4),
    next: (v, r) => (r > 0.98 ? v + 1 : v),
  },
  { metric: 'filesystem.total', count: 10, first: (r) => Math.floor(r * 1e9) * 4096, next: (v) => v },
  {
    metric: 'temperature',
    count: 5,
    first: (r) => 40 + Math.floor(r * 200) / 10,
    next: (v, r) => Math.round((v * 0.95 + (40 + r * 20) * 0.05) * 10) / 10,
  },
];

class Fleet {
  readonly #values: Float64Array;
  readonly #next: Shape[] = [];
  readonly #first: Shape[] = [];
  #seed = 0x2545f491;

  constructor(hosts: number) {
    for (const { count, first, next } of shapes) {
      for (let i = 0; i < count; i++) {
        this.#next.push(next);
        this.#first.push((_, random) => first(random, random));
      }
    }
    this.#values = Float64Array.from({ length: hosts * SERIES_PER_HOST }, (_, i) =>
      (this.#first[i % SERIES_PER_HOST] as Shape)(0, this.#random()),
    );
  }

  tick(host: number): number[] {
    const offset = host * SERIES_PER_HOST;
    const values = new Array<number>(SERIES_PER_HOST);
    for (let i = 0; i < SERIES_PER_HOST; i++) {
      const value = (this.#next[i] as Shape)(this.#values[offset + i] as number, this.#random());
      this.#values[offset + i] = value;
      values[i] = value;
    }
    return values;
  }

  #random(): number {
    let x = this.#seed;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#seed = x;
    return (x >>> 0) / 2 ** 32;
  }
}

const root = mkdtempSync(path.join(tmpdir(), 'muster-bench-'));
try {
  await ingest(Number(flags.hosts), Number(flags.ticks));
  await query(Number(flags['query-hosts']));
} finally {
  rmSync(root, { recursive: true, force: true });
}

async function ingest(hosts: number, ticks: number): Promise<void> {
  const generating = cpuSeconds();
  const rehearsal = new Fleet(hosts);
  for (let tick = 0; tick < ticks; tick++) for (let host = 0; host < hosts; host++) rehearsal.tick(host);
  const generatorSeconds = cpuSeconds() - generating;

  const folder = path.join(root, 'ingest');
  let engine = await openMetricEngine({ folder });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const [cpu, wall] = [cpuSeconds(), performance.now()];
  await feed(engine, hosts, ticks);
  const [cpuSpent, wallSpent] = [cpuSeconds() - cpu - generatorSeconds, (performance.now() - wall) / 1_000];
  delay.disable();
  const samples = hosts * ticks * SERIES_PER_HOST;
  const nowMs = START_MS + ticks * STEP_MS;
  const stats = engine.stats(nowMs);
  if (stats.samplesTotal !== samples) throw new Error(`${stats.samplesTotal} of ${samples} samples stored`);
  print(
    `ingest: ${hosts} hosts × ${SERIES_PER_HOST} series × ${ticks} ticks = ${millions(samples)} M samples`,
  );
  print(
    `  ${millions(samples / cpuSpent)} M samples per CPU-second (all threads, generator taken off), ${wallSpent.toFixed(1)} s wall`,
  );
  print(
    `  stored ${millions(stats.samplesTotal)} M, journal ${mebi(stats.journalBytes)} MiB (${(stats.journalBytes / samples).toFixed(2)} B/sample if nothing is trimmed), files ${mebi(stats.chunkBytes)} MiB`,
  );
  print(
    `  slowest group commit ${stats.durations.commit.maxMs.toFixed(0)} ms, longest pause of the event loop ${(delay.max / 1e6).toFixed(0)} ms, p99 ${(delay.percentile(99) / 1e6).toFixed(0)} ms, RSS ${mebi(process.memoryUsage().rss)} MiB`,
  );
  await engine.close();

  const restart = performance.now();
  engine = await openMetricEngine({ folder });
  print(
    `  restart: ${((performance.now() - restart) / 1_000).toFixed(2)} s for ${mebi(engine.stats(nowMs).journalBytes)} MiB of journal and ${engine.stats(nowMs).seriesCount} series`,
  );
  const top = timed(() => engine.top('cpu.core.utilisation', 10, START_MS));
  print(`  top 10 of ${hosts * 25} series: ${top}`);
  await engine.close();
}

async function query(hosts: number): Promise<void> {
  const folder = path.join(root, 'query');
  const engine = await openMetricEngine({ folder });
  const ticks = DAY_MS / STEP_MS;
  const cpu = cpuSeconds();
  await feed(engine, hosts, ticks);
  const nowMs = START_MS + DAY_MS + 40 * MINUTE_MS;
  const filled = cpuSeconds() - cpu;
  for (let round = 0; round < 500; round++) await engine.maintain(nowMs);
  const samples = hosts * ticks * SERIES_PER_HOST;
  const stats = engine.stats(nowMs);
  print(
    `query: ${hosts} hosts, 24 h = ${millions(samples)} M samples; with rollups ${(stats.chunkBytes / samples).toFixed(2)} B/sample in files; filling ${filled.toFixed(1)} CPU-s`,
  );
  for (const [name, points] of [
    ['24 h, 8,640 samples', 10_000],
    ['24 h in 5 min (1m tier)', 300],
    ['24 h in 1 h (1h tier)', 24],
  ] as const) {
    const times: number[] = [];
    for (let n = 0; n < QUERIES; n++) {
      const range = {
        ciId: `ci_${n % hosts}`,
        metric: 'network.received',
        instance: `i${n % 25}`,
        fromMs: START_MS,
        toMs: START_MS + DAY_MS,
        points,
      } as const;
      const from = performance.now();
      const { series } = await engine.range(range, nowMs);
      times.push(performance.now() - from);
      if ((series[0]?.points.times.length ?? 0) < 24)
        throw new Error(`${name}: ${series[0]?.points.times.length ?? 0} points`);
    }
    print(`  ${name}: ${percentiles(times)}`);
  }
  await engine.close();
}

/** One frame per host and tick; `maintain` runs at every simulated second's worth of the time that passed. */
async function feed(engine: MetricEngine, hosts: number, ticks: number): Promise<void> {
  const fleet = new Fleet(hosts);
  const ids = Array.from({ length: hosts }, (_, host) =>
    shapes.flatMap(({ metric, count }) =>
      Array.from({ length: count }, (_unused, i) =>
        engine.resolve({ ciId: `ci_${host}`, metric, instance: `i${i}` }),
      ),
    ),
  );
  let underWay: Promise<void>[] = [];
  let maintaining: Promise<void> = Promise.resolve();
  for (let tick = 0; tick < ticks; tick++) {
    const atMs = START_MS + tick * STEP_MS;
    for (let host = 0; host < hosts; host++) {
      const delivery = { agentId: `agt_${host}`, epoch: EPOCH, seq: tick + 1 };
      const ticked = { atMs, series: ids[host] as number[], values: fleet.tick(host) };
      underWay.push(engine.append(delivery, [ticked], atMs));
      if (underWay.length < WINDOW) continue;
      await Promise.all(underWay);
      underWay = [];
      await maintaining;
      maintaining = engine.maintain(atMs);
    }
  }
  await Promise.all(underWay);
  await maintaining;
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function timed(work: () => unknown): string {
  const times: number[] = [];
  for (let n = 0; n < QUERIES; n++) {
    const from = performance.now();
    work();
    times.push(performance.now() - from);
  }
  return percentiles(times);
}

function percentiles(times: number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] as number).toFixed(2);
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms`;
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}

function millions(count: number): string {
  return (count / 1e6).toFixed(2);
}

function mebi(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
