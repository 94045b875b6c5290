import { expect, test } from 'vitest';
import { createFakeHost } from '../../host-fake.ts';
import { parseApkInstalled } from './apk.ts';
import { parseDpkgStatus } from './dpkg.ts';
import { withoutMail } from './publisher.ts';
import { parseRpmList, RPM_ARGUMENTS } from './rpm.ts';
import { software } from './software.ts';

const STATUS = `Package: libc6
Status: install ok installed
Priority: optional
Section: libs
Installed-Size: 12986
Maintainer: GNU Libc Maintainers <debian-glibc@lists.debian.org>
Architecture: amd64
Multi-Arch: same
Source: glibc
Version: 2.36-9+deb12u10
Description: GNU C Library: Shared libraries
 Contains the standard libraries.
 .
 Package: not-a-package
Homepage: https://example.org

Package: old-kernel
Status: deinstall ok config-files
Version: 5.10
Architecture: amd64

Package: held
Status: hold ok installed
Version: 1:2.0~rc1
Architecture: all
`;

test('[IN30] installed and held packages count, left-over configuration does not', () => {
  const asked: string[] = [];
  const packages = parseDpkgStatus(STATUS, (name) => {
    asked.push(name);
    return 1_000;
  });
  expect(packages).toEqual([
    {
      name: 'libc6',
      version: '2.36-9+deb12u10',
      architecture: 'amd64',
      publisher: 'GNU Libc Maintainers',
      source: 'dpkg',
      installedAtMs: 1_000,
      sizeBytes: 12_986 * 1024,
    },
    {
      name: 'held',
      version: '1:2.0~rc1',
      architecture: 'all',
      publisher: null,
      source: 'dpkg',
      installedAtMs: 1_000,
      sizeBytes: null,
    },
  ]);
  expect(asked).toEqual(['libc6:amd64', 'held']);
});

test.each([
  ['install ok installed', 1],
  ['hold ok installed', 1],
  ['install ok unpacked', 1],
  ['install ok half-configured', 1],
  ['install ok triggers-pending', 1],
  ['install reinstreq half-installed', 1],
  ['deinstall ok config-files', 0],
  ['purge ok not-installed', 0],
])('[IN30] %s counts %d', (status, count) => {
  expect(parseDpkgStatus(`Package: x\nStatus: ${status}\nVersion: 1\n`, () => null)).toHaveLength(count);
});

test('a status file that ends in the middle of a paragraph loses only what is cut', () => {
  for (let length = 0; length <= STATUS.length; length++)
    parseDpkgStatus(STATUS.slice(0, length), () => null);
  expect(parseDpkgStatus(STATUS.slice(0, STATUS.indexOf('Package: held')), () => null)).toHaveLength(1);
  expect(parseDpkgStatus('', () => null)).toEqual([]);
});

test.each([
  ['Ada Lovelace <ada@example.org>', 'Ada Lovelace'],
  ['"Team, The" <team@example.org>', 'Team, The'],
  ['ada@example.org', null],
  ['<ada@example.org>', null],
  ['Natanael Copa <ncopa@alpinelinux.org', 'Natanael Copa'],
  ['Red Hat, Inc.', 'Red Hat, Inc.'],
  [null, null],
])('[IN31] the publisher of %s is %s', (maintainer, expected) => {
  expect(withoutMail(maintainer)).toBe(expected);
});

test('rpm lines: no epoch, an epoch, a key', () => {
  const output = [
    'bash\t(none)\t5.1.8\t6.el9\tx86_64\tRed Hat, Inc.\t7738634\t1700000000',
    'bind-utils\t32\t9.16.23\t18.el9\tx86_64\tRed Hat, Inc.\t680000\t1700000001',
    'gpg-pubkey\t(none)\tfd431d51\t4ae0493b\t(none)\t(none)\t0\t1700000002',
    '',
  ].join('\n');
  expect(parseRpmList(output)).toEqual([
    {
      name: 'bash',
      version: '5.1.8-6.el9',
      architecture: 'x86_64',
      publisher: 'Red Hat, Inc.',
      source: 'rpm',
      installedAtMs: 1_700_000_000_000,
      sizeBytes: 7_738_634,
    },
    {
      name: 'bind-utils',
      version: '32:9.16.23-18.el9',
      architecture: 'x86_64',
      publisher: 'Red Hat, Inc.',
      source: 'rpm',
      installedAtMs: 1_700_000_001_000,
      sizeBytes: 680_000,
    },
  ]);
});

test('an apk database: the lines of files repeat letters of the head', () => {
  const text =
    'C:Q1abc=\nP:musl\nV:1.2.5-r0\nA:x86_64\nS:383304\nI:622592\nT:the musl c library\nm:Timo <timo@example.org>\nF:lib\nR:ld-musl-x86_64.so.1\na:0:0:755\n\nP:broken\n\n';
  expect(parseApkInstalled(text)).toEqual([
    {
      name: 'musl',
      version: '1.2.5-r0',
      architecture: 'x86_64',
      publisher: 'Timo',
      source: 'apk',
      installedAtMs: null,
      sizeBytes: 622_592,
    },
  ]);
});

test('[IN5] a database that is there and does not answer makes the section incomplete', async () => {
  const host = createFakeHost({ files: { '/var/lib/rpm/rpmdb.sqlite': '' } });
  expect(await software.collect(host)).toEqual({
    data: { packages: [] },
    complete: false,
    notes: ['rpm -qa failed'],
  });
});

test('rpm is not asked on a machine that only has it as a tool', async () => {
  const host = createFakeHost({
    programs: { [['rpm', ...RPM_ARGUMENTS].join(' ')]: 'x\t1\t1\t1\tx\tx\t1\t1\n' },
  });
  expect(await software.collect(host)).toEqual({ data: { packages: [] }, complete: true, notes: [] });
});

test('[IN3] packages of all managers stand in one order', async () => {
  const host = createFakeHost({
    files: {
      '/var/lib/dpkg/status': STATUS,
      '/lib/apk/db/installed': 'P:kmod\nV:1\n',
      '/snap/hello/current/meta/snap.yaml': "name: hello\nversion: '2.10'\n",
    },
    links: { '/snap/hello/current': '42' },
  });
  const { data } = await software.collect(host);
  expect(data.packages.map(({ name, source, version }) => `${name} ${source} ${version}`)).toEqual([
    'held dpkg 1:2.0~rc1',
    'hello snap 2.10',
    'kmod apk 1',
    'libc6 dpkg 2.36-9+deb12u10',
  ]);
});
