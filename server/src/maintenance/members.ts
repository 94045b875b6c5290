/** Where coverage looks: machines by class and tag, records and relations; and when it may have changed. */
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import type { Membership } from '../relations/membership.ts';
import type { NodeDirectory } from '../relations/nodes.ts';
import type { RelationGraph } from '../relations/graph.ts';
import { impactGraph } from '../relations/services.ts';
import type { CoverageSource } from './coverage.ts';

export interface MemberDeps {
  readonly directory: CiDirectory;
  readonly nodes: Pick<NodeDirectory, 'get' | 'all' | 'partsOf'>;
  readonly graph: Pick<RelationGraph, 'from' | 'to'>;
  readonly membership: Membership;
}

export function coverageSource({ directory, nodes, graph, membership }: MemberDeps): CoverageSource {
  return {
    machines: () => directory.all(),
    isMachine: (ciId) => directory.get(ciId) !== undefined,
    nodes: () => nodes.all(),
    graph: impactGraph(graph, nodes),
    membership,
  };
}

/** Calls `changed` when class, tags, relations or places of anything may put other CIs into windows. */
export function watchMembers(
  { directory, membership }: Pick<MemberDeps, 'directory' | 'membership'>,
  changed: () => void,
): void {
  const known = new Map<string, string>();
  const signOf = (entry: CiEntry) => [entry.class, ...entry.tags].join('\n');
  for (const entry of directory.all()) known.set(entry.id, signOf(entry));
  directory.onChange((entry) => {
    const sign = signOf(entry);
    if (known.get(entry.id) === sign) return;
    known.set(entry.id, sign);
    changed();
  });
  membership.onChange(changed);
}
