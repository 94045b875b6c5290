/** What was not up when it should have been, the newest first, with cause and evidence; or what nothing is known of. */
import { useInfiniteQuery } from '@tanstack/react-query';
import type { Millis } from '@muster/shared/time.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import type { Period } from '../../parts/availabilityPeriod.ts';
import { type AvailabilityFilter, outagesQuery, readAllOutages } from '../../parts/availabilityQueries.ts';
import { Card } from '../../ui/Card.tsx';
import { CsvButton } from '../../ui/CsvButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { MorePages } from '../../ui/MorePages.tsx';
import { Segmented } from '../../ui/Segmented.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { saveCsv } from '../../util/csv.ts';
import { formatNumber } from '../../util/quantity.ts';
import { outageRows } from './csvRows.ts';
import { OutageRow } from './OutageRow.tsx';

/** Outages read in one step. */
const OUTAGES_STEP = 25;

export interface OutagesCardProps {
  readonly period: Period;
  readonly filter: AvailabilityFilter;
  readonly kind: 'down' | 'unknown';
  readonly reclassified: 'yes' | 'no';
  readonly nowMs: Millis;
  readonly onKind: (kind: 'down' | 'unknown') => void;
}

export function OutagesCard({ period, filter, kind, reclassified, nowMs, onKind }: OutagesCardProps) {
  const t = useT();
  const language = useLanguage();
  const question = { period, ...filter, kind, reclassified };
  const answer = useInfiniteQuery(outagesQuery({ ...question, limit: OUTAGES_STEP }));
  const total = answer.data?.pages[0]?.total;
  const items = answer.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card
      title={t(kind === 'down' ? 'availability.outageList' : 'availability.unknownList')}
      note={
        total === undefined
          ? undefined
          : t('availability.shownOf', {
              shown: formatNumber(items.length, 0, language),
              total: formatNumber(total, 0, language),
            })
      }
      action={
        <span className="no-print flex flex-wrap items-center gap-2">
          <CsvButton
            save={async () => saveCsv('outages', outageRows(await readAllOutages(question)))}
            disabled={items.length === 0}
          />
          <Segmented
            label={t('availability.kind')}
            value={kind}
            options={[
              { value: 'down', label: t('availability.outages') },
              { value: 'unknown', label: t('availability.legend.unknown') },
            ]}
            onChange={onKind}
          />
        </span>
      }
      flush
    >
      {answer.data === undefined ? (
        answer.error ? (
          <div className="border-t border-line px-4">
            <ErrorPanel error={answer.error} retry={() => void answer.refetch()} />
          </div>
        ) : (
          <SkeletonRows rows={4} />
        )
      ) : items.length === 0 ? (
        <EmptyState>{t(kind === 'down' ? 'availability.noOutages' : 'availability.noUnknown')}</EmptyState>
      ) : (
        <>
          <ul>
            {items.map((outage) => (
              <OutageRow
                key={`${outage.ciId} ${outage.from}`}
                outage={outage}
                ci={{ id: outage.ciId, name: outage.ciName, isMachine: true }}
                kind={kind}
                nowMs={nowMs}
              />
            ))}
          </ul>
          <MorePages pages={answer} label={t('availability.moreOutages')} />
        </>
      )}
    </Card>
  );
}
