/** Section `drivers`: the code by which the system reaches its devices. */
import { collectOnPlatform, notYetCollected } from '../platform.ts';
import type { SectionCollector } from '../section.ts';
import { collectLinuxDrivers } from './linux.ts';

export const drivers: SectionCollector<'drivers'> = {
  name: 'drivers',
  collect: (host) =>
    collectOnPlatform(host, { linux: collectLinuxDrivers, elsewhere: notYetCollected<'drivers'>({}) }),
};
