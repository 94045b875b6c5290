/** Every change of the CMDB or of one item, newest first, those of one report together. */
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { ATTRIBUTE_SOURCES } from '@muster/shared/api/cmdb.ts';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import type { ChangeEntry } from '@muster/shared/api/history.ts';
import { CI_CLASSES } from '@muster/shared/cmdb/classes.ts';
import { ciQuery } from '../../api/queries.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import {
  actorWord,
  changedClass,
  changeIcon,
  changeRuns,
  changeTitle,
  runTitle,
} from '../../parts/changes.ts';
import { Button } from '../../ui/Button.tsx';
import { CsvButton } from '../../ui/CsvButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { MorePages } from '../../ui/MorePages.tsx';
import { PausedSearch } from '../../ui/PausedSearch.tsx';
import { PrintHeader } from '../../ui/PrintHeader.tsx';
import { SelectLine } from '../../ui/SelectLine.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { saveCsv } from '../../util/csv.ts';
import { dateTimeText, millis } from '../../util/time.ts';
import { HistoryTabs } from './HistoryTabs.tsx';
import { MomentField } from './MomentField.tsx';
import { feedQuery } from './queries.ts';
import { FEED_KINDS, type FeedSearch } from './search.ts';

const CSV_PAGES_MAX = 40;

export function FeedPage() {
  const t = useT();
  const language = useLanguage();
  const search = useSearch({ from: `/app${'/history'}` });
  const navigate = useNavigate({ from: '/history' });
  const set = (change: Partial<FeedSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const title = t('shell.nav.history');
  usePageTitle(title);
  const feed = useInfiniteQuery(feedQuery(search));
  const entries = useMemo(() => feed.data?.pages.flatMap(({ items }) => items), [feed.data]);
  const groups = useMemo(() => grouped(entries ?? []), [entries]);
  const queries = useQueryClient();
  const filtered = Object.values(search).some((value) => value !== undefined);
  const save = async () => {
    const all = await queries.fetchInfiniteQuery({
      ...feedQuery(search, LIST_LIMIT_MAX),
      pages: CSV_PAGES_MAX,
    });
    saveCsv(
      'changes',
      all.pages
        .flatMap(({ items }) => items)
        .map((entry) => [
          entry.at,
          entry.machineName,
          changeTitle(entry, t, language),
          changedClass(entry, t, language),
          actorWord(entry.actor, t),
        ]),
    );
  };
  return (
    <>
      <PrintHeader title={title} purpose={t('history.print.purpose')} source={t('history.print.source')} />
      <h1 className="print:hidden">{title}</h1>
      <HistoryTabs />
      <div className="no-print mt-3 flex flex-wrap items-center gap-2">
        <span className="flex w-full tablet:w-60">
          <PausedSearch
            label={t('history.feed.filter')}
            value={search.q}
            onChange={(q) => set({ q })}
            withKey
          />
        </span>
        <Choices search={search} set={set} />
        <MomentField label={t('history.feed.from')} value={search.from} onChange={(from) => set({ from })} />
        <MomentField label={t('history.feed.to')} value={search.to} onChange={(to) => set({ to })} />
        {search.ciId !== undefined && <OneCi id={search.ciId} clear={() => set({ ciId: undefined })} />}
        {filtered && (
          <Button look="quiet" onClick={() => void navigate({ search: {}, replace: true })}>
            {t('ui.clearFilters')}
          </Button>
        )}
        <span className="ml-auto">
          <CsvButton save={save} disabled={groups.length === 0} />
        </span>
      </div>
      <section aria-label={title} className="card mt-3 overflow-clip">
        {entries === undefined ? (
          feed.error ? (
            <div className="px-4">
              <ErrorPanel error={feed.error} retry={() => void feed.refetch()} />
            </div>
          ) : (
            <SkeletonRows rows={12} />
          )
        ) : groups.length === 0 ? (
          <EmptyState>{t(filtered ? 'history.feed.noneMatch' : 'history.feed.none')}</EmptyState>
        ) : (
          <>
            <ul>
              {groups.map((group) => (
                <Group key={group[0]?.id} entries={group} />
              ))}
            </ul>
            <MorePages pages={feed} label={t('history.feed.older')} />
          </>
        )}
      </section>
    </>
  );
}

/** What one report or one person changed of one item at one moment. */
function grouped(entries: readonly ChangeEntry[]): ChangeEntry[][] {
  const groups: ChangeEntry[][] = [];
  for (const entry of entries) {
    const [last] = groups.at(-1) ?? [];
    if (last && last.at === entry.at && last.machineId === entry.machineId && last.actor === entry.actor)
      groups.at(-1)?.push(entry);
    else groups.push([entry]);
  }
  return groups;
}

function Group({ entries }: { entries: readonly ChangeEntry[] }) {
  const t = useT();
  const language = useLanguage();
  const [first] = entries;
  if (first === undefined) return null;
  const restored = /^restored (.+)$/.exec(first.causeId ?? '')?.[1];
  return (
    // A long feed is drawn where it is looked at.
    <li className="border-t border-line px-4 py-2 [contain-intrinsic-size:auto_56px] [content-visibility:auto] first:border-t-0">
      <p className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5">
        <Link
          to="/cis/$id"
          params={{ id: first.machineId }}
          className="font-medium text-accent hover:underline"
        >
          {first.machineName}
        </Link>
        <span className="text-12 text-text-2">
          {t('history.feed.group', { who: actorWord(first.actor, t), count: entries.length })}
        </span>
        <time dateTime={first.at} className="ml-auto text-12 text-text-3">
          {dateTimeText(millis(first.at), language)}
        </time>
      </p>
      <ul className="mt-1 grid gap-0.5">
        {changeRuns(entries).map(([entry, ...others]) => (
          <li key={entry.id} className="grid grid-cols-[16px_minmax(0,1fr)] items-start gap-x-2">
            <Icon name={changeIcon(entry)} className="mt-0.5 text-text-3" />
            <span className="min-w-0 break-words">
              {runTitle([entry, ...others], t, language)}{' '}
              <span className="text-12 text-text-3">{changedClass(entry, t, language)}</span>
            </span>
          </li>
        ))}
      </ul>
      {first.causeId && (
        <p className="mt-1 text-12 text-text-3">
          {restored
            ? t('history.feed.restored', { time: dateTimeText(millis(restored), language, false) })
            : t('history.feed.cause', { cause: first.causeId })}
        </p>
      )}
    </li>
  );
}

function OneCi({ id, clear }: { id: string; clear: () => void }) {
  const t = useT();
  const ci = useQuery(ciQuery(id));
  return (
    <Button onClick={clear} aria-label={t('history.feed.all')}>
      {t('history.feed.oneCi', { name: ci.data?.name ?? id })}
      <Icon name="close" size={14} />
    </Button>
  );
}

function Choices({ search, set }: { search: FeedSearch; set: (change: Partial<FeedSearch>) => void }) {
  const t = useT();
  const words = useWords();
  const any = { value: '', label: t('ui.any') };
  const chosen = (value: string) => (value === '' ? undefined : value);
  return (
    <>
      <SelectLine
        label={t('history.feed.kind')}
        value={search.kind ?? ''}
        options={[any, ...FEED_KINDS.map((value) => ({ value, label: t(`history.feed.kinds.${value}`) }))]}
        onChange={(value) => set({ kind: FEED_KINDS.find((kind) => kind === value) })}
      />
      <SelectLine
        label={t('history.feed.source')}
        value={search.source ?? ''}
        options={[
          any,
          ...([...ATTRIBUTE_SOURCES, 'system'] as const).map((value) => ({
            value,
            label: t(`history.source.${value}`),
          })),
        ]}
        onChange={(value) =>
          set({ source: ([...ATTRIBUTE_SOURCES, 'system'] as const).find((each) => each === value) })
        }
      />
      <SelectLine
        label={t('history.feed.class')}
        value={search.class ?? ''}
        options={[
          any,
          { value: 'Software', label: t('history.feed.software') },
          ...Object.entries(CI_CLASSES).map(([value, { title }]) => ({ value, label: words(title) })),
        ]}
        onChange={(value) => set({ class: chosen(value) })}
      />
      <SelectLine
        label={t('history.feed.attribute')}
        value={search.attribute ?? ''}
        options={[
          any,
          { value: 'software', label: t('history.feed.software') },
          { value: 'relation', label: t('history.feed.relation') },
        ]}
        onChange={(value) => set({ attribute: chosen(value) })}
      />
      <span className="flex w-full tablet:w-40">
        <PausedSearch
          label={t('history.feed.actor')}
          value={search.actor}
          onChange={(actor) => set({ actor })}
        />
      </span>
    </>
  );
}
