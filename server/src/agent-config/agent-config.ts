/**
 * What each agent is told to do: the defaults, what groups say of its machine, the directories of the machine's class, and how long it
 * may hold ticks. Signed for those that take nothing else.
 */
import { createHash } from 'node:crypto';
import type { Millis } from '@muster/shared/time.ts';
import type { AgentConfig, Configured, SignedConfig } from '@muster/shared/wire/control.ts';
import { configInput, configText } from '@muster/shared/wire/signed-config.ts';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import type { Fingerprints } from '../fingerprints/fingerprints.ts';
import type { ServerKey } from '../fleet/server-key.ts';
import { type EffectiveConfig, effectiveConfig, switchedOff } from './effective.ts';
import { type Holding, NOT_HELD } from './holding.ts';
import type { ConfigStandings } from './standings.ts';
import type { ConfigVersions } from './versions.ts';

/** Agents that are looked at again with each tick after the rules have changed: 15,000 within a minute. */
export const REVIEWED_PER_TICK_MAX = 250;

export interface AgentConfigDeps {
  readonly defaults: AgentConfig;
  readonly directory: CiDirectory;
  readonly fingerprints: Pick<Fingerprints, 'directoriesOf' | 'onChange'>;
  readonly versions: Pick<ConfigVersions, 'current' | 'onChange'>;
  readonly standings: Pick<ConfigStandings, 'connected' | 'told' | 'configured'>;
  readonly serverKey: Pick<ServerKey, 'sign'>;
  /** How long the agent of this machine may hold ticks of this interval. */
  readonly holdingOf: (ciId: string, intervalMs: Millis) => Holding;
  /** The configuration of a connected agent has changed. */
  readonly reconfigure: (agentId: string) => void;
}

export interface AgentConfigs {
  configFor(agentId: string): AgentConfig;
  /** The same for agents that take nothing else: of the present version, for this agent alone. */
  signedFor(agentId: string, nowMs: Millis): SignedConfig;
  connected(agentId: string, able: boolean): void;
  /** The agent's word on what it works by. */
  configured(agentId: string, word: Configured, nowMs: Millis): void;
  /** How often the agent of this machine reads samples. */
  intervalMsOf(ciId: string): Millis;
  /** Of a machine, or of an agent whose machine is not known. */
  effectiveOf(ciId: string | null): EffectiveConfig;
  /** As the agent was told last; 0 = each tick goes at once. */
  holdMsOf(agentId: string): Millis;
  /** Rules were added, changed or taken away: every machine is looked at again, some with each tick. */
  rulesChanged(): void;
  /** Once a second. */
  tick(): void;
}

interface Told {
  readonly holdMs: Millis;
  /** Of the whole configuration with its version; there may be 256 wake levels, for each of many agents. */
  readonly digest: string;
}

/** Asked with every connection, so the machine of each agent is kept. */
export function createAgentConfigs(deps: AgentConfigDeps): AgentConfigs {
  const { defaults, directory, fingerprints, versions, standings, serverKey, holdingOf, reconfigure } = deps;
  const machines = new Map<string, { readonly ciId: string; readonly class: string }>();
  const told = new Map<string, Told>();
  const review = new Set<string>();
  const intervals = new Map<string, Millis>();
  const note = ({ id, agentId, class: ciClass }: CiEntry) => {
    intervals.delete(id);
    if (agentId === null) return false;
    const before = machines.get(agentId);
    machines.set(agentId, { ciId: id, class: ciClass });
    // Tags, places and services say which rules apply, and which groups.
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
  const reviewAll = () => {
    for (const agentId of told.keys()) review.add(agentId);
  };
  versions.onChange(() => {
    intervals.clear();
    reviewAll();
  });
  const effectiveOf = (ciId: string | null) =>
    effectiveConfig((ciId === null ? null : directory.get(ciId)) ?? null, versions.current().content);
  const configOf = (agentId: string): AgentConfig => {
    const machine = machines.get(agentId);
    const effective = effectiveOf(machine?.ciId ?? null);
    const intervalMs = effective.intervalMs?.value ?? defaults.intervalMs;
    const sectionsOff = switchedOff(effective.sections);
    const fieldsOff = switchedOff(effective.fields);
    return {
      ...defaults,
      ...(machine ? holdingOf(machine.ciId, intervalMs) : NOT_HELD),
      intervalMs,
      inventoryIntervalMs: effective.inventoryIntervalMs?.value ?? defaults.inventoryIntervalMs,
      collectorsOff: switchedOff(effective.collectors),
      fingerprints: { directories: [...fingerprints.directoriesOf(machine?.class)] },
      ...(sectionsOff.length > 0 ? { sectionsOff } : {}),
      ...(fieldsOff.length > 0 ? { fieldsOff } : {}),
    };
  };
  const toldOf = (config: AgentConfig): Told => ({
    holdMs: config.holdMs,
    digest: createHash('sha256')
      .update(`${versions.current().version} ${JSON.stringify(config)}`)
      .digest('base64'),
  });
  const configFor = (agentId: string) => {
    const config = configOf(agentId);
    told.set(agentId, toldOf(config));
    review.delete(agentId);
    return config;
  };
  return {
    configFor,
    signedFor(agentId, nowMs) {
      const { version } = versions.current();
      const text = configText(agentId, { version, config: configFor(agentId) });
      standings.told(agentId, version, nowMs);
      return { text, signature: Buffer.from(serverKey.sign(configInput(text))).toString('base64url') };
    },
    connected: (agentId, able) => standings.connected(agentId, able),
    configured: (agentId, word, nowMs) => standings.configured(agentId, word, nowMs),
    intervalMsOf(ciId) {
      const known = intervals.get(ciId);
      if (known !== undefined) return known;
      const intervalMs = effectiveOf(ciId).intervalMs?.value ?? defaults.intervalMs;
      intervals.set(ciId, intervalMs);
      return intervalMs;
    },
    effectiveOf,
    holdMsOf: (agentId) => told.get(agentId)?.holdMs ?? 0,
    rulesChanged: reviewAll,
    tick() {
      let left = REVIEWED_PER_TICK_MAX;
      for (const agentId of review) {
        if (left-- === 0) return;
        review.delete(agentId);
        if (told.get(agentId)?.digest !== toldOf(configOf(agentId)).digest) reconfigure(agentId);
      }
    },
  };
}
