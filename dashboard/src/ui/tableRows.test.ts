import { expect, test } from 'vitest';
import type { Column } from './DataTable.tsx';
import { fittingColumns, idsBetween, nextSort, sortRows } from './tableRows.ts';

const column = (id: string, priority: number, widthPx = 100, grow?: number): Column<number | null> => ({
  id,
  header: id,
  cell: () => null,
  sortValue: (row) => row,
  widthPx,
  priority,
  ...(grow === undefined ? {} : { grow }),
});

test('[DB86] rows without a value stand last in both directions, equal ones keep their order', () => {
  const rows = [3, null, 1, 3, null, 2];
  const sorted = (desc: boolean) => sortRows(rows, [column('a', 1)], { id: 'a', desc });
  expect(sorted(false)).toEqual([1, 2, 3, 3, null, null]);
  expect(sorted(true)).toEqual([3, 3, 2, 1, null, null]);
  expect(sortRows(rows, [column('a', 1)], { id: 'gone', desc: true })).toBe(rows);
  expect(sortRows(rows, [column('a', 1)], null)).toBe(rows);
});

test('[DB86] names are ordered by their numbers', () => {
  const names: Column<string> = { ...column('a', 1), cell: () => null, sortValue: (row: string) => row };
  expect(sortRows(['pc-10', 'pc-9', 'PC-1'], [names], { id: 'a', desc: false })).toEqual([
    'PC-1',
    'pc-9',
    'pc-10',
  ]);
});

test('[DB86] ascending, descending, then back to the order of the rows', () => {
  const first = nextSort('a', null);
  const second = nextSort('a', first);
  expect([first, second, nextSort('a', second)]).toEqual([
    { id: 'a', desc: false },
    { id: 'a', desc: true },
    null,
  ]);
});

test('[DB86] where there is no room the least important columns leave, the last of them first', () => {
  const columns = [column('a', 1), column('b', 3), column('c', 2, 100, 1), column('d', 3)];
  const shown = (widthPx: number) =>
    fittingColumns(columns, widthPx)
      .map((each) => each.column.id)
      .join('');
  expect([shown(400), shown(399), shown(299), shown(50)]).toEqual(['abcd', 'abc', 'ac', 'a']);
  expect(fittingColumns(columns, 450).map(({ px }) => px)).toEqual([100, 100, 150, 100]);
});

test('[DB87] a range is both ends and what stands between, whichever comes first', () => {
  const ids = ['a', 'b', 'c', 'd'];
  expect(idsBetween(ids, 'b', 'd')).toEqual(['b', 'c', 'd']);
  expect(idsBetween(ids, 'd', 'b')).toEqual(['b', 'c', 'd']);
  expect(idsBetween(ids, 'gone', 'b')).toEqual(['b']);
});
