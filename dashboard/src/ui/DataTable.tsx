/** Rows of data: sorted by column, virtual in the window's scroll, columns dropped where there is no room. */
import {
  columnVisibilityFeature,
  createSortedRowModel,
  type RowData,
  rowSortingFeature,
  type SortingState,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useT } from '../i18n/i18n.ts';
import { cx } from './cx.ts';

/** Rows beyond the visible ones, so that fast scrolling shows no blanks. */
const OVERSCAN_ROWS = 12;
/** Below this width a row is drawn as two lines. */
const NARROW_PX = 620;

export interface Column<T> {
  readonly id: string;
  readonly header: string;
  /** Read instead of an empty header. */
  readonly spokenHeader?: string;
  readonly cell: (row: T) => React.ReactNode;
  /** Missing: the column cannot be sorted. null sorts last in both directions. */
  readonly sortValue?: (row: T) => string | number | null;
  readonly align?: 'right';
  /** Width in px; the `grow` share of what is left comes on top. */
  readonly widthPx: number;
  readonly grow?: number;
  /** 1 always stays; higher numbers leave first where there is no room. */
  readonly priority: number;
}

export interface Sort {
  readonly id: string;
  readonly desc: boolean;
}

export interface DataTableProps<T> {
  readonly label: string;
  readonly rows: readonly T[];
  readonly rowId: (row: T) => string;
  readonly columns: readonly Column<T>[];
  readonly hiddenColumns?: readonly string[];
  /** null: the order of `rows`. */
  readonly sort?: Sort | null;
  readonly onSort?: (sort: Sort | null) => void;
  /** Two lines of a row for narrow places. */
  readonly narrowRow: (row: T) => React.ReactNode;
  readonly empty: React.ReactNode;
  readonly rowPx?: number;
}

const features = tableFeatures({
  rowSortingFeature,
  columnVisibilityFeature,
  sortedRowModel: createSortedRowModel(),
});

export function DataTable<T extends RowData>(props: DataTableProps<T>) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  return (
    <div ref={frame} className="min-w-0">
      {props.rows.length === 0 ? (
        props.empty
      ) : width === 0 ? null : (
        <TableBody {...props} width={width} frame={frame} />
      )}
    </div>
  );
}

function TableBody<T extends RowData>({
  label,
  rows,
  rowId,
  columns,
  hiddenColumns = [],
  sort = null,
  onSort,
  narrowRow,
  rowPx = 36,
  width,
  frame,
}: DataTableProps<T> & { width: number; frame: React.RefObject<HTMLDivElement | null> }) {
  const t = useT();
  const narrow = width < NARROW_PX;
  const shown = useMemo(
    () =>
      fittingColumns(
        columns.filter((column) => !hiddenColumns.includes(column.id)),
        width,
      ),
    [columns, hiddenColumns, width],
  );
  const table = useTable({
    features,
    data: rows,
    getRowId: rowId,
    columns: useMemo(
      () =>
        columns.map((column) => ({
          id: column.id,
          accessorFn: (row: T) => column.sortValue?.(row) ?? undefined,
          enableSorting: column.sortValue !== undefined,
          sortFn: (a: { getValue(id: string): unknown }, b: { getValue(id: string): unknown }, id: string) =>
            compareValues(a.getValue(id), b.getValue(id)),
          sortUndefined: 'last' as const,
        })),
      [columns],
    ),
    state: { sorting: sort === null ? [] : [{ id: sort.id, desc: sort.desc }] },
    onSortingChange: (change) => {
      const before: SortingState = sort === null ? [] : [{ id: sort.id, desc: sort.desc }];
      const next = typeof change === 'function' ? change(before) : change;
      onSort?.(next[0] ?? null);
    },
  });
  const model = table.getRowModel().rows;
  const sizePx = narrow ? Math.max(60, rowPx) : rowPx;
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const box = frame.current?.getBoundingClientRect();
    if (box) setTop(box.top + window.scrollY);
  }, [frame, width]);
  const virtual = useWindowVirtualizer({
    count: model.length,
    estimateSize: () => sizePx,
    overscan: OVERSCAN_ROWS,
    scrollMargin: top,
  });
  const items = virtual.getVirtualItems();
  const beforePx = (items[0]?.start ?? top) - top;
  const afterPx = virtual.getTotalSize() - ((items.at(-1)?.end ?? top) - top);

  if (narrow) {
    return (
      <ul aria-label={label} className="border-t border-line">
        <li aria-hidden="true" style={{ height: beforePx }} />
        {items.map((item) => {
          const row = model[item.index];
          return (
            row && (
              <li
                key={row.id}
                style={{ height: sizePx }}
                className={cx('px-4', item.index > 0 && 'border-t border-line')}
              >
                {narrowRow(row.original)}
              </li>
            )
          );
        })}
        <li aria-hidden="true" style={{ height: afterPx }} />
      </ul>
    );
  }
  return (
    <table aria-label={label} aria-rowcount={model.length + 1} className="w-full table-fixed border-collapse">
      <colgroup>
        {shown.map(({ column, px }) => (
          <col key={column.id} style={{ width: px }} />
        ))}
      </colgroup>
      <thead>
        <tr aria-rowindex={1}>
          {shown.map(({ column }) => (
            <HeaderCell
              key={column.id}
              column={column}
              sort={sort?.id === column.id ? sort : null}
              onSort={column.sortValue && onSort ? () => onSort(nextSort(column.id, sort)) : undefined}
              sortLabel={t('ui.sortBy', { column: column.header })}
            />
          ))}
        </tr>
      </thead>
      <tbody>
        <tr aria-hidden="true" style={{ height: beforePx }} />
        {items.map((item) => {
          const row = model[item.index];
          return (
            row && (
              <tr
                key={row.id}
                aria-rowindex={item.index + 2}
                style={{ height: sizePx }}
                className="border-t border-line hover:bg-hover focus-within:bg-hover"
              >
                {shown.map(({ column }) => (
                  <td
                    key={column.id}
                    className={cx(
                      'truncate px-2 first:pl-4 last:pr-4',
                      column.align === 'right' && 'text-right',
                    )}
                  >
                    {column.cell(row.original)}
                  </td>
                ))}
              </tr>
            )
          );
        })}
        <tr aria-hidden="true" style={{ height: afterPx }} />
      </tbody>
    </table>
  );
}

function HeaderCell<T>({
  column,
  sort,
  onSort,
  sortLabel,
}: {
  column: Column<T>;
  sort: Sort | null;
  onSort: (() => void) | undefined;
  sortLabel: string;
}) {
  const arrow = sort === null ? '' : sort.desc ? '↓' : '↑';
  return (
    <th
      scope="col"
      aria-sort={sort === null ? undefined : sort.desc ? 'descending' : 'ascending'}
      className={cx(
        'sticky top-(--topbar) z-2 h-8 bg-surface px-2 text-12 font-medium text-text-3 shadow-[inset_0_-1px_var(--line)] first:pl-4 last:pr-4',
        column.align === 'right' ? 'text-right' : 'text-left',
      )}
    >
      {column.spokenHeader && <span className="sr-only">{column.spokenHeader}</span>}
      {onSort ? (
        <button
          type="button"
          title={sortLabel}
          onClick={onSort}
          className="max-w-full truncate font-medium hover:text-text"
        >
          {column.header}
          {arrow && (
            <span aria-hidden="true" className="ml-1">
              {arrow}
            </span>
          )}
        </button>
      ) : (
        column.header
      )}
    </th>
  );
}

/** Ascending, descending, then back to the order of the rows. */
export function nextSort(id: string, sort: Sort | null): Sort | null {
  if (sort?.id !== id) return { id, desc: false };
  return sort.desc ? null : { id, desc: true };
}

export function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
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

function useWidth(frame: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame]);
  return width;
}
