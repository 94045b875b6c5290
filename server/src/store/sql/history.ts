/** The port of the past on SQL. */
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { promisify } from 'node:util';
import { RETENTION_KINDS, type RetentionKind } from '@muster/shared/api/history.ts';
import {
  and,
  asc,
  type Column,
  desc,
  eq,
  getTableColumns,
  gt,
  gte,
  inArray,
  isNotNull,
  lt,
  lte,
  sql,
  type SQL,
} from 'drizzle-orm';
import type { HistoryRow } from '../../cmdb/store.ts';
import type { CiState, Former } from '../../history/past.ts';
import type { HistoryStore, KeptSince, RetentionYears } from '../../history/store.ts';
import { historyRow } from './cmdb.ts';
import { contains } from './contains.ts';
import { newestPage, olderThan } from './newest-first.ts';
import type { SqlStore } from './open.ts';
import { unpackJson } from './past.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);
/** Values that one question binds. */
const BOUND_MAX = 500;

export function createSqlHistoryStore(store: SqlStore): HistoryStore {
  const { t, read } = store;

  async function formers(ciId: string, atMs: number): Promise<Former[]> {
    const [first] = await read
      .select({ seq: sql<number | null>`min(${t.ciPast.seq})` })
      .from(t.ciPast)
      .where(and(eq(t.ciPast.ciId, ciId), gt(t.ciPast.atMs, atMs)));
    if (first?.seq == null) return [];
    const rows = await read
      .select({ former: t.ciPast.former })
      .from(t.ciPast)
      .where(and(eq(t.ciPast.ciId, ciId), gte(t.ciPast.seq, Number(first.seq))))
      .orderBy(desc(t.ciPast.seq));
    return rows.map(({ former }) => unpackJson<Former>(former));
  }

  /** What of the changes a kind of retention is about. */
  function ofKind(kind: Exclude<RetentionKind, 'states'>): SQL {
    const isSoftware = beginsWith(t.ciHistory.attribute, 'software:');
    const isRelation = beginsWith(t.ciHistory.attribute, 'relation:');
    if (kind === 'software') return isSoftware;
    if (kind === 'relations') return isRelation;
    return sql`(${t.ciHistory.attribute} is null or not (${isSoftware} or ${isRelation}))`;
  }

  async function changes(query: Parameters<HistoryStore['changes']>[0]): ReturnType<HistoryStore['changes']> {
    const h = t.ciHistory;
    const where: (SQL | undefined)[] = [];
    if (query.machineIds !== undefined)
      where.push(inArray(h.machineId, query.machineIds.slice(0, BOUND_MAX)));
    if (query.isOwn) where.push(sql`${h.ciId} = ${h.machineId}`);
    if (query.ciId !== undefined) where.push(eq(h.ciId, query.ciId));
    if (query.class === 'Software') where.push(beginsWith(h.attribute, 'software:'));
    else if (query.class !== undefined)
      where.push(
        eq(h.ciClass, query.class),
        sql`(${h.attribute} is null or not ${beginsWith(h.attribute, 'software:')})`,
      );
    if (query.attribute === 'software' || query.attribute === 'relation')
      where.push(beginsWith(h.attribute, `${query.attribute}:`));
    else if (query.attribute !== undefined) where.push(eq(h.attribute, query.attribute));
    if (query.kind !== undefined) where.push(eq(h.kind, query.kind));
    if (query.source !== undefined) where.push(sql`${h.source} = ${query.source}`);
    if (query.actor !== undefined) where.push(eq(h.actor, query.actor));
    if (query.cause !== undefined) where.push(eq(h.causeId, query.cause));
    if (query.q) where.push(contains([h.ciName, h.attribute], query.q));
    if (query.fromMs !== undefined) where.push(gte(h.atMs, query.fromMs));
    if (query.toMs !== undefined) where.push(lt(h.atMs, query.toMs));
    const rows = await read
      .select()
      .from(h)
      .where(and(...where, olderThan(h.atMs, h.id, query.cursor)))
      .orderBy(desc(h.atMs), desc(h.id))
      .limit(query.limit + 1);
    const page = newestPage(rows, query.limit, ({ atMs }) => atMs);
    return { ...page, items: page.items.map(historyRow) satisfies HistoryRow[] };
  }

  async function putBaselineStates(baselineId: string, states: readonly CiState[]): Promise<number> {
    const values = await Promise.all(
      states.map(async (state) => ({
        baselineId,
        ciId: state.ci.id,
        state: await compress(Buffer.from(JSON.stringify(state))),
      })),
    );
    await store.tx(async (db) => {
      for (const some of batches(values)) await db.insert(t.baselineStates).values(some);
    });
    return values.reduce((sum, { state }) => sum + state.length, 0);
  }

  async function versionCounts(machineIds: readonly string[]): ReturnType<HistoryStore['versionCounts']> {
    const counts = new Map<string, { productId: number; version: string; count: number }>();
    for (const some of batches(machineIds)) {
      const rows = await read
        .select({
          productId: t.installations.productId,
          version: t.installations.version,
          count: sql<number>`count(*)`,
        })
        .from(t.installations)
        .where(inArray(t.installations.machineId, some))
        .groupBy(t.installations.productId, t.installations.version);
      for (const { productId, version, count } of rows) {
        const key = `${productId} ${version}`;
        counts.set(key, { productId, version, count: Number(count) + (counts.get(key)?.count ?? 0) });
      }
    }
    return [...counts.values()];
  }

  async function kept() {
    const rows = await read.select().from(t.historyKept);
    return new Map(rows.map((row) => [row.kind, row]));
  }

  async function deleteBefore(kind: RetentionKind, beforeMs: number, rowsMax: number): Promise<number> {
    return store.tx(async (db) => {
      if (kind === 'states') {
        const rows = await db
          .select({ seq: t.ciPast.seq })
          .from(t.ciPast)
          .where(lt(t.ciPast.atMs, beforeMs))
          .limit(rowsMax);
        for (const some of batches(rows.map(({ seq }) => seq)))
          await db.delete(t.ciPast).where(inArray(t.ciPast.seq, some));
        // A relation that had ended by then is in no state that is kept.
        const edges = await db
          .select({ id: t.relations.id })
          .from(t.relations)
          .where(and(isNotNull(t.relations.endedAtMs), lt(t.relations.endedAtMs, beforeMs)))
          .limit(rowsMax - rows.length);
        for (const some of batches(edges.map(({ id }) => id)))
          await db.delete(t.relations).where(inArray(t.relations.id, some));
        return rows.length + edges.length;
      }
      const rows = await db
        .select({ id: t.ciHistory.id })
        .from(t.ciHistory)
        .where(and(lt(t.ciHistory.atMs, beforeMs), ofKind(kind)))
        .limit(rowsMax);
      for (const some of batches(rows.map(({ id }) => id)))
        await db.delete(t.ciHistory).where(inArray(t.ciHistory.id, some));
      return rows.length;
    });
  }

  async function sizeOf(kind: RetentionKind): Promise<{ rows: number; storedBytes: number }> {
    const h = t.ciHistory;
    const [row] =
      kind === 'states'
        ? await read
            .select({
              rows: sql<number>`count(*)`,
              bytes: sql<number>`coalesce(sum(length(${t.ciPast.former})), 0)`,
            })
            .from(t.ciPast)
        : await read
            .select({
              rows: sql<number>`count(*)`,
              bytes: sql<number>`coalesce(sum(length(${h.id}) + length(cast(${h.before} as text)) + length(cast(${h.after} as text)) + length(${h.ciName}) + length(coalesce(${h.attribute}, '')) + length(${h.actor})), 0)`,
            })
            .from(h)
            .where(ofKind(kind));
    const rows = Number(row?.rows ?? 0);
    return { rows, storedBytes: Number(row?.bytes ?? 0) + rows * ROW_BYTES };
  }

  return {
    formers,
    changes,
    putBaselineStates,
    versionCounts,
    deleteBefore,
    listedFormers: async (atMs) => {
      const rows = await read
        .select({ ciId: t.ciPast.ciId, former: t.ciPast.former })
        .from(t.ciPast)
        .where(and(eq(t.ciPast.listed, true), gt(t.ciPast.atMs, atMs)))
        .orderBy(desc(t.ciPast.seq));
      return rows.map(({ ciId, former }) => ({ ciId, former: unpackJson<Former>(former) }));
    },
    changedEdges: async (fromMs, toMs) => {
      const { sinceMs, endedAtMs } = t.relations;
      const heldAt = (atMs: number) =>
        sql`(${sinceMs} <= ${atMs} and (${endedAtMs} is null or ${endedAtMs} > ${atMs}))`;
      return read
        .select()
        .from(t.relations)
        .where(sql`${heldAt(fromMs)} <> ${heldAt(toMs)}`);
    },
    fileChanges: async (fromMs, toMs, rowsMax) => {
      const h = t.ciHistory;
      const rows = await read
        .select()
        .from(h)
        .where(and(beginsWith(h.attribute, 'file:'), gt(h.atMs, fromMs), lte(h.atMs, toMs)))
        .orderBy(asc(h.atMs), asc(h.id))
        .limit(rowsMax);
      return rows.map(historyRow);
    },
    changedCis: async (fromMs, toMs) => {
      const rows = await read
        .selectDistinct({ ciId: t.ciPast.ciId })
        .from(t.ciPast)
        .where(and(gt(t.ciPast.atMs, fromMs), lte(t.ciPast.atMs, toMs)));
      return new Set(rows.map(({ ciId }) => ciId));
    },
    lastSeq: async () => {
      const [row] = await read.select({ seq: sql<number>`coalesce(max(${t.ciPast.seq}), 0)` }).from(t.ciPast);
      return Number(row?.seq ?? 0);
    },
    lastChangeId: async () => {
      const h = t.ciHistory;
      const [row] = await read.select({ id: h.id }).from(h).orderBy(desc(h.atMs), desc(h.id)).limit(1);
      return row?.id ?? '';
    },
    listedCis: async () => {
      const { attributes: _attributes, ...columns } = getTableColumns(t.cis);
      const rows = await read.select(columns).from(t.cis);
      return rows.map((row) => ({ ...row, attributes: {} }));
    },
    linkCause: async (changeIds, causeId) => {
      await store.tx(async (db) => {
        for (const some of batches(changeIds))
          await db.update(t.ciHistory).set({ causeId }).where(inArray(t.ciHistory.id, some));
      });
    },
    putBaseline: async (row) => {
      await store.tx(async (db) => {
        await db.insert(t.baselines).values(row).onConflictDoUpdate({ target: t.baselines.id, set: row });
      });
    },
    baselines: async () =>
      read.select().from(t.baselines).orderBy(desc(t.baselines.createdAtMs), desc(t.baselines.id)),
    baseline: async (id) => (await read.select().from(t.baselines).where(eq(t.baselines.id, id)))[0] ?? null,
    baselineCiIds: async (id) =>
      (
        await read
          .select({ ciId: t.baselineStates.ciId })
          .from(t.baselineStates)
          .where(eq(t.baselineStates.baselineId, id))
      ).map(({ ciId }) => ciId),
    baselineState: async (id, ciId) => {
      const [row] = await read
        .select({ state: t.baselineStates.state })
        .from(t.baselineStates)
        .where(and(eq(t.baselineStates.baselineId, id), eq(t.baselineStates.ciId, ciId)));
      return row === undefined ? null : (JSON.parse((await decompress(row.state)).toString()) as CiState);
    },
    deleteBaseline: async (id) => {
      await store.tx(async (db) => {
        await db.delete(t.baselineStates).where(eq(t.baselineStates.baselineId, id));
        await db.delete(t.baselines).where(eq(t.baselines.id, id));
      });
    },
    versionsOf: async (productIds, machineIds) => {
      const found: { machineId: string; productId: number; version: string }[] = [];
      for (const products of batches(productIds))
        for (const machines of batches(machineIds))
          found.push(
            ...(await read
              .select({
                machineId: t.installations.machineId,
                productId: t.installations.productId,
                version: t.installations.version,
              })
              .from(t.installations)
              .where(
                and(
                  inArray(t.installations.productId, products),
                  inArray(t.installations.machineId, machines),
                ),
              )),
          );
      return found;
    },
    products: async (ids) => {
      const found: Awaited<ReturnType<HistoryStore['products']>> = [];
      for (const some of batches(ids))
        found.push(
          ...(await read
            .select({
              id: t.products.id,
              name: t.products.name,
              architecture: t.products.architecture,
              source: sql<string>`${t.products.source}`,
            })
            .from(t.products)
            .where(inArray(t.products.id, some))),
        );
      return found;
    },
    putAccuracyDays: async (days) => {
      await store.tx(async (db) => {
        for (const row of days)
          await db
            .insert(t.accuracyDays)
            .values(row)
            .onConflictDoUpdate({ target: [t.accuracyDays.class, t.accuracyDays.day], set: row });
      });
    },
    accuracyDays: async (ofClass, fromDay) =>
      read
        .select()
        .from(t.accuracyDays)
        .where(and(eq(t.accuracyDays.class, ofClass), gte(t.accuracyDays.day, fromDay)))
        .orderBy(asc(t.accuracyDays.day)),
    retention: async () => {
      const rows = await kept();
      return byKind((kind) => rows.get(kind)?.years ?? null) satisfies RetentionYears;
    },
    keptSince: async () => {
      const rows = await kept();
      return byKind((kind) => rows.get(kind)?.keptSinceMs ?? null) satisfies KeptSince;
    },
    setRetention: async (years) => {
      await store.tx(async (db) => {
        for (const kind of RETENTION_KINDS)
          await db
            .insert(t.historyKept)
            .values({ kind, years: years[kind], keptSinceMs: null })
            .onConflictDoUpdate({ target: t.historyKept.kind, set: { years: years[kind] } });
      });
    },
    setKeptSince: async (kind, keptSinceMs) => {
      await store.tx(async (db) => {
        await db.update(t.historyKept).set({ keptSinceMs }).where(eq(t.historyKept.kind, kind));
      });
    },
    sizes: async () => ({
      states: await sizeOf('states'),
      values: await sizeOf('values'),
      software: await sizeOf('software'),
      relations: await sizeOf('relations'),
    }),
  };
}

/** What a row takes beside its texts: ids, times, its places in the indexes. */
const ROW_BYTES = 120;

function byKind<T>(of: (kind: RetentionKind) => T): Record<RetentionKind, T> {
  return { states: of('states'), values: of('values'), software: of('software'), relations: of('relations') };
}

function beginsWith(column: Column, text: string): SQL {
  // The semicolon is the character behind the colon: a range, so that an index serves it.
  return sql`(${column} >= ${text} and ${column} < ${`${text.slice(0, -1)};`})`;
}

function batches<T>(rows: readonly T[]): T[][] {
  const result: T[][] = [];
  for (let i = 0; i < rows.length; i += BOUND_MAX) result.push(rows.slice(i, i + BOUND_MAX));
  return result;
}
