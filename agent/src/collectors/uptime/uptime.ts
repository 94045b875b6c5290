/** Time since boot, and the name of this boot. */
import { SECOND_MS, type Millis } from '@muster/shared/time.ts';
import type { Host } from '../../host.ts';
import type { Collector } from '../collector.ts';
import { numberOf, wordsOf } from '../fields.ts';
import { procStatFigure } from '../proc-stat.ts';

export const uptime: Collector<null> = {
  name: 'uptime',
  platforms: ['linux'],
  collect(host) {
    const text = host.readText('/proc/uptime');
    if (text === null) return { samples: [], state: null };
    return { samples: [{ metric: 'system.uptime', instance: '', value: parseUptime(text) }], state: null };
  },
};

/** Seconds since boot, time asleep included (proc(5), /proc/uptime). */
function parseUptime(text: string): number {
  return numberOf(wordsOf(text)[0], '/proc/uptime');
}

/**
 * What is the same until the next boot and then never again: the kernel's random boot id; where there is
 * none, the boot time as `btime-<seconds>`; '' when neither can be read.
 */
export function bootId(host: Host): string {
  const id = host.readText('/proc/sys/kernel/random/boot_id')?.trim();
  if (id) return id;
  const bootedAtMs = bootTime(host);
  return bootedAtMs === null ? '' : `btime-${bootedAtMs / SECOND_MS}`;
}

/** When the kernel started, to the second; it moves when the wall clock is set. null when it cannot be read. */
export function bootTime(host: Host): Millis | null {
  const text = host.readText('/proc/stat');
  const seconds = text === null ? null : procStatFigure(text, 'btime');
  return seconds === null ? null : seconds * SECOND_MS;
}
