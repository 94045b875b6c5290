/** Section `os`: distribution, kernel, host name, identity of the installation, boot, time zone. */
import type { SectionCollector } from '../section.ts';
import { collectLinuxOs } from './linux.ts';

/** Windows and macOS give theirs by `NativeSystem.inventory`. */
export const os: SectionCollector<'os'> = {
  name: 'os',
  collect: async (host) => collectLinuxOs(host),
};
