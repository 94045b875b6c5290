/** The histograms of hours from readings: of percentages as they are, of counters as rates. */
import { HOUR_MS, type Millis } from '@muster/shared/time.ts';
import { fillRates } from '../../metrics/rates.ts';
import { Histogram, type HistogramScale } from './histogram.ts';

/** Scratch. */
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
  if (kind === 'percent') {
    countByHours(hours, 'percent', times, values, begin, end);
    return;
  }
  if (end > rates.length) rates = new Float64Array(end * 2);
  fillRates(times, values, begin, end, rates);
  countByHours(hours, 'log', times, rates, begin, end);
}

/** The same of what is counted as it is: percentages, or rates as `fillRates` gave them. */
export function countByHours(
  hours: Map<Millis, Histogram>,
  scale: HistogramScale,
  times: Float64Array,
  values: Float64Array,
  begin: number,
  end: number,
): void {
  for (let first = begin; first < end; ) {
    const startMs = Math.floor((times[first] as number) / HOUR_MS) * HOUR_MS;
    let next = first;
    while (next < end && (times[next] as number) < startMs + HOUR_MS) next += 1;
    const histogram = hours.get(startMs) ?? new Histogram(scale);
    histogram.addAll(values, first, next);
    if (histogram.count > 0) hours.set(startMs, histogram);
    first = next;
  }
}
