/** The one rule by which a machine has one of the six words for presence; server, lists and strips all read it. Pure. */
import type { CiSummary, Presence } from '../api/cmdb.ts';

/** In the order of the fleet bar. */
export const PRESENCE_STATES = ['up', 'asleep', 'off', 'planned', 'silent', 'unknown'] as const;
export type PresenceState = (typeof PRESENCE_STATES)[number];

export interface PresenceFacts {
  /** null: never heard. */
  readonly presence: Presence | null;
  /** Absence was agreed: a maintenance window, a life-cycle state outside service. */
  readonly planned: boolean;
  /** Inside the hours in which the machine is expected. */
  readonly inHours: boolean;
  /** Expected and not heard, and neither the server itself nor an announced restart is the reason. */
  readonly missed: boolean;
}

/**
 * Heard is up, agreed absence is planned, missed is silent. Asleep and off stay what they are where nobody misses the
 * machine; a machine that is down is silent in its hours and off outside them. Everything else is unknown.
 */
export function presenceState({ presence, planned, inHours, missed }: PresenceFacts): PresenceState {
  if (presence === 'up') return 'up';
  if (planned) return 'planned';
  if (missed) return 'silent';
  switch (presence) {
    case 'asleep':
    case 'off':
      return presence;
    case 'down':
      return inHours ? 'silent' : 'off';
    case 'unknown':
    case null:
      return 'unknown';
  }
}

type LifecycleState = CiSummary['lifecycle'];
const GONE: ReadonlySet<string> = new Set<LifecycleState>(['retired', 'disposed']);
/** Known by its record only: not (or no longer) where it is to work. */
const ON_RECORD: ReadonlySet<LifecycleState> = new Set([
  'planned',
  'ordered',
  'in_stock',
  'reserved',
  'missing',
]);

/**
 * Whether a machine counts in the fleet and stands in the list of machines by itself: not once it is retired, and not
 * while it is only on record, unless it is heard.
 */
export function isInFleet(machine: { readonly lifecycle: LifecycleState; readonly up: boolean }): boolean {
  return !isGone(machine.lifecycle) && (machine.up || !ON_RECORD.has(machine.lifecycle));
}

/** Out of use for good: nothing is expected of it, and nobody wants to hear of it. */
export function isGone(lifecycle: string): boolean {
  return GONE.has(lifecycle);
}
