/** The snappy block format: a body in, a body out. What a block says of its own size is checked before room is made for it. */
import { compress as packAsync, uncompressSync } from 'snappy';

/** It is no snappy block, or larger than allowed. */
export class SnappyError extends Error {
  override readonly name = 'SnappyError';
  readonly isTooLarge: boolean;

  constructor(message: string, options: { cause?: unknown; isTooLarge?: boolean } = {}) {
    super(message, options);
    this.isTooLarge = options.isTooLarge ?? false;
  }
}

/** A block begins with its inflated length as a varint of at most 5 bytes (format description of snappy, section 1). */
const LENGTH_BYTES_MAX = 5;
/** No element makes more than 64 bytes of 3. */
const RATIO_MAX = 64;

/** @throws SnappyError */
export function inflate(block: Uint8Array, bytesMax: number): Buffer {
  const length = inflatedLength(block);
  if (length > bytesMax)
    throw new SnappyError(`${length} bytes inflated, ${bytesMax} are allowed`, { isTooLarge: true });
  // A few bytes must not make us take up room for megabytes.
  if (length > block.length * RATIO_MAX) throw new SnappyError('it says it is longer than it can be');
  try {
    const bytes = uncompressSync(Buffer.from(block.buffer, block.byteOffset, block.length));
    return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes);
  } catch (cause) {
    throw new SnappyError('it is no snappy block', { cause });
  }
}

/** Away from the event loop. */
export async function deflate(bytes: Buffer): Promise<Buffer> {
  return packAsync(bytes);
}

function inflatedLength(block: Uint8Array): number {
  let length = 0;
  let factor = 1;
  for (let i = 0; i < LENGTH_BYTES_MAX; i++) {
    const byte = block[i];
    if (byte === undefined) break;
    length += (byte & 127) * factor;
    if (byte < 128) return length;
    factor *= 128;
  }
  throw new SnappyError('it is no snappy block');
}
