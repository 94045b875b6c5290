/** Network interfaces of Windows from MSFT_NetAdapter, Win32_NetworkAdapter and Win32_NetworkAdapterConfiguration. */
import { type CimRecord, cimFlag, cimList, cimNumber, cimText } from './cim.ts';
import { prefixOfMask } from './ifconfig.ts';

export interface WindowsInterface {
  readonly description: string | null;
  /** Upper case, in braces. */
  readonly guid: string | null;
  readonly pnpId: string | null;
  readonly pci: WindowsPci | null;
  /** Upper case with colons. */
  readonly mac: string | null;
  readonly kind: 'ethernet' | 'wifi' | null;
  readonly virtual: boolean;
  readonly up: boolean;
  readonly speedBitsPerSecond: number | null;
  readonly mtu: number | null;
  readonly addresses: readonly WindowsAddress[];
  readonly dhcpServer: string | null;
  readonly gateway: string | null;
  readonly dnsServers: readonly string[];
  readonly dnsDomain: string | null;
}

export interface WindowsAddress {
  readonly address: string;
  readonly prefix: number | null;
  readonly family: 'ipv4' | 'ipv6';
}

/** Four hex digits each, upper case. */
export interface WindowsPci {
  readonly vendor: string;
  readonly device: string;
  readonly subsystemDevice: string;
  readonly subsystemVendor: string;
}

/**
 * Interfaces that an admin knows: all that MSFT_NetAdapter lists (Windows 8 and later); before, those with a MAC or an address.
 * @param adapters Win32_NetworkAdapter
 * @param configurations Win32_NetworkAdapterConfiguration
 * @param modern MSFT_NetAdapter
 */
export function windowsInterfaces(
  adapters: readonly CimRecord[],
  configurations: readonly CimRecord[],
  modern: readonly CimRecord[],
): WindowsInterface[] {
  const byIndex = new Map(configurations.map((record) => [cimText(record, 'Index'), record]));
  if (modern.length === 0) {
    return adapters.flatMap((adapter) => {
      if (cimText(adapter, 'PNPDeviceID') === null) return [];
      const found = oldInterface(adapter, byIndex.get(cimText(adapter, 'Index')));
      return found.mac === null && found.addresses.length === 0 ? [] : [found];
    });
  }
  const byGuid = new Map(
    configurations.map((record) => [cimText(record, 'SettingID')?.toUpperCase(), record]),
  );
  return modern
    .filter((record) => cimFlag(record, 'Hidden') !== true)
    .map((record) => modernInterface(record, byGuid.get(cimText(record, 'DeviceID')?.toUpperCase())));
}

type Configured = Pick<
  WindowsInterface,
  'mac' | 'up' | 'mtu' | 'addresses' | 'dhcpServer' | 'gateway' | 'dnsServers' | 'dnsDomain'
>;

function configured(record: CimRecord | undefined): Configured {
  const masks = cimList(record, 'IPSubnet');
  return {
    mac: cimText(record, 'MACAddress')?.toUpperCase() ?? null,
    up: cimFlag(record, 'IPEnabled') === true,
    mtu: cimNumber(record, 'MTU'),
    addresses: cimList(record, 'IPAddress').map((address, index) => addressOf(address, masks[index])),
    dhcpServer: cimText(record, 'DHCPServer'),
    gateway: cimList(record, 'DefaultIPGateway')[0] ?? null,
    dnsServers: cimList(record, 'DNSServerSearchOrder'),
    dnsDomain: cimText(record, 'DNSDomain'),
  };
}

function addressOf(address: string, mask: string | undefined): WindowsAddress {
  if (!address.includes(':')) return { address, prefix: prefixOfMask(mask), family: 'ipv4' };
  const prefix = /^\d{1,3}$/.test(mask ?? '') ? Number(mask) : null;
  return { address: address.toLowerCase(), prefix, family: 'ipv6' };
}

function oldInterface(adapter: CimRecord, configuration: CimRecord | undefined): WindowsInterface {
  const pnpId = cimText(adapter, 'PNPDeviceID');
  const description = cimText(configuration, 'Description') ?? cimText(adapter, 'Name');
  return {
    ...configured(configuration),
    description,
    guid: cimText(adapter, 'GUID')?.toUpperCase() ?? null,
    pnpId,
    pci: pciOf(pnpId),
    kind: null,
    virtual: isVirtual(cimFlag(adapter, 'PhysicalAdapter'), pnpId, description),
    speedBitsPerSecond: speedOf(adapter),
  };
}

/** Windows XP does not tell physical adapters apart. */
function isVirtual(physical: boolean | null, pnpId: string | null, description: string | null): boolean {
  if (physical === false || /^(?:ROOT|SWD)\\/i.test(pnpId ?? '')) return true;
  return physical === null && /\bRAS\b|\b(?:Virtual|Miniport)\b/i.test(description ?? '');
}

function modernInterface(record: CimRecord, configuration: CimRecord | undefined): WindowsInterface {
  const pnpId = cimText(record, 'PnPDeviceID');
  return {
    ...configured(configuration),
    description: cimText(record, 'InterfaceDescription') ?? cimText(configuration, 'Description'),
    guid: cimText(record, 'DeviceID')?.toUpperCase() ?? null,
    pnpId,
    pci: pciOf(pnpId),
    kind: kindOf(record),
    virtual: cimFlag(record, 'Virtual') === true,
    speedBitsPerSecond: speedOf(record),
  };
}

const WIRELESS_MEDIA: ReadonlySet<number> = new Set([1, 9]);

/** InterfaceType is IANA's ifType: 6 Ethernet, 71 IEEE 802.11. */
function kindOf(record: CimRecord): WindowsInterface['kind'] {
  const type = cimNumber(record, 'InterfaceType');
  if (type === 71 || WIRELESS_MEDIA.has(cimNumber(record, 'NdisPhysicalMedium') ?? -1)) return 'wifi';
  return type === 6 ? 'ethernet' : null;
}

/** What drivers say who do not know: the largest signed number of 64 bits. */
const UNKNOWN_SPEED = 9.2e18;

function speedOf(record: CimRecord): number | null {
  const speed = cimNumber(record, 'Speed');
  return speed === null || speed <= 0 || speed >= UNKNOWN_SPEED ? null : speed;
}

function pciOf(pnpId: string | null): WindowsPci | null {
  const match = /VEN_([0-9A-F]{4})&DEV_([0-9A-F]{4})&SUBSYS_([0-9A-F]{4})([0-9A-F]{4})/i.exec(pnpId ?? '');
  const [vendor, device, subsystemDevice, subsystemVendor] =
    match?.slice(1).map((id) => id.toUpperCase()) ?? [];
  if (
    vendor === undefined ||
    device === undefined ||
    subsystemDevice === undefined ||
    subsystemVendor === undefined
  )
    return null;
  return { vendor, device, subsystemDevice, subsystemVendor };
}
