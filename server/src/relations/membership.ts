/** To which locations and services a CI belongs: what rules, maintenance windows and calendars are given for. */
import { impactOf } from './impact.ts';
import type { GraphNode, NodeDirectory } from './nodes.ts';
import type { RelationGraph } from './graph.ts';
import { impactGraph } from './services.ts';

export interface Membership {
  /** Ids of the Location CIs that hold it, nearest first; without a relation the one whose name is its site. */
  locationsOf(ciId: string): readonly string[];
  /** Ids of the Service CIs that are lost or degraded when it fails, nearest first. */
  servicesOf(ciId: string): readonly string[];
  /** Called when the answers for any CI may be others. */
  onChange(listener: () => void): void;
}

/** Locations within locations; more is a circle or a mistake. */
export const LOCATION_DEPTH_MAX = 16;

interface MembershipDeps {
  readonly graph: Pick<RelationGraph, 'from' | 'to' | 'onChange'>;
  readonly nodes: Pick<NodeDirectory, 'get' | 'all' | 'partsOf' | 'onChange'>;
}

/** Answers are worked out when they are first asked for and kept until the graph changes. */
export function createMembership({ graph, nodes }: MembershipDeps): Membership {
  const locations = new Map<string, readonly string[]>();
  const services = new Map<string, readonly string[]>();
  const listeners: (() => void)[] = [];
  const walk = impactGraph(graph, nodes);
  let placesByName: ReadonlyMap<string, string | null> | null = null;
  const forget = () => {
    placesByName = null;
    locations.clear();
    services.clear();
    for (const listener of listeners) listener();
  };
  graph.onChange(forget);
  nodes.onChange(forget);

  function locationsOf(ciId: string): readonly string[] {
    const found: string[] = [];
    let at = nodes.get(ciId)?.machineId ?? ciId;
    while (found.length < LOCATION_DEPTH_MAX) {
      const next = graph.from(at, 'locatedAt')[0]?.toId ?? placeNamed(nodes.get(at)?.site ?? '');
      if (next === undefined || found.includes(next) || next === ciId) break;
      found.push(next);
      at = next;
    }
    return found;
  }

  /** A site is a text; it stands for the one place of that name. */
  function placeNamed(site: string): string | undefined {
    if (site === '') return undefined;
    placesByName ??= placesOf(nodes.all());
    return placesByName.get(nameKey(site)) ?? undefined;
  }

  function servicesOf(ciId: string): readonly string[] {
    return impactOf([ciId], walk)
      .filter(({ node }) => node.class === 'Service')
      .map(({ node }) => node.id);
  }

  return {
    locationsOf: (ciId) => held(locations, ciId, locationsOf),
    servicesOf: (ciId) => held(services, ciId, servicesOf),
    onChange: (listener) => void listeners.push(listener),
  };
}

/** By name; null: several places have it. */
function placesOf(nodes: Iterable<GraphNode>): ReadonlyMap<string, string | null> {
  const places = new Map<string, string | null>();
  for (const node of nodes) {
    if (node.class !== 'Location') continue;
    const key = nameKey(node.name);
    places.set(key, places.has(key) ? null : node.id);
  }
  return places;
}

function nameKey(name: string): string {
  return name.trim().toLowerCase();
}

/** Of a house without relations. */
export const NO_MEMBERSHIP: Membership = {
  locationsOf: () => [],
  servicesOf: () => [],
  onChange: () => undefined,
};

function held(
  cache: Map<string, readonly string[]>,
  ciId: string,
  find: (ciId: string) => readonly string[],
): readonly string[] {
  const known = cache.get(ciId);
  if (known !== undefined) return known;
  const found = find(ciId);
  cache.set(ciId, found);
  return found;
}
