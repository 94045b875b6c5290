/** Versions of the configuration of agents in memory, for tests. */
import type { AgentConfigStore, Standing, StoredVersion, VersionHead } from '../../agent-config/store.ts';

export function createMemoryAgentConfigStore(): AgentConfigStore {
  const versions = new Map<number, StoredVersion>();
  const standings = new Map<string, Standing>();
  const descending = () => [...versions.values()].sort((a, b) => b.version - a.version);
  return {
    current: async () => descending()[0] ?? null,
    version: async (version) => versions.get(version) ?? null,
    versions: async ({ limit, below }) =>
      descending()
        .filter(({ version }) => below === null || version < below)
        .slice(0, limit)
        .map(({ version, atMs, by, restoredFrom }): VersionHead => ({ version, atMs, by, restoredFrom })),
    add: async (version) => {
      if (versions.has(version.version)) return false;
      versions.set(version.version, structuredClone(version));
      return true;
    },
    standings: async () => [...standings.values()],
    putStandings: async (all) => {
      for (const one of all) standings.set(one.agentId, { ...one });
    },
  };
}
