/** Bits in bytes, least significant first. */
import { WireError } from '@muster/shared/wire/bytes.ts';

/** What is read in one piece, wherever it begins within a byte. */
export const PIECE_BITS = 24;
const PIECE = 2 ** PIECE_BITS;
/** A read takes four bytes, the first of which is wanted. */
const SPARE_BYTES = 8;

/** Grows as it is told to, not with every bit: `reserve` before a run of `put`. */
export class BitWriter {
  #bytes = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  #used = 0;
  #held = 0;
  #heldBits = 0;

  clear(): void {
    this.#used = 0;
    this.#held = 0;
    this.#heldBits = 0;
  }

  /** Room for so many bits more. */
  reserve(bits: number): void {
    const needed = this.#used + (bits >> 3) + SPARE_BYTES;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(needed * 2);
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }

  /** At most 31 bits; `value` has no others. */
  put(value: number, bits: number): void {
    this.#held |= value << this.#heldBits;
    this.#heldBits += bits;
    if (this.#heldBits < 32) return;
    this.#view.setInt32(this.#used, this.#held, true);
    this.#used += 4;
    this.#heldBits -= 32;
    this.#held = value >>> (bits - this.#heldBits);
  }

  /**
   * A code for each symbol and, where there are such, further bits: those of the symbol and `lowBits`, together at most 54.
   * `codes` has the length from bit 16 on.
   */
  putAll(
    symbols: Uint8Array,
    rests: Float64Array,
    count: number,
    codes: Uint32Array,
    furtherBits: Uint8Array,
    lowBits: number,
  ): void {
    const view = this.#view;
    let used = this.#used;
    let held = this.#held;
    let heldBits = this.#heldBits;
    for (let i = 0; i < count; i++) {
      const symbol = symbols[i] as number;
      const code = codes[symbol] as number;
      const codeBits = code >>> 16;
      const together = codeBits + (furtherBits[symbol] as number) + lowBits;
      // Mostly both fit into one piece.
      if (together < 32) {
        const piece = (code & 0xffff) | ((rests[i] as number) << codeBits);
        held |= piece << heldBits;
        heldBits += together;
        if (heldBits >= 32) {
          view.setInt32(used, held, true);
          used += 4;
          heldBits -= 32;
          held = piece >>> (together - heldBits);
        }
        continue;
      }
      held |= (code & 0xffff) << heldBits;
      heldBits += codeBits;
      if (heldBits >= 32) {
        view.setInt32(used, held, true);
        used += 4;
        heldBits -= 32;
        held = (code & 0xffff) >>> (codeBits - heldBits);
      }
      let bits = (furtherBits[symbol] as number) + lowBits;
      if (bits === 0) continue;
      let value = rests[i] as number;
      if (bits > 30) {
        const low = value % PIECE;
        held |= low << heldBits;
        heldBits += PIECE_BITS;
        if (heldBits >= 32) {
          view.setInt32(used, held, true);
          used += 4;
          heldBits -= 32;
          held = low >>> (PIECE_BITS - heldBits);
        }
        value = (value - low) / PIECE;
        bits -= PIECE_BITS;
      }
      held |= value << heldBits;
      heldBits += bits;
      if (heldBits >= 32) {
        view.setInt32(used, held, true);
        used += 4;
        heldBits -= 32;
        held = value >>> (bits - heldBits);
      }
    }
    this.#used = used;
    this.#held = held;
    this.#heldBits = heldBits;
  }

  /** What was written, filled up to a byte; valid until the next `clear`. */
  finish(): Uint8Array {
    this.#view.setInt32(this.#used, this.#held, true);
    return this.#bytes.subarray(0, this.#used + ((this.#heldBits + 7) >> 3));
  }
}

/** A view over bytes with room for a read of four at any of their bits. */
export function viewOfBits(bytes: Uint8Array): DataView {
  const length = bytes.length + SPARE_BYTES;
  if (bytes.byteOffset + length <= bytes.buffer.byteLength)
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  const copy = new Uint8Array(length);
  copy.set(bytes);
  return new DataView(copy.buffer);
}

/** At most PIECE_BITS, from bit `at` on. Throws RangeError past the end. */
export function takeBits(view: DataView, at: number, bits: number): number {
  return (view.getUint32(at >>> 3, true) >>> (at & 7)) & ((1 << bits) - 1);
}

/** At most 54 bits. */
export function takeLongBits(view: DataView, at: number, bits: number): number {
  let value = 0;
  let factor = 1;
  for (let taken = 0; taken < bits; taken += PIECE_BITS) {
    value += takeBits(view, at + taken, Math.min(PIECE_BITS, bits - taken)) * factor;
    factor *= PIECE;
  }
  return value;
}

/** Runs what reads bits; that they end too early is an error of the bytes. */
export function readingBits<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw new WireError('bits end too early', { cause: error });
    throw error;
  }
}
