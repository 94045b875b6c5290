/** A month of presence: a strip for each day, the figures with their coverage, and what was not up, with cause and evidence. */
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { DAY_MS, SECOND_MS, type Millis } from '@muster/shared/time.ts';
import { periodAvailabilityQuery } from '../../api/queries.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { PresenceStrip } from '../../ui/PresenceStrip.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { CAUSE_WORDS, PRESENCE_FILLS, PRESENCE_LOOKS, shownPresence } from '../../ui/states.ts';
import { useNow } from '../../util/clock.ts';
import { PATHS } from '../../util/paths.ts';
import { ABSENT, percentText, quantityText } from '../../util/quantity.ts';
import {
  dateText,
  millis,
  recordTime,
  spanText,
  wholeSpanText,
  startOfDay,
  startOfMonth,
  zoneText,
} from '../../util/time.ts';
import { type Interval, stripSegments } from '../../parts/presence.ts';

type Figures = Awaited<ReturnType<NonNullable<ReturnType<typeof periodAvailabilityQuery>['queryFn']>>>;

const LEGEND = ['up', 'silent', 'planned', 'asleep', 'unknown'] as const;

export function AvailabilityTab() {
  const t = useT();
  const language = useLanguage();
  const { id } = useParams({ from: `/app${PATHS.machine}` });
  const now = useNow(60_000);
  const [back, setBack] = useState(0);
  const month = useMemo(() => monthBefore(now, back), [now, back]);
  const figures = useQuery(periodAvailabilityQuery(id, month.fromMs, month.toMs));
  const title = t('machines.availability.month', {
    month: language === 'zh' ? monthZh(month.fromMs) : dateText(month.fromMs, 'en').replace(/^\d+ /, ''),
  });
  return (
    <div className="grid items-start gap-4 desk:grid-cols-[minmax(0,1fr)_var(--rail)]">
      <div className="grid min-w-0 gap-4">
        <Card
          title={title}
          note={t('machines.timesIn', { zone: zoneText(month.fromMs) })}
          action={
            <>
              <IconButton
                icon="back"
                label={t('machines.availability.before')}
                onClick={() => setBack(back + 1)}
              />
              <IconButton
                icon="back"
                className="rotate-180"
                label={t('machines.availability.after')}
                disabled={back === 0}
                onClick={() => setBack(back - 1)}
              />
            </>
          }
        >
          {figures.data ? (
            <Month intervals={figures.data.intervals} fromMs={month.fromMs} toMs={month.toMs} nowMs={now} />
          ) : figures.error ? (
            <ErrorPanel error={figures.error} retry={() => void figures.refetch()} />
          ) : (
            <Skeleton className="h-96" />
          )}
        </Card>
        {figures.data && <Interruptions intervals={figures.data.intervals} nowMs={now} />}
      </div>
      {figures.data && <FiguresCard figures={figures.data} />}
    </div>
  );
}

function monthBefore(nowMs: Millis, back: number): { fromMs: Millis; toMs: Millis } {
  const start = new Date(startOfMonth(nowMs));
  const fromMs = new Date(start.getFullYear(), start.getMonth() - back, 1).getTime();
  return { fromMs, toMs: new Date(start.getFullYear(), start.getMonth() - back + 1, 1).getTime() };
}

function monthZh(atMs: Millis): string {
  const at = new Date(atMs);
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}`;
}

function Month({
  intervals,
  fromMs,
  toMs,
  nowMs,
}: {
  intervals: readonly Interval[];
  fromMs: Millis;
  toMs: Millis;
  nowMs: Millis;
}) {
  const t = useT();
  const language = useLanguage();
  const segments = useMemo(() => stripSegments(intervals, Math.min(nowMs, toMs)), [intervals, nowMs, toMs]);
  const days: Millis[] = [];
  for (let dayMs = fromMs; dayMs < Math.min(toMs, nowMs); dayMs = startOfDay(dayMs + DAY_MS * 1.5))
    days.push(dayMs);
  return (
    <>
      <ol className="grid gap-1">
        {days.map((dayMs) => (
          <li key={dayMs} className="grid grid-cols-[64px_minmax(0,1fr)] items-center gap-3 text-12">
            <span className="text-text-3">{dateText(dayMs, language).replace(/ \d{4}$|^\d{4}-/, '')}</span>
            <PresenceStrip
              size="small"
              segments={segments}
              fromMs={dayMs}
              toMs={startOfDay(dayMs + DAY_MS * 1.5)}
            />
          </li>
        ))}
      </ol>
      <div aria-hidden="true" className="mt-1 ml-[76px] flex justify-between text-11 text-text-3">
        {[0, 6, 12, 18, 24].map((hour) => (
          <span key={hour}>{`${String(hour).padStart(2, '0')}:00`}</span>
        ))}
      </div>
      <ul className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-12 text-text-2">
        {LEGEND.map((presence) => (
          <li key={presence} className="flex items-center gap-1.5">
            <span aria-hidden="true" className={cx('h-2.5 w-4 rounded-sm', PRESENCE_FILLS[presence])} />
            {presence === 'asleep'
              ? t('machines.availability.asleepOrOff')
              : t(PRESENCE_LOOKS[presence].word)}
          </li>
        ))}
      </ul>
    </>
  );
}

function FiguresCard({ figures }: { figures: Figures }) {
  const t = useT();
  const language = useLanguage();
  const span = (seconds: number | null) =>
    seconds === null ? ABSENT : wholeSpanText(seconds * SECOND_MS, t);
  const percent = (value: number | null) => (value === null ? ABSENT : percentText(value, language));
  const rows: readonly (readonly [string, string])[] = [
    [
      t('machines.availability.lowHigh'),
      `${percent(figures.availabilityLow)} – ${percent(figures.availabilityHigh)}`,
    ],
    [
      t('machines.coverage'),
      figures.coverage === null ? ABSENT : quantityText(figures.coverage, '%', language),
    ],
    [t('machines.availability.down'), span(figures.downSeconds)],
    [t('machines.availability.unknown'), span(figures.unknownSeconds)],
    [t('machines.availability.planned'), span(figures.plannedSeconds)],
    [t('machines.availability.agreed'), span(figures.agreedSeconds)],
    [t('machines.availability.outages'), String(figures.outages)],
    [t('machines.availability.mtbf'), span(figures.mtbfSeconds)],
    [t('machines.availability.mtrs'), span(figures.mtrsSeconds)],
  ];
  return (
    <Card title={t('machines.availability.figure')}>
      <p className="text-24 font-semibold">{percent(figures.availability)}</p>
      <dl className="mt-3 grid gap-1.5 text-12">
        {rows.map(([name, value]) => (
          <div key={name} className="flex justify-between gap-3">
            <dt className="text-text-3">{name}</dt>
            <dd className="text-right font-medium">{value}</dd>
          </div>
        ))}
      </dl>
      <p className="mt-3 border-t border-line pt-3 text-12 text-text-3">
        {t('machines.availability.formula')}
      </p>
    </Card>
  );
}

/** Everything that was neither up nor expected to be away, newest first. */
function Interruptions({ intervals, nowMs }: { intervals: readonly Interval[]; nowMs: Millis }) {
  const t = useT();
  const words = useWords();
  const language = useLanguage();
  const rows = intervals
    .map((interval) => ({ interval, presence: shownPresence(interval) }))
    .filter(
      ({ interval, presence }) =>
        interval.presence !== 'up' &&
        (presence === 'silent' || presence === 'unknown' || presence === 'planned'),
    )
    .reverse();
  return (
    <Card title={t('machines.availability.interruptions')} note={String(rows.length)} flush>
      {rows.length === 0 ? (
        <EmptyState>{t('machines.availability.noInterruptions')}</EmptyState>
      ) : (
        <ul>
          {rows.map(({ interval, presence }) => {
            const fromMs = millis(interval.from);
            const toMs = millis(interval.to);
            return (
              <li
                key={interval.from}
                className="grid gap-x-4 gap-y-1 border-t border-line px-4 py-2.5 tablet:grid-cols-[220px_120px_minmax(0,1fr)]"
              >
                <span>
                  {t('time.fromTo', {
                    from: recordTime(fromMs, nowMs, language),
                    to: toMs === null ? t('time.stillSo') : recordTime(toMs, nowMs, language),
                  })}
                  <span className="block text-12 text-text-3">{spanText((toMs ?? nowMs) - fromMs, t)}</span>
                </span>
                <StatusBadge look={PRESENCE_LOOKS[presence]} />
                <span className="min-w-0 text-text-2">
                  {interval.cause !== null && (
                    <span className="block text-text">{t(CAUSE_WORDS[interval.cause])}</span>
                  )}
                  {interval.evidence.map((sentence) => (
                    <span key={sentence.en} className="block text-12">
                      {words(sentence)}
                    </span>
                  ))}
                  {interval.revised && (
                    <span className="block text-12 text-text-3">{t('machines.availability.revised')}</span>
                  )}
                </span>
              </li>
            );
          })}
        </ul>
      )}
    </Card>
  );
}
