/** Assets from a spreadsheet: upload, mapping, dry run, apply, undo; and tables as XLSX. */
import { z } from 'zod';
import { endpoint, IdParams, IsoTime, listOf, Page } from './endpoint.ts';

export const IMPORT_BYTES_MAX = 8 << 20;
export const IMPORT_ROWS_MAX = 20_000;
export const IMPORT_COLUMNS_MAX = 200;
/** Base64 is a third longer; the rest is the wrapping. */
const UPLOAD_BODY_BYTES_MAX = Math.ceil((IMPORT_BYTES_MAX * 4) / 3) + 4_096;

export const IMPORT_STATES = [
  'uploaded',
  'checked',
  'applying',
  'applied',
  'undoing',
  'undone',
  'failed',
] as const;
export const ROW_OUTCOMES = ['new', 'changed', 'unchanged', 'error'] as const;
export type RowOutcome = (typeof ROW_OUTCOMES)[number];
/** Order in which a slash date is read: 3/4/2026 is the third of April or the fourth of March. */
export const DATE_ORDERS = ['dmy', 'mdy'] as const;
export const IMPORT_KEYS = ['assetNumber', 'serial', 'name'] as const;

/**
 * Where a column goes: a field of the record (`name`, `assetNumber`, `class`, `lifecycle` …), `attribute:NAME`,
 * `relation:user`, `relation:location`, `relation:supplier`, or nowhere (null).
 */
export const ColumnTarget = z.string().max(80).nullable();

export const ImportMapping = z.object({
  /** Class of rows that name none. */
  class: z.string().min(1).max(64),
  /** One target for each column. */
  columns: z.array(ColumnTarget).max(IMPORT_COLUMNS_MAX),
  /** What rows are recognised by, the strongest first. */
  keys: z
    .array(z.enum(IMPORT_KEYS))
    .max(IMPORT_KEYS.length)
    .default([...IMPORT_KEYS]),
  dateOrder: z.enum(DATE_ORDERS).default('dmy'),
  /** Lifecycle of new ones that say none. */
  lifecycle: z.enum(['planned', 'ordered', 'in_stock', 'deployed', 'in_use']).default('planned'),
  /** New ones without a number get the next of their class. */
  numbers: z.boolean().default(true),
});
export type ImportMapping = z.infer<typeof ImportMapping>;

const Counts = z.object({ new: z.number(), changed: z.number(), unchanged: z.number(), error: z.number() });

export const ImportSummary = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(IMPORT_STATES),
  createdAt: IsoTime,
  actor: z.string(),
  rows: z.number(),
  counts: Counts.nullable(),
  /** Rows done while it is applied or undone. */
  done: z.number(),
  appliedAt: IsoTime.nullable(),
  undoneAt: IsoTime.nullable(),
  /** Rows that somebody changed since and that were left as they are. */
  kept: z.number(),
  fault: z.string().nullable(),
});
export type ImportSummary = z.infer<typeof ImportSummary>;

export const ImportDetail = ImportSummary.extend({
  format: z.enum(['csv', 'xlsx']),
  encoding: z.string().nullable(),
  delimiter: z.string().nullable(),
  columns: z.array(
    z.object({
      header: z.string(),
      /** The first values that are not empty. */
      samples: z.array(z.string()),
      guess: ColumnTarget,
    }),
  ),
  preview: z.array(z.array(z.string())),
  mapping: ImportMapping.nullable(),
});
export type ImportDetail = z.infer<typeof ImportDetail>;

/** Why a row is not taken, or a part of it; the dashboard has words for each. */
export const ROW_PROBLEMS = [
  'class-unknown',
  'attribute-unknown',
  'target-unknown',
  'value-date',
  'value-number',
  'value-amount',
  'value-yes-no',
  'value-choice',
  'digits-lost',
  'state-unknown',
  'criticality-unknown',
  'too-long',
  'name-ambiguous',
  'same-asset-number',
  'same-serial',
  'same-name',
  'same-item',
  'other-class',
  'nothing-known',
  'refused',
] as const;
export type RowProblemCode = (typeof ROW_PROBLEMS)[number];
/** Why an undo left a row, or a part of it, as it is. */
export const UNDO_LEFT = ['gone', 'reported', 'changed-by', 'changed-since', 'in-use'] as const;
const ProblemData = z.record(z.string(), z.union([z.string(), z.number()]));

export const ImportRow = z.object({
  /** As in the file; the headings are line 1. */
  line: z.number(),
  outcome: z.enum(ROW_OUTCOMES),
  name: z.string(),
  ci: z.object({ id: z.string(), name: z.string() }).nullable(),
  /** By which key an existing one was found. */
  matchedBy: z.enum(IMPORT_KEYS).nullable(),
  changes: z.array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown() })),
  /** Said by a person by hand, and so left. */
  kept: z.array(z.string()),
  /** Why a row is not taken, or what of it needs a look; `column` counts from 0. */
  problems: z.array(
    z.object({
      column: z.number().nullable(),
      code: z.enum(ROW_PROBLEMS),
      /** What the words of the code are filled with. */
      data: ProblemData,
      /** The same in English. */
      message: z.string(),
    }),
  ),
  /** After an undo: 'undone', or why it was left. */
  undo: z.string().nullable(),
  left: z.object({ code: z.enum(UNDO_LEFT), data: ProblemData }).nullable(),
});
export type ImportRow = z.infer<typeof ImportRow>;

export const importsEndpoints = {
  listImports: endpoint({
    id: 'listImports',
    method: 'GET',
    path: '/imports',
    right: 'cis.write',
    tag: 'imports',
    summary: 'Imports, newest first',
    response: z.object({ items: z.array(ImportSummary) }),
  }),
  uploadImport: endpoint({
    id: 'uploadImport',
    method: 'POST',
    path: '/imports',
    right: 'cis.write',
    tag: 'imports',
    summary: 'Upload a CSV or XLSX file; nothing is changed by that',
    status: 201,
    audited: false,
    bodyBytesMax: UPLOAD_BODY_BYTES_MAX,
    body: z.object({
      name: z.string().trim().min(1).max(200),
      /** The file in base64. */
      content: z.base64().max(UPLOAD_BODY_BYTES_MAX),
    }),
    response: ImportDetail,
  }),
  getImport: endpoint({
    id: 'getImport',
    method: 'GET',
    path: '/imports/:id',
    right: 'cis.write',
    tag: 'imports',
    summary: 'One import with its columns, first rows and progress',
    params: IdParams,
    response: ImportDetail,
  }),
  checkImport: endpoint({
    id: 'checkImport',
    method: 'POST',
    path: '/imports/:id/check',
    right: 'cis.write',
    tag: 'imports',
    summary: 'Dry run: what each row would do',
    params: IdParams,
    audited: false,
    body: ImportMapping,
    response: ImportDetail,
  }),
  listImportRows: endpoint({
    id: 'listImportRows',
    method: 'GET',
    path: '/imports/:id/rows',
    right: 'cis.write',
    tag: 'imports',
    summary: 'Rows of the last dry run or of what was applied, in the order of the file',
    params: IdParams,
    query: Page.extend({ outcome: z.enum(ROW_OUTCOMES).optional() }),
    response: listOf(ImportRow),
  }),
  applyImport: endpoint({
    id: 'applyImport',
    method: 'POST',
    path: '/imports/:id/apply',
    right: 'cis.write',
    tag: 'imports',
    summary: 'Apply the rows without errors, in the background',
    status: 202,
    params: IdParams,
    response: ImportDetail,
  }),
  undoImport: endpoint({
    id: 'undoImport',
    method: 'POST',
    path: '/imports/:id/undo',
    right: 'cis.write',
    tag: 'imports',
    summary: 'Take a whole import back, in the background; what somebody changed since stays and is named',
    status: 202,
    params: IdParams,
    response: ImportDetail,
  }),
  tableXlsx: endpoint({
    id: 'tableXlsx',
    method: 'POST',
    path: '/tables/xlsx',
    right: 'read',
    tag: 'imports',
    summary: 'A table as an XLSX file',
    audited: false,
    bodyBytesMax: 32 << 20,
    body: z.object({
      name: z.string().trim().min(1).max(100),
      rows: z.array(z.array(z.union([z.string().max(32_000), z.number(), z.null()])).max(300)).max(100_001),
    }),
    /** The file in base64. */
    response: z.object({ content: z.string() }),
  }),
};
