/** Services and applications: how each stands, and how much more may fail. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ServiceSummary } from '@muster/shared/api/relations.ts';
import { CI_CLASSES } from '@muster/shared/cmdb/classes.ts';
import { usePageTitle } from '../../app/title.ts';
import { useT, useWords } from '../../i18n/i18n.ts';
import { buttonClass } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { type Column, DataTable } from '../../ui/DataTable.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { PrintHeader } from '../../ui/PrintHeader.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { ABSENT } from '../../util/quantity.ts';
import { SERVICE_LOOKS } from './looks.ts';
import { Spare } from './Spare.tsx';
import { servicesQuery, suggestionsQuery } from './queries.ts';

export function ServicesPage() {
  const t = useT();
  usePageTitle(t('shell.nav.services'));
  const services = useQuery(servicesQuery);
  const items = services.data?.items;
  const count = (state: ServiceSummary['state']) => items?.filter((item) => item.state === state).length ?? 0;
  return (
    <>
      <PrintHeader
        title={t('shell.nav.services')}
        purpose={t('map.services.purpose')}
        source={t('map.services.source')}
      />
      <h1 className="print:hidden">{t('shell.nav.services')}</h1>
      <p className="mt-1 min-h-5 text-14 text-text-2">
        {items &&
          t('map.services.sentence', {
            total: items.length,
            down: count('down'),
            degraded: count('degraded'),
          })}
      </p>
      <Card className="mt-3" flush>
        {items === undefined ? (
          services.error ? (
            <div className="p-4">
              <ErrorPanel error={services.error} retry={() => void services.refetch()} />
            </div>
          ) : (
            <SkeletonRows rows={6} />
          )
        ) : (
          <ServiceTable items={items} />
        )}
      </Card>
      <Suggestions />
    </>
  );
}

function ServiceTable({ items }: { items: readonly ServiceSummary[] }) {
  const t = useT();
  const words = useWords();
  const name = (item: ServiceSummary) => (
    <Link to="/services/$id" params={{ id: item.id }} className="truncate font-medium hover:text-accent">
      {item.name}
    </Link>
  );
  const columns: Column<ServiceSummary>[] = [
    { id: 'name', header: t('map.column.name'), cell: name, widthPx: 160, grow: 2, priority: 1 },
    {
      id: 'state',
      header: t('map.column.state'),
      cell: ({ state }) => <StatusBadge look={SERVICE_LOOKS[state]} />,
      widthPx: 120,
      priority: 1,
    },
    {
      id: 'because',
      header: t('map.services.because'),
      cell: ({ because }) => (
        <span className="truncate text-12 text-text-2">{because.join(t('ui.listSeparator')) || ABSENT}</span>
      ),
      widthPx: 140,
      grow: 2,
      priority: 3,
    },
    {
      id: 'spare',
      header: t('map.services.spare'),
      cell: ({ spare }) => <Spare spare={spare} />,
      widthPx: 130,
      priority: 2,
    },
    {
      id: 'class',
      header: t('map.column.class'),
      cell: (item) => words(CI_CLASSES[item.class].title),
      widthPx: 120,
      priority: 5,
    },
    {
      id: 'owner',
      header: t('map.services.owner'),
      cell: ({ owner }) => owner ?? ABSENT,
      widthPx: 110,
      priority: 4,
    },
    {
      id: 'criticality',
      header: t('map.services.criticality'),
      cell: ({ criticality }) => criticality,
      align: 'right',
      widthPx: 90,
      priority: 4,
    },
    {
      id: 'users',
      header: t('map.services.users'),
      cell: ({ users }) => users ?? ABSENT,
      align: 'right',
      widthPx: 80,
      priority: 5,
    },
    {
      id: 'incidents',
      header: t('map.services.incidents'),
      cell: ({ openIncidents }) => openIncidents || ABSENT,
      align: 'right',
      widthPx: 90,
      priority: 4,
    },
  ];
  return (
    <DataTable
      label={t('shell.nav.services')}
      rows={items}
      rowId={({ id }) => id}
      columns={columns}
      sort={null}
      sorted
      narrowRow={(item) => (
        <span className="grid min-w-0">
          <span className="flex min-w-0 items-center gap-2">
            {name(item)}
            <StatusBadge look={SERVICE_LOOKS[item.state]} />
          </span>
          <span className="truncate text-12 text-text-3">
            <Spare spare={item.spare} />
          </span>
        </span>
      )}
      empty={
        <EmptyState
          action={
            <Link to="/cis" search={{ class: 'Service' }} className={buttonClass()}>
              {t('map.services.toRecords')}
            </Link>
          }
        >
          {t('map.services.none')}
        </EmptyState>
      }
    />
  );
}

function Suggestions() {
  const t = useT();
  const suggestions = useQuery(suggestionsQuery).data?.items ?? [];
  if (suggestions.length === 0) return null;
  return (
    <Card title={t('map.suggest.title')} className="mt-3">
      <ul className="grid gap-2">
        {suggestions.map(({ server, clients, clientsTotal, ports }) => (
          <li key={server.id} className="flex flex-wrap items-baseline gap-x-3">
            <span>
              {t('map.suggest.line', {
                count: clientsTotal,
                name: server.name,
                clients: clients
                  .slice(0, 3)
                  .map(({ name }) => name)
                  .join(t('ui.listSeparator')),
              })}
            </span>
            {ports.length > 0 && (
              <span className="text-12 text-text-3">{ports.join(t('ui.listSeparator'))}</span>
            )}
            <Link
              to="/map"
              search={{ around: server.id, ci: server.id }}
              className="font-medium text-accent hover:underline"
            >
              {t('map.onMap')}
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}
