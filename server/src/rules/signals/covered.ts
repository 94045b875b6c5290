/** For how much time a stored point speaks. Pure. */
import { isJoined } from '../../metrics/rates.ts';
import type { Millis } from '@muster/shared/time.ts';

export interface PointTimes {
  readonly isCounter: boolean;
  /** Width of a point; 0 for samples as they came. */
  readonly stepMs: Millis;
  /** Nothing is known over a longer distance. */
  readonly gapMs: Millis;
  readonly intervalMs: Millis;
}

/**
 * Milliseconds that the point stands for, by its distance to the one before (Infinity: none). Of a gauge the distance, NaN
 * after a gap. Of a counter the time that its rate was taken over: the distance as far as rates are taken, beyond it
 * what is regular, for over how long the first rate after a gap was taken is not stored.
 */
export function coveredMs(distanceMs: number, { isCounter, stepMs, gapMs, intervalMs }: PointTimes): number {
  const isWhole = distanceMs <= Math.max(gapMs, stepMs);
  if (!isCounter) return isWhole ? distanceMs : Number.NaN;
  const isNeighbour = stepMs === 0 ? isJoined(distanceMs, intervalMs, intervalMs) : isWhole;
  return isNeighbour ? distanceMs : Math.max(stepMs, intervalMs);
}
