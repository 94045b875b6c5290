/** Port of the CMDB: what is known of each CI, its parts, software, history and identity. */
import type { AttributeValue } from './picture.ts';
import type { IndependentClass, MachineClass, PartClass } from '@muster/shared/cmdb/classes.ts';
import type { RelationTypeName } from '@muster/shared/cmdb/relation-types.ts';
import type { HistoryEntry, IdentityTrace, LIFECYCLES } from '@muster/shared/api/cmdb.ts';
import type {
  IdentityEdits,
  IdentityReads,
  IdentityWrites,
  SectionExchange,
  SectionHead,
  SectionHeads,
} from './identity-record.ts';
import type { SoftwarePackage } from '@muster/shared/inventory/sections.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import type { z } from 'zod';

export type LifecycleState = (typeof LIFECYCLES)[number];
/** Where a value comes from, the stronger first. */
export const SOURCES = ['human', 'agent', 'third-party', 'network-scan', 'import'] as const;
export type Source = (typeof SOURCES)[number];

export interface HeldAttribute {
  readonly value: AttributeValue;
  readonly source: Source;
  /** When this value was first seen. */
  readonly observedAtMs: Millis;
  /** Section that tells it; null for what only people know. */
  readonly section: InventorySection | null;
  readonly lockedBy: string | null;
  /** What reports say while a lock holds another value; undefined = the same. */
  readonly observedValue?: AttributeValue;
  /** The last value of each other source, the stronger first; of a locked one, of every source. */
  readonly others?: readonly SourceValue[];
}
/** What one source says, and since when. */
export type SourceValue = Pick<HeldAttribute, 'value' | 'source' | 'observedAtMs' | 'section'>;
export type Attributes = Readonly<Record<string, HeldAttribute>>;

/** A CI that stands on its own: a machine, or a record of something no agent runs on. */
export interface Ci {
  readonly id: string;
  readonly class: IndependentClass;
  /** Class of the administrator's own making below `class`; null: none. */
  readonly subclass: string | null;
  /** true: a person chose class or name; reports leave them alone. */
  readonly classLocked: boolean;
  readonly name: string;
  readonly nameLocked: boolean;
  readonly lifecycle: LifecycleState;
  readonly criticality: number;
  readonly assetNumber: string | null;
  readonly owner: string | null;
  readonly supportGroup: string | null;
  readonly serviceHours: string | null;
  readonly site: string | null;
  readonly tags: readonly string[];
  readonly agentId: string | null;
  /** Known by its agent only: no inventory has come yet. */
  readonly placeholder: boolean;
  /** The CI that it turned out to be; it is in no list then, and reports find that one. */
  readonly mergedInto: string | null;
  readonly createdAtMs: Millis;
  readonly attributes: Attributes;
}
export type Machine = Ci & { readonly class: MachineClass };

/** An edge between two CIs that was said by somebody or found in reports; those within a machine follow from its parts. */
export interface RelationEdge {
  readonly id: string;
  readonly type: RelationTypeName;
  readonly fromId: string;
  readonly toId: string;
  readonly source: Source;
  /** As in the audit log. */
  readonly actor: string;
  readonly sinceMs: Millis;
  readonly endedAtMs: Millis | null;
  /** Edges of one `from` and one group stand in for each other: `needed` of them must hold. null: this one must. */
  readonly group: string | null;
  readonly needed: number | null;
}

export interface Part {
  readonly id: string;
  readonly machineId: string;
  readonly class: PartClass;
  readonly section: InventorySection;
  readonly name: string;
  readonly keys: readonly string[];
  readonly attributes: Attributes;
  /** Complete reports in a row that did not name it; at ABSENT_REPORTS_MAX it is removed. */
  readonly absentReports: number;
  readonly createdAtMs: Millis;
  readonly removedAtMs: Millis | null;
}

export interface Installation extends SoftwarePackage {
  readonly key: string;
  readonly firstSeenAtMs: Millis;
  readonly absentReports: number;
}

export type HistoryKind = z.infer<typeof HistoryEntry>['kind'];
export interface HistoryRow {
  readonly id: string;
  readonly atMs: Millis;
  /** The CI itself, and the machine it belongs to (the same for a machine). */
  readonly ciId: string;
  readonly machineId: string;
  readonly ciName: string;
  readonly ciClass: string;
  readonly kind: HistoryKind;
  readonly attribute: string | null;
  readonly before: AttributeValue;
  readonly after: AttributeValue;
  readonly source: Source | 'system';
  /** As in the audit log. */
  readonly actor: string;
  /** Change record that announced it; absent: none is known. */
  readonly causeId?: string;
}

export interface TraceRow extends Omit<z.infer<typeof IdentityTrace>, 'at'> {
  readonly id: string;
  readonly atMs: Millis;
  readonly ciId: string;
  readonly agentId: string;
}

/** `hash`: SHA-256 (hex) of the section as reported. `confirmedAtMs`: last report that said it is still so. */
export interface SectionState extends SectionHead {
  readonly data: unknown;
}
export type SectionStates = Partial<Record<InventorySection, SectionState>>;

/** Values by which a report finds its CI. */
export interface IdentityKey {
  readonly kind:
    | 'serial'
    | 'uuid'
    | 'machine-id'
    | 'mac'
    | 'hostname'
    | 'address'
    | 'board-serial'
    | 'asset-tag'
    | 'login';
  readonly value: string;
}

/** Everything one report or one edit changes of one machine. */
export interface ChangeSet {
  /** When it is; the time of its rows where it is left out. */
  readonly atMs?: Millis;
  readonly machine: Machine;
  /** All keys of the machine after the change. */
  readonly keys: readonly IdentityKey[];
  /** New and changed parts, whole. */
  readonly parts: readonly Part[];
  readonly installations: { readonly put: readonly Installation[]; readonly removed: readonly string[] };
  readonly sections: SectionStates;
  /** Of sections whose contents stay as they are. */
  readonly heads?: SectionHeads;
  readonly history: readonly HistoryRow[];
  readonly traces: readonly TraceRow[];
  readonly identity?: IdentityEdits;
}

/** What people or other programs make of CIs and of the edges between them, and the rows that say so. */
export interface CiEdits {
  /** When it is; the time of its rows where it is left out. */
  readonly atMs?: Millis;
  /** New and changed CIs, whole. */
  readonly cis: readonly Ci[];
  /** All keys of these CIs from now on; the keys of others stay. */
  readonly keys: ReadonlyMap<string, readonly IdentityKey[]>;
  /** New and changed edges, whole. */
  readonly relations: readonly RelationEdge[];
  readonly history: readonly HistoryRow[];
  readonly traces?: readonly TraceRow[];
  readonly identity?: IdentityEdits;
  readonly exchanges?: readonly SectionExchange[];
}

/** Filters that a list of CIs can have; of a part, its machine is asked. */
export interface CiFilter {
  /** A built-in class or, of CIs that stand on their own, one of the administrator's. */
  readonly class?: string;
  /** Any of these classes; the administrator's own ones too. */
  readonly classes?: ReadonlySet<string>;
  /** Part of a name, serial, address or MAC; case does not matter. */
  readonly q?: string;
  readonly tag?: string;
  readonly lifecycle?: LifecycleState;
  /** '': those without. */
  readonly site?: string;
  readonly owner?: string;
  /** Some value of it comes from there. */
  readonly source?: Source;
  /** No report has confirmed it since. */
  readonly staleSinceMs?: Millis;
  /** A package of exactly this name is installed on it. */
  readonly software?: string;
  /** Only these machines; used where another slice filters (presence). */
  readonly ids?: ReadonlySet<string>;
}

export interface CiPage {
  readonly limit: number;
  /** Opaque; from the page before. */
  readonly cursor?: string;
}
export type CiQuery = CiFilter & CiPage;
export type PartQuery = CiFilter & { readonly class: PartClass } & CiPage;

/** A part with the machine it belongs to. */
export interface PartOfMachine {
  readonly part: Part;
  readonly machine: Machine;
}

/** When the sections of a machine were last confirmed. */
export type Confirmations = Partial<Record<InventorySection, Millis>>;

/**
 * Contract. `apply` is atomic: state, keys, history and traces together, or nothing. Applying the same set twice has the
 * effect of once (history and trace ids are the same). History and traces are never changed, and deleted only by their age. What a
 * change takes away is kept with it as a former state (history/past.ts). Of an edge nothing but its end ever changes.
 */
export interface CmdbStore extends IdentityReads, IdentityWrites {
  apply(set: ChangeSet): Promise<void>;
  /** All or nothing; parts, software and everything not named stay as they are. */
  applyEdits(edits: CiEdits): Promise<void>;
  /** Of any class that stands on its own. */
  ci(id: string): Promise<Ci | null>;
  /** Those of them that are; in no order. */
  cis(ids: readonly string[]): Promise<Ci[]>;
  machine(id: string): Promise<Machine | null>;
  machines(): Promise<Machine[]>;
  /** Of one class, in no order. */
  records(recordClass: IndependentClass): Promise<Ci[]>;
  /**
   * By name, then id; machines where the filter names no class. CIs that turned out to be another one are left out.
   */
  findCis(query: CiQuery): Promise<{ items: Ci[]; nextCursor: string | null }>;
  /** Parts that are not removed, of one class over all machines; by name, then id. */
  findParts(query: PartQuery): Promise<{ items: PartOfMachine[]; nextCursor: string | null }>;
  /** How many `findMachines` or, with the class of a part, `findParts` would find on all pages. */
  countCis(filter: CiFilter): Promise<number>;
  /** Number of CIs that the lists show, by class; classes without any are left out. */
  classCounts(): Promise<Map<string, number>>;
  part(id: string): Promise<Part | null>;
  confirmations(machineIds: readonly string[]): Promise<Map<string, Confirmations>>;
  /** Machines that hold at least one of the keys. */
  machinesByKeys(keys: readonly IdentityKey[]): Promise<Machine[]>;
  /** CIs of any class that hold at least one of the keys. */
  cisByKeys(keys: readonly IdentityKey[]): Promise<Ci[]>;
  /** Edges that have not ended; in no order. */
  relations(): Promise<RelationEdge[]>;
  /** Edges of a CI at either end, ended ones too; newest first. */
  relationsOf(ciId: string): Promise<RelationEdge[]>;
  /** Parts that are not removed, by class and name; `withRemoved` adds the others (a part that returns keeps its id). */
  parts(machineId: string, withRemoved?: boolean): Promise<Part[]>;
  /** By name. */
  installations(machineId: string): Promise<Installation[]>;
  sections(machineId: string): Promise<SectionStates>;
  /** Newest first; rows of the machine and its parts, or of `ciId` alone, within [fromMs, toMs); `alsoOf`: and of these machines. */
  history(query: {
    machineId: string;
    alsoOf?: readonly string[];
    ciId?: string;
    fromMs?: Millis;
    toMs?: Millis;
    limit: number;
    cursor?: string;
  }): Promise<{ items: HistoryRow[]; nextCursor: string | null }>;
  /** Newest first. */
  traces(machineId: string, limit: number): Promise<TraceRow[]>;
}
