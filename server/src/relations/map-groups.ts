/** The map from afar: so many CIs that dots say nothing are counted by site, class or service, with what runs between. Pure. */
import { CI_CLASSES } from '@muster/shared/cmdb/classes.ts';
import type { MapGroups } from '@muster/shared/api/relations.ts';
import type { RelationEdge } from '../cmdb/store.ts';
import type { GraphNode } from './nodes.ts';
import type { MapShape } from './map.ts';

export type GroupedBy = MapGroups['by'];

interface Tally {
  readonly key: string | null;
  readonly name: MapGroups['groups'][number]['name'];
  nodes: number;
  silent: number;
  openIncidents: number;
}

interface GroupFacts {
  readonly isSilent: (node: GraphNode) => boolean;
  readonly openIncidentsOf: (ciId: string) => number;
  /** The service or application a CI is counted with. */
  readonly serviceOf: (ciId: string) => GraphNode | undefined;
}

/** By site where CIs stand at several, else by class: a single dot would say nothing either. */
export function groupingOf(nodes: readonly GraphNode[]): GroupedBy {
  return nodes.some(({ site }) => site !== nodes[0]?.site) ? 'site' : 'class';
}

/** Linear in nodes and edges; the largest group first. Relations within a group are not counted. */
export function groupsOf(shape: MapShape, by: GroupedBy, facts: GroupFacts): MapGroups {
  const tallies = new Map<string | null, Tally>();
  const groupOf = shape.nodes.map((node) => {
    const { key, name } = labelOf(node, by, facts);
    const tally = tallies.get(key) ?? { key, name, nodes: 0, silent: 0, openIncidents: 0 };
    tallies.set(key, tally);
    tally.nodes++;
    if (facts.isSilent(node)) tally.silent++;
    tally.openIncidents += facts.openIncidentsOf(node.id);
    return tally;
  });
  const groups = [...tallies.values()].toSorted((a, b) => b.nodes - a.nodes);
  const places = new Map(groups.map((tally, at) => [tally, at]));
  const ties = new Map<number, number>();
  for (const [from, to] of shape.edges) {
    const [one, other] = [placeOf(from), placeOf(to)];
    if (one === other) continue;
    const pair = Math.min(one, other) * groups.length + Math.max(one, other);
    ties.set(pair, (ties.get(pair) ?? 0) + 1);
  }
  return {
    by,
    nodes: shape.nodes.length,
    edges: shape.edges.length,
    groups,
    ties: [...ties].map(([pair, count]) => [Math.floor(pair / groups.length), pair % groups.length, count]),
  };

  function placeOf(node: number): number {
    const tally = groupOf[node];
    return (tally && places.get(tally)) ?? 0;
  }
}

function labelOf(node: GraphNode, by: GroupedBy, { serviceOf }: GroupFacts): Pick<Tally, 'key' | 'name'> {
  if (by === 'class') return { key: node.class, name: CI_CLASSES[node.class].title };
  if (by === 'site') return { key: node.site, name: node.site === null ? null : same(node.site) };
  const service = serviceOf(node.id);
  return { key: service?.id ?? null, name: service === undefined ? null : same(service.name) };
}

function same(name: string) {
  return { en: name, zh: name };
}

/** Each CI that a service needs itself belongs to the first by name; a service belongs to itself. */
export function servicesByMember(
  nodes: Iterable<GraphNode>,
  membersOf: (id: string) => readonly RelationEdge[],
): Map<string, GraphNode> {
  const services = [...nodes]
    .filter(({ class: ciClass }) => ciClass === 'Service' || ciClass === 'BusinessApplication')
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const owner = new Map(services.map((service) => [service.id, service]));
  for (const service of services)
    for (const { toId } of membersOf(service.id)) if (!owner.has(toId)) owner.set(toId, service);
  return owner;
}
