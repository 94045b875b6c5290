/** Section `security`: what protects the machine, and what may control it from afar. */
import { collectOnPlatform, notYetCollected } from '../platform.ts';
import type { SectionCollector } from '../section.ts';
import { collectLinuxSecurity } from './linux.ts';

export const security: SectionCollector<'security'> = {
  name: 'security',
  collect: (host) =>
    collectOnPlatform(host, { linux: collectLinuxSecurity, elsewhere: notYetCollected<'security'>({}) }),
};
