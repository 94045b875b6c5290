/** Section `network`: interfaces with their addresses, gateways, name servers. */
import { collectOnPlatform, notYetCollected } from '../platform.ts';
import type { SectionCollector } from '../section.ts';
import { collectLinuxNetwork } from './linux.ts';

export const network: SectionCollector<'network'> = {
  name: 'network',
  collect: (host) =>
    collectOnPlatform(host, {
      linux: collectLinuxNetwork,
      elsewhere: notYetCollected<'network'>({ interfaces: [], gateways: [], dnsServers: [] }),
    }),
};
