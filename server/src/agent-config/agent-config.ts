/**
 * What each agent is told to do: the defaults, what groups say of its machine, the directories of the machine's class, and how long it
 * may hold ticks. Signed for those that take nothing else.
 */
import { isLabelled, isMember, type Member } from '@muster/shared/agent-config/membership.ts';
import { createHash } from 'node:crypto';
import type { ConfigGroups } from '@muster/shared/api/agent-config.ts';
import { collectorOf } from '@muster/shared/privacy/collectors.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Configured } from '@muster/shared/wire/agent-messages.ts';
import type { AgentConfig, SignedConfig } from '@muster/shared/wire/server-messages.ts';
import { configInput, configText } from '@muster/shared/wire/signed-config.ts';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import type { CollectorSwitch, LeftOut } from '../cmdb/left-out.ts';
import type { Fingerprints } from '../fingerprints/fingerprints.ts';
import type { ServerKey } from '../fleet/server-key.ts';
import { type Log, messageOf } from '../log.ts';
import { checksOf, type EffectiveConfig, effectiveConfig, switchedOff } from './effective.ts';
import { type Holding, NOT_HELD } from './holding.ts';
import { type Content, fitted, type Oversized, oversizedWords, TOLD_BYTES_MAX, toldBytes } from './size.ts';
import type { ConfigStandings } from './standings.ts';
import type { ConfigVersions } from './versions.ts';

/** Agents that are looked at again with each tick after the rules have changed: 15,000 within a minute. */
export const REVIEWED_PER_TICK_MAX = 250;

export interface AgentConfigDeps {
  readonly defaults: AgentConfig;
  readonly directory: CiDirectory;
  readonly fingerprints: Pick<Fingerprints, 'directoriesOf' | 'onChange'>;
  readonly versions: Pick<ConfigVersions, 'current' | 'version' | 'onChange'>;
  readonly standings: Pick<ConfigStandings, 'get' | 'connected' | 'told' | 'configured'>;
  readonly serverKey: Pick<ServerKey, 'sign'>;
  /** How long the agent of this machine may hold ticks of this interval. */
  readonly holdingOf: (ciId: string, intervalMs: Millis) => Holding;
  readonly log: Log;
  /** The agent of this machine works by another list of collectors from now on. */
  readonly collectorsSwitched: (ciId: string, change: CollectorSwitch, nowMs: Millis) => Promise<void>;
  /** The configuration of a connected agent has changed. */
  readonly reconfigure: (agentId: string) => void;
}

export interface AgentConfigs {
  configFor(agentId: string, nowMs: Millis): AgentConfig;
  /** The same for agents that take nothing else: of the present version, for this agent alone. */
  signedFor(agentId: string, nowMs: Millis): SignedConfig;
  connected(agentId: string, capabilities: readonly string[]): void;
  /**
   * Before it is told anything: the CI that its reports are of, which may name another agent still; null: none is known yet, and its
   * token says what groups choose by.
   */
  arrived(agentId: string, ciId: string | null, scope: Newcomer): void;
  /** The agent's word on what it works by. */
  configured(agentId: string, word: Configured, nowMs: Millis): void;
  /** Sections and fields that are off in what the agent works by; null: this server has no word of it yet. */
  leftOutOf(agentId: string): LeftOut | null;
  /** How often the agent of this machine reads samples. */
  intervalMsOf(ciId: string): Millis;
  /** Its collector is switched off on this machine. */
  isOff(ciId: string, metric: string): boolean;
  /** Groups label this machine so: `name=value`, or a name for any value. Nothing but a machine is. */
  isLabelled(ciId: string, label: string): boolean;
  /** Of a machine, or of an agent whose machine is not known. */
  effectiveOf(ciId: string | null): EffectiveConfig;
  /** Why a version with these contents cannot be told: somebody's would be too large, and larger than it is. null: it can. */
  oversized(content: ConfigGroups): string | null;
  /** As the agent was told last; 0 = each tick goes at once. */
  holdMsOf(agentId: string): Millis;
  /** The same on battery and on a metered line, where that is longer. */
  longestHoldMsOf(agentId: string): Millis;
  /** Rules were added, changed or taken away: every machine is looked at again, some with each tick. */
  rulesChanged(): void;
  /** Once a second. */
  tick(): void;
}

/** What an enrolment token says of a machine that nobody knows; class null: the inventory says it. */
type Newcomer = Member<string | null>;

interface Told {
  readonly holdMs: Millis;
  /** On battery and on a metered line too. */
  readonly longestHoldMs: Millis;
  /** Of the whole configuration with its version and groups; there may be 256 wake levels, for each of many agents. */
  readonly digest: string;
  /** With which it was signed; null: it was told plainly. */
  readonly serial: number | null;
  readonly version: number;
  readonly off: readonly string[];
  readonly collectorsOff: readonly string[];
}

/** Asked with every connection, so the machine of each agent is kept. */
export function createAgentConfigs(deps: AgentConfigDeps): AgentConfigs {
  const { defaults, directory, fingerprints, versions, standings, serverKey, holdingOf, log, reconfigure } =
    deps;
  const { collectorsSwitched } = deps;
  const machines = new Map<string, { readonly ciId: string; readonly class: string }>();
  const newcomers = new Map<string, Newcomer>();
  const told = new Map<string, Told>();
  const review = new Set<string>();
  const inForce = new Map<string, LeftOut>();
  const collectors = new Map<string, readonly string[]>();
  const intervals = new Map<string, Millis>();
  /** Agents of a machine that names another one: two of them run there, or one takes over. */
  const beside = new Map<string, Set<string>>();
  const note = ({ id, agentId, class: ciClass }: CiEntry) => {
    intervals.delete(id);
    for (const other of beside.get(id) ?? []) {
      // It may have become another machine's since.
      if (machines.get(other)?.ciId !== id) continue;
      machines.set(other, { ciId: id, class: ciClass });
      if (told.has(other)) review.add(other);
    }
    if (agentId === null) return false;
    beside.get(id)?.delete(agentId);
    const before = machines.get(agentId);
    machines.set(agentId, { ciId: id, class: ciClass });
    newcomers.delete(agentId);
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
  const effectiveOf = (ciId: string | null, newcomer: Newcomer | null = null) =>
    effectiveConfig(
      (ciId === null ? undefined : directory.get(ciId)) ?? newcomer,
      versions.current().content,
    );
  const built = (effective: EffectiveConfig, ciClass: string | undefined, ciId: string | null): Content => {
    const intervalMs = effective.intervalMs?.value ?? defaults.intervalMs;
    const sectionsOff = switchedOff(effective.sections);
    const fieldsOff = switchedOff(effective.fields);
    const checks = checksOf(effective);
    const config = {
      ...defaults,
      ...(ciId === null ? NOT_HELD : holdingOf(ciId, intervalMs)),
      intervalMs,
      inventoryIntervalMs: effective.inventoryIntervalMs?.value ?? defaults.inventoryIntervalMs,
      collectorsOff: switchedOff(effective.collectors),
      fingerprints: { directories: [...fingerprints.directoriesOf(ciClass)] },
      ...(sectionsOff.length > 0 ? { sectionsOff } : {}),
      ...(fieldsOff.length > 0 ? { fieldsOff } : {}),
      ...(checks.length > 0 ? { checks } : {}),
    };
    return { config, groups: effective.groups };
  };
  const contentOf = (agentId: string) => {
    const newcomer = newcomers.get(agentId) ?? null;
    const { ciId = null, class: ciClass = newcomer?.class ?? undefined } = machines.get(agentId) ?? {};
    return fitted(built(effectiveOf(ciId, newcomer), ciClass, ciId));
  };
  const digestOf = (content: Content) =>
    createHash('sha256')
      .update(`${versions.current().version} ${JSON.stringify(content)}`)
      .digest('base64');
  const tell = <Serial extends number | null>(agentId: string, serialOf: (digest: string) => Serial) => {
    const { content, leftOut } = contentOf(agentId);
    const digest = digestOf(content);
    if (leftOut.length > 0 && told.get(agentId)?.digest !== digest)
      log('warn', 'a configuration is larger than an agent takes; parts of it are left out', {
        agentId,
        leftOut: leftOut.join(', '),
        bytesMax: TOLD_BYTES_MAX,
      });
    const serial = serialOf(digest);
    const { holdMs, economyHoldMs = 0, collectorsOff, sectionsOff = [], fieldsOff = [] } = content.config;
    const { version } = versions.current();
    const off = [...sectionsOff, ...fieldsOff];
    const longestHoldMs = Math.max(holdMs, economyHoldMs);
    const now: Told = { holdMs, longestHoldMs, digest, serial, version, off, collectorsOff };
    told.set(agentId, now);
    review.delete(agentId);
    return { ...content, serial, now };
  };
  /** The same for the same text. By the clock, so that one lost with a crash or with a disk put back is not given again. */
  const serialFor = (agentId: string, digest: string, nowMs: Millis) => {
    const before = told.get(agentId);
    if (before?.digest === digest && before.serial !== null) return before.serial;
    return Math.max((standings.get(agentId)?.serial ?? 0) + 1, nowMs);
  };
  /** `runs`: the version that it worked by; null: none that is known. What is found at first is no change. */
  const noteCollectors = async (
    agentId: string,
    { collectorsOff: after, version }: Told,
    runs: number | null,
    nowMs: Millis,
  ) => {
    const ciId = machines.get(agentId)?.ciId;
    const known = collectors.get(agentId);
    collectors.set(agentId, after);
    // Of two agents of a machine, the one that it names says what is measured there.
    if (ciId === undefined || directory.get(ciId)?.agentId !== agentId) return;
    const versionBefore = known === undefined && runs !== null && runs !== version ? runs : null;
    const before =
      versionBefore === null
        ? (known ?? after)
        : switchedOff(
            effectiveConfig(directory.get(ciId) ?? null, (await versions.version(versionBefore)).content)
              .collectors,
          );
    if (before.join() !== after.join()) await collectorsSwitched(ciId, { before, after, version }, nowMs);
  };
  /** The version and the time that count are those of the change, however often it is said again. */
  const works = (agentId: string, now: Told, nowMs: Millis) => {
    const { off: names, version } = now;
    const before = inForce.get(agentId);
    if (before?.names.join() !== names.join()) inForce.set(agentId, { names, version, sinceMs: nowMs });
    noteCollectors(agentId, now, standings.get(agentId)?.runs ?? null, nowMs).catch((error: unknown) =>
      log('error', 'what an agent measures no more could not be noted', { agentId, error: messageOf(error) }),
    );
  };
  return {
    configFor(agentId, nowMs) {
      const { config, now } = tell(agentId, () => null);
      // It gives no word, and takes what it is told from then on: what it reports of before was made by what it was told before.
      works(agentId, now, nowMs);
      return config;
    },
    signedFor(agentId, nowMs) {
      const { version } = versions.current();
      const { config, groups, serial } = tell(agentId, (digest) => serialFor(agentId, digest, nowMs));
      const text = configText(agentId, { version, serial, groups: [...groups], config });
      standings.told(agentId, version, serial, nowMs);
      return { text, signature: Buffer.from(serverKey.sign(configInput(text))).toString('base64url') };
    },
    connected: (agentId, capabilities) =>
      standings.connected(agentId, {
        able: capabilities.includes('signed-config'),
        checks: capabilities.includes('checks')
          ? 'runs'
          : capabilities.includes('checks-forbidden')
            ? 'forbidden'
            : 'unable',
      }),
    arrived(agentId, ciId, scope) {
      const machine = ciId === null ? undefined : directory.get(ciId);
      if (machine) {
        machines.set(agentId, { ciId: machine.id, class: machine.class });
        if (machine.agentId !== agentId)
          beside.set(machine.id, (beside.get(machine.id) ?? new Set()).add(agentId));
      } else if (!machines.has(agentId)) newcomers.set(agentId, scope);
    },
    configured(agentId, word, nowMs) {
      const last = told.get(agentId);
      if (word.refused === null && word.version === last?.version) works(agentId, last, nowMs);
      standings.configured(agentId, word, nowMs);
    },
    leftOutOf: (agentId) => inForce.get(agentId) ?? null,
    intervalMsOf(ciId) {
      const known = intervals.get(ciId);
      if (known !== undefined) return known;
      const intervalMs = effectiveOf(ciId).intervalMs?.value ?? defaults.intervalMs;
      intervals.set(ciId, intervalMs);
      return intervalMs;
    },
    isOff(ciId, metric) {
      const collector = collectorOf(metric);
      return collector !== null && effectiveOf(ciId).collectors.get(collector)?.value === false;
    },
    isLabelled(ciId, label) {
      const machine = directory.get(ciId);
      return machine !== undefined && isLabelled(machine, versions.current().content, label);
    },
    effectiveOf: (ciId) => effectiveOf(ciId),
    oversized(content) {
      const before = versions.current().content;
      const seen = new Set<string>();
      let found: (Oversized & { readonly bytes: number }) | null = null;
      for (const machine of [...directory.all(), ...imagined(content)]) {
        if (machine.agentId === null) continue;
        const key = [machine.class, ...memberships(content, machine)].join('\n');
        if (seen.has(key)) continue;
        seen.add(key);
        // What an agent may hold is not what people say here, and gives way to it.
        const of = (groups: ConfigGroups) => built(effectiveConfig(machine, groups), machine.class, null);
        const told = of(content);
        const bytes = toldBytes(told);
        if (bytes <= Math.max(TOLD_BYTES_MAX, found?.bytes ?? 0, toldBytes(of(before)))) continue;
        found = { machine: machine.name, content: told, bytes };
      }
      return found === null ? null : oversizedWords(found);
    },
    holdMsOf: (agentId) => told.get(agentId)?.holdMs ?? 0,
    longestHoldMsOf: (agentId) => told.get(agentId)?.longestHoldMs ?? 0,
    rulesChanged: reviewAll,
    tick() {
      let left = REVIEWED_PER_TICK_MAX;
      for (const agentId of review) {
        if (left-- === 0) return;
        review.delete(agentId);
        if (told.get(agentId)?.digest !== digestOf(contentOf(agentId).content)) reconfigure(agentId);
      }
    },
  };
}

/** Whoever could be told something: nobody's machine yet, and one of each group. */
function imagined({ groups }: ConfigGroups): (Member & { readonly name: null; readonly agentId: '' })[] {
  const nobody = { name: null, agentId: '', class: 'Server', tags: [], site: null } as const;
  return [
    nobody,
    ...groups.map(({ of }) => ({
      ...nobody,
      class: of.classes[0] ?? nobody.class,
      tags: of.tags.slice(0, 1),
      site: of.sites[0] ?? null,
    })),
  ];
}

function memberships({ groups }: ConfigGroups, machine: Member): string[] {
  return groups.filter((group) => isMember(group, machine)).map(({ name }) => name);
}
