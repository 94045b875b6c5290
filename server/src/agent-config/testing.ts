/** For tests that are not about groups: nobody has said anything yet. */
import type { AgentConfigDeps } from './agent-config.ts';

export const NO_GROUPS: Pick<AgentConfigDeps, 'versions' | 'standings' | 'serverKey' | 'log'> = {
  versions: {
    current: () => ({
      version: 0,
      atMs: null,
      by: null,
      restoredFrom: null,
      content: { everybody: {}, groups: [] },
    }),
    onChange: () => {},
  },
  standings: { get: () => null, connected: () => {}, told: () => {}, configured: () => {} },
  log: () => {},
  serverKey: { sign: () => new Uint8Array(64) },
};
