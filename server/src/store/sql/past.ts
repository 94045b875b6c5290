/** Writes former states beside the change that they are of, in its transaction. */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Millis } from '@muster/shared/time.ts';
import { and, desc, eq, inArray, sql } from 'drizzle-orm';
import type { Ci, CiEdits, ChangeSet, Installation, Part, RelationEdge } from '../../cmdb/store.ts';
import {
  type Change,
  type Former,
  formerOf,
  formersOfEdges,
  type Held,
  isListed,
  takenAway,
} from '../../history/past.ts';
import { builtOnce } from './built-once.ts';
import { bulkPut } from './bulk.ts';
import type { Db } from './open.ts';
import type { Tables } from './def.ts';

const BOUND_MAX = 500;

type Rows = readonly { readonly ciId: string; readonly former: Former }[];

export interface Past {
  /** Before a report is stored. */
  keepPast(db: Db, set: ChangeSet): Promise<void>;
  /** Before edits are stored; an exchange of sections keeps what it moves by itself. */
  keepPastOfEdits(db: Db, edits: CiEdits): Promise<void>;
  /** For other verbs that change what is held: `rows` are what was before, in the transaction of the change. */
  putFormers(db: Db, rows: Rows, atMs: Millis): Promise<void>;
}

export function createPast(t: Tables): Past {
  const putPast = bulkPut(t.ciPast, 'refuse');
  const ciById = builtOnce((db) =>
    db
      .select()
      .from(t.cis)
      .where(eq(t.cis.id, sql.placeholder('id')))
      .prepare(),
  );
  const lastSeq = builtOnce((db) =>
    db
      .select({ seq: sql<number>`coalesce(max(${t.ciPast.seq}), 0)` })
      .from(t.ciPast)
      .prepare(),
  );
  const latestOf = builtOnce((db) =>
    db
      .select({ atMs: t.ciPast.atMs })
      .from(t.ciPast)
      .where(eq(t.ciPast.ciId, sql.placeholder('ciId')))
      .orderBy(desc(t.ciPast.seq))
      .limit(1)
      .prepare(),
  );

  async function keepPast(db: Db, set: ChangeSet): Promise<void> {
    const { machine: ci, parts, installations } = set;
    const change: Change = { ci, parts, ...installations };
    const held = await heldBefore(db, change);
    const atMs = set.atMs ?? timeOf(set.history, [ci]);
    const former = formerOf(held, change);
    const rows = former === null ? [] : [{ ciId: ci.id, former }];
    for (const [ciId, taken] of takenAway(held, change)) rows.push({ ciId, former: taken });
    await putFormers(db, rows, atMs);
  }

  async function keepPastOfEdits(db: Db, edits: CiEdits): Promise<void> {
    const atMs = edits.atMs ?? timeOf(edits.history, edits.cis);
    await putFormers(db, await formersOfCis(db, edits), atMs);
    await putFormers(db, [...(await formersOfRelations(db, edits))], atMs);
  }

  async function formersOfRelations(db: Db, { relations }: CiEdits): Promise<Rows> {
    const before = new Map<string, RelationEdge>();
    for (const some of batches(relations.map(({ id }) => id)))
      for (const edge of await db.select().from(t.relations).where(inArray(t.relations.id, some)))
        before.set(edge.id, edge);
    return [...formersOfEdges(before, relations)].map(([ciId, former]) => ({ ciId, former }));
  }

  async function formersOfCis(db: Db, edits: CiEdits): Promise<Rows> {
    const before = new Map<string, Ci>();
    for (const some of batches(edits.cis.map(({ id }) => id)))
      for (const ci of await db.select().from(t.cis).where(inArray(t.cis.id, some))) before.set(ci.id, ci);
    return edits.cis.flatMap((ci) => {
      const held = {
        ci: before.get(ci.id) ?? null,
        parts: new Map(),
        software: new Map(),
        hasSoftware: true,
      };
      const former = formerOf(held, { ci, parts: [], put: [], removed: [] });
      return former === null ? [] : [{ ciId: ci.id, former }];
    });
  }

  async function putFormers(db: Db, rows: Rows, atMs: Millis): Promise<void> {
    if (rows.length === 0) return;
    const [last] = await lastSeq(db).execute();
    let seq = Number(last?.seq ?? 0);
    const since = await latestChanges(
      db,
      rows.filter(({ former }) => former.ci !== null).map(({ ciId }) => ciId),
    );
    const values = rows.map(({ ciId, former }) => ({
      seq: ++seq,
      ciId,
      // A clock that was set back makes no change older than the one before it: what is deleted by age is then never in between.
      atMs: Math.max(atMs, since.get(ciId) ?? atMs),
      listed: isListed(former),
      former: packJson(former),
    }));
    await putPast(db, values);
  }

  /** When each of these CIs was changed last. */
  async function latestChanges(db: Db, ciIds: readonly string[]): Promise<Map<string, Millis>> {
    const found = new Map<string, Millis>();
    for (const ciId of new Set(ciIds)) {
      const [row] = await latestOf(db).execute({ ciId });
      if (row !== undefined) found.set(ciId, row.atMs);
    }
    return found;
  }

  async function heldBefore(db: Db, { ci, parts, put, removed }: Change): Promise<Held> {
    const [before] = await ciById(db).execute({ id: ci.id });
    const heldParts = new Map<string, Part>();
    for (const some of batches(parts.map(({ id }) => id)))
      for (const part of await db.select().from(t.parts).where(inArray(t.parts.id, some)))
        heldParts.set(part.id, part);
    const software = new Map<string, Installation>();
    const keys = before === undefined ? [] : [...put.map(({ key }) => key), ...removed];
    for (const some of batches(keys)) {
      const rows = await db
        .select({ product: t.products, installation: t.installations })
        .from(t.products)
        .innerJoin(
          t.installations,
          and(eq(t.installations.productId, t.products.id), eq(t.installations.machineId, ci.id)),
        )
        .where(inArray(t.products.key, some));
      for (const row of rows) software.set(row.product.key, installationOf(row));
    }
    const hasSoftware = software.size > 0 || (keys.length > 0 && (await hasAny(db, ci.id)));
    return { ci: before ?? null, parts: heldParts, software, hasSoftware };
  }

  async function hasAny(db: Db, machineId: string): Promise<boolean> {
    const rows = await db
      .select({ id: t.installations.productId })
      .from(t.installations)
      .where(eq(t.installations.machineId, machineId))
      .limit(1);
    return rows.length > 0;
  }

  return { keepPast, keepPastOfEdits, putFormers };
}

function installationOf({
  product: { key, name, architecture, source },
  installation,
}: {
  product: Tables['products']['$inferSelect'];
  installation: Tables['installations']['$inferSelect'];
}): Installation {
  const { machineId: _machineId, productId: _productId, ...rest } = installation;
  return { ...rest, key, name, architecture, source };
}

/** Where a change does not say when it is: its rows do, or the newest value in it. */
function timeOf(history: CiEdits['history'], cis: readonly Ci[]): Millis {
  const times = history.map(({ atMs }) => atMs);
  if (times.length === 0)
    for (const { createdAtMs, attributes } of cis)
      times.push(createdAtMs, ...Object.values(attributes).map(({ observedAtMs }) => observedAtMs));
  return times.reduce((newest, atMs) => Math.max(newest, atMs), 0);
}

/** Shorter texts do not become shorter. */
const COMPRESSED_FROM_BYTES = 256;
const BRACE = 0x7b;

export function packJson(value: unknown): Buffer {
  const text = Buffer.from(JSON.stringify(value));
  return text.length < COMPRESSED_FROM_BYTES ? text : zstdCompressSync(text);
}

/** What is compressed never begins with a brace. */
export function unpackJson<T>(data: Buffer): T {
  const bytes = Buffer.from(data);
  return JSON.parse((bytes[0] === BRACE ? bytes : zstdDecompressSync(bytes)).toString()) as T;
}

function batches<T>(rows: readonly T[]): T[][] {
  const result: T[][] = [];
  for (let i = 0; i < rows.length; i += BOUND_MAX) result.push(rows.slice(i, i + BOUND_MAX));
  return result;
}
