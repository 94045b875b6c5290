/** Port of rules and alerts. */
import type { Millis } from '@muster/shared/time.ts';
import type { AlertRecord, AlertState } from './alert.ts';
import type { Track } from './evaluate.ts';
import type { StoredRule } from './rule.ts';

/** Where the evaluation of one rule on one series stands; written when a phase changes. */
export interface SeriesState {
  readonly ruleId: string;
  readonly ciId: string;
  readonly instance: string;
  /** One per level of the rule; none = all idle: the row goes. */
  readonly tracks: readonly Track[];
  /** Time of the sample that changed them. */
  readonly atMs: Millis;
}

export interface AlertFilter {
  readonly state?: AlertState;
  readonly ciId?: string;
  readonly limit: number;
  /** Only what comes after this one in the order of the list. */
  readonly after?: { readonly openedAtMs: Millis; readonly id: string };
}

/**
 * Contract.
 * - `record` is atomic and durable: phases and alerts of one moment are there together or not at all. Alerts are
 *   inserted or replaced by id. It rejects, without effect, an alert that is not resolved beside another of its key.
 * - `settle` marks an alert as told and notes its incident; without effect on an alert that changed meanwhile.
 * - `alerts` are newest first by (openedAtMs, id), both descending.
 * - `live`: alerts that are not resolved, that are not settled, or that were resolved at or after `resolvedSinceMs`.
 * - `installPack` adds the rules whose `pack` was never installed here before, and remembers it: a deleted rule of a
 *   pack does not come back, a changed one is not overwritten. Returns those it added.
 * - `dropResolvedBefore` removes settled alerts that were resolved before the time.
 */
export interface RulesStore {
  rules(): Promise<readonly StoredRule[]>;
  putRule(rule: StoredRule): Promise<void>;
  /** Phases of the rule go with it; its alerts stay. */
  deleteRule(id: string): Promise<void>;
  installPack(rules: readonly StoredRule[]): Promise<readonly StoredRule[]>;
  states(): Promise<readonly SeriesState[]>;
  record(change: {
    readonly states: readonly SeriesState[];
    readonly alerts: readonly AlertRecord[];
  }): Promise<void>;
  settle(
    alerts: readonly { readonly alert: AlertRecord; readonly incidentId: string | null }[],
  ): Promise<void>;
  live(resolvedSinceMs: Millis): Promise<readonly AlertRecord[]>;
  alerts(filter: AlertFilter): Promise<readonly AlertRecord[]>;
  alertsByIds(ids: readonly string[]): Promise<readonly AlertRecord[]>;
  dropResolvedBefore(beforeMs: Millis): Promise<number>;
}
