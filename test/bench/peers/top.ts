/**
 * The ten highest of 2,000 hosts by the latest value of one series each, over HTTP. Another metric each time, the three in
 * turns; before that their ten values are compared with each other.
 */
import { type Bench, InvalidRun, type Measured, quantile, type Subject, type Trial } from './figure.ts';
import { startFleet } from './fleet-load.ts';
import { startMuster, verifyStored } from './muster.ts';
import { type Peer, type PeerName, startPeer } from './peer.ts';
import { openRemoteWrite } from './remote-write.ts';
import { peerMetric, SERIES_PER_HOST, STEP_MS } from './workload.ts';

const HIGHEST = 10;
const TICKS = 6;
/** VictoriaMetrics answers for half a minute ago (search.latencyOffset) when asked for later. */
const AGO_TICKS = 6;
const FULL = { hosts: 2_000, queries: 200 };
const QUICK = { hosts: 200, queries: 20 };
const WARM_QUERIES = 10;
/** Gauges of which a machine has one. */
const METRICS = [
  'cpu.utilisation',
  'cpu.user',
  'cpu.iowait',
  'memory.utilisation',
  'memory.used',
  'load.1m',
  'load.5m',
];

export const top: Trial = {
  name: 'top',
  summary: 'the ten highest of 2,000 hosts by latest value, over HTTP',
  figures: [
    {
      name: 'query_top_p50',
      title: 'top 10 of 2,000 hosts by latest value, p50',
      unit: 'ms',
      better: 'lower',
      gates: [{ against: 'prometheus', gate: 0.1, stretch: 0.05 }],
    },
    {
      name: 'query_top_p95',
      title: 'the same, p95',
      unit: 'ms',
      better: 'lower',
      gates: [],
    },
  ],
  run: measureTop,
};

/** Asks one program for the highest values, highest first. */
interface Asker {
  readonly subject: Subject;
  ask(metric: string): Promise<Buffer>;
  valuesOf(body: Buffer): number[];
  stop(): Promise<void>;
}

async function measureTop(bench: Bench): Promise<Measured> {
  const { hosts, queries } = bench.quick ? QUICK : FULL;
  const startMs = Math.floor(Date.now() / STEP_MS - AGO_TICKS - TICKS) * STEP_MS;
  const askers = [await loadedMuster(bench, hosts, startMs)];
  for (const name of bench.peers) askers.push(await loadedPeer(bench, name, hosts, startMs));
  bench.say('top: queries');
  await compare(askers);
  // A round that does not count: a page that is open asks again and again, and all three answer it warm.
  await latencies(askers, queries);
  const rounds: Map<Subject, number[]>[] = [];
  for (let round = 0; round < bench.rounds; round++) rounds.push(await latencies(askers, queries));
  // What was timed were answers: all three still have them.
  await compare(askers);
  for (const asker of askers) await asker.stop();
  const perRound = (share: number) =>
    Object.fromEntries(
      askers.map(({ subject }) => [
        subject,
        rounds.map((times) => quantile(times.get(subject) ?? [], share)),
      ]),
    );
  return { values: { query_top_p50: perRound(0.5), query_top_p95: perRound(0.95) } };
}

async function loadedMuster(bench: Bench, hosts: number, startMs: number): Promise<Asker> {
  bench.say(`top: Muster takes ${TICKS} ticks of ${hosts} hosts`);
  const muster = await startMuster();
  const fleet = await startFleet(muster, {
    mode: 'burst',
    agents: hosts,
    ticks: TICKS,
    warmTicks: 0,
    hold: 1,
    seed: bench.seed,
    startMs,
  });
  fleet.go();
  await fleet.report();
  await verifyStored(muster, hosts * TICKS * SERIES_PER_HOST);
  return {
    subject: 'muster',
    ask: (metric) => muster.http.get(`/api/v1/metrics/top?metric=${metric}&n=${HIGHEST}`),
    valuesOf: (body) =>
      (JSON.parse(body.toString()) as { items: { value: number }[] }).items.map(({ value }) => value),
    stop: () => muster.stop(),
  };
}

async function loadedPeer(bench: Bench, name: PeerName, hosts: number, startMs: number): Promise<Asker> {
  bench.say(`top: ${name} takes ${TICKS} ticks of ${hosts} hosts`);
  const peer: Peer = await startPeer(name);
  const load = await openRemoteWrite(peer, { hosts, seed: bench.seed, startMs });
  await load.send(TICKS);
  await load.verify();
  load.close();
  const at = (startMs + TICKS * STEP_MS) / 1_000;
  return {
    subject: name,
    ask: (metric) => {
      const query = encodeURIComponent(`topk(${HIGHEST}, ${peerMetric(metric)})`);
      return peer.http.get(`/api/v1/query?query=${query}&time=${at}`);
    },
    valuesOf: (body) =>
      (JSON.parse(body.toString()) as { data: { result: { value: [number, string] }[] } }).data.result.map(
        ({ value }) => Number(value[1]),
      ),
    stop: () => peer.stop(),
  };
}

/** @throws InvalidRun unless all name the same ten values */
async function compare(askers: readonly Asker[]): Promise<void> {
  for (const metric of METRICS) {
    const answers: string[] = [];
    for (const { ask, valuesOf } of askers)
      answers.push(
        valuesOf(await ask(metric))
          .toSorted((a, b) => b - a)
          .join(' '),
      );
    const [first] = answers;
    if (first?.split(' ').length !== HIGHEST || answers.some((answer) => answer !== first))
      throw new InvalidRun(`top of ${metric} differs: ${answers.join(' | ')}`);
  }
}

async function latencies(askers: readonly Asker[], queries: number): Promise<Map<Subject, number[]>> {
  const times = new Map(askers.map(({ subject }) => [subject, [] as number[]]));
  for (let n = -WARM_QUERIES; n < queries; n++)
    for (const { subject, ask } of askers) {
      const fromMs = performance.now();
      await ask(METRICS[Math.abs(n) % METRICS.length] as string);
      if (n >= 0) times.get(subject)?.push(performance.now() - fromMs);
    }
  return times;
}
