import { agentConfigStoreContract } from '../contract/agent-config.ts';
import { createMemoryAgentConfigStore } from './agent-config.ts';

agentConfigStoreContract('memory', async () => ({
  store: createMemoryAgentConfigStore(),
  close: async () => {},
}));
