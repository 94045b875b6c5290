/** Section `services`: what the init system runs. */
import { collectOnPlatform, notYetCollected } from '../platform.ts';
import type { SectionCollector } from '../section.ts';
import { collectLinuxServices } from './linux.ts';

export const services: SectionCollector<'services'> = {
  name: 'services',
  collect: (host) =>
    collectOnPlatform(host, {
      linux: collectLinuxServices,
      elsewhere: notYetCollected<'services'>({ services: [] }),
    }),
};
