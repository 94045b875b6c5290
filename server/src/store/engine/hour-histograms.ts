/** The histograms of hours from readings: of percentages as they are, of counters as rates. */
import { HOUR_MS, type Millis } from '@muster/shared/time.ts';
import { isJoined, ratePerSecond } from '../../metrics/rates.ts';
import { Histogram } from './histogram.ts';

/** Scratch: the rates of one hour. */
let rates = new Float64Array(1024);

/**
 * Counts the readings from `begin` to before `end` into the histogram of their hour, which is made if there is none;
 * times ascend. Of a counter those before `begin` are looked back at, and a rate counts in the hour of its later reading.
 */
export function addToHours(
  hours: Map<Millis, Histogram>,
  kind: 'percent' | 'counter',
  times: Float64Array,
  values: Float64Array,
  begin: number,
  end: number,
): void {
  for (let first = begin; first < end; ) {
    const startMs = Math.floor((times[first] as number) / HOUR_MS) * HOUR_MS;
    let next = first;
    while (next < end && (times[next] as number) < startMs + HOUR_MS) next += 1;
    const histogram = hours.get(startMs) ?? new Histogram(kind === 'percent' ? 'percent' : 'log');
    if (kind === 'percent') histogram.addAll(values, first, next);
    else histogram.addAll(rates, 0, takeRates(times, values, first, next));
    if (histogram.count > 0) hours.set(startMs, histogram);
    first = next;
  }
}

/** Fills `rates` with those at the readings from `begin` to before `end`; returns how many there are. */
function takeRates(times: Float64Array, values: Float64Array, begin: number, end: number): number {
  if (end - begin > rates.length) rates = new Float64Array((end - begin) * 2);
  let taken = 0;
  let before1Ms = distance(times, begin - 1);
  let before2Ms = distance(times, begin - 2);
  for (let at = Math.max(begin, 1); at < end; at++) {
    const distanceMs = distance(times, at);
    if (isJoined(distanceMs, before1Ms, before2Ms))
      rates[taken++] = ratePerSecond(values[at - 1] as number, values[at] as number, distanceMs);
    before2Ms = before1Ms;
    before1Ms = distanceMs;
  }
  return taken;
}

/** From the reading before; 0 if there is none. */
function distance(times: Float64Array, at: number): number {
  return at > 0 ? (times[at] as number) - (times[at - 1] as number) : 0;
}
