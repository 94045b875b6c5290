/** A median and its 80 % interval on a day axis that all rows of a column share; the words stand beside it. */
import { cx } from './cx.ts';

export interface IntervalAxisProps {
  readonly days: number;
  readonly early: number;
  /** null: open to the right. */
  readonly late: number | null;
  /** Right end of the axis. */
  readonly maxDays: number;
  readonly tone?: 'warn' | 'crit' | undefined;
  readonly className?: string;
}

const FILL = { warn: 'bg-warn-solid', crit: 'bg-crit-solid', plain: 'bg-c6' } as const;

export function IntervalAxis({ days, early, late, maxDays, tone, className }: IntervalAxisProps) {
  const at = (value: number) => Math.min(100, Math.max(0, (100 * value) / maxDays));
  const fill = FILL[tone ?? 'plain'];
  const fromPercent = at(early);
  const toPercent = late === null ? 100 : at(late);
  return (
    <span aria-hidden="true" className={cx('relative block h-4 min-w-16', className)}>
      <span className="absolute inset-x-0 top-1/2 h-px bg-line" />
      <span
        style={{ left: `${fromPercent}%`, width: `${Math.max(0, toPercent - fromPercent)}%` }}
        className={cx(
          'absolute top-1/2 h-1.5 min-w-1 -translate-y-1/2 rounded-sm opacity-40',
          fill,
          late === null && 'rounded-r-none',
        )}
      />
      <span
        style={{ left: `${at(days)}%` }}
        className={cx('absolute top-0.5 bottom-0.5 w-[3px] -translate-x-1/2 rounded-sm', fill)}
      />
    </span>
  );
}

/** Round day marks for an axis up to `maxDays`. */
export function dayMarks(maxDays: number): number[] {
  const step = [5, 10, 15, 30, 60].find((each) => maxDays / each <= 4) ?? 60;
  return Array.from({ length: Math.floor(maxDays / step) + 1 }, (_, index) => index * step);
}
