/** Writes the answer to a question about ranges while it is read: as JSON or as compact columns. */
import { RANGE_STREAM_TYPE } from '@muster/shared/api/metrics.ts';
import {
  encodeBeginning,
  encodeEnd,
  encodeSeries,
  type RangeStreamSeries,
} from '@muster/shared/metrics/range-stream.ts';
import { JsonBytes } from './range-json.ts';

/** So much is made before it is sent: most answers are one piece. */
const PIECE_BYTES = 256 << 10;

export type AnsweredSeries = RangeStreamSeries;

interface RangeForm {
  readonly mediaType: string;
  readonly length: number;
  begin(unit: string): void;
  series(one: AnsweredSeries): void;
  end(stepMs: number): void;
  /** What was written since the last time. */
  take(): Uint8Array;
}

/** `series` returns the widest step. */
export async function* writtenRanges(
  series: AsyncGenerator<AnsweredSeries, number>,
  unit: string,
  form: RangeForm,
): AsyncGenerator<Uint8Array, void> {
  form.begin(unit);
  try {
    for (;;) {
      const next = await series.next();
      if (next.done) {
        form.end(next.value);
        yield form.take();
        return;
      }
      form.series(next.value);
      if (form.length >= PIECE_BYTES) yield form.take();
    }
  } finally {
    await series.return(0);
  }
}

export class JsonForm implements RangeForm {
  readonly mediaType = 'application/json';
  readonly #json = new JsonBytes();
  #separator = '';

  get length(): number {
    return this.#json.length;
  }
  begin(unit: string): void {
    this.#json.text(`{"unit":${JSON.stringify(unit)},"series":[`);
  }
  series({ points, stepMs, ...who }: AnsweredSeries): void {
    // Of one machine the answer says it once.
    const isOneOfMany = who.ci !== undefined || who.group !== undefined;
    const said = JSON.stringify(isOneOfMany ? { ...who, stepMs } : who);
    this.#json.text(`${this.#separator}${said.slice(0, -1)},"points":`);
    this.#json.points(points);
    this.#json.text('}');
    this.#separator = ',';
  }
  end(stepMs: number): void {
    this.#json.text(`],"stepMs":${stepMs}}`);
  }
  take(): Uint8Array {
    return this.#json.take();
  }
}

export class ColumnForm implements RangeForm {
  readonly mediaType = RANGE_STREAM_TYPE;
  #parts: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }
  begin(unit: string): void {
    this.#add(encodeBeginning(unit));
  }
  series(one: AnsweredSeries): void {
    this.#add(encodeSeries(one));
  }
  end(stepMs: number): void {
    this.#add(encodeEnd(stepMs));
  }
  take(): Uint8Array {
    const taken = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#length = 0;
    return taken;
  }
  #add(part: Uint8Array): void {
    this.#parts.push(part);
    this.#length += part.length;
  }
}
