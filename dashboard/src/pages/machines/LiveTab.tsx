/** How the machine does: seconds while watched, history to a year, any range, beside another time or other machines. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import type { LatestValue } from '@muster/shared/api/metrics.ts';
import { invariant } from '@muster/shared/invariant.ts';
import { ciQuery, latestQuery, processesQuery, rulesInForceQuery } from '../../api/queries.ts';
import { LineMark } from '../../charts/Legend.tsx';
import type { Span } from '../../charts/zoom.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { cx } from '../../ui/cx.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel, useErrorWords } from '../../ui/ErrorPanel.tsx';
import { useFed } from '../../parts/foreignSeries.ts';
import { levelsInForce, type LevelsOf } from '../../parts/levels.ts';
import { displayUnit } from '../../util/quantity.ts';
import { dateTimeText, millis, zoneText } from '../../util/time.ts';
import { CHART_SPECS, LIVE_TAB_METRICS } from './chartSpecs.ts';
import { type Comparison, MACHINE_LOOKS, useComparison } from './compare.ts';
import { othersOf } from './CompareMenu.tsx';
import { FedPart } from './FedPart.tsx';
import { FileSystemsCard } from './FileSystemsCard.tsx';
import { useHappenings } from './happenings.tsx';
import { LiveToolbar } from './LiveToolbar.tsx';
import { type LiveView, useLiveView } from './liveSeries.ts';
import { MachineRail, OpenIncidents } from './MachineRail.tsx';
import { MetricChart } from './MetricChart.tsx';
import { ProcessesCard } from './ProcessesCard.tsx';
import { dataSince, fixedSearch, RANGE_DEFAULT, showsPercentiles, windowOf } from './timeWindow.ts';

const METRICS_READ = [...LIVE_TAB_METRICS, 'memory.total' as const];
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
  const [paused, setPaused] = useState(false);
  const [dragging, setDragging] = useState(false);
  const { range, from, to } = search;
  const window = useMemo(() => windowOf({ range, from, to }), [range, from, to]);
  const others = useMemo(() => othersOf(search, id), [search, id]);
  const heard = ci.state === 'up';
  const watch = window.range === RANGE_DEFAULT && window.fixed === null && !paused && heard;
  const lastSeenMs = millis(ci.lastSeenAt);
  const fed = useFed(id);
  // What only an agent tells is not there.
  const fedAlone = ci.agentId === null && fed !== null;
  const stored = useLiveView({
    ci: id,
    metrics: METRICS_READ,
    window,
    watch,
    silentSinceMs: heard ? null : lastSeenMs,
    hold: dragging,
  });
  const view = useMemo(
    () => (watch || latest.data === undefined ? stored : withLatest(stored, latest.data)),
    [stored, watch, latest.data],
  );
  const processes = useQuery({ ...processesQuery(id), enabled: !watch }).data;
  const sinceMs = useMemo(
    () =>
      dataSince(
        [...view.series.values()].flatMap(({ points, stepMs }) =>
          [...points.values()].map(({ times }) => ({ times, stepMs })),
        ),
        view.fromMs,
        millis(ci.createdAt),
      ),
    [view.series, view.fromMs, ci.createdAt],
  );
  const happenings = useHappenings(id, view);
  const comparison = useComparison({
    ci,
    metrics: METRICS_COMPARED,
    request: view.request,
    against: search.against,
    others,
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
          lastSeenMs={lastSeenMs ?? fed?.newestMs ?? null}
          fedAlone={fedAlone}
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
        {fedAlone ? null : view.error !== null ? (
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
        {fed && <FedPart ci={ci} fed={fed} window={window} onZoom={zoom} onReset={reset} />}
        {!fedAlone && (
          <>
            <FileSystemsCard
              levelsOf={levelsOf}
              latest={latest.data}
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
        <LineMark series={MACHINE_LOOKS[0]} />
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

function isEmpty(view: LiveView): boolean {
  return [...view.series.values()].every(({ points }) =>
    [...points.values()].every(({ times }) => times.length === 0),
  );
}
