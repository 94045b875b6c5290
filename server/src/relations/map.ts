/** The graph as a picture needs it: nodes once, edges as pairs of their places. Pure. */
import type { MapAnswer } from '@muster/shared/api/relations.ts';
import type { RelationEdge } from '../cmdb/store.ts';
import type { GraphNode } from './nodes.ts';

export interface MapWish {
  readonly classes: ReadonlySet<string> | null;
  readonly site: string | null;
  readonly types: ReadonlySet<string> | null;
  /** Only these; null: all. */
  readonly within: ReadonlySet<string> | null;
  readonly nodesMax: number;
  readonly edgesMax: number;
}

export type MapShape = Pick<MapAnswer, 'edges' | 'types' | 'lonely' | 'cut'> & {
  readonly nodes: readonly GraphNode[];
};

/** Linear in nodes and edges. A CI that nothing is tied to is only counted. */
export function mapOf(
  nodes: Iterable<GraphNode>,
  edges: Iterable<RelationEdge>,
  { classes, site, types, within, nodesMax, edgesMax }: MapWish,
): MapShape {
  const shown = new Map<string, GraphNode>();
  for (const node of nodes) {
    if (within !== null && !within.has(node.id)) continue;
    if (
      classes !== null &&
      !classes.has(node.class) &&
      !(node.subclass !== null && classes.has(node.subclass))
    )
      continue;
    if (site !== null && (node.site ?? '') !== site) continue;
    if (node.lifecycle === 'retired' || node.lifecycle === 'disposed') continue;
    shown.set(node.id, node);
  }
  const places = new Map<string, number>();
  const placed: GraphNode[] = [];
  const typeNames: string[] = [];
  const pairs: [number, number, number][] = [];
  let cut = false;
  const place = (node: GraphNode): number | null => {
    const held = places.get(node.id);
    if (held !== undefined) return held;
    if (placed.length >= nodesMax) return null;
    places.set(node.id, placed.length);
    placed.push(node);
    return placed.length - 1;
  };
  for (const { type, fromId, toId } of edges) {
    if (types !== null && !types.has(type)) continue;
    const [fromNode, toNode] = [shown.get(fromId), shown.get(toId)];
    if (fromNode === undefined || toNode === undefined) continue;
    const from = place(fromNode);
    const to = place(toNode);
    if (from === null || to === null || pairs.length >= edgesMax) {
      cut = true;
      continue;
    }
    let typeAt = typeNames.indexOf(type);
    if (typeAt < 0) typeAt = typeNames.push(type) - 1;
    pairs.push([from, to, typeAt]);
  }
  return { nodes: placed, edges: pairs, types: typeNames, lonely: shown.size - placed.length, cut };
}

/** Ids that lie within so many steps of one, itself included, whichever way the edges point. */
export function around(
  id: string,
  steps: number,
  edgesOf: (id: string) => readonly RelationEdge[],
): Set<string> {
  const seen = new Set([id]);
  let rim = [id];
  for (let step = 0; step < steps; step++) {
    const next: string[] = [];
    for (const at of rim) {
      for (const { fromId, toId } of edgesOf(at)) {
        const other = fromId === at ? toId : fromId;
        if (seen.has(other)) continue;
        seen.add(other);
        next.push(other);
      }
    }
    rim = next;
  }
  return seen;
}
