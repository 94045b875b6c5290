/** Entries of the spool as the frames of one connection, against its dictionary of series. docs/WIRE.md, sections 5 and 6. */
import { metricDefinition, type Sample } from '@muster/shared/metrics/catalogue.ts';
import type { Millis } from '@muster/shared/time.ts';
import { encodeFrame } from '@muster/shared/wire/frames.ts';
import { SERIES_PER_AGENT_MAX } from '@muster/shared/wire/limits.ts';
import { SamplesEncoder, type SeriesDeclaration, type Tick } from '@muster/shared/wire/samples.ts';
import type { SpoolEntry } from './spool.ts';
import type { SpoolTick } from './spool-values.ts';

export class FrameWriter {
  readonly #encoder = new SamplesEncoder();
  readonly #numbers = new Map<SeriesDeclaration, number>();
  /** Series of the last tick with their numbers, if these were ascending: the next tick mostly has the same ones. */
  #last: { readonly of: readonly SeriesDeclaration[]; readonly series: readonly number[] } | null = null;

  /** null when the entry's series do not fit into the dictionary any more. */
  frame(entry: SpoolEntry): Uint8Array | null {
    if (entry.type !== 'samples') return encodeFrame(entry.type, entry.seq, entry.body);
    const ticks: Tick[] = [];
    for (const tick of entry.ticks) {
      if (this.#encoder.seriesCount + this.#newSeries(tick) > SERIES_PER_AGENT_MAX) return null;
      ticks.push(this.#wireTick(tick));
    }
    return encodeFrame('samples', entry.seq, this.#encoder.encode(ticks));
  }

  /** null when the series do not fit. */
  liveFrame(atMs: Millis, samples: readonly Sample[]): Uint8Array | null {
    if (this.#encoder.seriesCount + samples.length > SERIES_PER_AGENT_MAX) return null;
    const series = samples.map((sample) => {
      const { kind, decimals } = metricDefinition(sample.metric);
      return this.#encoder.declare({ metric: sample.metric, instance: sample.instance, kind, decimals });
    });
    const tick = ascending({ atMs, series, values: samples.map((sample) => sample.value) });
    return encodeFrame('live', 0, this.#encoder.encode([tick]));
  }

  #newSeries(tick: SpoolTick): number {
    if (tick.series === this.#last?.of) return 0;
    let count = 0;
    for (const series of tick.series) if (!this.#numbers.has(series)) count++;
    return count;
  }

  #wireTick(tick: SpoolTick): Tick {
    if (tick.series === this.#last?.of)
      return { atMs: tick.atMs, series: this.#last.series, values: tick.values };
    const series = tick.series.map((one) => {
      const known = this.#numbers.get(one);
      if (known !== undefined) return known;
      const number = this.#encoder.declare(one);
      this.#numbers.set(one, number);
      return number;
    });
    const wire = ascending({ atMs: tick.atMs, series, values: tick.values });
    this.#last = wire.series === series ? { of: tick.series, series } : null;
    return wire;
  }
}

/** The wire wants ascending series, each once; the last value of a series wins. Ticks mostly are so already. */
function ascending(tick: Tick): Tick {
  const { series, values } = tick;
  let sorted = true;
  for (let i = 1; i < series.length && sorted; i++)
    sorted = (series[i - 1] as number) < (series[i] as number);
  if (sorted) return tick;
  const bySeries = new Map(series.map((number, i) => [number, values[i] as number]));
  const pairs = [...bySeries].sort(([a], [b]) => a - b);
  return {
    atMs: tick.atMs,
    series: pairs.map(([number]) => number),
    values: pairs.map(([, value]) => value),
  };
}
