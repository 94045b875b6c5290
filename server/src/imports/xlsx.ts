/** The first sheet of an XLSX workbook as rows of cells; what it unpacks to and where its cells lie is bounded. ECMA-376 part 1, clause 18. */
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { IMPORT_COLUMNS_MAX, IMPORT_ROWS_MAX } from '@muster/shared/api/imports.ts';
import { SaxesParser } from 'saxes';
import { AppError } from '../errors.ts';
import { pause } from '../pause.ts';
import type { Cell } from './cells.ts';

/** `line`: as the spreadsheet numbers its rows; rows without a value are left out. */
export interface SheetRow {
  readonly line: number;
  readonly cells: readonly Cell[];
}

const UNPACKED_BYTES_MAX = 200 << 20;
const PARTS_MAX = 2_000;
/** Parsed in one go before others are served. */
const CHUNK_BYTES = 1 << 20;
const SHARED_STRINGS_MAX = 2_000_000;
const MERGED_RANGES_MAX = 20_000;
const inflate = promisify(inflateRaw);

/** @throws AppError file-unreadable */
export async function readXlsxSheet(content: Uint8Array): Promise<SheetRow[]> {
  const archive = new Archive(content);
  const { path, startMs } = await firstSheet(archive);
  const strings = await sharedStrings(archive);
  const formats = await cellFormats(archive);
  return sheetRows(archive, path, (type, format, text) => {
    if (type === 's') return strings[Number(text)] ?? null;
    if (type === 'str' || type === 'inlineStr') return unescaped(text);
    if (type === 'b') return text === '1';
    if (type === 'd') return text.slice(0, 10);
    // What a formula could not work out is no value.
    if (type === 'e') return null;
    return numberCell(text, formats[format] ?? null, startMs);
  });
}

/** 'date': a day. A number: so many digits, filled up with noughts. */
type CellFormat = 'date' | number | null;

const DAY_MS = 86_400_000;
function numberCell(text: string, format: CellFormat, startMs: number): Cell {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) return null;
  if (format === 'date' && value >= 1 && value < 2_958_466)
    return new Date(startMs + Math.floor(value) * DAY_MS).toISOString().slice(0, 10);
  if (typeof format === 'number' && Number.isInteger(value) && value >= 0)
    return String(value).padStart(format, '0');
  // More digits than a number holds: as they stand.
  return /^\d{16,}$/.test(text) ? text : value;
}

interface Tag {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

interface Events {
  readonly open: (tag: Tag) => void;
  readonly close?: (name: string) => void;
  readonly text?: (text: string) => void;
}

async function firstSheet(archive: Archive): Promise<{ path: string; startMs: number }> {
  let relation: string | null = null;
  let startMs = Date.UTC(1899, 11, 30);
  await parse(archive, 'xl/workbook.xml', {
    open: ({ name, attributes }) => {
      if (name === 'workbookPr' && ['1', 'true'].includes(attributes['date1904'] ?? ''))
        startMs = Date.UTC(1904, 0, 1);
      if (name === 'sheet' && (attributes['state'] ?? 'visible') === 'visible')
        relation ??= attributes['id'] ?? null;
    },
  });
  let path = 'xl/worksheets/sheet1.xml';
  if (archive.has('xl/_rels/workbook.xml.rels'))
    await parse(archive, 'xl/_rels/workbook.xml.rels', {
      open: ({ name, attributes: { Id, Target = '' } }) => {
        if (name === 'Relationship' && Id === relation)
          path = Target.startsWith('/') ? Target.slice(1) : `xl/${Target.replace(/^\.\//, '')}`;
      },
    });
  return { path, startMs };
}

async function sharedStrings(archive: Archive): Promise<string[]> {
  const strings: string[] = [];
  if (!archive.has('xl/sharedStrings.xml')) return strings;
  let at: string | null = null;
  let isText = false;
  // How a word is spoken stands beside it in some languages.
  let isSpoken = false;
  await parse(archive, 'xl/sharedStrings.xml', {
    open: ({ name }) => {
      if (name === 'si') at = '';
      if (name === 'rPh') isSpoken = true;
      if (name === 't') isText = true;
    },
    close: (name) => {
      if (name === 't') isText = false;
      if (name === 'rPh') isSpoken = false;
      if (name !== 'si') return;
      if (strings.length >= SHARED_STRINGS_MAX) throw unreadable('The workbook has too many texts.');
      strings.push(unescaped(at ?? ''));
      at = null;
    },
    text: (text) => {
      if (at !== null && isText && !isSpoken) at += text;
    },
  });
  return strings;
}

async function cellFormats(archive: Archive): Promise<CellFormat[]> {
  const formats: CellFormat[] = [];
  if (!archive.has('xl/styles.xml')) return formats;
  const codes = new Map<number, string>();
  let isCellFormat = false;
  await parse(archive, 'xl/styles.xml', {
    open: ({ name, attributes }) => {
      if (name === 'numFmt') codes.set(Number(attributes['numFmtId']), attributes['formatCode'] ?? '');
      if (name === 'cellXfs') isCellFormat = true;
      if (name === 'xf' && isCellFormat) {
        const id = Number(attributes['numFmtId'] ?? 0);
        formats.push(formatOf(id, codes.get(id)));
      }
    },
    close: (name) => {
      if (name === 'cellXfs') isCellFormat = false;
    },
  });
  return formats;
}

function formatOf(id: number, code: string | undefined): CellFormat {
  if (code === undefined)
    return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58) ? 'date' : null;
  const bare = code.replaceAll(/"[^"]*"|\[[^\]]*\]|\\./g, '');
  if (/^0{2,}$/.test(bare)) return bare.length;
  return /[yd]/i.test(bare) && !/general/i.test(bare) ? 'date' : null;
}

async function sheetRows(
  archive: Archive,
  path: string,
  cellOf: (type: string, format: number, text: string) => Cell,
): Promise<SheetRow[]> {
  const rows = new Map<number, Cell[]>();
  const merged: Range[] = [];
  let line = 0;
  let column = -1;
  let cell: { type: string; format: number; text: string } | null = null;
  let isValue = false;
  let isSpoken = false;
  const take = (value: Cell) => {
    if (value === null || value === '') return;
    if (column >= IMPORT_COLUMNS_MAX)
      throw unreadable(`The sheet has a value in column ${column + 1}; ${IMPORT_COLUMNS_MAX} are the most.`);
    let row = rows.get(line);
    if (row === undefined) {
      if (rows.size > IMPORT_ROWS_MAX + HEADINGS_ABOVE_MAX)
        throw unreadable(`The file has more than ${IMPORT_ROWS_MAX} rows; send it in parts.`);
      rows.set(line, (row = []));
    }
    while (row.length < column) row.push(null);
    row[column] = value;
  };
  await parse(archive, path, {
    open: ({ name, attributes }) => {
      if (name === 'row') {
        line = Number(attributes['r']) || line + 1;
        column = -1;
      } else if (name === 'c') {
        column = columnOf(attributes['r']) ?? column + 1;
        cell = { type: attributes['t'] ?? 'n', format: Number(attributes['s'] ?? 0), text: '' };
      } else if (name === 'v' || name === 't') isValue = true;
      else if (name === 'rPh') isSpoken = true;
      else if (name === 'mergeCell' && merged.length < MERGED_RANGES_MAX) {
        const range = rangeOf(attributes['ref'] ?? '');
        if (range) merged.push(range);
      }
    },
    close: (name) => {
      if (name === 'v' || name === 't') isValue = false;
      else if (name === 'rPh') isSpoken = false;
      else if (name === 'c' && cell !== null) {
        take(cellOf(cell.type, cell.format, cell.text));
        cell = null;
      }
    },
    text: (text) => {
      if (cell !== null && isValue && !isSpoken) cell.text += text;
    },
  });
  for (const range of merged) fill(rows, range);
  return [...rows].toSorted(([a], [b]) => a - b).map(([at, cells]) => ({ line: at, cells }));
}

/** Titles above the headings. */
const HEADINGS_ABOVE_MAX = 10;

interface Range {
  readonly from: number;
  readonly to: number;
  readonly column: number;
  readonly isWide: boolean;
}

function rangeOf(ref: string): Range | null {
  const parts = /^\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})$/.exec(ref);
  if (!parts) return null;
  const [, left = '', from = '', right = '', to = ''] = parts;
  return { from: Number(from), to: Number(to), column: columnOf(left) ?? 0, isWide: left !== right };
}

/** What is said once for several rows is said of each; only rows that are there get it. */
function fill(rows: Map<number, Cell[]>, { from, to, column, isWide }: Range): void {
  const value = rows.get(from)?.[column] ?? null;
  if (value === null || isWide || to - from > IMPORT_ROWS_MAX) return;
  for (let line = from + 1; line <= to; line++) {
    const row = rows.get(line);
    if (row === undefined) continue;
    while (row.length < column) row.push(null);
    row[column] ??= value;
  }
}

/** From 0; null where the reference names none. */
function columnOf(ref: string | undefined): number | null {
  const letters = /^[A-Z]{1,3}/.exec(ref ?? '')?.[0];
  if (letters === undefined) return null;
  let column = 0;
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}

function unescaped(text: string): string {
  return text.replaceAll(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}

function unreadable(detail: string, cause?: unknown): AppError {
  return new AppError('file-unreadable', detail, { cause });
}

async function parse(archive: Archive, path: string, { open, close, text }: Events): Promise<void> {
  const bytes = await archive.read(path);
  const decoder = new TextDecoder();
  const parser = new SaxesParser();
  const local = (name: string) => name.slice(name.indexOf(':') + 1);
  parser.on('opentag', ({ name, attributes }) => {
    const bare = Object.fromEntries(Object.entries(attributes).map(([key, value]) => [local(key), value]));
    open({ name: local(name), attributes: bare });
  });
  parser.on('closetag', ({ name }) => close?.(local(name)));
  parser.on('text', (said) => text?.(said));
  parser.on('cdata', (said) => text?.(said));
  parser.on('doctype', () => {
    throw unreadable('The workbook declares types of its own.');
  });
  parser.on('error', (cause) => {
    throw unreadable('The file is no XLSX workbook that can be read.', cause);
  });
  for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) {
    parser.write(decoder.decode(bytes.subarray(at, at + CHUNK_BYTES), { stream: true }));
    if (at > 0) await pause();
  }
  parser.close();
}

interface Entry {
  readonly method: number;
  readonly at: number;
  readonly packedBytes: number;
}

/** What a ZIP archive holds, by the directory at its end; only what is asked for is unpacked. APPNOTE.TXT 4.3. */
class Archive {
  readonly #content: Uint8Array;
  readonly #view: DataView;
  readonly #entries = new Map<string, Entry>();
  #unpackedBytes = 0;

  constructor(content: Uint8Array) {
    this.#content = content;
    this.#view = new DataView(content.buffer, content.byteOffset, content.byteLength);
    const view = this.#view;
    const end = endOfDirectory(view);
    if (end === null) throw unreadable('The file is cut off.');
    const parts = view.getUint16(end + 10, true);
    if (parts > PARTS_MAX) throw unreadable(`The workbook has ${parts} parts.`);
    let at = view.getUint32(end + 16, true);
    for (let i = 0; i < parts; i++) {
      if (at + 46 > view.byteLength || view.getUint32(at, true) !== 0x02014b50)
        throw unreadable('The directory of the workbook is damaged.');
      const nameBytes = view.getUint16(at + 28, true);
      const name = new TextDecoder().decode(content.subarray(at + 46, at + 46 + nameBytes));
      this.#entries.set(name.replaceAll('\\', '/'), {
        method: view.getUint16(at + 10, true),
        packedBytes: view.getUint32(at + 20, true),
        at: view.getUint32(at + 42, true),
      });
      at += 46 + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    }
  }

  has(path: string): boolean {
    return this.#entries.has(path);
  }

  /** What a part says it unpacks to is not believed: it is unpacked as far as is left. @throws AppError file-unreadable */
  async read(path: string): Promise<Uint8Array> {
    const entry = this.#entries.get(path);
    const view = this.#view;
    if (!entry || entry.at + 30 > view.byteLength || view.getUint32(entry.at, true) !== 0x04034b50)
      throw unreadable('The file is no XLSX workbook that can be read.');
    const from = entry.at + 30 + view.getUint16(entry.at + 26, true) + view.getUint16(entry.at + 28, true);
    const packed = this.#content.subarray(from, from + entry.packedBytes);
    if (packed.byteLength < entry.packedBytes) throw unreadable('The file is cut off.');
    const bytes = entry.method === 0 ? packed : await this.#inflated(packed);
    this.#unpackedBytes += bytes.byteLength;
    return bytes;
  }

  async #inflated(packed: Uint8Array): Promise<Uint8Array> {
    try {
      return await inflate(packed, {
        maxOutputLength: Math.max(1, UNPACKED_BYTES_MAX - this.#unpackedBytes),
      });
    } catch (cause) {
      const isTooLarge = cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE';
      throw unreadable(
        isTooLarge
          ? `The workbook would unpack to more than ${UNPACKED_BYTES_MAX >> 20} MiB.`
          : 'The file is no XLSX workbook that can be read.',
        cause,
      );
    }
  }
}

const END_BYTES = 22;
const COMMENT_BYTES_MAX = 65_535;
function endOfDirectory(view: DataView): number | null {
  const from = view.byteLength - END_BYTES;
  for (let at = from; at >= Math.max(0, from - COMMENT_BYTES_MAX); at--)
    if (view.getUint32(at, true) === 0x06054b50) return at;
  return null;
}
