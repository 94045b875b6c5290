/** Turns what the evaluation found into findings with sentences. */
import type { Words } from '@muster/shared/api/incidents.ts';
import { invariant } from '@muster/shared/invariant.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { PresenceStatus } from '../availability/status.ts';
import { timeWords } from '../availability/words.ts';
import type { CiEntry } from '../cmdb/directory.ts';
import type { Missing } from './absence.ts';
import type { Ending, Finding } from './alert-book.ts';
import type { AlertRecord, ResolvedBecause } from './alert.ts';
import type { Holding } from './composite.ts';
import {
  acceptedTitle,
  backTitle,
  clearTitle,
  compositeOverTitle,
  compositeTitle,
  metTitle,
  missingTitle,
  unitOf,
} from './condition-words.ts';
import type { Raised } from './evaluate.ts';
import { isOnSeries, judgedOf } from './judged.ts';
import type { SeriesCondition } from './judged.ts';
import { nameWordsOf } from './packs/name-words.ts';
import type { CompositeCondition, StoredRule, ThresholdCondition } from './rule.ts';
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
import { valueWords } from './value-words.ts';

export function findingOf(
  watch: Watch,
  raised: Raised,
  floor: number | null,
  entry: CiEntry | undefined,
): Finding {
  const { rule, condition, said } = watch.threshold;
  const subject = subjectOf(watch.ciId, condition.metric, watch.instance, entry);
  if (watch.signal !== null) return signalFinding(watch, raised, subject);
  invariant(said.type === 'threshold', 'what has no signal is a plain threshold');
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
    levelSinceMs: raised.levelSinceMs,
    breachedAtMs: raised.breachedAtMs,
    atMs: watch.lastAtMs,
    title: breachTitle(subject, condition, raised.level, raised.levelSinceMs),
    reasonWords: breachReasons(subject, condition, {
      value: watch.lastValue,
      floor,
      floorLevel: floor === null ? null : floorLevel,
    }),
  };
}

function signalFinding(watch: Watch, raised: Raised, subject: Subject): Finding {
  const { rule, said } = watch.threshold;
  const shown = watch.signal?.shown(raised.level) ?? { value: watch.lastValue, level: null, reasons: [] };
  const { value, level } = shown;
  return {
    rule,
    ciId: watch.ciId,
    instance: watch.instance,
    severity: raised.severity,
    value,
    level,
    levelSinceMs: raised.levelSinceMs,
    breachedAtMs: raised.breachedAtMs,
    atMs: watch.lastAtMs,
    title: metTitle(said, subject, {
      level,
      judgedLevel: raised.level,
      sinceMs: raised.levelSinceMs,
    }),
    reasonWords: [...valueReasons(rule, subject.metric, value), ...shown.reasons],
  };
}

function valueReasons({ condition }: StoredRule, metric: string, value: number | null): Words[] {
  if (value === null) return [];
  const is = valueWords(value, unitOf(condition, metric));
  return [{ en: `It was ${is.en} when the alert opened.`, zh: `告警触发时为 ${is.zh}。` }];
}

export function absenceFinding(missing: Missing, entry: CiEntry | undefined, nowMs: Millis): Finding {
  const { rule, condition, ciId, instance, severity, lastMs } = missing;
  return {
    rule,
    ciId,
    instance,
    severity,
    value: null,
    level: null,
    breachedAtMs: lastMs,
    atMs: nowMs,
    title: missingTitle(subjectOf(ciId, condition.metric, instance, entry), lastMs),
    reasonWords: [],
  };
}

export function absenceEnding(
  { rule, condition, ciId, instance }: Missing,
  because: ResolvedBecause,
  entry: CiEntry | undefined,
  nowMs: Millis,
): Ending {
  const subject = subjectOf(ciId, condition.metric, instance, entry);
  const title = because === 'cleared' ? backTitle(subject) : acceptedTitle(subject);
  return { rule, because, value: null, atMs: nowMs, title };
}

export function compositeFinding(
  rule: StoredRule,
  condition: CompositeCondition,
  { sinceMs, alerts }: Holding,
  entry: CiEntry | undefined,
  nowMs: Millis,
): Finding {
  const since = timeWords(sinceMs, entry?.timeZone ?? null);
  return {
    rule,
    ciId: alerts[0]?.ciId ?? '',
    instance: '',
    severity: condition.severity,
    value: null,
    level: null,
    metric: alerts.find(({ metric }) => metric !== null)?.metric ?? null,
    breachedAtMs: Math.min(...alerts.map(({ breachedAtMs }) => breachedAtMs)),
    atMs: nowMs,
    title: compositeTitle(nameOf(rule.name), entry?.name ?? '', since),
    reasonWords: alerts.map((alert) => {
      const name = nameOf(alert.ruleName);
      const at = alert.instance === '' ? '' : ` (${alert.instance})`;
      return { en: `${name.en}${at} has an alert.`, zh: `“${name.zh}”${at}正在告警。` };
    }),
  };
}

export function compositeEnding(
  rule: StoredRule,
  because: ResolvedBecause,
  entry: CiEntry | undefined,
  nowMs: Millis,
): Ending {
  const title = compositeOverTitle(nameOf(rule.name), entry?.name ?? '');
  return { rule, because, value: null, atMs: nowMs, title };
}

/** Of a rule that came with the product, in both languages. */
export function nameOf(name: string): Words {
  return nameWordsOf(name) ?? { en: name, zh: name };
}

export function thresholdEnding(
  watch: Watch,
  because: ResolvedBecause,
  entry: CiEntry | undefined,
  atMs: Millis,
): Ending {
  const { rule, condition, said } = watch.threshold;
  const subject = subjectOf(watch.ciId, condition.metric, watch.instance, entry);
  const title =
    because === 'cleared' ? overTitle(said, subject, watch.lastValue) : endedTitle(subject, because);
  // A series that is no longer heard ends an alert without a reading; after a restart none is known either.
  return { rule, because, value: because === 'cleared' ? watch.lastValue : null, atMs, title };
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
  if (rule?.condition.type === 'composite')
    return because === null
      ? compositeTitle(nameOf(rule.name), name, timeWords(alert.openedAtMs, entry?.timeZone ?? null))
      : compositeOverTitle(nameOf(rule.name), name);
  if (alert.metric === null)
    return because === null && status !== null
      ? silentTitle(name, status, entry?.timeZone ?? null)
      : heardTitle(name, because ?? 'cleared');
  const subject = subjectOf(alert.ciId, alert.metric, alert.instance, entry ?? undefined);
  if (rule?.condition.type === 'absence') {
    if (because === null) return missingTitle(subject, alert.breachedAtMs);
    return because === 'cleared' ? backTitle(subject) : endedTitle(subject, because);
  }
  const said = rule && isOnSeries(rule.condition) ? rule.condition : bareCondition(alert);
  if (because !== null)
    return because === 'cleared' ? overTitle(said, subject, alert.lastValue) : endedTitle(subject, because);
  if (said.type === 'threshold' && said.window === undefined)
    return breachTitle(subject, said, alert.level ?? 0, alert.levelSinceMs);
  const { level, levelSinceMs: sinceMs } = alert;
  return metTitle(said, subject, { level, judgedLevel: judgedLevelOf(said, alert), sinceMs });
}

/** The level of its severity on what the signal says. */
function judgedLevelOf(said: SeriesCondition, { severity }: AlertRecord): number {
  const { levels } = judgedOf(said);
  return (levels.find((level) => level.severity === severity) ?? levels[0])?.level ?? 0;
}

function overTitle(said: SeriesCondition, subject: Subject, value: number | null): Words {
  return said.type === 'threshold' && said.window === undefined
    ? clearedTitle(subject, said, value, lastClear(said))
    : clearTitle(said, subject, value);
}

function subjectOf(ciId: string, metric: string, instance: string, entry: CiEntry | undefined): Subject {
  return { ciName: entry?.name ?? ciId, metric, instance, timeZone: entry?.timeZone ?? null };
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
