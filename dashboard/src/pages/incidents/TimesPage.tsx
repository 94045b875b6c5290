/** How long incidents took, month by month: to be noticed and to be restored. */
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { IncidentTimesRow } from '@muster/shared/api/incidents.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';
import { usePageTitle } from '../../app/title.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { ABSENT } from '../../util/quantity.ts';
import { wholeSpanText } from '../../util/time.ts';

const MONTHS = 12;
const BAR_PX = 120;
const BY = ['all', 'priority', 'group'] as const;

const timesQuery = (timeZone: string) =>
  queryOptions({
    queryKey: ['incidents', 'times', timeZone],
    queryFn: ({ signal }) => call(ENDPOINTS.incidentTimes, { query: { months: MONTHS, timeZone } }, signal),
    staleTime: 5 * MINUTE_MS,
    placeholderData: keepPreviousData,
  });

export function TimesPage() {
  const t = useT();
  usePageTitle(t('incidents.times.title'));
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const times = useQuery(timesQuery(timeZone));
  const { by = 'all' } = useSearch({ from: '/app/incidents/times' });
  const navigate = useNavigate({ from: '/incidents/times' });
  const items = times.data?.items ?? [];
  const rows = items.filter(({ priority, group }) =>
    by === 'all'
      ? priority === null && group === null
      : by === 'priority'
        ? priority !== null
        : group !== null,
  );
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <h1>{t('incidents.times.title')}</h1>
        <Link to="/incidents" search={{}} className="text-accent hover:underline">
          {t('shell.nav.incidents')}
        </Link>
        <span className="ml-auto">
          <Segmented
            label={t('incidents.times.by')}
            value={by}
            options={BY.map((value) => ({ value, label: t(`incidents.times.bys.${value}`) }))}
            onChange={(next) => void navigate({ search: next === 'all' ? {} : { by: next } })}
          />
        </span>
      </div>
      <p className="mt-1 max-w-[72ch] text-text-2">{t('incidents.times.intro', { zone: timeZone })}</p>
      <div className="mt-3 grid gap-4">
        {times.error && (
          <Card>
            <ErrorPanel error={times.error} retry={() => void times.refetch()} />
          </Card>
        )}
        {times.isPending && (
          <Card>
            <SkeletonRows rows={8} />
          </Card>
        )}
        {times.data && items.length === 0 && (
          <Card>
            <EmptyState>{t('incidents.times.none')}</EmptyState>
          </Card>
        )}
        {items.length > 0 && <Bars rows={items.filter(isTotal)} />}
        {rows.length > 0 && <TimesTable rows={rows} by={by} />}
      </div>
    </>
  );
}

function isTotal({ priority, group }: IncidentTimesRow): boolean {
  return priority === null && group === null;
}

/** Median time to restore per month as bars; the table below has all figures. */
function Bars({ rows }: { rows: readonly IncidentTimesRow[] }) {
  const t = useT();
  const highest = Math.max(1, ...rows.map(({ restore }) => restore.medianMs ?? 0));
  return (
    <Card title={t('incidents.times.chart')}>
      <ul
        tabIndex={0}
        aria-label={t('incidents.times.chart')}
        className="scrollbar-none flex items-end gap-3 overflow-x-auto"
      >
        {rows.map(({ month, restore, opened }) => (
          <li key={month} className="grid min-w-14 flex-1 justify-items-center gap-1 text-12">
            <span className="text-text-2">
              {restore.medianMs === null ? ABSENT : wholeSpanText(Math.max(1_000, restore.medianMs), t)}
            </span>
            <span
              aria-hidden="true"
              style={{ height: `${Math.max(2, (BAR_PX * (restore.medianMs ?? 0)) / highest)}px` }}
              className="block w-full max-w-12 rounded-t-sm bg-accent-solid"
            />
            <span className="font-medium">{month}</span>
            <span className="text-text-3">{t('incidents.times.openedCount', { count: opened })}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function TimesTable({ rows, by }: { rows: readonly IncidentTimesRow[]; by: (typeof BY)[number] }) {
  const t = useT();
  const language = useLanguage();
  const span = (ms: number | null) => (ms === null ? ABSENT : wholeSpanText(Math.max(1_000, ms), t));
  const share = (part: number, of: number) =>
    of === 0
      ? ABSENT
      : new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 }).format(part / of);
  const column = (id: string, label: string) => ({ id, label, align: 'right' as const });
  return (
    <Card title={t('incidents.times.table')} note={t('incidents.times.tableNote')} flush>
      <PlainTable
        label={t('incidents.times.table')}
        wide
        head={[
          { id: 'month', label: t('incidents.times.month') },
          ...(by === 'all' ? [] : [{ id: 'of', label: t(`incidents.times.bys.${by}`) }]),
          column('opened', t('incidents.times.opened')),
          column('ack', t('incidents.times.ackMedian')),
          column('ack90', t('incidents.times.ack90')),
          column('restored', t('incidents.times.restored')),
          column('restore', t('incidents.times.restoreMedian')),
          column('restoreMean', t('incidents.times.restoreMean')),
          column('restore90', t('incidents.times.restore90')),
          column('reopened', t('incidents.times.reopened')),
          column('self', t('incidents.times.byThemselves')),
        ]}
      >
        {rows.map((row) => (
          <tr key={`${row.month} ${row.priority ?? ''} ${row.group ?? ''}`}>
            <td className="font-medium whitespace-nowrap">{row.month}</td>
            {by !== 'all' && (
              <td className="whitespace-nowrap">
                {row.priority === null ? row.group : t('ui.priority', { priority: row.priority })}
              </td>
            )}
            <td className="text-right">{row.opened}</td>
            <td className="text-right whitespace-nowrap">{span(row.acknowledge.medianMs)}</td>
            <td className="text-right whitespace-nowrap">{span(row.acknowledge.p90Ms)}</td>
            <td className="text-right">{row.restore.count}</td>
            <td className="text-right whitespace-nowrap">{span(row.restore.medianMs)}</td>
            <td className="text-right whitespace-nowrap">{span(row.restore.meanMs)}</td>
            <td className="text-right whitespace-nowrap">{span(row.restore.p90Ms)}</td>
            <td className="text-right">{share(row.reopened, row.opened)}</td>
            <td className="text-right">{share(row.byThemselves, row.opened)}</td>
          </tr>
        ))}
      </PlainTable>
    </Card>
  );
}
