/** The section `network` of a Mac: what `ifconfig` shows, under the ports that `networksetup` names. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import {
  type HardwarePort,
  type IfconfigAddress,
  type IfconfigInterface,
  parseHardwarePorts,
  parseIfconfig,
} from '../parsers/ifconfig.ts';
import { linesOf } from '../parsers/lines.ts';
import { parseNetstatRoutes } from '../parsers/unix-tables.ts';
import type { CollectedSection } from '../section.ts';
import { type MacosRecords, sectionOf, shortName } from './outputs.ts';

type Network = SectionData['network'];
type Interface = Network['interfaces'][number];

export function macosNetwork({ outputs }: MacosRecords): CollectedSection<'network'> | null {
  if (outputs.ifconfig === undefined) return null;
  const ports = new Map(parseHardwarePorts(outputs.hardwarePorts ?? '').map((port) => [port.device, port]));
  const seen = parseIfconfig(outputs.ifconfig);
  return sectionOf<'network'>(
    {
      interfaces: seen.map((one) => interfaceOf(one, ports.get(one.name))),
      gateways: gatewaysOf(outputs.routes ?? ''),
      dnsServers: dnsServersOf(outputs.resolvConf ?? ''),
    },
    [
      outputs.hardwarePorts === undefined && 'networksetup: hardware ports',
      outputs.routes === undefined && 'netstat -rn',
      outputs.resolvConf === undefined && 'resolv.conf',
    ],
  );
}

function interfaceOf(one: IfconfigInterface, port: HardwarePort | undefined): Interface {
  const kind = kindOf(one, port);
  const virtual = port === undefined || kind === 'bridge';
  // A port's own address; the one in use may be made up for the network that it is in.
  const mac = port?.mac ?? one.mac;
  return {
    name: shortName(one.name),
    mac,
    macPermanent: mac !== null && port?.mac === mac && !virtual && !isLocal(mac),
    kind,
    virtual,
    removable: /\bUSB\b|\bLAN\b|\bdock\b/i.test(port?.port ?? ''),
    speedBitsPerSecond: null,
    mtu: one.mtu,
    state: stateOf(one),
    driver: null,
    addresses: one.addresses.map(addressOf),
  };
}

/** Second bit of the first byte: nobody's registered address. */
function isLocal(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 2) !== 0;
}

const KINDS: readonly (readonly [RegExp, Interface['kind']])[] = [
  [/^lo\d/, 'loopback'],
  [/^bridge\d/, 'bridge'],
  [/^bond\d/, 'bond'],
  [/^vlan\d/, 'vlan'],
  [/^(?:utun|gif|stf|ppp|ipsec|tun|tap)\d/, 'tunnel'],
  [/^(?:awdl|llw|ap)\d/, 'wireless'],
  [/^(?:vmnet|vnic|feth|vmenet)\d/, 'virtual'],
];

function kindOf(one: IfconfigInterface, port: HardwarePort | undefined): Interface['kind'] {
  if (/^(?:Wi-?Fi|AirPort)\b/i.test(port?.port ?? '') || /802\.11/.test(one.link ?? '')) return 'wireless';
  const named = KINDS.find(([pattern]) => pattern.test(one.name))?.[1];
  return named ?? (/^en\d/.test(one.name) ? 'ethernet' : 'other');
}

function stateOf({ carrier, flags }: IfconfigInterface): Interface['state'] {
  if (carrier === 'active' || carrier === 'associated') return 'up';
  if (carrier !== null) return 'down';
  return flags.includes('UP') && flags.includes('RUNNING') ? 'up' : 'down';
}

const WHOLE_ADDRESS = { ipv4: 32, ipv6: 128 } as const;

/** A prefix that is not told is the whole address: nothing else is known to be its neighbour. */
function addressOf({ address, prefix, family }: IfconfigAddress): Interface['addresses'][number] {
  return { address: shortName(address), prefix: prefix ?? WHOLE_ADDRESS[family], family };
}

function gatewaysOf(routes: string): Network['gateways'] {
  return parseNetstatRoutes(routes).flatMap((route) => {
    const address = /^(\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:]*:[0-9a-f:]*)(?:%|$)/i.exec(route.gateway)?.[1];
    if (route.destination !== 'default' || address === undefined) return [];
    return [{ address: shortName(address), interface: shortName(route.interface ?? '') }];
  });
}

function dnsServersOf(resolvConf: string): string[] {
  const servers = linesOf(resolvConf).flatMap((line) => /^nameserver\s+([^\s%]+)/.exec(line)?.[1] ?? []);
  return [...new Set(servers.map(shortName))];
}
