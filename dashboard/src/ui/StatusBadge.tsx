/** Shape and word of a state: quiet in tables, a tinted pill in headers. */
import { useT } from '../i18n/i18n.ts';
import { cx } from './cx.ts';
import { Glyph } from './Glyph.tsx';
import { type StateLook, TONE_TEXT, TONE_TINT } from './states.ts';

export interface StatusBadgeProps {
  readonly look: StateLook;
  readonly kind?: 'quiet' | 'badge';
  /** Instead of the word, e.g. word and duration in one sentence. */
  readonly children?: React.ReactNode;
}

export function StatusBadge({ look, kind = 'quiet', children }: StatusBadgeProps) {
  const t = useT();
  const calm = kind === 'quiet' && (look.tone === 'up' || look.tone === 'idle');
  return (
    <span
      className={cx(
        'inline-flex items-center gap-1.5 align-middle whitespace-nowrap',
        calm ? 'text-text-2' : cx('font-medium', TONE_TEXT[look.tone]),
        kind === 'badge' && cx('rounded-full py-px pr-2 pl-1.5 text-12 leading-5', TONE_TINT[look.tone]),
      )}
    >
      <Glyph
        name={look.glyph}
        className={cx(
          look.tone === 'up' && calm && 'text-up-solid',
          calm && look.tone === 'idle' && 'text-idle-solid',
        )}
      />
      {children ?? t(look.word)}
    </span>
  );
}
