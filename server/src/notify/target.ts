/** Where a channel may not lead: addresses that only the machine itself or its cloud answers on. */
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/**
 * Link-local addresses are where clouds hand out credentials. Addresses of the own network are allowed on purpose: chat
 * and mail servers live there, and only administrators set channels.
 */
const FORBIDDEN = new BlockList();
FORBIDDEN.addSubnet('169.254.0.0', 16, 'ipv4');
FORBIDDEN.addSubnet('fe80::', 10, 'ipv6');
FORBIDDEN.addAddress('fd00:ec2::254', 'ipv6');

/** Why nothing is sent there; null: it may be. A name that cannot be resolved is left to the sender, who says so. */
export async function refusalOf(host: string): Promise<string | null> {
  const plain = host.replace(/^\[|\]$/g, '');
  const addresses = isIP(plain) === 0 ? await resolved(plain) : [plain];
  const forbidden = addresses.find(isForbidden);
  return forbidden === undefined ? null : `${forbidden} is a link-local address; nothing is sent there`;
}

function isForbidden(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return FORBIDDEN.check(mapped, 'ipv4');
  return FORBIDDEN.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

async function resolved(host: string): Promise<string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch {
    return []; // The sender meets the same failure and names it.
  }
}
