/** Drivers of a Linux machine: the kernel modules that are loaded, with the version that they declare. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import type { Host } from '../../host.ts';
import type { CollectedSection } from '../section.ts';
import { byText, readValue } from '../text.ts';

type Driver = SectionData['drivers']['drivers'][number];

/**
 * Modules of the distribution's kernel have its version and change with it; only those that declare their own (of a card's maker, or built
 * here) and those from outside the kernel (taint flag O) are drivers that somebody installed. The others come and go with each cable.
 */
export function collectLinuxDrivers(host: Host): CollectedSection<'drivers'> {
  const drivers = modulesOf(host.readText('/proc/modules') ?? '').flatMap(({ name, outside }): Driver[] => {
    const version = readValue(host, `/sys/module/${name}/version`);
    if (version === null && !outside) return [];
    return [
      {
        name,
        version,
        provider: outside ? 'not part of the kernel' : null,
        date: null,
        kind: 'kernel-module',
      },
    ];
  });
  return { data: { drivers: drivers.sort((a, b) => byText(a.name, b.name)) }, complete: true, notes: [] };
}

/** Lines of /proc/modules: name, size, users, dependants, state, address, taints. */
function modulesOf(text: string): { name: string; outside: boolean }[] {
  return text.split('\n').flatMap((line) => {
    const [name = ''] = line.split(' ');
    if (name === '') return [];
    return [{ name, outside: /\([A-Z]*O[A-Z]*\)\s*$/.test(line) }];
  });
}
