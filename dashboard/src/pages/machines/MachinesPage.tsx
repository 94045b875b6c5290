/** The machines: presence chips with counts, filters in the address, saved views, problems first, many changed at once. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useDeferredValue, useMemo, useRef, useState } from 'react';
import type { LiveMessage } from '../../api/live.ts';
import { machinesQuery, openIncidentsQuery, rulesQuery } from '../../api/queries.ts';
import { useLive } from '../../app/live.ts';
import { setPreference, usePreference } from '../../app/preferences.ts';
import { useRefusal } from '../../app/session.ts';
import { useShortcuts } from '../../app/shortcuts.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { useHeldOrder } from '../../parts/heldOrder.ts';
import { Button, buttonClass, IconButton, Key } from '../../ui/Button.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { SearchField } from '../../ui/Field.tsx';
import { FilterChips } from '../../ui/FilterChips.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Menu, MenuCheck, MenuItem, MenuSeparator } from '../../ui/Menu.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { PRESENCE_LOOKS, SHOWN_PRESENCES, type ShownPresence } from '../../ui/states.ts';
import { sortRows } from '../../ui/tableRows.ts';
import { say } from '../../ui/Toast.tsx';
import { nowMs } from '../../util/clock.ts';
import { fileName, saveCsv } from '../../util/csv.ts';
import { formatNumber } from '../../util/quantity.ts';
import { parseSort, printSort } from '../../util/search.ts';
import { BulkBar } from './BulkBar.tsx';
import { HIDDEN_AT_FIRST, type ListColumn, NarrowRow, useColumns } from './listColumns.tsx';
import { exportRows, exportStamp } from './listExport.ts';
import { ChosenFacets, FacetMenu, type SetSearch } from './listFacets.tsx';
import { valuesQuery } from './listQueries.ts';
import { useOpenView, ViewActions, ViewTabs } from './listViews.tsx';
import {
  countFacets,
  countPresences,
  FACETS,
  filterRows,
  inNameOrder,
  type MachineRow,
  machineRows,
  rowsById,
} from './rows.ts';
import type { MachinesSearch } from './search.ts';

const ROW_PX = { normal: 36, compact: 30 } as const;

export function MachinesPage() {
  const t = useT();
  usePageTitle(t('shell.nav.machines'));
  const rows = useRows();
  if (rows.error !== null)
    return (
      <>
        <h1>{t('shell.nav.machines')}</h1>
        <div className="card mt-4 px-4">
          <ErrorPanel error={rows.error} retry={rows.retry} />
        </div>
      </>
    );
  return <MachineList rows={rows.data} />;
}

/** All machines joined with their latest values and incidents; undefined while loading. */
function useRows(): { data: MachineRow[] | undefined; error: Error | null; retry: () => void } {
  const cis = useQuery(machinesQuery);
  const incidents = useQuery(openIncidentsQuery).data;
  const values = useQuery(valuesQuery).data;
  const rules = useQuery(rulesQuery).data;
  useLivePresences();
  const named = useMemo(() => cis.data && inNameOrder(cis.data), [cis.data]);
  const before = useRef<ReadonlyMap<string, MachineRow>>(new Map());
  const data = useMemo(() => {
    if (named === undefined) return undefined;
    const rows = machineRows(
      { cis: named, incidents: incidents ?? [], values: values ?? new Map(), rules: rules ?? [] },
      before.current,
    );
    before.current = rowsById(rows);
    return rows;
  }, [named, incidents, values, rules]);
  return { data, error: data === undefined ? cis.error : null, retry: () => void cis.refetch() };
}

/** Presence comes as it changes and is put into the answer that is held. */
function useLivePresences(): void {
  const queries = useQueryClient();
  useLive({ name: 'presence' }, (message: LiveMessage) => {
    if (message.type !== 'presence') return;
    const changed = new Map(message.items.map((item) => [item.ciId, item]));
    queries.setQueryData(machinesQuery.queryKey, (held) =>
      held?.map((ci) => {
        const now = changed.get(ci.id);
        if (now === undefined) return ci;
        const { presence, cause, expected, state, sinceMs, lastSeenMs } = now;
        const presenceSince = new Date(sinceMs).toISOString();
        const lastSeenAt = new Date(lastSeenMs).toISOString();
        return { ...ci, presence, cause, expected, state, presenceSince, lastSeenAt };
      }),
    );
  });
}

const NO_ROWS: MachineRow[] = [];
const idOf = ({ ci }: MachineRow) => ci.id;
const nameOf = ({ ci }: MachineRow) => ci.name;
const drawNarrow = (row: MachineRow) => <NarrowRow row={row} />;

function MachineList({ rows }: { rows: MachineRow[] | undefined }) {
  const t = useT();
  const search = useSearch({ from: `/app${'/machines'}` });
  const navigate = useNavigate({ from: '/machines' });
  const go = (next: MachinesSearch) => void navigate({ search: next, replace: true });
  const set: SetSearch = (change) => go({ ...search, ...change });
  const columns = useColumns();
  const open = useOpenView(search, useOwnHidden());
  const density = usePreference('rows') === 'compact' ? 'compact' : 'normal';
  const filtered = useFiltered(rows ?? NO_ROWS, search);
  const ordered = useMemo(
    () => sortRows(filtered.rows, columns, parseSort(search.sort)),
    [filtered.rows, columns, search.sort],
  );
  const held = useHeldOrder(ordered, idOf, JSON.stringify(search));
  const choice = useChoice(held.rows);
  const shownColumns = columns.filter(({ id }) => !open.hiddenColumns.includes(id));
  const exportCsv = (some: readonly MachineRow[]) => {
    const name = fileName(t('shell.nav.machines'), open.view?.name ?? '', exportStamp(nowMs()));
    saveCsv(name, exportRows(some, shownColumns));
    say(t('machines.list.exported', { count: some.length }));
  };
  return (
    <>
      <PageHead count={held.rows.length} onExport={() => exportCsv(held.rows)} />
      <ViewTabs open={open.view} />
      <div className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-2">
        <PresenceChips known={rows !== undefined} filtered={filtered} search={search} set={set} />
        <div className="ml-auto flex min-w-0 items-center gap-2 max-tablet:w-full">
          <SearchField
            label={t('ui.filter')}
            value={search.q ?? ''}
            onChange={(q) => set({ q: q === '' ? undefined : q })}
            shortcut={<Key>/</Key>}
          />
          <FacetMenu counts={filtered.facets} search={search} set={set} />
          <ColumnsMenu columns={columns} hidden={open.hiddenColumns} search={search} set={set} />
        </div>
      </div>
      <div className="mt-2 flex flex-wrap items-center gap-2 empty:hidden">
        <ChosenFacets search={search} set={set} />
        {filtered.is && (
          <Button size="small" look="quiet" onClick={() => go({ sort: search.sort })}>
            {t('ui.clearFilters')}
          </Button>
        )}
        <ViewActions
          search={search}
          open={open}
          worthKeeping={filtered.is || search.sort !== undefined}
          go={go}
        />
      </div>
      <section className="card mt-3" aria-label={t('shell.nav.machines')} {...held.listeners}>
        <ListHead
          known={rows !== undefined}
          count={held.rows.length}
          sorted={search.sort !== undefined}
          moved={held.moved}
          onSortNow={held.release}
          choosing={choice.choosing}
          onChoosing={choice.setChoosing}
        />
        {rows === undefined ? (
          <SkeletonRows rows={12} className="pt-8" />
        ) : (
          <DataTable
            label={t('shell.nav.machines')}
            rows={held.rows}
            rowId={idOf}
            columns={columns}
            hiddenColumns={open.hiddenColumns}
            sort={parseSort(search.sort)}
            onSort={(sort) => set({ sort: printSort(sort) })}
            sorted
            narrowRow={drawNarrow}
            rowPx={ROW_PX[density]}
            selection={{ ids: choice.ids, onChange: choice.choose, labelOf: nameOf, narrow: choice.choosing }}
            empty={<NoMachines filtered={filtered.is} onClear={() => go({ sort: search.sort })} />}
          />
        )}
        {rows !== undefined && held.rows.length > 0 && (
          <ListFoot shown={held.rows.length} total={rows.length} />
        )}
      </section>
      {choice.rows.length > 0 && (
        <BulkBar
          chosen={choice.rows}
          total={held.rows.length}
          onClear={() => choice.choose(new Set())}
          onExport={() => exportCsv(choice.rows)}
        />
      )}
    </>
  );
}

interface Filtered {
  /** What the address asks for, in the order of problems. */
  readonly rows: MachineRow[];
  /** Before the presence chips, whose counts these are. */
  readonly counts: Record<ShownPresence, number>;
  readonly total: number;
  readonly facets: ReturnType<typeof countFacets>;
  readonly presences: readonly ShownPresence[];
  readonly is: boolean;
}

function useFiltered(rows: MachineRow[], search: MachinesSearch): Filtered {
  const { presence, class: classes, site, tag, os, lifecycle } = search;
  // Typing goes first; the rows follow as soon as there is time.
  const text = useDeferredValue(search.q ?? '');
  const others = useMemo(
    () => filterRows(rows, { class: classes, site, tag, os, lifecycle, text }),
    [rows, classes, site, tag, os, lifecycle, text],
  );
  const facets = useMemo(() => countFacets(rows), [rows]);
  const counts = useMemo(() => countPresences(others), [others]);
  const presences = useMemo(
    () => (presence?.split(',').filter(Boolean) ?? []) as ShownPresence[],
    [presence],
  );
  const right = useMemo(
    () => (presences.length === 0 ? others : others.filter(({ ci }) => presences.includes(ci.state))),
    [others, presences],
  );
  const is =
    presences.length > 0 || search.q !== undefined || FACETS.some((facet) => search[facet] !== undefined);
  return { rows: right, counts, total: others.length, facets, presences, is };
}

/** Chosen rows; those that the filter does not show any more are not chosen either. */
function useChoice(rows: readonly MachineRow[]) {
  const [wanted, setWanted] = useState<ReadonlySet<string>>(new Set());
  const [choosing, setChoosing] = useState(false);
  const chosen = useMemo(
    () => (wanted.size === 0 ? [] : rows.filter((row) => wanted.has(idOf(row)))),
    [rows, wanted],
  );
  const ids = useMemo(() => new Set(chosen.map(idOf)), [chosen]);
  const last = useRef<string | null>(null);
  const turnFocused = (range: boolean) => {
    const id = document.activeElement?.closest<HTMLElement>('[data-row-id]')?.dataset['rowId'];
    if (id === undefined) return;
    const all = rows.map(idOf);
    const from = range && last.current !== null ? all.indexOf(last.current) : all.indexOf(id);
    const to = all.indexOf(id);
    const next = new Set(ids);
    for (const each of all.slice(Math.min(from, to), Math.max(from, to) + 1))
      if (ids.has(id)) next.delete(each);
      else next.add(each);
    last.current = id;
    setWanted(next);
  };
  useShortcuts({ x: () => turnFocused(false), X: () => turnFocused(true) });
  return {
    ids,
    rows: chosen,
    choose: useCallback((next: ReadonlySet<string>) => setWanted(next), []),
    choosing,
    setChoosing,
  };
}

/** Columns that this person leaves out where neither address nor view says. */
function useOwnHidden(): readonly string[] {
  const kept = usePreference('hiddenColumns');
  return useMemo(() => (kept === null ? HIDDEN_AT_FIRST : kept.split(',').filter(Boolean)), [kept]);
}

function PageHead({ count, onExport }: { count: number; onExport: () => void }) {
  const t = useT();
  const refusal = useRefusal('enrolment.write');
  return (
    <div className="flex flex-wrap items-center gap-3">
      <h1 className="mr-auto">{t('shell.nav.machines')}</h1>
      <Button onClick={onExport} disabled={count === 0} className="max-tablet:hidden">
        {t('machines.list.export')}
      </Button>
      {refusal === undefined && (
        <Link to="/machines/new" className={buttonClass('primary')}>
          <Icon name="plus" size={14} />
          {t('shell.addMachine')}
        </Link>
      )}
    </div>
  );
}

function PresenceChips({
  known,
  filtered,
  search,
  set,
}: {
  known: boolean;
  filtered: Filtered;
  search: MachinesSearch;
  set: SetSearch;
}) {
  const t = useT();
  return (
    <FilterChips
      label={t('machines.presenceFilter')}
      all={{ label: t('ui.all'), count: known ? filtered.total : null }}
      chips={SHOWN_PRESENCES.map((presence) => ({
        value: presence,
        label: t(PRESENCE_LOOKS[presence].word),
        count: known ? filtered.counts[presence] : null,
        glyph: PRESENCE_LOOKS[presence].glyph,
        tone: PRESENCE_LOOKS[presence].tone,
      }))}
      chosen={search.presence === undefined ? [] : filtered.presences}
      onChange={(next) => set({ presence: next.length === 0 ? undefined : next.join(',') })}
    />
  );
}

/** With a view or an address that says which columns, a change goes there; else it is this person's own. */
function ColumnsMenu({
  columns,
  hidden,
  search,
  set,
}: {
  columns: readonly ListColumn[];
  hidden: readonly string[];
  search: MachinesSearch;
  set: SetSearch;
}) {
  const t = useT();
  const compact = usePreference('rows') === 'compact';
  const keep = (next: readonly string[]) =>
    search.view !== undefined || search.hide !== undefined
      ? set({ hide: next.join(',') })
      : setPreference('hiddenColumns', next.join(','));
  return (
    <Menu
      trigger={
        <IconButton
          icon="columns"
          label={t('ui.columns')}
          className="border border-line bg-surface max-tablet:hidden"
        />
      }
    >
      {columns
        .filter(({ priority }) => priority > 1)
        .map(({ id, header }) => (
          <MenuCheck
            key={id}
            checked={!hidden.includes(id)}
            onChange={(shown) => keep(shown ? hidden.filter((each) => each !== id) : [...hidden, id])}
          >
            {header}
          </MenuCheck>
        ))}
      <MenuSeparator />
      <MenuCheck checked={compact} onChange={(next) => setPreference('rows', next ? 'compact' : 'normal')}>
        {t('machines.list.compact')}
      </MenuCheck>
      <MenuItem onSelect={() => keep(HIDDEN_AT_FIRST)}>{t('machines.list.columnsReset')}</MenuItem>
    </Menu>
  );
}

interface ListHeadProps {
  readonly known: boolean;
  readonly count: number;
  readonly sorted: boolean;
  readonly moved: number;
  readonly onSortNow: () => void;
  readonly choosing: boolean;
  readonly onChoosing: (choosing: boolean) => void;
}

function ListHead({ known, count, sorted, moved, onSortNow, choosing, onChoosing }: ListHeadProps) {
  const t = useT();
  return (
    <div className="flex min-h-9 flex-wrap items-center gap-x-3 px-4 py-1 text-12 text-text-2">
      <span role="status">
        {known ? t(sorted ? 'machines.count' : 'machines.countProblemsFirst', { count }) : t('ui.loading')}
      </span>
      {moved > 0 && (
        <span className="ml-auto flex items-center gap-2">
          {t('machines.orderHeld', { count: moved })}
          <button type="button" onClick={onSortNow} className="text-accent hover:underline">
            {t('machines.sortNow')}
          </button>
        </span>
      )}
      <Button
        size="small"
        look="quiet"
        aria-pressed={choosing}
        onClick={() => onChoosing(!choosing)}
        className="ml-auto tablet:hidden"
      >
        {t(choosing ? 'machines.list.chooseEnd' : 'machines.list.choose')}
      </Button>
    </div>
  );
}

function NoMachines({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  const t = useT();
  if (filtered)
    return (
      <EmptyState action={<Button onClick={onClear}>{t('ui.clearFilters')}</Button>}>
        {t('machines.noneMatch')}
      </EmptyState>
    );
  return (
    <EmptyState
      action={
        <Link to="/machines/new" className={buttonClass('primary')}>
          {t('shell.addMachine')}
        </Link>
      }
    >
      {t('machines.none')}
    </EmptyState>
  );
}

function ListFoot({ shown, total }: { shown: number; total: number }) {
  const t = useT();
  const language = useLanguage();
  return (
    <div className="flex items-center justify-between gap-3 border-t border-line px-4 py-2 text-12 text-text-3">
      <span>
        {t('machines.footer', {
          shown: formatNumber(shown, 0, language),
          total: formatNumber(total, 0, language),
        })}
      </span>
      <span className="flex items-center gap-1.5 coarse:hidden max-tablet:hidden">
        <Key>J</Key>
        <Key>K</Key>
        {t('shell.keys.move')}
        <span className="ml-2">
          <Key>Enter</Key>
        </span>
        {t('shell.keys.open')}
        <span className="ml-2">
          <Key>X</Key>
        </span>
        {t('machines.list.keySelect')}
      </span>
    </div>
  );
}
