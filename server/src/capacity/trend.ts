/** The slope of a series of daily values by Theil and Sen, with an interval that allows for days that resemble their neighbours. Pure. */

/** One value a day; days count from 1970. */
export interface DailyValue {
  readonly day: number;
  readonly value: number;
}

export interface Trend {
  /** Per day: the median of the slopes between all pairs of days, and the interval that holds 80 % of them. */
  readonly slope: number;
  readonly low: number;
  readonly high: number;
  /** Beyond doubt (95 %) not falling, or not rising; null: neither can be said. */
  readonly direction: 'rising' | 'falling' | null;
  /** Value of the line at a day, moved to where the last days are. */
  at(day: number): number;
  /** Typical distance of a day from the line (1.4826 × the median absolute deviation). */
  readonly spread: number;
}

/** Two-sided 80 %, and one-sided 95 %, of the normal distribution. */
const Z_80 = 1.2816;
const Z_95_ONE_SIDED = 1.6449;
/** Neighbouring days that resemble each other say less than their number; more than this is not made of it. */
const AUTOCORRELATION_MAX = 0.8;
/** The line is moved to the median of so many last days. */
const LAST_DAYS = 5;

/**
 * `values`: at least three, ascending by day, one a day; gaps are allowed. Intervals by Sen (1968) from the variance of
 * Kendall's S, widened by the autocorrelation of the residuals.
 */
export function trendOf(values: readonly DailyValue[]): Trend {
  const slopes = pairSlopes(values);
  const slope = medianOfSorted(slopes);
  const offset = median(values.map(({ day, value }) => value - slope * day));
  const residuals = values.map(({ day, value }) => value - slope * day - offset);
  const shift = median(residuals.slice(-LAST_DAYS));
  const deviation = kendallDeviation(values.length) * Math.sqrt(inflation(residuals));
  const limit = (z: number, side: -1 | 1) => {
    const rank = (slopes.length + side * z * deviation) / 2;
    const index = side < 0 ? Math.floor(rank) : Math.ceil(rank) - 1;
    return slopes[Math.min(slopes.length - 1, Math.max(0, index))] as number;
  };
  // An interval that needs more pairs than there are says nothing.
  const isShort = Z_95_ONE_SIDED * deviation >= slopes.length;
  const rises = !isShort && limit(Z_95_ONE_SIDED, -1) > 0;
  const falls = !isShort && limit(Z_95_ONE_SIDED, 1) < 0;
  return {
    slope,
    low: limit(Z_80, -1),
    high: limit(Z_80, 1),
    direction: rises ? 'rising' : falls ? 'falling' : null,
    at: (day) => offset + slope * day + shift,
    spread: 1.4826 * median(residuals.map((residual) => Math.abs(residual - shift))),
  };
}

function pairSlopes(values: readonly DailyValue[]): Float64Array {
  const slopes = new Float64Array((values.length * (values.length - 1)) / 2);
  let count = 0;
  for (let j = 1; j < values.length; j++) {
    const b = values[j] as DailyValue;
    for (let i = 0; i < j; i++) {
      const a = values[i] as DailyValue;
      slopes[count++] = (b.value - a.value) / (b.day - a.day);
    }
  }
  return slopes.sort();
}

function kendallDeviation(n: number): number {
  return Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
}

/** (1 + r) / (1 − r) of the correlation of each residual with the next; 1 where there is none. */
function inflation(residuals: readonly number[]): number {
  let product = 0;
  let square = 0;
  for (const [i, residual] of residuals.entries()) {
    square += residual * residual;
    if (i > 0) product += residual * (residuals[i - 1] as number);
  }
  const correlation = square === 0 ? 0 : Math.min(AUTOCORRELATION_MAX, Math.max(0, product / square));
  return (1 + correlation) / (1 - correlation);
}

export function median(values: readonly number[]): number {
  return medianOfSorted(Float64Array.from(values).sort());
}

function medianOfSorted(sorted: Float64Array): number {
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? high) + high) / 2;
}
