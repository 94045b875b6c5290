/**
 * Points of charts as compact columns: what `GET /metrics/range` answers to `Accept: application/octet-stream`.
 *
 * The stream is parts, each with its length in bytes (varint) and a byte that says what it is:
 * - 1, the beginning: version (byte, 1), unit (text);
 * - 2, one series: who it is (text, JSON of `RangeStreamWho`), number of points (varint), whether there is a band (byte), and the
 *   columns times, averages and, with a band, lowest and highest;
 * - 3, the end: the widest step in ms (varint). A stream without it was cut.
 * A column begins with a byte for its form: 0, each value as float64 (little endian); 1, a byte of decimals, then the
 * differences of the values × 10^decimals as zigzag varints; 2, the differences of the differences of whole numbers, likewise.
 * Every value comes back as the same double.
 */
import { ByteReader, ByteWriter, unzigzag, WireError, zigzag } from '../wire/bytes.ts';

const VERSION = 1;
const BEGINNING = 1;
const SERIES = 2;
const END = 3;
const FLOATS = 0;
const DIFFERENCES = 1;
const SECOND_DIFFERENCES = 2;
/** Differences of scaled values up to this are exact, and so are their zigzag numbers. */
const SCALED_MAX = 2 ** 49;
const POWERS = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000] as const;
const WHO_BYTES_MAX = 4_096;
/** Of a number up to 2^53. */
const VARINT_BYTES_MAX = 8;
const SMALL_MAX = 2 ** 31 - 1;

/** Points of one series, ascending in time; all columns are of one length. */
export interface PointColumns {
  /** ms */
  readonly times: Float64Array;
  /** Values of samples, or averages of buckets. */
  readonly averages: Float64Array;
  /** Lowest and highest of buckets: both or neither. */
  readonly mins?: Float64Array;
  readonly maxs?: Float64Array;
}

export interface RangeStreamWho {
  readonly instance: string;
  readonly tier: string;
  /** Width of a point in ms, 0 for samples as they came. */
  readonly stepMs: number;
  /** Where several machines were asked for. */
  readonly ci?: string;
  /** Where machines were joined to groups: the group, and how many machines have points in it. */
  readonly group?: string;
  readonly machines?: number;
}

export interface RangeStreamSeries extends RangeStreamWho {
  readonly points: PointColumns;
}

export function encodeBeginning(unit: string): Uint8Array {
  return part(BEGINNING, (body) => {
    body.byte(VERSION);
    body.text(unit);
  });
}

/** Values must be finite. */
export function encodeSeries({ points, ...who }: RangeStreamSeries): Uint8Array {
  const { times, averages, mins, maxs } = points;
  return part(
    SERIES,
    (body) => {
      body.text(JSON.stringify(who));
      body.varint(times.length);
      const isBand = mins !== undefined && maxs !== undefined;
      body.byte(isBand ? 1 : 0);
      encodeColumn(times, body, SECOND_DIFFERENCES);
      encodeColumn(averages, body, DIFFERENCES);
      if (!isBand) return;
      encodeColumn(mins, body, DIFFERENCES);
      encodeColumn(maxs, body, DIFFERENCES);
    },
    64 + times.length * 4,
  );
}

export function encodeEnd(stepMs: number): Uint8Array {
  return part(END, (body) => body.varint(stepMs));
}

/** @throws WireError where the bytes are none of a whole stream. */
export function decodeRangeStream(bytes: Uint8Array): {
  unit: string;
  stepMs: number;
  series: RangeStreamSeries[];
} {
  const reader = new ByteReader(bytes);
  const series: RangeStreamSeries[] = [];
  let unit: string | undefined;
  for (;;) {
    const body = new ByteReader(reader.bytes(reader.varint()));
    const kind = body.byte();
    if (kind === BEGINNING && unit === undefined) {
      const version = body.byte();
      if (version !== VERSION) throw new WireError(`version ${version} of a range`);
      unit = body.text(WHO_BYTES_MAX);
    } else if (kind === SERIES && unit !== undefined) series.push(decodeSeries(body));
    else if (kind === END && unit !== undefined) {
      const stepMs = body.varint();
      reader.end();
      return { unit, stepMs, series };
    } else throw new WireError(`part ${kind} of a range in a wrong place`);
  }
}

function decodeSeries(body: ByteReader): RangeStreamSeries {
  const who = JSON.parse(body.text(WHO_BYTES_MAX)) as RangeStreamWho;
  const count = body.varint();
  if (count > body.remaining) throw new WireError(`${count} points in ${body.remaining} bytes`);
  const isBand = body.byte() === 1;
  const times = decodeColumn(body, count);
  const averages = decodeColumn(body, count);
  const band = isBand ? { mins: decodeColumn(body, count), maxs: decodeColumn(body, count) } : {};
  body.end();
  return { ...who, points: { times, averages, ...band } };
}

function part(kind: number, write: (body: ByteWriter) => void, capacityBytes?: number): Uint8Array {
  const body = new ByteWriter(capacityBytes);
  body.byte(kind);
  write(body);
  const content = body.finish();
  const whole = new ByteWriter(content.length + 8);
  whole.varint(content.length);
  whole.bytes(content);
  return whole.finish();
}

function encodeColumn(values: Float64Array, body: ByteWriter, form: 1 | 2): void {
  const decimals = decimalsOf(values, form === SECOND_DIFFERENCES ? 0 : POWERS.length - 1);
  if (decimals === undefined) {
    body.byte(FLOATS);
    for (const value of values) body.float64(value);
    return;
  }
  body.byte(form);
  if (form === DIFFERENCES) body.byte(decimals);
  const power = POWERS[decimals] as number;
  const bytes = new Uint8Array(values.length * VARINT_BYTES_MAX);
  let length = 0;
  let before = 0;
  let differenceBefore = 0;
  for (let i = 0; i < values.length; i++) {
    const scaled = Math.round((values[i] as number) * power);
    const difference = scaled - before;
    const written = form === DIFFERENCES ? difference : difference - differenceBefore;
    before = scaled;
    differenceBefore = difference;
    let rest = zigzag(written);
    for (; rest > SMALL_MAX; rest = Math.floor(rest / 128)) bytes[length++] = (rest % 128) | 128;
    for (; rest > 127; rest >>>= 7) bytes[length++] = (rest & 127) | 128;
    bytes[length++] = rest;
  }
  body.bytes(bytes.subarray(0, length));
}

function decodeColumn(body: ByteReader, count: number): Float64Array {
  const values = new Float64Array(count);
  const form = body.byte();
  if (form === FLOATS) {
    for (let i = 0; i < count; i++) values[i] = body.float64();
    return values;
  }
  if (form !== DIFFERENCES && form !== SECOND_DIFFERENCES) throw new WireError(`a column of form ${form}`);
  const power = form === DIFFERENCES ? POWERS[body.byte()] : 1;
  if (power === undefined) throw new WireError('a column of too many decimals');
  let scaled = 0;
  let difference = 0;
  for (let i = 0; i < count; i++) {
    const read = unzigzag(body.varint());
    difference = form === DIFFERENCES ? read : difference + read;
    scaled += difference;
    values[i] = scaled / power;
  }
  return values;
}

/** Decimals with which every value is exact as a scaled whole number; undefined where there are none. */
function decimalsOf(values: Float64Array, decimalsMax: number): number | undefined {
  let decimals = 0;
  /** Values before it were tried with fewer decimals only. */
  let tried = 0;
  for (let i = 0; i < values.length; i++) {
    while (!isExact(values[i] as number, POWERS[decimals] as number)) {
      decimals += 1;
      tried = i;
      if (decimals > decimalsMax) return undefined;
    }
  }
  // A value that was exact with fewer decimals may be too large with more.
  for (let i = 0; i < tried; i++)
    if (!isExact(values[i] as number, POWERS[decimals] as number)) return undefined;
  return decimals;
}

function isExact(value: number, power: number): boolean {
  const scaled = Math.round(value * power);
  return scaled / power === value && Math.abs(scaled) <= SCALED_MAX && !(value === 0 && 1 / value < 0);
}
