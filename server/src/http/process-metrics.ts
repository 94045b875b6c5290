/** Metrics of the server process itself, under the names that Prometheus' own clients use. */
import { readdirSync } from 'node:fs';
import { SECOND_MS } from '@muster/shared/time.ts';
import type { Clock } from '../clock.ts';
import { loopLagReader } from '../loop-lag.ts';
import { type MetricFamily, single } from './own-metrics.ts';

const MICROSECONDS = 1e-6;

export function processMetrics(clock: Clock, version: string): () => readonly MetricFamily[] {
  const startedSeconds = (clock.now() - process.uptime() * 1000) / 1000;
  const loopLag = loopLagReader();
  return () => {
    const cpu = process.cpuUsage();
    const memory = process.memoryUsage();
    return [
      single(
        'process_cpu_seconds_total',
        'counter',
        'CPU time used, user and system.',
        (cpu.user + cpu.system) * MICROSECONDS,
      ),
      single('process_resident_memory_bytes', 'gauge', 'Resident memory.', memory.rss),
      single('process_start_time_seconds', 'gauge', 'Start, in seconds since 1970.', startedSeconds),
      ...openFiles(),
      single('nodejs_heap_size_used_bytes', 'gauge', 'JavaScript heap in use.', memory.heapUsed),
      single(
        'nodejs_eventloop_lag_p99_seconds',
        'gauge',
        'Lateness of the event loop since the last scrape, 99th percentile.',
        loopLag() / SECOND_MS,
      ),
      {
        name: 'muster_build_info',
        type: 'gauge',
        help: 'Always 1; the version is in the label.',
        samples: [{ labels: { version, node: process.versions.node }, value: 1 }],
      },
    ];
  };
}

function openFiles(): MetricFamily[] {
  if (process.platform !== 'linux') return [];
  return [single('process_open_fds', 'gauge', 'Open file descriptors.', readdirSync('/proc/self/fd').length)];
}
