/** Chooses the period: a calendar month, the last hours or days, or from one day to another. */
import type { Millis } from '@muster/shared/time.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { dayName, monthName, monthText } from '../../parts/availabilityPeriod.ts';
import { IconButton } from '../../ui/Button.tsx';
import { DateLine } from '../../ui/DateLine.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { zoneText } from '../../util/time.ts';
import { customDays, monthsOffered, periodOf } from './period.ts';
import type { FleetAvailabilitySearch } from './search.ts';

type Choice = 'month' | NonNullable<FleetAvailabilitySearch['range']>;

interface PeriodBarProps {
  readonly search: FleetAvailabilitySearch;
  readonly set: (change: Partial<FleetAvailabilitySearch>) => void;
  readonly nowMs: Millis;
}

export function PeriodBar({ search, set, nowMs }: PeriodBarProps) {
  const t = useT();
  const chosen: Choice = search.range ?? 'month';
  const choices = ['month', '24h', '7d', '30d', 'days'] as const satisfies readonly Choice[];
  return (
    <div className="no-print mt-4 flex flex-wrap items-center gap-x-3 gap-y-2">
      <Segmented
        label={t('availability.period')}
        value={chosen}
        options={choices.map((value) => ({ value, label: t(`availability.range.${value}`) }))}
        onChange={(range) =>
          set({
            range: range === 'month' ? undefined : range,
            ...(range === 'days' ? customDays(search, nowMs) : { from: undefined, to: undefined }),
          })
        }
      />
      {chosen === 'month' && <MonthPicker search={search} set={set} nowMs={nowMs} />}
      {chosen === 'days' && <DayPicker search={search} set={set} nowMs={nowMs} />}
      <span className="ml-auto text-12 text-text-3">
        {t('availability.timesIn', { zone: zoneText(nowMs) })}
      </span>
    </div>
  );
}

function MonthPicker({ search, set, nowMs }: PeriodBarProps) {
  const t = useT();
  const language = useLanguage();
  const months = monthsOffered(nowMs);
  const period = periodOf(search, nowMs);
  const shownMs = period.kind === 'fixed' ? period.fromMs : nowMs;
  const chosen = Math.max(0, months.indexOf(shownMs));
  const choose = (index: number) => {
    const startMs = months[index];
    if (startMs !== undefined) set({ month: index === 0 ? undefined : monthName(startMs) });
  };
  return (
    <div className="flex items-center gap-1">
      <IconButton
        icon="back"
        label={t('availability.before')}
        disabled={chosen >= months.length - 1}
        onClick={() => choose(chosen + 1)}
        className="disabled:opacity-40"
      />
      <select
        aria-label={t('availability.month')}
        value={String(chosen)}
        onChange={(event) => choose(Number(event.target.value))}
        className="h-(--control) min-w-0 rounded-md border border-line-strong bg-surface px-2.5 font-medium max-tablet:text-16"
      >
        {months.map((monthMs, index) => (
          <option key={monthMs} value={String(index)}>
            {monthText(monthMs, language)}
          </option>
        ))}
      </select>
      <IconButton
        icon="back"
        label={t('availability.after')}
        disabled={chosen === 0}
        onClick={() => choose(chosen - 1)}
        className="rotate-180 disabled:opacity-40"
      />
    </div>
  );
}

function DayPicker({ search, set, nowMs }: PeriodBarProps) {
  const t = useT();
  const { from, to } = customDays(search, nowMs);
  const today = dayName(nowMs);
  return (
    <div className="flex flex-wrap items-center gap-2">
      <DateLine
        label={t('availability.firstDay')}
        labelHidden
        type="date"
        value={from}
        max={to}
        onChange={(day) => day !== '' && set({ from: day, to })}
      />
      <span aria-hidden="true" className="text-text-3">
        –
      </span>
      <DateLine
        label={t('availability.lastDay')}
        labelHidden
        type="date"
        value={to}
        min={from}
        max={today}
        onChange={(day) => day !== '' && set({ from, to: day })}
      />
    </div>
  );
}
