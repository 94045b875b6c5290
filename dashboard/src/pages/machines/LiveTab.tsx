/** How the machine does: seconds while watched, history to a year, any range, beside another time or other machines. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import type { LatestValue } from '@muster/shared/api/metrics.ts';
import { invariant } from '@muster/shared/invariant.ts';
import { type Millis, SECOND_MS } from '@muster/shared/time.ts';
import { ciQuery, latestQuery, processesQuery, rulesInForceQuery } from '../../api/queries.ts';
import { LINE_LOOKS } from '../../charts/data.ts';
import { LineMark } from '../../charts/Legend.tsx';
import { newestStep } from '../../charts/rhythm.ts';
import { CHART_HEIGHT_PX } from '../../charts/TimeChart.tsx';
import type { Span } from '../../charts/zoom.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel, useErrorWords } from '../../ui/ErrorPanel.tsx';
import { isFedAt, useFed, whoTells } from '../../parts/foreignSeries.ts';
import { levelsInForce, type LevelsOf } from '../../parts/levels.ts';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { useNow } from '../../util/clock.ts';
import { displayUnit } from '../../util/quantity.ts';
import { dateTimeText, millis, zoneText } from '../../util/time.ts';
import { CHART_SPECS, LIVE_TAB_METRICS } from './chartSpecs.ts';
import { ChecksCard } from './ChecksCard.tsx';
import { type Comparison, useComparison } from './compare.ts';
import { othersOf } from './CompareMenu.tsx';
import { fedGroups } from './fedGroups.ts';
import { FedPart } from './FedPart.tsx';
import { useFedView } from './fedSeries.ts';
import { FileSystemsCard } from './FileSystemsCard.tsx';
import { useStaleAfter } from './freshness.ts';
import { useHappenings } from './happenings.tsx';
import { LiveToolbar } from './LiveToolbar.tsx';
import { type LiveView, type MetricSeries, useLiveView } from './liveSeries.ts';
import { MachineRail, OpenIncidents } from './MachineRail.tsx';
import { MetricChart } from './MetricChart.tsx';
import { ProcessesCard } from './ProcessesCard.tsx';
import { dataSince, fixedSearch, RANGE_DEFAULT, showsPercentiles, windowOf } from './timeWindow.ts';

const METRICS_READ = [...LIVE_TAB_METRICS, 'memory.total' as const];
const NONE: readonly never[] = [];
/** Charts of senders, as many as an agent's machine has; the others are drawn when somebody asks. */
const FED_CHARTS_FIRST = 6;
/** Of each chart the first line is compared. */
const METRICS_COMPARED = CHART_SPECS.flatMap(({ lines }) => lines.slice(0, 1).map(({ metric }) => metric));

export function LiveTab() {
  const t = useT();
  const language = useLanguage();
  const { id } = useParams({ from: `/app${'/machines/$id'}` });
  const search = useSearch({ from: `/app${'/machines/$id/live'}` });
  const navigate = useNavigate({ from: '/machines/$id/live' });
  const ci = useQuery(ciQuery(id)).data;
  invariant(ci, 'the page shows the tab once the machine is read');
  const inForce = useQuery(rulesInForceQuery(id)).data;
  const levelsOf = useCallback<LevelsOf>(
    (metric, instance) =>
      inForce ? levelsInForce(inForce.rules, { ...ci, belongsTo: inForce.belongsTo }, metric, instance) : [],
    [inForce, ci],
  );
  const latest = useQuery(latestQuery(id));
  const staleAfterMs = useStaleAfter(id);
  const [paused, setPaused] = useState(false);
  const [dragging, setDragging] = useState(false);
  const { range, from, to } = search;
  const window = useMemo(() => windowOf({ range, from, to }), [range, from, to]);
  const others = useMemo(() => othersOf(search, id), [search, id]);
  const heard = ci.state === 'up';
  const watch = window.range === RANGE_DEFAULT && window.fixed === null && !paused && heard;
  const lastSeenMs = millis(ci.lastSeenAt);
  const fedAnswer = useFed(id);
  const fed = fedAnswer.fed ?? null;
  const teller = whoTells(ci.agentId, fedAnswer);
  // What only an agent tells is not there where senders tell of the machine alone.
  const asOfAgent = teller === 'agent' || teller === 'nobody';
  const isFed = isFedAt(fed, useNow(10 * SECOND_MS));
  const lastSignMs = laterOf(lastSeenMs, fed?.newestMs ?? null);
  const stored = useLiveView({
    ci: id,
    metrics: asOfAgent ? METRICS_READ : NONE,
    window,
    watch,
    moves: isFed && !paused,
    silentSinceMs: heard ? null : lastSignMs,
    hold: dragging,
  });
  const groups = useMemo(() => fedGroups(fed?.sources.flatMap(({ series }) => series) ?? []), [fed]);
  const [allGroups, setAllGroups] = useState(false);
  const groupsShown = useMemo(
    () => (allGroups ? groups : groups.slice(0, FED_CHARTS_FIRST)),
    [groups, allGroups],
  );
  const fedMetrics = useMemo(() => groupsShown.flatMap(({ metrics }) => metrics), [groupsShown]);
  const fedView = useFedView({ ci: id, fed, metrics: fedMetrics, view: stored });
  const view = useMemo(
    () => (watch || latest.data === undefined ? stored : withLatest(stored, latest.data)),
    [stored, watch, latest.data],
  );
  const processes = useQuery({ ...processesQuery(id), enabled: !watch }).data;
  const shownFromMs = asOfAgent ? view.fromMs : fedView.fromMs;
  const sinceMs = useMemo(
    () =>
      dataSince(
        [
          ...[...view.series.values()].flatMap(({ points, stepMs, told, isRate }) =>
            [...points.values()].map(({ times }) => ({ times, stepMs, told, isRate })),
          ),
          ...fedView.lines.map(({ points, stepMs }) => ({ times: points.times, stepMs })),
        ],
        shownFromMs,
        millis(ci.createdAt),
      ),
    [view.series, fedView.lines, shownFromMs, ci.createdAt],
  );
  const happenings = useHappenings(id, view);
  const comparison = useComparison({
    ci,
    metrics: METRICS_COMPARED,
    request: view.request,
    against: asOfAgent ? search.against : undefined,
    others: asOfAgent ? others : NONE,
  });
  const zoom = (span: Span) =>
    void navigate({ search: (before) => ({ ...before, ...fixedSearch(span) }), resetScroll: false });
  const reset = () =>
    void navigate({
      search: (before) => ({ ...before, from: undefined, to: undefined }),
      resetScroll: false,
    });
  return (
    <div className="grid items-start gap-4 desk:grid-cols-[minmax(0,1fr)_var(--rail)] desk:grid-rows-[auto_1fr]">
      <OpenIncidents ci={ci} />
      <div className="grid min-w-0 gap-4 desk:col-start-1 desk:row-span-2 desk:row-start-1">
        <LiveToolbar
          ci={ci}
          window={window}
          search={search}
          view={view}
          heard={heard}
          staleAfterMs={staleAfterMs}
          lastSignMs={lastSignMs ?? (fedAnswer.fed === undefined ? undefined : null)}
          asOfAgent={asOfAgent}
          sampling={asOfAgent ? samplingOf(view.series.values().next().value) : fedView.lines[0]}
          sinceMs={sinceMs}
          paused={paused}
          onPause={setPaused}
        />
        <p className="hidden print:block">
          {t('charts.pictureRange', {
            from: dateTimeText(view.fromMs, language),
            to: dateTimeText(view.toMs, language),
            zone: zoneText(view.toMs),
          })}
        </p>
        {comparison && <ComparedLine name={ci.name} comparison={comparison} />}
        {fedAnswer.error !== null && (
          <Card>
            <ErrorPanel error={fedAnswer.error} retry={fedAnswer.retry} />
          </Card>
        )}
        {teller === 'unread' && <ChartsToCome />}
        {!asOfAgent ? null : view.error !== null ? (
          <Card>
            <ErrorPanel error={view.error} retry={view.retry} />
          </Card>
        ) : !view.loading && window.fixed === null && isEmpty(view) ? (
          <Card>
            <EmptyState>{t(ci.agentId === null ? 'machines.noAgent' : 'machines.noSamples')}</EmptyState>
          </Card>
        ) : (
          <div
            aria-busy={view.changing}
            className={cx(
              'grid gap-4 transition-opacity tablet:grid-cols-2',
              view.changing && 'opacity-60 delay-200',
            )}
          >
            {CHART_SPECS.map((spec) => (
              <MetricChart
                key={`${id} ${spec.id}`}
                ci={ci}
                spec={spec}
                view={view}
                staleAfterMs={staleAfterMs}
                fixed={window.fixed !== null}
                percentiles={search.figures === 'percentiles' && showsPercentiles(window)}
                levelsOf={levelsOf}
                happenings={happenings}
                sinceMs={sinceMs}
                comparison={comparison}
                onZoom={zoom}
                onReset={reset}
                onDrag={setDragging}
              />
            ))}
          </div>
        )}
        {fed && (
          <FedPart
            ci={ci}
            fed={fed}
            groups={groupsShown}
            groupsLeft={groups.length - groupsShown.length}
            onAllGroups={() => setAllGroups(true)}
            view={fedView}
            fixed={window.fixed !== null}
            sinceMs={sinceMs}
            latest={latest}
            onZoom={zoom}
            onReset={reset}
            onDrag={setDragging}
          />
        )}
        {asOfAgent && (
          <>
            <ChecksCard ciId={id} latest={latest.data} staleAfterMs={staleAfterMs} />
            <FileSystemsCard
              levelsOf={levelsOf}
              latest={latest.data}
              staleAfterMs={staleAfterMs}
              error={latest.error}
              retry={() => void latest.refetch()}
            />
            <ProcessesCard
              processes={
                watch || processes?.at == null
                  ? view.processes
                  : { atMs: millis(processes.at), items: processes.items }
              }
              watching={watch}
            />
          </>
        )}
      </div>
      <MachineRail ci={ci} />
    </div>
  );
}

function ChartsToCome() {
  const t = useT();
  return (
    <div role="status" aria-label={t('ui.loading')} className="grid gap-4 tablet:grid-cols-2">
      {CHART_SPECS.map(({ id }) => (
        <div key={id} className="card px-4 pt-12 pb-2">
          <div className="grid" style={{ height: CHART_HEIGHT_PX }}>
            <Skeleton className="h-full" />
          </div>
        </div>
      ))}
    </div>
  );
}

/** What stands beside what, with the way to take each away. */
function ComparedLine({ name, comparison }: { name: string; comparison: Comparison }) {
  const t = useT();
  const words = useErrorWords();
  const navigate = useNavigate({ from: '/machines/$id/live' });
  const remove = (line: Comparison['lines'][number]) =>
    void navigate({
      search: (before) => ({
        ...before,
        against: undefined,
        compare:
          (before.compare ?? '')
            .split(',')
            .filter((each) => each !== line.id)
            .join(',') || undefined,
      }),
      replace: true,
    });
  return (
    <div className="card flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2">
      <span className="text-text-3">{t('machines.compare.note')}</span>
      <span className="flex items-center gap-2 font-medium">
        <LineMark series={LINE_LOOKS[0]} />
        {comparison.kind === 'period' ? t('machines.compare.shown') : name}
      </span>
      {comparison.lines.map((line) => (
        <span key={line.id} className="flex items-center gap-2">
          <LineMark series={line} />
          {comparison.kind === 'machines' ? (
            <Link to="/machines/$id/live" params={{ id: line.id }} className="font-medium hover:underline">
              {line.label}
            </Link>
          ) : (
            <span className="font-medium">{line.label}</span>
          )}
          <IconButton
            icon="close"
            label={t('machines.compare.remove', { name: line.label })}
            onClick={() => remove(line)}
            className="-ml-1 size-6 text-text-3 coarse:size-11"
          />
        </span>
      ))}
      {comparison.error && (
        <span role="alert" className="text-warn-fg">
          {words(comparison.error)}
        </span>
      )}
    </div>
  );
}

/** Beside history stands the present value, not the last average of the range. */
function withLatest(view: LiveView, latest: readonly LatestValue[]): LiveView {
  const values = new Map(
    latest.map(({ metric, instance, value, unit, at }) => [
      `${metric}\0${instance}`,
      { value: value * displayUnit(metric, unit).factor, atMs: millis(at) },
    ]),
  );
  return {
    ...view,
    latest: (metric, instance) => values.get(`${metric}\0${instance}`) ?? view.latest(metric, instance),
  };
}

function laterOf(a: Millis | null, b: Millis | null): Millis | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

function isEmpty(view: LiveView): boolean {
  return [...view.series.values()].every(({ points }) =>
    [...points.values()].every(({ times }) => times.length === 0),
  );
}

/** How far apart the newest points of a metric are. */
function samplingOf(series: MetricSeries | undefined): { stepMs: number; tier: string } | undefined {
  if (series === undefined) return undefined;
  const { tier, stepMs, points } = series;
  const [first] = points.values();
  return { tier, stepMs: first === undefined ? stepMs : newestStep(first.times, stepMs) };
}
