/** Port of presence: the record of intervals and what is known of each machine. */
import type { Millis } from '@muster/shared/time.ts';
import type { Machine } from './presence.ts';
import type { BareInterval } from './slices.ts';
import type { PresenceInterval } from './timeline.ts';

/** Intervals of one machine without their evidence, ascending. */
export type BareRecord = readonly BareInterval[];

export interface PresenceSince {
  readonly ciId: string;
  readonly fromMs: Millis;
}

export interface PresenceChange {
  readonly ciId: string;
  /** Replaces what was known of the machine. */
  readonly machine: Machine;
  /**
   * The record from the first of these on: every stored interval of the machine that begins at or after it goes.
   * Ascending, without hole or overlap, the last one open; empty leaves the record as it is.
   */
  readonly intervals: readonly PresenceInterval[];
}

/**
 * Contract.
 * - `record` is atomic over all its changes and durable when its promise resolves.
 * - `intervals` returns those that overlap [fromMs, toMs), uncut, ascending; each follows the one before without a hole.
 * - `intervalsSince` returns, for each machine asked for, its intervals that end after the time or are open, as `intervals` does; machines without a record may be missing.
 * - `bareIntervals` returns the same for several machines, each with those it has; machines without a record may be missing.
 * - `dropBefore` removes closed intervals that ended before the time; open ones stay for ever.
 */
export interface AvailabilityStore {
  machines(): Promise<readonly { readonly ciId: string; readonly machine: Machine }[]>;
  intervals(ciId: string, fromMs: Millis, toMs: Millis): Promise<readonly PresenceInterval[]>;
  /** Each machine at most once. */
  intervalsSince(asked: readonly PresenceSince[]): Promise<ReadonlyMap<string, readonly PresenceInterval[]>>;
  bareIntervals(
    ciIds: readonly string[],
    fromMs: Millis,
    toMs: Millis,
  ): Promise<ReadonlyMap<string, BareRecord>>;
  record(changes: readonly PresenceChange[]): Promise<void>;
  dropBefore(beforeMs: Millis): Promise<number>;
}
