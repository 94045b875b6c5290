/** What our metrics are called outside: one stable name each, as Prometheus wants names (lower case, unit last, counters in `_total`). Pure. */
import { METRIC_NAMES, METRICS, type MetricName, type Unit } from '@muster/shared/metrics/catalogue.ts';

const PREFIX = 'muster_';

const UNIT_SUFFIXES: Readonly<Record<Unit, string>> = {
  '%': '_percent',
  B: '_bytes',
  s: '_seconds',
  '1': '',
  '°C': '_celsius',
  'bit/s': '_bits_per_second',
};

/** `cpu.utilisation` → `muster_cpu_utilisation_percent`, `network.received` → `muster_network_received_bytes_total`. */
export function outsideName(metric: MetricName): string {
  const { unit, kind } = METRICS[metric];
  const words = metric.replaceAll('.', '_');
  // `_total` is the mark of a counter; a gauge of a number of things goes without.
  const plain = kind === 'gauge' && unit === '1' ? words.replace(/_total$/, '') : words;
  return `${PREFIX}${plain}${UNIT_SUFFIXES[unit]}${kind === 'counter' ? '_total' : ''}`;
}

export const OUTSIDE_NAMES: ReadonlyMap<MetricName, string> = new Map(
  METRIC_NAMES.map((metric) => [metric, outsideName(metric)]),
);
