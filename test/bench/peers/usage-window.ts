/** What a process uses over a stretch of time. */
import { median } from './figure.ts';
import { cpuSeconds, rssMebibytes } from './process-usage.ts';

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

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
