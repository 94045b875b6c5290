/** The port of calendars on SQL. */
import { and, asc, eq } from 'drizzle-orm';
import type { CalendarStore } from '../../calendars/store.ts';
import type { SqlStore } from './open.ts';

export function createSqlCalendarStore(store: SqlStore): CalendarStore {
  const { read } = store;
  const { calendars, calendarAssignments } = store.t;
  return {
    calendars: async () => read.select().from(calendars).orderBy(asc(calendars.name), asc(calendars.id)),
    putCalendar: (calendar) =>
      store.tx(
        async (db) =>
          void (await db
            .insert(calendars)
            .values(calendar)
            .onConflictDoUpdate({ target: calendars.id, set: calendar })),
      ),
    deleteCalendar: (id) =>
      store.tx(async (db) => void (await db.delete(calendars).where(eq(calendars.id, id)))),
    assignments: async () => {
      const rows = await read
        .select()
        .from(calendarAssignments)
        .orderBy(
          asc(calendarAssignments.level),
          asc(calendarAssignments.key),
          asc(calendarAssignments.fromDay),
        );
      return rows.map(({ fromDay, ...row }) => ({ ...row, fromDay: fromDay === '' ? null : fromDay }));
    },
    putAssignments: (level, key, records) =>
      store.tx(async (db) => {
        await db
          .delete(calendarAssignments)
          .where(and(eq(calendarAssignments.level, level), eq(calendarAssignments.key, key)));
        if (records.length > 0)
          await db
            .insert(calendarAssignments)
            .values(records.map(({ fromDay, ...record }) => ({ ...record, fromDay: fromDay ?? '' })));
      }),
  };
}
