/** What one network interface is, from the facts that sysfs shows of it. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';

type Interface = SectionData['network']['interfaces'][number];

/** Files of /sys/class/net/<name>, parsed; null where missing. */
export interface InterfaceFacts {
  readonly name: string;
  readonly address: string | null;
  /** 0 permanent, 1 random, 2 taken from another, 3 set by somebody. */
  readonly addressAssignType: number | null;
  /** Burnt-in address of a port that shows its bond's. */
  readonly bondPermanentAddress: string | null;
  /** ARPHRD_ number. */
  readonly type: number | null;
  /** DEVTYPE in the file uevent: 'wlan', 'bridge', 'vlan', 'wireguard' … */
  readonly deviceType: string | null;
  readonly speedMbit: number | null;
  readonly mtu: number | null;
  readonly operationalState: string | null;
  readonly driver: string | null;
  /** Resolved path of the device behind it; null for interfaces made of software. */
  readonly devicePath: string | null;
  /** The file `removable` of the device or of the USB device above it. */
  readonly deviceRemovable: string | null;
  readonly has: {
    readonly bridge: boolean;
    readonly bonding: boolean;
    readonly wireless: boolean;
    readonly tun: boolean;
    readonly vlan: boolean;
  };
  /** A member port has a device, so that the state of a bridge means something. */
  readonly hasPhysicalMember: boolean;
}

export function interfaceOf(facts: InterfaceFacts): Omit<Interface, 'addresses'> {
  const kind = kindOf(facts);
  const virtual = facts.devicePath === null;
  const mac = virtual && facts.addressAssignType === ASSIGNED_AT_RANDOM ? null : macOf(facts);
  const wired = kind === 'ethernet' || kind === 'bond';
  return {
    name: facts.name,
    mac,
    macPermanent:
      mac !== null &&
      !virtual &&
      (facts.addressAssignType === ASSIGNED_FOR_GOOD || facts.bondPermanentAddress !== null),
    kind,
    virtual,
    removable: isRemovable(facts),
    // The rate of a wireless link changes with every step through the room.
    speedBitsPerSecond: wired && (facts.speedMbit ?? 0) > 0 ? (facts.speedMbit ?? 0) * 1_000_000 : null,
    mtu: facts.mtu,
    state: stateOf(facts, kind),
    driver: facts.driver,
  };
}

/** NET_ADDR_PERM and NET_ADDR_RANDOM: a virtual interface with a random address has another one after each boot. */
const ASSIGNED_FOR_GOOD = 0;
const ASSIGNED_AT_RANDOM = 1;

/** Interfaces that come and go with containers and guests: one end of a pair whose other end is elsewhere, the bridge of a project. */
const CHURNING =
  /^(veth|br-[0-9a-f]{12}$|cali[0-9a-f]|lxc[0-9a-f]{6}|vnet\d|vif\d|tap\d+i|tap[0-9a-f]{8}-|fwln\d|fwpr\d|fwbr\d|cni-podman|gke[0-9a-f]|azv[0-9a-f]|eni[0-9a-f]{6})/;

export function isChurning(facts: Pick<InterfaceFacts, 'name' | 'devicePath'>): boolean {
  return facts.devicePath === null && CHURNING.test(facts.name);
}

const ARPHRD = {
  ethernet: 1,
  infiniband: 32,
  ppp: 512,
  tunnel: 768,
  tunnel6: 769,
  loopback: 772,
  sit: 776,
  gre: 778,
  wireless: 801,
  radiotap: 803,
  gre6: 823,
  none: 65_534,
};
const TUNNEL_TYPES: readonly number[] = [
  ARPHRD.ppp,
  ARPHRD.tunnel,
  ARPHRD.tunnel6,
  ARPHRD.sit,
  ARPHRD.gre,
  ARPHRD.gre6,
  ARPHRD.none,
];
const TUNNEL_DEVICE_TYPES = ['wireguard', 'vxlan', 'geneve', 'gre', 'ppp', 'wwan_tunnel'];

function kindOf(facts: InterfaceFacts): Interface['kind'] {
  const { type, deviceType, has } = facts;
  if (type === ARPHRD.loopback) return 'loopback';
  if (has.wireless || deviceType === 'wlan' || type === ARPHRD.wireless || type === ARPHRD.radiotap)
    return 'wireless';
  if (has.bridge || deviceType === 'bridge') return 'bridge';
  if (has.bonding || deviceType === 'bond') return 'bond';
  if (has.vlan || deviceType === 'vlan') return 'vlan';
  if (
    has.tun ||
    TUNNEL_DEVICE_TYPES.includes(deviceType ?? '') ||
    (type !== null && TUNNEL_TYPES.includes(type))
  )
    return 'tunnel';
  if (facts.devicePath === null) return 'virtual';
  if (deviceType === 'wwan') return 'other';
  return type === ARPHRD.ethernet ? 'ethernet' : 'other';
}

function macOf(facts: InterfaceFacts): string | null {
  const address = (facts.bondPermanentAddress ?? facts.address ?? '').toLowerCase();
  // Tunnels show an IP address here and loopback shows zeros; only six bytes are a MAC.
  return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(address) && address !== '00:00:00:00:00:00' ? address : null;
}

/** A USB port that the firmware calls fixed holds a chip on the board (single-board computers). */
function isRemovable(facts: InterfaceFacts): boolean {
  if (facts.devicePath === null) return false;
  if (facts.deviceRemovable !== null && facts.deviceRemovable !== 'unknown')
    return facts.deviceRemovable === 'removable';
  return /\/usb\d+\//.test(facts.devicePath);
}

/** The carrier of a purely virtual interface comes and goes with what runs on it: not a fact about the machine. */
function stateOf(facts: InterfaceFacts, kind: Interface['kind']): Interface['state'] {
  const meaningful =
    facts.devicePath !== null || kind === 'bond' || kind === 'vlan' || facts.hasPhysicalMember;
  if (!meaningful) return 'unknown';
  if (facts.operationalState === 'up') return 'up';
  return facts.operationalState === 'down' || facts.operationalState === 'lowerlayerdown'
    ? 'down'
    : 'unknown';
}
