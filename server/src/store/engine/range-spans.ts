/** Divides a range into stretches by where their summaries are read: from a tier's rows, or made of samples. */
import type { Millis } from '@muster/shared/time.ts';
import type { Tier } from '../../metrics/store.ts';
import { layoutOf, ROLLUPS, type RollupTier, SETTLE_MS, startOf } from './partitions.ts';

export interface Span {
  readonly source: Tier;
  readonly fromMs: Millis;
  readonly toMs: Millis;
}

/**
 * `isPending` tells of windows whose rows are missing or out of date. A settle window that is pending is made of samples; a
 * longer window that is pending, of the rows of the tier below. Neighbours of one source are joined.
 */
export function rangeSpans(
  tier: RollupTier,
  fromMs: Millis,
  toMs: Millis,
  isPending: (tier: RollupTier, startMs: Millis) => boolean,
): Span[] {
  const spans: { source: Tier; fromMs: Millis; toMs: Millis }[] = [];
  for (let at = fromMs; at < toMs; ) {
    const endMs = Math.min(toMs, startOf(at, SETTLE_MS) + SETTLE_MS);
    const source = sourceOf(tier, at, isPending);
    const last = spans.at(-1);
    if (last?.source === source) last.toMs = endMs;
    else spans.push({ source, fromMs: at, toMs: endMs });
    at = endMs;
  }
  return spans;
}

function sourceOf(
  tier: RollupTier,
  atMs: Millis,
  isPending: (tier: RollupTier, startMs: Millis) => boolean,
): Tier {
  if (isPending('1m', startOf(atMs, SETTLE_MS))) return 'raw';
  const from = ROLLUPS.findIndex((layout) => layout.tier === tier);
  for (let index = from; index > 0; index--) {
    const candidate = (ROLLUPS[index] as (typeof ROLLUPS)[number]).tier;
    if (!isPending(candidate, startOf(atMs, layoutOf(candidate).windowMs))) return candidate;
  }
  return '1m';
}
