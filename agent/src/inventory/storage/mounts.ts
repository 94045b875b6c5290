/** Mounted file systems worth an inventory, from /proc/self/mountinfo. */

export interface Mount {
  /** 'major:minor' of the device. */
  readonly device: string;
  /** Folder of the file system that is mounted. */
  readonly root: string;
  readonly mountPoint: string;
  readonly type: string;
  readonly source: string;
  readonly readOnly: boolean;
}

/** proc(5): `id parent major:minor root mount-point options optional* - type source super-options` */
export function parseMountinfo(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const separator = line.indexOf(' - ');
    if (separator === -1) return [];
    const [, , device, root, mountPoint, options] = line.slice(0, separator).split(' ');
    const [type, source, superOptions] = line.slice(separator + 3).split(' ');
    if (device === undefined || root === undefined || mountPoint === undefined || type === undefined)
      return [];
    return [
      {
        device,
        root: unescapeOctal(root),
        mountPoint: unescapeOctal(mountPoint),
        type,
        source: unescapeOctal(source ?? ''),
        readOnly: isReadOnly(options) || isReadOnly(superOptions),
      },
    ];
  });
}

function isReadOnly(options: string | undefined): boolean {
  return (options ?? '').split(',').includes('ro');
}

/** The kernel writes space, tab, newline and backslash as '\040' and so on. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Types that hold nobody's data: made by the kernel, or images that software ships in. */
const PSEUDO_TYPES = new Set(
  'autofs bdev binder binfmt_misc bpf cgroup cgroup2 configfs cpuset debugfs devpts devtmpfs efivarfs fuse.gvfsd-fuse fuse.lxcfs fuse.portal fuse.snapfuse fusectl hugetlbfs iso9660 mqueue nsfs overlay proc pstore ramfs rootfs rpc_pipefs securityfs selinuxfs squashfs sysfs tmpfs tracefs udf erofs'.split(
    ' ',
  ),
);

/** Mounts that container engines make and remove by themselves. */
const CHURNING_PLACES =
  /^\/(var\/lib\/(docker|containers|containerd|kubelet|lxd|lxc|rancher)|run\/(docker|containerd|credentials|user)|snap)\//;

/** Every file system once, at its shortest mount point, in the order of mount points. */
export function realFileSystems(mounts: readonly Mount[]): Mount[] {
  const chosen = new Map<string, Mount>();
  for (const mount of mounts.filter(isReal)) {
    const key = `${mount.device} ${mount.root}`;
    const other = chosen.get(key);
    if (other === undefined || isShorter(mount.mountPoint, other.mountPoint)) chosen.set(key, mount);
  }
  // A later mount hides an earlier one at the same place.
  const byPlace = new Map([...chosen.values()].map((mount) => [mount.mountPoint, mount]));
  return [...byPlace.values()].sort((a, b) => (a.mountPoint < b.mountPoint ? -1 : 1));
}

function isShorter(a: string, b: string): boolean {
  return a.length < b.length || (a.length === b.length && a < b);
}

function isReal(mount: Mount): boolean {
  // The root of a container is an overlay; it is still the file system that the machine lives on.
  if (mount.mountPoint === '/') return mount.type !== 'rootfs';
  if (PSEUDO_TYPES.has(mount.type) || CHURNING_PLACES.test(`${mount.mountPoint}/`)) return false;
  // A folder mounted a second time is no file system of its own; subvolumes are.
  return mount.root === '/' || mount.type === 'btrfs' || isNetworkType(mount.type) || mount.type === 'zfs';
}

const NETWORK_TYPES =
  /^(nfs4?|cifs|smb3|smbfs|ceph|glusterfs|fuse\.(glusterfs|sshfs|s3fs|rclone|ceph)|9p|virtiofs|afs|lustre|beegfs|ocfs2|gfs2)$/;

export function isNetworkType(type: string): boolean {
  return NETWORK_TYPES.test(type);
}

/** Its server or its program may be gone, and then a question about it is never answered. `fuseblk` is a local disk. */
export function mayNotAnswer(type: string): boolean {
  return isNetworkType(type) || type === 'fuse' || type.startsWith('fuse.') || type === 'autofs';
}

/** What is mounted, null where it is nothing; an address may carry a name and a password before its host. */
export function placeOfSource(source: string): string | null {
  if (source === '' || source === 'none') return null;
  return source.replace(/^([a-z][a-z0-9+.-]*:)?\/\/[^/]*@/i, '$1//');
}
