/**
 * Codec of the samples body: a dictionary per connection, then ticks whose values are differences in bits.
 *
 *   body        := declarations heads values check
 *   declarations:= varint n, n × ( text metric, text instance, byte decimals × 2 + (counter ? 1 : 0) )
 *   heads       := varint n, n × ( varint zigzag(atMs − previous atMs), presence )
 *   presence    := 0x00 (every declared series) | 0x01 bitmap (bit i of byte i>>3: series i, least first) | 0x02 (as in the tick before)
 *   values      := the values of all ticks in bits (sample-bits.ts), zeros up to the next byte
 *   check       := 2 bytes, little-endian, over declarations, times, series and values
 *
 * Series are numbered in the order of declaration. `scaled` is value × 10^decimals; differences run from the last scaled
 * value of that series on this connection, at first 0, in units of 2^shift; an exact value does not move it.
 * docs/WIRE.md gives the same with worked bytes.
 */
import { invariant } from '../invariant.ts';
import { ByteReader, ByteWriter, unzigzag, WireError, zigzag } from './bytes.ts';
import {
  FRAME_BYTES_MAX,
  INSTANCE_BYTES_MAX,
  SERIES_PER_AGENT_MAX,
  TICKS_PER_FRAME_MAX,
  VALUES_PER_FRAME_MAX,
} from './limits.ts';
import { DeclaredKeys } from './declared-keys.ts';
import { bitmapOf, PresenceLists } from './presence.ts';
import {
  bitLength,
  BitWriter,
  CHECK_FACTOR,
  checkAfter,
  checkBits,
  checkOf,
  DIFFERENCE_BITS_MAX,
  HIGH_WORD,
  LENGTH_BITS,
  LENGTH_IS_FLOAT,
  LENGTH_IS_SHIFT,
  meanAfter,
  SHIFT_BITS,
  SHIFT_MAX,
  WIDER_BITS,
  WIDEST_BITS,
  widthOf,
} from './sample-bits.ts';

export interface SeriesDeclaration {
  readonly metric: string;
  readonly instance: string;
  readonly kind: 'gauge' | 'counter';
  /** 0 to 9. */
  readonly decimals: number;
}

/**
 * One reading of many series at one time. `series[i]` is the connection's number of the series of `values[i]`, ascending.
 * A decoder gives the same array object for the same series until something is declared, so a plan may be kept by it.
 */
export interface Tick {
  readonly atMs: number;
  readonly series: readonly number[];
  readonly values: Values;
}

/** Numbers in a row, as an array or as a piece of typed memory. */
export type Values = ArrayLike<number> & Iterable<number>;

/** Decoded body. `ticks` keep the order of the wire. */
export interface SamplesBody {
  /** New series; the first has the number `firstSeries`. */
  readonly declared: readonly SeriesDeclaration[];
  readonly firstSeries: number;
  readonly ticks: readonly Tick[];
}

const METRIC_BYTES_MAX = 64;
const DECIMALS_MAX = 9;
/** Scaled values beyond this go as exact doubles: the largest difference, zigzagged, has 53 bits. */
const SCALED_MAX = 2 ** 51 - 1;
/** Latest time of a tick: a first tick's zigzagged time is still a varint. */
const TICK_AT_MS_MAX = 2 ** 52 - 1;
const POWERS = Float64Array.of(1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9);
const UNITS = Float64Array.from({ length: SHIFT_MAX + 1 }, (_, shift) => 2 ** shift);
/** Class of the differences that say how long they are. */
const LONG_CLASS = 4;
/** What the classes 0 to 3 add to the width, four bits each; class 2 has no bits at all. */
const CLASS_BITS = (WIDER_BITS << 4) | (WIDEST_BITS << 12);
/** Places in the decoder's word about a series. */
const MEAN_MASK = 0x3ff;
const SHIFT_AT = 10;
const SHIFT_MASK = SHIFT_MAX << SHIFT_AT;
const DECIMALS_AT = 15;
const NOTHING: readonly SeriesDeclaration[] = [];
const NO_VALUES: readonly number[] = [];
const CHECK_BYTES = 2;
const ALL = 0;
const BITMAP = 1;
const AS_BEFORE = 2;
/** A shift saves bits for good when this many changes in a row were multiples of 2^(shift + 3) or more. */
const SHIFT_CHANGES = 4;
const SHIFT_GAIN_BITS = 3;

/** What the encoder knows of a series. */
interface SentSeries {
  readonly factor: number;
  last: number;
  mean: number;
  shift: number;
  /** Changes since the shift was last looked at, and the power of two that all of them are multiples of. */
  changes: number;
  common: number;
}

/** The body that is being written. One for all encoders, because none is left in the middle. */
const scratch = new ByteWriter();

/** Encoder of one connection. Series are declared by the first tick that carries them. */
export class SamplesEncoder {
  readonly #numbers = new Map<string, number>();
  readonly #series: SentSeries[] = [];
  #pending: SeriesDeclaration[] = [];
  #lastAtMs = 0;
  #lastList: readonly number[] | null = null;
  #check = 0;

  /** Series declared so far. */
  get seriesCount(): number {
    return this.#series.length;
  }

  /** Number of the series on this connection; declares it with the next `encode` if it is new. */
  declare(series: SeriesDeclaration): number {
    const key = `${series.metric}\0${series.instance}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#series.length;
    const factor = POWERS[series.decimals];
    invariant(factor !== undefined, 'decimals in range');
    this.#numbers.set(key, number);
    this.#series.push({ factor, last: 0, mean: 0, shift: 0, changes: 0, common: SHIFT_MAX });
    this.#pending.push(series);
    return number;
  }

  /** Ticks must name declared series in ascending order. */
  encode(ticks: readonly Tick[]): Uint8Array {
    const writer = scratch;
    writer.reset();
    writer.varint(this.#pending.length);
    for (const series of this.#pending) {
      writer.text(series.metric);
      writer.text(series.instance);
      writer.byte(series.decimals * 2 + (series.kind === 'counter' ? 1 : 0));
    }
    this.#check = this.#pending.length === 0 ? 0 : checkOf(writer.finish());
    this.#pending = [];
    writer.varint(ticks.length);
    for (const tick of ticks) this.#head(writer, tick);
    const bits = new BitWriter(writer);
    for (const { atMs, series, values } of ticks) {
      this.#check = checkAfter(this.#check, atMs);
      for (let i = 0; i < series.length; i++) this.#value(bits, series[i] as number, values[i] as number);
    }
    bits.end();
    const check = checkBits(this.#check);
    writer.byte(check & 255);
    writer.byte(check >> 8);
    return writer.finish();
  }

  #head(writer: ByteWriter, { atMs, series }: Tick): void {
    invariant(Number.isSafeInteger(atMs) && atMs >= 0 && atMs <= TICK_AT_MS_MAX, 'tick time in range');
    writer.varint(zigzag(atMs - this.#lastAtMs));
    this.#lastAtMs = atMs;
    if (series.length === this.#series.length) writer.byte(ALL);
    else if (this.#lastList && sameList(series, this.#lastList)) writer.byte(AS_BEFORE);
    else {
      writer.byte(BITMAP);
      writer.bytes(bitmapOf(series, this.#series.length));
    }
    this.#lastList = series;
  }

  #value(bits: BitWriter, number: number, value: number): void {
    const series = this.#series[number] as SentSeries;
    const scaled = Math.round(value * series.factor);
    if (Math.abs(scaled) > SCALED_MAX || scaled / series.factor !== value || Object.is(value, -0))
      return this.#double(bits, number, value);
    this.#check = checkAfter(this.#check, scaled + number);
    const difference = scaled - series.last;
    series.last = scaled;
    if (difference !== 0) setShift(bits, series, difference);
    const coded = zigzag(difference / (UNITS[series.shift] as number));
    const length = bitLength(coded);
    writeDifference(bits, coded, length, widthOf(series.mean));
    series.mean = meanAfter(series.mean, length);
  }

  #double(bits: BitWriter, number: number, value: number): void {
    const [low, high] = wordsOf(value);
    bits.code(LONG_CLASS, LENGTH_IS_FLOAT, LENGTH_BITS);
    bits.bits(high, 32);
    bits.bits(low, 32);
    this.#check = checkAfter(checkAfter(this.#check, low + number), high);
  }
}

function writeDifference(bits: BitWriter, coded: number, length: number, width: number): void {
  const wider = Math.min(width + WIDER_BITS, DIFFERENCE_BITS_MAX);
  const widest = Math.min(width + WIDEST_BITS, DIFFERENCE_BITS_MAX);
  if (length === 0 && width > 2) bits.code(2, 0, 0);
  else if (length <= width) bits.code(0, coded, width);
  else if (length <= wider) bits.code(1, coded, wider);
  else if (length <= widest) bits.code(3, coded, widest);
  else {
    bits.code(LONG_CLASS, length, LENGTH_BITS);
    bits.bits(coded, length);
  }
}

/** Lowers the shift where the difference needs it, raises it where several in a row would have allowed more. */
function setShift(bits: BitWriter, series: SentSeries, difference: number): void {
  const low = difference | 0;
  const zeros = low === 0 ? SHIFT_MAX : 31 - Math.clz32(low & -low);
  series.common = Math.min(series.common, zeros);
  series.changes++;
  const lower = zeros < series.shift;
  if (!lower && series.changes < SHIFT_CHANGES) return;
  if (lower || series.common >= series.shift + SHIFT_GAIN_BITS) {
    series.shift = series.common;
    bits.code(LONG_CLASS, LENGTH_IS_SHIFT, LENGTH_BITS);
    bits.bits(series.shift, SHIFT_BITS);
  }
  series.changes = 0;
  series.common = SHIFT_MAX;
}

const wordBytes = new DataView(new ArrayBuffer(8));

/** Low and high 32 bits. Every NaN goes as 7ff8000000000000, whatever it carried. */
function wordsOf(value: number): readonly [low: number, high: number] {
  if (Number.isNaN(value)) return [0, 0x7ff80000];
  wordBytes.setFloat64(0, value);
  return [wordBytes.getUint32(4), wordBytes.getUint32(0)];
}

function sameList(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Zeros behind a body: no class begins with five of them, so reading stops there at the latest. */
const PAD_BYTES = 32;
/** The body that is being read, and zeros. One for all decoders, because none is left in the middle. */
const pad = new Uint8Array(FRAME_BYTES_MAX + PAD_BYTES);
const padView = new DataView(pad.buffer);

/** A tick whose values are read last. */
interface OpenTick {
  readonly atMs: number;
  readonly series: readonly number[];
  values: Values;
}

/** Values of a frame live until they are durable, longer than a young generation likes: they stand outside of it, many frames in one piece. */
const PIECE_VALUES = 1 << 15;
let piece = new Float64Array(0);
let pieceUsed = 0;

function valuesOf(count: number): Float64Array {
  if (pieceUsed + count > piece.length) {
    piece = new Float64Array(Math.max(PIECE_VALUES, count));
    pieceUsed = 0;
  }
  pieceUsed += count;
  return piece.subarray(pieceUsed - count, pieceUsed);
}

/** Decoder of one connection. After a WireError it takes nothing more: the dictionary is in doubt. */
export class SamplesDecoder {
  readonly #keys = new DeclaredKeys();
  #lists = new PresenceLists(0);
  #lastList: readonly number[] | null = null;
  #lastAtMs = 0;
  /** By series: the last scaled value, and the rest in one word: mean length (`MEAN_MASK`), shift (`SHIFT_MASK`), decimals above. */
  #last = new Float64Array(0);
  #states = new Int32Array(0);
  /** Next bit of `pad`, and the check so far. */
  #bit = 0;
  #check = 0;
  /** A body was begun and not read to its end. */
  #halfRead = false;

  /** @throws WireError on any byte that is not of the form above or beyond a limit. */
  decode(body: Uint8Array): SamplesBody {
    if (this.#halfRead) throw new WireError('a frame before this one was refused');
    this.#halfRead = true;
    if (body.length > FRAME_BYTES_MAX) throw new WireError(`a body of ${body.length} bytes`);
    const reader = new ByteReader(body);
    const firstSeries = this.#lists.declared;
    const declared = this.#readDeclarations(reader);
    this.#check = declared.length === 0 ? 0 : checkOf(body.subarray(0, body.length - reader.remaining));
    const ticks = this.#readHeads(reader);
    const from = body.length - reader.remaining;
    const to = body.length - CHECK_BYTES;
    if (to < from) throw new WireError('the check is missing');
    pad.set(body);
    pad.fill(0, body.length, body.length + PAD_BYTES);
    this.#readTicks(ticks, from, to);
    if ((pad[to] as number) + 256 * (pad[to + 1] as number) !== checkBits(this.#check))
      throw new WireError('the check does not fit');
    this.#halfRead = false;
    return { declared, firstSeries, ticks };
  }

  #readDeclarations(reader: ByteReader): readonly SeriesDeclaration[] {
    const count = reader.varint();
    if (count === 0) return NOTHING;
    const before = this.#lists.declared;
    if (before + count > SERIES_PER_AGENT_MAX)
      throw new WireError(`more than ${SERIES_PER_AGENT_MAX} series declared`);
    const declared: SeriesDeclaration[] = [];
    for (let i = 0; i < count; i++) declared.push(readDeclaration(reader));
    this.#keys.add(declared);
    this.#lists = new PresenceLists(before + count);
    this.#last = grown(new Float64Array(before + count), this.#last);
    this.#states = grown(new Int32Array(before + count), this.#states);
    declared.forEach(({ decimals }, i) => {
      this.#states[before + i] = decimals << DECIMALS_AT;
    });
    return declared;
  }

  #readHeads(reader: ByteReader): OpenTick[] {
    const count = reader.varint();
    if (count > TICKS_PER_FRAME_MAX)
      throw new WireError(`${count} ticks, at most ${TICKS_PER_FRAME_MAX} allowed`);
    const ticks: OpenTick[] = [];
    let values = 0;
    for (let i = 0; i < count; i++) {
      const atMs = this.#lastAtMs + unzigzag(reader.varint());
      if (atMs < 0 || atMs > TICK_AT_MS_MAX) throw new WireError(`time ${atMs} is out of range`);
      this.#lastAtMs = atMs;
      const series = this.#readPresence(reader);
      this.#lastList = series;
      values += series.length;
      if (values > VALUES_PER_FRAME_MAX)
        throw new WireError(`${values} values, at most ${VALUES_PER_FRAME_MAX} allowed`);
      ticks.push({ atMs, series, values: NO_VALUES });
    }
    return ticks;
  }

  #readPresence(reader: ByteReader): readonly number[] {
    const mode = reader.byte();
    if (mode === ALL) return this.#lists.all;
    if (mode === BITMAP) return this.#lists.listOf(reader.bytes(this.#lists.bitmapBytes));
    if (mode !== AS_BEFORE || this.#lastList === null)
      throw new WireError(`presence mode ${mode} is unknown or out of place`);
    return this.#lastList;
  }

  /** Fills in the values, whose bits stand in `pad` from one byte to before another. */
  #readTicks(ticks: readonly OpenTick[], from: number, to: number): void {
    this.#bit = from * 8;
    for (const tick of ticks) {
      this.#check = checkAfter(this.#check, tick.atMs);
      tick.values = this.#readValues(tick.series);
    }
    if ((this.#bit + 7) >> 3 !== to) throw new WireError('the values do not end where the frame does');
    if (this.#bit & 7 && ((pad[to - 1] as number) << (this.#bit & 7)) & 255)
      throw new WireError('the last byte of the values does not end with zeros');
  }

  /** The loop that every sample of every agent goes through: the usual classes are in it, with few branches and no call. */
  #readValues(series: readonly number[]): Float64Array {
    const last = this.#last;
    const states = this.#states;
    const values = valuesOf(series.length);
    let bit = this.#bit;
    let check = this.#check;
    for (let i = 0; i < series.length; i++) {
      const number = series[i] as number;
      const at = bit >>> 3;
      const within = bit & 7;
      const word = (padView.getInt32(at) << within) | ((pad[at + 4] as number) >>> (8 - within));
      const state = states[number] as number;
      const mean = state & MEAN_MASK;
      // The class is the number of zeros before the first one.
      const zeros = Math.clz32(word);
      let head = zeros + 1;
      let length = zeros === 2 ? 0 : ((mean + 12) >> 4) + ((CLASS_BITS >>> (zeros << 2)) & 15);
      if (zeros === LONG_CLASS) {
        length = (word << head) >>> (32 - LENGTH_BITS);
        head += LENGTH_BITS;
      }
      if (zeros > LONG_CLASS || head + length > 32) {
        this.#bit = bit;
        this.#check = check;
        values[i] = this.#readRare(number);
        bit = this.#bit;
        check = this.#check;
        continue;
      }
      const coded = ((word << head) >>> 1) >>> (31 - length);
      bit += head + length;
      states[number] = state + ((((32 - Math.clz32(coded)) << 4) - mean) >> 2);
      const difference = (coded >>> 1) ^ -(coded & 1);
      const shift = state & SHIFT_MASK;
      const moved = shift === 0 ? difference : difference * (UNITS[shift >>> SHIFT_AT] as number);
      const scaled = (last[number] as number) + moved;
      if (scaled > SCALED_MAX || scaled < -SCALED_MAX) throw outOfRange(scaled);
      last[number] = scaled;
      const told = scaled + number;
      const rotated = (check << 5) | (check >>> 27);
      check = Math.imul(rotated + (told | 0) + ((told * HIGH_WORD) | 0), CHECK_FACTOR);
      values[i] = scaled / (POWERS[state >>> DECIMALS_AT] as number);
    }
    this.#bit = bit;
    this.#check = check;
    return values;
  }

  /** A value of any class, piece by piece. */
  #readRare(number: number): number {
    const width = widthOf((this.#states[number] as number) & MEAN_MASK);
    for (;;) {
      switch (this.#readClass()) {
        case 0:
          return this.#moved(number, this.#readBits(width));
        case 1:
          return this.#moved(number, this.#readBits(Math.min(width + WIDER_BITS, DIFFERENCE_BITS_MAX)));
        case 2:
          return this.#moved(number, 0);
        case 3:
          return this.#moved(number, this.#readBits(Math.min(width + WIDEST_BITS, DIFFERENCE_BITS_MAX)));
        default: {
          const length = this.#readBits(LENGTH_BITS);
          if (length === LENGTH_IS_FLOAT) return this.#readDouble(number);
          if (length === LENGTH_IS_SHIFT) {
            const state = this.#states[number] as number;
            this.#states[number] = (state & ~SHIFT_MASK) | (this.#readBits(SHIFT_BITS) << SHIFT_AT);
            break;
          }
          if (length > DIFFERENCE_BITS_MAX) throw new WireError(`a difference of ${length} bits`);
          return this.#moved(number, this.#readBits(length));
        }
      }
    }
  }

  #readClass(): number {
    for (let zeros = 0; zeros <= LONG_CLASS; zeros++) if (this.#readBits(1) === 1) return zeros;
    throw new WireError('a value of no known class');
  }

  #readBits(count: number): number {
    if (count > 24) {
      const high = this.#readBits(count - 24);
      return high * 2 ** 24 + this.#readBits(24);
    }
    if (count === 0) return 0;
    const bits = (padView.getInt32(this.#bit >>> 3) << (this.#bit & 7)) >>> (32 - count);
    this.#bit += count;
    return bits;
  }

  #moved(number: number, coded: number): number {
    const state = this.#states[number] as number;
    const unit = UNITS[(state & SHIFT_MASK) >>> SHIFT_AT] as number;
    const scaled = (this.#last[number] as number) + unzigzag(coded) * unit;
    if (Math.abs(scaled) > SCALED_MAX) throw outOfRange(scaled);
    this.#last[number] = scaled;
    this.#states[number] = (state & ~MEAN_MASK) | meanAfter(state & MEAN_MASK, bitLength(coded));
    this.#check = checkAfter(this.#check, scaled + number);
    return scaled / (POWERS[state >>> DECIMALS_AT] as number);
  }

  #readDouble(number: number): number {
    const high = this.#readBits(32);
    const low = this.#readBits(32);
    this.#check = checkAfter(checkAfter(this.#check, low + number), high);
    wordBytes.setUint32(0, high);
    wordBytes.setUint32(4, low);
    const value = wordBytes.getFloat64(0);
    // What another's NaN carries must not come to the disk in one way and back in another.
    return Number.isNaN(value) ? Number.NaN : value;
  }
}

function readDeclaration(reader: ByteReader): SeriesDeclaration {
  const metric = oneText(reader.text(METRIC_BYTES_MAX));
  const instance = oneText(reader.text(INSTANCE_BYTES_MAX));
  const flags = reader.byte();
  const decimals = flags >> 1;
  if (decimals > DECIMALS_MAX) throw new WireError(`${decimals} decimals, at most ${DECIMALS_MAX} allowed`);
  return { metric, instance, kind: flags & 1 ? 'counter' : 'gauge', decimals };
}

/** Names of metrics and instances repeat from machine to machine: thousands of connections share one copy of each. */
const texts = new Map<string, string>();
const TEXTS_MAX = 20_000;

function oneText(text: string): string {
  const known = texts.get(text);
  if (known !== undefined) return known;
  // Begun anew rather than closed: names that one machine made up must not take the places of all others for good.
  if (texts.size === TEXTS_MAX) texts.clear();
  texts.set(text, text);
  return text;
}

function outOfRange(scaled: number): WireError {
  return new WireError(`scaled value ${scaled} is out of range`);
}

function grown<A extends Float64Array | Int32Array>(into: A, from: A): A {
  into.set(from);
  return into;
}
