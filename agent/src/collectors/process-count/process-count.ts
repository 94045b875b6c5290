/** How many processes there are. */
import type { Sample } from '@muster/shared/metrics/catalogue.ts';
import type { Host } from '../../host.ts';
import type { Collector } from '../collector.ts';

/** Links of /proc that are no processes, as of `countedAtMs`. */
interface CountState {
  readonly others: number;
  readonly countedAtMs: number;
}

/** A module that is loaded may add a folder to /proc, which counts as a process until then. */
const COUNT_AGAIN_MS = 600_000;
/** The namespace of process numbers that the machine started with has this number in every kernel (PROC_PID_INIT_INO). */
const FIRST_NAMESPACE = 'pid:[4026531836]';

/**
 * Apart from `processes` because it walks /proc, which the flight recorder's short interval should not pay for, and a tick not each time:
 * the kernel adds the number of all processes to the links of /proc (proc_root_getattr), so that one look tells how many more or fewer
 * there are. In another namespace it counts those that cannot be seen too.
 */
export const processCount: Collector<CountState | null> = {
  name: 'process-count',
  platforms: ['linux'],
  collect(host, previous) {
    const nowMs = host.monotonicMs();
    const links = host.linkCount?.('/proc') ?? null;
    if (links !== null && previous && nowMs - previous.countedAtMs < COUNT_AGAIN_MS)
      return { samples: samplesOf(links - previous.others), state: previous };
    const ids = processIds(host);
    const count = ids.length;
    // Where those of others are hidden (proc(5), hidepid), the links are of more than can be seen.
    const isSure = links !== null && ids.includes('1') && links === host.linkCount?.('/proc');
    const state =
      isSure && host.readLink('/proc/self/ns/pid') === FIRST_NAMESPACE
        ? { others: links - count, countedAtMs: nowMs }
        : null;
    return { samples: samplesOf(count), state };
  },
};

function samplesOf(count: number): Sample[] {
  return count <= 0 ? [] : [{ metric: 'system.processes', instance: '', value: count }];
}

/** Numbers of all processes (threads are not among them), as text, not in numeric order. */
export function processIds(host: Host): string[] {
  return host
    .list('/proc')
    .filter((name) => isDigit(name.charCodeAt(0)) && isDigit(name.charCodeAt(name.length - 1)));
}

/** Other names in /proc begin or end with a letter. */
function isDigit(character: number): boolean {
  return character >= 48 && character <= 57;
}
