/** What senders tell over the range that the page shows. */
import { useQueries, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { MetricName } from '@muster/shared/metrics/catalogue.ts';
import type { PointColumns } from '../../charts/columns.ts';
import type { Span } from '../../charts/zoom.ts';
import { type Fed, isToldBy } from '../../parts/foreignSeries.ts';
import { usualStep } from './fedGroups.ts';
import { type LiveView, type MetricSeries, rangeQuery, unwatched } from './liveSeries.ts';
import { useKept } from './useKept.ts';

export interface FedLine {
  readonly metric: MetricName;
  readonly instance: string;
  readonly unit: string;
  readonly tier: string;
  readonly stepMs: number;
  readonly points: PointColumns;
}

export interface FedView extends Span {
  readonly lines: readonly FedLine[];
  /** Another range is read; until it is there the one before it is shown, whole. */
  readonly changing: boolean;
  readonly isPending: (metric: MetricName) => boolean;
  readonly errorOf: (metric: MetricName) => Error | null;
  readonly retry: (metric: MetricName) => void;
}

export interface FedViewInput {
  readonly ci: string;
  readonly fed: Fed | null;
  readonly metrics: readonly MetricName[];
  /** Whose range and question these are, too. */
  readonly view: LiveView;
}

export function useFedView({ ci, fed, metrics, view }: FedViewInput): FedView {
  const queries = useQueryClient();
  const request = unwatched(view.request);
  const answers = useQueries({
    queries: metrics.map((metric) => rangeQuery(ci, metric, request)),
    combine,
  });
  const { data } = answers;
  const lines = useMemo(
    () => metrics.flatMap((metric, index) => linesOf(metric, data[index], fed)),
    [metrics, data, fed],
  );
  const isLoading = answers.pending.includes(true);
  const { fromMs, toMs } = view;
  const kept = useKept({ lines, fromMs, toMs }, !isLoading && !view.changing, ci);
  return {
    ...kept,
    changing: kept.lines.some(({ metric }) => answers.pending[metrics.indexOf(metric)]),
    isPending: (metric) => answers.pending[metrics.indexOf(metric)] ?? false,
    errorOf: (metric) => answers.errors[metrics.indexOf(metric)] ?? null,
    retry: (metric) => void queries.invalidateQueries({ queryKey: ['range', ci, metric] }),
  };
}

function combine(
  answers: readonly { data: MetricSeries | undefined; isPending: boolean; error: Error | null }[],
) {
  return {
    data: answers.map((answer) => answer.data),
    pending: answers.map((answer) => answer.isPending),
    // What was read once stands though it cannot be read again.
    errors: answers.map((answer) => (answer.data === undefined ? answer.error : null)),
  };
}

/** An agent may tell other instances of the same metric: those have their place above. */
function linesOf(metric: MetricName, read: MetricSeries | undefined, fed: Fed | null): FedLine[] {
  if (read === undefined || fed === null) return [];
  const { unit, tier, stepMs } = read;
  return [...read.points].flatMap(([instance, points]) =>
    points.times.length > 0 && isToldBy(fed, metric, instance)
      ? [{ metric, instance, unit, tier, stepMs: usualStep(points.times, stepMs), points }]
      : [],
  );
}
