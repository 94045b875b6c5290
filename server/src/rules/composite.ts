/** Rules on other rules: which composites hold on a machine, worked out from the alerts that live there. Pure. */
import type { Millis } from '@muster/shared/time.ts';
import { lastChangeMs } from '../correlation/flapping.ts';
import type { AlertRecord } from './alert.ts';
import type { CompositeCondition } from './rule.ts';

export interface Holding {
  /** Since when all, or any, of the alerts that live now have stood; for `or` others may have stood before them. */
  readonly sinceMs: Millis;
  /** The alerts that it stands on, of each rule the one that has stood longest. */
  readonly alerts: readonly AlertRecord[];
}

/** `alerts`: those of one machine that are not resolved. null: it does not hold. */
export function holdingOf(condition: CompositeCondition, alerts: readonly AlertRecord[]): Holding | null {
  const found = condition.rules.map((ruleId) => oldestOf(alerts.filter((alert) => alert.ruleId === ruleId)));
  const there = found.filter((alert) => alert !== null);
  const holds = condition.op === 'and' ? there.length === found.length : there.length > 0;
  if (!holds) return null;
  const stood = there.map(standingSinceMs);
  return {
    sinceMs: condition.op === 'and' ? Math.max(...stood) : Math.min(...stood),
    alerts: there,
  };
}

function oldestOf(alerts: readonly AlertRecord[]): AlertRecord | null {
  return alerts.reduce<AlertRecord | null>(
    (oldest, alert) => (oldest === null || standingSinceMs(alert) < standingSinceMs(oldest) ? alert : oldest),
    null,
  );
}

/** One that was opened again has stood since then, not since it opened first. */
function standingSinceMs({ openedAtMs, flaps, reopened }: AlertRecord): Millis {
  return reopened === 0 || flaps === null ? openedAtMs : Math.max(openedAtMs, lastChangeMs(flaps));
}
