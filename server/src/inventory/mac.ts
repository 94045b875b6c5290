/** MAC addresses: one spelling, and the bits that tell what kind they are. */

/** Lower case with colons; null when it is no 48-bit address. Accepts dashes, dots and none between the digits. */
export function canonicalMac(text: string): string | null {
  const digits = text.trim().toLowerCase().replace(/[-:.]/g, '');
  return /^[0-9a-f]{12}$/.test(digits) ? (digits.match(/../g) ?? []).join(':') : null;
}

/** IEEE 802c: bit 1 of the first byte. Nobody keeps these addresses apart between machines. */
export function isLocallyAdministered(mac: string): boolean {
  return (firstByte(mac) & 0x02) !== 0;
}

/** Bit 0 of the first byte: a group, never a port. Broadcast is one of them. */
export function isGroupAddress(mac: string): boolean {
  return (firstByte(mac) & 0x01) !== 0;
}

function firstByte(mac: string): number {
  return Number.parseInt(mac.slice(0, 2), 16);
}
