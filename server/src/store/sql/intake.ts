/** The port of the intake on SQL. */
import { and, desc, eq, isNull, lt, ne, sql } from 'drizzle-orm';
import { DELIVERIES_KEPT_MAX } from '../../intake/limits.ts';
import type { IntakeListed, IntakeStore } from '../../intake/store.ts';
import type { Db, SqlStore } from './open.ts';

export function createSqlIntakeStore(store: SqlStore): IntakeStore {
  const { read } = store;
  const { intakeSites: sites, intakeDeliveries: deliveries, intakeReporters: reporters } = store.t;

  /** What lies behind the newest of the site. */
  async function forgetOld(db: Db, siteId: string): Promise<void> {
    const [last] = await db
      .select({ id: deliveries.id })
      .from(deliveries)
      .where(eq(deliveries.siteId, siteId))
      .orderBy(desc(deliveries.id))
      .limit(1)
      .offset(DELIVERIES_KEPT_MAX);
    if (!last) return;
    await db
      .delete(deliveries)
      .where(and(eq(deliveries.siteId, siteId), sql`${deliveries.id} <= ${last.id}`));
  }

  return {
    addSite: (site) =>
      store.tx(async (db) => {
        await db.insert(sites).values(site);
      }),
    site: async (id) => (await read.select().from(sites).where(eq(sites.id, id)))[0] ?? null,
    sites: async ({ limit, cursor }) =>
      pageOf(
        await read
          .select()
          .from(sites)
          .where(cursor === undefined ? undefined : lt(sites.id, cursor))
          .orderBy(desc(sites.id))
          .limit(limit + 1),
        limit,
      ),
    allSites: async () => read.select().from(sites),
    revokeSite: (id, nowMs) =>
      store.tx(
        async (db) =>
          (
            await db
              .update(sites)
              .set({ revokedAtMs: nowMs })
              .where(and(eq(sites.id, id), isNull(sites.revokedAtMs)))
              .returning({ id: sites.id })
          ).length > 0,
      ),
    record: (delivery, reporter) =>
      store.tx(async (db) => {
        const { siteId, atMs, code, detail } = delivery;
        await db.insert(deliveries).values(delivery);
        await forgetOld(db, siteId);
        await db
          .update(sites)
          .set(
            delivery.result === 'refused'
              ? {
                  refused: sql`${sites.refused} + 1`,
                  lastErrorAtMs: atMs,
                  lastErrorCode: code,
                  lastErrorDetail: detail,
                }
              : { deliveries: sql`${sites.deliveries} + 1`, lastDeliveryAtMs: atMs },
          )
          .where(eq(sites.id, siteId));
        if (reporter === null) return;
        const { id, ...news } = reporter;
        await db
          .insert(reporters)
          .values({ id, ...news, siteId, firstSeenAtMs: reporter.lastSeenAtMs, deliveries: 1 })
          .onConflictDoUpdate({
            target: [reporters.siteId, reporters.key],
            set: { ...news, deliveries: sql`${reporters.deliveries} + 1` },
          });
      }),
    deliveries: async ({ siteId, refused, limit, cursor }) =>
      pageOf(
        await read
          .select()
          .from(deliveries)
          .where(
            and(
              siteId === undefined ? undefined : eq(deliveries.siteId, siteId),
              refused === undefined
                ? undefined
                : refused
                  ? eq(deliveries.result, 'refused')
                  : ne(deliveries.result, 'refused'),
              cursor === undefined ? undefined : lt(deliveries.id, cursor),
            ),
          )
          .orderBy(desc(deliveries.id))
          .limit(limit + 1),
        limit,
      ),
    reporter: async (siteId, key) =>
      (
        await read
          .select()
          .from(reporters)
          .where(and(eq(reporters.siteId, siteId), eq(reporters.key, key)))
      )[0] ?? null,
    reportersOf: async (ciId) =>
      read
        .select()
        .from(reporters)
        .where(eq(reporters.ciId, ciId))
        .orderBy(desc(reporters.lastSeenAtMs), desc(reporters.id)),
  };
}

/** `rows` holds one more than wanted where there are more. The cursor is the id of the last item. */
function pageOf<T extends { readonly id: string }>(rows: readonly T[], limit: number): IntakeListed<T> {
  const items = rows.slice(0, limit);
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}
