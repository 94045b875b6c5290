/** What lists show of how machines do now: CPU, memory and the fullest file system of each. Pure. */
import { MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import type { MetricStore } from '../metrics/store.ts';

/** CPU and memory older than this say nothing about now. */
export const VALUES_AGE_MS_MAX = 2 * MINUTE_MS;

/** [id, CPU %, memory %, fullest file system %, its mount point]; machines without any are left out. */
export type MachineValuesRow = [string, number | null, number | null, number | null, string | null];

export function latestValues(
  metrics: Pick<MetricStore, 'latestOfMetric'>,
  isUp: (ciId: string) => boolean,
  nowMs: Millis,
): MachineValuesRow[] {
  const rows = new Map<string, MachineValuesRow>();
  const rowOf = (ciId: string): MachineValuesRow => {
    const held = rows.get(ciId) ?? [ciId, null, null, null, null];
    rows.set(ciId, held);
    return held;
  };
  for (const [place, metric] of [
    [1, 'cpu.utilisation'],
    [2, 'memory.utilisation'],
  ] as const) {
    for (const { identity, atMs, value } of metrics.latestOfMetric(metric)) {
      if (identity.instance !== '' || !Number.isFinite(value)) continue;
      if (atMs < nowMs - VALUES_AGE_MS_MAX || !isUp(identity.ciId)) continue;
      rowOf(identity.ciId)[place] = rounded(value);
    }
  }
  for (const { identity, value } of metrics.latestOfMetric('filesystem.utilisation')) {
    if (!Number.isFinite(value)) continue;
    const row = rowOf(identity.ciId);
    if (row[3] !== null && row[3] >= value) continue;
    row[3] = rounded(value);
    row[4] = identity.instance;
  }
  return [...rows.values()];
}

/** To hundredths: more digits are noise and half of the bytes. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
