/** Tiers of stored metrics: how wide their points are and how long they are kept. */
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@muster/shared/time.ts';
import type { Tier } from './store.ts';

export interface TierDefinition {
  readonly tier: Tier;
  /** Width of a stored point; 0 for samples as they came. */
  readonly widthMs: number;
  readonly retentionMs: number;
}

export const RAW_RETENTION_MS = 7 * DAY_MS;

/** Finest first. 25 months, so that a month can be compared with the same month of last year. */
export const TIERS: readonly TierDefinition[] = [
  { tier: 'raw', widthMs: 0, retentionMs: RAW_RETENTION_MS },
  { tier: '1m', widthMs: MINUTE_MS, retentionMs: 30 * DAY_MS },
  { tier: '10m', widthMs: 10 * MINUTE_MS, retentionMs: 180 * DAY_MS },
  { tier: '1h', widthMs: HOUR_MS, retentionMs: 761 * DAY_MS },
];
