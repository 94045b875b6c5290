/** The house that is simulated: its sites, switches, servers, laptops and services, and how they hang together. */
import type { CiClass } from '@muster/shared/cmdb/classes.ts';
import type { RelationTypeName } from '@muster/shared/cmdb/relation-types.ts';
import { DAY_MS } from '@muster/shared/time.ts';
import type { Random } from './random.ts';
import { SHAPES, SignalMaker } from './signals.ts';
import type { Signal } from './signals.ts';

export const SITES = ['dc', 'hq', 'a', 'b'] as const;
export type Site = (typeof SITES)[number];

/** What reports: a computer with an agent, or a switch that is polled. */
export interface Machine {
  readonly index: number;
  readonly id: string;
  readonly name: string;
  readonly class: 'Server' | 'VirtualMachine' | 'Workstation' | 'NetworkDevice';
  readonly site: Site;
  readonly role: string;
  /** Machine on which a virtual one runs. */
  readonly host: number | null;
  /** Switches it hangs on; it is in reach while any of them is. None: next to our own server. */
  readonly uplinks: readonly number[];
  readonly address: string;
  readonly signals: readonly Signal[];
  readonly criticality: number;
  readonly tags: readonly string[];
}

export interface OfficeEdge {
  readonly type: RelationTypeName;
  readonly fromId: string;
  readonly toId: string;
  readonly group?: string;
  readonly needed?: number;
}

/** CIs that report nothing themselves. */
export interface OfficeRecord {
  readonly id: string;
  readonly name: string;
  readonly class: CiClass;
  readonly site: Site | null;
}

export interface Office {
  readonly machines: readonly Machine[];
  readonly records: readonly OfficeRecord[];
  readonly edges: readonly OfficeEdge[];
  /** Our own server among them. */
  readonly ownServer: number;
}

export interface OfficeSize {
  readonly laptops: number;
  /** Hosts of virtual machines, virtual machines, other servers. */
  readonly hosts: number;
  readonly virtual: number;
  readonly physical: number;
}

/** 40 servers, 12 switches (always), 300 laptops. */
export const OFFICE_SIZE: OfficeSize = { laptops: 300, hosts: 8, virtual: 24, physical: 8 };

const GIB = 2 ** 30;

/** Switch, site, what it hangs on. The first ones are next to our own server. */
const SWITCHES = [
  ['core1', 'dc', []],
  ['core2', 'dc', []],
  ['tor1', 'dc', ['core1', 'core2']],
  ['tor2', 'dc', ['core1', 'core2']],
  ['tor3', 'dc', ['core1', 'core2']],
  ['hq-core', 'hq', ['core1', 'core2']],
  ['hq-acc1', 'hq', ['hq-core']],
  ['hq-acc2', 'hq', ['hq-core']],
  ['hq-acc3', 'hq', ['hq-core']],
  ['a-core', 'a', ['core1', 'core2']],
  ['a-acc', 'a', ['a-core']],
  ['b-core', 'b', ['core1', 'core2']],
] as const satisfies readonly (readonly [string, Site, readonly string[]])[];

/** Switch that is the way out of each site. */
export const GATEWAYS: Readonly<Record<Site, readonly string[]>> = {
  dc: ['core1', 'core2'],
  hq: ['hq-core'],
  a: ['a-core'],
  b: ['b-core'],
};

/** Physical servers in the order in which a smaller house has them. */
const PHYSICAL = [
  ['muster1', 'own', 'dc', ['tor1', 'tor2']],
  ['backup1', 'backup', 'dc', ['tor1', 'tor2']],
  ['file1', 'file', 'dc', ['tor1', 'tor2']],
  ['scan1', 'app', 'dc', ['tor3']],
  ['a-file', 'file', 'a', ['a-core']],
  ['b-file', 'file', 'b', ['b-core']],
  ['nas1', 'archive', 'dc', ['tor3']],
  ['lab1', 'app', 'dc', ['tor3']],
] as const satisfies readonly (readonly [string, string, Site, readonly string[]])[];

const VIRTUAL = [
  ['web1', 'web'],
  ['db1', 'database'],
  ['erp-batch', 'batch'],
  ['build1', 'build'],
  ['web2', 'web'],
  ['db2', 'database'],
  ['app1', 'app'],
  ['dir1', 'directory'],
  ['web3', 'web'],
  ['app2', 'app'],
  ['dir2', 'directory'],
  ['mail1', 'mail'],
  ['build2', 'build'],
  ['log1', 'log'],
  ['git1', 'app'],
  ['wiki1', 'app'],
  ['print1', 'app'],
  ['proxy1', 'web'],
  ['term1', 'terminal'],
  ['term2', 'terminal'],
  ['bi-batch', 'batch'],
  ['ldap-sync', 'app'],
  ['test1', 'app'],
  ['test2', 'app'],
] as const;

/** Services and what they stand on: the members of a group stand in for each other. */
const SERVICES: readonly { name: string; members: readonly string[]; needed: number }[] = [
  { name: 'Web shop', members: ['web1', 'web2', 'web3'], needed: 2 },
  { name: 'Database', members: ['db1', 'db2'], needed: 1 },
  { name: 'ERP', members: ['app1', 'app2'], needed: 1 },
  { name: 'Sign-in', members: ['dir1', 'dir2'], needed: 1 },
  { name: 'Mail', members: ['mail1'], needed: 1 },
  { name: 'Files', members: ['file1'], needed: 1 },
  { name: 'Terminals', members: ['term1', 'term2'], needed: 1 },
];

export function createOffice(size: OfficeSize, random: Random): Office {
  const machines: Machine[] = [];
  const indexOf = (name: string) => machines.findIndex((one) => one.name === name);
  const add = (fields: Omit<Machine, 'index' | 'address'>) =>
    machines.push({
      ...fields,
      index: machines.length,
      address: `10.${SITES.indexOf(fields.site)}.${machines.length >> 8}.${machines.length & 255}`,
    });
  for (const [name, site, uplinks] of SWITCHES)
    add({
      id: `ci_${name}`,
      name,
      class: 'NetworkDevice',
      site,
      role: name.includes('acc') ? 'access' : 'core',
      host: null,
      uplinks: uplinks.map(indexOf),
      signals: switchSignals(random.fork(name), name.includes('acc')),
      criticality: 2,
      tags: [],
    });
  for (const [name, role, site, uplinks] of PHYSICAL.slice(0, size.physical))
    add({
      id: `ci_${name}`,
      name,
      class: 'Server',
      site,
      role,
      host: null,
      uplinks: uplinks.map(indexOf),
      signals: serverSignals(random.fork(name), role, true),
      criticality: 2,
      tags: [],
    });
  const hosts: number[] = [];
  for (let i = 1; i <= size.hosts; i++) {
    hosts.push(machines.length);
    add({
      id: `ci_host${i}`,
      name: `host${i}`,
      class: 'Server',
      site: 'dc',
      role: 'host',
      host: null,
      uplinks: [indexOf('tor1'), indexOf('tor2')],
      signals: serverSignals(random.fork(`host${i}`), 'host', true),
      criticality: 1,
      tags: [],
    });
  }
  for (const [i, [name, role]] of VIRTUAL.slice(0, size.virtual).entries())
    add({
      id: `ci_${name}`,
      name,
      class: 'VirtualMachine',
      site: 'dc',
      role,
      // Members of a service stand on different hosts.
      host: hosts[i % hosts.length] ?? null,
      uplinks: [],
      signals: serverSignals(random.fork(name), role, false),
      criticality: 2,
      tags: [],
    });
  const desks = random.fork('desks');
  for (let i = 1; i <= size.laptops; i++) {
    const [site, access] = desks.pick(DESKS);
    const name = `nb-${String(i).padStart(3, '0')}`;
    add({
      id: `ci_${name}`,
      name,
      class: 'Workstation',
      site,
      role: 'laptop',
      host: null,
      uplinks: [indexOf(access)],
      signals: laptopSignals(random.fork(name)),
      criticality: 3,
      tags: [],
    });
  }
  const ownServer = indexOf('muster1');
  const own = machines[ownServer];
  const ownSignals = new SignalMaker(random.fork('certificate')).add('certificate.remaining', 'fixed', {
    base: (80 * DAY_MS) / 1_000,
  });
  if (own) machines[ownServer] = { ...own, signals: [...own.signals, ...ownSignals.signals] };
  return { machines, ownServer, ...edgesOf(machines) };
}

const DESKS = [
  ['hq', 'hq-acc1'],
  ['hq', 'hq-acc2'],
  ['hq', 'hq-acc3'],
  ['a', 'a-acc'],
  ['b', 'b-core'],
] as const satisfies readonly (readonly [Site, string])[];

function serverSignals(random: Random, role: string, physical: boolean): Signal[] {
  const make = new SignalMaker(random);
  const shape = role === 'web' ? SHAPES.web : SHAPES.office;
  const busy = role === 'build' ? 45 : random.between(10, 35);
  make
    .add('cpu.utilisation', 'wave', {
      base: random.between(4, 15),
      swing: busy,
      noise: 4,
      shape,
      min: 1,
      max: 85,
    })
    .add('pressure.cpu.some', 'wave', { base: 0.5, swing: 4, noise: 1, shape, max: 20 })
    .add('memory.utilisation', 'wave', {
      base: role === 'database' ? 74 : random.between(35, 65),
      swing: random.between(2, 8),
      noise: 1,
      max: 86,
    })
    .add('pressure.memory.some', 'wave', { base: 0, noise: 0.3, max: 5 })
    // One of ten has a swap full of what nobody needs any more.
    .add('swap.utilisation', 'wave', { base: random.chance(0.1) ? 88 : random.between(0, 20), noise: 0.4 })
    .add('pressure.io.some', 'wave', { base: 1, swing: 6, noise: 1.5, shape, max: 40 })
    .fileSystem('/', random.whole(40, 100) * GIB, { base: random.between(35, 70), yearly: 4 });
  if (role === 'web' || role === 'log' || role === 'proxy')
    make.fileSystem('/var', 60 * GIB, { base: 55, swing: 31, size: 240, noise: 0.1 }, 'tooth');
  else if (role === 'archive') make.fileSystem('/data', 4_000 * GIB, { base: 92.5, yearly: 3 });
  else
    make.fileSystem('/data', random.whole(200, 900) * GIB, {
      base: random.between(45, 72),
      yearly: random.between(2, 10),
    });
  make
    .add('filesystem.inodes.utilisation', 'wave', {
      instance: '/',
      base: random.between(4, 25),
      noise: 0.05,
      shape: SHAPES.flat,
    })
    .add('disk.utilisation', 'wave', { instance: 'sda', base: 3, swing: 20, noise: 4, shape, max: 80 })
    .add('disk.await', 'wave', {
      instance: 'sda',
      base: 0.002,
      swing: 0.003,
      noise: 0.0008,
      shape,
      min: 0.0003,
      max: 0.02,
    })
    .add('network.link.up', 'fixed', { instance: 'eth0', base: 1 })
    .add('network.link.changes', 'fixed', { instance: 'eth0', base: random.whole(1, 9) })
    .add('network.utilisation', 'wave', { instance: 'eth0', base: 1, swing: 18, noise: 3, shape, max: 70 })
    .add('service.running', 'fixed', { instance: SERVICE_OF[role] ?? 'app.service', base: 1 })
    .add('service.running', 'fixed', { instance: 'sshd.service', base: 1 })
    .add('system.uptime', 'uptime');
  if (physical)
    make
      .add('disk.errors', 'fixed', { instance: 'sda', base: random.chance(0.2) ? random.whole(1, 4) : 0 })
      .add('temperature', 'wave', {
        instance: 'cpu',
        base: random.between(38, 46),
        swing: 7,
        noise: 1.2,
        shape,
        max: 70,
      });
  return make.signals;
}

const SERVICE_OF: Readonly<Record<string, string>> = {
  web: 'nginx.service',
  database: 'postgresql.service',
  file: 'smbd.service',
  mail: 'postfix.service',
  directory: 'slapd.service',
  host: 'libvirtd.service',
  backup: 'bareos-sd.service',
};

function laptopSignals(random: Random): Signal[] {
  return new SignalMaker(random)
    .add('cpu.utilisation', 'wave', { base: random.between(5, 18), swing: 10, noise: 8, min: 1, max: 80 })
    .add('pressure.cpu.some', 'wave', { base: 1, swing: 2, noise: 1, max: 15 })
    .add('memory.utilisation', 'wave', { base: random.between(42, 72), swing: 6, noise: 3, max: 92 })
    .add('swap.utilisation', 'wave', { base: random.between(0, 30), noise: 2 })
    .add('pressure.memory.some', 'wave', { base: 0, noise: 0.4, max: 6 })
    .fileSystem('/', random.whole(230, 500) * GIB, {
      base: random.between(35, 84),
      yearly: random.between(0, 6),
    })
    .add('disk.errors', 'fixed', { instance: 'nvme0n1', base: 0 })
    .add('temperature', 'wave', {
      instance: 'cpu',
      base: random.between(48, 58),
      swing: 6,
      noise: 5,
      min: 30,
      max: 88,
    })
    .add('system.uptime', 'uptime').signals;
}

function switchSignals(random: Random, isAccess: boolean): Signal[] {
  const make = new SignalMaker(random);
  for (const port of ['up1', 'up2'])
    make
      .add('network.link.up', 'fixed', { instance: port, base: 1 })
      .add('network.link.changes', 'fixed', { instance: port, base: random.whole(2, 12) })
      .add('network.utilisation', 'wave', {
        instance: port,
        base: 3,
        swing: random.between(15, 40),
        noise: 4,
        max: 80,
      });
  for (let port = 1; port <= 3; port++)
    make
      // Desks are left in the evening: their ports go down, which is nobody's fault.
      .add('network.link.up', isAccess ? 'awake' : 'fixed', { instance: `p${port}`, base: 1 })
      .add('network.link.changes', 'fixed', { instance: `p${port}`, base: random.whole(5, 300) });
  return make
    .add('cpu.utilisation', 'wave', { base: random.between(5, 25), swing: 6, noise: 2 })
    .add('temperature', 'wave', { instance: 'chassis', base: random.between(32, 40), swing: 4, noise: 0.8 })
    .add('system.uptime', 'uptime').signals;
}

function edgesOf(machines: readonly Machine[]): { records: OfficeRecord[]; edges: OfficeEdge[] } {
  const idOf = new Map(machines.map(({ name, id }) => [name, id]));
  const records: OfficeRecord[] = [{ id: 'ci_company', name: 'Company', class: 'Location', site: null }];
  const edges: OfficeEdge[] = [];
  for (const site of SITES) {
    records.push({ id: `ci_loc_${site}`, name: `Site ${site}`, class: 'Location', site });
    records.push({ id: `ci_net_${site}`, name: `Network ${site}`, class: 'Subnet', site });
    edges.push({ type: 'locatedAt', fromId: `ci_loc_${site}`, toId: 'ci_company' });
    for (const name of GATEWAYS[site])
      edges.push({ type: 'gatewayOf', fromId: idOf.get(name) ?? '', toId: `ci_net_${site}` });
  }
  for (const machine of machines) {
    edges.push({ type: 'locatedAt', fromId: machine.id, toId: `ci_loc_${machine.site}` });
    edges.push({ type: 'memberOf', fromId: machine.id, toId: `ci_net_${machine.site}` });
    for (const uplink of machine.uplinks)
      edges.push({ type: 'connectsTo', fromId: machine.id, toId: machines[uplink]?.id ?? '' });
    if (machine.host !== null)
      edges.push({ type: 'hosts', fromId: machines[machine.host]?.id ?? '', toId: machine.id });
  }
  for (const { name, members, needed } of SERVICES) {
    const held = members.flatMap((member) => idOf.get(member) ?? []);
    if (held.length < needed) continue;
    const id = `ci_svc_${name.toLowerCase().replaceAll(' ', '-')}`;
    records.push({ id, name, class: 'Service', site: null });
    for (const toId of held) edges.push({ type: 'dependsOn', fromId: id, toId, group: 'members', needed });
  }
  return { records, edges };
}
