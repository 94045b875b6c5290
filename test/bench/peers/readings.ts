/** Whether Muster gives back what the load agents sent: asked over HTTP, value by value, against the generator. */
import { invariant } from '@muster/shared/invariant.ts';
import { openWorkload, tickAtMs } from '../fleet/workload.ts';
import { InvalidRun } from './figure.ts';
import type { FleetReport } from './fleet-load.ts';
import { machineIds } from './machines.ts';
import type { Muster } from './muster.ts';
import { SERIES_PER_HOST, STEP_MS } from './workload.ts';

/** Of which every reading is compared. */
const CHECKED_METRIC = 'cpu.utilisation';
/** Machines that are asked after a load whose samples were counted already. */
const CHECKED_MACHINES = 20;

/** Readings of more ticks would come as averages. */
export const READINGS_TICKS_MAX = 998;

interface Load {
  readonly seed: number;
  readonly agents: number;
  /** Of each agent. */
  readonly ticks: number;
  /** Of tick 0. */
  readonly startMs: number;
}

/** Readings of one series of every `each`th machine that are there with their value at their time. */
export async function readingsFound(
  muster: Muster,
  { seed, agents, ticks, startMs }: Load,
  each = 1,
): Promise<number> {
  const workload = await openWorkload(SERIES_PER_HOST);
  const place = workload.series.findIndex(({ metric }) => metric === CHECKED_METRIC);
  invariant(place >= 0, 'the load has the series that is checked');
  const ids = await machineIds(muster, seed, agents);
  const schedule = { startMs, intervalMs: STEP_MS, agents };
  const values: number[] = workload.series.map(() => 0);
  const from = new Date(startMs - STEP_MS).toISOString();
  const to = new Date(startMs + (ticks + 1) * STEP_MS).toISOString();
  let found = 0;
  for (let agent = 0; agent < agents; agent += each) {
    const { series } = await muster.json<{ series: { points: [number, number][] }[] }>(
      `/metrics/range?ci=${ids[agent]}&metric=${CHECKED_METRIC}&from=${from}&to=${to}&points=${READINGS_TICKS_MAX + 2}`,
    );
    const stored = new Map(series[0]?.points);
    const machine = workload.machine(seed, agent);
    for (let tick = 0; tick < ticks; tick++) {
      machine.next(values);
      if (stored.get(tickAtMs(schedule, agent, tick)) === values[place]) found += 1;
    }
  }
  return found;
}

/** @throws InvalidRun unless all that was sent was acknowledged, and some machines' readings are there as they were sent */
export async function verifyReadings(
  muster: Muster,
  { samplesSent, samplesAcknowledged, startMs }: FleetReport,
  load: Omit<Load, 'startMs'>,
): Promise<void> {
  if (samplesAcknowledged < samplesSent)
    throw new InvalidRun(`${samplesAcknowledged} of ${samplesSent} samples were acknowledged`);
  const each = Math.max(1, Math.floor(load.agents / CHECKED_MACHINES));
  const expected = Math.ceil(load.agents / each) * load.ticks;
  const found = await readingsFound(muster, { ...load, startMs }, each);
  if (found !== expected)
    throw new InvalidRun(`${found} of ${expected} readings of ${CHECKED_METRIC} are there as they were sent`);
}
