/** Port of imports: what was uploaded, what each row did. */
import type { ImportMapping, ImportRow, ImportSummary, RowOutcome } from '@muster/shared/api/imports.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { RelationEdge } from '../cmdb/store.ts';
import type { Table } from './read-table.ts';

export interface ImportRecord {
  readonly id: string;
  readonly name: string;
  readonly state: ImportSummary['state'];
  readonly createdAtMs: Millis;
  readonly actor: string;
  readonly rows: number;
  readonly mapping: ImportMapping | null;
  readonly counts: ImportSummary['counts'];
  readonly done: number;
  readonly appliedAtMs: Millis | null;
  readonly undoneAtMs: Millis | null;
  readonly kept: number;
  readonly fault: string | null;
}

/** One row as it was checked or applied, with what an undo needs. */
export interface RowRecord extends ImportRow {
  readonly created: boolean;
  /** Edges that the row made. */
  readonly relationIds: readonly string[];
  /** Edges that ended by that, so that an undo ties them again. */
  readonly endedEdges: readonly (Pick<RelationEdge, 'type' | 'fromId' | 'toId'> &
    Partial<Pick<RelationEdge, 'source'>>)[];
  /** Persons and places that were made for it, the outer place first. */
  readonly madeIds?: readonly string[];
}

/** Contract. Records are put whole. `putRows` replaces the rows of the same lines; `dropRows` takes all of an import away. */
export interface ImportStore {
  /** Newest first. */
  imports(): Promise<ImportRecord[]>;
  import(id: string): Promise<ImportRecord | null>;
  /** With the table, when it is uploaded. */
  addImport(record: ImportRecord, table: Table): Promise<void>;
  putImport(record: ImportRecord): Promise<void>;
  table(id: string): Promise<Table | null>;
  putRows(id: string, rows: readonly RowRecord[]): Promise<void>;
  dropRows(id: string): Promise<void>;
  /** Ascending by line, from after `afterLine`. */
  rows(
    id: string,
    query: { readonly afterLine: number; readonly limit: number; readonly outcome?: RowOutcome },
  ): Promise<RowRecord[]>;
}
