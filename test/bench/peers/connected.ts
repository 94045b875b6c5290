/** 15,000 agents with 100 series at 10 s on one server: what holding and hearing them costs, and whether any frame is late. */
import type { Bench, Measured, Trial } from './figure.ts';
import { startFleet } from './fleet-load.ts';
import { startMuster, verifyStored } from './muster.ts';
import { usageAtPace } from './usage-window.ts';
import { SERIES_PER_HOST, STEP_MS } from './workload.ts';

const AGENTS = { full: 15_000, quick: 500 };
/** 15,000 new machines and their 1.5 M series take the server a minute or more. */
const WARM_TICKS = 12;
/** 1.5 GB of 10^9 bytes. */
const RSS_MEBIBYTES_MAX = 1.5e9 / 2 ** 20;

export const connected: Trial = {
  name: 'connected',
  summary: '15,000 agents × 100 series at 10 s: processor, memory, frames acknowledged late',
  figures: [
    {
      name: 'connected_cpu',
      title: '15,000 agents at 10 s',
      unit: '% of a core',
      better: 'lower',
      gates: [{ against: null, gate: 35, stretch: 20 }],
    },
    {
      name: 'connected_rss',
      title: 'memory, 15,000 agents',
      unit: 'MiB',
      better: 'lower',
      gates: [{ against: null, gate: Math.floor(RSS_MEBIBYTES_MAX) }],
    },
    {
      name: 'connected_late',
      title: 'frames acknowledged later than an interval',
      unit: 'frames',
      better: 'lower',
      gates: [{ against: null, gate: 0 }],
    },
    {
      name: 'connected_late_first',
      title: 'the same, in the two minutes in which all machines are new',
      unit: 'frames',
      better: 'lower',
      gates: [],
    },
    {
      name: 'connected_ack_p99',
      title: 'frame to acknowledgement, p99',
      unit: 'ms',
      better: 'lower',
      gates: [],
    },
    {
      name: 'connected_connect',
      title: 'until all have enrolled, 64 handshakes at once',
      unit: 's',
      better: 'lower',
      gates: [],
    },
  ],
  run: measureConnected,
};

async function measureConnected(bench: Bench): Promise<Measured> {
  const agents = bench.quick ? AGENTS.quick : AGENTS.full;
  bench.say(`connected: ${agents} agents enrol`);
  const muster = await startMuster();
  const fleet = await startFleet(muster, {
    mode: 'paced',
    agents,
    ticks: WARM_TICKS + 2 + Math.ceil((bench.pacedSeconds * 1_000) / STEP_MS),
    warmTicks: WARM_TICKS - 1,
    hold: 1,
    seed: bench.seed,
  });
  await fleet.event('connected');
  fleet.go();
  await fleet.event('steady');
  bench.say('connected: counted');
  const usage = await usageAtPace(muster, { agents, series: SERIES_PER_HOST, hold: 1 }, bench.pacedSeconds);
  const report = await fleet.report();
  await verifyStored(muster, report.samplesAcknowledged);
  await muster.stop();
  const only = (value: number) => ({ muster: [value] });
  return {
    values: {
      connected_cpu: only((usage.cpuSecondsPerMinute / 60) * 100),
      connected_rss: only(usage.rssMebibytes),
      connected_late: only(report.lateFrames),
      connected_late_first: only(report.lateFirstFrames),
      connected_ack_p99: only(report.ackMs.p99),
      connected_connect: only(report.connectMs / 1_000),
    },
  };
}
