/** Parser of /proc/diskstats, and which of its devices are whole disks. */
import { linesOf, numberOf, wordsOf } from '../fields.ts';

/** Counters of one block device since boot (Linux Documentation/admin-guide/iostats.rst). */
export interface DiskCounters {
  readonly device: string;
  readonly reads: number;
  readonly readsMerged: number;
  readonly readBytes: number;
  /** Time of all reads together, in milliseconds modulo 2^32; so are the other times. */
  readonly readMs: number;
  readonly writes: number;
  readonly writesMerged: number;
  readonly writtenBytes: number;
  readonly writeMs: number;
  /** Requests under way at this moment. */
  readonly inFlight: number;
  /** Time with at least one request under way. */
  readonly busyMs: number;
  /** Sum over the requests under way. */
  readonly weightedMs: number;
  /** Since Linux 4.18, null before. */
  readonly discards: DiscardCounters | null;
}

export interface DiscardCounters {
  readonly completed: number;
  readonly merged: number;
  readonly sectors: number;
  readonly ms: number;
}

/** The kernel counts in these, whatever the device's own sectors are. */
const SECTOR_BYTES = 512;
/** Columns of a device in every kernel since 2.6.25. */
const COLUMNS_MIN = 14;
const COLUMNS_WITH_DISCARDS = 18;

/** All devices, or those that `wanted` chooses by name. Lines of very old kernels, without times, are left out. */
export function parseDiskstats(text: string, wanted?: (device: string) => boolean): DiskCounters[] {
  const disks: DiskCounters[] = [];
  for (const line of linesOf(text)) {
    const columns = wordsOf(line);
    const device = columns[2];
    if (device === undefined || columns.length < COLUMNS_MIN || wanted?.(device) === false) continue;
    disks.push(diskCounters(device, columns));
  }
  return disks;
}

function diskCounters(device: string, columns: readonly string[]): DiskCounters {
  const at = (index: number): number => numberOf(columns[index], '/proc/diskstats');
  return {
    device,
    reads: at(3),
    readsMerged: at(4),
    readBytes: at(5) * SECTOR_BYTES,
    readMs: at(6),
    writes: at(7),
    writesMerged: at(8),
    writtenBytes: at(9) * SECTOR_BYTES,
    writeMs: at(10),
    inFlight: at(11),
    busyMs: at(12),
    weightedMs: at(13),
    discards:
      columns.length < COLUMNS_WITH_DISCARDS
        ? null
        : { completed: at(14), merged: at(15), sectors: at(16), ms: at(17) },
  };
}

/**
 * Memory and file images, optical and floppy drives, the second path of an NVMe disk and the boot areas of
 * an MMC; and the layers that only pass on to devices which are counted themselves: device mapper (LVM,
 * encryption, multipath), ZFS volumes, DRBD and bcache. With those, a sum over disks would count each
 * byte twice, and their numbers change from boot to boot. Software RAID (md) stays: there are few, and their
 * names and their redundancy mean something to people.
 */
const NOT_A_DISK = /^(?:loop|ram|zram|fd|sr|scd|dm-|zd|drbd|bcache|nvme\d+c\d+n|mmcblk\d+(?:boot|rpmb))\d*/;

/** Names of whole disks among `devices`: a name that is another device's with a number behind it is a partition. */
export function wholeDisks(devices: readonly string[]): Set<string> {
  const all = new Set(devices);
  const isPartition = (device: string): boolean => {
    const base = device.replace(/\d+$/, '');
    if (base === device) return false;
    return all.has(base) || (/\dp$/.test(base) && all.has(base.slice(0, -1)));
  };
  return new Set(devices.filter((device) => !NOT_A_DISK.test(device) && !isPartition(device)));
}

/** Names of the devices, in the order of the file. */
export function deviceNames(text: string): string[] {
  return linesOf(text).flatMap((line) => wordsOf(line)[2] ?? []);
}
