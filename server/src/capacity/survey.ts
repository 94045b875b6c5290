/**
 * Goes round the machines and reads their history behind everything else: a few machines a second, each again once an
 * hour. What it found is kept in memory; after a start it fills again from the rollups.
 */
import { CAPACITY_HISTORY_DAYS_MAX, CONSUMER_METRICS } from '@muster/shared/api/capacity.ts';
import type { ConsumerMetric } from '@muster/shared/api/capacity.ts';
import { isGone } from '@muster/shared/presence/state.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@muster/shared/time.ts';
import type { Millis } from '@muster/shared/time.ts';
import type { CiDirectory, CiEntry } from '../cmdb/directory.ts';
import { DueQueue } from '../due-queue.ts';
import { pointRows } from '../metrics/range-points.ts';
import type { MetricStore } from '../metrics/store.ts';
import { forecastOf } from './forecast.ts';
import type { Forecast } from './forecast.ts';
import type { DailySpace } from './history.ts';
import { consumptionOf } from './consumption.ts';
import type { Consumption } from './consumption.ts';

/** A machine is read again after this; its consumption of a week, which changes slowly and is long to read, later. */
export const SURVEY_EVERY_MS = HOUR_MS;
export const CONSUMPTION_EVERY_MS = 3 * HOUR_MS;
/** The same for a machine of which nothing was found or that is hardly known; then after a twelfth of the time that it is known. */
export const YOUNG_EVERY_MS = 5 * MINUTE_MS;
const YOUNG_SHARE = 1 / 12;
/** A machine comes on record before its first samples do. */
const FIRST_AFTER_MS = MINUTE_MS;
/** From this age on consumption is read up to the last hours that are settled: those after them take as long to read as the week. */
const GROWN_MS = DAY_MS;
const SETTLED_STEP_MS = 2 * HOUR_MS;
const SETTLED_AFTER_MS = 10 * MINUTE_MS;
/** Machines read per call of `tick`: about 50 ms of work each the first time, 5,000 of them in half an hour. */
export const MACHINES_PER_TICK = 3;
/** Of machines that have been known for less than a day: there is little to find yet, and a whole fleet may be new. */
export const YOUNG_PER_TICK = 1;
/** File systems of one machine beyond the first of these are left out. */
export const FILE_SYSTEMS_MAX = 64;
/** Samples that an agent kept may come so late; the first reading of a day goes back as far. */
const LATE_DAYS = 8;
/** A file system that its machine has left out for so many days, while it reported others, is gone. */
const GONE_DAYS = 2;

export interface SurveyedSpace {
  readonly instance: string;
  readonly days: readonly DailySpace[];
  readonly forecast: Forecast;
}

export interface SurveyedMachine {
  readonly ciId: string;
  /** When it was read. */
  readonly atMs: Millis;
  readonly spaces: readonly SurveyedSpace[];
  readonly consumption: readonly Consumption[];
  readonly consumptionAtMs: Millis;
}

export interface SurveyDeps {
  readonly directory: CiDirectory;
  readonly metrics: Pick<MetricStore, 'range'>;
  /** Gives way to other work. */
  readonly pause: () => Promise<void>;
  readonly report: (what: string, error: unknown) => void;
}

export interface Survey {
  /** Once a second; does nothing while the call before still runs. Resolves when its machines are read. */
  tick(nowMs: Millis): Promise<void>;
  get(ciId: string): SurveyedMachine | undefined;
  all(): Iterable<SurveyedMachine>;
  /** Ends after the machine that is being read. */
  stop(): Promise<void>;
}

export function isSurveyed({ lifecycle }: Pick<CiEntry, 'lifecycle'>): boolean {
  return !isGone(lifecycle);
}

export function createSurvey({ directory, metrics, pause, report }: SurveyDeps): Survey {
  const found = new Map<string, SurveyedMachine>();
  /** File systems of which only one half is told. */
  const useless = new Map<string, ReadonlySet<string>>();
  const queue = new DueQueue<string>();
  let lastMs = -Infinity;
  let running: Promise<void> | null = null;
  let stopped = false;
  directory.onChange((entry) => enqueue(entry));
  for (const entry of directory.all()) enqueue(entry);

  function enqueue({ id, lifecycle, createdAtMs }: CiEntry): void {
    if (!isSurveyed({ lifecycle })) {
      queue.delete(id);
      found.delete(id);
      useless.delete(id);
    } else if (queue.dueMs(id) === undefined) queue.set(id, createdAtMs + FIRST_AFTER_MS);
  }

  /** A clock that was set back keeps nothing waiting for longer than it would have to from now on. */
  function watchClock(nowMs: Millis): void {
    if (nowMs < lastMs || lastMs === -Infinity)
      for (const id of queue.keys())
        queue.set(id, Math.min(queue.dueMs(id) ?? nowMs, nowMs + everyMs(id, nowMs)));
    lastMs = nowMs;
  }

  /** In how long it is to be read again. */
  function everyMs(ciId: string, nowMs: Millis): Millis {
    const held = found.get(ciId);
    if (!held || (held.spaces.length === 0 && held.consumption.length === 0)) return YOUNG_EVERY_MS;
    return sooner(nowMs - createdMs(ciId, nowMs), SURVEY_EVERY_MS);
  }

  /** Since when it is on record; one that was made by a clock that ran ahead is as good as old. */
  function createdMs(ciId: string, nowMs: Millis): Millis {
    const createdAtMs = directory.get(ciId)?.createdAtMs ?? -Infinity;
    return createdAtMs > nowMs ? -Infinity : createdAtMs;
  }

  async function read(ciId: string, nowMs: Millis): Promise<void> {
    const held = found.get(ciId);
    const spaces = await readSpaces(ciId, held?.spaces ?? [], nowMs);
    const isStale = !held || Math.abs(nowMs - held.consumptionAtMs) >= consumptionEveryMs(held, nowMs);
    const fresh = isStale ? await readConsumption(ciId, nowMs) : held.consumption;
    const consumptionAtMs = isStale ? nowMs : held.consumptionAtMs;
    if (queue.dueMs(ciId) !== undefined)
      found.set(ciId, { ciId, atMs: nowMs, spaces, consumption: fresh, consumptionAtMs });
  }

  function consumptionEveryMs({ ciId, consumption }: SurveyedMachine, nowMs: Millis): Millis {
    return consumption.length === 0 ? 0 : sooner(nowMs - createdMs(ciId, nowMs), CONSUMPTION_EVERY_MS);
  }

  async function readSpaces(
    ciId: string,
    held: readonly SurveyedSpace[],
    nowMs: Millis,
  ): Promise<SurveyedSpace[]> {
    const today = Math.floor(nowMs / DAY_MS);
    // What it is told late is not older than that, and before that there was nobody to tell it of.
    const firstTold = Math.floor(createdMs(ciId, nowMs) / DAY_MS) - LATE_DAYS;
    const firstKept = Math.max(today - CAPACITY_HISTORY_DAYS_MAX + 1, firstTold);
    const lastHeld = Math.max(
      ...held.map(({ days }) => days.at(-1)?.day ?? firstKept),
      Number.NEGATIVE_INFINITY,
    );
    let fromDay = Math.max(
      firstKept,
      Number.isFinite(lastHeld) ? lastHeld - (lastHeld < today ? LATE_DAYS : 1) : firstKept,
    );
    let used = await daily(ciId, 'filesystem.used', fromDay, today, nowMs);
    const isKnown = (name: string) =>
      held.some(({ instance }) => instance === name) || (useless.get(ciId)?.has(name) ?? false);
    // One that is back, or told late, may have been there before.
    if (fromDay > firstKept && [...used.keys()].some((name) => !isKnown(name))) {
      fromDay = firstKept;
      used = await daily(ciId, 'filesystem.used', fromDay, today, nowMs);
    }
    // Neither counts without the other.
    const available =
      used.size === 0 ? new Map() : await daily(ciId, 'filesystem.available', fromDay, today, nowMs);
    const names = new Set([...held.map(({ instance }) => instance), ...used.keys()]);
    const spaces = [...names].slice(0, FILE_SYSTEMS_MAX).map((instance) => {
      const older = held.find((one) => one.instance === instance)?.days ?? [];
      const newer = joinDays(used.get(instance) ?? [], available.get(instance) ?? []);
      const days = [...older.filter(({ day }) => day < fromDay && day >= firstKept), ...newer];
      return { instance, days };
    });
    useless.set(ciId, new Set(spaces.flatMap(({ instance, days }) => (days.length === 0 ? instance : []))));
    const newest = Math.max(...spaces.map(({ days }) => days.at(-1)?.day ?? 0));
    return spaces
      .filter(({ days }) => days.length > 0 && (days.at(-1)?.day ?? 0) >= newest - GONE_DAYS)
      .map((space) => ({ ...space, forecast: forecastOf(space.days, nowMs / DAY_MS) }));
  }

  /** [ms, average, min, max] of each day, by instance. */
  async function daily(
    ciId: string,
    metric: 'filesystem.used' | 'filesystem.available',
    fromDay: number,
    today: number,
    nowMs: Millis,
  ): Promise<Map<string, readonly (readonly number[])[]>> {
    const days = today - fromDay + 1;
    const range = { fromMs: fromDay * DAY_MS, toMs: (today + 1) * DAY_MS, points: days };
    const { series } = await metrics.range({ ciId, metric, ...range }, nowMs);
    await pause();
    return new Map(series.map(({ instance, points }) => [instance, pointRows(points)]));
  }

  async function readConsumption(ciId: string, nowMs: Millis): Promise<Consumption[]> {
    const made: Consumption[] = [];
    const sinceMs = createdMs(ciId, nowMs);
    const toMs =
      nowMs - sinceMs < GROWN_MS
        ? startOf(nowMs, CONSUMPTION_STEP_MS)
        : startOf(nowMs - SETTLED_AFTER_MS, SETTLED_STEP_MS);
    if (toMs <= sinceMs) return [];
    const fromMs = toMs - 7 * DAY_MS;
    for (const metric of CONSUMER_METRICS satisfies readonly ConsumerMetric[]) {
      const points = (toMs - fromMs) / CONSUMPTION_STEP_MS;
      const { series } = await metrics.range({ ciId, metric, fromMs, toMs, points }, nowMs);
      for (const one of series) made.push(consumptionOf(metric, one.instance, one.points, toMs));
      await pause();
    }
    return made;
  }

  async function turn(nowMs: Millis): Promise<void> {
    watchClock(nowMs);
    let young = 0;
    for (let count = 0; count < MACHINES_PER_TICK && young < YOUNG_PER_TICK && !stopped; count++) {
      const ciId = queue.take(nowMs);
      if (ciId === undefined) return;
      if (nowMs - createdMs(ciId, nowMs) < GROWN_MS) young++;
      queue.set(ciId, nowMs + YOUNG_EVERY_MS);
      await read(ciId, nowMs).catch((error: unknown) => {
        report(`the history of ${ciId} could not be read`, error);
        // Its turn comes again, after the others.
        if (queue.dueMs(ciId) !== undefined)
          found.set(ciId, { ...(found.get(ciId) ?? unread(ciId)), atMs: nowMs });
      });
      if (queue.dueMs(ciId) !== undefined) queue.set(ciId, nowMs + everyMs(ciId, nowMs));
    }
  }

  return {
    tick(nowMs) {
      running ??= turn(nowMs).finally(() => {
        running = null;
      });
      return running;
    },
    stop: async () => {
      stopped = true;
      await running;
    },
    get: (ciId) => found.get(ciId),
    all: () => found.values(),
  };
}

/** Ten-minute averages: what a p95 is taken of. */
export const CONSUMPTION_STEP_MS = 10 * MINUTE_MS;

function unread(ciId: string): SurveyedMachine {
  return { ciId, atMs: 0, spaces: [], consumption: [], consumptionAtMs: 0 };
}

/** While it is known for a short time only, much changes and little is read. */
function sooner(knownMs: Millis, everyMs: Millis): Millis {
  return Math.min(everyMs, Math.max(YOUNG_EVERY_MS, knownMs * YOUNG_SHARE));
}

function startOf(atMs: Millis, stepMs: Millis): Millis {
  return Math.floor(atMs / stepMs) * stepMs;
}

function joinDays(
  used: readonly (readonly number[])[],
  available: readonly (readonly number[])[],
): DailySpace[] {
  const free = new Map(available.map(([atMs, average]) => [atMs, average]));
  const days: DailySpace[] = [];
  for (const [atMs = 0, average = 0, , max = average] of used) {
    const freeBytes = free.get(atMs);
    if (freeBytes === undefined) continue;
    days.push({ day: Math.round(atMs / DAY_MS), usedBytes: max, sizeBytes: average + freeBytes });
  }
  return days;
}
