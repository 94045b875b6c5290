/** Says that everything below is the past, and leads back. */
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Glyph } from '../../ui/Glyph.tsx';
import { dateTimeText, millis } from '../../util/time.ts';

export function PastBanner({ at, back }: { at: string; back: React.ReactNode }) {
  const t = useT();
  const language = useLanguage();
  return (
    <p
      role="status"
      className="mt-3 flex flex-wrap items-center gap-x-3 gap-y-1 rounded-md bg-planned-weak px-3 py-2 text-planned-fg"
    >
      <Glyph name="pill" />
      <strong className="font-medium">
        {t('history.asOf.banner', { time: dateTimeText(millis(at), language, false) })}
      </strong>
      <span className="no-print">{back}</span>
    </p>
  );
}
