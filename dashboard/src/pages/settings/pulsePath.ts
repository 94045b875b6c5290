/** The path of a line in a box of 100 × 100, newest at the right. Pure. */
export function linePath(values: readonly number[], points: number, maxAtLeast: number): string {
  const max = Math.max(maxAtLeast, ...values);
  const step = 100 / Math.max(1, points - 1);
  const first = 100 - step * (values.length - 1);
  return values
    .map((value, index) => {
      const x = first + index * step;
      const y = 96 - (Math.max(0, value) / max) * 92;
      return `${index === 0 ? 'M' : 'L'}${x.toFixed(2)} ${y.toFixed(2)}`;
    })
    .join('');
}
