/**
 * How one sample stands in bits: the classes of differences, the width that a series has learnt, and the check of a frame.
 *
 *   1       width bits             differences that fit into the width
 *   01      width + 2 bits
 *   001                            no difference
 *   0001    width + 5 bits
 *   00001   6 bits n, then         n ≤ 53: a difference of n bits; 62: 5 bits, the new shift, and the value's code follows;
 *                                  63: 64 bits, the value as float64
 *
 * Bits go from the highest of a byte to the lowest, numbers from their highest bit to the lowest.
 */
import type { ByteWriter } from './bytes.ts';

/** A difference, zigzagged, has at most this many bits. */
export const DIFFERENCE_BITS_MAX = 53;
/** What the second and the fourth class add to the width. */
export const WIDER_BITS = 2;
export const WIDEST_BITS = 5;
/** Field of the fifth class, and what it says beyond a number of bits. */
export const LENGTH_BITS = 6;
export const LENGTH_IS_SHIFT = 62;
export const LENGTH_IS_FLOAT = 63;
export const SHIFT_BITS = 5;
export const SHIFT_MAX = 2 ** SHIFT_BITS - 1;

/** Bits of an integer from 0 to 2^53−1 without leading zeros. */
export function bitLength(value: number): number {
  return value < 2 ** 32 ? 32 - Math.clz32(value) : 64 - Math.clz32(value / 2 ** 32);
}

/** Width of the first class, from the mean length of a series' differences in sixteenths of a bit. */
export function widthOf(mean: number): number {
  return (mean + 12) >> 4;
}

/** The mean after one more difference of `length` bits. */
export function meanAfter(mean: number, length: number): number {
  return mean + ((16 * length - mean) >> 2);
}

/** Moves what is above the low 32 bits of an integer to their place. */
export const HIGH_WORD = 2 ** -32;
/** A prime near 2^32 over the golden ratio (Knuth): what differs in few bits differs in the upper half of the product. */
export const CHECK_FACTOR = 2_654_435_761;

/** The check after one more integer, up to ±2^53. */
export function checkAfter(check: number, value: number): number {
  const rotated = (check << 5) | (check >>> 27);
  return Math.imul(rotated + (value | 0) + ((value * HIGH_WORD) | 0), CHECK_FACTOR);
}

/** The check that declarations begin with. */
export function checkOf(bytes: Uint8Array): number {
  let check = 0;
  for (const byte of bytes) check = checkAfter(check, byte);
  return check;
}

/** The 16 bits of a check that go over the wire. */
export function checkBits(check: number): number {
  return check >>> 16;
}

/** Bits after the bytes that a writer holds. */
export class BitWriter {
  readonly #writer: ByteWriter;
  #word = 0;
  #held = 0;

  constructor(writer: ByteWriter) {
    this.#writer = writer;
  }

  /** `value` < 2^count, count ≤ 53. */
  bits(value: number, count: number): void {
    let rest = value;
    let left = count;
    if (left > 24) {
      const high = Math.floor(rest / 2 ** 24);
      this.bits(high, left - 24);
      rest -= high * 2 ** 24;
      left = 24;
    }
    this.#word = (this.#word << left) | rest;
    this.#held += left;
    while (this.#held >= 8) {
      this.#held -= 8;
      this.#writer.byte((this.#word >>> this.#held) & 255);
    }
  }

  /** A class, which is so many zeros and a one, and `count` bits of `value`. */
  code(zeros: number, value: number, count: number): void {
    if (count <= 24) return this.bits((1 << count) + value, zeros + 1 + count);
    this.bits(1, zeros + 1);
    this.bits(value, count);
  }

  /** Zeros up to the next byte. */
  end(): void {
    if (this.#held > 0) this.bits(0, 8 - this.#held);
  }
}
