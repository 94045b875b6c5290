/** Our inventory parsers over outputs recorded on many machines, against what another inventory agent expects of them. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cpuPackages, parseCpuinfo } from '@muster/agent/inventory/hardware/cpu.ts';
import { distribution } from '@muster/agent/inventory/os/os-release.ts';
import { isJunkSerial } from '@muster/server/inventory/junk.ts';
import { canonicalManufacturer } from '@muster/server/inventory/manufacturer.ts';
import { describe, expect, test } from 'vitest';

const REPOSITORY = resolve(import.meta.dirname, '../..');
const RECORDED = join(
  resolve(REPOSITORY, process.env['MUSTER_TESTDATA'] ?? '../shared/testdata'),
  'glpi-agent',
);

interface Case {
  readonly files: readonly string[];
  readonly expected: unknown;
}
type Fields = Readonly<Record<string, string | null>>;

function cases(file: string, block: string): [string, Case][] {
  const blocks: Record<string, Record<string, Case>> = JSON.parse(
    readFileSync(join(RECORDED, 'expected', file), 'utf8'),
  );
  return Object.entries(blocks[block] ?? {});
}

function read(file: string): string {
  return readFileSync(join(RECORDED, file), 'utf8');
}

/** Its cpuinfo names no package and the tree has no sysfs: they count the firmware's sockets, which we only use to name packages. */
const WITHOUT_TOPOLOGY = ['rhel-6.2-vmware-2vcpus'];

describe.skipIf(!existsSync(RECORDED))('over recorded outputs', () => {
  test('[IN14] processors of /proc/cpuinfo have the recorded names and counts', () => {
    const recorded = [
      ...cases('tasks__inventory__linux__cpu.json', 'i386'),
      ...cases('tasks__inventory__linux__cpu.json', 'arm'),
    ];
    expect(recorded).toHaveLength(4);
    for (const [name, { files, expected }] of recorded.filter(([name]) => !WITHOUT_TOPOLOGY.includes(name))) {
      const cpuinfo = parseCpuinfo(read(files.find((file) => file.includes('/cpuinfo/')) ?? ''));
      const theirs = expected as readonly Fields[];
      const ours = cpuPackages(cpuinfo, [], []);
      expect({ name, count: ours.length }).toEqual({ name, count: theirs.length });
      for (const [index, cpu] of ours.entries()) {
        // They leave blanks in names as the maker wrote them.
        expect(cpu.model).toBe(theirs[index]?.['NAME']?.replace(/\s+/g, ' '));
        if (theirs[index]?.['CORE']) expect(cpu.cores).toBe(Number(theirs[index]?.['CORE']));
        if (theirs[index]?.['THREAD'])
          expect(cpu.threads).toBe(Number(theirs[index]?.['CORE']) * Number(theirs[index]?.['THREAD']));
      }
    }
  });

  test('[IN20] distributions have the recorded names and versions', () => {
    for (const [, { files, expected }] of cases('tasks__inventory__linux__distro.json', 'osrelease')) {
      const osRelease = files.find((file) => file.includes('/os-release-'));
      const redhat = files.find((file) => file.includes('/centos-release-'));
      const theirs = expected as Fields;
      const ours = distribution(read(osRelease ?? ''), null, redhat === undefined ? null : read(redhat));
      expect(ours.name).toBe(theirs['NAME']);
      expect(theirs['VERSION']).toMatch(new RegExp(`^${ours.version} `));
    }
  });

  test('[IN41] [IN46] recorded serial numbers and makers are judged as a person would', () => {
    const recorded = cases('tasks__inventory__generic__dmidecode__bios.json', 'tests').map(
      ([, { expected }]) => expected as Fields,
    );
    const judged = (field: string) =>
      recorded
        .flatMap((row) => (row[field] ? [String(row[field])] : []))
        .filter((serial) => isJunkSerial(serial))
        .sort();
    expect(judged('SSN')).toEqual(['.........']);
    expect(judged('MSN')).toEqual(['#A123456789']);
    expect(judged('ASSETTAG')).toEqual(['12345678901234567890123456789012', 'Asset-1234567890']);
    const makers = new Set(recorded.map((row) => canonicalManufacturer(row['SMANUFACTURER'] ?? null)));
    expect([...makers].filter((maker) => maker !== null).sort()).toEqual([
      'Dell',
      'HP',
      'IBM',
      'Intel',
      'Microsoft',
      'Oracle',
      'VIA Technologies',
    ]);
  });
});
