/** The file systems that are full first, in a few lines; for the overview. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CAPACITY_DAYS_NEEDED, type CapacityRow } from '@muster/shared/api/capacity.ts';
import { useLanguage, useT } from '../i18n/i18n.ts';
import { EmptyState } from '../ui/EmptyState.tsx';
import { ErrorPanel } from '../ui/ErrorPanel.tsx';
import { Meter } from '../ui/Meter.tsx';
import { Skeleton } from '../ui/Skeleton.tsx';
import { formatNumber } from '../util/quantity.ts';
import { capacityQuery } from './capacityQueries.ts';
import { capacityNote, DaysToFull, growthText, usedTone } from './capacityWords.tsx';

export interface CapacityRowsProps {
  readonly limit?: number;
  /** Only machines of this site. */
  readonly site?: string | undefined;
}

export function CapacityRows({ limit = 6, site }: CapacityRowsProps) {
  const t = useT();
  const answer = useQuery(capacityQuery({ site, limit }));
  if (answer.data === undefined)
    return answer.error ? (
      <ErrorPanel error={answer.error} retry={() => void answer.refetch()} />
    ) : (
      <Skeleton className="h-48" />
    );
  const { items, counts } = answer.data;
  const growing = items.filter(({ state }) => state === 'full' || state === 'forecast' || state === 'later');
  if (growing.length > 0)
    return (
      <ul className="grid grid-cols-1 gap-0.5">
        {growing.map((row) => (
          <Row key={`${row.ciId} ${row.instance}`} row={row} />
        ))}
      </ul>
    );
  return (
    <EmptyState>
      {counts.total > 0 && counts.waiting === counts.total
        ? t('capacity.allWaiting', { days: counts.waitingDaysMost, needed: CAPACITY_DAYS_NEEDED })
        : t(counts.total === 0 ? 'capacity.none' : 'capacity.nothingGrows')}
    </EmptyState>
  );
}

function Row({ row }: { row: CapacityRow }) {
  const t = useT();
  const language = useLanguage();
  return (
    <li className="flex min-h-9 items-center gap-3 coarse:min-h-11">
      <Link
        to="/capacity"
        search={{ open: `${row.ciId} ${row.instance}` }}
        className="min-w-0 flex-1 truncate font-medium hover:text-accent coarse:leading-[44px]"
      >
        {row.ciName} <span className="font-normal text-text-3">{row.instance}</span>
      </Link>
      <span className="flex w-[84px] flex-none items-center gap-2">
        <Meter
          percent={row.utilisation}
          tone={usedTone(row)}
          tick={row.threshold?.percent}
          className="w-8 flex-none"
        />
        <span className="flex-1 text-right text-12 text-text-2">
          {formatNumber(row.utilisation, 1, language)}
          <span className="text-text-3"> %</span>
        </span>
      </span>
      <span className="hidden w-[92px] flex-none text-right text-12 text-text-2 @lg:block">
        {t('capacity.perDay', { amount: growthText(row, language) })}
      </span>
      <span className="w-[84px] flex-none text-right @lg:w-[104px]">
        {row.full === null ? (
          <span className="text-12 text-text-3">{capacityNote(row, t, language)}</span>
        ) : (
          <>
            <DaysToFull row={row} />
            {row.state === 'forecast' && (
              <span className="ml-1 text-12 text-text-3">{t('capacity.days')}</span>
            )}
          </>
        )}
      </span>
    </li>
  );
}
