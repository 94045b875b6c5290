/** HTTP operations of imports, and tables as XLSX. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { ImportDetail, ImportSummary } from '@muster/shared/api/imports.ts';
import type { ClassRegistry } from '@muster/shared/cmdb/class-registry.ts';
import { toIso, type Millis } from '@muster/shared/time.ts';
import { AppError } from '../errors.ts';
import type { Routes } from '../http/routes.ts';
import type { Background } from '../background.ts';
import { cellText } from './cells.ts';
import type { Imports } from './imports.ts';
import { readTable, type Table } from './read-table.ts';
import type { ImportRecord, ImportStore } from './store.ts';
import { guessTargets } from './targets.ts';

interface ImportRouteDeps {
  readonly imports: Imports;
  readonly store: ImportStore;
  readonly registry: () => ClassRegistry;
  readonly background: Background;
  readonly now: () => Millis;
}

const SAMPLES = 3;
const PREVIEW_ROWS = 8;
const GUESSED_CLASS = 'Workstation';
const SHEET_NAME_LENGTH_MAX = 31;

export function addImportRoutes(routes: Routes, deps: ImportRouteDeps): void {
  const { imports, store, registry, background, now } = deps;

  async function detail(record: ImportRecord): Promise<ImportDetail> {
    const table = await store.table(record.id);
    if (!table) throw new AppError('not-found', `There is no import ${record.id}.`);
    return {
      ...summaryOf(record),
      format: table.format,
      encoding: table.encoding,
      delimiter: table.delimiter,
      columns: columnsOf(table, registry()),
      preview: table.rows.slice(0, PREVIEW_ROWS).map((row) => row.map(cellText)),
      mapping: record.mapping,
    };
  }

  async function required(id: string): Promise<ImportRecord> {
    const record = await store.import(id);
    if (!record) throw new AppError('not-found', `There is no import ${id}.`);
    return record;
  }

  function goOn(record: ImportRecord, actor: string): void {
    background.run(`the import ${record.name} failed`, () => imports.settle(record.id, actor, now));
  }

  routes.add(ENDPOINTS.listImports, async () => ({ items: (await store.imports()).map(summaryOf) }));
  routes.add(ENDPOINTS.uploadImport, async ({ body }, { actor, nowMs }) => {
    const table = await readTable(Buffer.from(body.content, 'base64'));
    return detail(await imports.upload(body.name, table, actor.name, nowMs));
  });
  routes.add(ENDPOINTS.getImport, async ({ params }) => detail(await required(params.id)));
  routes.add(ENDPOINTS.checkImport, async ({ params, body }, { actor, nowMs }) =>
    detail(await imports.check(params.id, body, actor.name, nowMs)),
  );
  routes.add(ENDPOINTS.listImportRows, async ({ params, query }) => {
    await required(params.id);
    const afterLine = query.cursor ? Number(query.cursor) || 0 : 0;
    const rows = await store.rows(params.id, {
      afterLine,
      limit: query.limit + 1,
      ...(query.outcome ? { outcome: query.outcome } : {}),
    });
    const items = rows
      .slice(0, query.limit)
      .map(({ created: _created, relationIds: _ids, endedEdges: _edges, ...row }) => row);
    const last = items.at(-1);
    return { items, nextCursor: rows.length > query.limit && last ? String(last.line) : null };
  });
  routes.add(ENDPOINTS.applyImport, async ({ params }, { actor }) => {
    const record = await imports.begin(params.id, 'applying');
    goOn(record, actor.name);
    return detail(record);
  });
  routes.add(ENDPOINTS.undoImport, async ({ params }, { actor }) => {
    const record = await imports.begin(params.id, 'undoing');
    goOn(record, actor.name);
    return detail(record);
  });
  routes.add(ENDPOINTS.tableXlsx, async ({ body }) => {
    const [head = [], ...rows] = body.rows;
    const sheet = [
      head.map((value) => ({ value: String(value ?? ''), type: String, fontWeight: 'bold' as const })),
      // A text stays a text: nothing in a cell is taken for a formula.
      ...rows.map((row) =>
        row.map((value) =>
          value === null
            ? null
            : typeof value === 'number'
              ? { value, type: Number }
              : { value, type: String },
        ),
      ),
    ];
    const name = body.name.replaceAll(/[\\/?*[\]:]/g, ' ').slice(0, SHEET_NAME_LENGTH_MAX);
    const { default: writeXlsxFile } = await import('write-excel-file/node');
    const file = await writeXlsxFile(sheet, { sheet: name, stickyRowsCount: 1 }).toBuffer();
    return { content: file.toString('base64') };
  });
}

function summaryOf(record: ImportRecord): ImportSummary {
  const { createdAtMs, appliedAtMs, undoneAtMs, mapping: _mapping, ...rest } = record;
  const time = (atMs: Millis | null) => (atMs === null ? null : toIso(atMs));
  return {
    ...rest,
    createdAt: toIso(createdAtMs),
    appliedAt: time(appliedAtMs),
    undoneAt: time(undoneAtMs),
  };
}

function columnsOf({ headers, rows }: Table, registry: ClassRegistry): ImportDetail['columns'] {
  const guesses = guessTargets(headers, GUESSED_CLASS, registry);
  return headers.map((header, column) => ({
    header,
    samples: rows
      .map((row) => cellText(row[column] ?? null))
      .filter((text) => text !== '')
      .slice(0, SAMPLES),
    guess: guesses[column] ?? null,
  }));
}
