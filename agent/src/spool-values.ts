/** Bytes of the ticks in the spool: values by the spool's own series numbers, free of any connection's state. */
import { METRICS, type Sample } from '@muster/shared/metrics/catalogue.ts';
import type { Millis } from '@muster/shared/time.ts';
import { ByteReader, ByteWriter, unzigzag, WireError, zigzag } from '@muster/shared/wire/bytes.ts';
import { INSTANCE_BYTES_MAX } from '@muster/shared/wire/limits.ts';
import type { SeriesDeclaration } from '@muster/shared/wire/samples.ts';

/** One tick as it leaves the spool. `series[i]` belongs to `values[i]`; equal series are the same object. */
export interface SpoolTick {
  readonly atMs: Millis;
  readonly series: readonly SeriesDeclaration[];
  readonly values: readonly number[];
}

/** A series with its number in the spool (from 0). */
export interface NumberedSeries extends SeriesDeclaration {
  readonly id: number;
}

/** The series of one tick. */
export interface TickSeries {
  /** Series of each sample, as the samples came. */
  readonly asRead: readonly NumberedSeries[];
  /** The same by their numbers, so that every tick has one order, whichever came first. */
  readonly series: readonly NumberedSeries[];
  /** Which sample `series[i]` belongs to. */
  readonly order: readonly number[];
}

/** Bytes that a declaration adds to a frame beyond its two names, and a value at most (token and double). */
export const DECLARATION_BYTES_OVERHEAD = 14;

const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6];
/** Larger scaled values are stored as doubles. */
const SCALED_MAX = 2 ** 51 - 1;

/** The spool's series: metric and instance ↔ number. Numbers are never given twice while entries may name them. */
export class SeriesBook {
  readonly #byId: NumberedSeries[] = [];
  readonly #byKey = new Map<string, NumberedSeries>();
  #lastTick: TickSeries | null = null;

  get size(): number {
    return this.#byId.length;
  }

  /** Takes over what a file holds; ids must come as 0, 1, 2 … */
  restore(series: NumberedSeries): void {
    if (series.id !== this.#byId.length)
      throw new WireError(`series ${series.id} follows ${this.#byId.length - 1}`);
    this.#byId.push(series);
    this.#byKey.set(keyOf(series.metric, series.instance), series);
  }

  byId(id: number): NumberedSeries {
    const series = this.#byId[id];
    if (!series) throw new WireError(`series ${id} is not in the book`);
    return series;
  }

  /** Ticks mostly repeat the series of the last one: then these are the same objects again, and cost no look-up. */
  seriesOf(samples: readonly Sample[]): TickSeries {
    const last = this.#lastTick;
    if (last !== null && isSame(last.asRead, samples)) return last;
    const asRead = samples.map((sample) => this.#number(sample));
    const order = asRead.map((_, i) => i).sort((a, b) => (asRead[a]?.id ?? 0) - (asRead[b]?.id ?? 0));
    const tick = { asRead, order, series: order.map((i) => asRead[i] as NumberedSeries) };
    this.#lastTick = tick;
    return tick;
  }

  #number(sample: Sample): NumberedSeries {
    const instance = cleanInstance(sample.instance);
    const key = keyOf(sample.metric, instance);
    const known = this.#byKey.get(key);
    if (known) return known;
    const { kind, decimals } = METRICS[sample.metric];
    const series = { id: this.#byId.length, metric: sample.metric, instance, kind, decimals };
    this.restore(series);
    return series;
  }
}

function isSame(series: readonly NumberedSeries[], samples: readonly Sample[]): boolean {
  if (series.length !== samples.length) return false;
  for (let i = 0; i < samples.length; i++) {
    const { metric, instance } = series[i] as NumberedSeries;
    const sample = samples[i] as Sample;
    if (metric !== sample.metric || instance !== sample.instance) return false;
  }
  return true;
}

/** Well-formed and at most INSTANCE_BYTES_MAX bytes of UTF-8, so that no name can spoil a frame. */
export function cleanInstance(instance: string): string {
  const text = instance.toWellFormed();
  if (text.length * 3 <= INSTANCE_BYTES_MAX || Buffer.byteLength(text) <= INSTANCE_BYTES_MAX) return text;
  let end = Math.min(text.length, INSTANCE_BYTES_MAX);
  while (Buffer.byteLength(text.slice(0, end).toWellFormed()) > INSTANCE_BYTES_MAX) end--;
  const cut = text.slice(0, end);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}

/** Upper bound of what these samples take in a samples frame that declares every series anew. */
export function frameBytesBound(series: readonly SeriesDeclaration[]): number {
  let bytes = 0;
  for (const { metric, instance } of series)
    bytes += metric.length + 3 * instance.length + DECLARATION_BYTES_OVERHEAD;
  return bytes;
}

/** A tick that was not written yet, its series by their numbers. Values are rounded to the decimals of the catalogue here, and nowhere else. */
export interface NumberedTick extends SpoolTick {
  readonly series: readonly NumberedSeries[];
}

export function numberedTick(
  atMs: Millis,
  { series, order }: TickSeries,
  samples: readonly Sample[],
): NumberedTick {
  const values = new Array<number>(series.length);
  for (let i = 0; i < values.length; i++) {
    const { value } = samples[order[i] as number] as Sample;
    const factor = POWERS[(series[i] as NumberedSeries).decimals] as number;
    const scaled = Math.round(value * factor);
    // "+ 0" turns -0 into 0, which is not kept apart.
    values[i] = Math.abs(scaled) <= SCALED_MAX ? scaled / factor + 0 : value;
  }
  return { atMs, series, values };
}

/** `tick := varint atMs, varint n, n × (varint id, value)`; `value` as on the wire, but from 0 instead of a delta. */
export function encodeTick({ atMs, series, values }: NumberedTick): Uint8Array {
  const writer = new ByteWriter(16 + series.length * 8);
  writer.varint(atMs);
  writer.varint(series.length);
  for (let i = 0; i < series.length; i++) {
    const { id, decimals } = series[i] as NumberedSeries;
    const value = values[i] as number;
    writer.varint(id);
    const scaled = Math.round(value * (POWERS[decimals] as number));
    if (Math.abs(scaled) <= SCALED_MAX) {
      writer.varint(zigzag(scaled) + 1);
    } else {
      writer.byte(0);
      writer.float64(value);
    }
  }
  return writer.finish();
}

/** The ticks of one entry, `shiftMs` added to each time. @throws WireError when the bytes are damaged. */
export function decodeTicks(body: Uint8Array, book: SeriesBook, shiftMs: Millis): SpoolTick[] {
  const reader = new ByteReader(body);
  const ticks: SpoolTick[] = [];
  while (reader.remaining > 0) {
    const atMs = Math.max(0, reader.varint() + shiftMs);
    const count = reader.varint();
    if (count > reader.remaining) throw new WireError(`${count} values in ${reader.remaining} bytes`);
    const series = new Array<SeriesDeclaration>(count);
    const values = new Array<number>(count);
    for (let i = 0; i < count; i++) {
      const one = book.byId(reader.varint());
      series[i] = one;
      const token = reader.varint();
      values[i] = token === 0 ? reader.float64() : unzigzag(token - 1) / (POWERS[one.decimals] as number);
    }
    ticks.push({ atMs, series, values });
  }
  return ticks;
}

function keyOf(metric: string, instance: string): string {
  return `${metric}\0${instance}`;
}
