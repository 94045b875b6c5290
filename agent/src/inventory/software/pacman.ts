/** Packages of Arch and its kin from pacman's local database; no program is run. */
import type { SoftwarePackage } from '@muster/shared/inventory/sections.ts';
import { SECOND_MS } from '@muster/shared/time.ts';
import type { Host } from '../../host.ts';
import { cleanText, knownTime, wholeNumber } from '../text.ts';
import { withoutMail } from './publisher.ts';

const LOCAL = '/var/lib/pacman/local';

export function readPacman(host: Host): SoftwarePackage[] {
  return host
    .list(LOCAL)
    .filter((name) => name !== 'ALPM_DB_VERSION')
    .flatMap((folder) => parsePacmanDesc(host.readText(`${LOCAL}/${folder}/desc`) ?? '') ?? []);
}

/** A `desc` file: `%FIELD%` on a line of its own, then its value; null without name or version. */
export function parsePacmanDesc(text: string): SoftwarePackage | null {
  const value = (field: string) => cleanText(new RegExp(`^%${field}%\\n(.+)$`, 'm').exec(text)?.[1]);
  const [name, version] = [value('NAME'), value('VERSION')];
  if (name === null || version === null) return null;
  const installedAtSeconds = wholeNumber(value('INSTALLDATE'));
  return {
    name,
    version,
    architecture: value('ARCH'),
    publisher: withoutMail(value('PACKAGER')),
    source: 'pacman',
    installedAtMs: knownTime((installedAtSeconds ?? 0) * SECOND_MS),
    sizeBytes: wholeNumber(value('SIZE')),
  };
}
