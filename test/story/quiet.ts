/** Alerts in stories: who has seen them, and why they are quiet. */
import { acknowledge, withdraw } from '@muster/server/correlation/acknowledging.ts';
import { flapCount, flapPercent } from '@muster/server/correlation/flapping.ts';
import { isLive } from '@muster/server/rules/alert-book.ts';
import { invariant } from '@muster/shared/invariant.ts';
import type { Millis } from '@muster/shared/time.ts';
import { namesOf } from './house.ts';
import { durationMs, durationText } from './time.ts';
import type { World } from './world.ts';

const SEEN = /^(\w+) acknowledges (\S.*?)(?: for (\w+))?: (.*)$/;
const BACK = /^(\w+) takes back (\S.*)$/;

/** 'anna acknowledges SRV-1 for 30m: on my way', 'anna takes back SRV-1'. False: the line tells of something else. */
export async function quietEvent(world: World, line: string): Promise<boolean> {
  const { rules: alerts, incidents } = world.monitoring;
  const { nowMs } = world;
  const [, who = '', names = '', lasts, note = ''] = SEEN.exec(line) ?? [];
  if (who !== '') {
    const untilMs = lasts === undefined ? null : nowMs + durationMs(lasts);
    const by = { by: `user:${who}`, atMs: nowMs, untilMs, note };
    await acknowledge({ alerts, incidents }, liveOn(world, names), by);
    return true;
  }
  const back = BACK.exec(line);
  if (back === null) return false;
  await withdraw({ alerts, incidents }, liveOn(world, back[2] ?? ''), `user:${back[1] ?? ''}`, nowMs);
  return true;
}

function liveOn({ house, monitoring }: World, names: string): string[] {
  const ciIds = new Set(namesOf(names).map((name) => house.idOf(name)));
  const ids = [...monitoring.rules.live()].filter(({ ciId }) => ciIds.has(ciId)).map(({ id }) => id);
  invariant(ids.length > 0, `${names} has an alert`);
  return ids;
}

/** 'SRV-1 Machine silent: It is reached through HOST-1, which is silent itself.', of alerts that live, at the end. */
export function quietLines({ house, monitoring }: World, startMs: Millis): string[] {
  return [...monitoring.rules.live()]
    .filter((alert) => isLive(alert) && (alert.suppressedBy !== null || alert.state === 'acknowledged'))
    .map(({ ciId, ruleName, suppressedBy, acknowledgement, flaps }) => {
      const parts = [
        suppressedBy?.words.en,
        flaps?.flapping && `${flapCount(flaps.bits)} changes, ${flapPercent(flaps.bits).toFixed(1)} %`,
        acknowledgement &&
          `seen by ${acknowledgement.by} ${
            acknowledgement.untilMs === null
              ? 'until it ends'
              : `until ${durationText(acknowledgement.untilMs - startMs)}`
          }: ${acknowledgement.note}`,
      ];
      return `${house.nameOf(ciId)} ${ruleName}: ${parts.filter(Boolean).join('; ')}`;
    });
}
