/** Service hours, targets and judgements of the invented fleet. */
import { toIso, DAY_MS, HOUR_MS } from '@muster/shared/time.ts';
import type { Calendar, CalendarAssignment, CalendarDay } from '@muster/shared/api/calendars.ts';
import type { AvailabilityTarget } from '@muster/shared/api/availability-targets.ts';
import type { Reclassification } from '@muster/shared/api/reclassifications.ts';
import type { Handlers } from '../handlers.ts';
import { Refusal } from '../refusal.ts';
import type { World } from '../world.ts';

const range = (fromHour: number, toHour: number) => [{ fromMinute: fromHour * 60, toMinute: toHour * 60 }];
const week = (day: ReturnType<typeof range>, weekend: ReturnType<typeof range> = []) => [
  day,
  day,
  day,
  day,
  day,
  weekend,
  weekend,
];
const day = (iso: string, kind: CalendarDay['kind'], name: string): CalendarDay => ({
  day: iso,
  kind,
  name,
  likeWeekday: 1,
  ranges: kind === 'hours' ? range(8, 12) : [],
});

/** Invented days around the turn of the invented year. */
const DAYS = [
  day('2026-10-01', 'closed', '国庆节'),
  day('2026-10-02', 'closed', '国庆节'),
  day('2026-10-05', 'closed', '国庆节'),
  day('2026-10-10', 'workday', '国庆节补班'),
  day('2026-12-24', 'hours', ''),
  day('2026-12-25', 'closed', ''),
];

function calendar(id: string, name: string, fields: Partial<Calendar>): Calendar {
  const weekly = fields.weekly ?? week(range(8, 18));
  const version = {
    fromDay: null,
    zone: fields.zone ?? null,
    weekly,
    days: [],
    note: '',
    by: 'system',
    at: toIso(0),
  };
  return {
    id,
    name,
    zone: null,
    weekly,
    weeklyMinutes: 3_000,
    builtIn: false,
    usedBy: 0,
    assignments: 0,
    updatedAt: null,
    revision: 1,
    versions: [version],
    ...fields,
  };
}

export function calendarHandlers(world: World): Handlers {
  const now = Date.now();
  const factoryWeek = week(range(6, 22), range(6, 14));
  const calendars: Calendar[] = [
    calendar('always', '24×7', {
      weekly: week(range(0, 24), range(0, 24)),
      weeklyMinutes: 10_080,
      builtIn: true,
      usedBy: 40,
      revision: 0,
    }),
    calendar('office', 'Office hours', { builtIn: true, usedBy: 60, revision: 0 }),
    calendar('cal_plant', 'Factory Hangzhou', {
      zone: 'Asia/Shanghai',
      weekly: factoryWeek,
      weeklyMinutes: 5_760,
      usedBy: 12,
      assignments: 1,
      updatedAt: toIso(now - DAY_MS),
      versions: [
        {
          fromDay: null,
          zone: 'Asia/Shanghai',
          weekly: week(range(8, 18)),
          days: [],
          note: '',
          by: 'user:admin',
          at: toIso(now - 90 * DAY_MS),
        },
        {
          fromDay: '2026-09-01',
          zone: 'Asia/Shanghai',
          weekly: factoryWeek,
          days: DAYS,
          note: 'Two shifts',
          by: 'user:admin',
          at: toIso(now - 30 * DAY_MS),
        },
        {
          fromDay: toIso(now + 40 * DAY_MS).slice(0, 10),
          zone: 'Asia/Shanghai',
          weekly: week(range(6, 22)),
          days: DAYS,
          note: 'No Saturdays',
          by: 'user:admin',
          at: toIso(now - DAY_MS),
        },
      ],
    }),
  ];
  const assignments: CalendarAssignment[] = [
    {
      id: 'hrs_1',
      level: 'tag',
      key: 'plant',
      keyName: 'plant',
      calendarId: 'cal_plant',
      calendarName: 'Factory Hangzhou',
      fromDay: '2026-09-01',
      by: 'user:admin',
      at: toIso(now - 30 * DAY_MS),
      inForce: true,
      usedBy: 12,
    },
  ];
  const machine = world.machines[1]?.detail;
  const requests: Reclassification[] = machine
    ? [
        request(1, machine, now, {
          requestedBy: 'user:bert',
          mayDecide: true,
          correctedAt: toIso(now - HOUR_MS),
        }),
        request(2, machine, now, {
          as: 'up',
          state: 'approved',
          reason: 'The till printed receipts all the time; only the agent stood still.',
          requestedBy: 'user:admin',
          decidedBy: 'user:bert',
          decidedAt: toIso(now - 20 * HOUR_MS),
        }),
      ]
    : [];
  const watched = world.machines.find(({ detail }) => detail.id === 'ci_0006')?.detail ?? machine;
  const targets: AvailabilityTarget[] = watched
    ? [target('tgt_1', 'ci_svc_mail', 'Mail', 5_040, now), target('tgt_2', watched.id, watched.name, 0, now)]
    : [];
  const one = (id: string) =>
    calendars.find((each) => each.id === id) ?? missing(`There is no calendar ${id}.`);
  const judged = (id: string, change: Partial<Reclassification>) => {
    const found = requests.find((each) => each.id === id) ?? missing(`There is no request ${id}.`);
    return Object.assign(found, { correctedAt: null, mayDecide: false, mayWithdraw: false }, change);
  };
  return {
    listCalendars: () => ({
      items: calendars.map(({ versions, ...rest }) => ({ ...rest, days: versions.at(-1)?.days.length ?? 0 })),
    }),
    getCalendar: ({ params }) => one(params.id),
    createCalendar: ({ body }) => {
      const { name, zone, weekly } = body;
      const made = calendar(`cal_${calendars.length}`, name, { zone, weekly });
      calendars.push(made);
      return made;
    },
    updateCalendar: ({ params, body }) => {
      const held = one(params.id);
      const { name, zone, weekly, days, fromDay = null, note } = body;
      const version = { fromDay, zone, weekly, days, note, by: 'user:admin', at: toIso(Date.now()) };
      const day = fromDay ?? '';
      const stays = held.versions.filter((one) => (one.fromDay ?? '') < day);
      const planned = held.versions.filter((one) => (one.fromDay ?? '') > day);
      return Object.assign(held, {
        name,
        zone,
        weekly,
        revision: held.revision + 1,
        versions: [...stays, version, ...(body.later === 'replace' ? [] : planned)],
      });
    },
    deleteCalendar: ({ params }) => {
      calendars.splice(calendars.indexOf(one(params.id)), 1);
      return {};
    },
    listCalendarAssignments: () => ({ items: assignments }),
    assignCalendar: ({ body }) => {
      const made: CalendarAssignment = {
        ...body,
        id: `hrs_${assignments.length + 1}`,
        keyName: body.key,
        calendarName: body.calendarId === null ? null : one(body.calendarId).name,
        fromDay: body.fromDay ?? null,
        by: 'user:admin',
        at: toIso(Date.now()),
        inForce: true,
        usedBy: 1,
      };
      assignments.push(made);
      return made;
    },
    getServiceHours: () => ({
      calendarId: 'office',
      calendarName: 'Office hours',
      zone: 'Asia/Shanghai',
      zoneOfMachine: true,
      roaming: false,
      setBy: { level: 'default', key: 'Workstation', keyName: 'Workstation' },
      assigned: [],
      inHours: true,
      changesAt: toIso(now + 3 * HOUR_MS),
    }),
    previewCalendarImport: () => ({
      format: 'ics',
      days: [
        { ...day('2027-01-01', 'closed', '元旦（休）'), line: 4, state: 'new' },
        { ...day('2026-10-01', 'closed', '国庆节'), line: 10, state: 'same' },
        { ...day('2027-02-20', 'workday', '春节（班）'), line: 16, state: 'new' },
      ],
      problems: [
        {
          line: 22,
          words: {
            en: 'This event has a time of day; only whole days are taken over.',
            zh: '该日程带有具体时间；只导入全天日程。',
          },
        },
      ],
      problemsBeyond: 0,
    }),
    listReclassifications: ({ query }) => ({
      items: requests.filter(({ state }) => query.state === undefined || state === query.state),
      nextCursor: null,
      pending: requests.filter(({ state }) => state === 'pending').length,
    }),
    requestReclassification: ({ body }) => {
      const detail = world.machines.find(({ detail: { id } }) => id === body.ciId)?.detail;
      const made = request(requests.length + 1, detail ?? { id: body.ciId, name: body.ciId }, Date.now(), {
        ...body,
        requestedBy: 'user:admin',
        mayWithdraw: true,
      });
      requests.unshift(made);
      return made;
    },
    decideReclassification: ({ params, body }) =>
      judged(params.id, {
        state: body.approve ? 'approved' : 'refused',
        decidedBy: 'user:admin',
        decidedAt: toIso(Date.now()),
        decisionNote: body.note,
      }),
    withdrawReclassification: ({ params }) => judged(params.id, { state: 'withdrawn' }),
    undoReclassification: ({ params, body }) => {
      const undone = judged(params.id, {});
      const made = {
        ...undone,
        id: `rcl_${requests.length + 1}`,
        undoes: params.id,
        state: 'pending' as const,
        reason: body.reason,
        mayWithdraw: true,
      };
      requests.unshift(made);
      return made;
    },
    listTargets: ({ query }) => ({
      items: targets.filter(({ ciId }) => query.ci === undefined || ciId === query.ci),
    }),
    createTarget: ({ body }) => {
      const made = { ...target(`tgt_${targets.length + 1}`, body.ciId, body.ciId, 0, Date.now()), ...body };
      targets.push(made);
      return made;
    },
    updateTarget: ({ params, body }) =>
      Object.assign(targets.find(({ id }) => id === params.id) ?? missing('There is no such target.'), body),
    deleteTarget: ({ params }) => {
      targets.splice(
        targets.findIndex(({ id }) => id === params.id),
        1,
      );
      return {};
    },
  };
}

function missing(detail: string): never {
  throw new Refusal(404, 'not-found', detail);
}

function request(
  number: number,
  ci: { readonly id: string; readonly name: string },
  now: number,
  fields: Partial<Reclassification>,
): Reclassification {
  return {
    id: `rcl_${number}`,
    ciId: ci.id,
    ciName: ci.name,
    from: toIso(now - 30 * HOUR_MS),
    to: toIso(now - 28 * HOUR_MS),
    as: 'excluded',
    reason: 'The power company cut the street off from 03:00 to 05:00; their letter is in ticket 4711.',
    undoes: null,
    state: 'pending',
    requestedBy: 'user:admin',
    requestedAt: toIso(now - 26 * HOUR_MS),
    decidedBy: null,
    decidedAt: null,
    decisionNote: null,
    correctedAt: null,
    mayDecide: false,
    mayWithdraw: false,
    ...fields,
  };
}

function target(id: string, ciId: string, ciName: string, used: number, now: number): AvailabilityTarget {
  const whole = 30 * 86_400;
  const allowed = whole * 0.003;
  const agreed = 20 * 86_400;
  return {
    id,
    ciId,
    ciName,
    ciClass: 'Service',
    percent: 99.7,
    formula: 'known-time',
    period: 'month',
    fromDay: '2026-01-01',
    agreedWith: 'Sales',
    note: '',
    zone: 'Asia/Shanghai',
    by: 'user:admin',
    at: toIso(now - 60 * DAY_MS),
    current: {
      from: toIso(now - 20 * DAY_MS),
      to: toIso(now + 10 * DAY_MS),
      figures: {
        agreedSeconds: agreed,
        downSeconds: used,
        unknownSeconds: 0,
        plannedSeconds: 7_200,
        excludedSeconds: 0,
        reclassifiedSeconds: 0,
        availability: (100 * (agreed - used)) / agreed,
        availabilityLow: (100 * (agreed - used)) / agreed,
        availabilityHigh: (100 * (agreed - used)) / agreed,
        coverage: 100,
        mtbfSeconds: used > 0 ? agreed - used : null,
        mtrsSeconds: used > 0 ? used : null,
        mtbsiSeconds: used > 0 ? agreed : null,
        outages: used > 0 ? 1 : 0,
        longestOutageSeconds: used,
      },
      agreedSecondsWhole: whole,
      allowedSeconds: allowed,
      usedSeconds: used,
      leftSeconds: allowed - used,
      usedPercent: (100 * used) / allowed,
      burnRate: used > 0 ? 4.2 : 0,
      lastsSeconds: used > 0 ? 60_000 : null,
      downNow: false,
      state: used > 0 ? 'half' : 'ok',
      warning:
        used > 0
          ? {
              en: 'Half of the error budget is used: 1 h 24 min of 2 h 9 min.',
              zh: '故障预算已用去一半：2 小时 9 分钟中已用 1 小时 24 分钟。',
            }
          : null,
    },
    past: [
      {
        from: toIso(now - 50 * DAY_MS),
        to: toIso(now - 20 * DAY_MS),
        met: used === 0,
        availability: used > 0 ? 99.61 : 100,
        coverage: 100,
        downSeconds: used * 2,
        outages: 2,
      },
      {
        from: toIso(now - 81 * DAY_MS),
        to: toIso(now - 50 * DAY_MS),
        met: true,
        availability: 99.93,
        coverage: 98.2,
        downSeconds: 1_800,
        outages: 1,
      },
    ],
  };
}
