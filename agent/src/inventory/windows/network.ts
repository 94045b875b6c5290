/** The section `network` of Windows: interfaces with their addresses, gateways and name servers. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import { type CimRecord, cimText } from '../parsers/cim.ts';
import { type WindowsAddress, type WindowsInterface, windowsInterfaces } from '../parsers/windows-network.ts';
import type { CollectedSection } from '../section.ts';
import { sectionOf, shortName, type WindowsRecords } from './outputs.ts';

type Network = SectionData['network'];
type Interface = Network['interfaces'][number];

const CLASSES = ['Win32_NetworkAdapter', 'Win32_NetworkAdapterConfiguration', 'MSFT_NetAdapter'] as const;

export function windowsNetwork(records: WindowsRecords): CollectedSection<'network'> | null {
  if (!records.given('Win32_NetworkAdapter') && !records.given('MSFT_NetAdapter')) return null;
  const [old, configurations, modern] = CLASSES.map((name) => records.of(name));
  const told = toldOf(old ?? [], modern ?? []);
  const configured = records.given('Win32_NetworkAdapterConfiguration');
  const found = windowsInterfaces(old ?? [], configurations ?? [], modern ?? []);
  const interfaces = found.map((one, index) => interfaceOf(one, told(one), index, configured));
  return sectionOf<'network'>(
    {
      interfaces,
      gateways: found.flatMap(({ gateway }, index) =>
        gateway === null ? [] : [{ address: shortName(gateway), interface: interfaces[index]?.name ?? '' }],
      ),
      dnsServers: [...new Set(found.flatMap(({ dnsServers }) => dnsServers.map(shortName)))],
    },
    records.missing(CLASSES),
  );
}

/** What both classes tell of an adapter beyond what makes it an interface. */
interface Told {
  /** As people know it: 'Ethernet 2', 'Wi-Fi'. */
  readonly alias: string | null;
  readonly driver: string | null;
  /** Twelve hex digits. */
  readonly permanentAddress: string | null;
}

function toldOf(old: readonly CimRecord[], modern: readonly CimRecord[]): (one: WindowsInterface) => Told {
  const [olds, moderns] = [byPlace(old, 'GUID', 'PNPDeviceID'), byPlace(modern, 'DeviceID', 'PnPDeviceID')];
  return (one) => {
    const [first, second] = [moderns(one), olds(one)];
    return {
      alias: cimText(first, 'Name') ?? cimText(second, 'NetConnectionID'),
      driver: cimText(second, 'ServiceName'),
      permanentAddress: cimText(first, 'PermanentAddress'),
    };
  };
}

/** By GUID, which Windows XP does not tell, else by the place of the device. */
function byPlace(
  records: readonly CimRecord[],
  guid: string,
  pnpId: string,
): (one: WindowsInterface) => CimRecord | undefined {
  const guids = new Map(records.map((record) => [cimText(record, guid)?.toUpperCase() ?? '', record]));
  const places = new Map(records.map((record) => [cimText(record, pnpId) ?? '', record]));
  return (one) => (one.guid === null ? places.get(one.pnpId ?? '') : guids.get(one.guid));
}

function interfaceOf(one: WindowsInterface, told: Told, index: number, configured: boolean): Interface {
  const kind = kindOf(one);
  const burntIn = macOf(told.permanentAddress);
  const mac = burntIn ?? macOf(one.mac);
  const wired = kind === 'ethernet';
  return {
    name: shortName(told.alias ?? one.description ?? `interface ${index}`),
    mac,
    // Before Windows 8 nothing tells whether an address was set by hand.
    macPermanent: mac !== null && !one.virtual && kind !== 'other',
    kind,
    virtual: one.virtual,
    removable: /^(?:USB|BTH|PCMCIA)\\/i.test(one.pnpId ?? ''),
    // The rate of a wireless link changes with every step through the room.
    speedBitsPerSecond: wired ? one.speedBitsPerSecond : null,
    mtu: one.mtu,
    state: configured ? (one.up ? 'up' : 'down') : 'unknown',
    driver: told.driver,
    addresses: one.addresses.map(addressOf),
  };
}

/** Lower case with colons; zeros are no address. */
function macOf(text: string | null): string | null {
  const digits = (text ?? '').replace(/[:-]/g, '').toLowerCase();
  if (!/^[0-9a-f]{12}$/.test(digits) || /^0+$/.test(digits)) return null;
  return digits.match(/../g)?.join(':') ?? null;
}

function kindOf({ kind, virtual, pnpId, description }: WindowsInterface): Interface['kind'] {
  const words = description ?? '';
  if (/\bloopback\b/i.test(words)) return 'loopback';
  if (/^BTH\\/i.test(pnpId ?? '')) return 'other';
  if (kind === 'wifi') return 'wireless';
  if (/\b(?:isatap|teredo|6to4|tunnel(?:ing)?|VPN|TAP|WireGuard|miniport)\b/i.test(words)) return 'tunnel';
  if (virtual) return 'virtual';
  return kind ?? (/\b(?:wireless|wi-?fi|wlan|802\.11\w*)\b/i.test(words) ? 'wireless' : 'ethernet');
}

const WHOLE_ADDRESS = { ipv4: 32, ipv6: 128 } as const;

/** A prefix that is not told is the whole address: nothing else is known to be its neighbour. */
function addressOf({ address, prefix, family }: WindowsAddress): Interface['addresses'][number] {
  return { address: shortName(address), prefix: prefix ?? WHOLE_ADDRESS[family], family };
}
