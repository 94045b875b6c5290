/** How the machine does: seconds while watched, history to a year, file systems, processes, what else matters now. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { LatestValue } from '@muster/shared/api/metrics.ts';
import { invariant } from '@muster/shared/invariant.ts';
import { MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';
import { ciQuery, historyQuery, latestQuery, processesQuery, rulesQuery } from '../../api/queries.ts';
import { useLiveState } from '../../app/live.ts';
import type { ChartMarker } from '../../charts/paint.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { AgeLabel } from '../../ui/AgeLabel.tsx';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { useNow } from '../../util/clock.ts';
import { displayUnit } from '../../util/quantity.ts';
import { RANGES, type RangeName } from './search.ts';
import { millis, spanText } from '../../util/time.ts';
import { changeTitle } from '../../parts/changes.ts';
import { CHART_SPECS, LIVE_TAB_METRICS } from './chartSpecs.ts';
import { FileSystemsCard } from './FileSystemsCard.tsx';
import { type LiveView, useLiveView } from './liveSeries.ts';
import { MachineRail, OpenIncidents } from './MachineRail.tsx';
import { MetricChart } from './MetricChart.tsx';
import { ProcessesCard } from './ProcessesCard.tsx';

const METRICS_READ = [...LIVE_TAB_METRICS, 'memory.total' as const];
/** Only so many changes are marked on the charts. */
const MARKERS_MAX = 20;

export function LiveTab() {
  const t = useT();
  const language = useLanguage();
  const { id } = useParams({ from: `/app${'/machines/$id'}` });
  const { range = '15m' } = useSearch({ from: `/app${'/machines/$id/live'}` });
  const navigate = useNavigate({ from: '/machines/$id/live' });
  const ci = useQuery(ciQuery(id)).data;
  invariant(ci, 'the page shows the tab once the machine is read');
  const rules = useQuery(rulesQuery).data ?? [];
  const changes = useQuery(historyQuery(id)).data;
  const latest = useQuery(latestQuery(id));
  const [paused, setPaused] = useState(false);
  const heard = ci.state === 'up';
  const watch = range === '15m' && !paused && heard;
  const lastSeenMs = millis(ci.lastSeenAt);
  const stored = useLiveView({
    ci: id,
    metrics: METRICS_READ,
    range,
    watch,
    silentSinceMs: heard ? null : lastSeenMs,
    bornMs: millis(ci.createdAt),
  });
  const view = useMemo(
    () => (watch || latest.data === undefined ? stored : withLatest(stored, latest.data)),
    [stored, watch, latest.data],
  );
  const processes = useQuery({ ...processesQuery(id), enabled: !watch }).data;
  const markers = useMemo<ChartMarker[]>(
    () =>
      (changes ?? [])
        // That the machine itself is new is seen by where its chart begins.
        .filter((change) => !(change.kind === 'created' && change.ciId === id))
        .slice(0, MARKERS_MAX)
        .map((change) => ({
          atMs: millis(change.at),
          kind: 'change',
          label: changeTitle(change, t, language),
        })),
    [changes, id, t, language],
  );
  const shownMarkers = markers.filter(({ atMs }) => atMs >= view.fromMs && atMs <= view.toMs);
  return (
    <div className="grid items-start gap-4 desk:grid-cols-[minmax(0,1fr)_var(--rail)] desk:grid-rows-[auto_1fr]">
      <OpenIncidents ci={ci} />
      <div className="grid min-w-0 gap-4 desk:col-start-1 desk:row-span-2 desk:row-start-1">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <div className="scrollbar-none -mx-1 overflow-x-auto px-1 py-1">
            <Segmented
              label={t('machines.range')}
              value={range}
              options={RANGES.map((value) => ({ value, label: t(`machines.ranges.${value}`) }))}
              onChange={(next: RangeName) =>
                void navigate({ search: { range: next === '15m' ? undefined : next }, replace: true })
              }
            />
          </div>
          {range === '15m' && heard && (
            <Button icon={paused ? 'play' : 'pause'} size="normal" onClick={() => setPaused(!paused)}>
              {t(paused ? 'machines.goOn' : 'machines.pause')}
            </Button>
          )}
          <span className="ml-auto text-12 text-text-2">
            <SamplingLine view={view} range={range} heard={heard} paused={paused} lastSeenMs={lastSeenMs} />
          </span>
        </div>
        {view.error !== null ? (
          <Card>
            <ErrorPanel error={view.error} retry={view.retry} />
          </Card>
        ) : !view.loading && isEmpty(view) ? (
          <Card>
            <EmptyState>{t(ci.agentId === null ? 'machines.noAgent' : 'machines.noSamples')}</EmptyState>
          </Card>
        ) : (
          <div className="grid gap-4 tablet:grid-cols-2">
            {CHART_SPECS.map((spec) => (
              <MetricChart
                key={spec.id}
                ci={ci}
                spec={spec}
                view={view}
                rules={rules}
                markers={shownMarkers}
                stale={!heard}
              />
            ))}
          </div>
        )}
        <FileSystemsCard
          ci={ci}
          rules={rules}
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
      </div>
      <MachineRail ci={ci} />
    </div>
  );
}

/** Beside history stands the present value, not the last average of the range. */
function withLatest(view: LiveView, latest: readonly LatestValue[]): LiveView {
  const values = new Map(
    latest.map(({ metric, instance, value, unit }) => [
      `${metric}\0${instance}`,
      value * displayUnit(metric, unit).factor,
    ]),
  );
  return {
    ...view,
    latest: (metric, instance) => values.get(`${metric}\0${instance}`) ?? view.latest(metric, instance),
  };
}

function isEmpty(view: LiveView): boolean {
  return [...view.series.values()].every(({ points }) =>
    [...points.values()].every((list) => list.length === 0),
  );
}

/** How fine the samples are, and that watching makes them so. */
function SamplingLine({
  view,
  range,
  heard,
  paused,
  lastSeenMs,
}: {
  view: LiveView;
  range: RangeName;
  heard: boolean;
  paused: boolean;
  lastSeenMs: number | null;
}) {
  const t = useT();
  const connection = useLiveState();
  const now = useNow();
  if (!heard)
    return lastSeenMs === null
      ? t('time.never')
      : t('time.lastKnown', { span: spanText(now - lastSeenMs, t) });
  const [first] = view.series.values();
  if (range !== '15m') {
    return first
      ? t('machines.sampling.history', {
          step: spanText(first.stepMs, t).replace('.0', ''),
          tier: t(`machines.tier.${first.tier}` as 'machines.tier.raw'),
        })
      : null;
  }
  if (paused) return t('machines.sampling.paused');
  if (connection.state === 'lost') return t('shell.notLive');
  if (view.live === null) return t('machines.sampling.asking');
  const stale = now - view.live.atMs > 5 * SECOND_MS;
  return (
    <span className="flex flex-wrap items-center gap-x-2">
      <span
        aria-hidden="true"
        className={
          stale ? 'size-2 rounded-full bg-idle-solid' : 'size-2 rounded-full bg-up-solid ring-3 ring-up-weak'
        }
      />
      {t(view.live.interval === 'live' ? 'machines.sampling.live' : 'machines.sampling.regular')}
      {stale && <AgeLabel atMs={view.live.atMs} staleAfterMs={Math.min(MINUTE_MS, 30 * SECOND_MS)} />}
      <span className="text-text-3">{view.live.interval === 'live' && t('machines.sampling.ends')}</span>
    </span>
  );
}
