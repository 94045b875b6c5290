/** Time left to the next duty; grey, amber once three quarters are used, red at the end and beyond. */
import type { Millis } from '@muster/shared/time.ts';
import { HOUR_MS } from '@muster/shared/time.ts';
import { useT } from '../i18n/i18n.ts';
import { useNow } from '../util/clock.ts';
import { countdownText } from '../util/time.ts';
import { cx } from './cx.ts';

export interface SlaClockProps {
  readonly label: string;
  readonly fromMs: Millis;
  readonly dueMs: Millis;
  /** `wall`: read from across a room. */
  readonly size?: 'normal' | 'large' | 'wall';
}

const SIZES = {
  normal: 'text-13 leading-6',
  large: 'text-32 leading-10',
  wall: 'text-24 leading-8',
} as const;

export function SlaClock({ label, fromMs, dueMs, size = 'normal' }: SlaClockProps) {
  const t = useT();
  const soon = useNow(1_000);
  const calm = useNow(10_000);
  // Seconds matter in the last hour only.
  const now = dueMs - soon < HOUR_MS ? soon : calm;
  const share = Math.min(1, Math.max(0, (now - fromMs) / Math.max(1, dueMs - fromMs)));
  const tone = now >= dueMs || share >= 0.9 ? 'crit' : share >= 0.75 ? 'warn' : 'calm';
  const left =
    now > dueMs ? t('ui.lateBy', { span: countdownText(now - dueMs, t) }) : countdownText(dueMs - now, t);
  return (
    <div>
      <p className={size === 'wall' ? 'text-16 text-text-2' : 'text-12 text-text-2'}>{label}</p>
      <p
        className={cx(
          'font-semibold',
          SIZES[size],
          tone === 'crit' ? 'text-crit-fg' : tone === 'warn' ? 'text-warn-fg' : 'text-text',
        )}
      >
        {left}
      </p>
      <span aria-hidden="true" className="mt-0.5 block h-1 overflow-hidden rounded-sm bg-sunken">
        <span
          style={{ width: `${Math.max(2, share * 100)}%` }}
          className={cx(
            'block h-full rounded-sm',
            tone === 'crit' ? 'bg-crit-solid' : tone === 'warn' ? 'bg-warn-solid' : 'bg-c6',
          )}
        />
      </span>
    </div>
  );
}
