/** Makes EDIDs for tests. */

export interface MadeEdid {
  readonly vendor?: string;
  readonly product?: number;
  readonly number?: number;
  readonly week?: number;
  readonly year?: number;
  /** Tag and text of up to three descriptors. */
  readonly texts?: readonly (readonly [tag: number, text: string])[];
}

/** A first block with a right checksum, 600 × 340 mm. */
export function edidBytes({
  vendor = 'AAA',
  product = 1,
  number = 0,
  week = 1,
  year = 2020,
  texts = [],
}: MadeEdid): Uint8Array {
  const bytes = new Uint8Array(128);
  bytes.set([0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00]);
  const view = new DataView(bytes.buffer);
  const letters = vendor.split('').reduce((sum, letter) => (sum << 5) | (letter.charCodeAt(0) - 0x40), 0);
  view.setUint16(8, letters);
  view.setUint16(10, product, true);
  view.setUint32(12, number, true);
  bytes.set([week, year - 1990, 1, 3, 0x80, 60, 34], 16);
  // The first timing: a pixel clock and the size in millimetres, upper bits in one byte.
  bytes.set([0x01, 0x1d], 54);
  bytes.set([600 & 0xff, 340 & 0xff, ((600 >> 8) << 4) | (340 >> 8)], 66);
  for (const [index, [tag, text]] of texts.entries()) {
    const padded = text.length === 13 ? text : `${text}\n`.padEnd(13);
    bytes.set([0, 0, 0, tag, 0, ...new TextEncoder().encode(padded)], 72 + index * 18);
  }
  bytes[127] = 256 - (bytes.reduce((sum, byte) => (sum + byte) & 0xff, 0) || 256);
  return bytes;
}
