/** When a file system will be full: what its daily history says, or why it says nothing. Pure. */
import { CAPACITY_DAYS_NEEDED } from '@muster/shared/api/capacity.ts';
import type { CapacityState } from '@muster/shared/api/capacity.ts';
import { usableHistory } from './history.ts';
import type { DailySpace, History } from './history.ts';
import { median, trendOf } from './trend.ts';
import type { DailyValue, Trend } from './trend.ts';

/** Days from now: the middle one, and the interval that holds 80 % of them. `late` null: beyond the horizon. */
export interface Crossing {
  readonly days: number;
  readonly early: number;
  readonly late: number | null;
}

export interface Forecast {
  readonly state: CapacityState;
  readonly noTrend: 'steady' | 'shrinking' | 'unclear' | null;
  /** Bytes; null without a trend. */
  readonly growthPerDay: number | null;
  readonly full: Crossing | null;
  /** With `later`: days before which it is not full. */
  readonly notBeforeDays: number | null;
  /** Days to full also beyond the horizon, to rank by; null without growth. */
  readonly rankDays: number | null;
  readonly historyDays: number;
  readonly sinceDay: number | null;
  readonly restart: History['restart'];
  readonly backTestDays: number | null;
  readonly horizonDays: number;
  readonly trend: Trend | null;
}

/** Less free than this share of the size: full. */
const FULL_SHARE_MAX = 0.0005;
/** Growth that fills less than this share of the size in so many days is none. */
const STEADY_SHARE_MAX = 0.01;
const STEADY_DAYS = 90;
/** 80 % of the days lie within so many deviations. */
const SPREAD_Z = 1.2816;
/** Earlier forecasts are tried so many days ahead, from so many origins. */
const BACK_TEST_AHEAD_DAYS = 7;
const BACK_TEST_ORIGINS_MAX = 5;

/** `days`: ascending, one a day, the last at most `nowDay`. `nowDay`: with its fraction. */
export function forecastOf(days: readonly DailySpace[], nowDay: number): Forecast {
  const history = usableHistory(days);
  const first = history.days[0];
  const last = history.days.at(-1);
  const values = history.days.map(({ day, usedBytes }) => ({ day, value: usedBytes }));
  const known = {
    historyDays: values.length,
    sinceDay: first?.day ?? null,
    restart: history.restart,
    horizonDays: first && last ? Math.floor((last.day - first.day + 1) / 2) : 0,
  };
  const isFull = last !== undefined && last.sizeBytes - last.usedBytes <= last.sizeBytes * FULL_SHARE_MAX;
  if (last === undefined || values.length < CAPACITY_DAYS_NEEDED)
    return { ...NOTHING, ...known, ...(isFull ? FULL : { state: 'waiting' }) };
  const trend = trendOf(values);
  const noTrend = whyNoTrend(trend, last.sizeBytes);
  if (noTrend !== null) return { ...NOTHING, ...known, ...(isFull ? FULL : { state: 'no-trend', noTrend }) };
  const growing = {
    ...NOTHING,
    ...known,
    trend,
    growthPerDay: trend.slope,
    backTestDays: backTest(values, trend.slope),
  };
  if (isFull) return { ...growing, ...FULL };
  const crossing = crossingOf(trend, last.sizeBytes, nowDay);
  const { horizonDays } = known;
  if (crossing.days <= horizonDays)
    return {
      ...growing,
      state: 'forecast',
      full: withinHorizon(crossing, horizonDays),
      rankDays: crossing.days,
    };
  return {
    ...growing,
    state: 'later',
    notBeforeDays: Math.min(horizonDays, crossing.early),
    rankDays: crossing.days,
  };
}

const NOTHING = {
  state: 'no-trend',
  noTrend: null,
  growthPerDay: null,
  full: null,
  notBeforeDays: null,
  rankDays: null,
  backTestDays: null,
  trend: null,
} as const satisfies Partial<Forecast>;

const NOW: Crossing = { days: 0, early: 0, late: 0 };
const FULL = { state: 'full', full: NOW, rankDays: 0 } as const;

function whyNoTrend(trend: Trend, sizeBytes: number): Forecast['noTrend'] {
  if (Math.abs(trend.slope) * STEADY_DAYS < sizeBytes * STEADY_SHARE_MAX) return 'steady';
  if (trend.direction === 'rising') return null;
  return trend.direction === 'falling' ? 'shrinking' : 'unclear';
}

/** Days until the line reaches a level; the interval joins that of the slope with the spread of the days. */
export function crossingOf(trend: Trend, level: number, nowDay: number): Crossing & { late: number } {
  const gap = level - trend.at(nowDay);
  const margin = SPREAD_Z * trend.spread;
  const days = Math.max(0, gap / trend.slope);
  return {
    days,
    early: Math.min(days, Math.max(0, (gap - margin) / trend.high)),
    late: trend.low > 0 ? Math.max(days, (gap + margin) / trend.low) : Number.POSITIVE_INFINITY,
  };
}

export function withinHorizon(crossing: Crossing, horizonDays: number): Crossing {
  const { late } = crossing;
  return { ...crossing, late: late !== null && late <= horizonDays ? late : null };
}

/** Median distance of earlier forecasts from what came, in days of the present growth. */
function backTest(values: readonly DailyValue[], slope: number): number | null {
  const lastDay = values.at(-1)?.day ?? 0;
  const errors: number[] = [];
  for (let k = 1; k <= BACK_TEST_ORIGINS_MAX; k++) {
    const origin = lastDay - k * BACK_TEST_AHEAD_DAYS;
    const before = values.filter(({ day }) => day <= origin);
    if (before.length < CAPACITY_DAYS_NEEDED) break;
    const came = values.find(({ day }) => day === origin + BACK_TEST_AHEAD_DAYS);
    if (came) errors.push(Math.abs(trendOf(before).at(came.day) - came.value) / slope);
  }
  return errors.length === 0 ? null : median(errors);
}
