/** Many alerts of one cause at once: one change of the incident, with a bounded number of lines. Pure. */
import { isOpen, type Words } from '@muster/shared/api/incidents.ts';
import type { Millis } from '@muster/shared/time.ts';
import {
  AFFECTED_MAX,
  alertOf,
  type AlertNews,
  bounded,
  type CiFacts,
  endOf,
  isSeen,
  type Judging,
  MONITOR,
  type Step,
  takeAlert,
} from './life-cycle.ts';
import type { AffectedCi, Incident, IncidentAlert } from './store.ts';

/** Of so many alerts each has a line of its own; the others are counted. */
export const LINES_MAX = 5;

/** Stands for the CI at fault where nothing with a record is. */
export const NOWHERE: CiFacts = { id: '', name: '', class: '', criticality: 2, expectedNow: true };

/** All of one type, all of one cause. null: nothing new. Linear in the alerts. */
export function takeTogether(
  incident: Incident,
  news: readonly AlertNews[],
  ci: CiFacts,
  judging: Judging,
  nowMs: Millis,
): Step | null {
  const known = new Map(incident.alerts.map((alert) => [alert.alertId, alert]));
  const fresh = news.filter((one) => isNews(known.get(one.alertId), one));
  const last = fresh.at(-1);
  if (last === undefined) return null;
  const others = fresh.slice(0, -1);
  const merged = others.length === 0 ? incident : merge(incident, others, nowMs);
  const step = takeAlert(merged, last, ci, judging, nowMs);
  if (step === null) return null;
  const kind = last.type === 'resolved' ? 'alert-resolved' : 'alert-added';
  const shown = others.slice(0, LINES_MAX - 1);
  const hidden = others.length - shown.length;
  const lines = shown.map((one) => line(kind, one.title, nowMs));
  if (hidden > 0) lines.push(line(kind, hiddenWords(kind, hidden), nowMs));
  return { ...step, timeline: [...lines, ...step.timeline] };
}

/** These alerts are no effects of it any more. null: it holds none of them. */
export function releaseAlerts(
  incident: Incident,
  alertIds: ReadonlySet<string>,
  why: Words,
  ci: CiFacts,
  judging: Judging,
  nowMs: Millis,
): Step | null {
  const released = incident.alerts.filter(({ alertId }) => alertIds.has(alertId));
  if (released.length === 0) return null;
  const over: AlertNews[] = released.map(({ alertId, severity, ciId, causeKey }) => ({
    type: 'resolved',
    atMs: nowMs,
    alertId,
    severity,
    breachedAtMs: nowMs,
    causeKey,
    outage: false,
    affected: { ...NOWHERE, id: ciId },
    title: why,
    description: why,
  }));
  const step = takeTogether(incident, over, ci, judging, nowMs) ?? { incident, timeline: [] };
  const alerts = step.incident.alerts.filter(({ alertId }) => !alertIds.has(alertId));
  const gone = new Set(released.map(({ causeKey }) => causeKey));
  return {
    incident: {
      ...step.incident,
      alerts,
      joinedCauses: step.incident.joinedCauses.filter(({ causeKey }) => !gone.has(causeKey)),
      version: incident.version + 1,
    },
    timeline: [
      line('alert-resolved', why, nowMs),
      ...step.timeline.filter(({ kind }) => kind !== 'alert-resolved'),
    ],
  };
}

function isNews(held: IncidentAlert | undefined, news: AlertNews): boolean {
  if (news.type === 'resolved') return held?.open ?? false;
  return !held?.open || held.severity !== news.severity || (held.seen ?? false) !== (news.seen ?? false);
}

function merge(incident: Incident, news: readonly AlertNews[], nowMs: Millis): Incident {
  const alerts = new Map(incident.alerts.map((alert) => [alert.alertId, alert]));
  const affected = new Map(incident.affected.map((hit) => [hit.ciId, hit]));
  let { affectedBeyond, breachedAtMs } = incident;
  for (const one of news) {
    const { type, alertId, affected: ci, breachedAtMs: sinceMs } = one;
    const held = alerts.get(alertId);
    if (type === 'resolved') {
      if (held) alerts.set(alertId, endOf(held, one));
      continue;
    }
    alerts.delete(alertId);
    alerts.set(alertId, alertOf(one));
    breachedAtMs = Math.min(breachedAtMs ?? sinceMs, sinceMs);
    const hit = affected.get(ci.id);
    if (hit) affected.set(ci.id, { ...hit, sinceMs: Math.min(hit.sinceMs, sinceMs), untilMs: null });
    else if (affected.size < AFFECTED_MAX)
      affected.set(ci.id, { ciId: ci.id, name: ci.name, class: ci.class, sinceMs, untilMs: null });
    else affectedBeyond += 1;
  }
  return {
    ...incident,
    alerts: bounded([...alerts.values()]),
    affected: ended([...affected.values()], [...alerts.values()], nowMs),
    affectedBeyond,
    breachedAtMs,
  };
}

function ended(
  affected: readonly AffectedCi[],
  alerts: readonly IncidentAlert[],
  nowMs: Millis,
): AffectedCi[] {
  const open = new Set(alerts.filter((alert) => alert.open).map(({ ciId }) => ciId));
  return affected.map((hit) =>
    hit.untilMs === null && !open.has(hit.ciId) ? { ...hit, untilMs: nowMs } : hit,
  );
}

function line(kind: 'alert-added' | 'alert-resolved', text: Words, nowMs: Millis): Step['timeline'][number] {
  return { atMs: nowMs, actor: MONITOR, kind, text };
}

function hiddenWords(kind: 'alert-added' | 'alert-resolved', count: number): Words {
  return kind === 'alert-added'
    ? {
        en: `And ${count} further ${count === 1 ? 'alert' : 'alerts'} of the same cause.`,
        zh: `另有 ${count} 条同一原因的告警。`,
      }
    : {
        en: `And ${count} further ${count === 1 ? 'alert is' : 'alerts are'} over.`,
        zh: `另有 ${count} 条告警已恢复。`,
      };
}

/** Somebody acknowledged these alerts, or took that back. null: it holds none of them that is open. */
export function noticeOf(
  incident: Incident,
  {
    alertIds,
    seen,
    text,
  }: { readonly alertIds: ReadonlySet<string>; readonly seen: boolean; readonly text: Words },
  actor: string,
  nowMs: Millis,
): Step | null {
  if (!incident.alerts.some(({ alertId, open }) => open && alertIds.has(alertId))) return null;
  const alerts = incident.alerts.map((alert) => (alertIds.has(alert.alertId) ? { ...alert, seen } : alert));
  const next = { ...incident, alerts, version: incident.version + 1 };
  return {
    incident: { ...next, acknowledgedAtMs: next.acknowledgedAtMs ?? (isSeen(next) ? nowMs : null) },
    timeline: [{ atMs: nowMs, actor, kind: 'note', text }],
  };
}

/** It still stands, whoever had seen the alert, and those who are told of incidents hear it again. null: it is over. */
export function remindOf(incident: Incident, alertId: string, words: Words, nowMs: Millis): Step | null {
  if (!isOpen(incident.state)) return null;
  const alerts = incident.alerts.map((alert) =>
    alert.alertId === alertId ? { ...alert, seen: false } : alert,
  );
  return {
    incident: { ...incident, alerts, version: incident.version + 1 },
    timeline: [{ atMs: nowMs, actor: MONITOR, kind: 'unclaimed', text: words }],
    event: { type: 'reminded', words },
  };
}
