/** `ifconfig` of Linux (old and new net-tools), the BSDs and macOS; `networksetup` of macOS. */
import { leadingNumber, linesOf, pairOf, trimmed, wordsOf } from './lines.ts';

export interface IfconfigAddress {
  readonly family: 'ipv4' | 'ipv6';
  /** Without zone. */
  readonly address: string;
  /** Bits of the network part; null where not told. */
  readonly prefix: number | null;
}

export interface IfconfigInterface {
  readonly name: string;
  /** Upper case: 'UP', 'LOOPBACK' … */
  readonly flags: readonly string[];
  readonly mtu: number | null;
  /** Lower case with colons. */
  readonly mac: string | null;
  /** What the link is, as printed: 'Ethernet', 'Local Loopback', 'IEEE 802.11 …'; null where not told. */
  readonly link: string | null;
  /** BSD: 'active', 'inactive', 'associated' …; null elsewhere. */
  readonly carrier: string | null;
  readonly addresses: readonly IfconfigAddress[];
}

interface Draft {
  name: string;
  flags: string[];
  mtu: number | null;
  mac: string | null;
  link: string | null;
  carrier: string | null;
  addresses: IfconfigAddress[];
}

/** All interfaces in printed order; addresses in printed order. */
export function parseIfconfig(text: string): IfconfigInterface[] {
  const interfaces: Draft[] = [];
  let current: Draft | null = null;
  for (const line of linesOf(text)) {
    if (/^\S/.test(line)) {
      current = headOf(line);
      if (current !== null) interfaces.push(current);
    } else if (current !== null) readDetail(current, line.trim());
  }
  return interfaces;
}

function headOf(line: string): Draft | null {
  const bsd = /^([^\s:]+(?::\d+)?):\s+flags=[0-9a-f]+<([^>]*)>(.*)$/i.exec(line);
  const old = /^(\S+)\s+Link encap:\s*(\S.*)$/.exec(line);
  const name = bsd?.[1] ?? old?.[1];
  if (name === undefined) return null;
  const draft: Draft = { name, flags: [], mtu: null, mac: null, link: null, carrier: null, addresses: [] };
  if (bsd) {
    draft.flags = (bsd[2] ?? '').split(',').filter((flag) => flag !== '');
    draft.mtu = leadingNumber(/\bmtu (\d+)/.exec(bsd[3] ?? '')?.[1]);
  }
  if (old) {
    const rest = old[2] ?? '';
    const at = rest.indexOf(' HWaddr ');
    draft.link = trimmed(at === -1 ? rest : rest.slice(0, at));
    draft.mac = at === -1 ? null : macIn(rest.slice(at + ' HWaddr '.length).trimStart());
  }
  return draft;
}

function macIn(value: string | undefined): string | null {
  return /^((?:[0-9a-f]{1,2}:){5}[0-9a-f]{1,2})(?![:-])/i.exec(value ?? '')?.[1]?.toLowerCase() ?? null;
}

function readDetail(draft: Draft, line: string): void {
  if (line.startsWith('inet ')) push(draft, ipv4Of(line));
  else if (line.startsWith('inet6 ')) push(draft, ipv6Of(line));
  else if (/^(?:ether|lladdr|address:) /.test(line)) {
    draft.mac = macIn(line.slice(line.indexOf(' ')).trim()) ?? draft.mac;
    if (line.endsWith('(Ethernet)')) draft.link = 'Ethernet';
  } else if (line.startsWith('loop ')) draft.link = 'Local Loopback';
  else if (line.startsWith('media:')) draft.link = mediaOf(line) ?? draft.link;
  else if (line.startsWith('status:')) draft.carrier = trimmed(line.slice('status:'.length));
  else if (/\bMTU:\d/.test(line)) {
    draft.flags = wordsOf(line.slice(0, line.indexOf('MTU:')));
    draft.mtu = leadingNumber(/\bMTU:(\d+)/.exec(line)?.[1]);
  }
}

function push(draft: Draft, address: IfconfigAddress | null): void {
  if (address !== null) draft.addresses.push(address);
}

/** The medium before its options: 'Ethernet autoselect (1000baseT)' → 'Ethernet'. */
function mediaOf(line: string): string | null {
  const media = trimmed(line.slice('media:'.length));
  if (media === null || media.startsWith('<')) return null;
  return /^IEEE ?802\.11/i.test(media) ? 'IEEE 802.11' : (/^[A-Z]\S*/.exec(media)?.[0] ?? null);
}

function ipv4Of(line: string): IfconfigAddress | null {
  const address = /^inet (?:addr:)?\s*(\d{1,3}(?:\.\d{1,3}){3})/.exec(line)?.[1];
  if (address === undefined) return null;
  const mask = /(?:netmask|Mask:)\s*(0x[0-9a-f]{8}|\d{1,3}(?:\.\d{1,3}){3})/i.exec(line)?.[1];
  return { family: 'ipv4', address, prefix: prefixOfMask(mask) };
}

function ipv6Of(line: string): IfconfigAddress | null {
  const match =
    /^inet6 (?:addr:)?\s*([0-9a-f:.]+)(?:%[^\s/]+)?(?:\/(\d{1,3}))?(?:\s+prefixlen (\d{1,3}))?/i.exec(line);
  if (match?.[1] === undefined || !match[1].includes(':')) return null;
  return { family: 'ipv6', address: match[1].toLowerCase(), prefix: leadingNumber(match[2] ?? match[3]) };
}

/** '255.255.255.192' or '0xffffffc0' → 26; null for what is no mask. */
export function prefixOfMask(mask: string | null | undefined): number | null {
  if (mask === null || mask === undefined) return null;
  const bits = /^0x[0-9a-f]{8}$/i.test(mask) ? Number.parseInt(mask, 16) : quadOf(mask);
  if (bits === null) return null;
  const prefix = 32 - Math.log2(2 ** 32 - bits);
  return Number.isInteger(prefix) ? prefix : null;
}

function quadOf(text: string): number | null {
  const parts = text.split('.').map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
  if (parts.length !== 4 || parts.some((part) => part > 255)) return null;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

export interface HardwarePort {
  /** 'Wi-Fi', 'Thunderbolt Bridge' … */
  readonly port: string;
  /** 'en0' */
  readonly device: string;
  readonly mac: string | null;
}

/** `networksetup -listallhardwareports` of macOS. */
export function parseHardwarePorts(text: string): HardwarePort[] {
  const ports: HardwarePort[] = [];
  let port: string | null = null;
  let device: string | null = null;
  for (const line of linesOf(text)) {
    const [key, value] = pairOf(line) ?? [];
    if (key === 'Hardware Port') [port, device] = [trimmed(value), null];
    else if (key === 'Device') device = trimmed(value);
    else if (key === 'Ethernet Address' && port !== null && device !== null) {
      ports.push({ port, device, mac: macIn(value) });
      [port, device] = [null, null];
    }
  }
  return ports;
}
