/** Incidents at work: takes what rules say, keeps one incident per cause, lets people act, lets time act. */
import { isOpen, type Evidence } from '@muster/shared/api/incidents.ts';
import type { Millis } from '@muster/shared/time.ts';
import { AppError } from '../errors.ts';
import {
  assign,
  moveByPerson,
  openByAlert,
  openByPerson,
  passTime,
  REOPEN_MS,
  takeAlert,
  type AlertNews,
  type CiFacts,
  type Move,
  type Step,
} from './life-cycle.ts';
import { matrixPriority } from './priority.ts';
import type { Incident, IncidentStore, TimelineRow } from './store.ts';

/** What happened to an incident, for the channels and for open pages. */
export interface IncidentEvent {
  readonly type: 'opened' | 'changed' | 'reopened' | 'resolved' | 'restored' | 'closed' | 'priority';
  readonly incident: Incident;
}

export interface Incidents {
  /** The same news twice has the effect of once. Returns the incident that holds the alert; null where none does. */
  react(news: AlertNews, ci: CiFacts, nowMs: Millis): Promise<Incident | null>;
  tick(nowMs: Millis): Promise<void>;
  report(
    report: { title: string; description: string; impact: number; urgency: number; ci: CiFacts | null },
    actor: string,
    nowMs: Millis,
  ): Promise<Incident>;
  move(
    idOrRef: string,
    move: Move,
    expectedVersion: number | undefined,
    actor: string,
    nowMs: Millis,
  ): Promise<Incident>;
  assign(
    idOrRef: string,
    assignee: string | null,
    expectedVersion: number | undefined,
    actor: string,
    nowMs: Millis,
  ): Promise<Incident>;
  note(idOrRef: string, note: string, actor: string, nowMs: Millis): Promise<Incident>;
  /** A line that the system writes, e.g. what became of a notification. */
  record(
    incidentId: string,
    kind: TimelineRow['kind'],
    text: TimelineRow['text'],
    nowMs: Millis,
  ): Promise<void>;
  putEvidence(incidentId: string, evidence: Evidence): Promise<void>;
  /** From memory: not closed or cancelled. */
  openOf(ciId: string): number;
  openCounts(): { open: number; unclaimed: number };
  incidentOfAlert(alertId: string): string | null;
}

interface IncidentsOptions {
  readonly store: IncidentStore;
  readonly newId: (prefix: string, nowMs: Millis) => string;
  /** Called after each durable change, in order. */
  readonly onEvent: (event: IncidentEvent, nowMs: Millis) => void;
}

export async function createIncidents({ store, newId, onEvent }: IncidentsOptions): Promise<Incidents> {
  const unfinished = new Map((await store.unfinished()).map((incident) => [incident.id, incident]));
  const byAlert = new Map<string, string>();
  for (const incident of unfinished.values())
    for (const { alertId } of incident.alerts) byAlert.set(alertId, incident.id);
  let number = await store.lastNumber();
  // One change at a time: two alerts of one cause at once must not open two incidents.
  let queue: Promise<unknown> = Promise.resolve();
  function inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = queue.then(work, work);
    queue = done.catch(() => undefined);
    return done;
  }

  async function save(before: Incident | null, step: Step, nowMs: Millis): Promise<Incident> {
    const { incident } = step;
    await store.save(
      incident,
      step.timeline.map((row) => ({ id: newId('line', nowMs), incidentId: incident.id, ...row })),
    );
    if (incident.state === 'closed' || incident.state === 'cancelled') unfinished.delete(incident.id);
    else unfinished.set(incident.id, incident);
    for (const { alertId } of incident.alerts) byAlert.set(alertId, incident.id);
    onEvent({ type: eventType(before, incident), incident }, nowMs);
    return incident;
  }

  async function require(idOrRef: string, expectedVersion: number | undefined): Promise<Incident> {
    const incident = await store.get(idOrRef);
    if (!incident) throw new AppError('not-found', `There is no incident ${idOrRef}.`);
    if (expectedVersion !== undefined && expectedVersion !== incident.version) {
      throw new AppError(
        'conflict',
        `${incident.ref} is at version ${incident.version}, not ${expectedVersion}: somebody else changed it.`,
      );
    }
    return incident;
  }

  function nextIdentity(nowMs: Millis): { id: string; ref: string } {
    number += 1;
    return { id: newId('inc', nowMs), ref: `INC-${String(number).padStart(4, '0')}` };
  }

  /** The incident that this cause belongs to: an open one, or one whose cause went away a short time ago. */
  function sameCause(news: AlertNews, nowMs: Millis): Incident | undefined {
    const own = byAlert.get(news.alertId);
    const held = own === undefined ? undefined : unfinished.get(own);
    if (held) return held;
    return [...unfinished.values()].find(
      (incident) =>
        incident.causeKey === news.causeKey &&
        (isOpen(incident.state) || nowMs - (incident.quietSinceMs ?? nowMs) <= REOPEN_MS),
    );
  }

  async function react(news: AlertNews, ci: CiFacts, nowMs: Millis): Promise<Incident | null> {
    const incident = sameCause(news, nowMs);
    if (!incident) {
      if (news.type === 'resolved') return null;
      return save(null, openByAlert(news, ci, nextIdentity(nowMs), nowMs), nowMs);
    }
    const step = takeAlert(incident, news, ci, nowMs);
    return step ? save(incident, step, nowMs) : incident;
  }

  return {
    react: (news, ci, nowMs) => inOrder(() => react(news, ci, nowMs)),
    tick: (nowMs) =>
      inOrder(async () => {
        for (const incident of Array.from(unfinished.values())) {
          const step = passTime(incident, nowMs);
          if (step) await save(incident, step, nowMs);
        }
      }),
    report: (report, actor, nowMs) =>
      inOrder(() =>
        save(
          null,
          openByPerson(
            report,
            matrixPriority(report.impact, report.urgency),
            nextIdentity(nowMs),
            actor,
            nowMs,
          ),
          nowMs,
        ),
      ),
    move: (idOrRef, move, expectedVersion, actor, nowMs) =>
      inOrder(async () => {
        const before = await require(idOrRef, expectedVersion);
        return save(before, moveByPerson(before, move, actor, nowMs), nowMs);
      }),
    assign: (idOrRef, assignee, expectedVersion, actor, nowMs) =>
      inOrder(async () => {
        const before = await require(idOrRef, expectedVersion);
        return save(before, assign(before, assignee, actor, nowMs), nowMs);
      }),
    note: (idOrRef, note, actor, nowMs) =>
      inOrder(async () => {
        const before = await require(idOrRef, undefined);
        const step: Step = {
          incident: { ...before, version: before.version + 1 },
          timeline: [{ atMs: nowMs, actor, kind: 'note', text: { en: note, zh: note } }],
        };
        return save(before, step, nowMs);
      }),
    record: (incidentId, kind, text, nowMs) =>
      inOrder(async () => {
        const before = await require(incidentId, undefined);
        const step: Step = {
          incident: { ...before, version: before.version + 1 },
          timeline: [{ atMs: nowMs, actor: 'system', kind, text }],
        };
        await save(before, step, nowMs);
      }),
    putEvidence: (incidentId, evidence) => store.putEvidence(incidentId, evidence),
    openOf: (ciId) =>
      [...unfinished.values()].filter((incident) => incident.ciId === ciId && isOpen(incident.state)).length,
    openCounts: () => {
      const open = [...unfinished.values()].filter(({ state }) => isOpen(state));
      return { open: open.length, unclaimed: open.filter(({ assignee }) => assignee === null).length };
    },
    incidentOfAlert: (alertId) => byAlert.get(alertId) ?? null,
  };
}

function eventType(before: Incident | null, after: Incident): IncidentEvent['type'] {
  if (!before) return 'opened';
  if (before.state !== after.state) {
    if (isOpen(after.state) && !isOpen(before.state)) return 'reopened';
    if (after.state === 'resolved' || after.state === 'restored') return after.state;
    if (after.state === 'closed' || after.state === 'cancelled') return 'closed';
  }
  return before.priority !== after.priority ? 'priority' : 'changed';
}
