/** Where nodes stand: kept between visits, so that the same CI is found at the same place. Pure but for `read` and `write`. */
import { z } from 'zod';
import type { MapAnswer } from '@muster/shared/api/relations.ts';

export type Position = readonly [x: number, y: number];
export type Positions = Readonly<Record<string, Position>>;

const KEY = 'muster.map-positions';
/** Of more nodes the places are not kept: a browser keeps some 5 MB. */
const KEPT_MAX = 60_000;
const Kept = z.record(z.string(), z.tuple([z.number(), z.number()]));

export function readPositions(): Positions {
  try {
    return Kept.parse(JSON.parse(localStorage.getItem(KEY) ?? '{}'));
  } catch {
    return {}; // Written by something else, or the browser keeps nothing.
  }
}

/** @returns whether they could be kept */
export function writePositions(positions: Positions): boolean {
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(Object.entries(positions).slice(-KEPT_MAX))));
    return true;
  } catch {
    return false;
  }
}

export interface Placement {
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** How many had no place yet. */
  readonly fresh: number;
}

/**
 * Every node gets a place: the kept one, else one beside a neighbour that has a kept one, else one on a spiral of its site; the sites stand around the middle.
 * The same graph gives the same places.
 */
export function placed({ nodes, edges }: Pick<MapAnswer, 'nodes' | 'edges'>, kept: Positions): Placement {
  const x = new Float32Array(nodes.length).fill(Number.NaN);
  const y = new Float32Array(nodes.length).fill(Number.NaN);
  const neighbour = new Int32Array(nodes.length).fill(-1);
  for (const [from, to] of edges) {
    if (neighbour[from] === -1) neighbour[from] = to;
    if (neighbour[to] === -1) neighbour[to] = from;
  }
  const sites = spirals(nodes);
  let fresh = 0;
  nodes.forEach(({ id }, at) => {
    const known = Object.hasOwn(kept, id) ? kept[id] : undefined;
    if (known === undefined) return;
    [x[at], y[at]] = known;
  });
  const [keptX, keptY] = [x.slice(), y.slice()];
  nodes.forEach(({ site }, at) => {
    if (!Number.isNaN(x[at])) return;
    fresh++;
    const angle = at * GOLDEN_ANGLE;
    const beside = neighbour[at] ?? -1;
    const nearX = beside < 0 ? Number.NaN : (keptX[beside] ?? Number.NaN);
    const [centreX, centreY, radius] = Number.isNaN(nearX)
      ? sites.next(site)
      : [nearX, keptY[beside] ?? 0, 4];
    x[at] = centreX + radius * Math.cos(angle);
    y[at] = centreY + radius * Math.sin(angle);
  });
  return { x, y, fresh };
}

/** Where the next node of a site stands: sites on a circle that is wide enough for them, each a spiral. */
function spirals(nodes: MapAnswer['nodes']) {
  const sizes = new Map<string | null, number>();
  for (const { site } of nodes) sizes.set(site, (sizes.get(site) ?? 0) + 1);
  const taken = new Map<string | null, number>();
  const names = [...sizes.keys()];
  const distance = names.length === 1 ? 0 : 2 * STEP * Math.sqrt(nodes.length);
  return {
    next(site: string | null): [x: number, y: number, radius: number] {
      const angle = (names.indexOf(site) / names.length) * 2 * Math.PI;
      const count = (taken.get(site) ?? 0) + 1;
      taken.set(site, count);
      return [distance * Math.cos(angle), distance * Math.sin(angle), STEP * Math.sqrt(count)];
    },
  };
}

const STEP = 10;
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));
/** Below this share of new nodes the others stay where they are. */
const FRESH_SHARE_MAX = 0.2;

export function needsLayout(placement: Placement): boolean {
  return placement.fresh > 0 && placement.fresh > placement.x.length * FRESH_SHARE_MAX;
}

export function merged(
  kept: Positions,
  nodes: MapAnswer['nodes'],
  x: Float32Array,
  y: Float32Array,
): Positions {
  const next: Record<string, Position> = { ...kept };
  nodes.forEach(({ id }, at) => {
    next[id] = [Math.round((x[at] ?? 0) * 10) / 10, Math.round((y[at] ?? 0) * 10) / 10];
  });
  return next;
}
