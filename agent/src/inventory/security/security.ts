/** The security section. */
import { collectOnPlatform, notYetCollected } from '../platform.ts';
import type { SectionCollector } from '../section.ts';

export const security: SectionCollector<'security'> = {
  name: 'security',
  collect: (host) => collectOnPlatform(host, { linux: notYetCollected({}), elsewhere: notYetCollected({}) }),
};
