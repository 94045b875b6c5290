/** storages, drives, logical volumes → our section `storage`. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import { firstText, type Item, mebibytes, megabytes, named, sortedBy, text, unique } from '../values.ts';
import type { Context } from './context.ts';

type Storage = SectionData['storage'];
type Disk = Storage['disks'][number];

export const STORAGE_SOURCES = [
  'storages',
  'drives',
  'physical_volumes',
  'volume_groups',
  'logical_volumes',
] as const;

export function storagePatch({ content, family }: Context): object {
  const groups = new Map(
    (content.volume_groups ?? []).map((group) => [text(group, 'vg_uuid'), text(group, 'vg_name', 256)]),
  );
  const groupOf = (item: Item) => text(item, 'vg_name', 256) ?? groups.get(text(item, 'vg_uuid')) ?? null;
  return {
    ...(content.storages ? { disks: disksOf(content.storages) } : {}),
    ...(content.drives ? { fileSystems: fileSystemsOf(content.drives, family === 'windows') } : {}),
    ...(content.physical_volumes
      ? {
          physicalVolumes: listed(content.physical_volumes, 'device', (item, device) => ({
            device,
            volumeGroup: groupOf(item),
            uuid: text(item, 'pv_uuid'),
            format: text(item, 'format'),
            sizeBytes: megabytes(item, 'size'),
            freeBytes: megabytes(item, 'free'),
          })),
        }
      : {}),
    ...(content.volume_groups
      ? {
          volumeGroups: listed(content.volume_groups, 'vg_name', (item, name) => ({
            name,
            uuid: text(item, 'vg_uuid'),
            sizeBytes: megabytes(item, 'size'),
            freeBytes: megabytes(item, 'free'),
          })),
        }
      : {}),
    ...(content.logical_volumes
      ? {
          logicalVolumes: listed(content.logical_volumes, 'lv_name', (item, name) => ({
            name,
            volumeGroup: groupOf(item),
            uuid: text(item, 'lv_uuid'),
            kind: null,
            sizeBytes: megabytes(item, 'size'),
          })),
        }
      : {}),
  };
}

function listed<T>(list: readonly Item[], key: string, of: (item: Item, name: string) => T): T[] {
  return sortedBy(
    list.flatMap((item) => {
      const name = text(item, key, 256);
      return name === null ? [] : [of(item, name)];
    }),
    (entry) => JSON.stringify(entry),
  );
}

/** What holds no disk of the machine: optical drives, readers, memory that is dressed as a disk. */
const NO_DISKS = /\b(cd|dvd|cd-?rom|floppy|tape|card ?reader|diskette)\b/i;
const MEMORY_DISKS = /^(\/dev\/)?(zram|ram|loop|sr|fd)\d/;

function disksOf(list: readonly Item[]): Disk[] {
  const disks = list.flatMap((item): Disk[] => {
    const name = firstText(item, 'name', 'model', 'description')?.slice(0, 64);
    const kind = `${text(item, 'type') ?? ''} ${text(item, 'description') ?? ''}`;
    if (name === undefined || MEMORY_DISKS.test(name) || NO_DISKS.test(kind)) return [];
    const model = named(item, 'model');
    const bus = busOf(item, name);
    return [
      {
        name,
        model,
        serial: named(item, 'serial'),
        firmware: named(item, 'firmware'),
        sizeBytes: megabytes(item, 'disksize'),
        kind: kindOf(name, bus, `${kind} ${model ?? ''}`),
        bus,
        wwn: wwnOf(item),
        health: 'unknown',
        reallocatedSectors: null,
        wearPercent: null,
      },
    ];
  });
  return sortedBy(
    unique(disks, ({ name, serial }) => `${name}\0${serial ?? ''}`),
    ({ name, serial }) => `${name}\0${serial ?? ''}`,
  );
}

function busOf(item: Item, name: string): string | null {
  const told = `${text(item, 'interface') ?? ''} ${text(item, 'description') ?? ''}`.toLowerCase();
  if (/\bnvme\b/.test(told) || /^(\/dev\/)?nvme/.test(name)) return 'nvme';
  if (/^(\/dev\/)?vd[a-z]/.test(name)) return 'virtio';
  return /\b(usb|sata|sas|scsi|ide|ata|mmc|fc|iscsi)\b/.exec(told)?.[1] ?? null;
}

function kindOf(name: string, bus: string | null, words: string): Disk['kind'] {
  if (bus === 'virtio' || /\bvirtual\b|qemu|vbox|vmware/i.test(words)) return 'virtual';
  if (bus === 'usb' || /removable|external/i.test(words)) return 'removable';
  if (bus === 'nvme' || /nvme/i.test(words)) return 'nvme';
  if (/\bssd\b|solid state/i.test(words)) return 'ssd';
  return /\bhdd\b|\brpm\b/i.test(words) ? 'hdd' : 'unknown';
}

function wwnOf(item: Item): string | null {
  const wwn = (text(item, 'wwn') ?? '').toLowerCase().replace(/^(0x|naa\.)|[^0-9a-f]/g, '');
  return wwn === '' ? null : wwn;
}

/** Drives that come and go with what is put into them, and those of other machines. */
const NO_FILE_SYSTEMS =
  /^(removable|removable disk|cd-rom disc|cd-rom|compact disc|network drive|ram disk)$/i;

function fileSystemsOf(list: readonly Item[], isWindows: boolean): Storage['fileSystems'] {
  const all = list.flatMap((item): Storage['fileSystems'] => {
    const type = text(item, 'type', 256);
    const mount = isWindows ? text(item, 'letter', 256) : (type ?? text(item, 'letter', 256));
    if (mount === null || (type !== null && NO_FILE_SYSTEMS.test(type))) return [];
    const label = text(item, 'label');
    return [
      {
        mount,
        device: isWindows ? null : text(item, 'volumn'),
        type: text(item, 'filesystem'),
        uuid: text(item, 'serial'),
        sizeBytes: mebibytes(item, 'total'),
        readOnly: false,
        label: isWindows ? (label ?? text(item, 'volumn')) : label,
      },
    ];
  });
  return sortedBy(
    unique(all, ({ mount }) => mount),
    ({ mount }) => mount,
  );
}
