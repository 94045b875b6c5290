/** Hardware of a Linux machine from sysfs, procfs and, where readable, the raw SMBIOS table. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import type { Host } from '../../host.ts';
import type { CollectedSection } from '../section.ts';
import { cleanText, readNumber, readValue } from '../text.ts';
import { cpuPackages, parseCpuinfo } from './cpu.ts';
import type { CpuinfoProcessor, CpuTopology } from './cpu.ts';
import { installedBytes, memoryModules } from './memory.ts';
import { chassisTypeName, parseSmbios } from './smbios.ts';
import type { Smbios } from './smbios.ts';
import { acpiOemId, detectVirtualisation } from './virtualisation.ts';

type Hardware = SectionData['hardware'];

const DMI = '/sys/class/dmi/id';
const TABLES = '/sys/firmware/dmi/tables';
const CPUS = '/sys/devices/system/cpu';

/** A table is a few KiB; blades with much memory reach some hundred. */
const SMBIOS_BYTES_MAX = 1 << 20;
/** DSDTs reach some hundred KiB; only the header counts, but it stands in front. */
const ACPI_BYTES_MAX = 4 << 20;

export function collectLinuxHardware(host: Host): CollectedSection<'hardware'> {
  const smbios = readSmbios(host);
  const cpuinfo = parseCpuinfo(host.readText('/proc/cpuinfo') ?? '');
  const identity = readIdentity(host, smbios);
  const data: Hardware = {
    ...identity,
    virtualisation: readVirtualisation(host, identity, smbios, cpuinfo),
    cpus: cpuPackages(cpuinfo, readTopology(host), smbios?.processors ?? []),
    memoryBytes: installedBytes(smbios, readMemoryBlocks(host), host.readText('/proc/meminfo')),
    memorySlots: smbios?.memorySlots ?? null,
    memoryModules: memoryModules(smbios),
  };
  const notes = whatIsMissing(host, smbios, cpuinfo);
  return { data, complete: notes.length === 0, notes };
}

function readSmbios(host: Host): Smbios | null {
  const table = host.readBytes(`${TABLES}/DMI`, SMBIOS_BYTES_MAX);
  if (table === null || table.length === 0) return null;
  return parseSmbios(host.readBytes(`${TABLES}/smbios_entry_point`, SMBIOS_BYTES_MAX), table);
}

function whatIsMissing(host: Host, smbios: Smbios | null, cpuinfo: readonly CpuinfoProcessor[]): string[] {
  const notes: string[] = [];
  if (smbios === null && host.list(TABLES).includes('DMI')) {
    notes.push(`${TABLES}/DMI may only be read by root: serial numbers and memory modules are missing`);
  }
  if (smbios?.whole === false) notes.push(`${TABLES}/DMI ends in the middle of a structure`);
  if (cpuinfo.length === 0) notes.push('/proc/cpuinfo names no processor');
  return notes;
}

type Identity = Pick<Hardware, 'system' | 'board' | 'bios' | 'chassis'>;

/** sysfs first: the kernel has it from the same table, and everybody may read most of it. */
function readIdentity(host: Host, smbios: Smbios | null): Identity {
  const dmi = (name: string) => readValue(host, `${DMI}/${name}`);
  const deviceTree = (name: string) => readValue(host, `/proc/device-tree/${name}`);
  const chassisType = readNumber(host, `${DMI}/chassis_type`);
  return {
    system: {
      manufacturer: dmi('sys_vendor') ?? smbios?.system?.manufacturer ?? null,
      model: dmi('product_name') ?? smbios?.system?.model ?? deviceTree('model'),
      version: dmi('product_version') ?? smbios?.system?.version ?? null,
      serial: dmi('product_serial') ?? smbios?.system?.serial ?? deviceTree('serial-number'),
      uuid: dmi('product_uuid')?.toLowerCase() ?? smbios?.system?.uuid ?? null,
      sku: dmi('product_sku') ?? smbios?.system?.sku ?? null,
    },
    board: {
      manufacturer: dmi('board_vendor') ?? smbios?.board?.manufacturer ?? null,
      model: dmi('board_name') ?? smbios?.board?.model ?? null,
      version: dmi('board_version') ?? smbios?.board?.version ?? null,
      serial: dmi('board_serial') ?? smbios?.board?.serial ?? null,
    },
    bios: {
      vendor: dmi('bios_vendor') ?? smbios?.bios?.vendor ?? null,
      version: dmi('bios_version') ?? smbios?.bios?.version ?? null,
      date: dmi('bios_date') ?? smbios?.bios?.date ?? null,
    },
    chassis: {
      type:
        (chassisType === null ? null : chassisTypeName(chassisType & 0x7f)) ?? smbios?.chassis?.type ?? null,
      manufacturer: dmi('chassis_vendor') ?? smbios?.chassis?.manufacturer ?? null,
      serial: dmi('chassis_serial') ?? smbios?.chassis?.serial ?? null,
      assetTag: dmi('chassis_asset_tag') ?? smbios?.chassis?.assetTag ?? null,
    },
  };
}

function readVirtualisation(
  host: Host,
  identity: Identity,
  smbios: Smbios | null,
  cpuinfo: readonly CpuinfoProcessor[],
): string | null {
  const dsdt = host.readBytes('/sys/firmware/acpi/tables/DSDT', ACPI_BYTES_MAX);
  const proc = host.list('/proc');
  return detectVirtualisation({
    container: {
      systemdContainer: readValue(host, '/run/systemd/container'),
      dockerenv: host.list('/').includes('.dockerenv'),
      containerenv: host.list('/run').includes('.containerenv'),
      cgroup: host.readText('/proc/1/cgroup'),
      rootMount: rootMount(host.readText('/proc/self/mountinfo') ?? ''),
      openvz: proc.includes('vz') && !proc.includes('bc'),
    },
    systemVendor: identity.system.manufacturer,
    productName: identity.system.model,
    biosVendor: identity.bios.vendor,
    boardVendor: identity.board.manufacturer,
    smbiosVirtualMachine: smbios?.bios?.virtualMachine ?? false,
    cpuHypervisor: cpuinfo.some((processor) => processor.hypervisor),
    hypervisorType: readValue(host, '/sys/hypervisor/type'),
    xenCapabilities: readValue(host, '/proc/xen/capabilities'),
    acpiOemId: dsdt === null ? null : acpiOemId(dsdt),
    deviceTreeHypervisor: cleanText(host.readText('/proc/device-tree/hypervisor/compatible')),
    kernelRelease: readValue(host, '/proc/sys/kernel/osrelease'),
  });
}

/** The line of the mount at `/`; the last one hides those before it. */
function rootMount(mountinfo: string): string | null {
  return mountinfo.split('\n').findLast((line) => line.split(' ')[4] === '/') ?? null;
}

function readTopology(host: Host): CpuTopology[] {
  return host
    .list(CPUS)
    .flatMap((name) => {
      const number = /^cpu(\d+)$/.exec(name)?.[1];
      return number === undefined ? [] : [Number(number)];
    })
    .sort((a, b) => a - b)
    .flatMap((processor) => {
      const topology = `${CPUS}/cpu${processor}/topology`;
      const packageId = readNumber(host, `${topology}/physical_package_id`);
      // A processor that is off has no topology.
      if (packageId === null) return [];
      const siblings =
        readValue(host, `${topology}/core_cpus_list`) ?? readValue(host, `${topology}/thread_siblings_list`);
      const maxKHz = readNumber(host, `${CPUS}/cpu${processor}/cpufreq/cpuinfo_max_freq`);
      return [
        {
          processor,
          packageId: Math.max(packageId, 0),
          core: siblings ?? `processor ${processor}`,
          maxHz: maxKHz === null ? null : maxKHz * 1_000,
        },
      ];
    });
}

/** Blocks of physical memory that the kernel manages; null where it does not say. */
function readMemoryBlocks(host: Host): number | null {
  const folder = '/sys/devices/system/memory';
  const blockHex = readValue(host, `${folder}/block_size_bytes`);
  if (blockHex === null || !/^[0-9a-f]{1,12}$/i.test(blockHex)) return null;
  const blocks = host.list(folder).filter((name) => /^memory\d+$/.test(name)).length;
  return blocks === 0 ? null : blocks * Number.parseInt(blockHex, 16);
}
