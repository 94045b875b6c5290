/** Services that the connections speak of and nobody has written down yet. Pure over what is held. */
import { isMachineClass } from '@muster/shared/cmdb/classes.ts';
import type { RelationGraph } from './graph.ts';
import type { NodeDirectory } from './nodes.ts';

/** So many machines that talk to one are worth a service. */
const CLIENTS_MIN = 3;
const SUGGESTIONS_MAX = 20;
const CLIENTS_SHOWN_MAX = 20;

interface Named {
  readonly id: string;
  readonly name: string;
  readonly class: string;
}

export interface Suggestion {
  readonly server: Named;
  readonly clients: Named[];
  readonly clientsTotal: number;
  readonly ports: string[];
}
export type Suggestions = () => Suggestion[];

/** `portsOf`: what listens on a machine and is talked to, as words. Those with the most clients come first. */
export function createSuggestions(
  graph: Pick<RelationGraph, 'to'>,
  nodes: NodeDirectory,
  portsOf: (machineId: string) => readonly string[],
): Suggestions {
  const named = (id: string): Named[] => {
    const node = nodes.get(id);
    return node ? [{ id, name: node.name, class: node.class }] : [];
  };
  return () => {
    const found: Suggestion[] = [];
    for (const node of nodes.all()) {
      if (!isMachineClass(node.class)) continue;
      const clients = new Set(graph.to(node.id, 'connectsTo').map(({ fromId }) => fromId));
      if (clients.size < CLIENTS_MIN) continue;
      const carries = graph.to(node.id, 'dependsOn').some(({ fromId }) => {
        const on = nodes.get(fromId)?.class;
        return on === 'Service' || on === 'BusinessApplication';
      });
      if (carries) continue;
      found.push({
        server: { id: node.id, name: node.name, class: node.class },
        clients: [...clients].slice(0, CLIENTS_SHOWN_MAX).flatMap(named),
        clientsTotal: clients.size,
        ports: [...portsOf(node.id)],
      });
    }
    return found.toSorted((a, b) => b.clientsTotal - a.clientsTotal).slice(0, SUGGESTIONS_MAX);
  };
}
