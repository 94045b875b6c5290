/** One strip for each day, to the same scale; a day can be chosen to read its intervals. */
import type { Millis } from '@muster/shared/time.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { cx } from '../../ui/cx.ts';
import { clipSegments, PresenceStrip, type StripSegment } from '../../ui/PresenceStrip.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { PRESENCE_FILLS, PRESENCE_LOOKS, type ShownPresence } from '../../ui/states.ts';
import { dayText, spanText } from '../../util/time.ts';
import { daysBetween, nextDay, weekdayText } from './months.ts';

const LEGEND = ['up', 'silent', 'planned', 'asleep', 'unknown'] as const satisfies readonly ShownPresence[];
/** What a day is marked with at its right end, worst first. */
const TROUBLE = ['silent', 'unknown', 'planned'] as const satisfies readonly ShownPresence[];
const HOURS = [0, 6, 12, 18, 24] as const;
/** Day, strip, trouble: the same columns for rows and hours. */
const COLUMNS =
  'grid grid-cols-[60px_minmax(0,1fr)_76px] items-center gap-x-3 px-2 tablet:grid-cols-[72px_minmax(0,1fr)_96px]';

export interface DayStripsProps {
  readonly segments: readonly StripSegment[];
  /** Start of the month. */
  readonly fromMs: Millis;
  /** Where the record begins; days before it say so. */
  readonly recordMs: Millis;
  /** End of the month, or now. */
  readonly untilMs: Millis;
  readonly chosenMs: Millis | null;
  readonly onChoose: (dayMs: Millis | null) => void;
}

export function DayStrips({ segments, fromMs, recordMs, untilMs, chosenMs, onChoose }: DayStripsProps) {
  const t = useT();
  // Days before the record are left out, as are those to come: an empty strip would say nothing.
  const days = daysBetween(fromMs, untilMs).filter((dayMs) => nextDay(dayMs) > recordMs);
  return (
    <>
      <div aria-hidden="true" className={cx(COLUMNS, 'mb-1 text-11 text-text-3')}>
        <span className="col-start-2 flex justify-between">
          {HOURS.map((hour) => (
            <span
              key={hour}
              className={cx('w-0 first:w-auto last:w-auto', hour % 12 !== 0 && 'max-tablet:hidden')}
            >
              <span className={cx('inline-block', hour > 0 && hour < 24 && '-translate-x-1/2')}>
                {`${String(hour).padStart(2, '0')}:00`}
              </span>
            </span>
          ))}
        </span>
      </div>
      <ol className="grid gap-px">
        {days.map((dayMs) => (
          <Day
            key={dayMs}
            dayMs={dayMs}
            segments={segments}
            chosen={dayMs === chosenMs}
            onChoose={() => onChoose(dayMs === chosenMs ? null : dayMs)}
          />
        ))}
      </ol>
      <ul className="mt-3 flex flex-wrap gap-x-4 gap-y-1 px-2 text-12 text-text-2">
        {LEGEND.map((presence) => (
          <li key={presence} className="flex items-center gap-1.5">
            <span aria-hidden="true" className={cx('h-2.5 w-4 rounded-sm', PRESENCE_FILLS[presence])} />
            {presence === 'asleep'
              ? t('machines.availability.asleepOrOff')
              : t(PRESENCE_LOOKS[presence].word)}
          </li>
        ))}
        <li className="flex items-center gap-1.5">
          <span aria-hidden="true" className="fill-none h-2.5 w-4 rounded-sm border border-line" />
          {t('machines.availability.noRecord')}
        </li>
      </ul>
    </>
  );
}

function Day({
  dayMs,
  segments,
  chosen,
  onChoose,
}: {
  dayMs: Millis;
  segments: readonly StripSegment[];
  chosen: boolean;
  onChoose: () => void;
}) {
  const t = useT();
  const language = useLanguage();
  const toMs = nextDay(dayMs);
  const inside = segments.filter((segment) => segment.fromMs < toMs && segment.toMs > dayMs);
  const spent = new Map<ShownPresence, number>();
  for (const part of clipSegments(inside, dayMs, toMs))
    if (part.presence !== null)
      spent.set(part.presence, (spent.get(part.presence) ?? 0) + part.toMs - part.fromMs);
  const worst = TROUBLE.find((presence) => spent.has(presence));
  return (
    <li>
      <button
        type="button"
        aria-pressed={chosen}
        onClick={onChoose}
        className={cx(
          COLUMNS,
          'h-6 w-full rounded-sm text-left text-12 -outline-offset-2 coarse:h-11',
          chosen ? 'bg-selected' : 'hover:bg-hover',
        )}
      >
        <span className={chosen ? 'font-medium text-accent' : 'text-text-2'}>
          <span aria-hidden="true">{weekdayText(dayMs, language)}</span>
          <span className="sr-only">{dayText(dayMs, language)}</span>
        </span>
        <PresenceStrip size="small" segments={inside} fromMs={dayMs} toMs={toMs} />
        {worst && (
          <StatusBadge look={PRESENCE_LOOKS[worst]}>
            <span className="sr-only">{t(PRESENCE_LOOKS[worst].word)}</span>
            {spanText(spent.get(worst) ?? 0, t)}
          </StatusBadge>
        )}
      </button>
    </li>
  );
}
