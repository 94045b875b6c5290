/** Which metrics of Prometheus are counters by their names, for as long as nobody says which they are. Pure. */

/** OpenMetrics 1.0, section 5, with the parts of histograms and summaries. */
const COUNTER_ENDS = /_(?:total|count|sum|bucket)$/;
/** Some exporters end gauges in `_count` or `_sum`; nobody ends one in these. */
const CERTAIN_ENDS = /_(?:total|bucket)$/;

/** Whatever the sender may say. */
export function isSurelyCounter(name: string): boolean {
  return CERTAIN_ENDS.test(name);
}

export function isCounterByName(name: string): boolean {
  return COUNTER_ENDS.test(name);
}
