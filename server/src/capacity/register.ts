/** The capacity register: ranks what the survey found, counts it, and adds what is known at this moment. */
import {
  CAPACITY_SPARK_DAYS,
  type CapacityRow,
  type capacityEndpoints,
} from '@muster/shared/api/capacity.ts';
import { shownUnit } from '@muster/shared/metrics/catalogue.ts';
import { DAY_MS, toIso } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { z } from 'zod';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { AppError } from '../errors.ts';
import type { MetricStore } from '../metrics/store.ts';
import { crossingOf, withinHorizon } from './forecast.ts';
import type { Forecast } from './forecast.ts';
import { isSurveyed } from './survey.ts';
import type { Survey, SurveyedMachine, SurveyedSpace } from './survey.ts';

type Endpoints = typeof capacityEndpoints;
type Query<Id extends keyof Endpoints> = z.output<Endpoints[Id]['query']>;
type Answer<Id extends keyof Endpoints> = z.input<Endpoints[Id]['response']>;

/** The highest level in force on a file system, as a share of a size. */
export interface SpaceLevel {
  readonly percent: number;
  readonly severity: 'warning' | 'critical';
  readonly ruleId: string;
  readonly ruleName: string;
  readonly ruleNameWords?: { en: string; zh: string };
}

export interface RegisterDeps {
  readonly survey: Survey;
  readonly directory: CiDirectory;
  readonly metrics: Pick<MetricStore, 'latest'>;
  /** null: no rule watches it. */
  readonly levelOf: (entry: CiEntry, instance: string, sizeBytes: number) => SpaceLevel | null;
}

export interface Register {
  list(query: Query<'capacityRegister'>, nowMs: Millis): Answer<'capacityRegister'>;
  /** @throws AppError 'not-found' */
  trend(query: Query<'capacityTrend'>, nowMs: Millis): Answer<'capacityTrend'>;
  consumers(query: Query<'capacityConsumers'>): Answer<'capacityConsumers'>;
}

interface Found {
  readonly entry: CiEntry;
  readonly machine: SurveyedMachine;
  readonly space: SurveyedSpace;
}

/** Points of the line that is forecast. */
const FORECAST_POINTS = 24;

export function createRegister({ survey, directory, metrics, levelOf }: RegisterDeps): Register {
  function found(filter: Filter): Found[] {
    const rows: Found[] = [];
    for (const machine of survey.all()) {
      const entry = directory.get(machine.ciId);
      if (!entry || !isSurveyed(entry) || !isWanted(entry, filter)) continue;
      for (const space of machine.spaces) {
        if (holdsText(entry, space.instance, filter.q)) rows.push({ entry, machine, space });
      }
    }
    return rows;
  }

  function rowOf({ entry, machine, space }: Found, nowMs: Millis): CapacityRow {
    const { forecast, instance, days } = space;
    const last = days.at(-1);
    const now = latestSpace(metrics, entry.id, instance) ?? {
      atMs: machine.atMs,
      usedBytes: last?.usedBytes ?? 0,
      sizeBytes: last?.sizeBytes ?? 0,
    };
    const threshold = levelOf(entry, instance, now.sizeBytes);
    const dayIso = (day: number) => toIso(day * DAY_MS);
    return {
      ciId: entry.id,
      ciName: entry.name,
      ciClass: entry.class,
      site: entry.site,
      instance,
      at: toIso(now.atMs),
      usedBytes: now.usedBytes,
      sizeBytes: now.sizeBytes,
      freeBytes: Math.max(0, now.sizeBytes - now.usedBytes),
      utilisation: share(now.usedBytes, now.sizeBytes),
      threshold,
      state: forecast.state,
      growthBytesPerDay: forecast.growthPerDay,
      full: forecast.full,
      reachesThreshold: thresholdCrossing(forecast, threshold, now, nowMs),
      notBefore: forecast.notBeforeDays === null ? null : toIso(nowMs + forecast.notBeforeDays * DAY_MS),
      noTrend: forecast.noTrend,
      historyDays: forecast.historyDays,
      since: forecast.sinceDay === null ? null : dayIso(forecast.sinceDay),
      restart: forecast.restart && { at: dayIso(forecast.restart.day), why: forecast.restart.why },
      backTestDays: forecast.backTestDays,
      spark: sparkOf(space, nowMs),
    };
  }

  return {
    list(query, nowMs) {
      const all = found(query);
      const ranked = all
        .filter(({ space }) => query.state === undefined || space.forecast.state === query.state)
        .map((row) => ({ row, key: rankOf(row, query.sort) }))
        .sort((a, b) => compareRanks(a.key, b.key));
      const after = query.cursor === undefined ? null : rankOfCursor(query.cursor);
      const rest = after ? ranked.filter(({ key }) => compareRanks(key, after) > 0) : ranked;
      const page = rest.slice(0, query.limit);
      const last = page.at(-1)?.key;
      return {
        items: page.map(({ row }) => rowOf(row, nowMs)),
        nextCursor:
          last && rest.length > page.length
            ? encodeCursor([String(last.group), String(last.value), last.name, last.id])
            : null,
        counts: countsOf(all),
        ...facets(survey, directory),
        progress: progressOf(survey, directory),
      };
    },
    trend({ ci, instance }, nowMs) {
      const entry = directory.get(ci);
      const machine = survey.get(ci);
      const space = machine?.spaces.find((one) => one.instance === instance);
      if (!entry || !machine || !space)
        throw new AppError('not-found', `There is no history of ${instance} on ${ci}.`);
      const { forecast } = space;
      return {
        row: rowOf({ entry, machine, space }, nowMs),
        days: space.days.map(({ day, usedBytes, sizeBytes }) => [day * DAY_MS, usedBytes, sizeBytes]),
        forecast: forecastLine(space, nowMs),
        horizonAt: forecast.trend === null ? null : toIso(nowMs + forecast.horizonDays * DAY_MS),
      };
    },
    consumers(query) {
      const rows: Answer<'capacityConsumers'>['items'] = [];
      for (const machine of survey.all()) {
        const entry = directory.get(machine.ciId);
        if (!entry || !isWanted(entry, query) || !holdsText(entry, '', query.q)) continue;
        for (const { metric, instance, day, week } of machine.consumption) {
          const usage = query.window === '24h' ? day : week;
          if (metric !== query.metric || usage === null) continue;
          rows.push({
            ciId: entry.id,
            ciName: entry.name,
            ciClass: entry.class,
            site: entry.site,
            instance,
            ...usage,
            at: toIso(machine.consumptionAtMs),
          });
        }
      }
      rows.sort((a, b) => b[query.by] - a[query.by] || names.compare(a.ciName, b.ciName));
      return { unit: shownUnit(query.metric), items: rows.slice(0, query.limit) };
    },
  };
}

interface Filter {
  readonly class?: string | undefined;
  /** Empty: those without. */
  readonly site?: string | undefined;
  readonly q?: string | undefined;
}

function isWanted(entry: CiEntry, { class: ciClass, site }: Filter): boolean {
  return (
    (ciClass === undefined || entry.class === ciClass) && (site === undefined || (entry.site ?? '') === site)
  );
}

function holdsText(entry: CiEntry, instance: string, q: string | undefined): boolean {
  return q === undefined || `${entry.name} ${instance}`.toLowerCase().includes(q.toLowerCase());
}

interface SpaceNow {
  readonly atMs: Millis;
  readonly usedBytes: number;
  readonly sizeBytes: number;
}

function latestSpace(metrics: Pick<MetricStore, 'latest'>, ciId: string, instance: string): SpaceNow | null {
  let used: { value: number; atMs: Millis } | undefined;
  let available: { value: number } | undefined;
  for (const { identity, value, atMs } of metrics.latest(ciId)) {
    if (identity.instance !== instance) continue;
    if (identity.metric === 'filesystem.used') used = { value, atMs };
    if (identity.metric === 'filesystem.available') available = { value };
  }
  if (!used || !available) return null;
  return { atMs: used.atMs, usedBytes: used.value, sizeBytes: used.value + available.value };
}

function share(part: number, whole: number): number {
  return whole <= 0 ? 0 : (100 * part) / whole;
}

function thresholdCrossing(
  forecast: Forecast,
  threshold: SpaceLevel | null,
  now: SpaceNow,
  nowMs: Millis,
): CapacityRow['reachesThreshold'] {
  if (threshold === null) return null;
  const level = (threshold.percent / 100) * now.sizeBytes;
  if (now.usedBytes >= level) return { days: 0, early: 0, late: 0 };
  if (forecast.trend === null) return null;
  const crossing = crossingOf(forecast.trend, level, nowMs / DAY_MS);
  return crossing.days <= forecast.horizonDays ? withinHorizon(crossing, forecast.horizonDays) : null;
}

function sparkOf({ days }: SurveyedSpace, nowMs: Millis): (number | null)[] {
  const today = Math.floor(nowMs / DAY_MS);
  const spark: (number | null)[] = Array.from({ length: CAPACITY_SPARK_DAYS }, () => null);
  for (const { day, usedBytes, sizeBytes } of days) {
    const index = day - today + CAPACITY_SPARK_DAYS - 1;
    if (index >= 0 && index < spark.length)
      spark[index] = Math.round(share(usedBytes, sizeBytes) * 100) / 100;
  }
  return spark;
}

/** From now to the end of the horizon: [ms, low, middle, high]. */
function forecastLine({ forecast, days }: SurveyedSpace, nowMs: Millis): [number, number, number, number][] {
  const { trend, horizonDays } = forecast;
  const size = days.at(-1)?.sizeBytes ?? 0;
  if (trend === null || horizonDays === 0) return [];
  const now = nowMs / DAY_MS;
  const base = trend.at(now);
  const margin = 1.2816 * trend.spread;
  const within = (bytes: number) => Math.min(size, Math.max(0, bytes));
  return Array.from({ length: FORECAST_POINTS + 1 }, (_, i) => {
    const ahead = (horizonDays * i) / FORECAST_POINTS;
    const spread = Math.min(1, i / 4) * margin;
    return [
      Math.round(nowMs + ahead * DAY_MS),
      within(base + trend.low * ahead - spread),
      within(base + trend.slope * ahead),
      within(base + trend.high * ahead + spread),
    ];
  });
}

/** Place in the list: group first, then the value, both ascending. */
interface Rank {
  readonly group: number;
  readonly value: number;
  readonly name: string;
  readonly id: string;
}

const STATE_ORDER = { full: 0, forecast: 0, later: 0, 'no-trend': 1, waiting: 1 } as const;

function rankOf({ entry, space }: Found, sort: Query<'capacityRegister'>['sort']): Rank {
  const { forecast, days, instance } = space;
  const last = days.at(-1);
  const used = share(last?.usedBytes ?? 0, last?.sizeBytes ?? 0);
  const rest = { group: 0, name: `${entry.name} ${instance}`, id: `${entry.id} ${instance}` };
  switch (sort) {
    case 'days':
      return forecast.rankDays === null
        ? { ...rest, group: STATE_ORDER[forecast.state], value: -used }
        : { ...rest, value: forecast.rankDays };
    case 'used':
      return { ...rest, value: -used };
    case 'growth':
      return forecast.growthPerDay === null
        ? { ...rest, group: 1, value: -used }
        : { ...rest, value: -forecast.growthPerDay };
    case 'free':
      return { ...rest, value: (last?.sizeBytes ?? 0) - (last?.usedBytes ?? 0) };
    case 'name':
      return { ...rest, value: 0 };
  }
}

const names = new Intl.Collator('en', { numeric: true });

function compareRanks(a: Rank, b: Rank): number {
  return (
    a.group - b.group ||
    a.value - b.value ||
    names.compare(a.name, b.name) ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}

function rankOfCursor(cursor: string): Rank {
  const [group = '', value = '', name = '', id = ''] = decodeCursor(cursor, 4);
  return { group: Number(group), value: Number(value), name, id };
}

function countsOf(rows: readonly Found[]): Answer<'capacityRegister'>['counts'] {
  const counts = {
    total: rows.length,
    full: 0,
    within30: 0,
    within90: 0,
    later: 0,
    noTrend: 0,
    waiting: 0,
    waitingDaysMost: 0,
  };
  for (const { space } of rows) {
    const { state, full, historyDays } = space.forecast;
    if (state === 'full') counts.full += 1;
    if (full !== null && full.days <= 30) counts.within30 += 1;
    if (full !== null && full.days <= 90) counts.within90 += 1;
    if (state === 'later') counts.later += 1;
    if (state === 'no-trend') counts.noTrend += 1;
    if (state === 'waiting') {
      counts.waiting += 1;
      counts.waitingDaysMost = Math.max(counts.waitingDaysMost, historyDays);
    }
  }
  return counts;
}

function facets(survey: Survey, directory: CiDirectory) {
  const classes = new Map<string, number>();
  const sites = new Map<string | null, number>();
  for (const { ciId, spaces } of survey.all()) {
    const entry = directory.get(ciId);
    if (!entry || spaces.length === 0) continue;
    classes.set(entry.class, (classes.get(entry.class) ?? 0) + 1);
    sites.set(entry.site, (sites.get(entry.site) ?? 0) + 1);
  }
  const list = <V>(counted: Map<V, number>) =>
    [...counted].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count);
  return { classes: list(classes), sites: list(sites) };
}

function progressOf(survey: Survey, directory: CiDirectory): Answer<'capacityRegister'>['progress'] {
  let machines = 0;
  for (const entry of directory.all()) if (isSurveyed(entry)) machines += 1;
  let done = 0;
  let oldestMs = Number.POSITIVE_INFINITY;
  for (const { atMs } of survey.all()) {
    done += 1;
    oldestMs = Math.min(oldestMs, atMs);
  }
  return { machines, done, oldestAt: done === 0 ? null : toIso(oldestMs) };
}
