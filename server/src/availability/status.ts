/** What a presence means at this hour: as expected, silent, or not yet decided; and the counts of the fleet. */
import type { Cause, Presence } from '@muster/shared/api/cmdb.ts';
import type { Words } from '@muster/shared/api/incidents.ts';
import type { FleetCounts } from '@muster/shared/api/operations.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Expectation, Stretch } from './expectation.ts';
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
}

/** Read by the CMDB lists, the live hub and the rules. */
export interface PresenceView {
  /** undefined: never heard. */
  get(ciId: string): PresenceStatus | undefined;
  counts(): FleetCounts;
  /** Called after presence, cause, expectation or silence of a machine changed; not for each sign of life. */
  onChange(listener: (status: PresenceStatus, nowMs: Millis) => void): void;
}

export function statusOf(
  ciId: string,
  machine: Machine,
  expectation: Expectation,
  stretch: Stretch,
  nowMs: Millis,
): PresenceStatus {
  const silence = silenceOf(machine, expectation, stretch, nowMs);
  return {
    ciId,
    presence: machine.presence,
    cause: machine.cause,
    expected: silence === 'no',
    inHours: stretch.inHours,
    planned: machine.planned,
    sinceMs: machine.sinceMs,
    lastSeenMs: machine.lastHeardMs,
    silence,
    silentSinceMs: silence === 'yes' ? Math.max(machine.absentSinceMs ?? nowMs, stretch.fromMs) : null,
    evidence: machine.evidence,
  };
}

function silenceOf(
  machine: Machine,
  expectation: Expectation,
  stretch: Stretch,
  nowMs: Millis,
): PresenceStatus['silence'] {
  const { absentSinceMs } = machine;
  if (absentSinceMs === null || machine.planned || !stretch.inHours) return 'no';
  if (expectation.roaming && !isMissedThoughRoaming(machine, absentSinceMs, stretch)) return 'no';
  if (machine.ownFault !== null || nowMs < patientUntilMs(machine, absentSinceMs)) return 'undecided';
  return 'yes';
}

/** A roaming machine is missed only in the stretch of hours in which it was last heard, and not when it said why. */
function isMissedThoughRoaming(machine: Machine, absentSinceMs: Millis, stretch: Stretch): boolean {
  const saidWhy = machine.presence === 'asleep' || machine.presence === 'off';
  return !saidWhy && absentSinceMs >= stretch.fromMs;
}

function patientUntilMs(machine: Machine, absentSinceMs: Millis): Millis {
  const { lastWord } = machine;
  const comesBack = lastWord?.reason === 'restart' || lastWord?.reason === 'upgrade';
  return comesBack ? lastWord.atMs + RESTART_PATIENCE_MS : absentSinceMs + silentAfterMs(machine);
}

/** The six words of presence; silent = expected, not heard. */
export function fleetState(status: PresenceStatus): Exclude<keyof FleetCounts, 'total'> {
  if (status.presence === 'up') return status.planned ? 'planned' : 'up';
  if (status.planned) return 'planned';
  if (status.silence === 'yes') return 'silent';
  if (status.presence === 'asleep' || status.presence === 'off') return status.presence;
  if (status.presence === 'down') return status.inHours ? 'silent' : 'off';
  return 'unknown';
}
