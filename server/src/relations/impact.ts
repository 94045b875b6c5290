/** What fails with a CI, and what a CI stands on: walks along the edges, each edge looked at a bounded number of times. Pure. */
import { type CiClass, isMachineClass } from '@muster/shared/cmdb/classes.ts';
import { RELATION_TYPES, type RelationType } from '@muster/shared/cmdb/relation-types.ts';
import type { RelationEdge } from '../cmdb/store.ts';

export interface ImpactGraph {
  from(id: string): readonly RelationEdge[];
  to(id: string): readonly RelationEdge[];
  /** undefined: not known (any more); such an end reaches nothing. */
  node(id: string): ImpactNode | undefined;
  /** Parts of a machine that stand at an end of an edge. */
  partsOf(machineId: string): readonly string[];
}

export interface ImpactNode {
  readonly id: string;
  readonly name: string;
  readonly class: CiClass;
  /** Of a part: its machine. */
  readonly machineId: string | null;
}

/** 'lost': does not work. 'degraded': works, with less behind it. 'affected': a person whose things are lost. */
export type ImpactState = 'lost' | 'degraded' | 'affected';

/** Of `of` that stand in for each other `left` are left, and `needed` must hold. */
export interface Redundancy {
  readonly group: string;
  readonly left: number;
  readonly of: number;
  readonly needed: number;
}

export interface Reached {
  readonly node: ImpactNode;
  readonly state: ImpactState;
  /** From the one that fails to this one, both included: the shortest way by which it is reached. */
  readonly path: readonly ImpactNode[];
  /** Groups of it that have lost members. */
  readonly redundancy: readonly Redundancy[];
}

interface Step {
  readonly state: ImpactState;
  /** null: it fails by itself. */
  readonly by: string | null;
}

/**
 * What a failure of all these at once reaches, nearest first, lost before degraded. A CI is lost when one is lost that it
 * needs alone, or more of a group than the group can spare; it is degraded when a group has lost members and still holds,
 * when what it needs alone is degraded, or when a part of it is lost. A gateway's subnet is lost with its last gateway.
 * A person is affected by what is assigned to him. Linear in the edges that are reached.
 */
export function impactOf(failing: readonly string[], graph: ImpactGraph): Reached[] {
  const steps = new Map<string, Step>();
  const lostMembers = new Map<string, number>();
  const sizes = new Map<string, { of: number; needed: number }>();
  const shaken = new Map<string, string>();
  const queue: string[] = [];
  const lose = (id: string, by: string | null) => {
    if (steps.has(id) || graph.node(id) === undefined) return;
    steps.set(id, { state: 'lost', by });
    queue.push(id);
  };
  const shake = (id: string, by: string) => {
    if (!shaken.has(id)) shaken.set(id, by);
  };

  for (const id of failing) lose(id, null);
  for (const id of queue) {
    const node = graph.node(id);
    if (node?.machineId != null) shake(node.machineId, id);
    for (const partId of graph.partsOf(id)) lose(partId, id);
    for (const { edge, next } of reachedFrom(id, graph)) {
      const nextNode = graph.node(next);
      if (nextNode === undefined || steps.has(next)) continue;
      if (nextNode.class === 'Person') {
        steps.set(next, { state: 'affected', by: id });
        continue;
      }
      const key = groupKey(edge, next);
      if (key === null) {
        lose(next, id);
        continue;
      }
      const lost = (lostMembers.get(key) ?? 0) + 1;
      lostMembers.set(key, lost);
      const { of, needed } = sizes.get(key) ?? sizeOf(edge, next, graph);
      sizes.set(key, { of, needed });
      if (of - lost < needed) lose(next, id);
      else shake(next, id);
    }
  }

  const degraded: string[] = [];
  for (const [id, by] of shaken) {
    if (steps.has(id) || graph.node(id) === undefined) continue;
    steps.set(id, { state: 'degraded', by });
    degraded.push(id);
  }
  for (const id of degraded) {
    for (const { edge, next } of reachedFrom(id, graph)) {
      // A member of a group that is degraded still holds.
      if (steps.has(next) || groupKey(edge, next) !== null) continue;
      const nextNode = graph.node(next);
      if (nextNode === undefined || nextNode.class === 'Person') continue;
      steps.set(next, { state: 'degraded', by: id });
      degraded.push(next);
    }
  }

  const isLost = (id: string) => steps.get(id)?.state === 'lost';
  const reached: Reached[] = [];
  for (const [id, step] of steps) {
    const node = graph.node(id);
    if (step.by === null || node === undefined) continue;
    reached.push({
      node,
      state: step.state,
      path: pathTo(id, steps, graph),
      redundancy: redundancyOf(id, graph, isLost).filter(({ left, of }) => left < of),
    });
  }
  return reached.toSorted((a, b) => ORDER[a.state] - ORDER[b.state] || a.path.length - b.path.length);
}

const ORDER: Readonly<Record<ImpactState, number>> = { lost: 0, degraded: 1, affected: 2 };

/** The groups of a CI, with how many members are left when `isLost` is so. */
export function redundancyOf(
  id: string,
  graph: Pick<ImpactGraph, 'from' | 'to'>,
  isLost: (id: string) => boolean,
): Redundancy[] {
  const groups = new Map<string, { group: string; left: number; of: number; needed: number }>();
  const count = (group: string, member: string, needed: number) => {
    const held = groups.get(group) ?? { group, left: 0, of: 0, needed: 0 };
    groups.set(group, {
      group,
      left: held.left + (isLost(member) ? 0 : 1),
      of: held.of + 1,
      needed: Math.max(held.needed, needed),
    });
  };
  for (const edge of graph.from(id))
    if (edge.type === 'dependsOn' && edge.group !== null) count(edge.group, edge.toId, edge.needed ?? 1);
  for (const edge of graph.to(id)) if (edge.type === 'gatewayOf') count('', edge.fromId, 1);
  return [...groups.values()];
}

/** One thing that another stands on. */
export interface Support {
  readonly node: ImpactNode;
  /** From the one that was asked for down to this one, both included. */
  readonly path: readonly ImpactNode[];
  /** Its failure alone takes the other with it; null: too many to try. */
  readonly alone: boolean | null;
}

/** Of more than these it is not tried what the failure of each alone would do. */
export const SUPPORTS_TRIED_MAX = 300;

/**
 * Everything that a CI stands on, nearest first. `alone` is found by letting each fail: two members of a group that run on
 * one host are no redundancy against that host.
 */
export function supportsOf(id: string, graph: ImpactGraph): Support[] {
  const by = new Map<string, Step>([[id, { state: 'lost', by: null }]]);
  const queue = [id];
  for (const at of queue) {
    for (const next of neededBy(at, graph)) {
      if (by.has(next) || graph.node(next) === undefined) continue;
      by.set(next, { state: 'lost', by: at });
      queue.push(next);
    }
  }
  const [, ...found] = queue;
  const tried = found.length <= SUPPORTS_TRIED_MAX;
  return found.flatMap((each) => {
    const node = graph.node(each);
    if (node === undefined) return [];
    const alone = tried
      ? impactOf([each], graph).some((reached) => reached.node.id === id && reached.state === 'lost')
      : null;
    return [{ node, path: pathTo(each, by, graph), alone }];
  });
}

/** Where the failure of `id` goes along its edges. */
function* reachedFrom(id: string, graph: ImpactGraph): Generator<{ edge: RelationEdge; next: string }> {
  for (const edge of graph.from(id)) if (failureOf(edge) === 'from') yield { edge, next: edge.toId };
  for (const edge of graph.to(id)) if (failureOf(edge) === 'to') yield { edge, next: edge.fromId };
}

function* neededBy(id: string, graph: ImpactGraph): Generator<string> {
  const machineId = graph.node(id)?.machineId;
  if (machineId != null) yield machineId;
  for (const edge of graph.from(id)) if (failureOf(edge) === 'to') yield edge.toId;
  for (const edge of graph.to(id)) if (failureOf(edge) === 'from') yield edge.fromId;
}

function failureOf(edge: RelationEdge): RelationType['failureOf'] {
  return RELATION_TYPES[edge.type].failureOf;
}

/** Edges with the same key stand in for each other; null: this one must hold. */
function groupKey(edge: RelationEdge, next: string): string | null {
  if (edge.type === 'gatewayOf') return `${next} `;
  return edge.type === 'dependsOn' && edge.group !== null ? `${next} ${edge.group}` : null;
}

function sizeOf(
  edge: RelationEdge,
  next: string,
  graph: Pick<ImpactGraph, 'from' | 'to'>,
): { of: number; needed: number } {
  if (edge.type === 'gatewayOf')
    return { of: graph.to(next).filter(({ type }) => type === 'gatewayOf').length, needed: 1 };
  const members = graph.from(next).filter(({ type, group }) => type === 'dependsOn' && group === edge.group);
  return {
    of: members.length,
    needed: members.reduce((most, { needed }) => Math.max(most, needed ?? 1), 1),
  };
}

function pathTo(id: string, steps: ReadonlyMap<string, Step>, graph: ImpactGraph): ImpactNode[] {
  const path: ImpactNode[] = [];
  for (let at: string | null = id; at !== null; at = steps.get(at)?.by ?? null) {
    const node = graph.node(at);
    if (node !== undefined) path.unshift(node);
  }
  return path;
}

/** What is counted of an impact: each kind of what people name when they ask how bad it is. */
export interface ImpactTotals {
  readonly services: number;
  readonly applications: number;
  readonly machines: number;
  readonly persons: number;
  readonly other: number;
}

export function totalsOf(reached: readonly Pick<Reached, 'node'>[]): ImpactTotals {
  const count = (fits: (ciClass: CiClass) => boolean) =>
    reached.filter(({ node }) => fits(node.class)).length;
  const services = count((name) => name === 'Service');
  const applications = count((name) => name === 'BusinessApplication');
  const machines = count((name) => isMachineClass(name));
  const persons = count((name) => name === 'Person');
  return {
    services,
    applications,
    machines,
    persons,
    other: reached.length - services - applications - machines - persons,
  };
}
