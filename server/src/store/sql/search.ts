/** The search port on SQL. */
import { and, asc, countDistinct, desc, eq, gt, inArray, isNotNull, isNull, sql } from 'drizzle-orm';
import type { SearchStore } from '../../search/store.ts';
import { contains, wordsOf } from './contains.ts';
import type { SqlStore } from './open.ts';

export function createSqlSearchStore(store: SqlStore): SearchStore {
  const { t, read } = store;
  return {
    incidents: async (words, limit) =>
      read
        .select({
          id: t.incidents.id,
          ref: t.incidents.ref,
          title: t.incidents.title,
          state: t.incidents.state,
          priority: t.incidents.priority,
          ciName: t.incidents.ciName,
          openedAtMs: t.incidents.openedAtMs,
        })
        .from(t.incidents)
        .where(
          and(
            ...words.map((word) =>
              contains([t.incidents.ref, t.incidents.ciName, ...wordsOf(t.incidents.title)], word),
            ),
          ),
        )
        .orderBy(desc(t.incidents.openedAtMs), desc(t.incidents.id))
        .limit(limit),
    softwareNames: async (words, limit) => {
      const rows = await read
        .selectDistinct({ name: t.products.name })
        .from(t.products)
        .where(and(...words.map((word) => contains([t.products.name], word))))
        .limit(limit);
      return rows.map(({ name }) => name);
    },
    installationCounts: async (names) => {
      if (names.length === 0) return new Map();
      const products = await read
        .select({ id: t.products.id, name: t.products.name })
        .from(t.products)
        .where(inArray(t.products.name, [...names]));
      const idsByName = Map.groupBy(products, ({ name }) => name);
      const counts = new Map<string, number>();
      for (const [name, own] of idsByName) {
        const ids = own.map(({ id }) => id);
        // Most names are one product: its entries in the index are counted, no row is read.
        const count = ids.length === 1 ? sql<number>`count(*)` : countDistinct(t.installations.machineId);
        const [row] = await read
          .select({ count })
          .from(t.installations)
          .where(inArray(t.installations.productId, ids));
        if (row && Number(row.count) > 0) counts.set(name, Number(row.count));
      }
      return counts;
    },
    mergedNames: async () =>
      read
        .select({ id: t.cis.id, name: t.cis.name, mergedInto: t.cis.mergedInto })
        .from(t.cis)
        .where(isNotNull(t.cis.mergedInto)),
    components: async (after, limit) =>
      read
        .select({
          id: t.parts.id,
          class: t.parts.class,
          name: t.parts.name,
          machineId: t.parts.machineId,
          attributes: t.parts.attributes,
        })
        .from(t.parts)
        .where(
          and(
            eq(t.parts.class, 'Component'),
            isNull(t.parts.removedAtMs),
            after === null ? undefined : gt(t.parts.id, after),
          ),
        )
        .orderBy(asc(t.parts.id))
        .limit(limit),
  };
}
