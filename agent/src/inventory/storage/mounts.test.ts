import { expect, test } from 'vitest';
import { parseMountinfo, placeOfSource, realFileSystems } from './mounts.ts';

const mounts = (...lines: string[]) => realFileSystems(parseMountinfo(lines.join('\n')));
const places = (...lines: string[]) => mounts(...lines).map(({ mountPoint }) => mountPoint);

test('a line of mountinfo with optional fields and escaped blanks', () => {
  expect(
    parseMountinfo(
      '36 35 98:0 /mnt1 /mnt/my\\040disk rw,noatime master:1 shared:2 - ext3 /dev/my\\040root ro,errors=continue',
    ),
  ).toEqual([
    {
      device: '98:0',
      root: '/mnt1',
      mountPoint: '/mnt/my disk',
      type: 'ext3',
      source: '/dev/my root',
      readOnly: true,
    },
  ]);
  expect(parseMountinfo('nonsense\n\n')).toEqual([]);
});

test('[IN27] pseudo file systems, snaps and container mounts are left out', () => {
  expect(
    places(
      '22 27 0:21 / /proc rw - proc proc rw',
      '25 24 0:23 / /dev/shm rw - tmpfs tmpfs rw',
      '27 1 254:0 / / rw - ext4 /dev/vda rw',
      '30 27 8:17 / /srv/data rw - xfs /dev/sdb1 rw',
      '31 27 7:1 / /snap/core/1 ro - squashfs /dev/loop1 ro',
      '32 27 0:50 / /var/lib/docker/overlay2/a/merged rw - overlay overlay rw',
      '33 27 8:33 / /var/lib/kubelet/pods/1/volumes/x rw - ext4 /dev/sdc1 rw',
      '34 27 0:60 / /home/ada/nfs rw - nfs4 server:/export rw',
    ),
  ).toEqual(['/', '/home/ada/nfs', '/srv/data']);
});

test('[IN27] a file system that is mounted twice is reported at its shortest place', () => {
  expect(
    places(
      '27 1 8:1 / / rw - ext4 /dev/sda1 rw',
      '28 27 8:2 / /var/lib/data rw - ext4 /dev/sda2 rw',
      '29 27 8:2 / /data rw - ext4 /dev/sda2 rw',
    ),
  ).toEqual(['/', '/data']);
});

test('[IN27] a folder that is mounted again is no file system, a subvolume is one', () => {
  expect(
    places(
      '27 1 0:30 /@ / rw - btrfs /dev/sda2 rw,subvol=/@',
      '28 27 0:30 /@home /home rw - btrfs /dev/sda2 rw,subvol=/@home',
      '29 27 8:5 /var/lib/docker/containers/1/hosts /etc/hosts rw - ext4 /dev/sda5 rw',
    ),
  ).toEqual(['/', '/home']);
});

test('[IN27] the overlay of a container is its root', () => {
  expect(places('731 520 0:62 / / rw - overlay overlay rw,lowerdir=/x')).toEqual(['/']);
});

test('[IN27] a later mount hides an earlier one at the same place', () => {
  expect(
    mounts('27 1 8:1 / /mnt rw - ext4 /dev/sda1 rw', '28 27 8:2 / /mnt rw - xfs /dev/sda2 rw'),
  ).toMatchObject([{ type: 'xfs' }]);
});

test.each([
  ['https://anna:secret@cloud.example/dav/p@th', 'https://cloud.example/dav/p@th'],
  ['//anna:s@cret@nas/share', '//nas/share'],
  ['//nas/share', '//nas/share'],
  ['nas:/export', 'nas:/export'],
  ['/dev/sda1', '/dev/sda1'],
  ['none', null],
])('[IN7] of what is mounted, %s, no password is told', (source, place) => {
  expect(placeOfSource(source)).toBe(place);
});
