/** Section `hardware`: identity, board, firmware, chassis, processors, memory, virtualisation. */
import type { SectionCollector } from '../section.ts';
import { collectLinuxHardware } from './linux.ts';

/** Windows and macOS give theirs by `NativeSystem.inventory`. */
export const hardware: SectionCollector<'hardware'> = {
  name: 'hardware',
  collect: async (host) => collectLinuxHardware(host),
};
