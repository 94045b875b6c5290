/** A machine as GLPI inventory JSON: what other tools of that family can import. Times are UTC. */
import type { GlpiInventory } from '@muster/shared/api/intake.ts';
import type { SectionData, Snapshot } from '@muster/shared/inventory/sections.ts';
import { type Millis, toIso } from '@muster/shared/time.ts';

type Fields = Readonly<Record<string, unknown>>;

/** @param reportedAtMs of the newest section; with the name it makes the id by which that family names a device. */
export function glpiInventory(input: {
  readonly name: string;
  readonly tags: readonly string[];
  readonly snapshot: Snapshot;
  readonly reportedAtMs: Millis;
  readonly version: string;
}): GlpiInventory {
  const { name, tags, snapshot, reportedAtMs, version } = input;
  const [tag] = tags;
  return {
    action: 'inventory',
    deviceid: `${name}-${dateTime(reportedAtMs).replace(/[ :]/g, '-')}`,
    itemtype: 'Computer',
    ...(tag === undefined ? {} : { tag }),
    content: {
      accesslog: { logdate: dateTime(reportedAtMs) },
      versionclient: `Muster_v${version}`,
      versionprovider: { name: 'Muster', version },
      ...machine(snapshot, name),
      ...(snapshot.network
        ? { networks: snapshot.network.interfaces.flatMap((one) => portRows(one, snapshot)) }
        : {}),
      ...(snapshot.storage ? storageOf(snapshot.storage) : {}),
      ...(snapshot.software
        ? {
            softwares: [
              ...snapshot.software.packages.map(software),
              ...(snapshot.patches?.patches ?? []).map(patch),
            ],
          }
        : {}),
      ...(snapshot.users ? accounts(snapshot.users) : {}),
      ...(snapshot.devices ? devices(snapshot.devices) : {}),
      ...(snapshot.guests ? { virtualmachines: snapshot.guests.guests.map(guest) } : {}),
      ...(snapshot.security ? security(snapshot.security) : {}),
    },
  };
}

/** Without what is not known: the format has no null. */
function told(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && value !== undefined && value !== ''),
  );
}

function dateTime(atMs: Millis): string {
  return toIso(atMs).slice(0, 19).replace('T', ' ');
}

function date(atMs: Millis | null): string | null {
  return atMs === null ? null : toIso(atMs).slice(0, 10);
}

const MIB = 2 ** 20;
function mebibytes(bytes: number | null | undefined): number | null {
  return bytes === null || bytes === undefined ? null : Math.floor(bytes / MIB);
}
function megabytes(bytes: number | null): number | null {
  return bytes === null ? null : Math.floor(bytes / 1e6);
}
function megahertz(hertz: number | null): number | null {
  return hertz === null ? null : Math.round(hertz / 1e6);
}

function machine({ hardware, os, users, network, security: protection }: Snapshot, name: string): Fields {
  const dns = network?.dnsServers.join('/') ?? '';
  return {
    bios: told({
      assettag: hardware?.chassis.assetTag,
      bdate: isoDate(hardware?.bios.date ?? null),
      bmanufacturer: hardware?.bios.vendor,
      bversion: hardware?.bios.version,
      enclosureserial: hardware?.chassis.serial,
      mmanufacturer: hardware?.board.manufacturer,
      mmodel: hardware?.board.model,
      msn: hardware?.board.serial,
      skunumber: hardware?.system.sku,
      smanufacturer: hardware?.system.manufacturer,
      smodel: hardware?.system.model,
      ssn: hardware?.system.serial,
      secure_boot: protection?.secureBoot == null ? null : protection.secureBoot ? 'enabled' : 'disabled',
    }),
    hardware: told({
      name: os?.hostname || name,
      uuid: hardware?.system.uuid,
      chassis_type: hardware?.chassis.type,
      memory: mebibytes(hardware?.memoryBytes),
      vmsystem: hardware ? (VM_SYSTEMS[hardware.virtualisation ?? ''] ?? hardware.virtualisation) : null,
      workgroup: os?.domain,
      lastloggeduser: users?.lastUser,
      defaultgateway: network?.gateways.find(({ address }) => !address.includes(':'))?.address,
      dns,
    }),
    ...(hardware
      ? {
          cpus: hardware.cpus.map((cpu) => cpuOf(cpu, os?.architecture ?? null)),
          memories: memories(hardware),
        }
      : {}),
    ...(os ? { operatingsystem: operatingSystem(os) } : {}),
  };
}

/** Ours → theirs, where they differ. */
const VM_SYSTEMS: Readonly<Record<string, string>> = {
  '': 'Physical',
  vmware: 'VMware',
  virtualbox: 'VirtualBox',
  hyperv: 'Hyper-V',
  kvm: 'KVM',
  qemu: 'QEMU',
  xen: 'Xen',
  docker: 'Docker',
  lxc: 'lxc',
};

/** Firmware writes `MM/DD/YYYY` (SMBIOS 7.1). */
function isoDate(told: string | null): string | null {
  const [, month, day, year] = /^(\d\d)\/(\d\d)\/(\d{4})$/.exec(told ?? '') ?? [];
  if (year !== undefined) return `${year}-${month}-${day}`;
  return /^\d{4}-\d\d-\d\d$/.test(told ?? '') ? told : null;
}

const ARCHITECTURES = /^(mips|mips64|alpha|sparc|sparc64|m68k|i\d86|x86_64|powerpc|powerpc64|arm.*|aarch64)$/;

function cpuOf(cpu: SectionData['hardware']['cpus'][number], architecture: string | null): Fields {
  return told({
    arch: architecture !== null && ARCHITECTURES.test(architecture) ? architecture : null,
    name: cpu.model,
    manufacturer: cpu.vendor,
    core: whole(cpu.cores),
    thread: whole(cpu.threads),
    speed: megahertz(cpu.maxHz),
  });
}

function whole(value: number | null | undefined): number | null {
  return value === null || value === undefined ? null : Math.round(value);
}

function memories({ memoryModules, memorySlots }: SectionData['hardware']): Fields[] {
  const modules = memoryModules.map((module, index) =>
    told({
      caption: module.slot,
      capacity: mebibytes(module.sizeBytes),
      type: module.type,
      manufacturer: module.manufacturer,
      model: module.partNumber,
      serialnumber: module.serial,
      speed: module.transfersPerSecond === null ? null : String(Math.round(module.transfersPerSecond / 1e6)),
      numslots: index + 1,
    }),
  );
  const free = Math.max(0, Math.min(SLOTS_MAX, memorySlots ?? 0) - modules.length);
  return [...modules, ...Array.from({ length: free }, (_, at) => ({ numslots: modules.length + at + 1 }))];
}
const SLOTS_MAX = 256;

function operatingSystem(os: SectionData['os']): Fields {
  return told({
    name: os.name,
    full_name: [os.name, os.version].filter(Boolean).join(' '),
    version: os.version,
    kernel_name: { linux: 'linux', windows: 'MSWin32', macos: 'darwin' }[os.family],
    kernel_version: os.kernel,
    arch: os.architecture,
    fqdn: os.domain === null ? os.hostname : `${os.hostname}.${os.domain}`,
    dns_domain: os.domain,
    boot_time: os.bootedAtMs === null ? null : dateTime(os.bootedAtMs),
    install_date: os.installedAtMs === null ? null : dateTime(os.installedAtMs),
    timezone: { name: 'UTC', offset: '+0000' },
  });
}

const PORT_TYPES: Readonly<Record<string, string>> = {
  ethernet: 'ethernet',
  wireless: 'wifi',
  loopback: 'loopback',
  bridge: 'bridge',
  bond: 'aggregate',
};

/** One row per address; a port without one has a row of its own. */
function portRows(port: SectionData['network']['interfaces'][number], { network }: Snapshot): Fields[] {
  const gateway = network?.gateways.find((one) => one.interface === port.name && !one.address.includes(':'));
  const common = {
    description: port.name,
    mac: port.mac,
    type: PORT_TYPES[port.kind],
    status: port.state,
    speed: port.speedBitsPerSecond === null ? null : String(Math.round(port.speedBitsPerSecond / 1e6)),
    mtu: whole(port.mtu),
    driver: port.driver,
    virtualdev: port.virtual,
  };
  if (port.addresses.length === 0) return [told(common)];
  return port.addresses.map(({ address, prefix, family }) =>
    told(
      family === 'ipv4'
        ? { ...common, ipaddress: address, ipmask: ipv4Mask(prefix), ipgateway: gateway?.address }
        : { ...common, ipaddress6: address, ipmask6: ipv6Mask(prefix) },
    ),
  );
}

function ipv4Mask(prefix: number): string {
  return [0, 8, 16, 24].map((from) => 256 - 2 ** (8 - bitsIn(prefix, from, 8))).join('.');
}

function ipv6Mask(prefix: number): string {
  const groups = [0, 16, 32, 48, 64, 80, 96, 112].map((from) =>
    (0x10000 - 2 ** (16 - bitsIn(prefix, from, 16))).toString(16),
  );
  const end = groups.findLastIndex((group) => group !== '0') + 1;
  return end === groups.length ? groups.join(':') : `${groups.slice(0, end).join(':')}::`;
}

/** How many of the `width` bits that begin at `from` belong to the prefix. */
function bitsIn(prefix: number, from: number, width: number): number {
  return Math.min(width, Math.max(0, prefix - from));
}

/** Volume groups and physical volumes of that format need numbers of extents, which are not kept here. */
function storageOf(storage: SectionData['storage']): Fields {
  const logical = storage.logicalVolumes.filter(({ uuid, sizeBytes }) => uuid !== null && sizeBytes !== null);
  return {
    drives: storage.fileSystems.map((drive) =>
      told({
        type: drive.mount,
        letter: /^[A-Z]:$/.test(drive.mount) ? drive.mount : null,
        volumn: drive.device,
        filesystem: drive.type,
        serial: drive.uuid,
        total: mebibytes(drive.sizeBytes),
        label: drive.label,
      }),
    ),
    storages: storage.disks.map((disk) =>
      told({
        name: disk.name,
        model: disk.model,
        serial: disk.serial,
        firmware: disk.firmware,
        disksize: megabytes(disk.sizeBytes),
        description:
          disk.kind === 'virtual' ? 'Virtual' : disk.kind === 'unknown' ? null : disk.kind.toUpperCase(),
        interface: disk.bus?.toUpperCase(),
        type: 'disk',
        wwn: disk.wwn,
      }),
    ),
    ...(logical.length === 0
      ? {}
      : {
          logical_volumes: logical.map((volume) =>
            told({
              lv_name: volume.name,
              lv_uuid: volume.uuid,
              vg_name: volume.volumeGroup,
              size: megabytes(volume.sizeBytes),
            }),
          ),
        }),
  };
}

const PACKAGE_SOURCES: Readonly<Record<string, string>> = { dpkg: 'deb', windows: 'registry' };

function software(item: SectionData['software']['packages'][number]): Fields {
  return told({
    name: item.name,
    version: item.version,
    arch: item.architecture,
    publisher: item.publisher,
    from: PACKAGE_SOURCES[item.source] ?? item.source,
    install_date: date(item.installedAtMs),
    filesize: whole(item.sizeBytes),
  });
}

function patch(item: SectionData['patches']['patches'][number]): Fields {
  return told({
    name: item.title?.includes(item.id) ? item.title : item.id,
    comments: item.title,
    system_category: 'update',
    from: 'registry',
    install_date: date(item.installedAtMs),
  });
}

/** No shell, home or mail: login names are what that format needs. */
function accounts({ users, groups }: SectionData['users']): Fields {
  return {
    local_users: users.map((user) =>
      told({ id: String(user.uid ?? user.name), login: user.name, name: user.fullName, shell: user.shell }),
    ),
    local_groups: groups.map((group) => ({
      id: String(group.gid ?? group.name),
      name: group.name,
      members: group.members,
    })),
  };
}

function devices(all: SectionData['devices']): Fields {
  return {
    controllers: all.controllers.map((one) =>
      told({
        name: one.product ?? one.class ?? one.slot,
        caption: one.product,
        type: one.class,
        manufacturer: one.vendor,
        pcislot: one.slot.replace(/^0000:/, ''),
        pciclass: one.classId,
        vendorid: one.vendorId,
        productid: one.productId,
        pcisubsystemid:
          one.subsystemVendorId && one.subsystemProductId
            ? `${one.subsystemVendorId}:${one.subsystemProductId}`
            : null,
        rev: one.revision,
        driver: one.driver,
      }),
    ),
    videos: all.gpus.map((one) =>
      told({ name: one.name, pcislot: one.slot, memory: mebibytes(one.memoryBytes) }),
    ),
    monitors: all.monitors.map((one) =>
      told({
        caption: one.model,
        name: one.model,
        manufacturer: one.manufacturer,
        serial: one.serial,
        port: one.port,
        description: one.madeYear === null ? null : `${one.madeWeek ?? 0}/${one.madeYear}`,
      }),
    ),
    usbdevices: all.usbDevices.map((one) =>
      told({
        name: one.product,
        caption: one.product,
        manufacturer: one.vendor,
        vendorid: one.vendorId,
        productid: one.productId,
        serial: one.serial,
      }),
    ),
    printers: all.printers.map((one) =>
      told({
        name: one.name,
        description: one.description,
        driver: one.driver,
        serial: one.serial,
        port: one.scheme === null ? null : `${one.scheme}://${one.host ?? ''}`,
        shared: one.shared,
      }),
    ),
    batteries: all.batteries.map((one) =>
      told({
        name: one.model ?? one.name,
        manufacturer: one.manufacturer,
        chemistry: one.chemistry,
        serial: one.serial,
        date: date(one.madeAtMs),
        capacity: milliwattHours(one.designWattHours),
        real_capacity: milliwattHours(one.fullWattHours),
      }),
    ),
    powersupplies: all.powerSupplies.map((one) =>
      told({
        name: one.name,
        manufacturer: one.manufacturer,
        model: one.model,
        partnum: one.partNumber,
        serialnumber: one.serial,
        power_max: whole(one.maxWatts),
        hotreplaceable: one.hotReplaceable,
      }),
    ),
    slots: all.expansionSlots.map((one) =>
      told({ name: one.name, description: one.type, status: one.usage === 'unknown' ? null : one.usage }),
    ),
    ports: all.connectors.map((one) =>
      told({ name: one.name, caption: one.connector, type: one.use ?? one.connector ?? one.name }),
    ),
    sounds: all.sounds.map((one) =>
      told({ name: one.name, manufacturer: one.manufacturer, description: one.description }),
    ),
    inputs: all.inputs.map((one) =>
      told({
        name: one.name,
        caption: one.name,
        manufacturer: one.manufacturer,
        type: one.kind,
        interface: one.connection,
      }),
    ),
  };
}

function milliwattHours(wattHours: number | null): number | null {
  return wattHours === null ? null : Math.round(wattHours * 1_000);
}

const GUEST_STATES = {
  running: 'running',
  paused: 'paused',
  stopped: 'off',
  failed: 'crashed',
  unknown: null,
} as const;

function guest(one: SectionData['guests']['guests'][number]): Fields {
  return told({
    name: one.name,
    uuid: one.id,
    vmtype: one.hypervisor,
    status: GUEST_STATES[one.state],
    memory: mebibytes(one.memoryBytes),
    vcpu: whole(one.cpus),
    image: one.image,
  });
}

/** Remote control without an id has no place in that format. */
function security(all: SectionData['security']): Fields {
  return {
    antivirus: all.antivirus.map((one) =>
      told({ name: one.name, version: one.version, enabled: one.enabled, uptodate: one.upToDate }),
    ),
    firewalls: all.firewalls.map((one) =>
      told({
        description: one.product,
        profile: one.profile,
        status: one.enabled === null ? 'unknown' : one.enabled ? 'on' : 'off',
      }),
    ),
    remote_mgmt: all.remoteControls.flatMap(({ product, id, version }) =>
      id === null ? [] : [told({ type: product, id, version })],
    ),
  };
}
