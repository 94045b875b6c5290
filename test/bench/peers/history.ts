/**
 * A day of history: 20 hosts of 100 series, 24 h at 10 s, sent through each one's own door. When each has made of it what it
 * makes at rest (Muster: settled windows and rollups; Prometheus: compacted blocks; VictoriaMetrics: one forced merge),
 * the files are measured, and single series are asked for, the three in turns.
 */
import { decodeRangeStream } from '@muster/shared/metrics/range-stream.ts';
import { musterBytes, quiet, peerBytesPerSample } from './disk-usage.ts';
import {
  type Bench,
  InvalidRun,
  type Measured,
  quantile,
  type Subject,
  type Trial,
  type Values,
} from './figure.ts';
import { startFleet } from './fleet-load.ts';
import { machineIds } from './machines.ts';
import { type Muster, startMuster, verifyStored } from './muster.ts';
import { type Peer, type PeerName, startPeer } from './peer.ts';
import { openRemoteWrite } from './remote-write.ts';
import { type HostLoad, hostLoads, hostName, peerMetric, SERIES_PER_HOST, STEP_MS } from './workload.ts';

const DAY_TICKS = 8_640;
const HOUR_MS = 3_600_000;
/** Windows of this length are settled as a whole; the day ends with one, and long enough ago that it is over. */
const WINDOW_MS = 2 * HOUR_MS;
const GRACE_MS = 10 * 60_000;
/** Of a machine's hold the most that the wire takes in one frame: only the loading is faster. */
const HOLD = 60;
const FULL = { hosts: 20, queries: 200 };
const QUICK = { hosts: 2, queries: 20 };
/** What the dashboard accepts. */
const BINARY = 'application/octet-stream';
const WARM_QUERIES = 10;

/** Gauges of which a machine has one: one number each 10 s for all three. */
const METRICS = ['cpu.utilisation', 'cpu.user', 'cpu.iowait', 'memory.used', 'memory.cached', 'load.1m'];

export const history: Trial = {
  name: 'history',
  summary: 'a day of 20 hosts × 100 series: bytes on disk at rest, one series of 8,640 points over HTTP',
  figures: [
    {
      name: 'disk_bytes',
      title: 'raw samples on disk, index included, 24 h at rest',
      unit: 'B/sample',
      better: 'lower',
      gates: [
        { against: null, gate: 1.25 },
        { against: 'prometheus', gate: 0.4 },
        { against: 'victoriametrics', gate: null, stretch: 1 },
      ],
    },
    {
      name: 'disk_rollup_bytes',
      title: 'rollups on disk, per raw sample',
      unit: 'B/sample',
      better: 'lower',
      gates: [{ against: null, gate: 1 }],
    },
    {
      name: 'query_series_p50',
      title: 'one series, 24 h, 8,640 points as JSON, p50',
      unit: 'ms',
      better: 'lower',
      gates: [{ against: 'prometheus', gate: 1, stretch: 0.5 }],
    },
    {
      name: 'query_series_p95',
      title: 'the same, p95',
      unit: 'ms',
      better: 'lower',
      gates: [{ against: 'prometheus', gate: 1, stretch: 0.5 }],
    },
    {
      name: 'query_series_binary_p50',
      title: 'the same in the form that the dashboard takes, p50',
      unit: 'ms',
      better: 'lower',
      gates: [],
    },
  ],
  run: measureHistory,
};

interface Day {
  readonly hosts: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly samples: number;
}

async function measureHistory(bench: Bench): Promise<Measured> {
  const { hosts, queries } = bench.quick ? QUICK : FULL;
  const endMs = Math.floor((Date.now() - GRACE_MS) / WINDOW_MS) * WINDOW_MS;
  const samples = hosts * SERIES_PER_HOST * DAY_TICKS;
  const day: Day = { hosts, startMs: endMs - DAY_TICKS * STEP_MS, endMs, samples };
  const peers: Peer[] = [];
  for (const name of bench.peers) {
    bench.say(`history: ${name} takes a day of ${hosts} hosts`);
    peers.push(await loadedPeer(bench, name, day));
  }
  bench.say(`history: Muster takes a day of ${hosts} hosts`);
  const muster = await loadedMuster(bench, day);
  bench.say('history: merges and compaction');
  const disk: Partial<Record<Subject, number[]>> = {};
  for (const peer of peers) disk[peer.name] = [await peerBytesPerSample(peer, samples)];
  // What stays pending are windows of days that are not over: their rows are there, in the tier below.
  await quiet(async () => {
    const { pendingWindows, journalBytes } = await muster.counts();
    return [pendingWindows, journalBytes];
  });
  bench.say('history: queries');
  const ids = await machineIds(muster, bench.seed, hosts);
  const askers: Asker[] = [
    askMusterJson(muster, ids, day),
    ...peers.map((peer) => askPeer(peer, day)),
    askMusterBinary(muster, ids, day),
  ];
  await checkAnswers(bench, askers, day);
  const rounds: Latencies[] = [];
  for (let round = 0; round < bench.rounds; round++) rounds.push(await latencies(askers, hosts, queries));
  for (const peer of peers) await peer.stop();
  await muster.server.stop();
  const { raw, rollups, free } = musterBytes(muster.server.dataDir);
  await muster.stop();
  const perRound = (share: number, name: (asker: Asker) => boolean): Values =>
    Object.fromEntries(
      askers
        .filter(name)
        .map((asker) => [asker.subject, rounds.map((times) => quantile(times.get(asker) ?? [], share))]),
    );
  const json = ({ form }: Asker): boolean => form === 'json';
  const binary = ({ form }: Asker): boolean => form === 'binary';
  return {
    values: {
      disk_bytes: { ...disk, muster: [raw / samples] },
      disk_rollup_bytes: { muster: [rollups / samples] },
      query_series_p50: perRound(0.5, json),
      query_series_p95: perRound(0.95, json),
      query_series_binary_p50: { ...perRound(0.5, json), ...perRound(0.5, binary) },
    },
    notes: [
      `disk: Prometheus without head and log, VictoriaMetrics without caches, Muster without journal and without ${(free / 2 ** 20).toFixed(1)} MiB of free room in its index, the place of samples of the open two hours; a day loaded at once leaves a day's room.`,
    ],
  };
}

async function loadedPeer(bench: Bench, name: PeerName, { hosts, startMs }: Day): Promise<Peer> {
  const peer = await startPeer(name);
  const load = await openRemoteWrite(peer, { hosts, seed: bench.seed, startMs });
  await load.send(DAY_TICKS);
  await load.verify();
  load.close();
  return peer;
}

async function loadedMuster(bench: Bench, { hosts, startMs, samples }: Day): Promise<Muster> {
  const muster = await startMuster();
  const fleet = await startFleet(muster, {
    mode: 'burst',
    agents: hosts,
    ticks: DAY_TICKS,
    warmTicks: 0,
    hold: HOLD,
    seed: bench.seed,
    startMs,
  });
  fleet.go();
  await fleet.report();
  await verifyStored(muster, samples);
  return muster;
}

/** Asks one program for a day of one series. */
interface Asker {
  readonly subject: Subject;
  readonly form: 'json' | 'binary';
  ask(host: number, metric: string): Promise<Buffer>;
  valuesOf(body: Buffer): readonly number[];
}

function askMusterJson(muster: Muster, ids: readonly string[], day: Day): Asker {
  return {
    subject: 'muster',
    form: 'json',
    ask: (host, metric) => muster.http.get(rangePath(ids[host] ?? '', metric, day)),
    valuesOf: (body) => {
      const { series } = JSON.parse(body.toString()) as { series: { points: [number, number][] }[] };
      return (series[0]?.points ?? []).map(([, value]) => value);
    },
  };
}

function askMusterBinary(muster: Muster, ids: readonly string[], day: Day): Asker {
  return {
    subject: 'muster',
    form: 'binary',
    ask: async (host, metric) =>
      (await muster.http.send('GET', rangePath(ids[host] ?? '', metric, day), { accept: BINARY })).body,
    valuesOf: (body) => [...(decodeRangeStream(body).series[0]?.points.averages ?? [])],
  };
}

function rangePath(ci: string, metric: string, { startMs, endMs }: Day): string {
  const range = `from=${new Date(startMs).toISOString()}&to=${new Date(endMs).toISOString()}`;
  return `/api/v1/metrics/range?ci=${ci}&metric=${metric}&${range}&points=${DAY_TICKS}`;
}

function askPeer(peer: Peer, { startMs, endMs }: Day): Asker {
  const range = `start=${startMs / 1_000}&end=${(endMs - STEP_MS) / 1_000}&step=${STEP_MS / 1_000}`;
  return {
    subject: peer.name,
    form: 'json',
    ask: (host, metric) => {
      const query = encodeURIComponent(`${peerMetric(metric)}{host="${hostName(host)}"}`);
      return peer.http.get(`/api/v1/query_range?query=${query}&${range}`);
    },
    valuesOf: (body) => {
      const { data } = JSON.parse(body.toString()) as { data: { result: { values: [number, string][] }[] } };
      return (data.result[0]?.values ?? []).map(([, value]) => Number(value));
    },
  };
}

/** Every series that is asked for, value by value. @throws InvalidRun where one differs from what was sent */
async function checkAnswers(bench: Bench, askers: readonly Asker[], { hosts }: Day): Promise<void> {
  const loads = await hostLoads(hosts, bench.seed);
  for (const [host, load] of loads.entries()) {
    const expected = dayOf(load);
    for (const metric of METRICS) {
      const sent = expected.get(peerMetric(metric)) ?? [];
      for (const asker of askers) {
        const got = asker.valuesOf(await asker.ask(host, metric));
        const wrong = sent.findIndex((value, tick) => got[tick] !== value);
        if (got.length !== sent.length || wrong >= 0)
          throw new InvalidRun(
            `${asker.subject} (${asker.form}): ${metric} of host ${host} has ${got.length} of ${sent.length} points, the first that differs is ${wrong}`,
          );
      }
    }
  }
}

/** Values of a day by metric, of those without instance. */
function dayOf(load: HostLoad): Map<string, number[]> {
  const values = load.labels.map(() => 0);
  const wanted = new Set(METRICS.map(peerMetric));
  const places = load.labels.flatMap((labels, series) => {
    const name = labels[0]?.[1] ?? '';
    return wanted.has(name) && !labels.some(([label]) => label === 'device') ? [{ name, series }] : [];
  });
  const days = new Map(places.map(({ name }) => [name, [] as number[]]));
  for (let tick = 0; tick < DAY_TICKS; tick++) {
    load.next(values);
    for (const { name, series } of places) days.get(name)?.push(values[series] ?? Number.NaN);
  }
  return days;
}

type Latencies = ReadonlyMap<Asker, readonly number[]>;

/** Milliseconds to the last byte; another series each time, so that no answer comes from a cache of answers. */
async function latencies(askers: readonly Asker[], hosts: number, queries: number): Promise<Latencies> {
  const times = new Map(askers.map((asker) => [asker, [] as number[]]));
  for (let n = -WARM_QUERIES; n < queries; n++) {
    const metric = METRICS[Math.abs(n) % METRICS.length] as string;
    for (const asker of askers) {
      const fromMs = performance.now();
      await asker.ask(Math.abs(n * 7) % hosts, metric);
      if (n >= 0) times.get(asker)?.push(performance.now() - fromMs);
    }
  }
  return times;
}
