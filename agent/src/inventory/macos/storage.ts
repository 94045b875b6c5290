/** The section `storage` of a Mac: disks that the profiler knows, file systems that are mounted. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import {
  macAtaDisks,
  macCardReaders,
  type MacDisk,
  macFireWireDisks,
  macUsbDisks,
} from '../parsers/macos-hardware.ts';
import { type PlistValue, plistText, profilerItems } from '../parsers/system-profiler.ts';
import { parseDf, parseMount } from '../parsers/unix-tables.ts';
import type { CollectedSection } from '../section.ts';
import { type MacosRecords, sectionOf, shortName } from './outputs.ts';

type Disk = SectionData['storage']['disks'][number];
type FileSystem = SectionData['storage']['fileSystems'][number];

/** Type of the profiler → how its disks are read. */
const READERS: Readonly<Record<string, (plist: PlistValue | null) => readonly MacDisk[]>> = {
  SPSerialATADataType: (plist) => macAtaDisks(plist),
  SPParallelATADataType: (plist) => macAtaDisks(plist),
  SPNVMeDataType: (plist) => macAtaDisks(plist, 'NVMe'),
  SPUSBDataType: macUsbDisks,
  SPFireWireDataType: macFireWireDisks,
  SPCardReaderDataType: macCardReaders,
};

/** Types that every Mac is asked for; the others are of older ones. */
const NEEDED = ['SPSerialATADataType', 'SPNVMeDataType', 'SPUSBDataType'] as const;

/** Drives for discs and readers without a card are no disks. */
export function macosStorage(records: MacosRecords): CollectedSection<'storage'> | null {
  const { outputs } = records;
  const types = Object.keys(READERS).filter((type) => outputs.plists?.[type] !== undefined);
  if (types.length === 0 && outputs.df === undefined) return null;
  const disks = types.flatMap((type) =>
    disksOf(READERS[type]?.(records.plist(type)) ?? [], records.plist(type)),
  );
  return sectionOf<'storage'>(
    { disks: named(disks), fileSystems: fileSystemsOf(outputs.df ?? '', outputs.mount ?? '') },
    [
      ...NEEDED.map((type) => outputs.plists?.[type] === undefined && `system_profiler: ${type}`),
      outputs.df === undefined && 'df',
      outputs.mount === undefined && 'mount',
    ],
  );
}

function disksOf(disks: readonly MacDisk[], plist: PlistValue | null): Disk[] {
  const media = new Map(
    profilerItems(plist).map((item) => [
      plistText(item, 'bsd_name') ?? '',
      plistText(item, 'spsata_medium_type', 'spnvme_medium_type'),
    ]),
  );
  return disks
    .filter((disk) => disk.kind === 'card' || (disk.kind === 'disk' && !OPTICAL.test(disk.name)))
    .map((disk) => ({
      name: shortName(disk.device ?? disk.name),
      model: disk.model,
      serial: disk.serial,
      firmware: disk.firmware,
      sizeBytes: disk.sizeBytes,
      kind: kindOf(disk, media.get(disk.device ?? '') ?? null),
      bus: disk.bus?.toLowerCase() ?? null,
      wwn: null,
      health: HEALTH[disk.smart ?? ''] ?? 'unknown',
      reallocatedSectors: null,
      wearPercent: null,
    }));
}

const OPTICAL = /\b(?:optical|dvd|cd|blu-?ray|superdrive|dvd-?r\w*)\b/i;

const HEALTH: Readonly<Record<string, Disk['health']>> = { Verified: 'passed', Failing: 'failed' };

function kindOf(disk: MacDisk, medium: string | null): Disk['kind'] {
  if (disk.kind === 'card' || disk.bus === 'USB' || disk.bus === 'FireWire') return 'removable';
  if (disk.bus === 'NVMe') return 'nvme';
  if (/\bSSD\b/i.test(disk.model ?? '') || /^solid/i.test(medium ?? '')) return 'ssd';
  return /^rotational/i.test(medium ?? '') ? 'hdd' : 'unknown';
}

/** A disk that is listed under two types is one. */
function named(disks: readonly Disk[]): Disk[] {
  const found = new Map<string, Disk>();
  for (const disk of disks) {
    const same = `${disk.name}\n${disk.serial ?? ''}`;
    if (!found.has(same)) found.set(same, disk);
  }
  return [...found.values()];
}

/** Volumes of the system itself, and what the system makes up. */
const NO_VOLUMES: ReadonlySet<string> = new Set(['devfs', 'autofs', 'nullfs', 'none']);
const NAME_CHARS = 256;

function fileSystemsOf(df: string, mount: string): FileSystem[] {
  const mounts = new Map(parseMount(mount).map((entry) => [entry.mount, entry]));
  return parseDf(df).flatMap((entry) => {
    const mounted = mounts.get(entry.mount);
    const type = mounted?.type ?? entry.type;
    if (NO_VOLUMES.has(type ?? entry.device) || entry.device.startsWith('map ') || entry.device === 'devfs')
      return [];
    return [
      {
        mount: entry.mount.slice(0, NAME_CHARS),
        // A share's address can hold the name of an account.
        device: entry.device.startsWith('//') ? entry.device.replace(/^\/\/[^/]*@/, '//') : entry.device,
        type,
        uuid: null,
        sizeBytes: entry.sizeBytes,
        readOnly: mounted?.options.includes('read-only') ?? false,
        label: null,
      },
    ];
  });
}
