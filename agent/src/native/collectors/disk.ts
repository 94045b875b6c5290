/** Disk I/O on Windows and macOS, each reading of the helper once. */
import type { Sample } from '@muster/shared/metrics/catalogue.ts';
import type { Collector } from '../../collectors/collector.ts';
import { percentOf } from '../../collectors/fields.ts';
import { instanceText } from '../../collectors/instance.ts';
import { type Counters, type Dated, type DiskCounters, isNews } from '../system.ts';

export const disk: Collector<Dated<Counters> | null> = {
  name: 'disk',
  platforms: ['win32', 'darwin'],
  collect({ system }, previous) {
    const reading = system?.told().counters ?? null;
    if (reading === null || !isNews(reading, previous?.atMs ?? null)) return { samples: [], state: previous };
    const before = new Map(previous?.value.disks.map((one) => [one.device, one]));
    const used = reading.value.disks.filter(({ reads, writes }) => reads > 0 || writes > 0);
    return { samples: used.flatMap((one) => diskSamples(before.get(one.device), one)), state: reading };
  },
};

function diskSamples(previous: DiskCounters | undefined, current: DiskCounters): Sample[] {
  const instance = instanceText(current.device);
  const samples: Sample[] = [
    { metric: 'disk.read', instance, value: current.readBytes },
    { metric: 'disk.written', instance, value: current.writtenBytes },
    { metric: 'disk.reads', instance, value: current.reads },
    { metric: 'disk.writes', instance, value: current.writes },
  ];
  if (current.errors !== null) samples.push({ metric: 'disk.errors', instance, value: current.errors });
  if (previous === undefined) return samples;
  const wait = meanTakenSeconds(previous.taken, current.taken);
  if (wait !== null) samples.push({ metric: 'disk.await', instance, value: wait });
  const busy = busyPercent(previous.idle, current.idle);
  if (busy !== null) samples.push({ metric: 'disk.utilisation', instance, value: busy });
  return samples;
}

/** Seconds per request finished between two readings; 0 for an idle disk, null after a reset. */
export function meanTakenSeconds(
  previous: DiskCounters['taken'],
  current: DiskCounters['taken'],
): number | null {
  if (previous === null || current === null) return null;
  const time = passed(previous.time, current.time, current.wrapsAt);
  const requests = passed(previous.requests, current.requests, current.wrapsAt);
  if (time === null || requests === null) return null;
  return requests === 0 ? 0 : time / current.perSecond / requests;
}

/**
 * How far a counter moved that falls back to 0 at `wrapsAt` (null: never). A fall is a wrap if it leads over the
 * top by less than half of the range, otherwise a reset: null.
 */
export function passed(previous: number, current: number, wrapsAt: number | null): number | null {
  if (current >= previous) return current - previous;
  if (wrapsAt === null) return null;
  const wrapped = current + wrapsAt - previous;
  return wrapped >= 0 && wrapped < wrapsAt / 2 ? wrapped : null;
}

/** 100 × (1 − idle ÷ elapsed), 0 to 100; null when no time passed by the disk's own clock, or one went back. */
export function busyPercent(previous: DiskCounters['idle'], current: DiskCounters['idle']): number | null {
  if (previous === null || current === null) return null;
  const elapsed = current.of - previous.of;
  const idle = current.time - previous.time;
  return elapsed <= 0 || idle < 0 ? null : percentOf(elapsed - idle, elapsed);
}
