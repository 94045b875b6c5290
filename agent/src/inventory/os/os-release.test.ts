import { expect, test } from 'vitest';
import { distribution, parseOsRelease } from './os-release.ts';

test('quotes and backslashes are resolved as a shell does', () => {
  const values = parseOsRelease(
    '# comment\nNAME="The \\"Best\\" OS"\nID=best\nVERSION_ID=\'4 2\'\nlower=ignored\nBUG=a\\ b\n',
  );
  expect([...values]).toEqual([
    ['NAME', 'The "Best" OS'],
    ['ID', 'best'],
    ['VERSION_ID', '4 2'],
    ['BUG', 'a b'],
  ]);
});

const DEBIAN =
  'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n';
const UBUNTU =
  'NAME="Ubuntu"\nVERSION_ID="22.04"\nVERSION="22.04.4 LTS (Jammy Jellyfish)"\nVERSION_CODENAME=jammy\nID=ubuntu\n';
const CENTOS = 'NAME="CentOS Linux"\nVERSION="7 (Core)"\nID="centos"\nVERSION_ID="7"\n';
const ALPINE = 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.20.1\n';
const ARCH = 'NAME="Arch Linux"\nID=arch\nBUILD_ID=rolling\n';

test.each([
  [
    'Debian with its point release',
    [DEBIAN, '12.11', null],
    { name: 'Debian GNU/Linux', version: '12.11', codename: 'bookworm' },
  ],
  [
    'Debian testing',
    [DEBIAN, 'trixie/sid', null],
    { name: 'Debian GNU/Linux', version: '12', codename: 'bookworm' },
  ],
  [
    'Ubuntu, whose debian_version is another matter',
    [UBUNTU, 'bookworm/sid', null],
    { name: 'Ubuntu', version: '22.04.4', codename: 'jammy' },
  ],
  [
    'CentOS 7',
    [CENTOS, null, 'CentOS Linux release 7.9.2009 (Core)'],
    { name: 'CentOS Linux', version: '7.9.2009', codename: 'Core' },
  ],
  ['Alpine', [ALPINE, null, null], { name: 'Alpine Linux', version: '3.20.1', codename: null }],
  [
    'Arch, which has no versions',
    [ARCH, null, null],
    { name: 'Arch Linux', version: 'rolling', codename: null },
  ],
  [
    'CentOS 6, before os-release',
    [null, null, 'CentOS release 6.10 (Final)'],
    { name: 'CentOS', version: '6.10', codename: 'Final' },
  ],
  [
    'Debian 6, before os-release',
    [null, '6.0.10', null],
    { name: 'Debian GNU/Linux', version: '6.0.10', codename: null },
  ],
  ['nothing at all', [null, null, null], { name: null, version: null, codename: null }],
] as const)('[IN20] %s', (_, [osRelease, debian, redhat], expected) => {
  expect(distribution(osRelease, debian, redhat)).toEqual(expected);
});
