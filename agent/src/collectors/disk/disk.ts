/** Disk I/O: bytes and requests, mean wait, how busy each disk is, and what it failed at. */
import type { Sample } from '@muster/shared/metrics/catalogue.ts';
import type { Host } from '../../host.ts';
import type { Collector } from '../collector.ts';
import { percentOf } from '../fields.ts';
import { instanceText } from '../instance.ts';
import { type DiskCounters, diskCounters, diskRows, wholeDisks } from './diskstats.ts';

interface DiskState {
  readonly atMs: number;
  readonly disks: ReadonlyMap<string, DiskCounters>;
  /** Of which devices `whole` are the disks; sorted out anew only when one comes or goes. */
  readonly devices: string;
  readonly whole: ReadonlySet<string>;
}

export const disk: Collector<DiskState> = {
  name: 'disk',
  platforms: ['linux'],
  collect(host, previous) {
    const text = host.readText('/proc/diskstats') ?? '';
    const rows = diskRows(text);
    const names = rows.map(({ device }) => device);
    const devices = names.join(' ');
    const whole = devices === previous?.devices ? previous.whole : wholeDisks(names);
    const disks: DiskCounters[] = [];
    for (const row of rows) {
      const counters = whole.has(row.device) ? diskCounters(row) : null;
      if (counters !== null && wasUsed(counters)) disks.push(counters);
    }
    const state: DiskState = {
      devices,
      whole,
      atMs: host.monotonicMs(),
      disks: new Map(disks.map((one) => [one.device, one])),
    };
    const elapsedMs = previous === null ? 0 : state.atMs - previous.atMs;
    const samples = disks.flatMap((one) => [
      ...diskSamples(previous?.disks.get(one.device), one, elapsedMs),
      ...errorSamples(host, one.device),
    ]);
    return { samples, state };
  },
};

/** Commands that the device failed, as SCSI and SATA layers count them (hexadecimal); others do not tell. */
function errorSamples(host: Host, device: string): Sample[] {
  const text = host.readText(`/sys/block/${device.replaceAll('/', '!')}/device/ioerr_cnt`)?.trim();
  if (text === undefined || !/^0x[0-9a-f]+$/i.test(text)) return [];
  return [{ metric: 'disk.errors', instance: instanceText(device), value: Number(text) }];
}

/** A slot without a card, or a network block device that nobody connected, has never moved a byte. */
function wasUsed(counters: DiskCounters): boolean {
  return counters.reads > 0 || counters.writes > 0;
}

function diskSamples(previous: DiskCounters | undefined, current: DiskCounters, elapsedMs: number): Sample[] {
  const instance = instanceText(current.device);
  const samples: Sample[] = [
    { metric: 'disk.read', instance, value: current.readBytes },
    { metric: 'disk.written', instance, value: current.writtenBytes },
    { metric: 'disk.reads', instance, value: current.reads },
    { metric: 'disk.writes', instance, value: current.writes },
  ];
  if (previous === undefined || elapsedMs <= 0) return samples;
  const wait = meanWaitSeconds(previous, current);
  if (wait !== null) samples.push({ metric: 'disk.await', instance, value: wait });
  const busyMs = passedMs(previous.busyMs, current.busyMs);
  if (busyMs !== null)
    samples.push({ metric: 'disk.utilisation', instance, value: percentOf(busyMs, elapsedMs) });
  return samples;
}

/**
 * Time per request finished between two readings, in seconds. An idle disk keeps nobody waiting: 0. null
 * when requests are under way and none finished (a stalled disk must not look like an idle one), and when
 * the counters were reset.
 */
export function meanWaitSeconds(previous: DiskCounters, current: DiskCounters): number | null {
  const finished = current.reads - previous.reads + (current.writes - previous.writes);
  if (finished < 0 || current.reads < previous.reads || current.writes < previous.writes) return null;
  if (finished === 0) return current.inFlight > 0 ? null : 0;
  const readMs = passedMs(previous.readMs, current.readMs);
  const writeMs = passedMs(previous.writeMs, current.writeMs);
  return readMs === null || writeMs === null ? null : (readMs + writeMs) / finished / 1_000;
}

const WRAP = 2 ** 32;

/**
 * Milliseconds between two readings of a counter that the kernel keeps in 32 bits, whatever its word size.
 * A fall is a wrap if it leads over the top by less than half of the range, otherwise a reset: null.
 */
export function passedMs(previous: number, current: number): number | null {
  if (current >= previous) return current - previous;
  const wrapped = current + WRAP - previous;
  return previous < WRAP && wrapped < WRAP / 2 ? wrapped : null;
}
