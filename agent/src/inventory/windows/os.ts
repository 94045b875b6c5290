/** The section `os` of Windows. */
import { splitHostname } from '../os/names.ts';
import { cimFlag, cimNumber, cimText, cimTimeMs } from '../parsers/cim.ts';
import type { CollectedSection } from '../section.ts';
import { knownTime } from '../text.ts';
import { sectionOf, type WindowsRecords } from './outputs.ts';

/** The last two are keys of the registry, as rows. */
const SOURCES = ['Win32_OperatingSystem', 'Win32_ComputerSystem', 'CurrentVersion', 'Cryptography'] as const;

const HOST_NAME_CHARS = 255;

/** null where no system is named. Boot and time zone are for the live agent to add. */
export function windowsOs(records: WindowsRecords): CollectedSection<'os'> | null {
  const system = records.of('Win32_OperatingSystem')[0];
  const name = cimText(system, 'Caption');
  if (name === null) return null;
  const [machine, version, cryptography] = [
    records.of('Win32_ComputerSystem')[0],
    records.of('CurrentVersion')[0],
    records.of('Cryptography')[0],
  ];
  const build = cimText(system, 'BuildNumber');
  const revision = cimNumber(version, 'UBR');
  const host = cimText(machine, 'DNSHostName') ?? cimText(machine, 'Name') ?? cimText(system, 'CSName') ?? '';
  // Of a machine in a workgroup, `Domain` is the name of the workgroup.
  const domain = cimFlag(machine, 'PartOfDomain') === true ? cimText(machine, 'Domain') : null;
  return sectionOf<'os'>(
    {
      family: 'windows',
      name,
      version: cimText(system, 'Version'),
      codename: cimText(version, 'DisplayVersion'),
      build: build !== null && revision !== null ? `${build}.${revision}` : build,
      architecture: architectureOf(cimText(system, 'OSArchitecture')),
      kernel: cimText(system, 'Version'),
      ...splitHostname(host.slice(0, HOST_NAME_CHARS), '', domain === null ? '' : `domain ${domain}`),
      machineId: cimText(cryptography, 'MachineGuid')?.toLowerCase() ?? null,
      bootId: null,
      bootedAtMs: cimTimeMs(system, 'LastBootUpTime'),
      installedAtMs: knownTime(cimTimeMs(system, 'InstallDate')),
      timeZone: null,
    },
    records.missing(SOURCES),
  );
}

/** '64-bit', 'ARM 64-bit Processor', with a word of the system's language behind the number. */
function architectureOf(told: string | null): string | null {
  if (/^ARM/i.test(told ?? '')) return 'aarch64';
  if (/64/.test(told ?? '')) return 'x86_64';
  return /32/.test(told ?? '') ? 'i686' : null;
}
