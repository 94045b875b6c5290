/** Where the nodes of a machine's relations stand: fixed tiers by class, the same places at each visit. Pure. */
import type { z } from 'zod';
import type { Relation } from '@muster/shared/api/cmdb.ts';
import { isMachineClass } from '@muster/shared/cmdb/classes.ts';

export type Edge = z.infer<typeof Relation>;

export interface PlacedNode {
  readonly id: string;
  readonly name: string;
  readonly class: string;
  readonly tier: number;
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly nodes: readonly PlacedNode[];
  /** Nodes that found no room, by tier; the list has them. */
  readonly left: readonly {
    readonly tier: number;
    readonly x: number;
    readonly y: number;
    readonly count: number;
  }[];
  readonly edges: readonly {
    readonly id: string;
    readonly type: string;
    readonly from: PlacedNode;
    readonly to: PlacedNode;
  }[];
  readonly widthPx: number;
  readonly heightPx: number;
}

export const NODE_WIDTH_PX = 196;
export const NODE_HEIGHT_PX = 30;
const TIER_PX = 268;
const ROW_PX = 38;
/** More in one column is a list, not a picture. */
export const TIER_NODES_MAX = 24;

/** The machine, what it is made of, what stands on that, and so on: one tier more than what a node stands on. */
function tiersOf(
  edges: readonly Edge[],
  nodes: Iterable<{ id: string; class: string }>,
): Map<string, number> {
  const stands = new Map<string, string[]>();
  for (const { type, fromId, toId } of edges)
    if (type === 'dependsOn') stands.set(fromId, [...(stands.get(fromId) ?? []), toId]);
  const tierOf = (id: string, seen: readonly string[]): number =>
    1 +
    Math.max(
      0,
      ...(stands.get(id) ?? []).filter((on) => !seen.includes(on)).map((on) => tierOf(on, [...seen, id])),
    );
  return new Map([...nodes].map((node) => [node.id, isMachineClass(node.class) ? 0 : tierOf(node.id, [])]));
}

/** `last`: nodes that come last in their tier, e.g. virtual interfaces. */
export function relationsLayout(
  edges: readonly Edge[],
  rootId: string,
  last: ReadonlySet<string> = new Set(),
): Layout {
  const known = new Map<string, { id: string; name: string; class: string }>();
  for (const { fromId, fromName, fromClass, toId, toName, toClass } of edges) {
    known.set(fromId, { id: fromId, name: fromName, class: fromClass });
    known.set(toId, { id: toId, name: toName, class: toClass });
  }
  const involved = new Set(
    edges.filter(({ type }) => type !== 'composes').flatMap(({ fromId, toId }) => [fromId, toId]),
  );
  // What stands on something or carries something comes first, so that its lines are short.
  const rank = ({ id }: { id: string }) => (id === rootId ? 0 : involved.has(id) ? 1 : last.has(id) ? 3 : 2);
  const tierOf = tiersOf(edges, known.values());
  const depth = Math.max(0, ...tierOf.values());
  const tiers = Array.from({ length: depth + 1 }, (_, tier) => tier)
    .map((tier) =>
      [...known.values()]
        .filter((node) => tierOf.get(node.id) === tier)
        .sort(
          (a, b) =>
            rank(a) - rank(b) ||
            a.class.localeCompare(b.class) ||
            a.name.localeCompare(b.name, undefined, { numeric: true }) ||
            a.id.localeCompare(b.id),
        ),
    )
    .filter((tier) => tier.length > 0);
  const shown = tiers.map((tier) => tier.slice(0, TIER_NODES_MAX));
  const rows = Math.max(1, ...tiers.map((tier) => Math.min(tier.length, TIER_NODES_MAX + 1)));
  const startY = (count: number) => ((rows - count) * ROW_PX) / 2;
  const nodes = shown.flatMap((tier, column) =>
    tier.map(
      (node, row): PlacedNode => ({
        ...node,
        tier: column,
        x: column * TIER_PX,
        y: startY(Math.min(tiers[column]?.length ?? 0, TIER_NODES_MAX + 1)) + row * ROW_PX,
      }),
    ),
  );
  const left = tiers.flatMap((tier, column) =>
    tier.length > TIER_NODES_MAX
      ? [
          {
            tier: column,
            x: column * TIER_PX,
            y: startY(TIER_NODES_MAX + 1) + TIER_NODES_MAX * ROW_PX,
            count: tier.length - TIER_NODES_MAX,
          },
        ]
      : [],
  );
  const placed = new Map(nodes.map((node) => [node.id, node]));
  return {
    nodes,
    left,
    edges: drawn(edges, rootId).flatMap(({ id, type, fromId, toId }) => {
      const [from, to] = [placed.get(fromId), placed.get(toId)];
      return from && to ? [{ id, type, from, to }] : [];
    }),
    widthPx: Math.max(0, shown.length - 1) * TIER_PX + NODE_WIDTH_PX,
    heightPx: rows * ROW_PX - (ROW_PX - NODE_HEIGHT_PX),
  };
}

/** A part that stands on another part needs no second line to the machine, unless it is the one looked at. */
function drawn(edges: readonly Edge[], rootId: string): Edge[] {
  const standing = new Set(edges.filter(({ type }) => type === 'dependsOn').map(({ fromId }) => fromId));
  return edges.filter(({ type, toId }) => type !== 'composes' || toId === rootId || !standing.has(toId));
}
