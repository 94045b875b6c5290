/** When this browser last showed the availability pages, so that what was corrected since can be marked. */
import type { Millis } from '@muster/shared/time.ts';
import { nowMs } from '../../util/clock.ts';

const KEY = 'muster.availability.looked';
/** A look lasts: what is new stays marked while somebody goes to and fro. */
const LOOK_MS = 30 * 60_000;

let heldMs: Millis | null = null;

/** Infinity: never, or it cannot be known; then nothing is new. */
export function lastLookMs(): Millis {
  heldMs ??= take();
  return heldMs;
}

function take(): Millis {
  try {
    const { since = null, at = null } = JSON.parse(localStorage.getItem(KEY) ?? '{}') as {
      since?: number | null;
      at?: number | null;
    };
    const now = nowMs();
    const before = at !== null && now - at < LOOK_MS ? since : at;
    localStorage.setItem(KEY, JSON.stringify({ since: before, at: now }));
    return before ?? Number.POSITIVE_INFINITY;
  } catch {
    // Without a memory nothing is marked as new.
    return Number.POSITIVE_INFINITY;
  }
}
