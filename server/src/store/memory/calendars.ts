/** Calendars in plain maps, for tests and the simulator. */
import type { AssignmentRecord, CalendarRecord, CalendarStore } from '../../calendars/store.ts';

export function createMemoryCalendarStore(): CalendarStore {
  const calendars = new Map<string, CalendarRecord>();
  const assignments = new Map<string, readonly AssignmentRecord[]>();
  return {
    calendars: async () =>
      structuredClone([...calendars.values()].sort((a, b) => order(a.name, b.name) || order(a.id, b.id))),
    putCalendar: async (calendar) => void calendars.set(calendar.id, structuredClone(calendar)),
    deleteCalendar: async (id) => void calendars.delete(id),
    assignments: async () =>
      structuredClone(
        [...assignments.values()]
          .flat()
          .sort(
            (a, b) =>
              order(a.level, b.level) || order(a.key, b.key) || order(a.fromDay ?? '', b.fromDay ?? ''),
          ),
      ),
    putAssignments: async (level, key, records) =>
      void assignments.set(`${level} ${key}`, structuredClone(records)),
  };
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
