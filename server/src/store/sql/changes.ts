/** The port of the change records on SQL. */
import { and, desc, eq, gt, inArray, lte, or, sql, type SQL } from 'drizzle-orm';
import type { ChangeRecord, ChangeStore } from '../../changes/store.ts';
import { newestPage, olderThan } from './newest-first.ts';
import type { SqlStore } from './open.ts';

const POLICY_ID = 'policy';

export function createSqlChangeStore(store: SqlStore): ChangeStore {
  const { t, read } = store;
  return {
    put: (change) =>
      store.tx(async (db) => {
        const row = { ...change, number: Number(change.ref.replace(/\D/g, '')) };
        await db.insert(t.changes).values(row).onConflictDoUpdate({ target: t.changes.id, set: row });
      }),
    change: async (id) => {
      const [row] = await read.select().from(t.changes).where(eq(t.changes.id, id));
      return row ? recordOf(row) : null;
    },
    find: async ({ state, ciId, alsoOf = [], limit, cursor }) => {
      const where: (SQL | undefined)[] = [olderThan(t.changes.startsAtMs, t.changes.id, cursor)];
      if (state) where.push(eq(t.changes.state, state));
      if (ciId) {
        // Ids are plain words: the quoted word is found as text, literally, in both dialects.
        const whole = sql`cast(${t.changes.ciIds} as text)`;
        where.push(
          or(...[ciId, ...alsoOf].map((id) => sql`replace(${whole}, ${JSON.stringify(id)}, '') <> ${whole}`)),
        );
      }
      const rows = await read
        .select()
        .from(t.changes)
        .where(and(...where))
        .orderBy(desc(t.changes.startsAtMs), desc(t.changes.id))
        .limit(limit + 1);
      const page = newestPage(rows, limit, ({ startsAtMs }) => startsAtMs);
      return { ...page, items: page.items.map(recordOf) };
    },
    inForce: async (atMs) => {
      const rows = await read
        .select()
        .from(t.changes)
        .where(
          and(
            lte(t.changes.startsAtMs, atMs),
            gt(t.changes.endsAtMs, atMs),
            inArray(t.changes.state, ['approved', 'closed']),
          ),
        );
      return rows.map(recordOf);
    },
    highestNumber: async () => {
      const [row] = await read
        .select({ highest: sql<number>`coalesce(max(${t.changes.number}), 0)` })
        .from(t.changes);
      return Number(row?.highest ?? 0);
    },
    policy: async () => (await read.select().from(t.changePolicy))[0]?.policy ?? null,
    putPolicy: (policy) =>
      store.tx(
        async (db) =>
          void (await db
            .insert(t.changePolicy)
            .values({ id: POLICY_ID, policy })
            .onConflictDoUpdate({ target: t.changePolicy.id, set: { policy } })),
      ),
  };
}

function recordOf({ number: _number, ...record }: ChangeRecord & { readonly number: number }): ChangeRecord {
  return record;
}
