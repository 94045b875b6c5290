/** Memory and swap from /proc/meminfo, and what was swapped or killed from /proc/vmstat. */
import type { Sample } from '@muster/shared/metrics/catalogue.ts';
import type { Host } from '../../host.ts';
import type { Collector } from '../collector.ts';
import { figureOf, percentOf } from '../fields.ts';
import { pageBytes } from '../page-size.ts';

interface MemoryState {
  readonly pageBytes: number;
}

export const memory: Collector<MemoryState> = {
  name: 'memory',
  platforms: ['linux'],
  collect(host, previous) {
    const state = previous ?? { pageBytes: pageBytes(host) };
    return { samples: [...memorySamples(host), ...vmstatSamples(host, state.pageBytes)], state };
  },
};

/** proc(5), /proc/meminfo: the `kB` behind its figures. */
const KIBIBYTE = 1_024;
const SIZES = [
  'MemTotal',
  'MemFree',
  'MemAvailable',
  'Buffers',
  'Cached',
  'SwapTotal',
  'SwapFree',
  'Shmem',
  'SReclaimable',
];

/** Sizes by name in bytes, those that the kernel has of `names`. */
export function parseMeminfo(text: string, names: readonly string[] = SIZES): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const name of names) {
    const figure = figureOf(text, `${name}:`, '/proc/meminfo');
    if (figure !== null) sizes.set(name, figure * KIBIBYTE);
  }
  return sizes;
}

/** proc(5), /proc/vmstat: one count, null when this kernel has no such line. */
export function vmstatCount(text: string, name: string): number | null {
  return figureOf(text, `${name} `, '/proc/vmstat');
}

/**
 * Bytes that a new program could get without swapping: MemAvailable. Before Linux 3.14 there is no such
 * line; then free + buffers + cached + reclaimable slab − shared memory, which is too high by the
 * kernel's low watermarks and never below what is free.
 */
export function availableBytes(meminfo: ReadonlyMap<string, number>): number {
  const available = meminfo.get('MemAvailable');
  if (available !== undefined) return available;
  const figure = (name: string): number => meminfo.get(name) ?? 0;
  const free = figure('MemFree');
  return Math.min(figure('MemTotal'), Math.max(free, free + figure('Buffers') + fileCacheBytes(meminfo)));
}

/** File pages and reclaimable slab without shared memory, which the kernel counts as cache and cannot give back. */
export function fileCacheBytes(meminfo: ReadonlyMap<string, number>): number {
  const figure = (name: string): number => meminfo.get(name) ?? 0;
  return Math.max(0, figure('Cached') + figure('SReclaimable') - figure('Shmem'));
}

function memorySamples(host: Host): Sample[] {
  const text = host.readText('/proc/meminfo');
  if (text === null) return [];
  const meminfo = parseMeminfo(text);
  const total = meminfo.get('MemTotal');
  if (total === undefined) throw new Error('/proc/meminfo: no MemTotal');
  const available = availableBytes(meminfo);
  const used = Math.max(0, total - available);
  const samples: Sample[] = [
    { metric: 'memory.total', instance: '', value: total },
    { metric: 'memory.used', instance: '', value: used },
    { metric: 'memory.available', instance: '', value: available },
    { metric: 'memory.cached', instance: '', value: fileCacheBytes(meminfo) },
    { metric: 'memory.buffers', instance: '', value: meminfo.get('Buffers') ?? 0 },
    { metric: 'memory.utilisation', instance: '', value: percentOf(used, total) },
  ];
  const swapTotal = meminfo.get('SwapTotal');
  if (swapTotal === undefined) return samples;
  const swapUsed = Math.max(0, swapTotal - (meminfo.get('SwapFree') ?? swapTotal));
  samples.push(
    { metric: 'swap.total', instance: '', value: swapTotal },
    { metric: 'swap.used', instance: '', value: swapUsed },
  );
  // Without swap space there is nothing to be full.
  if (swapTotal > 0) {
    samples.push({ metric: 'swap.utilisation', instance: '', value: percentOf(swapUsed, swapTotal) });
  }
  return samples;
}

function vmstatSamples(host: Host, bytesPerPage: number): Sample[] {
  const text = host.readText('/proc/vmstat');
  if (text === null) return [];
  const samples: Sample[] = [];
  const swappedIn = vmstatCount(text, 'pswpin');
  const swappedOut = vmstatCount(text, 'pswpout');
  const killed = vmstatCount(text, 'oom_kill');
  if (swappedIn !== null) samples.push({ metric: 'swap.in', instance: '', value: swappedIn * bytesPerPage });
  if (swappedOut !== null)
    samples.push({ metric: 'swap.out', instance: '', value: swappedOut * bytesPerPage });
  if (killed !== null) samples.push({ metric: 'memory.oomkills', instance: '', value: killed });
  return samples;
}
