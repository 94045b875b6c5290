/** The port of the rollouts on SQL. */
import { and, asc, desc, eq, gt, or, type SQL } from 'drizzle-orm';
import { decodeCursor, encodeCursor } from '../../cursor.ts';
import { type MemberRecord, memberRank, type RolloutStore } from '../../rollouts/store.ts';
import { bulkPut } from './bulk.ts';
import { newestPage, olderThan } from './newest-first.ts';
import type { SqlStore } from './open.ts';

export function createSqlRolloutStore(store: SqlStore): RolloutStore {
  const { read } = store;
  const { rollouts, rolloutMembers, agentPins } = store.t;
  const putMembers = bulkPut(rolloutMembers, { target: ['rolloutId', 'agentId'] });
  const rowsOf = (rolloutId: string, members: readonly MemberRecord[]) =>
    members.map((member) => ({ ...member, rolloutId, rank: memberRank(member.state) }));
  const newest = [desc(rollouts.createdAtMs), desc(rollouts.id)] as const;

  return {
    add: (rollout, members) =>
      store.tx(async (db) => {
        await db.insert(rollouts).values({ ...rollout, tags: [...rollout.tags] });
        await putMembers(db, rowsOf(rollout.id, members));
      }),
    put: (rollout, changed) =>
      store.tx(async (db) => {
        await db
          .update(rollouts)
          .set({ ...rollout, tags: [...rollout.tags] })
          .where(eq(rollouts.id, rollout.id));
        await putMembers(db, rowsOf(rollout.id, changed));
      }),
    latest: async () =>
      (
        await read
          .select()
          .from(rollouts)
          .orderBy(...newest)
          .limit(1)
      )[0] ?? null,
    rollout: async (id) => (await read.select().from(rollouts).where(eq(rollouts.id, id)))[0] ?? null,
    rollouts: async ({ limit, cursor }) => {
      const rows = await read
        .select()
        .from(rollouts)
        .where(olderThan(rollouts.createdAtMs, rollouts.id, cursor))
        .orderBy(...newest)
        .limit(limit + 1);
      return newestPage(rows, limit, ({ createdAtMs }) => createdAtMs);
    },
    members: async (rolloutId) => {
      const rows = await read
        .select()
        .from(rolloutMembers)
        .where(eq(rolloutMembers.rolloutId, rolloutId))
        .orderBy(asc(rolloutMembers.turn));
      return rows.map(memberOf);
    },
    membersPage: async (rolloutId, { state, ring, limit, cursor }) => {
      const where: (SQL | undefined)[] = [eq(rolloutMembers.rolloutId, rolloutId), behind(cursor)];
      if (state) where.push(eq(rolloutMembers.state, state));
      if (ring) where.push(eq(rolloutMembers.ring, ring));
      const rows = await read
        .select()
        .from(rolloutMembers)
        .where(and(...where))
        .orderBy(asc(rolloutMembers.rank), asc(rolloutMembers.name), asc(rolloutMembers.agentId))
        .limit(limit + 1);
      const items = rows.slice(0, limit);
      const last = items.at(-1);
      const hasMore = rows.length > limit && last !== undefined;
      return {
        items: items.map(memberOf),
        nextCursor: hasMore ? encodeCursor([String(last.rank), last.name, last.agentId]) : null,
      };
    },
    pins: () => read.select().from(agentPins),
    pin: (pin) =>
      store.tx(
        async (db) =>
          void (await db
            .insert(agentPins)
            .values(pin)
            .onConflictDoUpdate({ target: agentPins.agentId, set: pin })),
      ),
    unpin: (agentId) =>
      store.tx(async (db) => void (await db.delete(agentPins).where(eq(agentPins.agentId, agentId)))),
  };

  function behind(cursor: string | undefined): SQL | undefined {
    if (cursor === undefined) return undefined;
    const [rank = '', name = '', agentId = ''] = decodeCursor(cursor, 3);
    const { rank: rankOf, name: nameOf, agentId: idOf } = rolloutMembers;
    const isRank = eq(rankOf, Number(rank));
    return or(
      gt(rankOf, Number(rank)),
      and(isRank, gt(nameOf, name)),
      and(isRank, eq(nameOf, name), gt(idOf, agentId)),
    );
  }
}

/** Without what is of the table alone. */
function memberOf(row: MemberRecord & { rank: number; rolloutId: string }): MemberRecord {
  const { rank: _rank, rolloutId: _rolloutId, ...member } = row;
  return member;
}
