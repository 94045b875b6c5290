/** How old a value is, ticking; amber with a glyph once it is overdue. */
import type { Millis } from '@muster/shared/time.ts';
import { useLanguage, useT } from '../i18n/i18n.ts';
import { useNow } from '../util/clock.ts';
import { agoText, dateTimeText } from '../util/time.ts';
import { cx } from './cx.ts';
import { Glyph } from './Glyph.tsx';

export interface AgeLabelProps {
  readonly atMs: Millis;
  /** Older than this is stale: three intervals of whatever it is. */
  readonly staleAfterMs?: number;
  readonly className?: string;
}

export function AgeLabel({ atMs, staleAfterMs = Number.POSITIVE_INFINITY, className }: AgeLabelProps) {
  const t = useT();
  const language = useLanguage();
  const now = useNow();
  const stale = now - atMs > staleAfterMs;
  return (
    <time
      dateTime={new Date(atMs).toISOString()}
      title={dateTimeText(atMs, language)}
      className={cx('inline-flex items-center gap-1 whitespace-nowrap', stale && 'text-warn-fg', className)}
    >
      {stale && <Glyph name="triangle" />}
      {agoText(atMs, now, t)}
    </time>
  );
}
