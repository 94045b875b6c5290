/** networks, hardware → our section `network`: one entry of theirs per address becomes one interface with its addresses. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import { canonicalMac, isLocallyAdministered } from '../../inventory/mac.ts';
import { firstText, integer, type Item, positive, sortedBy, text, unique, yesNo } from '../values.ts';
import { type Context, one } from './context.ts';

type Network = SectionData['network'];
type Interface = Network['interfaces'][number];
type Address = Interface['addresses'][number];

export const NETWORK_SOURCES = ['networks'] as const;

export function networkPatch(context: Context): object {
  const entries = (context.content.networks ?? []).filter((item) => !isLoopback(item));
  const groups = Map.groupBy(entries, (item) => `${nameOf(item)}\0${macOf(item) ?? ''}`);
  const plugged = usbSerials(context);
  return {
    interfaces: sortedBy(
      [...groups.values()].flatMap((group) => interfaceOf(group, plugged) ?? []),
      ({ name, mac }) => `${name}\0${mac ?? ''}`,
    ),
    gateways: unique(
      entries.flatMap((item) => gatewayOf(item) ?? []),
      ({ address, interface: name }) => `${address} ${name}`,
    ),
    ...dnsOf(context),
  };
}

function nameOf(item: Item): string {
  return firstText(item, 'description', 'name', 'pnpdeviceid')?.slice(0, 64) ?? '';
}

function macOf(item: Item): string | null {
  const mac = canonicalMac(text(item, 'mac') ?? '');
  return mac === null || /^(00:){5}00$|^(ff:){5}ff$/.test(mac) ? null : mac;
}

function isLoopback(item: Item): boolean {
  return /^loopback$/i.test(text(item, 'type') ?? '') || /^lo\d*$/.test(nameOf(item));
}

/** Names under which Linux and others make interfaces that are no ports; OCS does not say which are. */
const SOFTWARE_NAMES =
  /^(veth|docker|br-|virbr|vnet|vmnet|vboxnet|ifb|tun|tap|dummy|wg\d|utun|awdl|llw|bridge\d|gif\d|stf\d|sit\d|cali|flannel|cni|lxc|lxd|tailscale|zt)/i;
/** Drivers of adapters that hang on a USB cable. */
const USB_DRIVERS = /^(r815[0-9]|ax88|asix|cdc_|smsc[79]|rndis|dm9601|ipheth|lan78)/i;

function interfaceOf(group: readonly Item[], plugged: ReadonlySet<string>): Interface | null {
  const [item] = group;
  if (!item || nameOf(item) === '') return null;
  const name = nameOf(item);
  const virtual = yesNo(item, 'virtualdev') ?? SOFTWARE_NAMES.test(name);
  const reported = macOf(item);
  // Drawn anew at each boot: it would be a change each time.
  const mac = reported !== null && virtual && isLocallyAdministered(reported) ? null : reported;
  return {
    name,
    mac,
    macPermanent: mac !== null && !virtual,
    kind: kindOf(item, virtual),
    virtual,
    removable:
      USB_DRIVERS.test(text(item, 'driver') ?? '') ||
      /^USB\\/i.test(text(item, 'pnpdeviceid') ?? '') ||
      (mac !== null && plugged.has(mac.replaceAll(':', ''))),
    speedBitsPerSecond: kindOf(item, virtual) === 'wireless' ? null : speedOf(item),
    mtu: positive(item, 'mtu'),
    state: stateOf(text(item, 'status')),
    driver: text(item, 'driver'),
    addresses: sortedBy(
      unique(
        group.flatMap((entry) => addressesOf(entry)),
        ({ address }) => address,
      ),
      ({ family, address }) => `${family} ${address}`,
    ),
  };
}

function kindOf(item: Item, virtual: boolean): Interface['kind'] {
  const type = (text(item, 'type') ?? '').toLowerCase();
  const name = nameOf(item);
  if (/wi-?fi|wireless|802\.11/.test(type) || name.startsWith('wl')) return 'wireless';
  if (type === 'bridge' || /^(br-|virbr\d+$|docker\d+$)/.test(name)) return 'bridge';
  if (type === 'aggregate' || /^(bond|team)\d/.test(name)) return 'bond';
  if (/^(tun|tap|wg|utun|ppp)\d/.test(name) || type === 'dialup') return 'tunnel';
  if (/^[a-z]+\d+\.\d+$/.test(name) || /^vlan\d/.test(name)) return 'vlan';
  if (virtual) return 'virtual';
  return type === '' || /^ether(net)?$/.test(type) || type === 'local' ? 'ethernet' : 'other';
}

function stateOf(status: string | null): Interface['state'] {
  if (status === null) return 'unknown';
  if (/^up$/i.test(status)) return 'up';
  return /^(down|lowerlayerdown|notpresent)$/i.test(status) ? 'down' : 'unknown';
}

const FASTEST_BITS = 1e12;

/** Mbit/s, or with a unit behind it (OCS: '1 Gb/s', '100 Mb/s', '-1 Mbps'). */
function speedOf(item: Item): number | null {
  const told = positive(item, 'speed');
  if (told === null) return null;
  const unit = /g(b|bit|bps)/i.test(text(item, 'speed') ?? '') ? 1e9 : 1e6;
  // Windows tells bit/s, and the greatest number there is for a port that is not plugged in.
  const bits = told >= 1e7 ? told : Math.round(told * unit);
  return bits > FASTEST_BITS ? null : bits;
}

function addressesOf(item: Item): Address[] {
  return [
    addressOf(text(item, 'ipaddress', 64), text(item, 'ipmask', 64)),
    addressOf(text(item, 'ipaddress6', 64), text(item, 'ipmask6', 64)),
  ].flatMap((address) => address ?? []);
}

function addressOf(told: string | null, mask: string | null): Address | null {
  const [address = ''] = (told ?? '').toLowerCase().split(/[/%]/);
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(address) && address !== '0.0.0.0')
    return { address, prefix: prefixOf(mask) ?? 32, family: 'ipv4' };
  if (/^[0-9a-f:.]{2,45}$/.test(address) && address.includes(':') && address !== '::')
    return { address, prefix: prefixOf(mask) ?? 128, family: 'ipv6' };
  return null;
}

/** '255.255.255.0' → 24, 'ffff:ffff:ffff:ffff::' → 64, '24' → 24. */
function prefixOf(mask: string | null): number | null {
  if (mask === null) return null;
  if (/^\d{1,3}$/.test(mask)) return Math.min(128, Number(mask));
  const groups = mask.includes(':')
    ? mask.split(':').map((group) => Number.parseInt(group || '0', 16))
    : mask.split('.').map(Number);
  if (groups.some((group) => !Number.isInteger(group) || group < 0 || group > 0xffff)) return null;
  return groups.reduce((bits, group) => bits + ones(group), 0);
}

function ones(group: number): number {
  return group.toString(2).replaceAll('0', '').length;
}

/** The address of a whole network stands for none. */
function gatewayOf(item: Item): Network['gateways'][number] | null {
  const address = text(item, 'ipgateway', 64)?.toLowerCase() ?? null;
  if (address === null || address === '0.0.0.0' || address.endsWith('::')) return null;
  return /^[0-9a-f:.]+$/.test(address) ? { address, interface: nameOf(item) } : null;
}

function dnsOf({ content }: Context): { dnsServers?: string[] } {
  const told = text(one(content, 'hardware'), 'dns', TEXT_OF_SERVERS);
  if (told === null) return {};
  const servers = told.split(/[/,;\s]+/).filter((server) => /^[0-9a-f:.]{2,45}$/i.test(server));
  return { dnsServers: [...new Set(servers)].slice(0, 64) };
}
const TEXT_OF_SERVERS = 2_048;

/** Adapters on a USB cable show their address as serial number of the device. */
function usbSerials({ content }: Context): ReadonlySet<string> {
  return new Set(
    (content.usbdevices ?? []).flatMap((item) => {
      const serial = text(item, 'serial')?.toLowerCase() ?? '';
      return /^[0-9a-f]{12}$/.test(serial) && integer(item, 'class') !== 9 ? [serial] : [];
    }),
  );
}
