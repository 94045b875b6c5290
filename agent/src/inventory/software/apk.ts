/** Packages of Alpine from apk's database of installed packages (apk-installed: one letter, colon, value). */
import type { SoftwarePackage } from '@muster/shared/inventory/sections.ts';
import { cleanText } from '../text.ts';
import { withoutMail } from './publisher.ts';

export function parseApkInstalled(text: string): SoftwarePackage[] {
  return text.split('\n\n').flatMap((block) => {
    const fields = new Map<string, string>();
    for (const line of block.split('\n')) {
      // File entries follow the head of a package and repeat its letters.
      if (line.startsWith('F:')) break;
      if (line[1] === ':') fields.set(line[0] ?? '', line.slice(2));
    }
    const name = cleanText(fields.get('P'));
    const version = cleanText(fields.get('V'));
    if (name === null || version === null) return [];
    const size = fields.get('I') ?? '';
    return [
      {
        name,
        version,
        architecture: cleanText(fields.get('A')),
        publisher: withoutMail(cleanText(fields.get('m'))),
        source: 'apk' as const,
        installedAtMs: null,
        sizeBytes: /^\d{1,15}$/.test(size) ? Number(size) : null,
      },
    ];
  });
}
