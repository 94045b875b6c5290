/** Maintenance windows of the invented house: one that runs, some to come, some that recur, one that is over. */
import type {
  MaintenanceWindow,
  WindowFields,
  WindowOccurrence,
  WindowPreview,
  WindowSchedule,
} from '@muster/shared/api/maintenance.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, toIso, type Millis } from '@muster/shared/time.ts';
import { Refusal } from '../refusal.ts';
import type { Handlers } from '../handlers.ts';
import type { World } from '../world.ts';

const ZONE = 'Asia/Shanghai';
/** The zone of the invented house has no summer time. */
const OFFSET_MS = 8 * HOUR_MS;
const DAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

interface Held {
  readonly id: string;
  fields: WindowFields;
  createdMs: Millis;
  changedMs: Millis;
  endedMs: Millis | null;
}

export function maintenanceHandlers(world: World): Handlers {
  const held: Held[] = world.machines.length < 3 ? [] : invented(world);
  if (world.size === 'crowd') held.push(...crowdOfWindows(world, held.length));
  const find = (id: string): Held => {
    const found = held.find((one) => one.id === id);
    if (!found) throw new Refusal(404, 'not-found', `There is no maintenance window ${id}.`);
    return found;
  };
  const nameOf = (id: string) => {
    const machine = world.machines.find(({ detail }) => detail.id === id)?.detail;
    return { id, name: machine?.name ?? NAMES[id] ?? id, class: machine?.class ?? CLASSES[id] ?? 'Service' };
  };
  const covered = ({ targets, children }: Pick<WindowFields, 'targets' | 'children'>) => {
    const named = [...targets.ciIds, ...targets.services].map((id) => ({
      ...nameOf(id),
      via: 'named' as const,
    }));
    const machines = world.machines.flatMap(({ detail }, i) => {
      const { id, name, class: ciClass, tags, site } = detail;
      if (targets.ciIds.includes(id)) return [];
      const via = targets.classes.includes(ciClass)
        ? ('class' as const)
        : tags.some((tag) => targets.tags.includes(tag))
          ? ('tag' as const)
          : targets.locations.some((place) => NAMES[place] === site)
            ? ('location' as const)
            : children === 'all' && targets.services.length > 0 && i % 9 === 0
              ? ('service' as const)
              : null;
      return via === null ? [] : [{ id, name, class: ciClass, via }];
    });
    return [...named, ...machines];
  };
  const shown = ({ id, fields, createdMs, changedMs, endedMs }: Held): MaintenanceWindow => {
    const now = Date.now();
    const { targets, schedule, ...rest } = fields;
    const next = endedMs === null ? (coming(schedule, now, 1)[0] ?? null) : null;
    const runs = next !== null && next.fromMs <= now;
    const last = past(schedule, Math.min(now, endedMs ?? now));
    return {
      ...rest,
      id,
      targets: {
        cis: targets.ciIds.map(nameOf),
        services: targets.services.map(nameOf),
        locations: targets.locations.map(nameOf),
        classes: targets.classes,
        tags: targets.tags,
      },
      schedule: endedMs === null ? schedule : null,
      state: runs ? (fields.flexible ? 'waiting' : 'running') : next ? 'coming' : 'over',
      now: runs && !fields.flexible ? iso(next) : null,
      next: next && occurrence(next),
      last: last && iso(last),
      covered: covered(fields).length,
      createdBy: 'user:Liu Wei',
      createdAt: toIso(createdMs),
      changedAt: toIso(changedMs),
      ended: endedMs === null ? null : { at: toIso(endedMs), by: 'user:Liu Wei' },
    };
  };
  const changed = (one: Held, fields: Partial<WindowFields>) => {
    const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    one.fields = { ...one.fields, ...given };
    one.changedMs = Date.now();
    return shown(one);
  };
  const order = { running: 0, waiting: 1, coming: 2, over: 3 };
  return {
    listMaintenanceWindows: ({ query }) => {
      const items = held
        .map(shown)
        .filter(({ state, schedule }) => {
          const recurs = schedule?.kind === 'recurring';
          if (query.show === 'running') return state === 'running' || state === 'waiting';
          if (query.show === 'past') return state === 'over';
          if (query.show === 'recurring') return recurs && state !== 'over';
          return query.show === undefined || (!recurs && state === 'coming');
        })
        .sort(
          (a, b) => order[a.state] - order[b.state] || ((a.next?.from ?? '') < (b.next?.from ?? '') ? -1 : 1),
        );
      const from = query.cursor === undefined ? 0 : Number(query.cursor);
      const to = from + query.limit;
      return { items: items.slice(from, to), nextCursor: to < items.length ? String(to) : null };
    },
    getMaintenanceWindow: ({ params }) => {
      const one = find(params.id);
      const times = one.endedMs === null ? coming(one.fields.schedule, Date.now(), 10) : [];
      return { ...shown(one), occurrences: times.map(occurrence), cis: covered(one.fields) };
    },
    createMaintenanceWindow: ({ body }) => {
      const at = Date.now();
      const one = { id: `mw_${held.length}`, fields: body, createdMs: at, changedMs: at, endedMs: null };
      held.push(one);
      return shown(one);
    },
    updateMaintenanceWindow: ({ params, body }) => changed(find(params.id), body),
    endMaintenanceWindow: ({ params }) => {
      const one = find(params.id);
      one.endedMs = Date.now();
      return changed(one, {});
    },
    extendMaintenanceWindow: ({ params, body }) => {
      const one = find(params.id);
      const { schedule } = one.fields;
      if (schedule.kind === 'recurring') return shown(one);
      const endsAt = toIso(Date.parse(schedule.endsAt) + body.minutes * MINUTE_MS);
      return changed(one, { schedule: { ...schedule, endsAt } });
    },
    skipMaintenanceOccurrence: ({ params, body }) => {
      const one = find(params.id);
      const { schedule } = one.fields;
      if (schedule.kind === 'once') return shown(one);
      const except = [...schedule.except, local(Date.parse(body.from))];
      return changed(one, { schedule: { ...schedule, except } });
    },
    previewMaintenanceWindow: ({ body }): WindowPreview => {
      const cis = covered(body);
      const mineIds = new Set(cis.map(({ id }) => id));
      const fine = body.schedule.kind === 'recurring' && /HOURLY|MINUTELY/.test(body.schedule.rule);
      const times = fine ? [] : coming(body.schedule, Date.now(), 10);
      const [first] = times;
      const office = cis.filter((ci) => ci.class === 'Workstation');
      const inHours = first !== undefined && hourOf(first.fromMs) >= 8 && hourOf(first.fromMs) < 18;
      return {
        problem: fine
          ? {
              en: 'HOURLY is too fine for a window. Use FREQ=DAILY with BYHOUR, such as FREQ=DAILY;BYHOUR=0,6,12,18.',
              zh: 'HOURLY 的粒度过细。改用 FREQ=DAILY 加 BYHOUR，例如 FREQ=DAILY;BYHOUR=0,6,12,18。',
            }
          : null,
        occurrences: times.map(occurrence),
        covered: { total: cis.length, items: cis },
        spared:
          body.targets.services.length > 0
            ? [{ id: 'ci_0003', name: 'SRV-DB01', service: nameOf('ci_svc_mail') }]
            : [],
        conflicts: held
          .filter(({ id, endedMs }) => id !== body.windowId && endedMs === null)
          .flatMap(({ id, fields }) => {
            const shared = covered(fields).filter(({ id }) => mineIds.has(id)).length;
            const meets = coming(fields.schedule, Date.now(), 20).find((other) =>
              times.some((mine) => mine.fromMs < other.toMs && other.fromMs < mine.toMs),
            );
            return shared > 0 && meets ? [{ id, title: fields.title, ...iso(meets), cis: shared }] : [];
          })
          .slice(0, 20),
        serviceHours: {
          always: cis.filter((ci) => ci.class === 'Server' || ci.class === 'VirtualMachine').length,
          hit: inHours ? office.length : 0,
          free: inHours ? 0 : office.length,
          firstHit: inHours && office[0] ? { name: office[0].name, at: toIso(first.fromMs) } : null,
        },
      };
    },
    listMaintenanceOccurrences: ({ query }) => {
      const [fromMs, toMs] = [Date.parse(query.from), Date.parse(query.to)];
      const items = held
        .filter(({ endedMs }) => endedMs === null)
        .flatMap(({ id, fields }) =>
          coming(fields.schedule, fromMs, 100)
            .filter((one) => one.fromMs < toMs)
            .map((one) => ({
              windowId: id,
              title: fields.title,
              ...iso(one),
              flexible: fields.flexible !== null,
              covered: covered(fields).length,
            })),
        )
        .sort((a, b) => (a.from < b.from ? -1 : 1));
      const first = new Set([...new Set(items.map(({ windowId }) => windowId))].slice(0, LINES_MAX));
      return { items: items.filter(({ windowId }) => first.has(windowId)), cut: first.size >= LINES_MAX };
    },
    getCiMaintenance: ({ params }) => {
      const windows = held
        .filter(({ fields }) => covered(fields).some(({ id }) => id === params.id))
        .map(shown)
        .filter(({ state }) => state !== 'over');
      const runs = windows.find(({ now }) => now !== null);
      return {
        now: runs?.now ? { windowId: runs.id, title: runs.title, ...runs.now } : null,
        windows,
        past: [],
      };
    },
  };
}

/** The server gives no more than a thousand times, of each window all. */
const LINES_MAX = 70;

interface Time {
  readonly fromMs: Millis;
  readonly toMs: Millis;
}

const NAMES: Readonly<Record<string, string>> = {
  ci_svc_erp: 'ERP',
  ci_svc_mail: 'Mail',
  ci_location_sz: 'Suzhou',
};
const CLASSES: Readonly<Record<string, string>> = { ci_location_sz: 'Location' };

function invented(world: World): Held[] {
  const at = (days: number, hours: number) => {
    const midnight = Math.floor((world.startMs + OFFSET_MS) / DAY_MS) * DAY_MS - OFFSET_MS;
    return midnight + days * DAY_MS + hours * HOUR_MS;
  };
  const none = { ciIds: [], services: [], locations: [], classes: [], tags: [] };
  const common = {
    children: 'all',
    timeZone: ZONE,
    flexible: null,
    agreedBy: 'Zhao Min',
    reason: '',
  } as const;
  const once = (fromMs: Millis, hours: number): WindowSchedule => ({
    kind: 'once',
    startsAt: toIso(fromMs),
    endsAt: toIso(fromMs + hours * HOUR_MS),
  });
  const recurring = (fromMs: Millis, durationMinutes: number, rule: string): WindowSchedule => ({
    kind: 'recurring',
    start: local(fromMs),
    durationMinutes,
    rule,
    except: [],
  });
  const ids = world.machines.map(({ detail }) => detail.id);
  const all: WindowFields[] = [
    {
      ...common,
      title: 'New disks in SRV-FILE02',
      reason: 'Two disks of the array are worn',
      targets: { ...none, ciIds: ids.slice(1, 2) },
      schedule: once(world.startMs - 40 * MINUTE_MS, 2),
    },
    {
      ...common,
      title: 'Patch night of the servers',
      reason: 'Security patches of the month',
      targets: { ...none, classes: ['Server'] },
      schedule: recurring(at(-70, 22), 240, 'FREQ=MONTHLY;BYDAY=2TU'),
    },
    {
      ...common,
      title: 'Nightly full backup of ERP',
      targets: { ...none, services: ['ci_svc_erp'] },
      schedule: recurring(at(-30, 1), 90, 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR'),
    },
    {
      ...common,
      title: 'Reboots after updates',
      reason: 'Each machine restarts once when nobody works on it',
      targets: { ...none, classes: ['Workstation'] },
      schedule: recurring(at(-10, 20), 600, 'FREQ=DAILY'),
      flexible: { durationMinutes: 20, per: 'ci' },
    },
    {
      ...common,
      title: 'Power work in Suzhou',
      reason: 'The provider changes the meter',
      targets: { ...none, locations: ['ci_location_sz'] },
      schedule: once(at(5, 8), 6),
    },
    {
      ...common,
      title: 'Move to the new core switch',
      targets: { ...none, classes: ['VirtualMachine'] },
      schedule: once(at(-9, 19), 5),
    },
  ];
  return all.map((fields, i) => ({
    id: `mw_${i}`,
    fields,
    createdMs: world.startMs - (20 - i) * DAY_MS,
    changedMs: world.startMs - (20 - i) * DAY_MS,
    endedMs: null,
  }));
}

/** Running or to come, from the moment on. */
function coming(schedule: WindowSchedule, fromMs: Millis, count: number): Time[] {
  if (schedule.kind === 'once') {
    const time = { fromMs: Date.parse(schedule.startsAt), toMs: Date.parse(schedule.endsAt) };
    return time.toMs > fromMs ? [time] : [];
  }
  const times: Time[] = [];
  const lengthMs = schedule.durationMinutes * MINUTE_MS;
  const startMs = Date.parse(`${schedule.start}:00Z`) - OFFSET_MS;
  const firstMs = startMs + Math.max(0, Math.floor((fromMs - startMs - lengthMs) / DAY_MS)) * DAY_MS;
  for (let atMs = firstMs; times.length < count && atMs < fromMs + 400 * DAY_MS; atMs += DAY_MS) {
    if (atMs + lengthMs <= fromMs || schedule.except.includes(local(atMs))) continue;
    if (fits(schedule.rule, atMs, startMs)) times.push({ fromMs: atMs, toMs: atMs + lengthMs });
  }
  return times;
}

function past(schedule: WindowSchedule, nowMs: Millis): Time | null {
  if (schedule.kind === 'recurring')
    return coming(schedule, nowMs - 40 * DAY_MS, 60).findLast(({ toMs }) => toMs <= nowMs) ?? null;
  const time = { fromMs: Date.parse(schedule.startsAt), toMs: Date.parse(schedule.endsAt) };
  return time.fromMs < nowMs ? { ...time, toMs: Math.min(time.toMs, nowMs) } : null;
}

/** Daily, by weekdays, on the nth weekday or the day of a month: what the form offers. */
function fits(rule: string, atMs: Millis, startMs: Millis): boolean {
  const at = new Date(atMs + OFFSET_MS);
  const day = DAYS[at.getUTCDay()] as string;
  const days = /BYDAY=([^;]*)/.exec(rule)?.[1]?.split(',');
  if (rule.includes('MONTHLY')) {
    if (!days) return at.getUTCDate() === new Date(startMs + OFFSET_MS).getUTCDate();
    const nth = Math.ceil(at.getUTCDate() / 7);
    const isLast = new Date(atMs + OFFSET_MS + 7 * DAY_MS).getUTCMonth() !== at.getUTCMonth();
    return days.includes(`${nth}${day}`) || (isLast && days.includes(`-1${day}`));
  }
  return days
    ? days.includes(day)
    : rule.includes('DAILY') || day === DAYS[new Date(startMs + OFFSET_MS).getUTCDay()];
}

function local(atMs: Millis): string {
  return new Date(atMs + OFFSET_MS).toISOString().slice(0, 16);
}

function hourOf(atMs: Millis): number {
  return new Date(atMs + OFFSET_MS).getUTCHours();
}

function iso({ fromMs, toMs }: Time) {
  return { from: toIso(fromMs), to: toIso(toMs) };
}

function occurrence(time: Time): WindowOccurrence {
  return { ...iso(time), localFrom: local(time.fromMs), localTo: local(time.toMs), remark: null };
}

/** Each machine has its own night: what a house comes to that patches by machine. */
function crowdOfWindows({ machines, startMs }: World, held: number): Held[] {
  return Array.from({ length: 494 }, (_, i) => {
    const machine = machines[i % machines.length]?.detail;
    const start = local(startMs - 30 * DAY_MS + ((i * 37) % (7 * 24)) * HOUR_MS);
    const fields: WindowFields = {
      title: `Patches of ${machine?.name ?? ''}${i < machines.length ? '' : `, part ${Math.floor(i / machines.length) + 1}`}`,
      reason: '',
      agreedBy: 'Zhao Min',
      targets: { ciIds: machine ? [machine.id] : [], services: [], locations: [], classes: [], tags: [] },
      children: 'none',
      schedule: { kind: 'recurring', start, durationMinutes: 60, rule: 'FREQ=DAILY', except: [] },
      timeZone: ZONE,
      flexible: null,
    };
    return { id: `mw_${held + i}`, fields, createdMs: startMs, changedMs: startMs, endedMs: null };
  });
}
