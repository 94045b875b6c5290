/** How far an agent's clock is from ours, as far as it can be known. */
import type { Millis } from '@muster/shared/time.ts';

/**
 * Server clock minus agent clock. The agent wrote its time somewhere between our greeting and now; what the network, its
 * machine or this server took in between is no skew. So of all that it may be the smallest is believed: 0 while that is possible.
 */
export function clockSkewMs(greetedMs: Millis, nowMs: Millis, sentAtMs: Millis): Millis {
  const leastMs = greetedMs - sentAtMs;
  const mostMs = nowMs - sentAtMs;
  if (leastMs > 0) return leastMs;
  return mostMs < 0 ? mostMs : 0;
}
