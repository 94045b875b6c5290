/** A CSV or XLSX file as headings and rows of cells. */
import { IMPORT_BYTES_MAX, IMPORT_COLUMNS_MAX, IMPORT_ROWS_MAX } from '@muster/shared/api/imports.ts';
import Papa from 'papaparse';
import { AppError } from '../errors.ts';
import type { Cell } from './cells.ts';
import { readXlsxSheet, type SheetRow } from './xlsx.ts';

export interface Table {
  readonly format: 'csv' | 'xlsx';
  readonly encoding: string | null;
  readonly delimiter: string | null;
  readonly headers: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** Of each row, as a spreadsheet numbers it. */
  readonly lines: readonly number[];
}

/** Empty lines are left out; a row shorter than the headings is filled up. @throws AppError file-unreadable, body-too-large */
export async function readTable(content: Uint8Array): Promise<Table> {
  if (content.byteLength > IMPORT_BYTES_MAX)
    throw new AppError('body-too-large', `A file may have ${IMPORT_BYTES_MAX} bytes.`);
  const isZip = content[0] === 0x50 && content[1] === 0x4b;
  const isOldExcel = content[0] === 0xd0 && content[1] === 0xcf;
  if (isOldExcel)
    throw new AppError(
      'file-unreadable',
      'This is an XLS file of old; save it as XLSX or CSV and send that.',
    );
  return isZip ? readXlsx(content) : readCsv(content);
}

async function readXlsx(content: Uint8Array): Promise<Table> {
  return tableOf(await readXlsxSheet(content), { format: 'xlsx', encoding: null, delimiter: null });
}

function readCsv(content: Uint8Array): Table {
  const { text, encoding } = decoded(content);
  if (text.includes('\u0000')) throw new AppError('file-unreadable', 'The file is neither CSV nor XLSX.');
  const parsed = Papa.parse<string[]>(text, {
    delimitersToGuess: [',', ';', '\t', '|'],
    preview: CSV_LINES_MAX,
  });
  const open = parsed.errors.find(({ code }) => code === 'MissingQuotes' || code === 'InvalidQuotes');
  if (open)
    throw new AppError(
      'file-unreadable',
      `A quotation mark in line ${(open.row ?? 0) + 1} is not closed or stands within a text.`,
    );
  const rows = parsed.data.map((cells, i) => ({ line: i + 1, cells }));
  return tableOf(rows, { format: 'csv', encoding, delimiter: parsed.meta.delimiter });
}

/** UTF-8 and UTF-16 by their mark; else UTF-8 if it is valid, then GB18030, which Excel writes in China, then Latin. */
export function decoded(content: Uint8Array): { text: string; encoding: string } {
  const [a, b] = content;
  if (a === 0xff && b === 0xfe)
    return { text: new TextDecoder('utf-16le').decode(content), encoding: 'UTF-16' };
  if (a === 0xfe && b === 0xff)
    return { text: new TextDecoder('utf-16be').decode(content), encoding: 'UTF-16' };
  const wide = wideWithoutMark(content);
  if (wide !== null) return { text: new TextDecoder(wide).decode(content), encoding: 'UTF-16' };
  const utf8 = strict('utf-8', content);
  if (utf8 !== null) return { text: utf8, encoding: 'UTF-8' };
  const chinese = strict('gb18030', content);
  if (chinese !== null && isLikelyChinese(chinese, content)) return { text: chinese, encoding: 'GB18030' };
  return { text: new TextDecoder('windows-1252').decode(content), encoding: 'Windows-1252' };
}

const WIDE_SAMPLE_BYTES = 2_000;
/** Every other byte of Latin headings is nought. */
function wideWithoutMark(content: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  const sample = content.subarray(0, WIDE_SAMPLE_BYTES);
  const noughts = (parity: number) =>
    sample.reduce((count, byte, at) => count + (byte === 0 && at % 2 === parity ? 1 : 0), 0);
  const [even, odd] = [noughts(0), noughts(1)];
  const enough = sample.byteLength / 5;
  return odd > enough && even === 0 ? 'utf-16le' : even > enough && odd === 0 ? 'utf-16be' : null;
}

function strict(encoding: string, content: Uint8Array): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(content);
  } catch {
    return null; // Not of this encoding: the next is tried.
  }
}

/** Single accented letters of Latin texts make rare signs when read by pairs; Chinese words stand in a row of common ones. */
function isLikelyChinese(text: string, content: Uint8Array): boolean {
  const high = content.reduce((count, byte) => count + (byte > 0x7f ? 1 : 0), 0);
  const common = text.match(/[\u4e00-\u9fa5\u3000-\u303f\uff00-\uffef]/g)?.length ?? 0;
  const inRow = text.match(/[\u4e00-\u9fa5]{2,}/g)?.length ?? 0;
  return inRow > 0 && common * 2 >= high * 0.8;
}

/** Empty lines count, up to so many. */
const CSV_LINES_MAX = IMPORT_ROWS_MAX * 2;
const HEADING_CELLS_MIN = 3;

const isFilled = (cell: Cell): boolean => cell !== null && String(cell).trim() !== '';

function tableOf(read: readonly SheetRow[], of: Pick<Table, 'format' | 'encoding' | 'delimiter'>): Table {
  const filled = read.filter(({ cells }) => cells.some(isFilled));
  const width = (row: SheetRow | undefined) => row?.cells.filter(isFilled).length ?? 0;
  // A title stands alone above the headings.
  const start = width(filled[0]) === 1 && width(filled[1]) >= HEADING_CELLS_MIN ? 1 : 0;
  const first = filled[start]?.cells;
  const rest = filled.slice(start + 1);
  if (first === undefined) throw new AppError('file-unreadable', 'The file is empty.');
  const last = Math.max(
    ...[first, ...rest.map(({ cells }) => cells)].map((cells) => cells.findLastIndex(isFilled)),
  );
  const headers = Array.from({ length: last + 1 }, (_, column) => first[column] ?? null).map((cell) =>
    String(cell ?? '')
      .replace(/^\uFEFF/, '')
      .trim(),
  );
  if (headers.length > IMPORT_COLUMNS_MAX)
    throw new AppError(
      'file-unreadable',
      `The file has ${headers.length} columns; ${IMPORT_COLUMNS_MAX} are the most.`,
    );
  if (rest.length > IMPORT_ROWS_MAX)
    throw new AppError(
      'file-unreadable',
      `The file has more than ${IMPORT_ROWS_MAX} rows; send it in parts.`,
    );
  if (rest.length === 0) throw new AppError('file-unreadable', 'The file has headings and no row.');
  const rows = rest.map(({ cells }) => headers.map((_, column) => cells[column] ?? null));
  return { ...of, headers, rows, lines: rest.map(({ line }) => line) };
}
