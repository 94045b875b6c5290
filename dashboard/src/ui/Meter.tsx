/** A 6 px bar beside its number; grey until a level is breached. */
import { cx } from './cx.ts';

export interface MeterProps {
  /** 0 to 100; null draws the empty track. */
  readonly percent: number | null;
  readonly tone?: 'warn' | 'crit' | undefined;
  /** Threshold tick, 0 to 100. */
  readonly tick?: number | undefined;
  /** The value is the last known one, not the present one. */
  readonly stale?: boolean;
  readonly className?: string;
}

export function Meter({ percent, tone, tick, stale = false, className }: MeterProps) {
  const width = Math.min(100, Math.max(0, percent ?? 0));
  return (
    <span
      aria-hidden="true"
      className={cx('relative block h-1.5 min-w-7 overflow-hidden rounded-sm bg-sunken', className)}
    >
      <span
        style={{ width: `${width}%` }}
        className={cx(
          'absolute inset-y-0 left-0 rounded-sm',
          tone === 'crit' ? 'bg-crit-solid' : tone === 'warn' ? 'bg-warn-solid' : 'bg-c6',
          stale && 'opacity-60',
        )}
      />
      {tick !== undefined && (
        <span style={{ left: `${tick}%` }} className="absolute -inset-y-px w-[1.5px] bg-text-3" />
      )}
    </span>
  );
}
