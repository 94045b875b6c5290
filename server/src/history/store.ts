/** Port of the past: former states, changes across CIs, baselines, days of accuracy, and what of it is kept. */
import type { CiGroup, RetentionKind } from '@muster/shared/api/history.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Ci, HistoryKind, HistoryRow, RelationEdge } from '../cmdb/store.ts';
import type { CiState, Former } from './past.ts';

export interface ChangeQuery {
  /** Of these CIs that stand on their own, with their parts. */
  readonly machineIds?: readonly string[];
  /** Of them, not of their parts. */
  readonly isOwn?: boolean;
  /** Only of this CI or part. */
  readonly ciId?: string;
  readonly class?: string;
  /** `software` and `relation`: all packages, all relations. */
  readonly attribute?: string;
  readonly kind?: HistoryKind;
  readonly source?: string;
  readonly actor?: string;
  readonly cause?: string;
  readonly q?: string;
  /** Within [fromMs, toMs). */
  readonly fromMs?: Millis;
  readonly toMs?: Millis;
  readonly limit: number;
  readonly cursor?: string;
}

export interface BaselineRow {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly atMs: Millis;
  readonly createdAtMs: Millis;
  readonly createdBy: string;
  readonly approvedBy: string | null;
  readonly approvedAtMs: Millis | null;
  readonly group: CiGroup;
  readonly ciCount: number;
  readonly storedBytes: number;
}

export interface AccuracyDay {
  /** YYYY-MM-DD, UTC. */
  readonly day: string;
  /** '': all CIs. */
  readonly class: string;
  readonly count: number;
  readonly scoreSum: number;
}

export type RetentionYears = Readonly<Record<RetentionKind, number | null>>;
/** Nothing before it is kept; null: everything is. */
export type KeptSince = Readonly<Record<RetentionKind, Millis | null>>;

/** A package version with the number of these machines that have it. */
export interface VersionCount {
  readonly productId: number;
  readonly version: string;
  readonly count: number;
}

/**
 * Contract. Former states are written by the CMDB store together with the change that they are of, in the order of the changes; this
 * port reads them. They and changes are never altered; `deleteBefore` alone takes the oldest away.
 */
export interface HistoryStore {
  /** Former states of a CI since the first change after `atMs`, newest first. */
  formers(ciId: string, atMs: Millis): Promise<Former[]>;
  /** The same of all CIs, only of changes that lists show. */
  listedFormers(atMs: Millis): Promise<{ ciId: string; former: Former }[]>;
  /** Relations that hold at one of the two moments and not at the other. */
  changedEdges(fromMs: Millis, toMs: Millis): Promise<RelationEdge[]>;
  /** Changes of watched files of all machines within (fromMs, toMs], oldest first; at most `rowsMax`. */
  fileChanges(fromMs: Millis, toMs: Millis, rowsMax: number): Promise<HistoryRow[]>;
  /** CIs with a change within (fromMs, toMs]. */
  changedCis(fromMs: Millis, toMs: Millis): Promise<Set<string>>;
  /** Grows with each former state that is kept. */
  lastSeq(): Promise<number>;
  /** Id of the newest change; '': there is none. */
  lastChangeId(): Promise<string>;
  /** Every CI that stands on its own, without its attributes. */
  listedCis(): Promise<Ci[]>;
  changes(query: ChangeQuery): Promise<{ items: HistoryRow[]; nextCursor: string | null }>;
  /** These changes were announced by the change record `causeId`. */
  linkCause(changeIds: readonly string[], causeId: string | null): Promise<void>;

  putBaseline(row: BaselineRow): Promise<void>;
  /** Adds states to a baseline; answers the bytes that they take. */
  putBaselineStates(baselineId: string, states: readonly CiState[]): Promise<number>;
  baselines(): Promise<BaselineRow[]>;
  baseline(id: string): Promise<BaselineRow | null>;
  baselineCiIds(id: string): Promise<string[]>;
  baselineState(id: string, ciId: string): Promise<CiState | null>;
  /** With its states. */
  deleteBaseline(id: string): Promise<void>;

  /** How many of these machines have each version of each package. */
  versionCounts(machineIds: readonly string[]): Promise<VersionCount[]>;
  /** Who of these machines has which version of these packages. */
  versionsOf(
    productIds: readonly number[],
    machineIds: readonly string[],
  ): Promise<{ machineId: string; productId: number; version: string }[]>;
  products(
    ids: readonly number[],
  ): Promise<{ id: number; name: string; architecture: string | null; source: string }[]>;

  putAccuracyDays(days: readonly AccuracyDay[]): Promise<void>;
  /** Oldest first. */
  accuracyDays(ofClass: string, fromDay: string): Promise<AccuracyDay[]>;

  retention(): Promise<RetentionYears>;
  keptSince(): Promise<KeptSince>;
  setRetention(years: RetentionYears): Promise<void>;
  setKeptSince(kind: RetentionKind, atMs: Millis): Promise<void>;
  /** At most `rowsMax` rows that lie before `beforeMs`; answers how many were deleted. */
  deleteBefore(kind: RetentionKind, beforeMs: Millis, rowsMax: number): Promise<number>;
  /** Rows and bytes of each kind; counts every row and is not for each request. */
  sizes(): Promise<Record<RetentionKind, { rows: number; storedBytes: number }>>;
}
