/** Services of a Linux machine from the init system that runs it; a container without one has none. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import type { Host } from '../../host.ts';
import type { CollectedSection } from '../section.ts';
import { byText, readValue } from '../text.ts';
import {
  LIST_UNIT_FILES,
  LIST_UNITS,
  parseUnitFilesJson,
  parseUnitFilesText,
  parseUnitsJson,
  parseUnitsText,
  systemdServices,
} from './systemd.ts';

type Service = SectionData['services']['services'][number];

const SYSTEMCTL_MS_MAX = 10_000;

export async function collectLinuxServices(host: Host): Promise<CollectedSection<'services'>> {
  // sd_booted(3): this folder is there exactly when systemd is the init system.
  if (host.list('/run/systemd').includes('system')) return collectSystemd(host);
  if (host.list('/run').includes('openrc')) return whole(openrcServices(host));
  if (readValue(host, '/proc/1/comm') === 'init' && host.readText('/etc/inittab') !== null)
    return whole(sysvServices(host));
  return whole([]);
}

function whole(services: Service[]): CollectedSection<'services'> {
  return { data: { services }, complete: true, notes: [] };
}

async function collectSystemd(host: Host): Promise<CollectedSection<'services'>> {
  const [units, files] = await Promise.all([
    host.run('systemctl', [...LIST_UNITS, '--output=json'], SYSTEMCTL_MS_MAX),
    host.run('systemctl', [...LIST_UNIT_FILES, '--output=json'], SYSTEMCTL_MS_MAX),
  ]);
  const notes = [
    ...(units.ok ? [] : ['systemctl list-units failed']),
    ...(files.ok ? [] : ['systemctl list-unit-files failed']),
  ];
  const services = systemdServices(
    units.ok ? (parseUnitsJson(units.stdout) ?? parseUnitsText(units.stdout)) : [],
    files.ok ? (parseUnitFilesJson(files.stdout) ?? parseUnitFilesText(files.stdout)) : [],
  );
  return { data: { services }, complete: notes.length === 0, notes };
}

/** OpenRC keeps its state as links: runlevels in /etc, what runs and what failed in /run. */
function openrcServices(host: Host): Service[] {
  const automatic = new Set(
    host.list('/etc/runlevels').flatMap((level) => host.list(`/etc/runlevels/${level}`)),
  );
  const started = new Set(host.list('/run/openrc/started'));
  const failed = new Set(host.list('/run/openrc/failed'));
  return host
    .list('/etc/init.d')
    .filter((name) => name !== 'functions.sh')
    .map(
      (name): Service => ({
        name,
        description: null,
        state: failed.has(name) ? 'failed' : started.has(name) ? 'running' : 'stopped',
        startType: automatic.has(name) ? 'automatic' : 'manual',
      }),
    )
    .sort((a, b) => byText(a.name, b.name));
}

/** System V: scripts, and links in the runlevel folders; whether one runs only its own script knows. */
function sysvServices(host: Host): Service[] {
  const links = ['2', '3', '4', '5'].flatMap((level) => {
    const folder = host.list(`/etc/rc${level}.d`);
    return folder.length > 0 ? folder : host.list(`/etc/rc.d/rc${level}.d`);
  });
  const automatic = new Set(links.filter((name) => /^S\d\d/.test(name)).map((name) => name.slice(3)));
  return host
    .list('/etc/init.d')
    .filter((name) => !/^(README|skeleton|functions|rc|rcS|\.)/.test(name))
    .map(
      (name): Service => ({
        name,
        description: null,
        state: 'unknown',
        startType: automatic.has(name) ? 'automatic' : 'manual',
      }),
    )
    .sort((a, b) => byText(a.name, b.name));
}
