/** Presence store in SQL. */
import { and, asc, eq, gt, gte, inArray, isNull, lt, or, sql } from 'drizzle-orm';
import type { Millis } from '@muster/shared/time.ts';
import type { BareInterval } from '../../availability/slices.ts';
import type { AvailabilityStore, PresenceChange } from '../../availability/store.ts';
import type { PresenceInterval } from '../../availability/timeline.ts';
import type { Db, SqlStore } from './open.ts';

/** Rows of one insert: SQLite takes 32,766 parameters, a row has ten. */
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
      return rows.map(({ ciId: _ciId, revisedAtMs, was, ...interval }) => ({
        ...interval,
        ...(revisedAtMs === null ? {} : { revisedAtMs }),
        ...(was === null ? {} : { was }),
      }));
    },
    bareIntervals: async (ciIds, fromMs, toMs) => {
      const { ciId, planned, presence, cause } = presenceIntervals;
      // The interval that reaches into the period is found by one step in the key, however long the record is.
      const reachingInMs = sql<number>`coalesce((select max(b.from_ms) from presence_intervals b where b.ci_id = ${presenceMachines.ciId} and b.from_ms <= ${fromMs}), ${fromMs})`;
      const rows = await read
        .select({
          ciId,
          fromMs: presenceIntervals.fromMs,
          toMs: presenceIntervals.toMs,
          planned,
          presence,
          cause,
        })
        .from(presenceMachines)
        // Cross: SQLite keeps this order, and so begins each machine at its bound.
        .crossJoin(presenceIntervals)
        .where(
          and(
            inArray(presenceMachines.ciId, [...ciIds]),
            eq(ciId, presenceMachines.ciId),
            gte(presenceIntervals.fromMs, reachingInMs),
            lt(presenceIntervals.fromMs, toMs),
          ),
        )
        .orderBy(asc(presenceMachines.ciId), asc(presenceIntervals.fromMs));
      return groupedByCi(rows, fromMs);
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

function groupedByCi(
  rows: readonly ({ readonly ciId: string } & BareInterval)[],
  fromMs: Millis,
): Map<string, BareInterval[]> {
  const records = new Map<string, BareInterval[]>();
  for (const { ciId, ...interval } of rows) {
    if (interval.toMs !== null && interval.toMs <= fromMs) continue;
    const record = records.get(ciId);
    if (record) record.push(interval);
    else records.set(ciId, [interval]);
  }
  return records;
}
