/**
 * What the peers are sent: the very values that the load agents of test/bench/fleet send to Muster, host by host and tick
 * by tick, under names and labels as an exporter would give them.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openWorkload } from '../fleet/workload.ts';

export const SERIES_PER_HOST = 100;
export const STEP_MS = 10_000;

const SHARED_DEFAULT = resolve(import.meta.dirname, '../../../../shared/bench');

/** Both loads take the generator that this names. @returns what is to be said about it */
export function chooseGenerator(): string {
  const folder = process.env.MUSTER_BENCH_SHARED ?? SHARED_DEFAULT;
  const file = join(folder, 'workload.mjs');
  process.env.MUSTER_BENCH_WORKLOAD = pathToFileURL(file).pathname;
  return existsSync(file)
    ? 'values: the shared generator'
    : 'values: our own generator of the same mix; the shared one (MUSTER_BENCH_SHARED) is not here';
}

/** A series as its labels, sorted by name as remote write wants them; `__name__` is one of them. */
export type Labels = readonly (readonly [name: string, value: string])[];

export interface HostLoad {
  readonly labels: readonly Labels[];
  /** Values of the next tick, in the order of `labels`. */
  next(out: number[]): void;
}

/** @param series how many each host has */
export async function hostLoads(hosts: number, seed: number, series = SERIES_PER_HOST): Promise<HostLoad[]> {
  const workload = await openWorkload(series);
  return Array.from({ length: hosts }, (_, host) => {
    const values = workload.machine(seed, host);
    const labels = workload.series.map(({ metric, instance }): Labels => {
      const device: Labels = instance === '' ? [] : [['device', instance]];
      return [['__name__', peerMetric(metric)], ...device, ['host', hostName(host)], ['job', JOB]];
    });
    return { labels, next: (out) => values.next(out) };
  });
}

export const JOB = 'agent';

/** Muster's `cpu.utilisation` as a peer may call it. */
export function peerMetric(metric: string): string {
  return `node_${metric.replaceAll('.', '_')}`;
}

export function hostName(host: number): string {
  return `host${String(host).padStart(5, '0')}`;
}
