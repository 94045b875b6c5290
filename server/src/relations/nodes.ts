/** What the map, the lists of relations and impact need to know of each CI, in memory and always current. */
import { type CiClass, RECORD_CLASSES } from '@muster/shared/cmdb/classes.ts';
import type { Cmdb } from '../cmdb/cmdb.ts';
import type { Ci, CmdbStore, LifecycleState, Part } from '../cmdb/store.ts';
import type { RelationGraph } from './graph.ts';

export interface GraphNode {
  readonly id: string;
  readonly name: string;
  readonly class: CiClass;
  readonly subclass: string | null;
  readonly site: string | null;
  readonly lifecycle: LifecycleState;
  readonly criticality: number;
  readonly owner: string | null;
  readonly supportGroup: string | null;
  /** How many use it, as entered at a service or application. */
  readonly users: number | null;
  /** Of a part: its machine. */
  readonly machineId: string | null;
}

export interface NodeDirectory {
  get(id: string): GraphNode | undefined;
  /** Machines and records, and parts that stand at an end of an edge. */
  all(): Iterable<GraphNode>;
  /** Parts at an end of an edge, by machine. */
  partsOf(machineId: string): readonly string[];
  onChange(listener: () => void): void;
  /** Resolves when the ends of all edges so far are known. */
  settled(): Promise<void>;
}

interface NodeOptions {
  readonly cmdb: Pick<Cmdb, 'onApplied'>;
  readonly store: CmdbStore;
  readonly graph: Pick<RelationGraph, 'all' | 'onChange'>;
  readonly report: (what: string, error: unknown) => void;
}

export async function createNodeDirectory({
  cmdb,
  store,
  graph,
  report,
}: NodeOptions): Promise<NodeDirectory> {
  const nodes = new Map<string, GraphNode>();
  const parts = new Map<string, Set<string>>();
  const listeners: (() => void)[] = [];
  let learning: Promise<void> = Promise.resolve();
  const tell = () => {
    for (const listener of listeners) listener();
  };

  function takePart(part: Part): void {
    nodes.set(part.id, partNode(part, nodes.get(part.machineId)));
    const held = parts.get(part.machineId);
    if (held) held.add(part.id);
    else parts.set(part.machineId, new Set([part.id]));
  }

  /** Parts are many; only those that an edge leads to are held. */
  async function learn(ids: Iterable<string>): Promise<void> {
    for (const id of ids) {
      if (nodes.has(id)) continue;
      const part = await store.part(id);
      if (part) takePart(part);
      else {
        const ci = await store.ci(id);
        if (ci) nodes.set(id, nodeOf(ci));
      }
    }
  }

  cmdb.onApplied(({ ci, parts: changed }) => {
    const before = nodes.get(ci.id);
    const after = nodeOf(ci);
    if (before !== undefined && sameNode(before, after) && changed.length === 0) return;
    if (ci.mergedInto === null) nodes.set(ci.id, after);
    else nodes.delete(ci.id);
    for (const part of changed) if (nodes.has(part.id)) takePart(part);
    tell();
  });
  graph.onChange((edges) => {
    const ends = edges.flatMap(({ fromId, toId }) => [fromId, toId]);
    learning = learning
      .then(() => learn(ends))
      .then(tell)
      .catch((error: unknown) => report('an end of a relation could not be read', error));
  });
  for (const ci of await store.machines()) if (ci.mergedInto === null) nodes.set(ci.id, nodeOf(ci));
  for (const recordClass of RECORD_CLASSES)
    for (const ci of await store.records(recordClass)) nodes.set(ci.id, nodeOf(ci));
  const ends = new Set<string>();
  for (const { fromId, toId } of graph.all()) ends.add(fromId).add(toId);
  await learn(ends);

  return {
    get: (id) => nodes.get(id),
    all: () => nodes.values(),
    partsOf: (machineId) => [...(parts.get(machineId) ?? [])],
    onChange: (listener) => void listeners.push(listener),
    settled: () => learning,
  };
}

export function nodeOf(ci: Ci): GraphNode {
  const users = ci.attributes.users?.value;
  return {
    id: ci.id,
    name: ci.name,
    class: ci.class,
    subclass: ci.subclass,
    site: ci.site,
    lifecycle: ci.lifecycle,
    criticality: ci.criticality,
    owner: ci.owner,
    supportGroup: ci.supportGroup,
    users: typeof users === 'number' && Number.isFinite(users) ? users : null,
    machineId: null,
  };
}

function partNode(part: Part, machine: GraphNode | undefined): GraphNode {
  return {
    id: part.id,
    name: part.name,
    class: part.class,
    subclass: null,
    site: machine?.site ?? null,
    lifecycle: part.removedAtMs === null ? (machine?.lifecycle ?? 'in_use') : 'retired',
    criticality: machine?.criticality ?? 3,
    owner: machine?.owner ?? null,
    supportGroup: machine?.supportGroup ?? null,
    users: null,
    machineId: part.machineId,
  };
}

function sameNode(a: GraphNode, b: GraphNode): boolean {
  return (Object.keys(b) as (keyof GraphNode)[]).every((key) => a[key] === b[key]);
}
