/** Own metrics of the metrics engine and the fleet, for `/metrics`. */
import { DAY_MS, SECOND_MS } from '@muster/shared/time.ts';
import type { Clock } from './clock.ts';
import { type Disk, engineForecast } from './engine-disk.ts';
import { histogram, type MetricFamily, single } from './http/own-metrics.ts';
import type { Incidents } from './incidents/incidents.ts';
import { DURATION_BOUNDS_MS, type DurationFigures } from './metrics/durations.ts';
import type { MetricStats, MetricStore } from './metrics/store.ts';

interface EngineMetricsDeps {
  readonly clock: Clock;
  readonly metrics: Pick<MetricStore, 'stats'>;
  readonly disk: () => Disk | null;
  readonly agentsConnected: () => number;
  readonly incidents: Pick<Incidents, 'openCounts'>;
  readonly notificationsWaiting: () => number;
}

export function engineMetrics(deps: EngineMetricsDeps): readonly MetricFamily[] {
  const nowMs = deps.clock.now();
  const stats = deps.metrics.stats(nowMs);
  const disk = deps.disk();
  const forecast = engineForecast(stats, disk, nowMs);
  return [
    ...ingestFamilies(stats),
    ...waitingFamilies(stats),
    ...durationFamilies(stats),
    single('muster_chunks_size_bytes', 'gauge', 'Closed chunks and rollups on disk.', stats.chunkBytes),
    single(
      'muster_dropped_bytes_total',
      'counter',
      'Files of samples dropped before their retention was over, because of MUSTER_METRICS_BYTES_MAX.',
      stats.droppedBytesTotal,
    ),
    ...known(
      'muster_dropped_last_timestamp_seconds',
      'When a file of samples was last dropped before its retention was over.',
      inSeconds(stats.dropped.at(-1)?.atMs),
    ),
    ...known(
      'muster_samples_size_limit_bytes',
      'What journal and files of samples may take together.',
      stats.bytesMax,
    ),
    ...known(
      'muster_samples_until_limit_seconds',
      'Until the samples take what they may, at the present growth; missing where they never will.',
      inSeconds(forecast?.daysUntilCap, DAY_MS),
    ),
    ...known('muster_disk_free_bytes', 'Free on the disk of the data directory.', disk?.freeBytes),
    ...known(
      'muster_disk_until_full_seconds',
      'Until the disk of the data directory is full, at the present growth; missing where it never will be.',
      inSeconds(forecast?.daysUntilFull, DAY_MS),
    ),
    single('muster_agents_connected', 'gauge', 'Agents from which data flows.', deps.agentsConnected()),
    single('muster_incidents_open', 'gauge', 'Open incidents.', deps.incidents.openCounts().open),
    single(
      'muster_notifications_waiting',
      'gauge',
      'Messages that wait for a channel.',
      deps.notificationsWaiting(),
    ),
  ];
}

function ingestFamilies(stats: MetricStats): MetricFamily[] {
  return [
    single('muster_series', 'gauge', 'Series known to the metrics engine.', stats.seriesCount),
    single('muster_samples_total', 'counter', 'Samples stored.', stats.samplesTotal),
    single(
      'muster_samples_duplicate_total',
      'counter',
      'Samples that were there already.',
      stats.duplicatesTotal,
    ),
    single(
      'muster_samples_late_total',
      'counter',
      'Samples older than the newest of their series.',
      stats.lateTotal,
    ),
    single(
      'muster_samples_refused_total',
      'counter',
      'Samples older than the raw retention when they came; not stored.',
      stats.refusedTotal,
    ),
  ];
}

function waitingFamilies(stats: MetricStats): MetricFamily[] {
  return [
    single('muster_head_size_bytes', 'gauge', 'Memory of samples that are in no file yet.', stats.headBytes),
    single('muster_journal_size_bytes', 'gauge', 'Journal on disk.', stats.journalBytes),
    single(
      'muster_journal_age_seconds',
      'gauge',
      'Age of the oldest sample that stands in the journal alone; 0 where none does.',
      (stats.journalAgeMs ?? 0) / SECOND_MS,
    ),
    single(
      'muster_pending_windows',
      'gauge',
      'Windows of samples that are over and wait to be settled or rolled up.',
      stats.pendingWindows,
    ),
  ];
}

function durationFamilies({ durations }: MetricStats): MetricFamily[] {
  const family = (what: string, help: string, { counts, sumMs }: DurationFigures) =>
    histogram(`muster_${what}_duration_seconds`, help, {
      bounds: DURATION_BOUNDS_MS.map((boundMs) => boundMs / SECOND_MS),
      counts,
      sum: sumMs / SECOND_MS,
    });
  return [
    family('commit', 'A group of deliveries to the journal, until the disk has it.', durations.commit),
    family('journal_sync', 'The sync of the journal in a commit.', durations.sync),
    family('index_commit', 'A transaction of samples out of the journal to the index.', durations.index),
    family('settle', 'A bounded piece of windows settled or rolled up into files.', durations.settle),
  ];
}

/** What is not known is no family at all: a made-up number would be alerted on. */
function known(name: string, help: string, value: number | null | undefined): MetricFamily[] {
  return typeof value === 'number' ? [single(name, 'gauge', help, value)] : [];
}

function inSeconds(value: number | null | undefined, unitMs = 1): number | null {
  return typeof value === 'number' ? (value * unitMs) / SECOND_MS : null;
}
