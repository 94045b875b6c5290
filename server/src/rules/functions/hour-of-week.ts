/**
 * What is usual in each of the 168 hours of a week, in the machine's own time zone, learned from hourly values of several weeks. Pure.
 * After Checkmk's predictive levels (docs.checkmk.com, "Predictive monitoring"): the same slots of the past weeks give centre and deviation;
 * here robust (median and MAD), so that one outlier in a slot does not widen it.
 * Use: build once a day per series from hourly rollups (averages, or maxima for peaks) of 4 to 12 weeks; judge each sample or hour;
 * alarm beyond k deviations AND beyond a minimum absolute level of the rule, so that quiet hours do not page.
 */
import { HOUR_MS, type Millis } from '@muster/shared/time.ts';
import { quantile } from './over-time.ts';
import type { Point } from './points.ts';

export const HOURS_OF_WEEK = 168;
/** With fewer values a slot is not judged. */
export const SLOT_VALUES_MIN = 2;
/** The machine's own rhythm on other days stands in for this many values of a slot: few weeks give no narrow slots by chance. */
const SHARED_WEIGHT = 4;
/** A deviation is never less than this share of the profile's whole range: what hardly ever moves has room for one step. */
export const DEVIATION_FLOOR_SHARE = 0.01;
const MAD_TO_SIGMA = 1.4826;
/** 1970-01-01 was a Thursday: the third day of a week that begins on Monday, counted from 0. */
const EPOCH_DAY_OF_WEEK = 3;
const DAY_HOURS = 24;
/** All zones of today change their offset at a quarter of an hour of UTC. */
const QUARTER_MS = HOUR_MS / 4;

export interface Slot {
  readonly count: number;
  /** Robust: median, and 1.4826 × MAD steadied by the other hours. `deviation` is above 0 unless the whole profile is one value. */
  readonly centre: number;
  readonly deviation: number;
  /** As Checkmk has them: mean and population standard deviation of the values themselves. */
  readonly mean: number;
  readonly sigma: number;
}

/** Plain data. Slot 0 is Monday 00:00 to 01:00 in `zone`; null where too few weeks are known. */
export interface HourProfile {
  readonly zone: string;
  readonly slots: readonly (Slot | null)[];
}

export interface Judgement {
  /** Distance from the centre in deviations, with sign: above is positive. ±Infinity when the profile knows only one other value. */
  readonly deviations: number;
  /** Centre ± `USUAL_DEVIATIONS` deviations, for the sentence shown to people. */
  readonly usual: { readonly low: number; readonly high: number };
  readonly centre: number;
  readonly hourOfWeek: number;
}
/** How wide the range is that is called usual. */
export const USUAL_DEVIATIONS = 3;

/**
 * The profile of hourly values (their time is anywhere within the hour) in an IANA zone; the order of the points does not matter.
 * Values that are not finite are left aside.
 */
export function profileOf(hours: readonly Point[], zone: string): HourProfile {
  const values = Array.from({ length: HOURS_OF_WEEK }, (): number[] => []);
  for (const { atMs, value } of hours)
    if (Number.isFinite(value)) values[hourOfWeek(atMs, zone)]?.push(value);
  const plain = values.map((slot) => (slot.length < SLOT_VALUES_MIN ? null : statisticsOf(slot)));
  const known = plain.filter((slot) => slot !== null);
  const shared =
    known.length === 0
      ? 0
      : quantile(
          0.5,
          known.map(({ deviation }) => deviation),
        );
  const all = values.flat();
  const range = all.length === 0 ? 0 : quantile(0.99, all) - quantile(0.01, all);
  const floor = Math.max(range * DEVIATION_FLOOR_SHARE, 0);
  return { zone, slots: plain.map((slot) => slot && steadied(slot, shared, floor)) };
}

/** How unusual a value is for its hour of the week. Null where the profile knows too little, or the value is NaN. */
export function judge({ zone, slots }: HourProfile, atMs: Millis, value: number): Judgement | null {
  if (Number.isNaN(value)) return null;
  const hour = hourOfWeek(atMs, zone);
  const slot = slots[hour];
  if (slot === undefined || slot === null) return null;
  const { centre, deviation } = slot;
  const off = value - centre;
  return {
    deviations: off === 0 ? 0 : off / deviation,
    usual: { low: centre - USUAL_DEVIATIONS * deviation, high: centre + USUAL_DEVIATIONS * deviation },
    centre,
    hourOfWeek: hour,
  };
}

/** 0 = Monday 00:00 to 01:00 of the zone's own clock, 167 = Sunday 23:00 to 24:00. Throws on an unknown zone. */
export function hourOfWeek(atMs: Millis, zone: string): number {
  const hours = Math.floor((atMs + zoneOffsetMs(zone, atMs)) / HOUR_MS);
  return modulo(hours + EPOCH_DAY_OF_WEEK * DAY_HOURS, HOURS_OF_WEEK);
}

/** Mean, population sigma, median and scaled MAD of the values of one slot; `values` must not be empty. */
export function statisticsOf(values: readonly number[]): Slot {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const centre = quantile(0.5, values);
  const mad = quantile(
    0.5,
    values.map((value) => Math.abs(value - centre)),
  );
  return {
    count: values.length,
    centre,
    deviation: MAD_TO_SIGMA * mad,
    mean,
    sigma: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length),
  };
}

function steadied(slot: Slot, shared: number, floor: number): Slot {
  const variance =
    (slot.count * slot.deviation ** 2 + SHARED_WEIGHT * shared ** 2) / (slot.count + SHARED_WEIGHT);
  return { ...slot, deviation: Math.max(Math.sqrt(variance), floor) };
}

/** The last offset asked for, per zone: samples come in order, and asking the zone's rules costs a hundred times as much. */
const lastOffsets = new Map<string, { readonly quarter: number; readonly offsetMs: number }>();
const ZONES_KEPT_MAX = 100;

function zoneOffsetMs(zone: string, atMs: Millis): number {
  const quarter = Math.floor(atMs / QUARTER_MS);
  const last = lastOffsets.get(zone);
  if (last?.quarter === quarter) return last.offsetMs;
  const offsetMs =
    Temporal.Instant.fromEpochMilliseconds(quarter * QUARTER_MS).toZonedDateTimeISO(zone).offsetNanoseconds /
    1e6;
  if (lastOffsets.size >= ZONES_KEPT_MAX) lastOffsets.clear();
  lastOffsets.set(zone, { quarter, offsetMs });
  return offsetMs;
}

function modulo(a: number, n: number): number {
  return ((a % n) + n) % n;
}
