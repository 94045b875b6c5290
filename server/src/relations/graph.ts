/** The edges between CIs that hold now, in memory and always current; those within a machine follow from its parts. */
import type { CiClass } from '@muster/shared/cmdb/classes.ts';
import {
  endsFit,
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
  /** Ends and adds as one: both or nothing. @throws AppError as of `relate` and `end` */
  exchange(
    change: { readonly end: readonly string[]; readonly add: readonly EdgeWish[] },
    by: By,
  ): Promise<RelationEdge[]>;
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

  /** `isNew`: nothing is newly tied to what turned out to be another one. @throws AppError not-found, transition-not-allowed */
  async function endOf(id: string, isNew = false): Promise<EdgeEnd> {
    const ci = await store.ci(id);
    if (isNew && ci && ci.mergedInto !== null)
      throw new AppError('transition-not-allowed', `${ci.name} (${id}) is part of ${ci.mergedInto} now.`);
    if (ci) return { id, name: ci.name, class: ci.class, machineId: id };
    const part = await store.part(id);
    if (part) return { id, name: part.name, class: part.class, machineId: part.machineId };
    throw new AppError('not-found', `There is no configuration item ${id}.`);
  }

  function historyOf(edge: RelationEdge, from: EdgeEnd, to: EdgeEnd, by: By, ended: boolean): HistoryRow[] {
    const row = (end: EdgeEnd, other: EdgeEnd, side: '' | ':inverse'): HistoryRow => ({
      id: newId('hist', by.nowMs),
      atMs: by.nowMs,
      ciId: end.id,
      machineId: end.machineId,
      ciName: end.name,
      ciClass: end.class,
      kind: ended ? 'relation-ended' : 'relation-added',
      attribute: `relation:${edge.type}${side}`,
      before: ended ? other.name : null,
      after: ended ? null : other.name,
      source: by.source,
      actor: by.actor,
    });
    return [row(from, to, ''), row(to, from, ':inverse')];
  }

  /** One change of the graph while it is being decided: what is to end, what is to be added, and what people will read of it. */
  async function decided(
    end: readonly string[],
    add: readonly EdgeWish[],
    by: By,
  ): Promise<{ edits: CiEdits; result: { added: RelationEdge[]; changed: RelationEdge[] } }> {
    const draft = new Draft(edges);
    const history: HistoryRow[] = [];
    const note = async (edge: RelationEdge, ended: boolean) =>
      void history.push(...historyOf(edge, await endOf(edge.fromId), await endOf(edge.toId), by, ended));
    for (const id of new Set(end)) {
      const edge = edges.get(id);
      if (!edge) throw new AppError('not-found', `There is no relation ${id}.`);
      // A person who ends what reports found is believed: reports do not bring it back.
      draft.end({ ...edge, endedAtMs: by.nowMs, source: by.source, actor: by.actor });
      await note(edge, true);
    }
    for (const wish of add) {
      const [from, to] = [await endOf(wish.fromId, true), await endOf(wish.toId, true)];
      requireFit(wish.type, from, to);
      const [group, needed] = [wish.group ?? null, wish.needed ?? null];
      const same = draft.from(from.id, wish.type).find((edge) => edge.toId === to.id && edge.group === group);
      if (same && same.needed === needed) continue;
      const type: RelationType = RELATION_TYPES[wish.type];
      const others = new Set([
        ...(type.fromMax === 1 ? draft.from(from.id, wish.type) : []),
        ...(type.toMax === 1 ? draft.to(to.id, wish.type) : []),
      ]);
      for (const other of others) {
        draft.end({ ...other, endedAtMs: by.nowMs });
        if (other !== same) await note(other, true);
      }
      if (same) draft.end({ ...same, endedAtMs: by.nowMs });
      if (TREES.has(wish.type)) requireTree(draft, wish.type, from, to);
      const edge: RelationEdge = {
        id: newId('rel', by.nowMs),
        type: wish.type,
        fromId: from.id,
        toId: to.id,
        source: by.source,
        actor: by.actor,
        sinceMs: same ? same.sinceMs : by.nowMs,
        endedAtMs: null,
        group,
        needed,
      };
      draft.add(edge);
      if (!same) await note(edge, false);
    }
    const relations = draft.changed();
    return {
      edits: { cis: [], keys: new Map(), relations, history },
      result: { added: relations.filter(({ endedAtMs }) => endedAtMs === null), changed: relations },
    };
  }

  async function exchange(end: readonly string[], add: readonly EdgeWish[], by: By): Promise<RelationEdge[]> {
    const { added, changed } = await cmdb.change(() => decided(end, add, by));
    if (changed.length > 0) put(changed);
    return added;
  }

  return {
    from: (id, type) => edges.from(id, type),
    to: (id, type) => edges.to(id, type),
    all: () => edges.all(),
    get: (id) => edges.get(id),
    put,
    onChange: (listener) => void listeners.push(listener),
    relate: (wishes, by) => exchange([], wishes, by),
    end: async (ids, by) => void (await exchange(ids, [], by)),
    exchange: ({ end, add }, by) => exchange(end, add, by),
  };
}

/** Types along which nobody may be found above himself: places within places, teams within organisations. */
const TREES: ReadonlySet<RelationTypeName> = new Set(['locatedAt', 'memberOf']);

/** @throws AppError input-invalid */
function requireTree(edges: Draft, type: RelationTypeName, from: EdgeEnd, to: EdgeEnd): void {
  const seen = new Set([to.id]);
  for (const id of seen) {
    if (id === from.id)
      throw new AppError(
        'input-invalid',
        `${to.name} lies within ${from.name}, so ${from.name} cannot lie within it.`,
      );
    for (const edge of edges.from(id, type)) seen.add(edge.toId);
  }
}

/** The edges as they will be once what is being decided is stored. */
class Draft {
  readonly #edges: EdgeIndex;
  readonly #own = new EdgeIndex();
  readonly #added = new Map<string, RelationEdge>();
  readonly #ended = new Map<string, RelationEdge>();

  constructor(edges: EdgeIndex) {
    this.#edges = edges;
  }

  from(id: string, type: RelationTypeName): RelationEdge[] {
    return [
      ...this.#edges.from(id, type).filter((edge) => !this.#ended.has(edge.id)),
      ...this.#own.from(id, type),
    ];
  }

  to(id: string, type: RelationTypeName): RelationEdge[] {
    return [
      ...this.#edges.to(id, type).filter((edge) => !this.#ended.has(edge.id)),
      ...this.#own.to(id, type),
    ];
  }

  add(edge: RelationEdge): void {
    this.#added.set(edge.id, edge);
    this.#own.put(edge);
  }

  end(edge: RelationEdge): void {
    // What was added and ended in one go never was.
    if (this.#added.delete(edge.id)) this.#own.put(edge);
    else this.#ended.set(edge.id, edge);
  }

  changed(): RelationEdge[] {
    return [...this.#ended.values(), ...this.#added.values()];
  }
}

/** @throws AppError input-invalid */
function requireFit(type: RelationTypeName, from: EdgeEnd, to: EdgeEnd): void {
  if (from.id === to.id)
    throw new AppError('input-invalid', `${from.name} cannot have the relation ${type} with itself.`);
  const definition: RelationType = RELATION_TYPES[type];
  if (!endsFit(definition.from, from.class) || !endsFit(definition.to, to.class))
    throw new AppError(
      'input-invalid',
      `${type} does not go from a ${from.class} (${from.name}) to a ${to.class} (${to.name}).`,
    );
}

/** Edges by both ends. */
export class EdgeIndex {
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
