/**
 * Packed numbers: the codec of settled columns. Numbers become whole by a power of ten, are divided by what they have in
 * common, and are told by what a simple prediction leaves over. Of each remainder the low bits, which are noise, are
 * written as they are; the rest gets a prefix code made for the column. Every value comes back bit by bit.
 *
 *   packed    := byte form, body;   form: bits 0–3 decimals (0 to 9; 15: halves of doubles), 4: has a divisor, 5: has exceptions
 *   body      := [exceptions] whole  |  whole (high halves), whole (low halves, unsigned)
 *   whole     := varint zigzag(first), [byte shift, varint odd part: the divisor], byte m: bits 0–1 prediction, 2–7 low bits,
 *                varint zigzag(centre), lengths (prefix-code.ts), bits …, filled up to a byte
 *   exceptions := varint count, { varint (row − previous row), float64 }
 *
 * With y[i] = (number[i] − number[0]) / divisor the remainder is y[i] − p − centre, p being by prediction 0: 0, 1: y[i − 1],
 * 2: 2 y[i − 1] − y[i − 2], 3: centre × (i − 1) (a straight line). There are remainders for i ≥ 1 only.
 * Symbols: 0 to 15 the remainder without its low bits, zigzag; 16 to 25 a run of 2^j to 2^(j+1) − 1 zeros, j = 1 to 10,
 * with j further bits; from 26 on four to an octave, with further bits. Then the low bits.
 */
import { type ByteReader, type ByteWriter, unzigzag, WireError, zigzag } from '@muster/shared/wire/bytes.ts';
import { DECIMALS_MAX, powerOfTen } from './numbers.ts';
import {
  ALPHABET_MAX,
  assignCodes,
  codeLengths,
  fillTable,
  readLengths,
  writeLengths,
} from './prefix-code.ts';

const HALVES = 15;
const HAS_DIVISOR = 1 << 4;
const HAS_EXCEPTIONS = 1 << 5;
const FORM_BITS = 6;

const LITERALS = 16;
const RUN_SYMBOLS = 10;
const FIRST_CLASS = LITERALS + RUN_SYMBOLS;
/** Classes of remainders up to 2^53: four an octave from 2^4 on. */
const SYMBOLS = FIRST_CLASS + 4 * 50;
const LOW_BITS_MAX = 48;
const RUN_MAX = 2 ** (RUN_SYMBOLS + 1) - 1;
/** Numbers whose distance is below this are told by remainders that stay exact whatever the prediction. */
export const WHOLE_MAX = 2 ** 49;

const FLAT = 0;
const STEP = 1;
const BEND = 2;
const LINE = 3;

/** Scratch, grown to the longest column. */
let capacity = 0;
let wholes = new Float64Array(0);
let remainders = new Float64Array(0);
let quotients = new Float64Array(0);
let symbolsOf = new Uint8Array(0);
let halves = new Float64Array(0);
let bitBytes = new Uint8Array(0);
let bitView = new DataView(bitBytes.buffer);

function reserve(count: number): void {
  if (count <= capacity) return;
  capacity = Math.max(1024, count * 2);
  wholes = new Float64Array(capacity);
  remainders = new Float64Array(capacity);
  quotients = new Float64Array(capacity);
  halves = new Float64Array(capacity);
  symbolsOf = new Uint8Array(capacity);
  // A remainder takes at most a code, 51 further bits and its low bits; never both of the latter in full.
  bitBytes = new Uint8Array(capacity * 16 + 16);
  bitView = new DataView(bitBytes.buffer);
}

/** Writes the first `count` values; `decimals` is the scale to try first. `straight`: they may lie along a line. */
export function packNumbers(
  writer: ByteWriter,
  values: Float64Array,
  count: number,
  decimals: number | undefined,
  straight = false,
): void {
  if (count === 0) return;
  reserve(count);
  const scale = scaleOf(values, count, decimals);
  if (scale === undefined) packHalves(writer, values, count);
  else packScaled(writer, values, count, scale, straight);
}

/** Fills `values` from 0 with `count` numbers; returns the decimals they were written with, undefined if as doubles. */
export function unpackNumbers(reader: ByteReader, values: Float64Array, count: number): number | undefined {
  if (count === 0) return 0;
  reserve(count);
  const form = reader.byte();
  const decimals = form & 15;
  if (form >> FORM_BITS !== 0) throw new WireError(`column of form ${form}`);
  if (decimals === HALVES) {
    unpackHalves(reader, values, count);
    return undefined;
  }
  if (decimals > DECIMALS_MAX) throw new WireError(`column with ${decimals} decimals`);
  const exceptions = form & HAS_EXCEPTIONS ? readExceptions(reader, count) : undefined;
  readWholes(reader, values, count, form, powerOfTen(decimals));
  exceptions?.rows.forEach((row, i) => {
    values[row] = exceptions.values[i] as number;
  });
  return decimals;
}

/** Writes whole numbers below WHOLE_MAX in magnitude, none of them −0. */
export function packWholes(writer: ByteWriter, numbers: Float64Array, count: number): void {
  if (count === 0) return;
  reserve(count);
  wholes.set(count === numbers.length ? numbers : numbers.subarray(0, count));
  const first = wholes[0] as number;
  const { shift, odd } = takeDivisor(count, first);
  const divided = shift > 0 || odd > 1;
  writer.byte(divided ? HAS_DIVISOR : 0);
  writeWholes(writer, count, first, shift, odd, false);
}

/** Fills `numbers` from 0 with `count` whole numbers. */
export function unpackWholes(reader: ByteReader, numbers: Float64Array, count: number): void {
  if (count === 0) return;
  reserve(count);
  const form = reader.byte();
  if ((form & ~HAS_DIVISOR) !== 0) throw new WireError(`whole numbers of form ${form}`);
  readWholes(reader, numbers, count, form, 1);
}

/** Decimals with which packed numbers were written; undefined if as doubles. */
export function packedDecimals(bytes: Uint8Array): number | undefined {
  const decimals = (bytes[0] ?? HALVES) & 15;
  return decimals === HALVES ? undefined : decimals;
}

/** The decimals that keep all, or all but few, of the values; leaves the whole numbers in `wholes`. Undefined: none does. */
function scaleOf(values: Float64Array, count: number, hint: number | undefined): number | undefined {
  const most = count >> 3;
  let best: number | undefined;
  let fewest = most + 1;
  let last: number | undefined;
  for (let turn = -1; turn <= DECIMALS_MAX; turn++) {
    const decimals = turn < 0 ? hint : turn;
    if (decimals === undefined || (turn >= 0 && decimals === hint)) continue;
    const misfits = scaleAll(values, count, decimals, Math.min(most, fewest - 1));
    last = decimals;
    if (misfits.all >= fewest) continue;
    fewest = misfits.all;
    best = decimals;
    if (misfits.all === misfits.whatever) break;
  }
  if (best !== undefined && best !== last) scaleAll(values, count, best, most);
  return best;
}

const misfits = { all: 0, whatever: 0 };

/** Fills `wholes`; one that does not fit repeats the one before. Ends early once more than `most` do not fit. */
function scaleAll(values: Float64Array, count: number, decimals: number, most: number): typeof misfits {
  const power = powerOfTen(decimals);
  let before = 0;
  misfits.all = 0;
  misfits.whatever = 0;
  for (let i = 0; i < count && misfits.all <= most; i++) {
    const value = values[i] as number;
    const whole = Math.round(value * power);
    if (
      whole / power === value &&
      whole < WHOLE_MAX &&
      whole > -WHOLE_MAX &&
      (whole !== 0 || 1 / value > 0)
    ) {
      before = whole;
    } else {
      misfits.all += 1;
      // No other scale helps what is not finite, is −0 or has no room for decimals.
      if (!(Math.abs(value) < WHOLE_MAX) || value === 0) misfits.whatever += 1;
    }
    wholes[i] = before;
  }
  return misfits;
}

function packScaled(
  writer: ByteWriter,
  values: Float64Array,
  count: number,
  decimals: number,
  straight: boolean,
): void {
  const exceptions: number[] = [];
  const power = powerOfTen(decimals);
  for (let i = 0; i < count; i++) {
    const value = values[i] as number;
    const whole = wholes[i] as number;
    if (whole / power !== value || (value === 0 && 1 / value < 0)) exceptions.push(i);
  }
  const first = wholes[0] as number;
  const divisor = takeDivisor(count, first);
  const { shift, odd } = divisor;
  const divided = shift > 0 || odd > 1;
  writer.byte(decimals | (divided ? HAS_DIVISOR : 0) | (exceptions.length > 0 ? HAS_EXCEPTIONS : 0));
  if (exceptions.length > 0) writeExceptions(writer, values, exceptions);
  writeWholes(writer, count, first, shift, odd, straight);
}

function writeExceptions(writer: ByteWriter, values: Float64Array, rows: readonly number[]): void {
  writer.varint(rows.length);
  let last = 0;
  for (const row of rows) {
    writer.varint(row - last);
    writer.float64(values[row] as number);
    last = row;
  }
}

function readExceptions(reader: ByteReader, count: number): { rows: number[]; values: number[] } {
  const length = reader.varint();
  if (length > count) throw new WireError(`${length} exceptions of ${count} numbers`);
  const rows: number[] = [];
  const values: number[] = [];
  let row = 0;
  for (let i = 0; i < length; i++) {
    row += reader.varint();
    if (row >= count) throw new WireError('exception beyond the end of its column');
    rows.push(row);
    values.push(reader.float64());
  }
  return { rows, values };
}

/** High and low words of doubles, each as whole numbers. */
function packHalves(writer: ByteWriter, values: Float64Array, count: number): void {
  const words = wordsOf(values, count);
  writer.byte(HALVES);
  for (let half = HIGH; half >= LOW; half--) {
    for (let i = 0; i < count; i++) {
      const word = words[2 * i + half] as number;
      wholes[i] = half === HIGH ? word | 0 : word;
    }
    const first = wholes[0] as number;
    const { shift, odd } = takeDivisor(count, first);
    const divided = shift > 0 || odd > 1;
    writer.byte(divided ? HAS_DIVISOR : 0);
    writeWholes(writer, count, first, shift, odd, false);
  }
}

const LOW = 0;
const HIGH = 1;

function unpackHalves(reader: ByteReader, values: Float64Array, count: number): void {
  const words = wordsOf(values, count);
  for (let half = HIGH; half >= LOW; half--) {
    readWholes(reader, halves, count, reader.byte(), 1);
    for (let i = 0; i < count; i++) words[2 * i + half] = (halves[i] as number) | 0;
  }
}

/** All platforms that Node runs on have the low word first. */
function wordsOf(values: Float64Array, count: number): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, count * 2);
}

const divisor = { shift: 0, odd: 1 };

/** Turns `wholes` into distances from the first, divided by what all have in common. */
function takeDivisor(count: number, first: number): typeof divisor {
  let bits = 0;
  for (let i = 0; i < count; i++) {
    const distance = (wholes[i] as number) - first;
    wholes[i] = distance;
    bits |= distance;
  }
  const shift = bits === 0 ? 0 : 31 - Math.clz32(bits & -bits);
  const inverse = 1 / 2 ** shift;
  let odd = 0;
  let at = 1;
  // Mostly over after a few steps: noise has nothing in common.
  for (; at < count && odd !== 1; at++) {
    const distance = Math.abs((wholes[at] as number) * inverse);
    if (distance !== 0) odd = greatestCommonDivisor(distance, odd);
  }
  if (odd === 0) odd = 1;
  if (shift > 0 || odd > 1) {
    const unit = odd * 2 ** shift;
    for (let i = 1; i < count; i++) wholes[i] = (wholes[i] as number) / unit;
  }
  divisor.shift = shift;
  divisor.odd = odd;
  return divisor;
}

function greatestCommonDivisor(a: number, b: number): number {
  let [high, low] = [a, b];
  while (low !== 0) [high, low] = [low, high % low];
  return high;
}

/** Writes what is in `wholes`: distances from the first, divided. */
function writeWholes(
  writer: ByteWriter,
  count: number,
  first: number,
  shift: number,
  odd: number,
  straight: boolean,
): void {
  writer.varint(zigzag(first));
  if (shift > 0 || odd > 1) {
    writer.byte(shift);
    writer.varint(odd);
  }
  if (count === 1) return;
  const { prediction, centre } = choosePrediction(count, straight);
  const lowBits = takeRemainders(count, prediction, centre);
  writer.byte(prediction | (lowBits << 2));
  writer.varint(zigzag(centre));
  writeRemainders(writer, count, lowBits);
}

const SAMPLES = 31;
const sampleOf = new Float64Array(SAMPLES);
const choice = { prediction: FLAT, centre: 0 };

function choosePrediction(count: number, straight: boolean): typeof choice {
  const flatCentre = typical(count, false);
  const stepCentre = typical(count, true);
  let flat = 0;
  let step = 0;
  let bend = 0;
  let before = 0;
  let stepBefore = 0;
  for (let i = 1; i < count; i++) {
    const y = wholes[i] as number;
    const difference = y - before;
    flat += bitLength(Math.abs(y - flatCentre));
    step += bitLength(Math.abs(difference - stepCentre));
    bend += bitLength(Math.abs(difference - stepBefore));
    before = y;
    stepBefore = difference;
  }
  choice.prediction = STEP;
  choice.centre = stepCentre;
  if (bend < step) choose(BEND, 0);
  if (flat < Math.min(step, bend)) choose(FLAT, flatCentre);
  if (straight) {
    const slope = Math.round((wholes[count - 1] as number) / (count - 1));
    let line = 0;
    for (let i = 1; i < count; i++) line += bitLength(Math.abs((wholes[i] as number) - slope * i));
    if (line < Math.min(flat, step, bend)) choose(LINE, slope);
  }
  return choice;
}

function choose(prediction: number, centre: number): void {
  choice.prediction = prediction;
  choice.centre = centre;
}

/** The median of some of the numbers or of their steps; 0 where that is common. */
function typical(count: number, steps: boolean): number {
  const used = Math.min(SAMPLES, count - 1);
  let zeros = 0;
  for (let n = 0; n < used; n++) {
    const i = 1 + Math.floor((n * (count - 1)) / used);
    const value = steps ? (wholes[i] as number) - (wholes[i - 1] as number) : (wholes[i] as number);
    if (value === 0) zeros += 1;
    let at = n;
    while (at > 0 && (sampleOf[at - 1] as number) > value) {
      sampleOf[at] = sampleOf[at - 1] as number;
      at -= 1;
    }
    sampleOf[at] = value;
  }
  return zeros * 4 > used ? 0 : (sampleOf[used >> 1] as number);
}

/** Bits of a whole number below 2^53. */
function bitLength(value: number): number {
  return value < 0x8000_0000 ? 32 - Math.clz32(value) : 63 - Math.clz32(value / 0x8000_0000);
}

const lengthCounts = new Uint32Array(56);

/** Fills `remainders` from 1; returns how many of their low bits to write as they are. */
function takeRemainders(count: number, prediction: number, centre: number): number {
  lengthCounts.fill(0);
  let before = 0;
  let stepBefore = 0;
  for (let i = 1; i < count; i++) {
    const y = wholes[i] as number;
    const difference = y - before;
    const remainder =
      prediction === STEP
        ? difference - centre
        : prediction === BEND
          ? difference - stepBefore
          : prediction === FLAT
            ? y - centre
            : y - centre * i;
    before = y;
    stepBefore = difference;
    remainders[i] = remainder;
    const length = bitLength(Math.abs(remainder));
    lengthCounts[length] = (lengthCounts[length] as number) + 1;
  }
  // Zeros are best told by runs and short codes.
  if ((lengthCounts[0] as number) * 4 > count) return 0;
  // With these low bits gone, nearly all remainders are literals.
  let passed = 0;
  let length = -1;
  while (passed < 0.9 * (count - 1)) {
    length += 1;
    passed += lengthCounts[length] as number;
  }
  return Math.min(LOW_BITS_MAX, Math.max(0, length - 3));
}

const counts = new Uint32Array(ALPHABET_MAX);
const lengths = new Uint8Array(ALPHABET_MAX);
const codes = new Uint16Array(ALPHABET_MAX);

function writeRemainders(writer: ByteWriter, count: number, lowBits: number): void {
  // Nothing is left over anywhere: no symbols, no bits.
  if (lengthCounts[0] === count - 1) {
    writeLengths(writer, lengths, 0);
    return;
  }
  counts.fill(0);
  const tokens = lowBits === 0 ? symbolsWithRuns(count) : symbolsOfAll(count, lowBits);
  let symbols = SYMBOLS;
  while (symbols > 0 && counts[symbols - 1] === 0) symbols -= 1;
  const used = codeLengths(counts, symbols, lengths);
  writeLengths(writer, lengths, symbols);
  assignCodes(lengths, symbols, codes);
  if (used === 1) lengths[symbols - 1] = 0;
  const bytes = emit(tokens, lowBits);
  writer.varint(bytes);
  writer.bytes(bitBytes.subarray(0, bytes));
}

/** Fills symbols, quotients (zigzag) and leaves the low bits in `remainders`, all from 0; returns their number. */
function symbolsOfAll(count: number, lowBits: number): number {
  const unit = 2 ** lowBits;
  const inverse = 1 / unit;
  for (let i = 1; i < count; i++) {
    const remainder = remainders[i] as number;
    const quotient = Math.floor(remainder * inverse);
    remainders[i - 1] = remainder - quotient * unit;
    putSymbol(i - 1, quotient < 0 ? -2 * quotient - 1 : 2 * quotient);
  }
  return count - 1;
}

/** The same where no low bits are split off; runs of zeros become one symbol where zeros are common. */
function symbolsWithRuns(count: number): number {
  const shortest = (lengthCounts[0] as number) * 2 > count ? 2 : 4;
  let tokens = 0;
  for (let i = 1; i < count; ) {
    const remainder = remainders[i] as number;
    if (remainder !== 0) {
      putSymbol(tokens++, remainder < 0 ? -2 * remainder - 1 : 2 * remainder);
      i += 1;
      continue;
    }
    let end = i + 1;
    while (end < count && remainders[end] === 0) end += 1;
    for (let left = end - i; left > 0; ) {
      const run = Math.min(left, RUN_MAX);
      if (run < shortest) putSymbol(tokens++, 0);
      else {
        const symbol = LITERALS + 30 - Math.clz32(run);
        symbolsOf[tokens] = symbol;
        quotients[tokens++] = run;
        counts[symbol] = (counts[symbol] as number) + 1;
      }
      left -= run < shortest ? 1 : run;
    }
    i = end;
  }
  return tokens;
}

function putSymbol(at: number, quotient: number): void {
  quotients[at] = quotient;
  let symbol = quotient;
  if (quotient >= LITERALS) {
    const top = bitLength(quotient) - 1;
    symbol = FIRST_CLASS + (top - 4) * 4 + (Math.floor(quotient / 2 ** (top - 2)) & 3);
  }
  symbolsOf[at] = symbol;
  counts[symbol] = (counts[symbol] as number) + 1;
}

/** Bits that are written at a time: what 32 leave when up to 7 are taken. */
const PIECE_BITS = 24;
const PIECE = 2 ** PIECE_BITS;

let held = 0;
let heldBits = 0;
let bitBytesUsed = 0;

function emit(tokens: number, lowBits: number): number {
  held = 0;
  heldBits = 0;
  bitBytesUsed = 0;
  for (let i = 0; i < tokens; i++) {
    const symbol = symbolsOf[i] as number;
    putBits(codes[symbol] as number, lengths[symbol] as number);
    if (symbol >= FIRST_CLASS) {
      const further = 2 + ((symbol - FIRST_CLASS) >> 2);
      putLong((quotients[i] as number) % 2 ** further, further);
    } else if (symbol >= LITERALS) {
      const further = symbol - LITERALS + 1;
      putBits((quotients[i] as number) & ((1 << further) - 1), further);
    }
    if (lowBits > 0) putLong(remainders[i] as number, lowBits);
  }
  bitView.setUint32(bitBytesUsed, held, true);
  return bitBytesUsed + ((heldBits + 7) >> 3);
}

/** At most PIECE_BITS. */
function putBits(value: number, bits: number): void {
  held |= value << heldBits;
  heldBits += bits;
  if (heldBits < 32) return;
  bitView.setUint32(bitBytesUsed, held, true);
  bitBytesUsed += 4;
  heldBits -= 32;
  held = value >>> (bits - heldBits);
}

function putLong(value: number, bits: number): void {
  if (bits <= PIECE_BITS) {
    putBits(value, bits);
    return;
  }
  putBits(value % PIECE, PIECE_BITS);
  putLong(Math.floor(value / PIECE), bits - PIECE_BITS);
}

/** What a symbol says at once: bits 4–8 number of further bits, 9 and up the least quotient; negative: see `unusual`. */
const ENTRIES = Int32Array.from({ length: SYMBOLS }, (_, symbol) => {
  if (symbol < LITERALS) return symbol << 9;
  const top = 4 + ((symbol - FIRST_CLASS) >> 2);
  if (symbol < FIRST_CLASS || top > 16) return (1 << 31) | (symbol << 4);
  return ((4 + ((symbol - FIRST_CLASS) & 3)) << (top - 2 + 9)) | ((top - 2) << 4);
});
const table = new Int32Array(2048);

function readWholes(
  reader: ByteReader,
  values: Float64Array,
  count: number,
  form: number,
  power: number,
): void {
  const first = unzigzag(reader.varint());
  let unit = 1;
  if (form & HAS_DIVISOR) {
    const shift = reader.byte();
    if (shift > 31) throw new WireError(`divisor 2^${shift}`);
    unit = 2 ** shift * reader.varint();
  }
  if (count === 1) {
    values[0] = first / power;
    return;
  }
  const model = reader.byte();
  const centre = unzigzag(reader.varint());
  readRemainders(reader, count, model >> 2);
  undo(values, count, first, unit, power, model & 3, centre);
}

function readRemainders(reader: ByteReader, count: number, lowBits: number): void {
  if (lowBits > LOW_BITS_MAX) throw new WireError(`${lowBits} low bits`);
  readLengths(reader, lengths, SYMBOLS);
  const mask = fillTable(lengths, SYMBOLS, ENTRIES, table);
  if (mask < 0) {
    remainders.fill(0, 1, count);
    return;
  }
  const length = reader.varint();
  const bits = reader.bytes(length);
  let read: number;
  try {
    read = readBits(viewOf(bits), count, mask, lowBits);
  } catch (error) {
    if (error instanceof RangeError)
      throw new WireError('column beyond the end of its bits', { cause: error });
    throw error;
  }
  if ((read + 7) >> 3 !== length) throw new WireError('column and its bits differ in length');
}

/** A view with room for the last four bytes to be read at any of the bits. */
function viewOf(bits: Uint8Array): DataView {
  const length = bits.length + 8;
  if (bits.byteOffset + length <= bits.buffer.byteLength)
    return new DataView(bits.buffer, bits.byteOffset, length);
  const copy = new Uint8Array(length);
  copy.set(bits);
  return new DataView(copy.buffer);
}

/** Fills `remainders` from 1; returns how many bits it took. */
function readBits(view: DataView, count: number, mask: number, lowBits: number): number {
  const unit = 2 ** lowBits;
  const nearBits = Math.min(lowBits, PIECE_BITS);
  const nearMask = (1 << nearBits) - 1;
  const farBits = lowBits - nearBits;
  const farMask = (1 << farBits) - 1;
  let at = 0;
  for (let i = 1; i < count; ) {
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
      at += codeBits;
      if (symbol < FIRST_CLASS) {
        const further = symbol - LITERALS + 1;
        const run = (1 << further) + takeBits(view, at, further);
        at += further;
        if (lowBits > 0 || i + run > count) throw new WireError('run beyond the end of its column');
        remainders.fill(0, i, i + run);
        i += run;
        continue;
      }
      const further = 2 + ((symbol - FIRST_CLASS) >> 2);
      remainder = unzigzag((4 + ((symbol - FIRST_CLASS) & 3)) * 2 ** further + takeLong(view, at, further));
      at += further;
    }
    if (nearBits > 0) {
      remainder = remainder * unit + ((view.getUint32(at >>> 3, true) >>> (at & 7)) & nearMask);
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

function takeBits(view: DataView, at: number, bits: number): number {
  return (view.getUint32(at >>> 3, true) >>> (at & 7)) & ((1 << bits) - 1);
}

function takeLong(view: DataView, at: number, bits: number): number {
  if (bits <= PIECE_BITS) return takeBits(view, at, bits);
  return takeBits(view, at, PIECE_BITS) + PIECE * takeLong(view, at + PIECE_BITS, bits - PIECE_BITS);
}

/** Turns `remainders` back into values. */
function undo(
  values: Float64Array,
  count: number,
  first: number,
  unit: number,
  power: number,
  prediction: number,
  centre: number,
): void {
  values[0] = first / power;
  let y = 0;
  let step = 0;
  if (prediction === STEP) {
    for (let i = 1; i < count; i++) {
      y += (remainders[i] as number) + centre;
      values[i] = (first + y * unit) / power;
    }
  } else if (prediction === BEND) {
    for (let i = 1; i < count; i++) {
      step += remainders[i] as number;
      y += step;
      values[i] = (first + y * unit) / power;
    }
  } else {
    const slope = prediction === LINE ? centre : 0;
    const base = prediction === LINE ? 0 : centre;
    for (let i = 1; i < count; i++)
      values[i] = (first + ((remainders[i] as number) + base + slope * i) * unit) / power;
  }
}
