/** The invented fleet of the mock server: machines, incidents, rules, agents. All names and figures are made up. */
import { isLabelled } from '@muster/shared/agent-config/membership.ts';
import type { ConfigGroups } from '@muster/shared/api/agent-config.ts';
import type { CiDetail, CiSummary, HistoryEntry } from '@muster/shared/api/cmdb.ts';
import type { Agent, EnrolmentToken } from '@muster/shared/api/fleet.ts';
import type { Scene, IncidentDetail, Words } from '@muster/shared/api/incidents.ts';
import type { Alert, Rule } from '@muster/shared/api/rules.ts';
import { PRIORITY_MATRIX } from '@muster/shared/api/incidents.ts';
import type { MetricName } from '@muster/shared/metrics/catalogue.ts';
import { presenceState } from '@muster/shared/presence/state.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, toIso, type Millis } from '@muster/shared/time.ts';
import type { z } from 'zod';
import type { InstalledSoftware } from '@muster/shared/api/cmdb.ts';
import { crowdOfIncidents } from './areas/incidents.ts';
import { hash, type Load, valueAt } from './signal.ts';
import { UNTOUCHED_INCIDENT } from './untouched-incident.ts';

export interface Machine {
  readonly detail: CiDetail;
  readonly load: Load;
  readonly history: HistoryEntry[];
  readonly software: z.infer<typeof InstalledSoftware>[];
  /** Hours of a working day in which a workstation is on; null for machines that always are. */
  readonly hours: readonly [number, number] | null;
}

export interface World {
  readonly size: WorldSize;
  readonly startMs: Millis;
  readonly machines: Machine[];
  readonly incidents: IncidentDetail[];
  readonly rules: Rule[];
  readonly agents: Agent[];
  readonly tokens: EnrolmentToken[];
  /** The version in force, by which machines are labelled. */
  agentConfig: ConfigGroups;
}

export function isLabelledIn({ machines, agentConfig }: World, ciId: string, label: string): boolean {
  const machine = machines.find(({ detail }) => detail.id === ciId);
  return machine !== undefined && isLabelled(machine.detail, agentConfig, label);
}

const GIB = 2 ** 30;
const SITES = ['Hangzhou', 'Suzhou', 'Shenzhen'] as const;
const USERS = [
  'wang.jing',
  'xu.lei',
  'gao.yang',
  'sun.qian',
  'he.rui',
  'tang.bo',
  'luo.min',
  'feng.yue',
  'ma.chao',
  'lin.wei',
] as const;

interface Plan {
  readonly name: string;
  readonly class: CiSummary['class'];
  readonly site: string | null;
  readonly presence: CiSummary['presence'];
  readonly cause?: CiSummary['cause'];
  readonly expected?: boolean;
  /** How long ago the present state began. */
  readonly sinceMs: number;
  readonly criticality?: number;
  readonly tags?: readonly string[];
  readonly user?: string;
  readonly model?: readonly [string, string];
  readonly cpu?: number;
  readonly memory?: number;
  readonly disks?: Load['fileSystems'];
  readonly trouble?: Load['trouble'];
}

function plans(nowMs: Millis, others: number): Plan[] {
  const named: Plan[] = [
    {
      name: 'SRV-ERP01',
      class: 'Server',
      site: 'Hangzhou',
      presence: 'up',
      sinceMs: 19 * DAY_MS + 4 * HOUR_MS,
      criticality: 1,
      tags: ['erp', 'database'],
      user: 'mysql',
      model: ['Dell', 'PowerEdge R650'],
      cpu: 36,
      memory: 71,
      disks: {
        '/var/lib/mysql': [78, 480 * GIB],
        '/': [52, 60 * GIB],
        '/var/log': [29.5, 40 * GIB],
        '/boot': [38, GIB],
      },
      trouble: { kind: 'disk', sinceMs: nowMs - 41 * MINUTE_MS, mount: '/var/lib/mysql' },
    },
    {
      name: 'SZ-FS01',
      class: 'Server',
      site: 'Suzhou',
      presence: 'up',
      sinceMs: 61 * DAY_MS,
      criticality: 2,
      tags: ['files'],
      model: ['HPE', 'ProLiant DL380 Gen10'],
      cpu: 12,
      memory: 48,
      disks: { '/data': [87, 8_000 * GIB], '/': [41, 80 * GIB] },
    },
    {
      name: 'HZ-VM-HOST02',
      class: 'Server',
      site: 'Hangzhou',
      presence: 'up',
      sinceMs: 112 * DAY_MS,
      criticality: 2,
      tags: ['hypervisor'],
      model: ['Dell', 'PowerEdge R750'],
      cpu: 60,
      memory: 82,
      disks: { '/data': [61.5, 4_000 * GIB], '/': [22, 100 * GIB] },
      trouble: { kind: 'cpu', sinceMs: nowMs - 9 * MINUTE_MS },
    },
    {
      name: 'hz-nas-02',
      class: 'Server',
      site: 'Hangzhou',
      presence: 'up',
      sinceMs: 300 * DAY_MS,
      criticality: 2,
      tags: ['files'],
      model: ['Synology', 'RS3621xs+'],
      cpu: 8,
      memory: 33,
      disks: { '/volume1': [79, 40_000 * GIB] },
    },
    {
      name: 'SZ-SRV-MES01',
      class: 'Server',
      site: 'Suzhou',
      presence: 'up',
      sinceMs: 44 * DAY_MS,
      criticality: 1,
      tags: ['mes'],
      cpu: 55,
      memory: 70,
      disks: { '/data': [71, 900 * GIB], '/': [33, 60 * GIB] },
    },
    {
      name: 'SZ-WEB03',
      class: 'VirtualMachine',
      site: 'Suzhou',
      presence: 'down',
      cause: 'host-down',
      expected: true,
      sinceMs: 22 * MINUTE_MS,
      criticality: 2,
      tags: ['web'],
      disks: { '/': [44, 80 * GIB] },
    },
    {
      name: 'HZ-DB-REP01',
      class: 'VirtualMachine',
      site: 'Hangzhou',
      presence: 'unknown',
      cause: 'agent-stopped',
      expected: true,
      sinceMs: 14 * MINUTE_MS,
      criticality: 2,
      tags: ['database'],
      disks: { '/pg': [64, 600 * GIB], '/': [28, 60 * GIB] },
    },
    {
      name: 'SH-LT-0019',
      class: 'Workstation',
      site: null,
      presence: 'unknown',
      cause: 'agent-uninstalled',
      expected: true,
      sinceMs: 3 * HOUR_MS + 10 * MINUTE_MS,
      user: 'gao.yang',
      disks: { '/': [62.2, 512 * GIB] },
    },
    {
      name: 'HZ-LT-0388',
      class: 'Workstation',
      site: 'Hangzhou',
      presence: 'asleep',
      cause: 'asleep',
      expected: true,
      sinceMs: 72 * MINUTE_MS,
      user: 'tang.bo',
      disks: { '/': [49.3, 512 * GIB] },
    },
    {
      name: 'SX-LT-0077',
      class: 'Workstation',
      site: 'Shenzhen',
      presence: 'asleep',
      cause: 'asleep',
      expected: true,
      sinceMs: 48 * MINUTE_MS,
      user: 'luo.min',
      disks: { '/': [38.8, 512 * GIB] },
    },
    {
      name: 'SZ-DT-0210',
      class: 'Workstation',
      site: 'Suzhou',
      presence: 'off',
      cause: 'shut-down',
      expected: true,
      sinceMs: 302 * MINUTE_MS,
      disks: { '/': [52.7, 256 * GIB] },
    },
    {
      name: 'SZ-DT-0211',
      class: 'Workstation',
      site: 'Suzhou',
      presence: 'off',
      cause: 'shut-down',
      expected: true,
      sinceMs: 298 * MINUTE_MS,
      disks: { '/': [31, 256 * GIB] },
    },
    {
      name: 'HZ-VM-0034',
      class: 'VirtualMachine',
      site: 'Hangzhou',
      presence: 'up',
      sinceMs: 88 * DAY_MS,
      tags: ['git'],
      cpu: 9,
      memory: 37,
      disks: { '/': [47.2, 200 * GIB], '/srv': [40, 500 * GIB] },
    },
  ];
  const plain = Array.from({ length: others }, (_, index): Plan => {
    const site = SITES[index % 3] ?? 'Hangzhou';
    const prefix = { Hangzhou: 'HZ', Suzhou: 'SZ', Shenzhen: 'SX' }[site];
    const server = index % 6 === 0;
    const seed = hash(`machine ${index}`);
    return {
      name: server
        ? `${prefix}-SRV-${String(index + 10).padStart(2, '0')}`
        : `${prefix}-${index % 2 ? 'LT' : 'DT'}-${String(400 + index * 7).padStart(4, '0')}`,
      class: server ? (index % 12 === 0 ? 'VirtualMachine' : 'Server') : 'Workstation',
      site,
      ...plainPresence(index),
      sinceMs: server ? (10 + seed * 90) * DAY_MS : (2 + seed * 3) * HOUR_MS,
      ...(server ? {} : { user: USERS[index % USERS.length] ?? 'lin.wei' }),
      cpu: 4 + seed * 34,
      memory: 30 + hash(`memory ${index}`) * 42,
      disks: { '/': [22 + hash(`disk ${index}`) * 50, (server ? 200 : 512) * GIB] },
    };
  });
  return [...named, ...plain];
}

/** A few are away where there are many. */
function plainPresence(index: number): Pick<Plan, 'presence' | 'cause' | 'expected'> {
  if (index < PLAIN_MACHINES) return { presence: 'up' };
  const chance = hash(`presence ${index}`);
  if (chance < 0.06) return { presence: 'asleep', cause: 'asleep' };
  if (chance < 0.11) return { presence: 'off', cause: 'shut-down' };
  if (chance < 0.12 || (index > 600 && index < 616))
    return { presence: 'down', cause: 'network', expected: false };
  if (chance < 0.125) return { presence: 'unknown' };
  return { presence: 'up' };
}

const PLAIN_MACHINES = 47;
/** `new`: only the server's own machine; `large`: as many as fill a wallboard; `crowd`: hundreds of incidents. */
export type WorldSize = 'new' | 'full' | 'large' | 'crowd';
const PLAINS = {
  new: 0,
  full: PLAIN_MACHINES,
  large: 1_240,
  crowd: PLAIN_MACHINES,
} as const satisfies Record<WorldSize, number>;

export function makeWorld(nowMs: Millis, size: WorldSize): World {
  const chosen = size === 'new' ? [ownMachine()] : plans(nowMs, PLAINS[size]);
  const machines = chosen.map((plan, index) => machineOf(plan, index, nowMs));
  const world: World = {
    size,
    startMs: nowMs,
    machines,
    incidents: [],
    rules: makeRules(nowMs),
    agents: machines.map((machine, index) => agentOf(machine, index, nowMs)),
    tokens: [],
    agentConfig: { everybody: {}, groups: [] },
  };
  if (size !== 'new') {
    world.incidents.push(...makeIncidents(world, nowMs));
    world.agents.push(waitingAgent(nowMs), ...goneAgents(world.agents, nowMs));
    world.tokens.push(...makeTokens(nowMs));
  }
  if (size === 'crowd') crowdOfIncidents(world);
  return world;
}

function ownMachine(): Plan {
  return {
    name: 'muster-01',
    class: 'VirtualMachine',
    site: null,
    presence: 'up',
    sinceMs: 4 * MINUTE_MS,
    cpu: 11,
    memory: 42,
    disks: { '/': [31, 80 * GIB] },
  };
}

function machineOf(plan: Plan, index: number, nowMs: Millis): Machine {
  const id = `ci_${String(index + 1).padStart(4, '0')}`;
  const server = plan.class !== 'Workstation';
  const [manufacturer, model] =
    plan.model ?? (server ? ['QEMU', 'Standard PC (Q35)'] : ['Lenovo', 'ThinkPad T14 Gen 4']);
  const memoryBytes = (server ? 32 : 16) * GIB;
  const address = `10.20.${1 + (index % 5)}.${10 + index}`;
  const mac = `3c:ec:ef:${[index, 77, 10 + (index % 90)].map((part) => part.toString(16).padStart(2, '0')).join(':')}`;
  const sinceMs = nowMs - plan.sinceMs;
  const load: Load = {
    cpu: plan.cpu ?? 10,
    memory: plan.memory ?? 45,
    memoryBytes,
    cores: server ? 16 : 8,
    fileSystems: plan.disks ?? { '/': [40, 100 * GIB] },
    disks: server && plan.name === 'SRV-ERP01' ? ['nvme0n1', 'sda'] : ['nvme0n1'],
    interfaces: server ? ['eno1', 'eno2'] : ['wlp2s0'],
    ...(plan.trouble ? { trouble: plan.trouble } : {}),
  };
  const attribute = (name: string, value: unknown) => ({
    name,
    value,
    source: 'agent' as const,
    observedAt: toIso(nowMs - 30 * DAY_MS),
    confirmedAt: toIso(nowMs - 20 * MINUTE_MS),
    lockedBy: null,
  });
  const attributes: Record<string, unknown> = {
    serial: `7X${Math.floor(hash(plan.name) * 1e6)
      .toString(36)
      .toUpperCase()}Q`,
    uuid: `4c4c4544-0058-4b10-8032-${String(index).padStart(12, 'b')}`,
    manufacturer,
    model,
    chassisType: server ? 'rack' : 'notebook',
    ...(plan.class === 'VirtualMachine' ? { virtualisation: 'kvm' } : {}),
    hostname: plan.name.toLowerCase(),
    domain: 'lanxi.example',
    cpuModel: server ? 'Intel Xeon Silver 4314 @ 2.40GHz' : 'AMD Ryzen 7 PRO 7840U',
    cpuCores: load.cores,
    memoryBytes,
    biosVendor: manufacturer,
    biosVersion: '1.12.1',
    biosDate: '2025-09-13',
    ipAddresses: [address],
    macAddresses: [mac],
    gateways: ['10.20.1.1'],
    dnsServers: ['10.20.1.2', '10.20.1.3'],
    osName: server ? 'Debian GNU/Linux' : 'Ubuntu',
    osVersion: server ? '12' : '24.04',
    kernel: server ? '6.1.0-26-amd64' : '6.8.0-48-generic',
    architecture: 'x86_64',
    timeZone: 'Asia/Shanghai',
    ...(plan.user ? { lastUser: plan.user } : {}),
    bootedAt: sinceMs,
  };
  const part = (partClass: string, name: string, details: Record<string, unknown>) => ({
    id: `${id}-${partClass}-${name}`,
    class: partClass,
    name,
    relation: 'composes',
    details: Object.entries(details).map(([key, value]) => attribute(key, value)),
  });
  const detail: CiDetail = {
    id,
    class: plan.class,
    subclass: null,
    name: plan.name,
    lifecycle: 'in_use',
    criticality: plan.criticality ?? 3,
    presence: plan.presence,
    cause: plan.cause ?? null,
    expected: plan.expected ?? true,
    state: presenceState({
      presence: plan.presence,
      planned: false,
      inHours: true,
      missed:
        plan.cause !== undefined &&
        plan.cause !== 'agent-uninstalled' &&
        (plan.presence === 'down' || plan.presence === 'unknown'),
    }),
    presenceSince: toIso(sinceMs),
    lastSeenAt: toIso(plan.presence === 'up' ? nowMs - 2_000 : sinceMs),
    tags: [...(plan.tags ?? [])],
    site: plan.site,
    openIncidents: 0,
    assetNumber: `LX-${1000 + index}`,
    owner: server ? 'Liu Fang' : null,
    supportGroup: server ? 'DB team' : 'Desktop team',
    serviceHours: null,
    createdAt: toIso(nowMs - 200 * DAY_MS),
    agentId: `agt_${String(index + 1).padStart(4, '0')}`,
    details: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    parts: [
      part('Component', String(attributes['cpuModel']), {
        kind: 'cpu',
        slot: 'CPU 1',
        model: attributes['cpuModel'],
        manufacturer: server ? 'Intel' : 'AMD',
        cores: load.cores / 2,
        threads: load.cores,
        maxHz: 3.4e9,
      }),
      ...['DIMM A1', 'DIMM A2'].map((slot) =>
        part('Component', slot, {
          kind: 'memory',
          slot,
          manufacturer: 'Samsung',
          partNumber: 'M393A2K43DB3',
          serial: `S${hash(slot + id)
            .toString(16)
            .slice(2, 8)
            .toUpperCase()}`,
          sizeBytes: memoryBytes / 2,
          type: 'DDR4',
          transfersPerSecond: 3.2e9,
        }),
      ),
      ...load.disks.map((name) =>
        part('Component', name, {
          kind: name.startsWith('nvme') ? 'disk-nvme' : 'disk-ssd',
          slot: name,
          model: 'Samsung PM9A3',
          serial: `S6${hash(name + id)
            .toString(36)
            .slice(2, 10)
            .toUpperCase()}`,
          firmware: 'GDC5602Q',
          sizeBytes: 960e9,
          bus: 'pcie',
        }),
      ),
      ...load.interfaces.map((name, at) =>
        part('NetworkInterface', name, {
          mac: at === 0 ? mac : mac.replace(/..$/, 'fe'),
          kind: name.startsWith('wl') ? 'wireless' : 'ethernet',
          virtual: false,
          removable: false,
          speedBitsPerSecond: 1e9,
          mtu: 1500,
          state: at === 0 ? 'up' : 'down',
          driver: 'ixgbe',
          addresses: at === 0 ? [`${address}/24`] : [],
        }),
      ),
      ...Object.entries(load.fileSystems).map(([mount, [, sizeBytes]]) =>
        part('FileSystem', mount, {
          mount,
          device: '/dev/mapper/vg0',
          type: 'ext4',
          sizeBytes,
          readOnly: false,
        }),
      ),
      part('IPAddress', address, {
        address,
        prefix: 24,
        family: 'ipv4',
        interface: load.interfaces[0] ?? 'eth0',
      }),
      ...(server
        ? [
            part('RunningService', 'sshd', { startType: 'automatic', state: 'running', ports: ['tcp 22'] }),
            part('RunningService', 'nginx', {
              startType: 'automatic',
              state: 'running',
              ports: ['tcp 80', 'tcp 443'],
              process: 'nginx',
            }),
            part('DatabaseInstance', 'PostgreSQL 5432', {
              kind: 'PostgreSQL',
              version: '16.4-1',
              port: 5432,
              addresses: ['127.0.0.1'],
              service: 'postgresql@16-main',
            }),
            part('Component', 'PSU 1', {
              kind: 'psu',
              slot: 'PSU 1',
              model: 'PWR-750',
              manufacturer: 'Delta',
              maxWatts: 750,
            }),
          ]
        : [
            part('Component', 'U2720Q', {
              kind: 'monitor',
              model: 'U2720Q',
              manufacturer: 'Dell',
              serial: `CN0${hash(`monitor${id}`).toString(36).slice(2, 8).toUpperCase()}`,
              madeIn: '2021-W12',
            }),
            part('Component', 'USB Receiver', {
              kind: 'usb',
              model: 'USB Receiver',
              manufacturer: 'Logitech',
              productId: '046d:c52b',
              purpose: 'human interface',
            }),
          ]),
      part('OperatingSystem', `${String(attributes['osName'])} ${String(attributes['osVersion'])}`, {
        family: 'linux',
        version: attributes['osVersion'],
        codename: server ? 'bookworm' : 'noble',
        kernel: attributes['kernel'],
        architecture: 'x86_64',
        installedAt: nowMs - 400 * DAY_MS,
      }),
    ],
  };
  return {
    detail,
    load,
    history: historyOf(detail, nowMs),
    software: softwareOf(server, nowMs),
    hours: server ? null : [8, 18],
  };
}

function historyOf(detail: CiDetail, nowMs: Millis): HistoryEntry[] {
  const entry = (agoMs: number, change: Partial<HistoryEntry>): HistoryEntry => ({
    id: `his_${detail.id}_${agoMs}`,
    at: toIso(nowMs - agoMs),
    ciId: detail.id,
    ciName: detail.name,
    ciClass: detail.class,
    kind: 'changed',
    attribute: null,
    before: null,
    after: null,
    source: 'agent',
    actor: 'agent',
    ...change,
  });
  const software = (agoMs: number, name: string, before: string | null, after: string | null) =>
    entry(agoMs, {
      ciName: name,
      ciClass: 'Software',
      kind: before === null ? 'created' : after === null ? 'removed' : 'changed',
      attribute: 'version',
      before,
      after,
    });
  // Switched off by the configuration, on again, and then a machine that was installed anew.
  const accounts =
    detail.id === 'ci_0002'
      ? [
          ...['root', 'daemon', 'bin', 'sys', 'sync', 'games', 'man', 'lp', 'mail', 'backup'].map((name) => ({
            ...entry(8 * DAY_MS, { kind: 'created', attribute: `user:${name}`, after: 'user' }),
            id: `his_${detail.id}_${name}`,
          })),
          ...[['users'], []].map((before, index) =>
            entry((9 + index) * DAY_MS, {
              attribute: 'collection:users',
              before,
              after: index === 0 ? [] : ['users'],
              source: 'system',
              actor: `configuration:${2 - index}`,
            }),
          ),
        ]
      : [];
  if (detail.name !== 'SRV-ERP01') {
    return [
      software(3 * DAY_MS, 'openssl', '3.0.14-1', '3.0.15-1'),
      ...accounts,
      entry(40 * DAY_MS, { attribute: 'kernel', before: '6.1.0-25-amd64', after: '6.1.0-26-amd64' }),
      entry(200 * DAY_MS, { kind: 'created' }),
    ];
  }
  return [
    software(42 * MINUTE_MS, 'mysql-server', '8.0.43-1', '8.0.44-1'),
    entry(41 * MINUTE_MS, {
      ciName: 'eno2',
      ciClass: 'NetworkInterface',
      attribute: 'mtu',
      before: 1500,
      after: 9000,
    }),
    software(26 * HOUR_MS, 'libmysqlclient21', '8.0.43-1', '8.0.44-1'),
    entry(3 * DAY_MS, { attribute: 'biosVersion', before: '1.11.0', after: '1.12.1' }),
    entry(19 * DAY_MS, { ciName: 'sda', ciClass: 'Component', kind: 'created' }),
    entry(30 * DAY_MS, {
      attribute: 'owner',
      before: null,
      after: 'Liu Fang',
      source: 'human',
      actor: 'user:anna',
    }),
    entry(200 * DAY_MS, { kind: 'created' }),
  ];
}

const PACKAGES = [
  'adduser',
  'apt',
  'base-files',
  'bash',
  'bind9-libs',
  'ca-certificates',
  'coreutils',
  'cron',
  'curl',
  'dash',
  'dbus',
  'debianutils',
  'dpkg',
  'e2fsprogs',
  'findutils',
  'gnupg',
  'grep',
  'grub-common',
  'gzip',
  'hostname',
  'init',
  'iproute2',
  'iputils-ping',
  'kmod',
  'less',
  'libacl1',
  'libc6',
  'libcurl4',
  'libgcrypt20',
  'libpam0g',
  'libssl3',
  'libsystemd0',
  'linux-image-amd64',
  'login',
  'logrotate',
  'lsof',
  'mysql-server',
  'nano',
  'netbase',
  'nginx',
  'openssh-server',
  'openssl',
  'passwd',
  'perl',
  'procps',
  'python3',
  'rsync',
  'rsyslog',
  'sed',
  'sudo',
  'systemd',
  'tar',
  'tmux',
  'tzdata',
  'udev',
  'util-linux',
  'vim',
  'wget',
  'xz-utils',
  'zstd',
];

function softwareOf(server: boolean, nowMs: Millis): Machine['software'] {
  return PACKAGES.map((name) => ({
    name,
    version: `${1 + Math.floor(hash(name) * 8)}.${Math.floor(hash(`${name}.`) * 30)}.${Math.floor(hash(`${name}..`) * 12)}-${server ? 1 : 2}`,
    architecture: 'amd64',
    publisher: server ? 'Debian' : 'Canonical',
    source: 'dpkg',
    installedAt: hash(name) > 0.2 ? toIso(nowMs - Math.floor(hash(name) * 300) * DAY_MS) : null,
    firstSeenAt: toIso(nowMs - 200 * DAY_MS),
  }));
}

function agentOf({ detail }: Machine, index: number, nowMs: Millis): Agent {
  const connected = detail.presence === 'up';
  return {
    id: detail.agentId ?? '',
    ciId: detail.id,
    hostname: detail.name.toLowerCase(),
    platform: 'linux',
    version: index % 19 === 11 ? '0.0.9' : index % 9 === 4 ? '1.3.0' : '1.3.2',
    state: 'active',
    connected,
    gone: null,
    connectedSince: connected ? detail.presenceSince : null,
    lastSeenAt: detail.lastSeenAt,
    enrolledAt: detail.createdAt,
    clockSkewMs: Math.round(hash(detail.id) * 80),
    spoolUsedBytes: connected ? 0 : 1_400_000,
    holdMs: connected ? 0 : null,
    droppedFrames: 0,
    missingFrames: 0,
    release: releaseOf(index),
    address: detail.name === 'muster-01' ? '127.0.0.1' : '10.20.1.40',
    own: detail.name === 'muster-01',
    findings:
      index === 20
        ? [
            {
              kind: 'cloned-identity',
              at: toIso(nowMs - DAY_MS),
              detail: 'Two live connections with one key',
            },
          ]
        : [],
  };
}

/** Most are at the release before the newest, some at what the line installed; a few were started by hand. */
function releaseOf(index: number): Agent['release'] {
  if (index % 19 === 11) return null;
  const serial = index % 9 === 4 ? 10 : index % 11 === 3 ? 0 : 11;
  return { serial, onTrial: false, takenBack: null, pinned: index % 23 === 5 };
}

/** One whose machine was installed anew, and one that an administrator of its machine has removed. */
function goneAgents(agents: readonly Agent[], nowMs: Millis): Agent[] {
  const [first] = agents;
  const removed = agents.find(({ hostname }) => hostname === 'sh-lt-0019');
  if (!first || !removed) return [];
  const away = { connected: false, connectedSince: null, holdMs: null } as const;
  return [
    { ...first, ...away, id: 'agt_replaced', findings: [], gone: { why: 'replaced', by: first.id } },
    {
      ...removed,
      ...away,
      id: 'agt_uninstalled',
      findings: [],
      gone: { why: 'uninstalled', at: toIso(nowMs - DAY_MS) },
    },
  ];
}

/** One that nobody has let in yet. */
function waitingAgent(nowMs: Millis): Agent {
  return {
    id: 'agt_waiting',
    ciId: null,
    hostname: 'sx-lt-0733',
    platform: 'linux',
    version: '0.1.0',
    state: 'pending',
    connected: true,
    gone: null,
    connectedSince: toIso(nowMs - 6 * MINUTE_MS),
    lastSeenAt: toIso(nowMs),
    enrolledAt: toIso(nowMs - 6 * MINUTE_MS),
    clockSkewMs: 31,
    spoolUsedBytes: 0,
    holdMs: 0,
    droppedFrames: 0,
    missingFrames: 0,
    release: null,
    address: '10.20.3.88',
    own: false,
    findings: [],
  };
}

function makeTokens(nowMs: Millis): EnrolmentToken[] {
  const token = (id: string, change: Partial<EnrolmentToken>): EnrolmentToken => ({
    id,
    name: 'machines',
    createdAt: toIso(nowMs - 2 * DAY_MS),
    expiresAt: toIso(nowMs + 5 * DAY_MS),
    usesMax: 1,
    uses: 0,
    approval: false,
    site: null,
    class: null,
    tags: [],
    revokedAt: null,
    ...change,
  });
  return [
    token('tok_3', {
      name: 'Suzhou laptops',
      usesMax: 40,
      uses: 12,
      approval: true,
      site: 'Suzhou',
      class: 'Workstation',
      tags: ['laptop'],
    }),
    token('tok_2', { name: 'Hangzhou servers', usesMax: 5, uses: 5, site: 'Hangzhou', class: 'Server' }),
    token('tok_1', { createdAt: toIso(nowMs - 30 * DAY_MS), expiresAt: toIso(nowMs - 29 * DAY_MS) }),
  ];
}

function makeRules(nowMs: Millis): Rule[] {
  const rule = (
    id: string,
    name: string,
    condition: Rule['condition'],
    classes: string[],
    explanation: Words,
  ): Rule => ({
    id,
    name,
    enabled: true,
    selector: { class: classes, tag: null, ciId: null, instance: null },
    condition,
    owner: 'IT operations',
    agreedOn: '2026-09-01',
    explanation,
    pack: `server/${id}`,
    createdAt: toIso(nowMs - 200 * DAY_MS),
    updatedAt: toIso(nowMs - 20 * DAY_MS),
  });
  const servers = ['Server', 'VirtualMachine'];
  return [
    rule(
      'rul_cpu',
      'CPU, servers',
      {
        type: 'threshold',
        metric: 'cpu.utilisation',
        op: 'above',
        levels: [
          { severity: 'warning', level: 80, clear: 70 },
          { severity: 'critical', level: 90, clear: 80 },
        ],
        forMs: 3 * MINUTE_MS,
        keepForMs: MINUTE_MS,
        floor: null,
      },
      servers,
      { en: 'The CPU is used up; work waits.', zh: 'CPU 已耗尽，任务在等待。' },
    ),
    rule(
      'rul_mem',
      'Memory, servers',
      {
        type: 'threshold',
        metric: 'memory.utilisation',
        op: 'above',
        levels: [{ severity: 'critical', level: 95, clear: 90 }],
        forMs: 5 * MINUTE_MS,
        keepForMs: MINUTE_MS,
        floor: null,
      },
      servers,
      { en: 'Memory is nearly used up.', zh: '内存即将耗尽。' },
    ),
    rule(
      'rul_disk',
      'Disk space, servers',
      {
        type: 'threshold',
        metric: 'filesystem.utilisation',
        op: 'above',
        levels: [
          { severity: 'warning', level: 85, clear: 82 },
          { severity: 'critical', level: 95, clear: 90 },
        ],
        forMs: 5 * MINUTE_MS,
        keepForMs: MINUTE_MS,
        floor: { metric: 'filesystem.available', op: 'below', level: 100 * GIB },
      },
      servers,
      {
        en: 'The file system runs full. Look for what grows, or extend it.',
        zh: '文件系统即将写满。查找增长的内容，或扩容。',
      },
    ),
    rule(
      'rul_wait',
      'Disk wait, servers',
      {
        type: 'threshold',
        metric: 'disk.await',
        op: 'above',
        levels: [{ severity: 'warning', level: 0.01, clear: 0.008 }],
        forMs: 5 * MINUTE_MS,
        keepForMs: MINUTE_MS,
        floor: null,
      },
      servers,
      { en: 'Requests to the disk wait long.', zh: '磁盘请求等待过久。' },
    ),
    rule('rul_silent', 'Machine silent', { type: 'silent', severity: 'critical' }, servers, {
      en: 'The machine is expected and not heard.',
      zh: '计算机应在线但失联。',
    }),
  ];
}

function makeIncidents(world: World, nowMs: Millis): IncidentDetail[] {
  const find = (name: string) => world.machines.find((machine) => machine.detail.name === name) as Machine;
  const erp = find('SRV-ERP01');
  const host = find('HZ-VM-HOST02');
  const web = find('SZ-WEB03');
  const replica = find('HZ-DB-REP01');
  const mes = find('SZ-SRV-MES01');
  return [
    incidentOf(
      erp,
      {
        number: 38,
        impact: 1,
        urgency: 1,
        state: 'new',
        assignee: null,
        breachedAgoMs: 16 * MINUTE_MS,
        openedAgoMs: 11 * MINUTE_MS,
        title: {
          en: 'Disk /var/lib/mysql on SRV-ERP01 is nearly full',
          zh: 'SRV-ERP01 磁盘 /var/lib/mysql 即将写满',
        },
        description: {
          en: 'File system /var/lib/mysql is 85.2 % full (level 85 %) for 5 min, with 71 GiB left. Look for what grows, or extend it.',
          zh: '文件系统 /var/lib/mysql 使用率 85.2%（阈值 85%）已持续 5 分钟，剩余 71 GiB。查找增长的内容，或扩容。',
        },
        why: {
          en: 'P1: impact 1 (the whole organisation: server of criticality 1), urgency 1 (worst level, within service hours).',
          zh: 'P1：影响度 1（整个组织：关键度 1 的服务器），紧急度 1（最高级别，处于服务时间内）。',
        },
        rule: 'rul_disk',
        metric: 'filesystem.utilisation',
        instance: '/var/lib/mysql',
        level: 85,
        also: ['disk.written'],
        outage: false,
      },
      nowMs,
    ),
    incidentOf(
      web,
      {
        number: 41,
        impact: 2,
        urgency: 1,
        state: 'assigned',
        assignee: 'chen.yu',
        breachedAgoMs: 22 * MINUTE_MS,
        openedAgoMs: 21 * MINUTE_MS,
        title: { en: 'SZ-WEB03 is silent: host down', zh: 'SZ-WEB03 失联：主机宕机' },
        description: {
          en: 'Nothing was heard from SZ-WEB03 for 45 s although it is expected. Its neighbours do not reach it.',
          zh: 'SZ-WEB03 应在线，但已 45 秒无消息，邻居亦无法访问。',
        },
        why: {
          en: 'P1: impact 2 (a department or site: server of criticality 2), urgency 1 (outage within service hours).',
          zh: 'P1：影响度 2（一个部门或地点：关键度 2 的服务器），紧急度 1（服务时间内中断）。',
        },
        rule: 'rul_silent',
        metric: null,
        instance: '',
        level: null,
        also: ['cpu.utilisation'],
        outage: true,
      },
      nowMs,
    ),
    incidentOf(
      replica,
      {
        number: 42,
        impact: 2,
        urgency: 2,
        state: 'new',
        assignee: null,
        breachedAgoMs: 14 * MINUTE_MS,
        openedAgoMs: 13 * MINUTE_MS,
        title: { en: 'HZ-DB-REP01 is silent: agent stopped', zh: 'HZ-DB-REP01 失联：代理程序停止' },
        description: {
          en: 'The connection closed, but the machine answers: the agent has stopped.',
          zh: '连接已断开，但主机有应答：代理程序已停止。',
        },
        why: {
          en: 'P2: impact 2 (a department or site: server of criticality 2), urgency 2 (not watched within service hours).',
          zh: 'P2：影响度 2（一个部门或地点：关键度 2 的服务器），紧急度 2（服务时间内失去监控）。',
        },
        rule: 'rul_silent',
        metric: null,
        instance: '',
        level: null,
        also: ['cpu.utilisation', 'memory.utilisation'],
        outage: true,
      },
      nowMs,
    ),
    incidentOf(
      host,
      {
        number: 40,
        impact: 3,
        urgency: 2,
        state: 'in_progress',
        assignee: 'zhou.min',
        breachedAgoMs: 8 * MINUTE_MS,
        openedAgoMs: 5 * MINUTE_MS,
        title: { en: 'CPU of HZ-VM-HOST02 is used up', zh: 'HZ-VM-HOST02 的 CPU 已耗尽' },
        description: {
          en: 'CPU in use is 95.4 % (level 90 %) for 3 min.',
          zh: 'CPU 使用率 95.4%（阈值 90%）已持续 3 分钟。',
        },
        why: {
          en: 'P3: impact 3 (a team or several users), urgency 2 (critical level, within service hours).',
          zh: 'P3：影响度 3（一个团队或多名用户），紧急度 2（严重级别，处于服务时间内）。',
        },
        rule: 'rul_cpu',
        metric: 'cpu.utilisation',
        instance: '',
        level: 90,
        also: ['pressure.cpu.some'],
        outage: false,
      },
      nowMs,
    ),
    incidentOf(
      mes,
      {
        number: 36,
        impact: 2,
        urgency: 2,
        state: 'closed',
        assignee: 'admin',
        breachedAgoMs: 26 * HOUR_MS,
        openedAgoMs: 26 * HOUR_MS - 3 * MINUTE_MS,
        title: { en: 'SZ-SRV-MES01 is silent: network', zh: 'SZ-SRV-MES01 失联：网络故障' },
        description: { en: 'The uplink of the hall was pulled.', zh: '车间上联网线被拔出。' },
        why: {
          en: 'P2: impact 2 (a department or site), urgency 2 (within service hours).',
          zh: 'P2：影响度 2（一个部门或地点），紧急度 2（服务时间内）。',
        },
        rule: 'rul_silent',
        metric: null,
        instance: '',
        level: null,
        also: ['cpu.utilisation'],
        outage: true,
      },
      nowMs,
    ),
  ];
}

interface Story {
  readonly number: number;
  readonly impact: 1 | 2 | 3 | 4;
  readonly urgency: 1 | 2 | 3 | 4;
  readonly state: IncidentDetail['state'];
  readonly assignee: string | null;
  readonly breachedAgoMs: number;
  readonly openedAgoMs: number;
  readonly title: Words;
  readonly description: Words;
  readonly why: Words;
  readonly rule: string;
  readonly metric: MetricName | null;
  readonly instance: string;
  readonly level: number | null;
  readonly also: readonly MetricName[];
  readonly outage: boolean;
}

const RULE_WORDS: Readonly<Record<string, Words>> = {
  rul_disk: { en: 'Disk space, servers', zh: '磁盘空间（服务器）' },
  rul_cpu: { en: 'CPU, servers', zh: 'CPU（服务器）' },
  rul_silent: { en: 'Machine silent', zh: '计算机失联' },
};

/** As the server captures it: suspects by age and distance, what hangs on the machine. */
function sceneOf(
  { detail }: Machine,
  history: readonly HistoryEntry[],
  place: IncidentDetail['place'],
  breachedMs: number,
): Scene {
  const own = { id: detail.id, name: detail.name, class: detail.class };
  const core = { id: 'ci_switch_core', name: 'hz-sw-core-1', class: 'NetworkDevice' };
  const suspects = history
    .filter(({ at }) => breachedMs - Date.parse(at) < 7 * DAY_MS && Date.parse(at) <= breachedMs)
    .map((change, i): Scene['suspects'][number] => {
      const beforeMs = breachedMs - Date.parse(change.at);
      const distance = i % 3 === 2 ? 1 : 0;
      const isLong = beforeMs >= HOUR_MS;
      const count = Math.max(1, Math.round(beforeMs / (isLong ? HOUR_MS : MINUTE_MS)));
      const en = `${count} ${isLong ? 'h' : 'min'}`;
      const zh = `${count} ${isLong ? '小时' : '分钟'}`;
      return {
        score: Math.round(100 / (1 + beforeMs / (6 * HOUR_MS)) / (1 + distance)),
        change,
        ci: distance === 0 ? own : core,
        distance,
        path: distance === 0 ? [own.name] : [own.name, core.name],
        beforeMs,
        why:
          distance === 0
            ? {
                en: `${en} before the breach, on the item itself`,
                zh: `越限前 ${zh}，发生在本配置项`,
              }
            : {
                en: `${en} before the breach, on ${core.name}, 1 step upstream`,
                zh: `越限前 ${zh}，发生在上游 1 级的 ${core.name}`,
              },
      };
    })
    .toSorted((a, b) => b.score - a.score);
  return {
    place,
    lifecycle: 'in_use',
    criticality: detail.criticality,
    warrantyEnd: '2027-06-30',
    suspects,
    impact: [
      { id: 'ci_svc_erp', name: 'ERP', class: 'Service', state: 'lost', path: [own.name, 'ERP'] },
      { id: 'ci_svc_mail', name: '邮件', class: 'Service', state: 'degraded', path: [own.name, '邮件'] },
    ],
    impactBeyond: 0,
    windows: [],
    similar: [],
  };
}

/** Machines that an outage takes with it. */
const NEIGHBOURS = ['0003', '0004', '0005'].map((n) => ({
  ciId: `ci_${n}`,
  name: `HZ-WS-${n}`,
  class: 'Workstation',
}));

const CATEGORY_OF_RULE: Readonly<Record<string, string>> = {
  rul_disk: 'capacity.storage',
  rul_cpu: 'capacity.cpu',
  rul_silent: 'hardware.machine',
};

function incidentOf(machine: Machine, story: Story, nowMs: Millis): IncidentDetail {
  const { detail, load, history } = machine;
  const openedMs = nowMs - story.openedAgoMs;
  const breachedMs = nowMs - story.breachedAgoMs;
  const closed = story.state === 'closed';
  const respondMs =
    [15, 30, 240, 1440][(PRIORITY_MATRIX[story.impact - 1]?.[story.urgency - 1] ?? 4) - 1] ?? 60;
  const priority = PRIORITY_MATRIX[story.impact - 1]?.[story.urgency - 1] ?? 4;
  if (!closed) detail.openIncidents += 1;
  const alert: Alert = {
    id: `alr_${story.number}`,
    state: closed ? 'resolved' : 'open',
    severity: 'critical',
    ruleId: story.rule,
    ruleName:
      story.rule === 'rul_disk'
        ? 'Disk space, servers'
        : story.rule === 'rul_cpu'
          ? 'CPU, servers'
          : 'Machine silent',
    ruleNameWords: RULE_WORDS[story.rule],
    ciId: detail.id,
    ciName: detail.name,
    instance: story.instance,
    metric: story.metric,
    unit: story.metric === null ? null : '%',
    value: story.level === null ? null : story.level + 0.2,
    level: story.level,
    lastValue: story.level === null ? null : story.level + 4.7,
    breachedAt: toIso(breachedMs),
    openedAt: toIso(openedMs),
    resolvedAt: closed ? toIso(nowMs - 25 * HOUR_MS) : null,
    incidentId: `inc_${story.number}`,
    incidentRef: `INC-${String(story.number).padStart(4, '0')}`,
    suppressedBy: null,
    acknowledgement: null,
    flapping: null,
  };
  const series = [...(story.metric === null ? [] : [story.metric]), ...story.also].map((metric, index) => {
    const instance =
      index === 0 && story.metric !== null
        ? story.instance
        : metric.startsWith('disk.')
          ? (load.disks[0] ?? '')
          : '';
    const points: number[][] = [];
    for (
      let atMs = breachedMs - 15 * MINUTE_MS;
      atMs <= Math.min(nowMs, breachedMs + 15 * MINUTE_MS);
      atMs += 10 * SECOND_MS
    ) {
      if (!(story.outage && atMs > breachedMs - 45 * SECOND_MS))
        points.push([atMs, valueAt(detail.id, load, metric, instance, atMs)]);
    }
    return {
      metric,
      unit: metric.startsWith('disk.w') ? 'B/s' : '%',
      source: 'stored' as const,
      data: [{ instance, tier: 'raw' as const, points }],
    };
  });
  const entry = (id: string, atMs: Millis, actor: string, kind: string, en: string, zh: string) => ({
    id: `tl_${story.number}_${id}`,
    at: toIso(atMs),
    actor,
    kind,
    text: { en, zh },
  });
  const place = {
    owner: { id: 'ci_person_liu', name: '刘洋' },
    user: null,
    location: { id: null, name: detail.site ?? '杭州' },
    department: { id: null, name: '信息部' },
    supportGroup: { id: 'ci_team_infra', name: '基础设施组' },
  };
  const category = CATEGORY_OF_RULE[story.rule] ?? null;
  return {
    ...UNTOUCHED_INCIDENT,
    affected: [
      ...(story.outage ? NEIGHBOURS.map((n) => ({ ...n, since: toIso(openedMs), until: null })) : []),
      {
        ciId: detail.id,
        name: detail.name,
        class: detail.class,
        since: toIso(breachedMs),
        until: closed ? toIso(nowMs - 25 * HOUR_MS) : null,
      },
    ],
    affectedCount: story.outage ? 1 + NEIGHBOURS.length : 1,
    judgedPriority: priority,
    category,
    place,
    supportGroup: place.supportGroup,
    unclaimedSince:
      story.assignee === null && !closed && story.openedAgoMs > (respondMs / 2) * MINUTE_MS
        ? toIso(openedMs)
        : null,
    id: `inc_${story.number}`,
    ref: `INC-${String(story.number).padStart(4, '0')}`,
    title: story.title,
    state: story.state,
    priority,
    impact: story.impact,
    urgency: story.urgency,
    why: story.why,
    ci: { id: detail.id, name: detail.name, class: detail.class },
    assignee: story.assignee,
    source: 'monitor',
    openedAt: toIso(openedMs),
    breachedAt: toIso(breachedMs),
    acknowledgedAt: story.assignee === null ? null : toIso(openedMs + 2 * MINUTE_MS),
    resolvedAt: closed ? toIso(nowMs - 25 * HOUR_MS) : null,
    verifyUntil: null,
    sla: {
      respondBy: toIso(openedMs + respondMs * MINUTE_MS),
      respondedAt: story.assignee === null ? null : toIso(openedMs + 2 * MINUTE_MS),
      restoreBy: toIso(openedMs + respondMs * 16 * MINUTE_MS),
      restoredAt: closed ? toIso(nowMs - 25 * HOUR_MS) : null,
      paused: false,
    },
    version: 1,
    description: story.description,
    alerts: [alert],
    timeline: [
      ...(story.assignee === null
        ? []
        : [
            entry(
              '4',
              openedMs + 2 * MINUTE_MS,
              `user:${story.assignee}`,
              'assigned',
              `Taken by ${story.assignee}`,
              `由 ${story.assignee} 认领`,
            ),
          ]),
      entry(
        '3',
        openedMs + 2_000,
        'system',
        'notified',
        'Notified “On call” by webhook (0.4 s)',
        '已通过 Webhook 通知“值班组”（0.4 秒）',
      ),
      entry(
        '2',
        openedMs + 1_000,
        'system',
        'evidence',
        `Evidence attached: 15 min of samples, ${history.length} changes, top processes`,
        `已附证据：15 分钟样本、${history.length} 项变更、进程排行`,
      ),
      entry('1', openedMs, 'system', 'opened', story.title.en, story.title.zh),
    ],
    evidence: {
      scene: sceneOf(machine, history, place, breachedMs),
      capturedAt: toIso(openedMs + 1_000),
      series,
      topProcesses: story.outage ? null : { at: toIso(breachedMs), items: processesOf(machine, breachedMs) },
      changes: history.filter((change) => Date.parse(change.at) > nowMs - 7 * DAY_MS),
      presence: story.outage
        ? {
            presence: detail.presence ?? 'unknown',
            cause: detail.cause,
            since: detail.presenceSince ?? toIso(breachedMs),
            reasons: [
              {
                en: 'Last sample 45 s before; two neighbours of the same subnet were heard in that time.',
                zh: '最后一个样本在 45 秒前；同一子网的两台邻居当时均在线。',
              },
            ],
          }
        : null,
    },
    cause: closed ? 'Uplink cable pulled during cleaning' : null,
    action: closed ? 'Cable fixed, port labelled' : null,
    resolution: closed ? 'permanent' : null,
    needsCause: story.outage,
    holdReason: null,
    timelineCursor: null,
  };
}

export function processesOf({ detail, load }: Machine, atMs: Millis) {
  const cpu = valueAt(detail.id, load, 'cpu.utilisation', '', atMs) * load.cores;
  const names: readonly (readonly [string, string, number, number])[] =
    detail.class === 'Workstation'
      ? [
          ['firefox', 'user', 0.4, 1.9],
          ['code', 'user', 0.25, 1.2],
          ['gnome-shell', 'user', 0.1, 0.5],
          ['muster-agent', 'muster', 0.004, 0.034],
        ]
      : [
          ['mysqld', 'mysql', 0.5, 14.6],
          ['java', 'erp', 0.27, 6.1],
          ['nginx', 'www-data', 0.06, 0.088],
          ['rsyslogd', 'root', 0.02, 0.012],
          ['muster-agent', 'muster', 0.003, 0.034],
        ];
  return names.map(([name, user, share, gib], index) => ({
    pid: 640 + Math.floor(hash(name + detail.id) * 30_000),
    name,
    user,
    cpuPercent: Math.round(cpu * share * 10) / 10,
    residentBytes: Math.round(gib * GIB),
    readBytesPerSecond: index === 0 ? 200_000 : 0,
    writtenBytesPerSecond:
      index === 0 ? valueAt(detail.id, load, 'disk.written', load.disks[0] ?? '', atMs) : index * 2_000,
  }));
}
