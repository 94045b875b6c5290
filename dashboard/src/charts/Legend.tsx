/** Dash and colour of each line, as they are drawn. */
import { type ChartSeries, dashOf } from './data.ts';

const STROKES = {
  1: 'stroke-c1',
  2: 'stroke-c2',
  3: 'stroke-c3',
  4: 'stroke-c4',
  5: 'stroke-c5',
  6: 'stroke-c6',
} as const;

export function LineMark({ series }: { series: Pick<ChartSeries, 'colour' | 'dash' | 'dashed'> }) {
  return (
    <svg width="22" height="6" aria-hidden="true" className="flex-none">
      <path
        d="M0 3h22"
        strokeWidth="2"
        className={STROKES[series.colour]}
        strokeDasharray={dashOf(series).join(' ') || undefined}
      />
    </svg>
  );
}

export function Legend({ series }: { series: readonly ChartSeries[] }) {
  return (
    <ul className="flex flex-wrap gap-x-4 pt-1 pl-[68px] text-11 text-text-2">
      {series.map((each) => (
        <li key={each.id} className="flex items-center gap-1.5">
          <LineMark series={each} />
          {each.label}
        </li>
      ))}
    </ul>
  );
}
