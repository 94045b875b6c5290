/** Gateways from the kernel's routing tables and name servers from resolv.conf. */
import { byText } from '../text.ts';

export interface Gateway {
  readonly address: string;
  readonly interface: string;
}

const RTF_UP = 0x1;
const RTF_GATEWAY = 0x2;

/** Next hops of default routes in /proc/net/route; addresses stand there in the byte order of the machine (little-endian). */
export function ipv4Gateways(route: string): Gateway[] {
  return route
    .split('\n')
    .slice(1)
    .map((line) => line.split(/\s+/))
    .flatMap(([name, destination, gateway, flags, , , , mask]) => {
      if (name === undefined || destination !== '00000000' || mask !== '00000000' || gateway === undefined)
        return [];
      if (!isGatewayRoute(flags) || !/^[0-9A-F]{8}$/i.test(gateway)) return [];
      return [{ address: ipv4OfHex(gateway), interface: name }];
    });
}

function isGatewayRoute(flags: string | undefined): boolean {
  const bits = Number.parseInt(flags ?? '0', 16);
  return (bits & RTF_UP) !== 0 && (bits & RTF_GATEWAY) !== 0;
}

function ipv4OfHex(hex: string): string {
  const value = Number.parseInt(hex, 16);
  return [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff).join('.');
}

/** Next hops of default routes in /proc/net/ipv6_route. */
export function ipv6Gateways(route: string): Gateway[] {
  return route
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([destination, prefix, , , nextHop, , , , flags, name]) => {
      if (
        name === undefined ||
        nextHop === undefined ||
        prefix !== '00' ||
        !/^0{32}$/.test(destination ?? '')
      )
        return [];
      if (!isGatewayRoute(flags) || !/^[0-9a-f]{32}$/i.test(nextHop) || /^0{32}$/.test(nextHop)) return [];
      return [{ address: ipv6OfHex(nextHop), interface: name }];
    });
}

/** 32 hex digits as RFC 5952 writes them: lower case, the longest run of zeros (of two groups or more) as '::'. */
export function ipv6OfHex(hex: string): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number.parseInt(hex.slice(index * 4, index * 4 + 4), 16),
  );
  const run = longestZeroRun(groups);
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  if (run.length < 2) return text(groups);
  return `${text(groups.slice(0, run.start))}::${text(groups.slice(run.start + run.length))}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  groups.forEach((group, index) => {
    if (group !== 0) start = index + 1;
    else if (index - start + 1 > best.length) best = { start, length: index - start + 1 };
  });
  return best;
}

/** A machine with several default routes over one gateway names it once. */
export function uniqueGateways(gateways: readonly Gateway[]): Gateway[] {
  const key = (gateway: Gateway) => `${gateway.interface} ${gateway.address}`;
  const unique = new Map(gateways.map((gateway) => [key(gateway), gateway]));
  return [...unique.values()].sort((a, b) => byText(key(a), key(b)));
}

/** `nameserver` lines in their order; a zone index ('%eth0') is left out. */
export function nameServers(resolvConf: string): string[] {
  const servers = [...resolvConf.matchAll(/^\s*nameserver\s+(\S+)/gm)].map(
    (match) => (match[1] ?? '').split('%')[0] ?? '',
  );
  return [...new Set(servers.filter((server) => server !== ''))];
}
