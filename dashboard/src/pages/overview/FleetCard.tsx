/** The fleet as one bar and six counts, each with the way to its machines. */
import { Link } from '@tanstack/react-router';
import type { Key } from '../../i18n/catalogue.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import type { Counts } from '../../parts/rollCells.ts';
import { cx } from '../../ui/cx.ts';
import { FleetBar } from '../../ui/FleetBar.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { PRESENCE_LOOKS, SHOWN_PRESENCES, type ShownPresence, TONE_TEXT } from '../../ui/states.ts';
import { formatNumber } from '../../util/quantity.ts';

const NOTES = {
  up: 'overview.note.asExpected',
  asleep: 'overview.note.expected',
  off: 'overview.note.expected',
  planned: 'overview.note.window',
  silent: 'overview.note.silent',
  unknown: 'overview.note.unknown',
} as const satisfies Record<ShownPresence, Key>;

export function FleetCard({ fleet, site }: { fleet: Counts | undefined; site: string | undefined }) {
  const t = useT();
  return (
    <section aria-label={t('overview.fleet')} className="card mt-4 p-4">
      {fleet ? <FleetBar counts={fleet} /> : <Skeleton className="h-3.5" />}
      <ul className="mt-3.5 grid grid-cols-3 gap-y-3 tablet:grid-cols-6">
        {SHOWN_PRESENCES.map((presence, index) => (
          <li
            key={presence}
            className={cx(
              'border-line pl-3.5',
              index % 3 !== 0 && 'max-tablet:border-l',
              index > 0 ? 'tablet:border-l' : 'tablet:pl-0',
              index % 3 === 0 && 'max-tablet:pl-0',
            )}
          >
            <Count presence={presence} count={fleet?.[presence]} site={site} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Count({
  presence,
  count,
  site,
}: {
  presence: ShownPresence;
  count: number | undefined;
  site: string | undefined;
}) {
  const t = useT();
  const language = useLanguage();
  const look = PRESENCE_LOOKS[presence];
  return (
    <Link to="/machines" search={{ presence, site }} className="group block">
      <span
        className={cx('block h-[30px] text-24 leading-[30px] font-semibold', count === 0 && 'text-text-3')}
      >
        {count === undefined ? <Skeleton className="h-6 w-12" /> : formatNumber(count, 0, language)}
      </span>
      <span
        className={cx(
          'flex items-center gap-1.5 font-medium group-hover:underline',
          count === 0 ? 'text-text-3' : TONE_TEXT[look.tone],
        )}
      >
        <Glyph name={look.glyph} />
        {t(look.word)}
      </span>
      <span className="mt-0.5 block text-12 text-text-3">{t(NOTES[presence])}</span>
    </Link>
  );
}
