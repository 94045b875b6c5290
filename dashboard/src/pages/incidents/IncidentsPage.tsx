/** Incidents by who has to do something: unclaimed, mine, others', on hold, waiting to close. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type IncidentSummary, isOpen } from '@muster/shared/api/incidents.ts';
import { allIncidentsQuery, overviewQuery } from '../../api/queries.ts';
import { useLive } from '../../app/live.ts';
import { useMe } from '../../app/session.ts';
import { usePageTitle } from '../../app/title.ts';
import type { Key as WordKey } from '../../i18n/catalogue.ts';
import { useLanguage, useT, useWords } from '../../i18n/i18n.ts';
import { IncidentList } from '../../parts/IncidentList.tsx';
import { Button, Key } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { SearchField } from '../../ui/Field.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { INCIDENT_VIEWS } from './search.ts';
import { millis, recordTime } from '../../util/time.ts';
import { nowMs } from '../../util/clock.ts';

const GROUPS = ['unclaimed', 'mine', 'others', 'onHold', 'waiting', 'over'] as const;
type Group = (typeof GROUPS)[number];

const GROUP_WORDS = {
  unclaimed: 'incidents.group.unclaimed',
  mine: 'incidents.group.mine',
  others: 'incidents.group.others',
  onHold: 'incidents.group.onHold',
  waiting: 'incidents.group.waiting',
  over: 'incidents.group.over',
} as const satisfies Record<Group, WordKey>;

export function IncidentsPage() {
  const t = useT();
  const words = useWords();
  usePageTitle(t('shell.nav.incidents'));
  const me = useMe();
  const { view = 'open', q = '' } = useSearch({ from: `/app${'/incidents'}` });
  const navigate = useNavigate({ from: '/incidents' });
  const incidents = useQuery(allIncidentsQuery);
  useLiveIncidents();
  const needle = q.trim().toLowerCase();
  const found = (incidents.data ?? []).filter(
    (incident) =>
      (view !== 'mine' || incident.assignee === me?.name) &&
      `${incident.ref} ${words(incident.title)} ${incident.ci?.name ?? ''} ${incident.assignee ?? ''}`
        .toLowerCase()
        .includes(needle),
  );
  const groups = GROUPS.map((group) => ({
    group,
    items: found.filter((each) => groupOf(each, me?.name) === group).sort(byPriority),
  })).filter(({ group, items }) => items.length > 0 && (view !== 'open' || group !== 'over'));
  const set = (change: { view?: typeof view; q?: string }) =>
    void navigate({
      search: (before) => {
        const next = { ...before, ...change };
        return { view: next.view === 'open' ? undefined : next.view, q: next.q === '' ? undefined : next.q };
      },
      replace: true,
    });
  return (
    <>
      <h1>{t('shell.nav.incidents')}</h1>
      <div className="mt-3 flex flex-wrap items-center gap-3">
        <Segmented
          label={t('incidents.view')}
          value={view}
          options={INCIDENT_VIEWS.map((value) => ({ value, label: t(`incidents.views.${value}`) }))}
          onChange={(next) => set({ view: next })}
        />
        <SearchField
          label={t('ui.filter')}
          value={q}
          onChange={(next) => set({ q: next })}
          shortcut={<Key>/</Key>}
        />
      </div>
      <div className="mt-4 grid gap-4">
        {incidents.data ? (
          groups.length === 0 ? (
            <Card>
              {needle === '' ? (
                <NothingOpen />
              ) : (
                <EmptyState action={<Button onClick={() => set({ q: '' })}>{t('ui.clearFilters')}</Button>}>
                  {t('incidents.noneMatch', { text: q })}
                </EmptyState>
              )}
            </Card>
          ) : (
            groups.map(({ group, items }) => (
              <Card key={group} title={t(GROUP_WORDS[group])} note={String(items.length)} flush>
                <IncidentList incidents={items} label={t(GROUP_WORDS[group])} />
              </Card>
            ))
          )
        ) : incidents.error ? (
          <Card>
            <ErrorPanel error={incidents.error} retry={() => void incidents.refetch()} />
          </Card>
        ) : (
          <SkeletonRows rows={6} className="card" />
        )}
      </div>
    </>
  );
}

/** An incident that changes anywhere changes here; one that is new is read with the list. */
function useLiveIncidents(): void {
  const queries = useQueryClient();
  useLive({ name: 'incidents' }, (message) => {
    if (message.type !== 'incident') return;
    const { incident } = message;
    const known = queries.getQueryData(allIncidentsQuery.queryKey)?.some((each) => each.id === incident.id);
    if (!known) {
      void queries.invalidateQueries({ queryKey: ['incidents'] });
      return;
    }
    queries.setQueryData(allIncidentsQuery.queryKey, (before) =>
      before?.map((each) => (each.id === incident.id ? incident : each)),
    );
  });
}

function groupOf(incident: IncidentSummary, me: string | undefined): Group {
  if (incident.state === 'resolved' || incident.state === 'restored') return 'waiting';
  if (!isOpen(incident.state)) return 'over';
  if (incident.state === 'on_hold') return 'onHold';
  if (incident.assignee === null) return 'unclaimed';
  return incident.assignee === me ? 'mine' : 'others';
}

function byPriority(a: IncidentSummary, b: IncidentSummary): number {
  if (!isOpen(a.state) && !isOpen(b.state)) return b.openedAt.localeCompare(a.openedAt);
  return a.priority - b.priority || a.sla.restoreBy.localeCompare(b.sla.restoreBy);
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
