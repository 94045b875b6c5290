/** Calendars and assignments as the pages read them. */
import { queryOptions } from '@tanstack/react-query';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import { call } from '../../api/client.ts';

export const calendarsQuery = queryOptions({
  queryKey: ['calendars', 'list'],
  queryFn: ({ signal }) => call(ENDPOINTS.listCalendars, {}, signal).then(({ items }) => items),
  staleTime: MINUTE_MS,
});

export const calendarQuery = (id: string) =>
  queryOptions({
    queryKey: ['calendars', 'one', id],
    queryFn: ({ signal }) => call(ENDPOINTS.getCalendar, { params: { id } }, signal),
    staleTime: MINUTE_MS,
  });

export const assignmentsQuery = queryOptions({
  queryKey: ['calendars', 'assignments'],
  queryFn: ({ signal }) => call(ENDPOINTS.listCalendarAssignments, {}, signal).then(({ items }) => items),
  staleTime: MINUTE_MS,
});
