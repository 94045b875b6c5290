/** Long work in short turns: metric ticks run on the same thread and must not wait for an inventory. */
import { setImmediate } from 'node:timers/promises';

/** Of work without a pause. */
const TURN_MS_MAX = 10;

/** To be awaited often: it lets others run when the turn is over, and costs nothing before. */
export type Pause = () => Promise<void>;

export function createPause(clock: { monotonicMs(): number }): Pause {
  let sinceMs = clock.monotonicMs();
  return async () => {
    if (clock.monotonicMs() - sinceMs < TURN_MS_MAX) return;
    await setImmediate();
    sinceMs = clock.monotonicMs();
  };
}
