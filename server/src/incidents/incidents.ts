/** Incidents at work: takes what rules say, keeps one incident per cause, lets people act, lets time act. */
import { isOpen, type Evidence, type Words } from '@muster/shared/api/incidents.ts';
import { MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import { AppError } from '../errors.ts';
import { join, split, type SplitWish } from './join.ts';
import {
  type AlertNews,
  answersFor,
  type CiFacts,
  dueOf,
  type IncidentByFinding,
  JUDGED_AT_ONCE_MAX,
  type Judging,
  judgedAnew,
  openByAlert,
  openByFinding,
  openByPerson,
  passTime,
  type ReportByPerson,
  settledStep,
  type Step,
  takeAlert,
} from './life-cycle.ts';
import { assign, file, type Filing, link, moveByPerson, type Move, setPriority } from './moves.ts';
import { createPolicy, type Policy } from './policy.ts';
import { NO_SURROUNDINGS, type Surroundings } from './surroundings.ts';
import { noticeOf, NOWHERE, releaseAlerts, remindOf, takeTogether } from './together.ts';
import type { Incident, IncidentEventType, IncidentStore, TimelineRow, UntoldEvent } from './store.ts';

/** What a person has to have seen of it: who gives, takes or files it, what was decided; who ends it or says how bad it is, all. */
type Seen = 'all' | 'decisions';

/** What happened to an incident, for the channels and for open pages. */
export interface IncidentEvent {
  readonly type: IncidentEventType;
  readonly incident: Incident;
  /** What is said of it besides. */
  readonly words?: Words | null;
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
  /**
   * Several news of one type and one cause: one change. A null `ci`: nothing that has a record is at fault. Returns the
   * incident that holds them; null where none does.
   */
  reactAll(news: readonly AlertNews[], ci: CiFacts | null, nowMs: Millis): Promise<Incident | null>;
  /** As `reactAll`, on this incident or the one that holds it now; null where it is over. */
  attach(incidentId: string, news: readonly AlertNews[], nowMs: Millis): Promise<Incident | null>;
  /** These alerts are no effects of it any more; the next news of them goes elsewhere. */
  release(incidentId: string, alertIds: readonly string[], why: Words, nowMs: Millis): Promise<void>;
  /** Whoever is told of incidents hears of it again, if it is open: nobody has seen this alert any more. */
  remind(incidentId: string, alertId: string, words: Words, nowMs: Millis): Promise<void>;
  /** A person acknowledged alerts of it, or took that back. */
  notice(incidentId: string, notice: Notice, actor: string, nowMs: Millis): Promise<void>;
  /** From memory: neither closed nor cancelled. */
  unfinished(): readonly Incident[];
  /** From memory: the one that holds the alert, if it is neither closed nor cancelled. */
  ofAlert(alertId: string): Incident | null;
  tick(nowMs: Millis): Promise<void>;
  report(report: ReportByPerson, actor: string, nowMs: Millis): Promise<Incident>;
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
  /** As `join`, by a person: what cannot be merged is refused. @throws AppError not-found, conflict, input-invalid */
  merge(
    idOrRef: string,
    wish: { readonly fromIds: readonly string[]; readonly reason: string },
    expectedVersion: number | undefined,
    actor: string,
    nowMs: Millis,
  ): Promise<Incident>;
  /** Answers the new one. @throws AppError not-found, conflict, input-invalid, transition-not-allowed */
  split(
    idOrRef: string,
    wish: SplitWish,
    expectedVersion: number | undefined,
    actor: string,
    nowMs: Millis,
  ): Promise<Incident>;
  /** @throws AppError not-found, conflict, input-invalid: it would be above itself */
  link(
    idOrRef: string,
    parentId: string | null,
    expectedVersion: number | undefined,
    actor: string,
    nowMs: Millis,
  ): Promise<Incident>;
  setPriority(
    idOrRef: string,
    wish: { readonly priority: number | null; readonly reason: string },
    expectedVersion: number | undefined,
    actor: string,
    nowMs: Millis,
  ): Promise<Incident>;
  file(
    idOrRef: string,
    filing: Filing,
    expectedVersion: number | undefined,
    actor: string,
    nowMs: Millis,
  ): Promise<Incident>;
  /** Unfinished ones that may be what somebody is about to report, the likest first. */
  candidates(report: CandidateQuery): Incident[];
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
  /** `alarmed`: nobody has them for longer than the house allows. */
  openCounts(): { open: number; unclaimed: number; alarmed: number };
  readonly policy: Policy;
  incidentOfAlert(alertId: string): string | null;
}

export interface Notice {
  readonly alertIds: readonly string[];
  readonly seen: boolean;
  /** Who, until when and why. */
  readonly text: Words;
}

export interface CandidateQuery {
  readonly ciId?: string | undefined;
  readonly category?: string | undefined;
  readonly title?: string | undefined;
}

/** Incidents above one another; more is a mistake. */
const LINK_DEPTH_MAX = 10;
const CANDIDATES_MAX = 10;
const JUDGE_AGAIN_MS = MINUTE_MS;

interface IncidentsOptions {
  readonly store: IncidentStore;
  readonly newId: (prefix: string, nowMs: Millis) => string;
  /** The account of that name as it is written there, when it is active and may work on incidents; else null. */
  readonly holderOf: (name: string) => Promise<string | null>;
  /** Relations around CIs; none where absent. */
  readonly surroundings?: Surroundings;
  /** What is known of a CI now; null: it is gone. */
  readonly ciFacts?: (ciId: string) => CiFacts | null;
  /** Since when a machine is heard; null: it is silent. undefined: it is not one that speaks. */
  readonly heardSinceMs?: (ciId: string) => Millis | null | undefined;
  /** Called after each durable change, in order. */
  readonly onEvent: (event: IncidentEvent, nowMs: Millis) => void;
}

export async function createIncidents({
  store,
  newId,
  holderOf,
  surroundings = NO_SURROUNDINGS,
  ciFacts = () => null,
  heardSinceMs = () => undefined,
  onEvent,
}: IncidentsOptions): Promise<Incidents> {
  const policy = await createPolicy(store);
  const settings = () => policy.settings().value;
  const unfinished = new Unfinished(await store.unfinished(), (incident) => dueOf(incident, settings()));
  /** Hit many CIs at once: judged anew with the next tick. */
  const toJudge = new Set<string>();
  let judgedAtMs = 0;
  let number = await store.lastNumber();
  // One change at a time: two alerts of one cause at once must not open two incidents.
  let queue: Promise<unknown> = Promise.resolve();
  function inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = queue.then(work, work);
    queue = done.catch(() => undefined);
    return done;
  }

  async function save(before: Incident | null, step: Step, nowMs: Millis): Promise<Incident> {
    const [saved] = await saveAll([[before, step]], nowMs);
    return saved ?? step.incident;
  }

  /** Several incidents in one go, each with what it was before. */
  async function saveAll(
    changes: readonly (readonly [before: Incident | null, step: Step])[],
    nowMs: Millis,
  ): Promise<Incident[]> {
    const written = changes.map(([before, step]) => {
      const incident = settledStep(before, step.incident, nowMs);
      const { timeline } = step;
      const type = step.event?.type ?? eventType(before, incident);
      const words = step.event?.words ?? null;
      const event: UntoldEvent | undefined =
        type === 'changed' ? undefined : { id: newId('iev', nowMs), type, atMs: nowMs, incident, words };
      const rows = timeline.map((row) => ({ id: newId('line', nowMs), incidentId: incident.id, ...row }));
      return { type, incident, timeline: rows, event, words };
    });
    await store.saveAll(written);
    for (const { type, incident, event, words } of written) {
      unfinished.put(incident);
      onEvent(event ? { type, incident, words, id: event.id } : { type, incident }, nowMs);
    }
    return written.map(({ incident }) => incident);
  }

  function judging(): Judging {
    return {
      matrix: policy.matrix(),
      settings: settings(),
      reachOf: (ciIds) => surroundings.reachOf(ciIds, downNow),
      placeOf: (ciId) => surroundings.placeOf(ciId),
    };
  }

  /** Each half of a split by what is left in it. */
  function judgedAlone(half: Step, nowMs: Millis): Step {
    const ci = factsOf(half.incident);
    const isAlive = isOpen(half.incident.state) && half.incident.alerts.some(({ open }) => open);
    return ci && isAlive ? judgedAnew(half, ci, judging(), nowMs) : half;
  }

  /** What is silent or down, by all incidents. */
  function downNow(): string[] {
    return unfinished
      .all()
      .filter(({ needsCause, quietSinceMs, state }) => needsCause && quietSinceMs === null && isOpen(state))
      .flatMap(({ ciId, affected }) => [
        ...(ciId === null ? [] : [ciId]),
        ...affected.flatMap((hit) => (hit.untilMs === null ? [hit.ciId] : [])),
      ]);
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

  /** As it is; refused where it is not what the person saw. */
  async function require(
    idOrRef: string,
    expectedVersion: number | undefined,
    seen: Seen = 'all',
  ): Promise<Incident> {
    const incident = await store.get(idOrRef);
    if (!incident) throw new AppError('not-found', `There is no incident ${idOrRef}.`);
    const { version, decidedVersion } = incident;
    const oldest = seen === 'all' ? version : decidedVersion;
    if (expectedVersion !== undefined && (expectedVersion < oldest || expectedVersion > version)) {
      throw new AppError(
        'conflict',
        `${incident.ref} is at version ${incident.version}, not ${expectedVersion}: it has changed meanwhile.`,
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
    return unfinished
      .ofCause(news.causeKey)
      .find((incident) => answersFor(incident, news.causeKey, settings(), nowMs));
  }

  async function react(news: AlertNews, ci: CiFacts, nowMs: Millis): Promise<Incident | null> {
    const incident = sameCause(news, nowMs);
    if (!incident) {
      if (news.type === 'resolved') return null;
      return save(null, openByAlert(news, ci, nextIdentity(nowMs), judging(), nowMs), nowMs);
    }
    // Also after it was joined the incident belongs to the CI at fault, not to the one of this alert.
    const fault = ci.id === incident.ciId ? ci : (factsOf(incident) ?? ci);
    const step = takeAlert(incident, news, fault, judging(), nowMs);
    if (!step) return incident;
    if (step.incident.affected.length > JUDGED_AT_ONCE_MAX) toJudge.add(incident.id);
    return save(incident, step, nowMs);
  }

  async function reactAll(
    news: readonly AlertNews[],
    ci: CiFacts | null,
    nowMs: Millis,
  ): Promise<Incident | null> {
    const [first, ...others] = news;
    if (!first) return null;
    const known = sameCause(first, nowMs);
    if (known) return takeAll(known, news, ci, nowMs);
    if (first.type === 'resolved') return null;
    const opened = openByAlert(first, ci ?? NOWHERE, nextIdentity(nowMs), judging(), nowMs);
    const incident =
      ci === null
        ? { ...opened.incident, ciId: null, ciName: null, ciClass: null, affected: [] }
        : opened.incident;
    const taken = takeTogether(incident, others, ci ?? NOWHERE, judging(), nowMs);
    if (!taken) return save(null, { ...opened, incident }, nowMs);
    if (taken.incident.affected.length > JUDGED_AT_ONCE_MAX) toJudge.add(incident.id);
    const timeline = [...opened.timeline, ...taken.timeline.filter(({ kind }) => kind !== 'priority')];
    return save(null, { incident: { ...taken.incident, version: 1 }, timeline }, nowMs);
  }

  async function takeAll(
    incident: Incident,
    news: readonly AlertNews[],
    ci: CiFacts | null,
    nowMs: Millis,
  ): Promise<Incident> {
    const fault = factsOf(incident) ?? ci ?? NOWHERE;
    const step = takeTogether(incident, news, fault, judging(), nowMs);
    if (!step) return incident;
    if (step.incident.affected.length > JUDGED_AT_ONCE_MAX) toJudge.add(incident.id);
    return save(incident, step, nowMs);
  }

  function factsOf(incident: Incident): CiFacts | null {
    return incident.ciId === null ? null : ciFacts(incident.ciId);
  }

  /** Of the machine at fault; where that is none that speaks, of the affected one that is heard for longest. */
  function heardSinceOf({ ciId, affected }: Incident): Millis | null {
    const own = ciId === null ? undefined : heardSinceMs(ciId);
    if (own !== undefined) return own;
    const others = affected.map((hit) => heardSinceMs(hit.ciId)).filter((since) => since !== undefined);
    if (others.length === 0) return -Infinity;
    const heard = others.filter((since) => since !== null);
    return heard.length === 0 ? null : Math.min(...heard);
  }

  /** The graph is walked once for all alerts that came since. */
  async function judgeLate(nowMs: Millis): Promise<void> {
    for (const id of toJudge) {
      toJudge.delete(id);
      const incident = unfinished.get(id);
      const ci = incident && factsOf(incident);
      if (!incident || !ci || !isOpen(incident.state)) continue;
      const step = judgedAnew({ incident, timeline: [] }, ci, judging(), nowMs);
      if (step.incident.why.en === incident.why.en) continue;
      await save(incident, { ...step, incident: { ...step.incident, version: incident.version + 1 } }, nowMs);
    }
  }

  /** Hours begin and end, a forecast comes nearer, redundancy goes: impact and urgency move without an alert. */
  async function judgeAgain(nowMs: Millis): Promise<void> {
    if (nowMs - judgedAtMs < JUDGE_AGAIN_MS) return;
    judgedAtMs = nowMs;
    for (const incident of unfinished.all()) {
      if (!isOpen(incident.state) || !incident.alerts.some(({ open }) => open)) continue;
      const ci = factsOf(incident);
      if (!ci) continue;
      const step = judgedAnew({ incident, timeline: [] }, ci, judging(), nowMs);
      const { impact, urgency } = step.incident;
      if (impact === incident.impact && urgency === incident.urgency) continue;
      await save(incident, { ...step, incident: { ...step.incident, version: incident.version + 1 } }, nowMs);
    }
  }

  /** Children that a person resolves together with their parent. */
  function childrenSteps(parent: Incident, actor: string, nowMs: Millis): [Incident, Step][] {
    const { cause, action, resolution } = parent;
    return unfinished
      .childrenOf(parent.id)
      .filter(({ state }) => isOpen(state))
      .map((child) => [
        child,
        moveByPerson(
          child,
          {
            to: 'resolved',
            note: parent.ref,
            resolution: resolution ?? 'permanent',
            ...(cause === null ? {} : { cause: child.cause ?? cause }),
            ...(action === null ? {} : { action: child.action ?? action }),
          },
          actor,
          nowMs,
        ),
      ]);
  }

  async function moved(
    before: Incident,
    { children = false, ...move }: Move,
    actor: string,
    nowMs: Millis,
  ): Promise<Incident> {
    const below = unfinished.childrenOf(before.id);
    const outage = before.needsCause || below.some(({ needsCause }) => needsCause);
    const step = moveByPerson(before, move, actor, nowMs, outage);
    const ends = children && (move.to === 'resolved' || move.to === 'closed');
    const [saved] = await saveAll(
      [[before, step], ...(ends ? childrenSteps(step.incident, actor, nowMs) : [])],
      nowMs,
    );
    return saved ?? step.incident;
  }

  /** Children of what was joined go on below the one that holds it. */
  function adopted(into: Incident, from: Incident, actor: string, nowMs: Millis): [Incident, Step][] {
    return unfinished
      .childrenOf(from.id)
      .filter(({ id }) => id !== into.id)
      .map((child) => [child, link(child, into, actor, nowMs)]);
  }

  /** @throws AppError input-invalid: `child` is `parent` or stands above it */
  async function requireNoCircle(child: Incident, parent: Incident): Promise<void> {
    let at: Incident | null = parent;
    for (let depth = 0; at !== null; depth += 1) {
      if (at.id === child.id)
        throw new AppError('input-invalid', `${parent.ref} stands below ${child.ref} already.`);
      if (depth >= LINK_DEPTH_MAX)
        throw new AppError('input-invalid', `More than ${LINK_DEPTH_MAX} incidents above one another.`);
      at = at.parentId === null ? null : await store.get(at.parentId);
    }
  }

  /** A change by a person to what was read by that person. */
  function changed(
    idOrRef: string,
    expectedVersion: number | undefined,
    nowMs: Millis,
    seen: Seen,
    step: (before: Incident) => Step | Promise<Step>,
  ): Promise<Incident> {
    return inOrder(async () => {
      const before = await require(idOrRef, expectedVersion, seen);
      return save(before, await step(before), nowMs);
    });
  }

  return {
    react: (news, ci, nowMs) => inOrder(() => react(news, ci, nowMs)),
    reactAll: (news, ci, nowMs) => inOrder(() => reactAll(news, ci, nowMs)),
    attach: (incidentId, news, nowMs) =>
      inOrder(async () => {
        const incident = await holderOfAll(incidentId);
        if (!incident || incident.state === 'closed' || incident.state === 'cancelled') return null;
        return takeAll(incident, news, null, nowMs);
      }),
    release: (incidentId, alertIds, why, nowMs) =>
      inOrder(async () => {
        const incident = unfinished.get(incidentId);
        if (!incident) return;
        const fault = factsOf(incident) ?? NOWHERE;
        const step = releaseAlerts(incident, new Set(alertIds), why, fault, judging(), nowMs);
        if (step) await save(incident, step, nowMs);
      }),
    remind: (incidentId, alertId, words, nowMs) =>
      inOrder(async () => {
        const incident = unfinished.get(incidentId);
        const step = incident && remindOf(incident, alertId, words, nowMs);
        if (step) await save(incident, step, nowMs);
      }),
    notice: (incidentId, { alertIds, seen, text }, actor, nowMs) =>
      inOrder(async () => {
        const incident = unfinished.get(incidentId);
        const step =
          incident && noticeOf(incident, { alertIds: new Set(alertIds), seen, text }, actor, nowMs);
        if (step) await save(incident, step, nowMs);
      }),
    unfinished: () => unfinished.all(),
    ofAlert: (alertId) => unfinished.ofAlert(alertId) ?? null,
    join: (intoId, fromId, why, nowMs) =>
      inOrder(async () => {
        const [into, from] = [await holderOfAll(intoId), await holderOfAll(fromId)];
        if (!into || !from) return null;
        if (into.id === from.id) return into;
        const joined = join(into, from, { why, actor: 'system', nowMs });
        if (!joined) return null;
        // Told in this order: who hears of the end of one has heard where it went on.
        const ci = factsOf(into);
        const taken = ci ? judgedAnew(joined.into, ci, judging(), nowMs) : joined.into;
        const [saved] = await saveAll(
          [[into, taken], [from, joined.from], ...adopted(into, from, 'system', nowMs)],
          nowMs,
        );
        return saved ?? null;
      }),
    tick: (nowMs) =>
      inOrder(async () => {
        await judgeLate(nowMs);
        await judgeAgain(nowMs);
        for (const incident of unfinished.due(nowMs)) {
          const step = passTime(incident, settings(), nowMs, heardSinceOf(incident));
          if (step) await save(incident, step, nowMs);
        }
      }),
    report: (report, actor, nowMs) =>
      inOrder(() => save(null, openByPerson(report, nextIdentity(nowMs), actor, judging(), nowMs), nowMs)),
    openForFinding: (news, nowMs) =>
      inOrder(() => save(null, openByFinding(news, nextIdentity(nowMs), judging(), nowMs), nowMs)),
    move: (idOrRef, move, expectedVersion, actor, nowMs) =>
      inOrder(async () => {
        const before = await require(idOrRef, expectedVersion, isOpen(move.to) ? 'decisions' : 'all');
        const assignee = move.assignee ? await holder(move.assignee) : move.assignee;
        return moved(before, { ...move, assignee }, actor, nowMs);
      }),
    assign: (idOrRef, assignee, expectedVersion, actor, nowMs) =>
      inOrder(async () => {
        const before = await require(idOrRef, expectedVersion, 'decisions');
        const name = assignee === null ? null : await holder(assignee);
        return save(before, assign(before, name, actor, nowMs), nowMs);
      }),
    merge: (idOrRef, { fromIds, reason }, expectedVersion, actor, nowMs) =>
      inOrder(async () => {
        const before = await require(idOrRef, expectedVersion);
        let into = before;
        const changes: [Incident, Step][] = [];
        const lines: Step['timeline'][number][] = [];
        const froms = new Map<string, Incident>();
        for (const fromId of fromIds) {
          const from = await require(fromId, undefined);
          froms.set(from.id, from);
        }
        for (const from of froms.values()) {
          const joined = join(into, from, { why: { en: reason, zh: reason }, actor, nowMs });
          if (!joined) throw new AppError('input-invalid', `${from.ref} cannot be merged into ${into.ref}.`);
          into = joined.into.incident;
          lines.push(...joined.into.timeline);
          changes.push(
            [from, joined.from],
            ...adopted(before, from, actor, nowMs).filter(([{ id }]) => !froms.has(id)),
          );
        }
        // One change of the one that takes them, however many there are.
        const step = { incident: { ...into, version: before.version + 1 }, timeline: lines };
        const ci = factsOf(before);
        const taken = ci && isOpen(into.state) ? judgedAnew(step, ci, judging(), nowMs) : step;
        const [saved] = await saveAll([[before, taken], ...changes], nowMs);
        return saved ?? into;
      }),
    split: (idOrRef, wish, expectedVersion, actor, nowMs) =>
      inOrder(async () => {
        const before = await require(idOrRef, expectedVersion);
        const [first] = wish.ciIds;
        const hit = before.affected.find(({ ciId }) => ciId === first);
        if (!hit) throw new AppError('input-invalid', `${before.ref} does not affect ${first ?? 'nothing'}.`);
        const ci = { id: hit.ciId, name: hit.name, class: hit.class };
        const { left, apart } = split(before, wish, ci, nextIdentity(nowMs), judging(), { actor, nowMs });
        const [ownLeft, ownApart] = [left, apart].map((one) => judgedAlone(one, nowMs));
        // The alerts leave the one before they arrive in the other.
        const [, saved] = await saveAll(
          [
            [before, ownLeft ?? left],
            [null, ownApart ?? apart],
          ],
          nowMs,
        );
        return saved ?? apart.incident;
      }),
    link: (idOrRef, parentId, expectedVersion, actor, nowMs) =>
      changed(idOrRef, expectedVersion, nowMs, 'decisions', async (before) => {
        if (parentId === null) return link(before, null, actor, nowMs);
        const parent = await require(parentId, undefined);
        if (parent.state === 'closed' || parent.state === 'cancelled')
          throw new AppError('input-invalid', `${parent.ref} is ${parent.state}.`);
        await requireNoCircle(before, parent);
        return link(before, parent, actor, nowMs);
      }),
    setPriority: (idOrRef, wish, expectedVersion, actor, nowMs) =>
      changed(idOrRef, expectedVersion, nowMs, 'all', (before) => setPriority(before, wish, actor, nowMs)),
    file: (idOrRef, filing, expectedVersion, actor, nowMs) =>
      changed(idOrRef, expectedVersion, nowMs, 'decisions', (before) => file(before, filing, actor, nowMs)),
    candidates: (query) =>
      unfinished
        .all()
        .map((incident) => ({ incident, likeness: likenessTo(incident, query) }))
        .filter(({ likeness }) => likeness >= LIKE_MIN)
        .toSorted((a, b) => b.likeness - a.likeness || b.incident.openedAtMs - a.incident.openedAtMs)
        .slice(0, CANDIDATES_MAX)
        .map(({ incident }) => incident),
    policy: {
      ...policy,
      async setSettings(...change) {
        const set = await policy.setSettings(...change);
        unfinished.reckonDue();
        return set;
      },
    },
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
      return {
        open: open.length,
        unclaimed: open.filter(({ assignee }) => assignee === null).length,
        alarmed: open.filter(({ unclaimedAtMs }) => unclaimedAtMs !== null).length,
      };
    },
    incidentOfAlert: (alertId) => unfinished.ofAlert(alertId)?.id ?? null,
  };
}

/** From this on two incidents may be one. */
const LIKE_MIN = 3;
const WORD = /[\p{L}\p{N}]{2,}/gu;

/** The same CI weighs most, then its kind; words of the title count one each. */
function likenessTo(incident: Incident, { ciId, category, title }: CandidateQuery): number {
  const sameCi =
    ciId !== undefined && (incident.ciId === ciId || incident.affected.some((hit) => hit.ciId === ciId));
  const sameKind = category !== undefined && incident.category === category;
  const own = `${incident.title.en} ${incident.title.zh} ${incident.ciName ?? ''}`.toLowerCase();
  const words = new Set((title ?? '').toLowerCase().match(WORD));
  const shared = [...words].filter((word) => own.includes(word)).length;
  return (sameCi ? 3 : 0) + (sameKind ? 1 : 0) + Math.min(3, shared);
}

/** The incidents that are not closed or cancelled, found by what others ask for: lists of machines ask once per row. */
class Unfinished {
  readonly #byId = new Map<string, Incident>();
  readonly #byAlert = new Map<string, string>();
  readonly #byCause = new Map<string, Set<string>>();
  /** At fault or affected. */
  readonly #openByCi = new Map<string, Set<string>>();

  readonly #byParent = new Map<string, Set<string>>();
  readonly #dueOf: (incident: Incident) => Millis | null;
  readonly #due = new Map<string, Millis>();

  constructor(incidents: readonly Incident[], due: (incident: Incident) => Millis | null) {
    this.#dueOf = due;
    for (const incident of incidents) this.put(incident);
  }

  get(id: string): Incident | undefined {
    return this.#byId.get(id);
  }

  childrenOf(id: string): Incident[] {
    return [...(this.#byParent.get(id) ?? [])].flatMap((childId) => this.#byId.get(childId) ?? []);
  }

  /** Those that time alone may do something to. */
  due(nowMs: Millis): Incident[] {
    const found: Incident[] = [];
    for (const [id, dueMs] of this.#due) {
      const incident = dueMs <= nowMs ? this.#byId.get(id) : undefined;
      if (incident) found.push(incident);
    }
    return found;
  }

  /** The house decided otherwise on how incidents age. */
  reckonDue(): void {
    for (const incident of this.#byId.values()) this.#reckon(incident);
  }

  #reckon(incident: Incident): void {
    const dueMs = this.#dueOf(incident);
    if (dueMs === null) this.#due.delete(incident.id);
    else this.#due.set(incident.id, dueMs);
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
    this.#reckon(incident);
    if (incident.parentId !== null) add(this.#byParent, incident.parentId, incident.id);
    for (const { alertId } of incident.alerts) this.#byAlert.set(alertId, incident.id);
    for (const causeKey of causesOf(incident)) add(this.#byCause, causeKey, incident.id);
    if (isOpen(incident.state)) for (const ciId of cisOf(incident)) add(this.#openByCi, ciId, incident.id);
  }

  #forget(id: string): void {
    const held = this.#byId.get(id);
    if (!held) return;
    this.#byId.delete(id);
    this.#due.delete(id);
    if (held.parentId !== null) drop(this.#byParent, held.parentId, id);
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
  if (before.unclaimedAtMs === null && after.unclaimedAtMs !== null) return 'unclaimed';
  if (before.state !== after.state) {
    if (isOpen(after.state) && !isOpen(before.state)) return 'reopened';
    if (after.state === 'resolved' || after.state === 'restored') return after.state;
    if (after.state === 'closed' || after.state === 'cancelled') return 'closed';
  }
  return before.priority !== after.priority ? 'priority' : 'changed';
}
