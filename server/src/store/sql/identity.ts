/** The identity side of the CMDB port on SQL: reporters, pins, reviews, merges, exchanges of sections. */
import { and, desc, eq, inArray, isNull, or, sql } from 'drizzle-orm';
import type {
  IdentityEdits,
  IdentityReads,
  IdentityWrites,
  SectionExchange,
  SectionHeads,
} from '../../cmdb/identity-record.ts';
import type { IdentityKey, Part } from '../../cmdb/store.ts';
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import type { FormerPackage, FormerRow } from '../../history/past.ts';
import type { Millis } from '@muster/shared/time.ts';
import { bulkPut } from './bulk.ts';
import type { Db, SqlStore } from './open.ts';
import { createPast } from './past.ts';

/** Values that one statement binds. */
const BOUND_MAX = 500;

export function createSqlIdentity({ t, read, tx }: Pick<SqlStore, 't' | 'read' | 'tx'>): {
  readonly reads: IdentityReads;
  readonly writes: IdentityWrites;
  /** Within a transaction. */
  put(db: Db, edits: IdentityEdits): Promise<void>;
  /** What each side had is kept as its former state. */
  exchange(db: Db, exchange: SectionExchange, atMs: Millis): Promise<void>;
} {
  const heads = read
    .select({
      section: t.sections.section,
      hash: t.sections.hash,
      complete: t.sections.complete,
      reportedAtMs: t.sections.reportedAtMs,
      confirmedAtMs: t.sections.confirmedAtMs,
      source: t.sections.source,
      reporter: t.sections.reporter,
      missing: t.sections.missing,
      leftOut: t.sections.leftOut,
    })
    .from(t.sections)
    .where(eq(t.sections.machineId, sql.placeholder('machineId')))
    .prepare();

  const { putFormers } = createPast(t);
  const putReporters = bulkPut(t.reporters, { target: ['source', 'id'] });

  async function put(db: Db, edits: IdentityEdits): Promise<void> {
    await putReporters(db, edits.reporters ?? []);
    for (const pin of edits.pins ?? [])
      await db.insert(t.identityPins).values({ id: pin.id, pin }).onConflictDoNothing();
    for (const id of edits.removedPins ?? [])
      await db.delete(t.identityPins).where(eq(t.identityPins.id, id));
    for (const review of edits.reviews ?? []) {
      const { id, state, openedAtMs } = review;
      const values = { id, state, openedAtMs, review };
      await db
        .insert(t.identityReviews)
        .values(values)
        .onConflictDoUpdate({ target: t.identityReviews.id, set: values });
    }
    for (const merge of edits.merges ?? []) {
      const { id, keepId, otherId, atMs } = merge;
      const values = { id, keepId, otherId, atMs, merge };
      await db.insert(t.ciMerges).values(values).onConflictDoUpdate({ target: t.ciMerges.id, set: values });
    }
  }

  async function exchange(db: Db, exchanged: SectionExchange, atMs: Millis): Promise<void> {
    const { aId, bId, sections, overtaken = [] } = exchanged;
    const touched = [...new Set([...sections, ...overtaken])];
    if (touched.length === 0) return;
    const found = await sidesOf(db, [aId, bId], touched);
    await keepFormers(db, [aId, bId], found.parts, found.installed, atMs);
    if (overtaken.length > 0) await removeOvertaken(db, bId, overtaken, atMs);
    const wanted = [...sections];
    const swapped = (machineId: string) => (machineId === aId ? bId : aId);
    const { parts, installed } = overtaken.length === 0 ? found : await sidesOf(db, [aId, bId], wanted);
    for (const fromId of [aId, bId]) {
      const ids = parts.filter(({ machineId }) => machineId === fromId).map(({ id }) => id);
      for (let at = 0; at < ids.length; at += BOUND_MAX)
        await db
          .update(t.parts)
          .set({ machineId: swapped(fromId) })
          .where(inArray(t.parts.id, ids.slice(at, at + BOUND_MAX)));
    }
    const here = and(inArray(t.sections.machineId, [aId, bId]), inArray(t.sections.section, wanted));
    const rows = await db.select().from(t.sections).where(here);
    await db.delete(t.sections).where(here);
    for (const row of rows) await db.insert(t.sections).values({ ...row, machineId: swapped(row.machineId) });
    if (installed.length === 0) return;
    await db.delete(t.installations).where(inArray(t.installations.machineId, [aId, bId]));
    for (let at = 0; at < installed.length; at += BOUND_MAX)
      await db.insert(t.installations).values(
        installed.slice(at, at + BOUND_MAX).map(({ installation }) => ({
          ...installation,
          machineId: swapped(installation.machineId),
        })),
      );
  }

  async function sidesOf(db: Db, ids: readonly string[], sections: readonly InventorySection[]) {
    const parts = await db
      .select()
      .from(t.parts)
      .where(and(inArray(t.parts.machineId, [...ids]), inArray(t.parts.section, [...sections])));
    const installed = sections.includes('software')
      ? await db
          .select({ product: t.products, installation: t.installations })
          .from(t.installations)
          .innerJoin(t.products, eq(t.products.id, t.installations.productId))
          .where(inArray(t.installations.machineId, [...ids]))
      : [];
    return { parts, installed };
  }

  async function removeOvertaken(
    db: Db,
    machineId: string,
    sections: readonly InventorySection[],
    atMs: Millis,
  ): Promise<void> {
    const these = [...sections];
    await db
      .update(t.parts)
      .set({ removedAtMs: atMs })
      .where(
        and(eq(t.parts.machineId, machineId), inArray(t.parts.section, these), isNull(t.parts.removedAtMs)),
      );
    await db
      .delete(t.sections)
      .where(and(eq(t.sections.machineId, machineId), inArray(t.sections.section, these)));
    if (these.includes('software'))
      await db.delete(t.installations).where(eq(t.installations.machineId, machineId));
  }

  async function keepFormers(
    db: Db,
    machineIds: readonly string[],
    parts: readonly Part[],
    installed: readonly {
      readonly product: { readonly key: string };
      readonly installation: {
        readonly machineId: string;
        readonly version: string;
        readonly publisher: string | null;
        readonly installedAtMs: number | null;
        readonly sizeBytes: number | null;
        readonly firstSeenAtMs: number;
      };
    }[],
    atMs: Millis,
  ): Promise<void> {
    const rows = machineIds.map((ciId) => {
      const formerParts: Record<string, FormerRow> = {};
      for (const { absentReports: _absentReports, ...whole } of parts)
        formerParts[whole.id] = whole.machineId === ciId ? { whole } : null;
      const software: Record<string, FormerPackage | null> = {};
      for (const { product } of installed) software[product.key] = null;
      for (const { product, installation: one } of installed)
        if (one.machineId === ciId)
          software[product.key] = [
            one.version,
            one.publisher,
            one.installedAtMs,
            one.sizeBytes,
            one.firstSeenAtMs,
          ];
      return { ciId, former: { parts: formerParts, ...(installed.length > 0 ? { software } : {}) } };
    });
    await putFormers(db, rows, atMs);
  }

  return {
    put,
    exchange,
    reads: {
      sectionHeads: async (machineId) => {
        const found: SectionHeads = {};
        for (const { section, ...head } of await heads.execute({ machineId })) found[section] = head;
        return found;
      },
      keysOf: async (ciIds) => {
        const found = new Map<string, IdentityKey[]>();
        for (let at = 0; at < ciIds.length; at += BOUND_MAX) {
          const rows = await read
            .select()
            .from(t.machineKeys)
            .where(inArray(t.machineKeys.machineId, ciIds.slice(at, at + BOUND_MAX)));
          for (const { machineId, ...key } of rows)
            found.set(machineId, [...(found.get(machineId) ?? []), key]);
        }
        return found;
      },
      reporters: async () => read.select().from(t.reporters),
      pins: async () => (await read.select().from(t.identityPins)).map(({ pin }) => pin),
      reviews: async ({ state, limit }) =>
        (
          await read
            .select({ review: t.identityReviews.review })
            .from(t.identityReviews)
            .where(state && eq(t.identityReviews.state, state))
            .orderBy(desc(t.identityReviews.openedAtMs), desc(t.identityReviews.id))
            .limit(limit)
        ).map(({ review }) => review),
      review: async (id) =>
        (await read.select().from(t.identityReviews).where(eq(t.identityReviews.id, id)))[0]?.review ?? null,
      merge: async (id) =>
        (await read.select().from(t.ciMerges).where(eq(t.ciMerges.id, id)))[0]?.merge ?? null,
      mergesOf: async (ciId) =>
        (
          await read
            .select()
            .from(t.ciMerges)
            .where(or(eq(t.ciMerges.keepId, ciId), eq(t.ciMerges.otherId, ciId)))
            .orderBy(desc(t.ciMerges.atMs), desc(t.ciMerges.id))
        ).map(({ merge }) => merge),
      junkValues: async () => read.select().from(t.junkValues),
    },
    writes: {
      confirmSections: (machineId, sections, reporter) =>
        tx(async (db) => {
          if (sections.length > 0)
            await db
              .update(t.sections)
              .set({ confirmedAtMs: reporter.lastAtMs })
              .where(and(eq(t.sections.machineId, machineId), inArray(t.sections.section, [...sections])));
          await db
            .update(t.reporters)
            .set({ lastAtMs: reporter.lastAtMs })
            .where(and(eq(t.reporters.source, reporter.source), eq(t.reporters.id, reporter.id)));
        }),
      putJunk: (value) =>
        tx(async (db) => {
          await db.insert(t.junkValues).values(value).onConflictDoNothing();
        }),
      removeJunk: (id) =>
        tx(async (db) => {
          await db.delete(t.junkValues).where(eq(t.junkValues.id, id));
        }),
      putReview: (review) => tx((db) => put(db, { reviews: [review] })),
      removePin: (id) => tx((db) => put(db, { removedPins: [id] })),
    },
  };
}
