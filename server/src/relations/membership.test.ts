import { expect, test } from 'vitest';
import type { CiClass } from '@muster/shared/cmdb/classes.ts';
import type { RelationTypeName } from '@muster/shared/cmdb/relation-types.ts';
import { EdgeIndex } from './graph.ts';
import { createMembership, LOCATION_DEPTH_MAX } from './membership.ts';
import type { GraphNode } from './nodes.ts';

const CLASSES: Readonly<Record<string, CiClass>> = { svc: 'Service', loc: 'Location', srv: 'Server' };

const PLACES = ['loc-hz', 'loc-room', 'loc-room2'];
const NAMES: Readonly<Record<string, string>> = {
  'loc-hz': 'Hangzhou',
  'loc-room': 'Room',
  'loc-room2': 'Room',
};

type Line = readonly [RelationTypeName, string, string, string?];

function house(...lines: readonly Line[]) {
  return houseWith({}, ...lines);
}

/** `sites`: the text at a CI. */
function houseWith(sites: Readonly<Record<string, string>>, ...lines: readonly Line[]) {
  const index = new EdgeIndex();
  let changed = () => {};
  const relate = ([type, fromId, toId, group]: Line) => {
    const common = { source: 'human', actor: 'user:x', sinceMs: 0, endedAtMs: null } as const;
    const needed = group === undefined ? null : 1;
    index.put({ ...common, id: `${fromId}-${toId}`, type, fromId, toId, group: group ?? null, needed });
    changed();
  };
  for (const line of lines) relate(line);
  const node = (id: string): GraphNode => ({
    id,
    name: NAMES[id] ?? id,
    class: CLASSES[id.slice(0, 3)] ?? 'Server',
    subclass: null,
    site: sites[id] ?? null,
    lifecycle: 'in_use',
    criticality: 3,
    owner: null,
    supportGroup: null,
    users: null,
    machineId: id.startsWith('part') ? 'srv1' : null,
  });
  const membership = createMembership({
    graph: {
      from: (id, type) => index.from(id).filter((edge) => type === undefined || edge.type === type),
      to: (id, type) => index.to(id).filter((edge) => type === undefined || edge.type === type),
      onChange: (listener) => {
        changed = () => listener([]);
      },
    },
    nodes: {
      get: node,
      all: () => PLACES.map(node),
      partsOf: () => [],
      onChange: () => undefined,
    },
  });
  return { membership, relate };
}

test('[RE10] a machine belongs to its location and to all that hold it, nearest first; a part to those of its machine', () => {
  const { membership } = house(
    ['locatedAt', 'srv1', 'loc-room'],
    ['locatedAt', 'loc-room', 'loc-house'],
    ['locatedAt', 'loc-house', 'loc-city'],
  );
  expect(membership.locationsOf('srv1')).toEqual(['loc-room', 'loc-house', 'loc-city']);
  expect(membership.locationsOf('part1')).toEqual(['loc-room', 'loc-house', 'loc-city']);
  expect(membership.locationsOf('srv2')).toEqual([]);
});

test('[RE11] without a relation the site of a machine stands for the one place of that name', () => {
  const sites = { srv1: ' hangzhou', srv2: 'Hangzhou', srv3: 'Room', srv4: 'Nowhere' };
  const { membership } = houseWith(
    sites,
    ['locatedAt', 'loc-hz', 'loc-china'],
    ['locatedAt', 'srv2', 'loc-room'],
  );
  expect(membership.locationsOf('srv1')).toEqual(['loc-hz', 'loc-china']);
  expect(membership.locationsOf('part1')).toEqual(['loc-hz', 'loc-china']);
  // What somebody related counts.
  expect(membership.locationsOf('srv2')).toEqual(['loc-room']);
  // Two have that name, and none has.
  expect(membership.locationsOf('srv3')).toEqual([]);
  expect(membership.locationsOf('srv4')).toEqual([]);
});

test('[RE10] locations that hold each other in a circle, or without end, do not hang the server', () => {
  const circle = house(['locatedAt', 'loc-a', 'loc-b'], ['locatedAt', 'loc-b', 'loc-a']);
  expect(circle.membership.locationsOf('loc-a')).toEqual(['loc-b']);
  const deep = house(
    ...Array.from({ length: 40 }, (_, i) => ['locatedAt', `loc${i}`, `loc${i + 1}`] as const),
  );
  expect(deep.membership.locationsOf('loc0')).toHaveLength(LOCATION_DEPTH_MAX);
});

test('[RE10] a machine belongs to each service that its failure loses or degrades', () => {
  const { membership } = house(
    ['dependsOn', 'svc-erp', 'srv1'],
    ['dependsOn', 'svc-web', 'srv1', 'nodes'],
    ['dependsOn', 'svc-web', 'srv2', 'nodes'],
    ['dependsOn', 'svc-mail', 'srv3'],
  );
  expect(membership.servicesOf('srv1')).toEqual(['svc-erp', 'svc-web']);
  expect(membership.servicesOf('srv2')).toEqual(['svc-web']);
});

test('[RE10] the answers follow the graph', () => {
  const { membership, relate } = house(['locatedAt', 'srv1', 'loc-room']);
  const heard: string[] = [];
  membership.onChange(() => heard.push('changed'));
  expect(membership.servicesOf('srv1')).toEqual([]);
  relate(['dependsOn', 'svc-erp', 'srv1']);
  expect(membership.servicesOf('srv1')).toEqual(['svc-erp']);
  expect(heard).toEqual(['changed']);
});
