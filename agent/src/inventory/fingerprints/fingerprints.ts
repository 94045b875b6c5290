/** Section `fingerprints`: configuration files by owner, mode, size and hash, in the directories that the administrator chose. */
import { collectOnPlatform, notYetCollected } from '../platform.ts';
import type { SectionCollector } from '../section.ts';
import { type HashesPlace, NO_PLACE } from './known-hashes.ts';
import { readFingerprints } from './walk.ts';

/** `place`: where it keeps what it has read of files. */
export function fingerprintsWith(place: HashesPlace): SectionCollector<'fingerprints'> {
  return {
    name: 'fingerprints',
    collect: (host, asked) =>
      collectOnPlatform(host, {
        linux: () => {
          const { section, hashes } = readFingerprints(
            host,
            asked?.fingerprintDirectories ?? [],
            place.load(),
          );
          place.save(hashes);
          return section;
        },
        elsewhere: notYetCollected<'fingerprints'>({}),
      }),
  };
}

/** Reads all of it each time. */
export const fingerprints = fingerprintsWith(NO_PLACE);
