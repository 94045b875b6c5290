/**
 * Codec of a column of whole numbers: distances from the first, divided by what they have in common, are told by what a
 * simple prediction leaves over.
 *
 *   wholes   := byte form: bit 0 has a divisor, 1–2 prediction, 3 nothing is left over; varint zigzag(first)
 *               then, if there is more than one: [byte shift, varint odd part: the divisor], varint zigzag(centre),
 *               [byte lean, for prediction 0], [byte low bits, remainders (remainders.ts)]
 *
 * With y[i] = (number[i] − number[0]) / divisor the remainder is y[i] − prediction, for i ≥ 1. Predictions are
 *   0 lean: centre + round(lean / 16 × (y[i − 1] − centre))      1 step: y[i − 1] + centre
 *   2 bend: 2 y[i − 1] − y[i − 2]                                3 line: i × centre
 */
import { type ByteReader, type ByteWriter, unzigzag, WireError, zigzag } from '@muster/shared/wire/bytes.ts';
import { bitLength, LOW_BITS_MAX, readRemainders, writeRemainders } from './remainders.ts';

/** Magnitudes below this are packed: whatever the prediction, remainders stay exact. */
export const WHOLE_MAX = 2 ** 49;

const LEAN = 0;
const STEP = 1;
const BEND = 2;
const LINE = 3;
const HAS_DIVISOR = 1;
const PREDICTION_SHIFT = 1;
const NOTHING_LEFT = 8;
const FORM_MAX = 15;

const LEAN_UNIT = 16;
/** Numbers that hang together less than this are not leant on. */
const LEAN_MIN = 4;
/** Share of the numbers whose quotient is a literal. */
const LITERAL_SHARE = 0.95;
const ESTIMATE_STRIDE = 3;
const ESTIMATE_ALL = 64;
/** Columns in which every code makes itself felt. */
const SHORT = 256;
/** Numbers looked at for what is typical. */
const SAMPLES = 13;
const SAMPLES_OF_SHORT = 7;
/** Numbers below this are small integers. */
const SMALL_RANGE = 2 ** 30;
/** Bits of a difference for which estimates are made exactly. */
const ESTIMATE_BITS = 31;

/** Scratch, grown to the longest column. */
let scratch = new Float64Array(1024);
let remainders = new Float64Array(1024);

function reserve(count: number): void {
  if (count <= scratch.length) return;
  scratch = new Float64Array(count * 2);
  remainders = new Float64Array(count * 2);
}

/** Writes the first `count` of some whole numbers below WHOLE_MAX, none of them −0. `straight`: they may lie along a line. */
export function packWholes(writer: ByteWriter, numbers: Float64Array, count: number, straight = false): void {
  if (count === 0) return;
  const first = numbers[0] as number;
  if (count === 1) {
    writer.byte(0);
    writer.varint(zigzag(first));
    return;
  }
  if (isConstant(numbers, count, first)) {
    writer.byte((STEP << PREDICTION_SHIFT) | NOTHING_LEFT);
    writer.varint(zigzag(first));
    writer.varint(0);
    return;
  }
  reserve(count);
  const column = new Distances(scratch, numbers, count);
  const model = column.model(straight);
  const spread = column.remainders(model, remainders);
  const isDivided = column.shift > 0 || column.odd > 1;
  const nothing = spread.zeros === count - 1;
  writer.byte(
    (isDivided ? HAS_DIVISOR : 0) | (model.prediction << PREDICTION_SHIFT) | (nothing ? NOTHING_LEFT : 0),
  );
  writer.varint(zigzag(first));
  if (isDivided) {
    writer.byte(column.shift);
    writer.varint(column.odd);
  }
  writer.varint(zigzag(model.centre));
  if (model.prediction === LEAN) writer.byte(model.lean);
  if (nothing) return;
  const lowBits = Math.min(LOW_BITS_MAX, spread.lowBits);
  writer.byte(lowBits);
  writeRemainders(writer, remainders, count, lowBits, spread);
}

/** Fills `into` from 0 with `count` whole numbers, each divided by `power`. */
export function unpackWholes(reader: ByteReader, into: Float64Array, count: number, power = 1): void {
  if (count === 0) return;
  const form = reader.byte();
  if (form > FORM_MAX) throw new WireError(`whole numbers of form ${form}`);
  const first = unzigzag(reader.varint());
  into[0] = first / power;
  if (count === 1) return;
  reserve(count);
  let unit = 1;
  if (form & HAS_DIVISOR) {
    const shift = reader.byte();
    if (shift > 31) throw new WireError(`divisor 2^${shift}`);
    unit = 2 ** shift * reader.varint();
  }
  const prediction = (form >> PREDICTION_SHIFT) & 3;
  const centre = unzigzag(reader.varint());
  const lean = prediction === LEAN ? reader.byte() : 0;
  if (form & NOTHING_LEFT) remainders.fill(0, 1, count);
  else {
    const lowBits = reader.byte();
    if (lowBits > LOW_BITS_MAX) throw new WireError(`${lowBits} low bits`);
    readRemainders(reader, remainders, count, lowBits);
  }
  if (prediction === LEAN) undoLean(remainders, into, count, first, unit, power, centre, lean);
  else if (prediction === STEP) undoStep(remainders, into, count, first, unit, power, centre);
  else undoOther(remainders, into, count, first, unit, power, prediction, centre);
}

/** The same number throughout, as a tenth of all columns are. */
function isConstant(numbers: Float64Array, count: number, first: number): boolean {
  // The last one differs in nearly all others.
  for (let i = count - 1; i > 0; i--) if (numbers[i] !== first) return false;
  return true;
}

interface Model {
  readonly prediction: number;
  readonly centre: number;
  readonly lean: number;
}

/** Distances from the first number, divided by what all have in common: y of the description. */
class Distances {
  readonly shift: number;
  readonly odd: number;
  readonly #y: Float64Array;
  readonly #count: number;
  /** Estimates count bits of differences times this, which is 1 unless they are very large. */
  readonly #shrink: number;
  readonly #shrunkBits: number;

  constructor(y: Float64Array, numbers: Float64Array, count: number) {
    this.#y = y;
    this.#count = count;
    const first = numbers[0] as number;
    let bits = 0;
    let lowest = 0;
    let highest = 0;
    for (let i = 0; i < count; i++) {
      const distance = (numbers[i] as number) - first;
      y[i] = distance;
      bits |= distance;
      if (distance < lowest) lowest = distance;
      if (distance > highest) highest = distance;
    }
    this.shift = bits === 0 ? 0 : 31 - Math.clz32(bits & -bits);
    this.odd = lowest === highest ? 1 : commonDivisor(y, count, 2 ** -this.shift, highest - lowest);
    const unit = this.odd * 2 ** this.shift;
    if (unit !== 1) for (let i = 1; i < count; i++) y[i] = (y[i] as number) / unit;
    // Differences of differences take two bits more than the range.
    this.#shrunkBits = Math.max(0, bitLength((highest - lowest) / unit) + 2 - ESTIMATE_BITS);
    this.#shrink = 2 ** -this.#shrunkBits;
  }

  /** The prediction that leaves the fewest bits over. */
  model(straight: boolean): Model {
    const y = this.#y;
    const count = this.#count;
    const shrink = this.#shrink;
    const middle = this.#typical(false);
    const stepCentre = this.#typical(true);
    let flat = 0;
    let step = 0;
    let bend = 0;
    let together = 0;
    let squares = 0;
    // Of a column that is not short every second or third number tells enough.
    const stride = count < ESTIMATE_ALL ? 1 : count < SHORT ? 2 : ESTIMATE_STRIDE;
    for (let i = 2; i < count; i += stride) {
      const now = y[i] as number;
      const before = y[i - 1] as number;
      const difference = now - before;
      const off = (now - middle) * shrink;
      flat += 32 - Math.clz32(Math.abs(off));
      step += 32 - Math.clz32(Math.abs(difference - stepCentre) * shrink);
      bend += 32 - Math.clz32(Math.abs(difference - before + (y[i - 2] as number)) * shrink);
      together += off * (before - middle);
      squares += off * off;
    }
    together *= shrink;
    let best = step;
    let model: Model = { prediction: STEP, centre: stepCentre, lean: 0 };
    const offer = (bits: number, prediction: number, centre: number, lean: number) => {
      if (bits >= best) return;
      best = bits;
      model = { prediction, centre, lean };
    };
    offer(bend, BEND, 0, 0);
    offer(flat, LEAN, middle, 0);
    const lean = squares > 0 ? Math.min(LEAN_UNIT - 1, Math.round((LEAN_UNIT * together) / squares)) : 0;
    if (lean >= LEAN_MIN && best * stride > count)
      offer(this.#leanBits(middle, lean, stride), LEAN, middle, lean);
    if (straight) {
      const slope = Math.round((y[count - 1] as number) / (count - 1));
      offer(this.#lineBits(slope, stride), LINE, slope, 0);
    }
    return model;
  }

  #leanBits(centre: number, lean: number, stride: number): number {
    const y = this.#y;
    const shrink = this.#shrink;
    const share = lean / LEAN_UNIT;
    let bits = 0;
    for (let i = 2; i < this.#count; i += stride) {
      const left = (y[i] as number) - centre - ((y[i - 1] as number) - centre) * share;
      bits += 32 - Math.clz32(Math.abs(left) * shrink);
    }
    return bits;
  }

  #lineBits(slope: number, stride: number): number {
    const y = this.#y;
    let bits = 0;
    for (let i = 2; i < this.#count; i += stride)
      bits += 32 - Math.clz32(Math.abs((y[i] as number) - slope * i) * this.#shrink);
    return bits;
  }

  /** The median of some of the numbers or of their steps; 0 where that is common. */
  #typical(steps: boolean): number {
    const y = this.#y;
    const used = Math.min(this.#count < SHORT ? SAMPLES_OF_SHORT : SAMPLES, this.#count - 1);
    const stride = (this.#count - 1) / used;
    let zeros = 0;
    for (let n = 0; n < used; n++) {
      const i = 1 + Math.floor(n * stride);
      const value = steps ? (y[i] as number) - (y[i - 1] as number) : (y[i] as number);
      if (value === 0) zeros += 1;
      let at = n;
      while (at > 0 && (sampled[at - 1] as number) > value) {
        sampled[at] = sampled[at - 1] as number;
        at -= 1;
      }
      sampled[at] = value;
    }
    return zeros * 4 > used ? 0 : (sampled[used >> 1] as number);
  }

  /** Fills `into` from 1; tells how the remainders are spread and how many of their low bits are noise. */
  remainders(
    { prediction, centre, lean }: Model,
    into: Float64Array,
  ): { readonly zeros: number; readonly longest: number; readonly lowBits: number } {
    const y = this.#y;
    const count = this.#count;
    if (prediction === STEP) {
      for (let i = 1; i < count; i++) into[i] = (y[i] as number) - (y[i - 1] as number) - centre;
    } else if (prediction === LEAN) {
      const share = lean / LEAN_UNIT;
      for (let i = 1; i < count; i++) {
        const leant = Math.floor(((y[i - 1] as number) - centre) * share + 0.5);
        into[i] = (y[i] as number) - centre - leant;
      }
    } else if (prediction === BEND) {
      into[1] = y[1] as number;
      for (let i = 2; i < count; i++)
        into[i] = (y[i] as number) - 2 * (y[i - 1] as number) + (y[i - 2] as number);
    } else for (let i = 1; i < count; i++) into[i] = (y[i] as number) - centre * i;
    return this.#spread(into);
  }

  #spread(values: Float64Array): { zeros: number; longest: number; lowBits: number } {
    const count = this.#count;
    const shrink = this.#shrink;
    lengthCounts.fill(0);
    let zeros = 0;
    if (shrink === 1) {
      for (let i = 1; i < count; i++) {
        const length = 32 - Math.clz32(Math.abs((values[i] as number) | 0));
        lengthCounts[length] = (lengthCounts[length] as number) + 1;
      }
      zeros = lengthCounts[0] as number;
    } else {
      for (let i = 1; i < count; i++) {
        const value = values[i] as number;
        if (value === 0) zeros += 1;
        const length = 32 - Math.clz32(Math.abs(value) * shrink);
        lengthCounts[length] = (lengthCounts[length] as number) + 1;
      }
    }
    let longest = 32;
    while (longest > 0 && lengthCounts[longest] === 0) longest -= 1;
    // Zeros are best told by runs and short codes.
    let lowBits = 0;
    if (zeros * 4 <= count) {
      let passed = 0;
      let length = -1;
      while (passed < LITERAL_SHARE * (count - 1)) passed += lengthCounts[++length] as number;
      // Literals have four bits, one of them for the sign; a short column is better off with fewer codes.
      lowBits = Math.max(0, length + this.#shrunkBits - (count < SHORT ? 2 : 3));
    }
    return { zeros, longest: longest + this.#shrunkBits, lowBits };
  }
}

const sampled = new Float64Array(SAMPLES);
const lengthCounts = new Uint32Array(33);

/**
 * Of numbers times the inverse of a power of two that divides all. Mostly found to be 1 after a few steps: noise has nothing
 * in common. `range`: none of the numbers is larger.
 */
function commonDivisor(numbers: Float64Array, count: number, inverse: number, range: number): number {
  return range * inverse < SMALL_RANGE
    ? smallDivisor(numbers, count, inverse)
    : wideDivisor(numbers, count, inverse);
}

/** With remainders of small integers, which take a fraction of the time. */
function smallDivisor(numbers: Float64Array, count: number, inverse: number): number {
  let divisor = 0;
  for (let i = 1; i < count && divisor !== 1; i++) {
    let rest = Math.abs((numbers[i] as number) * inverse) | 0;
    if (divisor !== 0 && rest % divisor === 0) continue;
    while (rest !== 0) {
      const before = divisor;
      divisor = rest;
      rest = (before % rest) | 0;
    }
  }
  return divisor === 0 ? 1 : divisor;
}

function wideDivisor(numbers: Float64Array, count: number, inverse: number): number {
  let divisor = 0;
  for (let i = 1; i < count && divisor !== 1; i++) {
    let rest = Math.abs(numbers[i] as number) * inverse;
    while (rest !== 0) {
      const before = divisor;
      divisor = rest;
      rest = before % rest;
    }
  }
  return divisor === 0 ? 1 : divisor;
}

function undoStep(
  left: Float64Array,
  into: Float64Array,
  count: number,
  first: number,
  unit: number,
  power: number,
  centre: number,
): void {
  let y = 0;
  // The usual cases without what does nothing in them: a division costs as much as the rest.
  if (power === 1) {
    y = first;
    const step = centre * unit;
    for (let i = 1; i < count; i++) {
      y += (left[i] as number) * unit + step;
      into[i] = y;
    }
  } else if (unit === 1) {
    y = first;
    for (let i = 1; i < count; i++) {
      y += (left[i] as number) + centre;
      into[i] = y / power;
    }
  } else {
    for (let i = 1; i < count; i++) {
      y += (left[i] as number) + centre;
      into[i] = (first + y * unit) / power;
    }
  }
}

function undoLean(
  left: Float64Array,
  into: Float64Array,
  count: number,
  first: number,
  unit: number,
  power: number,
  centre: number,
  lean: number,
): void {
  const share = lean / LEAN_UNIT;
  let off = -centre;
  for (let i = 1; i < count; i++) {
    off = Math.floor(off * share + 0.5) + (left[i] as number);
    into[i] = (first + (off + centre) * unit) / power;
  }
}

function undoOther(
  left: Float64Array,
  into: Float64Array,
  count: number,
  first: number,
  unit: number,
  power: number,
  prediction: number,
  centre: number,
): void {
  let y = 0;
  let step = 0;
  for (let i = 1; i < count; i++) {
    step += left[i] as number;
    y += step;
    const number = prediction === BEND ? y : (left[i] as number) + centre * i;
    into[i] = (first + number * unit) / power;
  }
}
