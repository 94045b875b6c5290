/** Relations between CIs, what a failure reaches, the map, and services with what they stand on. */
import { z } from 'zod';
import { RELATION_TYPE_NAMES } from '../cmdb/relation-types.ts';
import { PRESENCE_STATES } from '../presence/state.ts';
import { ImpactItem, Lifecycle, Redundancy, Relation } from './cmdb.ts';
import { endpoint, IdParams, IsoTime, listOf, Page } from './endpoint.ts';

export const RelationTypeWord = z.enum(RELATION_TYPE_NAMES);
/** Relations said in one call. */
export const RELATIONS_MAX = 1_000;
/** CIs of which it is asked together what fails with them. */
export const FAILING_MAX = 200;
/** Of more CIs the map counts them by site, class or service before it shows each. */
export const MAP_EACH_MAX = 2_000;
/** Nodes and edges of one map; more is answered cut, and says so. */
export const MAP_NODES_MAX = 20_000;
export const MAP_EDGES_MAX = 100_000;
export const MAP_STEPS_MAX = 6;
export const GROUP_MEMBERS_MAX = 500;

const Title = z.object({ en: z.string(), zh: z.string() });
const Id = IdParams.shape.id;
const Words = z.string().trim().min(1).max(64);

export const ImpactTotals = z.object({
  services: z.number(),
  applications: z.number(),
  machines: z.number(),
  persons: z.number(),
  other: z.number(),
});

/** 'down': it cannot work. 'degraded': it works with less behind it. 'unknown': nobody knows of something it needs. 'empty': nothing is recorded. */
export const SERVICE_STATES = ['down', 'degraded', 'unknown', 'up', 'empty'] as const;
export const ServiceState = z.enum(SERVICE_STATES);
export type ServiceState = z.infer<typeof ServiceState>;

export const ServiceSummary = z.object({
  id: z.string(),
  name: z.string(),
  class: z.enum(['Service', 'BusinessApplication']),
  lifecycle: Lifecycle,
  state: ServiceState,
  /** What it needs that is gone, by name; at most five. */
  because: z.array(z.string()),
  owner: z.string().nullable(),
  supportGroup: z.string().nullable(),
  criticality: z.number(),
  users: z.number().nullable(),
  members: z.number(),
  /** More failures that its weakest part stands; 0: the next one may take it. null: nothing is recorded. */
  spare: z.number().nullable(),
  redundancy: z.array(Redundancy),
  /** Open incidents of what it stands on and of itself. */
  openIncidents: z.number(),
});
export type ServiceSummary = z.infer<typeof ServiceSummary>;

const NodeRef = z.object({ id: z.string(), name: z.string(), class: z.string() });

/** One thing that another stands on. */
export const SupportItem = NodeRef.extend({
  path: z.array(z.string()),
  /** Its failure alone takes the other with it; null: not tried, there are too many. */
  alone: z.boolean().nullable(),
  state: z.enum(PRESENCE_STATES).nullable(),
  openIncidents: z.number(),
});
export type SupportItem = z.infer<typeof SupportItem>;

const MemberRow = NodeRef.extend({
  relationId: z.string(),
  group: z.string().nullable(),
  needed: z.number().nullable(),
  source: z.string(),
  since: IsoTime,
  site: z.string().nullable(),
  /** null: not a thing that can be heard. */
  state: z.enum(PRESENCE_STATES).nullable(),
  failing: z.boolean(),
  openIncidents: z.number(),
});
export type ServiceMember = z.infer<typeof MemberRow>;

export const ServiceDetail = ServiceSummary.extend({
  membersList: z.array(MemberRow),
  /** What depends on it, and who. */
  carries: z.array(NodeRef.extend({ relationId: z.string() })),
  supports: z.array(SupportItem),
});
export type ServiceDetail = z.infer<typeof ServiceDetail>;

export const MapNode = z.object({
  id: z.string(),
  name: z.string(),
  class: z.string(),
  site: z.string().nullable(),
  /** null: not a thing that can be heard. */
  state: z.enum(PRESENCE_STATES).nullable(),
  openIncidents: z.number(),
});
export type MapNode = z.infer<typeof MapNode>;

export const MAP_GROUPINGS = ['site', 'class', 'service'] as const;

/** The map from afar. */
export const MapGroups = z.object({
  by: z.enum(MAP_GROUPINGS),
  nodes: z.number(),
  edges: z.number(),
  groups: z.array(
    z.object({
      /** The site, the class, or the id of the service; null: of none. */
      key: z.string().nullable(),
      name: Title.nullable(),
      nodes: z.number(),
      silent: z.number(),
      openIncidents: z.number(),
    }),
  ),
  /** Two places in `groups` and how many relations run between them, either way. */
  ties: z.array(z.tuple([z.number(), z.number(), z.number()])),
});
export type MapGroups = z.infer<typeof MapGroups>;

export const MapAnswer = z.object({
  /** Instead of nodes and edges, where it was asked for; null: each is shown. */
  afar: MapGroups.nullable(),
  nodes: z.array(MapNode),
  /** From and to as places in `nodes`, and the type as a place in `types`. */
  edges: z.array(z.tuple([z.number(), z.number(), z.number()])),
  types: z.array(z.string()),
  /** Of the CIs asked for, those without any relation; they are not among the nodes. */
  lonely: z.number(),
  /** More there is than is answered. */
  cut: z.boolean(),
});
export type MapAnswer = z.infer<typeof MapAnswer>;

const commaList = (max: number) =>
  z
    .string()
    .max(max * 65)
    .transform((text) => text.split(',').filter((part) => part !== ''))
    .pipe(z.array(Id).max(max));

const EdgeInput = z.object({
  type: RelationTypeWord,
  fromId: Id,
  toId: Id,
  /** Of `dependsOn`: those of one group stand in for each other. */
  group: Words.nullable().optional(),
  needed: z.int().min(1).max(GROUP_MEMBERS_MAX).nullable().optional(),
});

export const relationsEndpoints = {
  listRelationTypes: endpoint({
    id: 'listRelationTypes',
    method: 'GET',
    path: '/relation-types',
    right: 'read',
    tag: 'relations',
    summary: 'Kinds of relations, their ends and which way a failure goes',
    response: z.object({
      items: z.array(
        z.object({
          name: RelationTypeWord,
          title: Title,
          inverse: Title,
          from: z.array(z.string()),
          to: z.array(z.string()),
          fromMax: z.literal(1).nullable(),
          toMax: z.literal(1).nullable(),
          failureOf: z.enum(['from', 'to']).nullable(),
          by: z.enum(['person', 'derived', 'both']),
        }),
      ),
    }),
  }),
  createRelations: endpoint({
    id: 'createRelations',
    method: 'POST',
    path: '/relations',
    right: 'cis.write',
    tag: 'relations',
    summary:
      'Says how CIs are tied; all or nothing. Where an end may have only one of the kind, the one before ends',
    status: 201,
    body: z.object({ items: z.array(EdgeInput).min(1).max(RELATIONS_MAX) }),
    response: z.object({ items: z.array(Relation) }),
  }),
  endRelation: endpoint({
    id: 'endRelation',
    method: 'DELETE',
    path: '/relations/:id',
    right: 'cis.write',
    tag: 'relations',
    summary: 'Ends a relation; that it was stays in history, and reports do not bring it back',
    status: 204,
    params: IdParams,
  }),
  getImpact: endpoint({
    id: 'getImpact',
    method: 'GET',
    path: '/impact',
    right: 'read',
    tag: 'relations',
    summary:
      'What fails or has less behind it when all these CIs fail at once, each with the way that says why',
    query: z.object({
      /** Ids joined by commas. */
      ci: commaList(FAILING_MAX),
    }),
    response: z.object({
      failing: z.array(NodeRef),
      items: z.array(ImpactItem),
      totals: z.object({ lost: ImpactTotals, degraded: ImpactTotals, affected: ImpactTotals }),
      /** Sum of what lost services and applications have as their users; one person may be counted twice. */
      usersLost: z.number(),
    }),
  }),
  ciSupports: endpoint({
    id: 'ciSupports',
    method: 'GET',
    path: '/cis/:id/depends-on',
    right: 'read',
    tag: 'relations',
    summary: 'What a CI stands on, and which of it would take it down alone',
    params: IdParams,
    response: z.object({ items: z.array(SupportItem) }),
  }),
  getMap: endpoint({
    id: 'getMap',
    method: 'GET',
    path: '/map',
    right: 'read',
    tag: 'relations',
    summary: 'CIs and their relations as a graph; CIs without any relation are only counted',
    query: z.object({
      /** Classes joined by commas. */
      class: z.string().max(512).optional(),
      site: z.string().max(64).optional(),
      /** What this service or application stands on. */
      service: Id.optional(),
      /** What lies around this CI. */
      around: Id.optional(),
      steps: z.coerce.number().int().min(1).max(MAP_STEPS_MAX).default(2),
      /** Kinds of relations joined by commas. */
      type: z.string().max(512).optional(),
      /** 'auto': more than 2,000 CIs are counted by site, or by class within one; 'none': each. */
      group: z.enum(['auto', 'none', ...MAP_GROUPINGS]).default('none'),
    }),
    response: MapAnswer,
  }),
  listServices: endpoint({
    id: 'listServices',
    method: 'GET',
    path: '/services',
    right: 'read',
    tag: 'relations',
    summary: 'Services and applications with their state, the worst first',
    query: Page,
    response: listOf(ServiceSummary).extend({ total: z.number() }),
  }),
  suggestServices: endpoint({
    id: 'suggestServices',
    method: 'GET',
    path: '/services/suggestions',
    right: 'read',
    tag: 'relations',
    summary: 'Machines that several others talk to and no service stands on yet',
    response: z.object({
      items: z.array(
        z.object({
          server: NodeRef,
          clients: z.array(NodeRef),
          clientsTotal: z.number(),
          /** Programs and ports that listen there, as words: 'postgres 5432'. */
          ports: z.array(z.string()),
        }),
      ),
    }),
  }),
  getService: endpoint({
    id: 'getService',
    method: 'GET',
    path: '/services/:id',
    right: 'read',
    tag: 'relations',
    summary: 'A service with what it stands on and what stands on it',
    params: IdParams,
    response: ServiceDetail,
  }),
  setServiceMembers: endpoint({
    id: 'setServiceMembers',
    method: 'PUT',
    path: '/services/:id/members',
    right: 'cis.write',
    tag: 'relations',
    summary: 'Everything a service stands on, as one: what is left out ends',
    params: IdParams,
    body: z.object({
      /** Each of these must hold. */
      required: z.array(Id).max(GROUP_MEMBERS_MAX),
      /** Of each group `needed` must hold. */
      groups: z
        .array(
          z.object({
            name: Words,
            needed: z.int().min(1).max(GROUP_MEMBERS_MAX),
            members: z.array(Id).min(1).max(GROUP_MEMBERS_MAX),
          }),
        )
        .max(64),
    }),
    response: ServiceDetail,
  }),
};
