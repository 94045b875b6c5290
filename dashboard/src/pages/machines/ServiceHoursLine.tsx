/** When this machine is agreed to work, which level says so, and until when that holds. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';
import { useLanguage, useT } from '../../i18n/i18n.ts';
import { calendarTitle } from '../../parts/calendarTitle.ts';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { dateTimeText, millis } from '../../util/time.ts';

const serviceHoursQuery = (ci: string) =>
  queryOptions({
    queryKey: ['calendars', 'hours', ci],
    queryFn: ({ signal }) => call(ENDPOINTS.getServiceHours, { query: { ci } }, signal),
    staleTime: MINUTE_MS,
  });

export function ServiceHoursLine({ ciId }: { ciId: string }) {
  const t = useT();
  const language = useLanguage();
  const query = useQuery(serviceHoursQuery(ciId));
  const hours = query.data;
  // A line beside the figures: where it cannot be read, they say so themselves.
  if (hours === undefined) return query.error ? null : <Skeleton className="h-4 w-80 max-w-full" />;
  const { setBy } = hours;
  const changesMs = millis(hours.changesAt);
  const [, ...others] = hours.assigned;
  const instead = others.map(
    (one) =>
      `${t(`calendars.level.${one.level}`)} ${one.keyName}${t('ui.colon')}${calendarTitle({ id: one.calendarId, name: one.calendarName }, t)}`,
  );
  const parts = [
    setBy.level === 'default'
      ? t('calendars.byDefault')
      : t('calendars.setBy', { level: t(`calendars.level.${setBy.level}`), key: setBy.keyName }),
    t('calendars.inZone', { zone: hours.zone }),
    t(hours.inHours ? 'calendars.inHours' : 'calendars.outOfHours'),
    changesMs === null ? null : t('calendars.changesAt', { time: dateTimeText(changesMs, language, false) }),
  ].filter((part) => part !== null);
  return (
    <p className="text-text-2">
      {t('calendars.of')}
      {t('ui.colon')}
      <Link
        to="/settings/calendars"
        search={{ calendar: hours.calendarId }}
        className="font-medium text-accent"
      >
        {calendarTitle({ id: hours.calendarId, name: hours.calendarName }, t)}
      </Link>{' '}
      <span className="text-12 text-text-3">({parts.join(t('ui.listSeparator'))})</span>
      {instead.length > 0 && (
        <span className="block text-12 text-text-3">
          {t('calendars.instead', { list: instead.join(t('ui.listSeparator')) })}
        </span>
      )}
    </p>
  );
}
