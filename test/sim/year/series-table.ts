/** The metric store of the year: names series and knows their latest value; a year of samples is not kept. */
import { invariant } from '@muster/shared/invariant.ts';
import type { Millis } from '@muster/shared/time.ts';
import { NO_DURATION } from '@muster/server/metrics/durations.ts';
import type { LatestSample, MetricStore, SeriesIdentity, StoredTick } from '@muster/server/metrics/store.ts';

export interface SeriesTable extends MetricStore {
  /** Latest values of a machine. */
  note(ciId: string, tick: StoredTick): void;
}

export function createSeriesTable(): SeriesTable {
  const all: SeriesIdentity[] = [];
  const ids = new Map<string, number>();
  const latest = new Map<string, { atMs: Millis; series: readonly number[]; values: ArrayLike<number> }>();

  function latestOf(ciId: string): LatestSample[] {
    const held = latest.get(ciId);
    if (!held) return [];
    return held.series.map((series, i) => ({
      identity: identityOf(series),
      atMs: held.atMs,
      value: held.values[i] ?? Number.NaN,
      rate: null,
    }));
  }

  function identityOf(series: number): SeriesIdentity {
    const found = all[series];
    invariant(found, `series ${series} was resolved`);
    return found;
  }

  function resolve(identity: SeriesIdentity): number {
    const key = `${identity.ciId}\0${identity.metric}\0${identity.instance}`;
    const known = ids.get(key);
    if (known !== undefined) return known;
    ids.set(key, all.length);
    all.push({ ...identity });
    return all.length - 1;
  }

  return {
    note: (ciId, { atMs, series, values }) => {
      const held = latest.get(ciId);
      if (held && held.series === series) {
        held.atMs = atMs;
        held.values = values;
      } else latest.set(ciId, { atMs, series, values });
    },
    resolve,
    resolveWithin: resolve,
    identity: identityOf,
    append: async () => undefined,
    delivered: () => 0,
    latest: latestOf,
    top: () => [],
    bornAtMs: () => Number.NEGATIVE_INFINITY,
    latestOfMetric: (metric) =>
      [...latest.keys()].flatMap((ciId) => latestOf(ciId).filter((one) => one.identity.metric === metric)),
    range: async () => ({ stepMs: 0, series: [] }),
    quantiles: async () => [],
    maintain: async () => undefined,
    pace: () => ({ samplesTotal: 0, samplesPerSecond: 0 }),
    stats: () => ({
      seriesCount: all.length,
      samplesTotal: 0,
      samplesPerSecond: 0,
      duplicatesTotal: 0,
      lateTotal: 0,
      refusedTotal: 0,
      journalBytes: 0,
      headBytes: 0,
      journalAgeMs: null,
      pendingWindows: 0,
      chunkBytes: 0,
      partitions: [],
      bytesMax: null,
      droppedBytesTotal: 0,
      dropped: [],
      durations: { commit: NO_DURATION, sync: NO_DURATION, index: NO_DURATION, settle: NO_DURATION },
      waiting: [],
      corruptions: [],
    }),
    backup: async () => undefined,
    close: async () => undefined,
  };
}
