/** What the agent does less of while the machine runs on battery or its line is paid by volume; pure. */
import type { Millis } from '@muster/shared/time.ts';
import type { AgentConfig } from '@muster/shared/wire/server-messages.ts';
import { FLIGHT_INTERVAL_MS } from '@muster/shared/wire/limits.ts';

export type Power = 'mains' | 'battery';
export type Line = 'free' | 'metered';

export interface Economy {
  /** How long ticks go together; never longer than the server allows, which knows the rules that wait for them. */
  readonly holdMs: Millis;
  /** Pace of the flight recorder, which wakes the processor most often. */
  readonly flightIntervalMs: Millis;
  /** A live view is given. */
  readonly live: boolean;
  /** Releases may be loaded. */
  readonly downloads: boolean;
  /** In words, for `status`; null: nothing is saved. */
  readonly why: string | null;
}

export const FLIGHT_INTERVAL_MS_ON_BATTERY = 5 * FLIGHT_INTERVAL_MS;

/** On mains and a free line each tick goes when the server's configuration says, otherwise together with others as long as `economyHoldMs` allows. */
export function economy(
  power: Power,
  line: Line,
  config: Pick<AgentConfig, 'holdMs' | 'economyHoldMs'>,
): Economy {
  const saves = [
    ...(power === 'battery' ? ['on battery'] : []),
    ...(line === 'metered' ? ['on a metered line'] : []),
  ];
  return {
    holdMs: saves.length > 0 ? Math.max(config.holdMs, config.economyHoldMs ?? 0) : config.holdMs,
    flightIntervalMs: power === 'battery' ? FLIGHT_INTERVAL_MS_ON_BATTERY : FLIGHT_INTERVAL_MS,
    live: line === 'free',
    downloads: line === 'free',
    why: saves.length > 0 ? saves.join(' and ') : null,
  };
}
