/** Availability of this month in a few lines: all machines, then each class or site; for the overview. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { GroupAvailability } from '@muster/shared/api/fleet-availability.ts';
import { CI_CLASSES, isMachineClass } from '@muster/shared/cmdb/classes.ts';
import { useLanguage, useT, useWords } from '../i18n/i18n.ts';
import { EmptyState } from '../ui/EmptyState.tsx';
import { ErrorPanel } from '../ui/ErrorPanel.tsx';
import { Skeleton } from '../ui/Skeleton.tsx';
import { useNow } from '../util/clock.ts';
import { ABSENT, percentText } from '../util/quantity.ts';
import { monthPeriod } from './availabilityPeriod.ts';
import { availabilitySummaryQuery } from './availabilityQueries.ts';
import { DayShares } from './DayShares.tsx';

export interface AvailabilityRowsProps {
  readonly groupBy?: 'class' | 'site';
  /** Only machines of this site. */
  readonly site?: string | undefined;
  /** Groups shown beneath the line of all machines. */
  readonly groupsMax?: number;
}

export function AvailabilityRows({ groupBy = 'class', site, groupsMax = 4 }: AvailabilityRowsProps) {
  const t = useT();
  const now = useNow(60_000);
  const answer = useQuery(availabilitySummaryQuery({ period: monthPeriod(now), groupBy, site, limit: 0 }));
  if (answer.data === undefined)
    return answer.error ? (
      <ErrorPanel error={answer.error} retry={() => void answer.refetch()} />
    ) : (
      <Skeleton className="h-52" />
    );
  const { fleet, groups, days } = answer.data;
  if (fleet.machines === 0) return <EmptyState>{t('availability.noneExpected')}</EmptyState>;
  const shown = groups.length > 1 ? groups.slice(0, groupsMax) : [];
  return (
    <ul className="grid gap-0.5">
      <Row group={fleet} days={days} name={t('availability.allMachines')} search={{ site }} strong />
      {shown.map((group) => (
        <Row
          key={group.key ?? ''}
          group={group}
          days={days}
          name={<GroupName groupBy={groupBy} value={group.key} />}
          search={groupBy === 'class' ? { class: group.key ?? undefined, site } : { site: group.key ?? '' }}
        />
      ))}
    </ul>
  );
}

interface RowProps {
  readonly group: GroupAvailability;
  readonly days: readonly { readonly from: string; readonly to: string }[];
  readonly name: React.ReactNode;
  readonly search: { readonly class?: string | undefined; readonly site?: string | undefined };
  readonly strong?: boolean;
}

function Row({ group, days, name, search, strong = false }: RowProps) {
  const t = useT();
  const language = useLanguage();
  return (
    <li className="grid min-h-9 grid-cols-[minmax(0,1fr)_104px] items-center gap-x-3 gap-y-0.5 py-1 @md:grid-cols-[minmax(0,1.1fr)_minmax(0,1.4fr)_104px]">
      <Link
        to="/availability"
        search={search}
        className={`truncate hover:text-accent coarse:leading-[44px] ${strong ? 'font-semibold' : 'font-medium'}`}
      >
        {name}
      </Link>
      <span className="@max-md:hidden">
        <DayShares days={days} shares={group.days} />
      </span>
      <span className="text-right">
        <span className={strong ? 'font-semibold' : 'font-medium'}>
          {group.availability === null ? ABSENT : percentText(group.availability, language)}
        </span>
        <span className="block text-11 leading-4 text-text-3">
          {t('availability.coverageOf', {
            percent: group.coverage === null ? ABSENT : percentText(group.coverage, language),
          })}
        </span>
      </span>
    </li>
  );
}

/** A group in words. */
export function GroupName({
  groupBy,
  value,
}: {
  groupBy: 'class' | 'site' | 'tag';
  value: string | null;
}): string {
  const t = useT();
  const words = useWords();
  if (value === null || value === '')
    return t(groupBy === 'tag' ? 'availability.noTag' : 'availability.noSite');
  return groupBy === 'class' && isMachineClass(value) ? words(CI_CLASSES[value].title) : value;
}
