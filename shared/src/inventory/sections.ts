/**
 * The inventory an agent reports, section by section: one schema for agent, server and dashboard.
 * Every field may be null (not known); nothing is guessed. Sizes in bytes, speeds in bit/s and Hz.
 */
import * as z from 'zod';
import type { InventorySection } from '../wire/control.ts';

const text = z.string().max(512).nullable();
const bytes = z.number().min(0).nullable();

/** SMBIOS identity, board, firmware, chassis, CPUs, memory modules (SMBIOS 3.x types 0 to 4, 16, 17). */
export const Hardware = z.object({
  system: z.object({ manufacturer: text, model: text, version: text, serial: text, uuid: text, sku: text }),
  board: z.object({ manufacturer: text, model: text, version: text, serial: text }),
  bios: z.object({ vendor: text, version: text, date: text }),
  chassis: z.object({ type: text, manufacturer: text, serial: text, assetTag: text }),
  /** Hypervisor or container the machine runs in ('kvm', 'vmware', 'docker' …), null on bare metal. */
  virtualisation: text,
  cpus: z.array(
    z.object({
      slot: z.string().max(64),
      model: text,
      vendor: text,
      cores: z.number().nullable(),
      threads: z.number().nullable(),
      maxHz: z.number().nullable(),
    }),
  ),
  /** Installed memory; what the kernel manages where the firmware does not tell. */
  memoryBytes: bytes,
  /** Sockets for memory modules, empty ones included; null where the firmware does not tell. */
  memorySlots: z.number().nullable(),
  memoryModules: z.array(
    z.object({
      slot: z.string().max(64),
      sizeBytes: bytes,
      type: text,
      manufacturer: text,
      partNumber: text,
      serial: text,
      transfersPerSecond: z.number().nullable(),
    }),
  ),
});

export const OperatingSystem = z.object({
  family: z.enum(['linux', 'windows', 'macos']),
  name: text,
  version: text,
  codename: text,
  /** Windows build; Linux: the kernel's build line, which names the distribution's patch level. */
  build: text,
  /** As `uname -m`: 'x86_64', 'aarch64' … */
  architecture: text,
  /** Kernel release. */
  kernel: text,
  hostname: z.string().max(255),
  domain: text,
  /** /etc/machine-id, Windows MachineGuid, macOS IOPlatformUUID. */
  machineId: text,
  bootId: text,
  bootedAtMs: z.number().nullable(),
  installedAtMs: z.number().nullable(),
  timeZone: text,
});

export const Network = z.object({
  interfaces: z.array(
    z.object({
      name: z.string().max(64),
      /** Lower case with colons; the permanent address where the driver tells it. */
      mac: text,
      /** true: `mac` is burnt in; false: random, set by somebody, taken from another port, or not known. */
      macPermanent: z.boolean(),
      kind: z.enum([
        'ethernet',
        'wireless',
        'loopback',
        'bridge',
        'bond',
        'vlan',
        'tunnel',
        'virtual',
        'other',
      ]),
      /** true: not a physical port of this machine. */
      virtual: z.boolean(),
      /** true: a USB or dock adapter, which may move to another machine. */
      removable: z.boolean(),
      speedBitsPerSecond: z.number().nullable(),
      mtu: z.number().nullable(),
      state: z.enum(['up', 'down', 'unknown']),
      driver: text,
      addresses: z.array(
        z.object({ address: z.string().max(64), prefix: z.number(), family: z.enum(['ipv4', 'ipv6']) }),
      ),
    }),
  ),
  gateways: z.array(z.object({ address: z.string().max(64), interface: z.string().max(64) })),
  /** In the order in which they are asked. */
  dnsServers: z.array(z.string().max(64)),
});

export const Storage = z.object({
  disks: z.array(
    z.object({
      name: z.string().max(64),
      model: text,
      serial: text,
      firmware: text,
      sizeBytes: bytes,
      kind: z.enum(['ssd', 'hdd', 'nvme', 'virtual', 'removable', 'unknown']),
      bus: text,
    }),
  ),
  fileSystems: z.array(
    z.object({
      mount: z.string().max(256),
      device: text,
      type: text,
      uuid: text,
      sizeBytes: bytes,
      readOnly: z.boolean(),
    }),
  ),
});

export const SoftwarePackage = z.object({
  name: z.string().max(256),
  version: z.string().max(128),
  architecture: text,
  publisher: text,
  source: z.enum(['dpkg', 'rpm', 'apk', 'windows', 'macos', 'snap', 'flatpak', 'other']),
  installedAtMs: z.number().nullable(),
  sizeBytes: bytes,
});
export type SoftwarePackage = z.infer<typeof SoftwarePackage>;
export const Software = z.object({ packages: z.array(SoftwarePackage).max(20_000) });

export const Services = z.object({
  services: z
    .array(
      z.object({
        name: z.string().max(256),
        description: text,
        state: z.enum(['running', 'stopped', 'failed', 'unknown']),
        startType: z.enum(['automatic', 'manual', 'disabled', 'unknown']),
      }),
    )
    .max(10_000),
});

/** Local accounts; no password hash, no e-mail, no home contents. */
export const Users = z.object({
  users: z
    .array(
      z.object({
        name: z.string().max(256),
        fullName: text,
        uid: z.number().nullable(),
        shell: text,
        administrator: z.boolean(),
        system: z.boolean(),
      }),
    )
    .max(10_000),
  /** Who is or was last at the machine; null when nobody can be named. */
  lastUser: text,
});

export const SECTION_SCHEMAS = {
  hardware: Hardware,
  os: OperatingSystem,
  network: Network,
  storage: Storage,
  software: Software,
  services: Services,
  users: Users,
} as const satisfies Record<InventorySection, z.ZodType>;

export type SectionData = { [S in InventorySection]: z.infer<(typeof SECTION_SCHEMAS)[S]> };
/** All sections known of one machine. */
export type Snapshot = Partial<SectionData>;
