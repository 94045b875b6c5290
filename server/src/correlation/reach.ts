/** Through what each CI is reached, from the edges between CIs: networks, switches, hosts and what it is said to depend on. Pure. */
import type { CiClass } from '@muster/shared/cmdb/classes.ts';
import type { RelationEdge } from '../cmdb/store.ts';

/** It is reached while `needed` of the members are. */
export interface ReachGroup {
  readonly members: readonly string[];
  readonly needed: number;
}

export interface ReachNode {
  readonly class: CiClass;
  /** Of a part: its machine. */
  readonly machineId: string | null;
}

export interface Reach {
  /** Every one of these must hold. */
  groupsOf(id: string): readonly ReachGroup[];
  /** All that cannot be reached when this one fails, without itself. */
  lostWith(id: string): ReadonlySet<string>;
  /** All that any of these is reached through, near and far, without regard to what stands in for what. */
  above(ids: Iterable<string>): ReadonlySet<string>;
}

/**
 * A machine is reached through one of its subnets, through one of the network devices that it connects to, through its
 * host, through the place it is at, and through each thing that it depends on (of a group: as many as are needed); a
 * subnet through one of its gateways. Linear in the edges.
 */
export function buildReach(
  edges: Iterable<RelationEdge>,
  nodeOf: (id: string) => ReachNode | undefined,
): Reach {
  const wanted = new Map<string, Map<string, { members: Set<string>; needed: number }>>();
  const isGateway = new Set<string>();
  const want = (id: string, group: string, member: string, needed = 1) => {
    if (id === member) return;
    const groups = wanted.get(id) ?? new Map<string, { members: Set<string>; needed: number }>();
    wanted.set(id, groups);
    const held = groups.get(group) ?? { members: new Set(), needed: 1 };
    groups.set(group, held);
    held.members.add(member);
    held.needed = Math.max(held.needed, needed);
  };
  const memberships: RelationEdge[] = [];
  const whole = (id: string) => nodeOf(id)?.machineId ?? id;
  for (const edge of edges) {
    const [from, to] = [whole(edge.fromId), whole(edge.toId)];
    switch (edge.type) {
      case 'hosts':
        want(to, 'host', from);
        break;
      case 'dependsOn':
        want(from, edge.group === null ? `one ${to}` : `group ${edge.group}`, to, edge.needed ?? 1);
        break;
      case 'connectsTo':
        if (nodeOf(to)?.class === 'NetworkDevice') want(from, 'device', to);
        else if (nodeOf(from)?.class === 'NetworkDevice') want(to, 'device', from);
        break;
      case 'gatewayOf':
        want(to, 'gateway', from);
        isGateway.add(`${from} ${to}`);
        break;
      case 'locatedAt':
        want(from, 'place', to);
        break;
      case 'memberOf':
        if (nodeOf(to)?.class === 'Subnet') memberships.push(edge);
        break;
      case 'assignedTo':
      case 'attachedTo':
      case 'composes':
      case 'coveredBy':
      case 'documentedBy':
      case 'licensedBy':
      case 'ownedBy':
      case 'suppliedBy':
      case 'supportedBy':
        break;
    }
  }
  // A gateway carries its subnet; it is not reached through it.
  for (const { fromId, toId } of memberships)
    if (!isGateway.has(`${whole(fromId)} ${toId}`)) want(whole(fromId), 'subnet', toId);
  return new ReachIndex(wanted);
}

const NONE: readonly ReachGroup[] = [];
const NOTHING: ReadonlySet<string> = new Set();

class ReachIndex implements Reach {
  readonly #groups = new Map<string, ReachGroup[]>();
  readonly #dependants = new Map<string, { readonly id: string; readonly group: ReachGroup }[]>();
  readonly #lost = new Map<string, ReadonlySet<string>>();

  constructor(wanted: ReadonlyMap<string, ReadonlyMap<string, { members: Set<string>; needed: number }>>) {
    for (const [id, groups] of wanted) {
      const made = [...groups.values()].map(({ members, needed }) => ({
        members: [...members],
        needed: Math.min(needed, members.size),
      }));
      this.#groups.set(id, made);
      for (const group of made)
        for (const member of group.members) {
          const held = this.#dependants.get(member);
          if (held) held.push({ id, group });
          else this.#dependants.set(member, [{ id, group }]);
        }
    }
  }

  groupsOf(id: string): readonly ReachGroup[] {
    return this.#groups.get(id) ?? NONE;
  }

  lostWith(id: string): ReadonlySet<string> {
    if (!this.#dependants.has(id)) return NOTHING;
    const held = this.#lost.get(id);
    if (held) return held;
    const lost = new Set([id]);
    const missing = new Map<ReachGroup, number>();
    for (const at of lost)
      for (const { id: next, group } of this.#dependants.get(at) ?? []) {
        if (lost.has(next)) continue;
        const gone = (missing.get(group) ?? 0) + 1;
        missing.set(group, gone);
        if (group.members.length - gone < group.needed) lost.add(next);
      }
    lost.delete(id);
    this.#lost.set(id, lost);
    return lost;
  }

  above(ids: Iterable<string>): ReadonlySet<string> {
    const above = new Set<string>();
    for (const id of ids)
      for (const { members } of this.groupsOf(id)) for (const member of members) above.add(member);
    for (const id of above)
      for (const { members } of this.groupsOf(id)) for (const member of members) above.add(member);
    return above;
  }
}
