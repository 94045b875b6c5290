/** Availability of all machines over a period: one sentence, the figures, groups down to each machine, the outages. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { GroupAvailability } from '@muster/shared/api/fleet-availability.ts';
import { AVAILABILITY_FORMULAS, type AvailabilityFormula } from '@muster/shared/api/availability.ts';
import { CI_CLASSES, isMachineClass } from '@muster/shared/cmdb/classes.ts';
import { SECOND_MS, type Millis } from '@muster/shared/time.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { monthText, type Period, spanOf } from '../../parts/availabilityPeriod.ts';
import { availabilitySummaryQuery } from '../../parts/availabilityQueries.ts';
import { reclassificationsQuery } from '../../parts/reclassify.ts';
import { DayShares } from '../../parts/DayShares.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { PrintHeader } from '../../ui/PrintHeader.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { PRESENCE_FILLS } from '../../ui/states.ts';
import { Term } from '../../ui/Term.tsx';
import { useNow } from '../../util/clock.ts';
import { ABSENT, formatNumber, percentText } from '../../util/quantity.ts';
import { dateTimeText, wholeSpanText, zoneText } from '../../util/time.ts';
import { type Figure, FigureGrid } from './FigureGrid.tsx';
import { GroupsCard } from './GroupsCard.tsx';
import { OutagesCard } from './OutagesCard.tsx';
import { periodOf } from './period.ts';
import { PeriodBar } from './PeriodBar.tsx';
import { JUDGEMENTS_ANCHOR, QueueCard } from './QueueCard.tsx';
import type { FleetAvailabilitySearch } from './search.ts';
import { ServicesCard } from './ServicesCard.tsx';
import { TargetsCard } from './TargetsCard.tsx';

export type SetSearch = (change: Partial<FleetAvailabilitySearch>) => void;

export function AvailabilityPage() {
  const t = useT();
  usePageTitle(t('shell.nav.availability'));
  const search = useSearch({ from: `/app${'/availability'}` });
  const navigate = useNavigate({ from: '/availability' });
  const set: SetSearch = (change) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const now = useNow(60_000);
  const period = periodOf(search, now);
  const by = search.by ?? 'class';
  const filter = { class: search.class, site: search.site, tag: search.tag, q: search.q };
  const view = { formula: search.formula ?? 'known-time', reclassified: search.judged ?? 'yes' } as const;
  const summary = useQuery(availabilitySummaryQuery({ period, groupBy: by, ...filter, ...view, limit: 0 }));
  const answer = summary.data;
  return (
    <>
      <Head period={period} search={search} fleet={answer?.fleet} nowMs={now} />
      <PeriodBar search={search} set={set} nowMs={now} />
      <ViewBar search={search} set={set} />
      <Waiting />
      {answer === undefined && summary.error ? (
        <div className="card mt-4 px-4">
          <ErrorPanel error={summary.error} retry={() => void summary.refetch()} />
        </div>
      ) : (
        <div className={cx('mt-4 grid grid-cols-1 gap-4', summary.isPlaceholderData && 'opacity-60')}>
          <FiguresCard
            fleet={answer?.fleet}
            days={answer?.days ?? []}
            leftOut={answer?.machinesWithoutAgreed ?? 0}
            formula={answer?.formulaWords}
            by={answer?.formula ?? view.formula}
          />
          <TargetsCard />
          <ServicesCard period={period} nowMs={now} {...view} />
          <GroupsCard
            groups={answer?.groups}
            fleet={answer?.fleet}
            days={answer?.days ?? []}
            period={period}
            by={by}
            filter={filter}
            search={search}
            set={set}
            view={view}
          />
          <OutagesCard
            period={period}
            filter={filter}
            kind={search.kind ?? 'down'}
            reclassified={view.reclassified}
            nowMs={now}
            onKind={(kind) => set({ kind: kind === 'down' ? undefined : kind })}
          />
          <QueueCard nowMs={now} />
        </div>
      )}
    </>
  );
}

/** By which formula, and with or without what people judged otherwise. */
function ViewBar({ search, set }: { search: FleetAvailabilitySearch; set: SetSearch }) {
  const t = useT();
  return (
    <div className="no-print mt-2 flex flex-wrap items-center gap-x-3 gap-y-2">
      <Segmented
        label={t('agreed.formula.label')}
        value={search.formula ?? 'known-time'}
        options={AVAILABILITY_FORMULAS.map((value) => ({ value, label: t(`agreed.formula.${value}`) }))}
        onChange={(formula) => set({ formula: formula === 'known-time' ? undefined : formula })}
      />
      <Segmented
        label={t('agreed.judged.label')}
        value={search.judged ?? 'yes'}
        options={[
          { value: 'yes', label: t('agreed.judged.yes') },
          { value: 'no', label: t('agreed.judged.no') },
        ]}
        onChange={(judged) => set({ judged: judged === 'yes' ? undefined : judged })}
      />
    </div>
  );
}

/** Judgements that wait for a second person, counted where everybody looks first. */
function Waiting() {
  const t = useT();
  const pending = useQuery(reclassificationsQuery).data?.pending ?? 0;
  if (pending === 0) return null;
  return (
    <p className="no-print mt-3 flex flex-wrap items-center gap-x-2 text-12">
      <Glyph name="triangle" className="text-warn-fg" />
      <span className="font-medium">{t('agreed.queue.pending', { count: pending })}</span>
      <a href={`#${JUDGEMENTS_ANCHOR}`} className="inline-flex items-center text-accent coarse:min-h-11">
        {t('agreed.queue.go')}
      </a>
    </p>
  );
}

function Head({
  period,
  search,
  fleet,
  nowMs,
}: {
  period: Period;
  search: FleetAvailabilitySearch;
  fleet: GroupAvailability | undefined;
  nowMs: Millis;
}) {
  const t = useT();
  const language = useLanguage();
  const { fromMs, toMs } = spanOf(period, nowMs);
  const when = useWhen(search, fromMs, toMs > nowMs);
  const percent = (value: number | null) => (value === null ? ABSENT : percentText(value, language));
  const className =
    search.class !== undefined && isMachineClass(search.class)
      ? CI_CLASSES[search.class].title[language]
      : search.class;
  return (
    <>
      <PrintHeader
        title={t('shell.nav.availability')}
        purpose={t('availability.print.purpose')}
        period={t('charts.pictureRange', {
          from: dateTimeText(fromMs, language, false),
          to: dateTimeText(Math.min(toMs, nowMs), language, false),
          zone: zoneText(fromMs),
        })}
        source={t('availability.print.source')}
        coverage={
          fleet &&
          [
            t('availability.coverageOf', { percent: percent(fleet.coverage) }),
            t('availability.machineCount', { count: fleet.machines }),
            className,
            search.site,
            search.tag,
            search.q,
          ]
            .filter(Boolean)
            .join(t('ui.listSeparator'))
        }
      />
      <h1 className="print:hidden">{t('shell.nav.availability')}</h1>
      <p className="mt-1 min-h-5 max-w-prose text-14 text-text-2">
        {fleet === undefined ? (
          <Skeleton className="h-4 w-96 max-w-full" />
        ) : (
          <Sentence fleet={fleet} when={when} />
        )}
      </p>
    </>
  );
}

/** The period as a part of the sentence, a whole slot in both languages. */
function useWhen(search: FleetAvailabilitySearch, fromMs: Millis, isRunning: boolean): string {
  const t = useT();
  const language = useLanguage();
  if (search.range === 'days') return t('availability.when.days');
  if (search.range !== undefined) return t(`availability.when.${search.range}`);
  const month = monthText(fromMs, language);
  return t(isRunning ? 'availability.when.monthSoFar' : 'availability.when.month', { month });
}

function Sentence({ fleet, when }: { fleet: GroupAvailability; when: string }) {
  const t = useT();
  const language = useLanguage();
  if (fleet.machines === 0) return t('availability.noneExpected');
  if (fleet.availability === null) return t('availability.sentence.unknown', { when });
  const figure = percentText(fleet.availability, language);
  return fleet.machinesWithOutage === 0
    ? t('availability.sentence.good', { when, figure, count: fleet.machines })
    : t('availability.sentence.outages', {
        when,
        figure,
        count: fleet.machinesWithOutage,
        total: formatNumber(fleet.machines, 0, language),
      });
}

function FiguresCard({
  fleet,
  days,
  leftOut,
  formula,
  by,
}: {
  by: AvailabilityFormula;
  fleet: GroupAvailability | undefined;
  /** Machines without agreed hours. */
  leftOut: number;
  /** What the answer says of its formula. */
  formula: { readonly en: string; readonly zh: string } | undefined;
  days: readonly { readonly from: string; readonly to: string }[];
}) {
  const t = useT();
  const words = useWords();
  return (
    <Card
      title={t('availability.figures')}
      note={
        formula && (
          <>
            {words(formula)} <span className="whitespace-nowrap">{t(`agreed.equation.${by}`)}</span>
          </>
        )
      }
      flush
    >
      {fleet === undefined ? (
        <div role="status" aria-label={t('ui.loading')} className="grid gap-4 border-t border-line p-4">
          <Skeleton className="h-12" />
          <Skeleton className="h-16" />
        </div>
      ) : (
        <>
          <FleetFigures fleet={fleet} />
          {fleet.reclassifiedSeconds > 0 && <Judged fleet={fleet} />}
          {leftOut > 0 && (
            <p className="border-t border-line px-4 py-2 text-12 text-text-3">
              {t('availability.leftOut', { count: leftOut })}
            </p>
          )}
          {days.length > 1 && fleet.machines > 0 && (
            <div className="border-t border-line px-4 pt-3 pb-2.5">
              <DayShares days={days} shares={fleet.days} size="tall" readable />
              <Legend />
            </div>
          )}
        </>
      )}
    </Card>
  );
}

function Judged({ fleet }: { fleet: GroupAvailability }) {
  const t = useT();
  const span = (seconds: number) => wholeSpanText(seconds * SECOND_MS, t);
  return (
    <p className="border-t border-line px-4 py-2 text-12 text-text-2">
      {t('agreed.judged.sum', { span: span(fleet.reclassifiedSeconds) })}
      {fleet.excludedSeconds > 0 &&
        ` · ${t('agreed.judged.excluded', { span: span(fleet.excludedSeconds) })}`}
    </p>
  );
}

function FleetFigures({ fleet }: { fleet: GroupAvailability }) {
  const t = useT();
  const language = useLanguage();
  const percent = (value: number | null) => (value === null ? ABSENT : percentText(value, language));
  const span = (seconds: number | null) =>
    seconds === null ? ABSENT : wholeSpanText(seconds * SECOND_MS, t);
  const { availabilityLow: low, availabilityHigh: high } = fleet;
  const figures: Figure[] = [
    {
      id: 'availability',
      name: <Term id="availability">{t('availability.available')}</Term>,
      value: percent(fleet.availability),
      large: true,
      note:
        fleet.unknownSeconds > 0 && low !== null && high !== null
          ? t('availability.lowHigh', { low: percent(low), high: percent(high) })
          : t('availability.machineCount', { count: fleet.machines }),
    },
    {
      id: 'coverage',
      name: <Term id="coverage">{t('availability.coverage')}</Term>,
      value: percent(fleet.coverage),
      large: true,
      note: t(fleet.unknownSeconds > 0 ? 'availability.coverageNote' : 'availability.coverageFull', {
        unknown: span(fleet.unknownSeconds),
        agreed: span(fleet.agreedSeconds),
      }),
    },
    {
      id: 'outages',
      name: <Term id="outage">{t('availability.outages')}</Term>,
      value: formatNumber(fleet.outages, 0, language),
      note: t('availability.outagesNote', { count: fleet.machinesWithOutage }),
    },
    {
      id: 'down',
      name: t('availability.down'),
      value: span(fleet.downSeconds),
      note:
        fleet.longestOutageSeconds > 0
          ? t('availability.longest', { span: span(fleet.longestOutageSeconds) })
          : t('availability.noOutage'),
    },
    {
      id: 'mtbf',
      name: <Term id="mtbf">{t('availability.mtbf')}</Term>,
      value: fleet.outages === 0 ? t('agreed.noFailure') : span(fleet.mtbfSeconds),
      note: t('availability.mtbfNote'),
    },
    {
      id: 'mtrs',
      name: <Term id="mtrs">{t('availability.mtrs')}</Term>,
      value: span(fleet.mtrsSeconds),
      note:
        fleet.mtbsiSeconds === null
          ? t('availability.mtrsNote')
          : t('agreed.mtbsi', { span: span(fleet.mtbsiSeconds) }),
    },
  ];
  return <FigureGrid figures={figures} />;
}

function Legend() {
  const t = useT();
  const parts = [
    ['up', t('availability.legend.up')],
    ['silent', t('availability.legend.down')],
    ['unknown', t('availability.legend.unknown')],
  ] as const;
  return (
    <ul className="mt-1 flex flex-wrap gap-x-4 gap-y-1 text-12 text-text-2">
      {parts.map(([presence, word]) => (
        <li key={presence} className="flex items-center gap-1.5">
          <span aria-hidden="true" className={cx('h-2.5 w-4 rounded-sm', PRESENCE_FILLS[presence])} />
          {word}
        </li>
      ))}
      <li className="flex items-center gap-1.5">
        <span aria-hidden="true" className="fill-none h-2.5 w-4 rounded-sm border border-line" />
        {t('availability.legend.none')}
      </li>
    </ul>
  );
}
