/** What stands around a CI: what its failure reaches, who answers for it, and where it is. Read from memory, at the breach. */
import type { CiPlace, Named } from '@muster/shared/api/incidents.ts';
import { RELATION_TYPES, type RelationTypeName } from '@muster/shared/cmdb/relation-types.ts';
import type { RelationGraph } from '../relations/graph.ts';
import { impactOf, type Reached } from '../relations/impact.ts';
import type { GraphNode, NodeDirectory } from '../relations/nodes.ts';
import { impactGraph } from '../relations/services.ts';

/** A service that a failure reaches, with how much stands behind it. */
export interface ReachedService {
  readonly id: string;
  readonly name: string;
  readonly state: 'lost' | 'degraded';
  /** 1 (highest) to 4. */
  readonly criticality: number;
  /** How many use it, as entered. */
  readonly users: number | null;
  /** The group that has the least to spare; null: it has none that lost members. */
  readonly redundancy: { readonly left: number; readonly of: number; readonly needed: number } | null;
}

/** What the failure of CIs takes with it. */
export interface Reach {
  /** Lost before degraded, the most critical first. */
  readonly services: readonly ReachedService[];
  readonly people: number;
  /** Several services name how many use them; the same people may use both. */
  readonly peopleAtLeast: boolean;
  /** Machines lost with it, without itself. */
  readonly machines: number;
}

export interface Surroundings {
  /** `down`: what is down besides, asked only where it matters: it uses up redundancy. */
  reachOf(ciIds: readonly string[], down?: () => readonly string[]): Reach;
  placeOf(ciId: string): CiPlace;
  /** Everything that the failure of this CI reaches, nearest first. */
  impactOf(ciId: string): readonly Reached[];
  /** What it stands on and hangs behind, nearest first; at most UPSTREAM_MAX. */
  upstreamOf(ciId: string): readonly UpstreamCi[];
  /** null: not known. */
  standingOf(ciId: string): { readonly lifecycle: string; readonly criticality: number } | null;
}

export interface UpstreamCi {
  readonly id: string;
  readonly name: string;
  readonly class: string;
  /** Names from the CI that was asked for to this one, both included. */
  readonly path: readonly string[];
}

/** CIs upstream of which changes are looked at. */
export const UPSTREAM_MAX = 30;

export const NO_REACH: Reach = { services: [], people: 0, peopleAtLeast: false, machines: 0 };
export const NO_PLACE: CiPlace = {
  owner: null,
  user: null,
  location: null,
  department: null,
  supportGroup: null,
};

/** Of a house without relations. */
export const NO_SURROUNDINGS: Surroundings = {
  reachOf: () => NO_REACH,
  placeOf: () => NO_PLACE,
  impactOf: () => [],
  upstreamOf: () => [],
  standingOf: () => null,
};

interface SurroundingsDeps {
  readonly graph: Pick<RelationGraph, 'from' | 'to'>;
  readonly nodes: Pick<NodeDirectory, 'get' | 'partsOf'>;
}

export function createSurroundings({ graph, nodes }: SurroundingsDeps): Surroundings {
  const walk = impactGraph(graph, nodes);

  function related(id: string, type: RelationTypeName, classes?: readonly string[]): GraphNode | undefined {
    return graph
      .from(id, type)
      .flatMap(({ toId }) => nodes.get(toId) ?? [])
      .find((node) => !classes || classes.includes(node.class));
  }

  function serviceOf({ node, state, redundancy }: Reached): ReachedService[] {
    const known = nodes.get(node.id);
    if (!known || state === 'affected' || (node.class !== 'Service' && node.class !== 'BusinessApplication'))
      return [];
    const [least] = redundancy.toSorted((a, b) => a.left - a.needed - (b.left - b.needed));
    return [
      {
        id: node.id,
        name: node.name,
        state,
        criticality: known.criticality,
        users: known.users,
        redundancy: least ? { left: least.left, of: least.of, needed: least.needed } : null,
      },
    ];
  }

  /** What would only be degraded is lost where others that are down leave nothing, unless these alone are enough for that. */
  function withoutSpare(ciIds: readonly string[], down: () => readonly string[]): Reached[] {
    const own = impactOf(ciIds, walk);
    if (!own.some(({ state }) => state === 'degraded')) return own;
    const others = down().filter((id) => !ciIds.includes(id));
    if (others.length === 0) return own;
    const lostBy = (ids: readonly string[]) =>
      new Map(
        impactOf(ids, walk).flatMap((one) => (one.state === 'lost' ? [[one.node.id, one] as const] : [])),
      );
    const together = lostBy([...ciIds, ...others]);
    const alone = lostBy(others);
    return own.map((one) =>
      one.state === 'degraded' && !alone.has(one.node.id) ? (together.get(one.node.id) ?? one) : one,
    );
  }

  /** What a CI needs to work, and what its network hangs on: devices that it connects to, gateways of its subnets. */
  function* nextUpstream({ id, machineId }: Pick<GraphNode, 'id' | 'machineId'>): Generator<string> {
    if (machineId !== null) yield machineId;
    for (const edge of graph.from(id)) {
      if (RELATION_TYPES[edge.type].failureOf === 'to' || edge.type === 'connectsTo') yield edge.toId;
      if (edge.type === 'memberOf' && nodes.get(edge.toId)?.class === 'Subnet') yield edge.toId;
    }
    for (const edge of graph.to(id)) if (RELATION_TYPES[edge.type].failureOf === 'from') yield edge.fromId;
  }

  function upstreamOf(ciId: string): UpstreamCi[] {
    const start = nodes.get(ciId);
    if (!start) return [];
    const found = new Map<string, UpstreamCi>([[ciId, upstream(start, [start.name])]]);
    for (const [id, at] of found) {
      if (found.size > UPSTREAM_MAX) break;
      const node = nodes.get(id);
      if (!node) continue;
      for (const nextId of nextUpstream(node)) {
        const next = nodes.get(nextId);
        // A neighbour on the wire is no support unless it passes the traffic on.
        if (!next || found.has(nextId) || next.class === 'Workstation' || next.class === 'Person') continue;
        found.set(nextId, upstream(next, [...at.path, next.name]));
      }
    }
    found.delete(ciId);
    return [...found.values()].slice(0, UPSTREAM_MAX);
  }

  return {
    standingOf: (ciId) => nodes.get(ciId) ?? null,
    upstreamOf,
    impactOf: (ciId) => impactOf([ciId], walk),
    reachOf(ciIds, down = () => []) {
      const reached = withoutSpare(ciIds, down);
      const services = reached
        .flatMap(serviceOf)
        .toSorted(
          (a, b) =>
            Number(a.state === 'degraded') - Number(b.state === 'degraded') || a.criticality - b.criticality,
        );
      const persons = reached.filter(({ state }) => state === 'affected').length;
      // Behind a workstation of which nobody wrote down who uses it there is still somebody.
      const unnamed = [
        ...ciIds,
        ...reached.filter(({ state }) => state === 'lost').map(({ node }) => node.id),
      ]
        .flatMap((id) => nodes.get(id) ?? [])
        .filter(({ id, class: name }) => name === 'Workstation' && !related(id, 'assignedTo')).length;
      const users = services.filter(({ state }) => state === 'lost').flatMap((one) => one.users ?? []);
      return {
        services,
        people: Math.max(persons + unnamed, ...users),
        peopleAtLeast: users.length > 1,
        machines: reached.filter(({ node, state }) => state === 'lost' && MACHINES.has(node.class)).length,
      };
    },
    placeOf(ciId) {
      const node = nodes.get(ciId);
      const id = node?.machineId ?? ciId;
      const at = nodes.get(id) ?? node;
      const user = related(id, 'assignedTo');
      const owner = related(id, 'ownedBy');
      const department = user ? related(user.id, 'memberOf', GROUPS) : undefined;
      const group = related(id, 'supportedBy') ?? (owner ? related(owner.id, 'supportedBy') : undefined);
      return {
        owner: named(owner) ?? written(at?.owner),
        user: named(user),
        location: named(related(id, 'locatedAt')) ?? written(at?.site),
        department: named(department) ?? named(owner && GROUPS.includes(owner.class) ? owner : undefined),
        supportGroup: named(group) ?? written(at?.supportGroup),
      };
    },
  };
}

const MACHINES: ReadonlySet<string> = new Set(['Server', 'Workstation', 'VirtualMachine']);
const GROUPS: readonly string[] = ['Organisation', 'Team'];

function upstream(
  { id, name, class: ciClass }: Pick<GraphNode, 'id' | 'name' | 'class'>,
  path: readonly string[],
): UpstreamCi {
  return { id, name, class: ciClass, path };
}

function named(node: GraphNode | undefined): Named | null {
  return node ? { id: node.id, name: node.name } : null;
}

/** Stands there as text only. */
function written(name: string | null | undefined): Named | null {
  return name ? { id: null, name } : null;
}
