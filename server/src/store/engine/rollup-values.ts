/**
 * How the sums, lowest, highest and last values of one series' buckets are written: the average tells most about the
 * others, so these are told by their distance from it.
 *
 *   values   := byte 0, plain | byte 1, gauge | byte 2, counter
 *   plain    := packed sums, packed lowest, packed highest, packed last
 *   gauge    := byte decimals, varint zigzag(base), varint unit, wholes × 4
 *   counter  := varint distances, { varint ms } (commonest first), [wholes × 3: distance of lowest, highest, last, if there are several], wholes × 4
 *
 * Of a gauge all values are (base + whole × unit) / 10^decimals, a sum counting `base` once per sample. Of a counter the sum is a whole
 * increase, and a rate is increase × 1000 / distance between two samples in ms: whole again. The wholes × 4 are the sum,
 * then average − lowest, highest − average, last − average.
 */
import { type ByteReader, type ByteWriter, unzigzag, WireError, zigzag } from '@muster/shared/wire/bytes.ts';
import { DECIMALS_MAX, powerOfTen } from './numbers.ts';
import { packNumbers, unpackNumbers } from './packed-numbers.ts';
import { packWholes, unpackWholes, WHOLE_MAX } from './packed-wholes.ts';

/** Columns of one series' buckets, all of the same length. */
export interface BucketColumns {
  readonly weights: Float64Array;
  readonly sums: Float64Array;
  readonly mins: Float64Array;
  readonly maxs: Float64Array;
  readonly lasts: Float64Array;
}

const PLAIN = 0;
const GAUGE = 1;
const COUNTER = 2;
/** Rounding error of adding some hundred doubles, relative to what was added. */
const SUM_ERROR = 1e-13;
/** Seconds are told to the millisecond. */
const WEIGHT_POWER = 1000;
const DISTANCES_MAX = 250;
/** Distances looked for around a usual one: what timers are late by. */
const JITTER_MS = 40;
const USUAL_DISTANCES_MS = [10_000, 1_000, 60_000, 30_000, 20_000];

/** Takes the rounding errors of adding off: of weights to the millisecond, of sums to the decimals of the values. */
export function tidy(columns: BucketColumns): void {
  const decimals = commonDecimals(columns);
  const { weights, sums, mins, maxs } = columns;
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i] as number;
    weights[i] = closeTo(Math.round(weight * WEIGHT_POWER) / WEIGHT_POWER, weight, weight);
    const sum = sums[i] as number;
    const size = Math.max(Math.abs(mins[i] as number), Math.abs(maxs[i] as number)) * weight;
    const whole = Math.round(sum);
    const rounded = closeTo(whole, sum, size);
    if (rounded !== sum || decimals === undefined) sums[i] = rounded;
    else sums[i] = closeTo(Math.round(sum * powerOfTen(decimals)) / powerOfTen(decimals), sum, size);
  }
}

function closeTo(rounded: number, value: number, size: number): number {
  // What is equal stays as it is: a −0 too.
  if (rounded === value || !(Math.abs(rounded - value) <= Math.abs(size) * SUM_ERROR)) return value;
  return rounded;
}

/** `columns` are tidy. `distancesMs`: distances of neighbouring samples that may occur, commonest first. */
export function writeValues(
  writer: ByteWriter,
  columns: BucketColumns,
  isRate: boolean,
  distancesMs: readonly number[],
): void {
  if (isRate ? writeCounter(writer, columns, distancesMs) : writeGauge(writer, columns)) return;
  writer.byte(PLAIN);
  const { sums, mins, maxs, lasts } = columns;
  for (const column of [sums, mins, maxs, lasts]) packNumbers(writer, column, column.length, undefined);
}

/** Fills all but the weights, which are there already. */
export function readValues(reader: ByteReader, columns: BucketColumns): void {
  const form = reader.byte();
  if (form === GAUGE) readGauge(reader, columns);
  else if (form === COUNTER) readCounter(reader, columns);
  else if (form === PLAIN) {
    const { sums, mins, maxs, lasts } = columns;
    for (const column of [sums, mins, maxs, lasts]) unpackNumbers(reader, column, column.length);
  } else throw new WireError(`buckets of form ${form}`);
}

function writeGauge(writer: ByteWriter, columns: BucketColumns): boolean {
  const { weights, sums, mins, maxs, lasts } = columns;
  const decimals = commonDecimals(columns);
  if (decimals === undefined) return false;
  const power = powerOfTen(decimals);
  if (!sums.every((sum) => fits(sum, power))) return false;
  const base = Math.round((mins[0] as number) * power);
  const from = (column: Float64Array, times: Float64Array | undefined) =>
    column.map((value, i) => Math.round(value * power) - base * (times?.[i] ?? 1));
  const whole = [
    from(sums, weights),
    from(mins, undefined),
    from(maxs, undefined),
    from(lasts, undefined),
  ] as const;
  if (weights.some((weight) => !(Math.abs(base * weight) < WHOLE_MAX)) || !whole.every(isSmall)) return false;
  const unit = commonUnit(whole);
  if (unit !== 1) for (const column of whole) divide(column, unit);
  const [sum, min, max, last] = whole;
  for (let i = 0; i < sum.length; i++) {
    const average = averageOf(sum[i] as number, weights[i] as number, 1);
    min[i] = average - (min[i] as number);
    max[i] = (max[i] as number) - average;
    last[i] = (last[i] as number) - average;
  }
  writer.byte(GAUGE);
  writer.byte(decimals);
  writer.varint(zigzag(base));
  writer.varint(unit);
  for (const column of whole) packWholes(writer, column, column.length);
  return true;
}

function readGauge(reader: ByteReader, { weights, sums, mins, maxs, lasts }: BucketColumns): void {
  const decimals = reader.byte();
  if (decimals > DECIMALS_MAX) throw new WireError(`buckets with ${decimals} decimals`);
  const power = powerOfTen(decimals);
  const base = unzigzag(reader.varint());
  const unit = reader.varint();
  for (const column of [sums, mins, maxs, lasts]) unpackWholes(reader, column, column.length);
  for (let i = 0; i < sums.length; i++) {
    const sum = sums[i] as number;
    const weight = weights[i] as number;
    const average = averageOf(sum, weight, 1);
    sums[i] = (sum * unit + base * weight) / power;
    mins[i] = ((average - (mins[i] as number)) * unit + base) / power;
    maxs[i] = ((average + (maxs[i] as number)) * unit + base) / power;
    lasts[i] = ((average + (lasts[i] as number)) * unit + base) / power;
  }
}

function writeCounter(writer: ByteWriter, columns: BucketColumns, known: readonly number[]): boolean {
  const { weights, sums, mins, maxs, lasts } = columns;
  if (!isSmall(sums) || sums.some((sum) => sum < 0 || Object.is(sum, -0))) return false;
  const finder = new DistanceFinder(known);
  const places: Uint8Array[] = [];
  for (const rates of [mins, maxs, lasts]) {
    const place = finder.find(rates, weights);
    if (place === undefined) return false;
    places.push(place);
  }
  const distances = finder.byFrequency(places);
  const increases = [mins, maxs, lasts].map((rates, column) =>
    rates.map((rate, i) => {
      const distanceMs = distances[places[column]?.[i] as number] as number;
      const increase = Math.round((rate * distanceMs) / 1000);
      const average = averageOf(sums[i] as number, weights[i] as number, distanceMs / 1000);
      return column === 0 ? average - increase : increase - average;
    }),
  );
  if (!increases.every(isSmall)) return false;
  writer.byte(COUNTER);
  writer.varint(distances.length);
  for (const distanceMs of distances) writer.varint(distanceMs);
  if (distances.length > 1)
    for (const place of places) packWholes(writer, Float64Array.from(place), place.length);
  for (const column of [sums, ...increases]) packWholes(writer, column, column.length);
  return true;
}

function readCounter(reader: ByteReader, { weights, sums, mins, maxs, lasts }: BucketColumns): void {
  const count = reader.varint();
  if (count < 1 || count > DISTANCES_MAX) throw new WireError(`${count} distances of samples`);
  const distances = Array.from({ length: count }, () => reader.varint());
  const length = sums.length;
  const places = [mins, maxs, lasts].map(() => {
    const place = new Float64Array(length);
    if (count > 1) unpackWholes(reader, place, length);
    return place;
  });
  unpackWholes(reader, sums, length);
  [mins, maxs, lasts].forEach((rates, column) => {
    unpackWholes(reader, rates, length);
    const place = places[column] as Float64Array;
    for (let i = 0; i < length; i++) {
      const distanceMs = distances[place[i] as number];
      if (distanceMs === undefined) throw new WireError('no such distance of samples');
      const average = averageOf(sums[i] as number, weights[i] as number, distanceMs / 1000);
      const offset = rates[i] as number;
      const increase = column === 0 ? average - offset : average + offset;
      rates[i] = (increase * 1000) / distanceMs;
    }
  });
}

/** The same wherever it is worked out: one division and one multiplication of doubles. */
function averageOf(sum: number, weight: number, times: number): number {
  const average = Math.round((sum / weight) * times);
  return Number.isFinite(average) ? average + 0 : 0;
}

/** Fewest decimals that keep lowest, highest and last values; undefined if none does. */
function commonDecimals({ mins, maxs, lasts }: BucketColumns): number | undefined {
  let decimals = 0;
  for (const column of [mins, maxs, lasts]) {
    for (const value of column) {
      while (decimals <= DECIMALS_MAX && !fits(value, powerOfTen(decimals))) decimals += 1;
      if (decimals > DECIMALS_MAX) return undefined;
    }
  }
  return decimals;
}

function fits(value: number, power: number): boolean {
  const whole = Math.round(value * power);
  return whole / power === value && Math.abs(whole) < WHOLE_MAX / 4 && (whole !== 0 || 1 / value > 0);
}

/** Whether these numbers, and the differences between any two such, can be packed as wholes. */
function isSmall(column: Float64Array): boolean {
  return column.every((number) => Number.isInteger(number) && Math.abs(number) < WHOLE_MAX / 4);
}

/** Greatest number that divides all; 1 if all are 0. */
function commonUnit(columns: readonly Float64Array[]): number {
  let unit = 0;
  for (const column of columns) {
    for (const value of column) {
      let rest = Math.abs(value);
      while (rest !== 0) [unit, rest] = [rest, unit % rest];
      if (unit === 1) return 1;
    }
  }
  return unit === 0 ? 1 : unit;
}

function divide(column: Float64Array, unit: number): void {
  for (let i = 0; i < column.length; i++) column[i] = (column[i] as number) / unit;
}

/** Finds for rates of whole counters the distance between two samples that makes the increase whole again. */
class DistanceFinder {
  readonly #distances: number[];

  constructor(known: readonly number[]) {
    this.#distances = known.slice(0, DISTANCES_MAX);
  }

  /** Place of each rate's distance; undefined if one has none. */
  find(rates: Float64Array, weights: Float64Array): Uint8Array | undefined {
    const places = new Uint8Array(rates.length);
    for (let i = 0; i < rates.length; i++) {
      const rate = rates[i] as number;
      let place = this.#distances.findIndex((distanceMs) => isWhole(rate, distanceMs));
      if (place < 0) {
        const found = searchDistance(rate, (weights[i] as number) * 1000);
        if (found === undefined || this.#distances.length === DISTANCES_MAX) return undefined;
        place = this.#distances.push(found) - 1;
      }
      places[i] = place;
    }
    return places;
  }

  /** Renumbers the places by how often they occur; returns the distances in that order. */
  byFrequency(columns: readonly Uint8Array[]): number[] {
    const counts = new Uint32Array(this.#distances.length);
    for (const places of columns) for (const place of places) counts[place] = (counts[place] as number) + 1;
    const order = [...counts.keys()].filter((place) => counts[place] !== 0);
    order.sort((a, b) => (counts[b] as number) - (counts[a] as number) || a - b);
    const renumbered = new Uint8Array(this.#distances.length);
    order.forEach((place, i) => {
      renumbered[place] = i;
    });
    for (const places of columns)
      for (let i = 0; i < places.length; i++) places[i] = renumbered[places[i] as number] as number;
    return order.map((place) => this.#distances[place] as number);
  }
}

function searchDistance(rate: number, weightMs: number): number | undefined {
  for (const usualMs of [Math.round(weightMs), ...USUAL_DISTANCES_MS]) {
    for (let offsetMs = 0; offsetMs <= JITTER_MS; offsetMs++) {
      if (usualMs > offsetMs && isWhole(rate, usualMs - offsetMs)) return usualMs - offsetMs;
      if (isWhole(rate, usualMs + offsetMs)) return usualMs + offsetMs;
    }
  }
  return undefined;
}

/** Whether a rate is that of a whole increase over this distance, in every bit. */
function isWhole(rate: number, distanceMs: number): boolean {
  const increase = Math.round((rate * distanceMs) / 1000);
  return (
    increase >= 0 &&
    increase < WHOLE_MAX / 4 &&
    (increase * 1000) / distanceMs === rate &&
    (increase !== 0 || 1 / rate > 0)
  );
}
