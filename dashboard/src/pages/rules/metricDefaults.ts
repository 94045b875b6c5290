/** What is sensible for a metric before anybody has said anything: direction, levels, the way to look at it. Pure. */
import type { RuleWindow } from '@muster/shared/api/rules.ts';
import { metricDefinition, type MetricName, shownUnit } from '@muster/shared/metrics/catalogue.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '@muster/shared/time.ts';

interface Pair {
  readonly level: number;
  readonly clear: number;
}

export interface MetricDefaults {
  readonly op: 'above' | 'below';
  readonly warning: Pair | null;
  readonly critical: Pair | null;
  readonly window: RuleWindow | null;
  /** Where a forecast is heading; null where nobody can say. */
  readonly full: number | null;
  /** Least level of a judgement by what is usual. */
  readonly minimum: number | null;
  /** Change that counts; at 0 each one does. */
  readonly changeAtLeast: number;
}

const DAY_S = DAY_MS / SECOND_MS;
const GIB = 2 ** 30;

const SHARE: Partial<MetricDefaults> = {
  warning: { level: 90, clear: 85 },
  full: 97,
  minimum: 50,
  changeAtLeast: 20,
};

/** Things that should not happen at all. */
const ERRORS: Partial<MetricDefaults> = {
  warning: { level: 1, clear: 0.5 },
  window: { fn: 'increase', overMs: 12 * HOUR_MS },
  minimum: 1,
};

const PARTICULAR: Partial<Record<MetricName, Partial<MetricDefaults>>> = {
  'cpu.utilisation': { warning: { level: 90, clear: 80 } },
  'pressure.cpu.some': { warning: { level: 50, clear: 30 } },
  'pressure.memory.some': { warning: { level: 20, clear: 10 } },
  'pressure.memory.full': { warning: { level: 10, clear: 5 } },
  'pressure.io.some': { warning: { level: 60, clear: 40 } },
  'pressure.io.full': { warning: { level: 40, clear: 20 } },
  'filesystem.available': {
    op: 'below',
    warning: { level: 10 * GIB, clear: 12 * GIB },
    full: 2 * GIB,
    minimum: 20 * GIB,
  },
  'memory.available': {
    op: 'below',
    warning: { level: GIB, clear: 1.5 * GIB },
    full: GIB / 2,
    minimum: 2 * GIB,
  },
  'memory.oomkills': { ...ERRORS, window: { fn: 'increase', overMs: 30 * MINUTE_MS } },
  'filesystem.errors': ERRORS,
  'disk.errors': ERRORS,
  'disk.await': { warning: { level: 0.1, clear: 0.05 }, minimum: 0.05 },
  'network.link.up': { op: 'below', warning: { level: 0.5, clear: 1 } },
  'network.link.changes': {
    warning: { level: 8, clear: 2 },
    window: { fn: 'increase', overMs: 15 * MINUTE_MS },
  },
  'service.running': { op: 'below', critical: { level: 0.5, clear: 1 }, warning: null },
  'system.uptime': {
    critical: { level: 3, clear: 2 },
    warning: null,
    window: { fn: 'resets', overMs: 2 * HOUR_MS },
  },
  'certificate.remaining': {
    op: 'below',
    warning: { level: 30 * DAY_S, clear: 31 * DAY_S },
    critical: { level: 7 * DAY_S, clear: 8 * DAY_S },
    full: 7 * DAY_S,
  },
  'check.failures': { critical: { level: 3, clear: 1 }, warning: null },
  'check.success': { op: 'below', critical: { level: 0.5, clear: 1 }, warning: null },
  'check.certificate.remaining': {
    op: 'below',
    warning: { level: 14 * DAY_S, clear: 15 * DAY_S },
    critical: { level: 3 * DAY_S, clear: 4 * DAY_S },
    full: 3 * DAY_S,
  },
  temperature: { warning: { level: 80, clear: 75 }, full: 90, minimum: 60, changeAtLeast: 10 },
};

const NOTHING: MetricDefaults = {
  op: 'above',
  warning: null,
  critical: null,
  window: null,
  full: null,
  minimum: null,
  changeAtLeast: 0,
};

export function metricDefaults(metric: MetricName): MetricDefaults {
  const isShare = shownUnit(metric) === '%' && metricDefinition(metric).kind === 'gauge';
  return { ...NOTHING, ...(isShare ? SHARE : {}), ...PARTICULAR[metric] };
}
