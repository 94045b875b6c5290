/** Presence store in SQL. */
import { and, asc, eq, getTableColumns, gt, gte, inArray, isNull, lt, or, type SQL, sql } from 'drizzle-orm';
import type { Millis } from '@muster/shared/time.ts';
import type { BareInterval } from '../../availability/slices.ts';
import type { AvailabilityStore, PresenceChange } from '../../availability/store.ts';
import type { PresenceInterval } from '../../availability/timeline.ts';
import { builtOnce } from './built-once.ts';
import { bulkPut } from './bulk.ts';
import type { Db, SqlStore } from './open.ts';

type IntervalRow = SqlStore['t']['presenceIntervals']['$inferSelect'];

export function createSqlAvailabilityStore(store: SqlStore): AvailabilityStore {
  const { read } = store;
  const { presenceMachines, presenceIntervals } = store.t;

  const putMachines = bulkPut(presenceMachines, { target: ['ciId'] });
  const putIntervals = bulkPut(presenceIntervals, 'keep');
  /** `asked`: a JSON list of any length, so that one statement serves however many machines come and go together. */
  const asked = sql`json_each(${sql.placeholder('asked')}) asked`;
  const askedCi = sql<string>`asked.value ->> 'ciId'`;
  const askedMs = sql<number>`asked.value ->> 'fromMs'`;
  const cut = builtOnce((db) =>
    db
      .delete(presenceIntervals)
      .where(
        sql`(ci_id, from_ms) in (select p.ci_id, p.from_ms from ${asked} cross join presence_intervals p on p.ci_id = ${askedCi} and p.from_ms >= ${askedMs})`,
      )
      .prepare(),
  );
  const since = read
    .select(getTableColumns(presenceIntervals))
    .from(asked)
    // Cross: SQLite keeps this order, and so begins each machine at its bound.
    .crossJoin(presenceIntervals)
    .where(
      and(
        eq(presenceIntervals.ciId, askedCi),
        gte(presenceIntervals.fromMs, reachingInMs(askedCi, askedMs)),
        or(isNull(presenceIntervals.toMs), gt(presenceIntervals.toMs, askedMs)),
      ),
    )
    .orderBy(asc(presenceIntervals.ciId), asc(presenceIntervals.fromMs))
    .prepare();

  async function recordAll(db: Db, changes: readonly PresenceChange[]): Promise<void> {
    await putMachines(
      db,
      changes.map(({ ciId, machine }) => ({ ciId, machine })),
    );
    let together = new Map<string, readonly PresenceInterval[]>();
    for (const { ciId, intervals } of changes) {
      if (intervals.length === 0) continue;
      if (together.has(ciId)) {
        await replace(db, together);
        together = new Map();
      }
      together.set(ciId, intervals);
    }
    await replace(db, together);
  }

  async function replace(db: Db, records: ReadonlyMap<string, readonly PresenceInterval[]>): Promise<void> {
    const from = [...records].map(([ciId, [first]]) => ({ ciId, fromMs: first?.fromMs }));
    if (from.length > 0) await cut(db).execute({ asked: JSON.stringify(from) });
    const rows = [...records].flatMap(([ciId, intervals]) =>
      intervals.map((interval) => ({ ciId, ...interval })),
    );
    await putIntervals(db, rows);
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
            gte(presenceIntervals.fromMs, reachingInMs(sql`${ciId}`, sql`${fromMs}`)),
            lt(presenceIntervals.fromMs, toMs),
            or(isNull(presenceIntervals.toMs), gt(presenceIntervals.toMs, fromMs)),
          ),
        )
        .orderBy(asc(presenceIntervals.fromMs));
      return rows.map(plain);
    },
    intervalsSince: async (list) => {
      const records = new Map<string, PresenceInterval[]>();
      if (list.length === 0) return records;
      for (const row of await since.execute({ asked: JSON.stringify(list) })) {
        const record = records.get(row.ciId);
        if (record) record.push(plain(row));
        else records.set(row.ciId, [plain(row)]);
      }
      return records;
    },
    bareIntervals: async (ciIds, fromMs, toMs) => {
      const { ciId, planned, presence, cause } = presenceIntervals;
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
            gte(presenceIntervals.fromMs, reachingInMs(sql`${presenceMachines.ciId}`, sql`${fromMs}`)),
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

/** Of the interval that reaches into the period: found by one step in the key, however long the record is. */
function reachingInMs(ciId: SQL, fromMs: SQL): SQL<number> {
  return sql<number>`coalesce((select max(b.from_ms) from presence_intervals b where b.ci_id = ${ciId} and b.from_ms <= ${fromMs}), ${fromMs})`;
}

function plain({ ciId: _ciId, revisedAtMs, was, ...interval }: IntervalRow): PresenceInterval {
  return {
    ...interval,
    ...(revisedAtMs === null ? {} : { revisedAtMs }),
    ...(was === null ? {} : { was }),
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
