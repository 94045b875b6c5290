/** What changed on the machine and its parts: one row for each real change, by day. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import type { HistoryEntry } from '@muster/shared/api/cmdb.ts';
import { historyQuery } from '../../api/queries.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Button, Key } from '../../ui/Button.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { SearchField } from '../../ui/Field.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { useNow } from '../../util/clock.ts';
import { PATHS } from '../../util/paths.ts';
import { clockTime, dateText, millis, sameDay, startOfDay, zoneText } from '../../util/time.ts';
import { actorWord, changedClass, changeIcon, changeTitle } from '../../parts/changes.ts';

export function ChangesTab() {
  const t = useT();
  const language = useLanguage();
  const { id } = useParams({ from: `/app${PATHS.machine}` });
  const { q = '' } = useSearch({ from: `/app${PATHS.machineChanges}` });
  const navigate = useNavigate({ from: PATHS.machineChanges });
  const changes = useQuery(historyQuery(id));
  const now = useNow(60_000);
  const needle = q.toLowerCase();
  const shown = (changes.data ?? []).filter((entry) =>
    `${changeTitle(entry, t, language)} ${changedClass(entry, t, language)} ${entry.actor}`
      .toLowerCase()
      .includes(needle),
  );
  const set = (next: string) =>
    void navigate({ search: { q: next === '' ? undefined : next }, replace: true });
  return (
    <section className="card" aria-label={t('machines.tab.changes')}>
      <div className="flex flex-wrap items-center gap-3 px-4 py-2.5">
        <SearchField label={t('ui.filter')} value={q} onChange={set} shortcut={<Key>/</Key>} />
        <span className="ml-auto text-12 text-text-3">{t('machines.timesIn', { zone: zoneText(now) })}</span>
      </div>
      {changes.data ? (
        shown.length === 0 ? (
          <EmptyState
            {...(needle === ''
              ? {}
              : { action: <Button onClick={() => set('')}>{t('ui.clearFilters')}</Button> })}
          >
            {t(needle === '' ? 'machines.noChanges' : 'machines.changesNoneMatch')}
          </EmptyState>
        ) : (
          byDay(shown).map(([dayMs, entries]) => (
            <div key={dayMs}>
              <h2 className="border-t border-line bg-canvas px-4 py-1.5 text-12 font-medium text-text-2">
                {sameDay(dayMs, now)
                  ? t('machines.today', { date: dateText(dayMs, language) })
                  : dateText(dayMs, language)}
              </h2>
              <ul>
                {entries.map((entry) => (
                  <Row key={entry.id} entry={entry} />
                ))}
              </ul>
            </div>
          ))
        )
      ) : changes.error ? (
        <div className="px-4">
          <ErrorPanel error={changes.error} retry={() => void changes.refetch()} />
        </div>
      ) : (
        <SkeletonRows rows={8} />
      )}
    </section>
  );
}

function Row({ entry }: { entry: HistoryEntry }) {
  const t = useT();
  const language = useLanguage();
  return (
    <li className="flex items-baseline gap-3 border-t border-line px-4 py-2">
      <time dateTime={entry.at} className="w-11 flex-none text-text-3">
        {clockTime(millis(entry.at))}
      </time>
      <Icon name={changeIcon(entry)} className="self-center text-text-3" />
      <span className="min-w-0 flex-1 break-words">{changeTitle(entry, t, language)}</span>
      <span className="flex-none text-right text-12 text-text-3">
        <span className="max-tablet:hidden">{changedClass(entry, t, language)} · </span>
        {actorWord(entry.actor, t)}
      </span>
    </li>
  );
}

function byDay(entries: readonly HistoryEntry[]): [number, HistoryEntry[]][] {
  const days = new Map<number, HistoryEntry[]>();
  for (const entry of entries) {
    const dayMs = startOfDay(millis(entry.at));
    const day = days.get(dayMs);
    if (day) day.push(entry);
    else days.set(dayMs, [entry]);
  }
  return [...days];
}
