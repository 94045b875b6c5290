/** What changed on the machine and its parts: one row for each real change, by day, newest first. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { HistoryEntry } from '@muster/shared/api/cmdb.ts';
import { isMachineClass } from '@muster/shared/cmdb/classes.ts';
import { invariant } from '@muster/shared/invariant.ts';
import { DAY_MS } from '@muster/shared/time.ts';
import { ciQuery, historyPagesQuery } from '../../api/queries.ts';
import type { Key as Word } from '../../i18n/catalogue.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import {
  actorWord,
  changedClass,
  changeIcon,
  changeRuns,
  changeTitle,
  collectionTitle,
  runWords,
  thingTitle,
} from '../../parts/changes.ts';
import { valueText, valueTitle } from '../../parts/valueWords.ts';
import { Button, Key } from '../../ui/Button.tsx';
import { DateLine } from '../../ui/DateLine.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel, useErrorWords } from '../../ui/ErrorPanel.tsx';
import { SearchField } from '../../ui/Field.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { say } from '../../ui/Toast.tsx';
import { useNow } from '../../util/clock.ts';
import { fileName, saveCsv } from '../../util/csv.ts';
import {
  byDay,
  clockTime,
  dateText,
  dateTimeText,
  millis,
  sameDay,
  startOfDay,
  zoneText,
} from '../../util/time.ts';
import { dayField, endOfDay } from './months.ts';
import { readChanges, ThenCard } from './ThenCard.tsx';

export function ChangesTab() {
  const t = useT();
  const language = useLanguage();
  const { id } = useParams({ from: `/app${'/machines/$id'}` });
  const { q = '', at } = useSearch({ from: `/app${'/machines/$id/changes'}` });
  const ci = useQuery(ciQuery(id)).data;
  invariant(ci, 'the page shows the tab once the machine is read');
  const navigate = useNavigate({ from: '/machines/$id/changes' });
  const history = useInfiniteQuery(historyPagesQuery(id));
  const now = useNow(60_000);
  const entries = useMemo(() => history.data?.pages.flatMap(({ items }) => items), [history.data]);
  const needle = q.trim().toLowerCase();
  const shown = useMemo(
    () =>
      (entries ?? []).filter((entry) =>
        `${changeTitle(entry, t, language)} ${changedClass(entry, t, language)} ${entry.ciName} ${actorWord(entry.actor, t)}`
          .toLowerCase()
          .includes(needle),
      ),
    [entries, needle, t, language],
  );
  const set = (next: string) =>
    void navigate({
      search: (before) => ({ ...before, q: next === '' ? undefined : next }),
      replace: true,
    });
  const setAt = (next: string) =>
    void navigate({
      search: (before) => ({ ...before, at: next === '' ? undefined : next }),
      replace: true,
    });
  const total = entries?.length ?? 0;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      {at !== undefined && (
        <ThenCard ciId={id} bornMs={millis(ci.createdAt)} atMs={endOfDay(at)} nowMs={now} />
      )}
      <section className="card overflow-clip" aria-label={t('machines.tab.changes')}>
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-2.5">
          <span className="no-print flex min-w-0 grow basis-full tablet:max-w-60 tablet:basis-0">
            <SearchField
              label={t('machines.changes.filter')}
              value={q}
              onChange={set}
              shortcut={<Key>/</Key>}
            />
          </span>
          <DateLine
            label={t('machines.then.asOf')}
            type="date"
            value={at ?? ''}
            max={dayField(now)}
            onChange={setAt}
          />
          {at !== undefined && (
            <Button size="small" icon="close" onClick={() => setAt('')}>
              {t('machines.then.now')}
            </Button>
          )}
          <CsvButton id={id} name={ci.name} />
          <span className="ml-auto flex flex-wrap gap-x-3 text-12 text-text-3">
            <span>{t('machines.timesIn', { zone: zoneText(now) })}</span>
            <span role="status" className="text-text-2">
              {entries &&
                (needle !== ''
                  ? t('machines.changes.countOf', { shown: shown.length, total })
                  : t(history.hasNextPage ? 'machines.changes.countMore' : 'machines.changes.count', {
                      count: total,
                    }))}
            </span>
          </span>
        </div>
        {entries ? (
          <>
            {shown.length === 0 ? (
              <Nothing text={q.trim()} total={total} more={history.hasNextPage} clear={() => set('')} />
            ) : (
              byDay(shown, ({ at: time }) => millis(time)).map(([dayMs, ofDay]) => (
                <div key={dayMs}>
                  <h2 className="sticky top-(--topbar) z-1 flex gap-2 border-y border-line bg-canvas px-4 py-1.5 text-12 leading-5 font-medium text-text-2">
                    {dayTitle(dayMs, now, t, language)}
                  </h2>
                  <ul className="[&>li+li]:border-t [&>li+li]:border-line">
                    {changeRuns(ofDay).map((run) => (
                      <Row key={run[0].id} run={run} />
                    ))}
                  </ul>
                </div>
              ))
            )}
            {history.error && (
              <div className="border-t border-line px-4">
                <ErrorPanel error={history.error} retry={() => void history.fetchNextPage()} />
              </div>
            )}
            {history.hasNextPage && !history.error && (
              <div className="flex justify-center border-t border-line p-3">
                <Button disabled={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
                  {t(history.isFetchingNextPage ? 'machines.changes.loading' : 'machines.changes.more')}
                </Button>
              </div>
            )}
          </>
        ) : history.error ? (
          <div className="px-4">
            <ErrorPanel error={history.error} retry={() => void history.refetch()} />
          </div>
        ) : (
          <SkeletonRows rows={8} />
        )}
      </section>
    </div>
  );
}

/** All changes there are, not only those read so far. */
function CsvButton({ id, name }: { id: string; name: string }) {
  const t = useT();
  const language = useLanguage();
  const words = useErrorWords();
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      const { entries, whole } = await readChanges(id, null);
      saveCsv(fileName(name, t('machines.tab.changes')), [
        ['time', 'class', 'name', 'kind', 'attribute', 'before', 'after', 'source', 'actor'],
        ...entries.map((entry) => [
          entry.at,
          changedClass(entry, t, language),
          entry.ciName,
          entry.kind,
          entry.attribute,
          rawText(entry.before),
          rawText(entry.after),
          entry.source,
          entry.actor,
        ]),
      ]);
      if (!whole) say(t('machines.changes.csvCut', { count: entries.length }));
    } catch (error) {
      say(words(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button size="small" className="no-print" disabled={busy} onClick={() => void save()}>
      {t(busy ? 'machines.changes.loading' : 'machines.saveCsv')}
    </Button>
  );
}

/** Values as they are recorded; lists as JSON, so that they can be read back. */
function rawText(value: unknown): string | number | null {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value);
}

function Nothing({
  text,
  total,
  more,
  clear,
}: {
  text: string;
  total: number;
  more: boolean;
  clear: () => void;
}) {
  const t = useT();
  if (text === '') return <EmptyState>{t('machines.changes.none')}</EmptyState>;
  return (
    <EmptyState action={<Button onClick={clear}>{t('ui.clearFilters')}</Button>}>
      {more
        ? t('machines.changes.noneMatchMore', { text, count: total })
        : t('machines.changes.noneMatch', { text })}
    </EmptyState>
  );
}

function Row({ run }: { run: [HistoryEntry, ...HistoryEntry[]] }) {
  const t = useT();
  const language = useLanguage();
  const [entry] = run;
  const atMs = millis(entry.at);
  const many = runWords(run, t);
  const { thing, about } = subject(entry, t, language);
  const byPerson = !entry.actor.startsWith('agent') && entry.source === 'human';
  return (
    <li className="grid grid-cols-[44px_16px_minmax(0,1fr)] items-start gap-x-3 gap-y-1 px-4 py-2 tablet:grid-cols-[44px_16px_minmax(0,5fr)_minmax(0,6fr)_minmax(96px,auto)]">
      <time dateTime={entry.at} title={dateTimeText(atMs, language)} className="text-text-3">
        {clockTime(atMs)}
      </time>
      <Icon name={changeIcon(entry)} className="mt-0.5 text-text-3" />
      <span className="min-w-0">
        <span className="font-medium break-words">{many?.things ?? thing}</span>{' '}
        {many === null ? (
          <span className="text-12 text-text-3">{about}</span>
        ) : (
          <details className="text-12 text-text-2">
            <summary className="cursor-pointer">{many.names}</summary>
            <p className="mt-1 break-words">
              {run.map((each) => thingTitle(each, t)).join(t('ui.listSeparator'))}
            </p>
          </details>
        )}
      </span>
      <span className="min-w-0 break-words max-tablet:col-start-3">
        <What entry={entry} isMany={many !== null} />
      </span>
      <span className="flex items-center gap-1.5 text-12 text-text-2 max-tablet:col-start-3 tablet:justify-end">
        <Icon
          name={byPerson ? 'user' : entry.source === 'agent' ? 'agent' : 'gear'}
          size={14}
          className="text-text-3"
        />
        <span aria-hidden="true">{actorWord(entry.actor, t)}</span>
        <span className="sr-only">{t('machines.changes.by', { actor: actorWord(entry.actor, t) })}</span>
      </span>
    </li>
  );
}

/** What changed: of a part its name, of the machine itself the attribute. */
function subject(
  entry: HistoryEntry,
  t: ReturnType<typeof useT>,
  language: ReturnType<typeof useLanguage>,
): { thing: string; about: string } {
  const collection = collectionTitle(entry, t, language);
  if (collection !== null) return { thing: collection, about: '' };
  const thing = thingTitle(entry, t);
  if (thing !== null) return { thing, about: '' };
  const ciClass = changedClass(entry, t, language);
  const attribute =
    entry.attribute === null || (entry.ciClass === 'Software' && entry.attribute === 'version')
      ? null
      : valueTitle(entry.ciClass, entry.attribute, t, language);
  if (entry.kind === 'changed' && attribute !== null && isMachineClass(entry.ciClass))
    return { thing: attribute, about: '' };
  return {
    thing: entry.ciName,
    about: attribute === null || entry.kind !== 'changed' ? ciClass : `${ciClass} · ${attribute}`,
  };
}

const KIND_WORDS = {
  created: 'machines.changes.kind.created',
  removed: 'machines.changes.kind.removed',
  returned: 'machines.changes.kind.returned',
  merged: 'machines.changes.kind.merged',
  split: 'machines.changes.kind.split',
  'relation-added': 'machines.changes.kind.relationAdded',
  'relation-ended': 'machines.changes.kind.relationEnded',
} as const satisfies Record<Exclude<HistoryEntry['kind'], 'changed'>, Word>;

/** Before → after, entries of a list that came and went, or what happened as a whole. */
function What({ entry, isMany }: { entry: HistoryEntry; isMany: boolean }) {
  const t = useT();
  const language = useLanguage();
  const text = (value: unknown) => valueText(entry.ciClass, entry.attribute ?? '', value, t, language);
  if (collectionTitle(entry, t, language) !== null) return null;
  if (isMany && entry.kind === 'changed') return t('machines.changes.kind.changed');
  if (entry.kind !== 'changed') {
    const value = entry.kind === 'removed' ? entry.before : entry.after;
    const shown = !isMany && isShort(value) && value !== entry.ciName ? text(value) : null;
    return (
      <span className="flex flex-wrap items-baseline gap-x-2">
        <span
          className={
            entry.kind === 'removed' || entry.kind === 'relation-ended' ? 'text-text-2' : 'font-medium'
          }
        >
          {t(KIND_WORDS[entry.kind])}
        </span>
        {shown !== null && <span className="text-text-2">{shown}</span>}
      </span>
    );
  }
  if (Array.isArray(entry.before) && Array.isArray(entry.after))
    return <ListDifference before={entry.before.map(text)} after={entry.after.map(text)} />;
  return (
    <span className="flex flex-wrap items-baseline gap-x-2">
      <span className="text-text-2">
        {isNothing(entry.before) ? t('machines.changes.nothing') : text(entry.before)}
      </span>
      <span aria-hidden="true" className="text-text-3">
        →
      </span>
      <span className="sr-only">{t('machines.changes.to')}</span>
      <span className="font-medium">
        {isNothing(entry.after) ? t('machines.changes.nothing') : text(entry.after)}
      </span>
    </span>
  );
}

function ListDifference({ before, after }: { before: readonly string[]; after: readonly string[] }) {
  const t = useT();
  const lines = [
    ...after.filter((each) => !before.includes(each)).map((each) => ({ each, sign: '+' as const })),
    ...before.filter((each) => !after.includes(each)).map((each) => ({ each, sign: '−' as const })),
  ];
  // Only the order changed: the whole lists say it.
  if (lines.length === 0)
    return `${before.join(t('ui.listSeparator'))} → ${after.join(t('ui.listSeparator'))}`;
  return (
    <ul>
      {lines.map(({ each, sign }) => (
        <li key={sign + each} className={sign === '+' ? 'font-medium' : 'text-text-2'}>
          <span aria-hidden="true" className="inline-block w-4 text-text-3">
            {sign}
          </span>
          <span className="sr-only">
            {t(sign === '+' ? 'machines.changes.added' : 'machines.changes.dropped')}{' '}
          </span>
          {each}
        </li>
      ))}
    </ul>
  );
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined || value === '';
}

function isShort(value: unknown): boolean {
  return (typeof value === 'string' && value !== '') || typeof value === 'number';
}

function dayTitle(
  dayMs: number,
  nowMs: number,
  t: ReturnType<typeof useT>,
  language: ReturnType<typeof useLanguage>,
): string {
  const date = dateText(dayMs, language);
  if (sameDay(dayMs, nowMs)) return t('machines.changes.today', { date });
  // Noon of the day before, so that a change of the clocks moves nothing.
  if (sameDay(dayMs, startOfDay(nowMs) - DAY_MS / 2)) return t('machines.changes.yesterday', { date });
  return date;
}
