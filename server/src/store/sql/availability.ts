/** Presence store in SQL. */
import { and, asc, eq, gt, gte, isNull, lt, or } from 'drizzle-orm';
import type { AvailabilityStore, PresenceChange } from '../../availability/store.ts';
import type { PresenceInterval } from '../../availability/timeline.ts';
import type { Db, SqlStore } from './open.ts';

/** Rows of one insert: SQLite takes 32,766 parameters, a row has eight. */
const ROWS_PER_INSERT_MAX = 1_000;

export function createSqlAvailabilityStore(store: SqlStore): AvailabilityStore {
  const { read } = store;
  const { presenceMachines, presenceIntervals } = store.t;

  async function recordOne(db: Db, { ciId, machine, intervals }: PresenceChange): Promise<void> {
    await db
      .insert(presenceMachines)
      .values({ ciId, machine })
      .onConflictDoUpdate({ target: presenceMachines.ciId, set: { machine } });
    const first = intervals[0];
    if (!first) return;
    await db
      .delete(presenceIntervals)
      .where(and(eq(presenceIntervals.ciId, ciId), gte(presenceIntervals.fromMs, first.fromMs)));
    for (let i = 0; i < intervals.length; i += ROWS_PER_INSERT_MAX) {
      const rows = intervals.slice(i, i + ROWS_PER_INSERT_MAX).map((interval) => ({ ciId, ...interval }));
      await db.insert(presenceIntervals).values(rows);
    }
  }

  return {
    machines: () => read.select().from(presenceMachines).orderBy(asc(presenceMachines.ciId)),
    intervals: async (ciId, fromMs, toMs): Promise<readonly PresenceInterval[]> => {
      const rows = await read
        .select()
        .from(presenceIntervals)
        .where(
          and(
            eq(presenceIntervals.ciId, ciId),
            toMs === Infinity ? undefined : lt(presenceIntervals.fromMs, toMs),
            or(isNull(presenceIntervals.toMs), gt(presenceIntervals.toMs, fromMs)),
          ),
        )
        .orderBy(asc(presenceIntervals.fromMs));
      return rows.map(({ ciId: _ciId, ...interval }) => interval);
    },
    record: (changes) =>
      store.tx(async (db) => {
        for (const change of changes) await recordOne(db, change);
      }),
    dropBefore: (beforeMs) =>
      store.tx(async (db) => {
        const dropped = await db
          .delete(presenceIntervals)
          .where(lt(presenceIntervals.toMs, beforeMs))
          .returning({ ciId: presenceIntervals.ciId });
        return dropped.length;
      }),
  };
}
