/** What is kept about identity beside the CIs: who reports, what people decided, what is open, what was merged. */
import type { IdentityTrace } from '@muster/shared/api/cmdb.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import type { z } from 'zod';
import type { Ci, IdentityKey, RelationEdge, Source } from './store.ts';

export type ReportingSource = 'agent' | 'third-party';

/** Somebody who delivers reports, and the CI they are of. Known by source and id. */
export interface ReporterRow {
  readonly source: ReportingSource;
  readonly id: string;
  readonly ciId: string;
  readonly firstAtMs: Millis;
  readonly lastAtMs: Millis;
  /** Hash of each section as this reporter told it last: the same again is read no further. */
  readonly hashes: Readonly<Partial<Record<InventorySection, string>>>;
}

/** What a person decided for good, until it is taken back. */
export type IdentityPin = PinBase &
  (
    | { readonly kind: 'never-same'; readonly ciId: string; readonly otherId: string }
    | {
        readonly kind: 'reporter-is';
        readonly ciId: string;
        readonly source: ReportingSource;
        readonly reporterId: string;
      }
  );
interface PinBase {
  readonly id: string;
  readonly atMs: Millis;
  /** As in the audit log. */
  readonly actor: string;
}

export type TraceKey = z.infer<typeof IdentityTrace>['keys'][number];

/** A CI that the report could be of, with everything that was compared. */
export interface ReviewCandidate {
  readonly ciId: string;
  readonly ciName: string;
  readonly reason: string;
  readonly keys: readonly TraceKey[];
}

/** A report that could be of several CIs, or of one that only half agrees: it has a CI of its own until a person decides. */
export interface IdentityReview {
  readonly id: string;
  readonly openedAtMs: Millis;
  readonly lastAtMs: Millis;
  /** The CI that the report was given meanwhile. */
  readonly ciId: string;
  readonly source: ReportingSource;
  readonly reporterId: string;
  readonly rule: string;
  readonly reason: string;
  readonly candidates: readonly ReviewCandidate[];
  readonly state: 'open' | 'same' | 'new';
  /** The CI it turned out to be. */
  readonly decidedCiId: string | null;
  readonly decidedBy: string | null;
  readonly decidedAtMs: Millis | null;
  /** The merge that followed. */
  readonly mergeId: string | null;
}

/** Everything a merge touched, as it was and as it became: what undoing needs. */
export interface MergeRecord {
  readonly id: string;
  readonly keepId: string;
  readonly otherId: string;
  readonly atMs: Millis;
  readonly actor: string;
  readonly undoneAtMs: Millis | null;
  readonly undoneBy: string | null;
  readonly before: { readonly keep: Ci; readonly other: Ci };
  readonly after: { readonly keep: Ci };
  /** Sections whose owner changed sides, with their parts and packages. */
  readonly sections: readonly InventorySection[];
  /** Sections of the one that stays right after the merge: what is different later was told since. */
  readonly heads?: SectionHeads;
  /** Edges of the other as they were, and the edge that took its place; null: none was needed. */
  readonly edges: readonly { readonly was: RelationEdge; readonly nowId: string | null }[];
  readonly reporters: readonly Pick<ReporterRow, 'source' | 'id'>[];
  /** Decisions that the merge took back, and those made with it. */
  readonly pins: readonly IdentityPin[];
  readonly addedPins: readonly string[];
  /** Questions that it answered, as they were. */
  readonly reviews: readonly IdentityReview[];
}

export type JunkKind = 'serial' | 'uuid' | 'mac' | 'machine-id' | 'hostname';

/** A value that the administrator found on several machines: it identifies none. */
export interface JunkValue {
  readonly id: string;
  readonly kind: JunkKind;
  /** As normalised; '*' at the end stands for anything. */
  readonly value: string;
  readonly note: string | null;
  readonly atMs: Millis;
  readonly actor: string;
}

/** Rows of this area that are written together with a change of CIs. */
export interface IdentityEdits {
  /** New and changed, whole. */
  readonly reporters?: readonly ReporterRow[];
  readonly pins?: readonly IdentityPin[];
  readonly removedPins?: readonly string[];
  readonly reviews?: readonly IdentityReview[];
  readonly merges?: readonly MergeRecord[];
}

/** Sections, their parts and packages of two CIs change sides: the same again brings them back. */
export interface SectionExchange {
  readonly aId: string;
  readonly bId: string;
  readonly sections: readonly InventorySection[];
  /** What `bId` holds of these is overtaken and goes before the others change sides; its parts are removed. */
  readonly overtaken?: readonly InventorySection[];
}

/** A section without its contents. */
export interface SectionHead {
  readonly hash: string;
  readonly complete: boolean;
  readonly reportedAtMs: Millis;
  readonly confirmedAtMs: Millis;
  /** Who tells it: of a stronger source than others that tell it too, or the only one. */
  readonly source: Source;
  readonly reporter: string;
  /** Something of it was missed by the last report and is removed where the next one lacks it too. */
  readonly missing: boolean;
  /** Sections and fields that the configuration left out of it, as in 'users' and 'users.lastUser'; in order. */
  readonly leftOut: readonly string[];
}
export type SectionHeads = Partial<Record<InventorySection, SectionHead>>;

export interface IdentityReads {
  /** Contents are not read. */
  sectionHeads(machineId: string): Promise<SectionHeads>;
  keysOf(ciIds: readonly string[]): Promise<Map<string, IdentityKey[]>>;
  reporters(): Promise<ReporterRow[]>;
  pins(): Promise<IdentityPin[]>;
  /** Newest first. */
  reviews(query: { state?: 'open'; limit: number }): Promise<IdentityReview[]>;
  review(id: string): Promise<IdentityReview | null>;
  merge(id: string): Promise<MergeRecord | null>;
  /** Those that a CI took part in, on either side; newest first. */
  mergesOf(ciId: string): Promise<MergeRecord[]>;
  junkValues(): Promise<JunkValue[]>;
}

export interface IdentityWrites {
  /** What this reporter told is as it was: the date of the evidence moves, of the sections that it owns. */
  confirmSections(
    machineId: string,
    sections: readonly InventorySection[],
    reporter: ReporterRow,
  ): Promise<void>;
  putJunk(value: JunkValue): Promise<void>;
  removeJunk(id: string): Promise<void>;
  putReview(review: IdentityReview): Promise<void>;
  removePin(id: string): Promise<void>;
}
