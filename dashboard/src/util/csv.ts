/** Tables as files: CSV text, and a file the browser saves. */

/** RFC 4180. What a spreadsheet would take for a formula gets an apostrophe; numbers stay numbers. */
export function csvText(rows: readonly (readonly (string | number | null)[])[]): string {
  return rows.map((row) => row.map(csvCell).join(',')).join('\r\n');
}

/** A number and nothing behind it: `-2+cmd` is a formula too. */
const NEGATIVE = /^-\d*\.?\d+$/;

function csvCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r\n]/.test(value) && !NEGATIVE.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Signs that no file system takes in a name become a dash. */
export function fileName(...parts: readonly string[]): string {
  return parts
    .join(' ')
    .replace(/[\\/:*?"<>|\s]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

/** Excel reads a file as UTF-8 only with this mark. */
const BYTE_ORDER_MARK = '\uFEFF';

export function saveCsv(name: string, rows: readonly (readonly (string | number | null)[])[]): void {
  saveFile(`${name}.csv`, new Blob([BYTE_ORDER_MARK, csvText(rows)], { type: 'text/csv;charset=utf-8' }));
}

export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // Some browsers read the file after the click returns.
  window.setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
