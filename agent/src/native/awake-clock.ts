/**
 * A clock that stands still while the machine sleeps. On Windows and macOS the clock that Node has goes on, so
 * that nothing would tell a sleep from time that passed: here a step that is longer than the agent ever leaves
 * the clock alone counts as sleep but for that much.
 */
import type { Millis } from '@muster/shared/time.ts';
import { HALF_MINUTE_MS_MAX } from '../half-minute.ts';

/** The agent looks every half minute, whatever its interval; a machine so busy that it keeps us waiting longer is as good as asleep. */
export const STEP_MS_MAX = HALF_MINUTE_MS_MAX + 13_000;

export function awakeClock(runningMs: () => Millis): () => Millis {
  let lastMs = runningMs();
  let awakeMs = lastMs;
  return () => {
    const nowMs = runningMs();
    awakeMs += Math.min(Math.max(0, nowMs - lastMs), STEP_MS_MAX);
    lastMs = nowMs;
    return awakeMs;
  };
}
