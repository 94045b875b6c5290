import { expect, test } from 'vitest';
import type { CiClass } from '@muster/shared/cmdb/classes.ts';
import type { RelationTypeName } from '@muster/shared/cmdb/relation-types.ts';
import { EdgeIndex } from '../relations/graph.ts';
import { createMembership } from '../relations/membership.ts';
import { coverageOf, type CoverageSource } from './coverage.ts';

type Line = readonly [RelationTypeName, string, string, string?];

const CLASSES: readonly [string, CiClass][] = [
  ['svc', 'Service'],
  ['sw', 'NetworkDevice'],
  ['vm', 'VirtualMachine'],
  ['net', 'Subnet'],
  ['room', 'Location'],
  ['anna', 'Person'],
  ['pc', 'Workstation'],
];
const classOf = (id: string): CiClass => CLASSES.find(([start]) => id.startsWith(start))?.[1] ?? 'Server';

function sourceOf(lines: readonly Line[], tags: Readonly<Record<string, string[]>> = {}): CoverageSource {
  const index = new EdgeIndex();
  lines.forEach(([type, fromId, toId, group = null], at) =>
    index.put({
      id: `rel_${at}`,
      type,
      fromId,
      toId,
      source: 'human',
      actor: 'user:x',
      sinceMs: 0,
      endedAtMs: null,
      group,
      needed: null,
    }),
  );
  const ids = [...new Set([...lines.flatMap(([, from, to]) => [from, to]), ...Object.keys(tags)])];
  const nodeOf = (id: string) => ({
    id,
    name: id,
    class: classOf(id),
    subclass: null,
    site: null,
    lifecycle: 'in_use' as const,
    criticality: 3,
    owner: null,
    supportGroup: null,
    users: null,
    machineId: null,
  });
  const nodes = {
    get: (id: string) => (ids.includes(id) ? nodeOf(id) : undefined),
    all: () => ids.map(nodeOf),
    partsOf: () => [],
    onChange: () => undefined,
  };
  const graph = {
    from: (id: string) => index.from(id),
    to: (id: string) => index.to(id),
    onChange: () => undefined,
  };
  const machines = ids.filter((id) => ['Server', 'Workstation', 'VirtualMachine'].includes(classOf(id)));
  return {
    machines: () => machines.map((id) => ({ id, class: classOf(id), tags: tags[id] ?? [] })),
    isMachine: (id) => machines.includes(id),
    nodes: () => ids.map(nodeOf),
    graph: { ...graph, node: (id) => nodes.get(id), partsOf: () => [] },
    membership: createMembership({ graph, nodes }),
  };
}

const NOTHING = { ciIds: [], services: [], locations: [], classes: [], tags: [] };

function covered(
  source: CoverageSource,
  targets: Partial<Record<keyof typeof NOTHING, string[]>>,
  children: 'all' | 'none' = 'all',
): string {
  const found = coverageOf({ targets: { ...NOTHING, ...targets }, children }, source);
  const words = found.covered.map(({ ciId, via }) => `${ciId}:${via}`);
  const spared = found.spared.map(({ ciId, serviceId }) => `${ciId} spared for ${serviceId}`);
  return [...words, ...spared].toSorted().join(', ');
}

test('[MW40] a host takes its virtual machines and what runs on them along, or not, as agreed', () => {
  const source = sourceOf([
    ['hosts', 'host', 'vm1'],
    ['hosts', 'host', 'vm2'],
    ['hosts', 'other', 'vm3'],
    ['dependsOn', 'svc-mail', 'vm1'],
  ]);
  expect(covered(source, { ciIds: ['host'] })).toBe('host:named, svc-mail:depends, vm1:depends, vm2:depends');
  expect(covered(source, { ciIds: ['host'] }, 'none')).toBe('host:named');
});

test('[MW41] behind a switch is what has no other way; the rest stays out', () => {
  const source = sourceOf([
    ['connectsTo', 'pc1', 'sw1'],
    ['connectsTo', 'pc2', 'sw1'],
    ['connectsTo', 'both', 'sw1'],
    ['connectsTo', 'both', 'sw2'],
    ['connectsTo', 'sw1', 'sw-core'],
    ['connectsTo', 'sw2', 'sw-core'],
  ]);
  expect(covered(source, { ciIds: ['sw1'] })).toBe('pc1:depends, pc2:depends, sw1:named');
  expect(covered(source, { ciIds: ['sw1', 'sw2'] })).toBe(
    'both:depends, pc1:depends, pc2:depends, sw1:named, sw2:named',
  );
  expect(covered(source, { ciIds: ['sw-core'] })).toBe(
    'both:depends, pc1:depends, pc2:depends, sw-core:named, sw1:depends, sw2:depends',
  );
});

test('[MW41] a subnet goes with the last of its gateways, and its machines with it', () => {
  const source = sourceOf([
    ['gatewayOf', 'sw-a', 'net1'],
    ['gatewayOf', 'sw-b', 'net1'],
    ['memberOf', 'pc1', 'net1'],
  ]);
  expect(covered(source, { ciIds: ['sw-a'] })).toBe('sw-a:named');
  expect(covered(source, { ciIds: ['sw-a', 'sw-b'] })).toBe('pc1:depends, sw-a:named, sw-b:named');
});

test('[MW42] of a group that stands in for each other the service is in the window only with the last', () => {
  const source = sourceOf([
    ['dependsOn', 'svc-web', 'web1', 'front'],
    ['dependsOn', 'svc-web', 'web2', 'front'],
  ]);
  expect(covered(source, { ciIds: ['web1'] })).toBe('web1:named');
  expect(covered(source, { ciIds: ['web1', 'web2'] })).toBe('svc-web:depends, web1:named, web2:named');
});

test('[MW43] a service takes along what carries it alone; what also carries another service stays out and is named', () => {
  const source = sourceOf([
    ['dependsOn', 'svc-erp', 'app1'],
    ['dependsOn', 'svc-erp', 'db'],
    ['dependsOn', 'svc-mail', 'db'],
    ['dependsOn', 'svc-portal', 'svc-erp'],
  ]);
  expect(covered(source, { services: ['svc-erp'] })).toBe(
    'app1:service, db spared for svc-mail, svc-erp:named, svc-portal:depends',
  );
  expect(covered(source, { services: ['svc-erp', 'svc-mail'] })).toContain('db:service');
});

test('[MW44] a place takes along everything at it and at the places within it', () => {
  const source = sourceOf([
    ['locatedAt', 'rack-server', 'room-2'],
    ['locatedAt', 'room-2', 'room-house'],
    ['locatedAt', 'pc1', 'room-house'],
    ['locatedAt', 'pc2', 'room-far'],
    ['locatedAt', 'anna', 'room-2'],
    ['hosts', 'rack-server', 'vm1'],
  ]);
  expect(covered(source, { locations: ['room-2'] })).toBe('rack-server:location, vm1:depends');
  expect(covered(source, { locations: ['room-house'] })).toBe(
    'pc1:location, rack-server:location, vm1:depends',
  );
  expect(covered(source, { locations: ['room-house'] }, 'none')).toBe('pc1:location, rack-server:location');
});

test('[MW45] classes and tags, any of all that is named; what is not known any more covers nothing', () => {
  const source = sourceOf([['hosts', 'host', 'vm1']], { pc1: ['blue'], pc2: [] });
  expect(covered(source, { tags: ['blue'], classes: ['VirtualMachine'], ciIds: ['gone'] })).toBe(
    'pc1:tag, vm1:class',
  );
});
