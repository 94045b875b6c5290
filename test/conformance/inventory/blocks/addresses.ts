/** Masks and networks as text, which the expectations have and our shapes do not: a prefix says it all. */

const BITS_V4 = 32;
const BITS_V6 = 128;

export function ipv4Mask(prefix: number | null): string | null {
  if (prefix === null || prefix < 0 || prefix > BITS_V4) return null;
  return quad(2 ** BITS_V4 - 2 ** (BITS_V4 - prefix));
}

export function ipv4Network(address: string, prefix: number | null): string | null {
  if (prefix === null) return null;
  const bits = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return quad(Math.floor(bits / 2 ** (BITS_V4 - prefix)) * 2 ** (BITS_V4 - prefix));
}

function quad(bits: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(bits / 2 ** shift) % 256).join('.');
}

export function ipv6Mask(prefix: number | null): string | null {
  return prefix === null ? null : written(maskOf(prefix));
}

export function ipv6Network(address: string, prefix: number | null): string | null {
  const bits = bitsOf(address);
  return bits === null || prefix === null ? null : written(bits & maskOf(prefix));
}

function maskOf(prefix: number): bigint {
  return ((1n << BigInt(prefix)) - 1n) << BigInt(BITS_V6 - prefix);
}

function bitsOf(address: string): bigint | null {
  const [head = '', tail] = address.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const [first, last] = [groups(head), groups(tail ?? '')];
  const gap = 8 - first.length - last.length;
  if (gap < 0 || (tail === undefined && gap > 0)) return null;
  const all = [...first, ...Array.from({ length: gap }, () => '0'), ...last];
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  return all.reduce((sum, group) => (sum << 16n) + BigInt(Number.parseInt(group, 16)), 0n);
}

/** Groups of zeros at the end or in the longest run as '::'. */
function written(bits: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((bits >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  );
  const runs = [...groups.join(':').matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].map((match) => match[0]);
  const longest = runs.sort((a, b) => b.length - a.length)[0];
  if (longest === undefined) return groups.join(':');
  return groups
    .join(':')
    .replace(longest, ':')
    .replace(/^:(?!:)/, '::')
    .replace(/([^:]):$/, '$1::');
}
