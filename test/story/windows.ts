/** Maintenance windows in stories: set, prolonged and ended by somebody. */
import type { WindowFields } from '@muster/server/maintenance/edit.ts';
import { namesOf } from './house.ts';
import { durationMs } from './time.ts';
import type { World } from './world.ts';

const SET =
  /^a window of (\w+)(?: in (\w+))?(?: daily at (\S+))?(?: flexible (\w+) (each|for all))? over (.+?)( alone)?$/;
const BY = 'user:anna';

/** False: the line tells of something else. */
export async function windowEvent(world: World, line: string, zone: string): Promise<boolean> {
  const { maintenance } = world.monitoring;
  const { nowMs } = world;
  const set = SET.exec(line);
  if (set) {
    await maintenance.set(fieldsOf(world, set, zone), BY, nowMs);
    return true;
  }
  const newest = [...maintenance.all()].at(-1);
  if (line === 'the window ends') await maintenance.end(newest?.id ?? '', BY, nowMs);
  else if (line.startsWith('the window is prolonged by '))
    await maintenance.prolong(newest?.id ?? '', durationMs(line.slice(27)), BY, nowMs);
  else return false;
  return true;
}

function fieldsOf({ house, nowMs }: World, set: RegExpExecArray, zone: string): WindowFields {
  const [, lasts = '', begins, daily, flexible, per, over = '', alone] = set;
  const lengthMs = durationMs(lasts);
  const fromMs = nowMs + (begins === undefined ? 0 : durationMs(begins));
  const cis = namesOf(over).map((name) => house.nodes.get(house.idOf(name)));
  const idsOf = (fits: (ciClass: string | undefined) => boolean) =>
    cis.flatMap((ci) => (ci !== undefined && fits(ci.class) ? [ci.id] : []));
  return {
    title: 'Work',
    reason: '',
    agreedBy: 'Anna',
    targets: {
      ciIds: idsOf((ciClass) => ciClass !== 'Service' && ciClass !== 'Location'),
      services: idsOf((ciClass) => ciClass === 'Service'),
      locations: idsOf((ciClass) => ciClass === 'Location'),
      classes: [],
      tags: [],
    },
    children: alone === undefined ? 'all' : 'none',
    schedule:
      daily === undefined
        ? { kind: 'once', fromMs, toMs: fromMs + lengthMs }
        : {
            kind: 'recurring',
            start: daily,
            rule: 'FREQ=DAILY',
            durationMs: lengthMs,
            except: [],
            prolonged: [],
          },
    timeZone: zone,
    flexible:
      flexible === undefined
        ? null
        : { durationMs: durationMs(flexible), per: per === 'each' ? 'ci' : 'window' },
  };
}
