/** Days that differ, from a file of any format that is read: .ics, CSV, XLSX. */
import type { Millis } from '@muster/shared/time.ts';
import { decoded, readTable } from '../imports/read-table.ts';
import { daysOfTable, looksLikeIcs } from './import-days.ts';
import type { ReadDays } from './read-days.ts';

/** Yearly events of a file are repeated from the year before this one to so many after it. */
const YEARS_AHEAD = 5;

export interface DaysFile {
  readonly format: 'ics' | 'csv' | 'xlsx';
  readonly read: ReadDays;
}

/** @throws AppError where it is no table at all */
export async function readDaysFile(content: Uint8Array, nowMs: Millis): Promise<DaysFile> {
  const isZip = content[0] === 0x50 && content[1] === 0x4b;
  const text = isZip ? '' : decoded(content).text;
  if (looksLikeIcs(text)) {
    const { daysOfIcs } = await import('./ics-days.ts');
    const year = new Date(nowMs).getUTCFullYear();
    return { format: 'ics', read: daysOfIcs(text, [year - 1, year + YEARS_AHEAD]) };
  }
  const table = await readTable(content);
  return { format: table.format, read: daysOfTable(table) };
}
