/** Where a channel may not lead: addresses that only the machine itself or its cloud answers on. */
import { lookup as resolve, type LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { BlockList, isIP, type LookupFunction } from 'node:net';

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
  const plain = withoutBrackets(host);
  return refusalOfAll(isIP(plain) === 0 ? await resolved(plain) : [plain]);
}

/** The same of an address; null for a name, which is judged when it is resolved. */
export function refusalOfAddress(host: string): string | null {
  const plain = withoutBrackets(host);
  return isIP(plain) === 0 ? null : refusalOfAll([plain]);
}

/** A connection that was to lead where nothing is sent. */
export class RefusedAddressError extends Error {}

/** For connections: fails where a name resolves to what nothing is sent to, so that what was judged is what is connected to. */
export function guardedLookup(lookupName: LookupFunction = resolve): LookupFunction {
  return (host, options, done) => {
    lookupName(host, { ...options, all: true }, (error, found) => {
      const all = typeof found === 'string' ? [{ address: found, family: isIP(found) }] : found;
      const refusal = error === null ? refusalOfAll(all.map(({ address }) => address)) : null;
      const failure = refusal === null ? error : new RefusedAddressError(refusal);
      const [first] = all ?? [];
      if (failure !== null || options.all === true) done(failure, all ?? []);
      else done(null, first?.address ?? '', first?.family);
    });
  };
}

function refusalOfAll(addresses: readonly LookupAddress['address'][]): string | null {
  const forbidden = addresses.find(isForbidden);
  return forbidden === undefined
    ? null
    : `${forbidden} is a link-local address or one of a cloud's own; nothing is sent there`;
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, '');
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
