/**
 * Points as JSON text, written as bytes straight from their columns: arrays of arrays and `JSON.stringify` cost several times as
 * much. Every number parses back to the same double. Pure.
 */
import type { PointColumns } from '@muster/shared/metrics/range-stream.ts';

const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const OPEN = 0x5b;
const CLOSE = 0x5d;

const POWERS = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000] as const;
const DECIMALS_MAX = POWERS.length - 1;
const FINEST = POWERS[DECIMALS_MAX] as number;
/** Largest number of 32-bit arithmetic. */
const SMALL_MAX = 2 ** 31 - 1;
/** Larger scaled numbers are not exact. */
const SCALED_MAX = 2 ** 53;
const BILLION = 1_000_000_000;
const BILLION_DIGITS = 9;
/** Digits are written four at a time, as one 32-bit word. */
const FOUR_DIGITS = 10_000;
/** Times differ in their last eight digits, mostly. */
const STRETCH_MS = FOUR_DIGITS * FOUR_DIGITS;
const WORDS = Int32Array.from({ length: FOUR_DIGITS }, (_, number) => {
  const digit = (power: number) => ZERO + (Math.floor(number / power) % 10);
  return (digit(1_000) << 24) | (digit(100) << 16) | (digit(10) << 8) | digit(1);
});
/** The longest text of a double, with room for a word beyond its end. */
const NUMBER_BYTES_MAX = 32;
const POINT_BYTES_MAX = 4 * NUMBER_BYTES_MAX + 8;
/** A time and a value with few digits. */
const POINT_BYTES_USUAL = 24;

/** Grows; `take` hands over what was written. */
export class JsonBytes {
  #bytes: Buffer;
  #length = 0;

  constructor(capacityBytes = 1_024) {
    this.#bytes = Buffer.allocUnsafe(capacityBytes);
  }

  get length(): number {
    return this.#length;
  }

  text(text: string): void {
    this.#reserve(text.length * 3);
    this.#length += this.#bytes.write(text, this.#length, 'utf8');
  }

  /** `[[ms,value],…]`, or with a band `[[ms,average,min,max],…]`; values must be finite. */
  points({ times, averages, mins, maxs }: PointColumns): void {
    this.#reserve(2 + times.length * POINT_BYTES_USUAL);
    const figures = new Figures();
    let bytes = this.#view();
    let at = this.#length;
    bytes.setUint8(at++, OPEN);
    for (let i = 0; i < times.length; i++) {
      if (at + POINT_BYTES_MAX > bytes.byteLength) {
        this.#length = at;
        this.#reserve(POINT_BYTES_MAX);
        bytes = this.#view();
      }
      if (i > 0) bytes.setUint8(at++, COMMA);
      bytes.setUint8(at++, OPEN);
      at = figures.time(bytes, at, times[i] as number);
      bytes.setUint8(at++, COMMA);
      at = figures.value(bytes, at, averages[i] as number);
      if (mins !== undefined && maxs !== undefined) {
        bytes.setUint8(at++, COMMA);
        at = figures.value(bytes, at, mins[i] as number);
        bytes.setUint8(at++, COMMA);
        at = figures.value(bytes, at, maxs[i] as number);
      }
      bytes.setUint8(at++, CLOSE);
    }
    this.#length = at;
    this.#reserve(1);
    this.#bytes[this.#length++] = CLOSE;
  }

  /** What was written since the last time; these bytes are not touched any more. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = this.#bytes.subarray(this.#length);
    this.#length = 0;
    return taken;
  }

  #view(): DataView {
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + bytes));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

/** Writes numbers; remembers how the last ones looked, because the next ones mostly look the same. */
class Figures {
  #decimals = 0;
  /** The hundred thousand seconds of the last time, and the text of their five digits as a word and a byte. */
  #stretchMs = Number.NaN;
  #word = 0;
  #fifth = 0;

  time(bytes: DataView, at: number, atMs: number): number {
    const past = atMs - this.#stretchMs;
    if (!(past >= 0 && past < STRETCH_MS && Number.isInteger(past))) {
      const head = Math.floor(atMs / STRETCH_MS);
      // Five digits: from 2001 to 2286.
      if (head < FOUR_DIGITS || head >= FOUR_DIGITS * 10 || !Number.isInteger(atMs))
        return this.value(bytes, at, atMs);
      this.#stretchMs = head * STRETCH_MS;
      this.#word = WORDS[Math.floor(head / 10)] as number;
      this.#fifth = ZERO + (head % 10);
      return this.time(bytes, at, atMs);
    }
    const ms = past | 0;
    const tens = (ms / FOUR_DIGITS) | 0;
    bytes.setInt32(at, this.#word);
    bytes.setUint8(at + 4, this.#fifth);
    bytes.setInt32(at + 5, WORDS[tens] as number);
    bytes.setInt32(at + 9, WORDS[ms - tens * FOUR_DIGITS] as number);
    return at + 13;
  }

  /** With few decimals as a scaled whole number r: the double nearest to the text of r with d decimals is `r / 10^d`. */
  value(bytes: DataView, at: number, value: number): number {
    const power = POWERS[this.#decimals] as number;
    const scaled = Math.round(value * power);
    if (scaled / power === value && scaled !== 0 && Math.abs(scaled) <= SCALED_MAX)
      return writeScaled(bytes, at, scaled, this.#decimals);
    if (value === 0) return 1 / value < 0 ? writeText(bytes, at, '-0') : writeDigits(bytes, at, 0, 1);
    const finest = Math.round(value * FINEST);
    if (Math.abs(finest) > SCALED_MAX) {
      return Number.isInteger(value) && Math.abs(value) <= SCALED_MAX
        ? writeScaled(bytes, at, value, 0)
        : writeText(bytes, at, String(value));
    }
    // What is not exact with the most decimals is not with fewer.
    if (finest / FINEST !== value) return writeText(bytes, at, String(value));
    let decimals = 0;
    while (!isExact(value, POWERS[decimals] as number)) decimals += 1;
    this.#decimals = decimals;
    return writeScaled(bytes, at, Math.round(value * (POWERS[decimals] as number)), decimals);
  }
}

function isExact(value: number, power: number): boolean {
  return Math.round(value * power) / power === value;
}

/** `scaled / 10^decimals`, without zeros at the end. */
function writeScaled(bytes: DataView, begin: number, scaled: number, decimals: number): number {
  let at = begin;
  if (scaled < 0) bytes.setUint8(at++, MINUS);
  const size = Math.abs(scaled);
  if (size > SMALL_MAX) return writeLarge(bytes, at, size, decimals);
  let rest = size | 0;
  let left = decimals;
  while (left > 0) {
    const tenth = (rest / 10) | 0;
    if (tenth * 10 !== rest) break;
    rest = tenth;
    left -= 1;
  }
  if (left === 0) return writeSmall(bytes, at, rest);
  const power = POWERS[left] as number;
  const whole = (rest / power) | 0;
  at = writeSmall(bytes, at, whole);
  bytes.setUint8(at++, POINT);
  return writeDigits(bytes, at, rest - whole * power, left);
}

/** The same beyond 32 bits. */
function writeLarge(bytes: DataView, begin: number, scaled: number, decimals: number): number {
  let rest = scaled;
  let left = decimals;
  while (left > 0 && Number.isInteger(rest / 10)) {
    rest /= 10;
    left -= 1;
  }
  const power = POWERS[left] as number;
  const whole = Math.floor(rest / power);
  let at = writeWhole(bytes, begin, whole);
  if (left === 0) return at;
  bytes.setUint8(at++, POINT);
  return writeDigits(bytes, at, rest - whole * power, left);
}

/** A whole number from 0 to 2^53. */
function writeWhole(bytes: DataView, at: number, value: number): number {
  if (value <= SMALL_MAX) return writeSmall(bytes, at, value | 0);
  const billions = Math.floor(value / BILLION);
  const end = writeSmall(bytes, at, billions | 0);
  return writeDigits(bytes, end, (value - billions * BILLION) | 0, BILLION_DIGITS);
}

/** A whole number from 0 to 2^31 − 1. */
function writeSmall(bytes: DataView, at: number, value: number): number {
  if (value < FOUR_DIGITS) {
    const digits = value < 100 ? (value < 10 ? 1 : 2) : value < 1_000 ? 3 : 4;
    return writeFour(bytes, at, value, digits);
  }
  const rest = (value / FOUR_DIGITS) | 0;
  return writeFour(bytes, writeSmall(bytes, at, rest), value - rest * FOUR_DIGITS, 4);
}

/** A whole number below 2^31 with so many digits. */
function writeDigits(bytes: DataView, at: number, value: number, digits: number): number {
  if (digits <= 4) return writeFour(bytes, at, value, digits);
  const rest = (value / FOUR_DIGITS) | 0;
  return writeFour(bytes, writeDigits(bytes, at, rest, digits - 4), value - rest * FOUR_DIGITS, 4);
}

/** The last `digits` of four digits; what the word has beyond them is written over by what follows. */
function writeFour(bytes: DataView, at: number, value: number, digits: number): number {
  bytes.setInt32(at, (WORDS[value] as number) << (8 * (4 - digits)));
  return at + digits;
}

function writeText(bytes: DataView, begin: number, text: string): number {
  for (let i = 0; i < text.length; i++) bytes.setUint8(begin + i, text.charCodeAt(i));
  return begin + text.length;
}
