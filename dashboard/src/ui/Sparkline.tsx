/** The last points as a line without axis; 84 × 22 px, all of a column on one scale. */
export interface SparklineProps {
  /** null is a gap. */
  readonly values: readonly (number | null)[];
  readonly min?: number;
  readonly max: number;
}

const WIDTH = 84;
const HEIGHT = 22;

export function Sparkline({ values, min = 0, max }: SparklineProps) {
  const line = sparkPath(values, min, max);
  return (
    <svg
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      aria-hidden="true"
      className="block flex-none"
    >
      <path d={line} fill="none" className="stroke-c1" strokeWidth="1.3" strokeLinejoin="round" />
    </svg>
  );
}

/** `M x y L x y …` with a new start after each gap. */
export function sparkPath(values: readonly (number | null)[], min: number, max: number): string {
  const step = WIDTH / Math.max(1, values.length - 1);
  const span = max - min || 1;
  let path = '';
  let drawing = false;
  values.forEach((value, index) => {
    if (value === null) {
      drawing = false;
      return;
    }
    const share = Math.min(1, Math.max(0, (value - min) / span));
    path += `${drawing ? 'L' : 'M'}${(index * step).toFixed(1)} ${(HEIGHT - 2 - share * (HEIGHT - 4)).toFixed(1)}`;
    drawing = true;
  });
  return path;
}
