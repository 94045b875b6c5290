/** Processors, memory, drives, disks, graphics and USB devices of Windows, from WMI records and the registry. */
import { type CimRecord, cimNumber, cimText, cimTimeMs } from './cim.ts';
import { oneSpaced } from './lines.ts';
import { type RegKey, regNumber, regText } from './reg-file.ts';

export interface WindowsCpu {
  readonly name: string | null;
  readonly vendor: string | null;
  /** 'x86 Family 6 Model 42 Stepping 7' */
  readonly identifier: string | null;
  readonly processorId: string | null;
  readonly serial: string | null;
  readonly family: number | null;
  readonly model: number | null;
  readonly stepping: number | null;
  readonly maxHz: number | null;
  readonly cores: number | null;
  readonly threads: number | null;
}

/**
 * @param processors Win32_Processor
 * @param registry `HKLM\HARDWARE\DESCRIPTION\System\CentralProcessor\N`: knows the name where old WMI does not
 */
export function windowsCpus(processors: readonly CimRecord[], registry: readonly RegKey[]): WindowsCpu[] {
  return processors.map((record, index) => {
    const number = /^CPU(\d+)$/.exec(cimText(record, 'DeviceID') ?? '')?.[1] ?? String(index);
    const key = registry.find(({ path }) => path.toLowerCase().endsWith(`\\centralprocessor\\${number}`));
    const identifier = regText(key, 'Identifier') ?? cimText(record, 'Description');
    const [, family, model, stepping] =
      /Family (\d+) Model (\d+) Stepping (\d+)/.exec(identifier ?? '') ?? [];
    const megahertz = cimNumber(record, 'MaxClockSpeed') ?? regNumber(key, '~MHz');
    return {
      name: oneSpaced(regText(key, 'ProcessorNameString') ?? cimText(record, 'Name')),
      vendor: regText(key, 'VendorIdentifier') ?? cimText(record, 'Manufacturer'),
      identifier,
      processorId: cimText(record, 'ProcessorId'),
      serial: cimText(record, 'SerialNumber'),
      family: numberOf(family),
      model: numberOf(model),
      stepping: numberOf(stepping),
      maxHz: megahertz === null ? null : megahertz * 1e6,
      cores: cimNumber(record, 'NumberOfCores'),
      threads: cimNumber(record, 'NumberOfLogicalProcessors'),
    };
  });
}

function numberOf(text: string | undefined): number | null {
  return text === undefined ? null : Number(text);
}

export interface WindowsMemory {
  readonly slot: string | null;
  readonly bank: string | null;
  readonly caption: string | null;
  readonly description: string | null;
  readonly formFactor: string | null;
  readonly type: string | null;
  readonly sizeBytes: number | null;
  /** As WMI calls it 'Speed': MHz or MT/s, by the firmware's taste. */
  readonly speed: number | null;
  readonly manufacturer: string | null;
  readonly partNumber: string | null;
  readonly serial: string | null;
  readonly removable: boolean;
}

/** CIM_PhysicalMemory.FormFactor, by number. */
const FORM_FACTORS = [
  'Unknown',
  'Other',
  'SIP',
  'DIP',
  'ZIP',
  'SOJ',
  'Proprietary',
  'SIMM',
  'DIMM',
  'TSOP',
  'PGA',
  'RIMM',
  'SODIMM',
  'SRIMM',
  'SMD',
  'SSMP',
  'QFP',
  'TQFP',
  'SOIC',
  'LCC',
  'PLCC',
  'BGA',
  'FPBGA',
  'LGA',
] as const;

/** CIM_PhysicalMemory.MemoryType, by number. */
const MEMORY_TYPES = [
  'Unknown',
  'Other',
  'DRAM',
  'Synchronous DRAM',
  'Cache DRAM',
  'EDO',
  'EDRAM',
  'VRAM',
  'SRAM',
  'RAM',
  'ROM',
  'Flash',
  'EEPROM',
  'FEPROM',
  'EPROM',
  'CDRAM',
  '3DRAM',
  'SDRAM',
  'SGRAM',
  'RDRAM',
  'DDR',
  'DDR2',
  'DDR2 FB-DIMM',
  '',
  'DDR3',
  'FBD2',
  'DDR4',
] as const;

/** SMBIOSMemoryType (SMBIOS 3.x, 7.18.2), which newer Windows fills where MemoryType says 'unknown'. */
const SMBIOS_MEMORY_TYPES: Readonly<Record<number, string>> = {
  20: 'DDR',
  21: 'DDR2',
  22: 'DDR2 FB-DIMM',
  24: 'DDR3',
  26: 'DDR4',
  27: 'LPDDR',
  28: 'LPDDR2',
  29: 'LPDDR3',
  30: 'LPDDR4',
  34: 'DDR5',
  35: 'LPDDR5',
};

/** Win32_PhysicalMemory: filled sockets. */
export function windowsMemory(modules: readonly CimRecord[]): WindowsMemory[] {
  return modules
    .filter((record) => cimNumber(record, 'Capacity') !== null)
    .map((record) => ({
      slot: cimText(record, 'DeviceLocator'),
      bank: cimText(record, 'BankLabel'),
      caption: cimText(record, 'Caption'),
      description: cimText(record, 'Description'),
      formFactor: FORM_FACTORS[cimNumber(record, 'FormFactor') ?? -1] ?? null,
      type:
        SMBIOS_MEMORY_TYPES[cimNumber(record, 'SMBIOSMemoryType') ?? -1] ??
        (MEMORY_TYPES[cimNumber(record, 'MemoryType') ?? -1] || null),
      sizeBytes: cimNumber(record, 'Capacity'),
      speed: cimNumber(record, 'Speed'),
      manufacturer: cimText(record, 'Manufacturer'),
      partNumber: cimText(record, 'PartNumber'),
      serial: cimText(record, 'SerialNumber'),
      removable: /^true$/i.test(cimText(record, 'Removable') ?? ''),
    }));
}

export interface WindowsDrive {
  /** 'C:'; null for a volume without letter. */
  readonly letter: string | null;
  /** 'C:\MountedPoint\' of a volume in a folder; null otherwise. */
  readonly mount: string | null;
  readonly label: string | null;
  readonly description: string | null;
  readonly kind: 'unknown' | 'no-root' | 'removable' | 'local' | 'network' | 'optical' | 'ram';
  readonly fileSystem: string | null;
  /** Eight hex digits. */
  readonly serial: string | null;
  readonly sizeBytes: number | null;
  readonly freeBytes: number | null;
  readonly system: boolean;
  readonly installedAtMs: number | null;
}

const DRIVE_KINDS = ['unknown', 'no-root', 'removable', 'local', 'network', 'optical', 'ram'] as const;

/**
 * @param logical Win32_LogicalDisk
 * @param volumes Win32_Volume: those without a letter are added
 * @param systems Win32_OperatingSystem: names the system drive
 */
export function windowsDrives(
  logical: readonly CimRecord[],
  volumes: readonly CimRecord[],
  systems: readonly CimRecord[],
): WindowsDrive[] {
  const system = cimText(systems[0], 'SystemDrive')?.toUpperCase() ?? null;
  const drives = logical.map((record) => {
    const letter = cimText(record, 'DeviceID') ?? cimText(record, 'Caption');
    return {
      ...driveOf(record),
      letter,
      mount: null,
      label: cimText(record, 'VolumeName'),
      fileSystem: fileSystemOf(record),
      serial: cimText(record, 'VolumeSerialNumber'),
      sizeBytes: cimNumber(record, 'Size'),
      system: letter !== null && letter.toUpperCase() === system,
    };
  });
  const letters = new Set(drives.map(({ letter }) => letter?.toUpperCase()));
  const others = volumes.filter((record) => {
    const letter = cimText(record, 'DriveLetter');
    return letter === null || !letters.has(letter.toUpperCase());
  });
  return [...drives, ...others.map((record) => volumeOf(record, system))];
}

function driveOf(
  record: CimRecord,
): Pick<WindowsDrive, 'description' | 'kind' | 'freeBytes' | 'installedAtMs'> {
  return {
    description: cimText(record, 'Description'),
    kind: DRIVE_KINDS[cimNumber(record, 'DriveType') ?? 0] ?? 'unknown',
    freeBytes: cimNumber(record, 'FreeSpace'),
    installedAtMs: cimTimeMs(record, 'InstallDate'),
  };
}

function volumeOf(record: CimRecord, system: string | null): WindowsDrive {
  const letter = cimText(record, 'DriveLetter');
  const name = cimText(record, 'Name');
  const serial = cimNumber(record, 'SerialNumber');
  return {
    ...driveOf(record),
    letter,
    mount: letter === null && name !== null && !name.startsWith('\\\\?\\') ? name : null,
    label: cimText(record, 'Label'),
    fileSystem: cimText(record, 'FileSystem'),
    serial: serial === null ? null : (serial >>> 0).toString(16).toUpperCase().padStart(8, '0'),
    sizeBytes: cimNumber(record, 'Capacity'),
    system: letter !== null && letter.toUpperCase() === system,
  };
}

/** A network drive reports the file system of the server's disk; what matters is the protocol. */
function fileSystemOf(record: CimRecord): string | null {
  const fileSystem = cimText(record, 'FileSystem');
  if (cimNumber(record, 'DriveType') !== 4) return fileSystem;
  const provider = cimText(record, 'ProviderName') ?? '';
  if (/\\DavWWWRoot\\/i.test(provider)) return 'WebDAV';
  if (/^\\\\vmware-host\\/i.test(provider)) return 'HGFS';
  return fileSystem === null || !/^(?:NTFS|FAT\d*|EXFAT|ReFS)$/i.test(fileSystem) ? fileSystem : 'CIFS';
}

export interface WindowsDisk {
  readonly name: string | null;
  readonly model: string | null;
  readonly manufacturer: string | null;
  readonly description: string | null;
  readonly serial: string | null;
  readonly firmware: string | null;
  /** 'SATA', 'NVMe', 'IDE', 'SCSI', 'USB' … */
  readonly bus: string | null;
  /** Drives with fixed or removable media, optical drives, tapes. */
  readonly media: string | null;
  readonly sizeBytes: number | null;
  /** A disk that a hypervisor made up. */
  readonly virtual: boolean;
  readonly scsi: { readonly port: number; readonly target: number; readonly lun: number } | null;
}

/** MSFT_PhysicalDisk.BusType, by number. */
const BUS_TYPES = [
  null,
  'SCSI',
  'ATAPI',
  'ATA',
  '1394',
  'SSA',
  'Fibre Channel',
  'USB',
  'RAID',
  'iSCSI',
  'SAS',
  'SATA',
  'SD',
  'MMC',
  null,
  'File Backed Virtual',
  'Storage Spaces',
  'NVMe',
] as const;

const MEDIA_TYPES: Readonly<Record<number, string>> = { 3: 'HDD', 4: 'SSD', 5: 'SCM' };

/** MSFT_PhysicalDisk of Windows 8 and later. */
export function windowsPhysicalDisks(disks: readonly CimRecord[]): WindowsDisk[] {
  return disks.map((record) => {
    const model = cimText(record, 'Model') ?? cimText(record, 'FriendlyName');
    const number = cimText(record, 'DeviceId');
    return {
      name: number === null ? cimText(record, 'FriendlyName') : `PhysicalDisk${number}`,
      model,
      manufacturer: cimText(record, 'Manufacturer'),
      description: cimText(record, 'PhysicalLocation') ?? cimText(record, 'Description'),
      serial: readableSerial(cimText(record, 'SerialNumber')),
      firmware: cimText(record, 'FirmwareVersion'),
      bus: BUS_TYPES[cimNumber(record, 'BusType') ?? 0] ?? null,
      media: MEDIA_TYPES[cimNumber(record, 'MediaType') ?? 0] ?? null,
      sizeBytes: cimNumber(record, 'Size'),
      virtual: isVirtual(model),
      scsi: null,
    };
  });
}

/** Win32_DiskDrive, Win32_CDROMDrive and Win32_TapeDrive. */
export function windowsDrivesOfWin32(drives: readonly CimRecord[]): WindowsDisk[] {
  return drives.map((record) => {
    const model = cimText(record, 'Model') ?? cimText(record, 'Caption') ?? cimText(record, 'Name');
    const media = cimText(record, 'MediaType');
    const [port, target, lun] = ['SCSIPort', 'SCSITargetId', 'SCSILogicalUnit'].map((name) =>
      cimNumber(record, name),
    );
    return {
      name: cimText(record, 'Name'),
      model,
      manufacturer: cimText(record, 'Manufacturer'),
      description: cimText(record, 'Description'),
      serial: readableSerial(cimText(record, 'SerialNumber')),
      firmware: cimText(record, 'FirmwareRevision'),
      bus: cimText(record, 'InterfaceType'),
      media: media === null || /^unknown/i.test(media) ? null : media,
      sizeBytes: cimNumber(record, 'Size'),
      virtual: isVirtual(model),
      scsi:
        typeof port === 'number' && typeof target === 'number' && typeof lun === 'number'
          ? { port, target, lun }
          : null,
    };
  });
}

function isVirtual(model: string | null): boolean {
  return /\b(?:VBOX|VMware|QEMU|Virtual)\b/i.test(model ?? '');
}

const SERIAL_CHARS_MAX = 256;

/** Windows Vista and 7 print some serials as the hex codes of their characters, each pair swapped. */
export function readableSerial(serial: string | null): string | null {
  if (
    serial === null ||
    serial.length < 16 ||
    serial.length > SERIAL_CHARS_MAX ||
    serial.length % 4 !== 0 ||
    !/^[0-9a-f]+$/i.test(serial)
  )
    return serial;
  const codes = serial.match(/../g)?.map((pair) => Number.parseInt(pair, 16)) ?? [];
  if (codes.some((code) => code < 0x20 || code > 0x7e)) return serial;
  const swapped = codes.map((_, index) => codes[index % 2 === 0 ? index + 1 : index - 1] ?? 0x20);
  return oneSpaced(String.fromCharCode(...swapped));
}

export interface WindowsGpu {
  readonly name: string | null;
  readonly chip: string | null;
  readonly memoryBytes: number | null;
  readonly driverVersion: string | null;
  readonly pnpId: string | null;
  readonly resolution: { readonly width: number; readonly height: number } | null;
}

/**
 * @param controllers Win32_VideoController: its memory size ends at 4 GiB
 * @param registry class key {4d36e968-e325-11ce-bfc1-08002be10318}: has all 64 bits
 */
export function windowsGpus(controllers: readonly CimRecord[], registry: readonly RegKey[]): WindowsGpu[] {
  return controllers.map((record) => {
    const pnpId = cimText(record, 'PNPDeviceID');
    const name = cimText(record, 'Name') ?? cimText(record, 'Caption');
    const [width, height] = [
      cimNumber(record, 'CurrentHorizontalResolution'),
      cimNumber(record, 'CurrentVerticalResolution'),
    ];
    return {
      name,
      chip: cimText(record, 'VideoProcessor'),
      memoryBytes: memoryOf(driverKey(registry, pnpId, name)) ?? cimNumber(record, 'AdapterRAM'),
      driverVersion: cimText(record, 'DriverVersion'),
      pnpId,
      resolution: width === null || height === null || width === 0 ? null : { width, height },
    };
  });
}

/** By hardware id and name; by either alone where no key has both (a replaced card leaves its key behind). */
function driverKey(
  registry: readonly RegKey[],
  pnpId: string | null,
  name: string | null,
): RegKey | undefined {
  const drivers = registry.filter(({ path }) => /\\\d{4}$/.test(path));
  const matches = (key: RegKey): boolean => {
    const id = regText(key, 'MatchingDeviceId')?.toUpperCase();
    return id !== undefined && (pnpId?.toUpperCase().startsWith(id.split('&REV_')[0] ?? id) ?? false);
  };
  const named = (key: RegKey): boolean => name !== null && regText(key, 'DriverDesc') === name;
  const sized = (key: RegKey): boolean => memoryOf(key) !== null;
  return (
    drivers.find((key) => matches(key) && named(key) && sized(key)) ??
    drivers.find((key) => matches(key) && sized(key)) ??
    drivers.find((key) => named(key) && sized(key))
  );
}

function memoryOf(key: RegKey | undefined): number | null {
  const bytes =
    regNumber(key, 'HardwareInformation.qwMemorySize') ?? regNumber(key, 'HardwareInformation.MemorySize');
  return bytes === null || bytes <= 0 ? null : bytes;
}

export interface WindowsUsbDevice {
  readonly name: string | null;
  readonly manufacturer: string | null;
  /** Four hex digits, upper case. */
  readonly vendorId: string;
  readonly productId: string;
  readonly serial: string | null;
}

/**
 * USB devices among CIM_LogicalDevice or Win32_PnPEntity; the functions of a composite device are not devices of their own.
 * A device instance that is listed under several classes counts once.
 */
export function windowsUsb(devices: readonly CimRecord[]): WindowsUsbDevice[] {
  const seen = new Set<string>();
  return devices.flatMap((record) => {
    const id = cimText(record, 'PNPDeviceID') ?? cimText(record, 'DeviceID') ?? '';
    const match = /^USB\\VID_([0-9A-F]{4})&PID_([0-9A-F]{4})\\(.+)$/i.exec(id);
    const [, vendorId, productId, instance] = match ?? [];
    if (vendorId === undefined || productId === undefined || instance === undefined) return [];
    if (vendorId === '0000' || seen.has(id.toUpperCase())) return [];
    seen.add(id.toUpperCase());
    return [
      {
        name: cimText(record, 'Name') ?? cimText(record, 'Caption'),
        manufacturer: cimText(record, 'Manufacturer'),
        vendorId: vendorId.toUpperCase(),
        productId: productId.toUpperCase(),
        serial: usbSerial(instance),
      },
    ];
  });
}

/** Windows makes up instance ids with ampersands for devices without a serial number. */
export function usbSerial(instance: string): string | null {
  return instance.includes('&') ? null : instance;
}

/** How a prefix is named in the keys below `Enum\USB`: 'VID_03F0&PID_6004\MY26…'. */
const USB_KEY = /\\Enum\\USB\\([^\\]+)\\([^\\]+)$/i;
const PRINTER_KEY = /\\Enum\\USBPRINT\\[^\\]+\\([^\\]+)\\Device Parameters$/i;

/**
 * Port ('USB001') → serial number of the printer at it, null where it has none.
 * @param printers keys below `Enum\USBPRINT`
 * @param devices keys below `Enum\USB`
 */
export function usbPrinterSerials(
  printers: readonly RegKey[],
  devices: readonly RegKey[],
): Map<string, string | null> {
  const byContainer = new Map<string, string>();
  const byPrefix = new Map<string, string | null>();
  for (const key of devices) {
    const instance = USB_KEY.exec(key.path)?.[2];
    if (instance === undefined) continue;
    const serial = usbSerial(instance);
    const container = regText(key, 'ContainerID')?.toLowerCase();
    const prefix = regText(key, 'ParentIdPrefix')?.toLowerCase();
    if (container !== undefined && serial !== null) byContainer.set(container, serial);
    if (prefix !== undefined) byPrefix.set(prefix, serial);
  }
  const containers = new Map(
    printers.map((key) => [key.path.toLowerCase(), regText(key, 'ContainerID')?.toLowerCase()]),
  );
  const serials = new Map<string, string | null>();
  for (const key of printers) {
    const instance = PRINTER_KEY.exec(key.path)?.[1];
    const port = regText(key, 'PortName');
    if (instance === undefined || port === null) continue;
    const container = containers.get(key.path.slice(0, -'\\Device Parameters'.length).toLowerCase());
    const prefix = instance.slice(0, Math.max(0, instance.lastIndexOf('&'))).toLowerCase();
    serials.set(port, byContainer.get(container ?? '') ?? byPrefix.get(prefix) ?? null);
  }
  return serials;
}
