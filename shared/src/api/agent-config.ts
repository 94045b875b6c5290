/** Configuration of agents by groups, in versions; what each agent works by; and what is collected at all. */
import { z } from 'zod';
import { Checks, NamedCheck } from '../checks/check.ts';
import { MACHINE_CLASSES } from '../cmdb/classes.ts';
import { endpoint, IsoTime, listOf, Page } from './endpoint.ts';

export const CONFIG_GROUPS_MAX = 64;
/** Tags, classes or sites that one group names. */
export const GROUP_MEMBERS_MAX = 64;
export const LABELS_MAX = 32;
export const SWITCHES_MAX = 512;
/** Versions that are looked at for the intervals of a machine. */
export const CONFIG_INTERVAL_VERSIONS_MAX = 50;
/** Agents that are listed because they do not work by the present version. */
export const CONFIG_STANDINGS_MAX = 200;
/** A rate of one reading in 5 min still tells an outage from a long pause within a quarter of an hour. */
export const CONFIG_INTERVAL_MS_MIN = 1_000;
export const CONFIG_INTERVAL_MS_MAX = 300_000;
export const CONFIG_INVENTORY_INTERVAL_MS_MIN = 600_000;
export const CONFIG_INVENTORY_INTERVAL_MS_MAX = 7 * 86_400_000;

/** By name; one that is not named is as the group before says. */
const Switches = z
  .record(z.string().min(1).max(128), z.boolean())
  .refine((all) => Object.keys(all).length <= SWITCHES_MAX, `at most ${SWITCHES_MAX}`);

const Labels = z
  .record(z.string().regex(/^[a-z][a-z0-9_.-]{0,62}$/), z.string().trim().min(1).max(128))
  .refine((all) => Object.keys(all).length <= LABELS_MAX, `at most ${LABELS_MAX}`);

/** What is absent is as the group before says. Strict: there is no word for anything that could be run. */
export const ConfigSettings = z.strictObject({
  intervalMs: z.int().min(CONFIG_INTERVAL_MS_MIN).max(CONFIG_INTERVAL_MS_MAX).optional(),
  inventoryIntervalMs: z
    .int()
    .min(CONFIG_INVENTORY_INTERVAL_MS_MIN)
    .max(CONFIG_INVENTORY_INTERVAL_MS_MAX)
    .optional(),
  /** true: on. */
  collectors: Switches.optional(),
  sections: Switches.optional(),
  /** By path, as in 'users.lastUser'; 'processes' is the list of the busiest processes. */
  fields: Switches.optional(),
  /** Shown with the machine; not sent to it. */
  labels: Labels.optional(),
  checks: Checks.optional(),
});
export type ConfigSettings = z.infer<typeof ConfigSettings>;

const Names = z.array(z.string().trim().min(1).max(64)).max(GROUP_MEMBERS_MAX);

export const ConfigGroup = z.strictObject({
  name: z.string().trim().min(1).max(64),
  /** One of each list that is not empty. */
  of: z.strictObject({ tags: Names, classes: z.array(z.enum(MACHINE_CLASSES)).max(3), sites: Names }),
  settings: ConfigSettings,
});
export type ConfigGroup = z.infer<typeof ConfigGroup>;

/** Later groups win. */
export const ConfigGroups = z.strictObject({
  everybody: ConfigSettings,
  groups: z.array(ConfigGroup).max(CONFIG_GROUPS_MAX),
});
export type ConfigGroups = z.infer<typeof ConfigGroups>;

const VersionHead = z.object({
  version: z.number(),
  /** null: before anybody has changed anything. */
  at: IsoTime.nullable(),
  /** As in the audit log. */
  by: z.string().nullable(),
  /** It has the contents of that version. */
  restoredFrom: z.number().nullable(),
});
const Version = VersionHead.extend({ content: ConfigGroups });
export type ConfigVersion = z.infer<typeof Version>;

/** Groups that an entry of the audit log names. */
export const CHANGED_GROUPS_MAX = 20;

/** Whom a version changed, as against the one before. */
const ChangedGroups = z.object({
  everybody: z.boolean(),
  order: z.boolean(),
  /** By name, also those that came or went; cut at CHANGED_GROUPS_MAX. */
  groups: z.array(z.string()),
  moreGroups: z.number(),
});
export type ChangedGroups = z.infer<typeof ChangedGroups>;

/** What an entry of the audit log keeps of a version that was saved or restored. */
export const ConfigMade = z.object({ made: z.number(), changed: ChangedGroups });
export type ConfigMade = z.infer<typeof ConfigMade>;

const Origin = z.discriminatedUnion('type', [
  z.object({ type: z.literal('default') }),
  z.object({ type: z.literal('everybody') }),
  z.object({ type: z.literal('group'), name: z.string() }),
]);

export const CHECK_STANDINGS = ['runs', 'forbidden', 'unable'] as const;
export type CheckStanding = (typeof CHECK_STANDINGS)[number];

/** What one agent works by. */
const ConfigStanding = z.object({
  agentId: z.string(),
  ciId: z.string().nullable(),
  name: z.string(),
  connected: z.boolean(),
  /** By its own word; null: it gave none, or works by none that was signed. */
  runs: z.number().nullable(),
  runsSince: IsoTime.nullable(),
  told: z.number().nullable(),
  toldAt: IsoTime.nullable(),
  /** Why it does not take what it was told last. */
  refused: z.string().nullable(),
  /** It can be told signed configurations; null: it was not heard since the server knows of them. */
  able: z.boolean().nullable(),
  /** null: as for `able`. unable: its version has none; forbidden: whoever owns the machine does not allow any. */
  checks: z.enum(CHECK_STANDINGS).nullable(),
});
export type ConfigStanding = z.infer<typeof ConfigStanding>;

/** Machines with an agent, of all and of each group; and those that are told something else than now. */
export const ConfigReach = z.object({
  machines: z.number(),
  groups: z.array(z.object({ name: z.string(), machines: z.number() })),
  changed: z.number(),
});
export type ConfigReach = z.infer<typeof ConfigReach>;

const WordsOf = z.object({ en: z.string(), zh: z.string() });
const VersionParams = z.object({ version: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER) });

export const agentConfigEndpoints = {
  getAgentConfig: endpoint({
    id: 'getAgentConfig',
    method: 'GET',
    path: '/settings/agent-config',
    right: 'read',
    tag: 'agents',
    summary: 'The present version of the configuration of agents: groups in order, later ones win',
    response: Version,
  }),
  setAgentConfig: endpoint({
    id: 'setAgentConfig',
    method: 'PUT',
    path: '/settings/agent-config',
    right: 'config.write',
    tag: 'agents',
    summary: 'Makes a new version; connected agents are told, signed, some with each second',
    body: z.strictObject({
      /** The version that was changed: a newer one in between is a conflict. */
      basedOn: z.number(),
      content: ConfigGroups,
    }),
    response: Version,
  }),
  previewAgentConfig: endpoint({
    id: 'previewAgentConfig',
    method: 'POST',
    path: '/settings/agent-config/preview',
    right: 'config.write',
    tag: 'agents',
    summary: 'How many machines a configuration that is not saved would reach, and change',
    body: z.strictObject({ content: ConfigGroups }),
    response: ConfigReach,
    audited: false,
  }),
  listAgentConfigVersions: endpoint({
    id: 'listAgentConfigVersions',
    method: 'GET',
    path: '/settings/agent-config/versions',
    right: 'read',
    tag: 'agents',
    summary: 'Earlier versions, the newest first',
    query: Page,
    response: listOf(VersionHead),
  }),
  getAgentConfigVersion: endpoint({
    id: 'getAgentConfigVersion',
    method: 'GET',
    path: '/settings/agent-config/versions/:version',
    right: 'read',
    tag: 'agents',
    summary: 'One version with its groups',
    params: VersionParams,
    response: Version,
  }),
  restoreAgentConfig: endpoint({
    id: 'restoreAgentConfig',
    method: 'POST',
    path: '/settings/agent-config/versions/:version/restore',
    right: 'config.write',
    tag: 'agents',
    summary: 'Makes a new version with the contents of an earlier one',
    params: VersionParams,
    response: Version,
  }),
  listAgentConfigStandings: endpoint({
    id: 'listAgentConfigStandings',
    method: 'GET',
    path: '/settings/agent-config/agents',
    right: 'read',
    tag: 'agents',
    summary: 'How many agents work by which version, and those that do not work by the present one',
    response: z.object({
      version: z.number(),
      agents: z.number(),
      /** Of those that told one; the highest first. */
      byVersion: z.array(z.object({ version: z.number(), agents: z.number() })),
      /** Cannot be told signed configurations: sections and fields that are switched off still come from them. */
      unable: z.number(),
      refusing: z.number(),
      /** Of machines that have checks, without those that run them. */
      checkless: z.object({ forbidden: z.number(), unable: z.number() }),
      /** Not on the present version: refusing ones first, then connected ones; cut at CONFIG_STANDINGS_MAX. */
      behind: z.array(ConfigStanding),
    }),
  }),
  getAgentConfigOf: endpoint({
    id: 'getAgentConfigOf',
    method: 'GET',
    path: '/settings/agent-config/machines/:id',
    right: 'read',
    tag: 'agents',
    summary: 'What the agent of a machine is told, and which group each value is of',
    params: z.object({ id: z.string().min(1).max(64) }),
    response: z.object({
      name: z.string(),
      version: z.number(),
      /** Groups that the machine is of, in order. */
      groups: z.array(z.string()),
      values: z.array(
        z.object({
          /** 'intervalMs', 'sections.users', 'labels.env', 'checks.intranet' (in one line; false: not here) … */
          setting: z.string(),
          value: z.union([z.number(), z.boolean(), z.string()]),
          from: Origin,
        }),
      ),
      /** What the agent is told to probe, of its groups' checks the first CHECKS_MAX. */
      checks: z.array(NamedCheck),
      /** Longest time for which the agent may hold readings back, economy included; 0: it sends each at once. */
      holdMs: z.number(),
      /** null: no agent reports of it. */
      standing: ConfigStanding.nullable(),
    }),
  }),
  listAgentConfigIntervals: endpoint({
    id: 'listAgentConfigIntervals',
    method: 'GET',
    path: '/settings/agent-config/machines/:id/intervals',
    right: 'read',
    tag: 'agents',
    summary:
      'How often the agent of a machine was told to read samples, by the groups that the machine is of now',
    params: z.object({ id: z.string().min(1).max(64) }),
    response: z.object({
      /** The earliest first, each until the next. */
      items: z.array(
        z.object({
          /** null: from the beginning. */
          since: IsoTime.nullable(),
          intervalMs: z.number(),
        }),
      ),
    }),
  }),
  getCollected: endpoint({
    id: 'getCollected',
    method: 'GET',
    path: '/settings/collected',
    right: 'read',
    tag: 'agents',
    summary: 'Everything that agents may collect, read off the schemas, with what can be switched off',
    response: z.object({
      kinds: z.array(
        z.object({
          name: z.string(),
          title: WordsOf,
          why: WordsOf,
          switchable: z.boolean(),
          fields: z.array(
            z.object({
              path: z.string(),
              kind: z.enum(['text', 'number', 'yes-no', 'choice', 'list', 'other']),
              title: WordsOf,
              switchable: z.boolean(),
              /** Why it says something of a person; null: it does not. */
              personal: WordsOf.nullable(),
            }),
          ),
        }),
      ),
      collectors: z.array(
        z.object({
          name: z.string(),
          title: WordsOf,
          metrics: z.array(z.object({ name: z.string(), title: WordsOf })),
        }),
      ),
    }),
  }),
};
export type Collected = z.infer<typeof agentConfigEndpoints.getCollected.response>;
