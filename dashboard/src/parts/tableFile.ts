/** A table of any list as a file: CSV made here, XLSX made by the server. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { call } from '../api/client.ts';
import { saveCsv, saveFile } from '../util/csv.ts';

export type TableRows = readonly (readonly (string | number | null)[])[];

const XLSX_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

export async function saveTable(name: string, rows: TableRows, format: 'csv' | 'xlsx'): Promise<void> {
  if (format === 'csv') {
    saveCsv(name, rows);
    return;
  }
  const body = { name: name.slice(0, 100), rows: rows.map((row) => [...row]) };
  const { content } = await call(ENDPOINTS.tableXlsx, { body });
  saveFile(`${name}.xlsx`, new Blob([bytesOf(content)], { type: XLSX_TYPE }));
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
