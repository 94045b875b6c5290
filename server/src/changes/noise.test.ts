/** What an ordinary month of a machine is to the policy as it comes: patches are no matter for a person, an installation is one. */
import { expect, test } from 'vitest';
import type { Ci, HistoryRow } from '../cmdb/store.ts';
import { createFindings } from '../findings/findings.ts';
import { createMemoryChangeStore } from '../store/memory/changes.ts';
import { createMemoryFindingStore } from '../store/memory/findings.ts';
import { createChangeWatch } from './watch.ts';

const GIBIBYTE = 2 ** 30;

interface Report {
  /** `+name`, `-name`, `~name` of packages. */
  readonly packages?: readonly string[];
  readonly rows?: readonly Partial<HistoryRow>[];
}

async function findingsOf(machineClass: string, installed: readonly string[], reports: readonly Report[]) {
  const store = createMemoryFindingStore();
  const held = new Map(installed.map((name) => [name, 'dpkg']));
  let next = 0;
  const watch = createChangeWatch({
    store: createMemoryChangeStore(),
    findings: createFindings({ store, newId: (prefix) => `${prefix}_${++next}` }),
    sourcesOf: async () => held,
    explain: async () => undefined,
  });
  const ci = { id: 'ci_a', class: machineClass, name: 'web-01', tags: [] as string[] } as unknown as Ci;
  for (const [at, { packages = [], rows = [] }] of reports.entries()) {
    const removed: string[] = [];
    const ofPackages = packages.map((change): Partial<HistoryRow> => {
      const name = change.slice(1);
      const attribute = `software:${name}`;
      if (change.startsWith('~')) return { kind: 'changed', attribute, before: '1', after: '2' };
      if (change.startsWith('+')) {
        held.set(name, 'dpkg');
        return { kind: 'created', attribute, after: '1' };
      }
      held.delete(name);
      removed.push(`dpkg\0${name}\0amd64`);
      return { kind: 'removed', attribute, before: '1' };
    });
    const history = [...ofPackages, ...rows].map((change, i) => ({ ...ROW, ...change, id: `h${at}_${i}` }));
    const machineRows = history.map((row) => ({ ...row, ciClass: change(row, machineClass) }));
    await watch.follow(
      { ci, parts: [], history: machineRows, installations: { put: [], removed } },
      1_000 + at,
    );
  }
  return (await store.find({ limit: 100 })).items.map(({ title }) => title.en.replace(/ on web-01.*?:/, ':'));
}

function change(row: HistoryRow, machineClass: string): string {
  return row.ciClass === 'Server' ? machineClass : row.ciClass;
}

const KERNEL = 'linux-image-6.1.0-40-amd64';

test.each<[string, string, readonly string[], readonly Report[], readonly string[]]>([
  [
    'unattended upgrades of a Debian server, with a kernel beside the old one that goes later',
    'Server',
    [KERNEL, 'linux-image-amd64', 'openssl'],
    [
      { packages: ['~openssl', '~libssl3'] },
      { packages: ['+linux-image-6.1.0-41-amd64', '~linux-image-amd64'] },
      { rows: [{ attribute: 'kernel', before: '6.1.0-40-amd64', after: '6.1.0-41-amd64' }] },
      { packages: [`-${KERNEL}`] },
    ],
    [],
  ],
  [
    'kernels, headers and modules of Ubuntu',
    'VirtualMachine',
    ['linux-image-6.8.0-45-generic', 'linux-modules-6.8.0-45-generic', 'linux-headers-6.8.0-45'],
    [
      {
        packages: [
          '+linux-image-6.8.0-48-generic',
          '+linux-modules-6.8.0-48-generic',
          '+linux-headers-6.8.0-48',
        ],
      },
    ],
    [],
  ],
  [
    'a full upgrade, with libraries that follow others and a point release',
    'Server',
    ['libicu72', 'libssl3', 'libperl5.36'],
    [
      { packages: ['+libicu76', '+libssl3t64', '+libperl5.40', '~bash'] },
      { rows: [{ attribute: 'osVersion', before: '12.10', after: '12.11' }] },
      { packages: ['-libicu72', '-libssl3', '-libperl5.36'] },
    ],
    [],
  ],
  [
    'the monthly patches of Windows, that replace those of last month',
    'Server',
    [],
    [
      {
        rows: [
          { kind: 'created', attribute: 'patch:KB5044281' },
          { kind: 'removed', attribute: 'patch:KB5043050' },
          { attribute: 'osVersion', before: '10.0.20348.2700', after: '10.0.20348.2762' },
          { ciClass: 'OperatingSystem', attribute: 'build', before: '20348.2700', after: '20348.2762' },
        ],
      },
    ],
    [],
  ],
  [
    'memory that the new kernel counts by a few megabytes less',
    'VirtualMachine',
    [],
    [{ rows: [{ attribute: 'memoryBytes', before: 8 * GIBIBYTE, after: 8 * GIBIBYTE - 6_000_000 }] }],
    [],
  ],
  [
    'half of the memory gone',
    'Server',
    [],
    [{ rows: [{ attribute: 'memoryBytes', before: 16 * GIBIBYTE, after: 8 * GIBIBYTE }] }],
    ['Hardware changed: memoryBytes'],
  ],
  [
    'an installation with all that it brings',
    'Server',
    ['libc6'],
    [{ packages: ['+libreoffice-core', '+libreoffice-writer', '+libicu76'] }],
    ['Software installed: libreoffice-core, libreoffice-writer, libicu76'],
  ],
  [
    'two new libraries of one name',
    'Server',
    [],
    [{ packages: ['+libboost1.74', '+libboost1.81'] }],
    ['Software installed: libboost1.74, libboost1.81'],
  ],
  [
    'the last of its libraries gone',
    'Server',
    ['libboost1.74'],
    [{ packages: ['-libboost1.74'] }],
    ['Software removed: libboost1.74'],
  ],
  [
    'a patch that is taken off',
    'Server',
    [],
    [{ rows: [{ kind: 'removed', attribute: 'patch:KB1' }] }],
    ['Software removed: KB1'],
  ],
  [
    'another release of the operating system',
    'Server',
    [],
    [{ rows: [{ attribute: 'osVersion', before: '22.04', after: '24.04' }] }],
    ['Operating system changed: osVersion'],
  ],
  [
    'a second release of a server program beside the first',
    'Server',
    ['postgresql-15'],
    [{ packages: ['+postgresql-16'] }],
    ['Software installed: postgresql-16'],
  ],
])('[CH13] %s', async (_, machineClass, installed, reports, expected) => {
  expect(await findingsOf(machineClass, installed, reports)).toEqual(expected);
});

const ROW: HistoryRow = {
  id: 'h',
  atMs: 1_000,
  ciId: 'ci_a',
  machineId: 'ci_a',
  ciName: 'web-01',
  ciClass: 'Server',
  kind: 'changed',
  attribute: null,
  before: null,
  after: null,
  source: 'agent',
  actor: 'agent:1',
};
