/** For tests that are not about groups: nobody has said anything yet. */
import type { AgentConfigDeps } from './agent-config.ts';
import type { PresentVersion } from './versions.ts';

const NOTHING_SAID: PresentVersion = {
  version: 0,
  atMs: null,
  by: null,
  restoredFrom: null,
  content: { everybody: {}, groups: [] },
};

export const NO_GROUPS: Pick<
  AgentConfigDeps,
  'versions' | 'standings' | 'serverKey' | 'log' | 'collectorsSwitched'
> = {
  versions: {
    current: () => NOTHING_SAID,
    version: async () => NOTHING_SAID,
    onChange: () => {},
  },
  standings: { get: () => null, connected: () => {}, told: () => {}, configured: () => {} },
  log: () => {},
  collectorsSwitched: async () => {},
  serverKey: { sign: () => new Uint8Array(64) },
};
