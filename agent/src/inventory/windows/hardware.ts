/** The section `hardware` of Windows: what WMI tells of firmware, processors and memory. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import { chassisTypeName } from '../hardware/smbios.ts';
import { detectVirtualisation } from '../hardware/virtualisation.ts';
import { type CimRecord, cimList, cimNumber, cimText, cimTimeMs } from '../parsers/cim.ts';
import { wholeNumber } from '../parsers/lines.ts';
import { windowsCpus, type WindowsMemory, windowsMemory } from '../parsers/windows-hardware.ts';
import type { CollectedSection } from '../section.ts';
import { sectionOf, shortName, type WindowsRecords } from './outputs.ts';

type Hardware = SectionData['hardware'];

const CLASSES = [
  'Win32_Processor',
  'Win32_PhysicalMemory',
  'Win32_PhysicalMemoryArray',
  'Win32_ComputerSystem',
  'Win32_ComputerSystemProduct',
  'Win32_BIOS',
  'Win32_BaseBoard',
  'Win32_SystemEnclosure',
] as const;

export function windowsHardware(records: WindowsRecords): CollectedSection<'hardware'> | null {
  if (!CLASSES.some((name) => records.given(name))) return null;
  const modules = windowsMemory(records.of('Win32_PhysicalMemory'));
  const identity = identityOf(records);
  return sectionOf<'hardware'>(
    {
      ...identity,
      virtualisation: virtualisationOf(identity),
      cpus: cpusOf(records),
      memoryBytes: memoryBytesOf(records, modules),
      memorySlots: slotsOf(records.of('Win32_PhysicalMemoryArray')),
      memoryModules: modules.map(moduleOf),
    },
    records.missing(CLASSES),
  );
}

type Identity = Pick<Hardware, 'system' | 'board' | 'bios' | 'chassis'>;

function identityOf(records: WindowsRecords): Identity {
  const first = (className: string) => records.of(className)[0];
  const [system, product, bios] = [
    first('Win32_ComputerSystem'),
    first('Win32_ComputerSystemProduct'),
    first('Win32_BIOS'),
  ];
  const [board, chassis] = [first('Win32_BaseBoard'), first('Win32_SystemEnclosure')];
  return {
    system: {
      manufacturer: cimText(system, 'Manufacturer') ?? cimText(product, 'Vendor'),
      model: cimText(system, 'Model') ?? cimText(product, 'Name'),
      version: cimText(product, 'Version'),
      serial: cimText(bios, 'SerialNumber') ?? cimText(product, 'IdentifyingNumber'),
      uuid: cimText(product, 'UUID')?.toLowerCase() ?? null,
      sku: cimText(system, 'SystemSKUNumber'),
    },
    board: {
      manufacturer: cimText(board, 'Manufacturer'),
      model: cimText(board, 'Product'),
      version: cimText(board, 'Version'),
      serial: cimText(board, 'SerialNumber'),
    },
    bios: {
      vendor: cimText(bios, 'Manufacturer'),
      version: cimText(bios, 'SMBIOSBIOSVersion') ?? cimText(bios, 'Version'),
      date: dayOf(cimTimeMs(bios, 'ReleaseDate')),
    },
    chassis: {
      type: chassisTypeName(wholeNumber(cimList(chassis, 'ChassisTypes')[0]) ?? 0),
      manufacturer: cimText(chassis, 'Manufacturer'),
      serial: cimText(chassis, 'SerialNumber'),
      assetTag: cimText(chassis, 'SMBIOSAssetTag'),
    },
  };
}

function dayOf(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString().slice(0, 'yyyy-mm-dd'.length);
}

/** By the words of the firmware alone: a machine that hosts guests has the hypervisor bit set as well. */
function virtualisationOf({ system, bios, board }: Identity): string | null {
  return detectVirtualisation({
    systemVendor: system.manufacturer,
    productName: system.model,
    biosVendor: bios.vendor,
    boardVendor: board.manufacturer,
    container: {
      systemdContainer: null,
      dockerenv: false,
      containerenv: false,
      cgroup: null,
      rootMount: null,
      openvz: false,
    },
    smbiosVirtualMachine: false,
    cpuHypervisor: false,
    hypervisorType: null,
    xenCapabilities: null,
    acpiOemId: null,
    deviceTreeHypervisor: null,
    kernelRelease: null,
  });
}

/** CPUID vendor strings. */
const CPU_VENDORS: Readonly<Record<string, string>> = { GenuineIntel: 'Intel', AuthenticAMD: 'AMD' };

function cpusOf(records: WindowsRecords): Hardware['cpus'] {
  const processors = records.of('Win32_Processor');
  return windowsCpus(processors, records.keys).map((cpu, index) => ({
    slot: shortName(cimText(processors[index], 'SocketDesignation') ?? `CPU${index}`),
    model: cpu.name,
    vendor: cpu.vendor === null ? null : (CPU_VENDORS[cpu.vendor] ?? cpu.vendor),
    cores: cpu.cores,
    threads: cpu.threads,
    maxHz: cpu.maxHz,
  }));
}

const KIBIBYTE = 1024;

function memoryBytesOf(records: WindowsRecords, modules: readonly WindowsMemory[]): number | null {
  if (modules.length > 0) return modules.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
  const managed = cimNumber(records.of('Win32_ComputerSystem')[0], 'TotalPhysicalMemory');
  const visible = cimNumber(records.of('Win32_OperatingSystem')[0], 'TotalVisibleMemorySize');
  return managed ?? (visible === null ? null : visible * KIBIBYTE);
}

/** Win32_PhysicalMemoryArray.Use: system memory, not that of a graphics card. */
const SYSTEM_MEMORY = 3;

function slotsOf(arrays: readonly CimRecord[]): number | null {
  const counts = arrays
    .filter((record) => (cimNumber(record, 'Use') ?? SYSTEM_MEMORY) === SYSTEM_MEMORY)
    .flatMap((record) => cimNumber(record, 'MemoryDevices') ?? []);
  return counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0);
}

function moduleOf(memory: WindowsMemory, index: number): Hardware['memoryModules'][number] {
  return {
    slot: shortName(memory.slot ?? memory.bank ?? `slot ${index}`),
    sizeBytes: memory.sizeBytes,
    type: memory.type === 'Unknown' || memory.type === 'Other' ? null : memory.type,
    manufacturer: memory.manufacturer,
    partNumber: memory.partNumber,
    serial: memory.serial,
    transfersPerSecond: memory.speed === null || memory.speed === 0 ? null : memory.speed * 1_000_000,
  };
}
