/** What is usual of a series at each hour of the week, learned from its stored hours. */
import { isMetricName } from '@muster/shared/metrics/catalogue.ts';
import { invariant } from '@muster/shared/invariant.ts';
import { DAY_MS, HOUR_MS, type Millis } from '@muster/shared/time.ts';
import { pointRows } from '../metrics/range-points.ts';
import type { MetricStore } from '../metrics/store.ts';
import { profileOf, type HourProfile } from './functions/hour-of-week.ts';

export const WEEK_MS = 7 * DAY_MS;
/** Of the weeks asked for, as much may be missing at their beginning. */
export const SLACK_MS = DAY_MS;

/** A profile is that of the beginning of a day (UTC), whenever on that day it is asked for. */
export function profileDay(atMs: Millis): Millis {
  return Math.floor(atMs / DAY_MS) * DAY_MS;
}

/** The hours of the weeks before the day; null where the series is younger. */
export async function learnProfile(
  metrics: Pick<MetricStore, 'range'>,
  series: { readonly ciId: string; readonly metric: string; readonly instance: string },
  { weeks, atMs, zone }: { weeks: number; atMs: Millis; zone: string | null },
  nowMs: Millis,
): Promise<HourProfile | null> {
  const { ciId, metric, instance } = series;
  invariant(isMetricName(metric), 'rules name metrics of the catalogue');
  const toMs = profileDay(atMs);
  const fromMs = toMs - weeks * WEEK_MS;
  const points = (toMs - fromMs) / HOUR_MS;
  const { series: found } = await metrics.range({ ciId, metric, instance, fromMs, toMs, points }, nowMs);
  const hours = (found[0] === undefined ? [] : pointRows(found[0].points)).map(
    ([startMs = 0, value = Number.NaN]) => ({ atMs: startMs, value }),
  );
  const firstMs = hours[0]?.atMs ?? Infinity;
  return firstMs - fromMs > SLACK_MS ? null : profileOf(hours, zone ?? 'UTC');
}
