/** What each agent is told to do: the defaults, the directories of its machine's class, and how long it may hold ticks. */
import { createHash } from 'node:crypto';
import type { Millis } from '@muster/shared/time.ts';
import type { AgentConfig } from '@muster/shared/wire/control.ts';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import type { Fingerprints } from '../fingerprints/fingerprints.ts';
import { type Holding, NOT_HELD } from './holding.ts';

/** Agents that are looked at again with each tick after the rules have changed: 15,000 within a minute. */
export const REVIEWED_PER_TICK_MAX = 250;

export interface AgentConfigDeps {
  readonly defaults: AgentConfig;
  readonly directory: CiDirectory;
  readonly fingerprints: Pick<Fingerprints, 'directoriesOf' | 'onChange'>;
  /** How long the agent of this machine may hold ticks. */
  readonly holdingOf: (ciId: string) => Holding;
  /** The configuration of a connected agent has changed. */
  readonly reconfigure: (agentId: string) => void;
}

export interface AgentConfigs {
  configFor(agentId: string): AgentConfig;
  /** As the agent was told last; 0 = each tick goes at once. */
  holdMsOf(agentId: string): Millis;
  /** Rules were added, changed or taken away: every machine is looked at again, some with each tick. */
  rulesChanged(): void;
  /** Once a second. */
  tick(): void;
}

interface Told {
  readonly holdMs: Millis;
  readonly economyHoldMs: Millis;
  /** Of the wake levels; there may be 256 of them, for each of many agents. */
  readonly digest: string;
}

/** Asked with every connection, so the machine of each agent is kept. */
export function createAgentConfigs(deps: AgentConfigDeps): AgentConfigs {
  const { defaults, directory, fingerprints, holdingOf, reconfigure } = deps;
  const machines = new Map<string, { readonly ciId: string; readonly class: string }>();
  const told = new Map<string, Told>();
  const review = new Set<string>();
  const note = ({ id, agentId, class: ciClass }: CiEntry) => {
    if (agentId === null) return false;
    const before = machines.get(agentId);
    machines.set(agentId, { ciId: id, class: ciClass });
    // Tags, places and services say which rules apply.
    if (told.has(agentId)) review.add(agentId);
    return before?.class !== ciClass;
  };
  for (const entry of directory.all()) note(entry);
  directory.onChange((entry) => {
    if (note(entry) && entry.agentId !== null) reconfigure(entry.agentId);
  });
  fingerprints.onChange(() => {
    for (const agentId of machines.keys()) reconfigure(agentId);
  });
  const holdingFor = (agentId: string): Holding => {
    const machine = machines.get(agentId);
    return machine ? holdingOf(machine.ciId) : NOT_HELD;
  };
  return {
    configFor(agentId) {
      const holding = holdingFor(agentId);
      told.set(agentId, toldOf(holding));
      review.delete(agentId);
      const directories = [...fingerprints.directoriesOf(machines.get(agentId)?.class)];
      return { ...defaults, ...holding, fingerprints: { directories } };
    },
    holdMsOf: (agentId) => told.get(agentId)?.holdMs ?? 0,
    rulesChanged() {
      for (const agentId of told.keys()) review.add(agentId);
    },
    tick() {
      let left = REVIEWED_PER_TICK_MAX;
      for (const agentId of review) {
        if (left-- === 0) return;
        review.delete(agentId);
        const before = told.get(agentId);
        const now = toldOf(holdingFor(agentId));
        if (!before || !isSame(before, now)) reconfigure(agentId);
      }
    },
  };
}

function isSame(one: Told, other: Told): boolean {
  return (
    one.holdMs === other.holdMs && one.economyHoldMs === other.economyHoldMs && one.digest === other.digest
  );
}

function toldOf({ holdMs, economyHoldMs = 0, wake }: Holding): Told {
  const digest = wake.length === 0 ? '' : createHash('sha256').update(JSON.stringify(wake)).digest('base64');
  return { holdMs, economyHoldMs, digest };
}
