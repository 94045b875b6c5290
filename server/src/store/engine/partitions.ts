/** Partition files of the archive: which file holds a time, and what windows the rows of a tier span. */
import { DAY_MS, HOUR_MS, MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import { invariant } from '@muster/shared/invariant.ts';
import type { Tier } from '../../metrics/store.ts';
import { TIERS } from '../../metrics/tiers.ts';
import { RAW_PARTITION_MS, RAW_SLACK_MS } from './limits.ts';

export type RollupTier = Exclude<Tier, 'raw'>;

interface RollupLayout {
  readonly tier: RollupTier;
  readonly widthMs: number;
  /** What one row spans; it is written once this is over and made of rows of the tier below. */
  readonly windowMs: number;
  readonly partitionMs: number;
}

/** Finest first. Rows are sized so that a chart at the tier's own width reads some dozens of them. */
export const ROLLUPS: readonly RollupLayout[] = [
  { tier: '1m', widthMs: MINUTE_MS, windowMs: HOUR_MS, partitionMs: 5 * DAY_MS },
  { tier: '10m', widthMs: 10 * MINUTE_MS, windowMs: DAY_MS, partitionMs: 30 * DAY_MS },
  { tier: '1h', widthMs: HOUR_MS, windowMs: 10 * DAY_MS, partitionMs: 180 * DAY_MS },
];

export function layoutOf(tier: RollupTier): RollupLayout {
  const layout = ROLLUPS.find((one) => one.tier === tier);
  invariant(layout !== undefined, `tier ${tier} has rows`);
  return layout;
}

export function partitionMs(tier: Tier): number {
  return tier === 'raw' ? RAW_PARTITION_MS : layoutOf(tier).partitionMs;
}

/** File name of the partition that holds a time, after the day on which it starts. */
export function partitionFile(tier: Tier, atMs: Millis): string {
  const start = startOf(atMs, partitionMs(tier));
  return `${tier}-${new Date(start).toISOString().slice(0, 10).replaceAll('-', '')}.db`;
}

export function startOf(atMs: Millis, windowMs: number): Millis {
  return Math.floor(atMs / windowMs) * windowMs;
}

export interface Partition {
  readonly file: string;
  readonly tier: Tier;
  readonly startMs: Millis;
  readonly endMs: Millis;
}

/** Undefined for a file that is no partition. */
export function parsePartition(file: string): Partition | undefined {
  const match = /^(raw|1m|10m|1h)-(\d{4})(\d\d)(\d\d)\.db$/.exec(file);
  if (match === null) return undefined;
  const [, tier, year, month, day] = match;
  const startMs = Date.UTC(Number(year), Number(month) - 1, Number(day));
  return { file, tier: tier as Tier, startMs, endMs: startMs + partitionMs(tier as Tier) };
}

/** Whether all of a partition is past its retention. */
export function isExpired({ tier, endMs }: Partition, nowMs: Millis): boolean {
  const retentionMs = TIERS.find((one) => one.tier === tier)?.retentionMs ?? Number.POSITIVE_INFINITY;
  const slackMs = tier === 'raw' ? RAW_SLACK_MS : 0;
  return endMs + retentionMs + slackMs < nowMs;
}

/** Starts of the windows that touch [fromMs, toMs). */
export function windowsBetween(fromMs: Millis, toMs: Millis, windowMs: number): Millis[] {
  const starts: Millis[] = [];
  for (let at = startOf(fromMs, windowMs); at < toMs; at += windowMs) starts.push(at);
  return starts;
}
