/** How long an agent may hold ticks back to send several in one frame, and what makes it send at once. */
import type { CiClass } from '@muster/shared/cmdb/classes.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { AgentConfig } from '@muster/shared/wire/server-messages.ts';
import { HOLD_MS_MAX, PING_MS } from '@muster/shared/wire/limits.ts';
import { silentAfterMs } from '../availability/presence.ts';

export type Holding = Pick<AgentConfig, 'holdMs' | 'economyHoldMs' | 'wake'>;

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

/** What the administrator allows; 0 = each tick goes at once. */
export interface HoldingAllowed {
  readonly alwaysMs: Millis;
  /** On battery and on a metered line. */
  readonly economyMs: Millis;
}

/** Others have neither battery nor modem, and would be told their wake levels for nothing. */
export function movesAbout(ciClass: string | undefined): boolean {
  return ciClass === ('Workstation' satisfies CiClass);
}

/** What the rules of the machine allow. Where holding is not allowed they are asked nothing. */
export function holdingByRules(
  ciId: string,
  { alwaysMs, economyMs }: HoldingAllowed,
  intervalMs: Millis,
  rules: { shortestForMs(ciId: string): Millis | null; wakeLevels(ciId: string): AgentConfig['wake'] },
): Holding {
  if (Math.max(alwaysMs, economyMs) < intervalMs) return NOT_HELD;
  const bounds = {
    intervalMs,
    silentAfterMs: silentAfterMs({ intervalMs }),
    shortestForMs: rules.shortestForMs(ciId),
    wake: rules.wakeLevels(ciId),
  };
  const always = holdingOf({ ...bounds, allowedMs: alwaysMs });
  if (economyMs <= alwaysMs) return always;
  const { holdMs: economyHoldMs, wake } = holdingOf({ ...bounds, allowedMs: economyMs });
  return economyHoldMs > always.holdMs ? { holdMs: always.holdMs, economyHoldMs, wake } : always;
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
