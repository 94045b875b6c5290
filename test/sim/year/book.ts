/** What the CMDB would hold of the office: entries, nodes and edges in memory, as the assembly asks for them. */
import { invariant } from '@muster/shared/invariant.ts';
import type { CiDirectory, CiEntry } from '@muster/server/cmdb/directory.ts';
import { EdgeIndex, type RelationGraph } from '@muster/server/relations/graph.ts';
import { createMembership, type Membership } from '@muster/server/relations/membership.ts';
import type { GraphNode, NodeDirectory } from '@muster/server/relations/nodes.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Office } from './office.ts';
import { ZONE } from './office-time.ts';

export interface Book {
  readonly directory: CiDirectory;
  readonly graph: Pick<RelationGraph, 'from' | 'to' | 'all' | 'onChange'>;
  readonly nodes: Pick<NodeDirectory, 'get' | 'all' | 'partsOf' | 'onChange'>;
  readonly membership: Membership;
}

/** Opened anew with each start of the server: listeners of the one before are gone with it. */
export function openBook(office: Office, sinceMs: Millis): Book {
  const entries = new Map<string, CiEntry>();
  const nodes = new Map<string, GraphNode>();
  for (const { id, name, class: ciClass, site, criticality, tags } of office.machines) {
    const common = { id, name, criticality, site, lifecycle: 'in_use' as const, owner: null };
    entries.set(id, {
      ...common,
      class: ciClass,
      tags,
      agentId: `agent_${name}`,
      timeZone: ZONE,
      createdAtMs: sinceMs,
    });
    nodes.set(id, {
      ...common,
      class: ciClass,
      subclass: null,
      supportGroup: null,
      users: null,
      machineId: null,
    });
  }
  for (const { id, name, class: ciClass, site } of office.records)
    nodes.set(id, {
      id,
      name,
      class: ciClass,
      subclass: null,
      site,
      lifecycle: 'in_use',
      criticality: 3,
      owner: null,
      supportGroup: null,
      users: null,
      machineId: null,
    });
  const edges = new EdgeIndex();
  for (const [i, { type, fromId, toId, group, needed }] of office.edges.entries()) {
    invariant(nodes.has(fromId) && nodes.has(toId), `${type} ties two that are known`);
    edges.put({
      id: `rel_${i}`,
      type,
      fromId,
      toId,
      source: 'human',
      actor: 'user:admin',
      sinceMs,
      endedAtMs: null,
      group: group ?? null,
      needed: needed ?? null,
    });
  }
  const graph: Book['graph'] = {
    from: (id, type) => edges.from(id, type),
    to: (id, type) => edges.to(id, type),
    all: () => edges.all(),
    onChange: () => undefined,
  };
  const nodeDirectory: Book['nodes'] = {
    get: (id) => nodes.get(id),
    all: () => nodes.values(),
    partsOf: () => [],
    onChange: () => undefined,
  };
  return {
    directory: {
      get: (id) => entries.get(id),
      all: () => entries.values(),
      onChange: () => undefined,
    },
    graph,
    nodes: nodeDirectory,
    membership: createMembership({ graph, nodes: nodeDirectory }),
  };
}
