import { spawnSync } from 'node:child_process';
import { DAY_MS } from '@muster/shared/time.ts';
import { expect, test } from 'vitest';
import { engineMetrics } from './engine-metrics.ts';
import { OwnMetrics } from './http/own-metrics.ts';
import { Durations } from './metrics/durations.ts';
import type { MetricStats } from './metrics/store.ts';
import { createMemoryMetricStore } from './store/memory/metrics.ts';

const NOW_MS = Date.UTC(2026, 10, 20);
/** One whole day of samples. */
const DAY_FILE = { tier: 'raw', startMs: NOW_MS - DAY_MS, endMs: NOW_MS, bytes: 1_000 } as const;
const CALM = createMemoryMetricStore().stats(NOW_MS);
const commits = new Durations();
for (const ms of [18, 20, 400, 40_000]) commits.add(ms);
const BUSY: MetricStats = {
  ...CALM,
  refusedTotal: 3,
  headBytes: 4_096,
  journalAgeMs: 90_000,
  pendingWindows: 12,
  chunkBytes: 1_000,
  partitions: [DAY_FILE],
  bytesMax: 3_500,
  droppedBytesTotal: 77,
  dropped: [{ ...DAY_FILE, atMs: NOW_MS - 5_000, reason: 'disk-cap' }],
  durations: { ...CALM.durations, commit: commits.figures() },
};

function print(stats: MetricStats, freeBytes: number | null = 1e12): string {
  const metrics = new OwnMetrics();
  metrics.register(() =>
    engineMetrics({
      clock: { now: () => NOW_MS, monotonicMs: () => 0 },
      metrics: { stats: () => stats },
      disk: () => (freeBytes === null ? null : { freeBytes, totalBytes: 2e12 }),
      agentsConnected: () => 1,
      incidents: { openCounts: () => ({ open: 1, unclaimed: 0, alarmed: 0 }) },
      notificationsWaiting: () => 2,
    }),
  );
  return metrics.print();
}

const valueOf = (text: string, name: string) => {
  const found = text.split('\n').find((line) => line.startsWith(`${name} `));
  return found === undefined ? undefined : Number(found.slice(name.length));
};

test.each([
  ['muster_samples_refused_total', 3],
  ['muster_head_size_bytes', 4_096],
  ['muster_journal_age_seconds', 90],
  ['muster_pending_windows', 12],
  ['muster_commit_duration_seconds_bucket{le="0.01"}', 0],
  ['muster_commit_duration_seconds_bucket{le="0.025"}', 2],
  ['muster_commit_duration_seconds_bucket{le="0.5"}', 3],
  ['muster_commit_duration_seconds_bucket{le="30"}', 3],
  ['muster_commit_duration_seconds_bucket{le="+Inf"}', 4],
  ['muster_commit_duration_seconds_sum', 40.438],
  ['muster_commit_duration_seconds_count', 4],
  ['muster_journal_sync_duration_seconds_count', 0],
  ['muster_index_commit_duration_seconds_count', 0],
  ['muster_settle_duration_seconds_bucket{le="+Inf"}', 0],
  ['muster_dropped_bytes_total', 77],
  ['muster_dropped_last_timestamp_seconds', NOW_MS / 1_000 - 5],
  ['muster_samples_size_limit_bytes', 3_500],
  // 2,500 bytes are left, 1,000 come in a day.
  ['muster_samples_until_limit_seconds', 2 * 86_400],
  ['muster_notifications_waiting', 2],
])('[EN6] %s', (name, expected) => {
  expect(valueOf(print(BUSY), name)).toBe(expected);
});

test('[EN6] what is not known, or will never be, is missing and not a number that would be alerted on', () => {
  const text = print(CALM, null);
  for (const name of [
    'muster_dropped_last_timestamp_seconds',
    'muster_samples_size_limit_bytes',
    'muster_samples_until_limit_seconds',
    'muster_disk_free_bytes',
    'muster_disk_until_full_seconds',
  ])
    expect(text).not.toContain(name);
  expect(valueOf(print(BUSY, 1e12), 'muster_disk_until_full_seconds')).toBeUndefined();
  expect(valueOf(print(BUSY, 1_500), 'muster_disk_until_full_seconds')).toBe(86_400);
});

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

test.skipIf(!hasPromtool)('[EN6] promtool has nothing to say about the names', () => {
  const said = spawnSync('promtool', ['check', 'metrics'], { input: print(BUSY, 1_500) });
  expect(said.stdout.toString() + said.stderr.toString()).toBe('');
  expect(said.status).toBe(0);
});
