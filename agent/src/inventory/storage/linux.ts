/** Disks, file systems, LVM and RAID of a Linux machine from /sys/block, the udev database and mountinfo; smartctl and lvm where they are installed. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import type { Host } from '../../host.ts';
import type { CollectedSection } from '../section.ts';
import { baseName, linkTarget, readNumber, readValue } from '../text.ts';
import { decodeUdev, diskOf, isDisk } from './disk.ts';
import type { DiskFacts } from './disk.ts';
import { readUdev } from '../udev.ts';
import { installedProgram } from '../programs.ts';
import { driveHealth, smartctlArguments } from './health.ts';
import { LVM_ARGUMENTS, NO_VOLUMES, parseLvm } from './lvm.ts';
import { readRaids } from './raid.ts';
import { mayNotAnswer, parseMountinfo, placeOfSource, realFileSystems } from './mounts.ts';
import type { Mount } from './mounts.ts';

type Disk = SectionData['storage']['disks'][number];
type FileSystem = SectionData['storage']['fileSystems'][number];

const BLOCK = '/sys/block';
const VPD_BYTES_MAX = 256;

/** A drive that answers at all answers within a second; one that hangs must not hold up the report. */
const SMARTCTL_MS_MAX = 5_000;
/** Drives asked for their health; a shelf of hundreds would take minutes. */
const SMARTCTL_DISKS_MAX = 64;
const LVM_MS_MAX = 10_000;

export async function collectLinuxStorage(host: Host): Promise<CollectedSection<'storage'>> {
  const mountinfo = host.readText('/proc/self/mountinfo');
  const names = { uuids: readNames(host, 'by-uuid'), labels: readNames(host, 'by-label') };
  const found = host
    .list(BLOCK)
    .filter(isDisk)
    .map((name) => readFacts(host, name))
    // A card reader without a card has no size and is no disk.
    .filter((facts) => facts.sectors !== 0 && !isHiddenPath(host, facts.name));
  const disks = await withHealth(host, found.map(diskOf));
  const fileSystems = realFileSystems(parseMountinfo(mountinfo ?? '')).map((mount) =>
    fileSystemOf(host, mount, names),
  );
  const volumes = await readVolumes(host);
  const notes = [
    ...(mountinfo === null ? ['/proc/self/mountinfo could not be read'] : []),
    ...(volumes === null ? ['lvm fullreport failed: volumes are missing'] : []),
  ];
  return {
    data: { disks, fileSystems, ...(volumes ?? NO_VOLUMES), raids: readRaids(host) },
    complete: notes.length === 0,
    notes,
  };
}

/** One after the other: drives behind one controller are not asked at once. Virtual ones have no health. */
async function withHealth(host: Host, disks: readonly Disk[]): Promise<Disk[]> {
  if (installedProgram(host, 'smartctl') === null) return [...disks];
  const result: Disk[] = [];
  for (const disk of disks) {
    const ask = disk.kind !== 'virtual' && result.length < SMARTCTL_DISKS_MAX;
    const health = ask
      ? driveHealth((await host.run('smartctl', smartctlArguments(disk.name), SMARTCTL_MS_MAX)).stdout)
      : {};
    result.push({ ...disk, ...health });
  }
  return result;
}

/** Only a machine that has volumes is asked; null when it does not answer. */
async function readVolumes(host: Host): Promise<typeof NO_VOLUMES | null> {
  const mapped = host
    .list(BLOCK)
    .some((name) => readValue(host, `${BLOCK}/${name}/dm/uuid`)?.startsWith('LVM-'));
  if (!mapped || installedProgram(host, 'lvm') === null) return NO_VOLUMES;
  const answer = await host.run('lvm', LVM_ARGUMENTS, LVM_MS_MAX);
  return answer.ok ? parseLvm(answer.stdout) : null;
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
    wwn: readValue(host, `${folder}/device/wwid`) ?? readValue(host, `${folder}/wwid`),
    vpdPage80: host.readBytes(`${folder}/device/vpd_pg80`, VPD_BYTES_MAX),
    udev: readUdev(host, `b${readValue(host, `${folder}/dev`) ?? ''}`),
  };
}

/** The paths of a multipath NVMe disk are hidden behind the disk itself. */
function isHiddenPath(host: Host, name: string): boolean {
  return readNumber(host, `${BLOCK}/${name}/hidden`) === 1;
}

/** Kernel name of a block device → UUID or label of the file system on it. */
function readNames(host: Host, by: 'by-uuid' | 'by-label'): Map<string, string> {
  const folder = `/dev/disk/${by}`;
  const names = new Map<string, string>();
  for (const name of host.list(folder)) {
    const target = linkTarget(host, `${folder}/${name}`);
    if (target !== null) names.set(baseName(target), decodeUdev(name));
  }
  return names;
}

function fileSystemOf(
  host: Host,
  mount: Mount,
  names: { readonly uuids: ReadonlyMap<string, string>; readonly labels: ReadonlyMap<string, string> },
): FileSystem {
  return {
    mount: mount.mountPoint.slice(0, 256),
    device: placeOfSource(mount.source),
    type: mount.type,
    uuid: names.uuids.get(kernelName(host, mount)) ?? null,
    label: names.labels.get(kernelName(host, mount)) ?? null,
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
  return type !== 'zfs' && !mayNotAnswer(type);
}
