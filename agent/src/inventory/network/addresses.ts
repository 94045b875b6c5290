/** Addresses of interfaces that belong in an inventory: the ones that stay. */
import type { InterfaceAddress } from '../../host.ts';
import { byText } from '../text.ts';
import { ipv6OfHex } from './routes.ts';

const FLAG_TEMPORARY = 0x01;
const FLAG_TENTATIVE = 0x40;

/** /proc/net/if_inet6 without loopback's, temporary (RFC 8981, a new one every day) and tentative addresses. */
export function ipv6Addresses(ifInet6: string): InterfaceAddress[] {
  return ifInet6.split('\n').flatMap((line) => {
    const [hex, , prefix, , flags, name] = line.trim().split(/\s+/);
    if (hex === undefined || prefix === undefined || name === undefined || !/^[0-9a-f]{32}$/i.test(hex))
      return [];
    const bits = Number.parseInt(flags ?? '0', 16);
    if (name === 'lo' || (bits & (FLAG_TEMPORARY | FLAG_TENTATIVE)) !== 0) return [];
    return [
      {
        interface: name,
        address: ipv6OfHex(hex),
        prefix: Number.parseInt(prefix, 16),
        family: 'ipv6' as const,
      },
    ];
  });
}

/** By interface; the label of an alias ('eth0:1') counts as its interface. */
export function addressesOf(
  name: string,
  all: readonly InterfaceAddress[],
): Omit<InterfaceAddress, 'interface'>[] {
  const own = all
    .filter((entry) => (entry.interface.split(':')[0] ?? '') === name)
    .map(({ address, prefix, family }) => ({ address, prefix, family }));
  const unique = new Map(own.map((entry) => [`${entry.address}/${entry.prefix}`, entry]));
  return [...unique.values()].sort(
    (a, b) => byText(a.family, b.family) || byText(a.address, b.address) || a.prefix - b.prefix,
  );
}
