/** Section `os`: distribution, kernel, host name, identity of the installation, boot, time zone. */
import { collectOnPlatform } from '../platform.ts';
import type { SectionCollector } from '../section.ts';
import { collectOsElsewhere } from './elsewhere.ts';
import { collectLinuxOs } from './linux.ts';

export const os: SectionCollector<'os'> = {
  name: 'os',
  collect: (host) => collectOnPlatform(host, { linux: collectLinuxOs, elsewhere: collectOsElsewhere }),
};
