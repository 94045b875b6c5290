/**
 * What becomes of samples once they are durable: presence and rules, the real assembly on memory stores, default packs.
 *
 *   node test/bench/rules.ts [--machines 2000] [--ticks 30] [--burst 300] [--json FILE]
 *
 * All machines quiet, then one of a hundred breaching, then a quarter of them gone, then a burst of the past hour, and minutes in which nothing comes;
 * CPU of the process only, and the heap that all of it holds.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createMonitoring, type Monitoring } from '@muster/server/app-monitoring.ts';
import type { CiDirectory, CiEntry } from '@muster/server/cmdb/directory.ts';
import { createFindings } from '@muster/server/findings/findings.ts';
import { EdgeIndex } from '@muster/server/relations/graph.ts';
import { createMembership } from '@muster/server/relations/membership.ts';
import type { GraphNode, NodeDirectory } from '@muster/server/relations/nodes.ts';
import { createMemoryAgreementStore } from '@muster/server/store/memory/agreements.ts';
import { createMemoryAvailabilityStore } from '@muster/server/store/memory/availability.ts';
import { createMemoryCalendarStore } from '@muster/server/store/memory/calendars.ts';
import { createMemoryFindingStore } from '@muster/server/store/memory/findings.ts';
import { createMemoryIncidentStore } from '@muster/server/store/memory/incidents.ts';
import { createMemoryMaintenanceStore } from '@muster/server/store/memory/maintenance.ts';
import { createMemoryRulesStore } from '@muster/server/store/memory/rules.ts';
import { METRICS, type MetricName } from '@muster/shared/metrics/catalogue.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS, type Millis } from '@muster/shared/time.ts';
import { createSeriesTable } from '../sim/year/series-table.ts';

const { values: flags } = parseArgs({
  options: {
    machines: { type: 'string', default: '2000' },
    ticks: { type: 'string', default: '30' },
    burst: { type: 'string', default: '300' },
    json: { type: 'string' },
  },
});
const MACHINES = Number(flags.machines);
const TICKS = Number(flags.ticks);
const BURST_TICKS = Number(flags.burst);
const BURST_MACHINES = 50;
const STEP_MS = 10 * SECOND_MS;
const START_MS: Millis = Date.UTC(2026, 2, 2, 9);
/** One of so many is beyond its levels. */
const BREACHING_EACH = 100;

interface Reading {
  readonly metric: MetricName;
  readonly instance: string;
  /** While all is well, and in trouble. */
  readonly quiet: number;
  readonly bad: number;
}

const INSTANCES: Readonly<Record<string, readonly string[]>> = {
  none: [''],
  core: ['0', '1'],
  mount: ['/', '/var', '/srv'],
  device: ['nvme0n1', 'sda'],
  interface: ['eno1', 'eno2'],
  sensor: ['coretemp package'],
  service: ['sshd', 'postgresql'],
};
const SERIES_PER_MACHINE = 100;
const QUIET: Partial<Record<MetricName, number>> = {
  'filesystem.available': 200 * 2 ** 30,
  'system.uptime': 1e6,
  'service.running': 1,
  'network.link.up': 1,
  'certificate.remaining': 300 * 86_400,
};
const BAD: Partial<Record<MetricName, number>> = {
  'cpu.utilisation': 99,
  'memory.utilisation': 98,
  'filesystem.utilisation': 97,
  'filesystem.available': 2 ** 30,
};
const READINGS: readonly Reading[] = Object.entries(METRICS)
  .flatMap(([name, { kind, instance }]) => {
    const metric = name as MetricName;
    const quiet = QUIET[metric] ?? (kind === 'counter' ? 0 : 12);
    return (INSTANCES[instance] ?? ['']).map((one) => ({
      metric,
      instance: one,
      quiet,
      bad: BAD[metric] ?? quiet,
    }));
  })
  .slice(0, SERIES_PER_MACHINE);
if (READINGS.length < SERIES_PER_MACHINE) console.log('fewer series than meant');

const metrics = createSeriesTable();
const entries = new Map<string, CiEntry>();
const nodes = new Map<string, GraphNode>();
for (let i = 0; i < MACHINES; i++) {
  const id = `ci_${String(i).padStart(20, '0')}`;
  const common = {
    id,
    name: `srv-${i}`,
    class: 'Server' as const,
    criticality: 3,
    site: null,
    owner: null,
    lifecycle: 'in_use' as const,
  };
  entries.set(id, {
    ...common,
    tags: [],
    agentId: `agent_${i}`,
    timeZone: 'Europe/Vienna',
    createdAtMs: START_MS,
  });
  nodes.set(id, { ...common, subclass: null, supportGroup: null, users: null, machineId: null });
}
const directory: CiDirectory = {
  get: (id) => entries.get(id),
  all: () => entries.values(),
  onChange: () => undefined,
};
const edges = new EdgeIndex();
const graph = {
  from: edges.from.bind(edges),
  to: edges.to.bind(edges),
  all: () => edges.all(),
  onChange: () => undefined,
};
const nodeDirectory: Pick<NodeDirectory, 'get' | 'all' | 'partsOf' | 'onChange'> = {
  get: (id) => nodes.get(id),
  all: () => nodes.values(),
  partsOf: () => [],
  onChange: () => undefined,
};

let ids = 0;
let incidents = 0;
const newId = (prefix: string) => `${prefix}_${String(++ids).padStart(20, '0')}`;
const heapBefore = heapBytes();
const monitoring: Monitoring = await createMonitoring({
  stores: {
    availability: createMemoryAvailabilityStore(),
    agreements: createMemoryAgreementStore(),
    calendars: createMemoryCalendarStore(),
    rules: createMemoryRulesStore(),
    incidents: createMemoryIncidentStore(),
    maintenance: createMemoryMaintenanceStore(),
  },
  directory,
  graph,
  nodes: nodeDirectory,
  membership: createMembership({ graph, nodes: nodeDirectory }),
  metrics,
  probe: null,
  findings: createFindings({ store: createMemoryFindingStore(), newId }),
  newId,
  holderOf: async (name) => name,
  changesOf: async () => [],
  requestFlight: () => false,
  onIncident: () => (incidents += 1),
  pause: async () => undefined,
  log: (level, what, fields) => {
    if (level !== 'info') console.error(what, fields);
  },
  nowMs: START_MS,
});

interface Sender {
  readonly ciId: string;
  readonly series: readonly number[];
  quiet: readonly number[];
  bad: readonly number[];
}
const senders: readonly Sender[] = [...entries.keys()].map((ciId) => ({
  ciId,
  series: READINGS.map(({ metric, instance }) => metrics.resolve({ ciId, metric, instance })),
  quiet: READINGS.map(({ quiet }) => quiet),
  bad: READINGS.map(({ bad }) => bad),
}));
const figures: Record<string, number> = { machines: MACHINES, seriesPerMachine: READINGS.length };
const silent = new Set<string>();
let nowMs = START_MS;
for (const { ciId } of senders)
  monitoring.inputs.connected(ciId, `agent_${ciId}`, { bootId: 'boot', address: '10.0.0.1' }, nowMs);
await monitoring.settled();
const heapConnected = heapBytes();

// The first samples bind everything.
note('first frame µs', (await frames(1, () => false)) * 1e3);
await idle(30);
await frames(TICKS, () => false);
const quietMs = await frames(TICKS, () => false);
note('quiet ns per sample', (quietMs * 1e6) / READINGS.length);
note('quiet µs per frame', quietMs * 1e3);
note('heap KiB per machine, connected', (heapConnected - heapBefore) / 1024 / MACHINES);
note('heap KiB per machine, samples', (heapBytes() - heapConnected) / 1024 / MACHINES);

note('idle CPU-s per minute', await idle(60));

const badMs = await frames(TICKS, (i) => i % BREACHING_EACH === 0);
note('1 % breaching ns per sample', (badMs * 1e6) / READINGS.length);
note('1 % breaching µs per frame', badMs * 1e3);
note('incident events', incidents);
if (incidents === 0) throw new Error('nothing was found: the rules were not asked');
note('idle CPU-s per minute, 1 % breaching', await idle(60));

// A quarter of the machines goes: half of those without a word, the others say why.
{
  const gone = senders.filter((_, i) => i % 4 === 1);
  for (const [i, { ciId }] of gone.entries()) {
    const end =
      i % 2 === 0
        ? ({ how: 'closed', reason: null, lastEvidenceMs: nowMs } as const)
        : ({ how: 'goodbye', reason: 'shutdown', lastEvidenceMs: nowMs } as const);
    monitoring.inputs.disconnected(ciId, `agent_${ciId}`, end, nowMs);
    silent.add(ciId);
  }
  await idle(300);
  note('idle CPU-s per minute, 25 % gone', await idle(60));
  for (const { ciId } of gone) {
    monitoring.inputs.connected(ciId, `agent_${ciId}`, { bootId: 'boot2', address: '10.0.0.1' }, nowMs);
    silent.delete(ciId);
  }
  await idle(60);
}

// The past hour of some machines, in order, a few ticks a frame.
{
  const some = senders.slice(0, BURST_MACHINES);
  const before = cpuMs();
  const eventsBefore = incidents;
  for (const [i, sender] of some.entries()) {
    const fromMs = nowMs + STEP_MS;
    const ticks = Array.from({ length: BURST_TICKS }, (_, n) => ({
      atMs: fromMs + n * STEP_MS,
      series: sender.series,
      values: i % 2 === 0 ? sender.quiet : sender.bad,
    }));
    monitoring.inputs.samples(sender.ciId, ticks, nowMs + HOUR_MS);
  }
  note('burst ns per sample', ((cpuMs() - before) * 1e6) / BURST_MACHINES / BURST_TICKS / READINGS.length);
  await monitoring.settled();
  note('incident events of the burst', incidents - eventsBefore);
}
for (const [name, value] of Object.entries(figures))
  console.log(`${name.padEnd(40)} ${value >= 100 ? Math.round(value) : value.toFixed(3)}`);
if (flags.json) writeFileSync(flags.json, `${JSON.stringify(figures, null, 2)}\n`);

function note(name: string, value: number): void {
  figures[name] = value;
}

/** Milliseconds of CPU per frame; the machines take turns, as they do at a real server. */
async function frames(ticks: number, isBad: (machine: number) => boolean): Promise<number> {
  let spentMs = 0;
  for (let tick = 0; tick < ticks; tick++) {
    const before = cpuMs();
    for (const [i, { ciId, series, quiet, bad }] of senders.entries()) {
      const one = { atMs: nowMs, series, values: isBad(i) ? bad : quiet };
      monitoring.inputs.samples(ciId, [one], nowMs);
    }
    spentMs += cpuMs() - before;
    await seconds(STEP_MS);
  }
  return spentMs / ticks / senders.length;
}

/** CPU-seconds that a minute of looking after things takes. */
async function idle(lengthS: number): Promise<number> {
  let spentMs = 0;
  for (let s = 0; s < lengthS; s += STEP_MS / SECOND_MS) {
    for (const { ciId, series, quiet } of senders)
      if (!silent.has(ciId)) monitoring.inputs.samples(ciId, [{ atMs: nowMs, series, values: quiet }], nowMs);
    const before = cpuMs();
    await seconds(STEP_MS);
    spentMs += cpuMs() - before;
  }
  return (spentMs / SECOND_MS) * (MINUTE_MS / (lengthS * SECOND_MS));
}

async function seconds(lengthMs: Millis): Promise<void> {
  for (const untilMs = nowMs + lengthMs; nowMs < untilMs; ) {
    nowMs += SECOND_MS;
    for (const [, work] of monitoring.ticks(nowMs)) await work();
  }
  await monitoring.settled();
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
}

function heapBytes(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
