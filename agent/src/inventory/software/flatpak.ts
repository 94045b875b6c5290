/** Flatpak applications of the machine from their deployed descriptions; no program is run. */
import type { SoftwarePackage } from '@muster/shared/inventory/sections.ts';
import type { Host } from '../../host.ts';
import { cleanText } from '../text.ts';

const APPS = '/var/lib/flatpak/app';

/** Those of one person's home are not the machine's. */
export function readFlatpaks(host: Host): SoftwarePackage[] {
  return host.list(APPS).flatMap((id): SoftwarePackage[] => {
    const branch = host.readLink(`${APPS}/${id}/current`);
    if (branch === null) return [];
    const deployed = `${APPS}/${id}/current/active`;
    const [architecture = '', name = ''] = branch.split('/');
    const description = ['metainfo', 'appdata']
      .map((kind) =>
        host.readText(
          `${deployed}/files/share/${kind === 'metainfo' ? 'metainfo' : 'appdata'}/${id}.${kind}.xml`,
        ),
      )
      .find((text) => text !== null);
    return [
      {
        name: id,
        version: newestRelease(description ?? '') ?? name,
        architecture: cleanText(architecture),
        publisher: cleanText(/<developer_name>([^<]+)</.exec(description ?? '')?.[1]),
        source: 'flatpak',
        installedAtMs: null,
        sizeBytes: null,
      },
    ];
  });
}

/** AppStream: releases are listed newest first. */
function newestRelease(xml: string): string | null {
  return cleanText(/<release\b[^>]*\bversion="([^"]+)"/.exec(xml)?.[1]);
}
