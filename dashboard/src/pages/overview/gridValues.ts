/** Points of a range on their even grid, so that a line drawn by place shows what is missing. Pure. */
import type { Millis } from '@muster/shared/time.ts';
import type { PointColumns } from '../../charts/columns.ts';

export interface Grid {
  readonly fromMs: Millis;
  readonly toMs: Millis;
  readonly stepMs: number;
}

/** One value for each step, null where there is no point; undefined has none. */
export function gridValues(
  points: PointColumns | undefined,
  { fromMs, toMs, stepMs }: Grid,
): (number | null)[] {
  const values: (number | null)[] = Array.from(
    { length: Math.max(1, Math.ceil((toMs - fromMs) / stepMs)) },
    () => null,
  );
  points?.times.forEach((atMs, index) => {
    const place = Math.floor((atMs - fromMs) / stepMs);
    if (place >= 0 && place < values.length) values[place] = points.averages[index] ?? null;
  });
  return values;
}
