/** Every change of a configuration item, newest first, page by page; of a machine with or without its parts. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { CiDetail, HistoryEntry } from '@muster/shared/api/cmdb.ts';
import { isMachineClass } from '@muster/shared/cmdb/classes.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import {
  actorWord,
  changedClass,
  changeIcon,
  changeRuns,
  changeTitle,
  runTitle,
} from '../../parts/changes.ts';
import { Key } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { CheckField, SearchField } from '../../ui/Field.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { MorePages } from '../../ui/MorePages.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { dateTimeText, millis } from '../../util/time.ts';
import { ciHistoryQuery } from './queries.ts';

export function HistoryTab({ ci }: { ci: CiDetail }) {
  const t = useT();
  const language = useLanguage();
  const { q = '', parts } = useSearch({ from: `/app${'/cis/$id'}` });
  const navigate = useNavigate({ from: '/cis/$id' });
  const set = (change: { q?: string | undefined; parts?: 'yes' | undefined }) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const history = useInfiniteQuery(ciHistoryQuery(ci.id, parts === 'yes'));
  const entries = useMemo(() => history.data?.pages.flatMap(({ items }) => items), [history.data]);
  const needle = q.trim().toLowerCase();
  const shown = useMemo(
    () => entries?.filter((entry) => searchText(entry, t, language).includes(needle)),
    [entries, needle, t, language],
  );
  return (
    <section aria-label={t('cmdb.tab.history')} className="card overflow-clip">
      <div className="no-print flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-2.5">
        <div className="flex w-full tablet:w-60">
          <SearchField
            label={t('machines.changes.filter')}
            value={q}
            onChange={(text) => set({ q: text === '' ? undefined : text })}
            shortcut={<Key>/</Key>}
          />
        </div>
        {isMachineClass(ci.class) && (
          <CheckField
            label={t('cmdb.withParts')}
            checked={parts === 'yes'}
            onChange={(event) => set({ parts: event.target.checked ? 'yes' : undefined })}
          />
        )}
        <span role="status" className="ml-auto text-12 text-text-3">
          {shown && t('cmdb.changes', { count: shown.length })}
        </span>
      </div>
      {shown === undefined ? (
        history.error ? (
          <div className="px-4">
            <ErrorPanel error={history.error} retry={() => void history.refetch()} />
          </div>
        ) : (
          <SkeletonRows rows={8} />
        )
      ) : (
        <>
          {shown.length === 0 ? (
            <EmptyState>{t(needle === '' ? 'cmdb.changesNone' : 'cmdb.changesNoneMatch')}</EmptyState>
          ) : (
            <ul>
              {changeRuns(shown).map((run) => (
                <Row key={run[0].id} run={run} />
              ))}
            </ul>
          )}
          <MorePages pages={history} label={t('cmdb.olderChanges')} />
        </>
      )}
    </section>
  );
}

function Row({ run }: { run: [HistoryEntry, ...HistoryEntry[]] }) {
  const t = useT();
  const language = useLanguage();
  const [entry] = run;
  return (
    <li className="grid grid-cols-[16px_minmax(0,1fr)] items-start gap-x-3 gap-y-0.5 border-t border-line px-4 py-2 tablet:grid-cols-[150px_16px_minmax(0,1fr)_auto]">
      <time
        dateTime={entry.at}
        className="text-text-3 max-tablet:col-start-2 max-tablet:row-start-2 max-tablet:text-12"
      >
        {dateTimeText(millis(entry.at), language)}
      </time>
      <Icon name={changeIcon(entry)} className="mt-0.5 text-text-3 max-tablet:row-start-1" />
      <span className="min-w-0 break-words max-tablet:row-start-1">
        {runTitle(run, t, language)}
        <span className="ml-2 text-12 text-text-3">{changedClass(entry, t, language)}</span>
      </span>
      <span className="text-12 text-text-2 max-tablet:col-start-2">{actorWord(entry.actor, t)}</span>
    </li>
  );
}

function searchText(
  entry: HistoryEntry,
  t: ReturnType<typeof useT>,
  language: ReturnType<typeof useLanguage>,
): string {
  return [
    changeTitle(entry, t, language),
    changedClass(entry, t, language),
    entry.ciName,
    actorWord(entry.actor, t),
  ]
    .join(' ')
    .toLowerCase();
}
