/** Parser of a monitor's EDID (VESA E-EDID 1.0 to 1.4): maker, model, serial number, age and size. */

export interface Edid {
  /** PNP id of the maker: three letters. */
  readonly vendorId: string;
  /** Four hex digits. */
  readonly productId: string;
  /** The number in the fixed part; 0 where the maker set none. */
  readonly serialNumber: number;
  /** Serial number as text, leading blanks kept; null where there is none. */
  readonly serialText: string | null;
  /** Product name, else the other texts (panels of notebooks have only those). */
  readonly model: string | null;
  /** 0 where the maker does not tell, 255 where the year is the model's. */
  readonly madeWeek: number;
  readonly madeYear: number;
  readonly widthMillimetres: number | null;
  readonly heightMillimetres: number | null;
  /** false: the checksum of the first block is wrong. */
  readonly whole: boolean;
}

const BLOCK_BYTES = 128;
const HEADER = [0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00];
const DESCRIPTOR_OFFSETS = [54, 72, 90, 108];
const DESCRIPTOR_BYTES = 18;

/** @returns null where the bytes do not begin with a whole first block */
export function parseEdid(bytes: Uint8Array): Edid | null {
  if (bytes.length < BLOCK_BYTES || HEADER.some((byte, index) => bytes[index] !== byte)) return null;
  const block = bytes.subarray(0, BLOCK_BYTES);
  const at = (offset: number) => block[offset] ?? 0;
  const texts = displayTexts(block);
  const letters = [10, 5, 0].map((shift) => (((at(8) << 8) | at(9)) >> shift) & 0x1f);
  const names = texts(0xfc).length > 0 ? texts(0xfc) : texts(0xfe);
  return {
    vendorId: letters.map((letter) => String.fromCharCode(0x40 + letter)).join(''),
    productId: (at(10) | (at(11) << 8)).toString(16).padStart(4, '0'),
    serialNumber: new DataView(block.buffer, block.byteOffset).getUint32(12, true),
    serialText: texts(0xff)[0] ?? null,
    model: names.length === 0 ? null : names.join(' '),
    madeWeek: at(16),
    madeYear: at(17) + 1990,
    ...imageSize(block),
    whole: block.reduce((sum, byte) => (sum + byte) & 0xff, 0) === 0,
  };
}

/** 3.10.3: the texts of the descriptors with a tag. */
function displayTexts(block: Uint8Array): (tag: number) => string[] {
  const descriptors = DESCRIPTOR_OFFSETS.map((offset) =>
    block.subarray(offset, offset + DESCRIPTOR_BYTES),
  ).filter((descriptor) => descriptor[0] === 0 && descriptor[1] === 0 && descriptor[2] === 0);
  return (tag) =>
    descriptors
      .filter((descriptor) => descriptor[3] === tag)
      .map((descriptor) => text(descriptor.subarray(5)))
      .filter((value) => value.trim() !== '');
}

/** A line feed ends it, blanks fill it up. */
function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0x0a);
  const printable = [...(end === -1 ? bytes : bytes.subarray(0, end))].filter(
    (byte) => byte >= 0x20 && byte !== 0x7f,
  );
  return String.fromCharCode(...printable).trimEnd();
}

/** Centimetres are rounded; the first timing has millimetres, which are only an aspect ratio where they are far off. */
const TIMING_DEVIATION_MAX_MM = 15;

function imageSize(block: Uint8Array): Pick<Edid, 'widthMillimetres' | 'heightMillimetres'> {
  const at = (offset: number) => block[offset] ?? 0;
  const hasTiming = at(54) !== 0 || at(55) !== 0;
  const size = (centimetres: number, millimetres: number) => {
    const rough = centimetres * 10;
    if (rough === 0) return null;
    return hasTiming && Math.abs(millimetres - rough) <= TIMING_DEVIATION_MAX_MM ? millimetres : rough;
  };
  // 3.6.2: one of the two alone is an aspect ratio.
  if (at(21) === 0 || at(22) === 0) return { widthMillimetres: null, heightMillimetres: null };
  return {
    widthMillimetres: size(at(21), at(66) | ((at(68) & 0xf0) << 4)),
    heightMillimetres: size(at(22), at(67) | ((at(68) & 0x0f) << 8)),
  };
}
