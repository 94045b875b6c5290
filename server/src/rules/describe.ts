/** Turns what the evaluation found into findings with sentences. */
import type { PresenceStatus } from '../availability/status.ts';
import type { CiEntry } from '../cmdb/directory.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Ending, Finding } from './alert-book.ts';
import type { AlertRecord, ResolvedBecause } from './alert.ts';
import type { Raised } from './evaluate.ts';
import type { StoredRule, ThresholdCondition } from './rule.ts';
import {
  breachReasons,
  breachTitle,
  clearedTitle,
  endedTitle,
  heardTitle,
  silentTitle,
} from './sentences.ts';
import type { Subject } from './sentences.ts';
import type { Watch } from './series-watch.ts';

export function findingOf(
  watch: Watch,
  raised: Raised,
  floor: number | null,
  entry: CiEntry | undefined,
): Finding {
  const { rule, condition } = watch.threshold;
  const subject = subjectOf(watch.ciId, condition.metric, watch.instance, entry);
  const floorLevel =
    condition.levels.find((level) => level.severity === raised.severity)?.floor ??
    condition.floor?.level ??
    null;
  return {
    rule,
    ciId: watch.ciId,
    instance: watch.instance,
    severity: raised.severity,
    value: watch.lastValue,
    level: raised.level,
    breachedAtMs: raised.breachedAtMs,
    atMs: watch.lastAtMs,
    title: breachTitle(subject, condition, raised.level, raised.breachedAtMs),
    reasonWords: breachReasons(subject, condition, {
      value: watch.lastValue,
      floor,
      floorLevel: floor === null ? null : floorLevel,
    }),
  };
}

export function thresholdEnding(
  watch: Watch,
  because: ResolvedBecause,
  entry: CiEntry | undefined,
  atMs: Millis,
): Ending {
  const { rule, condition } = watch.threshold;
  const subject = subjectOf(watch.ciId, condition.metric, watch.instance, entry);
  const title =
    because === 'cleared'
      ? clearedTitle(subject, condition, watch.lastValue, lastClear(condition))
      : endedTitle(subject, because);
  return { rule, because, value: watch.lastValue, atMs, title };
}

/** What there is to say of an alert from its record alone: after a restart, or when its rule is gone. */
export function describeAlert(
  alert: AlertRecord,
  known: { rule: StoredRule | null; entry: CiEntry | null; status: PresenceStatus | null },
): Omit<Finding, 'severity'> {
  const { rule, entry, status } = known;
  return {
    rule: rule ?? ghostRule(alert),
    ciId: alert.ciId,
    instance: alert.instance,
    value: alert.value,
    level: alert.level,
    breachedAtMs: alert.breachedAtMs,
    atMs: alert.resolvedAtMs ?? alert.openedAtMs,
    title: titleOf(alert, rule, entry, status),
    reasonWords: alert.metric === null && status !== null ? status.evidence : [],
  };
}

function titleOf(
  alert: AlertRecord,
  rule: StoredRule | null,
  entry: CiEntry | null,
  status: PresenceStatus | null,
) {
  const name = entry?.name ?? alert.ciId;
  const because = alert.state === 'resolved' ? (alert.resolvedBecause ?? 'cleared') : null;
  if (alert.metric === null)
    return because === null && status !== null
      ? silentTitle(name, status, entry?.timeZone ?? null)
      : heardTitle(name, because ?? 'cleared');
  const subject = subjectOf(alert.ciId, alert.metric, alert.instance, entry ?? undefined);
  const condition = thresholdOf(rule) ?? bareCondition(alert);
  if (because === null) return breachTitle(subject, condition, alert.level ?? 0, alert.breachedAtMs);
  return because === 'cleared'
    ? clearedTitle(subject, condition, alert.lastValue, lastClear(condition))
    : endedTitle(subject, because);
}

function subjectOf(ciId: string, metric: string, instance: string, entry: CiEntry | undefined): Subject {
  return { ciName: entry?.name ?? ciId, metric, instance, timeZone: entry?.timeZone ?? null };
}

function thresholdOf(rule: StoredRule | null): ThresholdCondition | null {
  return rule?.condition.type === 'threshold' ? rule.condition : null;
}

/** The clear level that is passed last. */
function lastClear(condition: ThresholdCondition): number {
  const clears = condition.levels.map((level) => level.clear);
  return condition.op === 'above' ? Math.min(...clears) : Math.max(...clears);
}

function bareCondition(alert: AlertRecord): ThresholdCondition {
  const level = alert.level ?? 0;
  return {
    type: 'threshold',
    metric: alert.metric ?? '',
    op: 'above',
    levels: [{ severity: alert.severity, level, clear: level }],
    forMs: 0,
    keepForMs: 0,
    floor: null,
  };
}

/** Stands in for a rule that was deleted. */
function ghostRule(alert: AlertRecord): StoredRule {
  return {
    id: alert.ruleId,
    name: alert.ruleName,
    enabled: false,
    selector: { class: null, tag: null, ciId: null, instance: null },
    condition: alert.metric === null ? { type: 'silent', severity: alert.severity } : bareCondition(alert),
    owner: null,
    agreedOn: null,
    explanation: { en: '', zh: '' },
    pack: null,
    createdAtMs: alert.openedAtMs,
    updatedAtMs: alert.openedAtMs,
  };
}
