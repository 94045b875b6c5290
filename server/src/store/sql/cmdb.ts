/** The CMDB port on SQL. */
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompressSync } from 'node:zlib';
import type { InventorySection } from '@muster/shared/wire/control.ts';
import { and, asc, desc, eq, gte, inArray, isNull, lt, or, sql, type SQL } from 'drizzle-orm';
import { decodeCursor, encodeCursor } from '../../cursor.ts';
import { softwareKey } from '../../cmdb/picture.ts';
import type {
  ChangeSet,
  CmdbStore,
  HistoryRow,
  IdentityKey,
  Installation,
  MachineQuery,
  Part,
  SectionStates,
  TraceRow,
} from '../../cmdb/store.ts';
import type { Db, SqlStore } from './open.ts';

const compress = promisify(zstdCompress);
/** Rows of one INSERT; SQLite binds at most 32,766 values. */
const ROWS_PER_INSERT_MAX = 500;

export function createSqlCmdbStore(store: SqlStore): CmdbStore {
  const { t, read } = store;

  async function apply(set: ChangeSet): Promise<void> {
    const sections = await packSections(set.sections);
    await store.tx(async (db) => {
      await putMachine(db, set);
      for (const part of set.parts)
        await db.insert(t.parts).values(part).onConflictDoUpdate({ target: t.parts.id, set: part });
      await putSoftware(db, set);
      for (const row of sections) {
        const values = { machineId: set.machine.id, ...row };
        await db
          .insert(t.sections)
          .values(values)
          .onConflictDoUpdate({ target: [t.sections.machineId, t.sections.section], set: values });
      }
      for (const rows of batches(set.history.map(historyValues)))
        await db.insert(t.ciHistory).values(rows).onConflictDoNothing();
      for (const rows of batches(set.traces))
        await db
          .insert(t.identityTraces)
          .values([...rows])
          .onConflictDoNothing();
    });
  }

  async function putMachine(db: Db, { machine, keys }: ChangeSet): Promise<void> {
    await db.insert(t.machines).values(machine).onConflictDoUpdate({ target: t.machines.id, set: machine });
    await db.delete(t.machineKeys).where(eq(t.machineKeys.machineId, machine.id));
    const rows = keys.map((key) => ({ machineId: machine.id, ...key }));
    for (const some of batches(rows)) await db.insert(t.machineKeys).values(some).onConflictDoNothing();
  }

  async function putSoftware(db: Db, { machine, installations }: ChangeSet): Promise<void> {
    const { put, removed } = installations;
    const ids = await productIds(db, [...put.map(({ key }) => key), ...removed]);
    const unknown = put.filter(({ key }) => !ids.has(key));
    if (unknown.length > 0) {
      const [last] = await db
        .select({ id: sql<number>`coalesce(max(${t.products.id}), 0)` })
        .from(t.products);
      let next = last?.id ?? 0;
      const rows = unknown.map(({ key, name, architecture, source }) => ({
        id: ++next,
        key,
        name,
        architecture,
        source,
      }));
      for (const some of batches(rows)) await db.insert(t.products).values(some);
      for (const row of rows) ids.set(row.key, row.id);
    }
    const rows = put.map((item) => ({
      machineId: machine.id,
      productId: ids.get(item.key) as number,
      version: item.version,
      publisher: item.publisher,
      installedAtMs: item.installedAtMs,
      sizeBytes: item.sizeBytes,
      firstSeenAtMs: item.firstSeenAtMs,
      absentReports: item.absentReports,
    }));
    for (const some of batches(rows)) {
      await db
        .insert(t.installations)
        .values(some)
        .onConflictDoUpdate({
          target: [t.installations.machineId, t.installations.productId],
          set: {
            version: sql`excluded.version`,
            publisher: sql`excluded.publisher`,
            installedAtMs: sql`excluded.installed_at_ms`,
            sizeBytes: sql`excluded.size_bytes`,
            absentReports: sql`excluded.absent_reports`,
          },
        });
    }
    const gone = removed.map((key) => ids.get(key)).filter((id) => id !== undefined);
    for (const some of batches(gone)) {
      await db
        .delete(t.installations)
        .where(and(eq(t.installations.machineId, machine.id), inArray(t.installations.productId, [...some])));
    }
  }

  async function productIds(db: Db, keys: readonly string[]): Promise<Map<string, number>> {
    const ids = new Map<string, number>();
    for (const some of batches(keys)) {
      const rows = await db
        .select({ id: t.products.id, key: t.products.key })
        .from(t.products)
        .where(inArray(t.products.key, [...some]));
      for (const row of rows) ids.set(row.key, row.id);
    }
    return ids;
  }

  async function findMachines(query: MachineQuery): ReturnType<CmdbStore['findMachines']> {
    const where: (SQL | undefined)[] = [
      sql`not (${t.machines.placeholder} and ${t.machines.lifecycle} = 'retired')`,
    ];
    if (query.class) where.push(sql`${t.machines.class} = ${query.class}`);
    if (query.lifecycle) where.push(eq(t.machines.lifecycle, query.lifecycle));
    if (query.ids) where.push(query.ids.size === 0 ? sql`1 = 0` : inArray(t.machines.id, [...query.ids]));
    if (query.q) {
      const part = `%${query.q.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
      const byKey = read
        .select({ id: t.machineKeys.machineId })
        .from(t.machineKeys)
        .where(sql`lower(${t.machineKeys.value}) like ${part} escape '\\'`);
      where.push(
        or(
          sql`lower(${t.machines.name}) like ${part} escape '\\'`,
          sql`lower(${t.machines.assetNumber}) like ${part} escape '\\'`,
          inArray(t.machines.id, byKey),
        ),
      );
    }
    // Tags are a short JSON list of plain words: the quoted word is found as text, literally, in both dialects.
    if (query.tag) {
      const tags = sql`cast(${t.machines.tags} as text)`;
      where.push(sql`replace(${tags}, ${JSON.stringify(query.tag)}, '') <> ${tags}`);
    }
    const after = query.cursor ? decodeCursor(query.cursor, 2) : null;
    if (after)
      where.push(
        or(
          sql`${t.machines.name} > ${after[0]}`,
          and(sql`${t.machines.name} = ${after[0]}`, sql`${t.machines.id} > ${after[1]}`),
        ),
      );
    const rows = await read
      .select()
      .from(t.machines)
      .where(and(...where))
      .orderBy(asc(t.machines.name), asc(t.machines.id))
      .limit(query.limit + 1);
    const items = rows.slice(0, query.limit);
    const last = items.at(-1);
    return {
      items,
      nextCursor: rows.length > query.limit && last ? encodeCursor([last.name, last.id]) : null,
    };
  }

  return {
    apply,
    findMachines,
    machine: async (id) => (await read.select().from(t.machines).where(eq(t.machines.id, id)))[0] ?? null,
    machines: async () => read.select().from(t.machines),
    machinesByKeys: async (keys) => {
      if (keys.length === 0) return [];
      const matches = keys.map((key: IdentityKey) =>
        and(eq(t.machineKeys.kind, key.kind), eq(t.machineKeys.value, key.value)),
      );
      const ids = await read
        .selectDistinct({ id: t.machineKeys.machineId })
        .from(t.machineKeys)
        .where(or(...matches));
      if (ids.length === 0) return [];
      return read
        .select()
        .from(t.machines)
        .where(
          inArray(
            t.machines.id,
            ids.map(({ id }) => id),
          ),
        );
    },
    parts: async (machineId, withRemoved = false) => {
      const where = withRemoved
        ? eq(t.parts.machineId, machineId)
        : and(eq(t.parts.machineId, machineId), isNull(t.parts.removedAtMs));
      return read
        .select()
        .from(t.parts)
        .where(where)
        .orderBy(asc(t.parts.class), asc(t.parts.name), asc(t.parts.id)) satisfies Promise<Part[]>;
    },
    installations: async (machineId) => {
      const rows = await read
        .select({ product: t.products, installation: t.installations })
        .from(t.installations)
        .innerJoin(t.products, eq(t.products.id, t.installations.productId))
        .where(eq(t.installations.machineId, machineId))
        .orderBy(asc(t.products.name), asc(t.products.key));
      return rows.map(({ product, installation }): Installation => {
        const item = {
          name: product.name,
          version: installation.version,
          architecture: product.architecture,
          publisher: installation.publisher,
          source: product.source,
          installedAtMs: installation.installedAtMs,
          sizeBytes: installation.sizeBytes,
        };
        return {
          ...item,
          key: softwareKey(item),
          firstSeenAtMs: installation.firstSeenAtMs,
          absentReports: installation.absentReports,
        };
      });
    },
    sections: async (machineId) => {
      const rows = await read.select().from(t.sections).where(eq(t.sections.machineId, machineId));
      const states: SectionStates = {};
      for (const row of rows) {
        states[row.section] = {
          hash: row.hash,
          complete: row.complete,
          reportedAtMs: row.reportedAtMs,
          confirmedAtMs: row.confirmedAtMs,
          data: JSON.parse(zstdDecompressSync(row.data).toString()),
        };
      }
      return states;
    },
    history: async (query) => {
      const where: (SQL | undefined)[] = [eq(t.ciHistory.machineId, query.machineId)];
      if (query.fromMs !== undefined) where.push(gte(t.ciHistory.atMs, query.fromMs));
      if (query.toMs !== undefined) where.push(lt(t.ciHistory.atMs, query.toMs));
      const after = query.cursor ? decodeCursor(query.cursor, 2) : null;
      if (after) {
        const atMs = Number(after[0]);
        where.push(
          or(
            lt(t.ciHistory.atMs, atMs),
            and(eq(t.ciHistory.atMs, atMs), sql`${t.ciHistory.id} < ${after[1]}`),
          ),
        );
      }
      const rows = await read
        .select()
        .from(t.ciHistory)
        .where(and(...where))
        .orderBy(desc(t.ciHistory.atMs), desc(t.ciHistory.id))
        .limit(query.limit + 1);
      const items = rows
        .slice(0, query.limit)
        .map((row): HistoryRow => ({ ...row, before: row.before.value, after: row.after.value }));
      const last = items.at(-1);
      return {
        items,
        nextCursor: rows.length > query.limit && last ? encodeCursor([String(last.atMs), last.id]) : null,
      };
    },
    traces: async (machineId, limit) =>
      (await read
        .select()
        .from(t.identityTraces)
        .where(eq(t.identityTraces.ciId, machineId))
        .orderBy(desc(t.identityTraces.atMs), desc(t.identityTraces.id))
        .limit(limit)) satisfies TraceRow[],
  };
}

async function packSections(states: SectionStates) {
  return Promise.all(
    Object.entries(states).map(async ([section, { data, ...state }]) => ({
      section: section as InventorySection,
      ...state,
      data: await compress(Buffer.from(JSON.stringify(data))),
    })),
  );
}

function historyValues(row: HistoryRow) {
  return { ...row, before: { value: row.before }, after: { value: row.after } };
}

function batches<T>(rows: readonly T[]): T[][] {
  const result: T[][] = [];
  for (let i = 0; i < rows.length; i += ROWS_PER_INSERT_MAX)
    result.push(rows.slice(i, i + ROWS_PER_INSERT_MAX));
  return result;
}
