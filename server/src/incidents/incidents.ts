/** Incidents at work: takes what rules say, keeps one incident per cause, lets people act, lets time act. */
import { isOpen, type Evidence, type Words } from '@muster/shared/api/incidents.ts';
import type { Millis } from '@muster/shared/time.ts';
import { AppError } from '../errors.ts';
import {
  answersFor,
  assign,
  join,
  moveByPerson,
  openByAlert,
  openByFinding,
  openByPerson,
  passTime,
  takeAlert,
  type AlertNews,
  type CiFacts,
  type IncidentByFinding,
  type Move,
  type Step,
} from './life-cycle.ts';
import { matrixPriority } from './priority.ts';
import type { Incident, IncidentEventType, IncidentStore, TimelineRow, UntoldEvent } from './store.ts';

/** What happened to an incident, for the channels and for open pages. */
export interface IncidentEvent {
  readonly type: IncidentEventType;
  readonly incident: Incident;
  /** Stands in the outbox until it was told; absent where a loss does no harm. */
  readonly id?: string;
}

export interface Incidents {
  /** The same news twice has the effect of once. Returns the incident that holds the alert; null where none does. */
  react(news: AlertNews, ci: CiFacts, nowMs: Millis): Promise<Incident | null>;
  /**
   * The machine found that two incidents have one cause: `intoId` takes all of `fromId`, which is cancelled and points to
   * it. A joined one stands for the one that holds it. Returns the holder; null, and nothing is done, where one is over.
   */
  join(intoId: string, fromId: string, why: Words, nowMs: Millis): Promise<Incident | null>;
  tick(nowMs: Millis): Promise<void>;
  report(
    report: { title: string; description: string; impact: number; urgency: number; ci: CiFacts | null },
    actor: string,
    nowMs: Millis,
  ): Promise<Incident>;
  /** For a finding that a rule says needs an incident. */
  openForFinding(news: IncidentByFinding, nowMs: Millis): Promise<Incident>;
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
  /**
   * A line that the system writes, e.g. what became of a notification. Nobody's work on the incident is in its way: the
   * version stays. With a `lineId` of the caller the same line again has no effect.
   */
  record(
    incidentId: string,
    kind: TimelineRow['kind'],
    text: TimelineRow['text'],
    nowMs: Millis,
    lineId?: string,
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
  /** The account of that name as it is written there, when it is active and may work on incidents; else null. */
  readonly holderOf: (name: string) => Promise<string | null>;
  /** Called after each durable change, in order. */
  readonly onEvent: (event: IncidentEvent, nowMs: Millis) => void;
}

export async function createIncidents({
  store,
  newId,
  holderOf,
  onEvent,
}: IncidentsOptions): Promise<Incidents> {
  const unfinished = new Unfinished(await store.unfinished());
  let number = await store.lastNumber();
  // One change at a time: two alerts of one cause at once must not open two incidents.
  let queue: Promise<unknown> = Promise.resolve();
  function inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = queue.then(work, work);
    queue = done.catch(() => undefined);
    return done;
  }

  async function save(before: Incident | null, step: Step, nowMs: Millis): Promise<Incident> {
    await saveAll([[before, step]], nowMs);
    return step.incident;
  }

  /** Several incidents in one go, each with what it was before. */
  async function saveAll(
    changes: readonly (readonly [before: Incident | null, step: Step])[],
    nowMs: Millis,
  ): Promise<void> {
    const written = changes.map(([before, { incident, timeline }]) => {
      const type = eventType(before, incident);
      const event: UntoldEvent | undefined =
        type === 'changed' ? undefined : { id: newId('iev', nowMs), type, atMs: nowMs, incident };
      const rows = timeline.map((row) => ({ id: newId('line', nowMs), incidentId: incident.id, ...row }));
      return { type, incident, timeline: rows, event };
    });
    await store.saveAll(written);
    for (const { type, incident, event } of written) {
      unfinished.put(incident);
      onEvent(event ? { type, incident, id: event.id } : { type, incident }, nowMs);
    }
  }

  /** Follows the pointers of joined incidents to the one that holds them now. */
  async function holderOfAll(id: string): Promise<Incident | null> {
    let incident = await store.get(id);
    while (incident !== null && incident.mergedIntoId !== null)
      incident = await store.get(incident.mergedIntoId);
    return incident;
  }

  /** @throws AppError input-invalid */
  async function holder(name: string): Promise<string> {
    const found = await holderOf(name);
    if (found !== null) return found;
    const message = `No active account "${name}" may work on incidents.`;
    throw new AppError('input-invalid', message, { issues: [{ path: 'assignee', message }] });
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
    const held = unfinished.ofAlert(news.alertId);
    if (held) return held;
    return unfinished.ofCause(news.causeKey).find((incident) => answersFor(incident, news.causeKey, nowMs));
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
    join: (intoId, fromId, why, nowMs) =>
      inOrder(async () => {
        const [into, from] = [await holderOfAll(intoId), await holderOfAll(fromId)];
        if (!into || !from) return null;
        if (into.id === from.id) return into;
        const joined = join(into, from, { why, actor: 'system', nowMs });
        if (!joined) return null;
        // Told in this order: who hears of the end of one has heard where it went on.
        await saveAll(
          [
            [into, joined.into],
            [from, joined.from],
          ],
          nowMs,
        );
        return joined.into.incident;
      }),
    tick: (nowMs) =>
      inOrder(async () => {
        for (const incident of unfinished.all()) {
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
    openForFinding: (news, nowMs) =>
      inOrder(() => {
        const priority = matrixPriority(news.ci.criticality, news.urgency);
        return save(null, openByFinding(news, priority, nextIdentity(nowMs), nowMs), nowMs);
      }),
    move: (idOrRef, move, expectedVersion, actor, nowMs) =>
      inOrder(async () => {
        const before = await require(idOrRef, expectedVersion);
        const assignee = move.assignee ? await holder(move.assignee) : move.assignee;
        return save(before, moveByPerson(before, { ...move, assignee }, actor, nowMs), nowMs);
      }),
    assign: (idOrRef, assignee, expectedVersion, actor, nowMs) =>
      inOrder(async () => {
        const before = await require(idOrRef, expectedVersion);
        const name = assignee === null ? null : await holder(assignee);
        return save(before, assign(before, name, actor, nowMs), nowMs);
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
    record: (incidentId, kind, text, nowMs, lineId = newId('line', nowMs)) =>
      inOrder(async () => {
        const incident = await require(incidentId, undefined);
        await store.addLine({
          id: lineId,
          incidentId: incident.id,
          atMs: nowMs,
          actor: 'system',
          kind,
          text,
        });
        onEvent({ type: 'changed', incident }, nowMs);
      }),
    putEvidence: (incidentId, evidence) => store.putEvidence(incidentId, evidence),
    openOf: (ciId) => unfinished.openOf(ciId),
    openCounts: () => {
      const open = unfinished.all().filter(({ state }) => isOpen(state));
      return { open: open.length, unclaimed: open.filter(({ assignee }) => assignee === null).length };
    },
    incidentOfAlert: (alertId) => unfinished.ofAlert(alertId)?.id ?? null,
  };
}

/** The incidents that are not closed or cancelled, found by what others ask for: lists of machines ask once per row. */
class Unfinished {
  readonly #byId = new Map<string, Incident>();
  readonly #byAlert = new Map<string, string>();
  readonly #byCause = new Map<string, Set<string>>();
  /** At fault or affected. */
  readonly #openByCi = new Map<string, Set<string>>();

  constructor(incidents: readonly Incident[]) {
    for (const incident of incidents) this.put(incident);
  }

  all(): Incident[] {
    return [...this.#byId.values()];
  }

  ofAlert(alertId: string): Incident | undefined {
    const id = this.#byAlert.get(alertId);
    return id === undefined ? undefined : this.#byId.get(id);
  }

  ofCause(causeKey: string): Incident[] {
    return [...(this.#byCause.get(causeKey) ?? [])].flatMap((id) => this.#byId.get(id) ?? []);
  }

  openOf(ciId: string): number {
    return this.#openByCi.get(ciId)?.size ?? 0;
  }

  put(incident: Incident): void {
    this.#forget(incident.id);
    if (incident.state === 'closed' || incident.state === 'cancelled') return;
    this.#byId.set(incident.id, incident);
    for (const { alertId } of incident.alerts) this.#byAlert.set(alertId, incident.id);
    for (const causeKey of causesOf(incident)) add(this.#byCause, causeKey, incident.id);
    if (isOpen(incident.state)) for (const ciId of cisOf(incident)) add(this.#openByCi, ciId, incident.id);
  }

  #forget(id: string): void {
    const held = this.#byId.get(id);
    if (!held) return;
    this.#byId.delete(id);
    for (const { alertId } of held.alerts)
      if (this.#byAlert.get(alertId) === id) this.#byAlert.delete(alertId);
    for (const causeKey of causesOf(held)) drop(this.#byCause, causeKey, id);
    for (const ciId of cisOf(held)) drop(this.#openByCi, ciId, id);
  }
}

function causesOf({ causeKey, joinedCauses }: Incident): string[] {
  return [...(causeKey === null ? [] : [causeKey]), ...joinedCauses.map((joined) => joined.causeKey)];
}

function cisOf({ ciId, affected }: Incident): string[] {
  return [...(ciId === null ? [] : [ciId]), ...affected.map((hit) => hit.ciId)];
}

function add(index: Map<string, Set<string>>, key: string, id: string): void {
  const held = index.get(key);
  if (held) held.add(id);
  else index.set(key, new Set([id]));
}

function drop(index: Map<string, Set<string>>, key: string, id: string): void {
  const held = index.get(key);
  held?.delete(id);
  if (held?.size === 0) index.delete(key);
}

function eventType(before: Incident | null, after: Incident): IncidentEvent['type'] {
  if (!before) return 'opened';
  if (before.mergedIntoId !== after.mergedIntoId) return 'merged';
  if (before.state !== after.state) {
    if (isOpen(after.state) && !isOpen(before.state)) return 'reopened';
    if (after.state === 'resolved' || after.state === 'restored') return after.state;
    if (after.state === 'closed' || after.state === 'cancelled') return 'closed';
  }
  return before.priority !== after.priority ? 'priority' : 'changed';
}
