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

/** Ports where other services listen that may take an HTTP request for their own ("bad port": WHATWG Fetch, section 2.9, port blocking). */
const REFUSED_PORTS = new Set([
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104,
  109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515,
  526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049,
  3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

/** Why nothing is sent there; null: it may be. A name that cannot be resolved is left to the sender, who says so. */
export async function refusalOf(host: string): Promise<string | null> {
  const plain = withoutBrackets(host);
  return refusalOfAll(isIP(plain) === 0 ? await resolved(plain) : [plain]);
}

/** The same of a web address; null for a name, which is judged when it is resolved. */
export function refusalOfUrl({ hostname, port, username, password }: URL): string | null {
  if (username !== '' || password !== '')
    return 'the address holds a user or password; nothing is sent there';
  if (port !== '' && REFUSED_PORTS.has(Number(port))) return `bad port: nothing is sent to port ${port}`;
  const plain = withoutBrackets(hostname);
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
