/** Disks and file systems of a Linux machine from /sys/block, the udev database and mountinfo. */
import type { SectionInput } from '@muster/shared/inventory/sections.ts';
import type { Host } from '../../host.ts';
import type { CollectedSection } from '../section.ts';
import { baseName, linkTarget, readNumber, readValue } from '../text.ts';
import { decodeUdev, diskOf, isDisk } from './disk.ts';
import type { DiskFacts } from './disk.ts';
import { isNetworkType, parseMountinfo, realFileSystems } from './mounts.ts';
import type { Mount } from './mounts.ts';

type FileSystem = SectionInput['storage']['fileSystems'][number];

const BLOCK = '/sys/block';
const VPD_BYTES_MAX = 256;

export function collectLinuxStorage(host: Host): CollectedSection<'storage'> {
  const mountinfo = host.readText('/proc/self/mountinfo');
  const uuids = readUuids(host);
  const disks = host
    .list(BLOCK)
    .filter(isDisk)
    .map((name) => readFacts(host, name))
    // A card reader without a card has no size and is no disk.
    .filter((facts) => facts.sectors !== 0 && !isHiddenPath(host, facts.name))
    .map(diskOf);
  const fileSystems = realFileSystems(parseMountinfo(mountinfo ?? '')).map((mount) =>
    fileSystemOf(host, mount, uuids),
  );
  const notes = mountinfo === null ? ['/proc/self/mountinfo could not be read'] : [];
  return { data: { disks, fileSystems }, complete: notes.length === 0, notes };
}

function readFacts(host: Host, name: string): DiskFacts {
  const folder = `${BLOCK}/${name}`;
  const rotational = readNumber(host, `${folder}/queue/rotational`);
  return {
    name,
    path: linkTarget(host, folder) ?? folder,
    sectors: readNumber(host, `${folder}/size`),
    rotational: rotational === null ? null : rotational === 1,
    removable: readNumber(host, `${folder}/removable`) === 1,
    model: readValue(host, `${folder}/device/model`) ?? readValue(host, `${folder}/device/name`),
    vendor: readValue(host, `${folder}/device/vendor`),
    serial: readValue(host, `${folder}/device/serial`) ?? readValue(host, `${folder}/serial`),
    firmware: readValue(host, `${folder}/device/firmware_rev`) ?? readValue(host, `${folder}/device/rev`),
    vpdPage80: host.readBytes(`${folder}/device/vpd_pg80`, VPD_BYTES_MAX),
    udev: readUdev(host, `b${readValue(host, `${folder}/dev`) ?? ''}`),
  };
}

/** The paths of a multipath NVMe disk are hidden behind the disk itself. */
function isHiddenPath(host: Host, name: string): boolean {
  return readNumber(host, `${BLOCK}/${name}/hidden`) === 1;
}

function readUdev(host: Host, id: string): Map<string, string> {
  const text = host.readText(`/run/udev/data/${id}`) ?? '';
  return new Map(
    [...text.matchAll(/^E:([A-Z0-9_]+)=(.*)$/gm)].map((match) => [match[1] ?? '', match[2] ?? '']),
  );
}

/** Kernel name of a block device → UUID of the file system on it. */
function readUuids(host: Host): Map<string, string> {
  const folder = '/dev/disk/by-uuid';
  const uuids = new Map<string, string>();
  for (const name of host.list(folder)) {
    const target = linkTarget(host, `${folder}/${name}`);
    if (target !== null) uuids.set(baseName(target), decodeUdev(name));
  }
  return uuids;
}

function fileSystemOf(host: Host, mount: Mount, uuids: ReadonlyMap<string, string>): FileSystem {
  return {
    mount: mount.mountPoint.slice(0, 256),
    device: mount.source === '' || mount.source === 'none' ? null : mount.source,
    type: mount.type,
    uuid: uuids.get(kernelName(host, mount)) ?? null,
    sizeBytes: hasFixedSize(mount.type) ? (host.fileSystem(mount.mountPoint)?.totalBytes ?? null) : null,
    readOnly: mount.readOnly,
  };
}

/** By device number; btrfs has none of its own, there the source says it (a link in /dev/mapper leads to dm-0). */
function kernelName(host: Host, mount: Mount): string {
  const byNumber = host.readLink(`/sys/dev/block/${mount.device}`);
  if (byNumber !== null) return baseName(byNumber);
  return baseName(linkTarget(host, mount.source) ?? mount.source);
}

/** The "size" of a zfs dataset follows what its neighbours use; a remote one may not answer, and belongs to another machine. */
function hasFixedSize(type: string): boolean {
  return type !== 'zfs' && !isNetworkType(type);
}
