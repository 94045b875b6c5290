/**
 * Codec of what a prediction leaves over: whole numbers around 0. Their low bits, which are noise, are written as they
 * are; the rest gets a prefix code made for the column.
 *
 *   remainders := varint bytes, bits: lengths of codes, { code, further bits, low bits } …, filled up to a byte
 *   lengths    := { 0: as the one before | 1 0 s: one more (s = 0) or less | 1 1 0 n(4): n + 1 symbols not used; n = 15: n(8) + 16 |
 *                 1 1 1 n(4): n; 0: no more symbols } — the one before the first is 4
 *
 * Symbols: 0 to 15 the number without its low bits, zigzag; 16 to 25 a run of 2^j to 2^(j+1) − 1 zeros, j = 1 to 10, with
 * j further bits; from 26 on four to an octave from 16 on, with further bits. A code of one symbol only takes no bits.
 */
import { type ByteReader, type ByteWriter, unzigzag, WireError } from '@muster/shared/wire/bytes.ts';
import { BitWriter, PIECE_BITS, readingBits, takeBits, takeLongBits, viewOfBits } from './bits.ts';
import { assignCodes, CODE_BITS_MAX, codeLengths, fillTable } from './prefix-code.ts';

export const LOW_BITS_MAX = 48;

const LITERALS = 16;
const RUN_SYMBOLS = 10;
const FIRST_CLASS = LITERALS + RUN_SYMBOLS;
/** Classes of numbers up to 2^53. */
const SYMBOLS = FIRST_CLASS + 4 * 50;
const RUN_MAX = 2 ** (RUN_SYMBOLS + 1) - 1;
/** Numbers of so many bits are worked on as small integers. */
const SMALL_BITS = 30;
const PIECE = 2 ** PIECE_BITS;
/** Bits that a read of four bytes surely has. */
const WORD_BITS = 25;

const FURTHER_BITS = Uint8Array.from({ length: SYMBOLS }, (_, symbol) => {
  if (symbol < LITERALS) return 0;
  return symbol < FIRST_CLASS ? symbol - LITERALS + 1 : 2 + ((symbol - FIRST_CLASS) >> 2);
});
/** What a symbol says at once: bits 4–8 number of further bits, 9 and up the least quotient; negative: a run or a wide class. */
const ENTRIES = Int32Array.from({ length: SYMBOLS }, (_, symbol) => {
  if (symbol < LITERALS) return symbol << 9;
  const further = FURTHER_BITS[symbol] as number;
  if (symbol < FIRST_CLASS || further > 14) return (1 << 31) | (symbol << 4);
  return ((4 + ((symbol - FIRST_CLASS) & 3)) << (further + 9)) | (further << 4);
});

/** What is known of remainders when they were made. */
export interface Spread {
  /** How many are 0. */
  readonly zeros: number;
  /** Bits of the greatest magnitude. */
  readonly longest: number;
}

const counts = new Uint32Array(SYMBOLS);
const lengths = new Uint8Array(SYMBOLS);
const codes = new Uint32Array(SYMBOLS);
const table = new Int32Array(1 << CODE_BITS_MAX);
const bitWriter = new BitWriter();
let symbolsOf = new Uint8Array(1024);
let rests = new Float64Array(1024);

/** Writes remainders from 1 to count − 1. */
export function writeRemainders(
  writer: ByteWriter,
  remainders: Float64Array,
  count: number,
  lowBits: number,
  { zeros, longest }: Spread,
): void {
  if (count > symbolsOf.length) {
    symbolsOf = new Uint8Array(count * 2);
    rests = new Float64Array(count * 2);
  }
  counts.fill(0);
  const tokens =
    lowBits > 0
      ? longest <= SMALL_BITS
        ? smallTokens(remainders, count, lowBits)
        : wideTokens(remainders, count, lowBits)
      : runTokens(remainders, count, zeros * 2 > count ? 2 : 4);
  let symbols = SYMBOLS;
  while (counts[symbols - 1] === 0) symbols -= 1;
  const used = codeLengths(counts, symbols, lengths);
  assignCodes(lengths, symbols, codes);
  bitWriter.clear();
  bitWriter.reserve(SYMBOLS * 8 + tokens * (CODE_BITS_MAX + 54));
  writeLengths(symbols);
  if (used === 1) codes[symbols - 1] = 0;
  bitWriter.putAll(symbolsOf, rests, tokens, codes, FURTHER_BITS, lowBits);
  const bytes = bitWriter.finish();
  writer.varint(bytes.length);
  writer.bytes(bytes);
}

/** Tokens of small integers with low bits. */
function smallTokens(remainders: Float64Array, count: number, lowBits: number): number {
  const mask = (1 << lowBits) - 1;
  const symbols = symbolsOf;
  const values = rests;
  for (let i = 1; i < count; i++) {
    const remainder = (remainders[i] as number) | 0;
    const shifted = remainder >> lowBits;
    const quotient = (shifted << 1) ^ (shifted >> 31);
    let symbol = quotient;
    let rest = remainder & mask;
    if (quotient >= LITERALS) {
      const further = 29 - Math.clz32(quotient);
      symbol = FIRST_CLASS - 8 + (further << 2) + ((quotient >> further) & 3);
      rest = (rest << further) | (quotient & ((1 << further) - 1));
    }
    symbols[i - 1] = symbol;
    values[i - 1] = rest;
    counts[symbol] = (counts[symbol] as number) + 1;
  }
  return count - 1;
}

/** The same for numbers of any size. */
function wideTokens(remainders: Float64Array, count: number, lowBits: number): number {
  const unit = 2 ** lowBits;
  for (let i = 1; i < count; i++) {
    const remainder = remainders[i] as number;
    const shifted = Math.floor(remainder / unit);
    putToken(i - 1, shifted, remainder - shifted * unit);
  }
  return count - 1;
}

/** Without low bits; runs of zeros of at least this length become one symbol. */
function runTokens(remainders: Float64Array, count: number, shortest: number): number {
  let tokens = 0;
  for (let i = 1; i < count; ) {
    const remainder = remainders[i] as number;
    if (remainder !== 0) {
      putToken(tokens++, remainder, 0);
      i += 1;
      continue;
    }
    let end = i + 1;
    while (end < count && remainders[end] === 0) end += 1;
    let left = end - i;
    for (; left >= shortest; left -= Math.min(left, RUN_MAX)) {
      const run = Math.min(left, RUN_MAX);
      const further = 31 - Math.clz32(run);
      const symbol = LITERALS - 1 + further;
      symbolsOf[tokens] = symbol;
      rests[tokens++] = run - (1 << further);
      counts[symbol] = (counts[symbol] as number) + 1;
    }
    for (; left > 0; left--) putToken(tokens++, 0, 0);
    i = end;
  }
  return tokens;
}

function putToken(at: number, shifted: number, low: number): void {
  const quotient = shifted < 0 ? -2 * shifted - 1 : 2 * shifted;
  let symbol = quotient;
  let rest = low;
  if (quotient >= LITERALS) {
    const further = bitLength(quotient) - 3;
    const unit = 2 ** further;
    const step = Math.floor(quotient / unit);
    symbol = FIRST_CLASS - 8 + further * 4 + (step & 3);
    rest = low * unit + (quotient - step * unit);
  }
  symbolsOf[at] = symbol;
  rests[at] = rest;
  counts[symbol] = (counts[symbol] as number) + 1;
}

/** Bits of a whole number from 0 to 2^53. */
export function bitLength(value: number): number {
  return value < 0x8000_0000 ? 32 - Math.clz32(value) : 63 - Math.clz32(value / 0x8000_0000);
}

const LENGTH_BEFORE = 4;

function writeLengths(symbols: number): void {
  let before = LENGTH_BEFORE;
  for (let symbol = 0; symbol < symbols; ) {
    const length = lengths[symbol] as number;
    if (length === 0) {
      let end = symbol + 1;
      while (lengths[end] === 0) end += 1;
      const gap = end - symbol;
      bitWriter.put(0b011, 3);
      if (gap > 15) bitWriter.put(15 | ((gap - 16) << 4), 12);
      else bitWriter.put(gap - 1, 4);
      symbol = end;
      continue;
    }
    if (length === before) bitWriter.put(0, 1);
    else if (length === before + 1) bitWriter.put(0b001, 3);
    else if (length === before - 1) bitWriter.put(0b101, 3);
    else bitWriter.put(0b111 | (length << 3), 7);
    before = length;
    symbol += 1;
  }
  bitWriter.put(0b111, 7);
}

let lengthsEnd = 0;

/** Fills `lengths`; returns how many symbols there are and leaves the bit after them in `lengthsEnd`. */
function readLengths(view: DataView): number {
  let at = 0;
  let before = LENGTH_BEFORE;
  let symbol = 0;
  for (;;) {
    const word = view.getUint32(at >>> 3, true) >>> (at & 7);
    let length = before;
    if ((word & 1) === 0) at += 1;
    else if ((word & 2) === 0) {
      length += (word & 4) === 0 ? 1 : -1;
      at += 3;
    } else if ((word & 4) === 0) {
      const short = (word >>> 3) & 15;
      const gap = short === 15 ? ((word >>> 7) & 255) + 16 : short + 1;
      at += short === 15 ? 15 : 7;
      if (symbol + gap >= SYMBOLS) throw new WireError('code lengths make no sense');
      lengths.fill(0, symbol, symbol + gap);
      symbol += gap;
      continue;
    } else {
      length = (word >>> 3) & 15;
      at += 7;
      if (length === 0) break;
    }
    if (symbol >= SYMBOLS || length < 1 || length > CODE_BITS_MAX)
      throw new WireError('code lengths make no sense');
    lengths[symbol] = length;
    symbol += 1;
    before = length;
  }
  lengthsEnd = at;
  if (symbol === 0) throw new WireError('code without symbols');
  return symbol;
}

/** Fills remainders from 1 to count − 1. */
export function readRemainders(
  reader: ByteReader,
  remainders: Float64Array,
  count: number,
  lowBits: number,
): void {
  const length = reader.varint();
  const view = viewOfBits(reader.bytes(length));
  const end = readingBits(() => {
    const mask = fillTable(lengths, readLengths(view), ENTRIES, table);
    return readTokens(view, lengthsEnd, remainders, count, mask, lowBits);
  });
  if ((end + 7) >> 3 !== length) throw new WireError('column and its bits differ in length');
}

/** Returns the bit after the last. */
function readTokens(
  view: DataView,
  start: number,
  remainders: Float64Array,
  count: number,
  mask: number,
  lowBits: number,
): number {
  const unit = 2 ** lowBits;
  const nearBits = Math.min(lowBits, PIECE_BITS);
  const nearMask = (1 << nearBits) - 1;
  const farBits = lowBits - nearBits;
  const farMask = (1 << farBits) - 1;
  let at = start;
  for (let i = 1; i < count; ) {
    const before = at;
    const word = view.getUint32(at >>> 3, true) >>> (at & 7);
    const entry = table[word & mask] as number;
    const codeBits = entry & 15;
    let remainder: number;
    if (entry >= 0) {
      const further = (entry >>> 4) & 31;
      const quotient = (entry >>> 9) + ((word >>> codeBits) & ((1 << further) - 1));
      at += codeBits + further;
      remainder = (quotient >>> 1) ^ -(quotient & 1);
    } else {
      const symbol = (entry >>> 4) & 0xff;
      const further = FURTHER_BITS[symbol] as number;
      at += codeBits;
      if (symbol < FIRST_CLASS) {
        const end = i + (1 << further) + takeBits(view, at, further);
        at += further;
        if (lowBits > 0 || end > count) throw new WireError('run beyond the end of its column');
        for (; i < end; i++) remainders[i] = 0;
        continue;
      }
      const steps = 4 + ((symbol - FIRST_CLASS) & 3);
      remainder = unzigzag(steps * 2 ** further + takeLongBits(view, at, further));
      at += further;
    }
    if (nearBits > 0) {
      // What is left of the word is mostly enough.
      const passed = at - before;
      const low =
        passed + nearBits <= WORD_BITS ? word >>> passed : view.getUint32(at >>> 3, true) >>> (at & 7);
      remainder = remainder * unit + (low & nearMask);
      at += nearBits;
      if (farBits > 0) {
        remainder += ((view.getUint32(at >>> 3, true) >>> (at & 7)) & farMask) * PIECE;
        at += farBits;
      }
    }
    remainders[i] = remainder;
    i += 1;
  }
  return at;
}
