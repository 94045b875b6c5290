/** Port of the metrics engine: what ingest, queries and rules may ask of it. One contract suite runs on each implementation. */
import type { MetricName } from '@muster/shared/metrics/catalogue.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { Values } from '@muster/shared/wire/samples.ts';
import type { DurationFigures } from './durations.ts';

/** Dense number of a series on this server, from 0; never reused. */
export type SeriesId = number;

export interface SeriesIdentity {
  readonly ciId: string;
  readonly metric: MetricName;
  readonly instance: string;
}

/** Place of a frame in an agent's ordered stream. */
export interface Delivery {
  readonly agentId: string;
  /** 16 hex digits. */
  readonly epoch: string;
  readonly seq: number;
}

/**
 * Readings of one time; `series[i]` has `values[i]`. A series stands in it at most once. The store keeps the arrays
 * until they are durable: do not change them after `append`.
 */
export interface StoredTick {
  readonly atMs: Millis;
  readonly series: readonly SeriesId[];
  readonly values: Values;
}

export type Tier = 'raw' | '1m' | '10m' | '1h';

export interface RangeQuery {
  readonly ciId: string;
  readonly metric: MetricName;
  /** Only this instance; all when undefined. */
  readonly instance?: string;
  /** Half-open: [fromMs, toMs). */
  readonly fromMs: Millis;
  readonly toMs: Millis;
  /** Points wanted per series at the most; decides tier and step. */
  readonly points: number;
}

/**
 * Points of one series as columns of one length, ascending; a bucket without samples is not there. Buckets start at
 * multiples of `stepMs` and are whole: those at the ends of the range hold all of their samples. Counters are rates per
 * second (rates.ts): a fall is a reset and counts from 0; no rate is drawn across a gap longer than three intervals.
 */
export interface RangePoints {
  /** Time of the sample, or of the bucket's start. */
  readonly times: Float64Array;
  /** Value of the sample, or the bucket's average. */
  readonly averages: Float64Array;
  /** Both or neither; not there for samples as they came (`stepMs` 0). */
  readonly mins?: Float64Array;
  readonly maxs?: Float64Array;
}

export interface RangeSeries {
  readonly instance: string;
  readonly tier: Tier;
  readonly points: RangePoints;
}

export interface RangeResult {
  /** Width of a point; 0 where raw samples are returned as they are. */
  readonly stepMs: number;
  readonly series: readonly RangeSeries[];
}

/** Hours that touch [fromMs, toMs) count as a whole. */
export type QuantileQuery = Omit<RangeQuery, 'points'>;

/** How the values of one series are spread: percentages as they are, counters by their rates. */
export interface SeriesQuantiles {
  readonly instance: string;
  /** Values counted. */
  readonly count: number;
  /** In the order of the shares asked for; percentages at most 1 point off, rates at most 5 %. */
  readonly values: readonly number[];
}

export interface LatestSample {
  readonly identity: SeriesIdentity;
  readonly atMs: Millis;
  /** Raw value; for counters see `rate`. */
  readonly value: number;
  /** Counters: per second over the last two samples; null until there are two, or across a gap. Gauges: null. */
  readonly rate: number | null;
}

/** One file of stored samples: what time it spans and how big it is. */
export interface PartitionStats {
  readonly tier: Tier;
  readonly startMs: Millis;
  readonly endMs: Millis;
  readonly bytes: number;
}

/** A file that was dropped before its retention was over. */
export interface DroppedPartition extends PartitionStats {
  readonly atMs: Millis;
  /** disk-cap: the samples took more room than they may. */
  readonly reason: 'disk-cap';
}

/** How long the engine's writes take. */
export interface EngineDurations {
  /** One group of deliveries to the journal, until the disk has it. */
  readonly commit: DurationFigures;
  /** The sync in it. */
  readonly sync: DurationFigures;
  /** One transaction of samples out of the journal, until they are in the index. */
  readonly index: DurationFigures;
  /** One bounded piece of windows settled or rolled up. */
  readonly settle: DurationFigures;
}

/** Totals count from the start of the process. */
export interface MetricStats {
  readonly seriesCount: number;
  /** Samples that took effect. */
  readonly samplesTotal: number;
  /** Mean of the last minute. */
  readonly samplesPerSecond: number;
  /** A second value for the same (series, atMs). One that meets a sample already in a file counts once `maintain` writes it. */
  readonly duplicatesTotal: number;
  readonly lateTotal: number;
  /** Samples older than the raw retention when they came: not stored. */
  readonly refusedTotal: number;
  /** Memory of the samples that are in no file yet. */
  readonly headBytes: number;
  readonly journalBytes: number;
  /** Age of the oldest sample that stands in the journal alone, as far as this process knows it; null: none. */
  readonly journalAgeMs: number | null;
  /** Windows that are over and not yet settled or rolled up. */
  readonly pendingWindows: number;
  readonly chunkBytes: number;
  readonly partitions: readonly PartitionStats[];
  /** What journal and files may take together; null: as much as there is. */
  readonly bytesMax: number | null;
  readonly droppedBytesTotal: number;
  /** The last ones, newest last. */
  readonly dropped: readonly DroppedPartition[];
  readonly durations: EngineDurations;
  /** What could not be done, costs nothing so far and is tried again, each with the time since when. */
  readonly waiting: readonly { readonly atMs: Millis; readonly what: string }[];
  /** Times that something stored could not be read, with what was lost. */
  readonly corruptions: readonly { readonly atMs: Millis; readonly what: string }[];
}

/** What is known without looking at any machine. */
export type MetricPace = Pick<MetricStats, 'samplesTotal' | 'samplesPerSecond'>;

/**
 * Contract.
 * - `resolve` gives the same id for the same identity for ever, also after a restart.
 * - `append` is atomic per delivery: after a crash all of its samples are there or none. Its promise resolves when the
 *   samples and the delivery mark are durable, in the order of the calls; it rejects with AppError 'storage-full' and
 *   leaves no trace when they cannot be made so.
 * - Effect exactly once: samples are keyed by (series, atMs). A second value for the same key is a duplicate: counted,
 *   without effect. Late samples (before the newest of their series) are stored in their place, back to the raw
 *   retention; older ones are refused and counted, the rest of their delivery is stored.
 * - When an `append` rejects, those called before it was known reject too, so that an agent's order has no hole.
 *   `append` without ticks records the delivery alone.
 * - `delivered` is the highest durable seq of the agent's given epoch; 0 if none. Only the newest epoch of an agent is kept.
 * - Queries see a sample once its `append` has resolved.
 * - The same series should come as the same array object in each tick: what is worked out for a list is kept with it.
 * - NaN and ±Infinity are stored exactly and left out of buckets.
 */
export interface MetricStore {
  resolve(identity: SeriesIdentity): SeriesId;
  /** null: it would be a new one, and its machine has so many. */
  resolveWithin(identity: SeriesIdentity, perMachineMax: number): SeriesId | null;
  identity(series: SeriesId): SeriesIdentity;
  append(delivery: Delivery, ticks: readonly StoredTick[], nowMs: Millis): Promise<void>;
  delivered(agentId: string, epoch: string): number;
  latest(ciId: string): readonly LatestSample[];
  /** Highest latest value (rate for counters) over all CIs, or those of `only`, not older than `sinceMs`. */
  top(
    metric: MetricName,
    n: number,
    sinceMs: Millis,
    only?: (ciId: string) => boolean,
  ): readonly LatestSample[];
  /** Latest sample of every series of the metric, over all CIs, in no order. */
  latestOfMetric(metric: MetricName): readonly LatestSample[];
  /** No sample of the CI is older; −Infinity: not known. Costs nothing. */
  bornAtMs(ciId: string): Millis;
  range(query: RangeQuery, nowMs: Millis): Promise<RangeResult>;
  /** Values that the shares (0 to 1) of a series' values do not exceed; empty for metrics that are neither percentage nor counter. */
  quantiles(query: QuantileQuery, shares: readonly number[]): Promise<readonly SeriesQuantiles[]>;
  /**
   * Housekeeping, a bounded piece per call: closes chunks, writes them, trims the journal, makes rollups, drops what is
   * past its retention. Rejects with 'storage-full' when it cannot write; nothing is lost then, call again later.
   */
  maintain(nowMs: Millis): Promise<void>;
  /** Looks at every machine: for those who ask, not for each second. */
  stats(nowMs: Millis): MetricStats;
  /** Cheap enough for each second. */
  pace(nowMs: Millis): MetricPace;
  /** A consistent copy of everything durable into an empty folder, while running. */
  backup(folder: string): Promise<void>;
  close(): Promise<void>;
}
