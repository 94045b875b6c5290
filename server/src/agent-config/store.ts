/** The port of the configuration of agents: its versions, and what each agent works by. */
import type { CheckStanding, ConfigGroups } from '@muster/shared/api/agent-config.ts';
import type { Millis } from '@muster/shared/time.ts';

export interface VersionHead {
  readonly version: number;
  readonly atMs: Millis;
  /** As in the audit log. */
  readonly by: string;
  readonly restoredFrom: number | null;
}

export interface StoredVersion extends VersionHead {
  readonly content: ConfigGroups;
}

/** What an agent said and was told last. */
export interface Standing {
  readonly agentId: string;
  /** By its own word; null: by none that was signed. */
  readonly runs: number | null;
  readonly runsSinceMs: Millis | null;
  readonly told: number | null;
  readonly toldAtMs: Millis | null;
  /** Why it did not take what it was told last. */
  readonly refused: string | null;
  /** It takes signed configurations. */
  readonly able: boolean;
  /** Of the text that it was told last; null: none that was signed. */
  readonly serial: number | null;
  readonly checks: CheckStanding;
}

/**
 * Contract. Versions are never changed and never deleted. `add` is true for exactly one of two callers with the same number.
 * `putStandings` writes all or none, each in place of the one before of the same agent.
 */
export interface AgentConfigStore {
  /** The highest; null before the first. */
  current(): Promise<StoredVersion | null>;
  version(version: number): Promise<StoredVersion | null>;
  /** The highest first, only those below `below`. */
  versions(page: { readonly limit: number; readonly below: number | null }): Promise<VersionHead[]>;
  add(version: StoredVersion): Promise<boolean>;
  standings(): Promise<Standing[]>;
  putStandings(standings: readonly Standing[]): Promise<void>;
}
