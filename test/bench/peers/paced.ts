/**
 * At pace: 2,000 hosts of 100 series at 10 s, 200,000 series, 20,000 samples a second. Muster with one tick a frame and with
 * three held; Prometheus as it is meant to be used, scraping; VictoriaMetrics pushed to, and scraping. Each alone, one after
 * the other; counted after two minutes.
 */
import { attempt } from './attempt.ts';
import { deleteFolder, temporaryFolder } from './children.ts';
import { type Bench, InvalidRun, type Measured, type Subject, type Trial } from './figure.ts';
import { startFleet } from './fleet-load.ts';
import { startMuster, verifyStored } from './muster.ts';
import { type PeerName, startPeer } from './peer.ts';
import { openRemoteWrite } from './remote-write.ts';
import { openScrapeTargets } from './scrape-targets.ts';
import { verifyCount } from './stored-count.ts';
import { READINGS_TICKS_MAX, verifyReadings } from './readings.ts';
import { pause, usageAtPace, type UsageWindow, usageOver } from './usage-window.ts';
import { hostLoads, SERIES_PER_HOST, STEP_MS } from './workload.ts';

const HOSTS = { full: 2_000, quick: 200 };
/** A process that compiles itself while it runs spends its first minutes on that: two minutes for all, Muster and peers. */
const WARM_TICKS = 12;
/** The most that the server lets an agent hold: 30 s. */
const HELD_TICKS = 3;
/** The first frame of an agent, with its declarations, comes when its hold is full; two of them come before what counts. */
const warmTicksOf = (hold: number): number => WARM_TICKS + 2 * (hold - 1);
/** Of the scrapes that an interval of 10 s asks for. */
const SCRAPED_SHARE_MIN = 0.99;

const AGAINST_PUSH_AND_SCRAPE = (gate: number, stretch: number) => [
  { against: 'prometheus' as const, gate, stretch },
  { against: 'victoriametrics' as const, gate, stretch },
];

export const paced: Trial = {
  name: 'paced',
  summary:
    '2,000 hosts × 100 series at 10 s: processor time a minute and memory, peers scraping and pushed to',
  figures: [
    {
      name: 'paced_cpu',
      title: 'paced, one tick a frame; Prometheus scrapes, VM is pushed to',
      unit: 'CPU-s/min',
      better: 'lower',
      gates: AGAINST_PUSH_AND_SCRAPE(1 / 2, 1 / 3),
    },
    {
      name: 'paced_cpu_held',
      title: 'paced, three ticks held',
      unit: 'CPU-s/min',
      better: 'lower',
      gates: AGAINST_PUSH_AND_SCRAPE(1 / 4, 1 / 6),
    },
    {
      name: 'paced_cpu_scraping',
      title: 'paced, one tick a frame; both peers scrape',
      unit: 'CPU-s/min',
      better: 'lower',
      gates: [],
    },
    {
      name: 'paced_rss',
      title: 'memory, 200 k series paced; both peers scrape',
      unit: 'MiB',
      better: 'lower',
      gates: [
        { against: 'prometheus', gate: 0.5 },
        { against: 'victoriametrics', gate: 1.5, stretch: 1 },
      ],
    },
    {
      name: 'paced_rss_held',
      title: 'memory, three ticks held; VM is pushed to',
      unit: 'MiB',
      better: 'lower',
      gates: [],
    },
  ],
  run: measurePaced,
};

async function measurePaced(bench: Bench): Promise<Measured> {
  const failures: string[] = [];
  const run = (what: string, of: () => Promise<UsageWindow | null>) =>
    attempt(bench, failures, `paced: ${what}`, of);
  const plain = await run('Muster, one tick a frame', () => pacedMuster(bench, 1));
  const promScrape = await run('prometheus, scraping', () => pacedScraping(bench, 'prometheus'));
  const held = await run('Muster, three ticks held', () => pacedMuster(bench, HELD_TICKS));
  const vmPush = await run('victoriametrics, pushed to', () => pacedPushed(bench, 'victoriametrics'));
  const vmScrape = await run('victoriametrics, scraping', () => pacedScraping(bench, 'victoriametrics'));
  const figure = (of: (window: UsageWindow) => number, who: Record<Subject, UsageWindow | null>) =>
    Object.fromEntries(Object.entries(who).flatMap(([name, one]) => (one ? [[name, [of(one)]]] : [])));
  const cpu = (one: UsageWindow): number => one.cpuSecondsPerMinute;
  const rss = (one: UsageWindow): number => one.rssMebibytes;
  const pushed = { prometheus: promScrape, victoriametrics: vmPush };
  const scraping = { prometheus: promScrape, victoriametrics: vmScrape };
  return {
    values: {
      paced_cpu: figure(cpu, { muster: plain, ...pushed }),
      paced_cpu_held: figure(cpu, { muster: held, ...pushed }),
      paced_cpu_scraping: figure(cpu, { muster: plain, ...scraping }),
      paced_rss: figure(rss, { muster: plain, ...scraping }),
      paced_rss_held: figure(rss, { muster: held, ...pushed }),
    },
    failures,
    notes: [
      `paced: ${bench.pacedSeconds} s counted of each run, after ${WARM_TICKS * 10} s (${warmTicksOf(HELD_TICKS) * 10} s with held ticks). Writing of full blocks, checkpoints and merges that come later than this are not within; --paced-seconds 1800 has them.`,
    ],
  };
}

function hostsOf(bench: Bench): number {
  return bench.quick ? HOSTS.quick : HOSTS.full;
}

/** So many that the counted time is full of ticks. */
function ticksOf(bench: Bench, warmTicks = WARM_TICKS): number {
  return warmTicks + 2 + Math.ceil((bench.pacedSeconds * 1_000) / STEP_MS);
}

async function pacedMuster(bench: Bench, hold: number): Promise<UsageWindow> {
  const muster = await startMuster();
  const fleet = await startFleet(muster, {
    mode: 'paced',
    agents: hostsOf(bench),
    ticks: ticksOf(bench, warmTicksOf(hold)),
    warmTicks: warmTicksOf(hold) - 1,
    hold,
    seed: bench.seed,
  });
  await fleet.event('connected');
  fleet.go();
  await fleet.event('steady');
  const paced = { agents: hostsOf(bench), series: SERIES_PER_HOST, hold };
  const window = await usageAtPace(muster, paced, bench.pacedSeconds);
  const report = await fleet.report();
  await verifyStored(muster, report.samplesAcknowledged);
  const ticks = ticksOf(bench, warmTicksOf(hold));
  // Longer ones are answered in averages.
  if (ticks <= READINGS_TICKS_MAX)
    await verifyReadings(muster, report, { seed: bench.seed, agents: hostsOf(bench), ticks });
  await muster.stop();
  return told(bench, window);
}

async function pacedPushed(bench: Bench, name: PeerName): Promise<UsageWindow | null> {
  if (!bench.peers.includes(name)) return null;
  const peer = await startPeer(name);
  const startMs = Math.floor(Date.now() / STEP_MS) * STEP_MS;
  const load = await openRemoteWrite(peer, { hosts: hostsOf(bench), seed: bench.seed, startMs });
  const sent = load.sendPaced(ticksOf(bench), performance.now());
  await Promise.race([sent, pause(WARM_TICKS * STEP_MS)]);
  const window = await usageOver(peer.pid, bench.pacedSeconds);
  await sent;
  await load.verify();
  load.close();
  await peer.stop();
  return told(bench, window);
}

async function pacedScraping(bench: Bench, name: PeerName): Promise<UsageWindow | null> {
  if (!bench.peers.includes(name)) return null;
  const folder = temporaryFolder('targets');
  const loads = await hostLoads(hostsOf(bench), bench.seed);
  const targets = await openScrapeTargets(loads, folder);
  const startedMs = Date.now();
  const peer = await startPeer(name, targets.file);
  await pause(WARM_TICKS * STEP_MS);
  const servedBefore = targets.served();
  const window = await usageOver(peer.pid, bench.pacedSeconds);
  const wanted = (loads.length * bench.pacedSeconds * 1_000) / STEP_MS;
  const served = targets.served() - servedBefore;
  if (served < wanted * SCRAPED_SHARE_MIN)
    throw new InvalidRun(`${name} scraped ${served} times instead of ${wanted}`);
  await targets.close();
  const samples = targets.served() * (loads[0]?.labels.length ?? 0);
  await verifyCount(peer, loads[0]?.labels ?? [], { fromMs: startedMs, toMs: Date.now(), samples });
  await peer.stop();
  deleteFolder(folder);
  return told(bench, window);
}

function told(bench: Bench, window: UsageWindow): UsageWindow {
  bench.say(
    `  ${window.cpuSecondsPerMinute.toFixed(2)} CPU-s per minute, ${window.rssMebibytes.toFixed(0)} MiB`,
  );
  return window;
}
