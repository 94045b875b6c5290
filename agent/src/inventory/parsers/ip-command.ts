/** `ip address show` and `ip route` of iproute2. */
import { leadingNumber, linesOf, wordsOf } from './lines.ts';

export interface IpAddress {
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  readonly prefix: number;
  /** IPv4 only: the interface or its alias ('eth0:srv'); null where none is printed. */
  readonly label: string | null;
}

export interface IpInterface {
  readonly name: string;
  /** 'eth0' of 'macvlan0@eth0'; null for one of its own. */
  readonly parent: string | null;
  readonly flags: readonly string[];
  readonly mtu: number | null;
  /** 'ether', 'infiniband', 'loopback' … */
  readonly link: string | null;
  /** Lower case with colons, 6 or 20 bytes. */
  readonly mac: string | null;
  readonly addresses: readonly IpAddress[];
}

interface Draft {
  name: string;
  parent: string | null;
  flags: string[];
  mtu: number | null;
  link: string | null;
  mac: string | null;
  addresses: IpAddress[];
}

/** All interfaces in printed order. */
export function parseIpAddressShow(text: string): IpInterface[] {
  const interfaces: Draft[] = [];
  for (const line of linesOf(text)) {
    const head = /^\d+:\s+([^\s:@]+)(?:@([^\s:]+))?:\s+<([^>]*)>(.*)$/.exec(line);
    if (head?.[1] !== undefined) {
      interfaces.push({
        name: head[1],
        parent: head[2] ?? null,
        flags: (head[3] ?? '').split(',').filter((flag) => flag !== ''),
        mtu: leadingNumber(/\bmtu (\d+)/.exec(head[4] ?? '')?.[1]),
        link: null,
        mac: null,
        addresses: [],
      });
    } else readDetail(interfaces.at(-1), line.trim());
  }
  return interfaces;
}

function readDetail(draft: Draft | undefined, line: string): void {
  if (draft === undefined) return;
  const link = /^link\/(\S+)\s*(\S*)/.exec(line);
  if (link) {
    draft.link = link[1] ?? null;
    draft.mac = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5,19}$/i.test(link[2] ?? '')
      ? (link[2] ?? '').toLowerCase()
      : null;
    return;
  }
  const address = addressOf(line);
  if (address !== null) draft.addresses.push(address);
}

function addressOf(line: string): IpAddress | null {
  const match = /^(inet6?) ([0-9a-f.:]+)(?: peer [0-9a-f.:]+)?(?:\/(\d{1,3}))?(.*)$/i.exec(line);
  const address = match?.[2];
  if (match === null || address === undefined) return null;
  const family = match[1] === 'inet' ? 'ipv4' : 'ipv6';
  const prefix = leadingNumber(match[3]) ?? (family === 'ipv4' ? 32 : 128);
  if (prefix > (family === 'ipv4' ? 32 : 128)) return null;
  return { family, address, prefix, label: family === 'ipv4' ? labelOf(match[4] ?? '') : null };
}

/** The last word, unless it belongs to the scope before it. */
function labelOf(rest: string): string | null {
  const words = wordsOf(rest);
  return words.at(-2) === 'scope' ? null : (words.at(-1) ?? null);
}

/** The gateway of the first default route in `ip route`; null without one. */
export function parseDefaultGateway(text: string): string | null {
  for (const line of linesOf(text)) {
    const gateway = /^default via (?:inet6? )?([0-9a-f.:]+)/i.exec(line)?.[1];
    if (gateway !== undefined) return gateway;
  }
  return null;
}
