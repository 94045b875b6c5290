import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CiClass } from '@muster/shared/cmdb/classes.ts';
import type { RelationTypeName } from '@muster/shared/cmdb/relation-types.ts';
import type { RelationEdge } from '../cmdb/store.ts';
import { EdgeIndex } from './graph.ts';
import { type ImpactGraph, impactOf, supportsOf, totalsOf } from './impact.ts';

type Line = readonly [RelationTypeName, string, string, string?, number?];
const classOf = (id: string): CiClass =>
  id.startsWith('svc')
    ? 'Service'
    : id.startsWith('app')
      ? 'BusinessApplication'
      : id.startsWith('anna')
        ? 'Person'
        : id.startsWith('net')
          ? 'Subnet'
          : id.startsWith('part')
            ? 'FileSystem'
            : 'Server';

function graphOf(
  lines: readonly Line[],
  parts: Readonly<Record<string, readonly string[]>> = {},
): ImpactGraph {
  const index = new EdgeIndex();
  lines.forEach(([type, fromId, toId, group = null, needed = null], at) =>
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
      needed,
    } satisfies RelationEdge),
  );
  const machineOf = new Map(
    Object.entries(parts).flatMap(([machine, ids]) => ids.map((id) => [id, machine])),
  );
  return {
    from: (id) => index.from(id),
    to: (id) => index.to(id),
    node: (id) => ({ id, name: id, class: classOf(id), machineId: machineOf.get(id) ?? null }),
    partsOf: (machineId) => parts[machineId] ?? [],
  };
}
const shown = (failing: string[], graph: ImpactGraph) =>
  Object.fromEntries(
    impactOf(failing, graph).map(({ node, state, path }) => [
      node.id,
      `${state}: ${path.map(({ name }) => name).join(' > ')}`,
    ]),
  );

test('[MP1] what is needed alone takes what needs it, and the path says why', () => {
  const graph = graphOf([
    ['dependsOn', 'svc mail', 'srv1'],
    ['dependsOn', 'app crm', 'svc mail'],
    ['assignedTo', 'srv1', 'anna'],
    ['hosts', 'srv0', 'srv1'],
    ['connectsTo', 'srv9', 'srv1'],
  ]);
  expect(shown(['srv0'], graph)).toEqual({
    srv1: 'lost: srv0 > srv1',
    'svc mail': 'lost: srv0 > srv1 > svc mail',
    anna: 'affected: srv0 > srv1 > anna',
    'app crm': 'lost: srv0 > srv1 > svc mail > app crm',
  });
});

test('[MP2] of a group only more failures than it can spare take the service; before that it is degraded', () => {
  const graph = graphOf([
    ['dependsOn', 'svc web', 'a', 'front', 2],
    ['dependsOn', 'svc web', 'b', 'front', 2],
    ['dependsOn', 'svc web', 'c', 'front', 2],
    ['dependsOn', 'app shop', 'svc web'],
  ]);
  const [web, shop] = impactOf(['a'], graph);
  expect(web).toMatchObject({
    state: 'degraded',
    redundancy: [{ group: 'front', left: 2, of: 3, needed: 2 }],
  });
  expect(shop).toMatchObject({ node: { id: 'app shop' }, state: 'degraded' });
  expect(shown(['a', 'b'], graph)).toEqual({
    'svc web': 'lost: b > svc web',
    'app shop': 'lost: b > svc web > app shop',
  });
});

test('[MP3] a subnet is lost with its last gateway, and degraded with one of two', () => {
  const graph = graphOf([
    ['gatewayOf', 'gw1', 'net'],
    ['gatewayOf', 'gw2', 'net'],
  ]);
  expect(impactOf(['gw1'], graph)).toMatchObject([
    { node: { id: 'net' }, state: 'degraded', redundancy: [{ left: 1, of: 2, needed: 1 }] },
  ]);
  expect(impactOf(['gw1', 'gw2'], graph)).toMatchObject([{ node: { id: 'net' }, state: 'lost' }]);
});

test('[MP4] a lost part leaves its machine with less behind it; a lost machine takes its parts', () => {
  const graph = graphOf(
    [
      ['dependsOn', 'svc files', 'part d'],
      ['dependsOn', 'svc mail', 'srv'],
    ],
    { srv: ['part d'] },
  );
  expect(shown(['part d'], graph)).toEqual({
    'svc files': 'lost: part d > svc files',
    srv: 'degraded: part d > srv',
    'svc mail': 'degraded: part d > srv > svc mail',
  });
  expect(shown(['srv'], graph)).toMatchObject({
    'part d': 'lost: srv > part d',
    'svc files': 'lost: srv > part d > svc files',
  });
});

test('[MP5] things that need each other in a ring end', () => {
  const graph = graphOf([
    ['dependsOn', 'a', 'b'],
    ['dependsOn', 'b', 'c'],
    ['dependsOn', 'c', 'a'],
  ]);
  expect(Object.keys(shown(['a'], graph)).toSorted()).toEqual(['b', 'c']);
  expect(supportsOf('a', graph).map(({ node }) => node.id)).toEqual(['b', 'c']);
});

test('[MP6] two members on one host are no redundancy against that host', () => {
  const graph = graphOf([
    ['dependsOn', 'svc', 'vm1', 'g', 1],
    ['dependsOn', 'svc', 'vm2', 'g', 1],
    ['hosts', 'host', 'vm1'],
    ['hosts', 'host', 'vm2'],
  ]);
  expect(supportsOf('svc', graph).map(({ node, alone }) => [node.id, alone])).toEqual([
    ['vm1', false],
    ['vm2', false],
    ['host', true],
  ]);
});

test('[MP1] what was reached is counted by what people ask for', () => {
  const graph = graphOf([
    ['dependsOn', 'svc', 'a'],
    ['dependsOn', 'app', 'a'],
    ['assignedTo', 'a', 'anna'],
    ['hosts', 'a', 'b'],
  ]);
  expect(totalsOf(impactOf(['a'], graph))).toEqual({
    services: 1,
    applications: 1,
    machines: 1,
    persons: 1,
    other: 0,
  });
});

/** The same said as a fixpoint over all nodes, again and again until nothing changes. */
function naive(failing: readonly string[], ids: readonly string[], graph: ImpactGraph): Map<string, string> {
  const state = new Map(failing.map((id) => [id, 'lost']));
  for (let changed = true; changed; ) {
    changed = false;
    for (const id of ids) {
      if (state.get(id) === 'lost') continue;
      const edges = graph.from(id).filter(({ type }) => type === 'dependsOn');
      const groups = Map.groupBy(edges, ({ group }) => group);
      const lost =
        [...groups].some(([group, members]) => {
          const left = members.filter(({ toId }) => state.get(toId) !== 'lost').length;
          return group === null
            ? left < members.length
            : left < Math.max(...members.map(({ needed }) => needed ?? 1));
        }) || graph.to(id).some(({ type, fromId }) => type === 'hosts' && state.get(fromId) === 'lost');
      if (lost) {
        state.set(id, 'lost');
        changed = true;
      }
    }
  }
  for (let changed = true; changed; ) {
    changed = false;
    for (const id of ids) {
      if (state.has(id)) continue;
      const edges = graph.from(id).filter(({ type }) => type === 'dependsOn');
      if (
        edges.some(({ group, toId }) => (group === null ? state.has(toId) : state.get(toId) === 'lost')) ||
        graph.to(id).some(({ type, fromId }) => type === 'hosts' && state.has(fromId))
      ) {
        state.set(id, 'degraded');
        changed = true;
      }
    }
  }
  return state;
}

test('[MP2] any graph with groups gives what counting it out again and again gives', () => {
  const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const line = fc.record({
    type: fc.constantFrom('dependsOn' as const, 'hosts' as const),
    from: fc.constantFrom(...ids),
    to: fc.constantFrom(...ids),
    group: fc.constantFrom(null, 'x', 'y'),
    needed: fc.integer({ min: 1, max: 3 }),
  });
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 25 }),
      fc.uniqueArray(fc.constantFrom(...ids), { maxLength: 3 }),
      (lines, failing) => {
        const unique = new Map(
          lines
            .filter(({ from, to }) => from !== to)
            .map((each) => {
              const group = each.type === 'hosts' ? null : each.group;
              return [`${each.type} ${each.from} ${each.to} ${group}`, { ...each, group }];
            }),
        );
        // One level for each group, as one edit writes it.
        const edges = [...unique.values()].filter(({ group, from }) => group === null || from !== '');
        const sizes = (from: string, group: string | null) =>
          edges.filter((each) => each.type === 'dependsOn' && each.from === from && each.group === group)
            .length;
        const graph = graphOf(
          edges.map(
            ({ type, from, to, group, needed }): Line =>
              group === null
                ? [type, from, to]
                : [type, from, to, group, Math.min(needed, sizes(from, group))],
          ),
        );
        const expected = naive(failing, ids, graph);
        for (const id of failing) expected.delete(id);
        expect(
          new Map(impactOf(failing, graph).map(({ node, state }) => [node.id, state as string])),
        ).toEqual(expected);
      },
    ),
  );
});
