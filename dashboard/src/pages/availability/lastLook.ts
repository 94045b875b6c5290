/** When this browser last showed the availability pages, so that what was corrected since can be marked. */
import type { Millis } from '@muster/shared/time.ts';
import { nowMs } from '../../util/clock.ts';

const KEY = 'muster.availability.looked';
/** A look lasts: what is new stays marked while somebody goes to and fro. */
const LOOK_MS = 30 * 60_000;

let heldMs: Millis | null = null;

/** 0: never. */
export function lastLookMs(): Millis {
  heldMs ??= take();
  return heldMs;
}

function take(): Millis {
  try {
    const { since = 0, at = 0 } = JSON.parse(localStorage.getItem(KEY) ?? '{}') as {
      since?: number;
      at?: number;
    };
    const now = nowMs();
    const before = now - at < LOOK_MS ? since : at;
    localStorage.setItem(KEY, JSON.stringify({ since: before, at: now }));
    return before;
  } catch {
    // Without a memory nothing is marked as new.
    return Number.POSITIVE_INFINITY;
  }
}
