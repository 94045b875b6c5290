/** Turns the counters of one machine's successive readings into rates per second. */
import { METRICS, type MetricName } from '@muster/shared/metrics/catalogue.ts';
import { SECOND_MS, type Millis } from '@muster/shared/time.ts';

export type LivePoint = [metric: string, instance: string, value: number];

export interface Reading {
  readonly metric: MetricName;
  readonly instance: string;
  readonly value: number;
}

/** Over a longer pause than so many of the usual steps no rate is drawn. */
const STEPS_MAX = 3;

export class LiveRates {
  #lastMs: Millis | null = null;
  #stepMs: Millis | null = null;
  #counters = new Map<string, number>();

  /** Points to show: gauges as they are, counters as rates from the second reading on; a fall counts from 0. */
  points(atMs: Millis, readings: readonly Reading[]): LivePoint[] {
    const sinceMs = this.#lastMs === null ? 0 : atMs - this.#lastMs;
    const backwards = this.#lastMs !== null && sinceMs <= 0;
    const drawable = sinceMs > 0 && (this.#stepMs === null || sinceMs <= STEPS_MAX * this.#stepMs);
    const points: LivePoint[] = [];
    for (const { metric, instance, value } of readings) {
      if (!Number.isFinite(value)) continue;
      if (METRICS[metric].kind === 'gauge') {
        points.push([metric, instance, value]);
        continue;
      }
      const key = `${metric}\0${instance}`;
      const before = this.#counters.get(key);
      // A reading that is older than the last is late data: it must not become the base of the next rate.
      if (!backwards) this.#counters.set(key, value);
      if (before !== undefined && drawable)
        points.push([metric, instance, ((value >= before ? value - before : value) * SECOND_MS) / sinceMs]);
    }
    if (backwards) return points;
    if (sinceMs > 0) this.#stepMs = sinceMs;
    this.#lastMs = atMs;
    return points;
  }
}
