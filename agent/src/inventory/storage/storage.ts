/** Section `storage`: disks, file systems, LVM and RAID. */
import { collectOnPlatform, notYetCollected } from '../platform.ts';
import type { SectionCollector } from '../section.ts';
import { collectLinuxStorage } from './linux.ts';

export const storage: SectionCollector<'storage'> = {
  name: 'storage',
  collect: (host) =>
    collectOnPlatform(host, {
      linux: collectLinuxStorage,
      elsewhere: notYetCollected<'storage'>({ disks: [], fileSystems: [] }),
    }),
};
