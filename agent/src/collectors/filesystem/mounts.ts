/** The mount table, and which of its file systems are worth watching and safe to ask. */
import { linesOf, wordsOf } from '../fields.ts';

/** One line of /proc/[pid]/mountinfo (proc(5)), or what /proc/mounts tells of it. */
export interface Mount {
  /** `major:minor` of the file system; '' from /proc/mounts, which does not tell it. */
  readonly device: string;
  readonly mountPoint: string;
  readonly type: string;
  /** Device file, pool, server …: whatever the file system says. */
  readonly source: string;
  /** Mounted read-only on purpose, and the file system itself is read-only too. */
  readonly readOnly: boolean;
}

/** Throws when a line has no separator or too few columns. */
export function parseMountinfo(text: string): Mount[] {
  return linesOf(text).map((line) => {
    const separator = line.indexOf(' - ');
    const [, , device, , mountPoint, options] = wordsOf(line.slice(0, Math.max(0, separator)));
    const [type, source, superOptions = ''] = line.slice(separator + 3).split(' ');
    if (separator < 0 || !device || !mountPoint || !options || !type || source === undefined) {
      throw new Error(`mountinfo: cannot read ${JSON.stringify(line)}`);
    }
    return {
      device,
      mountPoint: unescapeOctal(mountPoint),
      type,
      source: unescapeOctal(source),
      readOnly: hasOption(options, 'ro') && hasOption(superOptions, 'ro'),
    };
  });
}

/** /proc/mounts (fstab(5)), for kernels and containers without mountinfo. */
export function parseMounts(text: string): Mount[] {
  return linesOf(text).map((line) => {
    const [source, mountPoint, type, options] = line.split(' ');
    if (source === undefined || !mountPoint || !type || !options) {
      throw new Error(`mounts: cannot read ${JSON.stringify(line)}`);
    }
    return {
      device: '',
      mountPoint: unescapeOctal(mountPoint),
      type,
      source: unescapeOctal(source),
      readOnly: hasOption(options, 'ro'),
    };
  });
}

/** The kernel writes blank, tab, newline, backslash and `#` as a backslash and three octal digits. */
function unescapeOctal(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

function hasOption(options: string, option: string): boolean {
  return options.split(',').includes(option);
}

/**
 * Types that keep data on this machine, with no server or program of a user behind them. A list of what
 * is allowed, not of what is not: asking a file system whose server is dead blocks the asker for ever, and
 * new network and FUSE types appear all the time.
 */
const LOCAL_TYPES = new Set(
  // fuseblk: ntfs-3g and its like, a program, but one that has a local block device behind it.
  'ext2 ext3 ext4 xfs btrfs zfs bcachefs f2fs jfs reiserfs nilfs2 ubifs jffs2 vfat msdos exfat ntfs ntfs3 fuseblk hfs hfsplus ufs minix vxfs apfs'.split(
    ' ',
  ),
);
/** Memory file systems that users fill; the others (/run, /dev/shm …) show as memory in use. */
const TMPFS_MOUNT_POINTS = new Set(['/tmp', '/var/tmp']);
/** The root of a container or of a live system; every other overlay is a container's and repeats the disk below. */
const ROOT_ONLY_TYPES = new Set(['overlay', 'aufs', 'overlayfs']);
/** A file bound into each container is not a place to keep data. */
const BOUND_FILES = new Set(['/etc/hosts', '/etc/hostname', '/etc/resolv.conf']);
/** Mounts that container engines, kubelets and package systems make by the dozen. The folders themselves may be disks of their own and stay. */
const NOISE =
  /^\/(?:var\/lib\/(?:docker|containers\/storage|containerd|kubelet|lxc|lxd|incus|snapd)|run\/(?:docker|containerd|containers|user|credentials)|var\/snap|snap|proc|sys|dev)\//;

/**
 * The file systems to report, one mount point each, in the order of the table:
 * - local types that can be written, without the noise of container engines;
 * - of several mounts of one device (bind mounts, btrfs subvolumes) the one with the shortest path;
 * - of several mounts on one place the last, which hides the others;
 * - nothing at or beneath a mount that is not local, because the way there may block.
 */
export function watchedMounts(mounts: readonly Mount[]): Mount[] {
  const visible = new Map(mounts.map((mount) => [mount.mountPoint, mount]));
  const unsafe = [...visible.values()]
    .filter((mount) => mayBlock(mount.type))
    .map((mount) => mount.mountPoint);
  const byDevice = new Map<string, Mount>();
  for (const mount of visible.values()) {
    if (!isWatched(mount) || unsafe.some((above) => isBeneath(mount.mountPoint, above))) continue;
    const key = mount.device === '' ? mount.source : mount.device;
    const other = byDevice.get(key);
    if (other === undefined || isShorter(mount.mountPoint, other.mountPoint)) byDevice.set(key, mount);
  }
  return [...byDevice.values()];
}

function isWatched(mount: Mount): boolean {
  if (mount.readOnly || BOUND_FILES.has(mount.mountPoint) || NOISE.test(mount.mountPoint)) return false;
  if (mount.type === 'tmpfs') return TMPFS_MOUNT_POINTS.has(mount.mountPoint);
  if (ROOT_ONLY_TYPES.has(mount.type)) return mount.mountPoint === '/';
  return LOCAL_TYPES.has(mount.type);
}

/** File systems of a server, a cluster or a program: a path through them can block when that is dead. */
function mayBlock(type: string): boolean {
  return (
    /^(?:nfs\d?|cifs|smb\d?|smbfs|ncpfs|afs|ceph|glusterfs|lustre|gpfs|beegfs|orangefs|pvfs2|9p|virtiofs|gfs2|ocfs2|coda|davfs|autofs)$/.test(
      type,
    ) ||
    type === 'fuse' ||
    type.startsWith('fuse.')
  );
}

function isBeneath(path: string, folder: string): boolean {
  return folder !== '/' && (path === folder || path.startsWith(`${folder}/`));
}

function isShorter(path: string, other: string): boolean {
  return path.length !== other.length ? path.length < other.length : path < other;
}
