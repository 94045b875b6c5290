import { expect, test } from 'vitest';
import { createFakeHost } from '../../host-fake.ts';
import { allowedDirectory, isChurning } from './places.ts';
import { FILES_MAX, readFingerprints, SETTLED_MS } from './walk.ts';

test.each([
  ['/etc', '/etc'],
  ['/etc/', '/etc'],
  ['/etc/nginx/../ssh', '/etc/ssh'],
  ['/srv/www', '/srv/www'],
  ['/etc/..', null],
  ['/etc/../home', null],
  ['/etcetera', null],
  ['etc', null],
  ['/', null],
  ['/etc\0/x', null],
  ['/root', null],
])('[IN61] of %j the agent reads %j', (asked, path) => {
  expect(allowedDirectory(asked)).toBe(path);
});

test('[IN61] a directory that is a link, or lies behind one, is refused', () => {
  const host = createFakeHost({
    files: { '/etc/real/a.conf': 'x', '/root/key': 'y' },
    links: { '/etc/out': '/root' },
  });
  const { data } = readFingerprints(host, ['/etc/out', '/etc/out/deeper', '/etc/none'], new Map()).section;
  expect(data).toEqual({
    directories: [
      { path: '/etc/out', state: 'refused' },
      { path: '/etc/out/deeper', state: 'refused' },
      { path: '/etc/none', state: 'missing' },
    ],
    files: [],
  });
});

test('[IN60] a file that not everybody may read, or that stands in such a directory, is named without size and hash', () => {
  const host = createFakeHost({
    files: { '/etc/shadow': 'root:$6$x', '/etc/ssl/private/site.key': 'key', '/etc/hosts': '127.0.0.1' },
    entries: { '/etc/shadow': { mode: 0o640, gid: 42 }, '/etc/ssl/private': { mode: 0o710 } },
  });
  const { data } = readFingerprints(host, ['/etc'], new Map()).section;
  expect(
    data.files?.map(({ path, mode, sizeBytes, sha256 }) => [path, mode, sizeBytes, sha256 !== null]),
  ).toEqual([
    ['/etc/hosts', '0644', 9, true],
    ['/etc/shadow', '0640', null, false],
    ['/etc/ssl/private/site.key', '0644', null, false],
  ]);
});

test('[IN62] a file is read again only when its number, size or times have changed', () => {
  const host = createFakeHost({ files: { '/etc/a.conf': 'one', '/etc/b.conf': 'two' } });
  const hashed = () => host.reads.filter((path) => path.startsWith('/etc/') && path.endsWith('.conf'));
  const first = readFingerprints(host, ['/etc'], new Map());
  expect(hashed()).toEqual(['/etc/a.conf', '/etc/b.conf']);
  const same = readFingerprints(host, ['/etc'], first.hashes);
  expect(same).toEqual(first);
  expect(hashed()).toHaveLength(2);
  host.setFile('/etc/b.conf', 'owt');
  host.advance(SETTLED_MS + 1);
  const second = readFingerprints(host, ['/etc'], same.hashes).section;
  expect(hashed()).toEqual(['/etc/a.conf', '/etc/b.conf', '/etc/b.conf']);
  expect(second.data.files?.[0]).toEqual(first.section.data.files?.[0]);
  expect(second.data.files?.[1]?.sha256).not.toBe(first.section.data.files?.[1]?.sha256);
});

test.each(['inode', 'sizeBytes', 'modifiedMs', 'changedMs'] as const)(
  '[IN62] %s alone makes it another file',
  (figure) => {
    const host = createFakeHost({ files: { '/etc/a.conf': 'one' } });
    const { hashes } = readFingerprints(host, ['/etc'], new Map());
    const entry = (path: string) => {
      const is = host.entry(path);
      return is === null || is.kind !== 'file' ? is : { ...is, [figure]: is[figure] + 1 };
    };
    const reads = host.reads.length;
    readFingerprints({ ...host, entry }, ['/etc'], hashes);
    expect(host.reads.slice(reads)).toContain('/etc/a.conf');
  },
);

test('[IN62] what changed a moment ago is read once more: it may change again and look the same', () => {
  const host = createFakeHost({ files: { '/etc/a.conf': 'one' } });
  host.setFile('/etc/a.conf', 'two');
  const { hashes, section } = readFingerprints(host, ['/etc'], new Map());
  // In the same millisecond, and as long.
  host.setFile('/etc/a.conf', 'owt');
  host.advance(60_000);
  const after = readFingerprints(host, ['/etc'], hashes).section;
  expect(after.data.files?.[0]?.sha256).not.toBe(section.data.files?.[0]?.sha256);
});

test('[IN63] more files than fit are cut, and the report says so', () => {
  const files = Object.fromEntries(Array.from({ length: FILES_MAX + 1 }, (_, i) => [`/opt/x/${i}`, '']));
  const host = createFakeHost({ files });
  const fast = { ...host, entry: (path: string) => (path.startsWith('/opt/x/') ? FILE : host.entry(path)) };
  const { data, complete, notes } = readFingerprints(fast, ['/opt/x'], new Map()).section;
  expect(data.files).toHaveLength(FILES_MAX);
  expect(data.directories).toEqual([{ path: '/opt/x', state: 'cut' }]);
  expect({ complete, notes }).toEqual({ complete: false, notes: ['/opt/x: too much to report all of it'] });
});

const FILE = {
  kind: 'file',
  mode: 0o600,
  uid: 0,
  gid: 0,
  sizeBytes: 0,
  modifiedMs: 0,
  changedMs: 0,
  inode: 1,
} as const;

test('[IN60] programs that rewrite their own files and editors change nothing', () => {
  const files = {
    '/etc/mtab': 'x',
    '/etc/a.conf~': 'x',
    '/etc/.a.conf.swp': 'x',
    '/etc/a.conf.dpkg-new': 'x',
  };
  const { data } = readFingerprints(createFakeHost({ files }), ['/etc'], new Map()).section;
  expect(data.files).toEqual([]);
});

test('[IN65] a mount whose server or program may be gone is not even looked at', () => {
  const host = createFakeHost({
    files: {
      '/etc/hosts': 'x',
      '/etc/pve/corosync.conf': 'x',
      '/srv/share/a.conf': 'x',
      '/proc/self/mountinfo':
        '30 1 0:40 / /etc/pve rw - fuse.pmxcfs pmxcfs rw\n31 1 0:41 / /srv/share rw - nfs4 nas:/share rw\n',
    },
  });
  const looked: string[] = [];
  const watched = { ...host, entry: (path: string) => (looked.push(path), host.entry(path)) };
  const { data } = readFingerprints(watched, ['/etc', '/srv', '/srv/share'], new Map()).section;
  expect(data.files?.map(({ path }) => path)).toEqual(['/etc/hosts']);
  expect(data.directories?.map(({ state }) => state)).toEqual(['read', 'read', 'refused']);
  expect(looked.filter((path) => /pve|share/.test(path))).toEqual([]);
});

test.each([
  '/etc/lvm/archive/vg0_00042-1234.vg',
  '/etc/cups/subscriptions.conf.O',
  '/etc/cups/printers.conf.O',
  '/etc/resolv.conf.dhclient-new.1234',
  '/etc/mtab',
  '/etc/fake-hwclock.data',
  '/etc/unbound/root.key',
  '/etc/bind/example.org.zone.jnl',
  '/etc/openvpn/server/openvpn-status.log',
  '/opt/app/log/today',
  '/opt/app/app.log.2.gz',
  '/opt/app/app.log-20260105',
  '/opt/app/app.pid',
  '/srv/wiki/wiki.db-wal',
])('[IN65] what programs rewrite by themselves is no configuration: %s', (path) => {
  expect(isChurning(path, path.slice(path.lastIndexOf('/') + 1))).toBe(true);
});

test.each([
  '/etc/cups/cupsd.conf',
  '/etc/logrotate.d/apt',
  '/etc/lvm/lvm.conf',
  '/etc/openvpn/server/server.conf',
  '/etc/systemd/journald.conf',
  '/etc/ssh/sshd_config.d/10-root.conf',
  '/opt/app/catalog',
])('[IN65] and this is: %s', (path) => {
  expect(isChurning(path, path.slice(path.lastIndexOf('/') + 1))).toBe(false);
});
