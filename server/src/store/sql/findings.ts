/** The port of the findings on SQL. */
import { and, desc, eq, inArray, sql, type SQL } from 'drizzle-orm';
import type { FindingStore } from '../../findings/store.ts';
import { newestPage, olderThan } from './newest-first.ts';
import type { SqlStore } from './open.ts';

const RULES_ID = 'rules';

export function createSqlFindingStore(store: SqlStore): FindingStore {
  const { t, read } = store;
  /** Each report of each machine asks it: built once. */
  const latestOn = read
    .select()
    .from(t.findings)
    .where(and(eq(t.findings.kind, sql.placeholder('kind')), eq(t.findings.key, sql.placeholder('key'))))
    .orderBy(desc(t.findings.openedAtMs), desc(t.findings.id))
    .limit(1)
    .prepare();
  return {
    put: (finding) =>
      store.tx(
        async (db) =>
          void (await db
            .insert(t.findings)
            .values(finding)
            .onConflictDoUpdate({ target: t.findings.id, set: finding })),
      ),
    finding: async (id) => (await read.select().from(t.findings).where(eq(t.findings.id, id)))[0] ?? null,
    latest: async (kind, key) => (await latestOn.execute({ kind, key }))[0] ?? null,
    find: async ({ state, kind, ciId, alsoOf = [], changeId, limit, cursor }) => {
      const where: (SQL | undefined)[] = [olderThan(t.findings.openedAtMs, t.findings.id, cursor)];
      if (state) where.push(eq(t.findings.state, state));
      if (kind) where.push(eq(t.findings.kind, kind));
      if (changeId) where.push(eq(t.findings.changeId, changeId));
      if (ciId) where.push(inArray(t.findings.ciId, [ciId, ...alsoOf]));
      const rows = await read
        .select()
        .from(t.findings)
        .where(and(...where))
        .orderBy(desc(t.findings.openedAtMs), desc(t.findings.id))
        .limit(limit + 1);
      return newestPage(rows, limit, ({ openedAtMs }) => openedAtMs);
    },
    rules: async () => (await read.select().from(t.findingRules))[0]?.rules.slice() ?? null,
    putRules: (rules) =>
      store.tx(
        async (db) =>
          void (await db
            .insert(t.findingRules)
            .values({ id: RULES_ID, rules })
            .onConflictDoUpdate({ target: t.findingRules.id, set: { rules } })),
      ),
    openCounts: async () => {
      const rows = await read
        .select({ kind: t.findings.kind, count: sql<number>`count(*)` })
        .from(t.findings)
        .where(eq(t.findings.state, 'open'))
        .groupBy(t.findings.kind);
      return new Map(rows.map(({ kind, count }) => [kind, Number(count)]));
    },
  };
}
