/** The section `storage` of Windows: drives with their own verdict, and mounted volumes. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import { type CimRecord, cimNumber, cimText } from '../parsers/cim.ts';
import {
  type WindowsDisk,
  type WindowsDrive,
  windowsDrives,
  windowsDrivesOfWin32,
  windowsPhysicalDisks,
} from '../parsers/windows-hardware.ts';
import type { CollectedSection } from '../section.ts';
import { sectionOf, shortName, type WindowsRecords } from './outputs.ts';

type Disk = SectionData['storage']['disks'][number];
type FileSystem = SectionData['storage']['fileSystems'][number];

const VOLUMES = ['Win32_LogicalDisk', 'Win32_Volume'] as const;

/** Optical drives and tapes are no disks. */
export function windowsStorage(records: WindowsRecords): CollectedSection<'storage'> | null {
  const modern = records.of('MSFT_PhysicalDisk');
  const old = records.of('Win32_DiskDrive');
  if (!['MSFT_PhysicalDisk', 'Win32_DiskDrive', ...VOLUMES].some((name) => records.given(name))) return null;
  return sectionOf<'storage'>(
    {
      disks:
        modern.length > 0
          ? windowsPhysicalDisks(modern).map((disk, index) => modernDisk(disk, modern[index]))
          : windowsDrivesOfWin32(old).map((disk, index) => oldDisk(disk, old[index])),
      fileSystems: fileSystemsOf(records),
    },
    records.missing([...(modern.length > 0 ? [] : ['Win32_DiskDrive', 'MSFT_PhysicalDisk']), ...VOLUMES]),
  );
}

const NO_ATTRIBUTES = { reallocatedSectors: null, wearPercent: null } as const;

function modernDisk(disk: WindowsDisk, record: CimRecord | undefined): Disk {
  return {
    ...commonOf(disk),
    kind: disk.virtual ? 'virtual' : modernKind(disk),
    wwn: wwnOf(record),
    health: HEALTH[cimNumber(record, 'HealthStatus') ?? -1] ?? 'unknown',
  };
}

function oldDisk(disk: WindowsDisk, record: CimRecord | undefined): Disk {
  const removable = disk.bus === 'USB' || /^(?:removable|external)\b/i.test(disk.media ?? '');
  const spinning = /\bSSD\b/i.test(disk.model ?? '') ? 'ssd' : 'unknown';
  return {
    ...commonOf(disk),
    kind: disk.virtual ? 'virtual' : removable ? 'removable' : spinning,
    wwn: null,
    // 'OK' says only that the driver works.
    health: cimText(record, 'Status') === 'Pred Fail' ? 'failed' : 'unknown',
  };
}

/** The same drive has the same name whichever class told it. */
function commonOf(disk: WindowsDisk): Omit<Disk, 'kind' | 'wwn' | 'health'> {
  const number = /PHYSICALDRIVE(\d+)$/i.exec(disk.name ?? '')?.[1];
  return {
    name: shortName(number === undefined ? (disk.name ?? disk.model ?? 'disk') : `PhysicalDisk${number}`),
    model: disk.model,
    serial: disk.serial,
    firmware: disk.firmware,
    sizeBytes: disk.sizeBytes,
    bus: disk.bus?.toLowerCase() ?? null,
    ...NO_ATTRIBUTES,
  };
}

const REMOVABLE_BUSES: ReadonlySet<string> = new Set(['USB', 'SD', 'MMC']);

function modernKind({ bus, media }: WindowsDisk): Disk['kind'] {
  if (bus !== null && REMOVABLE_BUSES.has(bus)) return 'removable';
  if (bus === 'File Backed Virtual') return 'virtual';
  if (bus === 'NVMe') return 'nvme';
  if (media === 'SSD') return 'ssd';
  return media === 'HDD' ? 'hdd' : 'unknown';
}

/** MSFT_PhysicalDisk.HealthStatus; a warning (1) is no verdict yet. */
const HEALTH: Readonly<Record<number, Disk['health']>> = { 0: 'passed', 2: 'failed' };

/** MSFT_PhysicalDisk.UniqueIdFormat: EUI-64 and names of the Fibre Channel standard; others repeat model and number. */
const WORLD_WIDE_FORMATS: ReadonlySet<number> = new Set([2, 3]);

function wwnOf(record: CimRecord | undefined): string | null {
  if (!WORLD_WIDE_FORMATS.has(cimNumber(record, 'UniqueIdFormat') ?? -1)) return null;
  return /^(?:eui\.)?([0-9a-f]{16,32})$/i.exec(cimText(record, 'UniqueId') ?? '')?.[1]?.toLowerCase() ?? null;
}

/** What has a place in the file tree and blocks; discs come and go. */
function fileSystemsOf(records: WindowsRecords): FileSystem[] {
  const logical = records.of('Win32_LogicalDisk');
  const readOnly = new Set(
    logical
      .filter((record) => cimNumber(record, 'Access') === ACCESS_READ_ONLY)
      .map((record) => cimText(record, 'DeviceID')),
  );
  return windowsDrives(logical, records.of('Win32_Volume'), records.of('Win32_OperatingSystem')).flatMap(
    (drive) => fileSystemOf(drive, readOnly),
  );
}

/** Win32_LogicalDisk.Access */
const ACCESS_READ_ONLY = 1;

const NAME_CHARS = 256;

function fileSystemOf(drive: WindowsDrive, readOnly: ReadonlySet<string | null>): FileSystem[] {
  const mount = drive.letter ?? drive.mount;
  if (mount === null || drive.kind === 'optical' || drive.sizeBytes === null) return [];
  return [
    {
      mount: mount.slice(0, NAME_CHARS),
      device: null,
      type: drive.fileSystem?.toLowerCase() ?? null,
      uuid: drive.serial?.toLowerCase() ?? null,
      sizeBytes: drive.sizeBytes,
      readOnly: readOnly.has(drive.letter),
      label: drive.label,
    },
  ];
}
