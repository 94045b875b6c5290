/** What is installed: filter, sort, publisher, source, date. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { z } from 'zod';
import type { InstalledSoftware } from '@muster/shared/api/cmdb.ts';
import { ciQuery, softwareQuery } from '../../api/queries.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Button, Key } from '../../ui/Button.tsx';
import { type Column, DataTable } from '../../ui/DataTable.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { SearchField } from '../../ui/Field.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { fileName, saveCsv } from '../../util/csv.ts';
import { ABSENT } from '../../util/quantity.ts';
import { parseSort, printSort } from '../../util/search.ts';
import { dateText, dateTimeText, millis } from '../../util/time.ts';

type Item = z.infer<typeof InstalledSoftware>;

export function SoftwareTab() {
  const t = useT();
  const { id } = useParams({ from: `/app${'/machines/$id'}` });
  const search = useSearch({ from: `/app${'/machines/$id/software'}` });
  const navigate = useNavigate({ from: '/machines/$id/software' });
  const ci = useQuery(ciQuery(id)).data;
  const hasAgent = ci?.agentId !== null;
  const name = ci?.name ?? id;
  const software = useQuery(softwareQuery(id));
  const text = search.q?.trim() ?? '';
  const rows = useMemo(() => matching(software.data ?? [], text), [software.data, text]);
  const columns = useColumns();
  const total = software.data?.length ?? 0;
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
        {total > 0 && <CsvButton rows={rows} name={name} />}
        <span role="status" className="ml-auto text-12 text-text-2">
          {total > 0 &&
            (text === ''
              ? t('machines.software.count', { count: total })
              : t('machines.software.countOf', { shown: rows.length, total }))}
        </span>
      </div>
      {software.data ? (
        <DataTable
          label={t('machines.tab.software')}
          rows={rows}
          rowId={(item) => `${item.source} ${item.name} ${item.architecture ?? ''} ${item.version}`}
          columns={columns}
          sort={parseSort(search.sort)}
          onSort={(sort) => set({ sort: printSort(sort) })}
          rowPx={32}
          narrowRow={(item) => <Narrow item={item} />}
          empty={
            text === '' ? (
              <EmptyState>{t(hasAgent ? 'machines.software.none' : 'machines.software.noAgent')}</EmptyState>
            ) : (
              <EmptyState
                action={<Button onClick={() => set({ q: undefined })}>{t('ui.clearFilters')}</Button>}
              >
                {t('machines.software.noneMatch', { text })}
              </EmptyState>
            )
          }
        />
      ) : software.error ? (
        <div className="px-4">
          <ErrorPanel error={software.error} retry={() => void software.refetch()} />
        </div>
      ) : (
        <SkeletonRows rows={12} />
      )}
    </section>
  );
}

/** The rows as filtered; times in UTC. */
function CsvButton({ rows, name }: { rows: readonly Item[]; name: string }) {
  const t = useT();
  const save = () =>
    saveCsv(fileName(name, t('machines.tab.software')), [
      ['name', 'publisher', 'version', 'architecture', 'source', 'installedAt', 'firstSeenAt'],
      ...rows.map((item) => [
        item.name,
        item.publisher,
        item.version,
        item.architecture,
        item.source,
        item.installedAt,
        item.firstSeenAt,
      ]),
    ]);
  return (
    <Button size="small" className="no-print" onClick={save}>
      {t('machines.saveCsv')}
    </Button>
  );
}

/** Every word of the text stands somewhere in the row. */
function matching(items: readonly Item[], text: string): Item[] {
  const words = text.toLowerCase().split(/\s+/);
  return items.filter((item) => {
    const row = `${item.name} ${item.version} ${item.publisher ?? ''} ${item.source}`.toLowerCase();
    return words.every((word) => row.includes(word));
  });
}

function useColumns(): Column<Item>[] {
  const t = useT();
  return useMemo(() => {
    const quiet = (value: string | null) => (
      <span className="text-text-2" title={value ?? undefined}>
        {value ?? ABSENT}
      </span>
    );
    return [
      {
        id: 'name',
        header: t('machines.column.name'),
        cell: (item) => (
          <span className="font-medium" title={item.name}>
            {item.name}
          </span>
        ),
        sortValue: (item) => item.name.toLowerCase(),
        widthPx: 190,
        grow: 3,
        priority: 1,
      },
      {
        id: 'publisher',
        header: t('machines.software.publisher'),
        cell: (item) => quiet(item.publisher),
        sortValue: (item) => item.publisher,
        widthPx: 150,
        grow: 2,
        priority: 3,
      },
      {
        id: 'version',
        header: t('machines.software.version'),
        cell: (item) => <span title={item.version}>{item.version}</span>,
        sortValue: (item) => item.version,
        widthPx: 150,
        grow: 1,
        priority: 1,
      },
      {
        id: 'architecture',
        header: t('machines.software.architecture'),
        cell: (item) => quiet(item.architecture),
        sortValue: (item) => item.architecture,
        widthPx: 110,
        priority: 5,
      },
      {
        id: 'source',
        header: t('machines.software.source'),
        cell: (item) => quiet(item.source),
        sortValue: (item) => item.source,
        widthPx: 88,
        priority: 4,
      },
      {
        id: 'installed',
        header: t('machines.software.installed'),
        align: 'right',
        cell: (item) => <Installed item={item} />,
        sortValue: (item) => millis(item.installedAt),
        widthPx: 116,
        priority: 2,
      },
    ] satisfies Column<Item>[];
  }, [t]);
}

/** Some sources do not tell when; then the day on which it was first seen is on focus. */
function Installed({ item }: { item: Item }) {
  const t = useT();
  const language = useLanguage();
  const atMs = millis(item.installedAt);
  const seen = `${t('machines.software.firstSeen')} ${dateTimeText(millis(item.firstSeenAt), language, false)}`;
  return (
    <span title={seen} className="text-text-2">
      {atMs === null ? ABSENT : dateText(atMs, language)}
    </span>
  );
}

function Narrow({ item }: { item: Item }) {
  return (
    <span className="flex h-full min-w-0 items-center gap-3">
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium">{item.name}</span>
        <span className="block truncate text-12 text-text-2">{item.version}</span>
      </span>
      <span className="max-w-32 flex-none text-right text-12">
        <Installed item={item} />
        <span className="block truncate text-text-3">{item.publisher ?? item.source}</span>
      </span>
    </span>
  );
}
