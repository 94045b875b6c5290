/** Tables of the configuration of agents: its versions, and what each agent works by. */
import type { CheckStanding, ConfigGroups } from '@muster/shared/api/agent-config.ts';
import type { Kit } from '../kit.ts';

export function agentConfigTables(k: Kit) {
  const agentConfigVersions = k.table('agent_config_versions', {
    version: k.big('version').primaryKey(),
    atMs: k.millis('at_ms').notNull(),
    by: k.text('by').notNull(),
    restoredFrom: k.big('restored_from'),
    content: k.json<ConfigGroups>('content').notNull(),
  });
  const agentConfigStandings = k.table('agent_config_standings', {
    agentId: k.text('agent_id').primaryKey(),
    runs: k.big('runs'),
    runsSinceMs: k.millis('runs_since_ms'),
    told: k.big('told'),
    toldAtMs: k.millis('told_at_ms'),
    refused: k.text('refused'),
    able: k.bool('able').notNull(),
    serial: k.big('serial'),
    checks: k.text('checks').$type<CheckStanding>().notNull(),
  });
  return { agentConfigVersions, agentConfigStandings };
}
