/** The section `services` of Windows. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import { cimNumber, cimText } from '../parsers/cim.ts';
import type { CollectedSection } from '../section.ts';
import { sectionOf, type WindowsRecords } from './outputs.ts';

type Service = SectionData['services']['services'][number];

const START_TYPES: Readonly<Record<string, Service['startType']>> = {
  Auto: 'automatic',
  Boot: 'automatic',
  System: 'automatic',
  Manual: 'manual',
  Disabled: 'disabled',
};

/** ERROR_SERVICE_NEVER_STARTED, and none: it stopped as it should. Any other exit code is a failure. */
const EXIT_WELL: ReadonlySet<number | null> = new Set([null, 0, 1077]);

const NAME_CHARS = 256;

export function windowsServices(records: WindowsRecords): CollectedSection<'services'> | null {
  if (!records.given('Win32_Service')) return null;
  const services = records.of('Win32_Service').flatMap((record): Service[] => {
    const name = cimText(record, 'Name');
    // Services of one login have its number behind their name, another one each time.
    if (name === null || /_[0-9a-f]{4,8}$/.test(name)) return [];
    const running = cimText(record, 'State') === 'Running';
    const failed = !EXIT_WELL.has(cimNumber(record, 'ExitCode'));
    return [
      {
        name: name.slice(0, NAME_CHARS),
        description: cimText(record, 'DisplayName'),
        state: running ? 'running' : failed ? 'failed' : 'stopped',
        startType: START_TYPES[cimText(record, 'StartMode') ?? ''] ?? 'unknown',
      },
    ];
  });
  return sectionOf<'services'>({ services }, []);
}
