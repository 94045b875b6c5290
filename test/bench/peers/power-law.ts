/** value = factor × x^exponent, fitted by least squares of the logarithms. Pure. */

export interface CurvePoint {
  readonly x: number;
  readonly value: number;
}

export interface PowerLaw {
  readonly exponent: number;
  readonly factor: number;
}

/** All numbers must be above 0. */
export function fitPowerLaw(points: readonly CurvePoint[]): PowerLaw {
  const logs = points.map(({ x, value }) => ({ x: Math.log(x), y: Math.log(value) }));
  const mean = (of: (one: { x: number; y: number }) => number) =>
    logs.reduce((sum, one) => sum + of(one), 0) / logs.length;
  const [meanX, meanY] = [mean(({ x }) => x), mean(({ y }) => y)];
  const covariance = mean(({ x, y }) => (x - meanX) * (y - meanY));
  const exponent = covariance / mean(({ x }) => (x - meanX) ** 2);
  return { exponent, factor: Math.exp(meanY - exponent * meanX) };
}

export function valueAt({ exponent, factor }: PowerLaw, x: number): number {
  return factor * x ** exponent;
}
