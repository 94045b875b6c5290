/** The word for presence beside a machine, where its record and its agent say more than presence does. Pure. */
import type { CiSummary } from '@muster/shared/api/cmdb.ts';
import { isGone } from '@muster/shared/presence/state.ts';
import { PRESENCE_LOOKS, type StateLook } from '../ui/states.ts';

/** Nobody waits for what is out of use for good, and unknown has a reason where the agent was taken away. */
export function ciLook({
  state,
  lifecycle,
  cause,
}: Pick<CiSummary, 'state' | 'lifecycle' | 'cause'>): StateLook {
  if (state === 'up') return PRESENCE_LOOKS.up;
  if (isGone(lifecycle))
    return { word: `machines.changes.lifecycle.${lifecycle}`, glyph: 'dash', tone: 'idle' };
  return state === 'unknown' && cause === 'agent-uninstalled'
    ? { ...PRESENCE_LOOKS.unknown, word: 'machines.list.uninstalled' }
    : PRESENCE_LOOKS[state];
}
