/** An alert: what it is, and the news of it that others react to. */
import type { Words } from '@muster/shared/api/incidents.ts';
import type { ALERT_STATES, Severity, SuppressedBy } from '@muster/shared/api/rules.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { CiEntry } from '../cmdb/directory.ts';
import type { FlapRing } from '../correlation/flapping.ts';
import type { StoredRule } from './rule.ts';

/** A key that breaches again this soon after it was resolved is the same alert. */
export const REOPEN_MS = 15 * MINUTE_MS;

export type AlertState = (typeof ALERT_STATES)[number];

/** Why an alert is resolved. */
export type ResolvedBecause =
  /** Clear for the keep time; or the machine was heard again. */
  | 'cleared'
  /** Its series stopped while its machine went on reporting. */
  | 'not-reported'
  /** The rule was changed, switched off or deleted, or does not apply to the machine any more. */
  | 'rule-ended'
  /** The hours in which the machine is expected are over, or its absence is planned now. */
  | 'not-expected';

/** A person, or a program, has seen it. */
export interface Acknowledgement {
  /** Name of the actor, as in the audit log. */
  readonly by: string;
  readonly atMs: Millis;
  /** When it is told again if it still stands; null: when it is resolved, it is over. */
  readonly untilMs: Millis | null;
  readonly note: string;
}

/** One row per life of a key; at most one of a key is not resolved. */
export interface AlertRecord {
  readonly id: string;
  readonly ruleId: string;
  readonly ciId: string;
  /** '' where the metric has one series per machine. */
  readonly instance: string;
  readonly state: AlertState;
  readonly severity: Severity;
  /** As they were when it opened: a rule may be renamed or deleted. */
  readonly ruleName: string;
  readonly metric: string | null;
  /** Value and level at the last rise of severity, and the latest value. */
  readonly value: number | null;
  readonly level: number | null;
  readonly lastValue: number | null;
  /** Since when the level is reached; the harm may have begun earlier, at a lower one. */
  readonly levelSinceMs: Millis;
  /** Where the present stand of it began, also after it opened again. */
  readonly breachedAtMs: Millis;
  /** For the first time; after that `reopened` counts. */
  readonly openedAtMs: Millis;
  readonly resolvedAtMs: Millis | null;
  readonly resolvedBecause: ResolvedBecause | null;
  readonly reopened: number;
  readonly incidentId: string | null;
  /** Why it is not told by itself; null: it is. */
  readonly suppressedBy: SuppressedBy | null;
  readonly acknowledgement: Acknowledgement | null;
  /** The last changes of its key. */
  readonly flaps: FlapRing | null;
  /** What happened last has been told to those who react; false is told again at the next start. */
  readonly settled: boolean;
  /** Counts its changes. */
  readonly version: number;
}

/** An alert as people see it. */
export interface ShownAlert extends AlertRecord {
  /** When the latest value was measured, where nothing came for longer than a machine may pause. */
  readonly lastValueAtMs: Millis | null;
  /** Names of the rules that it stands on; null: it is no alert of a rule on other rules. */
  readonly standsOn: readonly Words[] | null;
}

export interface AlertTransition {
  /** opened: also after a suppression ended, and again after a restart that may have lost the first telling. */
  readonly type: 'opened' | 'escalated' | 'deescalated' | 'resolved' | 'updated';
  readonly alert: AlertRecord;
  readonly rule: StoredRule;
  /** null where the machine is not in the directory any more. */
  readonly ci: CiEntry | null;
  readonly value: number | null;
  readonly level: number | null;
  readonly breachedAtMs: Millis;
  readonly atMs: Millis;
  /** What happened, one sentence that names the thing. */
  readonly title: Words;
  /** Why, most important first; for silence with times and evidence. */
  readonly reasonWords: readonly Words[];
  /** It was told before, somebody has seen it, and that has run out: it is to be told again. */
  readonly remind?: boolean;
}

/** Told in order, at least once; returns which incident holds which alert. */
export type React = (
  transitions: readonly AlertTransition[],
  nowMs: Millis,
) => Promise<readonly { readonly alertId: string; readonly incidentId: string }[]>;

export function alertKey(alert: { ruleId: string; ciId: string; instance: string }): string {
  return `${alert.ruleId}\0${alert.ciId}\0${alert.instance}`;
}
