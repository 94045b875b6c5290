/** HTTP operations of the configuration of agents, and of what is collected at all. */
import { changedGroups } from '@muster/shared/agent-config/changes.ts';
import {
  CONFIG_INTERVAL_VERSIONS_MAX,
  type ConfigMade,
  type ConfigStanding,
  CONFIG_STANDINGS_MAX,
} from '@muster/shared/api/agent-config.ts';
import { checkLine } from '@muster/shared/checks/check.ts';
import { ENDPOINTS } from '@muster/shared/api/endpoints.ts';
import { describeCollected } from '@muster/shared/privacy/describe.ts';
import { isGone } from '@muster/shared/presence/state.ts';
import { toIso } from '@muster/shared/time.ts';
import type { AgentConfig } from '@muster/shared/wire/server-messages.ts';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { AppError } from '../errors.ts';
import type { Routes } from '../http/routes.ts';
import type { AgentConfigs } from './agent-config.ts';
import { checksOf, type EffectiveConfig, type EffectiveValue } from './effective.ts';
import { reachOf } from './reach.ts';
import { toldIntervals } from './intervals.ts';
import type { ConfigStandings } from './standings.ts';
import type { VersionHead } from './store.ts';
import type { ConfigVersions, MadeVersion, PresentVersion } from './versions.ts';

export interface AgentConfigRoutesDeps {
  readonly versions: ConfigVersions;
  readonly standings: Pick<ConfigStandings, 'get'>;
  readonly configs: Pick<AgentConfigs, 'effectiveOf' | 'longestHoldMsOf'>;
  readonly defaults: AgentConfig;
  readonly directory: Pick<CiDirectory, 'get' | 'all'>;
  readonly isConnected: (agentId: string) => boolean;
  /** Its agent was taken off the machine, and works by nothing any more. */
  readonly isUninstalled: (ciId: string) => boolean;
}

export function addAgentConfigRoutes(routes: Routes, deps: AgentConfigRoutesDeps): void {
  const { versions, standings, configs, defaults, directory, isConnected, isUninstalled } = deps;
  const standingOf = (entry: CiEntry, agentId: string): ConfigStanding => {
    const standing = standings.get(agentId);
    return {
      agentId,
      ciId: entry.id,
      name: entry.name,
      connected: isConnected(agentId),
      runs: standing?.runs ?? null,
      runsSince: isoOf(standing?.runsSinceMs),
      told: standing?.told ?? null,
      toldAt: isoOf(standing?.toldAtMs),
      refused: standing?.refused ?? null,
      able: standing?.able ?? null,
      checks: standing?.checks ?? null,
    };
  };

  routes.add(ENDPOINTS.getAgentConfig, async () => versionView(versions.current()));
  routes.add(ENDPOINTS.setAgentConfig, async ({ body }, { actor, nowMs, keep }) => {
    const made = await versions.save(body.content, body.basedOn, actor.name, nowMs);
    keep(keptOf(made));
    return versionView(made);
  });
  routes.add(ENDPOINTS.listAgentConfigVersions, async ({ query }) => {
    const below = query.cursor === undefined ? null : numberOf(query.cursor);
    const items = await versions.versions({ limit: query.limit + 1, below });
    const page = items.slice(0, query.limit);
    const last = page.at(-1);
    return {
      items: page.map(headView),
      nextCursor: items.length > query.limit && last ? encodeCursor([String(last.version)]) : null,
    };
  });
  routes.add(ENDPOINTS.getAgentConfigVersion, async ({ params }) =>
    versionView(await versions.version(params.version)),
  );
  routes.add(ENDPOINTS.restoreAgentConfig, async ({ params }, { actor, nowMs, keep }) => {
    const made = await versions.restore(params.version, actor.name, nowMs);
    keep(keptOf(made));
    return versionView(made);
  });
  /** Machines with an agent that is not known to be gone. */
  const watched = () =>
    [...directory.all()].flatMap((entry) =>
      entry.agentId === null || isUninstalled(entry.id) || isGone(entry.lifecycle)
        ? []
        : [{ entry, agentId: entry.agentId }],
    );
  routes.add(ENDPOINTS.previewAgentConfig, async ({ body }) =>
    reachOf(
      watched().map(({ entry }) => entry),
      versions.current().content,
      body.content,
      defaults,
    ),
  );
  routes.add(ENDPOINTS.listAgentConfigStandings, async () => {
    const { version } = versions.current();
    const all = watched().map(({ entry, agentId }) => standingOf(entry, agentId));
    const withChecks = all.filter(
      ({ ciId, checks }) => checks !== 'runs' && checksOf(configs.effectiveOf(ciId)).length > 0,
    );
    const byVersion = new Map<number, number>();
    for (const { runs } of all) if (runs !== null) byVersion.set(runs, (byVersion.get(runs) ?? 0) + 1);
    return {
      version,
      agents: all.length,
      byVersion: [...byVersion]
        .map(([number, agents]) => ({ version: number, agents }))
        .sort((a, b) => b.version - a.version),
      unable: all.filter(({ able }) => able === false).length,
      checkless: {
        forbidden: withChecks.filter(({ checks }) => checks === 'forbidden').length,
        unable: withChecks.filter(({ checks }) => checks === 'unable').length,
      },
      refusing: all.filter(({ refused }) => refused !== null).length,
      behind: all
        .filter(({ runs, refused }) => runs !== version || refused !== null)
        .sort((a, b) => urgency(b) - urgency(a) || a.name.localeCompare(b.name))
        .slice(0, CONFIG_STANDINGS_MAX),
    };
  });
  routes.add(ENDPOINTS.getAgentConfigOf, async ({ params }) => {
    const entry = directory.get(params.id);
    if (!entry) throw new AppError('not-found', `There is no machine ${params.id}.`);
    const effective = configs.effectiveOf(entry.id);
    return {
      name: entry.name,
      version: versions.current().version,
      groups: [...effective.groups],
      values: valuesOf(effective, defaults),
      checks: checksOf(effective),
      holdMs: entry.agentId === null ? 0 : configs.longestHoldMsOf(entry.agentId),
      standing: entry.agentId === null ? null : standingOf(entry, entry.agentId),
    };
  });
  routes.add(ENDPOINTS.listAgentConfigIntervals, async ({ params }) => {
    const entry = directory.get(params.id);
    if (!entry) throw new AppError('not-found', `There is no machine ${params.id}.`);
    const heads = await versions.versions({ limit: CONFIG_INTERVAL_VERSIONS_MAX, below: null });
    const numbers = heads.map(({ version }) => version).reverse();
    const all = heads.length < CONFIG_INTERVAL_VERSIONS_MAX ? [0, ...numbers] : numbers;
    const contents = await Promise.all(all.map((number) => versions.version(number)));
    return {
      items: toldIntervals(contents, entry, defaults.intervalMs).map(({ sinceMs, intervalMs }) => ({
        since: isoOf(sinceMs),
        intervalMs,
      })),
    };
  });
  routes.add(ENDPOINTS.getCollected, async () => describeCollected());
}

function numberOf(cursor: string): number {
  const number = Number(decodeCursor(cursor, 1)[0]);
  if (!Number.isSafeInteger(number))
    throw new AppError('input-invalid', 'The cursor is not one that this server gave out.');
  return number;
}

function urgency({ refused, connected }: ConfigStanding): number {
  return (refused === null ? 0 : 2) + (connected ? 1 : 0);
}

function valuesOf(effective: EffectiveConfig, defaults: AgentConfig) {
  const from = (group: string | null) =>
    group === null ? ({ type: 'everybody' } as const) : ({ type: 'group', name: group } as const);
  const one = (setting: 'intervalMs' | 'inventoryIntervalMs') => {
    const said = effective[setting];
    return said === null
      ? { setting, value: defaults[setting], from: { type: 'default' } as const }
      : { setting, value: said.value, from: from(said.group) };
  };
  const many = <T extends boolean | string>(of: string, values: ReadonlyMap<string, EffectiveValue<T>>) =>
    [...values].map(([name, { value, group }]) => ({ setting: `${of}.${name}`, value, from: from(group) }));
  return [
    one('intervalMs'),
    one('inventoryIntervalMs'),
    ...many('collectors', effective.collectors),
    ...many('sections', effective.sections),
    ...many('fields', effective.fields),
    ...many('labels', effective.labels),
    ...[...effective.checks].map(([name, { value, group }]) => ({
      setting: `checks.${name}`,
      value: value === null ? false : checkLine(value),
      from: from(group),
    })),
  ];
}

function keptOf({ version, before, content }: MadeVersion): ConfigMade {
  return { made: version, changed: changedGroups(before, content) };
}

function headView({ version, atMs, by, restoredFrom }: VersionHead | PresentVersion) {
  return { version, at: isoOf(atMs), by, restoredFrom };
}

function versionView(version: PresentVersion) {
  return { ...headView(version), content: version.content };
}

function isoOf(ms: number | null | undefined): string | null {
  return ms == null ? null : toIso(ms);
}
