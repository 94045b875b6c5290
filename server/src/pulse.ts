/** The server's last quarter of an hour: samples taken in, lateness of its loop, memory and CPU, every ten seconds. */
import { MINUTE_MS, SECOND_MS, type Millis } from '@muster/shared/time.ts';
import { loopLagReader } from './loop-lag.ts';

export const PULSE_STEP_MS = 10 * SECOND_MS;
export const PULSE_SPAN_MS = 15 * MINUTE_MS;
const POINTS = PULSE_SPAN_MS / PULSE_STEP_MS;

export interface PulsePoint {
  /** End of the step. */
  readonly atMs: Millis;
  readonly samplesPerSecond: number;
  /** 99th percentile of the loop's lateness within the step. */
  readonly loopLagMs: number;
  readonly residentBytes: number;
  readonly heapUsedBytes: number;
  /** Share of one core, 0 to 1 and beyond with several. */
  readonly cpuShare: number;
}

/** What the process says of itself; totals count from its start. */
export interface ProcessReading {
  /** Since the last reading. */
  readonly loopLagMs: number;
  readonly residentBytes: number;
  readonly heapUsedBytes: number;
  readonly cpuMsTotal: number;
}

export interface Pulse {
  /** Call about once a second; most calls do nothing. */
  tick(nowMs: Millis): void;
  /** Oldest first; at most a quarter of an hour. */
  points(): readonly PulsePoint[];
}

export function createPulse(samplesTotal: () => number, read: () => ProcessReading): Pulse {
  let points: PulsePoint[] = [];
  let before: { atMs: Millis; samples: number; cpuMs: number } | null = null;
  return {
    tick(nowMs) {
      if (before !== null && nowMs - before.atMs < PULSE_STEP_MS) return;
      const reading = read();
      const samples = samplesTotal();
      if (before !== null) {
        const spanMs = nowMs - before.atMs;
        points.push({
          atMs: nowMs,
          samplesPerSecond: ((samples - before.samples) * SECOND_MS) / spanMs,
          loopLagMs: reading.loopLagMs,
          residentBytes: reading.residentBytes,
          heapUsedBytes: reading.heapUsedBytes,
          cpuShare: (reading.cpuMsTotal - before.cpuMs) / spanMs,
        });
        points = points.slice(-POINTS);
      }
      before = { atMs: nowMs, samples, cpuMs: reading.cpuMsTotal };
    },
    points: () => points,
  };
}

const MICROSECONDS_PER_MS = 1e3;

export function processReader(): () => ProcessReading {
  const loopLag = loopLagReader();
  return () => {
    const cpu = process.cpuUsage();
    const memory = process.memoryUsage();
    return {
      loopLagMs: loopLag(),
      residentBytes: memory.rss,
      heapUsedBytes: memory.heapUsed,
      cpuMsTotal: (cpu.user + cpu.system) / MICROSECONDS_PER_MS,
    };
  };
}
