/** The edges between CIs that hold now, in memory and always current; those within a machine follow from its parts. */
import {
  CI_CLASSES,
  type CiClass,
  isAssetClass,
  isMachineClass,
  isPartClass,
} from '@muster/shared/cmdb/classes.ts';
import {
  RELATION_TYPES,
  type RelationType,
  type RelationTypeName,
} from '@muster/shared/cmdb/relation-types.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { CiEdits, CmdbStore, HistoryRow, RelationEdge, Source } from '../cmdb/store.ts';
import type { Cmdb } from '../cmdb/cmdb.ts';
import { AppError } from '../errors.ts';

/** An end of an edge: a CI or a part. */
export interface EdgeEnd {
  readonly id: string;
  readonly name: string;
  readonly class: CiClass;
  /** The machine a part belongs to; the CI itself otherwise. */
  readonly machineId: string;
}

export interface EdgeWish {
  readonly type: RelationTypeName;
  readonly fromId: string;
  readonly toId: string;
  readonly group?: string | null;
  readonly needed?: number | null;
}

export interface By {
  readonly actor: string;
  readonly source: Source;
  readonly nowMs: Millis;
}

export interface RelationGraph {
  from(id: string, type?: RelationTypeName): readonly RelationEdge[];
  to(id: string, type?: RelationTypeName): readonly RelationEdge[];
  all(): Iterable<RelationEdge>;
  get(id: string): RelationEdge | undefined;
  /**
   * Adds edges; one that holds already is left. Where an end may have only one of the type, the one before ends.
   * @throws AppError not-found, input-invalid (classes that do not go together, an end tied to itself)
   */
  relate(wishes: readonly EdgeWish[], by: By): Promise<RelationEdge[]>;
  /** @throws AppError not-found */
  end(ids: readonly string[], by: By): Promise<void>;
  /** Takes over edges that another slice stored with its own edits. */
  put(edges: readonly RelationEdge[]): void;
  onChange(listener: (edges: readonly RelationEdge[]) => void): void;
}

interface GraphOptions {
  readonly cmdb: Pick<Cmdb, 'change'>;
  readonly store: CmdbStore;
  readonly newId: (prefix: string, nowMs: Millis) => string;
}

export async function createRelationGraph({ cmdb, store, newId }: GraphOptions): Promise<RelationGraph> {
  const edges = new EdgeIndex();
  for (const edge of await store.relations()) edges.put(edge);
  const listeners: ((edges: readonly RelationEdge[]) => void)[] = [];

  function put(changed: readonly RelationEdge[]): void {
    for (const edge of changed) edges.put(edge);
    for (const listener of listeners) listener(changed);
  }

  async function endOf(id: string): Promise<EdgeEnd> {
    const ci = await store.ci(id);
    if (ci) return { id, name: ci.name, class: ci.class, machineId: id };
    const part = await store.part(id);
    if (part) return { id, name: part.name, class: part.class, machineId: part.machineId };
    throw new AppError('not-found', `There is no configuration item ${id}.`);
  }

  function historyOf(edge: RelationEdge, from: EdgeEnd, to: EdgeEnd, by: By, ended: boolean): HistoryRow[] {
    const row = (end: EdgeEnd, other: EdgeEnd): HistoryRow => ({
      id: newId('hist', by.nowMs),
      atMs: by.nowMs,
      ciId: end.id,
      machineId: end.machineId,
      ciName: end.name,
      ciClass: end.class,
      kind: ended ? 'relation-ended' : 'relation-added',
      attribute: `relation:${edge.type}`,
      before: ended ? other.name : null,
      after: ended ? null : other.name,
      source: by.source,
      actor: by.actor,
    });
    return [row(from, to), row(to, from)];
  }

  async function related(
    wishes: readonly EdgeWish[],
    by: By,
  ): Promise<{ edits: CiEdits; result: { added: RelationEdge[]; changed: RelationEdge[] } }> {
    const added: RelationEdge[] = [];
    const changed = new Map<string, RelationEdge>();
    const history: HistoryRow[] = [];
    const holding = (edge: RelationEdge) => !changed.has(edge.id);
    for (const wish of wishes) {
      const [from, to] = [await endOf(wish.fromId), await endOf(wish.toId)];
      requireFit(wish.type, from, to);
      const type: RelationType = RELATION_TYPES[wish.type];
      const same = edges
        .from(from.id, wish.type)
        .find((edge) => edge.toId === to.id && edge.group === (wish.group ?? null));
      if (same && holding(same) && same.needed === (wish.needed ?? null)) continue;
      const others = [
        ...(same ? [same] : []),
        ...(type.fromMax === 1 ? edges.from(from.id, wish.type) : []),
        ...(type.toMax === 1 ? edges.to(to.id, wish.type) : []),
      ];
      for (const other of others.filter(holding)) {
        changed.set(other.id, { ...other, endedAtMs: by.nowMs });
        if (other !== same)
          history.push(...historyOf(other, await endOf(other.fromId), await endOf(other.toId), by, true));
      }
      const edge: RelationEdge = {
        id: newId('rel', by.nowMs),
        type: wish.type,
        fromId: from.id,
        toId: to.id,
        source: by.source,
        actor: by.actor,
        sinceMs: by.nowMs,
        endedAtMs: null,
        group: wish.group ?? null,
        needed: wish.needed ?? null,
      };
      added.push(edge);
      if (!same) history.push(...historyOf(edge, from, to, by, false));
    }
    const relations = [...changed.values(), ...added];
    return {
      edits: { cis: [], keys: new Map(), relations, history },
      result: { added, changed: relations },
    };
  }

  return {
    from: (id, type) => edges.from(id, type),
    to: (id, type) => edges.to(id, type),
    all: () => edges.all(),
    get: (id) => edges.get(id),
    put,
    onChange: (listener) => void listeners.push(listener),
    async relate(wishes, by) {
      const { added, changed } = await cmdb.change(() => related(wishes, by));
      if (changed.length > 0) put(changed);
      return added;
    },
    async end(ids, by) {
      const ended = await cmdb.change(async () => {
        const found = ids.map((id) => {
          const edge = edges.get(id);
          if (!edge) throw new AppError('not-found', `There is no relation ${id}.`);
          return edge;
        });
        const history: HistoryRow[] = [];
        for (const edge of found)
          history.push(...historyOf(edge, await endOf(edge.fromId), await endOf(edge.toId), by, true));
        const relations = found.map((edge) => ({ ...edge, endedAtMs: by.nowMs }));
        return { edits: { cis: [], keys: new Map(), relations, history }, result: relations };
      });
      put(ended);
    },
  };
}

/** @throws AppError input-invalid */
function requireFit(type: RelationTypeName, from: EdgeEnd, to: EdgeEnd): void {
  if (from.id === to.id)
    throw new AppError('input-invalid', `${from.name} cannot have the relation ${type} with itself.`);
  const definition: RelationType = RELATION_TYPES[type];
  if (!fits(definition.from, from.class) || !fits(definition.to, to.class))
    throw new AppError(
      'input-invalid',
      `${type} does not go from a ${from.class} (${from.name}) to a ${to.class} (${to.name}).`,
    );
}

export function fits(ends: RelationType['from'], ciClass: CiClass): boolean {
  return ends.some((end) => {
    if (end === 'machine') return isMachineClass(ciClass);
    if (end === 'part') return isPartClass(ciClass);
    if (end === 'any') return !isPartClass(ciClass);
    if (end === 'asset') return Object.hasOwn(CI_CLASSES, ciClass) && isAssetClass(ciClass);
    return end === ciClass;
  });
}

/** Edges by both ends. */
class EdgeIndex {
  readonly #edges = new Map<string, RelationEdge>();
  readonly #from = new Map<string, Map<string, RelationEdge>>();
  readonly #to = new Map<string, Map<string, RelationEdge>>();

  put(edge: RelationEdge): void {
    if (edge.endedAtMs !== null) {
      this.#edges.delete(edge.id);
      this.#from.get(edge.fromId)?.delete(edge.id);
      this.#to.get(edge.toId)?.delete(edge.id);
      return;
    }
    this.#edges.set(edge.id, edge);
    for (const [index, end] of [
      [this.#from, edge.fromId],
      [this.#to, edge.toId],
    ] as const) {
      const held = index.get(end);
      if (held) held.set(edge.id, edge);
      else index.set(end, new Map([[edge.id, edge]]));
    }
  }

  get(id: string): RelationEdge | undefined {
    return this.#edges.get(id);
  }

  all(): Iterable<RelationEdge> {
    return this.#edges.values();
  }

  from(id: string, type?: RelationTypeName): RelationEdge[] {
    return ofType(this.#from.get(id), type);
  }

  to(id: string, type?: RelationTypeName): RelationEdge[] {
    return ofType(this.#to.get(id), type);
  }
}

function ofType(
  edges: ReadonlyMap<string, RelationEdge> | undefined,
  type?: RelationTypeName,
): RelationEdge[] {
  const all = [...(edges?.values() ?? [])];
  return type === undefined ? all : all.filter((edge) => edge.type === type);
}
