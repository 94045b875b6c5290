/** Which series of senders stand in one chart. Pure. */
import { isMetricName, METRICS, type MetricName } from '@muster/shared/metrics/catalogue.ts';
import type { PointColumns } from '../../charts/columns.ts';
import { LINES_MAX, meanOf } from '../../charts/data.ts';

/** Several metrics, a line each; or one, a line for each of its instances. */
export interface FedGroup {
  readonly metrics: readonly MetricName[];
}

/** What is looked for first; what ends in a dot is all below it. */
const FIRST = [
  'cpu.',
  'load.',
  'memory.total',
  'memory.available',
  'memory.used',
  'disk.read',
  'disk.written',
  'network.received',
  'network.transmitted',
];
const CATALOGUE = Object.keys(METRICS);

/** Metrics of one thing and one unit stand together where they have no instances. What is looked for first comes first, then by the catalogue. */
export function fedGroups(series: Iterable<{ readonly metric: string }>): FedGroup[] {
  const groups = new Map<string, MetricName[]>();
  const metrics = [...new Set(Array.from(series, (one) => one.metric))].filter(isMetricName);
  const rank = (metric: string) => {
    const place = FIRST.findIndex((one) => metric === one || (one.endsWith('.') && metric.startsWith(one)));
    return (place === -1 ? FIRST.length : place) * CATALOGUE.length + CATALOGUE.indexOf(metric);
  };
  for (const metric of metrics.sort((a, b) => rank(a) - rank(b))) {
    const { instance, unit, kind } = METRICS[metric];
    const thing = metric.split('.', 1)[0] ?? '';
    const key = instance === 'none' ? `${thing} ${unit} ${kind}` : metric;
    groups.set(key, [...(groups.get(key) ?? []), metric]);
  }
  return [...groups.values()].flatMap((all) =>
    Array.from({ length: Math.ceil(all.length / LINES_MAX) }, (_, i) => ({
      metrics: all.slice(i * LINES_MAX, (i + 1) * LINES_MAX),
    })),
  );
}

/** The instances with the highest means, as many as a chart can hold, by name: figures that change turn no colours. */
export function highestLines<T extends { readonly instance: string; readonly points: PointColumns }>(
  lines: readonly T[],
): T[] {
  const mean = ({ points }: T) => meanOf(points, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY) ?? 0;
  const means = new Map(lines.map((line) => [line, mean(line)]));
  return lines
    .toSorted((a, b) => (means.get(b) ?? 0) - (means.get(a) ?? 0))
    .slice(0, LINES_MAX)
    .sort((a, b) => a.instance.localeCompare(b.instance, undefined, { numeric: true }));
}

/** Distance of most points: exporters are asked every 15 s or every minute, and no pause between two is a gap. */
export function usualStep(times: ArrayLike<number>, atLeastMs: number): number {
  const steps = Array.from(
    { length: Math.max(0, times.length - 1) },
    (_, i) => (times[i + 1] as number) - (times[i] as number),
  ).sort((a, b) => a - b);
  return Math.max(atLeastMs, steps[steps.length >> 1] ?? 0);
}
