/** Learned hours and witnesses of the invented house. */
import {
  PRESENCE_SETTINGS_DEFAULT,
  type PresenceSettings,
  type PresenceSuggestion,
  type WeekHours,
} from '@muster/shared/api/presence.ts';
import { DAY_MS, HOUR_MS, toIso } from '@muster/shared/time.ts';
import { Refusal } from '../refusal.ts';
import type { Handlers } from '../handlers.ts';
import { hash } from '../signal.ts';
import type { World } from '../world.ts';

const SLOTS_PER_DAY = 96;
const LOCATIONS: Readonly<Record<string, string>> = { ci_loc_sz: 'Suzhou' };

export function presenceHandlers(world: World): Handlers {
  const small = world.machines.length < 3;
  const suggestions = small ? [] : invented(world);
  let settings: PresenceSettings = small
    ? PRESENCE_SETTINGS_DEFAULT
    : {
        witnesses: { enabled: true, subnets: ['10.20.3.0/24'], locations: ['ci_loc_sz'] },
        notSeenDays: 28,
      };
  const networks = small
    ? []
    : [
        { subnet: '10.20.3.0/24', gateway: '10.20.3.1', machines: 168, witnesses: 41 },
        { subnet: '10.20.4.0/24', gateway: '10.20.4.1', machines: 97, witnesses: 12 },
        { subnet: '10.30.0.0/22', gateway: '10.30.0.1', machines: 34, witnesses: 0 },
      ];
  let changed = small ? null : { by: 'admin', at: toIso(world.startMs - 40 * DAY_MS) };
  const answer = () => ({
    changed,
    settings,
    locations: settings.witnesses.locations.map((id) => ({ id, name: LOCATIONS[id] ?? id })),
    networks: networks.map((one) => ({
      ...one,
      allowed: settings.witnesses.enabled && settings.witnesses.subnets.includes(one.subnet),
    })),
  });
  const decide = (id: string, of: Partial<PresenceSuggestion>): PresenceSuggestion => {
    const found = suggestions.find((one) => one.id === id);
    if (!found) throw new Refusal(404, 'not-found', `There is no suggestion ${id}.`);
    if (found.state !== 'proposed')
      throw new Refusal(409, 'transition-not-allowed', `This suggestion is ${found.state} already.`);
    return Object.assign(found, { decidedBy: 'admin', decidedAt: toIso(Date.now()), undoable: true, ...of });
  };
  return {
    getPresenceSettings: answer,
    setPresenceSettings: ({ body }) => {
      settings = body;
      changed = { by: 'admin', at: toIso(Date.now()) };
      return answer();
    },
    listPresenceSuggestions: ({ query }) => ({
      items: suggestions.filter(({ state }) => query.state === undefined || state === query.state),
      lookedAt: small ? null : toIso(world.startMs - 9 * HOUR_MS),
    }),
    confirmPresenceSuggestion: ({ params }) => decide(params.id, { state: 'confirmed' }),
    dismissPresenceSuggestion: ({ params, body }) =>
      decide(params.id, { state: 'dismissed', reason: body.reason }),
    undoPresenceSuggestion: ({ params }) => {
      const found = suggestions.find(({ id, undoable }) => id === params.id && undoable);
      if (!found) throw new Refusal(409, 'transition-not-allowed', 'There is nothing to take back.');
      const open = {
        state: 'proposed',
        decidedBy: null,
        decidedAt: null,
        reason: null,
        undoable: false,
      } as const;
      return Object.assign(found, open);
    },
  };
}

const week = (days: number, fromMinute: number, toMinute: number): WeekHours =>
  Array.from({ length: 7 }, (_, day) => (day < days ? { fromMinute, toMinute } : null));

/** As people come and go: a slope around the hours, a dip at noon. */
function profileOf(hours: WeekHours, spread: number): number[] {
  return Array.from({ length: 7 * SLOTS_PER_DAY }, (_, slot) => {
    const range = hours[Math.floor(slot / SLOTS_PER_DAY)];
    if (!range) return 0.02;
    const minute = (slot % SLOTS_PER_DAY) * 15;
    const edge = Math.min(minute - (range.fromMinute - spread), range.toMinute + spread - minute);
    const noon = minute >= 720 && minute < 780 ? 0.12 : 0;
    const noise = (hash(`presence ${slot}`) % 100) / 2_000;
    return Math.round(Math.max(0.01, Math.min(1, edge / spread) - noon - noise) * 1_000) / 1_000;
  });
}

function invented(world: World): PresenceSuggestion[] {
  const workstations = world.machines.filter(({ detail }) => detail.class === 'Workstation');
  const machines = workstations.map(({ detail }) => ({ id: detail.id, name: detail.name }));
  const proposedAt = toIso(world.startMs - 9 * HOUR_MS);
  const common = {
    state: 'proposed' as const,
    weeks: 4,
    capped: false,
    proposedAt,
    decidedBy: null,
    decidedAt: null,
    reason: null,
    undoable: false,
  };
  const early = week(5, 8 * 60 + 15, 18 * 60);
  const late = week(6, 13 * 60, 22 * 60);
  const title = { en: 'Workstation, Suzhou', zh: '工作站（Suzhou）' };
  const office = machines.slice(0, 31);
  const shift = machines.slice(31, 37);
  const fixed = machines.slice(37, 39);
  return [
    {
      ...common,
      id: 'sug_1',
      kind: 'hours',
      group: { title, class: 'Workstation', locationId: 'ci_loc_sz', whole: true },
      machines: office,
      hours: early,
      weekMinutesNow: 3_600,
      weekMinutesThen: 2_925,
      daysShare: 0.93,
      profile: profileOf(early, 45),
      words: {
        en: `Mon–Fri 08:15–18:00, seen on 93 % of the days of ${office.length} machines in 4 weeks.`,
        zh: `周一至周五 08:15–18:00，4 周内 ${office.length} 台计算机在 93% 的使用日符合。`,
      },
    },
    {
      ...common,
      id: 'sug_2',
      kind: 'hours',
      group: { title, class: 'Workstation', locationId: 'ci_loc_sz', whole: false },
      machines: shift,
      hours: late,
      weekMinutesNow: 3_000,
      weekMinutesThen: 3_240,
      capped: true,
      daysShare: 0.88,
      profile: profileOf(late, 30),
      words: {
        en: `Mon–Sat 13:00–22:00, seen on 88 % of the days of ${shift.length} machines in 4 weeks.`,
        zh: `周一至周六 13:00–22:00，4 周内 ${shift.length} 台计算机在 88% 的使用日符合。`,
      },
    },
    {
      ...common,
      id: 'sug_3',
      kind: 'roaming',
      group: { title, class: 'Workstation', locationId: 'ci_loc_sz', whole: false },
      machines: fixed,
      hours: null,
      weekMinutesNow: 3_000,
      weekMinutesThen: 3_000,
      daysShare: 0.64,
      profile: profileOf(week(5, 9 * 60, 17 * 60), 150),
      words: {
        en: `${fixed.length} machines slept or left inside their hours on 64 % of their days: treat them as taken along by their users.`,
        zh: `${fixed.length} 台计算机在 64% 的使用日于规定时段睡眠或离开：建议按移动办公设备对待。`,
      },
    },
    {
      ...common,
      id: 'sug_0',
      kind: 'hours',
      state: 'dismissed',
      undoable: true,
      group: { title, class: 'Workstation', locationId: 'ci_loc_sz', whole: false },
      machines: machines.slice(39, 44),
      hours: week(7, 6 * 60, 23 * 60),
      weekMinutesNow: 3_000,
      weekMinutesThen: 7_140,
      daysShare: 0.91,
      profile: profileOf(week(7, 6 * 60, 23 * 60), 30),
      decidedBy: 'admin',
      decidedAt: toIso(world.startMs - 6 * DAY_MS),
      reason: 'Only until the stock-taking is over.',
      words: {
        en: 'Mon–Sun 06:00–23:00, seen on 91 % of the days of 5 machines in 4 weeks.',
        zh: '周一至周日 06:00–23:00，4 周内 5 台计算机在 91% 的使用日符合。',
      },
    },
  ];
}
