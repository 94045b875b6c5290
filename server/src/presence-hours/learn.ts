/** From the habits of machines to a handful of suggestions: one per group whose machines agree. Pure. */
import type { PresenceSuggestion, WeekHours } from '@muster/shared/api/presence.ts';
import { DAY_MS, MINUTE_MS } from '@muster/shared/time.ts';

import {
  agree,
  daysShareOf,
  type Habit,
  isActive,
  SLOTS_PER_WEEK,
  towards,
  weekDifference,
  weekHoursOf,
  weekMinutes,
} from './habit.ts';

/** What is looked at, and what of it a machine must have lived through. */
export const LEARN_MS = 28 * DAY_MS;
export const COVERED_MS_MIN = 21 * DAY_MS;
const ACTIVE_DAYS_MIN = 10;
/** Less than this a week is no other habit. */
export const DIFFERENCE_MINUTES_MIN = 5 * 60;
/** One confirmation moves hours that were confirmed before by no more than this a week. */
export const DRIFT_MINUTES_MAX = 5 * 60;
/** A refused suggestion comes again only when the habit has moved by this since. */
export const DISMISSED_MINUTES_MIN = 150;
/** This share of a group speaks for all of it. */
const WHOLE_SHARE = 0.6;
/** In a large group fewer machines than this are no habit of their own. */
const CLUSTER_MIN = 3;
const CLUSTERS_MAX = 3;
/** Never off: not even for so long. */
const NEVER_OFF_MS = 10 * MINUTE_MS;
/** Share of the active days on which a machine leaves inside its hours that makes it one that is taken along. */
const LEAVES_SHARE = 0.3;
export const SUGGESTIONS_MAX = 50;

export interface LearnedMachine {
  readonly ciId: string;
  readonly class: string;
  /** Nearest location; null: none. */
  readonly locationId: string | null;
  readonly zone: string | null;
  readonly habit: Habit;
  /** What is expected of it now. */
  readonly roaming: boolean;
  readonly always: boolean;
  readonly week: WeekHours;
  /** Days on which it left inside its hours by its own word or without one, for half an hour or more. */
  readonly daysLeft: number;
}

export type Proposal = Pick<
  PresenceSuggestion,
  'kind' | 'hours' | 'weekMinutesNow' | 'weekMinutesThen' | 'capped' | 'daysShare' | 'weeks'
> & {
  readonly key: string;
  readonly class: string;
  readonly locationId: string | null;
  readonly zone: string | null;
  readonly whole: boolean;
  readonly ciIds: readonly string[];
  readonly profile: readonly number[];
};

/** What was decided about these machines before, as far as it binds. */
export interface Precedents {
  /** Hours that were confirmed last for most of these machines; null: none. */
  confirmed(ciIds: readonly string[]): WeekHours | null;
  /** Whether this, or nearly this, was refused for most of them. */
  dismissed(kind: Proposal['kind'], ciIds: readonly string[], hours: WeekHours | null): boolean;
}

export function proposalsOf(machines: readonly LearnedMachine[], precedents: Precedents): Proposal[] {
  const known = machines.filter(({ habit }) => habit.coveredMs >= COVERED_MS_MIN);
  const groups = Map.groupBy(known, (one) => `${one.class} ${one.locationId ?? '-'} ${one.zone ?? '-'}`);
  const proposals = [...groups].flatMap(([key, group]) => [
    ...together('always', key, group.filter(isNeverOff)),
    ...together('roaming', key, group.filter(leavesOften)),
    ...hoursOf(
      key,
      group.filter((one) => !isNeverOff(one)),
      precedents,
    ),
  ]);
  return proposals
    .filter(({ kind, ciIds, hours }) => !precedents.dismissed(kind, ciIds, hours))
    .sort((a, b) => b.ciIds.length - a.ciIds.length)
    .slice(0, SUGGESTIONS_MAX);
}

function isNeverOff({ habit, always }: LearnedMachine): boolean {
  return !always && habit.coveredMs >= LEARN_MS - DAY_MS && habit.longestAbsentMs <= NEVER_OFF_MS;
}

function leavesOften({ habit, roaming, daysLeft, class: name }: LearnedMachine): boolean {
  const active = habit.days.filter(isActive).length;
  return name === 'Workstation' && !roaming && active >= ACTIVE_DAYS_MIN && daysLeft >= active * LEAVES_SHARE;
}

function together(kind: 'always' | 'roaming', key: string, some: readonly LearnedMachine[]): Proposal[] {
  if (some.length === 0) return [];
  const now = average(some.map(({ week }) => weekMinutes(week)));
  return [
    {
      ...common(`${kind} ${key}`, some, false),
      kind,
      hours: null,
      weekMinutesNow: now,
      weekMinutesThen: kind === 'always' ? 7 * 24 * 60 : now,
      capped: false,
      daysShare: kind === 'always' ? 1 : average(some.map(leavesShare)),
    },
  ];
}

function leavesShare({ habit, daysLeft }: LearnedMachine): number {
  return daysLeft / Math.max(1, habit.days.filter(isActive).length);
}

function hoursOf(key: string, group: readonly LearnedMachine[], precedents: Precedents): Proposal[] {
  const busy = group
    .filter(({ habit }) => habit.days.filter(isActive).length >= ACTIVE_DAYS_MIN)
    .map((one) => ({ one, own: weekHoursOf(one.habit.days) }));
  if (busy.length === 0) return [];
  const proposals: Proposal[] = [];
  let left = busy;
  for (let cluster = 0; cluster < CLUSTERS_MAX && left.length > 0; cluster++) {
    const found = largest(left);
    const whole = cluster === 0 && found.length >= group.length * WHOLE_SHARE;
    if (!whole && found.length < CLUSTER_MIN && group.length >= CLUSTER_MIN) break;
    const members = found.map(({ one }) => one);
    const proposal = hoursProposal(key, members, whole, precedents);
    if (proposal) proposals.push(proposal);
    left = left.filter((each) => !found.includes(each));
  }
  return proposals;
}

interface Own {
  readonly one: LearnedMachine;
  readonly own: WeekHours;
}

/** Seeds tried per cluster: in an office all are much alike, and the first few find them. */
const SEEDS_MAX = 12;

/** The largest set that agrees with one of its own. */
function largest(some: readonly Own[]): Own[] {
  let best: Own[] = [];
  const step = Math.max(1, Math.floor(some.length / SEEDS_MAX));
  for (let i = 0; i < some.length; i += step) {
    const seed = some[i] as Own;
    const found = some.filter(({ own }) => agree(own, seed.own));
    if (found.length > best.length) best = found;
  }
  return best;
}

function hoursProposal(
  key: string,
  members: readonly LearnedMachine[],
  whole: boolean,
  precedents: Precedents,
): Proposal | null {
  const days = members.flatMap(({ habit }) => habit.days);
  const wanted = weekHoursOf(days);
  if (weekMinutes(wanted) === 0) return null;
  const ciIds = members.map(({ ciId }) => ciId);
  const before = precedents.confirmed(ciIds);
  const hours = before ? towards(wanted, before, DRIFT_MINUTES_MAX) : wanted;
  const differences = members.map(({ week }) => weekDifference(week, wanted));
  if (average(differences) < DIFFERENCE_MINUTES_MIN) return null;
  const part = whole ? '' : ` ${hours.map((one) => (one ? Math.round(one.fromMinute / 60) : '-')).join('')}`;
  return {
    ...common(`hours ${key}${part}`, members, whole),
    kind: 'hours',
    hours,
    weekMinutesNow: average(members.map(({ week }) => weekMinutes(week))),
    weekMinutesThen: weekMinutes(hours),
    capped: weekDifference(hours, wanted) > 0,
    daysShare: daysShareOf(days, hours),
  };
}

function common(key: string, members: readonly LearnedMachine[], whole: boolean) {
  const [first] = members as readonly [LearnedMachine, ...LearnedMachine[]];
  const covered = Math.max(...members.map(({ habit }) => habit.coveredMs));
  return {
    key,
    class: first.class,
    locationId: first.locationId,
    zone: first.zone,
    whole,
    ciIds: members.map(({ ciId }) => ciId),
    profile: profileOf(members),
    weeks: Math.round(covered / (7 * DAY_MS)),
  };
}

function profileOf(members: readonly LearnedMachine[]): number[] {
  return Array.from({ length: SLOTS_PER_WEEK }, (_, slot) => {
    let [up, known] = [0, 0];
    for (const { habit } of members) {
      up += habit.upSlots[slot] ?? 0;
      known += habit.knownSlots[slot] ?? 0;
    }
    return known === 0 ? 0 : Math.round((up / known) * 1_000) / 1_000;
  });
}

function average(values: readonly number[]): number {
  return (
    Math.round((values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)) * 1_000) / 1_000
  );
}
