/**
 * Histogram block: the histograms of several series of one machine, by the start of their hour.
 *
 *   block     := byte version, bits: gamma (series + 1), { gamma (slot − previous slot + 1), gamma hours, hour … }
 *   hour      := gamma (hour − previous hour + 1), bit (0: percent, 1: log), gamma (zigzag(first bucket) + 1), gamma buckets, counts
 *   counts    := gamma (number of the first + 1), { number, [gamma zeros: of a run of them, if the number is 0] … }
 *   gamma n   := as many zeros as n has further bits, 1, the further bits (n ≥ 1)
 *   number    := quotient zeros, 1, k further bits  |  16 zeros, 1, gamma (number + 1)
 *
 * k follows the numbers before: it is the bits of their mean less one. With a = twice the first number, a := a + n − ⌊a / 4⌋
 * after each number n and a := 16 after a run of zeros, the mean is ⌊a / 4⌋. Slots and hours count from 0, hours from the start of the window.
 */
import { WireError, unzigzag, zigzag } from '@muster/shared/wire/bytes.ts';
import { HOUR_MS, type Millis } from '@muster/shared/time.ts';
import { BitWriter, readingBits, takeBits, viewOfBits } from './bits.ts';
import { BUCKET_MAX, Histogram } from './histogram.ts';

/** By slot, then by the start of the hour. */
export type HistogramSet = Map<number, Map<Millis, Histogram>>;

const VERSION = 1;
/** Guards against corrupt numbers: hours of the longest window, with room; values of a year at one a second. */
const HOURS_MAX = 1_000;
const SERIES_MAX = 1 << 16;
const SLOT_MAX = 1 << 30;
const COUNT_MAX = 2 ** 30;

/** Of one number, whichever way it is told. */
const BITS_MAX_EACH = 128;
const MEAN_AFTER_RUN = 16;
const QUOTIENT_MAX = 16;

export function encodeHistograms(set: HistogramSet, windowStartMs: Millis): Uint8Array {
  const filled = [...set].filter(([, hours]) => hours.size > 0).sort(([a], [b]) => a - b);
  const bits = new BitWriter();
  bits.put(VERSION, 8);
  putGamma(bits, filled.length + 1);
  let lastSlot = 0;
  for (const [slot, hours] of filled) {
    putGamma(bits, slot - lastSlot + 1);
    putGamma(bits, hours.size);
    lastSlot = slot;
    let lastHour = 0;
    for (const [startMs, histogram] of [...hours].sort(([a], [b]) => a - b)) {
      const hour = (startMs - windowStartMs) / HOUR_MS;
      putGamma(bits, hour - lastHour + 1);
      lastHour = hour;
      putHistogram(bits, histogram);
    }
  }
  return bits.finish().slice();
}

/** Hands over each histogram of the wanted slots. Throws WireError where the bytes make no sense. */
export function decodeHistograms(
  bytes: Uint8Array,
  windowStartMs: Millis,
  wanted: (slot: number) => boolean,
  take: (slot: number, startMs: Millis, histogram: Histogram) => void,
): void {
  if (bytes[0] !== VERSION) throw new WireError(`histogram block of version ${bytes[0]}`);
  const bits = new BitReader(bytes);
  readingBits(() => {
    const series = bits.gamma(SERIES_MAX) - 1;
    let slot = 0;
    for (let n = 0; n < series; n++) {
      slot += bits.gamma(SLOT_MAX) - 1;
      const hours = bits.gamma(HOURS_MAX);
      let hour = 0;
      for (let i = 0; i < hours; i++) {
        hour += bits.gamma(HOURS_MAX) - 1;
        const histogram = takeHistogram(bits);
        if (wanted(slot)) take(slot, windowStartMs + hour * HOUR_MS, histogram);
      }
    }
  });
}

function putHistogram(bits: BitWriter, histogram: Histogram): void {
  const { low, counts } = histogram.spread();
  let first = 0;
  while (first < counts.length && counts[first] === 0) first += 1;
  let last = counts.length - 1;
  while (last > first && counts[last] === 0) last -= 1;
  const isEmpty = first === counts.length;
  bits.reserve(BITS_MAX_EACH * 4);
  bits.put(histogram.scale === 'percent' ? 0 : 1, 1);
  putGamma(bits, zigzag(isEmpty ? 0 : low + first) + 1);
  // Without buckets there is one that counts nothing.
  putGamma(bits, isEmpty ? 1 : last - first + 1);
  const firstTimes = isEmpty ? 0 : (counts[first] as number);
  putGamma(bits, firstTimes + 1);
  const mean = new Mean(firstTimes);
  let zeros = 0;
  for (let at = first + 1; at <= last; at++) {
    const times = counts[at] as number;
    if (times === 0) {
      zeros += 1;
      continue;
    }
    if (zeros > 0) putRun(bits, mean, zeros);
    zeros = 0;
    putNumber(bits, mean, times);
  }
}

function takeHistogram(bits: BitReader): Histogram {
  const histogram = new Histogram(bits.take(1) === 0 ? 'percent' : 'log');
  const first = unzigzag(bits.gamma(2 * BUCKET_MAX + 2) - 1);
  const buckets = bits.gamma(2 * BUCKET_MAX + 1);
  if (first < -BUCKET_MAX || first + buckets > BUCKET_MAX + 1) throw new WireError('no such bucket');
  const firstTimes = bits.gamma(COUNT_MAX) - 1;
  if (firstTimes > 0) histogram.addTo(first, firstTimes);
  const mean = new Mean(firstTimes);
  for (let at = 1; at < buckets; ) {
    const times = bits.number(mean.bits);
    if (times > 0) {
      histogram.addTo(first + at, times);
      mean.follow(times);
      at += 1;
    } else {
      at += bits.gamma(buckets - at);
      mean.forget();
    }
  }
  return histogram;
}

function putRun(bits: BitWriter, mean: Mean, zeros: number): void {
  putNumber(bits, mean, 0);
  putGamma(bits, zeros);
  mean.forget();
}

function putNumber(bits: BitWriter, mean: Mean, number: number): void {
  bits.reserve(BITS_MAX_EACH);
  const further = mean.bits;
  const quotient = number >>> further;
  if (quotient < QUOTIENT_MAX) {
    const low = number & ((1 << further) - 1);
    if (quotient + 1 + further < 32)
      bits.put((1 << quotient) | (low << (quotient + 1)), quotient + 1 + further);
    else {
      bits.put(1 << quotient, quotient + 1);
      bits.put(low, further);
    }
  } else {
    bits.put(2 ** QUOTIENT_MAX, QUOTIENT_MAX + 1);
    putGamma(bits, number + 1);
  }
  mean.follow(number);
}

function putGamma(bits: BitWriter, number: number): void {
  const further = 31 - Math.clz32(number);
  const low = number & ((1 << further) - 1);
  bits.reserve(BITS_MAX_EACH);
  if (further < 16) {
    bits.put((1 << further) | (low << (further + 1)), 2 * further + 1);
    return;
  }
  bits.put(0, further);
  bits.put(1, 1);
  bits.put(low, further);
}

/** What the next number is likely to be. */
class Mean {
  #sum: number;

  constructor(first: number) {
    this.#sum = 2 * first;
  }

  /** Bits of the mean less one. */
  get bits(): number {
    return Math.max(0, 31 - Math.clz32(this.#sum / 4));
  }

  follow(number: number): void {
    this.#sum += number - Math.floor(this.#sum / 4);
  }

  forget(): void {
    this.#sum = MEAN_AFTER_RUN;
  }
}

/** Throws RangeError past the end. */
class BitReader {
  readonly #view: DataView;
  readonly #end: number;
  /** The version has been read. */
  #at = 8;

  constructor(bytes: Uint8Array) {
    this.#view = viewOfBits(bytes);
    this.#end = bytes.length * 8;
  }

  /** At most 24. */
  take(bits: number): number {
    const taken = takeBits(this.#view, this.#at, bits);
    this.#skip(bits);
    return taken;
  }

  gamma(max: number): number {
    const further = this.#zeros(30);
    const low = this.take(Math.min(further, 24));
    const high = further > 24 ? this.take(further - 24) : 0;
    const number = 2 ** further + low + high * 2 ** 24;
    if (number > max) throw new WireError(`${number} in a histogram, at most ${max} expected`);
    return number;
  }

  number(bits: number): number {
    const quotient = this.#zeros(QUOTIENT_MAX);
    if (quotient === QUOTIENT_MAX) return this.gamma(COUNT_MAX) - 1;
    const low = this.take(Math.min(bits, 24));
    const high = bits > 24 ? this.take(bits - 24) : 0;
    return quotient * 2 ** bits + low + high * 2 ** 24;
  }

  /** Counts zeros before the next 1, which goes with them. */
  #zeros(max: number): number {
    for (let zeros = 0; zeros <= max; zeros++) if (this.take(1) === 1) return zeros;
    throw new WireError('number without an end');
  }

  #skip(bits: number): void {
    this.#at += bits;
    if (this.#at > this.#end) throw new RangeError('no more bits');
  }
}
