/** One incident becomes two and two become one, without losing an alert. Pure. */
import { type IncidentState, isOpen, type Words } from '@muster/shared/api/incidents.ts';
import type { Millis } from '@muster/shared/time.ts';
import { categoryFor } from '@muster/shared/incidents/categories.ts';
import { AppError } from '../errors.ts';
import {
  bounded,
  type CiFacts,
  familyIn,
  type Judging,
  groupKeyOf,
  isUnwatched,
  MONITOR,
  type Step,
  withHit,
} from './life-cycle.ts';
import { targetsOf } from './priority.ts';
import { type Incident, UNTOUCHED } from './store.ts';

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
  const byMachine = actor === MONITOR;
  // What a person took apart the machine does not put together again.
  if (byMachine && (into.keptApart || from.keptApart)) return null;
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
    reachedAtMs: into.reachedAtMs ?? from.reachedAtMs,
    ...(into.parentId === from.id ? { parentId: from.parentId, parentRef: from.parentRef } : {}),
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
        mergedIntoRef: into.ref,
        parentId: null,
        parentRef: null,
        closedAtMs: nowMs,
        holdReason: null,
        version: from.version + 1,
      },
      timeline: [line({ en: `Joined to ${into.ref}. ${why.en}`, zh: `已并入 ${into.ref}。${why.zh}` })],
    },
  };
}

/** What was taken out, and what is left. */
export interface Split {
  readonly left: Step;
  readonly apart: Step;
}

export interface SplitWish {
  /** Affected CIs that are taken out with their alerts. */
  readonly ciIds: readonly string[];
  /** Of the new incident; what is taken out and why, where absent. */
  readonly title?: string | undefined;
  readonly reason: string;
}

/**
 * Affected CIs are taken out with their alerts into an incident of their own, which belongs to `ci`, the first of them.
 * Both stay outages if the one was. @throws AppError input-invalid, transition-not-allowed
 */
export function split(
  incident: Incident,
  { ciIds, title, reason }: SplitWish,
  ci: Pick<CiFacts, 'id' | 'name' | 'class'>,
  identity: { id: string; ref: string },
  judging: Judging,
  { actor, nowMs }: { actor: string; nowMs: Millis },
): Split {
  if (isOver(incident.state))
    throw new AppError('transition-not-allowed', `${incident.ref} is ${incident.state}.`);
  const out = new Set(ciIds);
  const affected = incident.affected.filter(({ ciId }) => out.has(ciId));
  if (affected.length < out.size)
    throw new AppError('input-invalid', `${incident.ref} does not affect all of these items.`);
  if (affected.length === incident.affected.length)
    throw new AppError('input-invalid', `Something must be left in ${incident.ref}.`);
  const taken = incident.alerts.filter(({ ciId }) => out.has(ciId));
  const kept = incident.alerts.filter(({ ciId }) => !out.has(ciId));
  const keys = [...new Set(taken.map(({ causeKey }) => causeKey))].filter(
    (causeKey) => causeKey !== incident.causeKey,
  );
  const [causeKey = null, ...further] = keys;
  const ciOf = (key: string) => taken.find((alert) => alert.causeKey === key)?.ciId ?? null;
  const place = judging.placeOf(ci.id);
  const names = affected
    .slice(0, NAMED_MAX)
    .map(({ name }) => name)
    .join(', ');
  const more = affected.length > NAMED_MAX ? { en: ' …', zh: ' 等' } : { en: '', zh: '' };
  const words =
    title === undefined
      ? { en: `${names}${more.en}: ${short(reason)}`, zh: `${names}${more.zh}：${short(reason)}` }
      : { en: title, zh: title };
  const quiet = taken.every(({ open }) => !open);
  const apart: Incident = {
    ...incident,
    ...UNTOUCHED,
    ...identity,
    state: 'new',
    title: words,
    titledBy: actor,
    judgedPriority: incident.judgedPriority,
    matrixVersion: incident.matrixVersion,
    priority: incident.judgedPriority,
    filedBy: null,
    category: (causeKey && categoryFor(familyIn(causeKey), ci.class)) ?? incident.category,
    place,
    supportGroup: place.supportGroup,
    groupKey: groupKeyOf(place.supportGroup),
    ciId: ci.id,
    ciName: ci.name,
    ciClass: ci.class,
    causeKey,
    joinedCauses: further.map((key) => ({ causeKey: key, ciId: ciOf(key) })),
    keptApart: true,
    alerts: taken,
    affected,
    openedAtMs: nowMs,
    breachedAtMs: Math.min(...affected.map(({ sinceMs }) => sinceMs)),
    quietSinceMs: quiet ? nowMs : null,
    ...targetsOf(incident.judgedPriority, nowMs),
    version: 1,
  };
  const leftQuiet = kept.every(({ open }) => !open);
  const ends = leftQuiet && kept.length > 0 && isOpen(incident.state) && taken.some(({ open }) => open);
  const left: Incident = {
    ...incident,
    alerts: kept,
    affected: incident.affected.filter(({ ciId }) => !out.has(ciId)),
    joinedCauses: incident.joinedCauses.filter((joined) => !keys.includes(joined.causeKey)),
    quietSinceMs: leftQuiet ? (incident.quietSinceMs ?? nowMs) : null,
    ...(ends
      ? {
          state: 'resolved' as const,
          resolvedAtMs: nowMs,
          resolution: isUnwatched({ alerts: kept })
            ? ('not-watched' as const)
            : ('recovered-by-itself' as const),
        }
      : {}),
    version: incident.version + 1,
  };
  const line = (text: Words): Step['timeline'][number] => ({ atMs: nowMs, actor, kind: 'split', text });
  return {
    left: {
      incident: left,
      timeline: [
        line({
          en: `${names}${more.en} taken out into ${identity.ref}: ${reason}`,
          zh: `${names}${more.zh} 已拆分为 ${identity.ref}：${reason}`,
        }),
      ],
    },
    apart: {
      incident: apart,
      timeline: [
        { atMs: nowMs, actor, kind: 'opened', text: words },
        line({ en: `Taken out of ${incident.ref}: ${reason}`, zh: `由 ${incident.ref} 拆分：${reason}` }),
      ],
    },
  };
}

/** A title is one line. */
function short(reason: string): string {
  const [line = ''] = reason.split('\n');
  return line.length > TITLE_REASON_MAX ? `${line.slice(0, TITLE_REASON_MAX)}…` : line;
}

const TITLE_REASON_MAX = 160;

/** CIs named in a line. */
const NAMED_MAX = 5;

/** Causes of joined incidents that an incident remembers. */
const JOINED_MAX = 500;

function isOver(state: IncidentState): boolean {
  return state === 'closed' || state === 'cancelled';
}

function earlier(a: Millis | null, b: Millis | null): Millis | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}
