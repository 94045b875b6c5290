/** Services with their figures, worked out of the intervals of what they stand on; each opens its outages with the members. */
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { AvailabilityFormula } from '@muster/shared/api/availability.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { MINUTE_MS, SECOND_MS, toIso, type Millis } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { type Period, spanOf } from '../../parts/availabilityPeriod.ts';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { nowMs as currentMs } from '../../util/clock.ts';
import { ABSENT, formatNumber, percentText } from '../../util/quantity.ts';
import { wholeSpanText } from '../../util/time.ts';
import { OutageRow } from './OutageRow.tsx';

interface ServiceQuestion {
  readonly period: Period;
  readonly formula: AvailabilityFormula;
  readonly reclassified: 'yes' | 'no';
}

const servicesQuery = ({ period, ...rest }: ServiceQuestion) =>
  queryOptions({
    queryKey: ['availability', 'services', period, rest],
    queryFn: ({ signal }) => {
      const { fromMs, toMs } = spanOf(period, currentMs());
      return call(
        ENDPOINTS.availabilityServices,
        { query: { from: toIso(fromMs), to: toIso(toMs), ...rest } },
        signal,
      );
    },
    staleTime: MINUTE_MS,
    placeholderData: keepPreviousData,
  });

const serviceQuery = (ci: string, { period, ...rest }: ServiceQuestion) =>
  queryOptions({
    queryKey: ['availability', 'service', ci, period, rest],
    queryFn: ({ signal }) => {
      const { fromMs, toMs } = spanOf(period, currentMs());
      return call(
        ENDPOINTS.getAvailability,
        { query: { ci, from: toIso(fromMs), to: toIso(toMs), ...rest } },
        signal,
      );
    },
    staleTime: MINUTE_MS,
  });

export function ServicesCard({ nowMs, ...question }: ServiceQuestion & { readonly nowMs: Millis }) {
  const t = useT();
  const language = useLanguage();
  const query = useQuery(servicesQuery(question));
  const [open, setOpen] = useState<string | null>(null);
  const percent = (value: number | null) => (value === null ? ABSENT : percentText(value, language));
  const items = query.data?.items;
  const chosen = items?.find(({ ciId }) => ciId === open);
  return (
    <Card title={t('agreed.services.title')} note={t('agreed.services.note')} flush>
      {items === undefined ? (
        query.error ? (
          <div className="px-4">
            <ErrorPanel error={query.error} retry={() => void query.refetch()} />
          </div>
        ) : (
          <SkeletonRows rows={2} />
        )
      ) : items.length === 0 ? (
        <EmptyState>{t('agreed.services.none')}</EmptyState>
      ) : (
        <PlainTable
          label={t('agreed.services.title')}
          head={[
            { id: 'name', label: t('agreed.services.name') },
            { id: 'available', label: t('agreed.services.available'), align: 'right' },
            {
              id: 'coverage',
              label: t('agreed.services.coverage'),
              align: 'right',
              className: 'max-tablet:hidden',
            },
            { id: 'down', label: t('agreed.services.down'), align: 'right' },
            { id: 'outages', label: t('agreed.services.outages'), align: 'right' },
            {
              id: 'longest',
              label: t('agreed.services.longest'),
              align: 'right',
              className: 'max-tablet:hidden',
            },
          ]}
        >
          {items.map((one) => (
            <tr key={one.ciId}>
              <td className="py-1.5">
                <button
                  type="button"
                  aria-expanded={open === one.ciId}
                  onClick={() => setOpen(open === one.ciId ? null : one.ciId)}
                  className="-ml-1 inline-flex items-center gap-1.5 text-left font-medium hover:text-accent coarse:min-h-11"
                >
                  <Icon name="chevron" size={14} className={open === one.ciId ? undefined : '-rotate-90'} />
                  {one.ciName}
                </button>
                <span className="block pl-5 text-12 text-text-3">
                  {one.members === 0
                    ? t('agreed.services.noMembers')
                    : one.tooOften
                      ? t('agreed.services.tooOften')
                      : t('agreed.services.members', { count: one.members })}
                </span>
              </td>
              <td className="text-right font-medium">{percent(one.availability)}</td>
              <td className="text-right max-tablet:hidden">{percent(one.coverage)}</td>
              <td className="text-right whitespace-nowrap">
                {wholeSpanText(one.downSeconds * SECOND_MS, t)}
              </td>
              <td className="text-right">{formatNumber(one.outages, 0, language)}</td>
              <td className="text-right whitespace-nowrap max-tablet:hidden">
                {wholeSpanText(one.longestOutageSeconds * SECOND_MS, t)}
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
      {chosen && <ServiceOutages ci={{ id: chosen.ciId, name: chosen.ciName }} nowMs={nowMs} {...question} />}
    </Card>
  );
}

function ServiceOutages({
  ci,
  nowMs,
  ...question
}: ServiceQuestion & {
  readonly ci: { readonly id: string; readonly name: string };
  readonly nowMs: Millis;
}) {
  const t = useT();
  const query = useQuery(serviceQuery(ci.id, question));
  if (query.data === undefined)
    return query.error ? (
      <div className="px-4">
        <ErrorPanel error={query.error} retry={() => void query.refetch()} />
      </div>
    ) : (
      <SkeletonRows rows={2} />
    );
  if (query.data.outageList.length === 0) return <EmptyState>{t('availability.noOutages')}</EmptyState>;
  return (
    <ul aria-label={t('availability.outageList')}>
      {query.data.outageList.map((outage) => (
        <OutageRow key={outage.from} outage={outage} ci={ci} kind="down" nowMs={nowMs} />
      ))}
    </ul>
  );
}
