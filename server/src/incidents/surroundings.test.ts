import { describe, expect, test } from 'vitest';
import type { CiClass } from '@muster/shared/cmdb/classes.ts';
import type { RelationTypeName } from '@muster/shared/cmdb/relation-types.ts';
import { EdgeIndex } from '../relations/graph.ts';
import type { GraphNode } from '../relations/nodes.ts';
import { createSurroundings } from './surroundings.ts';

type Line = readonly [RelationTypeName, string, string, string?, number?];

const CLASSES: readonly (readonly [string, CiClass])[] = [
  ['svc', 'Service'],
  ['app', 'BusinessApplication'],
  ['sw', 'NetworkDevice'],
  ['net', 'Subnet'],
  ['team', 'Team'],
  ['org', 'Organisation'],
  ['place', 'Location'],
  ['anna', 'Person'],
  ['ws', 'Workstation'],
];

function around(lines: readonly Line[], written: Partial<GraphNode> = {}) {
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
    }),
  );
  const node = (id: string): GraphNode => ({
    id,
    name: id.toUpperCase(),
    class: CLASSES.find(([stem]) => id.startsWith(stem))?.[1] ?? 'Server',
    subclass: null,
    site: null,
    lifecycle: 'in_use',
    criticality: 2,
    owner: null,
    supportGroup: null,
    users: null,
    machineId: null,
    ...(id === 'db1' ? written : {}),
  });
  return createSurroundings({
    graph: { from: (id, type) => index.from(id, type), to: (id, type) => index.to(id, type) },
    nodes: { get: node, partsOf: () => [] },
  });
}

const PAIR: readonly Line[] = [
  ['dependsOn', 'svc', 'db1', 'db', 1],
  ['dependsOn', 'svc', 'db2', 'db', 1],
];
const states = (services: readonly { id: string; state: string }[]) =>
  services.map(({ id, state }) => `${id} ${state}`);

describe('[IC39] what is down elsewhere', () => {
  test('uses up the redundancy: the second of a pair takes the service', () => {
    const { reachOf } = around(PAIR);
    expect(states(reachOf(['db1']).services)).toEqual(['svc degraded']);
    expect(states(reachOf(['db1'], () => ['db2']).services)).toEqual(['svc lost']);
    expect(states(reachOf(['db2'], () => ['db1']).services)).toEqual(['svc lost']);
  });

  test('and has lost the service alone: this one only takes what was behind it', () => {
    const { reachOf } = around([...PAIR, ['dependsOn', 'svc', 'sw1']]);
    expect(states(reachOf(['db1'], () => ['sw1']).services)).toEqual(['svc degraded']);
  });

  test('and has to do with nothing of this: nothing moves', () => {
    const { reachOf } = around([...PAIR, ['dependsOn', 'svc2', 'x']]);
    expect(states(reachOf(['db1'], () => ['x']).services)).toEqual(['svc degraded']);
  });

  test('is asked only where redundancy is lost', () => {
    const { reachOf } = around([['dependsOn', 'svc', 'db1']]);
    const asked = () => {
      throw new Error('asked');
    };
    expect(states(reachOf(['db1'], asked).services)).toEqual(['svc lost']);
  });
});

describe('[IC26] who answers for a CI and where it is', () => {
  test('by relations', () => {
    const { placeOf } = around([
      ['ownedBy', 'ws1', 'org1'],
      ['assignedTo', 'ws1', 'anna1'],
      ['memberOf', 'anna1', 'team1'],
      ['locatedAt', 'ws1', 'place1'],
      ['supportedBy', 'ws1', 'team2'],
    ]);
    expect(placeOf('ws1')).toEqual({
      owner: { id: 'org1', name: 'ORG1' },
      user: { id: 'anna1', name: 'ANNA1' },
      location: { id: 'place1', name: 'PLACE1' },
      department: { id: 'team1', name: 'TEAM1' },
      supportGroup: { id: 'team2', name: 'TEAM2' },
    });
  });

  test('by what is written in its fields where no relation says so', () => {
    const { placeOf } = around([], { owner: 'Finance', site: 'Munich', supportGroup: 'Database team' });
    expect(placeOf('db1')).toEqual({
      owner: { id: null, name: 'Finance' },
      user: null,
      location: { id: null, name: 'Munich' },
      department: null,
      supportGroup: { id: null, name: 'Database team' },
    });
  });
});

test('[IC37] upstream is what it stands on and what its network hangs on, nearest first, with the way', () => {
  const { upstreamOf } = around([
    ['hosts', 'host', 'db1'],
    ['connectsTo', 'host', 'sw1'],
    ['dependsOn', 'app1', 'db1'],
    ['connectsTo', 'ws1', 'sw1'],
  ]);
  expect(upstreamOf('db1').map(({ path }) => path.join(' > '))).toEqual(['DB1 > HOST', 'DB1 > HOST > SW1']);
});
