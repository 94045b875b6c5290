/**
 * Codec of the samples body: a dictionary per connection, then ticks of scaled-integer deltas.
 *
 *   body        := declarations ticks
 *   declarations:= varint n, n × ( text metric, text instance, byte decimals × 2 + (counter ? 1 : 0) )
 *   ticks       := varint n, n × ( varint zigzag(atMs − previous atMs), presence, value … )
 *   presence    := 0x00 (every declared series) | 0x01 bitmap (bit i of byte i>>3: series i, least first)
 *   value       := varint 0, float64 little-endian (exact)
 *                | varint zigzag(scaled − previous scaled) + 1
 *
 * Series are numbered in the order of declaration. `scaled` is value × 10^decimals; deltas run from the
 * last scaled value of that series on this connection, at first 0; an exact value does not move it.
 * docs/WIRE.md gives the same with worked bytes.
 */
import { invariant } from '../invariant.ts';
import { ByteReader, ByteWriter, unzigzag, WireError, zigzag } from './bytes.ts';
import { INSTANCE_BYTES_MAX, SERIES_PER_AGENT_MAX, TICKS_PER_FRAME_MAX } from './limits.ts';

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
  readonly values: readonly number[];
}

/** Decoded body. `ticks` keep the order of the wire. */
export interface SamplesBody {
  /** New series; the first has the number `firstSeries`. */
  readonly declared: readonly SeriesDeclaration[];
  readonly firstSeries: number;
  readonly ticks: readonly Tick[];
}

/** Presence bitmaps whose series lists a decoder keeps, the latest first. An agent mostly has one or two. */
export const PRESENCE_LISTS_MAX = 8;
const METRIC_BYTES_MAX = 64;
const DECIMALS_MAX = 9;
/** Scaled values beyond this go as exact doubles: the largest delta, zigzagged and plus one, is still a varint (≤ 2^53−1). */
const SCALED_MAX = 2 ** 51 - 1;
/** Latest time of a tick: a first tick's zigzagged time is still a varint. */
const TICK_AT_MS_MAX = 2 ** 52 - 1;
const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

/** Encoder of one connection. Series are declared by the first tick that carries them. */
export class SamplesEncoder {
  readonly #numbers = new Map<string, number>();
  readonly #factors: number[] = [];
  readonly #last: number[] = [];
  #pending: SeriesDeclaration[] = [];
  #lastAtMs = 0;

  /** Series declared so far. */
  get seriesCount(): number {
    return this.#factors.length;
  }

  /** Number of the series on this connection; declares it with the next `encode` if it is new. */
  declare(series: SeriesDeclaration): number {
    const key = `${series.metric}\0${series.instance}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#factors.length;
    this.#numbers.set(key, number);
    this.#factors.push(POWERS[series.decimals] as number);
    this.#last.push(0);
    this.#pending.push(series);
    return number;
  }

  /** Ticks must name declared series in ascending order. */
  encode(ticks: readonly Tick[]): Uint8Array {
    const writer = new ByteWriter(64 + 2 * ticks.reduce((sum, tick) => sum + tick.values.length, 0));
    writer.varint(this.#pending.length);
    for (const series of this.#pending) {
      writer.text(series.metric);
      writer.text(series.instance);
      writer.byte(series.decimals * 2 + (series.kind === 'counter' ? 1 : 0));
    }
    this.#pending = [];
    writer.varint(ticks.length);
    for (const tick of ticks) this.#encodeTick(writer, tick);
    return writer.finish();
  }

  #encodeTick(writer: ByteWriter, tick: Tick): void {
    invariant(
      Number.isSafeInteger(tick.atMs) && tick.atMs >= 0 && tick.atMs <= TICK_AT_MS_MAX,
      'tick time in range',
    );
    writer.varint(zigzag(tick.atMs - this.#lastAtMs));
    this.#lastAtMs = tick.atMs;
    const declared = this.#factors.length;
    if (tick.series.length === declared) {
      writer.byte(0);
    } else {
      writer.byte(1);
      const bitmap = new Uint8Array((declared + 7) >> 3);
      for (const number of tick.series) bitmap[number >> 3]! |= 1 << (number & 7);
      writer.bytes(bitmap);
    }
    for (let i = 0; i < tick.series.length; i++) {
      const number = tick.series[i] as number;
      const value = tick.values[i] as number;
      const factor = this.#factors[number] as number;
      const scaled = Math.round(value * factor);
      if (Math.abs(scaled) <= SCALED_MAX && scaled / factor === value && !Object.is(value, -0)) {
        writer.varint(zigzag(scaled - (this.#last[number] as number)) + 1);
        this.#last[number] = scaled;
      } else {
        writer.byte(0);
        writer.float64(value);
      }
    }
  }
}

/** Decoder of one connection. After a WireError it must not be used again: the dictionary is in doubt. */
export class SamplesDecoder {
  readonly #keys = new Set<string>();
  readonly #factors: number[] = [];
  readonly #last: number[] = [];
  #all: readonly number[] = [];
  #lists: PresenceList[] = [];
  #lastAtMs = 0;

  /** @throws WireError on any byte that is not of the form above or beyond a limit. */
  decode(body: Uint8Array): SamplesBody {
    const reader = new ByteReader(body);
    const firstSeries = this.#factors.length;
    const declared = this.#readDeclarations(reader);
    const count = reader.varint();
    if (count > TICKS_PER_FRAME_MAX)
      throw new WireError(`${count} ticks, at most ${TICKS_PER_FRAME_MAX} allowed`);
    const ticks: Tick[] = [];
    for (let i = 0; i < count; i++) ticks.push(this.#readTick(reader));
    reader.end();
    return { declared, firstSeries, ticks };
  }

  #readDeclarations(reader: ByteReader): SeriesDeclaration[] {
    const count = reader.varint();
    if (this.#factors.length + count > SERIES_PER_AGENT_MAX)
      throw new WireError(`more than ${SERIES_PER_AGENT_MAX} series declared`);
    const declared: SeriesDeclaration[] = [];
    for (let i = 0; i < count; i++) {
      const metric = reader.text(METRIC_BYTES_MAX);
      const instance = reader.text(INSTANCE_BYTES_MAX);
      const flags = reader.byte();
      const decimals = flags >> 1;
      if (decimals > DECIMALS_MAX)
        throw new WireError(`${decimals} decimals, at most ${DECIMALS_MAX} allowed`);
      const key = `${metric}\0${instance}`;
      if (this.#keys.has(key)) throw new WireError(`series ${metric} ${instance} declared twice`);
      this.#keys.add(key);
      this.#factors.push(POWERS[decimals] as number);
      this.#last.push(0);
      declared.push({ metric, instance, kind: flags & 1 ? 'counter' : 'gauge', decimals });
    }
    if (count > 0) {
      this.#all = this.#factors.map((_, number) => number);
      this.#lists = [];
    }
    return declared;
  }

  #readTick(reader: ByteReader): Tick {
    const atMs = this.#lastAtMs + unzigzag(reader.varint());
    if (atMs < 0 || atMs > TICK_AT_MS_MAX) throw new WireError(`time ${atMs} is out of range`);
    this.#lastAtMs = atMs;
    const series = this.#readPresence(reader);
    const values = new Array<number>(series.length);
    for (let i = 0; i < series.length; i++) {
      const number = series[i] as number;
      const token = reader.varint();
      if (token === 0) {
        values[i] = reader.float64();
        continue;
      }
      const scaled = (this.#last[number] as number) + unzigzag(token - 1);
      if (Math.abs(scaled) > SCALED_MAX) throw new WireError(`scaled value ${scaled} is out of range`);
      this.#last[number] = scaled;
      values[i] = scaled / (this.#factors[number] as number);
    }
    return { atMs, series, values };
  }

  #readPresence(reader: ByteReader): readonly number[] {
    const mode = reader.byte();
    if (mode === 0) return this.#all;
    if (mode !== 1) throw new WireError(`presence mode ${mode} is unknown`);
    const declared = this.#factors.length;
    return this.#listOf(reader.bytes((declared + 7) >> 3), declared);
  }

  #listOf(bitmap: Uint8Array, declared: number): readonly number[] {
    const lists = this.#lists;
    for (let i = 0; i < lists.length; i++) {
      const known = lists[i] as PresenceList;
      if (!sameBytes(known.bitmap, bitmap)) continue;
      if (i > 0) {
        lists.splice(i, 1);
        lists.unshift(known);
      }
      return known.series;
    }
    const series = seriesOf(bitmap, declared);
    if (lists.length === PRESENCE_LISTS_MAX) lists.pop();
    lists.unshift({ bitmap: bitmap.slice(), series });
    return series;
  }
}

interface PresenceList {
  readonly bitmap: Uint8Array;
  readonly series: readonly number[];
}

function seriesOf(bitmap: Uint8Array, declared: number): number[] {
  if (declared & 7 && (bitmap[bitmap.length - 1] as number) >> (declared & 7))
    throw new WireError('presence names a series that is not declared');
  const series: number[] = [];
  for (let number = 0; number < declared; number++) {
    if ((bitmap[number >> 3] as number) & (1 << (number & 7))) series.push(number);
  }
  return series;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
