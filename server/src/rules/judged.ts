/** What the state machine of levels sees of a condition, and the signal that feeds it. */
import type { Condition } from '@muster/shared/api/rules.ts';
import { isMetricName, shownUnit } from '@muster/shared/metrics/catalogue.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { ThresholdCondition } from './rule.ts';
import { AnomalySignal } from './signals/anomaly.ts';
import { BaselineSignal } from './signals/baseline.ts';
import { ChangeSignal } from './signals/change.ts';
import { ForecastSignal } from './signals/forecast.ts';
import type { Signal } from './signals/signal.ts';
import { ConfirmSignal, WindowSignal } from './signals/window.ts';
import { valueWords } from './value-words.ts';

/** A condition on the samples of one series. */
export type SeriesCondition = Extract<
  Condition,
  { type: 'threshold' | 'change' | 'forecast' | 'baseline' | 'anomaly' }
>;

export function isOnSeries(condition: Condition): condition is SeriesCondition {
  return SERIES_TYPES.has(condition.type);
}
const SERIES_TYPES: ReadonlySet<string> = new Set(['threshold', 'change', 'forecast', 'baseline', 'anomaly']);

/** A change says 1 where there is one. */
const IS_CHANGE = 0.5;

/** The same as levels on the values of its signal: milliseconds left, deviations, a score, 1 for a change. */
export function judgedOf(condition: SeriesCondition): ThresholdCondition {
  const { metric } = condition;
  switch (condition.type) {
    case 'threshold':
      return condition;
    case 'change':
      return {
        type: 'threshold',
        metric,
        op: 'above',
        levels: [{ severity: condition.severity, level: IS_CHANGE, clear: IS_CHANGE }],
        forMs: 0,
        keepForMs: condition.keepForMs,
        floor: null,
      };
    case 'forecast':
      return {
        type: 'threshold',
        metric,
        op: 'below',
        levels: condition.levels.map(({ severity, withinMs, clearWithinMs }) => ({
          severity,
          level: withinMs,
          clear: clearWithinMs,
        })),
        forMs: condition.forMs,
        keepForMs: condition.keepForMs,
        floor: condition.floor,
      };
    case 'baseline':
      return {
        type: 'threshold',
        metric,
        op: 'above',
        levels: condition.levels.map(({ severity, deviations, clear }) => ({
          severity,
          level: deviations,
          clear,
        })),
        forMs: condition.forMs,
        keepForMs: condition.keepForMs,
        floor: null,
      };
    case 'anomaly':
      return {
        type: 'threshold',
        metric,
        op: 'above',
        levels: [{ severity: condition.severity, level: condition.score, clear: condition.clear }],
        forMs: condition.forMs,
        keepForMs: condition.keepForMs,
        floor: null,
      };
  }
}

/** The level that is breached first. */
export function firstLevelOf({ op, levels }: ThresholdCondition): number {
  const all = levels.map(({ level }) => level);
  return op === 'above' ? Math.min(...all) : Math.max(...all);
}

/** null: each sample is judged as it is. */
export function signalOf(condition: SeriesCondition, intervalMs: Millis): Signal | null {
  switch (condition.type) {
    case 'threshold': {
      const { window, op } = condition;
      if (window === undefined) return null;
      return window.fn === 'n-of-m'
        ? new ConfirmSignal(window, { op, intervalMs })
        : new WindowSignal(window, op, firstLevelOf(condition));
    }
    case 'change':
      return new ChangeSignal(condition);
    case 'forecast':
      return new ForecastSignal(condition);
    case 'baseline':
      return new BaselineSignal(condition, (value) =>
        valueWords(value, isMetricName(condition.metric) ? shownUnit(condition.metric) : '1'),
      );
    case 'anomaly':
      return new AnomalySignal();
  }
}
