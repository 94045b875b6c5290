/**
 * How closely the flight recorder looks. Each look wakes the processor, and on a machine that does nothing there is nothing to see: there it
 * looks every half minute, along with a tick, whose values the server has anyway. Once something stirs it looks by itself, every two
 * seconds, long before a rule has waited out its time. Pure.
 */
import type { MetricName, Sample } from '@muster/shared/metrics/catalogue.ts';
import { type Millis, MINUTE_MS } from '@muster/shared/time.ts';

/** For so long after the last sign it looks closely: what comes in waves is seen as one. The start of the agent is a sign too. */
const STIRRED_MS = 2 * MINUTE_MS;

/** Percent from which something stirs; each of them is far from what a rule would call a fault. */
const STIRS: Partial<Record<MetricName, number>> = {
  'cpu.utilisation': 50,
  'cpu.iowait': 20,
  'memory.utilisation': 85,
  'disk.utilisation': 50,
  'network.utilisation': 50,
  'pressure.cpu.some': 20,
  'pressure.memory.some': 5,
  'pressure.io.some': 20,
};

/** Until when (on a clock that stands still in sleep) it looks closely; `untilMs` is what was answered last, 0 at first. */
export function stirredUntil(
  samples: readonly Sample[],
  /** A value is beyond a level that the server waits for. */
  beyondLevel: boolean,
  awakeMs: Millis,
  untilMs: Millis,
): Millis {
  const stirs =
    beyondLevel || samples.some(({ metric, value }) => value >= (STIRS[metric] ?? Number.POSITIVE_INFINITY));
  return stirs ? awakeMs + STIRRED_MS : untilMs;
}
