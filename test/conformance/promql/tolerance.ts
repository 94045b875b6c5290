/** When two values are the same to Prometheus' own tests: relative to their sum, a millionth apart at the most. */

const SHARE_MAX = 1e-6;
const LEAST_NORMAL = 2 ** -1022;

export function almostEqual(a: number, b: number): boolean {
  if (Number.isNaN(a) && Number.isNaN(b)) return true;
  if (a === b) return true;
  const apart = Math.abs(a - b);
  const sum = Math.abs(a) + Math.abs(b);
  if (a === 0 || b === 0 || sum < LEAST_NORMAL) return apart < SHARE_MAX * LEAST_NORMAL;
  return apart / Math.min(sum, Number.MAX_VALUE) < SHARE_MAX;
}
