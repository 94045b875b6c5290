/** How long an agent may hold ticks back to send several in one frame, and what makes it send at once. */
import type { Millis } from '@muster/shared/time.ts';
import type { AgentConfig } from '@muster/shared/wire/control.ts';
import { HOLD_MS_MAX, PING_MS } from '@muster/shared/wire/limits.ts';
import { silentAfterMs } from '../availability/presence.ts';

export type Holding = Pick<AgentConfig, 'holdMs' | 'wake'>;

export const NOT_HELD: Holding = { holdMs: 0, wake: [] };

/** As many wake levels as a configuration takes; a machine with more would be told too late about some. */
export const WAKE_LEVELS_MAX = 256;

export interface HoldingOf {
  /** What the administrator allows; 0 = each tick goes at once. */
  readonly allowedMs: Millis;
  readonly intervalMs: Millis;
  /** Without a word for so long the machine counts as silent. */
  readonly silentAfterMs: Millis;
  /** Shortest hold of the rules that apply; null where none needs its samples in time. */
  readonly shortestForMs: Millis | null;
  readonly wake: AgentConfig['wake'];
}

/** What the rules of the machine allow. `allowedMs` 0 asks them nothing. */
export function holdingByRules(
  ciId: string,
  allowedMs: Millis,
  intervalMs: Millis,
  rules: { shortestForMs(ciId: string): Millis | null; wakeLevels(ciId: string): AgentConfig['wake'] },
): Holding {
  if (allowedMs < intervalMs) return NOT_HELD;
  return holdingOf({
    allowedMs,
    intervalMs,
    silentAfterMs: silentAfterMs({ intervalMs }),
    shortestForMs: rules.shortestForMs(ciId),
    wake: rules.wakeLevels(ciId),
  });
}

/**
 * No longer than is allowed, than half of the shortest hold of the rules, and than leaves one ping's time before the
 * machine would count as silent: between two frames passes one interval more than the oldest tick is held.
 */
export function holdingOf({ allowedMs, intervalMs, silentAfterMs, shortestForMs, wake }: HoldingOf): Holding {
  const holdMs = Math.min(
    allowedMs,
    HOLD_MS_MAX,
    Math.floor((shortestForMs ?? Infinity) / 2),
    silentAfterMs - intervalMs - PING_MS,
  );
  // Too short for a second tick.
  if (holdMs < intervalMs || wake.length > WAKE_LEVELS_MAX) return NOT_HELD;
  return { holdMs, wake };
}
