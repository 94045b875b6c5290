/** Incidents of one machine: the open ones, then what is over, and how often it came lately. */
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { type IncidentSummary, isOpen } from '@muster/shared/api/incidents.ts';
import { DAY_MS } from '@muster/shared/time.ts';
import { ciIncidentsQuery } from '../../api/queries.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { IncidentList } from '../../parts/IncidentList.tsx';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { useNow } from '../../util/clock.ts';
import { millis, recordTime } from '../../util/time.ts';

const RECENT_MS = 30 * DAY_MS;

export function MachineIncidentsTab() {
  const t = useT();
  const language = useLanguage();
  const { id } = useParams({ from: `/app${'/machines/$id'}` });
  const incidents = useQuery(ciIncidentsQuery(id));
  const now = useNow(60_000);
  if (incidents.data === undefined) {
    return (
      <Card title={t('incidents.group.open')} flush>
        {incidents.error ? (
          <div className="px-4">
            <ErrorPanel error={incidents.error} retry={() => void incidents.refetch()} />
          </div>
        ) : (
          <SkeletonRows rows={4} />
        )}
      </Card>
    );
  }
  if (incidents.data.length === 0) {
    return (
      <Card>
        <EmptyState>{t('machines.incidentsTab.never')}</EmptyState>
      </Card>
    );
  }
  const open = incidents.data.filter(({ state }) => isOpen(state));
  const over = incidents.data.filter(({ state }) => !isOpen(state));
  const recent = incidents.data.filter(({ openedAt }) => now - millis(openedAt) < RECENT_MS).length;
  const lastOverMs = Math.max(0, ...over.map(overAt));
  return (
    <div className="grid gap-4">
      <Card
        title={t('incidents.group.open')}
        note={open.length > 0 && String(open.length)}
        action={<span className="text-text-3">{t('machines.incidentsTab.recent', { count: recent })}</span>}
        flush
      >
        {open.length > 0 ? (
          <IncidentList incidents={open} label={t('incidents.group.open')} withoutMachine withWhy />
        ) : (
          <EmptyState>
            {lastOverMs === 0
              ? t('machines.incidentsTab.noneOpen')
              : t('machines.incidentsTab.noneOpenLast', { time: recordTime(lastOverMs, now, language) })}
          </EmptyState>
        )}
      </Card>
      {over.length > 0 && (
        <Card title={t('incidents.group.over')} note={String(over.length)} flush>
          <IncidentList incidents={over} label={t('incidents.group.over')} withoutMachine />
        </Card>
      )}
    </div>
  );
}

/** When it was restored or resolved; 0 where it was cancelled without either. */
function overAt({ sla, resolvedAt }: IncidentSummary): number {
  return millis(sla.restoredAt ?? resolvedAt) ?? 0;
}
