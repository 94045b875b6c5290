/**
 * Codec of a column of numbers. Numbers that are whole after scaling by a power of ten go as zigzag varints of their
 * differences, with runs of equal numbers counted; a column with any other number goes as doubles, so that every value,
 * also −0, NaN and the infinities, comes back as it was.
 *
 *   column := byte decimals (0 to 9), varint zigzag(first), { varint zigzag(difference) | 0, varint (run − 1) }
 *           | byte 15, float64 little-endian …
 */
import { invariant } from '@muster/shared/invariant.ts';
import { type ByteReader, type ByteWriter, unzigzag, WireError, zigzag } from '@muster/shared/wire/bytes.ts';

/** Stands in the place of the decimals before doubles. */
export const EXACT = 15;
export const DECIMALS_MAX = 9;
/** Differences of scaled numbers below this still fit a varint after zigzag. */
export const SCALED_MAX = 2 ** 51 - 1;
const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

export function powerOfTen(decimals: number): number {
  const power = POWERS[decimals];
  invariant(power !== undefined, `decimals ${decimals} are 0 to ${DECIMALS_MAX}`);
  return power;
}

/** The whole number that stands for `value` at this scale; NaN if it would not come back the same. */
export function scaled(value: number, power: number): number {
  const whole = Math.round(value * power);
  if (whole / power !== value || whole > SCALED_MAX || whole < -SCALED_MAX) return Number.NaN;
  return whole === 0 && Object.is(value, -0) ? Number.NaN : whole;
}

/** Writes `count` numbers from `offset`; `decimals` is the scale to try. */
export function writeNumbers(
  writer: ByteWriter,
  values: Float64Array,
  offset: number,
  count: number,
  decimals: number,
): void {
  const power = powerOfTen(decimals);
  for (let i = offset; i < offset + count; i++) {
    if (Number.isNaN(scaled(values[i] as number, power))) {
      writeExact(writer, values, offset, count);
      return;
    }
  }
  writer.byte(decimals);
  let last = 0;
  let run = 0;
  for (let i = offset; i < offset + count; i++) {
    const whole = Math.round((values[i] as number) * power);
    const difference = whole - last;
    last = whole;
    if (difference === 0 && i > offset) {
      run += 1;
      continue;
    }
    if (run > 0) writeRun(writer, run);
    run = 0;
    writer.varint(zigzag(difference));
  }
  if (run > 0) writeRun(writer, run);
}

/** Fills `values` from 0 with `count` numbers; returns the decimals they were written with, undefined if exact. */
export function readNumbers(reader: ByteReader, values: Float64Array, count: number): number | undefined {
  const decimals = reader.byte();
  if (decimals === EXACT) {
    for (let i = 0; i < count; i++) values[i] = reader.float64();
    return undefined;
  }
  if (decimals > DECIMALS_MAX) throw new WireError(`column with ${decimals} decimals`);
  const power = powerOfTen(decimals);
  let whole = count > 0 ? unzigzag(reader.varint()) : 0;
  if (count > 0) values[0] = whole / power;
  for (let i = 1; i < count; ) {
    const difference = reader.varint();
    if (difference === 0) {
      const end = i + reader.varint() + 1;
      if (end > count) throw new WireError('run beyond the end of its column');
      values.fill(whole / power, i, end);
      i = end;
      continue;
    }
    whole += unzigzag(difference);
    values[i] = whole / power;
    i += 1;
  }
  return decimals;
}

function writeExact(writer: ByteWriter, values: Float64Array, offset: number, count: number): void {
  writer.byte(EXACT);
  for (let i = offset; i < offset + count; i++) writer.float64(values[i] as number);
}

function writeRun(writer: ByteWriter, run: number): void {
  writer.byte(0);
  writer.varint(run - 1);
}
