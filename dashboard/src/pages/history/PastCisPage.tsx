/** The list of configuration items as it was at a moment. */
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import { CI_CLASSES } from '@muster/shared/cmdb/classes.ts';
import { toIso } from '@muster/shared/time.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { isCiClass } from '../../parts/attributes.ts';
import { valueText } from '../../parts/valueWords.ts';
import { buttonClass } from '../../ui/Button.tsx';
import { CsvButton } from '../../ui/CsvButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { MorePages } from '../../ui/MorePages.tsx';
import { PausedSearch } from '../../ui/PausedSearch.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { PrintHeader } from '../../ui/PrintHeader.tsx';
import { SelectLine } from '../../ui/SelectLine.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { fileName, saveCsv } from '../../util/csv.ts';
import { dateTimeText, millis, startOfDay } from '../../util/time.ts';
import { useNow } from '../../util/clock.ts';
import { HistoryTabs } from './HistoryTabs.tsx';
import { MomentField } from './MomentField.tsx';
import { PastBanner } from './PastBanner.tsx';
import { pastCisQuery } from './queries.ts';
import type { PastSearch } from './search.ts';

/** More is for the API. */
const CSV_PAGES_MAX = 40;

export function PastCisPage() {
  const t = useT();
  const language = useLanguage();
  const words = useWords();
  const search = useSearch({ from: `/app${'/past'}` });
  const navigate = useNavigate({ from: '/past' });
  const set = (change: Partial<PastSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const title = t('history.asOf.title');
  usePageTitle(title);
  const [openedMs] = useState(useNow(60_000));
  const at = search.at ?? toIso(startOfDay(openedMs));
  const list = useInfiniteQuery(pastCisQuery({ ...search, at }));
  const queries = useQueryClient();
  const first = list.data?.pages[0];
  const rows = list.data?.pages.flatMap(({ items }) => items) ?? [];
  const classWord = (name: string) => (isCiClass(name) ? words(CI_CLASSES[name].title) : name);
  const time = dateTimeText(millis(at), language, false);
  const head = ['name', 'class', 'lifecycle', 'site', 'owner'] as const;
  const cellsOf = (ci: (typeof rows)[number]) => [
    ci.name,
    classWord(ci.subclass ?? ci.class),
    valueText('Server', 'lifecycle', ci.lifecycle, t, language),
    ci.site ?? '',
    ci.owner ?? '',
  ];
  const save = async () => {
    const all = await queries.fetchInfiniteQuery({
      ...pastCisQuery({ ...search, at }, LIST_LIMIT_MAX),
      pages: CSV_PAGES_MAX,
    });
    saveCsv(fileName('cmdb', at.slice(0, 16)), [
      head.map((name) => t(`history.asOf.${name}`)),
      ...all.pages.flatMap(({ items }) => items).map(cellsOf),
    ]);
  };
  return (
    <>
      <PrintHeader title={title} purpose={time} source={t('history.print.source')} />
      <h1 className="print:hidden">{title}</h1>
      <HistoryTabs />
      <PastBanner
        at={at}
        back={
          <Link to="/cis" className="font-medium underline">
            {t('history.asOf.now')}
          </Link>
        }
      />
      <div className="no-print mt-3 flex flex-wrap items-center gap-2">
        <MomentField label={t('history.asOf.at')} value={at} onChange={(next) => set({ at: next })} />
        <SelectLine
          label={t('history.asOf.class')}
          value={search.class ?? ''}
          options={[
            { value: '', label: t('history.asOf.allClasses') },
            ...(first?.classes ?? []).map(({ class: name, count }) => ({
              value: name,
              label: `${classWord(name)} (${count})`,
            })),
          ]}
          onChange={(value) => set({ class: value === '' ? undefined : value })}
        />
        <PausedSearch
          label={t('history.asOf.filter')}
          value={search.q}
          onChange={(q) => set({ q })}
          withKey
        />
        <span className="ml-auto">
          <CsvButton save={save} disabled={rows.length === 0} />
        </span>
      </div>
      <section aria-label={title} className="card mt-3 overflow-clip">
        {first === undefined ? (
          list.error ? (
            <div className="px-4">
              <ErrorPanel error={list.error} retry={() => void list.refetch()} />
            </div>
          ) : (
            <SkeletonRows rows={12} />
          )
        ) : rows.length === 0 ? (
          <EmptyState
            action={
              <Link to="/cis" className={buttonClass()}>
                {t('history.asOf.now')}
              </Link>
            }
          >
            {first.keptSince !== null && at < first.keptSince
              ? t('history.asOf.notKept', {
                  time: dateTimeText(millis(first.keptSince), language, false),
                  at: time,
                })
              : t(first.classes.length === 0 ? 'history.asOf.none' : 'history.asOf.noneMatch', { at: time })}
          </EmptyState>
        ) : (
          <>
            <p role="status" className="flex min-h-9 items-center px-4 py-1 text-12 text-text-2">
              {t('history.asOf.count', { count: first.total })}
            </p>
            <PlainTable label={title} head={head.map((id) => ({ id, label: t(`history.asOf.${id}`) }))}>
              {rows.map((ci) => {
                const [name, ...rest] = cellsOf(ci);
                return (
                  <tr key={ci.id}>
                    <td>
                      <Link
                        to="/past/$id"
                        params={{ id: ci.id }}
                        search={{ at }}
                        className="font-medium text-accent hover:underline"
                      >
                        {name}
                      </Link>
                    </td>
                    {rest.map((cell, i) => (
                      <td key={head[i + 1]} className="text-text-2">
                        {cell === '' ? '–' : cell}
                      </td>
                    ))}
                  </tr>
                );
              })}
            </PlainTable>
            <MorePages pages={list} label={t('history.asOf.more')} />
          </>
        )}
      </section>
    </>
  );
}
