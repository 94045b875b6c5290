/**
 * The inventory an agent reports, section by section: one schema for agent, server and dashboard.
 * Every field may be null (not known); nothing is guessed. Sizes in bytes, speeds in bit/s and Hz, energy in watt-hours.
 *
 * A field that came after the first release has a default, so that the report of an older agent still fits. What changes by
 * itself from day to day (hours run, charge, free space of a file system) is no inventory and has no field here; the few
 * fields that move without being a change say "not tracked".
 */
import * as z from 'zod';
import type { InventorySection } from '../wire/inventory-sections.ts';

// Each schema takes some kilobytes, and the agent has all of them: what is the same is one.
const shortName = z.string().max(64);
const name = z.string().max(256);
const path = z.string().max(1_024);
const flag = z.boolean();
const number = z.number().nullable();
const port = z.int().min(0).max(65_535);
const protocol = z.enum(['tcp', 'udp']);
const text = z.string().max(512).nullable();
const bytes = z.number().min(0).nullable();
const count = z.number().min(0).nullable();
const yesNo = flag.nullable();
/** Of a field added later: null or empty where an older agent does not send it. */
const laterText = text.default(null);
const laterCount = count.default(null);
const laterNumber = number.default(null);
const laterYesNo = yesNo.default(null);
const laterList = <Item extends z.ZodType>(item: Item, max: number) => z.array(item).max(max).default([]);
/** Four lower-case hex digits, of a PCI or USB vendor or product. */
const busId = z
  .string()
  .regex(/^[0-9a-f]{4}$/)
  .nullable();
/** Processors, memory modules, disks, guests …: more than any machine has. */
const ITEMS_MAX = 4_096;

/** SMBIOS identity, board, firmware, chassis, CPUs, memory modules (SMBIOS 3.x types 0 to 4, 16, 17). */
export const Hardware = z.object({
  system: z.object({ manufacturer: text, model: text, version: text, serial: text, uuid: text, sku: text }),
  board: z.object({ manufacturer: text, model: text, version: text, serial: text }),
  bios: z.object({ vendor: text, version: text, date: text }),
  chassis: z.object({ type: text, manufacturer: text, serial: text, assetTag: text }),
  /** Hypervisor or container the machine runs in ('kvm', 'vmware', 'docker' …), null on bare metal. */
  virtualisation: text,
  cpus: z
    .array(
      z.object({
        slot: shortName,
        model: text,
        vendor: text,
        cores: number,
        threads: number,
        maxHz: number,
      }),
    )
    .max(ITEMS_MAX),
  /** Installed memory; what the kernel manages where the firmware does not tell. */
  memoryBytes: bytes,
  /** Sockets for memory modules, empty ones included; null where the firmware does not tell. */
  memorySlots: number,
  memoryModules: z
    .array(
      z.object({
        slot: shortName,
        sizeBytes: bytes,
        type: text,
        manufacturer: text,
        partNumber: text,
        serial: text,
        transfersPerSecond: number,
      }),
    )
    .max(ITEMS_MAX),
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
  bootedAtMs: number,
  installedAtMs: number,
  timeZone: text,
});

export const Network = z.object({
  interfaces: z
    .array(
      z.object({
        name: shortName,
        /** Lower case with colons; the permanent address where the driver tells it. */
        mac: text,
        /** true: `mac` is burnt in; false: random, set by somebody, taken from another port, or not known. */
        macPermanent: flag,
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
        virtual: flag,
        /** true: a USB or dock adapter, which may move to another machine. */
        removable: flag,
        speedBitsPerSecond: number,
        mtu: number,
        state: z.enum(['up', 'down', 'unknown']),
        driver: text,
        addresses: z
          .array(z.object({ address: shortName, prefix: z.number(), family: z.enum(['ipv4', 'ipv6']) }))
          .max(ITEMS_MAX),
      }),
    )
    .max(ITEMS_MAX),
  gateways: z.array(z.object({ address: shortName, interface: shortName })).max(ITEMS_MAX),
  /** In the order in which they are asked. */
  dnsServers: z.array(shortName).max(ITEMS_MAX),
});

export const Storage = z.object({
  disks: z
    .array(
      z.object({
        name: shortName,
        model: text,
        serial: text,
        firmware: text,
        sizeBytes: bytes,
        kind: z.enum(['ssd', 'hdd', 'nvme', 'virtual', 'removable', 'unknown']),
        bus: text,
        /** World wide name of the drive, lower-case hex without a prefix. */
        wwn: laterText,
        /** The drive's own verdict (SMART overall health, NVMe critical warning). */
        health: z.enum(['passed', 'failed', 'unknown']).default('unknown'),
        /** SMART attribute 5, grown defects (SCSI). */
        reallocatedSectors: laterCount,
        /** Used part of a solid-state drive's rated life in steps of 5; not tracked. */
        wearPercent: laterCount,
      }),
    )
    .max(ITEMS_MAX),
  fileSystems: z
    .array(
      z.object({
        mount: name,
        device: text,
        type: text,
        uuid: text,
        sizeBytes: bytes,
        readOnly: flag,
        label: laterText,
      }),
    )
    .max(ITEMS_MAX),
  /** LVM: partitions or disks given to a volume group. */
  physicalVolumes: laterList(
    z.object({
      device: name,
      volumeGroup: text,
      uuid: text,
      format: text,
      sizeBytes: bytes,
      freeBytes: bytes,
    }),
    ITEMS_MAX,
  ),
  volumeGroups: laterList(z.object({ name, uuid: text, sizeBytes: bytes, freeBytes: bytes }), ITEMS_MAX),
  logicalVolumes: laterList(
    z.object({
      name,
      volumeGroup: text,
      uuid: text,
      /** 'linear', 'striped', 'raid1', 'thin' … */
      kind: text,
      sizeBytes: bytes,
    }),
    ITEMS_MAX,
  ),
  /** RAID sets of the kernel or of a controller. */
  raids: laterList(
    z.object({
      name,
      controller: text,
      /** 'raid1', 'raid6' … */
      level: text,
      state: z.enum(['ok', 'degraded', 'rebuilding', 'failed', 'unknown']),
      sizeBytes: bytes,
      members: z.array(z.object({ disk: name, state: text })).max(ITEMS_MAX),
    }),
    ITEMS_MAX,
  ),
});

export const SoftwarePackage = z.object({
  name,
  version: z.string().max(128),
  architecture: text,
  publisher: text,
  source: z.enum(['dpkg', 'rpm', 'apk', 'pacman', 'windows', 'macos', 'snap', 'flatpak', 'other']),
  installedAtMs: number,
  sizeBytes: bytes,
});
export type SoftwarePackage = z.infer<typeof SoftwarePackage>;
export const Software = z.object({ packages: z.array(SoftwarePackage).max(20_000) });

export const Services = z.object({
  services: z
    .array(
      z.object({
        name,
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
        name,
        fullName: text,
        uid: number,
        shell: text,
        administrator: flag,
        system: flag,
      }),
    )
    .max(10_000),
  /** Local groups with the names of their members. */
  groups: laterList(
    z.object({
      name,
      gid: number,
      members: z.array(name).max(10_000),
    }),
    10_000,
  ),
  /** Who is or was last at the machine; null when nobody can be named. */
  lastUser: text,
  /** When that person signed in; not tracked. */
  lastUserAtMs: laterNumber,
});

/** What is plugged in or built in and is neither disk, memory, processor nor network port. */
export const Devices = z.object({
  /** PCI functions. */
  controllers: laterList(
    z.object({
      /** '0000:00:1f.2' */
      slot: shortName,
      /** Class and subclass in words, e.g. 'SATA controller'. */
      class: text,
      /** Base class and subclass, four hex digits. */
      classId: busId,
      vendorId: busId,
      productId: busId,
      subsystemVendorId: busId,
      subsystemProductId: busId,
      vendor: text,
      product: text,
      revision: text,
      driver: text,
    }),
    ITEMS_MAX,
  ),
  gpus: laterList(
    z.object({ slot: text, name: text, vendor: text, memoryBytes: bytes, driver: text }),
    ITEMS_MAX,
  ),
  /** From the EDID of each monitor that was on at the time. */
  monitors: laterList(
    z.object({
      /** 'HDMI-A-1', 'DP-2' … */
      port: text,
      manufacturer: text,
      /** PNP id: three letters. */
      vendorId: text,
      /** Four hex digits. */
      productId: busId,
      model: text,
      serial: text,
      madeWeek: number,
      madeYear: number,
      widthMillimetres: count,
      heightMillimetres: count,
    }),
    ITEMS_MAX,
  ),
  usbDevices: laterList(
    z.object({
      /** '1-4.2': bus and ports. */
      port: text,
      vendorId: busId,
      productId: busId,
      vendor: text,
      product: text,
      serial: text,
      /** 'storage', 'hub', 'keyboard', … in words of the USB class list. */
      class: text,
    }),
    ITEMS_MAX,
  ),
  printers: laterList(
    z.object({
      name,
      description: text,
      location: text,
      driver: text,
      /** Scheme of the device URI: 'ipp', 'usb', 'socket' … */
      scheme: text,
      /** Host of the device URI; never user, password, path or query. */
      host: text,
      serial: text,
      default: yesNo,
      shared: yesNo,
    }),
    ITEMS_MAX,
  ),
  batteries: laterList(
    z.object({
      name: shortName,
      manufacturer: text,
      model: text,
      chemistry: text,
      serial: text,
      madeAtMs: number,
      designWattHours: count,
      /** What it still holds when full, in steps of 5 % of the design; not tracked. */
      fullWattHours: count,
    }),
    ITEMS_MAX,
  ),
  powerSupplies: laterList(
    z.object({
      name,
      manufacturer: text,
      model: text,
      partNumber: text,
      serial: text,
      maxWatts: count,
      hotReplaceable: yesNo,
    }),
    ITEMS_MAX,
  ),
  expansionSlots: laterList(
    z.object({
      name,
      type: text,
      usage: z.enum(['used', 'free', 'unknown']),
      /** PCI address of what is in it. */
      slot: text,
    }),
    ITEMS_MAX,
  ),
  /** Sockets of the board (SMBIOS type 8). */
  connectors: laterList(z.object({ name, connector: text, use: text }), ITEMS_MAX),
  sounds: laterList(z.object({ name, manufacturer: text, description: text, driver: text }), ITEMS_MAX),
  inputs: laterList(
    z.object({
      name,
      kind: z.enum(['keyboard', 'pointer', 'touch', 'other']),
      manufacturer: text,
      connection: text,
    }),
    ITEMS_MAX,
  ),
});

export const Drivers = z.object({
  drivers: laterList(
    z.object({
      name,
      version: text,
      provider: text,
      /** Date of the driver, as 2024-05-31. */
      date: text,
      /** 'kernel-module' on Linux, 'device' on Windows, 'extension' on macOS. */
      kind: z.enum(['kernel-module', 'device', 'extension', 'other']),
    }),
    10_000,
  ),
});

/** Patches that are not packages: Windows updates, macOS updates. */
export const Patches = z.object({
  patches: laterList(
    z.object({
      /** 'KB5034441' */
      id: name,
      title: text,
      installedAtMs: number,
    }),
    10_000,
  ),
});

/** Virtual machines and containers that this machine hosts. */
export const Guests = z.object({
  guests: laterList(
    z.object({
      name,
      /** UUID of a virtual machine, id of a container; what tells one guest from another of the same name. */
      id: text,
      kind: z.enum(['virtual-machine', 'container']),
      /** 'kvm', 'virtualbox', 'hyper-v', 'docker', 'lxc' … */
      hypervisor: text,
      /** Not tracked. */
      state: z.enum(['running', 'paused', 'stopped', 'failed', 'unknown']),
      memoryBytes: bytes,
      cpus: count,
      image: text,
    }),
    ITEMS_MAX,
  ),
});

export const Security = z.object({
  antivirus: laterList(z.object({ name, version: text, enabled: yesNo, upToDate: yesNo }), 256),
  firewalls: laterList(
    z.object({
      /** 'nftables', 'ufw', 'Windows Firewall' … */
      product: text,
      /** 'domain', 'public' …; null where the product has one state. */
      profile: text,
      enabled: yesNo,
    }),
    256,
  ),
  /** Encrypted volumes: BitLocker, FileVault, dm-crypt. */
  diskEncryption: laterList(z.object({ volume: name, method: text, enabled: yesNo }), ITEMS_MAX),
  secureBoot: laterYesNo,
  /** 'SELinux enforcing', 'AppArmor' … */
  accessControl: laterText,
  /** Programs for remote control with the id under which the machine is reached. */
  remoteControls: laterList(z.object({ product: name, version: text, id: text }), 256),
});

/** TCP and UDP as the machine sees it at the time of the report. */
export const Sockets = z.object({
  listening: laterList(
    z.object({
      protocol,
      /** '0.0.0.0' and '::' are all addresses. */
      address: shortName,
      port,
      /** Name of the program, never its arguments. */
      process: text,
      user: text,
      /** Name of the service that the program belongs to, as in the section of services. */
      service: laterText,
    }),
    ITEMS_MAX,
  ),
  /** Established connections to services elsewhere, one item per distinct service; not tracked. */
  outgoing: laterList(
    z.object({
      protocol,
      address: shortName,
      port,
      process: text,
    }),
    ITEMS_MAX,
  ),
});

/** Configuration files as fingerprints: who may read them and what they hash to, never what stands in them. */
export const Fingerprints = z.object({
  /** What was asked for, in order. */
  directories: laterList(
    z.object({
      path,
      /** 'refused': not on the agent's own list of allowed places. */
      state: z.enum(['read', 'cut', 'missing', 'refused', 'unreadable']),
    }),
    64,
  ),
  files: laterList(
    z.object({
      path,
      /** Name of the account, its number where it has no name. */
      owner: text,
      group: text,
      /** Four octal digits: '0644'. */
      mode: text,
      /** null together with `sha256`. */
      sizeBytes: bytes,
      /** null where it was not taken: a secret (its hash could be guessed), too large, or not readable. */
      sha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .nullable(),
      /** Of a symbolic link, which is never followed. */
      linkTarget: path.nullable(),
    }),
    10_000,
  ),
});

export const SECTION_SCHEMAS = {
  hardware: Hardware,
  os: OperatingSystem,
  network: Network,
  storage: Storage,
  software: Software,
  services: Services,
  users: Users,
  devices: Devices,
  drivers: Drivers,
  patches: Patches,
  guests: Guests,
  security: Security,
  sockets: Sockets,
  fingerprints: Fingerprints,
} as const satisfies Record<InventorySection, z.ZodType>;

/** Sections as they come out of their schema: every field is there. */
export type SectionData = { [S in InventorySection]: z.output<(typeof SECTION_SCHEMAS)[S]> };
/** Sections as they may be handed to their schema: fields with a default may be left out. */
export type SectionInput = { [S in InventorySection]: z.input<(typeof SECTION_SCHEMAS)[S]> };
/** All sections known of one machine. */
export type Snapshot = Partial<SectionData>;
/** The same before its schemas have read it. */
export type SnapshotInput = Partial<SectionInput>;
