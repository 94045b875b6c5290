/** Points of a range on their even grid, so that a line drawn by place shows what is missing. Pure. */
import type { Millis } from '@muster/shared/time.ts';

export interface Grid {
  readonly fromMs: Millis;
  readonly toMs: Millis;
  readonly stepMs: number;
}

/** One value for each step, null where there is no point. `points`: [ms, value, …] in order of time. */
export function gridValues(
  points: readonly (readonly number[])[],
  { fromMs, toMs, stepMs }: Grid,
): (number | null)[] {
  const values: (number | null)[] = Array.from(
    { length: Math.max(1, Math.ceil((toMs - fromMs) / stepMs)) },
    () => null,
  );
  for (const [atMs = 0, value = 0] of points) {
    const place = Math.floor((atMs - fromMs) / stepMs);
    if (place >= 0 && place < values.length) values[place] = value;
  }
  return values;
}
