/** SMBIOS UUIDs: one spelling, and both byte orders in which tools read them. */

const UUID = /^\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?$/;

/** 8-4-4-4-12 in lower case; null when it is no UUID. Braces and missing dashes are accepted. */
export function canonicalUuid(text: string): string | null {
  const groups = UUID.exec(text.trim().toLowerCase());
  return groups === null ? null : groups.slice(1, 6).join('-');
}

/**
 * A canonical UUID as it is, and with the bytes of its first three groups reversed. SMBIOS 2.6 made these groups
 * little-endian; firmware, hypervisors and tools of before and after see the other form of the same 16 bytes.
 */
export function uuidByteOrders(uuid: string): [string, string] {
  const [first = '', second = '', third = '', ...rest] = uuid.split('-');
  return [uuid, [reverseBytes(first), reverseBytes(second), reverseBytes(third), ...rest].join('-')];
}

function reverseBytes(hex: string): string {
  return (hex.match(/../g) ?? []).reverse().join('');
}
