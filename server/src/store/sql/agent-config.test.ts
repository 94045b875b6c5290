import { agentConfigStoreContract } from '../contract/agent-config.ts';
import { createSqlAgentConfigStore } from './agent-config.ts';
import { openTestStore } from './testing.ts';

agentConfigStoreContract('sqlite', async () => {
  const sql = await openTestStore();
  return { store: createSqlAgentConfigStore(sql), close: () => sql.close() };
});
