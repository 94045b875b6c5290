import { expect, test } from 'vitest';
import type { MapNode } from '@muster/shared/api/relations.ts';
import { LabelRoom } from './labels.ts';
import { type Look, lookOf, MARKS, SHAPES } from './looks.ts';
import { mapSvg } from './mapSvg.ts';
import { merged, needsLayout, placed } from './positions.ts';
import { ringOf } from './ring.ts';
import { busiest, neighbourTowards } from './walk.ts';

function node(id: string, site: string | null = null, change: Partial<MapNode> = {}): MapNode {
  return { id, name: id, class: 'Server', site, state: 'up', openIncidents: 0, ...change };
}

test.each([
  ['up', undefined, 'plain', 'up'],
  ['silent', undefined, 'crossed', 'crit'],
  ['off', undefined, 'hollow', 'idle'],
  ['planned', undefined, 'barred', 'planned'],
  ['up', 'lost', 'crossed', 'crit'],
  ['up', 'degraded', 'barred', 'warn'],
  [null, undefined, 'plain', 'neutral'],
] as const)('[MP9] %s, thought %s: mark %s, colour %s', (state, impact, mark, colour) => {
  expect(lookOf({ class: 'Server', state }, impact)).toEqual({ shape: 'square', mark, colour });
});

test('[MP9] kept places hold, a new node stands beside its kept neighbour, sites stand apart', () => {
  const nodes = [node('a'), node('b'), node('c')];
  const { x, y, fresh } = placed({ nodes, edges: [[0, 1, 0]] }, { a: [500, -500], c: [1, 2] });
  expect([fresh, x[0], y[0], x[2], y[2]]).toEqual([1, 500, -500, 1, 2]);
  expect(Math.hypot((x[1] ?? 0) - 500, (y[1] ?? 0) + 500)).toBeCloseTo(4);
  const sites = Array.from({ length: 200 }, (_, at) => node(`n${at}`, at % 2 === 0 ? 'Bonn' : 'Jena'));
  const apart = placed({ nodes: sites, edges: [[0, 1, 0]] }, {});
  const side = (of: number) => [...apart.x].filter((_, at) => at % 2 === of);
  expect(Math.min(...side(0))).toBeGreaterThan(Math.max(...side(1)));
  expect(placed({ nodes: sites, edges: [] }, {})).toEqual({ ...apart, fresh: 200 });
});

test('[MP9] few new nodes do not move the others; places go into what is kept', () => {
  const x = new Float32Array(10);
  expect([0, 2, 3].map((fresh) => needsLayout({ x, y: x, fresh }))).toEqual([false, false, true]);
  expect(merged({ z: [1, 1] }, [node('a')], Float32Array.of(1.26), Float32Array.of(2))).toEqual({
    z: [1, 1],
    a: [1.3, 2],
  });
});

test('[MP9] no name stands over another', () => {
  const room = new LabelRoom();
  const box = { x: 0, y: 0, width: 10, height: 10 };
  expect([room.take(box), room.take({ ...box, x: 9 }), room.take({ ...box, x: 10 })]).toEqual([
    true,
    false,
    true,
  ]);
  room.clear();
  expect(room.take(box)).toBe(true);
});

test('[MP9] the exported picture has every form, mark and name, and no markup from names', () => {
  const looks = SHAPES.flatMap((shape) => MARKS.map((mark): Look => ({ shape, mark, colour: 'up' })));
  const nodes = looks.map((_look, at) => node(`<${at}>`));
  const at = Float32Array.from(looks.keys());
  const svg = mapSvg({
    map: { nodes, edges: [[0, 1, 0]] },
    x: at,
    y: at,
    lookOf: ({ id }) => looks[Number(id.slice(1, -1))] ?? { shape: 'circle', mark: 'plain', colour: 'up' },
    colours: { up: '#0a0', text: '#000', surface: '#fff', line: '#ccc' },
  });
  expect(svg.match(/<text/g)).toHaveLength(looks.length);
  expect(svg.match(/fill="#fff" stroke="#0a0"/g)).toHaveLength(SHAPES.length);
  expect(svg).toContain('&lt;0&gt;');
  expect(svg).not.toContain('NaN');
  expect(
    mapSvg({
      map: { nodes: [], edges: [] },
      x: at.slice(0, 0),
      y: at.slice(0, 0),
      lookOf: () => ({ shape: 'circle', mark: 'plain', colour: 'up' }),
      colours: {},
    }),
  ).not.toContain('Infinity');
});

test('[MP9] an arrow leads to the neighbour that lies that way, the nearest of the straightest', () => {
  const x = Float32Array.of(0, 10, 20, 0, -5);
  const y = Float32Array.of(0, 1, 0, 10, 5);
  const towards = (key: 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown') =>
    neighbourTowards(0, [1, 2, 3, 4, 0], key, x, y);
  expect([towards('ArrowRight'), towards('ArrowUp'), towards('ArrowLeft'), towards('ArrowDown')]).toEqual([
    1,
    3,
    4,
    null,
  ]);
  expect(
    busiest(3, [
      [0, 2, 0],
      [2, 1, 0],
    ]),
  ).toBe(2);
  expect(busiest(0, [])).toBeNull();
});

test.each([1, 2, 9, 14, 15, 36])('[MP11] %i groups stand within the square and do not touch', (count) => {
  const groups = Array.from({ length: count }, (_, at) => ({
    key: `${at}`,
    name: null,
    nodes: 1,
    silent: 0,
    openIncidents: 0,
  }));
  const { bubbles, lines } = ringOf({ groups, ties: [[0, count - 1, 5]] }, 36);
  expect(bubbles).toHaveLength(count);
  expect(lines).toHaveLength(1);
  for (const one of bubbles) {
    expect(Math.max(Math.abs(one.x - 50), Math.abs(one.y - 50)) + one.size / 2).toBeLessThanOrEqual(50);
    for (const other of bubbles)
      if (other !== one) expect(Math.hypot(one.x - other.x, one.y - other.y)).toBeGreaterThan(one.size);
  }
});
