/** The sockets section. */
import { collectOnPlatform, notYetCollected } from '../platform.ts';
import type { SectionCollector } from '../section.ts';

export const sockets: SectionCollector<'sockets'> = {
  name: 'sockets',
  collect: (host) => collectOnPlatform(host, { linux: notYetCollected({}), elsewhere: notYetCollected({}) }),
};
