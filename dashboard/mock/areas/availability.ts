/** Availability of the invented fleet: a few outages and gaps, the same at each reading. */
import type { AvailabilityFigures, AvailabilityFormula } from '@muster/shared/api/availability.ts';
import type { GroupAvailability, MachineAvailability } from '@muster/shared/api/fleet-availability.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, toIso, type Millis } from '@muster/shared/time.ts';
import type { Handlers } from '../handlers.ts';
import { hash } from '../signal.ts';
import type { Machine, World } from '../world.ts';

type Day = { fromMs: Millis; toMs: Millis };
type Share = [number, number, number];

/** The sentences of the server. */
export const FORMULA_WORDS: Readonly<Record<AvailabilityFormula, { en: string; zh: string }>> = {
  'known-time': {
    en: 'Up time as a share of the agreed time of which something is known: planned work and time without evidence are left out.',
    zh: '在线时间占“有依据的约定时间”的比例：计划停机和无依据的时间均不计入。',
  },
  ham: {
    en: 'Agreed time without outages as a share of agreed time: planned work is left out, time without evidence counts as up.',
    zh: '约定时间中扣除停机后的比例：计划停机不计入，无依据的时间视为在线。',
  },
  spm: {
    en: 'Service hours without outages as a share of all service hours: planned work counts as up, and so does time without evidence.',
    zh: '全部服务时间中扣除停机后的比例：计划停机和无依据的时间均视为在线。',
  },
};

export function availabilityHandlers(world: World): Handlers {
  const wanted = (filter: { class?: string; site?: string; tag?: string; q?: string }) =>
    world.machines.filter(
      ({ detail }) =>
        (filter.class === undefined || detail.class === filter.class) &&
        (filter.site === undefined || (detail.site ?? '') === filter.site) &&
        (filter.tag === undefined ||
          (filter.tag === '' ? detail.tags.length === 0 : detail.tags.includes(filter.tag))) &&
        (filter.q === undefined || detail.name.toLowerCase().includes(filter.q.toLowerCase())),
    );
  return {
    availabilitySummary: ({ query }) => {
      const days = daysOf(Date.parse(query.from), Math.min(Date.parse(query.to), Date.now()));
      const all = wanted(query).map((machine) => machineFigures(machine, days));
      const known = all.filter(({ agreedSeconds }) => agreedSeconds > 0);
      const keys = (item: MachineAvailability): (string | null)[] => {
        if (query.groupBy === 'class') return [item.ciClass];
        if (query.groupBy === 'site') return [item.site];
        if (query.groupBy === 'tag') return item.tags.length === 0 ? [null] : item.tags;
        return [];
      };
      const groups = [...new Set(known.flatMap(keys))]
        .map((key) =>
          group(
            key,
            known.filter((item) => keys(item).includes(key)),
            days,
          ),
        )
        .sort((a, b) => b.machines - a.machines);
      const from = Number(query.cursor ?? 0);
      const sorted = known.sort((a, b) =>
        query.sort === 'name'
          ? a.ciName.localeCompare(b.ciName)
          : (a.availability ?? 101) - (b.availability ?? 101),
      );
      return {
        from: query.from,
        to: toIso(Math.min(Date.parse(query.to), Date.now())),
        zone: query.zone ?? 'UTC',
        formula: query.formula,
        formulaWords: FORMULA_WORDS[query.formula],
        days: days.map((day) => ({ from: toIso(day.fromMs), to: toIso(day.toMs) })),
        fleet: group(null, known, days),
        machinesWithoutAgreed: 0,
        groups,
        items: sorted.slice(from, from + query.limit),
        nextCursor: query.limit > 0 && from + query.limit < sorted.length ? String(from + query.limit) : null,
      };
    },
    availabilityServices: ({ query }) => ({
      formula: query.formula,
      formulaWords: FORMULA_WORDS[query.formula],
      items: SERVICES.map(({ ciId, ciName, ciClass, members, downSeconds }) => {
        const seconds = (Math.min(Date.now(), Date.parse(query.to)) - Date.parse(query.from)) / 1_000;
        const shares: Share[] = [[seconds, downSeconds, 0]];
        return {
          ciId,
          ciName,
          ciClass,
          members,
          tooOften: false,
          ...figures(shares, downSeconds > 0 ? 2 : 0),
        };
      }),
    }),
    availabilityOutages: ({ query }) => {
      const days = daysOf(Date.parse(query.from), Math.min(Date.parse(query.to), Date.now()));
      const items = wanted(query)
        .flatMap((machine) =>
          days.flatMap((day) => {
            const [, down, unknown] = shareOf(machine, day);
            const seconds = query.kind === 'down' ? down : unknown;
            return seconds > 0 ? [outage(machine, day, seconds, query.kind)] : [];
          }),
        )
        .sort((a, b) => b.from.localeCompare(a.from));
      const from = Number(query.cursor ?? 0);
      return {
        items: items.slice(from, from + query.limit),
        nextCursor: from + query.limit < items.length ? String(from + query.limit) : null,
        total: items.length,
      };
    },
  };
}

const SERVICES = [
  { ciId: 'ci_svc_mail', ciName: 'Mail', ciClass: 'Service', members: 3, downSeconds: 5_040 },
  { ciId: 'ci_svc_erp', ciName: 'ERP', ciClass: 'Service', members: 7, downSeconds: 0 },
];

function daysOf(fromMs: Millis, toMs: Millis): Day[] {
  const days: Day[] = [];
  for (let atMs = fromMs; atMs < toMs; ) {
    // The reader of the pictures lives in Shanghai.
    const nextMs = Math.floor((atMs + 8 * HOUR_MS) / DAY_MS + 1) * DAY_MS - 8 * HOUR_MS;
    days.push({ fromMs: atMs, toMs: Math.min(nextMs, toMs) });
    atMs = nextMs;
  }
  return days;
}

function shareOf({ detail, hours }: Machine, { fromMs, toMs }: Day): Share {
  const weekday = new Date(fromMs + 8 * HOUR_MS).getUTCDay();
  const whole = (toMs - fromMs) / 1_000;
  const agreed = hours === null ? whole : weekday % 6 === 0 ? 0 : Math.min(whole, 36_000);
  if (agreed === 0) return [0, 0, 0];
  const chance = hash(`${detail.id} ${Math.floor(fromMs / DAY_MS)}`);
  if (hours === null && chance < 0.025) return [agreed, Math.round(120 + chance * 200_000), 0];
  if (chance > 0.985) return [agreed, 0, Math.round(agreed * (chance - 0.98) * 20)];
  return [agreed, 0, 0];
}

function machineFigures(machine: Machine, days: readonly Day[]): MachineAvailability {
  const shares = days.map((day) => shareOf(machine, day));
  const { id, name, class: ciClass, site, tags } = machine.detail;
  return {
    ciId: id,
    ciName: name,
    ciClass,
    site,
    tags,
    ...figures(shares, shares.filter(([, down]) => down > 0).length),
    days: shares,
  };
}

function group(
  key: string | null,
  items: readonly MachineAvailability[],
  days: readonly Day[],
): GroupAvailability {
  const shares = days.map((_, index) =>
    items.reduce<Share>(
      (sum, { days: each }) => sum.map((value, part) => value + (each[index]?.[part] ?? 0)) as Share,
      [0, 0, 0],
    ),
  );
  const outages = items.reduce((sum, item) => sum + item.outages, 0);
  return {
    key,
    machines: items.length,
    machinesWithOutage: items.filter((item) => item.outages > 0).length,
    ...figures(shares, outages),
    longestOutageSeconds: Math.max(0, ...items.map((item) => item.longestOutageSeconds)),
    days: shares,
  };
}

function figures(shares: readonly Share[], outages: number): AvailabilityFigures {
  const sum = (part: 0 | 1 | 2) => shares.reduce((total, share) => total + share[part], 0);
  const [agreed, down, unknown] = [sum(0), sum(1), sum(2)];
  const up = agreed - down - unknown;
  const percent = (part: number, of: number) => (of === 0 ? null : (100 * part) / of);
  return {
    agreedSeconds: agreed,
    downSeconds: down,
    unknownSeconds: unknown,
    plannedSeconds: 0,
    excludedSeconds: 0,
    reclassifiedSeconds: 0,
    availability: percent(up, agreed - unknown),
    availabilityLow: percent(up, agreed),
    availabilityHigh: percent(up + unknown, agreed),
    coverage: percent(agreed - unknown, agreed),
    mtbfSeconds: outages === 0 ? null : up / outages,
    mtrsSeconds: outages === 0 ? null : down / outages,
    mtbsiSeconds: outages === 0 ? null : (up + down) / outages,
    outages,
    longestOutageSeconds: Math.max(0, ...shares.map(([, each]) => each)),
  };
}

function outage({ detail }: Machine, { fromMs }: Day, seconds: number, kind: 'down' | 'unknown') {
  const startMs = fromMs + Math.floor(hash(`${detail.id} ${fromMs}`) * 20 * 60) * MINUTE_MS;
  return {
    ciId: detail.id,
    ciName: detail.name,
    ciClass: detail.class,
    site: detail.site,
    from: toIso(startMs),
    to: toIso(startMs + seconds * 1_000),
    seconds,
    presence: kind,
    cause: kind === 'down' ? ('host-down' as const) : ('agent-stopped' as const),
    evidence: [
      kind === 'down'
        ? {
            en: 'A new boot id came back; the last sample was 45 s before.',
            zh: '恢复时启动标识已变；最后样本在 45 秒前。',
          }
        : {
            en: 'Its address answered: the host runs, the agent on it does not.',
            zh: '探测其地址有应答：主机仍在运行，代理程序已停止。',
          },
    ],
    revised: kind === 'down',
    revisedAt: kind === 'down' ? toIso(startMs + seconds * 1_000 + HOUR_MS) : null,
    was: kind === 'down' ? { presence: 'unknown' as const, cause: 'unreachable' as const } : null,
    reclassified: [],
    because: [],
  };
}
