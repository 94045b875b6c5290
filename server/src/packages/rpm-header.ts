/** The header structure of RPM: an index of tags and a store of their values; pure. Source: rpm's own format documentation. */

export type HeaderValue =
  | { readonly type: 'int16' | 'int32'; readonly numbers: readonly number[] }
  | { readonly type: 'string'; readonly text: string }
  | { readonly type: 'strings' | 'translated'; readonly texts: readonly string[] }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array };

/** Number in the index, and what the values are aligned to. */
const TYPES = {
  int16: [3, 2],
  int32: [4, 4],
  string: [6, 1],
  bytes: [7, 1],
  strings: [8, 1],
  translated: [9, 1],
} as const;

const MAGIC = Buffer.from('8eade80100000000', 'hex');
const INDEX_ENTRY_BYTES = 16;

/** @param region tag that says which header it is, and that all of it belongs together */
export function headerBytes(region: number, values: ReadonlyMap<number, HeaderValue>): Buffer {
  const index: Buffer[] = [];
  const store: Uint8Array[] = [];
  let stored = 0;
  const push = (bytes: Uint8Array) => {
    store.push(bytes);
    stored += bytes.length;
  };
  for (const [tag, value] of [...values].toSorted(([left], [right]) => left - right)) {
    const [type, alignment] = TYPES[value.type];
    push(Buffer.alloc(-stored & (alignment - 1)));
    const { bytes, count } = encoded(value);
    index.push(indexEntry(tag, type, stored, count));
    push(bytes);
  }
  // Stands first in the index and points to the end of the store, where its own entry is repeated with the way back to the index.
  const entries = index.length + 1;
  const end = indexEntry(region, TYPES.bytes[0], stored, INDEX_ENTRY_BYTES);
  push(indexEntry(region, TYPES.bytes[0], -entries * INDEX_ENTRY_BYTES, INDEX_ENTRY_BYTES));
  const sizes = Buffer.alloc(8);
  sizes.writeUInt32BE(entries, 0);
  sizes.writeUInt32BE(stored, 4);
  return Buffer.concat([MAGIC, sizes, end, ...index, ...store]);
}

function indexEntry(tag: number, type: number, offset: number, count: number): Buffer {
  const entry = Buffer.alloc(INDEX_ENTRY_BYTES);
  entry.writeUInt32BE(tag, 0);
  entry.writeUInt32BE(type, 4);
  entry.writeInt32BE(offset, 8);
  entry.writeUInt32BE(count, 12);
  return entry;
}

function encoded(value: HeaderValue): { bytes: Uint8Array; count: number } {
  switch (value.type) {
    case 'bytes':
      return { bytes: value.bytes, count: value.bytes.length };
    case 'string':
      return { bytes: Buffer.from(`${value.text}\0`), count: 1 };
    case 'strings':
    case 'translated':
      return {
        bytes: Buffer.from(value.texts.map((text) => `${text}\0`).join('')),
        count: value.texts.length,
      };
    case 'int16':
    case 'int32': {
      const width = value.type === 'int16' ? 2 : 4;
      const bytes = Buffer.alloc(value.numbers.length * width);
      value.numbers.forEach((number, i) => bytes.writeUIntBE(number, i * width, width));
      return { bytes, count: value.numbers.length };
    }
  }
}
