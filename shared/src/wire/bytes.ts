/** Byte cursor for the binary frames: varints (LEB128), zigzag, float64, UTF-8. Bounds are checked on every read. */

/** Bad bytes from the other end. The connection that sent them is closed with `frame-invalid`. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

const utf8Encoder = new TextEncoder();
const utf8Decoder = new TextDecoder('utf-8', { fatal: true });

/** Largest varint that is read or written: all integers up to it are exact in a double. */
export const VARINT_MAX = Number.MAX_SAFE_INTEGER;
const VARINT_BYTES_MAX = 8;

export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacityBytes = 1024) {
    this.#bytes = new Uint8Array(capacityBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** Unsigned integer, 0 to 2^53−1, seven bits a byte, least significant group first. */
  varint(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest > 0x7fff_ffff) {
      this.#bytes[this.#length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      this.#bytes[this.#length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  float64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** Length in bytes as varint, then UTF-8. */
  text(value: string): void {
    const encoded = utf8Encoder.encode(value);
    this.varint(encoded.length);
    this.bytes(encoded);
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** What was written, in the writer's own memory: good until more is. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Begins anew in the same memory. */
  reset(): void {
    this.#length = 0;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array;
  /** Made when it is first needed: most readers need none. */
  #view: DataView | undefined;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  byte(): number {
    this.#need(1);
    return this.#bytes[this.#offset++] as number;
  }

  varint(): number {
    const bytes = this.#bytes;
    let at = this.#offset;
    // Past the end it is undefined, which is not below 128 either.
    let byte = bytes[at++] as number;
    if (byte < 128) {
      this.#offset = at;
      return byte;
    }
    let value = 0;
    let factor = 1;
    for (let i = 0; i < VARINT_BYTES_MAX; i++) {
      if (at > bytes.length) throw new WireError('a varint without end');
      value += (byte & 127) * factor;
      if (byte < 128) {
        if (value > VARINT_MAX) throw new WireError('varint above 2^53−1');
        this.#offset = at;
        return value;
      }
      factor *= 128;
      byte = bytes[at++] as number;
    }
    throw new WireError(`varint longer than ${VARINT_BYTES_MAX} bytes`);
  }

  float64(): number {
    this.#need(8);
    const { buffer, byteOffset, length } = this.#bytes;
    this.#view ??= new DataView(buffer, byteOffset, length);
    const value = this.#view.getFloat64(this.#offset, true);
    this.#offset += 8;
    return value;
  }

  /** A view, not a copy. */
  bytes(count: number): Uint8Array {
    this.#need(count);
    const view = this.#bytes.subarray(this.#offset, this.#offset + count);
    this.#offset += count;
    return view;
  }

  text(bytesMax: number): string {
    const length = this.varint();
    if (length > bytesMax) throw new WireError(`text of ${length} bytes, at most ${bytesMax} allowed`);
    try {
      return utf8Decoder.decode(this.bytes(length));
    } catch (cause) {
      if (cause instanceof WireError) throw cause;
      throw new WireError('text is not UTF-8', { cause });
    }
  }

  end(): void {
    if (this.remaining > 0) throw new WireError(`${this.remaining} bytes left over`);
  }

  #need(count: number): void {
    if (this.remaining < count) throw new WireError(`${count} bytes wanted, ${this.remaining} left`);
  }
}

/** Maps 0, −1, 1, −2 … to 0, 1, 2, 3 … Exact for |value| ≤ 2^52. */
export function zigzag(value: number): number {
  return value < 0 ? -value * 2 - 1 : value * 2;
}

export function unzigzag(value: number): number {
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
}
