/** Section `network`: interfaces with their addresses, gateways, name servers. */
import type { SectionCollector } from '../section.ts';
import { collectLinuxNetwork } from './linux.ts';

/** Windows and macOS give theirs by `NativeSystem.inventory`. */
export const network: SectionCollector<'network'> = {
  name: 'network',
  collect: async (host) => collectLinuxNetwork(host),
};
