import { expect, test } from 'vitest';
import { createFakeHost } from '../../host-fake.ts';
import { filesystem } from './filesystem.ts';
import { parseMountinfo, parseMounts, watchedMounts } from './mounts.ts';

test('[CO14] blanks, tabs, newlines, backslashes and letters beyond ASCII in a mount point are kept', () => {
  const [mount] = parseMountinfo(
    '36 35 98:0 / /mnt/a\\040b\\011c\\012d\\134040é rw,noatime master:1 - ext3 /dev/root\\043x rw\n',
  );
  expect(mount?.mountPoint).toBe('/mnt/a b\tc\nd\\040é');
  expect(mount?.source).toBe('/dev/root#x');
});

test('[CO14] optional fields may be missing or many', () => {
  const table =
    '36 35 98:0 / /a rw - ext3 /dev/a rw\n37 35 98:1 / /b rw shared:1 master:2 propagate_from:3 unbindable - xfs /dev/b rw\n38 35 98:2 / /c rw - vfat  rw\n';
  expect(parseMountinfo(table).map((mount) => [mount.mountPoint, mount.type, mount.source])).toEqual([
    ['/a', 'ext3', '/dev/a'],
    ['/b', 'xfs', '/dev/b'],
    ['/c', 'vfat', ''],
  ]);
});

test.each([
  ['a line without a separator', '36 35 98:0 / /a rw ext3 /dev/a rw\n'],
  ['too few columns', '36 35 98:0 - ext3 /dev/a rw\n'],
])('[CO14] %s is an error', (_, text) => {
  expect(() => parseMountinfo(text)).toThrow('mountinfo: cannot read');
});

test.each([
  [
    'of several mounts of one device the shortest path',
    ['/data/a /dev/sdb ext4', '/d /dev/sdb ext4', '/e /dev/sdb ext4'],
    ['/d'],
  ],
  ['of several mounts on one place the last', ['/d /dev/sdb ext4', '/d /dev/sdc xfs'], ['/d']],
  ['no mount that a network mount lies over', ['/d /dev/sdb ext4', '/d server:/x nfs4'], []],
  [
    'nothing beneath a network, FUSE or automatic mount',
    ['/net auto autofs', '/net/x /dev/sdb ext4', '/f x fuse.sshfs', '/f/y /dev/sdc xfs'],
    [],
  ],
  [
    'a disk beside such a mount with a like name',
    ['/net auto autofs', '/network /dev/sdb ext4'],
    ['/network'],
  ],
  [
    'everything beneath a root that is itself on the network',
    ['/ server:/root nfs', '/var /dev/sda1 ext4'],
    ['/var'],
  ],
  [
    'no pseudo file systems, images or read-only media',
    ['/x proc proc', '/y /dev/loop1 squashfs', '/z /dev/sr0 udf', '/w cgroup2 cgroup2'],
    [],
  ],
  ['NTFS by FUSE, which has a local disk', ['/win /dev/sda3 fuseblk'], ['/win']],
  [
    "no containers' layers and volumes, but a disk for them",
    [
      '/var/lib/docker /dev/sdb xfs',
      '/var/lib/docker/overlay2/x/merged overlay overlay',
      '/var/lib/kubelet/pods/1/vol /dev/rbd0 ext4',
    ],
    ['/var/lib/docker'],
  ],
  [
    'the memory file systems of users only',
    ['/tmp tmpfs tmpfs', '/run tmpfs2 tmpfs', '/dev/shm tmpfs3 tmpfs'],
    ['/tmp'],
  ],
])('[CO14] reported is %s', (_, lines, expected) => {
  const mounts = parseMounts(
    lines
      .map((line) => line.split(' '))
      .map(([point, source, type]) => `${source} ${point} ${type} rw 0 0\n`)
      .join(''),
  );
  expect(watchedMounts(mounts).map((mount) => mount.mountPoint)).toEqual(expected);
});

test('[CO14] a file system mounted read-only on purpose is left out, one that an error made read-only stays', () => {
  const table =
    '1 0 8:1 / /kept rw - ext4 /dev/sda1 ro,errors=remount-ro\n2 0 8:2 / /dropped ro - ext4 /dev/sdb1 ro\n3 0 8:3 / /sandboxed ro - ext4 /dev/sdc1 rw\n';
  expect(watchedMounts(parseMountinfo(table)).map((mount) => mount.mountPoint)).toEqual([
    '/kept',
    '/sandboxed',
  ]);
});

test('[CO15] a mount that may block is never asked', () => {
  const asked: string[] = [];
  const host = createFakeHost({
    files: {
      '/proc/self/mountinfo':
        '1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:9 / /mnt rw - nfs4 s:/x rw\n3 2 8:2 / /mnt/disk rw - ext4 /dev/sdb1 rw\n4 1 0:8 / /sshfs rw - fuse.sshfs s: rw\n',
    },
  });
  filesystem.collect({ ...host, fileSystem: (path) => (asked.push(path), null) }, null);
  expect(asked).toEqual(['/']);
});

test('[CO14] an unchanged mount table is not parsed again', () => {
  const host = createFakeHost({ files: { '/proc/mounts': '/dev/sda1 / ext4 rw 0 0\n' } });
  const first = filesystem.collect(host, null).state;
  expect(filesystem.collect(host, first).state).toBe(first);
  host.setFile('/proc/mounts', '/dev/sda1 / ext4 rw 0 0\n/dev/sdb1 /b ext4 rw 0 0\n');
  expect(filesystem.collect(host, first).state?.mounts.map((one) => one.mountPoint)).toEqual(['/', '/b']);
});
