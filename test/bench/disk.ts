/**
 * What stored samples take on disk, and what settling them costs:
 *
 *   node test/bench/disk.ts [--seed 1] [--hosts 20] [--hours 24] [--json FILE] [--keep]
 *
 * `hosts` machines of 100 series at 10 s go through the real engine with its thread, on a clock of its own. Printed are bytes per raw
 * sample of each kind of file once nothing is left to do, processor time per sample, and the time of reading one series.
 * Taken in first, settled after, so that the two can be told apart: the index has to give back all that room.
 */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Clock } from '@muster/server/clock.ts';
import { type MetricEngine, openMetricEngine } from '@muster/server/store/engine/engine.ts';
import { SERIES_FILE } from '@muster/server/store/engine/series-file.ts';
import { isMetricName } from '@muster/shared/metrics/catalogue.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type Millis, SECOND_MS } from '@muster/shared/time.ts';
import { openWorkload } from './fleet/workload.ts';

const { values: flags } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    hosts: { type: 'string', default: '20' },
    hours: { type: 'string', default: '24' },
    json: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const hosts = Number(flags.hosts);
const hours = Number(flags.hours);
const seed = Number(flags.seed);
const SERIES = 100;
const STEP_MS = 10 * SECOND_MS;
/** Ticks of one delivery: a minute and a half, so that the bench does not wait for syncs all the time. */
const TICKS_AT_ONCE = 30;
const START_MS: Millis = Date.UTC(2026, 2, 1);
const QUERIES = 200;
/** Calls of `maintain` without effect after which nothing is left to do. */
const IDLE_ROUNDS = 20;

let nowMs = START_MS;
const clock: Clock = { now: () => nowMs, monotonicMs: () => nowMs - START_MS };
const folder = mkdtempSync(path.join(tmpdir(), 'muster-disk-'));
try {
  const figures = await measure();
  if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(figures, null, 2)}\n`);
} finally {
  if (!flags.keep) rmSync(folder, { recursive: true, force: true });
}

async function measure(): Promise<Record<string, number>> {
  const workload = await openWorkload(SERIES);
  const ticks = Math.round((hours * HOUR_MS) / STEP_MS);
  const samples = hosts * SERIES * ticks;
  print(`${hosts} hosts × ${SERIES} series × ${hours} h at 10 s = ${(samples / 1e6).toFixed(1)} M samples`);
  print(`values: ${workload.source}`);
  const taking = await openMetricEngine({
    folder,
    clock,
    limits: { rollupWindowsMax: 0, groupCommitMs: 1, groupCommitMsQuiet: 1 },
  });
  const takenNs = await take(taking, workload, ticks);
  await taking.close();
  const engine = await openMetricEngine({
    folder,
    clock,
    limits: { groupCommitMs: 1, groupCommitMsQuiet: 1 },
  });
  const before = cpuSeconds();
  const wall = performance.now();
  await settle(engine);
  const settledNs = ((cpuSeconds() - before) * 1e9) / samples;
  const wallSeconds = (performance.now() - wall) / 1_000;
  const query = await queries(engine, workload.series.map(nameOf));
  const { corruptions } = engine.stats(nowMs);
  await engine.close();
  if (corruptions.length > 0) throw new Error(corruptions.map(({ what }) => what).join('\n'));
  const figures = { ...bytesPerSample(samples), takenNs, settledNs, ...query };
  for (const [name, value] of Object.entries(figures)) print(`${name.padEnd(24)} ${value.toFixed(3)}`);
  print(`settled in ${wallSeconds.toFixed(1)} s`);
  return figures;
}

/** Processor time per sample without that of the generator. */
async function take(
  engine: MetricEngine,
  workload: Awaited<ReturnType<typeof openWorkload>>,
  ticks: number,
): Promise<number> {
  const machines = Array.from({ length: hosts }, (_, host) => ({
    values: workload.machine(seed, host),
    series: workload.series.map((one) => engine.resolve({ ciId: `ci_${host}`, ...nameOf(one) })),
  }));
  let spent = 0;
  let seq = 0;
  for (let tick = 0; tick < ticks; tick += TICKS_AT_ONCE) {
    const count = Math.min(TICKS_AT_ONCE, ticks - tick);
    const deliveries = machines.map(({ values, series }) =>
      Array.from({ length: count }, (_, i) => {
        const row: number[] = [];
        values.next(row);
        return { atMs: START_MS + (tick + i) * STEP_MS, series, values: row };
      }),
    );
    nowMs = START_MS + (tick + count) * STEP_MS;
    seq += 1;
    const before = cpuSeconds();
    await Promise.all(
      deliveries.map((list, host) =>
        engine.append({ agentId: `agt_${host}`, epoch: '00000000000000aa', seq }, list, nowMs),
      ),
    );
    await engine.maintain(nowMs);
    spent += cpuSeconds() - before;
  }
  nowMs += HOUR_MS;
  const before = cpuSeconds();
  await engine.maintain(nowMs);
  return ((spent + cpuSeconds() - before) * 1e9) / (hosts * SERIES * ticks);
}

/** Days after, so that rows of whole days are made too. */
async function settle(engine: MetricEngine): Promise<void> {
  nowMs = START_MS + hours * HOUR_MS + 5 * MINUTE_MS;
  nowMs = Math.ceil(nowMs / DAY_MS) * DAY_MS + HOUR_MS;
  let seen = '';
  for (let idle = 0; idle < IDLE_ROUNDS; ) {
    await engine.maintain(nowMs);
    nowMs += SECOND_MS;
    const now = sizes()
      .map(({ name, bytes }) => `${name} ${bytes}`)
      .join();
    idle = now === seen && engine.stats(nowMs).pendingWindows === 0 ? idle + 1 : 0;
    seen = now;
  }
}

async function queries(
  engine: MetricEngine,
  series: readonly ReturnType<typeof nameOf>[],
): Promise<Record<string, number>> {
  const times: number[] = [];
  const toMs = START_MS + hours * HOUR_MS;
  for (let i = 0; i < QUERIES; i++) {
    const { metric, instance } = series[(i * 7) % series.length] as (typeof series)[number];
    const query = { ciId: `ci_${i % hosts}`, metric, instance, fromMs: toMs - DAY_MS, toMs, points: 10_000 };
    const before = performance.now();
    const result = await engine.range(query, nowMs);
    times.push(performance.now() - before);
    const points = result.series[0]?.points.times.length ?? 0;
    // A counter's first reading has no rate.
    if (points < Math.min(hours, 24) * (HOUR_MS / STEP_MS) - 1)
      throw new Error(`${metric} ${instance} of ci_${i % hosts} has ${points} points`);
  }
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * sorted.length)] as number;
  return { query24hMsP50: at(0.5), query24hMsP95: at(0.95) };
}

function nameOf({ metric, instance }: { readonly metric: string; readonly instance: string }) {
  if (!isMetricName(metric)) throw new Error(`metric ${metric} is in the catalogue`);
  return { metric, instance };
}

function bytesPerSample(samples: number): Record<string, number> {
  const sums: Record<string, number> = { raw: 0, '1m': 0, '10m': 0, '1h': 0, index: 0 };
  for (const { name, bytes } of sizes()) {
    // The second copy of the series belongs to the index.
    const kind = name === SERIES_FILE ? 'index' : (name.split(/[-.]/)[0] as string);
    sums[kind] = (sums[kind] ?? 0) + bytes / samples;
  }
  const rollups = (sums['1m'] as number) + (sums['10m'] as number) + (sums['1h'] as number);
  return { ...sums, rawAndIndex: (sums.raw as number) + (sums.index as number), rollups };
}

function sizes(): { readonly name: string; readonly bytes: number }[] {
  return readdirSync(folder)
    .filter((name) => name.includes('.db') || name === SERIES_FILE)
    .map((name) => ({ name, bytes: statSync(path.join(folder, name)).size }));
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
