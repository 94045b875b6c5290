/**
 * Which addresses a check may reach. What a name resolves to counts, not how it is written, and it is that very address which is then
 * connected to. docs/decisions/026-checks.md says why these.
 */
import type { LookupOptions } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import type { Answered } from './lookups.ts';
import type { CheckReach } from './reach-names.ts';

/** Not tried at all, in words for whoever made the check. */
export class CheckRefusal extends Error {
  override readonly name = 'CheckRefusal';
}

/** RFC 6890, RFC 4291; the last two are IPv4 loopback written as NAT64 (RFC 6052) and 6to4 (RFC 3056). */
const LOOPBACK = blockList(['127.0.0.0/8', '::1/128', '64:ff9b::7f00:0/104', '2002:7f00::/24']);

/**
 * Unspecified addresses reach this machine itself. Link-local ones, and those that clouds have put beside them, answer with the
 * machine's own credentials: AWS, Azure, Google, Oracle and others at 169.254.0.0/16, Alibaba, Azure's host, Oracle's, AWS and Google over IPv6.
 */
const NEVER = blockList([
  '0.0.0.0/8',
  '::/128',
  '169.254.0.0/16',
  'fe80::/10',
  '64:ff9b::a9fe:0/112',
  '2002:a9fe::/32',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
  'fd00:ec2::254/128',
  'fd20:ce::254/128',
  // Many answer, or none: not what a check is.
  '224.0.0.0/4',
  '255.255.255.255/32',
  'ff00::/8',
]);

/** What this machine says that a name is. */
export type Resolve = (host: string, answered: Answered) => void;

/** null: it may be reached. @param address IPv4 or IPv6 */
export function refusalOf(address: string, reach: CheckReach): string | null {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (NEVER.check(address, family))
    return `${address} is never checked: link-local, metadata or no single machine`;
  if (LOOPBACK.check(address, family) && reach !== 'loopback')
    return `${address} is this machine itself, which is not allowed here: "checks" is "network", and only "loopback" allows it`;
  return null;
}

/** Options of a connection that goes nowhere else. @throws CheckRefusal for an address that may not be reached */
export function allowedWay(
  host: string,
  { reach, resolve }: { readonly reach: CheckReach; readonly resolve: Resolve },
): { readonly host: string; readonly lookup: LookupFunction; readonly autoSelectFamily: true } {
  if (isIP(host) !== 0) refuse(host, reach);
  return { host, autoSelectFamily: true, lookup: allowedLookup(reach, resolve) };
}

function refuse(address: string, reach: CheckReach): void {
  const why = refusalOf(address, reach);
  if (why !== null) throw new CheckRefusal(why);
}

function allowedLookup(reach: CheckReach, resolve: Resolve): LookupFunction {
  return (host, options: LookupOptions, done) => {
    resolve(host, (error, addresses) => {
      if (error) return done(error, '');
      try {
        for (const { address } of addresses) refuse(address, reach);
      } catch (refusal) {
        return done(refusal as CheckRefusal, '');
      }
      const [first] = addresses;
      if (options.all === true || first === undefined) return done(null, [...addresses]);
      done(null, first.address, first.family);
    });
  };
}

function blockList(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [address = '', prefix] = subnet.split('/');
    list.addSubnet(address, Number(prefix), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
