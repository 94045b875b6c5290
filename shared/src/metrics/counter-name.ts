/** Which metrics of Prometheus are counters by their names, for as long as nobody says which they are. Pure. */

/** OpenMetrics 1.0, section 5, with the parts of histograms and summaries. */
const COUNTER_ENDS = /_(?:total|count|sum|bucket)$/;

export function isCounterByName(name: string): boolean {
  return COUNTER_ENDS.test(name);
}
