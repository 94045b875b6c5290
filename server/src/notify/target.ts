/** Where a channel may not lead: addresses that only the machine itself or its cloud answers on. */
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/**
 * Link-local addresses, and two others, are where clouds hand out credentials. Addresses of the own network are allowed on purpose: chat
 * and mail servers live there, and only administrators set channels.
 */
const FORBIDDEN = new BlockList();
FORBIDDEN.addSubnet('169.254.0.0', 16, 'ipv4');
FORBIDDEN.addSubnet('fe80::', 10, 'ipv6');
FORBIDDEN.addAddress('fd00:ec2::254', 'ipv6');
FORBIDDEN.addAddress('100.100.100.200', 'ipv4');

/** Why nothing is sent there; null: it may be. A name that cannot be resolved is left to the sender, who says so. */
export async function refusalOf(host: string): Promise<string | null> {
  const plain = host.replace(/^\[|\]$/g, '');
  const addresses = isIP(plain) === 0 ? await resolved(plain) : [plain];
  const forbidden = addresses.find(isForbidden);
  return forbidden === undefined
    ? null
    : `${forbidden} is a link-local address or one of a cloud's own; nothing is sent there`;
}

/** IPv4 written as IPv6 is known to the list; a zone, as in `fe80::1%eth0`, is not. */
function isForbidden(address: string): boolean {
  const plain = address.replace(/%.*$/, '');
  return FORBIDDEN.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
}

async function resolved(host: string): Promise<string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch {
    return []; // The sender meets the same failure and names it.
  }
}
