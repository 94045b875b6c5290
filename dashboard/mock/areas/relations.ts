/** Relations, services and the map of the invented fleet. */
import type { ImpactItem } from '@muster/shared/api/cmdb.ts';
import type {
  MapAnswer,
  MapGroups,
  MapNode,
  ServiceDetail,
  ServiceMember,
  ServiceSummary,
} from '@muster/shared/api/relations.ts';
import type { TwinState } from '@muster/shared/api/twin.ts';
import { RELATION_TYPE_NAMES, RELATION_TYPES } from '@muster/shared/cmdb/relation-types.ts';
import { DAY_MS, toIso } from '@muster/shared/time.ts';
import type { Handlers } from '../handlers.ts';
import { Refusal } from '../refusal.ts';
import type { Machine, World } from '../world.ts';

interface Invented {
  readonly id: string;
  readonly name: string;
  readonly class: ServiceSummary['class'];
  readonly required: readonly string[];
  readonly group: {
    readonly name: string;
    readonly needed: number;
    readonly members: readonly string[];
  } | null;
  readonly users: number;
}

export function relationHandlers(world: World): Handlers {
  const servers = world.machines.filter(({ detail }) => detail.class === 'Server');
  const at = (index: number): string[] => (servers[index] ? [servers[index].detail.id] : []);
  const services: Invented[] =
    servers.length < 4
      ? []
      : [
          {
            id: 'ci_svc_erp',
            name: 'ERP',
            class: 'Service',
            required: at(0),
            group: { name: 'application', needed: 2, members: [...at(1), ...at(2), ...at(3)] },
            users: 180,
          },
          {
            id: 'ci_svc_mail',
            name: 'Mail',
            class: 'Service',
            required: [],
            group: { name: 'relay', needed: 1, members: [...at(2), ...at(4)] },
            users: 420,
          },
          {
            id: 'ci_app_crm',
            name: 'CRM',
            class: 'BusinessApplication',
            required: at(1),
            group: null,
            users: 65,
          },
          { id: 'ci_svc_wiki', name: 'Wiki', class: 'Service', required: [], group: null, users: 0 },
        ];
  const machineOf = (id: string) => world.machines.find(({ detail }) => detail.id === id);
  const isLost = (id: string) =>
    machineOf(id)?.detail.state === 'silent' || machineOf(id)?.detail.state === 'off';
  const ids = (of: Invented) => [...of.required, ...(of.group?.members ?? [])];

  function summary(of: Invented): ServiceSummary {
    const left = of.group?.members.filter((id) => !isLost(id)).length ?? 0;
    const lost = of.required.some(isLost) || (of.group !== null && left < of.group.needed);
    const degraded = of.group !== null && left < of.group.members.length;
    return {
      id: of.id,
      name: of.name,
      class: of.class,
      lifecycle: 'in_use',
      state: ids(of).length === 0 ? 'empty' : lost ? 'down' : degraded ? 'degraded' : 'up',
      because: ids(of)
        .filter(isLost)
        .flatMap((id) => machineOf(id)?.detail.name ?? []),
      owner: 'Liu Wei',
      supportGroup: 'Operations',
      criticality: of.name === 'ERP' ? 1 : 3,
      users: of.users || null,
      members: ids(of).length,
      spare:
        ids(of).length === 0
          ? null
          : of.required.length > 0
            ? 0
            : Math.max(0, left - (of.group?.needed ?? 0)),
      redundancy: of.group
        ? [{ group: of.group.name, left, of: of.group.members.length, needed: of.group.needed }]
        : [],
      openIncidents: ids(of).reduce((sum, id) => sum + (machineOf(id)?.detail.openIncidents ?? 0), 0),
    };
  }

  function detail(id: string): ServiceDetail {
    const of = services.find((each) => each.id === id);
    if (of === undefined) throw new Refusal(404, 'not-found', 'There is no such service.');
    const member = (machine: Machine, group: Invented['group']): ServiceMember => ({
      id: machine.detail.id,
      name: machine.detail.name,
      class: machine.detail.class,
      relationId: `rel_${of.id}_${machine.detail.id}`,
      group: group?.name ?? null,
      needed: group?.needed ?? null,
      source: 'human',
      since: toIso(world.startMs - 90 * DAY_MS),
      site: machine.detail.site,
      state: machine.detail.state,
      failing: isLost(machine.detail.id),
      openIncidents: machine.detail.openIncidents,
    });
    const members = (list: readonly string[], group: Invented['group']) =>
      list.flatMap((each) => {
        const machine = machineOf(each);
        return machine ? [member(machine, group)] : [];
      });
    const membersList = [...members(of.required, null), ...members(of.group?.members ?? [], of.group)];
    return {
      ...summary(of),
      membersList,
      carries: [],
      supports: membersList.map(({ id: of2, name, class: ciClass, state, openIncidents, group }) => ({
        id: of2,
        name,
        class: ciClass,
        path: [of.name, name],
        alone: group === null,
        state,
        openIncidents,
      })),
    };
  }

  function impact(failing: readonly string[]): ImpactItem[] {
    return services
      .filter((of) => ids(of).some((id) => failing.includes(id)))
      .map((of) => {
        const left = of.group?.members.filter((id) => !failing.includes(id)).length ?? 0;
        const lost =
          of.required.some((id) => failing.includes(id)) || (of.group !== null && left < of.group.needed);
        const by = ids(of).find((id) => failing.includes(id)) ?? '';
        return {
          id: of.id,
          class: of.class,
          name: of.name,
          path: [machineOf(by)?.detail.name ?? '', of.name],
          state: lost ? ('lost' as const) : ('degraded' as const),
          redundancy: of.group
            ? [{ group: of.group.name, left, of: of.group.members.length, needed: of.group.needed }]
            : [],
          users: of.users,
        };
      });
  }

  const twin = (): TwinState => ({
    settings: { enabled: true, folder: '/mnt/second-site/muster', hour: 2, keep: 7 },
    running: null,
    lastSuccessAt: toIso(world.startMs - 0.4 * DAY_MS),
    lastPath: '/mnt/second-site/muster/muster-twin-2026-06-01T02-00-00Z',
    lastBytes: 48 * 2 ** 20,
    lastTookMs: 21_000,
    lastError: null,
    nextAt: toIso(world.startMs + 0.6 * DAY_MS),
    overdue: false,
    keyFingerprint: '9f2c41d07be35a8864c0e1b7a52f93d6180c7fe4b2a96d53e8f01c74ab62d5e9',
  });
  return {
    getTwin: twin,
    setTwin: twin,
    runTwin: twin,
    listRelationTypes: () => ({
      items: RELATION_TYPE_NAMES.map((name) => {
        const { from, to, ...type } = RELATION_TYPES[name];
        return { name, ...type, from: [...from], to: [...to] };
      }),
    }),
    createRelations: () => ({ items: [] }),
    endRelation: () => ({}),
    getImpact: ({ query }) => {
      const items = impact(query.ci);
      const none = { services: 0, applications: 0, machines: 0, persons: 0, other: 0 };
      const lost = items.filter(({ state }) => state === 'lost');
      return {
        failing: [],
        items,
        totals: {
          lost: { ...none, services: lost.length },
          degraded: { ...none, services: items.length - lost.length },
          affected: none,
        },
        usersLost: lost.reduce((sum, { users }) => sum + (users ?? 0), 0),
      };
    },
    ciSupports: () => ({ items: [] }),
    listServices: () => ({ items: services.map(summary), nextCursor: null, total: services.length }),
    getService: ({ params }) => detail(params.id),
    setServiceMembers: ({ params }) => detail(params.id),
    suggestServices: () => ({
      items: servers.slice(5, 6).map((machine) => ({
        server: { id: machine.detail.id, name: machine.detail.name, class: 'Server' },
        clients: world.machines
          .slice(-4)
          .map(({ detail: client }) => ({ id: client.id, name: client.name, class: client.class })),
        clientsTotal: 4,
        ports: ['postgres 5432'],
      })),
    }),
    getMap: ({ query }) => {
      if (services.length === 0)
        return { afar: null, nodes: [], edges: [], types: [], lonely: world.machines.length, cut: false };
      const nodes: MapNode[] = [
        ...services
          .filter((of) => ids(of).length > 0)
          .map(({ id, name, class: ciClass }) => ({
            id,
            name,
            class: ciClass,
            site: null,
            state: null,
            openIncidents: 0,
          })),
        ...world.machines.map(({ detail: { id, name, class: ciClass, site, state, openIncidents } }) => ({
          id,
          name,
          class: ciClass,
          site,
          state,
          openIncidents,
        })),
      ];
      const places = new Map(nodes.map(({ id }, index) => [id, index]));
      const edges: [number, number, number][] = [];
      const tie = (from: string, to: string, type: number) => {
        const [fromAt, toAt] = [places.get(from), places.get(to)];
        if (fromAt !== undefined && toAt !== undefined && from !== to) edges.push([fromAt, toAt, type]);
      };
      for (const of of services) for (const id of ids(of)) tie(of.id, id, 0);
      world.machines.forEach(({ detail: { id, class: ciClass } }, index) => {
        const server = servers[index % Math.min(servers.length, 8)];
        if (server && ciClass !== 'Server') tie(id, server.detail.id, 1);
      });
      const wanted = (node: MapNode) =>
        (query.class === undefined || node.class === query.class) &&
        (query.site === undefined || node.site === query.site);
      const shown = nodes.filter(wanted);
      const newPlaces = new Map(shown.map(({ id }, index) => [id, index]));
      if (query.group !== 'none' && query.group !== 'auto') return afarOf(shown, edges, nodes, query.group);
      return {
        afar: null,
        nodes: shown,
        edges: edges.flatMap(([from, to, type]): [number, number, number][] => {
          const [a, b] = [newPlaces.get(nodes[from]?.id ?? ''), newPlaces.get(nodes[to]?.id ?? '')];
          return a === undefined || b === undefined ? [] : [[a, b, type]];
        }),
        types: ['dependsOn', 'connectsTo'],
        lonely: 2,
        cut: false,
      };
    },
  };
}

function afarOf(
  shown: readonly MapNode[],
  edges: readonly (readonly [number, number, number])[],
  nodes: readonly MapNode[],
  by: MapGroups['by'],
): MapAnswer {
  const keyOf = (node: MapNode | undefined) => (by === 'class' ? node?.class : node?.site) ?? null;
  const byKey = Map.groupBy(shown, keyOf);
  const keys = [...byKey.keys()];
  const ties = new Map<string, number>();
  for (const [from, to] of edges) {
    const [a, b] = [keys.indexOf(keyOf(nodes[from])), keys.indexOf(keyOf(nodes[to]))];
    if (a === b || a < 0 || b < 0) continue;
    const pair = `${Math.min(a, b)} ${Math.max(a, b)}`;
    ties.set(pair, (ties.get(pair) ?? 0) + 1);
  }
  return {
    nodes: [],
    edges: [],
    types: [],
    lonely: 2,
    cut: false,
    afar: {
      by,
      nodes: shown.length,
      edges: edges.length,
      groups: [...byKey].map(([key, of]) => ({
        key,
        name: key === null ? null : { en: key, zh: key },
        nodes: of.length,
        silent: of.filter(({ state }) => state === 'silent').length,
        openIncidents: of.reduce((sum, { openIncidents }) => sum + openIncidents, 0),
      })),
      ties: [...ties].map(([pair, count]): [number, number, number] => {
        const [a = 0, b = 0] = pair.split(' ').map(Number);
        return [a, b, count];
      }),
    },
  };
}
