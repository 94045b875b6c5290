/** What each agent works by: what it was told, what it says. Kept in memory, written down some with each tick. */
import type { Millis } from '@muster/shared/time.ts';
import type { Configured } from '@muster/shared/wire/agent-messages.ts';
import type { AgentConfigStore, Standing } from './store.ts';

/** Written with one tick: after a change every agent of a large fleet has a new word. */
export const WRITTEN_PER_TICK_MAX = 500;

export interface ConfigStandings {
  get(agentId: string): Standing | null;
  /** The highest version that an agent says it works by; 0: none. */
  highestTaken(): number;
  connected(agentId: string, can: Pick<Standing, 'able' | 'checks'>): void;
  /** `serial` is the highest from now on. */
  told(agentId: string, version: number, serial: number, nowMs: Millis): void;
  /** The agent's own word. */
  configured(agentId: string, word: Omit<Configured, 'type'>, nowMs: Millis): void;
  /** Once a second. */
  tick(): Promise<void>;
}

const UNHEARD = {
  runs: null,
  runsSinceMs: null,
  told: null,
  toldAtMs: null,
  refused: null,
  serial: null,
};
const UNABLE = { able: false, checks: 'unable' } as const;

export async function createConfigStandings(store: AgentConfigStore): Promise<ConfigStandings> {
  const all = new Map((await store.standings()).map((one) => [one.agentId, one]));
  const unwritten = new Set<string>();
  function put(agentId: string, change: Partial<Standing>): void {
    const before = all.get(agentId) ?? { agentId, ...UNHEARD, ...UNABLE };
    const next = { ...before, ...change };
    if (
      all.has(agentId) &&
      (Object.keys(change) as (keyof Standing)[]).every((key) => next[key] === before[key])
    )
      return;
    all.set(agentId, next);
    unwritten.add(agentId);
  }
  return {
    get: (agentId) => all.get(agentId) ?? null,
    highestTaken: () => [...all.values()].reduce((highest, { runs }) => Math.max(highest, runs ?? 0), 0),
    connected: (agentId, { able, checks }) => put(agentId, { able, checks }),
    told(agentId, version, serial, nowMs) {
      // Told the same again, as with each connection, the first time counts.
      const first = all.get(agentId)?.told !== version;
      put(agentId, { serial, ...(first ? { told: version, toldAtMs: nowMs } : {}) });
    },
    configured(agentId, { version, refused }, nowMs) {
      const sinceMs =
        all.get(agentId)?.runs === version ? {} : { runsSinceMs: version === null ? null : nowMs };
      put(agentId, { runs: version, refused, ...sinceMs });
    },
    async tick() {
      const some = [...unwritten].slice(0, WRITTEN_PER_TICK_MAX);
      if (some.length === 0) return;
      for (const agentId of some) unwritten.delete(agentId);
      try {
        await store.putStandings(some.flatMap((agentId) => all.get(agentId) ?? []));
      } catch (error) {
        for (const agentId of some) unwritten.add(agentId);
        throw error;
      }
    },
  };
}
