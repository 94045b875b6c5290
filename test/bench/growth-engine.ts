/**
 * The metrics engine over simulated days, in a process of its own: node test/bench/growth-engine.ts --hosts 5 --series 100 --days 7 [--seed 42].
 * Every tick is one delivery a host; housekeeping runs once a simulated minute. Prints one line of JSON: processor seconds a
 * simulated day, memory, bytes of the files by kind, time of queries.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type MetricEngine, openMetricEngine } from '@muster/server/store/engine/engine.ts';
import type { MetricName } from '@muster/shared/metrics/catalogue.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type Millis, SECOND_MS } from '@muster/shared/time.ts';
import { openWorkload } from './fleet/workload.ts';
import { musterBytes } from './peers/disk-usage.ts';
import { median } from './peers/figure.ts';

const { values: flags } = parseArgs({
  options: {
    hosts: { type: 'string', default: '5' },
    series: { type: 'string', default: '100' },
    days: { type: 'string', default: '1' },
    seed: { type: 'string', default: '42' },
  },
});
const START_MS: Millis = Date.UTC(2026, 2, 1);
const STEP_MS = 10 * SECOND_MS;
const EPOCH = '00000000000000aa';
/** Deliveries under way: a group of them is made durable at once, and simulated time does not wait for each disk write. */
const WINDOW = 10_000;
const QUERIES = 100;
/** Of what a machine has one of, and a gauge. */
const ASKED_METRIC: MetricName = 'cpu.utilisation';
const CHART_POINTS = 300;

const folder = mkdtempSync(join(tmpdir(), 'muster-bench-growth-'));
try {
  console.log(JSON.stringify(await grow()));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function grow() {
  const [hosts, days] = [Number(flags.hosts), Number(flags.days)];
  const engine = await openMetricEngine({ folder });
  const endMs = START_MS + days * DAY_MS;
  await feed(engine, hosts, endMs);
  const { user, system } = process.cpuUsage();
  const nowMs = endMs + 3 * HOUR_MS;
  // Some rounds more than there are windows to settle.
  for (let round = 0; round < 500; round++) await engine.maintain(nowMs);
  const rssMebibytes = process.memoryUsage.rss() / 2 ** 20;
  const dayMs = await queryMs(engine, hosts, { fromMs: endMs - DAY_MS, endMs, points: DAY_MS / STEP_MS });
  const allMs = await queryMs(engine, hosts, { fromMs: START_MS, endMs, points: CHART_POINTS });
  await engine.close();
  const bytes = musterBytes(folder);
  return {
    hosts,
    series: Number(flags.series),
    days,
    cpuSecondsPerDay: (user + system) / 1e6 / days,
    rssMebibytes,
    rawBytes: bytes.raw,
    rollupBytes: bytes.rollups,
    /** One series: the last day, 8,640 points; all of it in 300. */
    dayMs,
    allMs,
  };
}

async function feed(engine: MetricEngine, hosts: number, endMs: Millis): Promise<void> {
  const workload = await openWorkload(Number(flags.series));
  const machines = Array.from({ length: hosts }, (_, host) => ({
    agentId: `agt_${host}`,
    values: workload.machine(Number(flags.seed), host),
    // The same array each time: what is worked out for a list is kept with it.
    series: workload.series.map(({ metric, instance }) =>
      engine.resolve({ ciId: `ci_${host}`, metric: metric as MetricName, instance }),
    ),
  }));
  let underWay: Promise<void>[] = [];
  let maintaining: Promise<void> = Promise.resolve();
  for (let atMs = START_MS, seq = 1; atMs < endMs; atMs += STEP_MS, seq++) {
    for (const { agentId, values, series } of machines) {
      const made = series.map(() => 0);
      values.next(made);
      underWay.push(engine.append({ agentId, epoch: EPOCH, seq }, [{ atMs, series, values: made }], atMs));
    }
    if (atMs % MINUTE_MS === 0) maintaining = maintaining.then(() => engine.maintain(atMs));
    if (underWay.length < WINDOW) continue;
    await Promise.all(underWay);
    await maintaining;
    underWay = [];
  }
  await Promise.all(underWay);
  await maintaining;
}

/** Median of queries for one series each. */
async function queryMs(
  engine: MetricEngine,
  hosts: number,
  { fromMs, endMs, points }: { fromMs: Millis; endMs: Millis; points: number },
): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < QUERIES; n++) {
    const asked = performance.now();
    const range = { ciId: `ci_${n % hosts}`, metric: ASKED_METRIC, fromMs, toMs: endMs, points } as const;
    const { series } = await engine.range(range, endMs);
    times.push(performance.now() - asked);
    if (!((series[0]?.points.times.length ?? 0) > 0)) throw new Error('a query found nothing');
  }
  return median(times);
}
