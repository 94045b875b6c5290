/** Section `devices`: what is plugged in or built in beside disks, memory, processors and network ports. */
import { collectOnPlatform, notYetCollected } from '../platform.ts';
import type { SectionCollector } from '../section.ts';
import { collectLinuxDevices } from './linux.ts';

export const devices: SectionCollector<'devices'> = {
  name: 'devices',
  collect: (host) =>
    collectOnPlatform(host, { linux: collectLinuxDevices, elsewhere: notYetCollected<'devices'>({}) }),
};
