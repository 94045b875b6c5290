/** A stretch of presence as a strip: only where the word changes. Pure. */
import type { PresenceInterval } from '@muster/shared/api/availability.ts';
import type { PresenceState } from '@muster/shared/presence/state.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { z } from 'zod';

type Interval = Pick<z.infer<typeof PresenceInterval>, 'from' | 'to' | 'state'>;
export type StripPart = [Millis, PresenceState | null];

/** `intervals` ascending, inside the period; before, between and behind them nothing is known. */
export function stripParts(
  intervals: readonly Interval[],
  period: { readonly fromMs: Millis; readonly toMs: Millis },
): StripPart[] {
  const parts: StripPart[] = [];
  let untilMs = period.fromMs;
  const add = (fromMs: Millis, state: StripPart[1]): void => {
    if (parts.at(-1)?.[1] !== state || parts.length === 0) parts.push([fromMs, state]);
  };
  for (const { from, to, state } of intervals) {
    const fromMs = Date.parse(from);
    if (fromMs > untilMs) add(untilMs, null);
    add(fromMs, state);
    untilMs = to === null ? period.toMs : Date.parse(to);
  }
  if (untilMs < period.toMs) add(untilMs, null);
  return parts;
}
