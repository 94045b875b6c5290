/** Port of the change records and of the policy of what needs none. */
import type { ChangeKind, ChangePolicy, ChangeState } from '@muster/shared/api/changes.ts';
import type { Millis } from '@muster/shared/time.ts';

export interface ChangeRecord {
  readonly id: string;
  /** 'CHG-0001', rising. */
  readonly ref: string;
  readonly title: string;
  readonly description: string;
  readonly state: ChangeState;
  readonly kinds: readonly ChangeKind[];
  readonly ciIds: readonly string[];
  readonly tags: readonly string[];
  readonly startsAtMs: Millis;
  readonly endsAtMs: Millis;
  /** As in the audit log. */
  readonly requestedBy: string;
  readonly requestedAtMs: Millis;
  readonly decidedBy: string | null;
  readonly decidedAtMs: Millis | null;
  readonly note: string | null;
}

export interface ChangeQuery {
  readonly state?: ChangeState;
  /** Only those that name this CI. */
  readonly ciId?: string;
  /** And of these: CIs that turned out to be it. */
  readonly alsoOf?: readonly string[];
  readonly limit: number;
  readonly cursor?: string;
}

/** Contract. Puts are by id and whole. Lists are by `startsAtMs`, then id, the latest first. */
export interface ChangeStore {
  put(change: ChangeRecord): Promise<void>;
  change(id: string): Promise<ChangeRecord | null>;
  find(query: ChangeQuery): Promise<{ items: ChangeRecord[]; nextCursor: string | null }>;
  /** Approved or closed ones whose window holds the moment. */
  inForce(atMs: Millis): Promise<ChangeRecord[]>;
  /** The highest number of a reference; 0 = none. */
  highestNumber(): Promise<number>;
  /** null: never set. */
  policy(): Promise<ChangePolicy | null>;
  putPolicy(policy: ChangePolicy): Promise<void>;
}
