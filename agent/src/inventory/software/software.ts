/** Section `software`: installed packages. */
import { collectOnPlatform, notYetCollected } from '../platform.ts';
import type { SectionCollector } from '../section.ts';
import { collectLinuxSoftware } from './linux.ts';

export const software: SectionCollector<'software'> = {
  name: 'software',
  collect: (host) =>
    collectOnPlatform(host, {
      linux: collectLinuxSoftware,
      elsewhere: notYetCollected<'software'>({ packages: [] }),
    }),
};
