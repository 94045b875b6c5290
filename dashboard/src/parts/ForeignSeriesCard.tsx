/** Metrics of a machine that a sender tells and not its agent; nothing where none does. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import type { ForeignSeries } from '@muster/shared/api/remote-write.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import { call } from '../api/client.ts';
import { readAll } from '../api/queries.ts';
import { useLanguage, useT } from '../i18n/i18n.ts';
import { Card } from '../ui/Card.tsx';
import { dateText, millis } from '../util/time.ts';

function foreignSeriesQuery(ciId: string) {
  return queryOptions({
    queryKey: ['exchange', 'series', ciId],
    queryFn: ({ signal }) =>
      readAll((cursor) => {
        const query = { limit: LIST_LIMIT_MAX, ...(cursor === undefined ? {} : { cursor }) };
        return call(ENDPOINTS.listForeignSeries, { params: { id: ciId }, query }, signal);
      }),
  });
}

export function ForeignSeriesCard({ ciId }: { ciId: string }) {
  const t = useT();
  const language = useLanguage();
  const groups = bySource(useQuery(foreignSeriesQuery(ciId)).data ?? []);
  if (groups.size === 0) return null;
  return (
    <Card title={t('exchange.foreign.title')} note={t('exchange.foreign.note')}>
      <ul className="grid gap-1.5">
        {[...groups].map(([key, group]) => (
          <li key={key}>
            <span className="flex flex-wrap gap-x-2">
              <span>
                {t('exchange.foreign.line', {
                  mapping: group[0]?.mappingName ?? group[0]?.mappingId ?? '',
                  sender: group[0]?.sender ?? '',
                })}
              </span>
              <span className="text-text-3">
                {t('exchange.machines.series', { count: group.length })}
                {' · '}
                {t('exchange.foreign.since', { date: dateText(firstMs(group), language) })}
              </span>
            </span>
            <code className="text-12 break-words text-text-3">
              {[...new Set(group.map(({ metric }) => metric))].join(', ')}
            </code>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Those that the agent tells by now are its own again. */
function bySource(series: readonly ForeignSeries[]): Map<string, ForeignSeries[]> {
  const groups = new Map<string, ForeignSeries[]>();
  for (const one of series) {
    if (one.agentReports) continue;
    const key = `${one.mappingId} ${one.sender}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return groups;
}

function firstMs(group: readonly ForeignSeries[]): number {
  return Math.min(...group.map(({ since }) => millis(since)));
}
