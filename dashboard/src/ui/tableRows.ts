/** Order, room and choice of a table's rows and columns. Pure. */
import type { Column, Sort } from './DataTable.tsx';

const collator = new Intl.Collator(undefined, { numeric: true });

/** A sorted copy; rows without a value stand last in both directions, equal ones keep their order. */
export function sortRows<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  sort: Sort | null,
): readonly T[] {
  const valueOf = columns.find(({ id }) => id === sort?.id)?.sortValue;
  if (sort === null || valueOf === undefined) return rows;
  const keyed = rows.map((row) => ({ row, value: valueOf(row) ?? null }));
  const direction = sort.desc ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null);
    return direction * compareValues(a.value, b.value);
  });
  return keyed.map(({ row }) => row);
}

/** Ascending, descending, then back to the order of the rows. */
export function nextSort(id: string, sort: Sort | null): Sort | null {
  if (sort?.id !== id) return { id, desc: false };
  return sort.desc ? null : { id, desc: true };
}

function compareValues(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));
}

/** The columns that have room in `widthPx`, the least important left out first, what is left shared by `grow`. */
export function fittingColumns<T>(
  columns: readonly Column<T>[],
  widthPx: number,
): { column: Column<T>; px: number }[] {
  let kept = [...columns];
  const total = () => kept.reduce((sum, column) => sum + column.widthPx, 0);
  while (total() > widthPx) {
    const least = Math.max(...kept.map((column) => column.priority));
    if (least <= 1) break;
    const index = kept.findLastIndex((column) => column.priority === least);
    kept = kept.filter((_, each) => each !== index);
  }
  const spare = Math.max(0, widthPx - total());
  const growth = kept.reduce((sum, column) => sum + (column.grow ?? 0), 0);
  return kept.map((column) => ({
    column,
    px: column.widthPx + (growth === 0 ? spare / kept.length : (spare * (column.grow ?? 0)) / growth),
  }));
}

/** Both ends and what stands between them, whichever comes first; only the second where the first is gone. */
export function idsBetween(ids: readonly string[], from: string, to: string): readonly string[] {
  const [a, b] = [ids.indexOf(from), ids.indexOf(to)];
  return a === -1 || b === -1 ? [to] : ids.slice(Math.min(a, b), Math.max(a, b) + 1);
}
