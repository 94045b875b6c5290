/** Section `fingerprints`: configuration files by owner, mode, size and hash, in the directories that the administrator chose. */
import { collectOnPlatform, notYetCollected } from '../platform.ts';
import type { SectionCollector } from '../section.ts';
import { createFingerprints } from './walk.ts';

const readFingerprints = createFingerprints();

export const fingerprints: SectionCollector<'fingerprints'> = {
  name: 'fingerprints',
  collect: (host, asked) =>
    collectOnPlatform(host, {
      linux: () => readFingerprints(host, asked?.fingerprintDirectories ?? []),
      elsewhere: notYetCollected<'fingerprints'>({}),
    }),
};
