/** Golden folders, for tests: testcases/<case>/machine.txt goes in, expected.json must come out. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordedHost } from './recorded-host.ts';
import type { CollectedSection, SectionCollector } from './section.ts';
import type { InventorySection } from '@muster/shared/wire/inventory-sections.ts';

export interface GoldenCase<Name extends InventorySection> {
  readonly name: string;
  readonly collected: CollectedSection<Name>;
  readonly expected: unknown;
}

/** What the server asks of every recorded machine. */
export const ASKED = { fingerprintDirectories: ['/etc', '/opt/app', '/home/ada', '/etc/../root'] };

/** Runs a section on every recorded machine of its folder. */
export async function goldenCases<Name extends InventorySection>(
  folder: string,
  collector: SectionCollector<Name>,
): Promise<GoldenCase<Name>[]> {
  const cases = join(folder, 'testcases');
  return Promise.all(
    readdirSync(cases).map(async (name) => ({
      name,
      collected: await collector.collect(
        recordedHost(readFileSync(join(cases, name, 'machine.txt'), 'utf8')),
        ASKED,
      ),
      expected: JSON.parse(readFileSync(join(cases, name, 'expected.json'), 'utf8')),
    })),
  );
}
