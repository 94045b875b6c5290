/** Reads a range: from files and head, at the width that the plan asks for. */
import { metricDefinition } from '@muster/shared/metrics/catalogue.ts';
import type { Millis } from '@muster/shared/time.ts';
import { addSamples, Buckets } from '../../metrics/buckets.ts';
import { planRange, type RangePlan } from '../../metrics/range-plan.ts';
import { bucketPoints, samplePoints } from '../../metrics/range-points.ts';
import { RATE_LOOKBACK_MS } from '../../metrics/rates.ts';
import { SampleList } from '../../metrics/sample-list.ts';
import type { RangePoints, RangeQuery, RangeResult, SeriesId } from '../../metrics/store.ts';
import type { ArchiveReader, Wanted } from './archive-reader.ts';
import type { MachineNo, SeriesDictionary } from './dictionary.ts';
import type { Head } from './head.ts';
import { GROUP_SLOTS_BITS } from './limits.ts';
import type { RollupTier } from './partitions.ts';
import type { PendingWindows } from './pending-windows.ts';
import { rangeSpans } from './range-spans.ts';

interface RangeSources {
  readonly dictionary: SeriesDictionary;
  readonly head: Head;
  readonly pending: PendingWindows;
  readonly reader: ArchiveReader;
}

type Kind = 'gauge' | 'counter';

export function readRange(query: RangeQuery, nowMs: Millis, sources: RangeSources): RangeResult {
  const plan = planRange(query, nowMs);
  const asked = new Asked(query, sources);
  const plain = plan.tier === 'raw' ? asked.samplePoints(query.fromMs, query.toMs) : undefined;
  const few = plain?.every(({ times }) => times.length <= query.points) ?? false;
  const points = few && plain !== undefined ? plain : asked.bucketPoints(plan);
  const series = asked.series.flatMap((id, i) => {
    const own = points[i];
    if (own === undefined || own.times.length === 0) return [];
    return [{ instance: sources.dictionary.identity(id).instance, tier: plan.tier, points: own }];
  });
  return { stepMs: few ? 0 : plan.stepMs, series };
}

/** The series of one query. */
class Asked {
  readonly series: readonly SeriesId[];
  readonly #machine: MachineNo;
  readonly #kind: Kind;
  readonly #sources: RangeSources;
  /** Wanted slots by group. */
  readonly #groups = new Map<number, Wanted>();

  constructor({ ciId, metric, instance }: RangeQuery, sources: RangeSources) {
    const { dictionary } = sources;
    this.#sources = sources;
    this.#kind = metricDefinition(metric).kind;
    this.#machine = dictionary.machine(ciId) ?? -1;
    this.series = dictionary.seriesOf(this.#machine).filter((id) => {
      const identity = dictionary.identity(id);
      return identity.metric === metric && (instance === undefined || identity.instance === instance);
    });
    const slots = new Set(this.series.map((id) => dictionary.slotOf[id] as number));
    for (const slot of slots) {
      const group = slot >> GROUP_SLOTS_BITS;
      this.#groups.set(group, { machine: this.#machine, group, has: (one) => slots.has(one) });
    }
  }

  /** Points of the samples themselves, per series. */
  samplePoints(fromMs: Millis, toMs: Millis): RangePoints[] {
    const lists = this.#samples(fromMs, toMs);
    return this.series.map((id) => samplePoints(listFor(lists, this.#slot(id)), this.#kind, fromMs, toMs));
  }

  /** Points of whole buckets, per series. */
  bucketPoints(plan: RangePlan): RangePoints[] {
    const made = new Map<number, Buckets>(
      this.series.map((id) => [this.#slot(id), new Buckets(plan.stepMs)]),
    );
    if (this.series.length === 0) return [];
    for (const { source, fromMs, toMs } of this.#spans(plan)) {
      if (source === 'raw') this.#fromSamples(fromMs, toMs, made);
      else this.#fromRollups(source, fromMs, toMs, made);
    }
    return this.series.map((id) => bucketPoints(made.get(this.#slot(id)) as Buckets));
  }

  #spans({ tier, fromMs, toMs }: RangePlan) {
    if (tier === 'raw') return [{ source: tier, fromMs, toMs }];
    const unwritten = this.#unwrittenHours();
    const { pending } = this.#sources;
    return rangeSpans(tier, fromMs, toMs, (one, startMs) => {
      return (one === '1m' && unwritten.has(startMs)) || pending.has(this.#machine, one, startMs);
    });
  }

  /** Hours with samples of the machine that are in no file. */
  #unwrittenHours(): Set<Millis> {
    const hours = new Set<Millis>();
    this.#sources.head.machine(this.#machine).hours(hours);
    return hours;
  }

  #fromSamples(fromMs: Millis, toMs: Millis, into: Map<number, Buckets>): void {
    const lists = this.#samples(fromMs, toMs);
    for (const [slot, buckets] of into) addSamples(buckets, listFor(lists, slot), this.#kind, fromMs, toMs);
  }

  #fromRollups(tier: RollupTier, fromMs: Millis, toMs: Millis, into: Map<number, Buckets>): void {
    for (const wanted of this.#groups.values()) {
      this.#sources.reader.buckets(tier, wanted, fromMs, toMs, (slot, buckets) => {
        into.get(slot)?.addAll(buckets, fromMs, toMs);
      });
    }
  }

  /** Settled samples per slot; of counters also what the first rate depends on. */
  #samples(fromMs: Millis, toMs: Millis): Map<number, SampleList> {
    const { reader, head } = this.#sources;
    const lists = new Map<number, SampleList>();
    if (this.series.length === 0) return lists;
    const firstMs = this.#kind === 'counter' ? fromMs - RATE_LOOKBACK_MS : fromMs;
    for (const wanted of this.#groups.values()) {
      reader.samples(wanted, firstMs, toMs, (slot) => listFor(lists, slot));
    }
    for (const id of this.series) {
      const list = listFor(lists, this.#slot(id));
      head.machine(this.#machine).read(this.#slot(id), firstMs, toMs, list);
      list.settle();
    }
    return lists;
  }

  #slot(id: SeriesId): number {
    return this.#sources.dictionary.slotOf[id] as number;
  }
}

function listFor(lists: Map<number, SampleList>, slot: number): SampleList {
  const list = lists.get(slot) ?? new SampleList();
  lists.set(slot, list);
  return list;
}
