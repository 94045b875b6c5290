/** A cell of a spreadsheet as the value of an attribute. Pure. */
import type { RowProblemCode } from '@muster/shared/api/imports.ts';
import type { AttributeDefinition } from '@muster/shared/cmdb/classes.ts';
import type { AttributeValue } from '../cmdb/picture.ts';

export type DateOrder = 'dmy' | 'mdy';
export type Cell = string | number | boolean | null;

/** `fault`: what the cell should be. */
export type Parsed =
  | { readonly value: AttributeValue }
  | { readonly code: RowProblemCode; readonly fault: string; readonly options?: string };

export function parseCell(
  cell: Cell,
  definition: Pick<AttributeDefinition, 'form' | 'options'>,
  order: DateOrder,
): Parsed {
  const text = cellText(cell);
  if (text === '') return { value: null };
  switch (definition.form) {
    case 'date':
      return or(
        dateOf(cell, order),
        'value-date',
        `a date such as 2026-03-31 or ${order === 'dmy' ? '31/03/2026' : '03/31/2026'}`,
      );
    case 'number':
    case 'bytes':
    case 'hertz':
    case 'bits-per-second':
      return or(numberOf(cell), 'value-number', 'a number');
    case 'money': {
      const amount = numberOf(text.replace(/^[\p{Sc}\s]+|[\p{Sc}\s]+$|^[A-Z]{3}\s|\s[A-Z]{3}$|元$/gu, ''));
      return amount !== null && amount < 0
        ? { code: 'value-amount', fault: 'an amount, zero or more' }
        : or(amount, 'value-amount', 'an amount');
    }
    case 'yes-no':
      return or(yesNoOf(text), 'value-yes-no', 'yes or no');
    case 'choice': {
      const wanted = choiceKey(text);
      const option = definition.options?.find((each) => choiceKey(each) === wanted);
      const options = definition.options?.join(', ') ?? '';
      return option === undefined
        ? { code: 'value-choice', fault: `one of ${options}`, options }
        : { value: option };
    }
    case 'list':
      return {
        value: text
          .split(/[;,，；\n]/)
          .map((part) => part.trim())
          .filter(Boolean),
      };
    case 'text':
    case 'time':
      return isShortened(cell)
        ? { code: 'digits-lost', fault: 'text: as a number it lost its last digits' }
        : { value: text };
  }
}

export function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'boolean') return cell ? 'true' : 'false';
  return String(cell).trim();
}

/** A spreadsheet keeps fifteen digits of a number, and writes a longer one as 1.23457E+17. */
const DIGITS_LOST_FROM = 1e15;
export function isShortened(cell: Cell): boolean {
  return typeof cell === 'number'
    ? Math.abs(cell) >= DIGITS_LOST_FROM
    : /^\d(?:[.,]\d+)?E\+\d{1,3}$/i.test(cellText(cell));
}

function or(value: AttributeValue, code: RowProblemCode, fault: string): Parsed {
  return value === null ? { code, fault } : { value };
}

const choiceKey = (text: string): string => text.toLowerCase().replaceAll(/[\s_-]+/g, '');

const YES = new Set(['yes', 'y', 'true', '1', 'x', 'ja', 'oui', '是', '对', '√', '✓']);
const NO = new Set(['no', 'n', 'false', '0', 'nein', 'non', '否', '不', '×']);
function yesNoOf(text: string): boolean | null {
  const word = text.toLowerCase();
  return YES.has(word) ? true : NO.has(word) ? false : null;
}

/** `1,234.5`, `1.234,5`, `1 234,5`, `12,5`; where only one sign stands before three digits it parts thousands. */
export function numberOf(cell: Cell): number | null {
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : null;
  const text = cellText(cell).replaceAll(/[\s\u00a0\u202f'’_]/g, '');
  if (!/^[+-]?[\d.,]+$/.test(text) || !/\d/.test(text)) return null;
  const [dot, comma] = [text.lastIndexOf('.'), text.lastIndexOf(',')];
  const decimal = decimalSign(text, dot, comma);
  const plain = decimal === null ? text.replaceAll(/[.,]/g, '') : withDecimal(text, decimal);
  const value = Number(plain);
  return Number.isFinite(value) ? value : null;
}

function decimalSign(text: string, dot: number, comma: number): '.' | ',' | null {
  if (dot >= 0 && comma >= 0) return dot > comma ? '.' : ',';
  const sign = dot >= 0 ? '.' : comma >= 0 ? ',' : null;
  if (sign === null) return null;
  const parts = text.split(sign);
  if (parts.length > 2) return null;
  const thousands =
    sign === ',' && /^\d{3}$/.test(parts[1] ?? '') && /^[+-]?[1-9]\d{0,2}$/.test(parts[0] ?? '');
  return thousands ? null : sign;
}

function withDecimal(text: string, decimal: '.' | ','): string {
  const other = decimal === '.' ? ',' : '.';
  return text.replaceAll(other, '').replace(decimal, '.');
}

/** Days since 1899-12-30, as spreadsheets count them; from 1954 to 2173. */
const SERIAL_MIN = 20_000;
const SERIAL_MAX = 100_000;
const SERIAL_START_MS = Date.UTC(1899, 11, 30);

/** YYYY-MM-DD, or null. */
export function dateOf(cell: Cell, order: DateOrder): string | null {
  const serial =
    typeof cell === 'number' ? cell : /^\d{5}(?:\.\d+)?$/.test(cellText(cell)) ? Number(cell) : null;
  if (serial !== null)
    return serial >= SERIAL_MIN && serial <= SERIAL_MAX
      ? new Date(SERIAL_START_MS + Math.floor(serial) * 86_400_000).toISOString().slice(0, 10)
      : null;
  const text = cellText(cell);
  const yearFirst = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ].*)?$/.exec(text);
  if (yearFirst) return day(yearFirst[1], yearFirst[2], yearFirst[3]);
  const compact = /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  if (compact) return day(compact[1], compact[2], compact[3]);
  const yearLast = /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?: .*)?$/.exec(text);
  if (!yearLast) return null;
  const [, first = '', second = '', year = ''] = yearLast;
  const full = year.length === 2 ? `20${year}` : year;
  // Points are written day first everywhere.
  const dayFirst = order === 'dmy' || text.includes('.') || Number(first) > 12;
  return dayFirst ? day(full, second, first) : day(full, first, second);
}

function day(year = '', month = '', date = ''): string | null {
  const iso = `${year}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`;
  const parsed = new Date(`${iso}T00:00:00Z`);
  return Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== iso ? null : iso;
}
