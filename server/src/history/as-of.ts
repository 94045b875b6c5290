/** States of the past: of one CI, and of the list of all. */
import type { Millis } from '@muster/shared/time.ts';
import type { Ci, CmdbStore, RelationEdge } from '../cmdb/store.ts';
import { type CiState, type Former, undone } from './past.ts';
import type { HistoryStore } from './store.ts';

export interface AsOf {
  /** null: it did not exist then. Parts that were gone then are left out. */
  state(ciId: string, atMs: Millis): Promise<CiState | null>;
  /** The same, parts that were gone included. */
  wholeState(ciId: string, atMs: Millis): Promise<CiState | null>;
  /** Attributes of a CI without its parts and packages. */
  attributes(ciId: string, atMs: Millis): Promise<Ci['attributes'] | null>;
  /** Edges at either end of the CI or its parts that held then. */
  relations(ids: readonly string[], atMs: Millis): Promise<RelationEdge[]>;
  /** Every CI that stood on its own then, without attributes; by name, then id. */
  list(atMs: Millis): Promise<readonly Ci[]>;
}

/** Lists of moments that are looked at, page after page. */
const LISTS_MAX = 4;

export function createAsOf({ store, cmdbStore }: { store: HistoryStore; cmdbStore: CmdbStore }): AsOf {
  const lists = new Map<string, readonly Ci[]>();

  async function wholeState(ciId: string, atMs: Millis): Promise<CiState | null> {
    const now = await stateNow(cmdbStore, ciId);
    return now && undone(now, await store.formers(ciId, atMs));
  }

  return {
    wholeState,
    async state(ciId, atMs) {
      const then = await wholeState(ciId, atMs);
      return then && { ...then, parts: then.parts.filter((part) => part.removedAtMs === null) };
    },
    async attributes(ciId, atMs) {
      const ci = await cmdbStore.ci(ciId);
      if (ci === null) return null;
      const formers = (await store.formers(ciId, atMs)).flatMap((former) =>
        former.ci === undefined ? [] : [{ ci: former.ci }],
      );
      return undone({ ci, parts: [], software: [] }, formers)?.ci.attributes ?? null;
    },
    async relations(ids, atMs) {
      const found = new Map<string, RelationEdge>();
      for (const id of ids) {
        for (const edge of await cmdbStore.relationsOf(id)) found.set(edge.id, edge);
        for (const { edges } of await store.formers(id, atMs))
          for (const edge of Object.values(edges ?? {})) found.set(edge.id, edge);
      }
      const near = new Set(ids);
      return [...found.values()].filter(
        ({ fromId, toId, sinceMs, endedAtMs }) =>
          (near.has(fromId) || near.has(toId)) && sinceMs <= atMs && (endedAtMs === null || endedAtMs > atMs),
      );
    },
    async list(atMs) {
      const key = `${atMs} ${await store.lastSeq()}`;
      const known = lists.get(key);
      if (known) return known;
      const list = await listAt(store, atMs);
      const [oldest] = lists.keys();
      if (lists.size >= LISTS_MAX && oldest !== undefined) lists.delete(oldest);
      lists.set(key, list);
      return list;
    },
  };
}

/** What is held of a CI now, as a state; null: there is none. */
export async function stateNow(cmdbStore: CmdbStore, ciId: string): Promise<CiState | null> {
  const ci = await cmdbStore.ci(ciId);
  if (ci === null) return null;
  const [parts, software] = await Promise.all([cmdbStore.parts(ciId, true), cmdbStore.installations(ciId)]);
  return {
    ci,
    parts: parts.map(({ absentReports: _absentReports, ...part }) => part),
    software: software.map(({ absentReports: _absentReports, ...item }) => item),
  };
}

async function listAt(store: HistoryStore, atMs: Millis): Promise<Ci[]> {
  const formers = new Map<string, Former[]>();
  for (const { ciId, former } of await store.listedFormers(atMs)) {
    // Of a change only what lists show is undone: the attributes are not there.
    const ci = former.ci;
    const listed = ci && 'fields' in ci && ci.fields ? { ci: { fields: ci.fields } } : { ci: ci ?? null };
    const known = formers.get(ciId);
    if (known) known.push(listed);
    else formers.set(ciId, [listed]);
  }
  const then: Ci[] = [];
  for (const ci of await store.listedCis()) {
    const changes = formers.get(ci.id);
    const state = changes === undefined ? { ci } : undone({ ci, parts: [], software: [] }, changes);
    if (state && !isStandIn(state.ci)) then.push(state.ci);
  }
  return then.sort((a, b) => compare(a.name, b.name) || compare(a.id, b.id));
}

/** It turned out to be another CI, and lists leave it out. */
function isStandIn(ci: Ci): boolean {
  const { mergedInto } = ci as { mergedInto?: string | null };
  return (ci.placeholder && ci.lifecycle === 'retired') || (mergedInto !== undefined && mergedInto !== null);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
