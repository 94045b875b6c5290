/** Addresses as numbers, and whether they lie in a network. IPv4 and IPv6 (RFC 4291). Pure. */

export interface Network {
  readonly bits: 32 | 128;
  readonly base: bigint;
  readonly prefix: number;
}

/** `192.168.1.0/24`, `fd00::/64`; null where it is no network. */
export function networkOf(text: string): Network | null {
  const [address = '', length = ''] = text.trim().split('/');
  const parsed = addressOf(address);
  if (parsed === null || !/^\d{1,3}$/.test(length) || Number(length) > parsed.bits) return null;
  const prefix = Number(length);
  const host = BigInt(parsed.bits - prefix);
  return { bits: parsed.bits, base: (parsed.value >> host) << host, prefix };
}

export function contains(network: Network, address: string): boolean {
  const parsed = addressOf(address);
  if (parsed === null || parsed.bits !== network.bits) return false;
  const host = BigInt(network.bits - network.prefix);
  return parsed.value >> host === network.base >> host;
}

/** Reaches no further than the machine or the wire it is on: tells nothing about who is talked to. */
export function isLocal(address: string): boolean {
  return /^(127\.|0\.0\.0\.0$|169\.254\.)/.test(address) || /^(::1?$|fe80:|::ffff:127\.)/i.test(address);
}

function addressOf(text: string): { bits: 32 | 128; value: bigint } | null {
  const plain = text.split('%')[0] ?? '';
  const four = quad(plain);
  if (four !== null) return { bits: 32, value: four };
  const halves = plain.toLowerCase().split('::');
  if (!plain.includes(':') || halves.length > 2) return null;
  const groups = (half: string | undefined) => (half ? half.split(':') : []);
  const [head, tail] = [groups(halves[0]), groups(halves[1])];
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  const all = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  if (!all.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return null;
  return { bits: 128, value: all.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n) };
}

function quad(text: string): bigint | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return null;
  return parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
}
