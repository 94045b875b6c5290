import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareVersions, familyOf, type VersionFamily } from './version.ts';

const ASCENDING: readonly (readonly [VersionFamily, readonly string[]])[] = [
  [
    'dpkg',
    [
      '1.0~rc1',
      '1.0',
      '1.0-1',
      '1.0-1+deb12u1',
      '1.0+b1',
      '1.0.1',
      '1.2',
      '1.10',
      '1:0.1',
      '1:2.36-9',
      '2:0',
    ],
  ],
  ['dpkg', ['7.4p1', '7.4p2', '8.0']],
  ['rpm', ['1.0~rc1-1', '1.0-1', '1.0^git1-1', '1.0.1-1', '1.10-1', '1.10a-1', '2:1.0-1']],
  ['rpm', ['4.18.0-80.el8', '4.18.0-80.1.el8', '4.18.0-477.10.1.el8_8']],
  ['dotted', ['1.0-beta', '1.0-rc2', '1.0', '1.0.1', '1.1.1', '1.1.1w', '1.2', '1.10']],
  ['dotted', ['10.0.19045', '10.0.19045.4412', '10.0.22631', '100.0.1']],
  ['semver', ['1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-beta.2', '1.0.0-beta.11', '1.0.0', '1.0.1']],
];

test.each(ASCENDING)('[SW1] %s versions are in order: %j', (family, versions) => {
  for (const [i, a] of versions.entries())
    for (const [j, b] of versions.entries())
      expect([a, b, Math.sign(compareVersions(a, b, family))]).toEqual([a, b, Math.sign(i - j)]);
});

test.each([
  ['dpkg', '1.0-1', '0:1.0-1'],
  ['dpkg', '1.01', '1.1'],
  ['rpm', '1.0', '1.0-5.el9'],
  ['rpm', '1_0', '1.0'],
  ['dotted', '1.2', '1.2.0'],
  ['dotted', 'v1.2', '1.2'],
  ['semver', '1.0.0+build1', '1.0.0+build2'],
] as const)('[SW1] %s: %s and %s are the same version', (family, a, b) => {
  expect(Math.sign(compareVersions(a, b, family))).toBe(0);
});

test('[SW1] any two texts have an order, which is the same seen from both sides', () => {
  const version = fc.stringMatching(/^[0-9a-z.~^+:-]{0,12}$/);
  const family = fc.constantFrom<VersionFamily>('dpkg', 'rpm', 'dotted', 'semver');
  fc.assert(
    fc.property(version, version, family, (a, b, of) => {
      expect(Math.sign(compareVersions(a, b, of))).toBe(-Math.sign(compareVersions(b, a, of)) + 0);
      expect(compareVersions(a, a, of)).toBe(0);
    }),
  );
});

test.skipIf(!existsSync('/usr/bin/dpkg'))('[SW1] dpkg itself says the same', () => {
  const piece = fc.stringMatching(/^[0-9][0-9a-z.~+]{0,6}$/);
  fc.assert(
    fc.property(piece, piece, (a, b) => {
      const older = spawnSync('dpkg', ['--compare-versions', a, 'lt', b]).status === 0;
      const same = spawnSync('dpkg', ['--compare-versions', a, 'eq', b]).status === 0;
      expect([a, b, Math.sign(compareVersions(a, b, 'dpkg'))]).toEqual([a, b, older ? -1 : same ? 0 : 1]);
    }),
    { numRuns: 60 },
  );
});

test('[SW1] the family follows from where a package comes from', () => {
  expect((['dpkg', 'rpm', 'windows', 'apk'] as const).map(familyOf)).toEqual([
    'dpkg',
    'rpm',
    'dotted',
    'dotted',
  ]);
});
