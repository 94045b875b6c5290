/** What people do to an incident: along the table of transitions, and beside it. Pure. */
import {
  type Category,
  type IncidentState,
  isOpen,
  type Named,
  type Words,
} from '@muster/shared/api/incidents.ts';
import {
  INCIDENT_TRANSITIONS,
  transitionOf,
  type TransitionNeed,
} from '@muster/shared/incidents/life-cycle.ts';
import { MINUTE_MS, type Millis } from '@muster/shared/time.ts';
import type { z } from 'zod';
import { AppError } from '../errors.ts';
import { groupKeyOf, isUnwatched, type Step, stateWords, VERIFY_MS } from './life-cycle.ts';
import { targetsOf } from './priority.ts';
import type { Incident } from './store.ts';

export interface Move {
  readonly to: IncidentState;
  readonly note: string;
  readonly assignee?: string | null | undefined;
  readonly holdReason?: Incident['holdReason'] | undefined;
  readonly resolution?: Incident['resolution'] | undefined;
  readonly cause?: string | undefined;
  readonly action?: string | undefined;
  /** Its open children end with it. */
  readonly children?: boolean | undefined;
}

/** For whom it waits, as the timeline says it. */
const HOLD_WORDS: Readonly<Record<NonNullable<Incident['holdReason']>, Words>> = {
  caller: { en: 'On hold: waits for the person who reported it', zh: '挂起：等待报告人' },
  change: { en: 'On hold: waits for a change', zh: '挂起：等待变更' },
  problem: { en: 'On hold: waits for a problem', zh: '挂起：等待问题处理' },
  supplier: { en: 'On hold: waits for the supplier', zh: '挂起：等待供应商' },
};

interface NeedFacts {
  readonly incident: Incident;
  readonly move: Move;
  readonly cause: string | null;
  readonly action: string | null;
  readonly assignee: string | null;
  readonly outage: boolean;
  readonly nowMs: Millis;
}

/** What each need of a transition asks for; null: it is there. */
const NEEDS: Readonly<Record<TransitionNeed, (has: NeedFacts) => AppError | null>> = {
  holder: ({ assignee, move }) =>
    assignee === null
      ? new AppError('input-invalid', `${move.to} needs an \`assignee\`; without one it is new.`)
      : null,
  'hold-reason': ({ move }) =>
    move.holdReason
      ? null
      : new AppError('input-invalid', 'To put an incident on hold, `holdReason` must say for whom it waits.'),
  note: ({ move }) =>
    move.note ? null : new AppError('input-invalid', 'To cancel an incident, `note` must say why.'),
  quiet: ({ incident, nowMs }) =>
    isVerified(incident, nowMs)
      ? null
      : new AppError(
          'transition-not-allowed',
          incident.alerts.some(({ open }) => open)
            ? `${incident.ref} has not recovered while an alert of it is open: ${openAlerts(incident)}.`
            : `${incident.ref} must be quiet for ${VERIFY_MS / MINUTE_MS} min before its recovery counts as verified.`,
        ),
  'cause-of-outage': ({ incident, cause, action, outage }) =>
    outage && !(cause && action)
      ? new AppError('cause-missing', `${incident.ref} was an unplanned outage.`)
      : null,
};

/** What the machine watches, the machine verifies; of the rest a person knows. */
function isVerified(incident: Incident, nowMs: Millis): boolean {
  const { alerts, quietSinceMs, resolvedAtMs } = incident;
  if (alerts.every(({ open }) => !open) && isUnwatched(incident)) return true;
  if (alerts.length === 0) return true;
  return quietSinceMs !== null && nowMs >= Math.max(quietSinceMs, resolvedAtMs ?? 0) + VERIFY_MS;
}

/** 'CPU busy on SRV-1, Memory short on SRV-1 and 3 more' */
function openAlerts({ alerts, affected, title }: Incident): string {
  const open = alerts.filter((alert) => alert.open);
  const names = open.slice(0, NAMED_MAX).map(({ ciId, rule }) => {
    const name = affected.find((hit) => hit.ciId === ciId)?.name;
    if (!rule) return title.en;
    return name === undefined ? rule.name.en : `${rule.name.en} on ${name}`;
  });
  const more = open.length - names.length;
  return [...new Set(names)].join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** Open alerts that a refusal names. */
const NAMED_MAX = 3;

/**
 * A step by a person. `outage`: it, or an incident below it, was an unplanned outage.
 * @throws AppError transition-not-allowed, cause-missing, input-invalid
 */
export function moveByPerson(
  incident: Incident,
  move: Move,
  actor: string,
  nowMs: Millis,
  outage = incident.needsCause,
): Step {
  const transition = transitionOf(incident.state, move.to);
  if (!transition?.by.includes('person')) {
    const allowed = INCIDENT_TRANSITIONS[incident.state].join(', ') || 'none';
    throw new AppError(
      'transition-not-allowed',
      `${incident.ref} is ${incident.state}; possible next: ${allowed}.`,
    );
  }
  const cause = move.cause ?? incident.cause;
  const action = move.action ?? incident.action;
  const worksOnIt = move.to !== 'new' && move.to !== 'cancelled' && move.to !== 'closed';
  const holder = incident.assignee ?? (worksOnIt ? accountOf(actor) : null);
  const assignee = move.assignee === undefined ? holder : move.assignee;
  const has: NeedFacts = { incident, move, cause, action, assignee, outage, nowMs };
  for (const need of transition.needs) {
    const missing = NEEDS[need](has);
    if (missing) throw missing;
  }
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
  const words = next.holdReason === null ? stateWords(move.to) : HOLD_WORDS[next.holdReason];
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

/** A program that acts by a token holds nothing: it can be asked nothing. */
function accountOf(actor: string): string | null {
  return actor.startsWith('user:') ? actor.slice('user:'.length) : null;
}

/** A priority by hand, or back to what the matrix says. @throws AppError input-invalid, transition-not-allowed */
export function setPriority(
  incident: Incident,
  { priority, reason }: { readonly priority: number | null; readonly reason: string },
  actor: string,
  nowMs: Millis,
): Step {
  requireUnfinished(incident);
  if (priority !== null && reason === '')
    throw new AppError('input-invalid', 'A priority by hand needs a `reason`.');
  const hand = priority === null ? null : { priority, reason, by: actor, atMs: nowMs };
  const next = priority ?? incident.judgedPriority;
  const text =
    priority === null
      ? {
          en: `Follows the matrix again: P${next}. ${incident.why.en}`,
          zh: `恢复按矩阵判定：P${next}。${incident.why.zh}`,
        }
      : { en: `Set to P${priority} by hand: ${reason}`, zh: `手动设为 P${priority}：${reason}` };
  return {
    incident: {
      ...incident,
      hand,
      priority: next,
      ...targetsOf(next, incident.openedAtMs),
      version: incident.version + 1,
    },
    timeline: [{ atMs: nowMs, actor, kind: 'priority', text }],
  };
}

/** What kind of incident it is, and whose. What is absent stays. */
export interface Filing {
  /** null: unknown. */
  readonly category?: z.infer<typeof Category> | null | undefined;
  readonly supportGroup?: Named | null | undefined;
}

/** @throws AppError transition-not-allowed */
export function file(incident: Incident, filing: Filing, actor: string, nowMs: Millis): Step {
  requireUnfinished(incident);
  const { category, supportGroup } = filing;
  const timeline: Step['timeline'][number][] = [];
  if (category !== undefined)
    timeline.push({
      atMs: nowMs,
      actor,
      kind: 'filed',
      text: category
        ? { en: `Category: ${category.title.en}.`, zh: `类别：${category.title.zh}。` }
        : { en: 'Category: unknown.', zh: '类别：未知。' },
    });
  if (supportGroup !== undefined)
    timeline.push({
      atMs: nowMs,
      actor,
      kind: 'filed',
      text: supportGroup
        ? { en: `Support group: ${supportGroup.name}.`, zh: `支持组：${supportGroup.name}。` }
        : { en: 'Support group: none.', zh: '支持组：无。' },
    });
  return {
    incident: {
      ...incident,
      ...(category === undefined ? {} : { category: category?.id ?? null, filedBy: actor }),
      ...(supportGroup === undefined ? {} : { supportGroup, groupKey: groupKeyOf(supportGroup) }),
      version: incident.version + 1,
    },
    timeline,
  };
}

/** An incident is put below another one, or taken out. The caller has ruled out circles. */
export function link(
  incident: Incident,
  parent: Pick<Incident, 'id' | 'ref' | 'title'> | null,
  actor: string,
  nowMs: Millis,
): Step {
  requireUnfinished(incident);
  const text = parent
    ? {
        en: `Put below ${parent.ref}: ${parent.title.en}`,
        zh: `已归入上级事件 ${parent.ref}：${parent.title.zh}`,
      }
    : { en: `Taken out of ${incident.parentRef ?? ''}.`, zh: `已脱离上级事件 ${incident.parentRef ?? ''}。` };
  return {
    incident: {
      ...incident,
      parentId: parent?.id ?? null,
      parentRef: parent?.ref ?? null,
      version: incident.version + 1,
    },
    timeline: [{ atMs: nowMs, actor, kind: 'linked', text }],
  };
}

function requireUnfinished({ ref, state }: Incident): void {
  if (state === 'closed' || state === 'cancelled')
    throw new AppError('transition-not-allowed', `${ref} is ${state}; nothing of it changes any more.`);
}
