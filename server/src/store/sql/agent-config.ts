/** The configuration of agents on SQL. */
import { desc, eq, lt } from 'drizzle-orm';
import type { AgentConfigStore } from '../../agent-config/store.ts';
import type { SqlStore } from './open.ts';

export function createSqlAgentConfigStore(store: SqlStore): AgentConfigStore {
  const { read } = store;
  const { agentConfigVersions: versions, agentConfigStandings: standings } = store.t;
  return {
    current: async () =>
      (await read.select().from(versions).orderBy(desc(versions.version)).limit(1))[0] ?? null,
    version: async (version) =>
      (await read.select().from(versions).where(eq(versions.version, version)))[0] ?? null,
    versions: async ({ limit, below }) =>
      read
        .select({
          version: versions.version,
          atMs: versions.atMs,
          by: versions.by,
          restoredFrom: versions.restoredFrom,
        })
        .from(versions)
        .where(below === null ? undefined : lt(versions.version, below))
        .orderBy(desc(versions.version))
        .limit(limit),
    add: (version) =>
      store.tx(
        async (db) =>
          (
            await db
              .insert(versions)
              .values(version)
              .onConflictDoNothing()
              .returning({ it: versions.version })
          ).length > 0,
      ),
    standings: async () => read.select().from(standings),
    putStandings: (all) =>
      store.tx(async (db) => {
        for (const one of all)
          await db.insert(standings).values(one).onConflictDoUpdate({ target: standings.agentId, set: one });
      }),
  };
}
