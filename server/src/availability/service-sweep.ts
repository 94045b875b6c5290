/** When a service worked, from the states of what it stands on: a sweep over the moments at which one of them changed. Pure. */
import type { Millis } from '@muster/shared/time.ts';
import { isOutage } from './slices.ts';
import type { BareInterval } from './slices.ts';
import { intersect, subtract, union } from './spans.ts';
import type { Span } from './spans.ts';

/** down: failed, unplanned. planned: not there, by agreement. unknown: nothing is known. */
export type MemberState = 'up' | 'down' | 'planned' | 'unknown';
export type ServiceState = MemberState;

/** Spans in which a member is not up, apart from each other; at all other times it is. */
export interface MemberSpans {
  readonly id: string;
  readonly down: readonly Span[];
  readonly planned: readonly Span[];
  readonly unknown: readonly Span[];
}

export interface ServiceStretch extends Span {
  readonly state: ServiceState;
  /** Members that make it so: of down also those planned, where it is lost only with them. */
  readonly because: readonly string[];
}

/** More moments than these are not walked through. */
export const MOMENTS_MAX = 50_000;

/**
 * A machine as a member of a service: it carries nothing while it is down, asleep or off. Absence in planned time is
 * planned, and so is time without a record while it is not in service.
 */
export function memberSpans(
  id: string,
  {
    intervals,
    planned,
    inService,
  }: {
    readonly intervals: readonly BareInterval[];
    /** By windows, life cycle and judgement. */
    readonly planned: readonly Span[];
    readonly inService: boolean;
  },
  period: Span,
): MemberSpans {
  const spans = (wanted: (interval: BareInterval) => boolean) =>
    intersect(
      union(intervals.filter(wanted).map((one) => ({ fromMs: one.fromMs, toMs: one.toMs ?? Infinity }))),
      [period],
    );
  const recorded = spans(() => true);
  const agreed = union([...planned, ...(inService ? [] : subtract([period], recorded))]);
  const up = spans(({ presence }) => presence === 'up');
  const absent = subtract([period], up);
  const down = spans((one) => isOutage(one, false));
  return {
    id,
    planned: intersect(absent, agreed),
    down: subtract(down, agreed),
    unknown: subtract(subtract(absent, down), agreed),
  };
}

/**
 * Planned where planned work alone takes it, as a machine in its window is planned whatever befalls it; down where it is lost
 * with the members that are down, also when planned work took what would have carried it; unknown where those of which
 * nothing is known could decide. `isLost` says whether the failure of all these at once takes the service.
 * Ascending, whole over the period; null: too many moments.
 */
export function serviceStretches(
  period: Span,
  members: readonly MemberSpans[],
  isLost: (failing: readonly string[]) => boolean,
): ServiceStretch[] | null {
  const changes = changesOf(members);
  if (changes.length > MOMENTS_MAX) return null;
  const states = new Map<string, MemberState>();
  const judged = new Map<string, Omit<ServiceStretch, 'fromMs' | 'toMs'>>();
  const stretches: ServiceStretch[] = [];
  const add = (fromMs: Millis, toMs: Millis) => {
    if (fromMs >= toMs) return;
    const failing = [...states].sort(([a], [b]) => (a < b ? -1 : 1));
    const key = failing.map(([id, state]) => `${id} ${state}`).join(',');
    const verdict = judged.get(key) ?? judge(failing, isLost);
    judged.set(key, verdict);
    const last = stretches.at(-1);
    if (last && last.state === verdict.state && last.because.join() === verdict.because.join())
      stretches[stretches.length - 1] = { ...last, toMs };
    else stretches.push({ ...verdict, fromMs, toMs });
  };
  let atMs = period.fromMs;
  for (const change of changes) {
    const untilMs = Math.min(Math.max(change.atMs, period.fromMs), period.toMs);
    add(atMs, untilMs);
    atMs = Math.max(atMs, untilMs);
    if (change.state === 'up') states.delete(change.id);
    else states.set(change.id, change.state);
  }
  add(atMs, period.toMs);
  return stretches;
}

function judge(
  failing: readonly (readonly [string, MemberState])[],
  isLost: (failing: readonly string[]) => boolean,
): Omit<ServiceStretch, 'fromMs' | 'toMs'> {
  const ids = (...wanted: MemberState[]) =>
    failing.filter(([, state]) => wanted.includes(state)).map(([id]) => id);
  const lostWith = (list: readonly string[]) => list.length > 0 && isLost(list);
  const planned = ids('planned');
  if (lostWith(planned)) return { state: 'planned', because: planned };
  const down = ids('down');
  if (lostWith(down)) return { state: 'down', because: down };
  const gone = ids('down', 'planned');
  if (lostWith(gone)) return { state: 'down', because: gone };
  const unheard = ids('unknown');
  if (unheard.length > 0 && isLost(ids('down', 'planned', 'unknown')))
    return { state: 'unknown', because: unheard };
  return { state: 'up', because: [] };
}

interface Change {
  readonly atMs: Millis;
  readonly id: string;
  readonly state: MemberState;
}

/** Ends before beginnings where both are at one time, so that the beginning holds. */
function changesOf(members: readonly MemberSpans[]): Change[] {
  const changes: Change[] = [];
  for (const { id, ...spans } of members)
    for (const state of ['down', 'planned', 'unknown'] as const)
      for (const { fromMs, toMs } of spans[state])
        changes.push({ atMs: fromMs, id, state }, { atMs: toMs, id, state: 'up' });
  return changes.sort((a, b) => a.atMs - b.atMs || (a.state === 'up' ? 0 : 1) - (b.state === 'up' ? 0 : 1));
}
