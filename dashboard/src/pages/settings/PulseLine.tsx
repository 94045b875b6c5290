/** A quarter of an hour as one line that fills its card; the sentence beside it says the same. */
import { linePath } from './pulsePath.ts';

export interface PulseLineProps {
  readonly values: readonly number[];
  /** Points of a whole line; fewer stand at the right, so that the line grows and never stretches. */
  readonly points: number;
  /** Least height of the scale: what is next to nothing looks like it. */
  readonly maxAtLeast: number;
  readonly label: string;
}

export function PulseLine({ values, points, maxAtLeast, label }: PulseLineProps) {
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox="0 0 100 100"
      preserveAspectRatio="none"
      className="block h-10 w-full border-b border-line"
    >
      <path
        d={linePath(values, points, maxAtLeast)}
        fill="none"
        className="stroke-c1"
        strokeWidth="1.5"
        vectorEffect="non-scaling-stroke"
        strokeLinejoin="round"
      />
    </svg>
  );
}
