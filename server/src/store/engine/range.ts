/** Reads a range: from files and head, at the width that the plan asks for. */
import { metricDefinition } from '@muster/shared/metrics/catalogue.ts';
import { HOUR_MS, type Millis } from '@muster/shared/time.ts';
import { addSamples, Buckets } from '../../metrics/buckets.ts';
import { planRange, type RangePlan } from '../../metrics/range-plan.ts';
import { bucketPoints, samplePoints } from '../../metrics/range-points.ts';
import { RATE_LOOKBACK_MS } from '../../metrics/rates.ts';
import { SampleList } from '../../metrics/sample-list.ts';
import type {
  QuantileQuery,
  SeriesQuantiles,
  RangePoints,
  RangeQuery,
  RangeResult,
  SeriesId,
} from '../../metrics/store.ts';
import type { ArchiveReader, Wanted } from './archive-reader.ts';
import type { MachineNo, SeriesDictionary } from './dictionary.ts';
import type { Head } from './head.ts';
import { Histogram, type HistogramScale, histogramScale } from './histogram.ts';
import { addToHours } from './hour-histograms.ts';
import { type RollupTier, SETTLE_MS, startOf, windowsBetween } from './partitions.ts';
import type { PendingWindows } from './pending-windows.ts';
import { rangeSpans } from './range-spans.ts';

interface RangeSources {
  readonly dictionary: SeriesDictionary;
  readonly head: Head;
  readonly pending: PendingWindows;
  readonly reader: ArchiveReader;
}

/** Lists of samples that are not in use: making room for a day costs as much as reading it. */
const free: SampleList[] = [];
const FREE_LISTS_MAX = 16;
const FREE_SAMPLES_MAX = 1 << 16;

type Kind = 'gauge' | 'counter';

export function readRange(query: RangeQuery, nowMs: Millis, sources: RangeSources): RangeResult {
  const planned = planRange(query, nowMs);
  // Files are not opened for the time before the machine's first sample. Buckets at the end are whole, so it is theirs that counts.
  const bornAtMs = bornAt(query.ciId, sources);
  if (bornAtMs >= planned.toMs) return { stepMs: planned.tier === 'raw' ? 0 : planned.stepMs, series: [] };
  const plan = { ...planned, fromMs: Math.max(planned.fromMs, startOf(bornAtMs, planned.stepMs)) };
  const asked = new Asked(query, sources);
  const plain = plan.tier === 'raw' ? asked.samplePoints(plan, query) : undefined;
  const points = plain ?? asked.bucketPoints(plan);
  asked.close();
  const series = asked.series.flatMap((id, i) => {
    const own = points[i];
    if (own === undefined || own.times.length === 0) return [];
    return [{ instance: sources.dictionary.identity(id).instance, tier: plan.tier, points: own }];
  });
  return { stepMs: plain === undefined ? plan.stepMs : 0, series };
}

/** No sample of the machine is older; −Infinity: not known. */
export function bornAt(
  ciId: string,
  { dictionary, head }: Pick<RangeSources, 'dictionary' | 'head'>,
): Millis {
  const machine = dictionary.machine(ciId);
  return machine === undefined ? Number.NEGATIVE_INFINITY : head.machine(machine).bornAtMs;
}

/** Whole hours: settled ones from their histograms, others from their samples. */
export function readQuantiles(
  query: QuantileQuery,
  shares: readonly number[],
  sources: RangeSources,
): SeriesQuantiles[] {
  const scale = histogramScale(query.metric);
  if (scale === undefined) return [];
  const fromMs = startOf(query.fromMs, HOUR_MS);
  const toMs = startOf(query.toMs + HOUR_MS - 1, HOUR_MS);
  const asked = new Asked(query, sources);
  if (asked.series.length === 0) return [];
  const merged = asked.histograms(fromMs, toMs, scale);
  asked.close();
  return asked.series.flatMap((id, i) => {
    const histogram = merged[i];
    if (histogram === undefined || histogram.count === 0) return [];
    const values = shares.map((share) => histogram.quantile(share) ?? Number.NaN);
    return [{ instance: sources.dictionary.identity(id).instance, count: histogram.count, values }];
  });
}

/** The series of one query. */
class Asked {
  readonly series: readonly SeriesId[];
  readonly #machine: MachineNo;
  readonly #kind: Kind;
  readonly #sources: RangeSources;
  readonly #wanted: Wanted;
  #read:
    | { readonly fromMs: Millis; readonly toMs: Millis; readonly lists: Map<number, SampleList> }
    | undefined;

  constructor({ ciId, metric, instance }: QuantileQuery, sources: RangeSources) {
    const { dictionary } = sources;
    this.#sources = sources;
    this.#kind = metricDefinition(metric).kind;
    this.#machine = dictionary.machine(ciId) ?? -1;
    this.series = dictionary.seriesOf(this.#machine).filter((id) => {
      const identity = dictionary.identity(id);
      return identity.metric === metric && (instance === undefined || identity.instance === instance);
    });
    const slots = this.series.map((id) => dictionary.slotOf[id] as number);
    this.#wanted = { machine: this.#machine, slots };
  }

  /** Lists of samples are used again: the points are copies. */
  close(): void {
    for (const list of this.#read?.lists.values() ?? []) {
      if (free.length < FREE_LISTS_MAX && list.times.length <= FREE_SAMPLES_MAX) free.push(list.reset());
    }
    this.#read = undefined;
  }

  /** Points of the samples themselves, per series; undefined if any has more than asked for. */
  samplePoints(plan: RangePlan, { fromMs, toMs, points }: RangeQuery): RangePoints[] | undefined {
    // What joining them to whole buckets takes, if it comes to that.
    const lists = this.#samples(plan.fromMs, plan.toMs);
    const made: RangePoints[] = [];
    for (const slot of this.#wanted.slots) {
      const own = samplePoints(listFor(lists, slot), this.#kind, fromMs, toMs);
      if (own.times.length > points) return undefined;
      made.push(own);
    }
    return made;
  }

  /** What the series counted in hours that start in [fromMs, toMs). */
  histograms(fromMs: Millis, toMs: Millis, scale: HistogramScale): Histogram[] {
    const merged = new Map(this.#wanted.slots.map((slot) => [slot, new Histogram(scale)]));
    const unwritten = this.#unwrittenWindows();
    const { pending, reader } = this.#sources;
    for (const startMs of windowsBetween(fromMs, toMs, SETTLE_MS)) {
      const beginMs = Math.max(fromMs, startMs);
      const endMs = Math.min(toMs, startMs + SETTLE_MS);
      if (unwritten.has(startMs) || pending.has(this.#machine, '1m', startMs)) {
        const lists = this.#samples(beginMs, endMs);
        for (const [slot, histogram] of merged) {
          const list = listFor(lists, slot);
          const hours = new Map<Millis, Histogram>();
          const kind = scale === 'percent' ? 'percent' : 'counter';
          const begin = list.lowerBound(beginMs);
          addToHours(hours, kind, list.times, list.values, begin, list.lowerBound(endMs));
          for (const hour of hours.values()) histogram.merge(hour);
        }
        continue;
      }
      reader.histograms(this.#wanted, startMs, startMs + 1, (slot, atMs, histogram) => {
        if (atMs >= beginMs && atMs < endMs) merged.get(slot)?.merge(histogram);
      });
    }
    return [...merged.values()];
  }

  /** Points of whole buckets, per series. */
  bucketPoints(plan: RangePlan): RangePoints[] {
    if (this.series.length === 0) return [];
    const made = new Map(this.#wanted.slots.map((slot) => [slot, new Buckets(plan.stepMs)]));
    for (const { source, fromMs, toMs } of this.#spans(plan)) {
      if (source === 'raw') this.#fromSamples(fromMs, toMs, made);
      else this.#fromRollups(source, fromMs, toMs, made);
    }
    return Array.from(made.values(), bucketPoints);
  }

  #spans({ tier, fromMs, toMs }: RangePlan) {
    if (tier === 'raw') return [{ source: tier, fromMs, toMs }];
    const unwritten = this.#unwrittenWindows();
    const { pending } = this.#sources;
    return rangeSpans(tier, fromMs, toMs, (one, startMs) => {
      return (one === '1m' && unwritten.has(startMs)) || pending.has(this.#machine, one, startMs);
    });
  }

  /** Windows with samples of the machine that are in no file. */
  #unwrittenWindows(): Set<Millis> {
    const hours = new Set<Millis>();
    this.#sources.head.machine(this.#machine).hours(hours);
    return new Set(Array.from(hours, (atMs) => startOf(atMs, SETTLE_MS)));
  }

  #fromSamples(fromMs: Millis, toMs: Millis, into: Map<number, Buckets>): void {
    const lists = this.#samples(fromMs, toMs);
    for (const [slot, buckets] of into) addSamples(buckets, listFor(lists, slot), this.#kind, fromMs, toMs);
  }

  #fromRollups(tier: RollupTier, fromMs: Millis, toMs: Millis, into: Map<number, Buckets>): void {
    this.#sources.reader.buckets(tier, this.#wanted, fromMs, toMs, (slot, buckets) => {
      into.get(slot)?.addAll(buckets, fromMs, toMs);
    });
  }

  /** Settled samples per slot; of counters also what the first rate depends on. The last range read is kept. */
  #samples(fromMs: Millis, toMs: Millis): Map<number, SampleList> {
    if (this.#read?.fromMs === fromMs && this.#read.toMs === toMs) return this.#read.lists;
    const { reader, head } = this.#sources;
    const lists = new Map<number, SampleList>();
    if (this.series.length === 0) return lists;
    this.close();
    const firstMs = this.#kind === 'counter' ? fromMs - RATE_LOOKBACK_MS : fromMs;
    reader.samples(this.#wanted, firstMs, toMs, (slot) => listFor(lists, slot));
    const machine = head.machine(this.#machine);
    for (const slot of this.#wanted.slots) {
      const list = listFor(lists, slot);
      machine.read(slot, firstMs, toMs, list);
      list.settle();
    }
    this.#read = { fromMs, toMs, lists };
    return lists;
  }
}

function listFor(lists: Map<number, SampleList>, slot: number): SampleList {
  const list = lists.get(slot) ?? free.pop() ?? new SampleList();
  lists.set(slot, list);
  return list;
}
