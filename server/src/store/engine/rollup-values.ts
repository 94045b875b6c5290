/**
 * How the sums, lowest, highest and last values of one series' buckets are written: the average tells most about the
 * others, so these are told by their distance from it.
 *
 *   values   := byte 0, plain | byte 1, gauge | byte 2, counter
 *   plain    := packed sums, packed lowest, packed highest, packed last
 *   gauge    := byte decimals, varint zigzag(base), varint unit, wholes × 4
 *   counter  := varint distances, { varint ms } (commonest first), [wholes × 3: distance of lowest, highest, last, if there
 *               are several], wholes × 4
 *
 * Of a gauge all values are (base + whole × unit) / 10^decimals, a sum counting `base` once per sample. Of a counter the
 * sum is a whole increase, and a rate a whole increase × 1000 / distance of two readings in ms. The wholes × 4 are the
 * sum, then average − lowest, highest − average, last − average.
 */
import { type ByteReader, type ByteWriter, unzigzag, WireError, zigzag } from '@muster/shared/wire/bytes.ts';
import type { Buckets } from '../../metrics/buckets.ts';
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

/** Scratch, grown to the longest window: sums, lowest, highest, last as wholes; places of the distances of the latter three. */
let wholes = [0, 1, 2, 3].map(() => new Float64Array(256)) as Four;
let places = [0, 1, 2].map(() => new Uint8Array(256));
type Four = [Float64Array, Float64Array, Float64Array, Float64Array];

function reserve(count: number): void {
  if (count <= wholes[0].length) return;
  wholes = wholes.map(() => new Float64Array(count * 2)) as Four;
  places = places.map(() => new Uint8Array(count * 2));
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
  const decimals = commonDecimals(buckets);
  if (decimals === undefined) return false;
  const base = Math.round(buckets.min(0) * powerOfTen(decimals));
  if (!takeGauge(buckets, powerOfTen(decimals), base)) return false;
  const unit = commonUnit(count);
  if (unit !== 1) {
    for (const column of wholes) for (let i = 0; i < count; i++) column[i] = (column[i] as number) / unit;
  }
  const [sum, min, max, last] = wholes;
  for (let i = 0; i < count; i++) {
    const average = averageOf(sum[i] as number, buckets.count(i), 1);
    min[i] = average - (min[i] as number);
    max[i] = (max[i] as number) - average;
    last[i] = (last[i] as number) - average;
  }
  writer.byte(GAUGE);
  writer.byte(decimals);
  writer.varint(zigzag(base));
  writer.varint(unit);
  for (const column of wholes) packWholes(writer, column, count);
  return true;
}

/** Fills `wholes` with distances from `base`; false if some number has no whole or is too large. */
function takeGauge(
  { counts, sums, mins, maxs, lasts, length }: Buckets,
  power: number,
  base: number,
): boolean {
  const [sum, min, max, last] = wholes;
  for (let i = 0; i < length; i++) {
    const count = counts[i] as number;
    const value = sums[i] as number;
    const whole = Math.round(value * power);
    const size = Math.max(Math.abs(mins[i] as number), Math.abs(maxs[i] as number)) * count;
    // The rounding errors of adding go.
    if (!(Math.abs(whole / power - value) <= size * SUM_ERROR)) return false;
    if (!(Math.abs(whole) < SMALL_MAX && Math.abs(base * count) < SMALL_MAX)) return false;
    sum[i] = whole - base * count;
    min[i] = Math.round((mins[i] as number) * power) - base;
    max[i] = Math.round((maxs[i] as number) * power) - base;
    last[i] = Math.round((lasts[i] as number) * power) - base;
  }
  return true;
}

function readGauge(reader: ByteReader, { counts, sums, mins, maxs, lasts, length }: Buckets): void {
  const decimals = reader.byte();
  if (decimals > DECIMALS_MAX) throw new WireError(`buckets with ${decimals} decimals`);
  const power = powerOfTen(decimals);
  const base = unzigzag(reader.varint());
  const unit = reader.varint();
  for (const column of [sums, mins, maxs, lasts]) unpackWholes(reader, column, length);
  for (let i = 0; i < length; i++) {
    const sum = sums[i] as number;
    const count = counts[i] as number;
    const average = averageOf(sum, count, 1);
    sums[i] = (sum * unit + base * count) / power;
    mins[i] = ((average - (mins[i] as number)) * unit + base) / power;
    maxs[i] = ((average + (maxs[i] as number)) * unit + base) / power;
    lasts[i] = ((average + (lasts[i] as number)) * unit + base) / power;
  }
}

function writeCounter(
  writer: ByteWriter,
  buckets: Buckets,
  weights: Float64Array,
  distances: RateDistances,
): boolean {
  const count = buckets.length;
  const rates = [buckets.mins, buckets.maxs, buckets.lasts];
  if (!takeIncreases(buckets, weights)) return false;
  for (const [column, of] of rates.entries())
    if (!distances.find(of, weights, count, places[column] as Uint8Array)) return false;
  const distancesMs = distances.rank(places, count);
  const [sum, ...others] = wholes;
  for (const [column, into] of others.entries()) {
    const of = rates[column] as Float64Array;
    const place = places[column] as Uint8Array;
    for (let i = 0; i < count; i++) {
      const distanceMs = distancesMs[place[i] as number] as number;
      const average = averageOf(sum[i] as number, weights[i] as number, distanceMs / 1000);
      const off = increaseOf(of[i] as number, distanceMs) - average;
      if (!(Math.abs(off) < SMALL_MAX)) return false;
      into[i] = column === 0 ? -off + 0 : off;
    }
  }
  writer.byte(COUNTER);
  writer.varint(distancesMs.length);
  for (const distanceMs of distancesMs) writer.varint(distanceMs);
  if (distancesMs.length > 1)
    for (const place of places) packWholes(writer, Float64Array.from(place.subarray(0, count)), count);
  for (const column of wholes) packWholes(writer, column, count);
  return true;
}

/** Fills the first of `wholes`; false if some sum is no whole increase. */
function takeIncreases({ sums, maxs, length }: Buckets, weights: Float64Array): boolean {
  const sum = wholes[0];
  for (let i = 0; i < length; i++) {
    const value = sums[i] as number;
    const whole = Math.round(value);
    const size = (maxs[i] as number) * (weights[i] as number);
    if (!(Math.abs(whole - value) <= size * SUM_ERROR && whole >= 0 && whole < SMALL_MAX)) return false;
    sum[i] = whole + 0;
  }
  return true;
}

function readCounter(reader: ByteReader, { weights, sums, mins, maxs, lasts, length }: Buckets): void {
  const count = reader.varint();
  if (count < 1 || count > DISTANCES_MAX) throw new WireError(`${count} distances of readings`);
  const distancesMs = Array.from({ length: count }, () => reader.varint());
  const placesOf = [mins, maxs, lasts].map(() => {
    const place = new Float64Array(length);
    if (count > 1) unpackWholes(reader, place, length);
    return place;
  });
  unpackWholes(reader, sums, length);
  for (const [column, rates] of [mins, maxs, lasts].entries()) {
    unpackWholes(reader, rates, length);
    const place = placesOf[column] as Float64Array;
    const sign = column === 0 ? -1 : 1;
    for (let i = 0; i < length; i++) {
      const distanceMs = distancesMs[place[i] as number];
      if (distanceMs === undefined) throw new WireError('no such distance of readings');
      const average = averageOf(sums[i] as number, weights[i] as number, distanceMs / 1000);
      rates[i] = rateOf(average + sign * (rates[i] as number), distanceMs);
    }
  }
}

/** The same wherever it is worked out: one division and one multiplication of doubles. Never −0. */
function averageOf(sum: number, weight: number, times: number): number {
  const average = Math.round((sum / weight) * times);
  return average - average === 0 ? average + 0 : 0;
}

/** Fewest decimals that keep lowest, highest and last values; undefined if none does. */
function commonDecimals({ mins, maxs, lasts, length }: Buckets): number | undefined {
  let decimals = 0;
  for (const column of [mins, maxs, lasts]) {
    let power = powerOfTen(decimals);
    for (let i = 0; i < length; i++) {
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

/** Greatest number that divides all `wholes`; 1 if all are 0. */
function commonUnit(count: number): number {
  let unit = 0;
  for (const column of wholes) {
    for (let i = 0; i < count && unit !== 1; i++) {
      let rest = Math.abs(column[i] as number);
      while (rest !== 0) {
        const before = unit;
        unit = rest;
        rest = before % rest;
      }
    }
  }
  return unit === 0 ? 1 : unit;
}
