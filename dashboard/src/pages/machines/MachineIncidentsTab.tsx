/** Incidents of one machine, open ones first. */
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { isOpen } from '@muster/shared/api/incidents.ts';
import { ciIncidentsQuery } from '../../api/queries.ts';
import { useT } from '../../i18n/i18n.ts';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { PATHS } from '../../util/paths.ts';
import { IncidentList } from '../../parts/IncidentList.tsx';

export function MachineIncidentsTab() {
  const t = useT();
  const { id } = useParams({ from: `/app${PATHS.machine}` });
  const incidents = useQuery(ciIncidentsQuery(id));
  if (incidents.error !== null && incidents.data === undefined) {
    return (
      <Card>
        <ErrorPanel error={incidents.error} retry={() => void incidents.refetch()} />
      </Card>
    );
  }
  if (incidents.data === undefined) return <SkeletonRows rows={4} className="card" />;
  const open = incidents.data.filter(({ state }) => isOpen(state));
  const over = incidents.data.filter(({ state }) => !isOpen(state));
  return (
    <div className="grid gap-4">
      <Card title={t('incidents.group.open')} note={String(open.length)} flush>
        {open.length === 0 ? (
          <EmptyState>{t('machines.noOpenIncidents')}</EmptyState>
        ) : (
          <IncidentList incidents={open} label={t('incidents.group.open')} withoutMachine />
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
