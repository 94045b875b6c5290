/** Which versions run on how many agents. Pure. */
import type { Agent } from '@muster/shared/api/fleet.ts';
import { wentBackByItself } from './words.ts';

export interface VersionRow {
  readonly key: string;
  readonly version: string;
  /** 0: installed by the line; null: takes no upgrades from the server. */
  readonly serial: number | null;
  readonly agents: number;
  readonly connected: number;
  readonly pinned: number;
  readonly onTrial: number;
  /** What became of a later release on these: it did not stay. */
  readonly takenBack: number;
}

/** The newest release first, then what came by the line, then what takes no upgrades. Only agents that were let in and have not gone. */
export function versionsOf(agents: readonly Agent[]): VersionRow[] {
  const rows = new Map<string, VersionRow>();
  for (const agent of agents) {
    if (agent.state !== 'active' || agent.gone !== null) continue;
    const { version, release } = agent;
    const serial = release?.serial ?? null;
    const key = `${serial ?? 'none'} ${version}`;
    const row = rows.get(key);
    rows.set(key, {
      key,
      version,
      serial,
      agents: (row?.agents ?? 0) + 1,
      connected: (row?.connected ?? 0) + (agent.connected ? 1 : 0),
      pinned: (row?.pinned ?? 0) + (release?.pinned ? 1 : 0),
      onTrial: (row?.onTrial ?? 0) + (release?.onTrial ? 1 : 0),
      takenBack: (row?.takenBack ?? 0) + (wentBackByItself(release) ? 1 : 0),
    });
  }
  return [...rows.values()].toSorted(
    (a, b) =>
      (b.serial ?? -1) - (a.serial ?? -1) ||
      b.version.localeCompare(a.version, 'en', { numeric: true }) ||
      b.agents - a.agents,
  );
}

export interface Behind {
  /** Agents below the newest release that could take it. */
  readonly behind: number;
  readonly pinned: number;
  /** Agents that take no upgrades from the server. */
  readonly unable: number;
  readonly agents: number;
}

/** What is to be said of that first. unable: no agent takes upgrades. pinned: those below are kept there, and no other is there. */
export type FleetStanding = 'none' | 'unable' | 'behind' | 'pinned' | 'current';

export function fleetStanding({ agents, unable, behind, pinned }: Behind): FleetStanding {
  if (agents === 0) return 'none';
  if (unable === agents) return 'unable';
  if (behind > 0) return 'behind';
  return pinned + unable === agents ? 'pinned' : 'current';
}

/** How the fleet stands to the newest release. */
export function behindNewest(agents: readonly Agent[], newest: number | null): Behind {
  const active = agents.filter(({ state, gone }) => state === 'active' && gone === null);
  const below = active.filter(
    ({ release }) => newest !== null && release !== null && release.serial < newest,
  );
  return {
    behind: below.filter(({ release }) => release?.pinned === false).length,
    pinned: below.filter(({ release }) => release?.pinned).length,
    unable: active.filter(({ release }) => release === null).length,
    agents: active.length,
  };
}
