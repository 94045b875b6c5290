/** Gives way: what waits (requests, sockets, ticks) has its turn before long work goes on. */
import { setTimeout as wait } from 'node:timers/promises';
import { MINUTE_MS, type Millis } from '@muster/shared/time.ts';

export function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** All that is ever waited for crowds, in the life of a server: one that never ends keeps no work from being done. */
export const BEHIND_CROWD_MS_MAX = MINUTE_MS;
export const CROWD_LOOK_MS = 100;
/** A crowd comes in waves: between two of them nobody is seen waiting. */
export const CROWD_OVER_MS = 1_000;

/** Gives way, and while there is a crowd of others stands back. */
export function pauseBehind(
  isCrowded: () => boolean,
  { sleep = (ms) => wait(ms) }: { readonly sleep?: (ms: Millis) => Promise<void> } = {},
): () => Promise<void> {
  let leftMs = BEHIND_CROWD_MS_MAX;
  let overInMs = 0;
  return async () => {
    for (;;) {
      if (isCrowded()) overInMs = CROWD_OVER_MS;
      if (overInMs <= 0 || leftMs <= 0) break;
      overInMs -= CROWD_LOOK_MS;
      leftMs -= CROWD_LOOK_MS;
      await sleep(CROWD_LOOK_MS);
    }
    await pause();
  };
}
