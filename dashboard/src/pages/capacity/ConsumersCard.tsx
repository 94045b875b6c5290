/** The machines that use most of something over a day or a week, each with the way to its charts. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CONSUMER_METRICS, type ConsumerMetric } from '@muster/shared/api/capacity.ts';
import type { Key } from '../../i18n/catalogue.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { consumersQuery } from '../../parts/capacityQueries.ts';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { Meter } from '../../ui/Meter.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { displayUnit, quantityText, scaleFor } from '../../util/quantity.ts';
import type { CapacitySearch } from './search.ts';

const CONSUMERS_SHOWN = 10;

const METRIC_WORDS = {
  'cpu.utilisation': 'capacity.consumers.metrics.cpu',
  'memory.utilisation': 'capacity.consumers.metrics.memory',
  'disk.utilisation': 'capacity.consumers.metrics.disk',
  'network.received': 'capacity.consumers.metrics.received',
  'network.transmitted': 'capacity.consumers.metrics.transmitted',
} as const satisfies Record<ConsumerMetric, Key>;

export function ConsumersCard({
  search,
  set,
}: {
  search: CapacitySearch;
  set: (change: Partial<CapacitySearch>) => void;
}) {
  const t = useT();
  const language = useLanguage();
  const metric = search.metric ?? 'cpu.utilisation';
  const window = search.window ?? '24h';
  const by = search.order ?? 'p95';
  const answer = useQuery(
    consumersQuery({
      metric,
      window,
      by,
      class: search.class,
      site: search.site,
      limit: CONSUMERS_SHOWN,
    }),
  );
  const items = answer.data?.items ?? [];
  const shown = displayUnit(metric, answer.data?.unit ?? '%');
  const highest = Math.max(0, ...items.map((item) => item[by])) * shown.factor;
  const scale = scaleFor(shown.unit, highest);
  const text = (value: number) => quantityText(value * shown.factor, shown.unit, language, scale);
  return (
    <Card
      title={t('capacity.consumers.title')}
      note={t('capacity.consumers.note')}
      flush
      className="mt-4"
      action={
        <span className="no-print flex flex-wrap items-center gap-2">
          <Segmented
            label={t('capacity.consumers.window')}
            value={window}
            options={(['24h', '7d'] as const).map((value) => ({
              value,
              label: t(`capacity.consumers.${value}`),
            }))}
            onChange={(value) => set({ window: value === '24h' ? undefined : value })}
          />
          <Segmented
            label={t('capacity.consumers.order')}
            value={by}
            options={(['p95', 'average'] as const).map((value) => ({
              value,
              label: t(`capacity.consumers.${value}`),
            }))}
            onChange={(value) => set({ order: value === 'p95' ? undefined : value })}
          />
        </span>
      }
    >
      <div className="no-print scrollbar-none overflow-x-auto px-4 pb-3">
        <Segmented
          label={t('capacity.consumers.metric')}
          value={metric}
          options={CONSUMER_METRICS.map((value) => ({ value, label: t(METRIC_WORDS[value]) }))}
          onChange={(value) => set({ metric: value === 'cpu.utilisation' ? undefined : value })}
        />
      </div>
      {answer.data === undefined ? (
        answer.error ? (
          <div className="border-t border-line px-4">
            <ErrorPanel error={answer.error} retry={() => void answer.refetch()} />
          </div>
        ) : (
          <SkeletonRows rows={5} />
        )
      ) : items.length === 0 ? (
        <EmptyState>{t('capacity.consumers.none')}</EmptyState>
      ) : (
        <PlainTable
          label={t('capacity.consumers.title')}
          head={[
            { id: 'machine', label: t('capacity.consumers.machine') },
            { id: 'p95', label: t('capacity.consumers.p95'), align: 'right' },
            { id: 'average', label: t('capacity.consumers.average'), align: 'right' },
            {
              id: 'max',
              label: t('capacity.consumers.max'),
              align: 'right',
              className: 'max-tablet:hidden',
            },
          ]}
        >
          {items.map((item) => (
            <tr key={`${item.ciId} ${item.instance}`} className="hover:bg-hover">
              <td className="max-w-0 min-w-32 truncate">
                <Link
                  to="/machines/$id/live"
                  params={{ id: item.ciId }}
                  search={{ range: window }}
                  className="font-medium hover:text-accent"
                >
                  {item.ciName}
                  {item.instance !== '' && (
                    <span className="ml-1.5 font-normal text-text-3">{item.instance}</span>
                  )}
                </Link>
              </td>
              <td className="w-40 text-right whitespace-nowrap">
                <span className="flex items-center justify-end gap-2">
                  {text(item.p95)}
                  <Meter
                    percent={highest > 0 ? (100 * item.p95 * shown.factor) / axisTop(shown.unit, highest) : 0}
                    className="w-14 flex-none max-tablet:hidden"
                  />
                </span>
              </td>
              <td className="w-28 text-right whitespace-nowrap text-text-2">{text(item.average)}</td>
              <td className="w-28 text-right whitespace-nowrap text-text-2 max-tablet:hidden">
                {text(item.max)}
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
    </Card>
  );
}

/** Percentages are of the whole; rates are compared with the highest. */
function axisTop(unit: string, highest: number): number {
  return unit === '%' ? 100 : highest;
}
