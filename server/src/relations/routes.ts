/** HTTP operations on relations, impact, the map and services. */
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import type { Relation } from '@muster/shared/api/cmdb.ts';
import { MAP_EACH_MAX, MAP_EDGES_MAX, MAP_NODES_MAX } from '@muster/shared/api/relations.ts';
import { RELATION_TYPE_NAMES, RELATION_TYPES } from '@muster/shared/cmdb/relation-types.ts';
import type { PresenceState } from '@muster/shared/presence/state.ts';
import { type Millis, toIso } from '@muster/shared/time.ts';
import { impactOf as innerImpactOf, relationsOf } from '../cmdb/relations.ts';
import type { CmdbStore, RelationEdge } from '../cmdb/store.ts';
import { AppError } from '../errors.ts';
import type { Actor, Routes } from '../http/routes.ts';
import type { By, EdgeWish, RelationGraph } from './graph.ts';
import { impactOf, type Reached, totalsOf } from './impact.ts';
import { around, mapOf } from './map.ts';
import { groupingOf, groupsOf, servicesByMember } from './map-groups.ts';
import type { NodeDirectory } from './nodes.ts';
import { createServices, impactGraph, isService } from './services.ts';
import type { Suggestions } from './suggestions.ts';

export interface RelationRouteDeps {
  readonly graph: RelationGraph;
  readonly nodes: NodeDirectory;
  readonly store: CmdbStore;
  readonly stateOf: (ciId: string, nowMs: Millis) => PresenceState | null;
  readonly openIncidentsOf: (ciId: string) => number;
  readonly suggestions: Suggestions;
}

/** A list of relations looks into the machines it leads to until it knows so many CIs and parts. */
const INNER_CIS_MAX = 5_000;

export function addRelationRoutes(
  routes: Routes,
  { graph, nodes, store, stateOf, openIncidentsOf, suggestions }: RelationRouteDeps,
): void {
  const services = createServices({ graph, nodes, stateOf, openIncidentsOf });
  const walk = impactGraph(graph, nodes);
  const edgesOf = (id: string) => [...graph.from(id), ...graph.to(id)];

  function rowOf(edge: RelationEdge): Relation {
    const [from, to] = [nodes.get(edge.fromId), nodes.get(edge.toId)];
    return {
      id: edge.id,
      type: edge.type,
      fromId: edge.fromId,
      fromName: from?.name ?? edge.fromId,
      fromClass: from?.class ?? '',
      toId: edge.toId,
      toName: to?.name ?? edge.toId,
      toClass: to?.class ?? '',
      source: edge.source,
      actor: edge.actor,
      since: toIso(edge.sinceMs),
      endedAt: edge.endedAtMs === null ? null : toIso(edge.endedAtMs),
      group: edge.group,
      needed: edge.needed,
      inner: false,
    };
  }

  /** What a machine is made of, and which of its parts stand on one another; of a CI of another kind nothing. */
  async function innerOf(id: string): Promise<Relation[]> {
    const part = await store.part(id);
    const machine = await store.machine(part ? part.machineId : id);
    if (!machine) return [];
    const gone = part && part.removedAtMs !== null ? [part] : [];
    const parts = await store.parts(machine.id);
    return relationsOf(machine, [...parts, ...gone]).map((row) => ({ ...row, inner: true }));
  }

  async function requireKnown(id: string): Promise<void> {
    if (nodes.get(id) === undefined && !(await store.part(id)) && !(await store.ci(id)))
      throw new AppError('not-found', `There is no configuration item ${id}.`);
  }

  /** Inner and outer edges of the CI and, with more steps, of what those before led to. */
  async function edgesAround(
    id: string,
    steps: number,
    outer: (id: string) => Promise<RelationEdge[]>,
  ): Promise<Relation[]> {
    const found = new Map<string, Relation>();
    const seen = new Set([id]);
    const inner = new Map<string, readonly Relation[]>();
    const readInner = async (of: string): Promise<readonly Relation[]> => {
      const held = inner.get(of);
      if (held !== undefined) return held;
      if (inner.size >= INNER_CIS_MAX) return [];
      const rows = await innerOf(of);
      inner.set(of, rows);
      // The parts of one machine share its edges.
      for (const row of rows) inner.set(row.fromId, rows).set(row.toId, rows);
      return rows;
    };
    let rim = [id];
    for (let step = 0; step < steps; step++) {
      const next: string[] = [];
      for (const at of rim) {
        const own = (await readInner(at)).filter(({ fromId, toId }) => fromId === at || toId === at);
        for (const row of [...(await outer(at)).map(rowOf), ...own]) {
          found.set(row.id, row);
          for (const other of [row.fromId, row.toId])
            if (!seen.has(other)) {
              seen.add(other);
              next.push(other);
            }
        }
      }
      rim = next;
    }
    return [...found.values()];
  }

  const byActor = (actor: Actor, nowMs: Millis): By => ({ actor: actor.name, source: 'human', nowMs });

  routes.add(ENDPOINTS.listRelationTypes, async () => ({
    items: RELATION_TYPE_NAMES.map((name) => {
      const { from, to, ...type } = RELATION_TYPES[name];
      return { name, ...type, from: [...from], to: [...to] };
    }),
  }));

  routes.add(ENDPOINTS.createRelations, async ({ body }, { actor, nowMs }) => {
    const wishes: EdgeWish[] = body.items.map((item) => {
      const { group = null, needed = null } = item;
      if (item.type === 'composes')
        throw new AppError(
          'input-invalid',
          'What a machine is made of is found in its reports, not said by hand.',
        );
      if (item.type !== 'dependsOn' && (group !== null || needed !== null))
        throw new AppError('input-invalid', 'Only dependsOn has groups that stand in for each other.');
      if (group === null && needed !== null)
        throw new AppError('input-invalid', '`needed` says how many of a group must hold; name the group.');
      return { ...item, group, needed: group === null ? null : (needed ?? 1) };
    });
    const added = await graph.relate(wishes, byActor(actor, nowMs));
    await nodes.settled();
    return { items: added.map(rowOf) };
  });

  routes.add(ENDPOINTS.endRelation, async ({ params }, { actor, nowMs }) => {
    await graph.end([params.id], byActor(actor, nowMs));
    return {};
  });

  routes.add(ENDPOINTS.ciRelations, async ({ params, query }) => {
    await requireKnown(params.id);
    const atMs = query.at === undefined ? null : Date.parse(query.at);
    const all =
      atMs === null
        ? await edgesAround(params.id, query.steps, async (id) => edgesOf(id))
        : (
            await edgesAround(params.id, query.steps, async (id) =>
              (await store.relationsOf(id)).filter((edge) => heldAt(edge, atMs)),
            )
          ).filter(({ inner, since }) => !inner || Date.parse(since) <= atMs);
    if (query.ended === '1') {
      const known = new Set(all.map(({ id }) => id));
      const ended = (await store.relationsOf(params.id))
        .filter(({ id, endedAtMs }) => endedAtMs !== null && !known.has(id))
        .toSorted((a, b) => (b.endedAtMs ?? 0) - (a.endedAtMs ?? 0));
      all.push(...ended.map(rowOf));
    }
    const from = query.cursor ? Math.max(0, Number(query.cursor) || 0) : 0;
    const to = from + query.limit;
    return { items: all.slice(from, to), nextCursor: to < all.length ? String(to) : null };
  });

  routes.add(ENDPOINTS.ciImpact, async ({ params }) => {
    await requireKnown(params.id);
    const outer = impactOf([params.id], walk);
    const known = new Set([params.id, ...outer.map(({ node }) => node.id)]);
    const inner = innerImpactOf(params.id, await innerOf(params.id))
      .filter(({ id }) => !known.has(id))
      .map((item) => ({ ...item, state: 'lost' as const, redundancy: [], users: null }));
    // A part that nothing else leads to is in no graph: what its machine carries has less behind it.
    const part = nodes.get(params.id) === undefined ? await store.part(params.id) : null;
    const beyond = part
      ? impactOf([part.machineId], walk).map((reached) => ({
          ...itemOf(reached),
          path: [part.name, ...reached.path.map(({ name }) => name)],
          state: reached.state === 'lost' ? ('degraded' as const) : reached.state,
        }))
      : [];
    return { items: [...outer.map(itemOf), ...inner, ...beyond.filter(({ state }) => state === 'degraded')] };
  });

  routes.add(ENDPOINTS.getImpact, async ({ query }) => {
    for (const id of query.ci) await requireKnown(id);
    const reached = impactOf(query.ci, walk);
    const of = (state: Reached['state']) => totalsOf(reached.filter((each) => each.state === state));
    return {
      failing: query.ci.flatMap((id) => {
        const node = nodes.get(id);
        return node ? [{ id, name: node.name, class: node.class }] : [];
      }),
      items: reached.map(itemOf),
      totals: { lost: of('lost'), degraded: of('degraded'), affected: of('affected') },
      usersLost: reached
        .filter(({ state }) => state === 'lost')
        .reduce((sum, { node }) => sum + (nodes.get(node.id)?.users ?? 0), 0),
    };
  });

  function itemOf({ node, state, path, redundancy }: Reached) {
    return {
      id: node.id,
      class: node.class,
      name: node.name,
      path: path.map(({ name }) => name),
      state,
      redundancy: [...redundancy],
      users: nodes.get(node.id)?.users ?? null,
    };
  }

  routes.add(ENDPOINTS.ciSupports, async ({ params }, { nowMs }) => {
    await requireKnown(params.id);
    return { items: services.supports(params.id, nowMs) };
  });

  routes.add(ENDPOINTS.getMap, async ({ query }, { nowMs }) => {
    const listed = (text: string | undefined) => (text === undefined ? null : new Set(text.split(',')));
    const within = withinOf(query);
    const shape = mapOf(nodes.all(), within === null ? graph.all() : edgesWithin(within), {
      classes: listed(query.class),
      site: query.site ?? null,
      types: listed(query.type),
      within,
      nodesMax: MAP_NODES_MAX,
      edgesMax: MAP_EDGES_MAX,
    });
    const by =
      query.group !== 'auto'
        ? query.group
        : shape.nodes.length > MAP_EACH_MAX
          ? groupingOf(shape.nodes)
          : 'none';
    if (by !== 'none') {
      const owners = by === 'service' ? servicesByMember(nodes.all(), membersOf) : null;
      const afar = groupsOf(shape, by, {
        isSilent: (node) => services.stateOf(node, nowMs) === 'silent',
        openIncidentsOf,
        serviceOf: (id) => owners?.get(id),
      });
      // A single group would only be a door to walk through.
      if (query.group !== 'auto' || afar.groups.length > 1) return { ...shape, nodes: [], edges: [], afar };
    }
    return {
      ...shape,
      afar: null,
      nodes: shape.nodes.map((node) => ({
        id: node.id,
        name: node.name,
        class: node.class,
        site: node.site,
        state: services.stateOf(node, nowMs),
        openIncidents: openIncidentsOf(node.id),
      })),
    };
  });

  function membersOf(id: string) {
    return graph.from(id, 'dependsOn');
  }

  function withinOf({
    service,
    around: centre,
    steps,
  }: {
    service?: string | undefined;
    around?: string | undefined;
    steps: number;
  }): Set<string> | null {
    for (const id of [service, centre])
      if (id !== undefined && nodes.get(id) === undefined)
        throw new AppError('not-found', `There is no configuration item ${id} with relations.`);
    const near = centre === undefined ? null : around(centre, steps, edgesOf);
    if (service === undefined) return near;
    const of = new Set([service, ...services.supports(service, 0).map(({ id }) => id)]);
    return near === null ? of : of.intersection(near);
  }

  function* edgesWithin(ids: ReadonlySet<string>): Generator<RelationEdge> {
    for (const id of ids) yield* graph.from(id);
  }

  routes.add(ENDPOINTS.listServices, async ({ query }, { nowMs }) => {
    const all = services.list(nowMs);
    const from = query.cursor ? Math.max(0, Number(query.cursor) || 0) : 0;
    const to = from + query.limit;
    return { items: all.slice(from, to), nextCursor: to < all.length ? String(to) : null, total: all.length };
  });

  routes.add(ENDPOINTS.suggestServices, async () => ({ items: suggestions() }));

  routes.add(ENDPOINTS.getService, async ({ params }, { nowMs }) => services.detail(params.id, nowMs));

  routes.add(ENDPOINTS.setServiceMembers, async ({ params, body }, { actor, nowMs }) => {
    if (!isService(nodes.get(params.id)))
      throw new AppError('not-found', `There is no service ${params.id}.`);
    const names = new Set<string>();
    for (const { name, needed, members } of body.groups) {
      if (names.has(name)) throw new AppError('input-invalid', `The group ${name} is there twice.`);
      names.add(name);
      if (needed > new Set(members).size)
        throw new AppError('input-invalid', `The group ${name} needs ${needed} of ${new Set(members).size}.`);
    }
    const wishes: EdgeWish[] = [
      ...body.required.map((toId) => ({ toId, group: null, needed: null })),
      ...body.groups.flatMap(({ name, needed, members }) =>
        members.map((toId) => ({ toId, group: name, needed })),
      ),
    ].map((member) => ({ type: 'dependsOn', fromId: params.id, ...member }));
    const wanted = new Set(wishes.map(({ toId, group }) => `${toId} ${group ?? ''}`));
    const end = graph
      .from(params.id, 'dependsOn')
      .filter(({ toId, group }) => !wanted.has(`${toId} ${group ?? ''}`))
      .map(({ id }) => id);
    await graph.exchange({ end, add: wishes }, byActor(actor, nowMs));
    await nodes.settled();
    return services.detail(params.id, nowMs);
  });
}

function heldAt(edge: RelationEdge, atMs: Millis): boolean {
  return edge.sinceMs <= atMs && (edge.endedAtMs === null || edge.endedAtMs > atMs);
}
