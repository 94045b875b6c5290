/** The fingerprints section. */
import { collectOnPlatform, notYetCollected } from '../platform.ts';
import type { SectionCollector } from '../section.ts';

export const fingerprints: SectionCollector<'fingerprints'> = {
  name: 'fingerprints',
  collect: (host) => collectOnPlatform(host, { linux: notYetCollected({}), elsewhere: notYetCollected({}) }),
};
