/** What was kept with the incident: charts around the breach, changes before it, processes at it. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { IncidentDetail } from '@muster/shared/api/incidents.ts';
import { isMachineClass } from '@muster/shared/cmdb/classes.ts';
import { isMetricName, METRICS } from '@muster/shared/metrics/catalogue.ts';
import { presenceState } from '@muster/shared/presence/state.ts';
import { MINUTE_MS, SECOND_MS, type Millis } from '@muster/shared/time.ts';
import { rulesQuery } from '../../api/queries.ts';
import { columnsOf, shownAs } from '../../charts/columns.ts';
import { type ChartSeries, figuresOf } from '../../charts/data.ts';
import type { ChartMarker } from '../../charts/paint.ts';
import { TimeChart } from '../../charts/TimeChart.tsx';
import { type LevelInput, useChartLevels } from '../../charts/useLevels.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { changedClass, changeIcon, changeTitle } from '../../parts/changes.ts';
import { ProcessTable } from '../../parts/ProcessTable.tsx';
import { useSentence } from '../../parts/sentence.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { CAUSE_WORDS, PRESENCE_LOOKS } from '../../ui/states.ts';
import { displayUnit } from '../../util/quantity.ts';
import { clockTime, dateTimeText, millis, recordTime, spanText } from '../../util/time.ts';
import { type MergedSeries, mergeSeries } from './mergeSeries.ts';

const COLOURS = [1, 2, 3, 4] as const;
const FIRST_CHART_PX = 240;
const CHART_PX = 132;
/** Evidence of a percentage starts higher where all of it lies high. */
const HIGH_PERCENT = 60;

export function EvidenceCard({ incident }: { incident: IncidentDetail }) {
  const t = useT();
  const words = useWords();
  const [asTable, setAsTable] = useState(false);
  const kept = incident.evidence?.series ?? [];
  const series = mergeSeries(kept).filter(({ lines }) => lines.length > 0);
  const markers = useMarkers(incident);
  if (incident.evidence === null) return null;
  const [first, ...others] = series;
  const range = rangeOf(incident, series);
  const title = (metric: string) => (isMetricName(metric) ? words(METRICS[metric].title) : metric);
  return (
    <Card
      title={t('incidents.evidence')}
      note={first && [title(first.metric), first.lines[0]?.instance].filter(Boolean).join(', ')}
      action={
        series.length > 0 && (
          <IconButton
            icon={asTable ? 'pulse' : 'table'}
            label={t(asTable ? 'charts.asChart' : 'charts.asTable')}
            aria-pressed={asTable}
            onClick={() => setAsTable(!asTable)}
          />
        )
      }
    >
      {first === undefined ? (
        <p className="text-text-2">{t('incidents.noSamples')}</p>
      ) : (
        <>
          <EvidenceChart
            incident={incident}
            series={first}
            title={title(first.metric)}
            range={range}
            markers={markers}
            heightPx={FIRST_CHART_PX}
            asTable={asTable}
          />
          {others.map((each) => (
            <div key={each.metric} className="mt-3">
              <p className="text-12 text-text-2">
                {[title(each.metric), each.lines.length === 1 ? each.lines[0]?.instance : '']
                  .filter(Boolean)
                  .join(', ')}
              </p>
              <EvidenceChart
                incident={incident}
                series={each}
                title={title(each.metric)}
                range={range}
                heightPx={CHART_PX}
                asTable={asTable}
              />
            </div>
          ))}
          <p className="mt-2 flex flex-wrap justify-between gap-x-4 text-12 text-text-3">
            {incident.ci && (
              <Link
                to="/machines/$id/live"
                params={{ id: incident.ci.id }}
                className="text-accent hover:underline"
              >
                {t('incidents.liveNow', { name: incident.ci.name })}
              </Link>
            )}
            <span>
              {t(
                kept.some(({ source }) => source === 'flight') ? 'incidents.withFlight' : 'incidents.stored',
              )}
            </span>
          </p>
        </>
      )}
    </Card>
  );
}

function useMarkers(incident: IncidentDetail): ChartMarker[] {
  const t = useT();
  return useMemo(() => {
    const breachedMs = millis(incident.breachedAt);
    const openedMs = millis(incident.openedAt);
    return [
      ...(incident.evidence?.changes ?? []).map(
        (change): ChartMarker => ({ atMs: millis(change.at), kind: 'change', label: change.ciName }),
      ),
      ...(breachedMs === null
        ? []
        : [
            {
              atMs: breachedMs,
              kind: 'breach',
              label: t('incidents.breachAt', { time: clockTime(breachedMs) }),
            } as const,
          ]),
      {
        atMs: openedMs,
        kind: 'opened',
        label: t('incidents.openedAt', { time: clockTime(openedMs) }),
      } as const,
    ];
  }, [incident, t]);
}

/** From the first to the last sample, with breach and opening inside. */
function rangeOf(
  incident: IncidentDetail,
  series: readonly MergedSeries[],
): { fromMs: Millis; toMs: Millis } {
  const times = series
    .flatMap(({ lines }) => lines.flatMap(({ points }) => [points[0]?.[0], points.at(-1)?.[0]]))
    .filter((time) => time !== undefined);
  const openedMs = millis(incident.openedAt);
  const breachedMs = millis(incident.breachedAt) ?? openedMs;
  return {
    fromMs: Math.min(breachedMs - MINUTE_MS, ...times),
    toMs: Math.max(openedMs + 10 * SECOND_MS, ...times),
  };
}

function EvidenceChart({
  incident,
  series,
  title,
  range,
  markers,
  heightPx,
  asTable,
}: {
  incident: IncidentDetail;
  series: MergedSeries;
  title: string;
  range: { fromMs: Millis; toMs: Millis };
  markers?: readonly ChartMarker[];
  heightPx: number;
  asTable: boolean;
}) {
  const shown = displayUnit(series.metric, series.unit);
  const lines = useMemo(
    () =>
      series.lines.slice(0, COLOURS.length).map(
        (each, index): ChartSeries => ({
          id: each.instance,
          label: each.instance === '' ? title : each.instance,
          points: shownAs(columnsOf(each.points), shown.factor),
          stepMs: each.stepMs,
          colour: COLOURS[index] ?? 1,
          dashed: index % 2 === 1,
        }),
      ),
    [series, shown.factor, title],
  );
  const levels = useChartLevels(series.metric, series.unit, useEvidenceLevels(incident, series.metric));
  const lowest = Math.min(...lines.map(({ points }) => figuresOf(points, range.fromMs, range.toMs).min ?? 0));
  const percent = series.unit === '%';
  const breached = levels.length > 0;
  return (
    <TimeChart
      title={title}
      series={lines}
      unit={shown.unit}
      fromMs={range.fromMs}
      toMs={range.toMs}
      top={percent && breached ? 100 : undefined}
      bottom={percent && breached && lowest > HIGH_PERCENT ? Math.floor(lowest / 10) * 10 - 10 : 0}
      levels={levels}
      {...(markers ? { markers } : {})}
      heightPx={heightPx}
      sync={`incident ${incident.id}`}
      asTable={asTable}
    />
  );
}

/** The levels of the rule that opened the alert; where the rule is gone, the level that was breached. */
function useEvidenceLevels(incident: IncidentDetail, metric: string): readonly LevelInput[] {
  const rules = useQuery(rulesQuery).data;
  return useMemo(() => {
    const alert = incident.alerts.find((each) => each.metric === metric);
    const condition = rules?.find((rule) => rule.id === alert?.ruleId)?.condition;
    if (condition?.type === 'threshold') {
      return condition.levels.map((level) => ({ ...level, op: condition.op }));
    }
    if (alert?.level == null) return [];
    return [{ severity: alert.severity, op: 'above', level: alert.level, clear: alert.level }];
  }, [incident.alerts, metric, rules]);
}

/** For silence: what the machine's presence was judged by. */
export function PresenceEvidence({ incident }: { incident: IncidentDetail }) {
  const t = useT();
  const sentence = useSentence(true);
  const language = useLanguage();
  const presence = incident.evidence?.presence;
  if (!presence || presence.presence === 'up') return null;
  const missed = presence.cause !== 'server-self';
  const look =
    PRESENCE_LOOKS[presenceState({ presence: presence.presence, planned: false, inHours: true, missed })];
  return (
    <Card
      title={t('incidents.presence')}
      note={t('time.since', { time: dateTimeText(millis(presence.since), language) })}
    >
      <p className="flex flex-wrap items-center gap-2">
        <StatusBadge look={look} />
        {presence.cause !== null && <span className="font-medium">{t(CAUSE_WORDS[presence.cause])}</span>}
      </p>
      <ul className="mt-2 grid gap-1 leading-prose text-text-2">
        {presence.reasons.map((reason) => (
          <li key={reason.en}>{sentence(reason)}</li>
        ))}
      </ul>
    </Card>
  );
}

export function AllChanges({ incident: { ci } }: { incident: IncidentDetail }) {
  const t = useT();
  if (ci === null || !isMachineClass(ci.class)) return null;
  return (
    <Link to="/machines/$id/changes" params={{ id: ci.id }} className="text-accent hover:underline">
      {t('incidents.allChanges')}
    </Link>
  );
}

/** Of a time before suspects were captured; later the suspects hold them. */
export function ChangesBefore({ incident }: { incident: IncidentDetail }) {
  const t = useT();
  const language = useLanguage();
  const changes = incident.evidence?.changes;
  if (!changes || incident.evidence?.scene) return null;
  const breachedMs = millis(incident.breachedAt) ?? millis(incident.openedAt);
  return (
    <Card
      title={t('incidents.changed')}
      note={t('incidents.changedNote')}
      action={<AllChanges incident={incident} />}
      flush
    >
      {changes.length === 0 ? (
        <p className="px-4 pb-3.5 text-text-2">{t('incidents.nothingChanged')}</p>
      ) : (
        <ul>
          {changes.map((change) => {
            const atMs = millis(change.at);
            return (
              <li key={change.id} className="flex gap-3 border-t border-line px-4 py-2.5">
                <Icon name={changeIcon(change)} className="mt-0.5 text-text-3" />
                <div className="min-w-0">
                  <p className="font-medium break-words">{changeTitle(change, t, language)}</p>
                  <p className="text-12 text-text-2">
                    {t(atMs <= breachedMs ? 'incidents.changeBefore' : 'incidents.changeAfter', {
                      time: recordTime(atMs, breachedMs, language),
                      span: spanText(Math.abs(breachedMs - atMs), t),
                      thing: changedClass(change, t, language),
                    })}
                  </p>
                </div>
              </li>
            );
          })}
        </ul>
      )}
    </Card>
  );
}

export function ProcessesAtBreach({ incident }: { incident: IncidentDetail }) {
  const t = useT();
  const language = useLanguage();
  const processes = incident.evidence?.topProcesses;
  if (!processes || processes.items.length === 0) return null;
  return (
    <Card title={t('incidents.processes')} note={dateTimeText(millis(processes.at), language)} flush>
      <ProcessTable label={t('incidents.processes')} items={processes.items} />
    </Card>
  );
}
