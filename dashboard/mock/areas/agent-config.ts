/** The configuration of the agents of the invented house. */
import { isMember } from '@muster/shared/agent-config/membership.ts';
import type { ConfigGroups, ConfigStanding, ConfigVersion } from '@muster/shared/api/agent-config.ts';
import { type Check, checkLine } from '@muster/shared/checks/check.ts';
import { describeCollected } from '@muster/shared/privacy/describe.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, toIso } from '@muster/shared/time.ts';
import type { Handlers } from '../handlers.ts';
import { Refusal } from '../refusal.ts';
import type { World } from '../world.ts';

const NONE = { tags: [], classes: [], sites: [] };

const RHYTHM = { intervalMs: MINUTE_MS, timeoutMs: 5_000 };
const INTRANET: Check = {
  kind: 'http',
  url: 'https://intranet.example/start',
  statusMin: 200,
  statusMax: 399,
  contains: 'Welcome',
  followRedirects: false,
  verify: true,
  ...RHYTHM,
};
const MAIL: Check = {
  kind: 'tls',
  host: 'mail.example',
  port: 993,
  verify: true,
  ...RHYTHM,
  intervalMs: HOUR_MS,
};
const ORDERS: Check = { kind: 'tcp', host: 'orders.example', port: 5_432, ...RHYTHM };
const NAME: Check = { kind: 'dns', name: 'example.org', type: 'A', expected: '192.0.2.7', ...RHYTHM };

const FIRST: ConfigGroups = {
  everybody: {
    inventoryIntervalMs: 4 * HOUR_MS,
    labels: { company: 'example' },
    checks: { intranet: INTRANET, mail: MAIL },
  },
  groups: [
    {
      name: 'Workstations',
      of: { ...NONE, classes: ['Workstation'] },
      settings: {
        intervalMs: 30_000,
        sections: { sockets: false },
        fields: { 'users.lastUser': false, 'users.lastUserAtMs': false, 'processes.user': false },
      },
    },
    {
      name: 'Databases',
      of: { ...NONE, tags: ['database'] },
      settings: { intervalMs: 5_000, checks: { 'order database': ORDERS, name: NAME } },
    },
  ],
};
const SECOND: ConfigGroups = {
  ...FIRST,
  groups: [
    ...FIRST.groups,
    {
      name: 'Suzhou works council',
      of: { ...NONE, sites: ['Suzhou'] },
      settings: {
        sections: { users: false },
        collectors: { temperature: false },
        labels: { agreement: '2026-07' },
      },
    },
  ],
};

export function agentConfigHandlers(world: World): Handlers {
  const small = world.machines.length < 3;
  const at = (agoMs: number) => toIso(world.startMs - agoMs);
  const made = (version: number, agoMs: number, content: ConfigGroups): ConfigVersion => ({
    version,
    at: at(agoMs),
    by: 'user:admin',
    restoredFrom: null,
    content,
  });
  const nothing: ConfigVersion = {
    version: 0,
    at: null,
    by: null,
    restoredFrom: null,
    content: { everybody: {}, groups: [] },
  };
  const versions = small
    ? []
    : [
        made(13, 4 * MINUTE_MS, SECOND),
        { ...made(12, 3 * HOUR_MS, FIRST), restoredFrom: 10 },
        made(11, 20 * HOUR_MS, { ...FIRST, everybody: {} }),
        made(10, 6 * DAY_MS, FIRST),
      ];
  const current = () => versions[0] ?? nothing;
  world.agentConfig = current().content;
  const find = (version: number): ConfigVersion => {
    const found = version === 0 ? nothing : versions.find((one) => one.version === version);
    if (!found) throw new Refusal(404, 'not-found', `There is no version ${version}.`);
    return found;
  };
  const add = (content: ConfigGroups, restoredFrom: number | null): ConfigVersion => {
    const next = { ...made(current().version + 1, 0, content), at: toIso(Date.now()), restoredFrom };
    versions.unshift(next);
    world.agentConfig = content;
    return next;
  };
  const standing = (index: number, more: Partial<ConfigStanding>): ConfigStanding[] => {
    const machine = world.machines[index];
    if (!machine) return [];
    return [
      {
        agentId: `agent-${index}`,
        ciId: machine.detail.id,
        name: machine.detail.name,
        connected: true,
        runs: 12,
        runsSince: at(3 * HOUR_MS),
        told: 13,
        toldAt: at(4 * MINUTE_MS),
        refused: null,
        able: true,
        checks: 'runs',
        ...more,
      },
    ];
  };
  return {
    getAgentConfig: current,
    setAgentConfig: ({ body }) => {
      if (body.basedOn !== current().version)
        throw new Refusal(409, 'conflict', 'Somebody else has made a version meanwhile.');
      return add(body.content, null);
    },
    previewAgentConfig: ({ body }) => {
      const members = world.machines.map(({ detail }) => ({
        class: detail.class,
        tags: detail.tags,
        site: detail.site,
      }));
      return {
        machines: members.length,
        groups: body.content.groups.map((group) => ({
          name: group.name,
          machines: members.filter((machine) => isMember(group, machine)).length,
        })),
        changed: members.length,
      };
    },
    listAgentConfigVersions: () => ({ items: versions, nextCursor: null }),
    getAgentConfigVersion: ({ params }) => find(params.version),
    restoreAgentConfig: ({ params }) => add(find(params.version).content, params.version),
    listAgentConfigStandings: () => {
      const { version } = current();
      if (small)
        return {
          version,
          agents: world.machines.length,
          byVersion: [{ version, agents: world.machines.length }],
          unable: 0,
          refusing: 0,
          checkless: { unable: 0, forbidden: 0 },
          behind: [],
        };
      return {
        version,
        agents: world.machines.length,
        byVersion: [
          { version, agents: Math.max(0, world.machines.length - 4) },
          { version: 12, agents: 3 },
        ],
        unable: 1,
        refusing: 1,
        checkless: { unable: 1, forbidden: 2 },
        behind: [
          ...standing(7, {
            refused:
              'serial 1795381000000 of version 13 is older than 1795382460000, which this agent has taken',
            runs: 13,
          }),
          ...standing(3, {}),
          ...standing(11, { connected: false, told: 12, toldAt: at(3 * HOUR_MS) }),
          ...standing(14, {
            runs: null,
            runsSince: null,
            told: null,
            toldAt: null,
            able: false,
            checks: 'unable',
          }),
        ],
      };
    },
    listAgentConfigIntervals: () => ({ items: [{ since: null, intervalMs: 10_000 }] }),
    getAgentConfigOf: ({ params }) => {
      const machine = world.machines.find(({ detail }) => detail.id === params.id);
      if (!machine) throw new Refusal(404, 'not-found', `There is no machine ${params.id}.`);
      const everybody = { type: 'everybody' } as const;
      const group = { type: 'group', name: 'Workstations' } as const;
      return {
        name: machine.detail.name,
        version: current().version,
        groups: ['Workstations'],
        values: [
          { setting: 'intervalMs', value: 30_000, from: group },
          { setting: 'inventoryIntervalMs', value: 4 * HOUR_MS, from: everybody },
          { setting: 'sections.sockets', value: false, from: group },
          { setting: 'fields.users.lastUser', value: false, from: group },
          { setting: 'fields.users.lastUserAtMs', value: false, from: group },
          { setting: 'fields.processes.user', value: false, from: group },
          { setting: 'labels.company', value: 'example', from: everybody },
          { setting: 'labels.agreement', value: '2026-07', from: group },
          { setting: 'checks.intranet', value: checkLine(INTRANET), from: everybody },
          { setting: 'checks.mail', value: checkLine(MAIL), from: everybody },
          { setting: 'checks.order database', value: checkLine(ORDERS), from: group },
        ],
        checks: [
          { name: 'intranet', check: INTRANET },
          { name: 'mail', check: MAIL },
          { name: 'order database', check: ORDERS },
          { name: 'name', check: NAME },
        ],
        holdMs: 0,
        standing: standing(world.machines.indexOf(machine), {})[0] ?? null,
      };
    },
    getCollected: describeCollected,
  };
}
