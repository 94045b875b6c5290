import { expect, test } from 'vitest';
import { createFakeHost } from '../../host-fake.ts';
import { allowedDirectory } from './places.ts';
import { createFingerprints, FILES_MAX } from './walk.ts';

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

test('[IN61] a directory that is a link, or lies behind one, is refused', async () => {
  const host = createFakeHost({
    files: { '/etc/real/a.conf': 'x', '/root/key': 'y' },
    links: { '/etc/out': '/root' },
  });
  const { data } = await createFingerprints()(host, ['/etc/out', '/etc/out/deeper', '/etc/none']);
  expect(data).toEqual({
    directories: [
      { path: '/etc/out', state: 'refused' },
      { path: '/etc/out/deeper', state: 'refused' },
      { path: '/etc/none', state: 'missing' },
    ],
    files: [],
  });
});

test('[IN60] a file that not everybody may read, or that stands in such a directory, is named without size and hash', async () => {
  const host = createFakeHost({
    files: { '/etc/shadow': 'root:$6$x', '/etc/ssl/private/site.key': 'key', '/etc/hosts': '127.0.0.1' },
    entries: { '/etc/shadow': { mode: 0o640, gid: 42 }, '/etc/ssl/private': { mode: 0o710 } },
  });
  const { data } = await createFingerprints()(host, ['/etc']);
  expect(
    data.files?.map(({ path, mode, sizeBytes, sha256 }) => [path, mode, sizeBytes, sha256 !== null]),
  ).toEqual([
    ['/etc/hosts', '0644', 9, true],
    ['/etc/shadow', '0640', null, false],
    ['/etc/ssl/private/site.key', '0644', null, false],
  ]);
});

test('[IN62] a file is read again only when its number, size or time has changed', async () => {
  const host = createFakeHost({ files: { '/etc/a.conf': 'one', '/etc/b.conf': 'two' } });
  const read = createFingerprints();
  const hashed = () => host.reads.filter((path) => path.startsWith('/etc/') && path.endsWith('.conf'));
  const first = await read(host, ['/etc']);
  expect(hashed()).toEqual(['/etc/a.conf', '/etc/b.conf']);
  expect(await read(host, ['/etc'])).toEqual(first);
  expect(hashed()).toHaveLength(2);
  host.advance(1_000);
  host.setFile('/etc/b.conf', 'owt');
  const second = await read(host, ['/etc']);
  expect(hashed()).toEqual(['/etc/a.conf', '/etc/b.conf', '/etc/b.conf']);
  expect(second.data.files?.[0]).toEqual(first.data.files?.[0]);
  expect(second.data.files?.[1]?.sha256).not.toBe(first.data.files?.[1]?.sha256);
});

test('[IN63] more files than fit are cut, and the report says so', async () => {
  const files = Object.fromEntries(Array.from({ length: FILES_MAX + 1 }, (_, i) => [`/opt/x/${i}`, '']));
  const host = createFakeHost({ files });
  const fast = { ...host, entry: (path: string) => (path.startsWith('/opt/x/') ? FILE : host.entry(path)) };
  const { data, complete, notes } = await createFingerprints()(fast, ['/opt/x']);
  expect(data.files).toHaveLength(FILES_MAX);
  expect(data.directories).toEqual([{ path: '/opt/x', state: 'cut' }]);
  expect({ complete, notes }).toEqual({ complete: false, notes: ['/opt/x: too much to report all of it'] });
});

const FILE = { kind: 'file', mode: 0o600, uid: 0, gid: 0, sizeBytes: 0, modifiedMs: 0, inode: 1 } as const;

test('[IN60] programs that rewrite their own files and editors change nothing', async () => {
  const files = {
    '/etc/mtab': 'x',
    '/etc/a.conf~': 'x',
    '/etc/.a.conf.swp': 'x',
    '/etc/a.conf.dpkg-new': 'x',
  };
  const { data } = await createFingerprints()(createFakeHost({ files }), ['/etc']);
  expect(data.files).toEqual([]);
});
