/** The patches section. */
import { collectOnPlatform, notYetCollected } from '../platform.ts';
import type { SectionCollector } from '../section.ts';

export const patches: SectionCollector<'patches'> = {
  name: 'patches',
  collect: (host) => collectOnPlatform(host, { linux: notYetCollected({}), elsewhere: notYetCollected({}) }),
};
