/** A month of presence: figures with their coverage, a strip for each day, and what was not up, with cause and evidence. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { AVAILABILITY_FORMULAS, type AvailabilityFormula } from '@muster/shared/api/availability.ts';
import type { CiDetail } from '@muster/shared/api/cmdb.ts';
import { invariant } from '@muster/shared/invariant.ts';
import type { Millis } from '@muster/shared/time.ts';
import { ciQuery, periodAvailabilityQuery } from '../../api/queries.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { stretches, stripSegments } from '../../parts/presence.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { CAUSE_WORDS } from '../../ui/states.ts';
import { useNow } from '../../util/clock.ts';
import { dateTimeText, millis, zoneText } from '../../util/time.ts';
import { AvailabilityFigures } from './AvailabilityFigures.tsx';
import { DayStrips } from './DayStrips.tsx';
import { daysBetween, monthName, monthsBetween, monthSpan, monthText } from './months.ts';
import { ServiceHoursLine } from './ServiceHoursLine.tsx';
import { StretchesCard } from './StretchesCard.tsx';
import { TargetsCard } from './TargetsCard.tsx';

/** Closed intervals are kept for three years (rule AV12). */
const MONTHS_OFFERED_MAX = 36;

export function AvailabilityTab() {
  const t = useT();
  const { id } = useParams({ from: `/app${'/machines/$id'}` });
  const { month, formula = 'known-time' } = useSearch({ from: `/app${'/machines/$id/availability'}` });
  const navigate = useNavigate({ from: '/machines/$id/availability' });
  const ci = useQuery(ciQuery(id)).data;
  invariant(ci, 'the page shows the tab once the machine is read');
  const now = useNow(60_000);
  const months = monthsBetween(millis(ci.createdAt), now, MONTHS_OFFERED_MAX);
  const chosen = Math.max(
    0,
    months.findIndex((each) => monthName(each) === month),
  );
  const choose = (index: number) => {
    const startMs = months[index];
    if (startMs === undefined) return;
    const next = index === 0 ? undefined : monthName(startMs);
    void navigate({ search: (before) => ({ ...before, month: next }), replace: true });
  };
  const startMs = months[chosen] ?? monthSpan(now).fromMs;
  return (
    <div className="grid gap-4">
      <MonthPicker months={months} chosen={chosen} onChoose={choose} zone={zoneText(startMs)} />
      <Segmented
        label={t('agreed.formula.label')}
        value={formula}
        options={AVAILABILITY_FORMULAS.map((value) => ({ value, label: t(`agreed.formula.${value}`) }))}
        onChange={(value) =>
          void navigate({
            search: (before) => ({ ...before, formula: value === 'known-time' ? undefined : value }),
            replace: true,
          })
        }
      />
      <ServiceHoursLine ciId={ci.id} />
      <Month key={startMs} ci={ci} startMs={startMs} nowMs={now} formula={formula} />
      <TargetsCard ciId={ci.id} />
    </div>
  );
}

function MonthPicker({
  months,
  chosen,
  onChoose,
  zone,
}: {
  months: readonly Millis[];
  chosen: number;
  onChoose: (index: number) => void;
  zone: string;
}) {
  const t = useT();
  const language = useLanguage();
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
      <div className="flex items-center gap-1">
        <IconButton
          icon="back"
          label={t('machines.availability.before')}
          disabled={chosen >= months.length - 1}
          onClick={() => onChoose(chosen + 1)}
          className="disabled:opacity-40"
        />
        <select
          aria-label={t('machines.availability.pick')}
          value={String(chosen)}
          onChange={(event) => onChoose(Number(event.target.value))}
          className="h-(--control) rounded-md border border-line-strong bg-surface px-2.5 font-medium max-tablet:text-16"
        >
          {months.map((monthMs, index) => (
            <option key={monthMs} value={String(index)}>
              {monthText(monthMs, language)}
            </option>
          ))}
        </select>
        <IconButton
          icon="back"
          label={t('machines.availability.after')}
          disabled={chosen === 0}
          onClick={() => onChoose(chosen - 1)}
          className="rotate-180 disabled:opacity-40"
        />
      </div>
      <span className="ml-auto text-12 text-text-2">{t('machines.timesIn', { zone })}</span>
    </div>
  );
}

/** Time before the machine was known is neither up nor unknown: the server leaves it out. */
function Month({
  ci,
  startMs,
  nowMs,
  formula,
}: {
  ci: CiDetail;
  startMs: Millis;
  nowMs: Millis;
  formula: AvailabilityFormula;
}) {
  const t = useT();
  const language = useLanguage();
  const month = monthSpan(startMs);
  const createdMs = millis(ci.createdAt);
  const fromMs = Math.max(month.fromMs, createdMs);
  const untilMs = Math.min(month.toMs, nowMs);
  const answer = useQuery(periodAvailabilityQuery(ci.id, month.fromMs, month.toMs, formula));
  const [dayMs, setDayMs] = useState<Millis | null>(null);
  const intervals = answer.data?.intervals;
  const segments = useMemo(
    () =>
      stripSegments(intervals ?? [], untilMs, ({ cause }) =>
        cause === null ? undefined : t(CAUSE_WORDS[cause]),
      ),
    [intervals, untilMs, t],
  );
  const list = useMemo(() => stretches(intervals ?? [], untilMs), [intervals, untilMs]);
  if (answer.data === undefined) {
    return answer.error ? (
      <Card>
        <ErrorPanel error={answer.error} retry={() => void answer.refetch()} />
      </Card>
    ) : (
      <MonthSkeleton startMs={month.fromMs} days={daysBetween(fromMs, untilMs).length} />
    );
  }
  return (
    <>
      <AvailabilityFigures
        figures={answer.data}
        nowMs={nowMs}
        note={
          createdMs > month.fromMs
            ? t('machines.availability.recordBegins', { time: dateTimeText(createdMs, language, false) })
            : undefined
        }
      />
      <Card title={t('machines.availability.month', { month: monthText(month.fromMs, language) })}>
        {segments.length === 0 ? (
          <EmptyState>{t('machines.availability.none')}</EmptyState>
        ) : (
          <DayStrips
            segments={segments}
            fromMs={month.fromMs}
            recordMs={fromMs}
            untilMs={untilMs}
            chosenMs={dayMs}
            onChoose={setDayMs}
          />
        )}
      </Card>
      <StretchesCard
        ci={ci}
        stretches={list}
        nowMs={nowMs}
        untilMs={untilMs}
        dayMs={dayMs}
        onAllDays={() => setDayMs(null)}
      />
    </>
  );
}

/** Headings at once, figures and strips to come. */
function MonthSkeleton({ startMs, days }: { startMs: Millis; days: number }) {
  const t = useT();
  const language = useLanguage();
  return (
    <>
      <Card title={t('machines.tab.availability')} note={t('machines.availability.formula')}>
        <div role="status" aria-label={t('ui.loading')} className="flex h-[74px] items-center gap-4">
          {Array.from({ length: 6 }, (_, index) => (
            <Skeleton key={index} className="h-12 flex-1 not-first:max-tablet:hidden" />
          ))}
        </div>
      </Card>
      <Card title={t('machines.availability.month', { month: monthText(startMs, language) })}>
        <div className="grid gap-px pt-5 pb-8">
          {Array.from({ length: days }, (_, index) => (
            <div key={index} className="flex h-6 items-center gap-3 px-2 coarse:h-11">
              <Skeleton className="h-2.5 w-12" />
              <Skeleton className="mr-26 h-2.5 flex-1" />
            </div>
          ))}
        </div>
      </Card>
    </>
  );
}
