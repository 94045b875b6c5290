/** Section `sockets`: what the machine listens on and which services elsewhere it uses. */
import { collectOnPlatform, notYetCollected } from '../platform.ts';
import type { SectionCollector } from '../section.ts';
import { collectLinuxSockets } from './linux.ts';

export const sockets: SectionCollector<'sockets'> = {
  name: 'sockets',
  collect: (host) =>
    collectOnPlatform(host, { linux: collectLinuxSockets, elsewhere: notYetCollected<'sockets'>({}) }),
};
