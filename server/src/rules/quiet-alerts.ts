/** The alerts that are quiet for one reason, as the store would list them: those that live are in memory. Pure. */
import type { QuietKind } from '@muster/shared/api/rules.ts';
import type { AlertRecord } from './alert.ts';
import type { AlertFilter } from './store.ts';

/** Newest first by (openedAtMs, id), cut to the limit; with the meaning of each part of the filter as in the store. */
export function quietAlerts(
  live: Iterable<AlertRecord>,
  quiet: QuietKind,
  filter: AlertFilter,
): AlertRecord[] {
  return [...live]
    .filter((alert) => alert.suppressedBy?.kind === quiet && matches(alert, filter))
    .sort((a, b) => b.openedAtMs - a.openedAtMs || (a.id < b.id ? 1 : -1))
    .slice(0, filter.limit);
}

function matches(alert: AlertRecord, filter: AlertFilter): boolean {
  const { state, severity, ruleIds, ciId, alsoOf = [], fromMs, toMs, text, after } = filter;
  if (state !== undefined && state !== 'live' && alert.state !== state) return false;
  if (severity !== undefined && alert.severity !== severity) return false;
  if (ruleIds !== undefined && !ruleIds.includes(alert.ruleId)) return false;
  if (ciId !== undefined && alert.ciId !== ciId && !alsoOf.includes(alert.ciId)) return false;
  if (fromMs !== undefined && alert.openedAtMs < fromMs) return false;
  if (toMs !== undefined && alert.openedAtMs >= toMs) return false;
  if (text !== undefined && !isNamed(alert, text)) return false;
  if (after === undefined) return true;
  return (
    alert.openedAtMs < after.openedAtMs || (alert.openedAtMs === after.openedAtMs && alert.id < after.id)
  );
}

function isNamed(
  { ruleName, metric, instance, ciId }: AlertRecord,
  { part, ciIds }: NonNullable<AlertFilter['text']>,
): boolean {
  const needle = part.toLowerCase();
  return ciIds.includes(ciId) || `${ruleName}\n${metric ?? ''}\n${instance}`.toLowerCase().includes(needle);
}
