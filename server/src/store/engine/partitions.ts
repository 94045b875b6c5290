/** Partition files of the archive: which file holds a time, and which row of it a machine's window. */
import { invariant } from '@muster/shared/invariant.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import type { Tier } from '../../metrics/store.ts';
import { TIERS } from '../../metrics/tiers.ts';
import type { MachineNo } from './dictionary.ts';
import { RAW_PARTITION_MS, RAW_SLACK_MS } from './limits.ts';

export type RollupTier = Exclude<Tier, 'raw'>;

interface TierLayout {
  readonly tier: Tier;
  /** What one row spans; it is written once this is over. */
  readonly windowMs: number;
  readonly partitionMs: number;
}

export interface RollupLayout extends TierLayout {
  readonly tier: RollupTier;
  readonly widthMs: number;
}

/** Samples become blocks and first rollups by this stretch of time: 720 rows at the regular interval. */
export const SETTLE_MS = 2 * HOUR_MS;

/** Series of one machine that share a row: few, because reading one of them reads the row; not one, because rows cost bytes. */
const GROUP_SLOTS = 10;

/** Finest first. Rows are sized so that a chart at the tier's own width reads some dozens of them. */
export const ROLLUPS: readonly RollupLayout[] = [
  { tier: '1m', widthMs: MINUTE_MS, windowMs: SETTLE_MS, partitionMs: 5 * DAY_MS },
  { tier: '10m', widthMs: 10 * MINUTE_MS, windowMs: DAY_MS, partitionMs: 30 * DAY_MS },
  { tier: '1h', widthMs: HOUR_MS, windowMs: 10 * DAY_MS, partitionMs: 180 * DAY_MS },
];

const RAW: TierLayout = { tier: 'raw', windowMs: SETTLE_MS, partitionMs: RAW_PARTITION_MS };

export function layoutOf(tier: RollupTier): RollupLayout;
export function layoutOf(tier: Tier): TierLayout;
export function layoutOf(tier: Tier): TierLayout {
  const layout = tier === 'raw' ? RAW : ROLLUPS.find((one) => one.tier === tier);
  invariant(layout !== undefined, `tier ${tier} has rows`);
  return layout;
}

/** The next coarser tier, which is made of this one's rows. */
export function tierAbove(tier: Tier): RollupTier | undefined {
  return ROLLUPS[ROLLUPS.findIndex((layout) => layout.tier === tier) + 1]?.tier;
}

export function groupOf(slot: number): number {
  return Math.floor(slot / GROUP_SLOTS);
}

export function groupCount(slots: number): number {
  return Math.ceil(slots / GROUP_SLOTS);
}

/** What a row holds: a group of a machine's series over one window. */
export interface RowPlace {
  readonly machine: MachineNo;
  readonly group: number;
  readonly startMs: Millis;
}

const GROUPS_MAX = 1 << 16;
const MACHINES_MAX = 1 << 24;

/** Key of a row in its file: rows of one window lie together, so that writing appends. */
export function rowKey(tier: Tier, { machine, group, startMs }: RowPlace): number {
  return keyIn(layoutOf(tier), { machine, group, startMs });
}

/** Key of the histograms of a machine's settle window; they lie in the file of the tier 1h and are kept as long. */
export function histogramKey(machine: MachineNo, startMs: Millis): number {
  return keyIn({ ...layoutOf('1h'), windowMs: SETTLE_MS }, { machine, group: 0, startMs });
}

function keyIn(
  { windowMs, partitionMs }: Pick<TierLayout, 'windowMs' | 'partitionMs'>,
  { machine, group, startMs }: RowPlace,
): number {
  invariant(group < GROUPS_MAX && machine < MACHINES_MAX, 'a row has its own key');
  const window = (startMs - startOf(startMs, partitionMs)) / windowMs;
  return (window * MACHINES_MAX + machine) * GROUPS_MAX + group;
}

/** The group of a row by its key. */
export function groupOfKey(key: number): number {
  return key % GROUPS_MAX;
}

/** File name of the partition that holds a time, after the day on which it starts. */
export function partitionFile(tier: Tier, atMs: Millis): string {
  const start = startOf(atMs, layoutOf(tier).partitionMs);
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
  const [, name, year, month, day] = match;
  const tier = name as Tier;
  const startMs = Date.UTC(Number(year), Number(month) - 1, Number(day));
  return { file, tier, startMs, endMs: startMs + layoutOf(tier).partitionMs };
}

/**
 * The order in which files go where there is no room for all: what ended longest ago first, of the same end the finest. So
 * a rollup outlives everything finer that it was made of, and nowhere is there detail without its summary.
 */
export function byAge(a: Pick<Partition, 'tier' | 'endMs'>, b: Pick<Partition, 'tier' | 'endMs'>): number {
  return a.endMs - b.endMs || finenessOf(a.tier) - finenessOf(b.tier);
}

/** Place among the tiers, the finest first. */
function finenessOf(tier: Tier): number {
  return TIERS.findIndex((one) => one.tier === tier);
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
