/** Snaps from the links and descriptions below /snap; no program is run. */
import type { SoftwarePackage } from '@muster/shared/inventory/sections.ts';
import type { Host } from '../../host.ts';
import { cleanText } from '../text.ts';

const SNAPS = '/snap';

export function readSnaps(host: Host): SoftwarePackage[] {
  return host.list(SNAPS).flatMap((folder) => {
    const revision = host.readLink(`${SNAPS}/${folder}/current`);
    if (revision === null) return [];
    const description = host.readText(`${SNAPS}/${folder}/current/meta/snap.yaml`) ?? '';
    const entry: SoftwarePackage = {
      name: folder,
      version: topLevel(description, 'version') ?? `revision ${revision}`,
      architecture: null,
      publisher: null,
      source: 'snap',
      installedAtMs: null,
      sizeBytes: null,
    };
    return [entry];
  });
}

/** One scalar of the outermost level of a YAML file. */
function topLevel(yaml: string, key: string): string | null {
  const value = new RegExp(`^${key}:[ \\t]*(.+)$`, 'm').exec(yaml)?.[1];
  return cleanText(value?.trim().replace(/^(['"])(.*)\1$/, '$2'));
}
