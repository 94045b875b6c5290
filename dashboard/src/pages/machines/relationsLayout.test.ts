import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Edge, relationsLayout, TIER_NODES_MAX } from './relationsLayout.ts';

const edge = (type: string, from: [string, string], to: [string, string]): Edge => ({
  id: `${from[1]}-${type}-${to[1]}`,
  type,
  fromId: from[1],
  fromName: from[1],
  fromClass: from[0],
  toId: to[1],
  toName: to[1],
  toClass: to[0],
  source: 'agent',
  since: '2026-11-20T00:00:00.000Z',
  endedAt: null,
});
const srv: [string, string] = ['Server', 'srv'];
const sda: [string, string] = ['Component', 'sda'];
const root: [string, string] = ['FileSystem', '/'];
const os: [string, string] = ['OperatingSystem', 'Debian'];
const edges = [
  edge('composes', srv, sda),
  edge('composes', srv, ['NetworkInterface', 'eno1']),
  edge('composes', srv, root),
  edge('composes', srv, os),
  edge('dependsOn', root, sda),
  edge('dependsOn', os, root),
];

test('[DB106] machine, hardware, file systems and system stand in tiers; what stands on a part has one line', () => {
  const layout = relationsLayout(edges, 'srv');
  expect(layout.nodes.map(({ id, tier }) => [id, tier])).toEqual([
    ['srv', 0],
    ['sda', 1],
    ['eno1', 1],
    ['/', 2],
    ['Debian', 3],
  ]);
  expect(layout.edges.map(({ id }) => id)).toEqual([
    'srv-composes-sda',
    'srv-composes-eno1',
    '/-dependsOn-sda',
    'Debian-dependsOn-/',
  ]);
});

test('[DB106] the same relations in any order give the same picture', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(edges, { minLength: edges.length }), (shuffled) => {
      const places = (layout: ReturnType<typeof relationsLayout>) =>
        layout.nodes.map(({ id, x, y }) => [id, x, y]);
      expect(places(relationsLayout(shuffled, 'srv'))).toEqual(places(relationsLayout(edges, 'srv')));
    }),
  );
});

test('[DB106] no two nodes cover one another, and what finds no room is counted', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), (count) => {
      const many = Array.from({ length: count }, (_, index) =>
        edge('composes', srv, ['NetworkInterface', `veth${index}`]),
      );
      const layout = relationsLayout(many, 'srv');
      expect(new Set(layout.nodes.map(({ x, y }) => `${x} ${y}`)).size).toBe(layout.nodes.length);
      const left = layout.left.reduce((sum, each) => sum + each.count, 0);
      expect(layout.nodes.length + left).toBe(count + 1);
      expect(layout.nodes.length).toBeLessThanOrEqual(TIER_NODES_MAX + 1);
      expect(Math.max(...layout.nodes.map(({ y }) => y))).toBeLessThanOrEqual(layout.heightPx);
    }),
  );
});
