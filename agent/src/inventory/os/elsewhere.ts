/** Operating system of Windows and macOS machines, as far as systeminformation tells it. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import type { Systeminformation } from 'systeminformation';
import type { Host } from '../../host.ts';
import type { CollectedSection } from '../section.ts';
import { cleanText } from '../text.ts';
import { splitHostname } from './names.ts';

type OperatingSystem = SectionData['os'];

export async function collectOsElsewhere(host: Host): Promise<CollectedSection<'os'>> {
  const { default: systeminformation } = await import('systeminformation');
  const [os, uuid] = await Promise.all([systeminformation.osInfo(), systeminformation.uuid()]);
  return {
    data: osOf(os, uuid, host),
    complete: false,
    notes: [`not yet collected in full on ${host.platform}`],
  };
}

export function osOf(
  os: Systeminformation.OsData,
  uuid: Pick<Systeminformation.UuidData, 'os'>,
  host: Pick<Host, 'platform' | 'architecture'>,
): OperatingSystem {
  return {
    family: host.platform === 'win32' ? 'windows' : 'macos',
    name: cleanText(os.distro),
    version: cleanText(os.release),
    codename: cleanText(os.codename),
    build: cleanText(os.build),
    architecture: host.architecture,
    kernel: cleanText(os.kernel),
    ...splitHostname(os.fqdn === '' ? os.hostname : os.fqdn, '', ''),
    machineId: cleanText(uuid.os)?.toLowerCase() ?? null,
    bootId: null,
    bootedAtMs: null,
    installedAtMs: null,
    timeZone: null,
  };
}
