/** The addresses, services and databases of a report as parts. Pure. */
import type { SectionData, Snapshot } from '@muster/shared/inventory/sections.ts';
import { isUsableAddress, usableInterfaces } from '../inventory/ip-address.ts';
import type { PartPicture, SectionPicture } from './picture.ts';

type Service = SectionData['services']['services'][number];
type Listener = SectionData['sockets']['listening'][number];

/** Services of one machine that are parts; those that listen come first, then those that start by themselves. */
export const SERVICE_PARTS_MAX = 48;

/** By address: one that moves to another interface is the same address. */
export function addressParts({ interfaces }: SectionData['network']): PartPicture[] {
  const parts = usableInterfaces(interfaces).flatMap((port) =>
    port.addresses
      .filter(({ address }) => isUsableAddress(address))
      .map(({ address, prefix, family }): [string, PartPicture] => [
        address.toLowerCase(),
        {
          class: 'IPAddress',
          name: address.toLowerCase(),
          keys: [`address ${address.toLowerCase()}`],
          attributes: { address: address.toLowerCase(), prefix, family, interface: port.name },
        },
      ]),
  );
  return [...new Map(parts).values()];
}

/** @param known all that is known of the machine now; null while its services were never told */
export function servicesPicture(known: Snapshot): SectionPicture | null {
  if (!known.services) return null;
  const services = uniqueByName(known.services.services);
  const listeners = listenersByService(services, known.sockets?.listening ?? []);
  const rank = (service: Service) => {
    if (listeners.has(service.name)) return 0;
    if (service.startType === 'automatic') return service.state === 'stopped' ? 2 : 1;
    return 3;
  };
  const parts = services
    .filter((service) => listeners.has(service.name) || isPart(service))
    .toSorted((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1))
    .slice(0, SERVICE_PARTS_MAX)
    .map((service): PartPicture => {
      const own = listeners.get(service.name) ?? [];
      return {
        class: 'RunningService',
        name: service.name,
        keys: [`service ${service.name}`],
        attributes: {
          description: service.description,
          startType: service.startType,
          state: service.state,
          ports: portWords(own),
          process: own.find(({ process }) => process !== null)?.process ?? null,
        },
      };
    });
  return { section: 'services', attributes: {}, parts };
}

function isPart({ name, state, startType }: Service): boolean {
  if (PER_LOGIN.test(name)) return false;
  return startType === 'automatic' || state === 'running';
}

/** Terminals, logins and the checks of single devices: each has a service of its own, which nobody looks for. */
const PER_LOGIN =
  /^(?:(?:serial-|console-|container-)?getty|autovt|user|user-runtime-dir|systemd-(?:fsck|backlight|growfs)|modprobe|session)@|_[0-9a-f]{4,8}$/;

function uniqueByName(services: readonly Service[]): Service[] {
  return [...new Map(services.map((service) => [service.name, service])).values()];
}

/** By the service that the agent names; where it names none, by a program called like the service. */
function listenersByService(
  services: readonly Service[],
  listening: readonly Listener[],
): Map<string, Listener[]> {
  const names = new Set(services.map(({ name }) => name));
  const byStem = new Map(services.map(({ name }) => [stemOf(name), name]));
  const found = new Map<string, Listener[]>();
  for (const listener of listening) {
    const { service, process } = listener;
    const name =
      service !== null && names.has(service)
        ? service
        : service === null && process !== null
          ? byStem.get(stemOf(process))
          : undefined;
    if (name === undefined) continue;
    const list = found.get(name);
    if (list) list.push(listener);
    else found.set(name, [listener]);
  }
  return found;
}

/** 'sshd', 'ssh.service' and 'ssh' are one; the kernel cuts names of programs to 15 characters, which long names do not match. */
function stemOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/\.(?:service|exe)$/, '')
    .replace(/(?<=..)d$/, '');
}

/** 'tcp 22': each port once, whatever the addresses. */
function portWords(listeners: readonly Listener[]): string[] {
  const ports = new Map(listeners.map((one) => [`${one.protocol} ${one.port}`, one]));
  return [...ports]
    .toSorted(([, a], [, b]) =>
      a.protocol < b.protocol ? -1 : a.protocol > b.protocol ? 1 : a.port - b.port,
    )
    .map(([words]) => words);
}

interface Database {
  readonly kind: string;
  readonly process: RegExp;
  /** Packages that carry the server; the first that is installed tells the version. */
  readonly packages: RegExp;
  /** Ports of the same instance for something else. */
  readonly sidePorts: readonly number[];
}

const DATABASES: readonly Database[] = [
  {
    kind: 'PostgreSQL',
    process: /^(?:postgres|postmaster)$/,
    packages: /^postgresql(?:-?\d+(?:\.\d+)?)?(?:-server)?$/,
    sidePorts: [],
  },
  {
    kind: 'MariaDB',
    process: /^mariadbd$/,
    packages: /^(?:mariadb-server(?:-[\d.]+)?|mariadb)$/i,
    sidePorts: [],
  },
  {
    kind: 'MySQL',
    process: /^mysqld$/,
    packages: /^(?:mysql-(?:community-)?server(?:-[\d.]+)?|mysql server [\d.]+|mysql)$/i,
    sidePorts: [33_060, 33_062],
  },
  {
    kind: 'Redis',
    process: /^redis-server$/,
    packages: /^redis(?:-server)?$/,
    sidePorts: [16_379],
  },
  { kind: 'Valkey', process: /^valkey-server$/, packages: /^valkey(?:-server)?$/, sidePorts: [16_379] },
  {
    kind: 'MongoDB',
    process: /^mongo[ds]$/,
    packages: /^(?:mongodb-(?:org|enterprise)-server|mongodb(?:-server)?)$/,
    sidePorts: [],
  },
  {
    kind: 'Microsoft SQL Server',
    process: /^sqlservr$/,
    packages: /^(?:mssql-server|microsoft sql server \d{4}.*)$/i,
    sidePorts: [1_431, 1_434],
  },
  {
    kind: 'Oracle Database',
    process: /^tnslsnr$/,
    packages: /^oracle-database-.*$/,
    sidePorts: [],
  },
  { kind: 'Db2', process: /^db2sysc/, packages: /^db2.*$/i, sidePorts: [] },
  {
    kind: 'ClickHouse',
    process: /^clickhouse/,
    packages: /^clickhouse-server$/,
    sidePorts: [8_123, 9_004, 9_005, 9_009],
  },
  { kind: 'InfluxDB', process: /^influxd$/, packages: /^influxdb2?$/, sidePorts: [8_088] },
  { kind: 'memcached', process: /^memcached$/, packages: /^memcached$/, sidePorts: [] },
];

/** A known server of databases that listens, by kind and port. @param known as of `servicesPicture` */
export function databasesPicture(known: Snapshot): SectionPicture | null {
  if (!known.sockets) return null;
  const parts = new Map<string, PartPicture>();
  for (const listener of known.sockets.listening) {
    const database = databaseOf(listener);
    if (database === null || parts.has(`${database.kind} ${listener.port}`)) continue;
    const { kind } = database;
    const { port, service, process } = listener;
    const same = known.sockets.listening.filter(
      (one) => one.port === port && one.protocol === 'tcp' && databaseOf(one) === database,
    );
    parts.set(`${kind} ${port}`, {
      class: 'DatabaseInstance',
      name: `${kind} ${port}`,
      keys: [`database ${kind} ${port}`],
      attributes: {
        kind,
        port,
        version: versionOf(database, service, known),
        addresses: [...new Set(same.map(({ address }) => address))].toSorted(),
        service,
        process,
      },
    });
  }
  return { section: 'sockets', attributes: {}, parts: [...parts.values()] };
}

function databaseOf({ protocol, port, process }: Listener): Database | null {
  if (protocol !== 'tcp' || process === null) return null;
  const name = process.toLowerCase().replace(/\.exe$/, '');
  return DATABASES.find((one) => one.process.test(name) && !one.sidePorts.includes(port)) ?? null;
}

/** Of several installed versions the one that the service is named after; where nothing says which, none. */
function versionOf({ packages }: Database, service: string | null, known: Snapshot): string | null {
  const installed = (known.software?.packages ?? []).filter(({ name }) => packages.test(name));
  const major = /@(\d+(?:\.\d+)?)-|-(\d+(?:\.\d+)?)$/.exec(service ?? '');
  const wanted = major?.[1] ?? major?.[2];
  const fitting = installed.filter(
    ({ name, version }) => wanted === undefined || name.includes(wanted) || majorOf(version) === wanted,
  );
  // An umbrella package ('postgresql' 16+257) tells its own version, the numbered one the server's.
  const numbered = fitting.filter(({ name }) => /\d/.test(name));
  const versions = new Set((numbered.length > 0 ? numbered : fitting).map(({ version }) => version));
  const [only] = versions;
  return versions.size === 1 ? (only ?? null) : null;
}

function majorOf(version: string): string {
  return /^(?:\d+:)?(\d+)/.exec(version)?.[1] ?? '';
}
