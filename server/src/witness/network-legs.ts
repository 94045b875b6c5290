/** Where a machine stands: its leg in an IPv4 network, told apart from networks of the same numbers elsewhere. Pure. */
import type { SectionData } from '@muster/shared/inventory/sections.ts';
import { contains, isLocal, networkOf } from '../relations/cidr.ts';

export interface Leg {
  readonly address: string;
  /** As in 10.20.3.0/24. */
  readonly subnet: string;
  readonly gateway: string | null;
  /** Machines with equal keys are neighbours. */
  readonly key: string;
}

/** Lines of two ends and the whole internet have no neighbours. */
const PREFIX_MIN = 8;
const PREFIX_MAX = 30;
/** Kinds of interfaces on which no neighbour answers ARP. */
const WITHOUT_NEIGHBOURS: ReadonlySet<string> = new Set(['loopback', 'tunnel']);

/**
 * The leg by which a machine is reached. `seenAddress`: where its connection comes from. That is one of its own addresses,
 * or it stands behind a translation of addresses; then 192.168.1.0/24 of one home is not that of another, and only those
 * with the same outer address are neighbours. null: not known, or none.
 */
export function legOf(
  network: Pick<SectionData['network'], 'interfaces' | 'gateways'>,
  seenAddress: string | null,
): Leg | null {
  const seen = seenAddress?.replace(/^::ffff:/, '') ?? null;
  const legs = network.interfaces
    .filter(({ kind, state }) => !WITHOUT_NEIGHBOURS.has(kind) && state !== 'down')
    .flatMap(({ name, addresses }) => addresses.map((one) => ({ ...one, name })))
    .filter(({ family, prefix, address }) => family === 'ipv4' && inRange(prefix) && !isLocal(address))
    .map(({ address, prefix, name }) => legAt(network.gateways, address, prefix, name))
    .filter((leg) => leg !== null);
  const direct = legs.find(({ address }) => address === seen);
  if (direct) return { ...direct, key: `${direct.subnet} ${direct.gateway ?? '-'}` };
  // Its inventory may be of another place than the one it connects from; only a leg with a way out can be the one.
  const behind = legs.find(({ gateway }) => gateway !== null);
  if (!behind || seen === null || isLocal(seen)) return null;
  return { ...behind, key: `${behind.subnet} ${behind.gateway} ${wayOf(seen)}` };
}

/** What machines of one house have in common: the outer address, of IPv6 the network, in which each has its own. */
function wayOf(seen: string): string {
  const network = seen.includes(':') ? networkOf(`${seen}/64`) : null;
  return network === null ? seen : `${network.base.toString(16)}/64`;
}

function inRange(prefix: number | null): prefix is number {
  return prefix !== null && prefix >= PREFIX_MIN && prefix <= PREFIX_MAX;
}

function legAt(
  gateways: SectionData['network']['gateways'],
  address: string,
  prefix: number | null,
  name: string,
): Omit<Leg, 'key'> | null {
  const network = networkOf(`${address}/${prefix ?? ''}`);
  if (network === null) return null;
  const gateway = gateways.find((one) => one.interface === name && contains(network, one.address));
  return { address, subnet: subnetText(network.base, network.prefix), gateway: gateway?.address ?? null };
}

function subnetText(base: bigint, prefix: number): string {
  const bytes = [24n, 16n, 8n, 0n].map((shift) => Number((base >> shift) & 255n));
  return `${bytes.join('.')}/${prefix}`;
}
