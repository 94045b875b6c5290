/** What is installed: filter, sort, source and date. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { softwareQuery } from '../../api/queries.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Button, Key } from '../../ui/Button.tsx';
import { type Column, DataTable } from '../../ui/DataTable.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { SearchField } from '../../ui/Field.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { PATHS } from '../../util/paths.ts';
import { ABSENT } from '../../util/quantity.ts';
import { parseSort, printSort } from '../../util/search.ts';
import { dateText, millis } from '../../util/time.ts';

type Item = NonNullable<
  Awaited<ReturnType<NonNullable<ReturnType<typeof softwareQuery>['queryFn']>>>
>[number];

export function SoftwareTab() {
  const t = useT();
  const language = useLanguage();
  const { id } = useParams({ from: `/app${PATHS.machine}` });
  const search = useSearch({ from: `/app${PATHS.machineSoftware}` });
  const navigate = useNavigate({ from: PATHS.machineSoftware });
  const software = useQuery(softwareQuery(id));
  const needle = (search.q ?? '').toLowerCase();
  const rows = useMemo(
    () =>
      (software.data ?? []).filter((item) =>
        `${item.name} ${item.version} ${item.publisher ?? ''}`.toLowerCase().includes(needle),
      ),
    [software.data, needle],
  );
  const columns = useMemo<Column<Item>[]>(
    () => [
      {
        id: 'name',
        header: t('machines.column.name'),
        cell: (item) => <span className="font-medium">{item.name}</span>,
        sortValue: (item) => item.name,
        widthPx: 180,
        grow: 2,
        priority: 1,
      },
      {
        id: 'version',
        header: t('machines.software.version'),
        cell: (item) => item.version,
        sortValue: (item) => item.version,
        widthPx: 150,
        grow: 1,
        priority: 1,
      },
      {
        id: 'publisher',
        header: t('machines.software.publisher'),
        cell: (item) => <span className="text-text-2">{item.publisher ?? ABSENT}</span>,
        sortValue: (item) => item.publisher,
        widthPx: 130,
        grow: 1,
        priority: 4,
      },
      {
        id: 'source',
        header: t('machines.software.source'),
        cell: (item) => <span className="text-text-2">{item.source}</span>,
        sortValue: (item) => item.source,
        widthPx: 84,
        priority: 5,
      },
      {
        id: 'architecture',
        header: t('machines.software.architecture'),
        cell: (item) => <span className="text-text-2">{item.architecture ?? ABSENT}</span>,
        widthPx: 90,
        priority: 6,
      },
      {
        id: 'installed',
        header: t('machines.software.installed'),
        align: 'right',
        cell: (item) => {
          const atMs = millis(item.installedAt);
          return <span className="text-text-3">{atMs === null ? ABSENT : dateText(atMs, language)}</span>;
        },
        sortValue: (item) => millis(item.installedAt),
        widthPx: 110,
        priority: 3,
      },
    ],
    [t, language],
  );
  const set = (change: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  return (
    <section className="card" aria-label={t('machines.tab.software')}>
      <div className="flex flex-wrap items-center gap-3 px-4 py-2.5">
        <SearchField
          label={t('machines.software.filter')}
          value={search.q ?? ''}
          onChange={(q) => set({ q: q === '' ? undefined : q })}
          shortcut={<Key>/</Key>}
        />
        <span role="status" className="ml-auto text-12 text-text-2">
          {software.data && t('machines.software.count', { count: rows.length })}
        </span>
      </div>
      {software.data ? (
        <DataTable
          label={t('machines.tab.software')}
          rows={rows}
          rowId={(item) => `${item.source} ${item.name} ${item.architecture ?? ''}`}
          columns={columns}
          sort={parseSort(search.sort)}
          onSort={(sort) => set({ sort: printSort(sort) })}
          narrowRow={(item) => (
            <span className="flex h-full min-w-0 flex-col justify-center">
              <span className="truncate font-medium">{item.name}</span>
              <span className="truncate text-12 text-text-3">{item.version}</span>
            </span>
          )}
          empty={
            needle === '' ? (
              <EmptyState>{t('machines.software.none')}</EmptyState>
            ) : (
              <EmptyState
                action={<Button onClick={() => set({ q: undefined })}>{t('ui.clearFilters')}</Button>}
              >
                {t('machines.software.noneMatch', { text: search.q ?? '' })}
              </EmptyState>
            )
          }
        />
      ) : software.error ? (
        <div className="px-4">
          <ErrorPanel error={software.error} retry={() => void software.refetch()} />
        </div>
      ) : (
        <SkeletonRows rows={10} />
      )}
    </section>
  );
}
