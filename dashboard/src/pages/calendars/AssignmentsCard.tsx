/** Which calendar holds for whom, with what held before, and a way to assign another. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { CalendarAssignment, CalendarSummary } from '@muster/shared/api/calendars.ts';
import { useActionRefusal } from '../../app/refusal.ts';
import { useT } from '../../i18n/i18n.ts';
import { dayName } from '../../parts/availabilityPeriod.ts';
import { Button } from '../../ui/Button.tsx';
import { Card } from '../../ui/Card.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorPanel } from '../../ui/ErrorPanel.tsx';
import { PlainTable } from '../../ui/PlainTable.tsx';
import { SkeletonRows } from '../../ui/Skeleton.tsx';
import { nowMs } from '../../util/clock.ts';
import { AssignDialog } from './AssignDialog.tsx';
import { calendarTitle } from '../../parts/calendarTitle.ts';
import { assignmentsQuery } from './queries.ts';

export function AssignmentsCard({ calendars }: { calendars: readonly CalendarSummary[] }) {
  const t = useT();
  const refusal = useActionRefusal('calendars.write');
  const query = useQuery(assignmentsQuery);
  const [assigning, setAssigning] = useState(false);
  return (
    <Card
      className="mt-4"
      title={t('calendars.assignments')}
      note={t('calendars.assignIntro')}
      action={
        <Button size="small" disabledReason={refusal} onClick={() => setAssigning(true)}>
          {t('calendars.assign')}
        </Button>
      }
      flush
    >
      {query.data === undefined ? (
        query.error ? (
          <div className="px-4">
            <ErrorPanel error={query.error} retry={() => void query.refetch()} />
          </div>
        ) : (
          <SkeletonRows rows={2} />
        )
      ) : query.data.length === 0 ? (
        <EmptyState>{t('calendars.noAssignments')}</EmptyState>
      ) : (
        <PlainTable
          label={t('calendars.assignments')}
          head={[
            { id: 'key', label: t('calendars.key') },
            { id: 'calendar', label: t('calendars.calendar') },
            { id: 'since', label: t('calendars.since') },
            { id: 'used', label: t('calendars.usedBy'), align: 'right' },
          ]}
        >
          {query.data.map((one) => (
            <Row key={one.id} assignment={one} />
          ))}
        </PlainTable>
      )}
      {assigning && <AssignDialog calendars={calendars} onClose={() => setAssigning(false)} />}
    </Card>
  );
}

function Row({ assignment }: { assignment: CalendarAssignment }) {
  const t = useT();
  const { level, keyName, calendarId, calendarName, fromDay, inForce, usedBy } = assignment;
  return (
    <tr className={inForce || calendarId === null ? undefined : 'text-text-3'}>
      <td>
        <span className="text-12 text-text-3">{t(`calendars.level.${level}`)}</span> {keyName}
      </td>
      <td>
        {calendarId === null
          ? t('calendars.noneHere')
          : calendarTitle({ id: calendarId, name: calendarName ?? calendarId }, t)}
        {!inForce && (
          <span className="ml-2 text-12">
            {t(fromDay !== null && fromDay > dayName(nowMs()) ? 'calendars.planned' : 'calendars.before')}
          </span>
        )}
      </td>
      <td className="whitespace-nowrap">{fromDay ?? t('calendars.fromEver')}</td>
      <td className="text-right">{usedBy}</td>
    </tr>
  );
}
