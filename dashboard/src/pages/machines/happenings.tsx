/** What happened to a machine in the time its charts show: changes, breaches, incidents, agreed downtime, absences. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useRef } from 'react';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { Language } from '@muster/shared/api/access.ts';
import type { Alert } from '@muster/shared/api/rules.ts';
import { isMachineClass } from '@muster/shared/cmdb/classes.ts';
import { MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';
import { ciIncidentsQuery, historyQuery, periodAvailabilityQuery } from '../../api/queries.ts';
import type { GapReason } from '../../charts/data.ts';
import type { ChartMarker, ChartWindow } from '../../charts/markers.ts';
import type { Span } from '../../charts/zoom.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { changeRuns, runTitle } from '../../parts/changes.ts';
import { CAUSE_WORDS, PRESENCE_LOOKS } from '../../ui/states.ts';
import { millis } from '../../util/time.ts';
import { type ChartSpec, showsBreachOf } from './chartSpecs.ts';

export interface Happenings {
  /** Of every chart: changes and incidents. */
  readonly markers: readonly ChartMarker[];
  /** Breaches, which only the chart of their metric shows. */
  readonly alerts: readonly Alert[];
  readonly windows: readonly ChartWindow[];
  readonly gapReasons: readonly GapReason[];
}

const alertsQuery = (ci: string) =>
  queryOptions({
    queryKey: ['alerts', 'ci', ci],
    queryFn: ({ signal }) =>
      call(ENDPOINTS.listAlerts, { query: { ci, limit: LIST_LIMIT_MAX } }, signal).then(({ items }) => items),
    staleTime: MINUTE_MS / 2,
  });

export function useHappenings(ci: string, { fromMs, toMs }: Span): Happenings {
  const t = useT();
  const language = useLanguage();
  const changes = useQuery(historyQuery(ci)).data;
  const incidents = useQuery(ciIncidentsQuery(ci)).data;
  const alerts = useQuery(alertsQuery(ci)).data;
  const { windows, gapReasons } = useAbsences(ci, { fromMs, toMs });
  const all = useMemo(
    () => [
      ...changeRuns(changes ?? [])
        // That the machine itself is new is said by its charts.
        .filter(
          ([{ kind, attribute, ciClass }]) =>
            !(kind === 'created' && attribute === null && isMachineClass(ciClass)),
        )
        .map(
          ([change, ...others]): ChartMarker => ({
            atMs: millis(change.at),
            kind: 'change',
            label: runTitle([change, ...others], t, language),
            link: <Link to="/machines/$id/changes" params={{ id: ci }} />,
          }),
        ),
      ...(incidents ?? []).map(
        (incident): ChartMarker => ({
          atMs: millis(incident.openedAt),
          kind: 'opened',
          label: incident.ref,
          link: <Link to="/incidents/$ref" params={{ ref: incident.ref }} />,
        }),
      ),
    ],
    [changes, incidents, ci, t, language],
  );
  const inside = all.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  // The range of a live chart moves each second; the marks inside it seldom change.
  const held = useRef(inside);
  if (!sameMarkers(held.current, inside)) held.current = inside;
  const markers = held.current;
  return { markers, alerts: alerts ?? NO_ALERTS, windows, gapReasons };
}

function sameMarkers(a: readonly ChartMarker[], b: readonly ChartMarker[]): boolean {
  return a.length === b.length && a.every((marker, index) => marker === b[index]);
}

const NO_ALERTS: readonly Alert[] = [];

/** Breaches of the chart's own metric and instance. */
export function breachMarkers(
  alerts: readonly Alert[],
  spec: ChartSpec,
  instance: string,
  language: Language,
): ChartMarker[] {
  return alerts
    .filter(
      (alert) =>
        alert.metric !== null &&
        showsBreachOf(spec, alert.metric) &&
        (alert.instance === '' || alert.instance === instance),
    )
    .map((alert) => ({
      atMs: millis(alert.breachedAt),
      kind: 'breach',
      severity: alert.severity,
      label: alert.ruleNameWords?.[language] ?? alert.ruleName,
      ...(alert.incidentId === null
        ? {}
        : { link: <Link to="/incidents/$ref" params={{ ref: alert.incidentId }} /> }),
    }));
}

/** Presence over the range: agreed downtime is a window, every other absence with a cause explains a gap. */
function useAbsences(ci: string, span: Span): Pick<Happenings, 'windows' | 'gapReasons'> {
  const t = useT();
  const { fromMs, toMs } = byMinutes(span);
  const intervals = useQuery(periodAvailabilityQuery(ci, fromMs, toMs)).data?.intervals;
  return useMemo(() => {
    const absent = (intervals ?? []).filter(({ presence, planned }) => presence !== 'up' || planned);
    const stretch = (each: (typeof absent)[number]) => ({
      fromMs: millis(each.from),
      toMs: millis(each.to) ?? toMs,
    });
    return {
      windows: absent
        .filter(({ planned }) => planned)
        .map((each) => ({ ...stretch(each), label: t('states.presence.planned') })),
      gapReasons: absent.flatMap((each): GapReason[] => {
        if (each.presence === 'up') return [];
        if (each.cause !== null) return [{ ...stretch(each), words: t(CAUSE_WORDS[each.cause]) }];
        if (each.presence === 'asleep' || each.presence === 'off')
          return [{ ...stretch(each), words: t(PRESENCE_LOOKS[each.presence].word) }];
        return [];
      }),
    };
  }, [intervals, toMs, t]);
}

/** Whole minutes, coarser for longer ranges, so that a moving range is not a new question each second. */
function byMinutes({ fromMs, toMs }: Span): { fromMs: Millis; toMs: Millis } {
  const stepMs = Math.max(MINUTE_MS, Math.round((toMs - fromMs) / 60 / MINUTE_MS) * MINUTE_MS);
  return { fromMs: Math.floor(fromMs / stepMs) * stepMs, toMs: Math.ceil(toMs / stepMs) * stepMs };
}
