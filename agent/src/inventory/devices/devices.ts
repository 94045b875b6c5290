/** Section `devices`: what is plugged in or built in beside disks, memory, processors and network ports. */
import type { SectionCollector } from '../section.ts';
import { collectLinuxDevices } from './linux.ts';

/** Windows and macOS give theirs by `NativeSystem.inventory`. */
export const devices: SectionCollector<'devices'> = {
  name: 'devices',
  collect: async (host) => collectLinuxDevices(host),
};
