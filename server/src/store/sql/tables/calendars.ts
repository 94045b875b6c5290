/** Tables of service hours: calendars with their versions, and what they are assigned to. */
import type { AssignmentLevel } from '@muster/shared/api/calendars.ts';
import type { StoredVersion } from '../../../calendars/store.ts';
import type { Kit } from '../kit.ts';

export function calendarTables(k: Kit) {
  const calendars = k.table('calendars', {
    id: k.text('id').primaryKey(),
    name: k.text('name').notNull(),
    versions: k.json<readonly StoredVersion[]>('versions').notNull(),
    revision: k.int('revision').notNull(),
    updatedAtMs: k.millis('updated_at_ms'),
  });
  const calendarAssignments = k.table(
    'calendar_assignments',
    {
      id: k.text('id').primaryKey(),
      level: k.text('level').$type<AssignmentLevel>().notNull(),
      key: k.text('key').notNull(),
      calendarId: k.text('calendar_id'),
      /** Empty: since ever; it sorts before all days. */
      fromDay: k.text('from_day').notNull(),
      by: k.text('by').notNull(),
      atMs: k.millis('at_ms').notNull(),
    },
    (t) => [k.uniqueIndex('calendar_assignments_place').on(t.level, t.key, t.fromDay)],
  );
  return { calendars, calendarAssignments };
}
