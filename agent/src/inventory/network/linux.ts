/** Network of a Linux machine from /sys/class/net, /proc/net and resolv.conf. */
import type { Host } from '../../host.ts';
import type { CollectedSection } from '../section.ts';
import { baseName, linkTarget, readNumber, readValue } from '../text.ts';
import { addressesOf, ipv6Addresses } from './addresses.ts';
import { interfaceOf, isChurning } from './interface.ts';
import type { InterfaceFacts } from './interface.ts';
import { ipv4Gateways, ipv6Gateways, nameServers, uniqueGateways } from './routes.ts';

const NET = '/sys/class/net';

export function collectLinuxNetwork(host: Host): CollectedSection<'network'> {
  const addresses = [
    ...host.addresses().filter((entry) => entry.family === 'ipv4'),
    ...ipv6Addresses(host.readText('/proc/net/if_inet6') ?? ''),
  ];
  const vlans = host.list('/proc/net/vlan');
  const interfaces = host
    .list(NET)
    // bonding_masters is a file among the interfaces.
    .filter((name) => host.readText(`${NET}/${name}/type`) !== null)
    .map((name) => readFacts(host, name, vlans))
    .filter((facts) => !isChurning(facts))
    .map((facts) => ({ ...interfaceOf(facts), addresses: addressesOf(facts.name, addresses) }));
  const gateways = uniqueGateways([
    ...ipv4Gateways(host.readText('/proc/net/route') ?? ''),
    ...ipv6Gateways(host.readText('/proc/net/ipv6_route') ?? ''),
  ]);
  const notes = interfaces.length === 0 ? [`${NET} shows no interface`] : [];
  return {
    data: { interfaces, gateways, dnsServers: readNameServers(host) },
    complete: notes.length === 0,
    notes,
  };
}

function readFacts(host: Host, name: string, vlans: readonly string[]): InterfaceFacts {
  const folder = `${NET}/${name}`;
  const entries = host.list(folder);
  const devicePath = readDevicePath(host, name);
  const driver = devicePath === null ? null : host.readLink(`${folder}/device/driver`);
  return {
    name,
    address: readValue(host, `${folder}/address`),
    addressAssignType: readNumber(host, `${folder}/addr_assign_type`),
    bondPermanentAddress: readValue(host, `${folder}/bonding_slave/perm_hwaddr`),
    type: readNumber(host, `${folder}/type`),
    deviceType: /^DEVTYPE=(\S+)$/m.exec(host.readText(`${folder}/uevent`) ?? '')?.[1] ?? null,
    speedMbit: readNumber(host, `${folder}/speed`),
    mtu: readNumber(host, `${folder}/mtu`),
    operationalState: readValue(host, `${folder}/operstate`),
    driver: driver === null ? null : baseName(driver),
    devicePath,
    deviceRemovable: readRemovable(host, devicePath),
    has: {
      bridge: entries.includes('bridge'),
      bonding: entries.includes('bonding'),
      wireless: entries.includes('wireless') || entries.includes('phy80211'),
      tun: entries.includes('tun_flags'),
      vlan: vlans.includes(name),
    },
    hasPhysicalMember: hasPhysicalMember(host, folder, entries),
  };
}

/** Everything below /sys/devices but 'virtual' stands under its device; kernels without that link show `device`. */
function readDevicePath(host: Host, name: string): string | null {
  const place = linkTarget(host, `${NET}/${name}`);
  if (place === null) return linkTarget(host, `${NET}/${name}/device`);
  if (place.startsWith('/sys/devices/virtual/')) return null;
  return linkTarget(host, `${place}/device`) ?? /^(\/sys\/devices\/.+)\/net\/[^/]+$/.exec(place)?.[1] ?? null;
}

function readRemovable(host: Host, devicePath: string | null): string | null {
  if (devicePath === null) return null;
  const above = devicePath.slice(0, devicePath.lastIndexOf('/'));
  return readValue(host, `${devicePath}/removable`) ?? readValue(host, `${above}/removable`);
}

function hasPhysicalMember(host: Host, folder: string, entries: readonly string[]): boolean {
  const members = entries
    .filter((entry) => entry.startsWith('lower_'))
    .map((entry) => entry.slice('lower_'.length));
  const ports = host.list(`${folder}/brif`);
  return [...members, ...ports].some((member) => readDevicePath(host, member) !== null);
}

/** systemd-resolved puts itself in front; the servers behind it are what people want to know. */
function readNameServers(host: Host): string[] {
  const servers = nameServers(host.readText('/etc/resolv.conf') ?? '');
  const stub = servers.every((server) => server === '127.0.0.53' || server === '127.0.0.54');
  const behind = stub ? nameServers(host.readText('/run/systemd/resolve/resolv.conf') ?? '') : [];
  return behind.length > 0 ? behind : servers;
}
