/** Decides from which tier a range is read and how wide its points are. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, type Millis } from '@muster/shared/time.ts';
import type { Tier } from './store.ts';
import { TIERS, type TierDefinition } from './tiers.ts';

export interface RangePlan {
  readonly tier: Tier;
  /** Width of a point if points are joined; a multiple of the tier's own width. */
  readonly stepMs: number;
  /** The range widened to whole buckets. */
  readonly fromMs: Millis;
  readonly toMs: Millis;
}

/** Widths that people read easily; from a minute on each is a multiple of the tier below it. */
const STEPS_MS: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND_MS),
  ...[1, 2, 5, 10, 20, 30].map((n) => n * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR_MS),
  DAY_MS,
];

/**
 * The coarsest tier that still serves the width asked for and reaches back to `fromMs`; where none of those reaches
 * back far enough, the finest that does. Raw samples of a plan with tier `raw` are returned as they are when they are
 * few enough.
 */
export function planRange(
  query: { readonly fromMs: Millis; readonly toMs: Millis; readonly points: number },
  nowMs: Millis,
  tiers: readonly TierDefinition[] = TIERS,
): RangePlan {
  const wantedMs = stepFor(query.fromMs, query.toMs, query.points);
  const reaching = tiers.filter((tier) => query.fromMs >= nowMs - tier.retentionMs);
  const coarsest = tiers[tiers.length - 1] as TierDefinition;
  const fitting = reaching.filter((tier) => tier.widthMs <= wantedMs && wantedMs % (tier.widthMs || 1) === 0);
  const chosen = fitting[fitting.length - 1] ?? reaching[0] ?? coarsest;
  const stepMs = Math.max(wantedMs, chosen.widthMs);
  return {
    tier: chosen.tier,
    stepMs,
    fromMs: Math.floor(query.fromMs / stepMs) * stepMs,
    toMs: Math.ceil(query.toMs / stepMs) * stepMs,
  };
}

/** The narrowest step with at most `points` buckets. */
function stepFor(fromMs: Millis, toMs: Millis, points: number): number {
  const fits = (stepMs: number) => Math.ceil(toMs / stepMs) - Math.floor(fromMs / stepMs) <= points;
  const listed = STEPS_MS.find(fits);
  if (listed !== undefined) return listed;
  let stepMs = 2 * DAY_MS;
  while (!fits(stepMs)) stepMs *= 2;
  return stepMs;
}
