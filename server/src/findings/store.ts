/** Port of the findings: what a person should look at, and what became of it. */
import type { FindingRule, FindingState } from '@muster/shared/api/findings.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { FindingKind, FindingNews } from './finding.ts';

export interface FindingRecord extends FindingNews {
  readonly id: string;
  readonly state: FindingState;
  /** How often it was seen. */
  readonly count: number;
  readonly openedAtMs: Millis;
  readonly lastAtMs: Millis;
  /** Who closed it and why; null while it is open. As in the audit log. */
  readonly decidedBy: string | null;
  readonly decidedAtMs: Millis | null;
  readonly note: string | null;
  /** The approved change that explains it. */
  readonly changeId: string | null;
  readonly incidentRef: string | null;
}

export interface FindingQuery {
  readonly state?: FindingState;
  readonly kind?: FindingKind;
  readonly ciId?: string;
  /** And of these: CIs that turned out to be it. */
  readonly alsoOf?: readonly string[];
  readonly changeId?: string;
  readonly limit: number;
  readonly cursor?: string;
}

/** Contract. Puts are by id and whole. Lists are newest first by `openedAtMs`, then id. */
export interface FindingStore {
  put(finding: FindingRecord): Promise<void>;
  finding(id: string): Promise<FindingRecord | null>;
  /** The newest of the kind and key. */
  latest(kind: FindingKind, key: string): Promise<FindingRecord | null>;
  find(query: FindingQuery): Promise<{ items: FindingRecord[]; nextCursor: string | null }>;
  /** Open ones by kind; kinds without any are left out. */
  openCounts(): Promise<Map<FindingKind, number>>;
  /** Which of them open an incident; null: never set. */
  rules(): Promise<FindingRule[] | null>;
  putRules(rules: readonly FindingRule[]): Promise<void>;
}
