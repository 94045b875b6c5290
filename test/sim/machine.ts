/** A simulated machine: inventory and readings as pure functions of (seed, index, time), so that any reading can be checked later. */
import type { Sample } from '@muster/shared/metrics/catalogue.ts';
import { METRICS, type MetricName } from '@muster/shared/metrics/catalogue.ts';
import type { SnapshotInput } from '@muster/shared/inventory/sections.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Fault } from './scenario.ts';

export interface SimMachine {
  readonly index: number;
  readonly hostname: string;
  readonly kind: 'server' | 'laptop';
}

const GIB = 2 ** 30;
const SERVERS_SHARE = 0.15;
const CITIES = ['hz', 'sz', 'sh', 'bj'];

export function simMachine(seed: number, index: number): SimMachine {
  const kind = unit(seed, index, 1) < SERVERS_SHARE ? 'server' : 'laptop';
  const city = CITIES[Math.floor(unit(seed, index, 2) * CITIES.length)] ?? 'hz';
  return {
    index,
    kind,
    hostname: `${city}-${kind === 'server' ? 'srv' : 'lt'}-${String(index).padStart(4, '0')}`,
  };
}

/**
 * All readings of one tick. `sinceStartMs` places the faults of the scenario. A machine that would have fewer than
 * `seriesMin` series is given so many cores that it has them.
 */
export function readings(
  seed: number,
  machine: SimMachine,
  atMs: Millis,
  faults: readonly Fault[],
  sinceStartMs: Millis,
  seriesMin = 0,
): Sample[] {
  const { index } = machine;
  const active = faults.filter((fault) => applies(fault, index, sinceStartMs));
  const samples: Sample[] = [];
  const add = (metric: MetricName, value: number, instance = '') =>
    samples.push({ metric, instance, value: rounded(metric, value) });

  const burning = active.some(({ kind }) => kind === 'cpu-burn');
  const busy = burning
    ? 97 + noise(seed, index, 10, atMs)
    : 8 + 12 * wave(seed, index, atMs) + 6 * noise(seed, index, 10, atMs);
  const system = busy * 0.25;
  add('cpu.utilisation', clamp(busy, 0, 100));
  add('cpu.user', clamp(busy - system, 0, 100));
  add('cpu.system', clamp(system, 0, 100));
  add('cpu.iowait', 0.5 * noise(seed, index, 11, atMs));
  add('load.1m', busy / 25);
  add('load.5m', busy / 27);

  const memory = machine.kind === 'server' ? 64 * GIB : 16 * GIB;
  const used = active.some(({ kind }) => kind === 'memory-leak')
    ? memory * 0.97
    : memory * (0.35 + 0.1 * wave(seed, index + 7, atMs));
  add('memory.total', memory);
  add('memory.used', Math.floor(used / 4096) * 4096);
  add('memory.available', memory - Math.floor(used / 4096) * 4096);
  add('memory.utilisation', (used / memory) * 100);

  for (const mount of mountsOf(machine)) {
    const size = mount === '/' ? 60 * GIB : 480 * GIB;
    const share = active.some(({ kind }) => kind === 'disk-full') ? 0.985 : 0.3 + 0.3 * unit(seed, index, 20);
    const filled = Math.floor(size * share);
    add('filesystem.total', size, mount);
    add('filesystem.used', filled, mount);
    add('filesystem.available', size - filled, mount);
    add('filesystem.utilisation', share * 100, mount);
  }
  add('network.received', counter(seed, index, 30, atMs, 200_000), 'eth0');
  add('network.transmitted', counter(seed, index, 31, atMs, 90_000), 'eth0');
  add('disk.read', counter(seed, index, 32, atMs, 400_000), 'nvme0n1');
  add('disk.written', counter(seed, index, 33, atMs, 700_000), 'nvme0n1');
  add('system.uptime', Math.floor((atMs % 2e9) / 1_000));
  for (let core = 0; samples.length < seriesMin; core++)
    add(
      'cpu.core.utilisation',
      clamp(busy + 10 * noise(seed, index, 100 + core, atMs), 0, 100),
      String(core),
    );
  return samples;
}

/** What the machine says it is; identity keys differ from machine to machine. */
export function snapshot(seed: number, machine: SimMachine, packages = 40): SnapshotInput {
  const { index, kind, hostname } = machine;
  const hex = (salt: number, length: number) =>
    Array.from({ length }, (_, i) => Math.floor(unit(seed, index, salt * 100 + i) * 16).toString(16)).join(
      '',
    );
  const mac = `3c:52:82:${hex(40, 2)}:${hex(41, 2)}:${hex(42, 2)}`;
  const server = kind === 'server';
  return {
    hardware: {
      system: {
        manufacturer: server ? 'Dell Inc.' : 'LENOVO',
        model: server ? 'PowerEdge R650' : 'ThinkPad T14 Gen 5',
        version: null,
        serial: `SIM${hex(43, 8).toUpperCase()}`,
        uuid: `${hex(44, 8)}-${hex(45, 4)}-4${hex(46, 3)}-8${hex(47, 3)}-${hex(48, 12)}`,
        sku: null,
      },
      board: {
        manufacturer: server ? 'Dell Inc.' : 'LENOVO',
        model: null,
        version: null,
        serial: `B${hex(49, 10).toUpperCase()}`,
      },
      bios: { vendor: server ? 'Dell Inc.' : 'LENOVO', version: '1.12', date: '2026-03-04' },
      chassis: {
        type: server ? 'Rack Mount Chassis' : 'Notebook',
        manufacturer: null,
        serial: null,
        assetTag: null,
      },
      virtualisation: null,
      cpus: [
        {
          slot: 'CPU1',
          model: server ? 'Intel Xeon Silver 4314' : 'AMD Ryzen 7 PRO 8840U',
          vendor: server ? 'Intel' : 'AMD',
          cores: server ? 16 : 8,
          threads: server ? 32 : 16,
          maxHz: 3.4e9,
        },
      ],
      memoryBytes: (server ? 64 : 16) * GIB,
      memorySlots: null,
      memoryModules: [],
    },
    os: {
      family: 'linux',
      name: 'Debian GNU/Linux',
      version: '12',
      codename: 'bookworm',
      build: null,
      architecture: 'x86_64',
      kernel: '6.1.0-40-amd64',
      hostname,
      domain: null,
      machineId: hex(50, 32),
      bootId: null,
      bootedAtMs: null,
      installedAtMs: null,
      timeZone: 'Asia/Shanghai',
    },
    network: {
      interfaces: [
        {
          name: 'eth0',
          mac,
          macPermanent: true,
          kind: 'ethernet',
          virtual: false,
          removable: false,
          speedBitsPerSecond: 1e9,
          mtu: 1500,
          state: 'up',
          driver: 'e1000e',
          addresses: [
            {
              address: `10.${20 + Math.floor(index / 60_000)}.${Math.floor(index / 250) % 250}.${(index % 250) + 2}`,
              prefix: 16,
              family: 'ipv4',
            },
          ],
        },
      ],
      gateways: [{ address: '10.20.0.1', interface: 'eth0' }],
      dnsServers: ['10.20.0.53'],
    },
    storage: {
      disks: [
        {
          name: 'nvme0n1',
          model: 'Samsung PM9A3',
          serial: `S${hex(51, 12).toUpperCase()}`,
          firmware: null,
          sizeBytes: 960e9,
          kind: 'nvme',
          bus: 'nvme',
        },
      ],
      fileSystems: mountsOf(machine).map((mount) => ({
        mount,
        device: '/dev/nvme0n1p2',
        type: 'ext4',
        uuid: `${hex(52, 8)}${mount === '/' ? '0' : '1'}`,
        sizeBytes: (mount === '/' ? 60 : 480) * GIB,
        readOnly: false,
      })),
    },
    software: {
      packages: Array.from({ length: packages }, (_, i) => ({
        name: `sim-package-${String(i).padStart(3, '0')}`,
        version: `1.${Math.floor(unit(seed, index, 300 + i) * 4)}.0`,
        architecture: 'amd64',
        publisher: 'Debian',
        source: 'dpkg' as const,
        installedAtMs: null,
        sizeBytes: 1_000_000,
      })),
    },
  };
}

export function applies(fault: Fault, index: number, sinceStartMs: Millis): boolean {
  const [first, last] = fault.agents;
  return (
    index >= first && index <= last && sinceStartMs >= fault.fromS * 1_000 && sinceStartMs < fault.toS * 1_000
  );
}

function mountsOf(machine: SimMachine): string[] {
  return machine.kind === 'server' ? ['/', '/var/lib/data'] : ['/'];
}

function rounded(metric: MetricName, value: number): number {
  const factor = 10 ** METRICS[metric].decimals;
  return Math.round(value * factor) / factor;
}

/** Rises always: the part that wavers is smaller than what a second adds. */
function counter(seed: number, index: number, salt: number, atMs: Millis, perSecond: number): number {
  const rate = perSecond * (0.5 + unit(seed, index, salt));
  return Math.floor((atMs / 1_000) * rate + 0.3 * rate * noise(seed, index, salt, atMs));
}

/** 0 to 1, over some ten minutes. */
function wave(seed: number, index: number, atMs: Millis): number {
  const periodMs = 600_000 * (1 + unit(seed, index, 60));
  return 0.5 + 0.5 * Math.sin((2 * Math.PI * atMs) / periodMs + 6 * unit(seed, index, 61));
}

/** 0 to 1, another for each time. */
function noise(seed: number, index: number, salt: number, atMs: Millis): number {
  return unit(seed, index * 131 + salt, Math.floor(atMs / 100) % 0x7fff_ffff);
}

/** 0 ≤ x < 1 from three whole numbers (a 32-bit mix after Wellons' lowbias32 form of constants-and-shifts). */
function unit(a: number, b: number, c: number): number {
  let x = (Math.imul(a, 0x9e37_79b1) ^ Math.imul(b + 1, 0x85eb_ca6b) ^ Math.imul(c + 1, 0xc2b2_ae35)) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0_aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a_2d97);
  return ((x ^ (x >>> 15)) >>> 0) / 2 ** 32;
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}
