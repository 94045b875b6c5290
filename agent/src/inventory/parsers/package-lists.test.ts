import { expect, test } from 'vitest';
import {
  parseApkList,
  parseFlatpakList,
  parsePacmanInfo,
  parsePacmanQuery,
  parseSnapList,
} from './package-lists.ts';

test('[IP62] flatpak: the version, else the branch; a heading is no package', () => {
  const text =
    'Application ID\tName\tVersion\tArch\tBranch\tOrigin\tSize\norg.example.App\tApp\t1.2\tx86_64\tstable\thub\t12.5\u00a0MB\norg.example.Runtime\t\t\tx86_64\t23.08\thub\t\n';
  expect(parseFlatpakList(text)).toEqual([
    {
      name: 'App',
      version: '1.2',
      architecture: 'x86_64',
      publisher: 'hub',
      source: 'flatpak',
      installedAtMs: null,
      sizeBytes: 12_500_000,
    },
    {
      name: 'org.example.Runtime',
      version: '23.08',
      architecture: 'x86_64',
      publisher: 'hub',
      source: 'flatpak',
      installedAtMs: null,
      sizeBytes: null,
    },
  ]);
});

test('[IP62] pacman: the list and the information name the same package', () => {
  const named = { name: 'tool', version: '1:2.3-1', source: 'pacman' };
  expect(parsePacmanQuery('tool 1:2.3-1\nerror: no such thing\n')).toMatchObject([named]);
  expect(
    parsePacmanInfo(
      'Name            : tool\nVersion         : 1:2.3-1\nArchitecture    : x86_64\nPackager        : A B <a@example.org>\nInstalled Size  : 2.00 KiB\n\nName : \n',
    ),
  ).toMatchObject([{ ...named, architecture: 'x86_64', publisher: 'A B', sizeBytes: 2048 }]);
});

test('[IP62] snap: publishers without the mark of those that are verified', () => {
  const text =
    'Name   Version  Rev    Tracking       Publisher   Notes\ncore   16-2.61  16574  latest/stable  example✓  core\nmine   1        x1     -              -           -\n';
  expect(parseSnapList(text).map(({ name, version, publisher }) => [name, version, publisher])).toEqual([
    ['core', '16-2.61', 'example'],
    ['mine', '1', '-'],
  ]);
});

test('[IP62] apk: name and version are parted before the version', () => {
  expect(parseApkList('lib-x-2-1.2.3-r4 x86_64 {lib-x} (MIT) [installed]\nWARNING: y\n')).toMatchObject([
    { name: 'lib-x-2', version: '1.2.3-r4', architecture: 'x86_64', source: 'apk' },
  ]);
});
