/** The life cycle of an incident: pure steps from one record to the next, each with what the timeline says of it. */
import {
  type CiPlace,
  INCIDENT_VERIFY_MS,
  type IncidentSettings,
  type IncidentState,
  isOpen,
  type Words,
} from '@muster/shared/api/incidents.ts';
import { categoryFor } from '@muster/shared/incidents/categories.ts';
import { priorityIn } from '@muster/shared/incidents/matrix.ts';
import type { Severity } from '@muster/shared/api/rules.ts';
import { DAY_MS, MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import { judge, type Judgement, type Matrix, TARGETS, targetsOf } from './priority.ts';
import type { Reach } from './surroundings.ts';
import {
  type AffectedCi,
  type AlertRule,
  type Incident,
  type IncidentAlert,
  type TimelineRow,
  UNTOUCHED,
} from './store.ts';

export const VERIFY_MS = INCIDENT_VERIFY_MS;

/** An incident remembers so many alerts: one that flaps for weeks must not grow without end. */
export const ALERTS_MAX = 200;

/** CIs that an incident lists by name; further ones are counted. */
export const AFFECTED_MAX = 500;

/**
 * What the rules say of one alert, as far as incidents need it. It comes with the CI at fault, to which `causeKey` and
 * `outage` belong.
 */
export interface AlertNews {
  readonly type: 'opened' | 'escalated' | 'deescalated' | 'resolved';
  readonly atMs: Millis;
  readonly alertId: string;
  readonly severity: Severity;
  readonly breachedAtMs: Millis;
  /** CI and family of causes; alerts with one key share an incident. */
  readonly causeKey: string;
  readonly outage: boolean;
  /** Whose alert it is; the CI at fault may be another one. */
  readonly affected: CiFacts;
  /** What happened, in one sentence, for title and timeline. */
  readonly title: Words;
  /** What is wrong, when the CI at fault is another one: title of the incident that this opens. */
  readonly causeTitle?: Words;
  /** What it means and what to do, from the rule. */
  readonly description: Words;
  /** What was measured; null: the CI is silent. Absent: not known. */
  readonly metric?: string | null;
  /** What it would be the cause of if it stood alone; `causeKey` where absent. */
  readonly ownCauseKey?: string;
  /** It is the cause of what the incident that takes it was opened for. */
  readonly leads?: boolean;
  /** Somebody has acknowledged it. */
  readonly seen?: boolean;
  /** Absent where no rule is behind it. */
  readonly rule?: AlertRule;
  /** It is over because its rule does not watch it any more. */
  readonly unwatched?: boolean;
  /** When the level will be reached, of a forecast; null or absent: it is reached. */
  readonly reachedAtMs?: Millis | null;
}

export interface CiFacts {
  readonly id: string;
  readonly name: string;
  readonly class: string;
  readonly criticality: number;
  readonly expectedNow: boolean;
}

export interface Step {
  readonly incident: Incident;
  readonly timeline: readonly Omit<TimelineRow, 'id' | 'incidentId'>[];
  /** What others hear of it where the change itself does not say so. */
  readonly event?: { readonly type: 'reminded'; readonly words: Words };
}

/** By what an incident is judged and how it ages: the house's decisions and what is known around a CI. */
export interface Judging {
  readonly matrix: Matrix;
  readonly settings: IncidentSettings;
  readonly reachOf: (ciIds: readonly string[]) => Reach;
  readonly placeOf: (ciId: string) => CiPlace;
}

export const MONITOR = 'system';

export function reopenMs({ reopenMinutes }: IncidentSettings): Millis {
  return reopenMinutes * MINUTE_MS;
}

export function openByAlert(
  news: AlertNews,
  ci: CiFacts,
  identity: { id: string; ref: string },
  judging: Judging,
  nowMs: Millis,
): Step {
  const place = judging.placeOf(ci.id);
  const reachedAtMs = news.reachedAtMs ?? null;
  const facts = { severity: news.severity, outage: news.outage, reachedAtMs, affected: [] };
  const judgement = judgeOf(ci, facts, judging, nowMs);
  const priority = judgement.judgedPriority;
  const incident: Incident = {
    ...UNTOUCHED,
    ...identity,
    state: 'new',
    title: news.causeTitle ?? news.title,
    description: news.description,
    ...judgement,
    priority,
    reachedAtMs,
    category: categoryOf(news, ci.class),
    place,
    supportGroup: place.supportGroup,
    groupKey: groupKeyOf(place.supportGroup),
    source: 'monitor',
    ciId: ci.id,
    ciName: ci.name,
    ciClass: ci.class,
    causeKey: news.causeKey,
    needsCause: news.outage,
    alerts: [alertOf(news)],
    affected: [hitOf(news.affected, news.breachedAtMs)],
    openedAtMs: nowMs,
    breachedAtMs: news.breachedAtMs,
    quietSinceMs: null,
    ...targetsOf(priority, nowMs),
  };
  const timeline: Step['timeline'][number][] = [
    { atMs: nowMs, actor: MONITOR, kind: 'opened', text: incident.title },
  ];
  // An effect is told beside its cause.
  if (news.causeTitle) timeline.push({ atMs: nowMs, actor: MONITOR, kind: 'alert-added', text: news.title });
  return { incident, timeline };
}

export interface ReportByPerson {
  readonly title: string;
  readonly description: string;
  readonly impact: number;
  readonly urgency: number;
  readonly ci: CiFacts | null;
  readonly category?: string | null;
}

export function openByPerson(
  report: ReportByPerson,
  identity: { id: string; ref: string },
  actor: string,
  judging: Judging,
  nowMs: Millis,
): Step {
  const priority = priorityIn(judging.matrix.cells, report.impact, report.urgency);
  const place = report.ci ? judging.placeOf(report.ci.id) : UNTOUCHED.place;
  const same = (text: string): Words => ({ en: text, zh: text });
  const incident: Incident = {
    ...UNTOUCHED,
    ...identity,
    state: 'new',
    title: same(report.title),
    titledBy: actor === MONITOR ? null : actor,
    filedBy: report.category && actor !== MONITOR ? actor : null,
    description: same(report.description),
    impact: report.impact,
    urgency: report.urgency,
    judgedPriority: priority,
    matrixVersion: judging.matrix.version,
    priority,
    category: report.category ?? categoryFor(null, report.ci?.class ?? null),
    place,
    supportGroup: place.supportGroup,
    groupKey: groupKeyOf(place.supportGroup),
    why: {
      en: `P${priority}: impact ${report.impact} and urgency ${report.urgency} as reported.`,
      zh: `P${priority}：影响度 ${report.impact}、紧急度 ${report.urgency}，由报告人填写。`,
    },
    source: 'person',
    ciId: report.ci?.id ?? null,
    ciName: report.ci?.name ?? null,
    ciClass: report.ci?.class ?? null,
    causeKey: null,
    needsCause: false,
    openedAtMs: nowMs,
    breachedAtMs: null,
    quietSinceMs: nowMs,
    ...targetsOf(priority, nowMs),
  };
  return { incident, timeline: [{ atMs: nowMs, actor, kind: 'opened', text: same(report.title) }] };
}

/** What a rule of findings opens. */
export interface IncidentByFinding {
  readonly findingId: string;
  readonly title: Words;
  readonly description: Words;
  readonly urgency: number;
  /** null: it is of no single one. */
  readonly ci: CiFacts | null;
}

/** Of what concerns the monitoring of many machines and none of their services. */
const FLEET_IMPACT = 3;

export function openByFinding(
  { findingId, title, description, urgency, ci }: IncidentByFinding,
  identity: { id: string; ref: string },
  judging: Judging,
  nowMs: Millis,
): Step {
  const impact = ci?.criticality ?? FLEET_IMPACT;
  const { incident } = openByPerson(
    { title: title.en, description: description.en, impact, urgency, ci, category: 'records' },
    identity,
    MONITOR,
    judging,
    nowMs,
  );
  const { priority } = incident;
  return {
    incident: {
      ...incident,
      title,
      description,
      why: {
        en: `P${priority}: impact ${impact} (${ci ? 'criticality of the CI' : 'of no single CI'}), urgency ${urgency} (rule of findings).`,
        zh: `P${priority}：影响度 ${impact}（${ci ? '取自配置项的关键度' : '不属于单个配置项'}），紧急度 ${urgency}（取自发现项规则）。`,
      },
      source: 'monitor',
      causeKey: `finding:${findingId}`,
    },
    timeline: [{ atMs: nowMs, actor: MONITOR, kind: 'opened', text: title }],
  };
}

/** An incident takes in what the rules say of one of its alerts, or of a further alert of the same cause. null: nothing new. */
export function takeAlert(
  incident: Incident,
  news: AlertNews,
  ci: CiFacts,
  judging: Judging,
  nowMs: Millis,
): Step | null {
  const held = incident.alerts.find(({ alertId }) => alertId === news.alertId);
  if (news.type === 'resolved') return held?.open ? alertResolved(incident, news, nowMs) : null;
  if (held?.open && held.severity === news.severity) return takeNotice(incident, held, news.seen ?? false);

  const alerts = bounded([
    ...incident.alerts.filter(({ alertId }) => alertId !== news.alertId),
    alertOf(news),
  ]);
  const timeline: Step['timeline'][number][] = [
    { atMs: nowMs, actor: MONITOR, kind: 'alert-added', text: news.title },
  ];
  let next: Incident = {
    ...incident,
    alerts,
    ...withHit(incident, hitOf(news.affected, news.breachedAtMs)),
    // The harm began with the first of them, also when a later one belongs to an earlier breach.
    breachedAtMs: Math.min(incident.breachedAtMs ?? news.breachedAtMs, news.breachedAtMs),
    quietSinceMs: null,
    reachedAtMs: news.reachedAtMs ?? incident.reachedAtMs,
    needsCause: incident.needsCause || news.outage,
    version: incident.version + 1,
  };
  // What gets better after it was resolved is no reason to begin anew.
  const isBetter = held?.open === true && news.type === 'deescalated';
  if (!isOpen(incident.state) && !isBetter) {
    next = {
      ...next,
      state: incident.assignee ? 'in_progress' : 'new',
      resolvedAtMs: null,
      restoredAtMs: null,
      resolution: null,
    };
    timeline.push({
      atMs: nowMs,
      actor: MONITOR,
      kind: 'reopened',
      text: reopenedWords(incident, news),
    });
  }
  const step = named({ incident: next, timeline }, incident, news, nowMs);
  // With many CIs hit at once the walk through the graph is made once for all of them, soon after.
  if (next.affected.length > JUDGED_AT_ONCE_MAX && held === undefined && isOpen(incident.state)) return step;
  return judgedAnew(step, ci, judging, nowMs);
}

/** Only what was over comes back; and only the same rule says that it is the same. */
function reopenedWords({ alerts }: Incident, news: AlertNews): Words {
  const held = alerts.find(({ alertId }) => alertId === news.alertId);
  if (held?.open) return { en: 'It got worse; the incident is open again.', zh: '情况加重，事件重新打开。' };
  const ownKey = news.ownCauseKey ?? news.causeKey;
  const isSame = ({ rule, causeKey }: IncidentAlert) => rule?.id === news.rule?.id && causeKey === ownKey;
  if (held || alerts.some(isSame))
    return { en: 'The cause came back; the incident is open again.', zh: '原因再次出现，事件重新打开。' };
  const rule = news.rule?.name;
  const name = rule ? { en: ` of “${rule.en}”`, zh: `“${rule.zh}”的` } : { en: '', zh: '' };
  return alerts.some(({ open }) => open)
    ? {
        en: `A further alert${name.en} came while an earlier one was still open; the incident is open again.`,
        zh: `先前的告警尚未恢复，又出现${name.zh}新告警，事件重新打开。`,
      }
    : {
        en: `A further alert${name.en} belongs to it; the incident is open again.`,
        zh: `又出现${name.zh}相关告警，事件重新打开。`,
      };
}

/** What is known already, but for who has seen it. */
function takeNotice(incident: Incident, held: IncidentAlert, seen: boolean): Step | null {
  if ((held.seen ?? false) === seen) return null;
  const alerts = incident.alerts.map((alert) => (alert === held ? { ...alert, seen } : alert));
  return { incident: { ...incident, alerts, version: incident.version + 1 }, timeline: [] };
}

/** The headline is of the cause, and of how bad it is; what a person wrote stays. */
function named(step: Step, before: Incident, news: AlertNews, nowMs: Millis): Step {
  const { incident } = step;
  if (news.leads) return ledBy(step, news, nowMs);
  const isCause = (news.ownCauseKey ?? news.causeKey) === before.causeKey;
  const moves = worstOf(before.alerts) !== worstOf(incident.alerts);
  const title = news.causeTitle ?? (isCause && moves ? news.title : null);
  return title === null || before.titledBy !== null ? step : { ...step, incident: { ...incident, title } };
}

/** The cause of what it was opened for is known: it is about that from now on. */
function ledBy(step: Step, news: AlertNews, nowMs: Millis): Step {
  const { incident, timeline } = step;
  const { title, titledBy, filedBy, category, ciClass, ciId, causeKey, joinedCauses } = incident;
  const ownKey = news.ownCauseKey ?? news.causeKey;
  const isKnown = causeKey === null || causeKey === ownKey;
  return {
    incident: {
      ...incident,
      ...(titledBy === null ? { title: news.title, description: news.description } : {}),
      category: filedBy === null ? (categoryOf(news, ciClass ?? '') ?? category) : category,
      causeKey: ownKey,
      joinedCauses: isKnown ? joinedCauses : [...joinedCauses, { causeKey, ciId }],
    },
    timeline: [
      ...timeline,
      {
        atMs: nowMs,
        actor: MONITOR,
        kind: 'filed',
        text: {
          en: `That is the cause of what was told first: ${title.en}.`,
          zh: `这是此前所报问题的原因：${title.zh}。`,
        },
      },
    ],
  };
}

function worstOf(alerts: readonly IncidentAlert[]): Severity | null {
  const open = alerts.filter((alert) => alert.open);
  if (open.length === 0) return null;
  return open.some(({ severity }) => severity === 'critical') ? 'critical' : 'warning';
}

function categoryOf({ metric, causeKey }: AlertNews, ciClass: string): string | null {
  return categoryFor(metric === null ? 'silent' : (metric ?? familyIn(causeKey)), ciClass);
}

/** Beyond so many affected CIs an incident is judged anew once a second, not with each alert. */
export const JUDGED_AT_ONCE_MAX = 32;

/** Forgets the oldest that are over; open ones are always kept. */
export function bounded(alerts: readonly IncidentAlert[]): IncidentAlert[] {
  let spare = alerts.length - ALERTS_MAX;
  return alerts.filter((alert) => alert.open || spare-- <= 0);
}

function hitOf({ id, name, class: ciClass }: CiFacts, sinceMs: Millis): AffectedCi {
  return { ciId: id, name, class: ciClass, sinceMs, untilMs: null };
}

/** One CI more; one that is known already is hit again, since its first alert. */
export function withHit(
  incident: Pick<Incident, 'affected' | 'affectedBeyond' | 'alerts'>,
  hit: AffectedCi,
): Pick<Incident, 'affected' | 'affectedBeyond'> {
  const { affected, affectedBeyond, alerts } = incident;
  const held = affected.find(({ ciId }) => ciId === hit.ciId);
  if (held)
    return {
      affected: affected.map((one) => (one === held ? both(held, hit) : one)),
      affectedBeyond,
    };
  if (affected.length < AFFECTED_MAX) return { affected: [...affected, hit], affectedBeyond };
  const counted = alerts.some(({ ciId }) => ciId === hit.ciId);
  return { affected, affectedBeyond: affectedBeyond + (counted ? 0 : 1) };
}

function both(a: AffectedCi, b: AffectedCi): AffectedCi {
  const open = a.untilMs === null || b.untilMs === null;
  return {
    ...a,
    sinceMs: Math.min(a.sinceMs, b.sinceMs),
    untilMs: open ? null : Math.max(a.untilMs ?? 0, b.untilMs ?? 0),
  };
}

/**
 * An incident answers for its own cause and for those that were joined to it, these while the joined CI is affected and
 * for the time of reopening after.
 */
export function answersFor(
  incident: Incident,
  causeKey: string,
  settings: IncidentSettings,
  nowMs: Millis,
): boolean {
  const againMs = reopenMs(settings);
  if (!isOpen(incident.state) && nowMs - (incident.quietSinceMs ?? nowMs) > againMs) return false;
  if (incident.causeKey === causeKey) return true;
  const joined = incident.joinedCauses.find((one) => one.causeKey === causeKey);
  if (!joined) return false;
  const hit = incident.affected.find(({ ciId }) => ciId === joined.ciId);
  return nowMs - (hit?.untilMs ?? nowMs) <= againMs;
}

/** Priority follows the worst open alert and what fails with it; people are told when it moves, or would move. */
export function judgedAnew(step: Step, ci: CiFacts, judging: Judging, nowMs: Millis): Step {
  const { incident } = step;
  const severity = worstOf(incident.alerts) ?? 'warning';
  const { needsCause: outage, reachedAtMs, affected } = incident;
  const judgement = judgeOf(ci, { severity, outage, reachedAtMs, affected }, judging, nowMs);
  if (judgement.judgedPriority === incident.judgedPriority)
    return { ...step, incident: { ...incident, ...judgement } };
  const [before, after] = [incident.judgedPriority, judgement.judgedPriority];
  const { hand } = incident;
  const text = hand
    ? {
        en: `Would be P${after} now, no longer P${before}; stays P${hand.priority} as set by hand. ${judgement.why.en}`,
        zh: `按矩阵应由 P${before} 变为 P${after}；因手动设定，仍为 P${hand.priority}。${judgement.why.zh}`,
      }
    : {
        en: `Priority P${before} became P${after}. ${judgement.why.en}`,
        zh: `优先级由 P${before} 变为 P${after}。${judgement.why.zh}`,
      };
  const moved = hand ? {} : { priority: after, ...targetsOf(after, incident.openedAtMs) };
  return {
    incident: { ...incident, ...judgement, ...moved },
    timeline: [...step.timeline, { atMs: nowMs, actor: MONITOR, kind: 'priority', text }],
  };
}

function judgeOf(
  ci: CiFacts,
  facts: Pick<Incident, 'reachedAtMs' | 'affected'> & { severity: Severity; outage: boolean },
  judging: Judging,
  nowMs: Millis,
): Judgement {
  const { severity, outage, reachedAtMs } = facts;
  const others = facts.affected
    .filter(({ ciId, untilMs }) => untilMs === null && ciId !== ci.id)
    .map(({ ciId }) => ciId);
  return judge(
    {
      ciClass: ci.class,
      criticality: ci.criticality,
      severity,
      outage,
      expectedNow: ci.expectedNow,
      reach: judging.reachOf([ci.id, ...others]),
      affected: others.length,
      breachInMs: reachedAtMs === null ? null : reachedAtMs - nowMs,
    },
    judging.matrix,
  );
}

export function alertOf(news: AlertNews): IncidentAlert {
  const { alertId, severity, affected, causeKey, ownCauseKey, seen = false, rule } = news;
  return {
    alertId,
    severity,
    open: true,
    ciId: affected.id,
    causeKey: ownCauseKey ?? causeKey,
    ...(seen ? { seen } : {}),
    ...(rule ? { rule } : {}),
  };
}

/** How an alert ended; how it ended before does not matter any more. */
export function endOf(alert: IncidentAlert, { unwatched = false }: AlertNews): IncidentAlert {
  const { unwatched: _before, ...ended } = { ...alert, open: false };
  return unwatched ? { ...ended, unwatched } : ended;
}

/** Of one of its causes the last alert ended because nothing watches it any more: that it recovered cannot be verified. */
export function isUnwatched({ alerts }: Pick<Incident, 'alerts'>): boolean {
  const last = new Map(alerts.map((alert) => [alert.causeKey, alert]));
  return [...last.values()].some(({ open, unwatched = false }) => unwatched && !open);
}

export function groupKeyOf(group: Incident['supportGroup']): string | null {
  return group === null ? null : (group.id ?? group.name);
}

/** A cause key names the family of metrics behind the CI. */
export function familyIn(causeKey: string): string | null {
  return causeKey.split(' ')[1] ?? null;
}

function alertResolved(incident: Incident, news: AlertNews, nowMs: Millis): Step {
  const alerts = incident.alerts.map((alert) =>
    alert.alertId === news.alertId ? endOf(alert, news) : alert,
  );
  const quiet = alerts.every((alert) => !alert.open);
  const timeline: Step['timeline'][number][] = [
    { atMs: nowMs, actor: MONITOR, kind: 'alert-resolved', text: news.title },
  ];
  const next: Incident = {
    ...incident,
    alerts,
    affected: incident.affected.map((hit) =>
      hit.untilMs === null && !alerts.some(({ open, ciId }) => open && ciId === hit.ciId)
        ? { ...hit, untilMs: nowMs }
        : hit,
    ),
    quietSinceMs: quiet ? nowMs : null,
    version: incident.version + 1,
  };
  if (!quiet || !isOpen(incident.state)) return { incident: next, timeline };
  const unwatched = isUnwatched(next);
  timeline.push({
    atMs: nowMs,
    actor: MONITOR,
    kind: 'transition',
    text: unwatched
      ? {
          en: 'No alert of it is open any more, but its rule does not watch the machine any more: whether it recovered is not known.',
          zh: '已无未恢复的告警，但规则已不再监视该设备：是否恢复不得而知。',
        }
      : {
          en: `No alert of it is open any more. Verifying for ${VERIFY_MS / MINUTE_MS} min.`,
          zh: `已无未恢复的告警，验证 ${VERIFY_MS / MINUTE_MS} 分钟。`,
        },
  });
  const resolution = unwatched ? 'not-watched' : 'recovered-by-itself';
  return { incident: { ...next, state: 'resolved', resolvedAtMs: nowMs, resolution }, timeline };
}

/**
 * What time alone does: verified recovery, closing what nobody must explain, giving back what was resolved too early.
 * `heardSinceMs`: since when the machine says something, only that time verifies; null: it says nothing.
 */
export function passTime(
  incident: Incident,
  settings: IncidentSettings,
  nowMs: Millis,
  heardSinceMs: Millis | null = -Infinity,
): Step | null {
  const dueMs = dueOf(incident, settings);
  if (dueMs === null || nowMs < dueMs) return null;
  const { state, quietSinceMs } = incident;
  if (isOpen(state)) return unclaimed(incident, nowMs);
  const isVerified = !isUnwatched(incident) && heardSinceMs !== null && nowMs - heardSinceMs >= VERIFY_MS;
  if (state === 'resolved' && quietSinceMs !== null && !isVerified) {
    const closeMs = closesAtMs(incident, settings);
    return closeMs !== null && nowMs >= closeMs ? closedUnverified(incident, settings, nowMs) : null;
  }
  if (state === 'resolved' && quietSinceMs !== null) {
    return {
      incident: { ...incident, state: 'restored', restoredAtMs: nowMs, version: incident.version + 1 },
      timeline: [
        {
          atMs: nowMs,
          actor: MONITOR,
          kind: 'transition',
          text: {
            en: `Recovery verified: quiet for ${VERIFY_MS / MINUTE_MS} min.`,
            zh: `恢复已验证：${VERIFY_MS / MINUTE_MS} 分钟内无告警。`,
          },
        },
      ],
    };
  }
  if (state === 'resolved') {
    return {
      incident: {
        ...incident,
        state: incident.assignee ? 'in_progress' : 'new',
        resolvedAtMs: null,
        resolution: null,
        version: incident.version + 1,
      },
      timeline: [
        {
          atMs: nowMs,
          actor: MONITOR,
          kind: 'reopened',
          text: {
            en: 'Resolved by hand, but an alert is still open: the incident is open again.',
            zh: '已手动解决，但仍有告警未恢复，事件重新打开。',
          },
        },
      ],
    };
  }
  const days = settings.autoCloseDays;
  return {
    incident: { ...incident, state: 'closed', closedAtMs: nowMs, version: incident.version + 1 },
    timeline: [
      {
        atMs: nowMs,
        actor: MONITOR,
        kind: 'transition',
        text: {
          en: `Closed by itself, ${days} ${days === 1 ? 'day' : 'days'} after it was resolved.`,
          zh: `解决 ${days} 天后自动关闭。`,
        },
      },
    ],
  };
}

/** When time alone does something to an incident; null: never, as it stands. */
export function dueOf(incident: Incident, settings: IncidentSettings): Millis | null {
  const { state, quietSinceMs, resolvedAtMs, unheldSinceMs, unclaimedAtMs } = incident;
  if (state === 'resolved' && quietSinceMs !== null && isUnwatched(incident))
    return closesAtMs(incident, settings);
  if (state === 'resolved') return Math.max(quietSinceMs ?? 0, resolvedAtMs ?? 0) + VERIFY_MS;
  if (state === 'restored') return closesAtMs(incident, settings);
  if (!isOpen(state) || unheldSinceMs === null || unclaimedAtMs !== null) return null;
  const respondMs = TARGETS[incident.priority as keyof typeof TARGETS].respondMs;
  return unheldSinceMs + (respondMs * settings.unclaimedPercent) / 100;
}

/** When it closes by itself; null: a person must say why it was. */
function closesAtMs(
  { needsCause, resolvedAtMs }: Incident,
  { autoCloseDays }: IncidentSettings,
): Millis | null {
  return needsCause ? null : (resolvedAtMs ?? 0) + Math.round(autoCloseDays * DAY_MS);
}

function closedUnverified(
  incident: Incident,
  { autoCloseDays: days }: IncidentSettings,
  nowMs: Millis,
): Step {
  return {
    incident: { ...incident, state: 'closed', closedAtMs: nowMs, version: incident.version + 1 },
    timeline: [
      {
        atMs: nowMs,
        actor: MONITOR,
        kind: 'transition',
        text: {
          en: `Closed by itself, ${days} ${days === 1 ? 'day' : 'days'} after it was resolved; its recovery was never verified.`,
          zh: `解决 ${days} 天后自动关闭；恢复未经验证。`,
        },
      },
    ],
  };
}

/** Nobody has it for longer than the house allows: said once, until somebody takes it. */
function unclaimed(incident: Incident, nowMs: Millis): Step {
  const minutes = Math.round((nowMs - (incident.unheldSinceMs ?? nowMs)) / MINUTE_MS);
  return {
    incident: { ...incident, unclaimedAtMs: nowMs, version: incident.version + 1 },
    timeline: [
      {
        atMs: nowMs,
        actor: MONITOR,
        kind: 'unclaimed',
        text: {
          en: `Nobody has it since ${minutes} min; the channels are told.`,
          zh: `已 ${minutes} 分钟无人认领，已通知各渠道。`,
        },
      },
    ],
  };
}

/**
 * What follows from a step whoever took it: since when nobody has or has seen an open incident, and how often it opened again.
 */
export function settledStep(before: Incident | null, after: Incident, nowMs: Millis): Incident {
  const unheld = isOpen(after.state) && after.assignee === null && !isSeen(after);
  const opensAgain = before !== null && isOpen(after.state) && !isOpen(before.state);
  return {
    ...after,
    unheldSinceMs: unheld ? (after.unheldSinceMs ?? nowMs) : null,
    unclaimedAtMs: unheld ? after.unclaimedAtMs : null,
    reopenings: after.reopenings + (opensAgain ? 1 : 0),
    decidedVersion: before !== null && isSameDecision(before, after) ? before.decidedVersion : after.version,
  };
}

/** What people decide, and what the machine decides in their place. */
const DECISIONS = [
  'state',
  'assignee',
  'holdReason',
  'resolution',
  'hand',
  'category',
  'supportGroup',
  'titledBy',
  'parentId',
  'mergedIntoId',
  'keptApart',
] as const satisfies readonly (keyof Incident)[];

function isSameDecision(before: Incident, after: Incident): boolean {
  return DECISIONS.every((name) => before[name] === after[name]);
}

/** Somebody has acknowledged all alerts of the CI at fault, and with them what they bring about elsewhere. */
export function isSeen({ alerts, ciId }: Pick<Incident, 'alerts' | 'ciId'>): boolean {
  const own = alerts.filter((alert) => alert.open && alert.ciId === ciId);
  return own.length > 0 && own.every(({ seen }) => seen);
}

export function stateWords(state: IncidentState): Words {
  return {
    new: { en: 'New', zh: '新建' },
    assigned: { en: 'Assigned', zh: '已分派' },
    in_progress: { en: 'In progress', zh: '处理中' },
    on_hold: { en: 'On hold', zh: '挂起' },
    resolved: { en: 'Resolved', zh: '已解决' },
    restored: { en: 'Restored and verified', zh: '已恢复并验证' },
    closed: { en: 'Closed', zh: '已关闭' },
    cancelled: { en: 'Cancelled', zh: '已取消' },
  }[state];
}
