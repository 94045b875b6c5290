/** Service hours: all calendars and who uses which, or one calendar to edit. */
import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { CalendarSummary } from '@muster/shared/api/calendars.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { usePageTitle } from '../../app/title.ts';
import { useT } from '../../i18n/i18n.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { AssignmentsCard } from './AssignmentsCard.tsx';
import { CalendarEditor } from './CalendarEditor.tsx';
import { calendarTitle } from '../../parts/calendarTitle.ts';
import { NewCalendarDialog } from './NewCalendarDialog.tsx';
import { calendarsQuery } from './queries.ts';

const WEEK_MINUTES = 10_080;

export function CalendarsPage() {
  const t = useT();
  usePageTitle(t('calendars.title'));
  const { calendar } = useSearch({ from: `/app${'/settings/calendars'}` });
  return calendar === undefined ? <All /> : <CalendarEditor key={calendar} id={calendar} />;
}

function All() {
  const t = useT();
  const refusal = useActionRefusal('calendars.write');
  const query = useQuery(calendarsQuery);
  const [adding, setAdding] = useState(false);
  return (
    <>
      <h1>{t('calendars.title')}</h1>
      <p className="mt-1 max-w-[80ch] leading-prose text-text-2">{t('calendars.intro')}</p>
      <Card
        className="mt-4"
        title={t('calendars.calendars')}
        action={
          <Button size="small" disabledReason={refusal} onClick={() => setAdding(true)}>
            {t('calendars.add')}
          </Button>
        }
        flush
      >
        {query.data ? (
          <ul>
            {query.data.map((one) => (
              <Row key={one.id} calendar={one} />
            ))}
          </ul>
        ) : query.error ? (
          <div className="px-4">
            <ErrorPanel error={query.error} retry={() => void query.refetch()} />
          </div>
        ) : (
          <SkeletonRows rows={3} />
        )}
      </Card>
      <AssignmentsCard calendars={query.data ?? []} />
      {adding && <NewCalendarDialog onClose={() => setAdding(false)} />}
    </>
  );
}

function Row({ calendar }: { calendar: CalendarSummary }) {
  const t = useT();
  const { id, zone, weeklyMinutes, days, usedBy } = calendar;
  return (
    <li className="grid gap-x-4 gap-y-0.5 border-t border-line px-4 py-2 tablet:grid-cols-[minmax(0,1.2fr)_minmax(0,1fr)_minmax(0,1fr)]">
      <Link
        to="/settings/calendars"
        search={{ calendar: id }}
        className="min-w-0 truncate font-medium hover:text-accent coarse:min-h-11"
      >
        {calendarTitle(calendar, t)}
      </Link>
      <span className="text-text-2">
        {weeklyMinutes >= WEEK_MINUTES
          ? t('calendars.always')
          : t('calendars.hoursAWeek', { hours: Math.round((weeklyMinutes / 60) * 10) / 10 })}
        {days > 0 && ` · ${t('calendars.daysThatDiffer', { count: days })}`}
        <span className="block text-12 text-text-3">{zone ?? t('calendars.zoneOwn')}</span>
      </span>
      <span className="text-text-2">
        {usedBy === 0 ? t('calendars.unused') : t('calendars.usedByCount', { count: usedBy })}
      </span>
    </li>
  );
}
