/** The disk under the data directory, and when it or the limit of the samples is reached. */
import { statfsSync } from 'node:fs';
import type { Millis } from '@muster/shared/time.ts';
import { type DiskForecast, forecastDisk } from './metrics/disk-forecast.ts';
import type { MetricStats } from './metrics/store.ts';

export interface Disk {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** null: not known. */
export function readDisk(folder: string): Disk | null {
  try {
    const figures = statfsSync(folder);
    return { freeBytes: figures.bavail * figures.bsize, totalBytes: figures.blocks * figures.bsize };
  } catch {
    // The status page must work when the disk does not: the figures are then not known.
    return null;
  }
}

/** null: too early to say, or nothing is known of the disk. */
export function engineForecast(stats: MetricStats, disk: Disk | null, nowMs: Millis): DiskForecast | null {
  return disk && forecastDisk(stats.partitions, disk.freeBytes, nowMs, leftBelowLimit(stats));
}

function leftBelowLimit({ bytesMax, journalBytes, chunkBytes }: MetricStats): number | null {
  return bytesMax === null ? null : Math.max(0, bytesMax - journalBytes - chunkBytes);
}
