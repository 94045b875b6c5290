/** Section `storage`: disks, file systems, LVM and RAID. */
import type { SectionCollector } from '../section.ts';
import { collectLinuxStorage } from './linux.ts';

/** Windows and macOS give theirs by `NativeSystem.inventory`. */
export const storage: SectionCollector<'storage'> = {
  name: 'storage',
  collect: async (host) => collectLinuxStorage(host),
};
