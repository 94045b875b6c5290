/** Relations of one CI: reading them, which kinds a class may have, and an edge in words. */
import { queryOptions } from '@tanstack/react-query';
import type { Relation } from '@muster/shared/api/cmdb.ts';
import { LIST_LIMIT_MAX } from '@muster/shared/api/endpoint.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { CI_CLASSES, type CiClass } from '@muster/shared/cmdb/classes.ts';
import {
  endsFit,
  RELATION_TYPE_NAMES,
  RELATION_TYPES,
  type RelationType,
  type RelationTypeName,
} from '@muster/shared/cmdb/relation-types.ts';
import { MINUTE_MS } from '@muster/shared/time.ts';
import { call } from '../api/client.ts';
import { isCiClass } from './attributes.ts';

/** Pages read of one CI; nobody reads a list that is longer. */
const PAGES_MAX = 10;

export const relationsQuery = (id: string, withEnded = false) =>
  queryOptions({
    queryKey: ['ci', id, 'cmdb', 'relations', withEnded],
    queryFn: async ({ signal }) => {
      const items: Relation[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < PAGES_MAX; page++) {
        const query = { limit: LIST_LIMIT_MAX, cursor, ended: withEnded ? ('1' as const) : undefined };
        const answer = await call(ENDPOINTS.ciRelations, { params: { id }, query }, signal);
        items.push(...answer.items);
        if (answer.nextCursor === null) break;
        cursor = answer.nextCursor;
      }
      return { items };
    },
    staleTime: MINUTE_MS,
  });

/** One way a CI can be tied: the kind, and the end it stands at. */
export interface TieWay {
  readonly type: RelationTypeName;
  readonly end: 'from' | 'to';
}

function typeOf(type: RelationTypeName): RelationType {
  return RELATION_TYPES[type];
}

/** The ways a person may tie a CI of the class; what only reports tell is none of them. */
export function tieWays(ciClass: string): TieWay[] {
  if (!isCiClass(ciClass)) return [];
  return RELATION_TYPE_NAMES.filter((type) => typeOf(type).by !== 'derived').flatMap((type): TieWay[] => [
    ...(endsFit(typeOf(type).from, ciClass) ? [{ type, end: 'from' as const }] : []),
    ...(endsFit(typeOf(type).to, ciClass) ? [{ type, end: 'to' as const }] : []),
  ]);
}

/** The classes that may stand at the other end. */
export function otherClasses({ type, end }: TieWay): CiClass[] {
  const ends = end === 'from' ? typeOf(type).to : typeOf(type).from;
  return Object.keys(CI_CLASSES).filter((name): name is CiClass => isCiClass(name) && endsFit(ends, name));
}

/** Those that end when `ci` is tied to `other` this way, of the edges of both. */
export function replacedBy(
  { type, end }: TieWay,
  ciId: string,
  otherId: string,
  edges: readonly Relation[],
): Relation[] {
  const [fromId, toId] = end === 'from' ? [ciId, otherId] : [otherId, ciId];
  const { fromMax, toMax } = typeOf(type);
  const found = edges.filter(
    (edge) =>
      edge.type === type &&
      edge.endedAt === null &&
      !(edge.fromId === fromId && edge.toId === toId) &&
      ((fromMax === 1 && edge.fromId === fromId) || (toMax === 1 && edge.toId === toId)),
  );
  return [...new Map(found.map((edge) => [edge.id, edge])).values()];
}

/** How the kind is read from the end; a kind this version does not know stands for itself. */
export function tieTitle(type: string, end: TieWay['end']): { readonly en: string; readonly zh: string } {
  if (!Object.hasOwn(RELATION_TYPES, type)) return { en: type, zh: type };
  const { title, inverse } = typeOf(type as RelationTypeName);
  return end === 'from' ? title : inverse;
}

/** The body that says an edge (again). */
export function wishOf(edge: Relation): {
  type: RelationTypeName;
  fromId: string;
  toId: string;
  group: string | null;
  needed: number | null;
} {
  return {
    type: edge.type as RelationTypeName,
    fromId: edge.fromId,
    toId: edge.toId,
    group: edge.group ?? null,
    needed: edge.group == null ? null : (edge.needed ?? 1),
  };
}
