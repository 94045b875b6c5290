/** Who shares a switch, a network, a host or a place with a machine: if they fall silent with it, it was not its user who left. */
import type { RelationGraph } from '../relations/graph.ts';
import type { NodeDirectory } from '../relations/nodes.ts';
import { buildReach, type Reach } from './reach.ts';

interface CirclesDeps {
  readonly graph: Pick<RelationGraph, 'all' | 'onChange'>;
  readonly nodes: Pick<NodeDirectory, 'get' | 'onChange'>;
}

/** One circle for each thing that the machine is reached through: all that would be lost with it, itself included. */
export function createCircles({ graph, nodes }: CirclesDeps): (ciId: string) => Iterable<Iterable<string>> {
  let reach: Reach | null = null;
  graph.onChange(() => (reach = null));
  nodes.onChange(() => (reach = null));
  return (ciId) => {
    const now = (reach ??= buildReach(graph.all(), (id) => nodes.get(id)));
    return now.groupsOf(ciId).flatMap(({ members }) => members.map((id) => now.lostWith(id)));
  };
}
