/** How late the event loop is. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Millis } from '@muster/shared/time.ts';

/** Each look wakes the process, a reader's ten times a second; a finer one is dear on a server that does little else. */
const RESOLUTION_MS = 100;
const NANOSECONDS_PER_MS = 1e6;

/** The returned function gives the 99th percentile of the lateness since it was called last; 0 where nothing was late. */
export function loopLagReader(): () => Millis {
  const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  loop.enable();
  return () => {
    const lagMs = Math.max(0, loop.percentile(99) / NANOSECONDS_PER_MS - RESOLUTION_MS);
    loop.reset();
    return lagMs;
  };
}
