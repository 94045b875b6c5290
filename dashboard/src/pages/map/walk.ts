/** Where an arrow key leads on the map: the neighbour that lies most in its direction. Pure. */

export type Direction = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown';

/** Unit steps; the map's y points up. */
const STEPS: Readonly<Record<Direction, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

export function isDirection(key: string): key is Direction {
  return Object.hasOwn(STEPS, key);
}

/** Smallest cosine to the direction that still counts: 60 degrees to either side, so that every neighbour is reached by some key. */
const COSINE_MIN = 0.5;

/** @returns the place of the neighbour, the straightest first and of those the nearest; null: none lies that way */
export function neighbourTowards(
  from: number,
  neighbours: Iterable<number>,
  direction: Direction,
  x: Float32Array,
  y: Float32Array,
): number | null {
  const [stepX, stepY] = STEPS[direction];
  let best: { at: number; cost: number } | null = null;
  for (const at of neighbours) {
    const [dx, dy] = [(x[at] ?? 0) - (x[from] ?? 0), (y[at] ?? 0) - (y[from] ?? 0)];
    const length = Math.hypot(dx, dy);
    if (at === from || length === 0) continue;
    const cosine = (dx * stepX + dy * stepY) / length;
    if (cosine < COSINE_MIN) continue;
    const cost = length / cosine ** 2;
    if (best === null || cost < best.cost) best = { at, cost };
  }
  return best === null ? null : best.at;
}

/** The node that most edges lead to; null: there is none. */
export function busiest(nodes: number, edges: Iterable<readonly [number, number, number]>): number | null {
  const degree = new Uint32Array(nodes);
  for (const [from, to] of edges) {
    degree[from] = (degree[from] ?? 0) + 1;
    degree[to] = (degree[to] ?? 0) + 1;
  }
  let best: number | null = null;
  degree.forEach((count, at) => {
    if (best === null || count > (degree[best] ?? 0)) best = at;
  });
  return best;
}
