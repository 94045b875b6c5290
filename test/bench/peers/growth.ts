/**
 * How what Muster needs grows: with agents and with series an agent on the real server at pace, with hosts, series and days of
 * history in the engine alone on a simulated clock. A figure is the exponent of the power law through its points; nothing may
 * grow faster than what it is given. What 50,000 agents would need is computed from the curves of the agents.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT } from '../../e2e/harness.ts';
import { end, outputOf, start } from './children.ts';
import { type Bench, type Figure, InvalidRun, median, type Measured, type Trial } from './figure.ts';
import { startFleet } from './fleet-load.ts';
import { machineIds } from './machines.ts';
import { type Muster, startMuster, verifyStored } from './muster.ts';
import { type CurvePoint, fitPowerLaw, valueAt } from './power-law.ts';
import { pause, usageAtPace, usageOver } from './usage-window.ts';
import { SERIES_PER_HOST, STEP_MS } from './workload.ts';

const FULL = {
  agents: [1_000, 2_000, 5_000, 10_000, 15_000],
  series: [50, 100, 500],
  seriesAgents: 1_000,
  days: [1, 7, 30],
  hosts: [5, 10, 25],
  seconds: 30,
};
const QUICK = {
  agents: [100, 200],
  series: [50, 100],
  seriesAgents: 50,
  days: [1, 2],
  hosts: [1, 2],
  seconds: 10,
};
/** Hosts of the curves over series and days in the engine. */
const ENGINE_HOSTS = { full: 5, quick: 1 };
/** A minute and a half: thousands of machines are new by then, and what compiles itself is compiled. */
const WARM_TICKS = 9;
const QUERIES = 50;
/** Linear, and a tenth for what single runs differ by. */
const EXPONENT_MAX = 1.1;
const COMPUTED_AGENTS = 50_000;

const CURVES = {
  growth_agents_cpu: 'processor at pace, over agents',
  growth_agents_rss: 'memory at pace, over agents',
  growth_agents_top: 'top 10 over HTTP, over agents',
  growth_series_cpu: 'processor at pace, over series an agent',
  growth_series_rss: 'memory at pace, over series an agent',
  growth_series_latest: 'latest values of a machine over HTTP, over series',
  growth_hosts_disk: 'a day on disk, over hosts',
  growth_series_disk: 'a day on disk, over series a host',
  growth_days_disk: 'disk with rollups, over days of history',
  growth_days_cpu: 'processor of the engine a day, over days',
  growth_days_rss: 'memory of the engine, over days',
  growth_days_query_day: 'one series, its last day, over days',
  growth_days_query_all: 'one series, all of it in 300 points, over days',
} as const;
type Curve = keyof typeof CURVES;

export const growth: Trial = {
  name: 'growth',
  summary: 'growth curves over agents, series an agent and days, with exponents (only with --growth)',
  figures: [
    ...Object.entries(CURVES).map(
      ([name, title]): Figure => ({
        name,
        title,
        unit: 'exponent',
        better: 'lower',
        gates: [{ against: null, gate: EXPONENT_MAX }],
      }),
    ),
    {
      name: 'growth_50000_cpu',
      title: 'computed: 50,000 agents at 10 s',
      unit: '% of a core',
      better: 'lower',
      gates: [],
    },
    {
      name: 'growth_50000_rss',
      title: 'computed: memory, 50,000 agents',
      unit: 'MiB',
      better: 'lower',
      gates: [],
    },
  ],
  run: measureGrowth,
};

async function measureGrowth(bench: Bench): Promise<Measured> {
  const size = bench.quick ? QUICK : FULL;
  const idle = await idleServer(bench, size.seconds);
  const curves: Record<Curve, CurvePoint[]> = {
    ...(await overAgents(bench, size.agents, size.seconds)),
    ...(await overSeries(bench, size.series, { agents: size.seriesAgents, seconds: size.seconds })),
    ...(await overHistory(bench, size)),
  };
  const law = (name: string, points: readonly CurvePoint[]) =>
    fitPowerLaw(aboveIdle(points, baseOf(name, idle)));
  const computed = (curve: Curve) => {
    const value = baseOf(curve, idle) + valueAt(law(curve, curves[curve]), COMPUTED_AGENTS);
    return { muster: [value] };
  };
  return {
    values: {
      ...Object.fromEntries(
        Object.entries(curves).map(([name, points]) => [name, { muster: [law(name, points).exponent] }]),
      ),
      growth_50000_cpu: computed('growth_agents_cpu'),
      growth_50000_rss: computed('growth_agents_rss'),
    },
    curves,
    notes: [
      `growth: an idle server takes ${idle.corePercent.toFixed(2)} % of a core and ${idle.rssMebibytes.toFixed(0)} MiB; the exponents at pace are of what comes above it.`,
      ...Object.entries(curves).map(([name, points]) => `${name}: ${points.map(pointText).join(', ')}`),
    ],
  };
}

function pointText({ x, value }: CurvePoint): string {
  return `${x.toLocaleString('en')}: ${Number(value.toPrecision(3)).toLocaleString('en')}`;
}

interface Idle {
  readonly corePercent: number;
  readonly rssMebibytes: number;
}

async function idleServer(bench: Bench, seconds: number): Promise<Idle> {
  bench.say('growth: a server without agents');
  const muster = await startMuster();
  await pause(WARM_TICKS * STEP_MS);
  const usage = await usageOver(muster.pid, seconds);
  await muster.stop();
  return { corePercent: (usage.cpuSecondsPerMinute / 60) * 100, rssMebibytes: usage.rssMebibytes };
}

/** What a server needs before the first agent: it would hide how fast the rest grows. */
function baseOf(curve: string, idle: Idle): number {
  if (curve === 'growth_agents_cpu' || curve === 'growth_series_cpu') return idle.corePercent;
  if (curve === 'growth_agents_rss' || curve === 'growth_series_rss') return idle.rssMebibytes;
  return 0;
}

/** As they are where fewer than two rise above it: there is nothing to fit then. With the base in it a curve looks flatter than it is. */
function aboveIdle(points: readonly CurvePoint[], base: number): readonly CurvePoint[] {
  const above = points.flatMap(({ x, value }) => (value > base ? { x, value: value - base } : []));
  return above.length > 1 ? above : points;
}

async function overAgents(bench: Bench, counts: readonly number[], seconds: number) {
  const cpu: CurvePoint[] = [];
  const rss: CurvePoint[] = [];
  const top: CurvePoint[] = [];
  for (const agents of counts) {
    bench.say(`growth: ${agents} agents`);
    const one = await atPace(bench, { agents, series: SERIES_PER_HOST, seconds }, (muster) =>
      queryMs(() => muster.json('/metrics/top?metric=cpu.utilisation&n=10')),
    );
    cpu.push({ x: agents, value: one.corePercent });
    rss.push({ x: agents, value: one.rssMebibytes });
    top.push({ x: agents, value: one.queryMs });
  }
  return { growth_agents_cpu: cpu, growth_agents_rss: rss, growth_agents_top: top };
}

async function overSeries(
  bench: Bench,
  counts: readonly number[],
  { agents, seconds }: { agents: number; seconds: number },
) {
  const cpu: CurvePoint[] = [];
  const rss: CurvePoint[] = [];
  const latest: CurvePoint[] = [];
  for (const series of counts) {
    bench.say(`growth: ${series} series an agent`);
    const one = await atPace(bench, { agents, series, seconds }, async (muster) => {
      const [id] = await machineIds(muster, bench.seed, 1);
      return queryMs(() => muster.json(`/cis/${id}/metrics/latest`));
    });
    cpu.push({ x: series, value: one.corePercent });
    rss.push({ x: series, value: one.rssMebibytes });
    latest.push({ x: series, value: one.queryMs });
  }
  return { growth_series_cpu: cpu, growth_series_rss: rss, growth_series_latest: latest };
}

interface Pace {
  readonly agents: number;
  readonly series: number;
  readonly seconds: number;
}

async function atPace(
  bench: Bench,
  { agents, series, seconds }: Pace,
  query: (muster: Muster) => Promise<number>,
): Promise<{ corePercent: number; rssMebibytes: number; queryMs: number }> {
  const muster = await startMuster();
  const fleet = await startFleet(muster, {
    mode: 'paced',
    agents,
    series,
    ticks: WARM_TICKS + 2 + Math.ceil((seconds * 1_000) / STEP_MS),
    warmTicks: WARM_TICKS - 1,
    hold: 1,
    seed: bench.seed,
  });
  await fleet.event('connected');
  fleet.go();
  await fleet.event('steady');
  const usage = await usageAtPace(muster, { agents, series, hold: 1 }, seconds);
  const { samplesAcknowledged } = await fleet.report();
  await verifyStored(muster, samplesAcknowledged);
  const asked = await query(muster);
  await muster.stop();
  const corePercent = (usage.cpuSecondsPerMinute / 60) * 100;
  return { corePercent, rssMebibytes: usage.rssMebibytes, queryMs: asked };
}

async function queryMs(ask: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < QUERIES; n++) {
    const fromMs = performance.now();
    await ask();
    times.push(performance.now() - fromMs);
  }
  return median(times);
}

/** What test/bench/growth-engine.ts prints. */
interface EngineRun {
  readonly cpuSecondsPerDay: number;
  readonly rssMebibytes: number;
  readonly rawBytes: number;
  readonly rollupBytes: number;
  readonly dayMs: number;
  readonly allMs: number;
}

async function overHistory(
  bench: Bench,
  { days, hosts, series }: { days: readonly number[]; hosts: readonly number[]; series: readonly number[] },
) {
  const few = bench.quick ? ENGINE_HOSTS.quick : ENGINE_HOSTS.full;
  const overDays: { x: number; run: EngineRun }[] = [];
  for (const count of days)
    overDays.push({ x: count, run: await engineRun(bench, { days: count, hosts: few }) });
  const hostsDisk: CurvePoint[] = [];
  for (const count of hosts)
    hostsDisk.push({ x: count, value: (await engineRun(bench, { days: 1, hosts: count })).rawBytes });
  const seriesDisk: CurvePoint[] = [];
  for (const count of series)
    seriesDisk.push({
      x: count,
      value: (await engineRun(bench, { days: 1, hosts: few, series: count })).rawBytes,
    });
  const curve = (of: (run: EngineRun) => number) => overDays.map(({ x, run }) => ({ x, value: of(run) }));
  return {
    growth_hosts_disk: hostsDisk,
    growth_series_disk: seriesDisk,
    growth_days_disk: curve(({ rawBytes, rollupBytes }) => rawBytes + rollupBytes),
    growth_days_cpu: curve(({ cpuSecondsPerDay }) => cpuSecondsPerDay),
    growth_days_rss: curve(({ rssMebibytes }) => rssMebibytes),
    growth_days_query_day: curve(({ dayMs }) => dayMs),
    growth_days_query_all: curve(({ allMs }) => allMs),
  };
}

async function engineRun(
  bench: Bench,
  { days, hosts, series = SERIES_PER_HOST }: { days: number; hosts: number; series?: number },
): Promise<EngineRun> {
  bench.say(`growth: the engine alone, ${hosts} hosts × ${series} series, ${days} d`);
  const flags = [`--hosts=${hosts}`, `--series=${series}`, `--days=${days}`, `--seed=${bench.seed}`];
  const child = start(process.execPath, [join(ROOT, 'test/bench/growth-engine.ts'), ...flags]);
  const output = outputOf(child);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new InvalidRun(`the engine ended with ${code}:\n${output()}`);
    return JSON.parse(output()) as EngineRun;
  } finally {
    await end(child);
  }
}
