/**
 * Reads `prometheus.WriteRequest` (remote write 1.0) series by series, without making an object of any of them: labels are places in
 * the bytes, samples stand in arrays that are used again. Protocol Buffers encoding; fields that are not known are passed by, as the
 * format asks for.
 */
import { WRITE_LABELS_MAX, WRITE_SAMPLES_MAX, WRITE_SERIES_MAX } from '@muster/shared/api/remote-write.ts';

/** The bytes are no WriteRequest, or more than one may hold. */
export class WriteRequestError extends Error {
  override readonly name = 'WriteRequestError';
}

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** Field and wire type of what is read. */
const REQUEST_SERIES = tagOf(1, BYTES);
const REQUEST_METADATA = tagOf(3, BYTES);
const SERIES_LABEL = tagOf(1, BYTES);
const SERIES_SAMPLE = tagOf(2, BYTES);
const LABEL_NAME = tagOf(1, BYTES);
const LABEL_VALUE = tagOf(2, BYTES);
const SAMPLE_VALUE = tagOf(1, FIXED64);
const SAMPLE_TIME = tagOf(2, VARINT);
const METADATA_TYPE = tagOf(1, VARINT);
const METADATA_FAMILY = tagOf(2, BYTES);

function tagOf(field: number, wireType: number): number {
  return field * 8 + wireType;
}

/** The NaN by which Prometheus says that a series has ended (its `value.StaleNaN`); other NaNs are values. */
const STALE_HIGH = 0x7ff0_0000;
const STALE_LOW = 0x0000_0002;

export type MetricKind = 'counter' | 'gauge' | 'other';

/** `next()` goes to the next series; its labels and samples are valid until then. Throws WriteRequestError. */
export class WriteRequestReader {
  readonly bytes: Buffer;
  readonly #view: DataView;
  #at = 0;
  #series = 0;
  #samples = 0;

  labelCount = 0;
  /** Four a label: start and end of its name, start and end of its value. */
  readonly labels = new Int32Array(WRITE_LABELS_MAX * 4);
  /** Bytes of all labels, when they stand in one piece; -1: they do not. */
  labelsStart = -1;
  labelsEnd = -1;
  sampleCount = 0;
  times = new Float64Array(64);
  values = new Float64Array(64);
  /** 1: the sample is a mark that the series has ended. */
  stale = new Uint8Array(64);
  /** More labels than a series may have: they are not all here. */
  hasTooManyLabels = false;
  /** What the request says of kinds of metrics, by name. */
  readonly kinds = new Map<string, MetricKind>();

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  next(): boolean {
    while (this.#at < this.bytes.length) {
      const tag = this.#varint(this.bytes.length);
      if (tag === REQUEST_SERIES) {
        this.#readSeries(this.#end(this.bytes.length));
        return true;
      }
      if (tag === REQUEST_METADATA) this.#readMetadata(this.#end(this.bytes.length));
      else this.#skip(tag, this.bytes.length);
    }
    return false;
  }

  #readSeries(end: number): void {
    this.#series += 1;
    if (this.#series > WRITE_SERIES_MAX)
      throw new WriteRequestError(`more than ${WRITE_SERIES_MAX} series in one request`);
    this.labelCount = 0;
    this.labelsStart = -1;
    this.labelsEnd = -1;
    this.sampleCount = 0;
    this.hasTooManyLabels = false;
    let isInOnePiece = true;
    while (this.#at < end) {
      const start = this.#at;
      const tag = this.#varint(end);
      if (tag === SERIES_LABEL) {
        if (this.labelsEnd >= 0 && this.labelsEnd !== start) isInOnePiece = false;
        if (this.labelsStart < 0) this.labelsStart = start;
        this.#readLabel(this.#end(end));
        this.labelsEnd = this.#at;
      } else if (tag === SERIES_SAMPLE) this.#readSample(this.#end(end));
      else this.#skip(tag, end);
    }
    if (!isInOnePiece) this.labelsStart = -1;
  }

  #readLabel(end: number): void {
    let nameStart = 0;
    let nameEnd = 0;
    let valueStart = 0;
    let valueEnd = 0;
    while (this.#at < end) {
      const tag = this.#varint(end);
      if (tag === LABEL_NAME) {
        nameEnd = this.#end(end);
        nameStart = this.#at;
        this.#at = nameEnd;
      } else if (tag === LABEL_VALUE) {
        valueEnd = this.#end(end);
        valueStart = this.#at;
        this.#at = valueEnd;
      } else this.#skip(tag, end);
    }
    if (this.labelCount >= WRITE_LABELS_MAX) {
      this.hasTooManyLabels = true;
      return;
    }
    const place = this.labelCount * 4;
    this.labels[place] = nameStart;
    this.labels[place + 1] = nameEnd;
    this.labels[place + 2] = valueStart;
    this.labels[place + 3] = valueEnd;
    this.labelCount += 1;
  }

  /** What is left out is 0, as in proto3. */
  #readSample(end: number): void {
    this.#samples += 1;
    if (this.#samples > WRITE_SAMPLES_MAX)
      throw new WriteRequestError(`more than ${WRITE_SAMPLES_MAX} samples in one request`);
    let value = 0;
    let isStale = false;
    let atMs = 0;
    while (this.#at < end) {
      const tag = this.#varint(end);
      if (tag === SAMPLE_VALUE) {
        if (end - this.#at < 8) throw torn();
        isStale =
          this.#view.getUint32(this.#at, true) === STALE_LOW &&
          this.#view.getUint32(this.#at + 4, true) === STALE_HIGH;
        value = this.#view.getFloat64(this.#at, true);
        this.#at += 8;
      } else if (tag === SAMPLE_TIME) atMs = this.#int64(end);
      else this.#skip(tag, end);
    }
    if (this.sampleCount === this.times.length) this.#grow();
    this.times[this.sampleCount] = atMs;
    this.values[this.sampleCount] = value;
    this.stale[this.sampleCount] = isStale ? 1 : 0;
    this.sampleCount += 1;
  }

  #readMetadata(end: number): void {
    let kind: MetricKind = 'other';
    let family = '';
    while (this.#at < end) {
      const tag = this.#varint(end);
      if (tag === METADATA_TYPE) {
        const type = this.#varint(end);
        kind = type === 1 ? 'counter' : type === 2 ? 'gauge' : 'other';
      } else if (tag === METADATA_FAMILY) {
        const textEnd = this.#end(end);
        family = this.bytes.toString('utf8', this.#at, textEnd);
        this.#at = textEnd;
      } else this.#skip(tag, end);
    }
    if (family !== '' && this.kinds.size < WRITE_SERIES_MAX) this.kinds.set(family, kind);
  }

  #grow(): void {
    const times = new Float64Array(this.times.length * 4);
    const values = new Float64Array(times.length);
    const stale = new Uint8Array(times.length);
    times.set(this.times);
    values.set(this.values);
    stale.set(this.stale);
    this.times = times;
    this.values = values;
    this.stale = stale;
  }

  /** Where the field that begins here ends. */
  #end(within: number): number {
    const length = this.#varint(within);
    const end = this.#at + length;
    if (end > within) throw torn();
    return end;
  }

  #skip(tag: number, end: number): void {
    const wireType = tag % 8;
    if (tag < 8) throw new WriteRequestError('a field with the number 0');
    if (wireType === VARINT) this.#int64(end);
    else if (wireType === FIXED64) this.#at += 8;
    else if (wireType === BYTES) this.#at = this.#end(end);
    else if (wireType === FIXED32) this.#at += 4;
    else throw new WriteRequestError(`wire type ${wireType}`);
    if (this.#at > end) throw torn();
  }

  /** Tags and lengths. */
  #varint(end: number): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 5; i++) {
      if (this.#at >= end) throw torn();
      const byte = this.bytes[this.#at++] as number;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
    throw new WriteRequestError('a tag or length of more than 5 bytes');
  }

  /** Two's complement in up to 10 bytes; exact up to 2^53, which is far beyond any time in milliseconds. */
  #int64(end: number): number {
    let low = 0;
    let high = 0;
    for (let i = 0; i < 10; i++) {
      if (this.#at >= end) throw torn();
      const byte = this.bytes[this.#at++] as number;
      if (i < 4) low += (byte & 127) * 2 ** (7 * i);
      else high += (byte & 127) * 2 ** (7 * (i - 4));
      if (byte < 128) {
        const unsigned = high * 2 ** 28 + low;
        return unsigned < 2 ** 63 ? unsigned : -((2 ** 36 - high) * 2 ** 28 - low);
      }
    }
    throw new WriteRequestError('a varint of more than 10 bytes');
  }
}

function torn(): WriteRequestError {
  return new WriteRequestError('it ends in the middle of a field');
}
