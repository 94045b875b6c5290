/** The six charts of the live tab as data. */
import type { MetricName } from '@muster/shared/metrics/catalogue.ts';
import type { Key } from '../../i18n/catalogue.ts';

export interface ChartSpec {
  readonly id: string;
  readonly title: Key;
  readonly lines: readonly {
    readonly metric: MetricName;
    readonly label: Key;
    readonly colour: 1 | 2 | 3 | 4 | 5 | 6;
    readonly dashed?: boolean;
  }[];
  /** Percent axes end at 100 only where the whole is meant; a share of waiting rarely gets there. */
  readonly top?: number;
  /** Axis ends at the newest value of this metric. */
  readonly topMetric?: MetricName;
  /** What stands behind the title: every instance of the metric. */
  readonly behind?: { readonly metric: MetricName; readonly word: Key };
  readonly note?: 'cores' | 'memory' | 'instance' | Key;
}

/** Whether a level of this metric was breached on this chart: its own lines, or another measure of the same thing. */
export function showsBreachOf(spec: ChartSpec, metric: string): boolean {
  if (spec.lines.some((line) => line.metric === metric)) return true;
  const [thing] = metric.split('.');
  return (spec.id === 'cpu' || spec.id === 'memory') && thing === spec.id;
}

export const CHART_SPECS: readonly ChartSpec[] = [
  {
    id: 'cpu',
    title: 'machines.chart.cpu',
    lines: [{ metric: 'cpu.utilisation', label: 'machines.line.inUse', colour: 1 }],
    top: 100,
    behind: { metric: 'cpu.core.utilisation', word: 'machines.chart.perCore' },
    note: 'cores',
  },
  {
    id: 'memory',
    title: 'machines.chart.memory',
    lines: [
      { metric: 'memory.used', label: 'machines.line.inUse', colour: 1 },
      { metric: 'memory.cached', label: 'machines.line.cache', colour: 3, dashed: true },
    ],
    topMetric: 'memory.total',
    note: 'memory',
  },
  {
    id: 'throughput',
    title: 'machines.chart.throughput',
    lines: [
      { metric: 'disk.written', label: 'machines.line.written', colour: 2 },
      { metric: 'disk.read', label: 'machines.line.read', colour: 1, dashed: true },
    ],
    behind: { metric: 'disk.written', word: 'machines.chart.perDisk' },
    note: 'instance',
  },
  {
    id: 'wait',
    title: 'machines.chart.wait',
    lines: [{ metric: 'disk.await', label: 'machines.line.wait', colour: 2 }],
    behind: { metric: 'disk.await', word: 'machines.chart.perDisk' },
    note: 'machines.chart.waitNote',
  },
  {
    id: 'network',
    title: 'machines.chart.network',
    lines: [
      { metric: 'network.received', label: 'machines.line.received', colour: 1 },
      { metric: 'network.transmitted', label: 'machines.line.sent', colour: 3, dashed: true },
    ],
    behind: { metric: 'network.received', word: 'machines.chart.perInterface' },
    note: 'instance',
  },
  {
    id: 'pressure',
    title: 'machines.chart.pressure',
    lines: [
      { metric: 'pressure.cpu.some', label: 'machines.line.cpu', colour: 1 },
      { metric: 'pressure.io.some', label: 'machines.line.io', colour: 2, dashed: true },
      { metric: 'pressure.memory.some', label: 'machines.line.memory', colour: 4 },
    ],
    note: 'machines.chart.pressureNote',
  },
];

/** Everything the live tab reads over time. */
export const LIVE_TAB_METRICS: readonly MetricName[] = [
  ...new Set(
    CHART_SPECS.flatMap((spec) => [
      ...spec.lines.map((line) => line.metric),
      ...(spec.behind ? [spec.behind.metric] : []),
    ]),
  ),
];
