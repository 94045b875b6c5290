import { SECTION_SCHEMAS, type SectionInput, type Snapshot } from '@muster/shared/inventory/sections.ts';
import { expect, test } from 'vitest';
import { addressParts, databasesPicture, SERVICE_PARTS_MAX, servicesPicture } from './picture-services.ts';

type ServiceRow = NonNullable<Snapshot['services']>['services'][number];
type ListenerInput = NonNullable<SectionInput['sockets']['listening']>[number];

const service = (
  name: string,
  state: ServiceRow['state'] = 'running',
  startType: ServiceRow['startType'] = 'automatic',
): ServiceRow => ({ name, description: null, state, startType });
const listener = (port: number, process: string, more: Partial<ListenerInput> = {}): ListenerInput => ({
  protocol: 'tcp',
  address: '0.0.0.0',
  port,
  process,
  user: null,
  ...more,
});
const known = (
  services: ServiceRow[],
  listening: ListenerInput[],
  packages: [name: string, version: string][] = [],
): Snapshot => ({
  services: { services },
  sockets: SECTION_SCHEMAS.sockets.parse({ listening }),
  software: {
    packages: packages.map(([name, version]) => ({
      name,
      version,
      architecture: null,
      publisher: null,
      source: 'dpkg',
      installedAtMs: null,
      sizeBytes: null,
    })),
  },
});

test('[CI24] an address is a part by itself, once, without those that lead nowhere', () => {
  const port = (name: string, ...addresses: string[]) => ({
    name,
    mac: null,
    macPermanent: false,
    kind: 'ethernet' as const,
    virtual: false,
    removable: false,
    speedBitsPerSecond: null,
    mtu: null,
    state: 'up' as const,
    driver: null,
    addresses: addresses.map((address) => ({
      address,
      prefix: address.includes(':') ? 64 : 24,
      family: address.includes(':') ? ('ipv6' as const) : ('ipv4' as const),
    })),
  });
  const parts = addressParts({
    interfaces: [
      port('eth0', '10.0.0.5', 'FE80::1', '2001:DB8::5'),
      port('eth1', '10.0.0.5', '169.254.3.4'),
      port('docker0', '172.17.0.1'),
    ],
    gateways: [],
    dnsServers: [],
  });
  expect(parts.map(({ name, keys, attributes }) => [name, keys, attributes['interface']])).toEqual([
    ['10.0.0.5', ['address 10.0.0.5'], 'eth1'],
    ['2001:db8::5', ['address 2001:db8::5'], 'eth0'],
  ]);
});

test('[CI25] services that listen, run or start by themselves are parts; terminals and logins are not', () => {
  const picture = servicesPicture(
    known(
      [
        service('off', 'stopped', 'disabled'),
        service('by-hand', 'stopped', 'manual'),
        service('getty@tty1'),
        service('user@1000'),
        service('cron'),
        service('stopped-one', 'stopped'),
        service('dbus', 'running', 'manual'),
        service('ssh', 'running', 'manual'),
      ],
      [listener(22, 'sshd', { service: 'ssh' }), listener(22, 'sshd', { service: 'ssh', address: '::' })],
    ),
  );
  expect(picture?.parts.map(({ name, attributes }) => [name, attributes['ports']])).toEqual([
    ['ssh', ['tcp 22']],
    ['cron', []],
    ['stopped-one', []],
    ['dbus', []],
  ]);
});

test.each([
  ['sshd', 'ssh', true],
  ['nginx', 'nginx', true],
  ['MyApp.exe', 'myapp', true],
  ['java', 'tomcat', false],
])('[CI25] where the agent names no service, %s belongs to %s: %s', (process, name, expected) => {
  const picture = servicesPicture(known([service(name)], [listener(8_080, process)]));
  expect(picture?.parts[0]?.attributes['ports']).toEqual(expected ? ['tcp 8080'] : []);
});

test('[CI25] of too many services those that listen stay', () => {
  const many = Array.from({ length: 200 }, (_, index) => service(`a${index}`));
  const picture = servicesPicture(known([...many, service('zz')], [listener(80, 'zz')]));
  expect(picture?.parts).toHaveLength(SERVICE_PARTS_MAX);
  expect(picture?.parts[0]?.name).toBe('zz');
});

test('[CI26] a known server of databases that listens is an instance by kind and port, with the version of its package', () => {
  const picture = databasesPicture(
    known(
      [],
      [
        listener(5432, 'postgres', { service: 'postgresql@16-main', address: '127.0.0.1' }),
        listener(5432, 'postgres', { service: 'postgresql@16-main', address: '::1' }),
        listener(5433, 'postgres', { service: 'postgresql@14-old' }),
        listener(3306, 'mysqld'),
        listener(33_060, 'mysqld'),
        listener(80, 'nginx'),
        listener(6379, 'redis-server'),
      ],
      [
        ['postgresql', '16+257'],
        ['postgresql-16', '16.4-1'],
        ['postgresql-14', '14.12-1'],
        ['postgresql-client-16', '16.4-1'],
        ['mysql-server', '8.0.39'],
        ['mysql-server-8.0', '8.0.39-0ubuntu1'],
      ],
    ),
  );
  expect(
    picture?.parts.map(({ name, attributes }) => [name, attributes['version'], attributes['addresses']]),
  ).toEqual([
    ['PostgreSQL 5432', '16.4-1', ['127.0.0.1', '::1']],
    ['PostgreSQL 5433', '14.12-1', ['0.0.0.0']],
    ['MySQL 3306', '8.0.39-0ubuntu1', ['0.0.0.0']],
    ['Redis 6379', null, ['0.0.0.0']],
  ]);
});

test('[CI26] of several installed versions none is told where nothing says which one runs', () => {
  const picture = databasesPicture(
    known(
      [],
      [listener(5432, 'postgres')],
      [
        ['postgresql-14', '14.12'],
        ['postgresql-16', '16.4'],
      ],
    ),
  );
  expect(picture?.parts[0]?.attributes['version']).toBeNull();
});

test('[CI25] [CI26] what was never told is no picture', () => {
  expect([servicesPicture({}), databasesPicture({})]).toEqual([null, null]);
});
