/** Port of the incidents: records, their timeline and their evidence. */
import type {
  CiPlace,
  Evidence,
  HOLD_REASONS,
  IncidentState,
  Named,
  RESOLUTIONS,
  Words,
} from '@muster/shared/api/incidents.ts';
import type { Severity } from '@muster/shared/api/rules.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { MatrixVersion } from './policy.ts';

export interface Incident {
  readonly id: string;
  /** 'INC-0001', rising without reuse. */
  readonly ref: string;
  readonly state: IncidentState;
  readonly title: Words;
  /** Who gave the title; null: the machine, which may change it. */
  readonly titledBy: string | null;
  readonly description: Words;
  readonly impact: number;
  readonly urgency: number;
  /** What the matrix of `matrixVersion` says, and why. */
  readonly judgedPriority: number;
  readonly matrixVersion: number;
  readonly why: Words;
  /** Given by a person; stays until it is taken back. */
  readonly hand: HandPriority | null;
  /** By hand, else as judged. */
  readonly priority: number;
  /** When its level will be reached, where that is foreseen. */
  readonly reachedAtMs: Millis | null;
  /** Id of a category; null: unknown. */
  readonly category: string | null;
  /** Who gave the category; null: the machine, which may change it. */
  readonly filedBy: string | null;
  /** Who answers for the CI at fault and where it was, at the opening. */
  readonly place: CiPlace;
  readonly supportGroup: Named | null;
  /** By what lists name the group: its id, else its name. */
  readonly groupKey: string | null;
  readonly source: 'monitor' | 'person';
  readonly ciId: string | null;
  /** As they were at the opening, so that the record stays true when the CI changes or goes. */
  readonly ciName: string | null;
  readonly ciClass: string | null;
  /** CI and family of causes: one open incident per key. null for incidents by people. */
  readonly causeKey: string | null;
  readonly assignee: string | null;
  readonly holdReason: (typeof HOLD_REASONS)[number] | null;
  readonly resolution: (typeof RESOLUTIONS)[number] | null;
  readonly cause: string | null;
  readonly action: string | null;
  /** An unplanned outage: closes only with cause and action (A2). */
  readonly needsCause: boolean;
  readonly alerts: readonly IncidentAlert[];
  /** CIs whose alerts it holds, in the order in which they came; at most AFFECTED_MAX. */
  readonly affected: readonly AffectedCi[];
  /** CIs beyond that list. */
  readonly affectedBeyond: number;
  /** Causes of incidents that were joined to this one: they open again in it, not on their own. */
  readonly joinedCauses: readonly JoinedCause[];
  /** The incident that holds everything of this one since they were joined. */
  readonly mergedIntoId: string | null;
  readonly mergedIntoRef: string | null;
  /** A person took it out of another one: the machine joins it to nothing. */
  readonly keptApart: boolean;
  readonly parentId: string | null;
  readonly parentRef: string | null;
  readonly reopenings: number;
  /** Since when it has been open without a holder. */
  readonly unheldSinceMs: Millis | null;
  /** When that became an alarm. */
  readonly unclaimedAtMs: Millis | null;
  readonly openedAtMs: Millis;
  readonly breachedAtMs: Millis | null;
  readonly acknowledgedAtMs: Millis | null;
  readonly resolvedAtMs: Millis | null;
  readonly restoredAtMs: Millis | null;
  readonly closedAtMs: Millis | null;
  /** Since when no alert of it is open; null while one is. */
  readonly quietSinceMs: Millis | null;
  readonly respondByMs: Millis;
  readonly restoreByMs: Millis;
  /** Rises with each change. */
  readonly version: number;
  /** The last one in which somebody decided something or its state moved; later ones only know more. */
  readonly decidedVersion: number;
}

/** What the incident remembers of an alert. */
export interface IncidentAlert {
  readonly alertId: string;
  readonly severity: Severity;
  readonly open: boolean;
  /** Whose alert it is. */
  readonly ciId: string;
  /** What it would be the cause of if it stood alone. */
  readonly causeKey: string;
  /** Somebody has acknowledged it. */
  readonly seen?: boolean;
  /** Absent where no rule is behind it. */
  readonly rule?: AlertRule;
  /** It ended because its rule does not watch it any more: nobody knows what became of it. */
  readonly unwatched?: boolean;
}

/** The rule of an alert, by its name then. */
export interface AlertRule {
  readonly id: string;
  readonly name: Words;
}

export interface HandPriority {
  readonly priority: number;
  readonly reason: string;
  readonly by: string;
  readonly atMs: Millis;
}

/** A CI that an incident has hit, as it was named then. */
export interface AffectedCi {
  readonly ciId: string;
  readonly name: string;
  readonly class: string;
  /** Since its first alert. */
  readonly sinceMs: Millis;
  /** null: an alert of it is still open. */
  readonly untilMs: Millis | null;
}

export interface JoinedCause {
  readonly causeKey: string;
  readonly ciId: string | null;
}

/** What an incident begins with. */
export const UNTOUCHED = {
  assignee: null,
  holdReason: null,
  resolution: null,
  cause: null,
  action: null,
  alerts: [],
  affected: [],
  affectedBeyond: 0,
  joinedCauses: [],
  mergedIntoId: null,
  mergedIntoRef: null,
  keptApart: false,
  parentId: null,
  parentRef: null,
  reopenings: 0,
  unheldSinceMs: null,
  unclaimedAtMs: null,
  judgedPriority: 3,
  matrixVersion: 1,
  hand: null,
  reachedAtMs: null,
  category: null,
  titledBy: null,
  filedBy: null,
  place: { owner: null, user: null, location: null, department: null, supportGroup: null },
  supportGroup: null,
  groupKey: null,
  acknowledgedAtMs: null,
  resolvedAtMs: null,
  restoredAtMs: null,
  closedAtMs: null,
  version: 1,
  decidedVersion: 1,
} as const satisfies Partial<Incident>;

export interface TimelineRow {
  readonly id: string;
  readonly incidentId: string;
  readonly atMs: Millis;
  readonly actor: string;
  readonly kind:
    | 'opened'
    | 'alert-added'
    | 'alert-resolved'
    | 'transition'
    | 'note'
    | 'assigned'
    | 'evidence'
    | 'notified'
    | 'notify-failed'
    | 'priority'
    | 'reopened'
    | 'merged'
    | 'split'
    | 'linked'
    | 'unclaimed'
    | 'filed';
  readonly text: Words;
}

export interface IncidentQuery {
  readonly states?: readonly IncidentState[];
  /** At fault or affected. */
  readonly ciId?: string;
  /** And of these: CIs that turned out to be it. */
  readonly alsoOf?: readonly string[];
  readonly assignee?: string;
  /** Only those that nobody has. */
  readonly unclaimed?: boolean;
  readonly priorities?: readonly number[];
  readonly causeKey?: string;
  readonly groupKey?: string;
  /** A category or any below it. */
  readonly category?: string;
  readonly parentId?: string;
  readonly mergedIntoId?: string;
  /** Part of reference, title or machine name; case is ignored. */
  readonly text?: string;
  readonly limit: number;
  readonly cursor?: string;
}

export type IncidentEventType =
  | 'opened'
  | 'changed'
  | 'reopened'
  | 'resolved'
  | 'restored'
  | 'closed'
  | 'merged'
  | 'unclaimed'
  | 'reminded'
  | 'priority';

/** What others must hear of, kept until they have. */
export interface UntoldEvent {
  readonly id: string;
  readonly type: IncidentEventType;
  readonly atMs: Millis;
  /** As it was after the change. */
  readonly incident: Incident;
  /** What is said of it besides; null: the change says it all. */
  readonly words: Words | null;
}

/** What times per month are worked out from. */
export type TimesFacts = Pick<
  Incident,
  | 'openedAtMs'
  | 'breachedAtMs'
  | 'acknowledgedAtMs'
  | 'resolvedAtMs'
  | 'restoredAtMs'
  | 'state'
  | 'priority'
  | 'supportGroup'
  | 'resolution'
  | 'reopenings'
>;

export interface SettingRecord {
  readonly key: string;
  readonly value: unknown;
  readonly version: number;
  readonly by: string;
  readonly atMs: Millis;
}

export interface TimelineQuery {
  readonly limit: number;
  readonly cursor?: string;
  readonly by?: 'people' | 'machine';
}

/** One incident's part of a change. */
export interface IncidentChange {
  readonly incident: Incident;
  readonly timeline: readonly TimelineRow[];
  readonly event?: UntoldEvent | undefined;
}

/**
 * Contract. `save` writes the incident, its new timeline rows and the event to be told together, or rejects with AppError 'conflict'
 * when the held version is not `incident.version − 1` (a new one: none held). Timeline rows are never changed. Lists are newest first.
 */
export interface IncidentStore {
  save(incident: Incident, timeline: readonly TimelineRow[], event?: UntoldEvent): Promise<void>;
  /** Several incidents in one go: all of it or, on a conflict of one, nothing. */
  saveAll(changes: readonly IncidentChange[]): Promise<void>;
  /** Events that nobody confirmed by `told`, made at or before the time, oldest first. */
  untold(untilMs: Millis): Promise<UntoldEvent[]>;
  told(eventId: string): Promise<void>;
  /** Adds a row beside the record, which keeps its version. A row whose id is there already has no effect. */
  addLine(row: TimelineRow): Promise<void>;
  /** By id or reference. */
  get(idOrRef: string): Promise<Incident | null>;
  list(query: IncidentQuery): Promise<{ items: Incident[]; nextCursor: string | null }>;
  /** All that are not closed or cancelled. */
  unfinished(): Promise<Incident[]>;
  /** The highest number of a reference, whatever the clock said; 0 = none. */
  lastNumber(): Promise<number>;
  lastClosedAtMs(): Promise<Millis | null>;
  /** Oldest first. */
  timeline(incidentId: string): Promise<TimelineRow[]>;
  /** Newest first. */
  timelinePage(
    incidentId: string,
    query: TimelineQuery,
  ): Promise<{ items: TimelineRow[]; nextCursor: string | null }>;
  /** Id → reference, of those that there are; of a joined one the reference of the one that holds it now. */
  refs(ids: readonly string[]): Promise<Map<string, string>>;
  /** Opened at or after the time, in any order; without cancelled ones. */
  openedSince(fromMs: Millis): Promise<TimesFacts[]>;
  /** Newest first. */
  matrices(): Promise<MatrixVersion[]>;
  /** Rejects with AppError 'conflict' when there is that version. */
  addMatrix(matrix: MatrixVersion): Promise<void>;
  setting(key: string): Promise<SettingRecord | null>;
  /** Rejects with AppError 'conflict' when the held version is not the one before. */
  putSetting(setting: SettingRecord): Promise<void>;
  evidence(incidentId: string): Promise<Evidence | null>;
  putEvidence(incidentId: string, evidence: Evidence): Promise<void>;
}
