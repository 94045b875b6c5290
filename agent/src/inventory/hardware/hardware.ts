/** Section `hardware`: identity, board, firmware, chassis, processors, memory, virtualisation. */
import { collectOnPlatform } from '../platform.ts';
import type { SectionCollector } from '../section.ts';
import { collectHardwareElsewhere } from './elsewhere.ts';
import { collectLinuxHardware } from './linux.ts';

export const hardware: SectionCollector<'hardware'> = {
  name: 'hardware',
  collect: (host) =>
    collectOnPlatform(host, { linux: collectLinuxHardware, elsewhere: collectHardwareElsewhere }),
};
