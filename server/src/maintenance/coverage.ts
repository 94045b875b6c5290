/** Who is in a window: what it names, what belongs to that, and what hangs on it. Pure. */
import { isAssetClass, isMachineClass } from '@muster/shared/cmdb/classes.ts';
import { RELATION_TYPES } from '@muster/shared/cmdb/relation-types.ts';
import type { RelationEdge } from '../cmdb/store.ts';
import { type ImpactGraph, impactOf } from '../relations/impact.ts';
import type { Membership } from '../relations/membership.ts';
import type { WindowRecord } from './window.ts';

/** How a CI came into a window. */
export type Via = 'named' | 'class' | 'tag' | 'location' | 'service' | 'depends';

export interface Covered {
  readonly ciId: string;
  readonly via: Via;
}

/** A member of a service in the window that stays out, because it also carries a service that is not in it. */
export interface Spared {
  readonly ciId: string;
  readonly serviceId: string;
}

export interface Coverage {
  readonly covered: readonly Covered[];
  readonly spared: readonly Spared[];
}

export interface CoverageSource {
  /** Machines with their tags. */
  readonly machines: () => Iterable<{
    readonly id: string;
    readonly class: string;
    readonly tags: readonly string[];
  }>;
  readonly isMachine: (ciId: string) => boolean;
  /** What turned out to be another one is that; itself otherwise. Absent: nothing ever did. */
  readonly survivorOf?: (ciId: string) => string;
  /** Everything else that can be asked about, and the machines too. */
  readonly nodes: () => Iterable<{
    readonly id: string;
    readonly class: string;
    readonly machineId: string | null;
  }>;
  readonly graph: ImpactGraph;
  readonly membership: Pick<Membership, 'locationsOf' | 'servicesOf'>;
}

export function coverageOf(
  { targets, children }: Pick<WindowRecord, 'targets' | 'children'>,
  source: CoverageSource,
): Coverage {
  const via = new Map<string, Via>();
  const spared = new Map<string, string>();
  const take = (id: string, how: Via) => {
    if (!via.has(id)) via.set(id, how);
  };
  const named = [...targets.ciIds, ...targets.services, ...targets.locations];
  for (const id of named.map((one) => source.survivorOf?.(one) ?? one))
    if (source.isMachine(id) || source.graph.node(id) !== undefined) take(id, 'named');
  takeByClassAndTag(targets, source, take);
  takeByLocation(targets.locations, source, take);
  takeByService({ targets, children }, source, take, spared);
  if (children === 'all') for (const id of behind([...via.keys()], source.graph)) take(id, 'depends');
  for (const id of via.keys()) spared.delete(id);
  return {
    covered: [...via].filter(([id]) => isWatched(id, source)).map(([ciId, how]) => ({ ciId, via: how })),
    spared: [...spared].map(([ciId, serviceId]) => ({ ciId, serviceId })),
  };
}

function takeByClassAndTag(
  { classes, tags }: WindowRecord['targets'],
  { machines, nodes }: CoverageSource,
  take: (id: string, how: Via) => void,
): void {
  if (tags.length > 0)
    for (const machine of machines())
      if (machine.tags.some((tag) => tags.includes(tag))) take(machine.id, 'tag');
  if (classes.length > 0)
    for (const node of nodes())
      if (classes.includes(node.class) && node.machineId === null) take(node.id, 'class');
}

function takeByLocation(
  locations: readonly string[],
  { nodes, membership }: CoverageSource,
  take: (id: string, how: Via) => void,
): void {
  if (locations.length === 0) return;
  for (const { id, machineId } of nodes())
    if (machineId === null && membership.locationsOf(id).some((at) => locations.includes(at)))
      take(id, 'location');
}

/** What carries a service outside the window too stays out: its users have agreed to nothing. */
function takeByService(
  { targets, children }: Pick<WindowRecord, 'targets' | 'children'>,
  { membership, graph }: CoverageSource,
  take: (id: string, how: Via) => void,
  spared: Map<string, string>,
): void {
  if (targets.services.length === 0) return;
  const named = new Set(targets.services);
  const agreed = new Set(named);
  if (children === 'all') for (const { node } of impactOf(targets.services, graph)) agreed.add(node.id);
  for (const id of standsOn(targets.services, graph)) {
    if (named.has(id) || graph.node(id)?.machineId !== null) continue;
    const carried = membership.servicesOf(id);
    if (!carried.some((service) => named.has(service))) continue;
    const other = carried.find((service) => !agreed.has(service));
    if (other === undefined) take(id, 'service');
    else spared.set(id, other);
  }
}

/** Everything below these, down the ways by which a failure comes up. */
function standsOn(ids: readonly string[], graph: ImpactGraph): Set<string> {
  const found = new Set(ids);
  for (const id of found) {
    const machineId = graph.node(id)?.machineId;
    if (machineId != null) found.add(machineId);
    for (const edge of graph.from(id)) if (RELATION_TYPES[edge.type].failureOf === 'to') found.add(edge.toId);
    for (const edge of graph.to(id))
      if (RELATION_TYPES[edge.type].failureOf === 'from') found.add(edge.fromId);
  }
  return found;
}

/**
 * What is lost or out of reach while these are gone: what depends on them, virtual machines of a host, and what reaches the
 * rest of the network only through them. Something with another way, or with a redundant other, stays out.
 */
function behind(gone: readonly string[], graph: ImpactGraph): Set<string> {
  const lost = new Set(gone);
  for (let grown = true; grown; ) {
    grown = false;
    const add = (id: string) => {
      if (lost.has(id) || graph.node(id) === undefined) return;
      lost.add(id);
      grown = true;
    };
    for (const { node, state } of impactOf([...lost], graph)) if (state === 'lost') add(node.id);
    for (const id of lost) for (const next of cutOffBy(id, graph, lost)) add(next);
  }
  for (const id of gone) lost.delete(id);
  return lost;
}

function* cutOffBy(id: string, graph: ImpactGraph, lost: ReadonlySet<string>): Generator<string> {
  const ciClass = graph.node(id)?.class;
  if (ciClass === 'NetworkDevice') {
    for (const edge of graph.to(id))
      if (
        edge.type === 'connectsTo' &&
        ends(graph.from(edge.fromId), 'connectsTo', graph, 'NetworkDevice').every((up) => lost.has(up))
      )
        yield edge.fromId;
  }
  if (ciClass === 'Subnet') {
    for (const edge of graph.to(id))
      if (
        edge.type === 'memberOf' &&
        ends(graph.from(edge.fromId), 'memberOf', graph, 'Subnet').every((net) => lost.has(net))
      )
        yield edge.fromId;
  }
}

function ends(
  edges: readonly RelationEdge[],
  type: RelationEdge['type'],
  graph: ImpactGraph,
  ciClass: string,
): string[] {
  return edges
    .filter((edge) => edge.type === type && graph.node(edge.toId)?.class === ciClass)
    .map(({ toId }) => toId);
}

/** People, places and contracts are in no window; parts go with their machine. */
function isWatched(id: string, { graph, isMachine }: CoverageSource): boolean {
  if (isMachine(id)) return true;
  const node = graph.node(id);
  if (node === undefined || node.machineId !== null) return false;
  const { class: name } = node;
  return isMachineClass(name) || isAssetClass(name) || name === 'Service' || name === 'BusinessApplication';
}
