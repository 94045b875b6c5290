/** The notification port on SQL. */
import { and, asc, desc, eq, lt, ne } from 'drizzle-orm';
import type { NotifyStore } from '../../notify/store.ts';
import { newestPage, olderThan } from './newest-first.ts';
import type { SqlStore } from './open.ts';

export function createSqlNotifyStore(store: SqlStore): NotifyStore {
  const { t, read } = store;
  return {
    channels: async () => read.select().from(t.channels).orderBy(asc(t.channels.name), asc(t.channels.id)),
    putChannel: (channel) =>
      store.tx(
        async (db) =>
          void (await db
            .insert(t.channels)
            .values(channel)
            .onConflictDoUpdate({ target: t.channels.id, set: channel })),
      ),
    deleteChannel: (id) =>
      store.tx(
        async (db) =>
          (await db.delete(t.channels).where(eq(t.channels.id, id)).returning({ id: t.channels.id })).length >
          0,
      ),
    addDelivery: (delivery) =>
      store.tx(async (db) => {
        const added = await db
          .insert(t.deliveries)
          .values(delivery)
          .onConflictDoNothing()
          .returning({ id: t.deliveries.id });
        return added.length > 0;
      }),
    putDelivery: (delivery) =>
      store.tx(
        async (db) =>
          void (await db
            .insert(t.deliveries)
            .values(delivery)
            .onConflictDoUpdate({ target: t.deliveries.id, set: delivery })),
      ),
    waiting: async () =>
      read
        .select()
        .from(t.deliveries)
        .where(eq(t.deliveries.state, 'waiting'))
        .orderBy(asc(t.deliveries.createdAtMs), asc(t.deliveries.id)),
    deliveries: async ({ channelId, limit, cursor }) => {
      const rows = await read
        .select()
        .from(t.deliveries)
        .where(
          and(
            channelId ? eq(t.deliveries.channelId, channelId) : undefined,
            olderThan(t.deliveries.createdAtMs, t.deliveries.id, cursor),
          ),
        )
        .orderBy(desc(t.deliveries.createdAtMs), desc(t.deliveries.id))
        .limit(limit + 1);
      return newestPage(rows, limit, ({ createdAtMs }) => createdAtMs);
    },
    forget: (beforeMs) =>
      store.tx(
        async (db) =>
          void (await db
            .delete(t.deliveries)
            .where(and(ne(t.deliveries.state, 'waiting'), lt(t.deliveries.createdAtMs, beforeMs)))),
      ),
  };
}
