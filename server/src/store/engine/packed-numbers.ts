/**
 * Packed numbers: the codec of settled columns. Numbers become whole by a power of ten; a column where that does not go
 * is told by the halves of its doubles. Every value comes back bit by bit.
 *
 *   packed     := byte form, [exceptions], wholes  |  byte 15, wholes (high words, signed), wholes (low words)
 *   form       := bits 0–3 decimals (0 to 9), 4 has exceptions
 *   exceptions := varint count, { varint (row − previous row), float64 }; the wholes repeat there what is before
 */
import { type ByteReader, type ByteWriter, WireError } from '@muster/shared/wire/bytes.ts';
import { DECIMALS_MAX, powerOfTen } from './numbers.ts';
import { packWholes, unpackWholes, WHOLE_MAX } from './packed-wholes.ts';

const HALVES = 15;
const HAS_EXCEPTIONS = 1 << 4;
/** One in so many may be an exception. */
const EXCEPTION_SHARE = 8;

/** Scratch, grown to the longest column. */
let wholes = new Float64Array(1024);

function reserve(count: number): void {
  if (count > wholes.length) wholes = new Float64Array(count * 2);
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
  if (scale === undefined) {
    packHalves(writer, values, count);
    return;
  }
  if (misfits.all === 0) writer.byte(scale);
  else {
    writer.byte(scale | HAS_EXCEPTIONS);
    writeExceptions(writer, values, count, powerOfTen(scale));
  }
  packWholes(writer, wholes, count, straight);
}

/** Fills `values` from 0 with `count` numbers; returns the decimals they were written with, undefined if as doubles. */
export function unpackNumbers(reader: ByteReader, values: Float64Array, count: number): number | undefined {
  if (count === 0) return 0;
  const form = reader.byte();
  if (form === HALVES) {
    unpackHalves(reader, values, count);
    return undefined;
  }
  const decimals = form & 15;
  if (decimals > DECIMALS_MAX || form >= HAS_EXCEPTIONS * 2) throw new WireError(`column of form ${form}`);
  const exceptions = form & HAS_EXCEPTIONS ? readExceptions(reader, count) : [];
  unpackWholes(reader, values, count, powerOfTen(decimals));
  for (const { row, value } of exceptions) values[row] = value;
  return decimals;
}

/** Decimals with which packed numbers were written; undefined if as doubles. */
export function packedDecimals(bytes: Uint8Array): number | undefined {
  const decimals = (bytes[0] ?? HALVES) & 15;
  return decimals === HALVES ? undefined : decimals;
}

/** The decimals that keep all, or all but few, of the values; leaves the whole numbers in `wholes`. Undefined: none does. */
function scaleOf(values: Float64Array, count: number, hint: number | undefined): number | undefined {
  const most = Math.floor(count / EXCEPTION_SHARE);
  let best: number | undefined;
  let fewest = most + 1;
  let last: number | undefined;
  for (let turn = -1; turn <= DECIMALS_MAX; turn++) {
    const decimals = turn < 0 ? hint : turn;
    if (decimals === undefined || (turn >= 0 && decimals === hint)) continue;
    scaleAll(values, count, decimals, fewest - 1);
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
function scaleAll(values: Float64Array, count: number, decimals: number, most: number): void {
  const power = powerOfTen(decimals);
  const into = wholes;
  let before = 0;
  let all = 0;
  let whatever = 0;
  let first = 0;
  if (decimals === 0) {
    // What is whole as it is, which all of most columns is, needs no division.
    for (; first < count; first++) {
      const value = values[first] as number;
      if (Math.floor(value) !== value || !(value < WHOLE_MAX && value > -WHOLE_MAX)) break;
      if (value === 0 && 1 / value < 0) break;
      into[first] = value;
      before = value;
    }
  }
  for (let i = first; i < count; i++) {
    const value = values[i] as number;
    const whole = decimals === 0 ? Math.floor(value) : Math.round(value * power);
    if (
      whole / power === value &&
      whole < WHOLE_MAX &&
      whole > -WHOLE_MAX &&
      (whole !== 0 || 1 / value > 0)
    ) {
      before = whole;
    } else {
      all += 1;
      // No other scale helps what is not finite, is −0 or has no room for decimals.
      if (!(Math.abs(value) < WHOLE_MAX) || value === 0) whatever += 1;
      if (all > most) break;
    }
    into[i] = before;
  }
  misfits.all = all;
  misfits.whatever = whatever;
}

function writeExceptions(writer: ByteWriter, values: Float64Array, count: number, power: number): void {
  writer.varint(misfits.all);
  let last = 0;
  for (let row = 0; row < count; row++) {
    const value = values[row] as number;
    if ((wholes[row] as number) / power === value && !Object.is(value, -0)) continue;
    writer.varint(row - last);
    writer.float64(value);
    last = row;
  }
}

function readExceptions(reader: ByteReader, count: number): { row: number; value: number }[] {
  const length = reader.varint();
  if (length > count) throw new WireError(`${length} exceptions of ${count} numbers`);
  const exceptions: { row: number; value: number }[] = [];
  let row = 0;
  for (let i = 0; i < length; i++) {
    row += reader.varint();
    if (row >= count) throw new WireError('exception beyond the end of its column');
    exceptions.push({ row, value: reader.float64() });
  }
  return exceptions;
}

/** Of each double in memory the low word comes first, on all platforms that Node runs on. */
const WORDS = { low: 0, high: 1 };

function packHalves(writer: ByteWriter, values: Float64Array, count: number): void {
  const words = new Uint32Array(Float64Array.prototype.slice.call(values, 0, count).buffer);
  writer.byte(HALVES);
  for (let i = 0; i < count; i++) wholes[i] = (words[2 * i + WORDS.high] as number) | 0;
  packWholes(writer, wholes, count);
  for (let i = 0; i < count; i++) wholes[i] = words[2 * i + WORDS.low] as number;
  packWholes(writer, wholes, count);
}

function unpackHalves(reader: ByteReader, values: Float64Array, count: number): void {
  reserve(count);
  const words = new Uint32Array(values.buffer, values.byteOffset, count * 2);
  for (const word of [WORDS.high, WORDS.low]) {
    unpackWholes(reader, wholes, count);
    for (let i = 0; i < count; i++) words[2 * i + word] = (wholes[i] as number) | 0;
  }
}
