/** Incidents by who has to do something; as a list, or as a board of states. */
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useLocation, useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { INCIDENT_STATES, type IncidentSummary, isOpen } from '@muster/shared/api/incidents.ts';
import { overviewQuery } from '../../api/queries.ts';
import { useMe } from '../../app/session.ts';
import { useShortcuts } from '../../app/shortcuts.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { useHeldOrder } from '../../parts/heldOrder.ts';
import { useBulk, useIncidentRefusal, usePersonName } from '../../parts/incidentActions.ts';
import { useLiveIncidentList } from '../../parts/liveIncidents.ts';
import { useSentence } from '../../parts/sentence.ts';
import { Button, IconButton, Key } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel, useErrorWords } from '../../ui/ErrorPanel.tsx';
import { FilterChips } from '../../ui/FilterChips.tsx';
import { FilterTag } from '../../ui/FilterTag.tsx';
import { Menu, MenuChoice, MenuItem } from '../../ui/Menu.tsx';
import { MorePages } from '../../ui/MorePages.tsx';
import { PausedSearch } from '../../ui/PausedSearch.tsx';
import { PrintHeader } from '../../ui/PrintHeader.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { say } from '../../ui/Toast.tsx';
import { INCIDENT_LOOKS } from '../../ui/states.ts';
import { nowMs } from '../../util/clock.ts';
import { fileName, saveCsv } from '../../util/csv.ts';
import { millis, recordTime, zoneText } from '../../util/time.ts';
import { Board } from './Board.tsx';
import { BulkBar } from './BulkBar.tsx';
import { useIncidentMoves } from './dialogs.tsx';
import { byUrgency, GROUPS, groupOf, matches } from './groups.ts';
import { type IncidentGroup, IncidentTable } from './IncidentTable.tsx';
import { nextStates } from './moves.ts';
import { type OverFilter, overIncidentsQuery, unfinishedIncidentsQuery } from './queries.ts';
import { ReportDialog } from './ReportDialog.tsx';
import { INCIDENT_FORMS, INCIDENT_VIEWS, type IncidentsSearch, NOBODY, prioritiesOf } from './search.ts';

const PRIORITIES = ['1', '2', '3', '4'] as const;
const idOf = (incident: IncidentSummary) => incident.id;

/** The form opens by its button, or by the address `#report` that the search box leads to. */
function useReporting(): [boolean, (open: boolean) => void] {
  const [pressed, setPressed] = useState(false);
  const asked = useLocation({ select: ({ hash }) => hash === 'report' });
  const navigate = useNavigate({ from: '/incidents' });
  const set = (open: boolean) => {
    setPressed(open);
    if (asked && !open) void navigate({ search: (before) => before, hash: '', replace: true });
  };
  return [pressed || asked, set];
}

export function IncidentsPage() {
  const t = useT();
  usePageTitle(t('shell.nav.incidents'));
  const refusal = useIncidentRefusal();
  const [reporting, setReporting] = useReporting();
  return (
    <>
      <PrintHeader title={t('shell.nav.incidents')} purpose={t('incidents.printPurpose')} />
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="mr-auto flex flex-wrap items-baseline gap-x-3 print:hidden">
          {t('shell.nav.incidents')}
          <span className="text-12 font-normal text-text-3">
            {t('incidents.zone', { zone: zoneText(nowMs()) })}
          </span>
        </h1>
        <Button
          icon="plus"
          look="primary"
          disabledReason={refusal}
          onClick={() => setReporting(true)}
          className="no-print"
        >
          {t('incidents.report.title')}
        </Button>
      </div>
      <Incidents />
      <ReportDialog open={reporting} onClose={() => setReporting(false)} />
    </>
  );
}

function Incidents() {
  const t = useT();
  const me = useMe();
  const sentence = useSentence();
  const search = useSearch({ from: `/app${'/incidents'}` });
  const navigate = useNavigate({ from: '/incidents' });
  const set = (change: Partial<IncidentsSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const { view = 'open', as = 'list' } = search;
  const unfinished = useQuery(unfinishedIncidentsQuery);
  const showsOver =
    as === 'board' || view === 'all' || search.state === 'closed' || search.state === 'cancelled';
  const over = useInfiniteQuery({ ...overIncidentsQuery(overFilter(search, me?.name)), enabled: showsOver });
  useLiveIncidents();
  const titleOf = useCallback((incident: IncidentSummary) => sentence(incident.title), [sentence]);
  const reader = useMemo(() => ({ me: me?.name, titleOf }), [me?.name, titleOf]);
  const all = unfinished.data;
  const found = useMemo(
    () => (all ?? []).filter((each) => matches(each, search, reader)).sort(byUrgency),
    [all, search, reader],
  );
  const { rows, moved, release, listeners } = useHeldOrder(found, idOf, JSON.stringify(search));
  const overRows = useMemo(
    () => (showsOver ? (over.data?.pages.flatMap(({ items }) => items) ?? []) : []),
    [showsOver, over.data],
  );
  const moves = useIncidentMoves();
  const saveIncidents = useSaveIncidents();
  const [chosenIds, setChosenIds] = useState<ReadonlySet<string>>(new Set());
  const choose = (ids: readonly string[], chosen: boolean) => {
    const next = new Set(chosenIds);
    for (const id of ids) {
      if (chosen) next.add(id);
      else next.delete(id);
    }
    setChosenIds(next);
  };
  const chosen = rows.filter(({ id }) => chosenIds.has(id));
  const refusal = useIncidentRefusal();
  useRowKeys({ rows, chosenIds, choose, moves });
  const filtered = Boolean(search.q || search.priority || search.state || search.holder || view === 'mine');
  const groups = GROUPS.map(
    (group): IncidentGroup =>
      group === 'over'
        ? {
            group,
            items: overRows,
            ...(over.hasNextPage ? { note: t('incidents.andOlder', { count: overRows.length }) } : {}),
          }
        : { group, items: rows.filter((each) => groupOf(each, me?.name) === group) },
  ).filter(({ items }) => items.length > 0);
  const clear = () =>
    set({ q: undefined, priority: undefined, state: undefined, holder: undefined, view: undefined });
  return (
    <>
      <Filters
        search={search}
        set={set}
        all={all}
        counted={(priority) =>
          (all ?? []).filter(
            (each) =>
              matches(each, search, reader, 'priority') &&
              (priority === null || String(each.priority) === priority),
          ).length
        }
        onCsv={() => saveIncidents(groups)}
      />
      {all === undefined ? (
        unfinished.error ? (
          <Card className="mt-3">
            <ErrorPanel error={unfinished.error} retry={() => void unfinished.refetch()} />
          </Card>
        ) : (
          <SkeletonRows rows={8} className="card mt-3" />
        )
      ) : as === 'board' ? (
        <Board incidents={[...rows, ...overRows]} onMove={moves.move} />
      ) : (
        <section className="card mt-3" aria-label={t('shell.nav.incidents')} {...listeners}>
          {moved > 0 && (
            <p className="no-print flex min-h-9 items-center gap-2 px-4 py-1 text-12 text-text-2">
              {t('incidents.orderHeld', { count: moved })}
              <button type="button" onClick={release} className="text-accent hover:underline">
                {t('incidents.sortNow')}
              </button>
            </p>
          )}
          {groups.length === 0 ? (
            filtered ? (
              <EmptyState action={<Button onClick={clear}>{t('ui.clearFilters')}</Button>}>
                {t('incidents.noneFiltered')}
              </EmptyState>
            ) : (
              <NothingOpen />
            )
          ) : (
            <IncidentTable
              groups={groups}
              chosen={chosenIds}
              onChoose={refusal === undefined ? choose : undefined}
            />
          )}
          {showsOver && <MorePages pages={over} label={t('incidents.older')} />}
          <KeysLine />
        </section>
      )}
      {as === 'list' && <BulkBar chosen={chosen} onClear={() => setChosenIds(new Set())} />}
      {moves.dialogs}
    </>
  );
}

/** The same question to the server, which holds what is over. */
function overFilter(search: IncidentsSearch, me: string | undefined): OverFilter {
  const { q, view } = search;
  const holder = view === 'mine' ? me : search.holder;
  const state = search.state === 'closed' || search.state === 'cancelled' ? search.state : undefined;
  return {
    state,
    priority: prioritiesOf(search).join(',') || undefined,
    assignee: holder === NOBODY ? undefined : holder,
    unclaimed: holder === NOBODY ? 'true' : undefined,
    q: q?.trim() || undefined,
  };
}

/** An incident that changes anywhere changes here. */
function useLiveIncidents(): void {
  const queries = useQueryClient();
  useLiveIncidentList(unfinishedIncidentsQuery, 'unfinished', ({ state }) => {
    if (state === 'closed' || state === 'cancelled')
      void queries.invalidateQueries({ queryKey: ['incidents', 'over'] });
  });
}

/** Keys for the row that has the focus: X chooses, T takes, A assigns, R moves on. */
function useRowKeys({
  rows,
  chosenIds,
  choose,
  moves,
}: {
  rows: readonly IncidentSummary[];
  chosenIds: ReadonlySet<string>;
  choose: (ids: readonly string[], chosen: boolean) => void;
  moves: ReturnType<typeof useIncidentMoves>;
}): void {
  const refusal = useIncidentRefusal();
  const me = useMe();
  const bulk = useBulk();
  const words = useErrorWords();
  const withFocused = (act: (incident: IncidentSummary) => void) => () => {
    const id = document.activeElement?.closest<HTMLElement>('[data-incident]')?.dataset['incident'];
    const incident = rows.find((row) => row.id === id);
    if (incident && refusal === undefined) act(incident);
  };
  useShortcuts({
    x: withFocused(({ id }) => choose([id], !chosenIds.has(id))),
    t: withFocused((incident) => {
      if (me === undefined || !isOpen(incident.state)) return;
      void bulk.assign([incident], me.name).then(([failed]) => failed && say(words(failed.error)));
    }),
    a: withFocused((incident) => isOpen(incident.state) && moves.assign(incident)),
    r: withFocused((incident) => {
      const to = (['resolved', 'restored', 'closed'] as const).find((one) =>
        nextStates(incident).includes(one),
      );
      if (to) moves.move(incident, to);
    }),
  });
}

function Filters({
  search,
  set,
  all,
  counted,
  onCsv,
}: {
  search: IncidentsSearch;
  set: (change: Partial<IncidentsSearch>) => void;
  all: readonly IncidentSummary[] | undefined;
  /** How many there would be of a priority; null: of any. */
  counted: (priority: string | null) => number;
  onCsv: () => void;
}) {
  const t = useT();
  const nameOf = usePersonName();
  const { view = 'open', as = 'list' } = search;
  const navigate = useNavigate();
  const holders = [...new Set((all ?? []).flatMap(({ assignee }) => assignee ?? []))].sort();
  const any = { value: '' as const, label: t('ui.any') };
  const choice = <T extends string>(value: T | '') => (value === '' ? undefined : value);
  const holderWord = (holder: string) => (holder === NOBODY ? t('incidents.nobody') : nameOf(holder));
  const count = (priority: string | null) => (all === undefined ? null : counted(priority));
  const active = [
    search.state && {
      key: 'state',
      label: `${t('incidents.column.state')}${t('ui.colon')}${t(INCIDENT_LOOKS[search.state].word)}`,
    },
    search.holder && {
      key: 'holder',
      label: `${t('incidents.column.holder')}${t('ui.colon')}${holderWord(search.holder)}`,
    },
  ].filter((each) => typeof each === 'object');
  return (
    <div className="no-print">
      <div className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-2">
        <Segmented
          label={t('incidents.view')}
          value={view}
          options={INCIDENT_VIEWS.map((value) => ({ value, label: t(`incidents.views.${value}`) }))}
          onChange={(next) => set({ view: next === 'open' ? undefined : next })}
        />
        <FilterChips
          label={t('incidents.column.priority')}
          all={{ label: t('ui.all'), count: count(null) }}
          chips={PRIORITIES.map((priority) => ({
            value: priority,
            label: t('ui.priority', { priority }),
            count: count(priority),
          }))}
          chosen={PRIORITIES.filter((priority) => prioritiesOf(search).includes(priority))}
          onChange={(next) =>
            set({
              priority: choice(
                next
                  .toSorted()
                  .map((each) => `P${each}`)
                  .join(','),
              ),
            })
          }
        />
        <div className="ml-auto flex min-w-0 items-center gap-2 max-tablet:w-full">
          <PausedSearch label={t('ui.filter')} value={search.q} onChange={(q) => set({ q })} withKey />
          <Menu trigger={<Button icon="rules">{t('ui.more')}</Button>}>
            <MenuChoice
              label={t('incidents.column.state')}
              value={search.state ?? ''}
              options={[
                any,
                ...INCIDENT_STATES.map((value) => ({ value, label: t(INCIDENT_LOOKS[value].word) })),
              ]}
              onChange={(state) => set({ state: choice(state) })}
            />
            <MenuChoice
              label={t('incidents.column.holder')}
              value={search.holder ?? ''}
              options={[any, ...[NOBODY, ...holders].map((value) => ({ value, label: holderWord(value) }))]}
              onChange={(holder) => set({ holder: choice(holder) })}
            />
          </Menu>
          <Segmented
            label={t('incidents.form')}
            value={as}
            options={INCIDENT_FORMS.map((value) => ({ value, label: t(`incidents.forms.${value}`) }))}
            onChange={(next) => set({ as: next === 'list' ? undefined : next })}
          />
          <Menu trigger={<IconButton icon="more" label={t('incidents.moreActions')} />}>
            <MenuItem onSelect={onCsv}>{t('incidents.csv')}</MenuItem>
            <MenuItem onSelect={() => window.print()}>{t('incidents.print')}</MenuItem>
            <MenuItem onSelect={() => void navigate({ to: '/incidents/times', search: {} })}>
              {t('incidents.times.title')}
            </MenuItem>
          </Menu>
        </div>
      </div>
      {active.length > 0 && (
        <ul className="mt-2 flex flex-wrap gap-2">
          {active.map(({ key, label }) => (
            <li key={key}>
              <FilterTag onRemove={() => set({ [key]: undefined })}>{label}</FilterTag>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** A file with what the list shows, for those who count in a spreadsheet; times in UTC. */
function useSaveIncidents(): (groups: readonly IncidentGroup[]) => void {
  const t = useT();
  const words = useWords();
  const nameOf = usePersonName();
  return (groups) =>
    saveCsv(fileName(t('shell.nav.incidents'), new Date(nowMs()).toISOString().slice(0, 10)), [
      [
        t('incidents.column.ref'),
        t('incidents.column.priority'),
        t('incidents.column.title'),
        t('incidents.column.ci'),
        t('incidents.column.state'),
        t('incidents.column.holder'),
        t('incidents.breached'),
        t('incidents.openedWord'),
        t('incidents.respondBy'),
        t('incidents.restoreBy'),
        t('incidents.restoredWord'),
      ],
      ...groups
        .flatMap(({ items }) => items)
        .map((each) => [
          each.ref,
          t('ui.priority', { priority: each.priority }),
          words(each.title),
          each.ci?.name ?? '',
          t(INCIDENT_LOOKS[each.state].word),
          each.assignee === null ? '' : nameOf(each.assignee),
          each.breachedAt ?? '',
          each.openedAt,
          each.sla.respondBy,
          each.sla.restoreBy,
          each.sla.restoredAt ?? '',
        ]),
    ]);
}

function NothingOpen() {
  const t = useT();
  const language = useLanguage();
  const lastMs = millis(useQuery(overviewQuery).data?.lastClosedAt);
  return (
    <EmptyState>
      {lastMs === null
        ? t('incidents.noneOpen')
        : t('incidents.noneOpenSince', { time: recordTime(lastMs, nowMs(), language) })}
    </EmptyState>
  );
}

function KeysLine() {
  const t = useT();
  return (
    <p className="no-print flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-line px-4 py-2 text-12 text-text-3 coarse:hidden max-tablet:hidden">
      <span className="flex items-center gap-1.5">
        <Key>J</Key>
        <Key>K</Key>
        {t('shell.keys.move')}
      </span>
      <KeyHint name="Enter">{t('shell.keys.open')}</KeyHint>
      <KeyHint name="X">{t('incidents.choose')}</KeyHint>
      <KeyHint name="T">{t('incidents.take')}</KeyHint>
      <KeyHint name="A">{t('incidents.assign')}</KeyHint>
      <KeyHint name="R">{t('incidents.to.resolved')}</KeyHint>
    </p>
  );
}

function KeyHint({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <span className="flex items-center gap-1.5">
      <Key>{name}</Key>
      {children}
    </span>
  );
}
