/** The capacity register of the invented fleet: what grows, what is steady, what is too young. */
import {
  CAPACITY_DAYS_NEEDED,
  CAPACITY_SPARK_DAYS,
  type CapacityRow,
  type CapacityState,
} from '@muster/shared/api/capacity.ts';
import { shownUnit } from '@muster/shared/metrics/catalogue.ts';
import { DAY_MS, toIso } from '@muster/shared/time.ts';
import { Refusal } from '../refusal.ts';
import type { Handlers } from '../handlers.ts';
import { hash, instancesOf, valueAt } from '../signal.ts';
import type { Machine, World } from '../world.ts';

const GIB = 2 ** 30;

export function capacityHandlers(world: World): Handlers {
  const isNew = world.machines.length < 3;
  const all = () =>
    world.machines.flatMap((machine) =>
      Object.keys(machine.load.fileSystems).map((mount, index) => rowOf(machine, mount, index, isNew)),
    );
  return {
    capacityRegister: ({ query }) => {
      const matching = all().filter(
        (row) =>
          (query.class === undefined || row.ciClass === query.class) &&
          (query.site === undefined || (row.site ?? '') === query.site) &&
          (query.q === undefined ||
            `${row.ciName} ${row.instance}`.toLowerCase().includes(query.q.toLowerCase())),
      );
      const rows = matching
        .filter(({ state }) => query.state === undefined || state === query.state)
        .sort((a, b) => (query.sort === 'used' ? b.utilisation - a.utilisation : rank(a) - rank(b)));
      const from = Number(query.cursor ?? 0);
      const count = (state: CapacityState) => matching.filter((row) => row.state === state).length;
      const within = (days: number) =>
        matching.filter(({ full }) => full !== null && full.days <= days).length;
      const counted = <V>(values: readonly V[]) =>
        [...new Set(values)].map((value) => ({
          value,
          count: values.filter((each) => each === value).length,
        }));
      return {
        items: rows.slice(from, from + query.limit),
        nextCursor: from + query.limit < rows.length ? String(from + query.limit) : null,
        counts: {
          total: matching.length,
          full: count('full'),
          within30: within(30),
          within90: within(90),
          later: count('later'),
          noTrend: count('no-trend'),
          waiting: count('waiting'),
          waitingDaysMost: isNew ? 2 : 3,
        },
        classes: counted(world.machines.map(({ detail }) => detail.class)),
        sites: counted(world.machines.map(({ detail }) => detail.site)),
        progress: {
          machines: world.machines.length,
          done: world.machines.length,
          oldestAt: toIso(Date.now() - 600_000),
        },
      };
    },
    capacityTrend: ({ query }) => {
      const row = all().find((each) => each.ciId === query.ci && each.instance === query.instance);
      if (!row) throw new Refusal(404, 'not-found', `${query.ci} ${query.instance}`);
      const today = Math.floor(Date.now() / DAY_MS);
      const growth = row.growthBytesPerDay;
      const horizonDays = Math.floor(row.historyDays / 2);
      return {
        row,
        days: row.spark.flatMap((percent, index): [number, number, number][] =>
          percent === null
            ? []
            : [
                [
                  (today - CAPACITY_SPARK_DAYS + 1 + index) * DAY_MS,
                  (percent / 100) * row.sizeBytes,
                  row.sizeBytes,
                ],
              ],
        ),
        forecast:
          growth === null
            ? []
            : Array.from({ length: 25 }, (_, step): [number, number, number, number] => {
                const days = (horizonDays * step) / 24;
                const at = (factor: number) =>
                  Math.min(row.sizeBytes, row.usedBytes + growth * factor * days);
                return [Date.now() + days * DAY_MS, at(0.8), at(1), at(1.25)];
              }),
        horizonAt: growth === null ? null : toIso(Date.now() + horizonDays * DAY_MS),
      };
    },
    capacityConsumers: ({ query }) => {
      const items = world.machines
        .filter(
          ({ detail }) =>
            (query.class === undefined || detail.class === query.class) &&
            (query.site === undefined || (detail.site ?? '') === query.site),
        )
        .flatMap(({ detail, load }) =>
          instancesOf(query.metric, load).map((instance) => {
            const value = valueAt(detail.id, load, query.metric, instance, Date.now());
            return {
              ciId: detail.id,
              ciName: detail.name,
              ciClass: detail.class,
              site: detail.site,
              instance,
              average: value * 0.7,
              p95: value,
              max: query.metric.endsWith('utilisation') ? Math.min(100, value * 1.2) : value * 1.6,
              at: toIso(Date.now() - 600_000),
            };
          }),
        )
        .sort((a, b) => b[query.by] - a[query.by]);
      return { unit: shownUnit(query.metric), items: items.slice(0, query.limit) };
    },
  };
}

/** Growth that the named machines are known for, in GiB a day. */
const GROWTH: Readonly<Record<string, number>> = {
  'SZ-FS01 /data': 47,
  'hz-nas-02 /volume1': 120,
  'SZ-SRV-MES01 /data': 3.1,
  'HZ-VM-HOST02 /data': 21,
  'HZ-DB-REP01 /pg': 2.4,
};

function rowOf({ detail, load }: Machine, mount: string, index: number, isNew: boolean): CapacityRow {
  const [share, sizeBytes] = load.fileSystems[mount] ?? [0, 1];
  const dice = hash(`${detail.id} ${mount}`);
  const growth = GROWTH[`${detail.name} ${mount}`];
  const usedBytes = (share / 100) * sizeBytes;
  const days = growth === undefined ? null : (sizeBytes - usedBytes) / (growth * GIB);
  const isYoung = isNew || (growth === undefined && index === 0 && dice > 0.94);
  const isRestarted = !isNew && growth === undefined && dice < 0.02;
  const state: CapacityState =
    isYoung || isRestarted ? 'waiting' : days === null ? 'no-trend' : days > 90 ? 'later' : 'forecast';
  const historyDays = isNew ? 2 : isYoung ? 3 : isRestarted ? 4 : 180;
  const crossing = (to: number) => ({ days: to, early: to * 0.8, late: to * 1.25 });
  const isTold = state === 'forecast' && days !== null && growth !== undefined;
  const left = growth === undefined ? 0 : (sizeBytes * 0.95 - usedBytes) / (growth * GIB);
  const now = Date.now();
  return {
    ciId: detail.id,
    ciName: detail.name,
    ciClass: detail.class,
    site: detail.site,
    instance: mount,
    at: toIso(now),
    usedBytes,
    sizeBytes,
    freeBytes: sizeBytes - usedBytes,
    utilisation: share,
    threshold: {
      percent: Math.max(95, 100 * (1 - (5 * GIB) / sizeBytes)),
      severity: 'critical',
      ruleId: 'rul_disk',
      ruleName: 'Disk space short',
      ruleNameWords: { en: 'Disk space short', zh: '磁盘空间不足' },
    },
    state,
    growthBytesPerDay: growth === undefined || state === 'waiting' ? null : growth * GIB,
    full: isTold ? crossing(days) : null,
    reachesThreshold: isTold ? crossing(Math.max(0, left)) : null,
    notBefore: state === 'later' ? toIso(now + 90 * DAY_MS) : null,
    noTrend: state === 'no-trend' ? (dice > 0.6 ? 'unclear' : dice > 0.4 ? 'shrinking' : 'steady') : null,
    historyDays,
    since: toIso(now - historyDays * DAY_MS),
    restart: isRestarted ? { at: toIso(now - 4 * DAY_MS), why: 'grew' } : null,
    backTestDays: growth === undefined || state === 'waiting' ? null : 1 + dice * 8,
    spark: Array.from({ length: CAPACITY_SPARK_DAYS }, (_, i) => {
      const age = CAPACITY_SPARK_DAYS - 1 - i;
      if (age > historyDays) return null;
      const grown = growth === undefined ? 0 : (100 * growth * GIB * age) / sizeBytes;
      return Math.min(100, Math.max(0, share - grown + (hash(`${detail.id}${mount}${age}`) - 0.5) * 0.7));
    }),
  };
}

function rank({ state, full, utilisation }: CapacityRow): number {
  if (full !== null) return full.days;
  if (state === 'later') return 1_000;
  return 10_000 - utilisation + (state === 'waiting' && CAPACITY_DAYS_NEEDED > 0 ? -5_000 : 0);
}
