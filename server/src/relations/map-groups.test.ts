import { expect, test } from 'vitest';
import type { CiClass } from '@muster/shared/cmdb/classes.ts';
import type { RelationEdge } from '../cmdb/store.ts';
import { groupingOf, groupsOf, servicesByMember } from './map-groups.ts';
import type { GraphNode } from './nodes.ts';

function node(id: string, site: string | null, ciClass: CiClass = 'Server'): GraphNode {
  return {
    id,
    name: id,
    class: ciClass,
    subclass: null,
    site,
    lifecycle: 'in_use',
    criticality: 3,
    owner: null,
    supportGroup: null,
    users: null,
    machineId: null,
  };
}

const NODES = [
  node('erp', null, 'Service'),
  node('a', 'Bonn'),
  node('b', 'Bonn'),
  node('c', 'Bonn', 'Workstation'),
  node('d', 'Jena'),
];
const SHAPE = {
  nodes: NODES,
  edges: [
    [0, 1, 0] as const,
    [0, 4, 0] as const,
    [1, 2, 1] as const,
    [3, 4, 1] as const,
    [4, 1, 1] as const,
  ].map(([from, to, type]): [number, number, number] => [from, to, type]),
  types: ['dependsOn', 'connectsTo'],
  lonely: 0,
  cut: false,
};
const needs = (toId: string) => ({ toId }) as RelationEdge;
const FACTS = {
  isSilent: ({ id }: GraphNode) => id === 'b',
  openIncidentsOf: (id: string) => (id === 'b' ? 2 : 0),
  serviceOf: (id: string) =>
    servicesByMember(NODES, (service) => (service === 'erp' ? [needs('a'), needs('d')] : [])).get(id),
};

test('[MP11] from afar CIs are counted by site with what runs between sites, and what is silent', () => {
  const { groups, ties, nodes, edges } = groupsOf(SHAPE, 'site', FACTS);
  expect({ nodes, edges }).toEqual({ nodes: 5, edges: 5 });
  expect(
    groups.map(({ key, nodes: count, silent, openIncidents }) => [key, count, silent, openIncidents]),
  ).toEqual([
    ['Bonn', 3, 1, 2],
    [null, 1, 0, 0],
    ['Jena', 1, 0, 0],
  ]);
  expect(ties).toEqual([
    [0, 1, 1],
    [1, 2, 1],
    [0, 2, 2],
  ]);
});

test.each([
  [
    'class',
    [
      ['Server', 3],
      ['Service', 1],
      ['Workstation', 1],
    ],
  ],
  [
    'service',
    [
      ['erp', 3],
      [null, 2],
    ],
  ],
] as const)('[MP11] from afar by %s', (by, expected) => {
  expect(groupsOf(SHAPE, by, FACTS).groups.map(({ key, nodes }) => [key, nodes])).toEqual(expected);
});

test('[MP11] what stands at one site is counted by class', () => {
  expect(groupingOf(NODES)).toBe('site');
  expect(groupingOf(NODES.slice(1, 4))).toBe('class');
});
