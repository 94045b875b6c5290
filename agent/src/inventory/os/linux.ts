/** Operating system of a Linux machine: distribution, kernel, names, identity, boot, time zone. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import type { Millis } from '@muster/shared/time.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import type { Host } from '../../host.ts';
import type { CollectedSection } from '../section.ts';
import { cleanText, linkTarget, readValue } from '../text.ts';
import { splitHostname } from './names.ts';
import { distribution } from './os-release.ts';

type OperatingSystem = SectionData['os'];

export function collectLinuxOs(host: Host): CollectedSection<'os'> {
  const kernel = (name: string) => readValue(host, `/proc/sys/kernel/${name}`);
  const release = distribution(
    host.readText('/etc/os-release') ?? host.readText('/usr/lib/os-release'),
    readValue(host, '/etc/debian_version'),
    readValue(host, '/etc/centos-release') ?? readValue(host, '/etc/redhat-release'),
  );
  const names = splitHostname(
    kernel('hostname') ?? readValue(host, '/etc/hostname') ?? '',
    host.readText('/etc/hosts') ?? '',
    host.readText('/etc/resolv.conf') ?? '',
  );
  const data: OperatingSystem = {
    family: 'linux',
    ...release,
    build: kernel('version'),
    architecture: host.architecture,
    kernel: kernel('osrelease'),
    ...names,
    machineId: machineId(host),
    bootId: kernel('random/boot_id'),
    bootedAtMs: bootedAtMs(host.readText('/proc/stat') ?? ''),
    installedAtMs: installedAtMs(host),
    timeZone: timeZone(linkTarget(host, '/etc/localtime'), readValue(host, '/etc/timezone')),
  };
  const notes = data.hostname === '' ? ['the host name could not be read'] : [];
  return { data, complete: notes.length === 0, notes };
}

/** machine-id(5); 'uninitialized' stands there before the first boot has ended. */
function machineId(host: Host): string | null {
  const id = readValue(host, '/etc/machine-id') ?? readValue(host, '/var/lib/dbus/machine-id');
  return id === null || !/^[0-9a-f]{32}$/i.test(id) ? null : id.toLowerCase();
}

export function bootedAtMs(stat: string): Millis | null {
  const seconds = /^btime (\d+)$/m.exec(stat)?.[1];
  return seconds === undefined ? null : Number(seconds) * SECOND_MS;
}

/** What an installer or the first boot leaves behind and nobody touches later, best first. */
const INSTALLATION_TRACES = ['/var/log/installer', '/root/anaconda-ks.cfg', '/etc/machine-id', '/lost+found'];

function installedAtMs(host: Host): Millis | null {
  for (const path of INSTALLATION_TRACES) {
    const atMs = host.modifiedMs(path);
    // An image that was built reproducibly dates its files 1970 or 1980.
    if (atMs !== null && atMs > YEAR_2000_MS) return Math.trunc(atMs / SECOND_MS) * SECOND_MS;
  }
  return null;
}

const YEAR_2000_MS = 946_684_800_000;

/** The link wins: /etc/timezone stays as it is when the zone is set by timedatectl on some systems. */
export function timeZone(localtimeTarget: string | null, timezoneFile: string | null): string | null {
  const linked = /\/zoneinfo\/(?:posix\/|right\/)?(.+)$/.exec(localtimeTarget ?? '')?.[1];
  return cleanText(linked) ?? cleanText(timezoneFile);
}
