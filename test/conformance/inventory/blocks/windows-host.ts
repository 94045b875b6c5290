/** Blocks that are read from WMI dumps and registry exports of Windows. */
import { type CimRecord, parseWmiDump } from '@muster/agent/inventory/parsers/cim.ts';
import { dmiProcessors } from '@muster/agent/inventory/parsers/dmidecode-cpu.ts';
import { parseDmidecode } from '@muster/agent/inventory/parsers/dmidecode.ts';
import { parseRegFile, type RegKey } from '@muster/agent/inventory/parsers/reg-file.ts';
import { decodeText } from '@muster/agent/inventory/parsers/text-encoding.ts';
import {
  usbPrinterSerials,
  windowsCpus,
  type WindowsDisk,
  type WindowsDrive,
  windowsDrives,
  windowsDrivesOfWin32,
  windowsGpus,
  windowsMemory,
  windowsPhysicalDisks,
  windowsUsb,
} from '@muster/agent/inventory/parsers/windows-hardware.ts';
import {
  type WindowsAddress,
  type WindowsInterface,
  windowsInterfaces,
} from '@muster/agent/inventory/parsers/windows-network.ts';
import {
  sqlServerEditions,
  windowsPatches,
  windowsSoftware,
  withSqlEdition,
} from '@muster/agent/inventory/parsers/windows-software.ts';
import { glpiDay, glpiMebibytes, glpiMegahertz, glpiProcessorName } from '@muster/shared/inventory/glpi.ts';
import { type Adapters, type CaseFiles, fileLike, type RecordedFile } from '../case.ts';
import { ipv4Mask, ipv4Network, ipv6Mask, ipv6Network } from './addresses.ts';
import { cpuVendor } from './linux-host.ts';
import { usbNames } from './usb-ids.ts';

export const windowsHost: Adapters = {
  agent__tools__win32: { tests: interfaces },
  tasks__inventory__windows__cpu: { tests: cpus },
  tasks__inventory__windows__drives: { tests: drives },
  tasks__inventory__windows__memory: { tests: memory },
  tasks__inventory__windows__printers: { tests: printers },
  tasks__inventory__windows__softwares: { softwares_tests: softwares, hotfixes_tests: hotfixes },
  tasks__inventory__windows__storages: { tests: storages },
  tasks__inventory__windows__usb: { tests: usb },
  tasks__inventory__windows__video: { tests: videos },
};

function wmi(files: CaseFiles, className: string): CimRecord[] {
  return parseWmiDump(windowsText(fileLike(files, new RegExp(`[-/]${className}\\.wmi$`))));
}

function reg(files: CaseFiles, name: string): RegKey[] {
  return parseRegFile(windowsText(fileLike(files, new RegExp(`[-/]${name}\\.reg$`))));
}

/** Some dumps lack the mark that tells their encoding. */
function windowsText(file: RecordedFile | null): string {
  return file === null ? '' : decodeText(file.bytes);
}

function interfaces(files: CaseFiles): unknown {
  const found = windowsInterfaces(
    wmi(files, 'Win32_NetworkAdapter'),
    wmi(files, 'Win32_NetworkAdapterConfiguration'),
    wmi(files, 'MSFT_NetAdapter'),
  );
  return found.flatMap((one) =>
    one.addresses.length === 0
      ? [interfaceFields(one)]
      : one.addresses.map((address) => ({ ...interfaceFields(one), ...addressFields(one, address) })),
  );
}

function interfaceFields(one: WindowsInterface): Record<string, unknown> {
  return {
    DESCRIPTION: one.description,
    GUID: one.guid,
    MACADDR: one.mac,
    MTU: one.mtu,
    PCIID:
      one.pci === null
        ? null
        : [one.pci.vendor, one.pci.device, one.pci.subsystemDevice, one.pci.subsystemVendor].join(':'),
    PNPDEVICEID: one.pnpId,
    SPEED: one.speedBitsPerSecond === null ? null : Math.floor(one.speedBitsPerSecond / 1e6),
    STATUS: one.up ? 'Up' : 'Down',
    TYPE: one.kind,
    VIRTUALDEV: one.virtual ? 1 : 0,
    DNSDomain: one.dnsDomain,
    dns: one.dnsServers[0],
  };
}

function addressFields(
  one: WindowsInterface,
  { address, prefix, family }: WindowsAddress,
): Record<string, unknown> {
  if (family === 'ipv6')
    return { IPADDRESS6: address, IPMASK6: ipv6Mask(prefix), IPSUBNET6: ipv6Network(address, prefix) };
  return {
    IPADDRESS: address,
    IPMASK: ipv4Mask(prefix),
    IPSUBNET: ipv4Network(address, prefix),
    IPDHCP: one.dhcpServer,
    IPGATEWAY: one.gateway,
  };
}

/** What firmware tells goes before what Windows tells. */
function cpus(files: CaseFiles): unknown {
  const sockets = dmiProcessors(parseDmidecode(fileLike(files, /dmidecode/)?.text ?? ''));
  return windowsCpus(wmi(files, 'Win32_Processor'), reg(files, 'CentralProcessor')).map((one, index) => {
    const socket = sockets[index];
    const partly =
      socket?.cores != null && socket.coresEnabled !== null && socket.coresEnabled < socket.cores;
    return {
      NAME: glpiProcessorName(one.name),
      MANUFACTURER: cpuVendor(one.vendor),
      DESCRIPTION: one.identifier,
      ID: socket?.cpuid ?? one.processorId,
      SERIAL: socket?.serial ?? one.serial,
      FAMILYNUMBER: one.family,
      MODEL: one.model,
      STEPPING: one.stepping,
      SPEED: glpiMegahertz(socket?.nominalHz ?? one.maxHz),
      CORE: socket?.coresEnabled ?? socket?.cores ?? one.cores,
      CORECOUNT: partly ? socket.cores : null,
      THREAD: one.cores === null || one.threads === null ? null : one.threads / one.cores,
    };
  });
}

const DRIVE_TYPES = {
  unknown: 'Unknown',
  'no-root': 'No Root Directory',
  removable: 'Removable Disk',
  local: 'Local Disk',
  network: 'Network Drive',
  optical: 'Compact Disc',
  ram: 'RAM Disk',
} as const satisfies Record<WindowsDrive['kind'], string>;

function drives(files: CaseFiles): unknown {
  return windowsDrives(
    wmi(files, 'Win32_LogicalDisk'),
    wmi(files, 'Win32_Volume'),
    wmi(files, 'Win32_OperatingSystem'),
  ).map((drive) => ({
    LETTER: drive.letter ?? drive.mount ?? drive.label,
    DESCRIPTION: drive.description,
    TYPE: DRIVE_TYPES[drive.kind],
    FILESYSTEM: drive.fileSystem,
    LABEL: drive.label,
    VOLUMN: drive.label,
    SERIAL: drive.serial,
    SYSTEMDRIVE: drive.system,
    TOTAL: glpiMebibytes(drive.sizeBytes),
    FREE: glpiMebibytes(drive.freeBytes),
    CREATEDATE: glpiDay(drive.installedAtMs),
  }));
}

function memory(files: CaseFiles): unknown {
  return windowsMemory(wmi(files, 'Win32_PhysicalMemory')).map((one, index) => ({
    NUMSLOTS: index,
    CAPACITY: glpiMebibytes(one.sizeBytes),
    CAPTION: one.caption,
    DESCRIPTION: one.description,
    FORMFACTOR: one.formFactor,
    REMOVABLE: one.removable ? 1 : 0,
    SERIALNUMBER: one.serial,
    SPEED: one.speed,
    TYPE: one.type,
  }));
}

function printers(files: CaseFiles): unknown {
  return Object.fromEntries(usbPrinterSerials(reg(files, 'USBPRINT'), reg(files, 'USB')));
}

const CATEGORIES = {
  application: 'application',
  update: 'update',
  'security-update': 'security_update',
  hotfix: 'hotfix',
  'system-component': 'system_component',
} as const;

function softwares(files: CaseFiles): unknown {
  const editions = sqlServerEditions(reg(files, 'Setup'));
  return windowsSoftware(reg(files, 'Uninstall'), 32)
    .map((one) => withSqlEdition(one, editions))
    .map((one) => ({
      NAME: one.name,
      GUID: one.id,
      VERSION: one.version,
      VERSION_MAJOR: one.versionMajor,
      VERSION_MINOR: one.versionMinor,
      PUBLISHER: one.publisher,
      INSTALLDATE: glpiDay(one.installedAtMs),
      NO_REMOVE: one.removable === null ? null : one.removable ? 0 : 1,
      ARCH: one.bits === 64 ? 'x86_64' : 'i586',
      FROM: 'registry',
      SYSTEM_CATEGORY: CATEGORIES[one.category],
    }));
}

function hotfixes(files: CaseFiles): unknown {
  return windowsPatches(wmi(files, 'Win32_QuickFixEngineering')).map((one) => ({
    NAME: one.kb,
    INSTALLDATE: glpiDay(one.installedAtMs),
    FROM: 'WMI',
    RELEASE_TYPE: /^(?:Security Update|Hotfix|Update)/.exec(one.description ?? '')?.[0],
    ARCH: 'i586',
    SYSTEM_CATEGORY: CATEGORIES[one.kind],
  }));
}

/** The newer class where there is one; optical drives and tapes are in the older ones only. */
function storages(files: CaseFiles): unknown {
  const modern = wmi(files, 'MSFT_PhysicalDisk');
  const fixed =
    modern.length > 0 ? windowsPhysicalDisks(modern) : windowsDrivesOfWin32(wmi(files, 'Win32_DiskDrive'));
  const others = ['Win32_CDROMDrive', 'Win32_TapeDrive'].flatMap((name) =>
    windowsDrivesOfWin32(wmi(files, name)),
  );
  return [...fixed, ...others].map(storage);
}

function storage(disk: WindowsDisk): unknown {
  return {
    NAME: disk.name,
    MODEL: disk.model,
    MANUFACTURER: disk.manufacturer,
    DESCRIPTION: disk.description,
    SERIAL: disk.serial,
    FIRMWARE: disk.firmware,
    INTERFACE: disk.bus,
    TYPE: disk.media ?? (disk.virtual ? 'Virtual' : 'UNKNOWN'),
    DISKSIZE: disk.sizeBytes === null ? null : Math.floor(disk.sizeBytes / 1e6),
    SCSI_COID: disk.scsi?.port,
    SCSI_LUN: disk.scsi?.lun,
    SCSI_UNID: disk.scsi?.target,
  };
}

/** Names there come from the list of USB ids. */
function usb(files: CaseFiles): unknown {
  return windowsUsb(wmi(files, 'CIM_LogicalDevice')).map((one) => {
    const { vendor, product } = usbNames(one.vendorId, one.productId);
    return {
      VENDORID: one.vendorId,
      PRODUCTID: one.productId,
      SERIAL: one.serial,
      MANUFACTURER: vendor ?? one.manufacturer,
      NAME: product ?? one.name,
      CAPTION: product ?? one.name,
    };
  });
}

function videos(files: CaseFiles): unknown {
  const registry = reg(files, '\\{4d36e968-e325-11ce-bfc1-08002be10318\\}');
  return windowsGpus(wmi(files, 'Win32_VideoController'), registry).map((card) => ({
    NAME: card.name,
    CHIPSET: card.chip,
    MEMORY: glpiMebibytes(card.memoryBytes),
    RESOLUTION: card.resolution === null ? null : `${card.resolution.width}x${card.resolution.height}`,
  }));
}
