/** Rules on other rules: which composites hold on a machine, worked out from the alerts that live there. Pure. */
import type { Millis } from '@muster/shared/time.ts';
import type { AlertRecord } from './alert.ts';
import type { CompositeCondition } from './rule.ts';

export interface Holding {
  /** Since when all, or any, of the rules have had an alert. */
  readonly sinceMs: Millis;
  /** The alerts that it stands on, the oldest of each rule. */
  readonly alerts: readonly AlertRecord[];
}

/** `alerts`: those of one machine that are not resolved. null: it does not hold. */
export function holdingOf(condition: CompositeCondition, alerts: readonly AlertRecord[]): Holding | null {
  const found = condition.rules.map((ruleId) => oldestOf(alerts.filter((alert) => alert.ruleId === ruleId)));
  const there = found.filter((alert) => alert !== null);
  const holds = condition.op === 'and' ? there.length === found.length : there.length > 0;
  if (!holds) return null;
  const opened = there.map(({ openedAtMs }) => openedAtMs);
  return {
    sinceMs: condition.op === 'and' ? Math.max(...opened) : Math.min(...opened),
    alerts: there,
  };
}

function oldestOf(alerts: readonly AlertRecord[]): AlertRecord | null {
  return alerts.reduce<AlertRecord | null>(
    (oldest, alert) => (oldest === null || alert.openedAtMs < oldest.openedAtMs ? alert : oldest),
    null,
  );
}
