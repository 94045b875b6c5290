/** The list as a file: the rows in their order, the shown columns, raw values, times in UTC. Pure. */
import type { ListColumn } from './listColumns.tsx';
import type { MachineRow } from './rows.ts';

export function exportRows(
  rows: readonly MachineRow[],
  columns: readonly Pick<ListColumn, 'exported'>[],
): (string | number | null)[][] {
  const cells = columns.flatMap(({ exported }) => exported);
  return [cells.map(({ header }) => header), ...rows.map((row) => cells.map(({ value }) => value(row)))];
}

/** `2026-11-21T06-40Z`: the time in a name that every file system takes. */
export function exportStamp(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(0, 16).replace(':', '-')}Z`;
}
