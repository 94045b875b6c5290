/** Puts together how releases of the agent go out to the fleet: what this server keeps of them, and who is told. */
import type { Millis } from '@muster/shared/time.ts';
import type { CiDirectory } from './cmdb/directory.ts';
import { eachPart } from './each-part.ts';
import type { Findings } from './findings/finding.ts';
import type { Fleet } from './fleet/fleet.ts';
import type { Routes } from './http/routes.ts';
import type { Log } from './log.ts';
import type { ReleaseCatalogue } from './releases/catalogue.ts';
import { createRollouts } from './rollouts/rollouts.ts';
import { addRolloutRoutes } from './rollouts/routes.ts';
import type { SqlStore } from './store/sql/open.ts';
import { createSqlRolloutStore } from './store/sql/rollouts.ts';
import type { AgentHub } from './ws/agent-hub.ts';

export interface RolloutParts {
  readonly isPinned: (agentId: string) => boolean;
  readonly provenSerial: () => number | null;
  readonly addRoutes: (routes: Routes) => void;
  /** Once a second. */
  tick(nowMs: Millis): Promise<void>;
}

export async function createRolloutParts(deps: {
  readonly sql: SqlStore;
  readonly fleet: Fleet;
  readonly agents: AgentHub;
  readonly catalogue: ReleaseCatalogue;
  readonly directory: CiDirectory;
  readonly findings: Findings;
  readonly newId: (prefix: string, nowMs: Millis) => string;
  readonly now: () => Millis;
  readonly log: Log;
}): Promise<RolloutParts> {
  const { sql, fleet, agents, catalogue, directory, findings, newId, now, log } = deps;
  await catalogue.list();
  const rollouts = await createRollouts(
    {
      store: createSqlRolloutStore(sql),
      agents: fleet.store,
      catalogue,
      machine: (ciId) => directory.get(ciId),
      door: {
        isConnected: (agentId) => agents.connected(agentId) !== null,
        order: (agentId, message) => agents.order(agentId, message),
      },
      findings,
      newId,
    },
    now(),
  );
  agents.listenToUpgrades(rollouts.ears);
  fleet.onState((agentId, state) => {
    if (state === 'revoked') rollouts.revoked(agentId, now());
  });
  return {
    isPinned: rollouts.isPinned,
    provenSerial: rollouts.provenSerial,
    addRoutes: (routes) => addRolloutRoutes(routes, { rollouts, catalogue, agents: fleet.store }),
    tick: (nowMs) =>
      eachPart(log, [
        ['releases were not looked for', () => catalogue.tick()],
        ['rollouts did not go on', () => rollouts.tick(nowMs)],
      ]),
  };
}
