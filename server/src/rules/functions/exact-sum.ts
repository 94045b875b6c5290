/** Sums that keep what plain addition rounds away: Kahan's compensation with Neumaier's improvement (ZAMM 54, 1974). Pure. */

/** A running sum and what rounding has taken from it so far. The true sum is about `sum + lost`. */
export interface ExactSum {
  sum: number;
  lost: number;
}

/** Adds one term in place. An infinite sum has lost nothing that matters. */
export function addTo(total: ExactSum, term: number): void {
  const { sum } = total;
  const next = sum + term;
  if (!Number.isFinite(next) && !Number.isNaN(next)) total.lost = 0;
  else if (Math.abs(sum) >= Math.abs(term)) total.lost += sum - next + term;
  else total.lost += term - next + sum;
  total.sum = next;
}

/** The value of a running sum; infinite as soon as the plain sum is. */
export function totalOf({ sum, lost }: ExactSum): number {
  return Number.isFinite(sum) || Number.isNaN(sum) ? sum + lost : sum;
}
