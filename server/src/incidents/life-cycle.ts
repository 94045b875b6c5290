/** The life cycle of an incident: pure steps from one record to the next, each with what the timeline says of it. */
import {
  INCIDENT_TRANSITIONS,
  INCIDENT_VERIFY_MS,
  type IncidentState,
  isOpen,
  type Words,
} from '@muster/shared/api/incidents.ts';
import type { Severity } from '@muster/shared/api/rules.ts';
import { DAY_MS, MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import { AppError } from '../errors.ts';
import { priorityOf, targetsOf, type PriorityFacts } from './priority.ts';
import { type AffectedCi, type Incident, type IncidentAlert, type TimelineRow, UNTOUCHED } from './store.ts';

export const VERIFY_MS = INCIDENT_VERIFY_MS;
/** The same cause within this time after it went away is the same incident. */
export const REOPEN_MS = 60 * MINUTE_MS;
/** A restored incident that nobody must explain closes by itself after this. */
export const AUTO_CLOSE_MS = 5 * DAY_MS;

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
}

const MONITOR = 'system';

export function openByAlert(
  news: AlertNews,
  ci: CiFacts,
  identity: { id: string; ref: string },
  nowMs: Millis,
): Step {
  const priority = priorityOf(priorityFacts(ci, news));
  const incident: Incident = {
    ...UNTOUCHED,
    ...identity,
    state: 'new',
    title: news.causeTitle ?? news.title,
    description: news.description,
    ...priority,
    source: 'monitor',
    ciId: ci.id,
    ciName: ci.name,
    ciClass: ci.class,
    causeKey: news.causeKey,
    needsCause: news.outage,
    alerts: [{ alertId: news.alertId, severity: news.severity, open: true, ciId: news.affected.id }],
    affected: [hitOf(news.affected, news.breachedAtMs)],
    openedAtMs: nowMs,
    breachedAtMs: news.breachedAtMs,
    quietSinceMs: null,
    ...targetsOf(priority.priority, nowMs),
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
}

export function openByPerson(
  report: ReportByPerson,
  priority: number,
  identity: { id: string; ref: string },
  actor: string,
  nowMs: Millis,
): Step {
  const same = (text: string): Words => ({ en: text, zh: text });
  const incident: Incident = {
    ...UNTOUCHED,
    ...identity,
    state: 'new',
    title: same(report.title),
    description: same(report.description),
    impact: report.impact,
    urgency: report.urgency,
    priority,
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
  readonly ci: CiFacts;
}

export function openByFinding(
  { findingId, title, description, urgency, ci }: IncidentByFinding,
  priority: number,
  identity: { id: string; ref: string },
  nowMs: Millis,
): Step {
  const impact = ci.criticality;
  const { incident } = openByPerson(
    { title: title.en, description: description.en, impact, urgency, ci },
    priority,
    identity,
    MONITOR,
    nowMs,
  );
  return {
    incident: {
      ...incident,
      title,
      description,
      why: {
        en: `P${priority}: impact ${impact} (criticality of the CI), urgency ${urgency} (rule of findings).`,
        zh: `P${priority}：影响度 ${impact}（取自配置项的关键度），紧急度 ${urgency}（取自发现项规则）。`,
      },
      source: 'monitor',
      causeKey: `finding:${findingId}`,
    },
    timeline: [{ atMs: nowMs, actor: MONITOR, kind: 'opened', text: title }],
  };
}

/** An incident takes in what the rules say of one of its alerts, or of a further alert of the same cause. null: nothing new. */
export function takeAlert(incident: Incident, news: AlertNews, ci: CiFacts, nowMs: Millis): Step | null {
  const held = incident.alerts.find(({ alertId }) => alertId === news.alertId);
  if (news.type === 'resolved') return held?.open ? alertResolved(incident, news, nowMs) : null;
  if (held?.open && held.severity === news.severity) return null;

  const alerts = bounded([
    ...incident.alerts.filter(({ alertId }) => alertId !== news.alertId),
    { alertId: news.alertId, severity: news.severity, open: true, ciId: news.affected.id },
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
    needsCause: incident.needsCause || news.outage,
    version: incident.version + 1,
  };
  if (!isOpen(incident.state)) {
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
      text: { en: 'The cause came back; the incident is open again.', zh: '原因再次出现，事件重新打开。' },
    });
  }
  return reprioritised({ incident: next, timeline }, ci, news, nowMs);
}

/** Forgets the oldest that are over; open ones are always kept. */
function bounded(alerts: readonly IncidentAlert[]): IncidentAlert[] {
  let spare = alerts.length - ALERTS_MAX;
  return alerts.filter((alert) => alert.open || spare-- <= 0);
}

function hitOf({ id, name, class: ciClass }: CiFacts, sinceMs: Millis): AffectedCi {
  return { ciId: id, name, class: ciClass, sinceMs, untilMs: null };
}

/** One CI more; one that is known already is hit again, since its first alert. */
function withHit(
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

/** A joined incident and the one that holds everything of it from now on. */
export interface Joined {
  readonly into: Step;
  readonly from: Step;
}

/**
 * Two incidents had one cause: `into` takes alerts, affected CIs and the first breach of `from`, and its holder when it has
 * none; `from` is cancelled and points to it. null: one of them is over.
 */
export function join(
  into: Incident,
  from: Incident,
  { why, actor, nowMs }: { why: Words; actor: string; nowMs: Millis },
): Joined | null {
  if (into.id === from.id || isOver(into.state) || isOver(from.state)) return null;
  const known = new Set(into.alerts.map(({ alertId }) => alertId));
  const alerts = bounded([...into.alerts, ...from.alerts.filter(({ alertId }) => !known.has(alertId))]);
  let hits: Pick<Incident, 'affected' | 'affectedBeyond' | 'alerts'> = into;
  for (const hit of from.affected) hits = { ...withHit(hits, hit), alerts: into.alerts };
  const opensAgain = !isOpen(into.state) && from.alerts.some(({ open }) => open);
  const holder = into.assignee ?? (into.state === 'new' || opensAgain ? from.assignee : null);
  const quiet = alerts.every(({ open }) => !open);
  const joinedCauses = [
    ...into.joinedCauses,
    ...(from.causeKey === null ? [] : [{ causeKey: from.causeKey, ciId: from.ciId }]),
    ...from.joinedCauses,
  ];
  const taken: Incident = {
    ...into,
    state: opensAgain
      ? holder === null
        ? 'new'
        : 'in_progress'
      : into.state === 'new' && holder !== null
        ? 'assigned'
        : into.state,
    assignee: holder,
    acknowledgedAtMs: into.acknowledgedAtMs ?? (holder === null ? null : nowMs),
    ...(opensAgain ? { resolvedAtMs: null, restoredAtMs: null, resolution: null } : {}),
    alerts,
    affected: hits.affected,
    affectedBeyond: hits.affectedBeyond + from.affectedBeyond,
    joinedCauses: joinedCauses.slice(-JOINED_MAX),
    needsCause: into.needsCause || from.needsCause,
    breachedAtMs: earlier(into.breachedAtMs, from.breachedAtMs),
    quietSinceMs: quiet ? (into.quietSinceMs ?? nowMs) : null,
    version: into.version + 1,
  };
  const line = (text: Words): Step['timeline'][number] => ({ atMs: nowMs, actor, kind: 'merged', text });
  return {
    into: {
      incident: taken,
      timeline: [
        line({
          en: `${from.ref} joined this incident: ${from.title.en}. ${why.en}`,
          zh: `${from.ref} 已并入本事件：${from.title.zh}。${why.zh}`,
        }),
      ],
    },
    from: {
      incident: {
        ...from,
        state: 'cancelled',
        mergedIntoId: into.id,
        closedAtMs: nowMs,
        holdReason: null,
        version: from.version + 1,
      },
      timeline: [line({ en: `Joined to ${into.ref}. ${why.en}`, zh: `已并入 ${into.ref}。${why.zh}` })],
    },
  };
}

/** Causes of joined incidents that an incident remembers. */
const JOINED_MAX = 500;

function isOver(state: IncidentState): boolean {
  return state === 'closed' || state === 'cancelled';
}

function earlier(a: Millis | null, b: Millis | null): Millis | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

/**
 * An incident answers for its own cause and for those that were joined to it, these while the joined CI is affected and
 * for REOPEN_MS after.
 */
export function answersFor(incident: Incident, causeKey: string, nowMs: Millis): boolean {
  if (!isOpen(incident.state) && nowMs - (incident.quietSinceMs ?? nowMs) > REOPEN_MS) return false;
  if (incident.causeKey === causeKey) return true;
  const joined = incident.joinedCauses.find((one) => one.causeKey === causeKey);
  if (!joined) return false;
  const hit = incident.affected.find(({ ciId }) => ciId === joined.ciId);
  return nowMs - (hit?.untilMs ?? nowMs) <= REOPEN_MS;
}

/** Priority follows the worst open alert; people are told when it moves. */
function reprioritised(step: Step, ci: CiFacts, news: AlertNews, nowMs: Millis): Step {
  const severity = step.incident.alerts.some((alert) => alert.open && alert.severity === 'critical')
    ? 'critical'
    : 'warning';
  const priority = priorityOf(
    priorityFacts(ci, { severity, outage: step.incident.needsCause || news.outage }),
  );
  if (priority.priority === step.incident.priority) return step;
  const text = {
    en: `Priority P${step.incident.priority} became P${priority.priority}. ${priority.why.en}`,
    zh: `优先级由 P${step.incident.priority} 变为 P${priority.priority}。${priority.why.zh}`,
  };
  return {
    incident: {
      ...step.incident,
      ...priority,
      title: news.causeTitle ?? (news.affected.id === ci.id ? news.title : step.incident.title),
      ...targetsOf(priority.priority, step.incident.openedAtMs),
    },
    timeline: [...step.timeline, { atMs: nowMs, actor: MONITOR, kind: 'priority', text }],
  };
}

function alertResolved(incident: Incident, news: AlertNews, nowMs: Millis): Step {
  const alerts = incident.alerts.map((alert) =>
    alert.alertId === news.alertId ? { ...alert, open: false } : alert,
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
  timeline.push({
    atMs: nowMs,
    actor: MONITOR,
    kind: 'transition',
    text: {
      en: `The cause is gone. Verifying for ${VERIFY_MS / MINUTE_MS} min.`,
      zh: `原因已消除，验证 ${VERIFY_MS / MINUTE_MS} 分钟。`,
    },
  });
  return {
    incident: { ...next, state: 'resolved', resolvedAtMs: nowMs, resolution: 'recovered-by-itself' },
    timeline,
  };
}

/** What time alone does: verified recovery, closing what nobody must explain, giving back what was resolved too early. */
export function passTime(incident: Incident, nowMs: Millis): Step | null {
  const { state, quietSinceMs } = incident;
  if (
    state === 'resolved' &&
    quietSinceMs !== null &&
    nowMs - Math.max(quietSinceMs, incident.resolvedAtMs ?? 0) >= VERIFY_MS
  ) {
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
  if (
    state === 'resolved' &&
    quietSinceMs === null &&
    nowMs - (incident.resolvedAtMs ?? nowMs) >= VERIFY_MS
  ) {
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
  if (
    state === 'restored' &&
    !incident.needsCause &&
    nowMs - (incident.restoredAtMs ?? nowMs) >= AUTO_CLOSE_MS
  ) {
    return {
      incident: { ...incident, state: 'closed', closedAtMs: nowMs, version: incident.version + 1 },
      timeline: [
        {
          atMs: nowMs,
          actor: MONITOR,
          kind: 'transition',
          text: {
            en: 'Closed by itself, five days after the verified recovery.',
            zh: '恢复验证五天后自动关闭。',
          },
        },
      ],
    };
  }
  return null;
}

export interface Move {
  readonly to: IncidentState;
  readonly note: string;
  readonly assignee?: string | null | undefined;
  readonly holdReason?: Incident['holdReason'] | undefined;
  readonly resolution?: Incident['resolution'] | undefined;
  readonly cause?: string | undefined;
  readonly action?: string | undefined;
}

/** A step by a person. @throws AppError transition-not-allowed, cause-missing, input-invalid */
export function moveByPerson(incident: Incident, move: Move, actor: string, nowMs: Millis): Step {
  const allowed: readonly IncidentState[] = INCIDENT_TRANSITIONS[incident.state];
  if (!allowed.includes(move.to)) {
    throw new AppError(
      'transition-not-allowed',
      `${incident.ref} is ${incident.state}; possible next: ${allowed.join(', ') || 'none'}.`,
    );
  }
  const cause = move.cause ?? incident.cause;
  const action = move.action ?? incident.action;
  if (move.to === 'closed' && incident.needsCause && !(cause && action)) {
    throw new AppError('cause-missing', `${incident.ref} was an unplanned outage.`);
  }
  if (move.to === 'on_hold' && !move.holdReason)
    throw new AppError(
      'input-invalid',
      'To put an incident on hold, `holdReason` must say for whom it waits.',
    );
  if (move.to === 'restored' && incident.alerts.some(({ open }) => open))
    throw new AppError(
      'transition-not-allowed',
      `An alert of ${incident.ref} is still open: its recovery cannot have been verified.`,
    );
  if (move.to === 'cancelled' && !move.note)
    throw new AppError('input-invalid', 'To cancel an incident, `note` must say why.');
  const worksOnIt = move.to !== 'new' && move.to !== 'cancelled' && move.to !== 'closed';
  const holder = incident.assignee ?? (worksOnIt ? accountOf(actor) : null);
  const assignee = move.assignee === undefined ? holder : move.assignee;
  if ((move.to === 'assigned' || move.to === 'in_progress') && assignee === null)
    throw new AppError('input-invalid', `${move.to} needs an \`assignee\`; without one it is new.`);
  const opensAgain = move.to === 'in_progress' && !isOpen(incident.state);
  const next: Incident = {
    ...incident,
    state: move.to,
    assignee: move.to === 'new' ? null : assignee,
    holdReason: move.to === 'on_hold' ? (move.holdReason ?? null) : null,
    resolution:
      move.to === 'resolved' ? (move.resolution ?? 'permanent') : opensAgain ? null : incident.resolution,
    cause: cause ?? null,
    action: action ?? null,
    acknowledgedAtMs: incident.acknowledgedAtMs ?? (move.to === 'cancelled' ? null : nowMs),
    resolvedAtMs: move.to === 'resolved' ? nowMs : opensAgain ? null : incident.resolvedAtMs,
    restoredAtMs: move.to === 'restored' ? nowMs : opensAgain ? null : incident.restoredAtMs,
    closedAtMs: move.to === 'closed' || move.to === 'cancelled' ? nowMs : null,
    version: incident.version + 1,
  };
  const words = stateWords(move.to);
  const note = move.note ? { en: `: ${move.note}`, zh: `：${move.note}` } : { en: '', zh: '' };
  return {
    incident: next,
    timeline: [
      { atMs: nowMs, actor, kind: 'transition', text: { en: words.en + note.en, zh: words.zh + note.zh } },
    ],
  };
}

/** Taking or giving an incident acknowledges it. */
export function assign(incident: Incident, assignee: string | null, actor: string, nowMs: Millis): Step {
  if (!isOpen(incident.state))
    throw new AppError(
      'transition-not-allowed',
      `${incident.ref} is ${incident.state}; only an open incident can be assigned.`,
    );
  const state = assignee === null ? 'new' : incident.state === 'new' ? 'assigned' : incident.state;
  const text =
    assignee === null
      ? { en: 'Given back; nobody has it.', zh: '已退回，暂无人认领。' }
      : { en: `Assigned to ${assignee}.`, zh: `已分派给 ${assignee}。` };
  return {
    incident: {
      ...incident,
      assignee,
      state,
      holdReason: state === 'on_hold' ? incident.holdReason : null,
      // Who gives back what nobody had has not taken notice of it.
      acknowledgedAtMs: incident.acknowledgedAtMs ?? (assignee === null ? null : nowMs),
      version: incident.version + 1,
    },
    timeline: [{ atMs: nowMs, actor, kind: 'assigned', text }],
  };
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

/** A program that acts by a token holds nothing: it can be asked nothing. */
function accountOf(actor: string): string | null {
  return actor.startsWith('user:') ? actor.slice('user:'.length) : null;
}

function priorityFacts(ci: CiFacts, news: { severity: Severity; outage: boolean }): PriorityFacts {
  return {
    ciClass: ci.class,
    criticality: ci.criticality,
    severity: news.severity,
    outage: news.outage,
    expectedNow: ci.expectedNow,
  };
}
