/** When the disk will be full at the present growth, and what the samples will need once all tiers are filled. Pure. */
import { DAY_MS, HOUR_MS, type Millis } from '@muster/shared/time.ts';
import type { PartitionStats } from './store.ts';
import { TIERS } from './tiers.ts';

export interface DiskForecast {
  /** What the samples of one day add while nothing is dropped yet. */
  readonly bytesPerDay: number;
  /** More than what is held now, once each tier is filled to its retention. */
  readonly neededBytes: number;
  /** Whole days; null: the retention drops as much as comes before the disk is full. */
  readonly daysUntilFull: number | null;
  /** The same for what the samples may take; null also where nothing limits them. */
  readonly daysUntilCap: number | null;
}

/** A file younger than this says nothing about a day. */
const SPAN_MS_MIN = 6 * HOUR_MS;
/** Beyond two years and a half every tier is filled. */
const DAYS_MAX = 1_000;

/** null: nothing has been recorded for long enough. `bytesLeftMax`: how much more the samples may take. */
export function forecastDisk(
  partitions: readonly PartitionStats[],
  freeBytes: number,
  nowMs: Millis,
  bytesLeftMax: number | null = null,
): DiskForecast | null {
  const tiers = TIERS.map(({ tier, retentionMs }) => {
    const own = partitions.filter((partition) => partition.tier === tier);
    const oldestMs = Math.min(nowMs, ...own.map(({ startMs }) => startMs));
    return {
      bytesPerDay: bytesPerDay(own, nowMs),
      heldDays: Math.min((nowMs - oldestMs) / DAY_MS, retentionMs / DAY_MS),
      retentionDays: retentionMs / DAY_MS,
    };
  });
  const perDay = tiers.reduce((sum, tier) => sum + tier.bytesPerDay, 0);
  if (perDay === 0) return null;
  const grownBy = (days: number) =>
    tiers.reduce((sum, { bytesPerDay: of, heldDays, retentionDays }) => {
      return sum + of * Math.max(0, Math.min(days, retentionDays - heldDays));
    }, 0);
  const neededBytes = grownBy(DAYS_MAX);
  return {
    bytesPerDay: Math.round(perDay),
    neededBytes: Math.round(neededBytes),
    daysUntilFull: daysUntilFull(grownBy, freeBytes),
    daysUntilCap: bytesLeftMax === null ? null : daysUntilFull(grownBy, bytesLeftMax),
  };
}

/** null: what all tiers need once they are filled fits. */
function daysUntilFull(grownBy: (days: number) => number, freeBytes: number): number | null {
  if (freeBytes <= 0) return 0;
  for (let days = 0; days < DAYS_MAX; days++) if (grownBy(days + 1) > freeBytes) return days;
  return null;
}

/** Of the newest file that spans enough; whole ones are truer than the one that is being filled. */
function bytesPerDay(partitions: readonly PartitionStats[], nowMs: Millis): number {
  const spanMs = ({ startMs, endMs }: PartitionStats) => Math.min(endMs, nowMs) - startMs;
  const usable = partitions
    .filter((partition) => partition.bytes > 0 && spanMs(partition) >= SPAN_MS_MIN)
    .toSorted((a, b) => b.startMs - a.startMs);
  const chosen = usable.find(({ endMs }) => endMs <= nowMs) ?? usable[0];
  return chosen === undefined ? 0 : (chosen.bytes * DAY_MS) / spanMs(chosen);
}
