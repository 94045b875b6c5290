/** How services stand: what they need, what of it fails now, and how much more may fail. */
import type { z } from 'zod';
import type {
  ServiceDetail,
  ServiceState,
  ServiceSummary,
  SupportItem,
} from '@muster/shared/api/relations.ts';
import { isMachineClass } from '@muster/shared/cmdb/classes.ts';
import type { PresenceState } from '@muster/shared/presence/state.ts';
import { type Millis, toIso } from '@muster/shared/time.ts';
import type { RelationEdge } from '../cmdb/store.ts';
import { AppError } from '../errors.ts';
import type { RelationGraph } from './graph.ts';
import { type ImpactGraph, impactOf, type Reached, redundancyOf, supportsOf } from './impact.ts';
import type { GraphNode, NodeDirectory } from './nodes.ts';

export interface ServiceDeps {
  readonly graph: Pick<RelationGraph, 'from' | 'to'>;
  readonly nodes: NodeDirectory;
  /** null: never heard. */
  readonly stateOf: (ciId: string, nowMs: Millis) => PresenceState | null;
  readonly openIncidentsOf: (ciId: string) => number;
}

export interface Services {
  list(nowMs: Millis): ServiceSummary[];
  /** @throws AppError not-found */
  detail(id: string, nowMs: Millis): z.input<typeof ServiceDetail>;
  supports(id: string, nowMs: Millis): SupportItem[];
  /** How each CI does by itself: null where nobody can hear it. */
  stateOf(node: GraphNode, nowMs: Millis): PresenceState | null;
}

/** A record in one of these is not where it could carry anything. */
const NOT_CARRYING: ReadonlySet<string> = new Set([
  'defective',
  'in_repair',
  'retired',
  'disposed',
  'missing',
]);
const NOT_RUNNING: ReadonlySet<PresenceState | null> = new Set(['silent', 'off', 'asleep', 'planned']);
const REASONS_MAX = 5;

export function isService(
  node: GraphNode | undefined,
): node is GraphNode & { class: ServiceSummary['class'] } {
  return node?.class === 'Service' || node?.class === 'BusinessApplication';
}

/** The view of the graph that impact walks along. */
export function impactGraph(
  graph: Pick<RelationGraph, 'from' | 'to'>,
  nodes: Pick<NodeDirectory, 'get' | 'partsOf'>,
): ImpactGraph {
  return {
    from: (id) => graph.from(id),
    to: (id) => graph.to(id),
    node: (id) => nodes.get(id),
    partsOf: (machineId) => nodes.partsOf(machineId),
  };
}

export function createServices({ graph, nodes, stateOf, openIncidentsOf }: ServiceDeps): Services {
  const walk = impactGraph(graph, nodes);

  function heard(node: GraphNode, nowMs: Millis): PresenceState | null {
    const machineId = node.machineId ?? node.id;
    const machine = nodes.get(machineId);
    return machine !== undefined && isMachineClass(machine.class)
      ? (stateOf(machineId, nowMs) ?? 'unknown')
      : null;
  }

  function isFailing(node: GraphNode, nowMs: Millis): boolean {
    if (NOT_CARRYING.has(node.lifecycle)) return true;
    return NOT_RUNNING.has(heard(node, nowMs));
  }

  /** One walk for all services: what is lost now, and what would be if the unknown were gone too. */
  function standing(nowMs: Millis) {
    const failing: string[] = [];
    const unheard: string[] = [];
    for (const node of nodes.all()) {
      if (node.machineId !== null || isService(node)) continue;
      // What nothing depends on takes nothing with it.
      if (graph.to(node.id).length + graph.from(node.id).length + nodes.partsOf(node.id).length === 0)
        continue;
      if (isFailing(node, nowMs)) failing.push(node.id);
      else if (heard(node, nowMs) === 'unknown') unheard.push(node.id);
    }
    const byId = (reached: readonly Reached[]) => new Map(reached.map((each) => [each.node.id, each]));
    const now = byId(impactOf(failing, walk));
    const worst = unheard.length === 0 ? now : byId(impactOf([...failing, ...unheard], walk));
    return { failing: new Set(failing), now, worst };
  }

  function summary(
    node: GraphNode & { class: ServiceSummary['class'] },
    { failing, now, worst }: ReturnType<typeof standing>,
  ): ServiceSummary {
    const members = graph.from(node.id, 'dependsOn');
    const isLost = (id: string) => failing.has(id) || now.get(id)?.state === 'lost';
    const redundancy = redundancyOf(node.id, graph, isLost);
    const required = members.filter(({ group }) => group === null);
    const spares = [
      ...redundancy.map(({ left, needed }) => Math.max(0, left - needed)),
      ...(required.length > 0 ? [0] : []),
    ];
    const state: ServiceState =
      members.length === 0
        ? 'empty'
        : now.get(node.id)?.state === 'lost'
          ? 'down'
          : worst.get(node.id)?.state === 'lost'
            ? 'unknown'
            : now.get(node.id)?.state === 'degraded'
              ? 'degraded'
              : 'up';
    const because = members
      .filter(({ toId }) => isLost(toId) || now.get(toId)?.state === 'degraded')
      .flatMap(({ toId }) => nodes.get(toId)?.name ?? []);
    return {
      id: node.id,
      name: node.name,
      class: node.class,
      lifecycle: node.lifecycle,
      state,
      because: [...new Set(because)].slice(0, REASONS_MAX),
      owner: node.owner ?? relatedName(node.id, 'ownedBy'),
      supportGroup: node.supportGroup ?? relatedName(node.id, 'supportedBy'),
      criticality: node.criticality,
      users: node.users,
      members: members.length,
      spare: members.length === 0 ? null : Math.min(...spares),
      redundancy,
      openIncidents: [node.id, ...new Set(members.map(({ toId }) => toId))].reduce(
        (sum, id) => sum + openIncidentsOf(id),
        0,
      ),
    };
  }

  function relatedName(id: string, type: 'ownedBy' | 'supportedBy'): string | null {
    const [edge] = graph.from(id, type);
    return (edge && nodes.get(edge.toId)?.name) ?? null;
  }

  function supports(id: string, nowMs: Millis): SupportItem[] {
    return supportsOf(id, walk).map(({ node, path, alone }) => {
      const known = nodes.get(node.id);
      return {
        id: node.id,
        name: node.name,
        class: node.class,
        path: path.map(({ name }) => name),
        alone,
        state: known ? heard(known, nowMs) : null,
        openIncidents: openIncidentsOf(node.id),
      };
    });
  }

  function memberRow(
    edge: RelationEdge,
    lost: (id: string) => boolean,
    nowMs: Millis,
  ): z.input<typeof ServiceDetail>['membersList'] {
    const node = nodes.get(edge.toId);
    if (node === undefined) return [];
    return [
      {
        id: node.id,
        name: node.name,
        class: node.class,
        relationId: edge.id,
        group: edge.group,
        needed: edge.needed,
        source: edge.source,
        since: toIso(edge.sinceMs),
        site: node.site,
        state: heard(node, nowMs),
        failing: lost(node.id),
        openIncidents: openIncidentsOf(node.id),
      },
    ];
  }

  return {
    stateOf: heard,
    supports,
    list(nowMs) {
      const current = standing(nowMs);
      return [...nodes.all()]
        .filter(isService)
        .filter(({ lifecycle }) => lifecycle !== 'retired' && lifecycle !== 'disposed')
        .map((node) => summary(node, current))
        .toSorted(
          (a, b) =>
            WORST.indexOf(a.state) - WORST.indexOf(b.state) ||
            a.criticality - b.criticality ||
            (a.name < b.name ? -1 : 1),
        );
    },
    detail(id, nowMs) {
      const node = nodes.get(id);
      if (!isService(node)) throw new AppError('not-found', `There is no service ${id}.`);
      const current = standing(nowMs);
      const lost = (of: string) => current.failing.has(of) || current.now.get(of)?.state === 'lost';
      return {
        ...summary(node, current),
        membersList: graph
          .from(id, 'dependsOn')
          .flatMap((edge) => memberRow(edge, lost, nowMs))
          .toSorted((a, b) => ((a.group ?? '') + a.name < (b.group ?? '') + b.name ? -1 : 1)),
        carries: graph.to(id, 'dependsOn').flatMap((edge) => {
          const on = nodes.get(edge.fromId);
          return on ? [{ id: on.id, name: on.name, class: on.class, relationId: edge.id }] : [];
        }),
        supports: supports(id, nowMs),
      };
    },
  };
}

const WORST: readonly ServiceState[] = ['down', 'degraded', 'unknown', 'up', 'empty'];
