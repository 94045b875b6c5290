/**
 * Rows of data: sorted by column, virtual in the window's scroll, columns dropped where there is no room, rows chosen by
 * box, click with Shift or key. A row is drawn again only when its own object changed.
 */
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { memo, useCallback, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useT } from '../i18n/i18n.ts';
import { cx } from './cx.ts';
import { fittingColumns, idsBetween, nextSort, sortRows } from './tableRows.ts';
import { usePrinting } from './printing.ts';
import { Term, TermMark } from './Term.tsx';
import type { TermId } from './terms.ts';

/** Rows beyond the visible ones, so that fast scrolling shows no blanks. */
const OVERSCAN_ROWS = 12;
/** Below this width a row is drawn as two lines. */
const NARROW_PX = 620;
const NARROW_ROW_PX = 60;
const BOX_PX = 36;

export interface Column<T> {
  readonly id: string;
  readonly header: string;
  /** What the header means, one step away. */
  readonly term?: TermId;
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

export interface Selection<T> {
  readonly ids: ReadonlySet<string>;
  readonly onChange: (ids: ReadonlySet<string>) => void;
  /** Name of a row, for its box. */
  readonly labelOf: (row: T) => string;
  /** Narrow rows have boxes only while this is true. */
  readonly narrow: boolean;
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
  /** `rows` stand in the order of `sort` already, e.g. because it is held. */
  readonly sorted?: boolean;
  /** Two lines of a row for narrow places. */
  readonly narrowRow: (row: T) => React.ReactNode;
  readonly empty: React.ReactNode;
  readonly rowPx?: number;
  readonly selection?: Selection<T> | undefined;
}

export function DataTable<T>(props: DataTableProps<T>) {
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

const NOTHING_HIDDEN: readonly string[] = [];

function TableBody<T>({
  label,
  rows,
  rowId,
  columns,
  hiddenColumns = NOTHING_HIDDEN,
  sort = null,
  onSort,
  sorted = false,
  narrowRow,
  rowPx = 36,
  selection,
  width,
  frame,
}: DataTableProps<T> & { width: number; frame: React.RefObject<HTMLDivElement | null> }) {
  const t = useT();
  const narrow = width < NARROW_PX;
  const boxes = selection !== undefined && (!narrow || selection.narrow);
  const shown = useMemo(
    () =>
      fittingColumns(
        columns.filter((column) => !hiddenColumns.includes(column.id)),
        width - (boxes ? BOX_PX : 0),
      ),
    [columns, hiddenColumns, width, boxes],
  );
  const sortId = sort?.id;
  const sortDesc = sort?.desc ?? false;
  const model = useMemo(
    () => (sorted || sortId === undefined ? rows : sortRows(rows, columns, { id: sortId, desc: sortDesc })),
    [rows, columns, sortId, sortDesc, sorted],
  );
  const choose = useChoose(model, rowId, selection);
  const sizePx = narrow ? Math.max(NARROW_ROW_PX, rowPx) : rowPx;
  const [top, setTop] = useState(0);
  // What stands above the rows grows and goes with what is asked for. Not at each step of a scroll: it costs a layout.
  useLayoutEffect(() => {
    const box = frame.current?.getBoundingClientRect();
    if (box) setTop(Math.round(box.top + window.scrollY));
  }, [frame, width, rows, hiddenColumns, boxes]);
  const virtual = useWindowVirtualizer({
    count: model.length,
    estimateSize: () => sizePx,
    overscan: OVERSCAN_ROWS,
    scrollMargin: top,
  });
  useLayoutEffect(() => virtual.measure(), [virtual, sizePx]);
  const items = virtual.getVirtualItems();
  // Paper has all rows, a window those that are seen.
  const printing = usePrinting();
  const beforePx = printing ? 0 : (items[0]?.start ?? top) - top;
  const afterPx = printing ? 0 : virtual.getTotalSize() - ((items.at(-1)?.end ?? top) - top);
  const indexes = printing ? [...model.keys()] : items.map(({ index }) => index);
  const drawn = indexes.flatMap((index) => {
    const row = model[index];
    return row === undefined ? [] : [{ row, index, id: rowId(row) }];
  });

  if (narrow) {
    return (
      <ul aria-label={label} className="border-t border-line">
        <li aria-hidden="true" style={{ height: beforePx }} />
        {drawn.map(({ row, index, id }) => (
          <NarrowRow
            key={id}
            id={id}
            row={row}
            first={index === 0}
            sizePx={sizePx}
            draw={narrowRow}
            chosen={boxes ? selection.ids.has(id) : undefined}
            choose={choose}
            boxLabel={boxes ? selection.labelOf(row) : ''}
          />
        ))}
        <li aria-hidden="true" style={{ height: afterPx }} />
      </ul>
    );
  }
  return (
    <table aria-label={label} aria-rowcount={model.length + 1} className="w-full table-fixed border-collapse">
      <colgroup>
        {boxes && <col style={{ width: BOX_PX }} />}
        {shown.map(({ column, px }) => (
          <col key={column.id} style={{ width: px }} />
        ))}
      </colgroup>
      <thead>
        <tr aria-rowindex={1}>
          {boxes && (
            <th scope="col" className={cx(HEADER, 'pl-4 text-left')}>
              <Box
                label={t('ui.selectAll')}
                checked={selection.ids.size >= model.length}
                partly={selection.ids.size > 0}
                onToggle={() =>
                  selection.onChange(
                    selection.ids.size >= model.length ? new Set() : new Set(model.map((row) => rowId(row))),
                  )
                }
              />
            </th>
          )}
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
        {drawn.map(({ row, index, id }) => (
          <WideRow
            key={id}
            id={id}
            row={row}
            index={index}
            sizePx={sizePx}
            columns={shown}
            chosen={boxes ? selection.ids.has(id) : undefined}
            choose={choose}
            boxLabel={boxes ? selection.labelOf(row) : ''}
          />
        ))}
        <tr aria-hidden="true" style={{ height: afterPx }} />
      </tbody>
    </table>
  );
}

type Choose = (id: string, range: boolean) => void;

interface DrawnRow<T> {
  readonly id: string;
  readonly row: T;
  readonly sizePx: number;
  /** undefined: rows cannot be chosen here. */
  readonly chosen: boolean | undefined;
  readonly choose: Choose;
  readonly boxLabel: string;
}

const WideRow = memo(function WideRow<T>({
  id,
  row,
  index,
  sizePx,
  columns,
  chosen,
  choose,
  boxLabel,
}: DrawnRow<T> & { index: number; columns: readonly { column: Column<T> }[] }) {
  return (
    <tr
      aria-rowindex={index + 2}
      data-row-id={id}
      style={{ height: sizePx }}
      className={cx('border-t border-line', chosen ? 'bg-selected' : 'hover:bg-hover focus-within:bg-hover')}
    >
      {chosen !== undefined && (
        <td className="pl-4">
          <Box label={boxLabel} checked={chosen} onToggle={(range) => choose(id, range)} />
        </td>
      )}
      {columns.map(({ column }) => (
        <td
          key={column.id}
          className={cx('truncate px-2 first:pl-4 last:pr-4', column.align === 'right' && 'text-right')}
        >
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}) as <T>(
  props: DrawnRow<T> & { index: number; columns: readonly { column: Column<T> }[] },
) => React.ReactNode;

const NarrowRow = memo(function NarrowRow<T>({
  id,
  row,
  first,
  sizePx,
  draw,
  chosen,
  choose,
  boxLabel,
}: DrawnRow<T> & { first: boolean; draw: (row: T) => React.ReactNode }) {
  return (
    <li
      data-row-id={id}
      style={{ height: sizePx }}
      className={cx(
        'flex items-center gap-3 px-4',
        !first && 'border-t border-line',
        chosen && 'bg-selected',
      )}
    >
      {chosen !== undefined && (
        <Box label={boxLabel} checked={chosen} onToggle={(range) => choose(id, range)} />
      )}
      <div className="h-full min-w-0 flex-1">{draw(row)}</div>
    </li>
  );
}) as <T>(props: DrawnRow<T> & { first: boolean; draw: (row: T) => React.ReactNode }) => React.ReactNode;

function Box({
  label,
  checked,
  partly = false,
  onToggle,
}: {
  label: string;
  checked: boolean;
  partly?: boolean;
  onToggle: (range: boolean) => void;
}) {
  return (
    <input
      type="checkbox"
      aria-label={label}
      checked={checked}
      ref={(element) => {
        if (element) element.indeterminate = partly && !checked;
      }}
      onChange={(event) => onToggle((event.nativeEvent as MouseEvent).shiftKey === true)}
      className="block size-4 accent-accent-solid coarse:size-6"
    />
  );
}

/** Turns a row's choice; with `range` all from the one turned last to this. Rows need the same function each time. */
function useChoose<T>(
  rows: readonly T[],
  rowId: (row: T) => string,
  selection: Selection<T> | undefined,
): Choose {
  const latest = useRef({ rows, rowId, selection });
  useLayoutEffect(() => {
    latest.current = { rows, rowId, selection };
  });
  const last = useRef<string | null>(null);
  return useCallback((id, range) => {
    const { rows: all, rowId: idOf, selection: held } = latest.current;
    if (held === undefined) return;
    const ids = range && last.current !== null ? idsBetween(all.map(idOf), last.current, id) : [id];
    const next = new Set(held.ids);
    const add = !held.ids.has(id);
    for (const each of ids)
      if (add) next.add(each);
      else next.delete(each);
    last.current = id;
    held.onChange(next);
  }, []);
}

const HEADER =
  'sticky top-(--topbar) z-2 h-8 bg-surface px-2 text-12 font-medium text-text-3 shadow-[inset_0_-1px_var(--line)] first:pl-4 last:pr-4';

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
      className={cx(HEADER, column.align === 'right' ? 'text-right' : 'text-left')}
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
      ) : column.term ? (
        <Term id={column.term}>{column.header}</Term>
      ) : (
        column.header
      )}
      {onSort && column.term && <TermMark id={column.term} />}
    </th>
  );
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
