/** Section `guests`: virtual machines and containers on this machine. */
import { collectOnPlatform, notYetCollected } from '../platform.ts';
import type { SectionCollector } from '../section.ts';
import { collectLinuxGuests } from './linux.ts';

export const guests: SectionCollector<'guests'> = {
  name: 'guests',
  collect: (host) =>
    collectOnPlatform(host, { linux: collectLinuxGuests, elsewhere: notYetCollected<'guests'>({}) }),
};
