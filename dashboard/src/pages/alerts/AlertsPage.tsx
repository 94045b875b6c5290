/** Alerts: which level is broken where, since when, and what became of it. */
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { type Alert, QUIET_KINDS, SEVERITIES } from '@muster/shared/api/rules.ts';
import { isMetricName, METRICS } from '@muster/shared/metrics/catalogue.ts';
import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import { ciQuery, rulesQuery } from '../../api/queries.ts';
import { useLive } from '../../app/live.ts';
import { useShortcuts } from '../../app/shortcuts.ts';
import { useMay } from '../../app/session.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { NobodyTold } from '../../parts/NobodyTold.tsx';
import { useRuleName, useSentence } from '../../parts/sentence.ts';
import { Button } from '../../ui/Button.tsx';
import { type Column, DataTable } from '../../ui/DataTable.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { FilterChips } from '../../ui/FilterChips.tsx';
import { FilterTag } from '../../ui/FilterTag.tsx';
import { Menu, MenuChoice } from '../../ui/Menu.tsx';
import { MorePages } from '../../ui/MorePages.tsx';
import { PausedSearch } from '../../ui/PausedSearch.tsx';
import { PrintHeader } from '../../ui/PrintHeader.tsx';
import { Quantity } from '../../ui/Quantity.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { Term } from '../../ui/Term.tsx';
import { ALERT_WORDS, SEVERITY_LOOKS } from '../../ui/states.ts';
import { nowMs, useNow } from '../../util/clock.ts';
import { agoText, dateTimeText, millis, recordTime, wholeSpanText, zoneText } from '../../util/time.ts';
import { AcknowledgeDialog } from './AcknowledgeDialog.tsx';
import { Becomes } from './Becomes.tsx';
import { ChosenBar } from './ChosenBar.tsx';
import { alertCountsQuery, alertsQuery, lastResolvedQuery } from './queries.ts';
import type { AlertsSearch } from './search.ts';

/** One choice out of states and of reasons to be quiet; all that are not resolved where none is chosen. */
const VIEWS = ['open', 'acknowledged', ...QUIET_KINDS, 'resolved'] as const;
type View = (typeof VIEWS)[number];
const isQuiet = (view: View | undefined): view is (typeof QUIET_KINDS)[number] =>
  QUIET_KINDS.some((kind) => kind === view);
/** Of many changes at once the list is read once. */
const SETTLE_MS = SECOND_MS;
/** Shown on the chart before the breach and after the end. */
const AROUND_MS = 15 * MINUTE_MS;

export function AlertsPage() {
  const t = useT();
  usePageTitle(t('shell.nav.alerts'));
  const search = useSearch({ from: `/app${'/alerts'}` });
  const navigate = useNavigate({ from: '/alerts' });
  const set = (change: Partial<AlertsSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const alerts = useInfiniteQuery(alertsQuery(search));
  useLiveAlerts();
  const rows = useMemo(() => alerts.data?.pages.flatMap(({ items }) => items), [alerts.data]);
  const columns = useColumns();
  const [chosenIds, setChosenIds] = useState<ReadonlySet<string>>(new Set());
  const mayAcknowledge = useMay('incidents.write');
  const [asked, setAsked] = useState<readonly Alert[]>([]);
  const chosen = rows?.filter(({ id, state }) => chosenIds.has(id) && state !== 'resolved') ?? [];
  const clear = () => setChosenIds(new Set());
  useShortcuts({
    a: () => setAsked(chosen.filter(({ state }) => state === 'open' || state === 'acknowledged')),
  });
  const filtered = Boolean(search.severity || search.rule || search.machine || search.q);
  return (
    <>
      <PrintHeader title={t('shell.nav.alerts')} purpose={t('alerts.purpose')} />
      <h1 className="flex flex-wrap items-baseline gap-x-3 print:hidden">
        <Term id="alert">{t('shell.nav.alerts')}</Term>
        <span className="text-12 font-normal text-text-3">
          {t('alerts.zone', { zone: zoneText(nowMs()) })}
        </span>
      </h1>
      <NobodyTold />
      <Filters search={search} set={set} />
      <section className="card mt-3" aria-label={t('shell.nav.alerts')} aria-busy={alerts.isPlaceholderData}>
        {rows === undefined ? (
          alerts.error ? (
            <div className="px-4">
              <ErrorPanel error={alerts.error} retry={() => void alerts.refetch()} />
            </div>
          ) : (
            <SkeletonRows rows={8} />
          )
        ) : (
          <DataTable
            label={t('shell.nav.alerts')}
            rows={rows}
            rowId={(alert) => alert.id}
            columns={columns}
            hiddenColumns={search.state === 'resolved' ? ['becomes'] : []}
            rowPx={44}
            selection={
              search.state === 'resolved'
                ? undefined
                : {
                    ids: chosenIds,
                    onChange: setChosenIds,
                    labelOf: ({ ciName }) => t('alerts.acknowledge.choose', { name: ciName }),
                    narrow: mayAcknowledge,
                  }
            }
            narrowRow={(alert) => <NarrowRow alert={alert} />}
            empty={
              filtered ? (
                <EmptyState
                  action={
                    <Button
                      onClick={() =>
                        set({ severity: undefined, rule: undefined, machine: undefined, q: undefined })
                      }
                    >
                      {t('ui.clearFilters')}
                    </Button>
                  }
                >
                  {t('alerts.noneMatch')}
                </EmptyState>
              ) : (
                <NoAlerts search={search} />
              )
            }
          />
        )}
        {rows !== undefined && <MorePages pages={alerts} label={t('alerts.older')} />}
      </section>
      <ChosenBar chosen={chosen} onAcknowledge={setAsked} onClear={clear} />
      <AcknowledgeDialog
        alerts={asked}
        onClose={() => setAsked([])}
        onDone={() => {
          setAsked([]);
          clear();
        }}
      />
    </>
  );
}

/** Alerts open and end together with what incidents tell; their values are read again by the query. */
function useLiveAlerts(): void {
  const queries = useQueryClient();
  const timer = useRef<number | undefined>(undefined);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  useLive({ name: 'incidents' }, (message) => {
    if (message.type !== 'incident' || timer.current !== undefined) return;
    timer.current = window.setTimeout(() => {
      timer.current = undefined;
      void queries.invalidateQueries({ queryKey: ['alerts'] });
    }, SETTLE_MS);
  });
}

function Filters({ search, set }: { search: AlertsSearch; set: (change: Partial<AlertsSearch>) => void }) {
  const t = useT();
  const ruleName = useRuleName();
  const rules = useQuery(rulesQuery).data ?? [];
  const machine = useQuery({ ...ciQuery(search.machine ?? ''), enabled: search.machine !== undefined }).data;
  const any = { value: '' as const, label: t('ui.any') };
  const choice = <T extends string>(value: T | '') => (value === '' ? undefined : value);
  const counts = useQuery(alertCountsQuery).data;
  const view = search.quiet ?? (search.state === 'suppressed' ? undefined : search.state);
  const show = (next: View | undefined) =>
    set(isQuiet(next) ? { quiet: next, state: undefined } : { state: next, quiet: undefined });
  const chosenRule = rules.find(({ id }) => id === search.rule);
  const active = [
    search.severity && {
      key: 'severity',
      label: `${t('alerts.severity')}${t('ui.colon')}${t(SEVERITY_LOOKS[search.severity].word)}`,
    },
    search.rule && {
      key: 'rule',
      label: `${t('alerts.rule')}${t('ui.colon')}${chosenRule ? ruleName(chosenRule) : search.rule}`,
    },
    search.state === 'suppressed' && {
      key: 'state',
      label: `${t('alerts.state')}${t('ui.colon')}${t(ALERT_WORDS.suppressed)}`,
    },
    search.machine && {
      key: 'machine',
      label: `${t('alerts.machine')}${t('ui.colon')}${machine?.name ?? search.machine}`,
    },
  ].filter((each) => typeof each === 'object');
  return (
    <div className="no-print">
      <div className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-2">
        <FilterChips
          label={t('alerts.quiet.label')}
          all={{ label: t('alerts.live'), count: counts?.total ?? null }}
          chips={VIEWS.map((value) => ({
            value,
            label: t(isQuiet(value) ? `alerts.view.${value}` : ALERT_WORDS[value]),
            count: value === 'resolved' ? null : (counts?.[value] ?? null),
          }))}
          chosen={view === undefined ? [] : [view]}
          onChange={(values) => show(values.find((value) => value !== view))}
        />
        <div className="ml-auto flex min-w-0 items-center gap-2 max-tablet:w-full">
          <PausedSearch label={t('ui.filter')} value={search.q} onChange={(q) => set({ q })} withKey />
          <Menu trigger={<Button icon="rules">{t('ui.more')}</Button>}>
            <MenuChoice
              label={t('alerts.severity')}
              value={search.severity ?? ''}
              options={[any, ...SEVERITIES.map((value) => ({ value, label: t(SEVERITY_LOOKS[value].word) }))]}
              onChange={(severity) => set({ severity: choice(severity) })}
            />
            <MenuChoice
              label={t('alerts.rule')}
              value={search.rule ?? ''}
              options={[any, ...rules.map((rule) => ({ value: rule.id, label: ruleName(rule) }))]}
              onChange={(rule) => set({ rule: choice(rule) })}
            />
          </Menu>
        </div>
      </div>
      {active.length > 0 && (
        <ul className="mt-2 flex flex-wrap gap-2">
          {active.map(({ key, label }) => (
            <li key={key}>
              <FilterTag onRemove={() => set({ [key]: undefined })}>{label}</FilterTag>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Nothing to see is good news where alerts would be. */
function NoAlerts({ search: { state, quiet } }: { search: AlertsSearch }) {
  const t = useT();
  const now = useNow(60_000);
  const last = useQuery({ ...lastResolvedQuery, enabled: state !== 'resolved' }).data;
  const resolvedMs = millis(last?.resolvedAt);
  if (quiet !== undefined) return <EmptyState>{t(`alerts.noneQuiet.${quiet}`)}</EmptyState>;
  if (state !== undefined && state !== 'open') return <EmptyState>{t(`alerts.none.${state}`)}</EmptyState>;
  return (
    <EmptyState>
      {resolvedMs === null
        ? t('alerts.none.open')
        : t('alerts.noneSince', { time: agoText(resolvedMs, now, t) })}
    </EmptyState>
  );
}

function useColumns(): Column<Alert>[] {
  const t = useT();
  return useMemo<Column<Alert>[]>(
    () => [
      {
        id: 'severity',
        header: t('alerts.severity'),
        cell: (alert) => <StatusBadge look={SEVERITY_LOOKS[alert.severity]} />,
        widthPx: 96,
        priority: 1,
      },
      {
        id: 'machine',
        header: t('alerts.machine'),
        cell: (alert) => (
          <Link
            to="/machines/$id/live"
            params={{ id: alert.ciId }}
            title={alert.ciName}
            className="font-medium hover:text-accent"
          >
            {alert.ciName}
          </Link>
        ),
        widthPx: 130,
        grow: 1,
        priority: 1,
      },
      {
        id: 'metric',
        header: t('alerts.metric'),
        cell: (alert) => <ChartLink alert={alert} />,
        widthPx: 150,
        grow: 2,
        priority: 1,
      },
      {
        id: 'value',
        header: t('alerts.value'),
        align: 'right',
        cell: (alert) => <Values alert={alert} />,
        widthPx: 172,
        priority: 2,
      },
      {
        id: 'since',
        header: t('alerts.since'),
        cell: (alert) => <Since alert={alert} />,
        widthPx: 104,
        priority: 3,
      },
      {
        id: 'lasted',
        header: t('alerts.lasted'),
        align: 'right',
        cell: (alert) => <Lasted alert={alert} />,
        widthPx: 96,
        priority: 4,
      },
      {
        id: 'becomes',
        header: t('alerts.why'),
        cell: (alert) => <Becomes alert={alert} />,
        widthPx: 264,
        grow: 3,
        priority: 2,
      },
      {
        id: 'incident',
        header: t('alerts.incident'),
        cell: (alert) => <IncidentLink alert={alert} />,
        widthPx: 88,
        priority: 2,
      },
      {
        id: 'rule',
        header: t('alerts.rule'),
        cell: (alert) => <RuleLink alert={alert} />,
        widthPx: 140,
        grow: 1,
        priority: 5,
      },
    ],
    [t],
  );
}

/** To the charts of the machine around the breach: what was before it, and what came after. */
function ChartLink({ alert }: { alert: Alert }) {
  const words = useWords();
  const t = useT();
  const { metric, instance } = alert;
  const fromMs = millis(alert.breachedAt) - AROUND_MS;
  const endMs = (millis(alert.resolvedAt) ?? nowMs()) + AROUND_MS;
  const sentence = useSentence();
  const on = alert.standsOn?.map(sentence).join(t('ui.listSeparator')) ?? null;
  const title =
    on !== null
      ? t('alerts.composite')
      : metric === null
        ? t('alerts.silence')
        : isMetricName(metric)
          ? words(METRICS[metric].title)
          : metric;
  const second = on ?? instance;
  return (
    <Link
      to="/machines/$id/live"
      params={{ id: alert.ciId }}
      search={{ from: wholeSecond(fromMs), to: wholeSecond(Math.min(endMs, nowMs())) }}
      data-row-link=""
      title={second === '' ? title : `${title}, ${second}`}
      className="flex min-w-0 flex-col leading-[18px] hover:text-accent"
    >
      <span className="truncate font-medium">{title}</span>
      {second !== '' && <span className="truncate text-12 text-text-3">{second}</span>}
    </Link>
  );
}

/** As the address of the charts takes it. */
function wholeSecond(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}

/** The value now, the last known one where none comes any more, or that of the breach where it is over; against the level. */
function Values({ alert }: { alert: Alert }) {
  const t = useT();
  const language = useLanguage();
  const now = useNow(60_000);
  const { unit, level, state } = alert;
  const value = state === 'resolved' ? alert.value : (alert.lastValue ?? alert.value);
  if (alert.standsOn)
    return <span className="text-text-3">{t('alerts.ofRules', { count: alert.standsOn.length })}</span>;
  if (unit === null || value === null)
    return (
      <span className="text-text-3">
        {t(alert.metric === null ? 'alerts.noValue' : 'alerts.notReported')}
      </span>
    );
  const asOfMs = state === 'resolved' ? null : millis(alert.lastValueAt ?? null);
  return (
    <span className="inline-flex items-baseline gap-1.5">
      <Quantity value={value} unit={unit} className={asOfMs === null ? 'font-medium' : 'text-text-3'} />
      {asOfMs === null ? (
        level !== null && (
          <span className="text-12 text-text-3">
            {t('alerts.level')} <Quantity value={level} unit={unit} />
          </span>
        )
      ) : (
        <time
          dateTime={alert.lastValueAt}
          title={t('alerts.lastKnown', { time: dateTimeText(asOfMs, language) })}
          className="text-12 text-text-3"
        >
          {t('alerts.asOf', { time: recordTime(asOfMs, now, language) })}
        </time>
      )}
    </span>
  );
}

function Since({ alert }: { alert: Alert }) {
  const language = useLanguage();
  const now = useNow(60_000);
  const atMs = millis(alert.breachedAt);
  return (
    <time dateTime={alert.breachedAt} title={dateTimeText(atMs, language)} className="text-text-2">
      {recordTime(atMs, now, language)}
    </time>
  );
}

function Lasted({ alert }: { alert: Alert }) {
  const t = useT();
  const now = useNow(10_000);
  const endMs = millis(alert.resolvedAt) ?? now;
  return (
    <span className="text-text-2">
      {wholeSpanText(Math.max(SECOND_MS, endMs - millis(alert.breachedAt)), t)}
    </span>
  );
}

function IncidentLink({ alert }: { alert: Alert }) {
  const t = useT();
  if (alert.incidentId === null) return null;
  return (
    <Link
      to="/incidents/$ref"
      params={{ ref: alert.incidentRef ?? alert.incidentId }}
      className="hover:text-accent"
    >
      {alert.incidentRef ?? t('alerts.incident')}
    </Link>
  );
}

function RuleLink({ alert }: { alert: Alert }) {
  const ruleName = useRuleName();
  const name = ruleName({ name: alert.ruleName, nameWords: alert.ruleNameWords });
  return (
    <Link
      to="/rules/$id"
      params={{ id: alert.ruleId }}
      title={name}
      className="text-text-2 hover:text-accent"
    >
      {name}
    </Link>
  );
}

function NarrowRow({ alert }: { alert: Alert }) {
  const isPlain =
    alert.state === 'resolved' || (alert.suppressedBy === null && alert.acknowledgement === null);
  return (
    <div className="flex h-full min-w-0 flex-col justify-center gap-0.5 py-1">
      <span className="flex min-w-0 items-center gap-2">
        <StatusBadge look={SEVERITY_LOOKS[alert.severity]} />
        <span className="min-w-0 flex-1 truncate font-medium">{alert.ciName}</span>
        <span className="flex flex-none items-baseline gap-2 text-12">
          <Since alert={alert} />
          <IncidentLink alert={alert} />
        </span>
      </span>
      <span className="flex min-w-0 items-baseline gap-2">
        <span className="min-w-0 flex-1 [&>a]:flex-row [&>a]:gap-2">
          <ChartLink alert={alert} />
        </span>
        <span className="flex max-w-3/5 flex-none items-baseline text-12">
          {isPlain ? <Values alert={alert} /> : <Becomes alert={alert} short />}
        </span>
      </span>
    </div>
  );
}
