/** Percentiles beside exact figures: they are off by up to the error of their histogram, and never beyond what was measured. Pure. */
import type { figuresOf } from '../../charts/data.ts';

export function boundedQuantiles(
  values: readonly number[],
  { min, max }: Pick<ReturnType<typeof figuresOf>, 'min' | 'max'>,
): number[] {
  return values.map((value) => Math.min(max ?? Infinity, Math.max(min ?? -Infinity, value)));
}
