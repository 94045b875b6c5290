/** What a presence means at this hour: as expected, silent, or not yet decided; and the counts of the fleet. */
import { isInService } from '@muster/shared/cmdb/lifecycle.ts';
import type { Cause, Presence } from '@muster/shared/api/cmdb.ts';
import type { Words } from '@muster/shared/api/incidents.ts';
import type { FleetCounts } from '@muster/shared/api/operations.ts';
import { presenceState, type PresenceState } from '@muster/shared/presence/state.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { CiEntry } from '../cmdb/directory.ts';
import { stretchAt } from './expectation.ts';
import type { Expectation } from './expectation.ts';
import type { Stretch } from './hours.ts';
import { silentAfterMs } from './presence.ts';
import type { Machine } from './presence.ts';

/** An announced restart, of the host or of the agent, may take this long before the machine is missed. */
export const RESTART_PATIENCE_MS = 5 * MINUTE_MS;

export interface PresenceStatus {
  readonly ciId: string;
  readonly presence: Presence;
  readonly cause: Cause | null;
  /** This presence at this hour is what is expected of the machine. */
  readonly expected: boolean;
  /** Inside the hours in which it is expected to be up. */
  readonly inHours: boolean;
  readonly planned: boolean;
  /** What a person is told of all this. */
  readonly state: PresenceState;
  readonly sinceMs: Millis;
  readonly lastSeenMs: Millis;
  /**
   * no: nothing is missed. yes: expected and not heard. undecided: not heard, but the server itself may be to blame or
   * a restart was announced; what was said before stays so.
   */
  readonly silence: 'no' | 'yes' | 'undecided';
  /** When the silence that counts began (last evidence, or the start of the hours); null unless `silence` is yes. */
  readonly silentSinceMs: Millis | null;
  /** Why, in sentences. */
  readonly evidence: readonly Words[];
  /** When its host, or a neighbour that saw it, last answered for it in this absence; null or absent: never. */
  readonly answeredMs?: Millis | null;
  /** Starts of its operating system in the hour before the last of them, ascending: several are a crash loop. */
  readonly bootsMs?: readonly Millis[];
}

/** How often its operating system started in the `withinMs` before now. */
export function bootsWithin(
  { bootsMs }: Pick<PresenceStatus, 'bootsMs'>,
  withinMs: Millis,
  nowMs: Millis,
): number {
  return (bootsMs ?? []).filter((atMs) => nowMs - atMs <= withinMs).length;
}

/** Read by the CMDB lists, the live hub and the rules. */
export interface PresenceView {
  /** undefined: never heard. */
  get(ciId: string): PresenceStatus | undefined;
  counts(): FleetCounts;
  /** Called after presence, cause, expectation or silence of a machine changed; not for each sign of life. */
  onChange(listener: (status: PresenceStatus, nowMs: Millis) => void): void;
}

/** What else is known of a machine than its record. */
export interface Circumstances {
  /**
   * What is planned of it is a window and no life-cycle state. Its silence is judged as ever, so that what is wrong stays
   * known; only nobody is told.
   */
  readonly inService: boolean;
  /** Others fell silent with it and still are, or its host answers: it is not its user who left with it. */
  readonly isHere: boolean;
}

export function statusOf(
  ciId: string,
  machine: Machine,
  expectation: Expectation,
  stretch: Stretch,
  nowMs: Millis,
  { inService, isHere }: Circumstances,
): PresenceStatus {
  const judged = inService ? { ...machine, planned: false } : machine;
  const silence = silenceOf(judged, expectation, stretch, isHere, nowMs);
  const { presence, planned } = machine;
  const { inHours } = stretch;
  return {
    ciId,
    presence,
    cause: machine.cause,
    expected: planned || silence === 'no',
    inHours,
    planned,
    state: presenceState({ presence, planned, inHours, missed: silence === 'yes' }),
    sinceMs: presence === 'up' ? (machine.steadySinceMs ?? machine.sinceMs) : machine.sinceMs,
    lastSeenMs: machine.lastHeardMs,
    silence,
    silentSinceMs: silence === 'yes' ? Math.max(machine.absentSinceMs ?? nowMs, stretch.fromMs) : null,
    evidence: machine.evidence,
    bootsMs: machine.bootsMs ?? NO_BOOTS,
  };
}

/** When its host, or a neighbour that saw it, last answered for it; null: not since it was heard last. */
export function answeredMs({ witness, testimony }: Machine): Millis | null {
  const own = witness?.answer === 'answers' ? witness.atMs : null;
  const seen = testimony?.sightings.some(({ saw }) => saw === 'answers') ? testimony.atMs : null;
  return own === null ? seen : Math.max(own, seen ?? own);
}

const NO_BOOTS: readonly Millis[] = [];

/** Until then the status of a machine stays as it is, unless something is heard of it. */
export function statusHoldsUntilMs(machine: Machine, stretch: Stretch, nowMs: Millis): Millis {
  const { absentSinceMs } = machine;
  if (absentSinceMs === null) return stretch.toMs;
  const patientMs = patientUntilMs(machine, absentSinceMs);
  return nowMs < patientMs ? Math.min(patientMs, stretch.toMs) : stretch.toMs;
}

function silenceOf(
  machine: Machine,
  expectation: Expectation,
  stretch: Stretch,
  isHere: boolean,
  nowMs: Millis,
): PresenceStatus['silence'] {
  const { absentSinceMs } = machine;
  const { inHours, fromMs } = stretch;
  const { roaming } = expectation;
  const isMissed =
    absentSinceMs !== null &&
    isMissable(machine, absentSinceMs, { roaming, isHere, inHours, sinceMs: () => fromMs });
  if (!isMissed) return 'no';
  if (machine.ownFault !== null || nowMs < patientUntilMs(machine, absentSinceMs)) return 'undecided';
  return 'yes';
}

/**
 * Whether absence counts here; not after the agent was uninstalled, which is no silence. A roaming machine is missed only in the stretch of hours in which it was last heard, not
 * when it said why, and not when it is merely out of reach alone: its user may have left with it.
 */
function isMissable(
  { presence, cause, planned }: Pick<Machine, 'presence' | 'cause' | 'planned'>,
  absentSinceMs: Millis,
  hours: {
    readonly roaming: boolean;
    readonly isHere: boolean;
    readonly inHours: boolean;
    /** Begin of these hours: long to find, and seldom needed. */
    readonly sinceMs: () => Millis;
  },
): boolean {
  if (planned || !hours.inHours || cause === 'agent-uninstalled') return false;
  if (!hours.roaming) return true;
  const isExcused = saidWhy(presence, cause) || (isOutOfReach(cause) && !hours.isHere);
  return !isExcused && absentSinceMs >= hours.sinceMs();
}

/** By its last word: also a restart, which with its updates may take an hour. */
export function saidWhy(presence: Presence, cause: Cause | null): boolean {
  return (
    presence === 'asleep' || presence === 'off' || cause === 'shut-down' || cause === 'agent-uninstalled'
  );
}

/** Nothing but that it is not heard speaks against it. */
export function isOutOfReach(cause: Cause | null): boolean {
  return cause === 'unreachable' || cause === 'network';
}

function patientUntilMs(machine: Machine, absentSinceMs: Millis): Millis {
  const { lastWord } = machine;
  const comesBack = lastWord?.reason === 'restart' || lastWord?.reason === 'upgrade';
  return comesBack ? lastWord.atMs + RESTART_PATIENCE_MS : absentSinceMs + silentAfterMs(machine);
}

/** The word for a machine that was never heard. */
export function unheardState(lifecycle: string): PresenceState {
  return presenceState({
    presence: null,
    planned: !isInService(lifecycle),
    inHours: true,
    missed: false,
  });
}

/** The word for a stretch of the record, by the same rule; company is not recorded. `inHours` holds for all of it, from `atMs` on. */
export function pastState(
  { timeZone }: Pick<CiEntry, 'timeZone'>,
  expectation: Expectation,
  record: {
    readonly presence: Presence;
    readonly cause: Cause | null;
    readonly planned: boolean;
    /** null: it was up. */
    readonly absentSinceMs: Millis | null;
  },
  { inHours, atMs }: { readonly inHours: boolean; readonly atMs: Millis },
): PresenceState {
  const { presence, planned, absentSinceMs } = record;
  const counts = (since: Millis): boolean => {
    const sinceMs = () => stretchAt(expectation, timeZone, atMs).fromMs;
    return isMissable(record, since, { roaming: expectation.roaming, isHere: false, inHours, sinceMs });
  };
  const missed = inHours && absentSinceMs !== null && record.cause !== 'server-self' && counts(absentSinceMs);
  return presenceState({ presence, planned, inHours, missed });
}
