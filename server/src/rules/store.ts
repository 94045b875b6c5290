/** Port of rules and alerts. */
import type { Severity } from '@muster/shared/api/rules.ts';
import type { RULE_CHANGES } from '@muster/shared/api/rules.ts';
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
  /** `live`: all that are not resolved. */
  readonly state?: AlertState | 'live';
  readonly severity?: Severity;
  readonly ruleIds?: readonly string[];
  readonly ciId?: string;
  /** And of these: CIs that turned out to be it. */
  readonly alsoOf?: readonly string[];
  /** Opened at or after, opened before. */
  readonly fromMs?: Millis;
  readonly toMs?: Millis;
  /** Part of rule name, metric or instance, case ignored; or one of these machines. */
  readonly text?: { readonly part: string; readonly ciIds: readonly string[] };
  readonly limit: number;
  /** Only what comes after this one in the order of the list. */
  readonly after?: { readonly openedAtMs: Millis; readonly id: string };
}

/** What a rule told since a time; what was suppressed was not told. */
export interface NoiseCount {
  readonly ruleId: string;
  readonly alerts: number;
  /** Of these: cleared within the brief time, acknowledged by nobody. */
  readonly brief: number;
  /** Incidents that hold them, and machines that they are about. */
  readonly incidents: number;
  readonly machines: number;
}

/** How a version of a rule came to be. */
export interface RuleChange {
  readonly atMs: Millis;
  /** Name of the actor, as in the audit log. */
  readonly by: string;
  readonly change: (typeof RULE_CHANGES)[number];
  /** For `restored`: the version it was taken from. */
  readonly restoredFrom: number | null;
}

export interface RuleVersionRecord extends RuleChange {
  /** From 1. */
  readonly version: number;
  /** What the rule was after the change; of a deleted one, before. */
  readonly rule: StoredRule;
}

/** The first version of a rule that comes with a pack. */
export function installedNow({ createdAtMs }: StoredRule): RuleChange {
  return { atMs: createdAtMs, by: 'system', change: 'installed', restoredFrom: null };
}

/** Versions kept of a rule; the oldest go first. */
export const RULE_VERSIONS_MAX = 500;

/**
 * Contract.
 * - `putRule` and `deleteRule` note the version that they make in the same step; without a `change` they note none.
 *   `installPack` notes one as `installed` by `system`. Versions outlive their rule.
 * - `versions` are newest first; of each rule the newest RULE_VERSIONS_MAX are kept.
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
  putRule(rule: StoredRule, change?: RuleChange): Promise<void>;
  /** Phases of the rule go with it; its alerts and its versions stay. */
  deleteRule(id: string, change?: RuleChange): Promise<void>;
  /** Those before `before`, which is a version; from the newest on where it is undefined. */
  versions(ruleId: string, limit: number, before?: number): Promise<readonly RuleVersionRecord[]>;
  version(ruleId: string, version: number): Promise<RuleVersionRecord | null>;
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
  /** When an alert of each rule opened last; of rules without any alert nothing. Reads all alerts: for the start. */
  lastOpened(): Promise<readonly { readonly ruleId: string; readonly atMs: Millis }[]>;
  /** Of rules with alerts opened at or after the time, but for those during planned absence. */
  noise(sinceMs: Millis, briefMs: Millis): Promise<readonly NoiseCount[]>;
  dropResolvedBefore(beforeMs: Millis): Promise<number>;
}
