/** The guests section. */
import { collectOnPlatform, notYetCollected } from '../platform.ts';
import type { SectionCollector } from '../section.ts';

export const guests: SectionCollector<'guests'> = {
  name: 'guests',
  collect: (host) => collectOnPlatform(host, { linux: notYetCollected({}), elsewhere: notYetCollected({}) }),
};
