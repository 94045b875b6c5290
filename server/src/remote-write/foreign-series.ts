/**
 * Series that senders feed, and who may. The agent on the machine wins: what it reports, or reported a short time ago, is kept out when
 * a sender says it too. It is known without listening to agents: the newest sample of a series is either ours of before, or an agent's.
 */
import type { MetricName } from '@muster/shared/metrics/catalogue.ts';
import type { Millis } from '@muster/shared/time.ts';
import { isLately } from '../due.ts';
import type { LatestSample, MetricStore, SeriesId } from '../metrics/store.ts';
import {
  FOREIGN_SERIES_DELETED_MAX,
  FOREIGN_SERIES_MAX,
  FOREIGN_SERIES_SEEN_STEP_MS,
  FOREIGN_SERIES_UNSEEN_MS,
  FOREIGN_SERIES_WRITTEN_MAX,
  HOLDER_LOOK_MS,
  HOLDER_SILENT_MS,
} from './limits.ts';
import type { ForeignSeriesKey, ForeignSeriesRecord } from './store.ts';

export interface ForeignSeries {
  readonly id: SeriesId;
  readonly ciId: string;
  readonly metric: MetricName;
  readonly instance: string;
  readonly mappingId: string;
  readonly sender: string;
  readonly sinceMs: Millis;
  agentReports: boolean;
  /** Newest sample that came from a sender; -Infinity since the start of the server. */
  newestMs: Millis;
  /** Label set that feeds it, and when it last did: a second one would mix with it. */
  feeder: string;
  fedMs: Millis;
  /** The same to the day, as it is written down. */
  seenMs: Millis;
  /** Its place was given away: who holds it has to open it anew. */
  isForgotten: boolean;
  /** The tick that holds a value of it already, while a request is taken. */
  inTick: object | null;
}

interface Origin {
  readonly mappingId: string;
  readonly sender: string;
  readonly feeder: string;
}

export class ForeignSeriesBook {
  readonly #metrics: Pick<MetricStore, 'latest' | 'resolve'>;
  readonly #byKey = new Map<string, ForeignSeries>();
  readonly #byCi = new Map<string, ForeignSeries[]>();
  /** When it was last looked who reports the series of a machine. */
  readonly #lookedMs = new Map<string, Millis>();
  /** Newest samples of machines that got new series, while a request is taken: read for each of thousands they would hold all else up. */
  readonly #latest = new Map<string, ReadonlyMap<string, LatestSample>>();
  /** Machines that no sender fed before, with who does now; null: a sample of it is still to be stored. */
  readonly #newcomers = new Map<string, string | null>();
  /** Changed since they were written. */
  readonly #unwritten = new Set<ForeignSeries>();
  /** Still in the store. */
  readonly #forgotten = new Set<ForeignSeries>();

  constructor(metrics: Pick<MetricStore, 'latest' | 'resolve'>, records: readonly ForeignSeriesRecord[]) {
    this.#metrics = metrics;
    for (const record of records)
      this.#put({
        ...record,
        id: metrics.resolve({ ciId: record.ciId, metric: record.metric, instance: record.instance }),
        newestMs: -Infinity,
        feeder: '',
        fedMs: -Infinity,
        isForgotten: false,
        inTick: null,
      });
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** Whether its samples come from a sender, and not from its agent. */
  isFed(series: ForeignSeriesKey): boolean {
    // Asked for each series of each agent that connects; most servers have no senders.
    if (this.#byKey.size === 0) return false;
    const known = this.#byKey.get(keyOf(series));
    return known !== undefined && !known.agentReports;
  }

  of(ciId: string): readonly ForeignSeries[] {
    return this.#byCi.get(ciId) ?? [];
  }

  machines(): Iterable<readonly [string, readonly ForeignSeries[]]> {
    return this.#byCi;
  }

  /** The series that a label set feeds, made where there is none; or why it may not be fed. */
  open(
    named: ForeignSeriesKey,
    origin: Origin,
    nowMs: Millis,
  ): ForeignSeries | 'agent-reports' | 'series-limit' {
    const known = this.#byKey.get(keyOf(named));
    if (known) return known;
    const latest = this.#latestOf(named.ciId).get(keyOf(named));
    if (latest && isFresh(latest, nowMs)) return 'agent-reports';
    if (this.#byKey.size >= FOREIGN_SERIES_MAX) return 'series-limit';
    const series: ForeignSeries = {
      ...named,
      ...origin,
      id: this.#metrics.resolve(named),
      sinceMs: nowMs,
      agentReports: false,
      newestMs: -Infinity,
      fedMs: -Infinity,
      seenMs: nowMs,
      isForgotten: false,
      inTick: null,
    };
    if (!this.#byCi.has(named.ciId)) this.#newcomers.set(named.ciId, null);
    this.#put(series);
    this.#unwritten.add(series);
    return series;
  }

  fed(series: ForeignSeries, nowMs: Millis): void {
    series.fedMs = nowMs;
    if (isLately(series.seenMs, FOREIGN_SERIES_SEEN_STEP_MS, nowMs)) return;
    series.seenMs = nowMs;
    this.#unwritten.add(series);
  }

  /** Samples of the machine are durable. */
  stored(ciId: string, sender: string): void {
    if (this.#newcomers.get(ciId) === null) this.#newcomers.set(ciId, sender);
  }

  /** Machines of which first samples are durable, with who sent them. Nothing of them is written down before they are welcomed. */
  *newcomers(): Generator<readonly [ciId: string, sender: string]> {
    for (const [ciId, sender] of this.#newcomers) if (sender !== null) yield [ciId, sender];
  }

  welcomed(ciId: string): void {
    this.#newcomers.delete(ciId);
  }

  /** Gives the places of series free that no sender reported for long. */
  forgetUnseen(nowMs: Millis): void {
    for (const [ciId, all] of this.#byCi) {
      const left = all.filter((series) => !this.#forget(series, nowMs));
      if (left.length === all.length) continue;
      if (left.length > 0) this.#byCi.set(ciId, left);
      else {
        this.#byCi.delete(ciId);
        this.#newcomers.delete(ciId);
        this.#lookedMs.delete(ciId);
      }
    }
  }

  #forget(series: ForeignSeries, nowMs: Millis): boolean {
    // It may have been reported until a day after what is written down.
    if (nowMs - series.seenMs < FOREIGN_SERIES_UNSEEN_MS + FOREIGN_SERIES_SEEN_STEP_MS) return false;
    series.isForgotten = true;
    this.#byKey.delete(keyOf(series));
    this.#unwritten.delete(series);
    this.#forgotten.add(series);
    return true;
  }

  /** What is to be deleted from the store; it is put back where that fails. */
  takeForgotten(): ForeignSeries[] {
    const taken = [...this.#forgotten.values().take(FOREIGN_SERIES_DELETED_MAX)];
    for (const series of taken) this.#forgotten.delete(series);
    // One that came again meanwhile stands there anew.
    return taken.filter((series) => !this.#byKey.has(keyOf(series)));
  }

  /** A request begins or is over: what was read of machines for it is of no more use. */
  forgetLatest(): void {
    this.#latest.clear();
  }

  #latestOf(ciId: string): ReadonlyMap<string, LatestSample> {
    let latest = this.#latest.get(ciId);
    if (latest === undefined) {
      latest = latestByKey(this.#metrics, ciId);
      this.#latest.set(ciId, latest);
    }
    return latest;
  }

  /** Looks, now and then, which series of a machine its agent reports by now, and which not any more. */
  look(ciId: string, nowMs: Millis): void {
    if (isLately(this.#lookedMs.get(ciId) ?? -Infinity, HOLDER_LOOK_MS, nowMs)) return;
    this.#lookedMs.set(ciId, nowMs);
    const all = this.#byCi.get(ciId);
    if (!all) return;
    const latest = latestByKey(this.#metrics, ciId);
    for (const series of all) {
      const newest = latest.get(keyOf(series));
      if (newest === undefined) continue;
      const isAgents = isFresh(newest, nowMs) && this.#isAgents(series, newest);
      if (isAgents === series.agentReports) continue;
      series.agentReports = isAgents;
      this.#unwritten.add(series);
    }
  }

  /** What is to be written; it is put back where that fails. */
  takeUnwritten(): ForeignSeries[] {
    const taken = [
      ...this.#unwritten
        .values()
        .filter(({ ciId }) => !this.#newcomers.has(ciId))
        .take(FOREIGN_SERIES_WRITTEN_MAX),
    ];
    for (const series of taken) this.#unwritten.delete(series);
    return taken;
  }

  putBack(series: Iterable<ForeignSeries>): void {
    for (const one of series) (one.isForgotten ? this.#forgotten : this.#unwritten).add(one);
  }

  /** After a start, before a sender came, what stood then still holds. */
  #isAgents(series: ForeignSeries, newest: LatestSample): boolean {
    return series.newestMs === -Infinity ? series.agentReports : newest.atMs > series.newestMs;
  }

  #put(series: ForeignSeries): void {
    this.#byKey.set(keyOf(series), series);
    const ofCi = this.#byCi.get(series.ciId);
    if (ofCi) ofCi.push(series);
    else this.#byCi.set(series.ciId, [series]);
  }
}

function keyOf({ ciId, metric, instance }: ForeignSeriesKey): string {
  return `${ciId}\n${metric}\n${instance}`;
}

function latestByKey(metrics: Pick<MetricStore, 'latest'>, ciId: string): ReadonlyMap<string, LatestSample> {
  return new Map(metrics.latest(ciId).map((one) => [keyOf(one.identity), one]));
}

function isFresh({ atMs }: LatestSample, nowMs: Millis): boolean {
  return nowMs - atMs < HOLDER_SILENT_MS;
}
