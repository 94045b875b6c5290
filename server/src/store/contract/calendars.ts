/** What any store of calendars must do; run on the memory fake and on SQL. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AssignmentRecord, CalendarRecord, CalendarStore } from '../../calendars/store.ts';

export function calendarStoreContract(
  name: string,
  open: () => Promise<{ store: CalendarStore; close(): Promise<void> }>,
): void {
  describe(`calendar store: ${name}`, () => {
    let store: CalendarStore;
    let close: () => Promise<void>;
    beforeEach(async () => ({ store, close } = await open()));
    afterEach(async () => close());

    test('[CA12] a calendar is replaced whole, comes by name and is deleted', async () => {
      await store.putCalendar(calendar('cal_1', 'Shop'));
      await store.putCalendar(calendar('cal_2', 'Factory'));
      await store.putCalendar({ ...calendar('cal_1', 'Shops'), revision: 2 });
      expect((await store.calendars()).map((one) => [one.name, one.revision])).toEqual([
        ['Factory', 1],
        ['Shops', 2],
      ]);
      await store.deleteCalendar('cal_2');
      expect(await store.calendars()).toEqual([{ ...calendar('cal_1', 'Shops'), revision: 2 }]);
    });

    test('[CA12] assignments of one place are replaced together and come in order, those since ever first', async () => {
      const [first, second] = [assignment('a', null), assignment('b', '2026-10-01')];
      await store.putAssignments('tag', 'till', [second, first]);
      await store.putAssignments('class', 'Server', [
        { ...assignment('c', null), level: 'class', key: 'Server' },
      ]);
      expect((await store.assignments()).map(({ id }) => id)).toEqual(['c', 'a', 'b']);
      await store.putAssignments('tag', 'till', [{ ...first, id: 'd', calendarId: null }]);
      expect(await store.assignments()).toMatchObject([
        { id: 'c' },
        { id: 'd', calendarId: null, fromDay: null },
      ]);
    });
  });
}

function calendar(id: string, name: string): CalendarRecord {
  const weekly = Array.from({ length: 7 }, () => [{ fromMinute: 480, toMinute: 1_080 }]);
  const days = [{ day: '2026-10-01', kind: 'closed' as const, name: '国庆节', likeWeekday: 1, ranges: [] }];
  const version = { fromDay: null, zone: 'Asia/Shanghai', weekly, days, note: '', by: 'user:anna', atMs: 5 };
  return { id, name, versions: [version], revision: 1, updatedAtMs: 5 };
}

function assignment(id: string, fromDay: string | null): AssignmentRecord {
  return { id, level: 'tag', key: 'till', calendarId: 'cal_1', fromDay, by: 'user:anna', atMs: 5 };
}
