/** A year at a glance: which weekdays work, and the days that differ, each to be pressed; the same as a list below. */
import type { CalendarDay } from '@muster/shared/api/calendars.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { monthText } from '../../parts/availabilityPeriod.ts';
import { Button, IconButton } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { rangesText } from './hoursText.ts';

const MONTHS = Array.from({ length: 12 }, (_, month) => month);
const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7] as const;

/** Borders and letters say the same as the fills. */
const LOOKS: Readonly<Record<CalendarDay['kind'], string>> = {
  closed: 'border-crit-solid text-crit-fg font-semibold',
  workday: 'border-accent bg-selected text-accent font-semibold',
  hours: 'border-accent text-accent font-semibold border-dashed',
};

interface YearCardProps {
  readonly year: number;
  readonly today: string;
  readonly worksOn: (weekday: number) => boolean;
  readonly days: readonly CalendarDay[];
  readonly locked: string | undefined;
  readonly onYear: (year: number) => void;
  readonly onDay: (day: string) => void;
  readonly onRemove: (day: string) => void;
}

export function YearCard(props: YearCardProps) {
  const { year, today, days, locked, onYear, onDay } = props;
  const t = useT();
  const ofYear = days.filter(({ day }) => day.startsWith(`${year}-`));
  return (
    <Card
      title={t('calendars.differing')}
      note={t('calendars.daysThatDiffer', { count: ofYear.length })}
      action={
        <>
          <IconButton icon="back" label={t('calendars.yearBefore')} onClick={() => onYear(year - 1)} />
          <span className="text-13 font-medium">{year}</span>
          <IconButton
            icon="back"
            label={t('calendars.yearAfter')}
            className="rotate-180"
            onClick={() => onYear(year + 1)}
          />
          <Button
            size="small"
            disabledReason={locked}
            onClick={() => onDay(today.startsWith(`${year}-`) ? today : `${year}-01-01`)}
          >
            {t('calendars.addDay')}
          </Button>
        </>
      }
    >
      <div className="grid grid-cols-1 gap-4 min-[420px]:grid-cols-2 tablet:grid-cols-3 desk:grid-cols-4">
        {MONTHS.map((month) => (
          <Month key={month} month={month} {...props} />
        ))}
      </div>
      <ul className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-12 text-text-2">
        {(['closed', 'workday', 'hours'] as const).map((kind) => (
          <li key={kind} className="flex items-center gap-1.5">
            <span aria-hidden="true" className={cx('size-3 rounded-sm border', LOOKS[kind])} />
            {t(`calendars.kinds.${kind}`)}
          </li>
        ))}
        <li className="flex items-center gap-1.5">
          <span aria-hidden="true" className="size-3 rounded-sm bg-sunken" />
          {t('calendars.legend.open')}
        </li>
        <li className="flex items-center gap-1.5">
          <span aria-hidden="true" className="size-3 rounded-sm border border-line" />
          {t('calendars.legend.shut')}
        </li>
      </ul>
      {ofYear.length === 0 ? (
        <EmptyState>{t('calendars.noDays', { year })}</EmptyState>
      ) : (
        <ul className="mt-3 max-h-80 overflow-y-auto rounded-md border border-line">
          {ofYear.map((one) => (
            <DayRow key={one.day} day={one} {...props} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function DayRow({ day, locked, onDay, onRemove }: YearCardProps & { day: CalendarDay }) {
  const t = useT();
  const weekday = new Date(`${day.day}T00:00:00Z`).getUTCDay() || 7;
  return (
    <li className="flex flex-wrap items-center gap-x-3 px-3 py-1 not-first:border-t not-first:border-line">
      <button
        type="button"
        disabled={locked !== undefined}
        title={locked ?? t('calendars.editDay', { day: day.day })}
        onClick={() => onDay(day.day)}
        className="font-medium hover:text-accent coarse:min-h-11"
      >
        {day.day}
      </button>
      <span className="text-12 text-text-3">{t(`calendars.weekday.${weekday as 1}`)}</span>
      <span className="min-w-0 flex-1 break-words">
        {t(`calendars.kinds.${day.kind}`)}
        {day.kind === 'hours' && ` ${rangesText(day.ranges)}`}
        {day.name !== '' && ` · ${day.name}`}
      </span>
      {locked === undefined && (
        <IconButton
          icon="close"
          label={t('calendars.removeDay', { day: day.day })}
          onClick={() => onRemove(day.day)}
        />
      )}
    </li>
  );
}

function Month({ year, month, worksOn, days, locked, today, onDay }: YearCardProps & { month: number }) {
  const t = useT();
  const language = useLanguage();
  const first = new Date(Date.UTC(year, month, 1)).getUTCDay() || 7;
  const length = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const byDay = new Map(days.map((one) => [one.day, one]));
  return (
    <section aria-label={monthText(new Date(year, month, 1).getTime(), language)}>
      <p className="mb-1 text-12 font-medium">{monthText(new Date(year, month, 1).getTime(), language)}</p>
      <div className="grid grid-cols-7 gap-0.5 text-center text-11">
        {WEEKDAYS.map((weekday) => (
          <span key={weekday} className="text-text-3">
            {t(`calendars.weekdayShort.${weekday}`)}
          </span>
        ))}
        {Array.from({ length: first - 1 }, (_, i) => (
          <span key={`before ${i}`} />
        ))}
        {Array.from({ length }, (_, i) => {
          const iso = `${year}-${String(month + 1).padStart(2, '0')}-${String(i + 1).padStart(2, '0')}`;
          const held = byDay.get(iso);
          const weekday = ((first - 1 + i) % 7) + 1;
          return (
            <button
              key={iso}
              type="button"
              // By the keyboard days are reached through the list and through "add a day".
              tabIndex={-1}
              disabled={locked !== undefined}
              title={held ? `${iso} ${t(`calendars.kinds.${held.kind}`)} ${held.name}`.trim() : iso}
              onClick={() => onDay(iso)}
              className={cx(
                'h-6 rounded-sm border',
                held
                  ? LOOKS[held.kind]
                  : worksOn(weekday)
                    ? 'border-transparent bg-sunken text-text-2'
                    : 'border-line text-text-2',
                iso === today && 'underline',
              )}
            >
              {i + 1}
              {held && (
                <span className="sr-only">{` ${t(`calendars.kinds.${held.kind}`)} ${held.name}`}</span>
              )}
            </button>
          );
        })}
      </div>
    </section>
  );
}
