/** Parser of /proc/diskstats, and which of its devices are whole disks. */
import { linesOf, numberOf } from '../fields.ts';

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
/** Columns of a device in every kernel since 2.6.25, without the major number. */
const COLUMNS_MIN = 13;
const COLUMNS_WITH_DISCARDS = 17;

/** One device as the kernel wrote it (Documentation/admin-guide/iostats.rst), to be read when it is wanted. */
export interface DiskRow {
  readonly device: string;
  /** From the minor number on. */
  readonly columns: string;
}

/** Every line, in the order of the file. */
export function diskRows(text: string): DiskRow[] {
  return linesOf(text).flatMap((line) => {
    // The two numbers of the device are filled with blanks; what follows has single ones.
    const major = line.trimStart();
    const columns = major.slice(major.indexOf(' ')).trim();
    const start = columns.indexOf(' ') + 1;
    const end = columns.indexOf(' ', start);
    return start > 0 && end > 0 ? [{ device: columns.slice(start, end), columns }] : [];
  });
}

/** null for a line of very old kernels, without times. */
export function diskCounters(row: DiskRow): DiskCounters | null {
  const { device } = row;
  const columns = row.columns.split(' ');
  if (columns.length < COLUMNS_MIN) return null;
  const at = (index: number): number => numberOf(columns[index], '/proc/diskstats');
  return {
    device,
    reads: at(2),
    readsMerged: at(3),
    readBytes: at(4) * SECTOR_BYTES,
    readMs: at(5),
    writes: at(6),
    writesMerged: at(7),
    writtenBytes: at(8) * SECTOR_BYTES,
    writeMs: at(9),
    inFlight: at(10),
    busyMs: at(11),
    weightedMs: at(12),
    discards:
      columns.length < COLUMNS_WITH_DISCARDS
        ? null
        : { completed: at(13), merged: at(14), sectors: at(15), ms: at(16) },
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
