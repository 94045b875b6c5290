/** Presence store in SQL. */
import { and, asc, eq, gt, gte, inArray, isNull, lt, or, sql } from 'drizzle-orm';
import type { Millis } from '@muster/shared/time.ts';
import type { BareInterval } from '../../availability/slices.ts';
import type { AvailabilityStore, PresenceChange } from '../../availability/store.ts';
import type { PresenceInterval } from '../../availability/timeline.ts';
import { builtOnce } from './built-once.ts';
import { bulkPut } from './bulk.ts';
import type { Db, SqlStore } from './open.ts';

export function createSqlAvailabilityStore(store: SqlStore): AvailabilityStore {
  const { read } = store;
  const { presenceMachines, presenceIntervals } = store.t;

  const putMachines = bulkPut(presenceMachines, { target: ['ciId'] });
  const putIntervals = bulkPut(presenceIntervals, 'keep');
  const given = (name: string) => sql`${sql.placeholder(name)}`;
  const ofCi = eq(presenceIntervals.ciId, given('ciId'));
  /** Needed with each coming and going. */
  const cut = builtOnce((db) =>
    db
      .delete(presenceIntervals)
      .where(and(ofCi, gte(presenceIntervals.fromMs, given('fromMs'))))
      .prepare(),
  );
  const reachingOn = read
    .select()
    .from(presenceIntervals)
    .where(and(ofCi, or(isNull(presenceIntervals.toMs), gt(presenceIntervals.toMs, given('fromMs')))))
    .orderBy(asc(presenceIntervals.fromMs))
    .prepare();

  async function recordAll(db: Db, changes: readonly PresenceChange[]): Promise<void> {
    await putMachines(
      db,
      changes.map(({ ciId, machine }) => ({ ciId, machine })),
    );
    let rows: (typeof presenceIntervals.$inferInsert)[] = [];
    const machines = new Set<string>();
    for (const { ciId, intervals } of changes) {
      const [first] = intervals;
      if (!first) continue;
      if (machines.has(ciId)) {
        await putIntervals(db, rows);
        rows = [];
      }
      machines.add(ciId);
      await cut(db).execute({ ciId, fromMs: first.fromMs });
      for (const interval of intervals) rows.push({ ciId, ...interval });
    }
    await putIntervals(db, rows);
  }

  return {
    machines: () => read.select().from(presenceMachines).orderBy(asc(presenceMachines.ciId)),
    intervals: async (ciId, fromMs, toMs): Promise<readonly PresenceInterval[]> => {
      const rows =
        toMs === Infinity
          ? await reachingOn.execute({ ciId, fromMs })
          : await read
              .select()
              .from(presenceIntervals)
              .where(
                and(
                  eq(presenceIntervals.ciId, ciId),
                  lt(presenceIntervals.fromMs, toMs),
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
    record: (changes) => store.tx((db) => recordAll(db, changes)),
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
