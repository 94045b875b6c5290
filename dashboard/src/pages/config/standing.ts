/** In which state an agent is that does not work by the present version; the first that holds, as one can act on it. Pure. */
import type { ConfigStanding } from '@muster/shared/api/agent-config.ts';

export type StandingState = 'refused' | 'tooOld' | 'offline' | 'unanswered' | 'untold';

export function standingState(
  { refused, able, connected, told }: ConfigStanding,
  version: number,
): StandingState {
  if (refused !== null) return 'refused';
  if (able === false) return 'tooOld';
  if (!connected) return 'offline';
  return told === version ? 'unanswered' : 'untold';
}
