/**
 * Burst: 2,000 hosts of 100 series, one host a message, as fast as each takes them. All are warmed with the first ticks;
 * counted is processor time of the whole process per sample of the ticks after. "Settled" adds what each does in the 20 s
 * after the last acknowledgement, when compaction and merges go on.
 */
import { attempt } from './attempt.ts';
import { type Bench, InvalidRun, type Measured, type Subject, SUBJECTS, type Trial } from './figure.ts';
import { startFleet } from './fleet-load.ts';
import { startMuster, verifyStored } from './muster.ts';
import { type PeerName, startPeer } from './peer.ts';
import { cpuSeconds, rssMebibytes } from './process-usage.ts';
import { verifyReadings } from './readings.ts';
import { openRemoteWrite } from './remote-write.ts';
import { pause } from './usage-window.ts';
import { SERIES_PER_HOST, STEP_MS } from './workload.ts';

interface Size {
  readonly hosts: number;
  readonly warmTicks: number;
  /** Muster's are as many as make each machine's open rows full once: what it puts off is paid within. */
  readonly countedTicks: Readonly<Record<Subject, number>>;
  readonly settleMs: number;
}
const FULL: Size = {
  hosts: 2_000,
  warmTicks: 20,
  countedTicks: { muster: 120, prometheus: 30, victoriametrics: 60 },
  settleMs: 20_000,
};
const QUICK: Size = {
  hosts: 100,
  warmTicks: 10,
  countedTicks: { muster: 120, prometheus: 20, victoriametrics: 20 },
  settleMs: 2_000,
};

interface Burst {
  /** Samples per CPU-second. */
  readonly counted: number;
  readonly settled: number;
  readonly rss: number;
}

export const burst: Trial = {
  name: 'burst',
  summary: 'burst of 2,000 hosts × 100 series through the real server and into the peers by remote write',
  figures: [
    {
      name: 'burst_ingest',
      title: 'burst ingest, one host a message',
      unit: 'samples/CPU-s',
      better: 'higher',
      gates: [
        { against: 'prometheus', gate: 15, stretch: 30 },
        { against: 'victoriametrics', gate: 5, stretch: 10 },
      ],
    },
    {
      name: 'burst_ingest_settled',
      title: 'the same with the work of the 20 s after',
      unit: 'samples/CPU-s',
      better: 'higher',
      gates: [],
    },
    {
      name: 'burst_rss',
      title: 'memory at the end of the burst',
      unit: 'MiB',
      better: 'lower',
      gates: [],
    },
  ],
  run: measureBurst,
};

async function measureBurst(bench: Bench): Promise<Measured> {
  const size = bench.quick ? QUICK : FULL;
  const found: Record<Subject, Burst[]> = { muster: [], prometheus: [], victoriametrics: [] };
  const failures: string[] = [];
  for (let round = 0; round < bench.rounds; round++) {
    for (const subject of SUBJECTS.filter((one) => one === 'muster' || bench.peers.includes(one))) {
      const what = `burst, round ${round + 1} of ${bench.rounds}: ${subject}`;
      const one = await attempt(bench, failures, what, () =>
        subject === 'muster' ? burstOfMuster(bench, size) : burstOfPeer(bench, size, subject),
      );
      if (one === null) continue;
      found[subject].push(one);
      bench.say(`  ${Math.round(one.counted).toLocaleString('en')} samples per CPU-second`);
    }
  }
  const values = (of: (one: Burst) => number) =>
    Object.fromEntries(SUBJECTS.map((subject) => [subject, found[subject].map(of)]));
  return {
    values: {
      burst_ingest: values(({ counted }) => counted),
      burst_ingest_settled: values(({ settled }) => settled),
      burst_rss: values(({ rss }) => rss),
    },
    failures,
  };
}

async function burstOfPeer(bench: Bench, size: Size, name: PeerName): Promise<Burst> {
  const peer = await startPeer(name);
  const countedTicks = size.countedTicks[name];
  const load = await openRemoteWrite(peer, {
    hosts: size.hosts,
    seed: bench.seed,
    startMs: beginOf(size.warmTicks + countedTicks),
  });
  await load.send(size.warmTicks);
  const before = cpuSeconds(peer.pid);
  await load.send(countedTicks);
  const counted = cpuSeconds(peer.pid) - before;
  const rss = rssMebibytes(peer.pid);
  await pause(size.settleMs);
  const settled = cpuSeconds(peer.pid) - before;
  await load.verify();
  load.close();
  await peer.stop();
  const samples = size.hosts * SERIES_PER_HOST * countedTicks;
  return {
    counted: samples / counted,
    settled: samples / settled,
    rss,
  };
}

async function burstOfMuster(bench: Bench, size: Size): Promise<Burst> {
  const muster = await startMuster();
  const fleet = await startFleet(muster, {
    mode: 'burst',
    agents: size.hosts,
    ticks: size.countedTicks.muster,
    warmTicks: size.warmTicks,
    hold: 1,
    seed: bench.seed,
  });
  await fleet.event('ready');
  const before = cpuSeconds(muster.pid);
  fleet.go();
  await fleet.event('done');
  const counted = cpuSeconds(muster.pid) - before;
  const rss = rssMebibytes(muster.pid);
  const report = await fleet.report();
  const { samplesAcknowledged: samples } = report;
  await pause(size.settleMs);
  const settled = cpuSeconds(muster.pid) - before;
  const ticks = size.warmTicks + size.countedTicks.muster;
  if (samples !== size.hosts * SERIES_PER_HOST * size.countedTicks.muster)
    throw new InvalidRun(`${samples} samples are counted, not those of ${size.countedTicks.muster} ticks`);
  await verifyStored(muster, size.hosts * SERIES_PER_HOST * ticks);
  await verifyReadings(muster, report, { seed: bench.seed, agents: size.hosts, ticks });
  await muster.stop();
  return { counted: samples / counted, settled: samples / settled, rss };
}

/** The last tick is about now. */
function beginOf(ticks: number): number {
  return Math.floor((Date.now() - ticks * STEP_MS) / STEP_MS) * STEP_MS;
}
