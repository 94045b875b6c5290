/** A CSV or XLSX file as headings and rows of cells. */
import { IMPORT_BYTES_MAX, IMPORT_COLUMNS_MAX, IMPORT_ROWS_MAX } from '@muster/shared/api/imports.ts';
import Papa from 'papaparse';
import { readSheet } from 'read-excel-file/node';
import { AppError } from '../errors.ts';
import type { Cell } from './cells.ts';

export interface Table {
  readonly format: 'csv' | 'xlsx';
  readonly encoding: string | null;
  readonly delimiter: string | null;
  readonly headers: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** What an XLSX file may unpack to, and of how many parts. */
const UNPACKED_BYTES_MAX = 200 << 20;
const PARTS_MAX = 2_000;

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
  refuseBomb(content);
  let sheet: readonly (readonly unknown[])[];
  try {
    sheet = await readSheet(Buffer.from(content));
  } catch (cause) {
    throw new AppError('file-unreadable', 'The file is no XLSX workbook that can be read.', { cause });
  }
  return tableOf(
    sheet.map((row) => row.map(cellOf)),
    { format: 'xlsx', encoding: null, delimiter: null },
  );
}

function cellOf(value: unknown): Cell {
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return null;
}

function readCsv(content: Uint8Array): Table {
  const { text, encoding } = decoded(content);
  if (text.includes('\u0000')) throw new AppError('file-unreadable', 'The file is neither CSV nor XLSX.');
  const parsed = Papa.parse<string[]>(text, {
    skipEmptyLines: 'greedy',
    delimitersToGuess: [',', ';', '\t', '|'],
    preview: IMPORT_ROWS_MAX + 2,
  });
  return tableOf(parsed.data, { format: 'csv', encoding, delimiter: parsed.meta.delimiter });
}

/** UTF-8 and UTF-16 by their mark; else UTF-8 if it is valid, then GB18030, which Excel writes in China, then Latin. */
export function decoded(content: Uint8Array): { text: string; encoding: string } {
  const [a, b] = content;
  if (a === 0xff && b === 0xfe)
    return { text: new TextDecoder('utf-16le').decode(content), encoding: 'UTF-16' };
  if (a === 0xfe && b === 0xff)
    return { text: new TextDecoder('utf-16be').decode(content), encoding: 'UTF-16' };
  const utf8 = strict('utf-8', content);
  if (utf8 !== null) return { text: utf8, encoding: 'UTF-8' };
  const chinese = strict('gb18030', content);
  if (chinese !== null && isLikelyChinese(chinese, content)) return { text: chinese, encoding: 'GB18030' };
  return { text: new TextDecoder('windows-1252').decode(content), encoding: 'Windows-1252' };
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

function tableOf(
  lines: readonly (readonly Cell[])[],
  of: Pick<Table, 'format' | 'encoding' | 'delimiter'>,
): Table {
  const [first, ...rest] = lines.filter((line) => line.some((cell) => cell !== null && cell !== ''));
  if (first === undefined) throw new AppError('file-unreadable', 'The file is empty.');
  const headers = first.map((cell) =>
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
  const rows = rest.map((line) => headers.map((_, column) => line[column] ?? null));
  return { ...of, headers, rows };
}

/** The directory at the end of the archive says what each part unpacks to. @throws AppError file-unreadable */
function refuseBomb(content: Uint8Array): void {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const end = endOfDirectory(view);
  if (end === null) throw new AppError('file-unreadable', 'The file is cut off.');
  const parts = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  let bytes = 0;
  if (parts > PARTS_MAX) throw new AppError('file-unreadable', `The workbook has ${parts} parts.`);
  for (let i = 0; i < parts; i++) {
    if (at + 46 > view.byteLength || view.getUint32(at, true) !== 0x02014b50)
      throw new AppError('file-unreadable', 'The directory of the workbook is damaged.');
    bytes += view.getUint32(at + 24, true);
    at += 46 + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  if (bytes > UNPACKED_BYTES_MAX)
    throw new AppError('file-unreadable', `The workbook would unpack to ${Math.round(bytes / 2 ** 20)} MiB.`);
}

const END_BYTES = 22;
const COMMENT_BYTES_MAX = 65_535;
function endOfDirectory(view: DataView): number | null {
  const from = view.byteLength - END_BYTES;
  for (let at = from; at >= Math.max(0, from - COMMENT_BYTES_MAX); at--)
    if (view.getUint32(at, true) === 0x06054b50) return at;
  return null;
}
