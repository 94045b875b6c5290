/** How long a sample may wait at its agent before a rule on it would be late. */
import type { Millis } from '@muster/shared/time.ts';
import { INTERVAL_MS_DEFAULT } from '@muster/shared/wire/limits.ts';
import type { SeriesCondition } from './judged.ts';

/**
 * The stretch of time that a threshold looks at before it speaks; a sample may wait for half of it. null: no bound.
 * A level without hold on a value as it was read needs none, because its crossing is sent at once (`woken`).
 */
export function holdBoundMs(said: SeriesCondition, forMs: Millis, woken: boolean): Millis | null {
  if (said.type !== 'threshold') return null;
  if (said.window?.fn === 'n-of-m') return Math.max(forMs, said.window.n * INTERVAL_MS_DEFAULT);
  if (said.window !== undefined) return Math.max(forMs, said.window.overMs);
  return woken && forMs === 0 ? null : forMs;
}
