/** A week in the life of machines that nobody changes: whatever goes on by itself adds no row. */
import { SECTION_SCHEMAS, type SnapshotInput } from '@muster/shared/inventory/sections.ts';
import { DAY_MS } from '@muster/shared/time.ts';
import { expect, test } from 'vitest';
import { newId } from '../ids.ts';
import { createMemoryCmdbStore } from '../store/memory/cmdb.ts';
import { createCmdb } from './cmdb.ts';
import { hardware, hashOf, network, os } from './identity-testing.ts';

type Interface = NonNullable<SnapshotInput['network']>['interfaces'][number];
type FileSystem = NonNullable<SnapshotInput['storage']>['fileSystems'][number];
type Disk = NonNullable<SnapshotInput['storage']>['disks'][number];

/** Rows after the first report of `days`, each told twice a day. */
async function rowsOf(days: readonly SnapshotInput[]): Promise<string[]> {
  const store = createMemoryCmdbStore();
  const cmdb = await createCmdb({ store, newId, recordAudit: async () => undefined });
  let nowMs = Date.UTC(2026, 0, 5, 8);
  let ciId: string | null = null;
  for (const day of days)
    for (const half of [0, 1]) {
      nowMs += DAY_MS / 2 + half;
      const sections = Object.fromEntries(
        Object.entries(day).map(([name, input]) => {
          const data: unknown = SECTION_SCHEMAS[name as keyof typeof SECTION_SCHEMAS].parse(input);
          return [name, { hash: hashOf(data), complete: true, data }];
        }),
      );
      const result = await cmdb.applyInventory({
        reporter: { source: 'agent', id: 'a1' },
        hostname: 'pc-17',
        scope: { class: null, site: null, tags: [] },
        reporterCiId: ciId,
        body: { atMs: nowMs, sections },
        nowMs,
      });
      ciId = result.ciId;
    }
  const { items } = await store.history({ machineId: ciId ?? '', limit: 500 });
  return items
    .toReversed()
    .map(({ kind, ciName, attribute, after }) => `${kind} ${ciName} ${attribute ?? ''} ${String(after)}`)
    .slice(1);
}

function port(name: string, more: Partial<Interface> = {}): Interface {
  const [made] = network('48:2a:e3:11:22:33').interfaces;
  if (!made) throw new Error('the fixture has no port');
  return { ...made, name, addresses: [], ...more };
}

function fileSystem(mount: string, device: string, type = 'ext4'): FileSystem {
  return { mount, device, type, uuid: null, sizeBytes: 1e9, readOnly: false };
}

function disk(name: string, more: Partial<Disk> = {}): Disk {
  const plain = { model: 'M', serial: `S-${name}`, firmware: '1', sizeBytes: 5e11 };
  return { name, ...plain, kind: 'ssd', bus: 'ata', ...more };
}

const v4 = (address: string) => [{ address, prefix: 24, family: 'ipv4' as const }];

/** Office with dock and monitor on even days, home over Wi-Fi and a tunnel on odd ones. */
function notebook(day: number): SnapshotInput {
  const office = day % 2 === 0;
  const base = hardware();
  return {
    hardware: { ...base, chassis: { ...base.chassis, type: 'Notebook' } },
    os: { ...os('pc-17'), bootedAtMs: day * DAY_MS, bootId: `boot-${day}` },
    network: {
      interfaces: [
        port('wlp2s0', {
          kind: 'wireless',
          addresses: office ? [] : v4(`192.168.1.${20 + day}`),
          speedBitsPerSecond: null,
          state: office ? 'down' : 'up',
        }),
        ...(office
          ? [
              port('enx0011', {
                mac: '00:11:22:33:44:55',
                removable: true,
                addresses: v4(`10.0.0.${50 + day}`),
                speedBitsPerSecond: day % 4 === 0 ? 1e9 : 1e8,
              }),
            ]
          : [port('tun0', { mac: null, kind: 'tunnel', virtual: true, addresses: v4('10.8.0.6') })]),
      ],
      gateways: [
        office
          ? { address: '10.0.0.1', interface: 'enx0011' }
          : { address: '192.168.1.1', interface: 'wlp2s0' },
      ],
      dnsServers: office ? ['10.0.0.2'] : ['192.168.1.1'],
    },
    storage: {
      disks: [
        disk('nvme0n1', { kind: 'nvme', wearPercent: 5 * Math.floor(day / 3) }),
        ...(office ? [] : [disk('sda', { kind: 'removable', bus: 'usb' })]),
      ],
      fileSystems: [
        fileSystem('/', '/dev/nvme0n1p2'),
        ...(office
          ? [fileSystem('/home/anna/share', 'nas:/share', 'nfs4')]
          : [fileSystem('/run/media/anna/STICK', '/dev/sda1', 'vfat')]),
      ],
    },
    users: { users: [], groups: [], lastUser: office ? 'anna' : 'ben', lastUserAtMs: day },
    devices: {
      monitors: office
        ? [
            {
              port: day % 4 === 0 ? 'DP-2' : 'DP-3',
              manufacturer: 'Dell',
              vendorId: 'DEL',
              productId: 'a0b1',
              model: 'U2720Q',
              serial: 'CN0',
              madeWeek: 3,
              madeYear: 2024,
              widthMillimetres: 600,
              heightMillimetres: 340,
            },
          ]
        : [],
      usbDevices: office
        ? [
            {
              port: '1-2',
              vendorId: '046d',
              productId: 'c52b',
              vendor: 'Logitech',
              product: 'Receiver',
              serial: null,
              class: 'human interface',
            },
          ]
        : [],
      batteries: [
        {
          name: 'BAT0',
          manufacturer: 'LGC',
          model: '01AV',
          chemistry: 'Li-poly',
          serial: '1',
          madeAtMs: null,
          designWattHours: 57,
          fullWattHours: 57 - 2.85 * Math.floor(day / 4),
        },
      ],
    },
    sockets: {
      listening: [],
      outgoing: [{ protocol: 'tcp', address: `203.0.113.${day}`, port: 443, process: 'x' }],
    },
  };
}

/** Builds that start and end, a drive that sleeps, services that somebody asked for, logs that are rotated elsewhere. */
function dockerHost(day: number): SnapshotInput {
  return {
    hardware: { ...hardware(), chassis: { ...hardware().chassis, type: 'Rack Mount Chassis' } },
    os: os('host-1'),
    network: {
      interfaces: [
        port('eno1', { addresses: v4('10.0.0.9') }),
        port('docker0', {
          mac: null,
          kind: 'bridge',
          virtual: true,
          state: 'unknown',
          addresses: v4('172.17.0.1'),
        }),
      ],
      gateways: [{ address: '10.0.0.1', interface: 'eno1' }],
      dnsServers: ['10.0.0.2'],
    },
    storage: {
      // Found in another order at each start.
      disks: [
        disk(day % 2 ? 'sda' : 'sdb', { kind: 'hdd', serial: 'D1', health: day % 2 ? 'unknown' : 'passed' }),
        disk(day % 2 ? 'sdb' : 'sda', { kind: 'hdd', serial: 'D2' }),
      ],
      fileSystems: [{ ...fileSystem('/', day % 2 ? '/dev/sda1' : '/dev/sdb1'), uuid: 'u-1' }],
      volumeGroups: [{ name: 'vg0', uuid: 'u', sizeBytes: 1e12, freeBytes: 1e9 * day }],
    },
    drivers: {
      drivers: [
        {
          name: 'nvidia',
          version: '550.1',
          provider: 'not part of the kernel',
          date: null,
          kind: 'kernel-module',
        },
        ...(day % 2
          ? [{ name: 'r8152', version: 'v1.12', provider: null, date: null, kind: 'kernel-module' as const }]
          : []),
      ],
    },
    guests: {
      guests: Array.from({ length: day + 1 }, (_, i) => ({
        name: `build-${day}-${i}`,
        id: `${day}${i}`,
        kind: 'container' as const,
        hypervisor: 'docker',
        state: 'running' as const,
        memoryBytes: null,
        cpus: null,
        image: 'ci',
      })).concat({
        name: 'db',
        id: 'vm-1',
        kind: 'virtual-machine' as never,
        hypervisor: 'kvm',
        state: (day % 2 ? 'running' : 'stopped') as never,
        memoryBytes: null,
        cpus: null,
        image: 'ci',
      }),
    },
    services: {
      services: [
        { name: 'nginx', description: null, state: day === 3 ? 'failed' : 'running', startType: 'automatic' },
        { name: 'fwupd', description: null, state: 'unknown', startType: 'manual' },
      ],
    },
    sockets: {
      listening: [
        { protocol: 'tcp', address: '0.0.0.0', port: 30_000 + day, process: 'docker-proxy', user: 'root' },
      ],
      outgoing: [],
    },
  };
}

const WEEK = [0, 1, 2, 3, 4, 5, 6, 7];

test.each([
  ['a notebook between office and home', notebook],
  ['a container host', dockerHost],
])('[IN74] a week of %s', async (_, machine) => {
  // What was never there before is a fact, once: the first two days show both places.
  const twoDays = await rowsOf(WEEK.slice(0, 2).map(machine));
  const week = await rowsOf(WEEK.map(machine));
  expect(week.slice(twoDays.length)).toEqual([]);
});

test('[IN74] the address of a server that moves is a row', async () => {
  const moved = dockerHost(0);
  const rows = await rowsOf([
    moved,
    { network: { interfaces: [port('eno1', { addresses: v4('10.0.0.10') })], gateways: [], dnsServers: [] } },
  ]);
  expect(rows.some((row) => row.includes('ipAddresses 10.0.0.10'))).toBe(true);
});
