/** The CMDB port on SQL. */
import { isMachineClass, isPartClass, MACHINE_CLASSES, type PartClass } from '@muster/shared/cmdb/classes.ts';
import { invariant } from '@muster/shared/invariant.ts';
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';
import {
  and,
  asc,
  type Column,
  desc,
  eq,
  gte,
  inArray,
  isNotNull,
  isNull,
  lt,
  notExists,
  or,
  sql,
  type SQL,
} from 'drizzle-orm';
import { lazily } from '../../lazy.ts';
import { decodeCursor, encodeCursor } from '../../cursor.ts';
import type {
  ChangeSet,
  Ci,
  CiFilter,
  CiPage,
  CiEdits,
  CiQuery,
  CmdbStore,
  Confirmations,
  HistoryRow,
  IdentityKey,
  Installation,
  Machine,
  Part,
  PartOfMachine,
  PartQuery,
  SectionStates,
  Source,
  TraceRow,
} from '../../cmdb/store.ts';
import { builtOnce } from './built-once.ts';
import { bulkPut } from './bulk.ts';
import { contains } from './contains.ts';
import { createSqlIdentity } from './identity.ts';
import { newestPage, olderThan } from './newest-first.ts';
import { createPast, packJson, unpackJson } from './past.ts';
import type { Db, SqlStore } from './open.ts';

/** Rows of one INSERT; SQLite binds at most 32,766 values. */
const ROWS_PER_INSERT_MAX = 500;
/** Ids that one question binds. */
const IDS_BOUND_MAX = 200;

export function createSqlCmdbStore(store: SqlStore): CmdbStore {
  const { t, read } = store;
  const past = createPast(t);
  const identity = createSqlIdentity({ t, read, tx: (fn) => store.tx(fn) });
  const put = {
    cis: bulkPut(t.cis, { target: ['id'] }),
    keys: bulkPut(t.machineKeys, 'keep'),
    parts: bulkPut(t.parts, { target: ['id'] }),
    products: bulkPut(t.products, 'keep'),
    installations: bulkPut(t.installations, { target: ['machineId', 'productId'], kept: ['firstSeenAtMs'] }),
    sections: bulkPut(t.sections, { target: ['machineId', 'section'] }),
    relations: bulkPut(t.relations, { target: ['id'] }),
    history: bulkPut(t.ciHistory, 'keep'),
    traces: bulkPut(t.identityTraces, 'keep'),
  };
  const dropKeys = builtOnce((db) =>
    db
      .delete(t.machineKeys)
      .where(eq(t.machineKeys.machineId, sql.placeholder('ciId')))
      .prepare(),
  );
  const byId = read
    .select()
    .from(t.cis)
    .where(eq(t.cis.id, sql.placeholder('id')))
    .prepare();
  const sectionsOf = read
    .select()
    .from(t.sections)
    .where(eq(t.sections.machineId, sql.placeholder('machineId')))
    .prepare();
  const partsOf = read
    .select()
    .from(t.parts)
    .where(eq(t.parts.machineId, sql.placeholder('machineId')))
    .orderBy(asc(t.parts.class), asc(t.parts.name), asc(t.parts.id))
    .prepare();
  const i = t.installations;
  const installationsOf = read
    .select({
      productId: i.productId,
      version: i.version,
      publisher: i.publisher,
      installedAtMs: i.installedAtMs,
      sizeBytes: i.sizeBytes,
      firstSeenAtMs: i.firstSeenAtMs,
      absentReports: i.absentReports,
    })
    .from(i)
    .where(eq(i.machineId, sql.placeholder('machineId')))
    .orderBy(asc(i.productId))
    .prepare();
  const products = new HeldProducts(t, read);

  async function apply(set: ChangeSet): Promise<void> {
    const sections = packSections(set.sections);
    const fresh = await store.tx(async (db) => {
      await past.keepPast(db, set);
      await put.cis(db, [set.machine]);
      await putKeys(db, set.machine.id, set.keys);
      await put.parts(db, set.parts);
      const added = await putSoftware(db, set);
      await put.sections(
        db,
        sections.map((row) => ({ machineId: set.machine.id, ...row })),
      );
      for (const [section, head] of Object.entries(set.heads ?? {}))
        await db
          .update(t.sections)
          .set(head)
          .where(
            and(
              eq(t.sections.machineId, set.machine.id),
              eq(t.sections.section, section as InventorySection),
            ),
          );
      await put.history(db, set.history.map(historyValues));
      await put.traces(db, set.traces);
      await identity.put(db, set.identity ?? {});
      return added;
    });
    products.put(fresh);
  }

  async function putKeys(db: Db, ciId: string, keys: readonly IdentityKey[]): Promise<void> {
    await dropKeys(db).execute({ ciId });
    await put.keys(
      db,
      keys.map((key) => ({ machineId: ciId, ...key })),
    );
  }

  async function applyEdits(edits: CiEdits): Promise<void> {
    const { cis, keys, relations, history } = edits;
    await store.tx(async (db) => {
      await past.keepPastOfEdits(db, edits);
      await put.cis(db, cis);
      for (const exchange of edits.exchanges ?? []) await identity.exchange(db, exchange, edits.atMs ?? 0);
      for (const [ciId, all] of keys) await putKeys(db, ciId, all);
      await put.relations(db, relations);
      await put.history(db, history.map(historyValues));
      await put.traces(db, edits.traces ?? []);
      await identity.put(db, edits.identity ?? {});
    });
  }

  async function byKeys(keys: readonly IdentityKey[]): Promise<Ci[]> {
    if (keys.length === 0) return [];
    const matches = keys.map((key) =>
      and(eq(t.machineKeys.kind, key.kind), eq(t.machineKeys.value, key.value)),
    );
    const ids = await read
      .selectDistinct({ id: t.machineKeys.machineId })
      .from(t.machineKeys)
      .where(or(...matches));
    return byIds(ids.map(({ id }) => id));
  }

  async function byIds(ids: readonly string[]): Promise<Ci[]> {
    const found: Ci[] = [];
    for (const some of batches([...new Set(ids)]))
      found.push(...(await read.select().from(t.cis).where(inArray(t.cis.id, some))));
    return found;
  }

  /** Answers the products that were not known to be there. */
  async function putSoftware(db: Db, { machine, installations }: ChangeSet): Promise<ProductRow[]> {
    const wanted = [...installations.put.map(({ key }) => key), ...installations.removed];
    const added = new Map<string, ProductRow>();
    for (const some of batches(wanted.filter((key) => products.idOf(key) === undefined)))
      for (const row of await db.select().from(t.products).where(inArray(t.products.key, some)))
        added.set(row.key, row);
    const idOf = (key: string) => products.idOf(key) ?? added.get(key)?.id;
    const unknown = installations.put.filter(({ key }) => idOf(key) === undefined);
    if (unknown.length > 0) {
      const [last] = await db
        .select({ id: sql<number>`coalesce(max(${t.products.id}), 0)` })
        .from(t.products);
      let next = Number(last?.id ?? 0);
      const rows = unknown.map(({ key, name, architecture, source }) => ({
        id: ++next,
        key,
        name,
        architecture,
        source,
      }));
      await put.products(db, rows);
      for (const row of rows) added.set(row.key, row);
    }
    const rows = installations.put.map((item) => ({
      machineId: machine.id,
      productId: idOf(item.key) as number,
      version: item.version,
      publisher: item.publisher,
      installedAtMs: item.installedAtMs,
      sizeBytes: item.sizeBytes,
      firstSeenAtMs: item.firstSeenAtMs,
      absentReports: item.absentReports,
    }));
    // In the order of their places in the table.
    await put.installations(
      db,
      rows.toSorted((a, b) => a.productId - b.productId),
    );
    const gone = installations.removed.map(idOf).filter((id) => id !== undefined);
    for (const some of batches(gone)) {
      await db
        .delete(t.installations)
        .where(and(eq(t.installations.machineId, machine.id), inArray(t.installations.productId, [...some])));
    }
    return [...added.values()];
  }

  /** What the machine must be like, whether it is listed itself or a part of it. */
  function whereMachine(filter: CiFilter): (SQL | undefined)[] {
    const where: (SQL | undefined)[] = [isNull(t.cis.mergedInto)];
    if (filter.lifecycle) where.push(eq(t.cis.lifecycle, filter.lifecycle));
    if (filter.ids) where.push(filter.ids.size === 0 ? sql`1 = 0` : inArray(t.cis.id, [...filter.ids]));
    if (filter.site !== undefined) where.push(sameText(t.cis.site, filter.site));
    if (filter.owner !== undefined) where.push(sameText(t.cis.owner, filter.owner));
    if (filter.software !== undefined) {
      const holders = read
        .select({ id: t.installations.machineId })
        .from(t.installations)
        .innerJoin(t.products, eq(t.products.id, t.installations.productId))
        .where(eq(t.products.name, filter.software));
      where.push(inArray(t.cis.id, holders));
    }
    // Tags are a short JSON list of plain words: the quoted word is found as text, literally, in both dialects.
    if (filter.tag) where.push(holdsText(t.cis.tags, [JSON.stringify(filter.tag)]));
    return where;
  }

  function whereListed(filter: CiFilter): SQL | undefined {
    const where = whereMachine(filter);
    where.push(ofClasses(filter));
    if (filter.source) where.push(holdsText(t.cis.attributes, sourceTexts(filter.source)));
    if (filter.staleSinceMs !== undefined) {
      const confirmed = read
        .select({ id: t.sections.machineId })
        .from(t.sections)
        .where(and(eq(t.sections.machineId, t.cis.id), gte(t.sections.confirmedAtMs, filter.staleSinceMs)));
      where.push(notExists(confirmed));
    }
    if (filter.q) {
      const byKey = read
        .select({ id: t.machineKeys.machineId })
        .from(t.machineKeys)
        .where(contains([t.machineKeys.value], filter.q));
      where.push(or(contains([t.cis.name, t.cis.assetNumber], filter.q), inArray(t.cis.id, byKey)));
    }
    return and(...where);
  }

  function whereParts(filter: CiFilter & { readonly class: PartClass }): SQL | undefined {
    const where = whereMachine(filter);
    where.push(eq(t.parts.class, filter.class), isNull(t.parts.removedAtMs));
    if (filter.source) where.push(holdsText(t.parts.attributes, sourceTexts(filter.source)));
    if (filter.staleSinceMs !== undefined) {
      const confirmed = read
        .select({ id: t.sections.machineId })
        .from(t.sections)
        .where(
          and(
            eq(t.sections.machineId, t.parts.machineId),
            eq(t.sections.section, t.parts.section),
            gte(t.sections.confirmedAtMs, filter.staleSinceMs),
          ),
        );
      where.push(notExists(confirmed));
    }
    if (filter.q) {
      where.push(contains([t.parts.name, t.parts.keys, t.cis.name], filter.q));
    }
    return and(...where);
  }

  async function readCis(query: CiQuery): Promise<Ci[]> {
    return read
      .select()
      .from(t.cis)
      .where(and(whereListed(query), behind(t.cis.name, t.cis.id, query.cursor)))
      .orderBy(asc(t.cis.name), asc(t.cis.id))
      .limit(query.limit + 1);
  }

  async function readParts(query: PartQuery): Promise<PartOfMachine[]> {
    const rows = await read
      .select({ part: t.parts, machine: t.cis })
      .from(t.parts)
      .innerJoin(t.cis, eq(t.cis.id, t.parts.machineId))
      .where(and(whereParts(query), behind(t.parts.name, t.parts.id, query.cursor)))
      .orderBy(asc(t.parts.name), asc(t.parts.id))
      .limit(query.limit + 1);
    // Parts are of machines only.
    return rows as PartOfMachine[];
  }

  async function findCis(query: CiQuery): ReturnType<CmdbStore['findCis']> {
    const rows = await readAmong(
      query,
      readCis,
      (ci) => ci,
      ({ id }) => id,
    );
    return pageOf(rows, query.limit, (ci) => ci);
  }

  function ofClasses(filter: CiFilter): SQL | undefined {
    const wanted = filter.class ? [filter.class] : [...(filter.classes ?? MACHINE_CLASSES)];
    return or(inArray(sql`${t.cis.class}`, wanted), inArray(t.cis.subclass, wanted));
  }

  async function findParts(query: PartQuery): ReturnType<CmdbStore['findParts']> {
    const rows = await readAmong(
      query,
      readParts,
      ({ part }) => part,
      ({ machine }) => machine.id,
    );
    return pageOf(rows, query.limit, ({ part }) => part);
  }

  async function countCis(filter: CiFilter): Promise<number> {
    if (filter.ids === undefined || filter.ids.size <= IDS_BOUND_MAX) return countSome(filter);
    let total = 0;
    for (const some of batches([...filter.ids])) total += await countSome({ ...filter, ids: new Set(some) });
    return total;
  }

  async function countSome(filter: CiFilter): Promise<number> {
    const { class: ciClass } = filter;
    const count = { count: sql<number>`count(*)` };
    const [row] = isPartClass(ciClass)
      ? await read
          .select(count)
          .from(t.parts)
          .innerJoin(t.cis, eq(t.cis.id, t.parts.machineId))
          .where(whereParts({ ...filter, class: ciClass }))
      : await read.select(count).from(t.cis).where(whereListed(filter));
    return Number(row?.count ?? 0);
  }

  async function classCounts(): Promise<Map<string, number>> {
    const count = sql<number>`count(*)`;
    const shown = isNull(t.cis.mergedInto);
    const cis = await read
      .select({ class: t.cis.class, count })
      .from(t.cis)
      .where(shown)
      .groupBy(t.cis.class);
    const own = await read
      .select({ class: t.cis.subclass, count })
      .from(t.cis)
      .where(and(shown, isNotNull(t.cis.subclass)))
      .groupBy(t.cis.subclass);
    const parts = await read
      .select({ class: t.parts.class, count })
      .from(t.parts)
      .innerJoin(t.cis, eq(t.cis.id, t.parts.machineId))
      .where(and(shown, isNull(t.parts.removedAtMs)))
      .groupBy(t.parts.class);
    return new Map([...cis, ...own, ...parts].map((row) => [row.class ?? '', Number(row.count)]));
  }

  async function confirmations(machineIds: readonly string[]): Promise<Map<string, Confirmations>> {
    const found = new Map<string, Confirmations>();
    for (const some of batches([...new Set(machineIds)])) {
      const rows = await read
        .select({ id: t.sections.machineId, section: t.sections.section, atMs: t.sections.confirmedAtMs })
        .from(t.sections)
        .where(inArray(t.sections.machineId, [...some]));
      for (const { id, section, atMs } of rows) found.set(id, { ...found.get(id), [section]: atMs });
    }
    return found;
  }

  return {
    ...identity.reads,
    ...identity.writes,
    apply,
    applyEdits,
    findCis,
    findParts,
    countCis,
    classCounts,
    part: async (id) => (await read.select().from(t.parts).where(eq(t.parts.id, id)))[0] ?? null,
    confirmations,
    ci: async (id) => (await byId.execute({ id }))[0] ?? null,
    cis: byIds,
    machine: async (id) => (await byId.execute({ id })).find(isMachine) ?? null,
    machines: async () =>
      (
        await read
          .select()
          .from(t.cis)
          .where(inArray(t.cis.class, [...MACHINE_CLASSES]))
      ).filter(isMachine),
    records: async (recordClass) => read.select().from(t.cis).where(eq(t.cis.class, recordClass)),
    machinesByKeys: async (keys) => (await byKeys(keys)).filter(isMachine),
    cisByKeys: byKeys,
    relations: async () => read.select().from(t.relations).where(isNull(t.relations.endedAtMs)),
    relationsOf: async (ciId) =>
      read
        .select()
        .from(t.relations)
        .where(or(eq(t.relations.fromId, ciId), eq(t.relations.toId, ciId)))
        .orderBy(desc(t.relations.sinceMs), desc(t.relations.id)),
    parts: async (machineId, withRemoved = false) => {
      const parts: Part[] = await partsOf.execute({ machineId });
      return withRemoved ? parts : parts.filter(({ removedAtMs }) => removedAtMs === null);
    },
    installations: async (machineId) => {
      const rows = (await installationsOf.values({ machineId })) as InstallationRow[];
      await products.need(rows.map(([productId]) => productId));
      const items = rows.map(
        ([
          productId,
          version,
          publisher,
          installedAtMs,
          sizeBytes,
          firstSeenAtMs,
          absentReports,
        ]): Installation => {
          const { key, name, architecture, source } = products.of(productId);
          return {
            key,
            name,
            version,
            architecture,
            publisher,
            source,
            installedAtMs,
            sizeBytes,
            firstSeenAtMs,
            absentReports,
          };
        },
      );
      return items.toSorted((a, b) => inOrder(a.name, b.name) || inOrder(a.key, b.key));
    },
    sections: async (machineId) => {
      const rows = await sectionsOf.execute({ machineId });
      const states: SectionStates = {};
      // Of a report that changes one section, the contents of the others are often not needed.
      for (const { machineId: _machineId, section, data, ...head } of rows)
        states[section] = lazily(head, 'data', () => unpackJson<unknown>(data));
      return states;
    },
    history: async (query) => {
      const machines = [query.machineId, ...(query.alsoOf ?? [])];
      const where: (SQL | undefined)[] = [inArray(t.ciHistory.machineId, machines)];
      if (query.ciId !== undefined) where.push(eq(t.ciHistory.ciId, query.ciId));
      if (query.fromMs !== undefined) where.push(gte(t.ciHistory.atMs, query.fromMs));
      if (query.toMs !== undefined) where.push(lt(t.ciHistory.atMs, query.toMs));
      const rows = await read
        .select()
        .from(t.ciHistory)
        .where(and(...where, olderThan(t.ciHistory.atMs, t.ciHistory.id, query.cursor)))
        .orderBy(desc(t.ciHistory.atMs), desc(t.ciHistory.id))
        .limit(query.limit + 1);
      const page = newestPage(rows, query.limit, ({ atMs }) => atMs);
      return {
        ...page,
        items: page.items.map(historyRow),
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

/**
 * A page and one more of what `find` reads. So many ids that they cannot all be bound are most of the machines: then rows
 * are read in their order and left out here.
 */
async function readAmong<Query extends CiFilter & CiPage, Row>(
  query: Query,
  find: (query: Query) => Promise<Row[]>,
  placeOf: (row: Row) => { readonly name: string; readonly id: string },
  machineOf: (row: Row) => string,
): Promise<Row[]> {
  const { ids, ...rest } = query;
  if (ids === undefined || ids.size <= IDS_BOUND_MAX) return find(query);
  const kept: Row[] = [];
  let cursor = query.cursor;
  for (;;) {
    const rows = await find({ ...rest, limit: IDS_BOUND_MAX, ...(cursor ? { cursor } : {}) } as Query);
    kept.push(...rows.filter((row) => ids.has(machineOf(row))));
    const last = rows.at(-1);
    if (kept.length > query.limit || rows.length <= IDS_BOUND_MAX || last === undefined) break;
    const { name, id } = placeOf(last);
    cursor = encodeCursor([name, id]);
  }
  return kept.slice(0, query.limit + 1);
}

/** As columns come, in the order of the question: making records of thousands of rows costs more than reading them. */
type InstallationRow = [number, string, string | null, number | null, number | null, number, number];
type ProductRow = SqlStore['t']['products']['$inferSelect'];

/** Products as committed: one row for each package name of the fleet, and they never change. */
class HeldProducts {
  readonly #t: SqlStore['t'];
  readonly #read: Db;
  readonly #byId = new Map<number, ProductRow>();
  readonly #ids = new Map<string, number>();

  constructor(t: SqlStore['t'], read: Db) {
    this.#t = t;
    this.#read = read;
  }

  idOf(key: string): number | undefined {
    return this.#ids.get(key);
  }

  of(id: number): ProductRow {
    const row = this.#byId.get(id);
    invariant(row !== undefined, 'an installation is of a product');
    return row;
  }

  put(rows: readonly ProductRow[]): void {
    for (const row of rows) {
      this.#byId.set(row.id, row);
      this.#ids.set(row.key, row.id);
    }
  }

  /** Reads those that are not known yet. */
  async need(all: readonly number[]): Promise<void> {
    const ids = all.filter((id) => !this.#byId.has(id));
    const { products } = this.#t;
    for (const some of batches(ids))
      this.put(await this.#read.select().from(products).where(inArray(products.id, some)));
  }
}

function inOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isMachine(ci: Ci): ci is Machine {
  return isMachineClass(ci.class);
}

function packSections(states: SectionStates) {
  return Object.entries(states).map(([section, { data, ...state }]) => ({
    section: section as InventorySection,
    ...state,
    data: packJson(data),
  }));
}

export function historyRow(row: SqlStore['t']['ciHistory']['$inferSelect']): HistoryRow {
  const { before, after, causeId, ...rest } = row;
  return {
    ...rest,
    before: before.value,
    after: after.value,
    ...(causeId === null ? {} : { causeId }),
  };
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

/** '' stands for nothing at all. */
function sameText(column: Column, text: string): SQL {
  return text === '' ? sql`coalesce(${column}, '') = ''` : sql`${column} = ${text}`;
}

/** One of the texts stands in the JSON, in its own case: LIKE would not tell cases apart in SQLite. */
function holdsText(column: Column, texts: readonly string[]): SQL {
  const whole = sql`cast(${column} as text)`;
  return sql`${texts.reduce((left, text) => sql`replace(${left}, ${text}, '')`, whole)} <> ${whole}`;
}

/** As SQLite holds it and as PostgreSQL prints it. */
function sourceTexts(source: Source): string[] {
  return [`"source":"${source}"`, `"source": "${source}"`];
}

/** Rows behind the cursor in the order of name and id. */
function behind(name: Column, id: Column, cursor: string | undefined): SQL | undefined {
  if (cursor === undefined) return undefined;
  const [lastName, lastId] = decodeCursor(cursor, 2);
  return or(sql`${name} > ${lastName}`, and(sql`${name} = ${lastName}`, sql`${id} > ${lastId}`));
}

/** `rows` is one more than the page where there is another page. */
function pageOf<Row>(
  rows: readonly Row[],
  limit: number,
  key: (row: Row) => { readonly name: string; readonly id: string },
): { items: Row[]; nextCursor: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items,
    nextCursor: rows.length > limit && last ? encodeCursor([key(last).name, key(last).id]) : null,
  };
}
