/** The machines: presence chips with counts, filters in the address, problems first. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import type { CiSummary } from '@muster/shared/api/cmdb.ts';
import { CI_CLASSES, isMachineClass } from '@muster/shared/cmdb/classes.ts';
import { TOP_ROWS_MAX } from '@muster/shared/api/metrics.ts';
import { DAY_MS } from '@muster/shared/time.ts';
import {
  availabilityQuery,
  machinesQuery,
  openIncidentsQuery,
  rulesQuery,
  topQuery,
} from '../../api/queries.ts';
import { useLive } from '../../app/live.ts';
import { setPreference, usePreference } from '../../app/preferences.ts';
import { useRefusal } from '../../app/session.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { Button, buttonClass, IconButton, Key } from '../../ui/Button.tsx';
import { cx } from '../../ui/cx.ts';
import { type Column, DataTable } from '../../ui/DataTable.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { SearchField } from '../../ui/Field.tsx';
import { FilterChips } from '../../ui/FilterChips.tsx';
import { Glyph } from '../../ui/Glyph.tsx';
import { classIcon, Icon } from '../../ui/Icon.tsx';
import { Menu, MenuCheck, MenuChoice } from '../../ui/Menu.tsx';
import { Meter } from '../../ui/Meter.tsx';
import { PresenceStrip } from '../../ui/PresenceStrip.tsx';
import { PriorityTag } from '../../ui/PriorityTag.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import {
  PRESENCE_LOOKS,
  SEVERITY_LOOKS,
  SHOWN_PRESENCES,
  type ShownPresence,
  TONE_TEXT,
} from '../../ui/states.ts';
import { nowMs, useNow } from '../../util/clock.ts';
import { ABSENT, formatNumber } from '../../util/quantity.ts';
import { parseSort, printSort } from '../../util/search.ts';
import type { MachinesSearch } from './search.ts';
import { millis, wholeSpanText } from '../../util/time.ts';
import { stripSegments } from '../../parts/presence.ts';
import {
  countPresences,
  filterRows,
  heldOrder,
  highestOf,
  type MachineRow,
  machineRows,
  type TopValue,
} from './rows.ts';

export function MachinesPage() {
  const t = useT();
  usePageTitle(t('shell.nav.machines'));
  const refusal = useRefusal('enrolment.write');
  const rows = useRows();
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="mr-auto">{t('shell.nav.machines')}</h1>
        {refusal === undefined && (
          <Link to="/machines/new" className={buttonClass('primary')}>
            <Icon name="plus" size={14} />
            {t('fleet.add.title')}
          </Link>
        )}
      </div>
      {rows.error !== null ? (
        <div className="card mt-4 px-4">
          <ErrorPanel error={rows.error} retry={rows.retry} />
        </div>
      ) : (
        <MachineList rows={rows.data} />
      )}
    </>
  );
}

/** All machines joined with their latest values and incidents; undefined while loading. */
function useRows(): { data: MachineRow[] | undefined; error: Error | null; retry: () => void } {
  const queries = useQueryClient();
  const cis = useQuery(machinesQuery);
  const incidents = useQuery(openIncidentsQuery);
  const cpu = useQuery(topQuery('cpu.utilisation', TOP_ROWS_MAX)).data;
  const memory = useQuery(topQuery('memory.utilisation', TOP_ROWS_MAX)).data;
  const disk = useQuery(topQuery('filesystem.utilisation', TOP_ROWS_MAX)).data;
  const rules = useQuery(rulesQuery).data;
  useLive({ name: 'presence' }, (message) => {
    if (message.type !== 'presence') return;
    const changed = new Map(message.items.map((item) => [item.ciId, item]));
    queries.setQueryData(machinesQuery.queryKey, (before) =>
      before?.map((ci): CiSummary => {
        const now = changed.get(ci.id);
        if (now === undefined) return ci;
        return {
          ...ci,
          presence: now.presence,
          cause: now.cause,
          expected: now.expected,
          state: now.state,
          presenceSince: new Date(now.sinceMs).toISOString(),
          lastSeenAt: new Date(now.lastSeenMs).toISOString(),
        };
      }),
    );
  });
  const data = useMemo(
    () =>
      cis.data &&
      machineRows({
        cis: cis.data,
        incidents: incidents.data ?? [],
        cpu: highestOf(cpu?.items ?? []),
        memory: highestOf(memory?.items ?? []),
        disk: highestOf(disk?.items ?? []),
        rules: rules ?? [],
      }),
    [cis.data, incidents.data, cpu, memory, disk, rules],
  );
  return { data, error: data === undefined ? cis.error : null, retry: () => void cis.refetch() };
}

function MachineList({ rows }: { rows: MachineRow[] | undefined }) {
  const t = useT();
  const language = useLanguage();
  const search = useSearch({ from: `/app${'/machines'}` });
  const navigate = useNavigate({ from: '/machines' });
  const set = (change: Partial<MachinesSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const presences = (search.presence?.split(',').filter(Boolean) ?? []) as ShownPresence[];
  const others = useMemo(
    () =>
      filterRows(rows ?? [], {
        class: search.class,
        site: search.site,
        tag: search.tag,
        text: search.q ?? '',
      }),
    [rows, search.class, search.site, search.tag, search.q],
  );
  const counts = countPresences(others);
  const right = presences.length === 0 ? others : others.filter((row) => presences.includes(row.presence));
  const { shown, moved, release, hold } = useHeld(right, JSON.stringify(search));
  const columns = useColumns();
  const hidden = useHiddenColumns();
  const filtered = presences.length > 0 || search.class || search.site || search.tag || search.q;
  const clear = () => void navigate({ search: { sort: search.sort }, replace: true });
  return (
    <>
      <div className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-2">
        <FilterChips
          label={t('machines.presenceFilter')}
          all={{ label: t('ui.all'), count: rows === undefined ? null : others.length }}
          chips={SHOWN_PRESENCES.map((presence) => ({
            value: presence,
            label: t(PRESENCE_LOOKS[presence].word),
            count: rows === undefined ? null : counts[presence],
            glyph: PRESENCE_LOOKS[presence].glyph,
            tone: PRESENCE_LOOKS[presence].tone,
          }))}
          chosen={presences}
          onChange={(next) => set({ presence: next.length === 0 ? undefined : next.join(',') })}
        />
        <div className="ml-auto flex min-w-0 items-center gap-2 max-tablet:w-full">
          <SearchField
            label={t('ui.filter')}
            value={search.q ?? ''}
            onChange={(q) => set({ q: q === '' ? undefined : q })}
            shortcut={<Key>/</Key>}
          />
          <MoreFilters rows={rows ?? []} search={search} set={set} />
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
              .filter((column) => column.priority > 1)
              .map((column) => (
                <MenuCheck
                  key={column.id}
                  checked={!hidden.includes(column.id)}
                  onChange={(shownNow) =>
                    setPreference(
                      'hiddenColumns',
                      (shownNow ? hidden.filter((id) => id !== column.id) : [...hidden, column.id]).join(','),
                    )
                  }
                >
                  {column.header}
                </MenuCheck>
              ))}
          </Menu>
        </div>
      </div>
      <ActiveFilters search={search} set={set} />
      <section
        className="card mt-3"
        aria-label={t('shell.nav.machines')}
        onPointerEnter={hold}
        onFocus={hold}
        onPointerLeave={release}
      >
        <div className="flex min-h-9 flex-wrap items-center gap-x-3 px-4 py-1 text-12 text-text-2">
          <span role="status">
            {rows === undefined
              ? t('ui.loading')
              : t(search.sort ? 'machines.count' : 'machines.countProblemsFirst', { count: shown.length })}
          </span>
          {moved > 0 && (
            <span className="ml-auto flex items-center gap-2">
              {t('machines.orderHeld', { count: moved })}
              <button type="button" onClick={release} className="text-accent hover:underline">
                {t('machines.sortNow')}
              </button>
            </span>
          )}
        </div>
        {rows === undefined ? (
          <SkeletonRows rows={12} className="pt-8" />
        ) : (
          <DataTable
            label={t('shell.nav.machines')}
            rows={shown}
            rowId={(row) => row.ci.id}
            columns={columns}
            hiddenColumns={hidden}
            sort={parseSort(search.sort)}
            onSort={(sort) => set({ sort: printSort(sort) })}
            narrowRow={(row) => <NarrowRow row={row} />}
            empty={
              filtered ? (
                <EmptyState action={<Button onClick={clear}>{t('ui.clearFilters')}</Button>}>
                  {t('machines.noneMatch')}
                </EmptyState>
              ) : (
                <EmptyState
                  action={
                    <Link to="/machines/new" className={buttonClass('primary')}>
                      {t('fleet.add.title')}
                    </Link>
                  }
                >
                  {t('machines.none')}
                </EmptyState>
              )
            }
          />
        )}
        {rows !== undefined && shown.length > 0 && (
          <div className="flex items-center justify-between gap-3 border-t border-line px-4 py-2 text-12 text-text-3">
            <span>
              {t('machines.footer', {
                shown: formatNumber(shown.length, 0, language),
                total: formatNumber(rows.length, 0, language),
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
            </span>
          </div>
        )}
      </section>
    </>
  );
}

/** The order a reader sees stays while pointer or focus is in the list; a new question gives a new order. */
function useHeld(rows: MachineRow[], question: string) {
  const [holding, setHolding] = useState(false);
  const before = useRef<{ question: string; ids: readonly string[] }>({ question, ids: [] });
  const { rows: shown, moved } = useMemo(
    () =>
      holding && before.current.question === question
        ? heldOrder(rows, (row) => row.ci.id, before.current.ids)
        : { rows, moved: 0 },
    [rows, holding, question],
  );
  before.current = { question, ids: shown.map((row) => row.ci.id) };
  return { shown, moved, hold: () => setHolding(true), release: () => setHolding(false) };
}

function useHiddenColumns(): string[] {
  return usePreference('hiddenColumns')?.split(',').filter(Boolean) ?? [];
}

function MoreFilters({
  rows,
  search,
  set,
}: {
  rows: readonly MachineRow[];
  search: MachinesSearch;
  set: (change: Partial<MachinesSearch>) => void;
}) {
  const t = useT();
  const classWord = useClassWord();
  const sites = distinct(rows.map((row) => row.ci.site));
  const tags = distinct(rows.flatMap((row) => row.ci.tags));
  const classes = distinct(rows.map((row) => row.ci.class));
  const any = { value: '', label: t('ui.any') };
  const choice = (value: string) => (value === '' ? undefined : value);
  return (
    <Menu
      trigger={
        <Button icon="rules" aria-label={t('machines.moreFilters')}>
          {t('ui.more')}
        </Button>
      }
    >
      <MenuChoice
        label={t('machines.class')}
        value={search.class ?? ''}
        options={[any, ...classes.map((value) => ({ value, label: classWord(value) }))]}
        onChange={(value) => set({ class: choice(value) })}
      />
      {sites.length > 0 && (
        <MenuChoice
          label={t('machines.site')}
          value={search.site ?? ''}
          options={[any, ...sites.map((value) => ({ value, label: value }))]}
          onChange={(value) => set({ site: choice(value) })}
        />
      )}
      {tags.length > 0 && (
        <MenuChoice
          label={t('machines.tag')}
          value={search.tag ?? ''}
          options={[any, ...tags.map((value) => ({ value, label: value }))]}
          onChange={(value) => set({ tag: choice(value) })}
        />
      )}
    </Menu>
  );
}

/** More choices than this make a menu unusable; the text filter finds the rest. */
const CHOICES_MAX = 20;

function distinct(values: readonly (string | null)[]): string[] {
  const named = values.filter((value): value is string => value !== null && value !== '');
  return [...new Set(named)].sort((a, b) => a.localeCompare(b)).slice(0, CHOICES_MAX);
}

function useClassWord(): (ciClass: string) => string {
  const words = useWords();
  return (ciClass) => (isMachineClass(ciClass) ? words(CI_CLASSES[ciClass].title) : ciClass);
}

function ActiveFilters({
  search,
  set,
}: {
  search: MachinesSearch;
  set: (change: Partial<MachinesSearch>) => void;
}) {
  const t = useT();
  const classWord = useClassWord();
  const active = [
    search.class && { key: 'class', label: `${t('machines.class')}: ${classWord(search.class)}` },
    search.site && { key: 'site', label: `${t('machines.site')}: ${search.site}` },
    search.tag && { key: 'tag', label: `${t('machines.tag')}: ${search.tag}` },
  ].filter((each) => typeof each === 'object');
  if (active.length === 0) return null;
  return (
    <ul className="mt-2 flex flex-wrap gap-2">
      {active.map(({ key, label }) => (
        <li key={key}>
          <button
            type="button"
            onClick={() => set({ [key]: undefined })}
            className="inline-flex h-7 items-center gap-1.5 rounded-md bg-sunken pr-1.5 pl-2.5 text-12 text-text-2 coarse:h-(--control)"
          >
            {label}
            <Icon name="close" size={12} />
            <span className="sr-only">{t('ui.removeFilter')}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function useColumns(): Column<MachineRow>[] {
  const t = useT();
  return useMemo<Column<MachineRow>[]>(
    () => [
      {
        id: 'state',
        header: t('machines.column.state'),
        cell: (row) => <StatusBadge look={PRESENCE_LOOKS[row.presence]} />,
        sortValue: (row) => SHOWN_PRESENCES.indexOf(row.presence),
        widthPx: 104,
        priority: 1,
      },
      {
        id: 'name',
        header: t('machines.column.name'),
        cell: (row) => <MachineLink ci={row.ci} />,
        sortValue: (row) => row.ci.name,
        widthPx: 160,
        grow: 2,
        priority: 1,
      },
      {
        id: 'user',
        header: t('machines.column.user'),
        cell: (row) => <span className="text-text-2">{attributeText(row.ci, 'lastUser')}</span>,
        sortValue: (row) => attributeText(row.ci, 'lastUser'),
        widthPx: 100,
        grow: 1,
        priority: 5,
      },
      {
        id: 'system',
        header: t('machines.column.system'),
        cell: (row) => (
          <span className="text-text-2">
            {[row.ci.attributes?.['osName'], row.ci.attributes?.['osVersion']].filter(Boolean).join(' ') ||
              ABSENT}
          </span>
        ),
        sortValue: (row) => attributeText(row.ci, 'osName'),
        widthPx: 120,
        grow: 1,
        priority: 9,
      },
      {
        id: 'site',
        header: t('machines.column.place'),
        cell: (row) => <span className="text-text-2">{row.ci.site ?? ABSENT}</span>,
        sortValue: (row) => row.ci.site,
        widthPx: 96,
        grow: 1,
        priority: 6,
      },
      {
        id: 'cpu',
        header: t('machines.column.cpu'),
        cell: (row) => <MeterCell value={row.cpu} tone={row.tones.cpu} />,
        sortValue: (row) => row.cpu?.value ?? null,
        widthPx: 104,
        priority: 3,
      },
      {
        id: 'memory',
        header: t('machines.column.memory'),
        cell: (row) => <MeterCell value={row.memory} tone={row.tones.memory} />,
        sortValue: (row) => row.memory?.value ?? null,
        widthPx: 104,
        priority: 3,
      },
      {
        id: 'disk',
        header: t('machines.column.disk'),
        cell: (row) => (
          <MeterCell value={row.disk} tone={row.tones.disk} named stale={row.presence !== 'up'} />
        ),
        sortValue: (row) => row.disk?.value ?? null,
        widthPx: 150,
        grow: 1,
        priority: 3,
      },
      {
        id: 'day',
        header: t('machines.column.day'),
        cell: (row) => <DayStrip ciId={row.ci.id} />,
        widthPx: 112,
        priority: 8,
      },
      {
        id: 'seen',
        header: t('machines.column.seen'),
        align: 'right',
        cell: (row) => <Seen ci={row.ci} />,
        sortValue: (row) => millis(row.ci.lastSeenAt),
        widthPx: 92,
        priority: 4,
      },
      {
        id: 'incident',
        header: t('machines.column.incident'),
        cell: (row) => <IncidentCell row={row} />,
        sortValue: (row) => row.incident?.priority ?? null,
        widthPx: 124,
        priority: 2,
      },
    ],
    [t],
  );
}

function attributeText(ci: CiSummary, name: string): string {
  const value = ci.attributes?.[name];
  return typeof value === 'string' && value !== '' ? value : ABSENT;
}

function MachineLink({ ci }: { ci: CiSummary }) {
  const classWord = useClassWord();
  return (
    <Link
      to="/machines/$id/live"
      params={{ id: ci.id }}
      data-row-link=""
      className="flex min-w-0 items-center gap-2 font-medium hover:text-accent"
    >
      <span title={classWord(ci.class)} className="text-text-3">
        <Icon name={classIcon(ci.class)} size={14} />
      </span>
      <span className="truncate">{ci.name}</span>
    </Link>
  );
}

interface MeterCellProps {
  readonly value: TopValue | undefined;
  readonly tone: 'warn' | 'crit' | undefined;
  /** The instance stands beside the value. */
  readonly named?: boolean;
  readonly stale?: boolean;
}

function MeterCell({ value, tone, named = false, stale = false }: MeterCellProps) {
  const t = useT();
  const language = useLanguage();
  if (value === undefined)
    return <span className="inline-block w-[52px] text-right text-text-3">{ABSENT}</span>;
  const look = tone && SEVERITY_LOOKS[tone === 'crit' ? 'critical' : 'warning'];
  return (
    <span className={cx('flex items-center gap-2', stale && 'text-text-3')}>
      <span
        className={cx(
          'flex w-[52px] flex-none items-center justify-end gap-1',
          look && !stale && cx('font-medium', TONE_TEXT[look.tone]),
        )}
      >
        {look && <Glyph name={look.glyph} />}
        {look && <span className="sr-only">{t(look.word)}</span>}
        {formatNumber(value.value, 1, language)}
      </span>
      <Meter percent={value.value} tone={stale ? undefined : tone} stale={stale} className="w-7 flex-none" />
      {named && <span className="truncate text-12 text-text-3">{value.instance}</span>}
    </span>
  );
}

function DayStrip({ ciId }: { ciId: string }) {
  const { data } = useQuery(availabilityQuery(ciId, DAY_MS, nowMs));
  if (data === undefined) return <span className="block h-2.5 rounded-sm bg-sunken" />;
  return (
    <PresenceStrip
      size="small"
      segments={stripSegments(data.intervals, data.toMs)}
      fromMs={data.fromMs}
      toMs={data.toMs}
    />
  );
}

function Seen({ ci }: { ci: CiSummary }) {
  const t = useT();
  const now = useNow(5_000);
  const seenMs = millis(ci.lastSeenAt);
  return (
    <span className="text-text-3">
      {seenMs === null ? t('time.never') : wholeSpanText(Math.max(1_000, now - seenMs), t)}
    </span>
  );
}

function IncidentCell({ row }: { row: MachineRow }) {
  if (row.incident === undefined) return null;
  return (
    <Link
      to="/incidents/$ref"
      params={{ ref: row.incident.ref }}
      className="inline-flex items-center gap-2 text-12 text-text-2 hover:text-accent"
    >
      <PriorityTag priority={row.incident.priority} />
      {row.incident.ref}
    </Link>
  );
}

function NarrowRow({ row }: { row: MachineRow }) {
  const language = useLanguage();
  const t = useT();
  return (
    <Link
      to="/machines/$id/live"
      params={{ id: row.ci.id }}
      data-row-link=""
      className="flex h-full min-w-0 flex-col justify-center gap-1"
    >
      <span className="flex min-w-0 items-center gap-2">
        <StatusBadge look={PRESENCE_LOOKS[row.presence]} />
        <span className="min-w-0 flex-1 truncate font-medium">{row.ci.name}</span>
        {row.incident && <PriorityTag priority={row.incident.priority} />}
        <Seen ci={row.ci} />
      </span>
      <span className="truncate text-12 text-text-3">
        {[attributeText(row.ci, 'lastUser'), row.ci.site]
          .filter((each) => each !== ABSENT && each !== null)
          .join(' · ')}
        {row.cpu &&
          ` · ${t('machines.narrowLoad', { cpu: formatNumber(row.cpu.value, 0, language), memory: row.memory ? formatNumber(row.memory.value, 0, language) : ABSENT })}`}
      </span>
    </Link>
  );
}
