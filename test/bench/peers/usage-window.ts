/** What a process uses over a stretch of time. */
import { InvalidRun, median } from './figure.ts';
import type { Muster } from './muster.ts';
import { cpuSeconds, rssMebibytes } from './process-usage.ts';
import { STEP_MS } from './workload.ts';

const LOOK_MS = 2_000;

export interface UsageWindow {
  readonly cpuSecondsPerMinute: number;
  /** Median of looks 2 s apart. */
  readonly rssMebibytes: number;
}

export async function usageOver(pid: number, seconds: number): Promise<UsageWindow> {
  const startedMs = performance.now();
  const before = cpuSeconds(pid);
  const looks: number[] = [];
  for (let elapsedMs = 0; elapsedMs < seconds * 1_000; elapsedMs = performance.now() - startedMs) {
    looks.push(rssMebibytes(pid));
    await pause(Math.min(LOOK_MS, seconds * 1_000 - elapsedMs));
  }
  const minutes = (performance.now() - startedMs) / 60_000;
  return {
    cpuSecondsPerMinute: (cpuSeconds(pid) - before) / minutes,
    rssMebibytes: median(looks),
  };
}

/** Agents at pace: how many, with how many series, and how many ticks each holds back for one frame. */
export interface Paced {
  readonly agents: number;
  readonly series: number;
  readonly hold: number;
}

/** Of what whole rounds of frames bring. */
const TAKEN_SHARE_MIN = 0.98;

/**
 * What Muster uses while agents send at pace. @throws InvalidRun where it took fewer samples meanwhile than that pace brings:
 * a load that lags behind would make the server look cheaper than it is
 */
export async function usageAtPace(
  muster: Muster,
  { agents, series, hold }: Paced,
  seconds: number,
): Promise<UsageWindow> {
  const before = (await muster.counts()).samplesTotal;
  const window = await usageOver(muster.pid, seconds);
  const taken = (await muster.counts()).samplesTotal - before;
  const rounds = Math.floor((seconds * 1_000) / (hold * STEP_MS));
  const wanted = rounds * hold * agents * series;
  if (taken < wanted * TAKEN_SHARE_MIN)
    throw new InvalidRun(`${taken} samples came within ${seconds} s, the pace makes ${wanted}`);
  return window;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
