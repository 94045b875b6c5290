/** Machines with the same trouble, so that one cause is one line. Pure. */
import type { RolloutAgent } from '@muster/shared/api/rollouts.ts';
import { TROUBLE_STATES } from './progress.ts';

export interface TroubleGroup {
  readonly state: RolloutAgent['state'];
  /** What they say, as they said it. */
  readonly detail: string;
  readonly agents: readonly RolloutAgent[];
}

/** The largest group first. */
export function troubleGroups(agents: readonly RolloutAgent[]): TroubleGroup[] {
  const groups = new Map<string, RolloutAgent[]>();
  for (const agent of agents) {
    if (!TROUBLE_STATES.includes(agent.state)) continue;
    const key = `${agent.state} ${agent.detail}`;
    groups.set(key, [...(groups.get(key) ?? []), agent]);
  }
  return [...groups.values()]
    .flatMap((of) => (of[0] ? [{ state: of[0].state, detail: of[0].detail, agents: of }] : []))
    .toSorted((a, b) => b.agents.length - a.agents.length);
}

/** Pages are read one after another while agents move between them: each agent once, as it was read last. */
export function eachOnce(pages: readonly { readonly items: readonly RolloutAgent[] }[]): RolloutAgent[] {
  const byId = new Map<string, RolloutAgent>();
  for (const { items } of pages) for (const agent of items) byId.set(agent.agentId, agent);
  return [...byId.values()];
}
