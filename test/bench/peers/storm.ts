/**
 * Reconnect storm: 10,000 agents at pace, the server is killed and started again on its data; as soon as it says that it is
 * ready all come back within a second. Counted from there until the last has been accepted, and until everything made meanwhile
 * is acknowledged. Then every machine's readings are asked for and compared with what was made.
 */
import { type Bench, InvalidRun, type Measured, type Trial } from './figure.ts';
import { type FleetReport, startFleet } from './fleet-load.ts';
import { type Muster, startMuster } from './muster.ts';
import { readingsFound } from './readings.ts';

const AGENTS = { full: 10_000, quick: 500 };

export const storm: Trial = {
  name: 'storm',
  summary: '10,000 agents come back at once to a server that was killed: seconds until all are caught up',
  figures: [
    {
      name: 'storm_caught_up',
      title: 'reconnect storm of 10,000, until all are caught up',
      unit: 's',
      better: 'lower',
      gates: [{ against: null, gate: 30, stretch: 10 }],
    },
    { name: 'storm_back', title: 'until all are accepted', unit: 's', better: 'lower', gates: [] },
    {
      name: 'storm_lost',
      title: 'readings not found with their value at their time',
      unit: 'samples',
      better: 'lower',
      gates: [{ against: null, gate: 0 }],
    },
  ],
  run: measureStorm,
};

async function measureStorm(bench: Bench): Promise<Measured> {
  const agents = bench.quick ? AGENTS.quick : AGENTS.full;
  bench.say(`storm: ${agents} agents enrol`);
  const first = await startMuster();
  const fleet = await startFleet(first, {
    mode: 'storm',
    agents,
    ticks: 1,
    warmTicks: 1,
    hold: 1,
    seed: bench.seed,
  });
  await fleet.event('connected');
  fleet.go();
  await fleet.event('steady');
  bench.say('storm: the server is killed and started again');
  await first.server.kill();
  const again = await startMuster(first.server);
  const report = await fleet.report();
  const { allBackMs, caughtUpMs } = report.storm ?? { allBackMs: null, caughtUpMs: null };
  if (allBackMs === null || caughtUpMs === null) throw new InvalidRun('not all agents have come back');
  bench.say('storm: every machine is asked for its readings');
  const lost = await countLost(again, { seed: bench.seed, agents, report });
  await again.stop();
  const only = (value: number) => ({ muster: [value] });
  return {
    values: {
      storm_caught_up: only(caughtUpMs / 1_000),
      storm_back: only(allBackMs / 1_000),
      storm_lost: only(lost),
    },
  };
}

/** Readings of one series of each machine that the server does not give back with their value at their time. */
async function countLost(
  muster: Muster,
  { seed, agents, report }: { seed: number; agents: number; report: FleetReport },
): Promise<number> {
  // The load ends amid a tick: some machines have made one more than others.
  const ticks = Math.ceil(report.ticksMade / agents);
  const found = await readingsFound(muster, { seed, agents, ticks, startMs: report.startMs });
  if (found > report.ticksMade)
    throw new InvalidRun(
      `${found} readings are there, ${report.ticksMade} were made: something counts wrong`,
    );
  return report.ticksMade - found;
}
