/**
 * How the sums, lowest, highest and last values of one series' buckets are written: the average tells most about the
 * others, so these are told by their distance from it, and the last often is the lowest or the highest.
 *
 *   values   := byte 0, plain | byte 1, gauge | byte 2, counter
 *   plain    := packed sums, packed lowest, packed highest, packed last
 *   gauge    := byte decimals, varint zigzag(base), varint unit, told
 *   counter  := varint distances, { varint ms } (commonest first), told, [if there are several: wholes, places of the distances of
 *               the lowest, then the highest; wholes, of the last that are told]
 *   told     := wholes: sums; wholes: average − lowest, then highest − average; places (last-places.ts): 0 where the last is
 *               the lowest, 1 the highest, 2 neither; wholes: last − average of the latter
 *
 * Of a gauge all values are (base + whole × unit) / 10^decimals, a sum counting `base` once per sample. Of a counter the
 * sum is a whole increase, and a rate a whole increase × 1000 / distance of two readings in ms.
 */
import { type ByteReader, type ByteWriter, unzigzag, WireError, zigzag } from '@muster/shared/wire/bytes.ts';
import type { Buckets } from '../../metrics/buckets.ts';
import { readPlaces, writePlaces } from './last-places.ts';
import { DECIMALS_MAX, powerOfTen } from './numbers.ts';
import { packNumbers, unpackNumbers } from './packed-numbers.ts';
import { packWholes, unpackWholes, WHOLE_MAX } from './packed-wholes.ts';
import { increaseOf, type RateDistances, rateOf } from './rate-distances.ts';

const PLAIN = 0;
const GAUGE = 1;
const COUNTER = 2;
/** Rounding error of adding some hundred doubles, relative to what was added. */
const SUM_ERROR = 1e-13;
/** Numbers below this, and the differences between any two of them, can be packed as wholes. */
const SMALL_MAX = WHOLE_MAX / 4;
const DISTANCES_MAX = 255;

/** Where the last value is found. */
const LOWEST = 0;
const HIGHEST = 1;
const NEITHER = 2;

/** Scratch, grown to the longest window. */
class Told {
  readonly sums: Float64Array;
  /** Lowest, then highest: first the wholes, then their distances from the average. */
  readonly bounds: Float64Array;
  readonly lastIs: Uint8Array;
  /** Of the last values that are neither. */
  readonly lasts: Float64Array;
  lastCount = 0;
  /** Places of the distances of the same. */
  readonly boundPlaces: Float64Array;
  readonly lastPlaces: Float64Array;

  constructor(capacity: number) {
    this.sums = new Float64Array(capacity);
    this.bounds = new Float64Array(capacity * 2);
    this.lastIs = new Uint8Array(capacity);
    this.lasts = new Float64Array(capacity);
    this.boundPlaces = new Float64Array(capacity * 2);
    this.lastPlaces = new Float64Array(capacity);
  }

  /** Says for each bucket where its last value is found. */
  placeLasts({ mins, maxs, lasts, length }: Buckets): void {
    this.lastCount = 0;
    for (let i = 0; i < length; i++) {
      const last = lasts[i] as number;
      const is = isSame(last, mins[i] as number)
        ? LOWEST
        : isSame(last, maxs[i] as number)
          ? HIGHEST
          : NEITHER;
      if (is === NEITHER) this.lastCount += 1;
      this.lastIs[i] = is;
    }
  }

  write(writer: ByteWriter, count: number): void {
    packWholes(writer, this.sums, count);
    packWholes(writer, this.bounds, count * 2);
    writePlaces(writer, this.lastIs, count);
    packWholes(writer, this.lasts, this.lastCount);
  }

  read(reader: ByteReader, count: number): void {
    unpackWholes(reader, this.sums, count);
    unpackWholes(reader, this.bounds, count * 2);
    readPlaces(reader, this.lastIs, count);
    this.lastCount = 0;
    for (let i = 0; i < count; i++) if (this.lastIs[i] === NEITHER) this.lastCount += 1;
    unpackWholes(reader, this.lasts, this.lastCount);
  }
}

/** `Object.is` of numbers, in a fraction of the time. */
function isSame(a: number, b: number): boolean {
  return a === b ? a !== 0 || 1 / a === 1 / b : a !== a && b !== b;
}

let told = new Told(256);

function reserve(count: number): void {
  if (count > told.sums.length) told = new Told(count * 2);
}

/** `weights`: as told; undefined for a gauge. */
export function writeValues(
  writer: ByteWriter,
  buckets: Buckets,
  weights: Float64Array | undefined,
  distances: RateDistances,
): void {
  reserve(buckets.length);
  const done =
    weights === undefined ? writeGauge(writer, buckets) : writeCounter(writer, buckets, weights, distances);
  if (done) return;
  writer.byte(PLAIN);
  const { sums, mins, maxs, lasts, length } = buckets;
  for (const column of [sums, mins, maxs, lasts]) packNumbers(writer, column, length, undefined);
}

/** Fills sums, lowest, highest and last; length, counts and weights are there already. */
export function readValues(reader: ByteReader, buckets: Buckets): void {
  reserve(buckets.length);
  const form = reader.byte();
  const { sums, mins, maxs, lasts, length } = buckets;
  if (form === GAUGE) readGauge(reader, buckets);
  else if (form === COUNTER) readCounter(reader, buckets);
  else if (form === PLAIN)
    for (const column of [sums, mins, maxs, lasts]) unpackNumbers(reader, column, length);
  else throw new WireError(`buckets of form ${form}`);
}

function writeGauge(writer: ByteWriter, buckets: Buckets): boolean {
  const count = buckets.length;
  told.placeLasts(buckets);
  const decimals = commonDecimals(buckets);
  if (decimals === undefined) return false;
  const base = Math.round(buckets.min(0) * powerOfTen(decimals));
  if (!takeGauge(buckets, powerOfTen(decimals), base)) return false;
  const unit = commonUnit(count);
  if (unit !== 1) divide(count, unit);
  const { sums, bounds, lastIs, lasts } = told;
  let next = 0;
  for (let i = 0; i < count; i++) {
    const average = averageOf(sums[i] as number, buckets.count(i));
    bounds[i] = average - (bounds[i] as number);
    bounds[count + i] = (bounds[count + i] as number) - average;
    if (lastIs[i] === NEITHER) {
      lasts[next] = (lasts[next] as number) - average;
      next += 1;
    }
  }
  writer.byte(GAUGE);
  writer.byte(decimals);
  writer.varint(zigzag(base));
  writer.varint(unit);
  told.write(writer, count);
  return true;
}

/** Fills `told` with distances from `base`; false if some number has no whole or is too large. */
function takeGauge(
  { counts, sums, mins, maxs, lasts, length }: Buckets,
  power: number,
  base: number,
): boolean {
  let next = 0;
  for (let i = 0; i < length; i++) {
    const count = counts[i] as number;
    const value = sums[i] as number;
    const whole = Math.round(value * power);
    const size = Math.max(Math.abs(mins[i] as number), Math.abs(maxs[i] as number)) * count;
    // The rounding errors of adding go.
    if (!(Math.abs(whole / power - value) <= size * SUM_ERROR)) return false;
    if (!(Math.abs(whole) < SMALL_MAX && Math.abs(base * count) < SMALL_MAX)) return false;
    told.sums[i] = whole - base * count;
    told.bounds[i] = Math.round((mins[i] as number) * power) - base;
    told.bounds[length + i] = Math.round((maxs[i] as number) * power) - base;
    if (told.lastIs[i] === NEITHER) told.lasts[next++] = Math.round((lasts[i] as number) * power) - base;
  }
  return true;
}

function readGauge(reader: ByteReader, { counts, sums, mins, maxs, lasts, length }: Buckets): void {
  const decimals = reader.byte();
  if (decimals > DECIMALS_MAX) throw new WireError(`buckets with ${decimals} decimals`);
  const power = powerOfTen(decimals);
  const base = unzigzag(reader.varint());
  const unit = reader.varint();
  told.read(reader, length);
  let next = 0;
  for (let i = 0; i < length; i++) {
    const sum = told.sums[i] as number;
    const count = counts[i] as number;
    const average = averageOf(sum, count);
    sums[i] = (sum * unit + base * count) / power;
    mins[i] = ((average - (told.bounds[i] as number)) * unit + base) / power;
    maxs[i] = ((average + (told.bounds[length + i] as number)) * unit + base) / power;
    lasts[i] =
      told.lastIs[i] === NEITHER
        ? ((average + (told.lasts[next++] as number)) * unit + base) / power
        : ((told.lastIs[i] === LOWEST ? mins[i] : maxs[i]) as number);
  }
}

function writeCounter(
  writer: ByteWriter,
  buckets: Buckets,
  weights: Float64Array,
  distances: RateDistances,
): boolean {
  const { counts, mins, maxs, lasts, length } = buckets;
  if (!takeIncreases(buckets, weights)) return false;
  told.placeLasts(buckets);
  const { boundPlaces, lastPlaces } = told;
  let next = 0;
  for (let i = 0; i < length; i++) {
    const meanMs = ((weights[i] as number) * 1000) / (counts[i] as number);
    boundPlaces[i] = distances.placeOf(mins[i] as number, meanMs);
    boundPlaces[length + i] = distances.placeOf(maxs[i] as number, meanMs);
    const place = told.lastIs[i] === NEITHER ? distances.placeOf(lasts[i] as number, meanMs) : 0;
    if (Math.min(boundPlaces[i] as number, boundPlaces[length + i] as number, place) < 0) return false;
    if (told.lastIs[i] === NEITHER) lastPlaces[next++] = place;
  }
  const distancesMs = distances.rank([boundPlaces.subarray(0, 2 * length), lastPlaces.subarray(0, next)]);
  if (!takeRates(buckets, weights, distancesMs)) return false;
  writer.byte(COUNTER);
  writer.varint(distancesMs.length);
  for (const distanceMs of distancesMs) writer.varint(distanceMs);
  told.write(writer, length);
  if (distancesMs.length > 1) {
    packWholes(writer, boundPlaces, 2 * length);
    packWholes(writer, lastPlaces, next);
  }
  return true;
}

/** Fills sums; false if some is no whole increase. */
function takeIncreases({ sums, maxs, length }: Buckets, weights: Float64Array): boolean {
  for (let i = 0; i < length; i++) {
    const value = sums[i] as number;
    const whole = Math.round(value);
    const size = (maxs[i] as number) * (weights[i] as number);
    if (!(Math.abs(whole - value) <= size * SUM_ERROR && whole >= 0 && whole < SMALL_MAX)) return false;
    told.sums[i] = whole + 0;
  }
  return true;
}

/** Fills bounds and lasts; false if some increase is too far from the average. */
function takeRates(
  { mins, maxs, lasts, length }: Buckets,
  weights: Float64Array,
  distancesMs: readonly number[],
): boolean {
  const { sums, bounds, boundPlaces, lastPlaces } = told;
  let next = 0;
  for (let i = 0; i < length; i++) {
    const perSecond = (sums[i] as number) / (weights[i] as number);
    const offOf = (rate: number, place: number) => {
      const distanceMs = distancesMs[place] as number;
      return increaseOf(rate, distanceMs) - expectedOf(perSecond, distanceMs);
    };
    const low = offOf(mins[i] as number, boundPlaces[i] as number);
    const high = offOf(maxs[i] as number, boundPlaces[length + i] as number);
    let last = 0;
    if (told.lastIs[i] === NEITHER) {
      last = offOf(lasts[i] as number, lastPlaces[next] as number);
      told.lasts[next++] = last;
    }
    if (!(Math.max(Math.abs(low), Math.abs(high), Math.abs(last)) < SMALL_MAX)) return false;
    bounds[i] = 0 - low;
    bounds[length + i] = high;
  }
  return true;
}

function readCounter(reader: ByteReader, { weights, sums, mins, maxs, lasts, length }: Buckets): void {
  const count = reader.varint();
  if (count < 1 || count > DISTANCES_MAX) throw new WireError(`${count} distances of readings`);
  const distancesMs = Array.from({ length: count }, () => reader.varint());
  told.read(reader, length);
  const { bounds, boundPlaces, lastPlaces } = told;
  if (count > 1) {
    unpackWholes(reader, boundPlaces, 2 * length);
    unpackWholes(reader, lastPlaces, told.lastCount);
  } else {
    boundPlaces.fill(0, 0, 2 * length);
    lastPlaces.fill(0, 0, told.lastCount);
  }
  let next = 0;
  for (let i = 0; i < length; i++) {
    const sum = told.sums[i] as number;
    const perSecond = sum / (weights[i] as number);
    const rateAt = (off: number, place: number) => {
      const distanceMs = distancesMs[place];
      if (distanceMs === undefined) throw new WireError('no such distance of readings');
      return rateOf(expectedOf(perSecond, distanceMs) + off, distanceMs);
    };
    sums[i] = sum;
    mins[i] = rateAt(-(bounds[i] as number), boundPlaces[i] as number);
    maxs[i] = rateAt(bounds[length + i] as number, boundPlaces[length + i] as number);
    if (told.lastIs[i] !== NEITHER) lasts[i] = (told.lastIs[i] === LOWEST ? mins[i] : maxs[i]) as number;
    else {
      lasts[i] = rateAt(told.lasts[next] as number, lastPlaces[next] as number);
      next += 1;
    }
  }
}

/** Average of a bucket as a whole. The same wherever it is worked out; never −0. */
function averageOf(sum: number, weight: number): number {
  return finiteWhole(sum / weight);
}

/** Increase over a distance at the average rate of a bucket. */
function expectedOf(perSecond: number, distanceMs: number): number {
  return finiteWhole((perSecond * distanceMs) / 1000);
}

function finiteWhole(value: number): number {
  const whole = Math.round(value);
  return whole - whole === 0 ? whole + 0 : 0;
}

/** Fewest decimals that keep lowest, highest and last values, which are placed; undefined if none does. */
function commonDecimals({ mins, maxs, lasts, length }: Buckets): number | undefined {
  let decimals = 0;
  for (const column of [mins, maxs, lasts]) {
    let power = powerOfTen(decimals);
    for (let i = 0; i < length; i++) {
      // It is one of the others.
      if (column === lasts && told.lastIs[i] !== NEITHER) continue;
      const value = column[i] as number;
      while (!fits(value, power)) {
        decimals += 1;
        if (decimals > DECIMALS_MAX) return undefined;
        power = powerOfTen(decimals);
      }
    }
  }
  return decimals;
}

function fits(value: number, power: number): boolean {
  const whole = Math.round(value * power);
  return whole / power === value && whole < SMALL_MAX && whole > -SMALL_MAX && (whole !== 0 || 1 / value > 0);
}

/** Greatest number that divides all that is told of a gauge; 1 if all is 0. */
function commonUnit(count: number): number {
  let unit = 0;
  for (const [column, length] of [
    [told.sums, count],
    [told.bounds, count * 2],
    [told.lasts, told.lastCount],
  ] as const) {
    for (let i = 0; i < length && unit !== 1; i++) {
      let rest = Math.abs(column[i] as number);
      // Mostly it is a multiple of what was found.
      if (unit !== 0 && rest % unit === 0) continue;
      while (rest !== 0) {
        const before = unit;
        unit = rest;
        rest = before % rest;
      }
    }
  }
  return unit === 0 ? 1 : unit;
}

function divide(count: number, unit: number): void {
  const { sums, bounds, lasts, lastCount } = told;
  for (let i = 0; i < count; i++) sums[i] = (sums[i] as number) / unit;
  for (let i = 0; i < count * 2; i++) bounds[i] = (bounds[i] as number) / unit;
  for (let i = 0; i < lastCount; i++) lasts[i] = (lasts[i] as number) / unit;
}
